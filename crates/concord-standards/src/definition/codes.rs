//! Code lists: `codes/NAME.csv`.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::csv_rows::{at_line, rows, shared};
use super::problem::{Problem, Text};

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

impl Code {
    /// Whether a day (`CCYY-MM-DD`) is within the days of use, the first and the last included.
    pub fn is_in_use(&self, day: &str) -> bool {
        // Days in this form compare as texts.
        (self.valid_from.is_empty() || *self.valid_from <= *day)
            && (self.valid_to.is_empty() || *day <= *self.valid_to)
    }
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

    /// Whether `code` may be used on a day (`CCYY-MM-DD`): it is on the list, and the day is within its days of use. Days of
    /// use that are not known do not limit it.
    pub fn permits(&self, code: &str, day: &str) -> bool {
        self.get(code).is_some_and(|code| code.is_in_use(day))
    }
}

pub(super) const COLUMNS: [&str; 5] = ["code", "meaning", "valid_from", "valid_to", "source"];

/// Reads a code list.
pub(super) fn read(text: &Text, id: &str, problems: &mut Vec<Problem>) -> CodeList {
    let rows = rows(text, COLUMNS, problems);
    let mut seen = BTreeSet::new();
    let mut codes: Vec<Code> = Vec::with_capacity(rows.len());
    for row in &rows {
        let line = row.line;
        let [code, meaning, valid_from, valid_to, source] = &row.cells;
        if code.is_empty() {
            problems.push(at_line(text, line, "a row without a code".to_owned()));
        }
        if !seen.insert(&**code) {
            problems.push(at_line(
                text,
                line,
                format!("the code `{code}` stands twice"),
            ));
        }
        for day in [valid_from, valid_to] {
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
        let above = codes.last();
        codes.push(Code {
            code: (&**code).into(),
            meaning: shared(meaning, above.map(|above| &above.meaning)),
            valid_from: shared(valid_from, above.map(|above| &above.valid_from)),
            valid_to: shared(valid_to, above.map(|above| &above.valid_to)),
            source: shared(source, above.map(|above| &above.source)),
            line,
        });
    }
    CodeList {
        id: id.into(),
        codes,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_is_permitted_in_its_days_of_use() {
        let text = Text::new(
            "codes/a.csv",
            "code,meaning,valid_from,valid_to,source\n1,One,2020-04-01,2021-03-31,s\n2,Two,,,s\n",
        );
        let mut problems = Vec::new();
        let list = read(&text, "a", &mut problems);
        assert!(problems.is_empty(), "{problems:?}");
        let answers = ["2020-03-31", "2020-04-01", "2021-03-31", "2021-04-01"]
            .map(|day| list.permits("1", day));
        assert_eq!(answers, [false, true, true, false]);
        assert!(list.permits("2", "1999-01-01"));
        assert!(!list.permits("3", "2020-04-01"));
    }
}
