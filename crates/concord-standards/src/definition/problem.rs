//! What is wrong with a definition, and where.

use std::fmt;
use std::ops::Range;
use std::sync::Arc;

/// How grave a problem of a definition is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    /// The definition can be used; somebody should look at it.
    Warning,
    /// The definition cannot be used.
    Error,
}

/// One thing that is wrong with a definition file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// Whether the definition can be used all the same.
    pub severity: Severity,
    /// Path of the file in its [`Source`](crate::Source).
    pub file: Arc<str>,
    /// Line, from 1; 0 when the problem is about the file as a whole.
    pub line: u32,
    /// Column in characters, from 1; 0 when the problem is about the file as a whole.
    pub column: u32,
    /// Bytes of the file's text to underline.
    pub span: Range<usize>,
    /// What is wrong.
    pub message: String,
    /// What to do about it.
    pub help: Option<String>,
}

/// `file:line:column: error: message`, with the help on a second line.
impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let severity = match self.severity {
            Severity::Warning => "warning",
            Severity::Error => "error",
        };
        write!(f, "{}", self.file)?;
        if self.line > 0 {
            write!(f, ":{}:{}", self.line, self.column)?;
        }
        write!(f, ": {severity}: {}", self.message)?;
        if let Some(help) = &self.help {
            write!(f, "\n  help: {help}")?;
        }
        Ok(())
    }
}

/// A definition that cannot be used: every problem found in it, with the texts of its files.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub struct DefinitionErrors {
    /// The problems, errors and warnings, by file and place.
    pub problems: Vec<Problem>,
    /// Text by file, for showing the lines that the problems are about.
    pub files: super::Files,
}

impl fmt::Display for DefinitionErrors {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, problem) in self.problems.iter().enumerate() {
            if index > 0 {
                writeln!(f)?;
            }
            write!(f, "{problem}")?;
        }
        Ok(())
    }
}

/// The text of a definition file, with its line starts.
#[derive(Debug)]
pub(crate) struct Text {
    pub(crate) name: Arc<str>,
    pub(crate) content: Arc<str>,
    starts: Vec<usize>,
}

impl Text {
    pub(crate) fn new(name: &str, text: &str) -> Self {
        let starts = std::iter::once(0)
            .chain(memchr::memchr_iter(b'\n', text.as_bytes()).map(|at| at + 1))
            .collect();
        Self {
            name: name.into(),
            content: text.into(),
            starts,
        }
    }

    /// Line of a byte offset, from 1.
    pub(crate) fn line(&self, offset: usize) -> u32 {
        self.starts.partition_point(|start| *start <= offset) as u32
    }

    /// Line and column of a byte offset, from 1.
    pub(crate) fn place(&self, offset: usize) -> (u32, u32) {
        let line = self.line(offset);
        let start = self.starts[line as usize - 1];
        let column = self
            .content
            .get(start..offset)
            .map_or(0, |before| before.chars().count());
        (line, column as u32 + 1)
    }

    /// Bytes of a line, without its end. An empty span at the end of the text when there is no such line.
    pub(crate) fn line_span(&self, line: u32) -> Range<usize> {
        let end = self.content.len();
        let start = *self
            .starts
            .get((line as usize).saturating_sub(1))
            .unwrap_or(&end);
        let length = self.content.get(start..).and_then(|rest| rest.find('\n'));
        start..length.map_or(end, |length| start + length)
    }

    pub(crate) fn problem(
        &self,
        severity: Severity,
        span: Range<usize>,
        message: String,
        help: Option<String>,
    ) -> Problem {
        let (line, column) = self.place(span.start);
        Problem {
            severity,
            file: self.name.clone(),
            line,
            column,
            span,
            message,
            help,
        }
    }
}

/// The known name that is most like `name`, if any is like it at all.
pub(crate) fn nearest<'a>(name: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    known
        .into_iter()
        .map(|candidate| (strsim::jaro_winkler(name, candidate), candidate))
        .filter(|(likeness, _)| *likeness > 0.82)
        .max_by(|left, right| left.0.total_cmp(&right.0).then_with(|| right.1.cmp(left.1)))
        .map(|(_, candidate)| candidate)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_are_lines_and_characters() {
        let text = Text::new("a.toml", "id = \"é\"\nx = 1\n");
        assert_eq!(text.place(0), (1, 1));
        assert_eq!(text.place(8), (1, 8));
        assert_eq!(text.place(10), (2, 1));
        assert_eq!(text.place(16), (3, 1));
    }

    #[test]
    fn nearest_is_near_or_nothing() {
        assert_eq!(nearest("efect", ["effect", "id"]), Some("effect"));
        assert_eq!(nearest("zebra", ["effect", "id"]), None);
    }
}
