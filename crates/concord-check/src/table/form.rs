//! The physical forms of a table: delimited text, and fixed width of one line or of several, as one.

use std::io::Read;
use std::sync::Arc;

use concord_read::ReadError;
use concord_read::delimited::{self, Cell, Chunk, Dialect, Problem, Row};
use concord_read::fixed;
use concord_read::lines::{self, LineCell, LineOf, RecordLines};

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
    /// By where they stand in which line of several.
    Lines(Arc<RecordLines>),
}

impl Form {
    /// The form of a fixed-width table.
    pub(crate) fn fixed(plan: &TablePlan) -> Self {
        let layout = plan.layout();
        let spans = layout
            .fields
            .iter()
            .map(|field| field.span.unwrap_or_default());
        let Some(form) = &layout.lines else {
            return Self::Fixed {
                spans: spans.collect(),
                record_length: layout.record_length,
            };
        };
        let cells = layout.fields.iter().zip(spans);
        let cells: Vec<LineCell> = cells
            .map(|(field, (first, width))| LineCell {
                line: field.line.as_ref().map(|line| LineOf {
                    code: Arc::clone(&line.code),
                    numbers: line.numbers.clone(),
                }),
                first,
                width,
            })
            .collect();
        let form = RecordLines::new(&form.first, form.shared, form.numbers, &cells);
        Self::Lines(Arc::new(form))
    }

    /// What stands between cells, where something does.
    pub(crate) fn delimiter(&self) -> Option<u8> {
        match self {
            Self::Delimited(dialect) => Some(dialect.delimiter),
            Self::Fixed { .. } | Self::Lines(_) => None,
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
            Self::Fixed { .. } | Self::Lines(_) => {
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
            Self::Lines(form) => Rows::Lines(lines::Rows::of(chunk, form)),
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
            Self::Lines(form) => lines::Rows::new(bytes, form).next(cells),
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
    Lines(lines::Rows<'b>),
}

impl Rows<'_> {
    /// The next row; its cells replace what is in `cells`.
    #[inline]
    pub(crate) fn next(&mut self, cells: &mut Vec<Cell>) -> Option<Row> {
        match self {
            Self::Delimited(rows) => rows.next(cells),
            Self::Fixed(rows) => rows.next(cells),
            Self::Lines(rows) => rows.next(cells),
        }
    }

    /// What is wrong with the row given out last.
    pub(crate) fn problems(&self) -> &[Problem] {
        match self {
            Self::Delimited(rows) => rows.problems(),
            Self::Fixed(rows) => rows.problems(),
            Self::Lines(rows) => rows.problems(),
        }
    }
}

/// The chunks of an input, cut by its form.
pub(crate) enum Chunks<S> {
    Delimited(delimited::Chunks<S>),
    Fixed(fixed::Chunks<S>),
    Lines(lines::Chunks<S>),
}

impl<S: Read> Chunks<S> {
    /// The first bytes of the input, without giving them out.
    pub(crate) fn peek(&mut self) -> Result<&[u8], ReadError> {
        match self {
            Self::Delimited(chunks) => chunks.peek(),
            Self::Fixed(chunks) => chunks.peek(),
            Self::Lines(chunks) => chunks.peek(),
        }
    }

    pub(crate) fn next(&mut self, old: Chunk) -> Result<Option<Chunk>, ReadError> {
        match self {
            Self::Delimited(chunks) => chunks.next(old),
            Self::Fixed(chunks) => chunks.next(old),
            Self::Lines(chunks) => chunks.next(old),
        }
    }
}
