//! The rows of one file, one after the other.

use std::borrow::Cow;
use std::io::{self, Read};

use concord_read::delimited::{Cell, Chunk, Chunks, Dialect, RowProblem as Damage, Rows};
use concord_read::{Input, Limits, Opened, open};

use crate::error::{Error, RowProblem};

/// Bytes of a chunk.
const CHUNK: usize = 1 << 20;

/// A row.
pub(crate) struct Row<'r> {
    /// Its line in the file, from 1.
    pub(crate) line: u64,
    /// Bytes before it in the file.
    pub(crate) offset: u64,
    /// Where it begins in `bytes`.
    start: usize,
    cells: &'r [Cell],
    bytes: &'r [u8],
}

impl Row<'_> {
    /// How many cells it has.
    pub(crate) fn len(&self) -> usize {
        self.cells.len()
    }

    /// Where a cell stands in the file: the byte, the line and the column, from 1.
    pub(crate) fn place(&self, cell: usize) -> (u64, u64, u64) {
        let end = self
            .cells
            .get(cell)
            .map_or(self.start, |cell| cell.start as usize);
        let before = self.bytes.get(self.start..end).unwrap_or_default();
        let lines = before.split(|byte| *byte == b'\n').count() as u64 - 1;
        let line = before
            .rsplit(|byte| *byte == b'\n')
            .next()
            .unwrap_or_default();
        let column = line.iter().filter(|byte| **byte & 0xC0 != 0x80).count() as u64;
        (
            self.offset + before.len() as u64,
            self.line + lines,
            column + 1,
        )
    }

    /// What a cell says; nothing when there is no such cell.
    pub(crate) fn text(&self, cell: usize) -> Cow<'_, str> {
        self.cells
            .get(cell)
            .map_or(Cow::Borrowed(""), |cell| cell.text(self.bytes))
    }
}

/// What a file was, so that it is known again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Print {
    /// Bytes, decompressed and as UTF-8 where that was to be told.
    pub(crate) length: u64,
    /// Their check sum (CRC-32).
    pub(crate) sum: u32,
}

struct Summed {
    opened: Opened,
    length: u64,
    sum: crc32fast::Hasher,
}

impl Read for Summed {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.opened.read(buffer)?;
        self.sum.update(&buffer[..count]);
        self.length += count as u64;
        Ok(count)
    }
}

/// Hands over the rows of a file, blank lines left out: the first one to whoever wants a header.
///
/// # Errors
/// Those of `each`; [`crate::ErrorKind::Reading`]; [`crate::ErrorKind::Row`] where a row is damaged as delimited text.
pub(crate) fn read(
    input: &Input,
    mut each: impl FnMut(&Row<'_>) -> Result<(), Error>,
) -> Result<Print, Error> {
    let name = input.name();
    each_row(input, |row, damage| match damage {
        Some(reason) => Err(Error::row(name, row.line, RowProblem::Cells, reason)),
        None => each(row),
    })
}

/// Hands over the rows of a file as [`read`] does, with what is wrong with those that are damaged as delimited text.
///
/// # Errors
/// Those of `each`; [`crate::ErrorKind::Reading`].
pub(crate) fn each_row(
    input: &Input,
    mut each: impl FnMut(&Row<'_>, Option<&'static str>) -> Result<(), Error>,
) -> Result<Print, Error> {
    let limits = Limits::default();
    let summed = Summed {
        opened: open(input, &limits)?,
        length: 0,
        sum: crc32fast::Hasher::new(),
    };
    let name = input.name();
    let mut chunks = Chunks::new(summed, name.clone(), CHUNK, limits.record_size);
    let (mut chunk, mut line, mut cells) = (Chunk::default(), 1, Vec::new());
    while let Some(next) = chunks.next(chunk)? {
        let bytes = next.content();
        let mut rows = Rows::of(&next, Dialect::default());
        while let Some(row) = rows.next(&mut cells) {
            let damaged = rows
                .problems()
                .iter()
                .find_map(|found| problem(found.problem));
            if damaged.is_some() || !row.blank || cells.len() > 1 {
                let read = Row {
                    line,
                    offset: next.offset + row.start as u64,
                    start: row.start,
                    cells: &cells,
                    bytes,
                };
                each(&read, damaged)?;
            }
            line += row.line_feeds;
        }
        chunk = next;
    }
    let read = chunks.get_ref();
    Ok(Print {
        length: read.length,
        sum: read.sum.clone().finalize(),
    })
}

/// Why a row is not taken; a cell that is not UTF-8 is read as Windows-1252, and a mark between files that were joined is left out.
fn problem(problem: Damage) -> Option<&'static str> {
    match problem {
        Damage::NotUtf8 | Damage::ByteOrderMark => None,
        Damage::UnclosedQuote => Some("a quote begins a cell and nothing closes it"),
        Damage::TextAfterQuote => Some("something follows the quote that closes a cell"),
        Damage::Nul => Some("a cell holds a NUL character"),
        _ => Some("the row is larger than can be meant"),
    }
}

/// The check sum of a file that is read for nothing else.
pub(crate) fn print(input: &Input) -> Result<Print, Error> {
    let mut summed = Summed {
        opened: open(input, &Limits::default())?,
        length: 0,
        sum: crc32fast::Hasher::new(),
    };
    io::copy(&mut summed, &mut io::sink())
        .map_err(|error| concord_read::ReadError::from_io(error, input.name()))?;
    Ok(Print {
        length: summed.length,
        sum: summed.sum.finalize(),
    })
}
