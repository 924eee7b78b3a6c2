//! The physical forms of a table: delimited text and fixed width, as one.

use std::io::Read;

use concord_read::ReadError;
use concord_read::delimited::{self, Cell, Chunk, Dialect, Problem, Row};
use concord_read::fixed;

use super::plan::TablePlan;

/// How the cells of a row are found.
#[derive(Debug, Clone)]
pub(crate) enum Form {
    /// By what stands between them.
    Delimited(Dialect),
    /// By where they stand.
    Fixed {
        /// First character, from 0, and number of characters of each.
        spans: Vec<(u32, u32)>,
        /// Characters of a line, when the standard says so.
        record_length: Option<u32>,
    },
}

impl Form {
    /// The form of a fixed-width table.
    pub(crate) fn fixed(plan: &TablePlan) -> Self {
        let layout = plan.layout();
        Self::Fixed {
            spans: layout
                .fields
                .iter()
                .map(|field| field.span.unwrap_or_default())
                .collect(),
            record_length: layout.record_length,
        }
    }

    /// What stands between cells, where something does.
    pub(crate) fn delimiter(&self) -> Option<u8> {
        match self {
            Self::Delimited(dialect) => Some(dialect.delimiter),
            Self::Fixed { .. } => None,
        }
    }

    /// Whether a text can stand in the place of a cell's, with the cell's quotes or without any, and move no other cell.
    pub(crate) fn takes(&self, cell: Cell, bytes: &[u8], text: &str) -> bool {
        let ends = |byte: &u8| matches!(byte, b'\n' | b'\r' | 0);
        if cell.escaped || text.bytes().any(|byte| ends(&byte)) {
            return false;
        }
        match self {
            Self::Delimited(dialect) => {
                let quote = memchr::memchr(dialect.quote, text.as_bytes());
                quote.is_none()
                    && (cell.quoted || memchr::memchr(dialect.delimiter, text.as_bytes()).is_none())
            }
            Self::Fixed { .. } => {
                let written = String::from_utf8_lossy(cell.raw(bytes));
                written.chars().count() == text.chars().count()
            }
        }
    }

    /// Splits a chunk.
    pub(crate) fn rows<'b>(&'b self, chunk: &'b Chunk, from: usize) -> Rows<'b> {
        match self {
            Self::Delimited(dialect) => {
                Rows::Delimited(delimited::Rows::of(chunk, *dialect).starting_at(from))
            }
            Self::Fixed {
                spans,
                record_length,
            } => Rows::Fixed(fixed::Rows::of(chunk, spans, *record_length)),
        }
    }

    /// The cells of the row that `bytes` begin with and that stands at `start`.
    pub(crate) fn cells(&self, bytes: &[u8], start: usize, cells: &mut Vec<Cell>) -> bool {
        let row = match self {
            Self::Delimited(dialect) => delimited::Rows::new(bytes, *dialect).next(cells),
            Self::Fixed {
                spans,
                record_length,
            } => fixed::Rows::new(bytes, spans, *record_length).next(cells),
        };
        for cell in cells.iter_mut() {
            cell.start += start as u32;
        }
        row.is_some()
    }
}

/// The rows of a chunk.
pub(crate) enum Rows<'b> {
    Delimited(delimited::Rows<'b>),
    Fixed(fixed::Rows<'b>),
}

impl Rows<'_> {
    /// The next row; its cells replace what is in `cells`.
    #[inline]
    pub(crate) fn next(&mut self, cells: &mut Vec<Cell>) -> Option<Row> {
        match self {
            Self::Delimited(rows) => rows.next(cells),
            Self::Fixed(rows) => rows.next(cells),
        }
    }

    /// What is wrong with the row given out last.
    pub(crate) fn problems(&self) -> &[Problem] {
        match self {
            Self::Delimited(rows) => rows.problems(),
            Self::Fixed(rows) => rows.problems(),
        }
    }
}

/// The chunks of an input, cut by its form.
pub(crate) enum Chunks<S> {
    Delimited(delimited::Chunks<S>),
    Fixed(fixed::Chunks<S>),
}

impl<S: Read> Chunks<S> {
    pub(crate) fn next(&mut self, old: Chunk) -> Result<Option<Chunk>, ReadError> {
        match self {
            Self::Delimited(chunks) => chunks.next(old),
            Self::Fixed(chunks) => chunks.next(old),
        }
    }
}
