//! Synthetic submissions, valid or with labelled faults.
//!
//! | module | does |
//! |---|---|
//! | [`cds`] | realistic Commissioning Data Set interchanges that break no rule |
//! | [`faults`] | faults that break one named rule each, with labels |
//! | [`instance`] | instances that are valid against any [`Schema`](concord_standards::schema::Schema): smallest, largest, random, covering |
//! | [`mutate`] | one-change mutants of an instance |
//! | [`tree`] | the small owned tree that both work on, and how it is written |
//! | [`value`] | values of simple types |
//! | [`dice`] | randomness that gives the same bytes for the same seed on every machine |
//!
//! Everything here is made up. NHS numbers come from the 999 range, which is never issued.

pub mod cds;
pub mod dice;
pub mod faults;
pub mod instance;
pub mod mutate;
pub mod tree;
pub mod value;

pub use dice::Dice;
