//! What ends a feed.

use std::io;

use crate::store::StoreError;

/// What ends a feed, or keeps it from beginning.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum FeedError {
    /// The store cannot be opened.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// A source cannot be opened or read on.
    #[error("{name}: {error}")]
    Source {
        /// Which one.
        name: String,
        /// Why.
        error: io::Error,
    },
    /// A sink cannot be opened.
    #[error("{name}: {error}")]
    Sink {
        /// Which one.
        name: String,
        /// Why.
        error: io::Error,
    },
}

impl FeedError {
    pub(crate) fn source(name: impl Into<String>, error: io::Error) -> Self {
        Self::Source {
            name: name.into(),
            error,
        }
    }
}
