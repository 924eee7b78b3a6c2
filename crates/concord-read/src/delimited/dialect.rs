//! Which delimiter an input has.

use super::{Cell, Rows};

/// What separates and what quotes cells. Both are ASCII, unequal, and neither a line end nor NUL.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Dialect {
    /// Between cells.
    pub delimiter: u8,
    /// Around cells.
    pub quote: u8,
}

impl Default for Dialect {
    fn default() -> Self {
        Self::delimited_by(b',')
    }
}

/// How a dialect is known.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum How {
    /// The first line says so: `sep=;`, as Excel writes and reads it.
    Declared,
    /// It divides the first rows into most cells, four in five of them into as many as the first.
    Counted,
    /// No delimiter divides the first rows; it is the first that is permitted.
    Assumed,
}

/// A delimiter, and how well it divides the first rows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rival {
    /// The delimiter.
    pub delimiter: u8,
    /// Cells of the first row that is not blank.
    pub columns: usize,
    /// Rows that have as many cells as the first.
    pub agreeing: usize,
    /// Rows looked at.
    pub rows: usize,
}

/// The dialect of an input, and how sure that is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Detected {
    /// The dialect.
    pub dialect: Dialect,
    /// How it is known.
    pub how: How,
    /// Bytes before the first row: those of a line that declares the delimiter.
    pub skip: usize,
    /// The candidates that divide the first row, the best first.
    pub rivals: Vec<Rival>,
}

/// Delimiters that are looked for besides those that are permitted.
const USUAL: [u8; 4] = [b',', b';', b'|', b'\t'];

/// How much is looked at.
const BYTES: usize = 64 * 1024;
const ROWS: usize = 100;

impl Dialect {
    /// The dialect with this delimiter and the usual quote.
    pub const fn delimited_by(delimiter: u8) -> Self {
        Self {
            delimiter,
            quote: b'"',
        }
    }

    /// Tells the dialect from the first bytes of an input. The `permitted` delimiters come first where the rows do not
    /// decide; others are found too, so that a wrong one can be told.
    pub fn detect(first: &[u8], permitted: &[u8]) -> Detected {
        if let Some((delimiter, skip)) = declared(first) {
            return Detected {
                dialect: Self::delimited_by(delimiter),
                how: How::Declared,
                skip,
                rivals: rivals(&first[skip..], permitted),
            };
        }
        let rivals = rivals(first, permitted);
        let (delimiter, how) = match rivals.first() {
            Some(best) => (best.delimiter, How::Counted),
            None => (permitted.first().copied().unwrap_or(b','), How::Assumed),
        };
        Detected {
            dialect: Self::delimited_by(delimiter),
            how,
            skip: 0,
            rivals,
        }
    }
}

/// The delimiter that the first line declares, and where the line ends.
fn declared(first: &[u8]) -> Option<(u8, usize)> {
    let line_end = memchr::memchr2(b'\n', b'\r', first)?;
    let line = &first[..line_end];
    let line = line
        .strip_prefix(b"\"")
        .and_then(|line| line.strip_suffix(b"\""))
        .unwrap_or(line);
    let delimiter = match line {
        [s, e, p, b'=', delimiter] if [*s, *e, *p].eq_ignore_ascii_case(b"sep") => *delimiter,
        _ => return None,
    };
    let possible =
        delimiter.is_ascii_punctuation() && delimiter != b'"' || b" \t".contains(&delimiter);
    let length = if first[line_end..].starts_with(b"\r\n") {
        2
    } else {
        1
    };
    possible.then_some((delimiter, line_end + length))
}

/// The candidates that divide the first row, the best first.
fn rivals(first: &[u8], permitted: &[u8]) -> Vec<Rival> {
    let bytes = &first[..first.len().min(BYTES)];
    let mut candidates: Vec<u8> = Vec::new();
    for delimiter in permitted.iter().chain(&USUAL) {
        let possible = delimiter.is_ascii() && !b"\"\r\n\0".contains(delimiter);
        if possible && !candidates.contains(delimiter) {
            candidates.push(*delimiter);
        }
    }
    let mut rivals: Vec<Rival> = candidates
        .into_iter()
        .map(|delimiter| measured(bytes, delimiter))
        .filter(|rival| rival.columns > 1)
        .collect();
    // Stable: those permitted stand first.
    let steady = |rival: &Rival| rival.agreeing * 5 >= rival.rows * 4;
    rivals.sort_by_key(|rival| std::cmp::Reverse((steady(rival), rival.columns)));
    rivals
}

fn measured(bytes: &[u8], delimiter: u8) -> Rival {
    let mut rows = Rows::new(bytes, Dialect::delimited_by(delimiter));
    let mut cells: Vec<Cell> = Vec::new();
    let mut rival = Rival {
        delimiter,
        columns: 0,
        agreeing: 0,
        rows: 0,
    };
    while let Some(row) = rows.next(&mut cells) {
        // The last row may go on beyond the bytes.
        let cut_off = row.next == bytes.len() && row.end == row.next;
        if row.blank || cut_off && rival.rows > 0 {
            continue;
        }
        if rival.rows == 0 {
            rival.columns = row.cells;
        }
        rival.rows += 1;
        rival.agreeing += usize::from(row.cells == rival.columns);
        if rival.rows == ROWS {
            break;
        }
    }
    rival
}
