//! Rows of the CSV files of a definition, and where their cells stand.

use std::borrow::Cow;
use std::ops::Range;
use std::sync::Arc;

use super::csv_records::Records;
use super::problem::{Problem, Severity, Text};

/// A row.
pub(super) struct Row<'t, const N: usize> {
    /// Line in the file, from 1.
    pub(super) line: u32,
    /// Its cells, as many as there are columns.
    pub(super) cells: [Cow<'t, str>; N],
}

impl<const N: usize> Row<'_, N> {
    /// An error about one cell.
    pub(super) fn problem(
        &self,
        text: &Text,
        cell: usize,
        message: String,
        help: Option<String>,
    ) -> Problem {
        let span = cell_span(text, self.line, cell);
        text.problem(Severity::Error, span, message, help)
    }
}

/// Bytes of a cell (from 0) of the row that begins on a line, its quotes included. The whole line for an empty cell, which
/// has nothing to underline.
pub(super) fn cell_span(text: &Text, line: u32, cell: usize) -> Range<usize> {
    let whole = text.line_span(line);
    let bytes = text.content.as_bytes();
    let mut quoted = false;
    let mut left = cell;
    let mut start = whole.start;
    let mut at = whole.start;
    while let Some(&byte) = bytes.get(at) {
        match byte {
            b'"' => quoted = !quoted,
            b',' if !quoted && left > 0 => {
                left -= 1;
                start = at + 1;
            }
            b',' | b'\n' | b'\r' if !quoted => break,
            _ => {}
        }
        at += 1;
    }
    if left == 0 && start < at {
        start..at
    } else {
        whole
    }
}

/// Rows of a CSV file under exactly these columns. Rows with other numbers of cells are problems.
pub(super) fn rows<'t, const N: usize>(
    text: &'t Text,
    columns: [&str; N],
    problems: &mut Vec<Problem>,
) -> Vec<Row<'t, N>> {
    let mut records = Records::new(&text.content);
    let mut cells = Vec::new();
    records.next(&mut cells);
    if cells != columns {
        problems.push(other_columns(text, &cells, &columns));
        return Vec::new();
    }
    let mut rows = Vec::new();
    while let Some(start) = records.next(&mut cells) {
        let line = text.line(start);
        if cells.len() != N {
            let message = format!("{} cells where {N} columns are", cells.len());
            let mut problem = at_line(text, line, message);
            problem.help = unclosed(text, line);
            problems.push(problem);
            continue;
        }
        let mut cells = cells.drain(..);
        rows.push(Row {
            line,
            cells: std::array::from_fn(|_| cells.next().unwrap_or_default()),
        });
    }
    rows
}

/// A cell's text, held once where it is that of the cell above.
pub(super) fn shared(cell: &str, above: Option<&Arc<str>>) -> Arc<str> {
    match above {
        Some(above) if **above == *cell => Arc::clone(above),
        _ => cell.into(),
    }
}

/// The first name that is not the expected one.
fn other_columns(text: &Text, found: &[Cow<'_, str>], columns: &[&str]) -> Problem {
    let differs = columns
        .iter()
        .enumerate()
        .find(|(cell, column)| found.get(*cell).is_none_or(|found| found != *column));
    let (cell, message) = if let Some((cell, column)) = differs {
        let message = match found.get(cell) {
            Some(found) => format!("the column `{found}` stands where `{column}` is expected"),
            None => format!("the column `{column}` is missing"),
        };
        (cell, message)
    } else {
        let cell = columns.len();
        let found = found.get(cell).map_or("", |found| found);
        (cell, format!("the column `{found}` is one too many"))
    };
    let help = format!("the columns are {}", columns.join(", "));
    let span = cell_span(text, 1, cell);
    text.problem(Severity::Error, span, message, Some(help))
}

/// What makes a line have too few cells, where a quote in it is not closed.
fn unclosed(text: &Text, line: u32) -> Option<String> {
    let quotes = text.content[text.line_span(line)].matches('"').count();
    (quotes % 2 == 1).then(|| "a quote on this line is not closed".to_owned())
}

/// An error about a whole line.
pub(super) fn at_line(text: &Text, line: u32, message: String) -> Problem {
    let span = text.line_span(line);
    text.problem(Severity::Error, span, message, None)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cells_are_found_again_in_the_text() {
        let text = Text::new("a.csv", "a,b,c\r\n\r\n1,\"x, \"\"y\"\"\",\r\n2,3,last");
        let mut problems = Vec::new();
        let rows = rows(&text, ["a", "b", "c"], &mut problems);
        assert!(problems.is_empty());
        let under = |row: usize, cell: usize| &text.content[cell_span(&text, rows[row].line, cell)];
        assert_eq!(rows[0].line, 3);
        assert_eq!(under(0, 0), "1");
        assert_eq!(under(0, 1), "\"x, \"\"y\"\"\"");
        assert_eq!(under(0, 2), text.content[text.line_span(3)].to_owned());
        assert_eq!(under(1, 2), "last");
    }
}
