//! A table as an XML document: an element for each record, with places for the columns in it, one of them in an element that
//! repeats and makes the rows.
//!
//! The document becomes rows of delimited text while it is read, which are checked like any other; what is found in a row stands in the
//! document where the row's element begins.

mod rows;

use std::io::Read;
use std::ops::ControlFlow;
use std::sync::{Arc, Mutex, PoisonError};

use concord_finding::{Effect, Fact, Finding, Rule, Verdict};
use concord_read::ReadError;
use concord_standards::layout::TableLayout;
use rows::{Rows, Told};

use super::pipeline::{TableInput, account, check_table};
use super::plan::TablePlan;
use crate::catalogue::BuiltinRule;
use crate::{CheckedFile, Options, Rules};

/// Checks the XML form of a table against a plan and rules, as [`check_table`] checks its rows. Only for a table whose layout has such a
/// form; any other gives an account of a file that is rejected.
///
/// Findings about rows stand where the element of the row begins, and say where in it the value stands. What is wrong with the
/// document itself is one finding, and ends it.
pub fn check_document<S: Read + Send, R: Rules>(
    input: TableInput<'_, S>,
    plan: &TablePlan,
    rules: &R,
    options: Options,
    sink: &mut (dyn FnMut(Finding) -> ControlFlow<()> + Send),
) -> CheckedFile<R::Outcome> {
    let TableInput {
        bytes, file, size, ..
    } = input;
    let layout = plan.layout();
    let told = Arc::new(Mutex::new(Told::default()));
    let mut rows = Rows::new(bytes, plan, Arc::clone(&told));
    let begun = rows.fill();
    let mut checked = match begun {
        Err(error) => {
            let error = ReadError::from_io(error, file);
            let reason = Some(error.to_string());
            CheckedFile {
                summary: account(file, plan, size, Verdict::Unreadable, reason),
                error: Some(error),
                outcome: None,
            }
        }
        // What is wrong with it is told below.
        Ok(()) if rows.ready.is_empty() => CheckedFile {
            summary: account(file, plan, size, Verdict::Rejected, None),
            error: None,
            outcome: None,
        },
        Ok(()) => {
            let mut placed = |mut finding: Finding| {
                place(&mut finding, layout, &told);
                sink(finding)
            };
            let rows = TableInput {
                bytes: rows,
                file,
                size,
                guessed_encoding: None,
            };
            check_table(rows, plan, rules, options, &mut placed)
        }
    };
    let mut told = told.lock().unwrap_or_else(PoisonError::into_inner);
    checked.summary.bytes = told.bytes;
    if let Some(fault) = told.fault.take() {
        let mut finding = Finding::new(Arc::clone(rule(plan)), Arc::clone(file));
        finding.effect = plan.effect(rule(plan));
        finding.standard.clone_from(&plan.standard);
        finding.authority.clone_from(&plan.authority);
        finding.path = Some(layout.name.clone());
        finding.place = Some(fault.place);
        finding.value = Some(Fact::Plain(fault.reason.clone()));
        finding
            .facts
            .push(("reason".into(), Fact::Plain(fault.reason)));
        if plan.grades.apply(&mut finding) {
            let summary = &mut checked.summary;
            *summary.findings.entry(finding.effect.as_str()).or_default() += 1;
            if finding.effect == Effect::RejectFile && summary.verdict != Verdict::Unreadable {
                summary.verdict = Verdict::Rejected;
            }
            // Whether anything more is wanted does not matter: this is all there is.
            let _ = sink(finding);
        }
    }
    checked
}

/// The rule about documents that are not as they must be.
fn rule(plan: &TablePlan) -> &Arc<Rule> {
    let own = plan.document.as_ref();
    own.unwrap_or_else(|| BuiltinRule::NotWellFormed.rule())
}

/// Moves a finding from the row that was made to the document.
fn place(finding: &mut Finding, layout: &TableLayout, told: &Mutex<Told>) {
    finding.excerpt = None;
    finding.fix = None;
    let Some(form) = &layout.document else {
        return;
    };
    let told = told.lock().unwrap_or_else(PoisonError::into_inner);
    let row = finding
        .record
        .and_then(|record| usize::try_from(record).ok());
    finding.place = row
        .and_then(|row| told.rows.get(row.checked_sub(1)?))
        .copied();
    let column = finding
        .path
        .as_deref()
        .and_then(|path| path.split_once('/'));
    let at = column.and_then(|(_, column)| form.place_of(column));
    if let Some(at) = at {
        finding.path = Some(format!("{}/{at}", form.record).into());
    }
}
