//! The parts of `standard.toml` that only tabular standards have: `[[table]]` and how its rows are recognised.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::standard::{Recognise, SUBMISSION, TableInfo};
use super::table::Table;
use crate::layout::{DocumentForm, HeaderUse, Letters, LinesForm};

const KEYS: &[&str] = &[
    "name",
    "title",
    "header",
    "delimiters",
    "encoding",
    "document",
    "as_written",
];
const FIXED_WIDTH_KEYS: &[&str] = &["name", "title", "record_length", "lines", "encoding"];

/// Columns that the XML form of a table may have places for.
const LARGEST_DOCUMENT: usize = 10_000;

/// Longest line of a fixed-width table.
const LONGEST_RECORD: u64 = 1_000_000;

/// Reads the `[[table]]`s.
pub(super) fn read(standard: &Table<'_>, fixed_width: bool) -> Vec<TableInfo> {
    if standard.has("namespace") {
        let message = "a tabular standard has no `namespace`";
        standard.error("namespace", message.to_owned());
    }
    let tables = standard.tables("table");
    if !standard.has("table") {
        let message = "a tabular standard must say its tables: [[table]] name = …";
        standard.reading.error(standard.head(), message.to_owned());
    }
    let mut names = BTreeSet::new();
    tables
        .iter()
        .filter_map(|table| {
            let table = read_table(table, fixed_width)?;
            names
                .insert(Arc::clone(&table.name))
                .then_some(table)
                .or_else(|| {
                    standard.error("table", "two tables have the same name".to_owned());
                    None
                })
        })
        .collect()
}

/// Says that a standard of another carrier has no tables.
pub(super) fn none(standard: &Table<'_>) {
    for key in ["table", "aliases"] {
        if standard.has(key) {
            let message = format!("only a tabular standard has `{key}`");
            standard.error(key, message);
        }
    }
}

fn read_table(table: &Table<'_>, fixed_width: bool) -> Option<TableInfo> {
    let known = if fixed_width { FIXED_WIDTH_KEYS } else { KEYS };
    table.only("a table", known);
    let name = table.required("a table", "name");
    if let Some(name) = &name
        && (!is_name(name.text) || name.text == SUBMISSION)
    {
        let message = format!("`{}` cannot be the name of a table", name.text);
        let help = "write small letters, digits and underscores, a letter first";
        table
            .reading
            .error_with_help(name.span.clone(), message, help.to_owned());
    }
    let title = table.text("title").map(|spot| spot.text.to_owned());
    let name: Arc<str> = name?.text.into();
    Some(TableInfo {
        title: title.unwrap_or_else(|| name.to_string()),
        name,
        header: if fixed_width {
            HeaderUse::None
        } else {
            header(table)
        },
        delimiters: if fixed_width {
            Vec::new()
        } else {
            delimiters(table)
        },
        record_length: record_length(table),
        lines: table.table("lines").and_then(|said| lines(&said)),
        encoding: encoding(table),
        document: table.table("document").and_then(|said| document(&said)),
        as_written: table.flag("as_written").unwrap_or(false),
        origin: table.origin(),
    })
}

/// A name that SQL and XML both take as it stands.
fn is_name(text: &str) -> bool {
    text.starts_with(|first: char| first.is_ascii_lowercase())
        && text
            .bytes()
            .all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_')
}

fn header(table: &Table<'_>) -> HeaderUse {
    let Some(said) = table.text("header") else {
        return HeaderUse::Required;
    };
    let known = HeaderUse::ALL
        .into_iter()
        .find(|usage| usage.as_str() == said.text);
    known.unwrap_or_else(|| {
        let words = HeaderUse::ALL.map(HeaderUse::as_str);
        table.reading.unknown(&said, "use of a header", words);
        HeaderUse::Required
    })
}

fn encoding(table: &Table<'_>) -> Letters {
    let Some(said) = table.text("encoding") else {
        return Letters::default();
    };
    let known = Letters::ALL
        .into_iter()
        .find(|letters| letters.as_str() == said.text);
    known.unwrap_or_else(|| {
        let words = Letters::ALL.map(Letters::as_str);
        table.reading.unknown(&said, "encoding", words);
        Letters::default()
    })
}

