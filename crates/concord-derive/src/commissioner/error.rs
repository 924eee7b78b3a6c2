//! Why nothing could be derived at all.

/// A failure of the rules' text, of settings or of reference data; never of a record.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// A file of the decision table cannot be had.
    #[error("{file}: {reason}")]
    Missing {
        /// The file.
        file: String,
        /// Why.
        reason: String,
    },
    /// A file says something that cannot be.
    #[error("{file}{}: {reason}", in_line(.line.as_ref()))]
    Wrong {
        /// The file.
        file: String,
        /// The line, where it is known.
        line: Option<u64>,
        /// What is wrong.
        reason: String,
    },
    /// Reference data could not be read.
    #[error("reference data: {0}")]
    Reference(#[source] Box<dyn std::error::Error + Send + Sync>),
}

impl Error {
    pub(crate) fn wrong(file: &str, line: Option<u64>, reason: impl Into<String>) -> Self {
        Self::Wrong {
            file: file.to_owned(),
            line,
            reason: reason.into(),
        }
    }
}

fn in_line(line: Option<&u64>) -> String {
    line.map_or_else(String::new, |line| format!(" (line {line})"))
}
