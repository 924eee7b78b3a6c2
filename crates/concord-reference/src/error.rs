//! What can go wrong.

use std::fmt::Display;
use std::io;
use std::path::{Path, PathBuf};

/// Why reference data could not be imported, stored or opened.
#[derive(Debug, thiserror::Error)]
#[error(transparent)]
pub struct Error(Box<ErrorKind>);

/// The kinds of [`Error`].
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ErrorKind {
    /// The file is none that is known.
    #[error("{file} is no reference data that is known: it begins with {seen}")]
    Unrecognised {
        /// The file as the user named it.
        file: String,
        /// What stands at its beginning.
        seen: String,
    },
    /// The file begins as what was recognised and goes on as something else.
    #[error("{file}, line {line}: {reason}")]
    Malformed {
        /// The file as the user named it.
        file: String,
        /// The line, from 1.
        line: u64,
        /// What is wrong.
        reason: String,
    },
    /// The input could not be read to its end.
    #[error("{file} cannot be read: {error}")]
    Reading {
        /// The file as the user named it.
        file: String,
        /// Why.
        error: io::Error,
    },
    /// A stored file could not be read or written.
    #[error("{} {doing}: {reason}", path.display())]
    Stored {
        /// The stored file.
        path: PathBuf,
        /// What was tried, such as `cannot be written`.
        doing: &'static str,
        /// Why not.
        reason: String,
    },
    /// There is no reference data in the folder.
    #[error("there is no reference data in {}", folder.display())]
    Absent {
        /// The folder.
        folder: PathBuf,
    },
    /// More different values than can be told apart.
    #[error("{file}: the column {column} has more than 32,767 different values")]
    TooManyValues {
        /// The file as the user named it.
        file: String,
        /// The column.
        column: &'static str,
    },
}

impl Error {
    /// What went wrong.
    pub fn kind(&self) -> &ErrorKind {
        &self.0
    }

    /// What went wrong, to take apart.
    pub fn into_kind(self) -> ErrorKind {
        *self.0
    }

    /// What the user can do about it.
    pub fn help(&self) -> Option<&'static str> {
        match &*self.0 {
            ErrorKind::Unrecognised { .. } => Some(ACCEPTED),
            ErrorKind::Malformed { .. } => Some(
                "nothing was imported; fetch the file again, or take the lines out that it names",
            ),
            ErrorKind::Absent { .. } => Some(
                "`concord reference import FILE…` puts it there; --reference names another folder",
            ),
            ErrorKind::Stored { .. } => Some(
                "`concord reference import FILE…` writes it anew; --reference names another folder",
            ),
            _ => None,
        }
    }

    /// Whether the user asked for what cannot be done, rather than something could not be read or written to its end.
    pub fn is_usage(&self) -> bool {
        matches!(
            *self.0,
            ErrorKind::Unrecognised { .. } | ErrorKind::Absent { .. }
        )
    }

    pub(crate) fn stored(path: &Path, doing: &'static str, reason: &dyn Display) -> Self {
        ErrorKind::Stored {
            path: path.to_owned(),
            doing,
            reason: reason.to_string(),
        }
        .into()
    }
}

impl From<ErrorKind> for Error {
    fn from(kind: ErrorKind) -> Self {
        Self(Box::new(kind))
    }
}

/// What can be imported, for people.
pub const ACCEPTED: &str = "\
accepted are:
  files of the Organisation Data Service such as epraccur.csv (27 columns without a heading, or with one that has code, name and open date),
  epcmem.csv (6 columns without a heading),
  HSCOrgRefData XML from TRUD, unpacked down to the .xml,
  answers of the ORD interface (JSON, one organisation each),
  a postcode directory with a heading (ONSPD, NHSPD: pcds, dointr, doterm, …),
  imaging codes with a heading (nicip or snomed or both, valid_from, valid_to)";
