//! The command line of `concord derive`.

use std::path::PathBuf;

use clap::{Args, Subcommand};

use crate::arguments::{ReferenceArguments, SchemasArguments};

#[derive(Debug, Args)]
pub(crate) struct DeriveArguments {
    #[command(subcommand)]
    pub(crate) fact: Fact,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Fact {
    /// Who pays, by the commissioner assignment method 2025/26, beside what was submitted
    Commissioner(CommissionerArguments),
}

#[derive(Debug, Args)]
pub(crate) struct CommissionerArguments {
    /// Contract monitoring or CDS: files, folders, patterns, archives (.gz, .zst, .zip), or - for standard input
    #[arg(required = true, value_name = "PATH")]
    pub(crate) paths: Vec<PathBuf>,
    /// Write a line of CSV for each record to a file, which appears when it is complete; - for standard output
    #[arg(short, long, value_name = "FILE.csv")]
    pub(crate) output: Option<PathBuf>,
    /// Say in words how it was derived for this record, by its number from 1; may be given several times
    #[arg(long, value_name = "RECORD", value_parser = clap::value_parser!(u64).range(1..))]
    pub(crate) explain: Vec<u64>,
    /// Settings: how contradictions are read, answers by hand, tables of your own (see the handbook)
    #[arg(long, value_name = "FILE.toml")]
    pub(crate) settings: Option<PathBuf>,
    /// The standard that the inputs follow; recognised from the content when not given
    #[arg(long, value_name = "ID@VERSION")]
    pub(crate) standard: Option<String>,
    #[command(flatten)]
    pub(crate) schemas: SchemasArguments,
    #[command(flatten)]
    pub(crate) reference: ReferenceArguments,
    /// How many threads to use; as many as there are processors when not given
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=1024))]
    pub(crate) threads: Option<u16>,
    /// Show values that identify people in explanations instead of masking them
    #[arg(long)]
    pub(crate) show_values: bool,
}
