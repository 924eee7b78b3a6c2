//! Our own written form of a standard, read, linted and written.
//!
//! ```text
//! cds/6-3-1/standard.toml     what it is, how it is recognised, what its records are
//! cds/6-3-1/structure.toml    groups and elements in order, values, code lists by name
//! hl7/2-4/fields.csv         one row per field of a segment, with datatypes.csv, where the carrier is HL7 v2
//! fhir/4-0-1/types.csv       one row per type, with elements.csv and codes.csv, where the carrier is FHIR
//! overlays/NAME.toml         what is agreed with a sender of HL7 v2 messages
//! acm/2/fields.csv            one row per column of a tabular standard: name, mandation, format, code list
//! iapt/2-0/fields.csv         one row per column of many tables that must fit together, with scales.csv
//! contract/aliases.csv        further spellings of column headers
//! cds/6-3-1/rules.toml        rules that structure and values do not already say
//! cds/6-3-1/mapping.toml      how elements become fields of the canonical model, and back
//! maps/*.csv                  from, to, source, note: codes that differ
//! codes/*.csv                 code, meaning, valid_from, valid_to, source
//! elements.csv                Data Dictionary name, XML names, format, code list, personal, source
//! ```
//!
//! Every message about these files carries file, line, column and the bytes to underline.

mod codes;
mod compact;
mod compare;
mod csv_records;
mod csv_rows;
mod elements;
mod field_value;
mod fields;
mod format;
mod in_use;
mod lint;
mod load;
mod mapping;
mod messages;
mod notation;
mod problem;
mod prune;
mod resources;
mod rules;
mod standard;
mod structure;
mod submission;
mod systems;
mod table;
mod tables;
mod tabular;
mod write;
mod written;

pub use codes::{Code, CodeList};
pub use compact::{Compact, is_point};
pub use compare::difference;
pub use elements::{DictionaryElement, Elements};
pub use fields::column_id;
pub use lint::lint;
pub use load::{Definition, Files};
pub use mapping::{
    ANYTHING, CodeMap, CodePair, Concluded, Condition, Conditions, ElementReference, FieldMapping,
    KnownTo, Mapping, RowMapping, RowSeat, Said, SetField, Unmapped,
};
pub use notation::{add_formats, format_fits};
pub use problem::{DefinitionErrors, Problem, Severity};
pub use prune::without_unused;
pub use standard::{
    Effects, MessageInfo, Recognise, RecordShape, ResourceMarks, SUBMISSION, StandardInfo,
    StandardStatus, TableInfo,
};
pub use write::{Known, code_list, elements, write};

pub(crate) use fields::{COLUMNS as FIELD_COLUMNS, ColumnNames, read_names};
pub(crate) use format::value_of;
pub(crate) use load::read_standard;
pub(crate) use problem::{Text, nearest};
pub(crate) use structure::XML_SCHEMA;
pub(crate) use write::{cell, folded, list, quoted};
