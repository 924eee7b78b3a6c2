//! What a standard is: its structure, values, code lists and rules, from the written form to something that can be run.
//!
//! | module | does |
//! |---|---|
//! | [`schema`] | the components of a structure: elements, groups, types, facets. Everything else reads or makes these |
//! | [`xsd`] | an official XSD 1.0 to a [`schema::Schema`] |
//! | [`json_schema`] | a JSON Schema to a [`schema::Schema`], as far as that can say it |
//! | [`rules`] | what rules beyond structure say |
//! | [`definition`] | our own files (`standard.toml`, `structure.toml`, `rules.toml`, code lists, elements) read, linted and written |
//! | [`exchange`] | tabular standards from and to the contracts of other tools |
//! | [`infer`] | definitions inferred from examples |
//! | [`layout`] | the tables and columns of a tabular standard, and header rows matched with them |
//! | [`messages`] | the messages of an HL7 v2 standard, and what is agreed with single senders |
//! | [`reconcile`] | which columns hold what totals of several data sets are made of |
//! | [`resources`] | the resources of a FHIR standard: types, elements, codes |
//! | [`registry`] | which standards there are, and which one a piece of content is |
//! | [`submission`] | submissions of many tables, and the rules about how they fit together |
//! | [`value`] | the lexical and value spaces of simple types, and their facets |
//! | [`compile`] | content models as deterministic automata with counters |
//!
//! It knows no carrier and no file system: files come through a [`Source`], and nothing here opens one.

pub mod compile;
pub mod definition;
pub mod exchange;
pub mod infer;
pub mod json_schema;
pub mod layout;
pub mod messages;
pub mod reconcile;
pub mod registry;
pub mod resources;
pub mod rules;
pub mod schema;
pub mod source;
pub mod submission;
pub mod value;
pub mod xsd;

pub use source::{Source, SourceError};
