//! `[[diagnostic]]` of `rules.toml`: what the national summary report counts beyond findings and rows.

use super::checks::Scope;
use crate::definition::table::Table as Toml;
use crate::submission::{Diagnostic, DiagnosticCount, Submission};

const KEYS: &[&str] = &[
    "code",
    "description",
    "table",
    "without",
    "several_per",
    "when",
];

/// A count, where it is one.
pub(super) fn read(said: &Toml<'_>, submission: &Submission) -> Option<Diagnostic> {
    const WHAT: &str = "a diagnostic";
    said.only(WHAT, KEYS);
    let code = said.required(WHAT, "code")?;
    let description = said.required(WHAT, "description")?;
    let name = said.required(WHAT, "table")?;
    let table_of = |spot: &crate::definition::table::Spot<'_>| {
        let found = submission.table(spot.text);
        if found.is_none() {
            let names = submission.tables.iter().map(|table| &*table.name);
            said.reading.unknown(spot, "table", names);
        }
        found
    };
    let table = table_of(&name)?;
    let scope = Scope { submission, table };
    let when = scope.conditions(said, "when")?;
    let count = match (said.text("without"), said.text("several_per")) {
        (Some(other), None) => {
            let other_table = table_of(&other)?;
            let link = submission.tables[other_table]
                .links
                .iter()
                .find(|link| link.table == table);
            let Some(link) = link else {
                let message = format!("no reference leads from {} to {}", other.text, name.text);
                said.reading.error(other.span.clone(), message);
                return None;
            };
            let on = link.columns.iter().map(|(theirs, own)| (*own, *theirs));
            DiagnosticCount::Without {
                table: other_table,
                on: on.collect(),
            }
        }
        (None, Some(parent)) => {
            let parent_table = table_of(&parent)?;
            let Some(path) = submission.path(table, parent_table) else {
                let message = format!("no reference leads from {} to {}", name.text, parent.text);
                said.reading.error(parent.span.clone(), message);
                return None;
            };
            DiagnosticCount::SeveralPer { path, when }
        }
        _ => {
            let message = "a diagnostic says either `without` or `several_per`";
            said.reading.error(said.head(), message.to_owned());
            return None;
        }
    };
    Some(Diagnostic {
        code: code.text.into(),
        description: description.text.to_owned(),
        table,
        count,
    })
}
