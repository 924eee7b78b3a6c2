//! EDIFACT messages as FHIR, and FHIR as EDIFACT messages, by what a standard's `fhir.json` says; and the receipts that
//! answer interchanges.
//!
//! | module | does |
//! |---|---|
//! | [`Json`] | JSON as a tree that keeps numbers as they are written and members in their order |
//! | `pattern` | segments with holes: a segment is held against one, or written by it |
//! | `mapping` | `fhir.json`: patterns, groups, templates, tables of codes |
//! | `groups` | a message taken apart into groups of segments, and its holes filled |
//! | `template`, `unify` | a document of FHIR written from holes, and its values put back into them |
//! | `patches` | the same for the operations of a patch |
//! | `compare` | what does not come back of a message that went into a document, or of a document that went into a message |
//! | `transform` | dates, numbers and texts as either side writes them |
//! | [`Translation`], `write` | both directions for whole interchanges and documents, with what could not be carried |
//! | [`Receipt`] | what answers an interchange: which messages were taken, and which were not |
//!
//! One description serves both directions, so that they cannot contradict each other. It must never know a standard, a file or
//! the clock: names and codes are in definitions, the moment is given.

mod compare;
mod groups;
mod json;
mod mapping;
mod moment;
mod patches;
mod pattern;
mod receipt;
mod template;
mod transform;
mod translate;
mod unify;
mod write;

pub use json::{Json, JsonError};
pub use mapping::{Mapping, MappingError};
pub use moment::Moment;
pub use receipt::{Judged, Receipt, ReceiptError, ReceiptForm};
pub use translate::{Document, Envelope, Lost, Translated, Translation, TranslationError, Written};
