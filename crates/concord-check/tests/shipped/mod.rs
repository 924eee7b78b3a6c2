//! The shipped definitions as they lie in the repository, for tests of this crate and of others.

use std::borrow::Cow;
use std::path::{Path, PathBuf};

use concord_standards::{Source, SourceError};

/// The folder `schemas`.
pub(crate) struct Shipped(PathBuf);

impl Shipped {
    pub(crate) fn new() -> Self {
        Self(Path::new(env!("CARGO_MANIFEST_DIR")).join("../../schemas"))
    }
}

impl Source for Shipped {
    fn read(&self, path: &str) -> Result<Cow<'_, str>, SourceError> {
        let text = std::fs::read_to_string(self.0.join(path));
        text.map(Cow::Owned).map_err(|_| SourceError::missing(path))
    }

    fn list(&self, path: &str) -> Vec<String> {
        let mut found = Vec::new();
        below(&self.0, &self.0.join(path), &mut found);
        found.sort();
        found
    }
}

fn below(root: &Path, folder: &Path, found: &mut Vec<String>) {
    for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
        let path = entry.path();
        if path.is_dir() {
            below(root, &path, found);
        } else if let Ok(path) = path.strip_prefix(root) {
            found.push(path.to_string_lossy().replace('\\', "/"));
        }
    }
}
