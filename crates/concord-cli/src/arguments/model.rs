//! What `concord model` takes.

use clap::{Args, Subcommand, ValueEnum};

#[derive(Debug, Args)]
pub(crate) struct ModelArguments {
    #[command(subcommand)]
    pub(crate) command: Option<ModelCommand>,
}

#[derive(Debug, Subcommand)]
pub(crate) enum ModelCommand {
    /// The fields of an entity; every entity when none is named (the default)
    Show {
        /// The entity, such as diagnosis
        entity: Option<String>,
        /// A table for people, JSON, or a diagram of all entities in the language of Mermaid
        #[arg(long, value_enum, default_value_t = ModelFormat::Human)]
        format: ModelFormat,
    },
}

/// How the model is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum ModelFormat {
    /// For people
    Human,
    /// JSON
    Json,
    /// A diagram in the language of Mermaid
    Mermaid,
}
