//! Rows as delimited text.

use std::io::{self, Write};

use concord_standards::layout::TableLayout;

use crate::faults::LABEL_HEADER;

/// A column as it is written.
#[derive(Debug, Clone)]
pub(crate) struct WrittenColumn {
    pub(crate) header: String,
    pub(crate) source: Source,
}

/// Where the values of a written column come from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Source {
    /// A field of the layout.
    Field(usize),
    /// The same text in every row.
    Text(&'static str),
}

/// What is done to a row, or put before it, while it is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Shape {
    /// The last cell is left out.
    Shorter,
    /// Empty cells stand behind the last one.
    EmptyCells(usize),
    /// The cell of this field is left out and an empty one stands at the end.
    Without(usize),
    /// A NUL character stands in the cell of this field.
    Nul(usize),
    /// A quote opens the cell of this field and nothing closes it.
    OpenQuote(usize),
    /// The cell of this field is quoted and goes on behind the quote.
    TextAfterQuote(usize),
    /// A byte of Windows-1252 stands in the cell of this field.
    OneByte(usize),
    /// A byte order mark stands before the row.
    Mark,
    /// Blank rows stand before the row.
    Blank(usize),
    /// The names of the columns stand before the row.
    Header,
    /// A row of totals stands before the row.
    Totals,
}

/// The fields of one row.
#[derive(Debug, Clone, Default)]
pub(crate) struct Row {
    pub(crate) cells: Vec<String>,
}

/// Writes rows and labels and counts them.
pub(crate) struct Pen<'o, 'l> {
    pub(crate) out: &'o mut dyn Write,
    pub(crate) labels: Option<&'l mut dyn Write>,
    pub(crate) columns: Vec<WrittenColumn>,
    pub(crate) delimiter: u8,
    pub(crate) records: u64,
    pub(crate) lines: u64,
    pub(crate) bytes: u64,
    pub(crate) faults: u64,
    /// Whether every cell is in quotes, and the encoding is Windows-1252; else it is UTF-8.
    pub(crate) quoted: bool,
    text: Vec<u8>,
}

const LINE_END: &[u8] = b"\r\n";

impl<'o, 'l> Pen<'o, 'l> {
    pub(crate) fn new(
        out: &'o mut dyn Write,
        labels: Option<&'l mut dyn Write>,
        table: &TableLayout,
    ) -> Self {
        let columns = table
            .fields
            .iter()
            .enumerate()
            .map(|(number, field)| WrittenColumn {
                header: field.column.to_string(),
                source: Source::Field(number),
            })
            .collect();
        Self {
            out,
            labels,
            columns,
            delimiter: table.delimiters.first().copied().unwrap_or(b','),
            records: 0,
            lines: 0,
            bytes: 0,
            faults: 0,
            quoted: false,
            text: Vec::with_capacity(4096),
        }
    }

    /// Begins the labels.
    pub(crate) fn begin(&mut self) -> io::Result<()> {
        match self.labels.as_deref_mut() {
            Some(labels) => writeln!(labels, "{LABEL_HEADER}"),
            None => Ok(()),
        }
    }

    /// Writes a label; `record` is 0 for the header and the whole.
    pub(crate) fn label(
        &mut self,
        rule: &str,
        record: u64,
        line: u64,
        element: &str,
        description: &str,
    ) -> io::Result<()> {
        self.faults += 1;
        match self.labels.as_deref_mut() {
            Some(labels) => write_label(labels, rule, record, line, element, description),
            None => Ok(()),
        }
    }

    /// Writes the names of the columns.
    pub(crate) fn header(&mut self) -> io::Result<()> {
        self.names();
        self.put()
    }

    fn names(&mut self) {
        for (number, column) in self.columns.iter().enumerate() {
            if number > 0 {
                self.text.push(self.delimiter);
            }
            if self.quoted {
                in_quotes(&column.header, &mut self.text);
            } else {
                self.text.extend_from_slice(column.header.as_bytes());
            }
        }
        self.text.extend_from_slice(LINE_END);
    }

