//! Text in lines of a fixed width: every cell stands at its own characters of the line.
//!
//! Rows, cells and problems are those of [`delimited`](crate::delimited), so that whoever checks them need not know which
//! of the two was read. There are no quotes: every line end (CRLF, LF or a lone CR) ends a row. Widths count characters;
//! in a line that is not UTF-8 every byte is one, and is read as Windows-1252.
//!
//! ```
//! use concord_read::fixed::Rows;
//!
//! let bytes = "RXX01Siân  12\nRXX02Jo\n".as_bytes();
//! let spans = [(0, 5), (5, 6), (11, 2)];
//! let (mut rows, mut cells) = (Rows::new(bytes, &spans, Some(13)), Vec::new());
//! rows.next(&mut cells);
//! assert_eq!(cells[1].text(bytes), "Siân");
//! assert!(rows.problems().is_empty());
//! rows.next(&mut cells);
//! assert_eq!(cells[2].text(bytes), "");
//! assert_eq!(rows.problems().len(), 1);
//! ```

use std::io::Read;
use std::sync::Arc;

pub use crate::chunk::{Chunk, PADDING};
pub use crate::delimited::{Cell, Problem, Row, RowProblem};

use crate::ReadError;
use crate::chunk::{Cut, Source, line_end, partial_character};

/// Reads an input in chunks that end where a line ends.
#[derive(Debug)]
pub struct Chunks<R> {
    source: Source<R>,
}

impl<R: Read> Chunks<R> {
    /// Reads from `reader`, whose input is called `name`, in chunks of about `target` bytes and never more than
    /// `largest` with a line that does not end.
    pub fn new(reader: R, name: Arc<str>, target: usize, largest: usize) -> Self {
        Self {
            source: Source::new(reader, name, target.max(1), largest.max(16)),
        }
    }

    /// The first bytes of the input, as many as a chunk takes, without giving them out.
    ///
    /// # Errors
    /// [`ReadError`] when the input cannot be read.
    pub fn peek(&mut self) -> Result<&[u8], ReadError> {
        self.source.peek()
    }

    /// Whether what has been looked at is the whole input.
    pub fn is_whole(&self) -> bool {
        self.source.is_whole()
    }

    /// The source that is read.
    pub fn get_ref(&self) -> &R {
        self.source.get_ref()
    }

    /// The next chunk, in the memory of an old one. The last one can be empty.
    ///
    /// # Errors
    /// [`ReadError`] when the input cannot be read on. What was read until then and not given out is lost.
    pub fn next(&mut self, old: Chunk) -> Result<Option<Chunk>, ReadError> {
        self.source.next(
            old,
            |bytes| line_end(bytes, 0, bytes.len()),
            |bytes| bytes.len() - partial_character(bytes),
        )
    }
}

/// Splits bytes into rows of fixed width.
#[derive(Debug)]
pub struct Rows<'b> {
    bytes: &'b [u8],
    spans: &'b [(u32, u32)],
    record_length: Option<u32>,
    at: usize,
    ascii: bool,
    nul: bool,
    cut: Cut,
    /// Where each character of a line begins, and where the last ends.
    characters: Vec<u32>,
    problems: Vec<Problem>,
}

impl<'b> Rows<'b> {
    /// Splits bytes that begin and end where lines do. A span is a cell's first character, from 0, and its width;
    /// `record_length` is how many characters a line must have. Of more than 4 GB only the first 4 GB are split.
    pub fn new(bytes: &'b [u8], spans: &'b [(u32, u32)], record_length: Option<u32>) -> Self {
        let bytes = &bytes[..bytes.len().min(u32::MAX as usize)];
        Self {
            bytes,
            spans,
            record_length,
            at: 0,
            ascii: bytes.is_ascii(),
            nul: memchr::memchr(0, bytes).is_some(),
            cut: Cut::default(),
            characters: Vec::new(),
            problems: Vec::new(),
        }
    }

    /// Splits a chunk.
    pub fn of(chunk: &'b Chunk, spans: &'b [(u32, u32)], record_length: Option<u32>) -> Self {
        Self {
            cut: chunk.cut(),
            ..Self::new(chunk.content(), spans, record_length)
        }
    }

    /// What is wrong with the row given out last.
    pub fn problems(&self) -> &[Problem] {
        &self.problems
    }

