//! What is told of batches that are judged: findings, and the accounts of files.

use std::collections::BTreeMap;
use std::sync::Arc;

use concord_finding::{Effect, Fact, FileSummary, Finding, Place, RecordCounts, Verdict};

use crate::error::{Error, ErrorKind};
use crate::rows::Row;
use crate::rule::ExtractRule;

/// What is told of a batch, and how gravely.
pub(crate) struct Telling<'t> {
    pub(crate) standard: Arc<str>,
    pub(crate) tell: &'t mut dyn FnMut(Finding),
    pub(crate) refused: bool,
    /// Findings of each file by their effects.
    pub(crate) counts: BTreeMap<Arc<str>, BTreeMap<&'static str, u64>>,
}

impl Telling<'_> {
    /// A finding of a rule, about the whole of a file or of a batch.
    pub(crate) fn finding(&mut self, rule: ExtractRule, file: Arc<str>, reason: String) -> Finding {
        let mut finding = Finding::new(Arc::clone(rule.rule()), file);
        finding.standard = Some(Arc::clone(&self.standard));
        finding.facts.push(("reason".into(), Fact::Plain(reason)));
        finding
    }

    /// Tells of a finding and counts it.
    pub(crate) fn say(&mut self, finding: Finding) {
        self.refused |= finding.effect == Effect::RejectFile;
        let counts = self.counts.entry(Arc::clone(&finding.file)).or_default();
        *counts.entry(finding.effect.as_str()).or_default() += 1;
        (self.tell)(finding);
    }

    /// Tells of what a batch would be refused for; an error that is not the batch's affair is given back.
    pub(crate) fn refuse(&mut self, file: &str, error: Error) -> Result<(), Error> {
        let Some(rule) = error.rule() else {
            return Err(error);
        };
        let finding = match error.into_kind() {
            ErrorKind::Row {
                line, reason, file, ..
            } => {
                let mut finding = self.finding(rule, file.into(), reason);
                finding.place = Some(Place {
                    offset: 0,
                    line,
                    column: 1,
                });
                finding
            }
            ErrorKind::Mixed {
                ref file, mixture, ..
            } => self.finding(
                rule,
                file.as_str().into(),
                format!("the file is of {}", mixture.told()),
            ),
            ErrorKind::Stopped { ref file, rows, .. } => {
                let reason = format!(
                    "the sharing agreement is disabled ({rows} rows); what a store has stays as it is"
                );
                self.finding(rule, file.as_str().into(), reason)
            }
            ErrorKind::DuplicateFile {
                ref second,
                ref first,
                ..
            } => {
                let reason = format!("it holds the same table as {first}");
                self.finding(rule, second.as_str().into(), reason)
            }
            kind => self.finding(rule, file.into(), kind.to_string()),
        };
        self.say(finding);
        Ok(())
    }
}

/// Tells of a row that a batch would be refused for, with its place.
pub(crate) fn place(
    telling: &mut Telling<'_>,
    error: Error,
    (row, record): (&Row<'_>, Option<u64>),
) -> Result<(), Error> {
    let Some(rule) = error.rule() else {
        return Err(error);
    };
    let ErrorKind::Row { file, reason, .. } = error.into_kind() else {
        return Ok(());
    };
    let mut finding = telling.finding(rule, file.into(), reason);
    finding.place = Some(at(row, 0));
    finding.record = record;
    telling.say(finding);
    Ok(())
}

/// Where a cell of a row stands.
pub(crate) fn at(row: &Row<'_>, cell: usize) -> Place {
    let (offset, line, column) = row.place(cell);
    Place {
        offset,
        line,
        column,
    }
}

/// Puts what was found into the accounts of files. What is about a batch and no file of it has one of its own.
pub(crate) fn account(
    files: &mut Vec<FileSummary>,
    counts: &BTreeMap<Arc<str>, BTreeMap<&'static str, u64>>,
) {
    for (file, findings) in counts {
        let refused = findings.contains_key(Effect::RejectFile.as_str());
        let known = files.iter().position(|summary| *summary.file == **file);
        let at = known.unwrap_or(files.len());
        if known.is_none() {
            files.push(FileSummary {
                file: file.to_string(),
                standard: None,
                verdict: Verdict::Accepted,
                size: None,
                bytes: 0,
                records: RecordCounts::default(),
                findings: BTreeMap::new(),
                unreadable: None,
            });
        }
        let summary = &mut files[at];
        summary.findings.clone_from(findings);
        if refused {
            summary.verdict = Verdict::Rejected;
            summary.records.rejected = summary.records.records;
            summary.records.accepted = 0;
        }
    }
}
