//! What tests of translations share.

use std::fs;
use std::path::Path;

use concord_interchange::{Mapping, Translation};
use concord_standards::{Source, SourceError};

/// The shipped definitions.
struct Schemas;

impl Source for Schemas {
    fn read(&self, path: &str) -> Result<std::borrow::Cow<'_, str>, SourceError> {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../schemas");
        fs::read_to_string(folder.join(path))
            .map(Into::into)
            .map_err(|_| SourceError::missing(path))
    }

    fn list(&self, _: &str) -> Vec<String> {
        Vec::new()
    }
}

/// The translation of the standard in a folder of the shipped definitions.
pub(crate) fn translation(folder: &str) -> Translation {
    Translation::new(Mapping::load(&Schemas, folder).expect("the shipped mapping is right"))
}
