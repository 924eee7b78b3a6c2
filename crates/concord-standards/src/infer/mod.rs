//! Definitions inferred from examples: values and columns in, a definition out.
//!
//! | module | does |
//! |---|---|
//! | [`TableInference`] | takes the header and the rows of a table one after the other, in bounded memory |
//! | [`DocumentInference`] | takes the elements of documents one after the other, and works out a content model for each |
//! | [`empty_definition`] | the files of a definition that somebody is to fill in |
//!
//! Everything that is inferred says so, and says of how much: what held of every value seen need not hold of the next one.
//! What is certain is that every value and document that was seen is valid under what was made of it, which tests hold.
//!
//! A table of which header and rows are at hand becomes a [`Definition`](crate::definition::Definition) with
//! [`definition_of`]; a long one is handed over row by row:
//!
//! ```
//! use concord_standards::definition::Known;
//! use concord_standards::infer::{Naming, TableInference};
//!
//! let mut table = TableInference::new(&["Site", "NHS Number", "Seen"])?;
//! table.row(["RXX01", "9990000018", "2025-04-01"]);
//! table.row(["RXX02", "9990000026", "2025-04-02"]);
//! let naming = Naming::new("clinic", "1", "clinic.csv");
//! let definition = table.finish().definition(&naming, &Known::default())?;
//! let layout = definition.layout.expect("a table has a layout");
//! let field = &layout.tables[0].fields[1];
//! assert_eq!((&*field.column, &*field.format), ("NHS_NUMBER", "n10"));
//! assert!(field.personal);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod codes;
mod column;
mod distinct;
mod document;
mod empty;
mod format;
mod meaning;
mod naming;
mod rule;
mod table;

pub(crate) use meaning::personal_by_name;

pub use document::{DocumentError, DocumentInference, InferredDocument};
pub use empty::{Carrier, empty_definition, example_rules, records_of};
pub use naming::Naming;
pub use table::{
    InferError, InferredColumn, InferredTable, TableInference, TableOptions, definition_of,
};
