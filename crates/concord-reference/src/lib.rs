//! Reference data: organisations, practices, postcodes and imaging codes, always as at a date, with succession.
//!
//! | part | does |
//! |---|---|
//! | [`recognise`], [`Import`] | files of the Organisation Data Service, of TRUD, postcode directories, and lists of imaging codes, into a folder of Parquet files |
//! | [`ReferenceData`] | look-ups and tables for joins over that folder, each table loaded when it is first asked for |
//! | [`tables`] | the tables and what their columns mean |
//! | [`default_codes`], [`pseudo_postcode`] | codes and postcodes that stand for something else than an organisation or an address |
//!
//! It must never know a standard, a rule or a query engine, and never reach the network: users fetch the files themselves.

mod data;
mod dates;
mod error;
mod imaging;
mod import;
mod manifest;
mod merge;
mod organisation;
mod postcode;
mod rows;
mod store;
pub mod tables;
mod words;

pub use data::{ReferenceData, Standing, Succession};
pub use dates::{days as days_of, from_days as day_of};
pub use error::{ACCEPTED, Error, ErrorKind};
pub use import::{Import, Recognised, Replaced, Written, recognise};
pub use manifest::{Kind, Manifest, Source};
pub use organisation::{Organisation, Relationship, Role};
pub use postcode::{PostcodeEntry, key, pseudo_postcode};
pub use words::{DefaultCode, PseudoPostcode, Scope, default_codes, is_default_code, name_of};