    /// Writes a row. Answers the number of the record and the line that a label is to name.
    pub(crate) fn row(&mut self, row: &Row, shape: Option<Shape>) -> io::Result<(u64, u64)> {
        let place = (self.records + 1, self.lines + 1);
        match shape {
            Some(Shape::Blank(rows)) => {
                for _ in 0..rows {
                    self.text.extend_from_slice(LINE_END);
                }
            }
            Some(Shape::Header) => {
                self.names();
                self.records += 1;
            }
            Some(Shape::Totals) => {
                self.totals();
                self.records += 1;
            }
            Some(Shape::Mark) => self.text.extend_from_slice("\u{feff}".as_bytes()),
            _ => {}
        }
        self.cells(row, shape);
        self.records += 1;
        self.put()?;
        Ok(place)
    }

    fn totals(&mut self) {
        let last = self.columns.len().saturating_sub(1);
        for number in 0..=last {
            if number > 0 {
                self.text.push(self.delimiter);
            }
            if number == 0 {
                self.text.extend_from_slice(b"Total");
            } else if number == last {
                self.text.extend_from_slice(b"123456.78");
            }
        }
        self.text.extend_from_slice(LINE_END);
    }

    fn cells(&mut self, row: &Row, shape: Option<Shape>) {
        let mut written = 0;
        let width = self.columns.len();
        for number in 0..width {
            let source = self.columns[number].source;
            let field = match source {
                Source::Field(field) => Some(field),
                Source::Text(_) => None,
            };
            match shape {
                Some(Shape::Without(without)) if field == Some(without) => continue,
                Some(Shape::Shorter) if number + 1 == width => continue,
                _ => {}
            }
            if written > 0 {
                self.text.push(self.delimiter);
            }
            written += 1;
            let cell = match source {
                Source::Field(field) => row.cells.get(field).map_or("", String::as_str),
                Source::Text(text) => text,
            };
            match shape {
                Some(Shape::Nul(at)) if field == Some(at) => {
                    self.text.extend_from_slice(b"A\0B");
                }
                Some(Shape::OpenQuote(at)) if field == Some(at) => {
                    self.text.extend_from_slice(b"\"Ward A");
                }
                Some(Shape::TextAfterQuote(at)) if field == Some(at) => {
                    self.text.extend_from_slice(b"\"A\"1");
                }
                Some(Shape::OneByte(at)) if field == Some(at) => {
                    self.text.extend_from_slice(b"Caf\xe9");
                }
                _ if self.quoted => in_quotes(cell, &mut self.text),
                _ => quoted(cell, self.delimiter, &mut self.text),
            }
        }
        let more = match shape {
            Some(Shape::EmptyCells(more)) => more,
            Some(Shape::Without(_)) => 1,
            _ => 0,
        };
        for _ in 0..more {
            self.text.push(self.delimiter);
        }
        self.text.extend_from_slice(LINE_END);
    }

    fn put(&mut self) -> io::Result<()> {
        if self.quoted {
            let text = String::from_utf8_lossy(&self.text);
            // Everything that is made up is in Latin-1, whose characters are bytes of the same number there.
            let bytes = text
                .chars()
                .map(|character| u8::try_from(character).unwrap_or(b'?'));
            self.text = bytes.collect();
        }
        self.out.write_all(&self.text)?;
        self.bytes += self.text.len() as u64;
        self.lines += memchr::memchr_iter(b'\n', &self.text).count() as u64;
        self.text.clear();
        Ok(())
    }
}

/// Writes a label as a line of CSV.
pub(crate) fn write_label(
    labels: &mut dyn Write,
    rule: &str,
    record: u64,
    line: u64,
    element: &str,
    description: &str,
) -> io::Result<()> {
    let description = description.replace('"', "\"\"");
    writeln!(labels, "{rule},{record},{line},{element},\"{description}\"")
}

/// Writes a cell in quotes.
fn in_quotes(cell: &str, out: &mut Vec<u8>) {
    out.push(b'"');
    out.extend_from_slice(cell.replace('"', "\"\"").as_bytes());
    out.push(b'"');
}

/// Writes a cell, in quotes when it needs them (RFC 4180, 2).
pub(super) fn quoted(cell: &str, delimiter: u8, out: &mut Vec<u8>) {
    let needs = |byte: &u8| *byte == delimiter || matches!(byte, b'"' | b'\n' | b'\r');
    if !cell.as_bytes().iter().any(needs) {
        out.extend_from_slice(cell.as_bytes());
        return;
    }
    out.push(b'"');
    for byte in cell.bytes() {
        if byte == b'"' {
            out.push(b'"');
        }
        out.push(byte);
    }
    out.push(b'"');
}
