//! Messages of HL7 v2 put together to records of stays and patients, and written as resources and as drafts of commissioning
//! data sets. What is expected is written by hand, read out of the messages by a small reader of the tests' own, or by one
//! of other people's.

#![allow(clippy::unwrap_used)] // a test fails by panicking
#![allow(clippy::print_stderr)] // what is skipped is said

#[allow(dead_code)] // other tests use the rest of it
#[path = "../fhir/oracle.rs"]
mod oracle;
#[path = "../support/mod.rs"]
mod support;
#[allow(dead_code)]
#[path = "../fhir/trip.rs"]
mod trip;

mod about;
mod drafts;
mod given;
mod independent;
mod losses;
mod order;
mod resources;
mod stays;
