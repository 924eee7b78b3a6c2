//! `cargo xtask oracle xml`: our verdicts held against those of `xmllint` on the official XSD.
//!
//! Valid instances are made for every branch of the structure, then mutants with one change each. All are given to
//! `xmllint`, to the checker with the imported XSD, to its exact path alone, and to the checker with the written
//! definition of the same standard. Compared are the verdict and the line of the first error. A difference that the
//! recommendation explains is counted under the id of its explanation (`docs/decisions`); any other fails the run.

mod compare;
mod explained;
mod ours;
mod places;
mod report;
mod run;
mod source;
mod xmllint;

use std::path::PathBuf;

use clap::{Args, Subcommand};

pub(crate) use source::Folder;

/// Why an oracle could not be asked.
pub(crate) type Failed = Box<dyn std::error::Error + Send + Sync>;

/// What is held against an oracle.
#[derive(Debug, Subcommand)]
pub(crate) enum Oracle {
    /// The structure and values of XML, against xmllint with the official XSD.
    Xml(XmlArguments),
}

/// How much is compared, and with what.
#[derive(Debug, Args)]
pub(crate) struct XmlArguments {
    /// The standard, such as `cds@6-3-1`; its official XSD is looked for in the reference collection.
    #[arg(long, default_value = "cds@6-3-1")]
    pub(crate) standard: String,
    /// An XSD to use in place of the official one; there is then no written definition to compare.
    #[arg(long)]
    pub(crate) schema: Option<PathBuf>,
    /// Valid instances.
    #[arg(long, default_value_t = 200)]
    pub(crate) instances: usize,
    /// Mutants.
    #[arg(long, default_value_t = 2000)]
    pub(crate) mutants: usize,
    /// The seed: the same seed gives the same instances and mutants on every machine.
    #[arg(long, default_value_t = 1)]
    pub(crate) seed: u64,
    /// Only kinds of mutants whose name holds this text.
    #[arg(long)]
    pub(crate) kind: Option<String>,
    /// Folder in which the documents of unexplained disagreements are left.
    #[arg(long)]
    pub(crate) keep: Option<PathBuf>,
    /// The reference collection; `CONCORD_REFERENCE` or `../shared/reference` when not given.
    #[arg(long)]
    pub(crate) reference: Option<PathBuf>,
    /// Disagreements shown in full.
    #[arg(long, default_value_t = 20)]
    pub(crate) show: usize,
}

/// Asks an oracle; false when there is a disagreement that nothing explains.
pub(crate) fn run(oracle: &Oracle, out: &mut dyn std::io::Write) -> Result<bool, Failed> {
    match oracle {
        Oracle::Xml(arguments) => run::xml(arguments, out),
    }
}
