//! A standard of many tables: `[submission]` and `[[table]]` of `standard.toml`, `fields.csv`, `rules.toml`, `scales.csv`,
//! `calendar.csv`.

mod calendar;
mod checks;
mod columns;
mod diagnostics;
mod fields;
mod messages;
mod rules;
mod scales;

use std::sync::Arc;

use super::elements::Elements;
use super::load::{Loading, join};
use super::problem::Text;
use super::standard::StandardInfo;
use super::table::{Reading, Table as Toml};
use crate::submission::{Operand, Scheme, Submission, Table};
use rules::Defaults;

/// What `[submission]` and `[[table]]` may say.
const SUBMISSION_KEYS: &[&str] = &[
    "header",
    "period",
    "provider",
    "submitter",
    "version",
    "calendar",
    "row_counts",
    "source",
    "since",
];
const TABLE_KEYS: &[&str] = &["name", "title", "code", "tell"];

/// Reads everything about the tables of a standard. Problems go to `loading`.
pub(super) fn load(
    info: &StandardInfo,
    elements: &Elements,
    loading: &mut Loading<'_>,
) -> Option<Submission> {
    let text = loading.open(&join(&info.folder, "standard.toml"))?;
    let reading = Reading::new(&text);
    let (document, _) = reading.parse();
    let standard = Toml::new(&reading, &document);
    let mut submission = Submission::default();
    let told = tables(&standard, &mut submission);
    let defaults = fields::read(info, elements, &mut submission, loading);
    let said = about(&standard, &mut submission);
    name_what_is_told(&standard, &mut submission, &told);
    loading.problems.extend(reading.into_problems());
    scales::read(info, &mut submission, loading);
    calendar::read(info, said.scheme, &mut submission, loading);
    let defaults = Defaults {
        source: said.source,
        since: said.since,
        of_fields: defaults,
    };
    rules::read(info, defaults, &mut submission, loading);
    Some(submission)
}

/// What rules say unless they say otherwise.
#[derive(Default)]
struct Said {
    source: String,
    since: String,
    scheme: Option<Scheme>,
}

/// The tables without their columns, and what each says of what is told.
fn tables(standard: &Toml<'_>, submission: &mut Submission) -> Vec<Vec<String>> {
    if !standard.has("table") {
        let message = "a standard of tables must say them: [[table]] name = …";
        standard.reading.error(standard.head(), message.to_owned());
    }
    let mut told = Vec::new();
    for table in standard.tables("table") {
        table.only("a table", TABLE_KEYS);
        let Some(name) = table.required("a table", "name") else {
            continue;
        };
        if submission.table(name.text).is_some() {
            let message = format!("the table `{}` stands twice", name.text);
            table.error("name", message);
            continue;
        }
        let text = |key: &str| table.text(key).map(|spot| spot.text.to_owned());
        let names = |spots: Vec<super::table::Spot<'_>>| {
            spots.iter().map(|spot| spot.text.to_owned()).collect()
        };
        told.push(table.texts("tell").map(names).unwrap_or_default());
        submission.tables.push(Table {
            code: text("code").unwrap_or_else(|| code_of(name.text)).into(),
            title: text("title").unwrap_or_else(|| name.text.to_owned()),
            name: name.text.into(),
            columns: Vec::new(),
            links: Vec::new(),
            tell: Vec::new(),
            tell_beyond: Vec::new(),
            origin: table.origin(),
        });
    }
    told
}

/// The name up to and with its third digit: `MHS001` of `MHS001MPI`.
pub(super) fn code_of(name: &str) -> String {
    let digits = name
        .char_indices()
        .filter(|(_, letter)| letter.is_ascii_digit());
    match digits.map(|(at, _)| at).nth(2) {
        Some(third) => name[..=third].to_owned(),
        None => name.to_owned(),
    }
}

