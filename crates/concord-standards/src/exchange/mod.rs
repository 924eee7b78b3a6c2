//! Tabular standards from and to the written contracts of other tools.
//!
//! | function | reads or writes |
//! |---|---|
//! | [`from_dischema`] | the contract (`*.dischema.json`) of NHS England's Data Validation Engine, read |
//! | [`to_odcs`] | the Open Data Contract Standard (<https://bitol-io.github.io/open-data-contract-standard/>), written |
//!
//! What cannot be carried over is never dropped in silence: it comes back as a [`Lost`].

mod dischema;
mod odcs;

use std::collections::BTreeMap;

pub use dischema::{Refused, from_dischema};
pub use odcs::to_odcs;

/// A contract as definition files.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Imported {
    /// The files by path: `ID/VERSION/standard.toml` and the others.
    pub files: BTreeMap<String, String>,
    /// Tables carried over.
    pub tables: usize,
    /// Columns carried over.
    pub columns: usize,
    /// Rules carried over.
    pub rules: usize,
    /// What was not carried over, or not as it stood there, in the order of the contract.
    pub lost: Vec<Lost>,
}

/// A part of a contract that was not carried over as it stood there.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Lost {
    /// Where it stands: `datasets/apc/fields/sex`.
    pub place: String,
    /// What happened to it, and why.
    pub reason: String,
}

/// A contract that cannot be read or written.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ExchangeError {
    /// It is not JSON.
    #[error("the contract is not JSON: {0}")]
    Json(String),
    /// It is JSON of another shape.
    #[error("the contract has no `{0}`")]
    Missing(&'static str),
    /// None of its data sets is read from delimited text.
    #[error("the contract has no data set that is read from delimited text")]
    NoTables,
    /// The standard is not tabular.
    #[error("{0} is not a tabular standard")]
    NotTabular(String),
}
