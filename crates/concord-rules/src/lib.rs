//! Rules beyond structure: SQL conditions over the values of records, and typed checks about the carrier.
//!
//! A [`RuleSet`] is compiled once from [`RuleDefinition`](concord_standards::rules::RuleDefinition)s. Its
//! [`plan`](RuleSet::plan) says which values the structure checker is to capture; [`RuleSet::evaluate`] runs the rules over
//! the values of one chunk of records and says which rows break which. Rules across records are summarised by chunk and
//! folded in input order. This is the only crate that knows `DataFusion`; it must never know a carrier or a standard.
//!
//! # What SQL sees
//!
//! A rule sits at the submission, at each record, at each occurrence of a group, or at each occurrence of some elements
//! (whose text it calls `value`). A name is an element (`PersonBirthDate`), an attribute (`"@CDSTypeCode"`), or a path with
//! gaps (`"PatientIdentity/NHSNumber"`, in double quotes, `*` for any characters). It means what stands at or below the
//! seat with nothing repeating in between, else in the nearest group above, the record, or the header. Groups that repeat
//! below the seat are seen through `any(…)`, `all(…)`, `count(…)`, `min(…)` and `max(…)`. Names are as the structure writes
//! them, capitals and all.
//!
//! A rule is broken where its expression is false; where it is unknown (NULL), because something is absent or has not its
//! form, it is not. What follows from a value that the checker has found to be none of its kind is not told besides.
//!
//! # Tables
//!
//! In a tabular standard each table is a record element and each column an element in it, an empty cell an absent one, so
//! that all of this holds for tables too. A rule at the record sits at the tables that have all the columns that it names.
//! Rules of kind `query` are whole `SELECT`s over the tables (a table by its name, a column by its id, `record` for the row's
//! number) and over reference data; they run when the input has ended, those of rules that sit at the set when all inputs of a
//! run have ([`Spanning`]). [`Compiler`] takes what rules look things up in: the code
//! lists of the standard, a [`Reference`] when there is one, and what the user says of the submission. Rules that lack it are told of in
//! [`Submission::not_run`].
//!
//! ```
//! use std::collections::BTreeMap;
//!
//! use concord_check::capture::Captured;
//! use concord_rules::{Header, RuleSet, Scratch};
//! use concord_standards::definition::Definition;
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! # let root = concat!(env!("CARGO_MANIFEST_DIR"), "/../../schemas/");
//! # let mut files = BTreeMap::new();
//! # for path in ["elements.csv", "cds/rules.toml", "cds/6-2-3/standard.toml", "cds/6-2-3/structure.toml", "cds/6-2-3/rules.toml"] {
//! #     files.insert(path.to_owned(), std::fs::read_to_string(format!("{root}{path}"))?);
//! # }
//! # for entry in std::fs::read_dir(format!("{root}codes"))? {
//! #     let entry = entry?;
//! #     let name = format!("codes/{}", entry.file_name().to_string_lossy());
//! #     files.insert(name, std::fs::read_to_string(entry.path())?);
//! # }
//! let definition = Definition::load(&files, "cds/6-2-3")?;
//! let records = &definition.standard.record.elements;
//! let rules = RuleSet::compile(&definition.schema, records, &definition.rules)
//!     .map_err(|errors| errors[0].clone())?;
//!
//! // The checker fills this while it checks the structure.
//! let captured = Captured::new(rules.plan());
//! let mut broken = Vec::new();
//! rules.evaluate(&captured, b"", &Header::default(), &mut Scratch::default(), &mut broken);
//! assert!(broken.is_empty());
//! # Ok(())
//! # }
//! ```

mod aggregate;
mod code_lists;
mod columns;
mod compile;
mod consequence;
mod detail;
mod distinct;
mod error;
mod evaluate;
mod examples;
mod functions;
mod given;
mod header;
#[cfg(test)]
mod lookup_tests;
mod native;
#[cfg(test)]
mod parameter_tests;
mod query;
pub mod reconcile;
mod row_index;
mod rows;
mod ruleset;
mod seam;
pub mod select;
#[cfg(test)]
mod spanning_tests;
mod sql;
#[cfg(test)]
mod tabular_tests;
#[cfg(test)]
mod testing;
#[cfg(test)]
mod tests;

use concord_check::{places as shape, wanted as tables};
use concord_model::lexical;

pub use compile::{Compiler, run_examples};
pub use detail::Detail;
pub use error::RuleError;
pub use evaluate::{Broken, Scratch};
pub use examples::ExampleOutcome;
pub use given::{Reference, ReferenceTable};
pub use header::Header;
pub use native::{ChunkSummary, CrossBroken, Run, RunBroken, SubmissionState};
pub use query::{Spanning, SpanningBroken};
pub use ruleset::RuleSet;
pub use seam::{Memory, Submission};
