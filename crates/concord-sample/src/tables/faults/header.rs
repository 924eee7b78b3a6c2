//! Faults of the row of names, and of the whole file.

use std::io;

use concord_finding::RuleId;

use super::Facts;
use crate::tables::pen::{Pen, Source, WrittenColumn};

/// Faults that can stand beside each other and beside those of rows.
pub(super) const IN_HEADER: &[&str] = &[
    "TABLE-COLUMN-MISSING",
    "TABLE-COLUMN-NAME",
    "TABLE-COLUMN-UNKNOWN",
    "TABLE-COLUMN-REPEATED",
];

/// Faults beside which less of the file, or nothing, can be checked.
pub(super) const ALONE: &[&str] = &[
    "TABLE-DELIMITER",
    "TABLE-HEADER-MISSING",
    "TABLE-NO-ROWS",
    "TABLE-EMPTY",
];

/// The name of a column that no standard has.
const UNKNOWN: &str = "OUR_OWN_NOTE";

/// Writes the header with the faults that are wanted. Whether the file ends with it.
pub(super) fn write(
    facts: &mut Facts,
    wanted: &[RuleId],
    pen: &mut Pen<'_, '_>,
) -> io::Result<bool> {
    let wants = |rule: &str| wanted.iter().any(|wanted| **wanted == *rule);
    let mut said: Vec<(String, String, &str)> = Vec::new();
    if wants("TABLE-EMPTY") {
        pen.label("TABLE-EMPTY", 0, 0, "", "wrote nothing")?;
        return Ok(true);
    }
    for rule in wanted {
        if let Some((element, description)) = change(rule, facts, pen) {
            said.push((rule.to_string(), element, description));
        }
    }
    for (rule, element, description) in &said {
        pen.label(rule, 0, 1, element, description)?;
    }
    if wants("TABLE-HEADER-MISSING") {
        pen.label(
            "TABLE-HEADER-MISSING",
            0,
            1,
            "",
            "left the names of the columns out",
        )?;
        return Ok(false);
    }
    pen.header()?;
    if wants("TABLE-NO-ROWS") {
        pen.label("TABLE-NO-ROWS", 0, 2, "", "wrote no row")?;
        return Ok(true);
    }
    Ok(false)
}

/// Changes the columns that are written; answers the element and what was done.
fn change(rule: &str, facts: &mut Facts, pen: &mut Pen<'_, '_>) -> Option<(String, &'static str)> {
    match rule {
        "TABLE-DELIMITER" => {
            pen.delimiter = b';';
            Some((String::new(), "put semicolons between the cells"))
        }
        "TABLE-COLUMN-MISSING" => {
            let (at, field) = spare(facts, pen, true)?;
            facts.gone[field] = true;
            pen.columns.remove(at);
            Some((facts.column(field).to_owned(), "left the column out"))
        }
        "TABLE-COLUMN-NAME" => {
            let (at, field) = spare(facts, pen, false)?;
            facts.gone[field] = true;
            let mut letters: Vec<char> = pen.columns[at].header.chars().collect();
            let middle = (4..letters.len() - 1).find(|at| {
                let (one, next) = (letters[*at], letters[*at + 1]);
                one != next && one != '_' && next != '_'
            })?;
            letters.swap(middle, middle + 1);
            pen.columns[at].header = letters.into_iter().collect();
            Some((
                facts.column(field).to_owned(),
                "swapped two letters of the name",
            ))
        }
        "TABLE-COLUMN-UNKNOWN" => {
            pen.columns.push(WrittenColumn {
                header: UNKNOWN.to_owned(),
                source: Source::Text("note"),
            });
            Some((
                UNKNOWN.to_owned(),
                "added a column that the standard does not have",
            ))
        }
        "TABLE-COLUMN-REPEATED" => {
            let first = pen.columns.first()?.clone();
            let name = first.header.clone();
            pen.columns.push(first);
            Some((name, "put the first column again at the end"))
        }
        "TABLE-HEADER-MISSING" | "TABLE-NO-ROWS" | "TABLE-EMPTY" => None,
        // The standard's own rule about spellings.
        _ => {
            let (at, field) = spare(facts, pen, false)?;
            let header = &mut pen.columns[at].header;
            let letters = header.as_bytes();
            let inside =
                (4..letters.len() - 1).find(|at| !letters[at - 1..=*at].contains(&b'_'))?;
            header.insert(inside, '_');
            Some((
                facts.column(field).to_owned(),
                "put an underscore inside a word of the name",
            ))
        }
    }
}

/// A column at the sender's choice that no rule looks at, from the end; a description or not.
fn spare(facts: &Facts, pen: &Pen<'_, '_>, description: bool) -> Option<(usize, usize)> {
    pen.columns
        .iter()
        .enumerate()
        .rev()
        .filter_map(|(at, column)| match column.source {
            Source::Field(field) if column.header == facts.column(field) => Some((at, field)),
            _ => None,
        })
        .find(|(_, field)| {
            facts.is_free(*field)
                && !facts.judge.is_mandatory(*field)
                && facts.column(*field).contains("DESCRIPTION") == description
                && facts.column(*field).len() > 12
        })
}
