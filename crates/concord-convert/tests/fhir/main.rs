//! FHIR R4 UK Core: canonical rows as resources and back.

#![allow(clippy::print_stderr, clippy::unwrap_used)] // what is skipped is said aloud; a test fails by panicking

mod foreign;
mod generated;
mod mapping;
mod oracle;
mod samples;
#[path = "../support/mod.rs"]
mod support;
mod trip;
