//! What can go wrong with a store.

use std::io;
use std::path::{Path, PathBuf};

/// What can go wrong with a store.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum StoreError {
    /// The system refused something.
    #[error("{}: {what}", path.display())]
    Io {
        /// The file or folder.
        path: PathBuf,
        /// The kind of it.
        kind: io::ErrorKind,
        /// What the system said.
        what: String,
    },
    /// Another process has it open.
    #[error("{}: another process writes to this store", .0.display())]
    Locked(PathBuf),
    /// The folder holds no store, or one of another version.
    #[error("{}: {what}", path.display())]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        what: String,
    },
    /// A message is larger than a store takes.
    #[error("a message of {0} bytes is larger than the store takes")]
    TooLarge(usize),
    /// The store has ended.
    #[error("the store is closed")]
    Closed,
    /// There is no such message, or it is not held.
    #[error("no message {0} is held")]
    NotHeld(u64),
}

impl StoreError {
    pub(crate) fn io(path: &Path, source: &io::Error) -> Self {
        Self::Io {
            path: path.to_owned(),
            kind: source.kind(),
            what: source.to_string(),
        }
    }
}
