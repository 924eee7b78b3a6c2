//! Whether everything that one type or content model takes is taken by another.
//!
//! A type or model of either side becomes a deterministic automaton, the two are walked side by side, and the first
//! place where OLD may end and NEW may not is a shortest witness (inclusion by the product construction: Hopcroft,
//! Motwani and Ullman, *Introduction to Automata Theory, Languages, and Computation*, 4.2.1). What is not regular is
//! kept as a third verdict, "maybe", and is decided by facets that imply each other or by trying values.
//!
//! Everything is bounded by counted steps, never by a clock, so that an answer is the same on every machine.

mod children;
mod values;

pub use children::{children, takes_children};
pub use values::values;

/// The answer to "does NEW take everything that OLD takes?".
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Inclusion<W> {
    /// Yes, and it is proved.
    Included,
    /// No: this is taken by OLD and not by NEW, confirmed with both.
    Not(W),
    /// It could not be decided; why.
    Unknown(String),
}
