//! Files on disk for the tests: the shipped definitions, and the reference folder when there is one.

use std::borrow::Cow;
use std::path::{Path, PathBuf};

use concord_standards::{Source, SourceError};

/// A folder on disk.
pub(crate) struct Folder(pub(crate) PathBuf);

impl Source for Folder {
    fn read(&self, path: &str) -> Result<Cow<'_, str>, SourceError> {
        match std::fs::read_to_string(self.0.join(path)) {
            Ok(text) => Ok(Cow::Owned(text)),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
                Err(SourceError::missing(path))
            }
            Err(error) => Err(SourceError {
                path: path.to_owned(),
                reason: error.to_string(),
            }),
        }
    }

    fn list(&self, path: &str) -> Vec<String> {
        let mut found = Vec::new();
        walk(&self.0, &self.0.join(path), &mut found);
        found.sort();
        found
    }
}

fn walk(root: &Path, folder: &Path, found: &mut Vec<String>) {
    for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
        let path = entry.path();
        if path.is_dir() {
            walk(root, &path, found);
        } else if let Some(path) = path.strip_prefix(root).ok().and_then(Path::to_str) {
            found.push(path.replace('\\', "/"));
        }
    }
}

/// The definitions that this repository ships.
#[allow(dead_code, reason = "not every test reads them")]
pub(crate) fn shipped() -> Folder {
    Folder(Path::new(env!("CARGO_MANIFEST_DIR")).join("../../schemas"))
}

/// The reference folder, or a visible word that there is none.
#[expect(clippy::print_stderr, reason = "a test that is skipped says so")]
pub(crate) fn reference() -> Option<PathBuf> {
    let beside = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/reference");
    let found = std::env::var_os("CONCORD_REFERENCE").map_or(beside, PathBuf::from);
    if found.is_dir() {
        return Some(found);
    }
    eprintln!("SKIPPED: no reference folder at {}", found.display());
    None
}
