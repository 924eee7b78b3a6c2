//! FHIR resources against the shipped definitions of R4 and STU3.
#![allow(clippy::unwrap_used, clippy::print_stderr)] // a test fails by panicking, and says what it skips

mod cases;
mod corpus;
mod examples;
mod found;
mod own_schema;
mod practice;
mod robust;
mod speed;
mod support;
mod xml;
