//! Messages made of the definitions: every segment, element, repetition and code that `structure.toml`, `fields.csv` and
//! `datatypes.csv` let stand, alone and together. What goes into documents comes out of them again, or is named as lost.

#![allow(clippy::format_push_string)] // what is written is short

mod made;
#[path = "../support/mod.rs"]
mod support;
mod trips;
