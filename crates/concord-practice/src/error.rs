//! What can go wrong, and whose affair it is.

use std::fmt::Display;
use std::path::{Path, PathBuf};

use concord_read::ReadError;
use concord_standards::registry::RegistryError;

use crate::rule::ExtractRule;

/// Why batches could not be applied or a store not be read.
#[derive(Debug, thiserror::Error)]
#[error(transparent)]
pub struct Error(Box<ErrorKind>);

/// Whose affair an [`Error`] is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Class {
    /// The batch is not what it must be, or does not follow on; nothing of it was applied.
    Refused,
    /// What was asked for cannot be done, or a definition is wrong.
    Usage,
    /// Something could not be read or written to its end.
    Unreadable,
}

/// What is wrong with a row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RowProblem {
    /// The names of columns do not say by what rows are known.
    Header,
    /// It is damaged as delimited text, or has another number of cells.
    Cells,
    /// What identifies it is empty.
    Key,
    /// It does not say whether it is withdrawn.
    Withdrawal,
}

/// What a manifest says that cannot be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ManifestProblem {
    /// Files go up to different moments.
    To,
    /// Changes begin at different moments.
    From,
    /// It leaves out what it must say, or a file.
    Silent,
}

/// What the names of the files of a batch do not agree in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mixture {
    /// Whose they are.
    Sender,
    /// When they were made.
    Stamp,
    /// The numbers of what they cover.
    Numbers,
}

impl Mixture {
    pub(crate) fn told(self) -> &'static str {
        match self {
            Self::Sender => "another agreement",
            Self::Stamp => "another moment",
            Self::Numbers => "another range of numbers",
        }
    }
}

/// The kinds of [`Error`].
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ErrorKind {
    /// An input cannot be read to its end.
    #[error(transparent)]
    Reading(#[from] ReadError),
    /// A definition cannot be loaded.
    #[error(transparent)]
    Definition(#[from] RegistryError),
    /// An `extract.toml` cannot be understood.
    #[error("{path}: {reason}")]
    Description {
        /// The file, in the source of definitions.
        path: String,
        /// What is wrong.
        reason: String,
    },
    /// A file that was given beside the extracts is not what it must be.
    #[error("{} {reason}", path.display())]
    Given {
        /// The file.
        path: PathBuf,
        /// What is wrong.
        reason: String,
    },
    /// No file is named as those of a system are.
    #[error("no file is named as those of an extract are, such as {seen}")]
    Unrecognised {
        /// One of the files.
        seen: String,
    },
    /// A row cannot be understood.
    #[error("{file}, line {line}: {reason}")]
    Row {
        /// The file.
        file: String,
        /// The line, from 1.
        line: u64,
        /// What is wrong with it.
        problem: RowProblem,
        /// What is wrong, in words, without what the row says.
        reason: String,
    },
    /// Files are missing from a batch.
    #[error("batch {batch} is not whole: {} missing", listed(missing))]
    MissingFiles {
        /// The batch.
        batch: String,
        /// The tables without a file.
        missing: Vec<String>,
    },
    /// Two files of a batch hold the same table.
    #[error("batch {batch} has the table {table} twice: {first} and {second}")]
    DuplicateFile {
        /// The batch.
        batch: String,
        /// The table.
        table: String,
        /// One file.
        first: String,
        /// The other one.
        second: String,
    },
    /// The file of a table lies with a batch and is not of it.
    #[error("batch {batch}: {file} is of {}", mixture.told())]
    Mixed {
        /// The batch.
        batch: String,
        /// What the names of files do not agree in.
        mixture: Mixture,
        /// The file that has another than most.
        file: String,
    },
    /// What the manifest of a batch says is not so.
    #[error("batch {batch}: {reason}")]
    Manifest {
        /// The batch.
        batch: String,
        /// What is wrong with it.
        problem: ManifestProblem,
        /// What is wrong.
        reason: String,
    },
    /// The batch was applied, and its files have changed since.
    #[error("batch {batch} was applied before with other content: {file} is not the same")]
    Changed {
        /// The batch.
        batch: String,
        /// The first file that differs.
        file: String,
    },
    /// A later batch was applied already.
    #[error("batch {batch} comes too late: {last} was applied already")]
    OutOfOrder {
        /// The batch.
        batch: String,
        /// The last one that was applied.
        last: String,
    },
    /// Something between the last batch and this one is missing.
    #[error("before batch {batch} something is missing: {missing}")]
    Gap {
        /// The batch.
        batch: String,
        /// What is missing.
        missing: String,
    },
    /// The store is empty and the batch only says what changed.
    #[error(
        "batch {batch} says what changed since a bulk, and no bulk was applied before it: {reason}"
    )]
    NoBulk {
        /// The batch.
        batch: String,
        /// Why it is none itself.
        reason: String,
    },
    /// Every organisation has disabled its agreement.
    #[error(
        "batch {batch}: the sharing agreement is disabled ({rows} in {file}); what the store has stays as it is"
    )]
    Stopped {
        /// The batch.
        batch: String,
        /// How many rows say so.
        rows: u64,
        /// The file that says so.
        file: String,
    },
    /// The store holds something else.
    #[error("the store holds {held}, and batch {batch} is {given}")]
    Other {
        /// The batch.
        batch: String,
        /// What the store holds.
        held: String,
        /// What the batch is.
        given: String,
    },
    /// There is no store in the folder.
    #[error("there is no store in {}", folder.display())]
    Absent {
        /// The folder.
        folder: PathBuf,
    },
    /// Another process is at work in the store.
    #[error("another process is at work in {}", folder.display())]
    Locked {
        /// The folder.
        folder: PathBuf,
    },
    /// A stored file cannot be read or written.
    #[error("{} {doing}: {reason}", path.display())]
    Stored {
        /// The file.
        path: PathBuf,
        /// What was tried, such as `cannot be written`.
        doing: &'static str,
        /// Why not.
        reason: String,
    },
}