/// `[submission]`.
fn about(standard: &Toml<'_>, submission: &mut Submission) -> Said {
    let mut said = Said::default();
    let Some(about) = standard.table("submission") else {
        let message = "a standard of tables must say what a submission is: [submission] header = …";
        standard.reading.error(standard.head(), message.to_owned());
        return said;
    };
    about.only("[submission]", SUBMISSION_KEYS);
    let text = |key: &str| about.text(key).map(|spot| spot.text.to_owned());
    said.source = text("source").unwrap_or_default();
    said.since = text("since").unwrap_or_default();
    submission.row_counts = text("row_counts").map(Arc::from);
    said.scheme = about.text("calendar").and_then(|spot| {
        let found = Scheme::ALL
            .into_iter()
            .find(|scheme| scheme.as_str() == spot.text);
        if found.is_none() {
            about
                .reading
                .unknown(&spot, "calendar", Scheme::ALL.map(Scheme::as_str));
        }
        found
    });
    let Some(header) = about.required("[submission]", "header") else {
        return said;
    };
    let Some(table) = submission.table(header.text) else {
        let names: Vec<&str> = submission.tables.iter().map(|table| &*table.name).collect();
        about.reading.unknown(&header, "table", names);
        return said;
    };
    submission.header = table;
    let column = |key: &str, name: &super::table::Spot<'_>| {
        let table = &submission.tables[table];
        let found = table.column(name.text);
        if found.is_none() {
            let names = table.columns.iter().map(|column| &*column.name);
            about.reading.unknown(name, key, names);
        }
        found
    };
    let provider = about.text("provider");
    let provider = provider.and_then(|name| column("column", &name));
    if let Some(name) = about.text("submitter") {
        column("column", &name);
    }
    let version = about.text("version");
    let version = version.and_then(|name| column("column", &name));
    let period = about.texts("period").unwrap_or_default();
    let period = match &period[..] {
        [from, to] => column("column", from).zip(column("column", to)),
        [] => None,
        _ => {
            let message = "`period` names the columns of the first and of the last day";
            about.error("period", message.to_owned());
            None
        }
    };
    submission.provider = provider;
    submission.version = version;
    submission.period = period;
    said
}

/// Which columns findings name: those that a table says, else its key, else what leads to other tables.
fn name_what_is_told(standard: &Toml<'_>, submission: &mut Submission, told: &[Vec<String>]) {
    for (number, names) in told.iter().enumerate() {
        let (mut own, mut beyond) = (Vec::new(), Vec::new());
        for name in names {
            match operand(submission, number, name) {
                Some(Operand::Own(column)) => own.push(column),
                Some(other) => beyond.push(other),
                None => {
                    let table = &submission.tables[number].name;
                    let message = format!("from the table {table} no column `{name}` can be told");
                    standard.reading.error(standard.head(), message);
                }
            }
        }
        let table = &mut submission.tables[number];
        table.tell_beyond = beyond;
        table.tell = own;
        if table.tell.is_empty() {
            let keys = table.columns.iter().enumerate();
            table.tell = keys
                .filter(|(_, column)| column.key)
                .map(|(at, _)| at)
                .collect();
        }
        if table.tell.is_empty() {
            let links = table.links.iter().flat_map(|link| &link.columns);
            let mut own: Vec<usize> = links.map(|(own, _)| *own).collect();
            own.sort_unstable();
            own.dedup();
            table.tell = own;
        }
    }
}

/// A column of a table, or (`Table.Column`) of one that its rows lead to.
fn operand(submission: &Submission, table: usize, name: &str) -> Option<Operand> {
    let Some((of, column)) = name.split_once('.') else {
        return submission.tables[table].column(name).map(Operand::Own);
    };
    let of = submission.table(of)?;
    let column = submission.tables[of].column(column)?;
    if of == table {
        return Some(Operand::Own(column));
    }
    if of == submission.header {
        return Some(Operand::Header(column));
    }
    let path = submission.path(table, of)?;
    Some(Operand::Ancestor { path, column })
}

/// An error about a line of a file.
fn at(text: &Text, line: u32, message: String) -> super::Problem {
    super::csv_rows::at_line(text, line, message)
}

#[cfg(test)]
mod tests;
