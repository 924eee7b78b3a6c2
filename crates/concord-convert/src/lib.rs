//! Conversion: what a submission says, in the canonical model's words or in its own, written somewhere else.
//!
//! A [`Conversion`] says which tables come out and where each column's values stand in a record; it is made from a
//! standard alone ([`native`]) or from its mapping to the canonical model. [`Converting`] wraps the rules of a check, so
//! that one pass reads, checks and converts: while a chunk's captured values are at hand it makes Arrow columns of them,
//! and hands them on in the order of the input to a [`Target`], such as a [`lake`] of Parquet files. What could not be
//! carried is counted in [`Losses`]: nothing is dropped in silence and nothing is invented.
//!
//! This crate must never know a standard by name, run rules, or read a submission by itself.

pub mod as_at;
mod beside;
pub mod builder;
pub mod columns;
mod conversion;
mod converting;
mod depending;
pub mod document;
mod effects;
pub mod fhir;
pub mod findings;
mod hexadecimal;
pub mod json_lines;
pub mod lake;
mod loss;
mod mapped;
pub mod mapping;
pub mod native;
pub mod pseudonym;
pub mod records;
pub mod rejects;
mod rows;
pub mod standing;
pub mod stays;
pub mod stored;
pub mod submission;
pub mod tables_out;

pub use conversion::{
    Above, Conversion, ConversionError, Depending, EMPTIED, OutColumn, OutTable, RowSource, Taker,
    Test, Tests, Value,
};
pub use converting::{Converted, Converting, OnReject, Target};
pub use loss::{Loss, LossReason, Losses};
pub use mapped::mapped;
