//! The command line of `concord practice`.

use std::path::PathBuf;

use clap::{Args, Subcommand};

use crate::arguments::SchemasArguments;

#[derive(Debug, Args)]
pub(crate) struct PracticeArguments {
    #[command(subcommand)]
    pub(crate) command: PracticeCommand,
    #[command(flatten)]
    pub(crate) schemas: SchemasArguments,
}

#[derive(Debug, Subcommand)]
pub(crate) enum PracticeCommand {
    /// Apply batches in their order, each whole or not at all; what was applied before is left alone
    Apply {
        /// Folders or archives that the batches came in, or a folder of them
        #[arg(required = true, value_name = "BATCH")]
        batches: Vec<PathBuf>,
        #[command(flatten)]
        store: StoreArguments,
        /// Go on where a batch is missing; the store keeps what was
        #[arg(long)]
        accept_gap: bool,
    },
    /// Count everything in a store again
    Verify {
        #[command(flatten)]
        store: StoreArguments,
    },
    /// Bring the latest state of every table up to date, as Parquet files, and name them
    Latest {
        #[command(flatten)]
        store: StoreArguments,
        /// Write it as the files of an extract too, which `concord check` and `concord convert` read
        #[arg(long, value_name = "DIR")]
        csv: Option<PathBuf>,
    },
}

#[derive(Debug, Args)]
pub(crate) struct StoreArguments {
    /// The folder that keeps everything that a practice, or an agreement, ever sent
    #[arg(long, value_name = "DIR")]
    pub(crate) store: PathBuf,
}
