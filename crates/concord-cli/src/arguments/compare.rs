//! What `concord compare` takes.

use std::path::PathBuf;

use clap::{Args, ValueEnum};

#[derive(Debug, Args)]
pub(crate) struct CompareArguments {
    /// The report of the earlier run, written with --format json or ndjson; or ours, written with --format sdcs
    #[arg(value_name = "RUN1")]
    pub(crate) earlier: PathBuf,
    /// The report of the later run; or the national summary report, a folder or one of its files
    #[arg(value_name = "RUN2")]
    pub(crate) later: PathBuf,
    /// How the outcome is written
    #[arg(long, value_enum, default_value_t = CompareFormat::Human)]
    pub(crate) format: CompareFormat,
    /// Write the outcome to a file, which appears when it is complete
    #[arg(short, long, value_name = "FILE")]
    pub(crate) output: Option<PathBuf>,
}

/// How the difference of two runs is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum CompareFormat {
    /// For people
    Human,
    /// JSON
    Json,
    /// For a comment on a pull request
    Markdown,
}
