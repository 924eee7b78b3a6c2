//! What is wrong with an XSD, with file and line.

use std::fmt;

use crate::schema::Origin;

/// One thing that is wrong with an XSD, or that it uses and that is not supported.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, thiserror::Error)]
#[error("{file}{}: {message}", place(*line))]
pub struct XsdError {
    /// Path of the file inside its source.
    pub file: String,
    /// Line, from 1; 0 when it concerns the file as a whole.
    pub line: u32,
    /// What is wrong, and what to do about it.
    pub message: String,
}

/// The line behind the name of a file, where there is one.
fn place(line: u32) -> String {
    match line {
        0 => String::new(),
        line => format!(":{line}"),
    }
}

/// Everything that is wrong with a set of XSD files: at least one error, in order of file and line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct XsdErrors(Vec<XsdError>);

impl XsdErrors {
    /// The errors, in order of file and line.
    pub fn iter(&self) -> impl Iterator<Item = &XsdError> {
        self.0.iter()
    }

    /// How many errors there are.
    pub fn count(&self) -> usize {
        self.0.len()
    }
}

impl fmt::Display for XsdErrors {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, error) in self.0.iter().enumerate() {
            if index > 0 {
                f.write_str("\n")?;
            }
            error.fmt(f)?;
        }
        Ok(())
    }
}

impl std::error::Error for XsdErrors {}

/// Marks something that is wrong and has been told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Told;

/// Errors gathered on the way, so that one run tells all of them.
#[derive(Debug, Default)]
pub(super) struct Errors(Vec<XsdError>);

impl Errors {
    /// Notes an error at a place.
    pub(super) fn at(&mut self, origin: &Origin, message: impl Into<String>) {
        self.0.push(XsdError {
            file: origin.file.to_string(),
            line: origin.line,
            message: message.into(),
        });
    }

    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The errors in order of file and line, each told once; `None` when there are none.
    pub(super) fn finish(mut self) -> Option<XsdErrors> {
        self.0.sort();
        self.0.dedup();
        (!self.0.is_empty()).then_some(XsdErrors(self.0))
    }
}
