//! The lexical and value spaces of XML Schema 1.0 simple types (<https://www.w3.org/TR/xmlschema-2/>), and their facets.
//!
//! A [`SimpleType`](crate::schema::SimpleType) is compiled once into a [`ValueChecker`], which then says of any text
//! whether it is a value of the type, and if not, the first thing that is wrong with it.
//!
//! ```
//! use concord_standards::schema::{Builtin, Facets, Schema, SimpleType, SimpleTypeId, Variety};
//! use concord_standards::value::{ValueChecker, ValueFault};
//!
//! let birth_date = SimpleType {
//!     name: None,
//!     variety: Variety::Atomic(Builtin::Date),
//!     steps: vec![Facets { min_inclusive: Some("1880-01-01".into()), ..Facets::default() }],
//!     base: None,
//!     code_list: None,
//!     format: None,
//!     origin: Default::default(),
//! };
//! let schema = Schema { simple_types: vec![birth_date], ..Schema::default() };
//! let checker = ValueChecker::compile(&schema, SimpleTypeId(0))?;
//!
//! assert_eq!(checker.check("1988-02-29"), Ok(()));
//! assert_eq!(checker.check("1989-02-29"), Err(ValueFault::NotOfType { builtin: Builtin::Date }));
//! assert!(matches!(checker.check("1879-12-31"), Err(ValueFault::BelowMinimum { .. })));
//! # Ok::<(), concord_standards::value::ValueError>(())
//! ```
//!
//! Where libxml2 and the Recommendation differ, this module follows the Recommendation:
//! `docs/decisions/0002-where-libxml2-and-the-recommendation-differ.md`.

mod binary;
mod checker;
mod compile;
mod decimal;
mod duration;
mod error;
mod facets;
mod fault;
mod lexical;
mod moment;
mod name_characters;
mod parsed;
mod pattern;
mod time_line;
mod white_space;

pub use checker::ValueChecker;
pub use error::{ValueError, ValueErrorKind};
pub use fault::ValueFault;
pub use pattern::{Pattern, PatternError};
pub use white_space::{normalize, of_builtin as white_space_of};

#[cfg(test)]
mod tests;
