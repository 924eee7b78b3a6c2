//! What can be said against a definition that can be read.
//!
//! Reading a definition finds what cannot be understood. Lint finds what is understood but cannot be right, or is not good
//! enough to be shipped: names that lead nowhere, rules without examples, things that contradict each other.
//! SQL is looked at by the crate that runs it.

mod layout;
mod meta;
mod references;
mod rules;
mod standard;
mod structure;
mod submission;

use std::collections::BTreeMap;
use std::sync::Arc;

use super::csv_rows::cell_span;
use super::fields::Cell;
use super::load::{Definition, Files};
use super::problem::{Problem, Severity, Text};
use crate::schema::Origin;

/// Everything that can be said against a definition, warnings met while reading it included, by file and line.
pub fn lint(definition: &Definition) -> Vec<Problem> {
    let mut linting = Linting {
        definition,
        texts: definition
            .files
            .iter()
            .map(|(name, content)| (Arc::clone(name), Text::new(name, content)))
            .collect(),
        problems: definition.warnings.clone(),
    };
    if definition.submission.is_some() {
        meta::check(&mut linting);
        submission::check(&mut linting);
    } else {
        meta::check(&mut linting);
        standard::check(&mut linting);
        structure::check(&mut linting);
        rules::check(&mut linting);
        layout::check(&mut linting);
    }
    let mut problems = linting.problems;
    problems.sort_by(|left, right| {
        (&left.file, left.span.start, &left.message).cmp(&(
            &right.file,
            right.span.start,
            &right.message,
        ))
    });
    problems
}

/// What the JSON Schemas say against files that are no part of a [`Definition`].
pub(super) fn against_schemas(files: &Files) -> Vec<Problem> {
    let texts: Vec<Text> = files
        .iter()
        .map(|(name, content)| Text::new(name, content))
        .collect();
    meta::against_schemas(&texts.iter().collect::<Vec<_>>(), false)
}

struct Linting<'d> {
    definition: &'d Definition,
    texts: BTreeMap<Arc<str>, Text>,
    problems: Vec<Problem>,
}

impl Linting<'_> {
    fn say(&mut self, severity: Severity, origin: &Origin, message: String, help: Option<String>) {
        let problem = match self.texts.get(&origin.file) {
            Some(text) => text.problem(severity, text.line_span(origin.line), message, help),
            None => Problem {
                severity,
                file: Arc::clone(&origin.file),
                line: origin.line,
                column: 0,
                span: 0..0,
                message,
                help,
            },
        };
        self.problems.push(problem);
    }

    fn error(&mut self, origin: &Origin, message: String, help: Option<String>) {
        self.say(Severity::Error, origin, message, help);
    }

    fn warning(&mut self, origin: &Origin, message: String, help: Option<String>) {
        self.say(Severity::Warning, origin, message, help);
    }

    /// Something about one cell of `fields.csv`.
    fn cell(
        &mut self,
        severity: Severity,
        origin: &Origin,
        cell: Cell,
        message: String,
        help: Option<String>,
    ) {
        let Some(text) = self.texts.get(&origin.file) else {
            self.say(severity, origin, message, help);
            return;
        };
        let span = cell_span(text, origin.line, cell as usize);
        let problem = text.problem(severity, span, message, help);
        self.problems.push(problem);
    }

    /// Whether a cell of `fields.csv` says nothing.
    fn is_empty(&self, origin: &Origin, cell: Cell) -> bool {
        self.texts.get(&origin.file).is_some_and(|text| {
            let whole = text.line_span(origin.line);
            cell_span(text, origin.line, cell as usize) == whole
        })
    }

    /// The place of a word in a file of the standard's folder, for what has no origin of its own.
    fn find(&self, file: &str, word: &str) -> Origin {
        let path = super::load::join(&self.definition.standard.folder, file);
        let offset = self.texts.get(&*path).and_then(|text| {
            let quoted = text.content.find(&format!("\"{word}\""));
            let at = quoted.or_else(|| text.content.find(word))?;
            Some(text.line(at))
        });
        Origin {
            file: path.into(),
            line: offset.unwrap_or(1),
        }
    }
}

#[cfg(test)]
mod tests;