fn delimiters(table: &Table<'_>) -> Vec<u8> {
    let Some(said) = table.texts("delimiters") else {
        return vec![b','];
    };
    let mut delimiters = Vec::new();
    for spot in &said {
        match spot.text.as_bytes() {
            [byte]
                if byte.is_ascii()
                    && !byte.is_ascii_alphanumeric()
                    && !b"\"\r\n".contains(byte) =>
            {
                delimiters.push(*byte);
            }
            _ => {
                let message = format!("`{}` cannot stand between cells", spot.text);
                let help = "write one character that is no letter, digit or quote";
                table
                    .reading
                    .error_with_help(spot.span.clone(), message, help.to_owned());
            }
        }
    }
    if said.is_empty() {
        table.error("delimiters", "`delimiters` names nothing".to_owned());
    }
    delimiters
}

/// The form of a table as an XML document. Whether its columns are those of the table is looked at when these are known.
fn document(said: &Table<'_>) -> Option<DocumentForm> {
    said.only("the XML form of a table", &["record", "row", "columns"]);
    let what = "the XML form of a table";
    let (record, row) = (said.required(what, "record"), said.required(what, "row"));
    let columns = said.table("columns");
    if columns.is_none() {
        said.error("columns", "`columns` says no places".to_owned());
    }
    let columns = columns?;
    let mut places: Vec<(Arc<str>, Arc<str>)> = Vec::new();
    for name in columns.entries.keys() {
        let name = name.get_ref().as_ref();
        let Some(place) = columns.text(name) else {
            continue;
        };
        let mut steps = place.text.split('/').peekable();
        let mut right = true;
        while let Some(step) = steps.next() {
            let step = match step.strip_prefix('@') {
                Some(attribute) if steps.peek().is_none() => attribute,
                _ => step,
            };
            right &= !step.is_empty() && !step.contains(['@', ' ', ':']);
        }
        if !right || places.len() >= LARGEST_DOCUMENT {
            let message = format!("`{}` is no path of elements", place.text);
            let help = "write names with `/` between, and `@` before an attribute at the end";
            said.reading
                .error_with_help(place.span.clone(), message, help.to_owned());
        }
        places.push((name.into(), place.text.into()));
    }
    Some(DocumentForm {
        record: record?.text.into(),
        row: row?.text.into(),
        places,
    })
}

fn record_length(table: &Table<'_>) -> Option<u32> {
    let length = table.number("record_length")?;
    if length == 0 || length > LONGEST_RECORD {
        let message = format!("`record_length` is from 1 to {LONGEST_RECORD}");
        table.error("record_length", message);
    }
    u32::try_from(length).ok()
}

/// How the lines of a record belong together.
fn lines(said: &Table<'_>) -> Option<LinesForm> {
    let what = "a record of several lines";
    said.only(what, &["first", "shared", "number"]);
    let first = said.required(what, "first");
    let (shared, numbers) = (characters(said, "shared"), characters(said, "number"));
    let first = first?;
    if first.text.is_empty() || !first.text.bytes().all(|byte| byte.is_ascii_alphanumeric()) {
        let message = format!("`{}` cannot be the code of a line", first.text);
        let help =
            "write letters and digits: the characters that the first line of a record begins with";
        said.reading
            .error_with_help(first.span.clone(), message, help.to_owned());
    }
    Some(LinesForm {
        first: first.text.into(),
        shared: shared?,
        numbers: numbers?,
    })
}

/// Characters of a line: `{ start = 3, width = 35 }`, counted from 1.
fn characters(said: &Table<'_>, key: &str) -> Option<(u32, u32)> {
    let Some(place) = said.table(key) else {
        said.error(key, format!("`{key}` says no characters of the line"));
        return None;
    };
    place.only("characters of a line", &["start", "width"]);
    let number = |key: &str| {
        let number = place
            .number(key)
            .and_then(|number| u32::try_from(number).ok());
        number.filter(|number| *number > 0 && u64::from(*number) <= LONGEST_RECORD)
    };
    let (Some(start), Some(width)) = (number("start"), number("width")) else {
        let message = format!("`{key}` has a `start` from 1 and a `width`");
        said.error(key, message);
        return None;
    };
    Some((start - 1, width))
}

/// How the rows of a tabular standard are recognised; by nothing, unless it says so.
pub(super) fn recognise(standard: &Table<'_>) -> Recognise {
    let mut recognise = Recognise {
        root: SUBMISSION.into(),
        ..Recognise::default()
    };
    let Some(said) = standard.table("recognise") else {
        return recognise;
    };
    said.only("[recognise]", &["header", "columns", "element"]);
    recognise.element = said.text("element").map(|spot| spot.text.into());
    recognise.header = said.flag("header").unwrap_or(false);
    if let Some(columns) = said.number("columns") {
        recognise.columns = u32::try_from(columns).ok().filter(|columns| *columns > 0);
        if recognise.columns.is_none() {
            said.error("columns", format!("a row cannot have {columns} columns"));
        }
    }
    recognise
}
