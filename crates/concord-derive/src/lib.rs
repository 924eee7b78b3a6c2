//! Facts derived by published rules, with their reasons.
//!
//! [`commissioner`] says who pays for an activity, by the decision boxes of the commissioner assignment method: the code,
//! the published reason code, and every box on the way with its answer and why. A derived fact stands beside what was
//! submitted and never takes its place; where a fact is missing, the result says which, and nothing is guessed.
//!
//! This crate must never know a carrier, a standard, a file system or a query engine: callers bring the text of the rules,
//! a [`commissioner::Case`] and a [`commissioner::Reference`].

pub mod commissioner;
