//! What `concord standards new` is asked for.

use std::path::PathBuf;

use clap::{Args, ValueEnum};

/// The new standard, and what it is inferred from.
#[derive(Debug, Args)]
pub(crate) struct NewArguments {
    /// The new standard's name, such as clinic@1
    #[arg(value_name = "ID@VERSION")]
    pub(crate) name: String,
    /// Samples that follow it: delimited text with a row of names, or XML documents (files, folders, patterns, archives); or
    /// an XSD
    #[arg(long, value_name = "FILE", num_args = 1..)]
    pub(crate) from: Vec<PathBuf>,
    /// The folder of definitions that it is added to
    #[arg(short, long, value_name = "DIR", default_value = "schemas")]
    pub(crate) output: PathBuf,
    /// Without samples: what its submissions are
    #[arg(long, value_enum, default_value_t = CarrierName::Delimited, conflicts_with = "from")]
    pub(crate) carrier: CarrierName,
    /// The samples have no row of names
    #[arg(long, requires = "from")]
    pub(crate) no_header: bool,
}

/// The physical form of submissions.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum CarrierName {
    /// Delimited text
    Delimited,
    /// XML
    Xml,
}
