//! Files for tests: folders of the reference collection, and texts in memory.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use concord_standards::schema::Schema;
use concord_standards::xsd::{XsdErrors, import};
use concord_standards::{Source, SourceError};

/// A folder as a source.
pub(crate) struct Folder(pub(crate) PathBuf);

impl Source for Folder {
    fn read(&self, path: &str) -> Result<Cow<'_, str>, SourceError> {
        std::fs::read_to_string(self.0.join(path))
            .map(Cow::Owned)
            .map_err(|error| SourceError {
                path: path.to_owned(),
                reason: error.to_string(),
            })
    }

    fn list(&self, _path: &str) -> Vec<String> {
        Vec::new()
    }
}

/// The reference collection beside the checkout, or where `CONCORD_REFERENCE` says; tells when there is none.
pub(crate) fn reference() -> Option<PathBuf> {
    let folder = std::env::var_os("CONCORD_REFERENCE").map_or_else(
        || Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/reference"),
        PathBuf::from,
    );
    if folder.is_dir() {
        Some(folder)
    } else {
        eprintln!("SKIPPED: no reference collection at {}", folder.display());
        None
    }
}

/// Wraps the content of a schema in `xs:schema` of the namespace `urn:t`, local elements qualified. The content begins
/// in line 2.
pub(crate) fn schema_text(content: &str) -> String {
    format!(
        "<xs:schema xmlns:xs=\"http://www.w3.org/2001/XMLSchema\" xmlns=\"urn:t\" xmlns:t=\"urn:t\" targetNamespace=\"urn:t\" elementFormDefault=\"qualified\">\n{content}\n</xs:schema>"
    )
}

/// Imports several files, the first of which is the root.
pub(crate) fn import_all(files: &[(&str, &str)]) -> Result<Schema, XsdErrors> {
    let source: BTreeMap<String, String> = files
        .iter()
        .map(|(path, text)| ((*path).to_owned(), (*text).to_owned()))
        .collect();
    import(&source, files[0].0)
}

/// Imports the content of a schema in one file, `t.xsd`.
pub(crate) fn import_text(content: &str) -> Result<Schema, XsdErrors> {
    import_all(&[("t.xsd", &schema_text(content))])
}
