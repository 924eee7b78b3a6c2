//! Inclusion of simple types and content models: never wrong, and nearly always decided.

#![allow(clippy::print_stdout, clippy::print_stderr)] // what is skipped, slow or undecided is said

mod children;
mod standards;
mod support;
mod values;
