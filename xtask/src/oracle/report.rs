//! What came of a run, for people.

use std::collections::BTreeMap;
use std::io::Write;
use std::path::Path;

use super::Failed;
use super::compare::{Case, Outcome};

/// Counts, and the first disagreements in full.
#[derive(Debug, Default)]
pub(super) struct Report {
    documents: usize,
    bytes: usize,
    outcomes: BTreeMap<String, usize>,
    kinds: BTreeMap<&'static str, (usize, usize)>,
    shown: Vec<String>,
    open: usize,
}

impl Report {
    /// Counts a document. A disagreement is described, and the document left in `keep`.
    pub(super) fn add(
        &mut self,
        case: &Case<'_>,
        outcome: Outcome,
        kind: &'static str,
        what: &str,
        keep: Option<&Path>,
        show: usize,
    ) -> Result<(), Failed> {
        self.documents += 1;
        self.bytes += case.bytes.len();
        *self.outcomes.entry(name(outcome)).or_default() += 1;
        let counts = self.kinds.entry(kind).or_default();
        counts.0 += 1;
        if outcome.is_settled() {
            return Ok(());
        }
        counts.1 += 1;
        self.open += 1;
        let number = self.open;
        if let Some(folder) = keep {
            std::fs::create_dir_all(folder)?;
            std::fs::write(folder.join(format!("{number:05}.xml")), case.bytes)?;
        }
        if self.shown.len() < show {
            self.shown.push(describe(number, case, outcome, kind, what));
        }
        Ok(())
    }

    /// Whether there is no disagreement without an explanation.
    pub(super) fn is_settled(&self) -> bool {
        self.open == 0
    }

    /// Writes the report.
    pub(super) fn write(&self, out: &mut dyn Write) -> Result<(), Failed> {
        for text in &self.shown {
            writeln!(out, "{text}")?;
        }
        writeln!(out, "{} documents, {} bytes", self.documents, self.bytes)?;
        for (outcome, count) in &self.outcomes {
            writeln!(out, "  {count:>7}  {outcome}")?;
        }
        for (kind, (count, open)) in &self.kinds {
            if *open > 0 {
                writeln!(out, "  {open} of {count} disagree: {kind}")?;
            }
        }
        writeln!(out, "{} unexplained disagreements", self.open)?;
        Ok(())
    }
}

fn name(outcome: Outcome) -> String {
    match outcome {
        Outcome::BothValid => "agree: valid".to_owned(),
        Outcome::BothInvalid => "agree: invalid, same line".to_owned(),
        Outcome::BothMalformed => "agree: not well-formed".to_owned(),
        Outcome::Explained(id) => format!("explained: {id}"),
        Outcome::Verdict => "DISAGREE: verdict".to_owned(),
        Outcome::Line => "DISAGREE: line of the first error".to_owned(),
        Outcome::Paths => "DISAGREE: fast path and exact path".to_owned(),
        Outcome::Definitions => "DISAGREE: imported XSD and written definition".to_owned(),
    }
}

fn describe(number: usize, case: &Case<'_>, outcome: Outcome, kind: &str, what: &str) -> String {
    let mut text = format!("#{number} {}: {kind}: {what}\n", name(outcome));
    let mut list = |title: &str, lines: Vec<String>| {
        text.push_str("  ");
        text.push_str(title);
        for line in lines.iter().take(4) {
            text.push_str("\n    ");
            text.extend(line.chars().take(240));
        }
        text.push('\n');
    };
    let errors = case
        .lint
        .errors
        .iter()
        .map(|(line, message)| format!("{line}: {message}"))
        .collect();
    list(
        if case.lint.valid {
            "xmllint: valid"
        } else {
            "xmllint: invalid"
        },
        errors,
    );
    let ours = |ours: &super::ours::Ours| -> Vec<String> {
        ours.found
            .iter()
            .map(|found| found.text.clone())
            .chain(ours.error.clone())
            .collect()
    };
    list(
        if case.ours.valid {
            "ours: valid"
        } else {
            "ours: invalid"
        },
        ours(case.ours),
    );
    if outcome == Outcome::Paths {
        list("exact path", ours(case.exact));
    }
    if let (Outcome::Definitions, Some(written)) = (outcome, case.written) {
        list("written definition", ours(written));
    }
    text
}
