//! What `concord standards` takes.

use std::path::PathBuf;

use clap::{Args, Subcommand};

use super::shared::SchemasArguments;
use crate::standards::NewArguments;

#[derive(Debug, Args)]
pub(crate) struct StandardsArguments {
    #[command(subcommand)]
    pub(crate) command: Option<StandardsCommand>,
    #[command(flatten)]
    pub(crate) schemas: SchemasArguments,
}

#[derive(Debug, Subcommand)]
pub(crate) enum StandardsCommand {
    /// Every standard that is known (the default)
    List,
    /// What a standard is made of, group by group
    Show {
        /// The standard, such as cds@6-3-1
        standard: String,
        /// An element, or the end of its path, such as PatientIdentity/Birth; or a column
        path: Option<String>,
        /// How many levels to show
        #[arg(long, value_name = "N", default_value_t = 3, value_parser = clap::value_parser!(u16).range(1..=64))]
        depth: u16,
    },
    /// What a rule says, why, and what to do when it is broken
    Explain {
        /// The rule's id, such as CDS-E2
        rule: String,
        /// The standard, when several have a rule of this id
        #[arg(long)]
        standard: Option<String>,
    },
    /// The codes of a code list and their meanings; all code lists when none is named
    Codes {
        /// The code list's id
        name: Option<String>,
        /// One code of it
        code: Option<String>,
    },
    /// Write the definition of an official XSD, or of a Data Validation Engine contract (.json)
    Import(ImportArguments),
    /// Write the definition of a new standard: inferred from samples, from an XSD, or to be filled in
    New(NewArguments),
    /// Write a tabular standard in a form that other tools read
    Export {
        /// As an Open Data Contract Standard v3 file (YAML, in the JSON form of it)
        #[arg(long, value_name = "ID@VERSION")]
        odcs: String,
        /// The file to write; standard output when not given
        #[arg(short, long, value_name = "FILE")]
        output: Option<PathBuf>,
    },
    /// Run every rule on its own examples
    Test {
        /// Standards to test; all when none is named
        standards: Vec<String>,
    },
    /// Look for mistakes in definitions
    Lint {
        /// Standards to look at; all when none is named
        standards: Vec<String>,
    },
}

#[derive(Debug, Args)]
pub(crate) struct ImportArguments {
    /// The XSD, whose included files are read from beside it; or the contract, such as apc.dischema.json
    pub(crate) file: PathBuf,
    /// The folder to write the definition to
    #[arg(short, long, value_name = "DIR")]
    pub(crate) output: PathBuf,
    /// The new standard's name, such as cds@6-3-1
    #[arg(long = "as", value_name = "ID@VERSION")]
    pub(crate) name: Option<String>,
}
