//! What `concord reference` takes.

use std::path::PathBuf;

use clap::{Args, Subcommand};
use jiff::civil::Date;

use super::shared::{ReferenceArguments, day};

#[derive(Debug, Args)]
pub(crate) struct ReferenceCommandArguments {
    #[command(subcommand)]
    pub(crate) command: Option<ReferenceCommand>,
    #[command(flatten)]
    pub(crate) reference: ReferenceArguments,
}

#[derive(Debug, Subcommand)]
pub(crate) enum ReferenceCommand {
    /// Read files of the Organisation Data Service, of TRUD, or a postcode directory; each replaces what it said before
    #[command(after_help = concord_reference::ACCEPTED)]
    Import {
        /// Files, folders, patterns or archives (.gz, .zst, .zip); what each is, is recognised
        #[arg(required = true, value_name = "PATH")]
        paths: Vec<PathBuf>,
    },
    /// What is known of an organisation or postcode; without one, where the data come from (the default)
    Show {
        /// The code of an organisation, or a postcode
        #[arg(value_name = "CODE|POSTCODE")]
        code: Option<String>,
        /// As it was or will be on this day; when not given, everything, judged by today
        #[arg(long, value_name = "CCYY-MM-DD", value_parser = day)]
        as_at: Option<Date>,
    },
}
