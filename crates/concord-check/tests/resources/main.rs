//! FHIR resources against the shipped definition of R4.
#![allow(clippy::unwrap_used, clippy::print_stderr)] // a test fails by panicking, and says what it skips

mod cases;
mod corpus;
mod examples;
mod found;
mod own_schema;
mod robust;
mod speed;
mod support;
