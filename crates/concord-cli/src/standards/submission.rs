//! What the commands about standards say of those of many tables.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::sync::Arc;

use concord_standards::definition::Definition;
use concord_standards::submission::Submission;

use crate::failure::{Failure, Report};
use crate::standards::table;

/// Its tables with their columns, or one table, or one column.
pub(super) fn show(
    definition: &Definition,
    submission: &Submission,
    wanted: Option<&str>,
) -> Result<String, Failure> {
    let heading = [
        "column",
        "unique id",
        "mandation",
        "format",
        "key",
        "Data Dictionary name",
    ];
    let of = |number: usize| {
        let of = &submission.tables[number];
        let rows: Vec<[String; 6]> = of
            .columns
            .iter()
            .map(|column| {
                let leads = of.links.iter().filter_map(|link| {
                    let mut columns = link.columns.iter();
                    let at = columns.position(|(own, _)| of.columns[*own].name == column.name)?;
                    let other = &submission.tables[link.table];
                    Some(format!(
                        "{}.{}",
                        other.name, other.columns[link.columns[at].1].name
                    ))
                });
                let own = column.key.then(|| "key".to_owned());
                let keys: Vec<String> = own.into_iter().chain(leads).collect();
                [
                    column.name.to_string(),
                    column.uid.to_string(),
                    column.mandation.letter().to_owned(),
                    column.format.to_string(),
                    keys.join(", "),
                    column.element.to_string(),
                ]
            })
            .collect();
        let rules = submission
            .rules
            .iter()
            .filter(|rule| rule.table == number)
            .count();
        format!(
            "{}  {} ({rules} rules)\n\n{}\n",
            of.name,
            of.title,
            table(heading, &rows)
        )
    };
    let Some(wanted) = wanted else {
        let tables: Vec<String> = (0..submission.tables.len()).map(of).collect();
        return Ok(tables.join("\n"));
    };
    if let Some(number) = submission.table(wanted) {
        return Ok(of(number));
    }
    let mut text = String::new();
    for (number, of) in submission.tables.iter().enumerate() {
        for (at, column) in of.columns.iter().enumerate() {
            if !column.name.eq_ignore_ascii_case(wanted) && !column.uid.eq_ignore_ascii_case(wanted)
            {
                continue;
            }
            // Writing to a `String` does not fail.
            let _ = writeln!(text, "{}.{}  {}", of.name, column.name, column.element);
            if let Some(codes) = &column.codes {
                let _ = writeln!(text, "  codes: {}", codes.shown());
            }
            for rule in submission.rules.iter().filter(|rule| rule.table == number) {
                if rule.check.columns().contains(&at) {
                    let _ = writeln!(
                        text,
                        "  {} ({}): {}",
                        rule.rule.id,
                        rule.effects(),
                        rule.rule.title
                    );
                }
            }
        }
    }
    if text.is_empty() {
        let tables: Vec<&str> = submission.tables.iter().map(|table| &*table.name).collect();
        return Err(Failure::usage(
            format!(
                "{} has no table and no column `{wanted}`",
                definition.standard.name()
            ),
            format!("the tables are {}", tables.join(", ")),
        ));
    }
    Ok(text)
}

/// Runs the examples of every rule; what is to be said, and what failed.
pub(super) fn test(name: &str, submission: &Submission) -> (String, Vec<Report>) {
    let (run, failures) = concord_check::submission::prove(&Arc::new(submission.clone()));
    let line = format!(
        "{name}: {} rules, {run} examples, {} wrong\n",
        submission.rules.len(),
        failures.len()
    );
    let failed = failures
        .iter()
        .map(|failure| {
            Report::new(
                format!("{name}: {}: {}", failure.rule, failure.reason),
                None,
            )
        })
        .collect();
    (line, failed)
}

/// What it holds, in a line.
pub(super) fn holds(submission: &Submission) -> String {
    let columns: usize = submission
        .tables
        .iter()
        .map(|table| table.columns.len())
        .sum();
    let columns_of_all = submission.tables.iter().flat_map(|table| &table.columns);
    let lists: BTreeSet<_> = columns_of_all
        .filter_map(|column| Some(Arc::as_ptr(column.codes.as_ref()?)))
        .collect();
    format!(
        "{} tables, {columns} columns, {} sets of codes, {} rules",
        submission.tables.len(),
        lists.len(),
        submission.rules.len()
    )
}
