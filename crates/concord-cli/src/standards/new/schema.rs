//! The definition of an official XSD, with a rule to go on from.

use std::path::Path;
use std::sync::Arc;

use concord_standards::compile::CompiledSchema;
use concord_standards::definition::{Known, add_formats, without_unused, write};
use concord_standards::infer::{Naming, example_rules, records_of};

use super::Made;
use crate::failure::Failure;
use crate::standards::import::{describe, read_xsd};

/// The definition of the structure that an XSD declares. There is no sample to hold it against.
pub(super) fn made(file: &Path, naming: &Naming, known: &Known) -> Result<Made, Failure> {
    let schema = read_xsd(file)?;
    CompiledSchema::compile(Arc::new(schema.clone())).map_err(|error| {
        Failure::usage(
            error.to_string(),
            "the XSD itself breaks this constraint of XML Schema; its publisher must mend it",
        )
    })?;
    let mut schema = without_unused(&schema);
    add_formats(&mut schema);
    let mut info = describe(&schema, file, (&naming.id, &naming.version))?;
    info.record.elements = records_of(&schema);
    let mut files = write(&schema, &info, known);
    if let Some(rules) = example_rules(&schema, &info.record.elements, naming) {
        files.insert(format!("{}/rules.toml", naming.folder()), rules);
    }
    Ok(Made {
        files,
        found: String::new(),
        samples: Vec::new(),
    })
}
