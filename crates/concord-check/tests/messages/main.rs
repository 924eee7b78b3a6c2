//! HL7 v2 messages: what is found, where, and that neither threads nor cuts change it.

#![allow(clippy::unwrap_used, clippy::print_stderr)] // a test fails by panicking, and says what it skips

mod fields;
mod found;
mod interchanges;
mod maker;
mod robust;
mod samples;
mod single;
mod support;
