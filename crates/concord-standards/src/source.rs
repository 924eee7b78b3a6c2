//! Where definition files come from: embedded in the binary, a folder, or memory in tests.

use std::borrow::Cow;
use std::collections::BTreeMap;

/// A set of text files named by relative paths with `/` between the parts.
///
/// Implementations decide what a path means; this crate only joins and normalises (`a/../b`).
pub trait Source: Send + Sync {
    /// The text of the file at `path`.
    ///
    /// # Errors
    /// [`SourceError`] when there is no such file or it is not UTF-8 text.
    fn read(&self, path: &str) -> Result<Cow<'_, str>, SourceError>;

    /// What is the same for all paths that lead to one file, so that a file reached on two ways (`a.xsd` and
    /// `../here/a.xsd`) is read once. The path itself unless the source knows better.
    fn identity(&self, path: &str) -> String {
        path.to_owned()
    }

    /// Whether all standards here are known to be right, so that each may be read when it is first asked for. One that is not
    /// known to be right is read at once, and told of.
    fn is_right(&self) -> bool {
        false
    }

    /// Paths of all files at or below the folder `path`, sorted; empty when there is none.
    fn list(&self, path: &str) -> Vec<String>;
}

/// A definition file that could not be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("cannot read {path}: {reason}")]
pub struct SourceError {
    /// The path as asked for.
    pub path: String,
    /// Why.
    pub reason: String,
}

const NO_SUCH_FILE: &str = "no such file";

impl SourceError {
    /// A file that is not there.
    pub fn missing(path: &str) -> Self {
        Self {
            path: path.to_owned(),
            reason: NO_SUCH_FILE.to_owned(),
        }
    }

    /// Whether the file is not there, rather than unreadable.
    pub fn is_missing(&self) -> bool {
        self.reason == NO_SUCH_FILE
    }
}

/// Files in memory, for tests and for embedding.
impl Source for BTreeMap<String, String> {
    fn read(&self, path: &str) -> Result<Cow<'_, str>, SourceError> {
        self.get(path)
            .map(|text| Cow::Borrowed(text.as_str()))
            .ok_or_else(|| SourceError::missing(path))
    }

    fn list(&self, path: &str) -> Vec<String> {
        self.keys()
            .filter(|known| {
                path.is_empty()
                    || known
                        .strip_prefix(path)
                        .is_some_and(|rest| rest.starts_with('/'))
            })
            .cloned()
            .collect()
    }
}
