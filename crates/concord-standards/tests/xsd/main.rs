//! The XSD importer held against official schemas, a table of features, and xmllint.

#![allow(
    clippy::unwrap_used,
    clippy::print_stderr,
    reason = "tests say what they skip, and fail by panicking"
)]

mod cds;
mod features;
mod files;
mod hostile;
mod refusals;
mod xmllint;
