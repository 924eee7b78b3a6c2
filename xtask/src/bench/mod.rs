//! `cargo xtask bench`: Concord beside its peers, in turn, in one run.
//!
//! Absolute figures mean little on shared machines, so every round runs the peer and Concord one after the other and the
//! ratio of their medians is what counts.

mod convert;
mod feed;
mod measure;
mod practice;
mod samples;
mod side_by_side;
mod tables;
mod xml;

use std::io::Write;

use clap::Subcommand;

/// What is measured.
#[derive(Debug, Subcommand)]
pub(crate) enum Bench {
    /// CDS XML, structure, values and rules, beside `xmllint --stream --schema`
    Xml(xml::Arguments),
    /// Delimited tables, with all rules, beside `DuckDB`, pandera on Polars and the Data Validation Engine
    Tables(tables::Arguments),
    /// Conversion to Parquet on the way, beside Polars, `DuckDB` and checking alone
    Convert(convert::Arguments),
    /// HL7 v2 messages in bulk, beside python-hl7 and hl7apy, and live over MLLP, stored durably
    Feed(feed::Arguments),
    /// Practice extracts to Parquet and into stores, and a change to stores, at several sizes
    Practice(practice::Arguments),
}

/// Something that kept a benchmark from being run.
#[derive(Debug, thiserror::Error)]
pub(crate) enum BenchError {
    /// A program could not be run.
    #[error("cannot run {program}: {error}")]
    Run {
        /// Its name.
        program: String,
        /// Why.
        error: std::io::Error,
    },
    /// A program ran and said no.
    #[error("{program} ended with {status} on a file that it must accept")]
    Refused {
        /// Its name.
        program: String,
        /// How it ended.
        status: String,
    },
    /// A file could not be made.
    #[error("cannot write {path}: {error}")]
    File {
        /// Its path.
        path: String,
        /// Why.
        error: std::io::Error,
    },
    /// The reference material with the peer's schemas is absent.
    #[error("the official XSDs are not at {0}")]
    NoReference(String),
}

/// Runs a benchmark and prints its table as Markdown.
///
/// # Errors
/// Whatever kept it from being run.
pub(crate) fn run(bench: &Bench, out: &mut dyn Write) -> Result<bool, Box<dyn std::error::Error>> {
    match bench {
        Bench::Xml(arguments) => xml::run(arguments, out)?,
        Bench::Tables(arguments) => tables::run(arguments, out)?,
        Bench::Convert(arguments) => convert::run(arguments, out)?,
        Bench::Feed(arguments) => feed::run(arguments, out)?,
        Bench::Practice(arguments) => practice::run(arguments, out)?,
    }
    Ok(true)
}
