//! Mappings held against the structures that they speak of.

mod coverage;
pub mod lint;
