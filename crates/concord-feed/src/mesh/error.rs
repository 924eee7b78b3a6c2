//! What can go wrong with a mailbox.

use std::io;

/// What can go wrong with a mailbox.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum MeshError {
    /// The address, the mailbox or the certificates cannot be used.
    #[error("{0}")]
    Settings(String),
    /// The server cannot be reached, or the connection was lost.
    #[error("{0}")]
    Connection(String),
    /// The mailbox, its password, the shared key or the certificate is not the right one (403).
    #[error("{0} was refused: the mailbox, its password or the key is not accepted")]
    Refused(&'static str),
    /// The server answered something else than success.
    #[error("{what} was answered with {status}{}", .described.as_deref().map(|text| format!(": {text}")).unwrap_or_default())]
    Status {
        /// What was asked for.
        what: &'static str,
        /// The status.
        status: u16,
        /// The error as the server describes it.
        described: Option<String>,
    },
    /// The answer is not what the interface says.
    #[error("the answer to {0} cannot be understood")]
    Answer(&'static str),
}

impl From<io::Error> for MeshError {
    fn from(error: io::Error) -> Self {
        Self::Connection(error.to_string())
    }
}
