//! The command line of `concord practice`.

use std::path::PathBuf;

use clap::{Args, Subcommand};

use concord_report::Format;
use jiff::civil::Date;

use crate::arguments::{ReferenceArguments, SchemasArguments, day};

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
    /// Judge batches without applying them: every rule about batches that they break, and where
    Check(CheckBatches),
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
    /// Make what commissioning runs on: list sizes, referrals, appointments, prescribing, membership; lists the reports when none is named
    Report(ReportArguments),
}

#[derive(Debug, Args)]
pub(crate) struct CheckBatches {
    /// Folders or archives that the batches came in, or a folder of them
    #[arg(required = true, value_name = "BATCH")]
    pub(crate) batches: Vec<PathBuf>,
    /// What came before them; without it, they are held against one another alone
    #[arg(long, value_name = "DIR")]
    pub(crate) store: Option<PathBuf>,
    /// How findings are written: human, concise, json, ndjson, csv, sarif, junit, github, gitlab, html, markdown
    #[arg(long, value_name = "FORMAT", default_value_t = Format::Human, hide_default_value = true)]
    pub(crate) format: Format,
}

#[derive(Debug, Args)]
pub(crate) struct ReportArguments {
    /// The report
    pub(crate) report: Option<String>,
    /// A store to make it of; may be given several times
    #[arg(long, value_name = "DIR")]
    pub(crate) store: Vec<PathBuf>,
    /// The day that it is about
    #[arg(long, value_name = "CCYY-MM-DD", value_parser = day)]
    pub(crate) as_at: Option<Date>,
    /// What else it takes, or takes in the place of a store, such as list=FILE.csv; may be given several times
    #[arg(long, value_name = "NAME=PATH", value_parser = named)]
    pub(crate) with: Vec<(String, PathBuf)>,
    /// The folder to write to, which must not exist; it appears when it is complete
    #[arg(short, long, value_name = "DIR")]
    pub(crate) output: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) reference: ReferenceArguments,
}

fn named(text: &str) -> Result<(String, PathBuf), String> {
    let (name, path) = text
        .split_once('=')
        .ok_or("a name, = and a path, such as list=FILE.csv")?;
    Ok((name.to_owned(), PathBuf::from(path)))
}

#[derive(Debug, Args)]
pub(crate) struct StoreArguments {
    /// The folder that keeps everything that a practice, or an agreement, ever sent
    #[arg(long, value_name = "DIR")]
    pub(crate) store: PathBuf,
}
