//! Lines of a table: with a character between the cells, or each cell at its own characters, of one line or of several.

use std::io::Write;

use concord_standards::layout::LineSeats;

use super::backwards::{Form, Span};

/// What stands at the end of a line.
const LINE_END: &[u8] = b"\r\n";

/// Writes the lines of a table.
pub(super) enum Lines<W: Write> {
    /// With a character between the cells.
    Delimited(Box<csv::Writer<W>>),
    /// Each cell at its own characters.
    Fixed {
        /// Where the lines go.
        out: W,
        /// The characters of the cells.
        spans: Vec<Span>,
        /// The line that is made.
        line: String,
    },
    /// Each cell at its own characters of one of several lines.
    Several {
        /// Where the lines go.
        out: W,
        /// Where the cells stand.
        seats: Box<LineSeats>,
        /// Records written.
        records: u64,
    },
}

impl<W: Write> Lines<W> {
    /// Writes to `out`, the names of the columns first if the form has them.
    pub(super) fn new<'h>(
        form: &Form,
        headers: impl Iterator<Item = &'h str>,
        out: W,
    ) -> Result<Self, String> {
        let (delimiter, header) = match form {
            Form::Delimited { delimiter, header } => (*delimiter, *header),
            Form::Fixed(spans) => {
                return Ok(Self::Fixed {
                    out,
                    spans: spans.clone(),
                    line: String::new(),
                });
            }
            Form::Lines(seats) => {
                return Ok(Self::Several {
                    out,
                    seats: seats.clone(),
                    records: 0,
                });
            }
        };
        let mut out = csv::WriterBuilder::new()
            .delimiter(delimiter)
            .terminator(csv::Terminator::CRLF)
            .from_writer(out);
        if header {
            out.write_record(headers.map(str::as_bytes))
                .map_err(|error| error.to_string())?;
        }
        Ok(Self::Delimited(Box::new(out)))
    }

    /// Writes a line. Cells fit their columns: [`Column::fit`](super::column::Column::fit) sees to it.
    pub(super) fn write(&mut self, cells: &[String]) -> Result<(), String> {
        match self {
            Self::Delimited(out) => out.write_record(cells).map_err(|error| error.to_string()),
            Self::Fixed { out, spans, line } => {
                line.clear();
                let mut at = 0;
                for ((start, width), cell) in spans.iter().zip(cells) {
                    pad(line, *start, &mut at);
                    line.push_str(cell);
                    at += cell.chars().count() as u32;
                    pad(line, start.saturating_add(*width), &mut at);
                }
                let written = out.write_all(line.as_bytes());
                let written = written.and_then(|()| out.write_all(LINE_END));
                written.map_err(|error| error.to_string())
            }
            Self::Several {
                out,
                seats,
                records,
            } => {
                *records += 1;
                let mut lines = seats.lines(cells, *records).into_iter();
                let written = lines.try_for_each(|line| {
                    out.write_all(line.as_bytes())?;
                    out.write_all(LINE_END)
                });
                written.map_err(|error| error.to_string())
            }
        }
    }

    /// Ends the table and gives back what it was written to.
    pub(super) fn finish(self) -> Result<W, String> {
        match self {
            Self::Delimited(out) => {
                let inner = out.into_inner();
                inner.map_err(|error| error.error().to_string())
            }
            Self::Fixed { mut out, .. } | Self::Several { mut out, .. } => {
                out.flush().map_err(|error| error.to_string())?;
                Ok(out)
            }
        }
    }
}

/// Blanks up to a character of the line.
fn pad(line: &mut String, to: u32, at: &mut u32) {
    while *at < to {
        line.push(' ');
        *at += 1;
    }
}
