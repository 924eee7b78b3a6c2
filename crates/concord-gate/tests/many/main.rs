//! Submissions of many tables and FHIR resources compared, with submissions that show what changes break.

#![allow(clippy::unwrap_used, clippy::print_stderr)] // a test fails by panicking, and says aloud what it skips

mod agreement;
mod checker;
mod data_sets;
mod edits;
mod resources;
#[path = "../support/mod.rs"]
mod support;
mod tables;
