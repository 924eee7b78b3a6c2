//! The command line.

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};
use concord_report::Format;

/// Check NHS data submissions before the national system does.
#[derive(Debug, Parser)]
#[command(name = "concord", version, propagate_version = true, max_term_width = 100, after_help = EXIT_CODES)]
pub(crate) struct Arguments {
    #[command(subcommand)]
    pub(crate) command: Command,
}

const EXIT_CODES: &str = "\
Exit codes: 0 nothing at or above --fail-on; 1 findings; 2 wrong usage or a bad definition;
            3 an input could not be read to its end.
Values that identify people are masked unless --show-values is given. Nothing is sent anywhere.";

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Check submissions: structure, values and rules
    Check(CheckArguments),
    /// Look standards up, read an official XSD, test definitions
    Standards(StandardsArguments),
}

/// Options about where definitions come from.
#[derive(Debug, Args)]
pub(crate) struct SchemasArguments {
    /// A folder of definitions that add to the shipped ones or take their place
    #[arg(long, value_name = "DIR", global = true)]
    pub(crate) schemas: Option<PathBuf>,
}

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
        /// An element, or the end of its path, such as PatientIdentity/Birth
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
    /// Write the definition of an official XSD
    Import(ImportArguments),
    /// Look for mistakes in definitions
    Lint {
        /// Standards to look at; all when none is named
        standards: Vec<String>,
    },
}

#[derive(Debug, Args)]
pub(crate) struct ImportArguments {
    /// The XSD; files that it includes are read from beside it
    pub(crate) file: PathBuf,
    /// The folder to write the definition to
    #[arg(short, long, value_name = "DIR")]
    pub(crate) output: PathBuf,
    /// The new standard's name, such as cds@6-3-1
    #[arg(long = "as", value_name = "ID@VERSION")]
    pub(crate) name: Option<String>,
}

#[derive(Debug, Args)]
pub(crate) struct CheckArguments {
    /// Files, folders, patterns, archives (.gz, .zst, .zip), or - for standard input
    #[arg(required = true, value_name = "PATH")]
    pub(crate) paths: Vec<PathBuf>,
    /// The standard to check against; recognised from the content when not given
    #[arg(long, value_name = "ID@VERSION", conflicts_with = "schema")]
    pub(crate) standard: Option<String>,
    /// Check structure and values against an XSD of your own instead
    #[arg(long, value_name = "FILE.xsd")]
    pub(crate) schema: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) schemas: SchemasArguments,
    /// human, concise, json or ndjson
    #[arg(long, default_value_t = Format::Human)]
    pub(crate) format: Format,
    /// Write the report to a file, which appears when it is complete
    #[arg(short, long, value_name = "FILE")]
    pub(crate) output: Option<PathBuf>,
    /// Which findings make the exit code 1
    #[arg(long, value_enum, default_value_t = FailOn::Reject)]
    pub(crate) fail_on: FailOn,
    /// Show at most this many findings; all are counted
    #[arg(long, value_name = "N")]
    pub(crate) max_findings: Option<u64>,
    /// How many threads to use; as many as there are processors when not given
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=1024))]
    pub(crate) threads: Option<u16>,
    /// Show values that identify people instead of masking them
    #[arg(long)]
    pub(crate) show_values: bool,
}

/// Which findings make the exit code 1.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum FailOn {
    /// Those that reject something
    Reject,
    /// Warnings too
    Warn,
    /// None
    Never,
}