fn listed(names: &[String]) -> String {
    match names {
        [one] => format!("{one} is"),
        several => format!("{} are", several.join(", ")),
    }
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

    /// Whose affair it is.
    pub fn class(&self) -> Class {
        match &*self.0 {
            ErrorKind::Reading(_) | ErrorKind::Stored { .. } => Class::Unreadable,
            ErrorKind::Definition(_)
            | ErrorKind::Description { .. }
            | ErrorKind::Given { .. }
            | ErrorKind::Unrecognised { .. }
            | ErrorKind::Absent { .. }
            | ErrorKind::Locked { .. } => Class::Usage,
            _ => Class::Refused,
        }
    }

    /// The rule that a batch breaks which is refused for this; none where it is not the batch's affair.
    pub fn rule(&self) -> Option<ExtractRule> {
        Some(match &*self.0 {
            ErrorKind::MissingFiles { .. } => ExtractRule::FileMissing,
            ErrorKind::DuplicateFile { .. } => ExtractRule::FileTwice,
            ErrorKind::Mixed { mixture, .. } => match mixture {
                Mixture::Sender => ExtractRule::Agreements,
                Mixture::Stamp => ExtractRule::Stamps,
                Mixture::Numbers => ExtractRule::Numbers,
            },
            ErrorKind::Manifest { problem, .. } => match problem {
                ManifestProblem::To => ExtractRule::ManifestTo,
                ManifestProblem::From => ExtractRule::ManifestFrom,
                ManifestProblem::Silent => ExtractRule::Manifest,
            },
            ErrorKind::Row { problem, .. } => match problem {
                RowProblem::Header => ExtractRule::Header,
                RowProblem::Cells => ExtractRule::Cells,
                RowProblem::Key => ExtractRule::Key,
                RowProblem::Withdrawal => ExtractRule::Withdrawal,
            },
            ErrorKind::Changed { .. } => ExtractRule::Changed,
            ErrorKind::OutOfOrder { .. } => ExtractRule::Order,
            ErrorKind::Gap { .. } => ExtractRule::Gap,
            ErrorKind::NoBulk { .. } => ExtractRule::NoBulk,
            ErrorKind::Stopped { .. } => ExtractRule::Stopped,
            ErrorKind::Other { .. } => ExtractRule::Other,
            _ => return None,
        })
    }

    /// What the user can do about it.
    pub fn help(&self) -> &'static str {
        if let Some(help) = self.rule().and_then(|rule| rule.rule().help.as_deref()) {
            return help;
        }
        match &*self.0 {
            ErrorKind::Unrecognised { .. } => {
                "give the folder or the archive that the extract came in; take the encryption off first (.gpg)"
            }
            ErrorKind::Absent { .. } => "`concord practice apply BATCH… --store DIR` makes one",
            ErrorKind::Locked { .. } => "wait until it has ended",
            ErrorKind::Given { .. } => "give a file with a header, as docs/practice.md says",
            ErrorKind::Description { .. } | ErrorKind::Definition(_) => {
                "`concord standards lint` shows more"
            }
            _ => "nothing was applied that is not whole; run it again",
        }
    }

    pub(crate) fn stored(path: &Path, doing: &'static str, reason: &dyn Display) -> Self {
        ErrorKind::Stored {
            path: path.to_owned(),
            doing,
            reason: reason.to_string(),
        }
        .into()
    }

    pub(crate) fn row(
        file: &str,
        line: u64,
        problem: RowProblem,
        reason: impl Into<String>,
    ) -> Self {
        ErrorKind::Row {
            file: file.to_owned(),
            line,
            problem,
            reason: reason.into(),
        }
        .into()
    }
}

impl From<ErrorKind> for Error {
    fn from(kind: ErrorKind) -> Self {
        Self(Box::new(kind))
    }
}

impl From<ReadError> for Error {
    fn from(error: ReadError) -> Self {
        ErrorKind::from(error).into()
    }
}

impl From<RegistryError> for Error {
    fn from(error: RegistryError) -> Self {
        ErrorKind::from(error).into()
    }
}
