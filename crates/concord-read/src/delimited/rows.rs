//! A chunk split into rows and cells.

use super::quoted::{self, Quoted};
use super::scan::{Quotes, Scan};
use super::{Cell, Chunk, Dialect};
use crate::chunk::Cut;

/// Cells of a row that are kept; those beyond are counted.
pub const CELLS: usize = 16_384;

/// A byte order mark, which stands inside an input where files were put behind each other.
pub(super) const MARK: &[u8] = b"\xef\xbb\xbf";

/// One row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Row {
    /// Where it begins in the bytes that are split.
    pub start: usize,
    /// Where it ends, without its line end.
    pub end: usize,
    /// Where the next one begins.
    pub next: usize,
    /// How many cells it has, those beyond [`CELLS`] included.
    pub cells: usize,
    /// Line feeds in it, that of its end included.
    pub line_feeds: u64,
    /// Whether there is nothing in it but delimiters, spaces and tabs. With one cell it is an empty line.
    pub blank: bool,
}

/// What is wrong with a row as delimited text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum RowProblem {
    /// A quote begins a cell and nothing closes it. The row ends with its line; the quote is part of the cell's text.
    UnclosedQuote,
    /// Something follows the quote that closes a cell. It is part of the cell's text.
    TextAfterQuote,
    /// A cell holds a NUL character.
    Nul,
    /// A cell is not UTF-8 and is read as Windows-1252.
    NotUtf8,
    /// A byte order mark stands inside the input, before the row. It is left out.
    ByteOrderMark,
    /// The row has more than [`CELLS`] cells.
    TooManyCells,
    /// The row is larger than the largest permitted, and only its beginning is here.
    TooLong,
    /// This is a further part of a row that is larger than the largest permitted.
    Continued,
    /// A line of fixed width has fewer characters than its layout says.
    ShortLine,
    /// A line of fixed width has more characters than its layout says.
    LongLine,
    /// Text stands behind the last column of a line whose length no layout says.
    TextBehind,
    /// A line has no place in its record, and the cells for such lines are full. The problem's cell is the last of them.
    LineWithoutPlace,
}

/// A problem of a row and its place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Problem {
    /// What it is.
    pub problem: RowProblem,
    /// The cell that has it, from 0.
    pub cell: usize,
    /// Where it is in the bytes that are split.
    pub at: usize,
}

/// Splits bytes into rows.
///
/// Rows cover the bytes without a gap: each begins where the one before says that the next one does.
#[derive(Debug)]
pub struct Rows<'b> {
    bytes: &'b [u8],
    dialect: Dialect,
    scan: Scan,
    quotes: Quotes,
    at: usize,
    /// Whether some cell has a problem that is looked for only when there is one.
    not_utf8: bool,
    nul: bool,
    cut: Cut,
    problems: Vec<Problem>,
}

impl<'b> Rows<'b> {
    /// Splits bytes that begin and end where rows do. Of more than 4 GB only the first 4 GB are split.
    pub fn new(bytes: &'b [u8], dialect: Dialect) -> Self {
        let bytes = &bytes[..bytes.len().min(u32::MAX as usize)];
        Self {
            bytes,
            dialect,
            scan: Scan::new(bytes, dialect.delimiter, 0),
            quotes: Quotes::new(bytes, dialect.quote),
            at: 0,
            not_utf8: std::str::from_utf8(bytes).is_err(),
            nul: memchr::memchr(0, bytes).is_some(),
            cut: Cut::default(),
            problems: Vec::new(),
        }
    }

    /// Splits a chunk that was cut by the same dialect.
    pub fn of(chunk: &'b Chunk, dialect: Dialect) -> Self {
        Self {
            cut: chunk.cut(),
            ..Self::new(chunk.content(), dialect)
        }
    }

    /// Begins with the row at `offset` instead of the first.
    #[must_use]
    pub fn starting_at(mut self, offset: usize) -> Self {
        self.at = offset.min(self.bytes.len());
        self.scan = Scan::new(self.bytes, self.dialect.delimiter, self.at);
        self
    }

    /// Whether every cell is UTF-8.
    pub fn is_utf8(&self) -> bool {
        !self.not_utf8
    }

    /// What is wrong with the row given out last, in the order of the cells.
    pub fn problems(&self) -> &[Problem] {
        &self.problems
    }

