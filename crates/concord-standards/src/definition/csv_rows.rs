//! Rows of the CSV files of a definition, and where their cells stand.

use std::ops::Range;

use super::problem::{Problem, Severity, Text};

/// A row.
pub(super) struct Row<const N: usize> {
    /// Line in the file, from 1.
    pub(super) line: u32,
    /// Its cells, as many as there are columns.
    pub(super) cells: [String; N],
}

impl<const N: usize> Row<N> {
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
pub(super) fn rows<const N: usize>(
    text: &Text,
    columns: [&str; N],
    problems: &mut Vec<Problem>,
) -> Vec<Row<N>> {
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
        problems.push(other_columns(text, &found, &columns));
        return Vec::new();
    }
    let mut rows = Vec::new();
    for record in reader.records() {
        match record {
            Ok(record) => {
                let line = text.line(start(text, record.position()));
                if record.len() != N {
                    let message = format!("{} cells where {N} columns are", record.len());
                    let mut problem = at_line(text, line, message);
                    problem.help = unclosed(text, line);
                    problems.push(problem);
                    continue;
                }
                rows.push(Row {
                    line,
                    cells: std::array::from_fn(|cell| record[cell].to_owned()),
                });
            }
            Err(error) => {
                let line = error.position().map_or(1, csv::Position::line) as u32;
                problems.push(at_line(text, line, error.to_string()));
            }
        }
    }
    rows
}

/// The first name that is not the expected one.
fn other_columns(text: &Text, found: &[String], columns: &[&str]) -> Problem {
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
        let found = found.get(cell).map_or("", String::as_str);
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

/// Where a record begins, after the blank lines before it.
fn start(text: &Text, position: Option<&csv::Position>) -> usize {
    let at = position.map_or(0, |position| position.byte() as usize);
    let blank = text.content.as_bytes()[at.min(text.content.len())..]
        .iter()
        .take_while(|byte| matches!(byte, b'\n' | b'\r'))
        .count();
    at + blank
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
