//! Delimited text cut behind rows.

use std::io::Read;
use std::sync::Arc;

use super::quoted::{self, QUOTED_BYTES, Quoted};
use super::rows::MARK;
use super::scan::Quotes;
use super::{Chunk, Dialect};
use crate::ReadError;
use crate::chunk::{Source, line_end, partial_character};

/// Reads an input in chunks that end where a row ends.
///
/// Splitting a chunk with [`Rows`](super::Rows) gives the rows that splitting the whole input would give. Only a row that
/// is larger than the largest is cut; its chunk says so.
#[derive(Debug)]
pub struct Chunks<R> {
    source: Source<R>,
    dialect: Dialect,
}

impl<R: Read> Chunks<R> {
    /// Reads from `reader`, whose input is called `name`, in chunks of about `target` bytes and never more than
    /// `largest` (at least twice [`QUOTED_BYTES`]) with a row that does not end.
    pub fn new(reader: R, name: Arc<str>, target: usize, largest: usize) -> Self {
        Self {
            source: Source::new(
                reader,
                name,
                target.max(1),
                largest.max(2 * (QUOTED_BYTES + 2)),
            ),
            dialect: Dialect::default(),
        }
    }

    /// The first bytes of the input, as many as a chunk takes, without giving them out.
    ///
    /// # Errors
    /// [`ReadError`] when the input cannot be read.
    pub fn peek(&mut self) -> Result<&[u8], ReadError> {
        self.source.peek()
    }

    /// Twice as many of the first bytes as were looked at so far, for who has not seen enough; `None` when these are
    /// all there are, or as many as a row may have.
    ///
    /// # Errors
    /// [`ReadError`] when the input cannot be read on.
    pub fn peek_further(&mut self) -> Result<Option<&[u8]>, ReadError> {
        self.source.peek_further()
    }

    /// Whether what has been looked at is the whole input.
    pub fn is_whole(&self) -> bool {
        self.source.is_whole()
    }

    /// Sets the dialect, which is otherwise that of [`Dialect::default`].
    pub fn set_dialect(&mut self, dialect: Dialect) {
        self.dialect = dialect;
    }

    /// The dialect by which the input is cut.
    pub fn dialect(&self) -> Dialect {
        self.dialect
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
        let dialect = self.dialect;
        self.source.next(
            old,
            |bytes| last_row_end(bytes, dialect),
            |bytes| inside_row(bytes, dialect),
        )
    }
}

/// Where the last row that ends in `bytes` for certain ends, whatever follows them.
fn last_row_end(bytes: &[u8], dialect: Dialect) -> Option<usize> {
    last_outside(bytes, dialect, |from, to| line_end(bytes, from, to))
}

/// Where to cut bytes that are all of one row: behind a cell, or else behind a character.
fn inside_row(bytes: &[u8], dialect: Dialect) -> usize {
    let behind_delimiter = |from: usize, to: usize| {
        memchr::memrchr(dialect.delimiter, &bytes[from..to]).map(|at| from + at + 1)
    };
    last_outside(bytes, dialect, behind_delimiter)
        .unwrap_or_else(|| bytes.len() - partial_character(bytes))
}

/// The last of what `find` finds in the stretches of `bytes` that are outside of quoted cells.
fn last_outside(
    bytes: &[u8],
    dialect: Dialect,
    find: impl Fn(usize, usize) -> Option<usize>,
) -> Option<usize> {
    let mut last = None;
    // Where the last quoted cell ended, and from where to look for the next.
    let (mut outside, mut at) = (0, 0);
    let mut quotes = Quotes::new(bytes, dialect.quote);
    while let Some(open) = quotes.find(bytes, at, bytes.len()) {
        at = open + 1;
        if !begins_cell(bytes, open, dialect) {
            continue;
        }
        match quoted::follow(bytes, &mut quotes, open, dialect, false) {
            Quoted::Closed { close, .. } => {
                last = find(outside, open).or(last);
                outside = close + 1;
                at = outside;
            }
            Quoted::Unclosed => {}
            Quoted::Unknown => return find(outside, open).or(last),
        }
    }
    find(outside, bytes.len()).or(last)
}

/// Whether the quote at `at`, outside of a quoted cell, begins a cell.
fn begins_cell(bytes: &[u8], at: usize, dialect: Dialect) -> bool {
    let ends_line = |byte: &u8| matches!(byte, b'\n' | b'\r');
    match bytes[..at].last() {
        None => true,
        Some(before) if *before == dialect.delimiter || ends_line(before) => true,
        Some(_) => bytes[..at]
            .strip_suffix(MARK)
            .is_some_and(|before| before.last().is_none_or(ends_line)),
    }
}