    /// The next row; its cells, one for each span, replace what is in `cells`.
    ///
    /// Spaces at the end of a cell are padding and left out. A cell beyond the end of its line is empty.
    pub fn next(&mut self, cells: &mut Vec<Cell>) -> Option<Row> {
        cells.clear();
        self.problems.clear();
        let (bytes, start) = (self.bytes, self.at);
        if start >= bytes.len() {
            return None;
        }
        let end =
            memchr::memchr2(b'\n', b'\r', &bytes[start..]).map_or(bytes.len(), |at| start + at);
        let line_end = 1 + usize::from(bytes[end..].starts_with(b"\r\n"));
        self.at = (end + line_end).min(bytes.len());
        let blank = bytes[start..end].iter().all(|byte| b" \t".contains(byte));
        let from = self.examine(start, end, blank);
        let wide = self.set_characters(from, end);
        let length = if wide {
            self.characters.len() - 1
        } else {
            end - from
        };
        let place = |character: u32| -> usize {
            let character = (character as usize).min(length);
            if wide {
                self.characters[character] as usize
            } else {
                from + character
            }
        };
        for (first, width) in self.spans {
            let (first, last) = (place(*first), place(first.saturating_add(*width)));
            let padding = bytes[first..last]
                .iter()
                .rev()
                .take_while(|byte| **byte == b' ')
                .count();
            cells.push(Cell {
                start: first as u32,
                length: (last - first - padding) as u32,
                ..Cell::default()
            });
        }
        if let Some(wanted) = self.record_length.filter(|_| !blank) {
            let problem = match length.cmp(&(wanted as usize)) {
                std::cmp::Ordering::Less => Some((RowProblem::ShortLine, end)),
                std::cmp::Ordering::Equal => None,
                std::cmp::Ordering::Greater => Some((RowProblem::LongLine, place(wanted))),
            };
            if let Some((problem, at)) = problem {
                let cell = last_before(cells, at);
                self.problems.push(Problem { problem, cell, at });
            }
        }
        for found in &mut self.problems {
            if matches!(found.problem, RowProblem::Nul | RowProblem::NotUtf8) {
                let holds = |cell: &Cell| {
                    (cell.start as usize..(cell.start + cell.length) as usize).contains(&found.at)
                };
                found.cell = cells.iter().position(holds).unwrap_or(0);
            }
        }
        Some(Row {
            start,
            end,
            next: self.at,
            cells: cells.len(),
            line_feeds: memchr::memchr_iter(b'\n', &bytes[start..self.at]).count() as u64,
            blank,
        })
    }

    /// Reports what only few lines have, and returns where the line's first character is.
    fn examine(&mut self, start: usize, end: usize, blank: bool) -> usize {
        let mut report = |problem, at| {
            self.problems.push(Problem {
                problem,
                cell: 0,
                at,
            });
        };
        let line = &self.bytes[start..end];
        if std::mem::take(&mut self.cut.continued) {
            report(RowProblem::Continued, start);
        }
        if self.cut.too_long && self.at == self.bytes.len() {
            report(RowProblem::TooLong, start);
        }
        if blank || (self.ascii && !self.nul) {
            return start;
        }
        if let Some(at) = memchr::memchr(0, line) {
            report(RowProblem::Nul, start + at);
        }
        if let Err(error) = std::str::from_utf8(line) {
            report(RowProblem::NotUtf8, start + error.valid_up_to());
            return start;
        }
        if line.starts_with(b"\xef\xbb\xbf") {
            report(RowProblem::ByteOrderMark, start);
            return start + 3;
        }
        start
    }

    /// Finds the characters of a line, unless each of them is one byte.
    fn set_characters(&mut self, from: usize, end: usize) -> bool {
        let line = &self.bytes[from..end];
        if self.ascii || line.is_ascii() {
            return false;
        }
        let Ok(text) = std::str::from_utf8(line) else {
            return false;
        };
        self.characters.clear();
        self.characters
            .extend(text.char_indices().map(|(at, _)| (from + at) as u32));
        self.characters.push(end as u32);
        true
    }
}

/// The last cell that begins before `at`.
fn last_before(cells: &[Cell], at: usize) -> usize {
    let before = |cell: &Cell| (cell.start as usize) < at;
    cells.iter().rposition(before).unwrap_or(0)
}