    /// The next row; its cells replace what is in `cells`.
    pub fn next(&mut self, cells: &mut Vec<Cell>) -> Option<Row> {
        cells.clear();
        self.problems.clear();
        let (bytes, dialect) = (self.bytes, self.dialect);
        let start = self.at;
        if start >= bytes.len() {
            return None;
        }
        // Kept apart from `self` until the row has ended, so that it stays in registers.
        let mut scan = self.scan;
        let mut from = start;
        if bytes[start] == MARK[0] && bytes[start..].starts_with(MARK) {
            self.report(RowProblem::ByteOrderMark, 0, start);
            from += MARK.len();
        }
        let (mut beyond, mut line_feeds) = (0, 0);
        let end = loop {
            let (cell, end);
            if bytes.get(from) == Some(&dialect.quote) {
                (cell, end, scan) = self.quoted(scan, from, cells.len() + beyond);
                // No other cell has line ends in it.
                let text = &bytes[from..end];
                line_feeds += memchr::memchr_iter(b'\n', text).count() as u64;
            } else {
                end = scan.next(bytes);
                cell = Cell::plain(from, end);
            }
            if cells.len() < CELLS {
                cells.push(cell);
            } else {
                beyond += 1;
            }
            if bytes.get(end) != Some(&dialect.delimiter) {
                break end;
            }
            from = end + 1;
        };
        let mut next = (end + 1).min(bytes.len());
        if bytes[end..].starts_with(b"\r\n") {
            next += 1;
            scan.next(bytes);
        }
        self.scan = scan;
        self.at = next;
        if beyond > 0 {
            self.report(RowProblem::TooManyCells, CELLS, end);
        }
        self.examine(start, end, cells);
        Some(Row {
            start,
            end,
            next,
            cells: cells.len() + beyond,
            line_feeds: line_feeds + u64::from(next > end && bytes[next - 1] == b'\n'),
            blank: cells.iter().all(|cell| {
                !cell.quoted && cell.raw(bytes).iter().all(|byte| b" \t".contains(byte))
            }),
        })
    }

    /// Reads the cell that the quote at `open` begins: the cell, where it ends, and the scan behind it. A quote that is not
    /// closed leaves the cell unquoted.
    #[inline(never)]
    fn quoted(&mut self, mut scan: Scan, open: usize, number: usize) -> (Cell, usize, Scan) {
        let bytes = self.bytes;
        match quoted::follow(bytes, &mut self.quotes, open, self.dialect, true) {
            Quoted::Closed {
                close,
                doubled,
                clean,
            } => {
                scan.skip_to(bytes, close + 1);
                let end = scan.next(bytes);
                let last = if clean { close } else { end };
                if !clean {
                    self.report(RowProblem::TextAfterQuote, number, close + 1);
                }
                let cell = Cell {
                    quoted: true,
                    escaped: doubled || !clean,
                    ..Cell::plain(open + 1, last)
                };
                (cell, end, scan)
            }
            Quoted::Unclosed | Quoted::Unknown => {
                self.report(RowProblem::UnclosedQuote, number, open);
                let end = scan.next(bytes);
                (Cell::plain(open, end), end, scan)
            }
        }
    }

    fn report(&mut self, problem: RowProblem, cell: usize, at: usize) {
        // A row of millions of cells does not need a problem in each.
        if self.problems.len() < CELLS {
            self.problems.push(Problem { problem, cell, at });
        }
    }

    /// Reports what only few rows have.
    fn examine(&mut self, start: usize, end: usize, cells: &[Cell]) {
        if std::mem::take(&mut self.cut.continued) {
            self.report(RowProblem::Continued, 0, start);
        }
        if self.cut.too_long && self.at == self.bytes.len() {
            self.report(RowProblem::TooLong, 0, start);
        }
        if self.not_utf8 || self.nul {
            self.examine_characters(start, end, cells);
        }
        if self.problems.len() > 1 {
            self.problems
                .sort_by_key(|problem| (problem.cell, problem.at));
        }
    }

    fn examine_characters(&mut self, start: usize, end: usize, cells: &[Cell]) {
        let bytes = self.bytes;
        if self.nul && memchr::memchr(0, &bytes[start..end]).is_some() {
            for (number, cell) in cells.iter().enumerate() {
                if let Some(at) = memchr::memchr(0, cell.raw(bytes)) {
                    self.report(RowProblem::Nul, number, cell.start as usize + at);
                }
            }
        }
        if self.not_utf8 && std::str::from_utf8(&bytes[start..end]).is_err() {
            for (number, cell) in cells.iter().enumerate() {
                if let Err(error) = std::str::from_utf8(cell.raw(bytes)) {
                    let at = cell.start as usize + error.valid_up_to();
                    self.report(RowProblem::NotUtf8, number, at);
                }
            }
        }
    }
}
