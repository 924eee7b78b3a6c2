//! FHIR R4 by the profiles of UK Core: canonical rows as resources, and resources as canonical rows.
//!
//! What stands where is said once, in `schemas/fhir/r4-uk-core/mapping.toml` ([`FhirMapping`]), in a notation of places
//! ([`path`]) that is used both ways. [`FhirWriter`] takes records and writes bundles or bulk data; [`FhirSource`] reads
//! them again. What has no place on the other side is counted in [`Losses`](crate::Losses).

mod clock;
mod compose;
pub mod enclosed;
mod ids;
mod interpret;
mod known;
mod mapping;
mod once;
pub mod path;
mod people;
mod read_mapping;
mod rest;
mod source;
mod value;
mod values;
mod visits;
mod writer;
mod written;

pub use known::KnownRecords;
pub use mapping::FhirMapping;
pub use once::Once;
pub use source::FhirSource;
pub use values::ResourceFile;
pub use writer::{FhirError, FhirForm, FhirWriter, FhirWritten};
