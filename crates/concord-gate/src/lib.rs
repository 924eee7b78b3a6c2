//! What changed between two standards, and whom it breaks.
//!
//! | module | does |
//! |---|---|
//! | [`subject`] | one side of a comparison, whatever it was read from |
//! | [`proof`] | submissions that show a change: made, and confirmed by checking with both sides |
//! | [`change`] | one thing that changed: its place, whom it breaks, how sure that is |
//! | [`compare()`] | two subjects compared |
//! | [`catalogue`] | every sort of change, with its reasons and an example |
//! | [`language`] | whether everything that one type or content model takes is taken by another; if not, what is not |
//!
//! It must never know a file, the terminal, a clock, a version control system or a query engine: both sides come in as
//! definitions, and whoever has a checker lends it for the proof.

pub mod catalogue;
pub mod change;
mod compare;
pub mod language;
pub mod proof;
pub mod subject;

pub use compare::{CompareOptions, compare};
