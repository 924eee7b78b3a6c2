//! What the national summary report counts beyond findings and rows. Only rows that were taken are counted.

use std::sync::Arc;

use concord_standards::submission::{Diagnostic, DiagnosticCount};

use super::beyond::ends;
use super::plan::SubmissionPlan;
use super::store::{NO_KEY, NO_ROW, Rows, VALID};

/// One of the counts of the national summary report.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Counted {
    /// The code under which it is counted.
    pub code: Arc<str>,
    /// What is counted.
    pub description: String,
    /// How many there are.
    pub numerator: u64,
    /// Of how many.
    pub denominator: u64,
}

/// What is kept for a count, by its number in the submission.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Keeping {
    /// The keys of both tables.
    Keys(usize, usize),
    /// The way, and the flag of its conditions.
    Way(usize, usize),
}

/// The counts of a submission whose rows have been judged.
pub(crate) fn counted(plan: &SubmissionPlan<'_>, tables: &[Rows]) -> Vec<Counted> {
    let diagnostics = plan.submission.diagnostics.iter().zip(&plan.diagnostics);
    diagnostics
        .map(|(diagnostic, keeping)| {
            let (numerator, denominator) = match (&diagnostic.count, *keeping) {
                (DiagnosticCount::Without { table, .. }, Keeping::Keys(own, theirs)) => {
                    without(&tables[diagnostic.table], own, &tables[*table], theirs)
                }
                (_, Keeping::Way(way, flag)) => several_per(plan, tables, diagnostic, (way, flag)),
                (_, Keeping::Keys(..)) => (0, 0),
            };
            Counted {
                code: Arc::clone(&diagnostic.code),
                description: diagnostic.description.clone(),
                numerator,
                denominator,
            }
        })
        .collect()
}

/// Valid rows without a valid row of another table, of all valid rows.
fn without(rows: &Rows, own: usize, others: &Rows, theirs: usize) -> (u64, u64) {
    let valid = |rows: &Rows, row: usize| rows.reasons[row] == VALID;
    let mut known: Vec<u64> = (0..others.keys[theirs].len())
        .filter(|row| valid(others, *row))
        .map(|row| others.keys[theirs][row])
        .collect();
    known.sort_unstable();
    let (mut without, mut all) = (0, 0);
    for (row, key) in rows.keys[own].iter().enumerate() {
        if valid(rows, row) {
            all += 1;
            without += u64::from(*key == NO_KEY || known.binary_search(key).is_err());
        }
    }
    (without, all)
}

/// Rows of another table to which several valid rows lead, of all to which any does.
fn several_per(
    plan: &SubmissionPlan<'_>,
    tables: &[Rows],
    diagnostic: &Diagnostic,
    (way, flag): (usize, usize),
) -> (u64, u64) {
    let rows = &tables[diagnostic.table];
    let mut ends: Vec<u32> = ends(plan, tables, &plan.ways[way])
        .into_iter()
        .zip(0u32..)
        .filter(|(end, row)| *end != NO_ROW && rows.is_valid(*row) && rows.flag(flag, *row))
        .map(|(end, _)| end)
        .collect();
    ends.sort_unstable();
    let groups = ends.chunk_by(|one, other| one == other);
    groups.fold((0, 0), |(several, all), group| {
        (several + u64::from(group.len() > 1), all + 1)
    })
}
