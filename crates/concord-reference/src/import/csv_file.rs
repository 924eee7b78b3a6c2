//! Records of a CSV file, with their lines.

use std::borrow::Cow;
use std::io::Read;

use csv::{ByteRecord, ErrorKind, ReaderBuilder};

use super::Sink;
use super::guard::{Allowance, Guarded};
use crate::error::Error;

/// The records of a CSV file, all of the same width.
pub(super) struct Records<R> {
    reader: csv::Reader<Guarded<R>>,
    allowance: Allowance,
    record: ByteRecord,
    width: usize,
}

/// One record.
pub(super) struct Record<'r> {
    pub(super) line: u64,
    cells: &'r ByteRecord,
}

impl<R: Read> Records<R> {
    /// The records of `source`; the first is left out when it is a heading.
    pub(super) fn new(source: R, width: usize, heading: bool) -> Self {
        let (guarded, allowance) = Guarded::new(source);
        Self {
            reader: ReaderBuilder::new()
                .has_headers(heading)
                .flexible(true)
                .from_reader(guarded),
            allowance,
            record: ByteRecord::new(),
            width,
        }
    }

    /// The next record; none at the end.
    pub(super) fn next(&mut self, sink: &Sink<'_>) -> Result<Option<Record<'_>>, Error> {
        let line = self.reader.position().line();
        match self.reader.read_byte_record(&mut self.record) {
            Ok(true) => {}
            Ok(false) => return Ok(None),
            Err(_) if self.allowance.is_used_up() => {
                return Err(sink.malformed(
                    line,
                    "a record begins that does not end; a quote may not be closed",
                ));
            }
            Err(error) => {
                let text = error.to_string();
                return Err(match error.into_kind() {
                    ErrorKind::Io(error) => sink.unreadable(error),
                    _ => sink.malformed(line, text),
                });
            }
        }
        self.allowance.renew();
        let line = self.record.position().map_or(line, csv::Position::line);
        if self.record.len() != self.width {
            return Err(sink.malformed(
                line,
                format!(
                    "{} columns where the lines before have {}",
                    self.record.len(),
                    self.width
                ),
            ));
        }
        Ok(Some(Record {
            line,
            cells: &self.record,
        }))
    }

    /// Bytes read.
    pub(super) fn bytes(&self) -> u64 {
        self.allowance.given()
    }
}

impl Record<'_> {
    /// The text of a cell without blanks around it; empty when there is no such column.
    pub(super) fn text(&self, column: Option<usize>) -> Cow<'_, str> {
        let bytes = column
            .and_then(|column| self.cells.get(column))
            .unwrap_or_default()
            .trim_ascii();
        // Older files are in Latin-1, whose bytes are the first characters of Unicode.
        std::str::from_utf8(bytes).map_or_else(
            |_| bytes.iter().copied().map(char::from).collect(),
            Cow::Borrowed,
        )
    }
}
