//! What comes out of practice extracts, as its user meets it: held against plain counts, published values and results worked out by hand.

#![allow(clippy::unwrap_used)] // a test fails by panicking

mod appointments;
mod asked;
mod list_size;
mod prescribing;
mod published;
#[path = "../ran/mod.rs"]
mod ran;
mod referrals;
mod support;
