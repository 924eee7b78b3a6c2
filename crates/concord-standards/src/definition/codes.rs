//! Code lists: `codes/NAME.csv`.

use std::sync::Arc;

use super::problem::{Problem, Severity, Text};

/// A code and what it means.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Code {
    /// The code as it stands in the data.
    pub code: Arc<str>,
    /// Its meaning; empty where none is known.
    pub meaning: Arc<str>,
    /// First day of use (`CCYY-MM-DD`), empty when not known.
    pub valid_from: Arc<str>,
    /// Last day of use (`CCYY-MM-DD`), empty when it has none or it is not known.
    pub valid_to: Arc<str>,
    /// What says so.
    pub source: Arc<str>,
    /// Line in the file.
    pub line: u32,
}

/// A code list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CodeList {
    /// Its id: the file's name without `.csv`.
    pub id: Arc<str>,
    /// The codes in the order of the file.
    pub codes: Vec<Code>,
}

impl CodeList {
    /// The entry for `code`.
    pub fn get(&self, code: &str) -> Option<&Code> {
        self.codes.iter().find(|known| &*known.code == code)
    }
}

pub(super) const COLUMNS: [&str; 5] = ["code", "meaning", "valid_from", "valid_to", "source"];

/// Rows of a CSV file under exactly these columns, each with its line.
pub(super) fn rows<const N: usize>(
    text: &Text,
    columns: [&str; N],
    problems: &mut Vec<Problem>,
) -> Vec<(u32, [String; N])> {
    let mut reader = csv::ReaderBuilder::new()
        .flexible(true)
        .from_reader(text.content.as_bytes());
    let found: Vec<String> = match reader.headers() {
        Ok(headers) => headers.iter().map(str::to_owned).collect(),
        Err(error) => {
            problems.push(at_line(text, 1, error.to_string()));
            return Vec::new();
        }
    };
    if found != columns {
        let message = format!(
            "the columns are {}; expected {}",
            found.join(","),
            columns.join(",")
        );
        problems.push(at_line(text, 1, message));
        return Vec::new();
    }
    let mut rows = Vec::new();
    for record in reader.records() {
        match record {
            Ok(record) => {
                let line = record.position().map_or(0, csv::Position::line) as u32;
                if record.len() != N {
                    let message = format!("{} cells where {N} columns are", record.len());
                    problems.push(at_line(text, line, message));
                    continue;
                }
                rows.push((line, std::array::from_fn(|cell| record[cell].to_owned())));
            }
            Err(error) => {
                let line = error.position().map_or(1, csv::Position::line) as u32;
                problems.push(at_line(text, line, error.to_string()));
            }
        }
    }
    rows
}

/// An error about a whole line.
pub(super) fn at_line(text: &Text, line: u32, message: String) -> Problem {
    let span = text.line_span(line);
    text.problem(Severity::Error, span, message, None)
}

/// Reads a code list.
pub(super) fn read(text: &Text, id: &str, problems: &mut Vec<Problem>) -> CodeList {
    let mut seen = std::collections::BTreeSet::new();
    let mut codes = Vec::new();
    for (line, [code, meaning, valid_from, valid_to, source]) in rows(text, COLUMNS, problems) {
        if code.is_empty() {
            problems.push(at_line(text, line, "a row without a code".to_owned()));
        }
        if !seen.insert(code.clone()) {
            problems.push(at_line(
                text,
                line,
                format!("the code `{code}` stands twice"),
            ));
        }
        for day in [&valid_from, &valid_to] {
            if !day.is_empty() && (day.len() != 10 || day.parse::<jiff::civil::Date>().is_err()) {
                problems.push(at_line(
                    text,
                    line,
                    format!("`{day}` is not a day (CCYY-MM-DD)"),
                ));
            }
        }
        if !valid_from.is_empty() && !valid_to.is_empty() && valid_to < valid_from {
            let message =
                format!("the code `{code}` ends on {valid_to}, before it begins on {valid_from}");
            problems.push(at_line(text, line, message));
        }
        codes.push(Code {
            code: code.into(),
            meaning: meaning.into(),
            valid_from: valid_from.into(),
            valid_to: valid_to.into(),
            source: source.into(),
            line,
        });
    }
    CodeList {
        id: id.into(),
        codes,
    }
}
