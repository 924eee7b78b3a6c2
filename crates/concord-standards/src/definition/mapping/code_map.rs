//! Code maps: `maps/NAME.csv`, which codes of a standard are which of the model.

use std::sync::Arc;

use crate::definition::csv_rows::{at_line, rows};
use crate::definition::load::Files;
use crate::definition::problem::{DefinitionErrors, Problem, Severity, Text};
use crate::source::Source;

/// A code of the standard and the model's code for it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CodePair {
    /// The standard's code.
    pub from: Arc<str>,
    /// The model's code; empty when the model has none, which is a loss.
    pub to: Arc<str>,
    /// What says so.
    pub source: Arc<str>,
    /// What is to be known about it.
    pub note: Arc<str>,
    /// Line in the file.
    pub line: u32,
}

/// A code map.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CodeMap {
    /// Path of its file.
    pub file: Arc<str>,
    /// The pairs in the order of the file.
    pub pairs: Vec<CodePair>,
}

impl CodeMap {
    /// Reads a code map by its path from the root of the definitions, for mappings that are not those of a standard.
    ///
    /// # Errors
    /// [`DefinitionErrors`] when it is not there, is no code map, or says something without a source.
    pub fn load(source: &dyn Source, path: &str) -> Result<Self, DefinitionErrors> {
        let read = source.read(path);
        let text = Text::new(path, read.as_deref().unwrap_or_default());
        let files = Files::from([(Arc::clone(&text.name), Arc::clone(&text.content))]);
        let mut problems = Vec::new();
        if let Err(error) = &read {
            let message = error.to_string();
            problems.push(text.problem(Severity::Error, 0..0, message, None));
        }
        let map = self::read(&text, &mut problems);
        problems.extend(map.lint(&files));
        if problems.is_empty() {
            return Ok(map);
        }
        Err(DefinitionErrors { problems, files })
    }

    /// The model's code for one of the standard's.
    pub fn to_model(&self, code: &str) -> Option<&str> {
        let pair = self.pairs.iter().find(|pair| &*pair.from == code)?;
        Some(&*pair.to).filter(|code| !code.is_empty())
    }

    /// The standard's code for one of the model's: the first of several.
    pub fn from_model(&self, code: &str) -> Option<&str> {
        let mut pairs = self.pairs.iter();
        pairs
            .find(|pair| !pair.to.is_empty() && &*pair.to == code)
            .map(|pair| &*pair.from)
    }

    /// Pairs without a source, which nobody can check.
    pub(super) fn lint(&self, files: &Files) -> Vec<Problem> {
        let text = Text::new(&self.file, files.get(&self.file).map_or("", |text| text));
        let unsourced = self.pairs.iter().filter(|pair| pair.source.is_empty());
        unsourced
            .map(|pair| {
                let message = format!("nothing says that `{}` is `{}`", pair.from, pair.to);
                let help = Some("name what says so under `source`".to_owned());
                text.problem(Severity::Error, text.line_span(pair.line), message, help)
            })
            .collect()
    }
}

/// Reads a code map.
pub(super) fn read(text: &Text, problems: &mut Vec<Problem>) -> CodeMap {
    let mut pairs: Vec<CodePair> = Vec::new();
    for row in rows(text, ["from", "to", "source", "note"], problems) {
        let line = row.line;
        let [from, to, source, note] = row.cells.map(Arc::from);
        if let Some(known) = pairs.iter().find(|pair| pair.from == from) {
            let message = format!("`{from}` stands twice, first in line {}", known.line);
            problems.push(at_line(text, line, message));
        }
        pairs.push(CodePair {
            from,
            to,
            source,
            note,
            line,
        });
    }
    CodeMap {
        file: Arc::clone(&text.name),
        pairs,
    }
}
