//! Submissions that show changes, and that the gate agrees with the checker.

#![allow(clippy::unwrap_used, clippy::print_stderr)] // a test fails by panicking, and says aloud what it skips

mod agreement;
mod edits;
mod leads;
mod shipped;
mod support;
