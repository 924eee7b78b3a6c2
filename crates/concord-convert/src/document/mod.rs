//! Canonical rows written as documents of a hierarchical standard, by its mapping read backwards.
//!
//! A [`DocumentPlan`] knows for every place of the structure which field of which rows stands there; it is resolved from
//! the same `mapping.toml` by the same references as the way into the model. A [`DocumentWriter`] takes the rows of each
//! record and walks the content model in its order:
//!
//! - A group that rows are seated at takes the next of them whose constants say so and whose parent row is the one around it.
//! - Of a choice that branch is written which carries most of what the record has.
//! - What is optional is written when something in it is there. What must be there and is not makes the optional group
//!   around it incomplete, or the record: that is left out and counted. Nothing is invented; only values that the structure
//!   itself leaves no choice about (fixed ones, types with one code) are written without a row that says them.
//! - Values are written as their type wants them (`3.5` as `003.500` where it must have so many digits); what the type does
//!   not take is a loss, by element and reason.
//!
//! A [`DocumentWriter::draft`] writes what lacks something all the same, and notes what that is.
//!
//! What stands in rows and is not written is counted in [`Losses`](crate::Losses), so that rows and document together
//! account for every value. The envelope is written from the submission's row and from [`Envelope`], with the count of the
//! records that were written.

mod account;
mod draft;
mod envelope;
mod facts;
mod lexical;
mod markup;
mod place;
mod plan;
mod record;
mod reference;
mod state;
mod text;
mod walk;
mod writer;

pub use envelope::Envelope;
pub use plan::DocumentPlan;
pub use writer::{DocumentError, DocumentWriter, WrittenDocument};

#[cfg(test)]
mod tests;
