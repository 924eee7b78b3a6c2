//! Delimited text: chunks that end where a row ends, and rows as spans of cells.
//!
//! | step | does |
//! |---|---|
//! | [`Dialect::detect`] | tells the delimiter from the first bytes |
//! | [`Chunks`] | cuts the input behind the last complete row, one thread at a time |
//! | [`Rows`] | splits a chunk into rows and cells, on any thread |
//!
//! **What a row is.** A row ends with CRLF, LF or a lone CR, or with the input. A cell that begins with the quote goes on
//! to the next quote that is not doubled, line ends and delimiters included; after that, anything up to the next delimiter
//! is literal. A quote anywhere else is literal. That is RFC 4180 (<https://www.rfc-editor.org/rfc/rfc4180>, section 2)
//! with the leniencies that spreadsheets have.
//!
//! **A quote that nobody closed** must not swallow the rows behind it. The quote at the beginning of a cell is taken
//! literally, and reported, when what follows cannot be meant as one cell: when the next single quote is more than
//! [`QUOTED_BYTES`] away or more than [`QUOTED_LINES`] lines, or when it stands on a later line and no delimiter and no
//! line end follows it (it then opens a cell of a later row, or belongs into its middle). Both the cutting and the
//! splitting ask the same function, which looks no further ahead than that.
//!
//! **Encoding.** The bytes are expected to be UTF-8. A cell that is not is read as Windows-1252, cell by cell, and its row
//! says so; all offsets are those of the bytes as they came.
//!
//! ```
//! use concord_read::delimited::{Dialect, Rows};
//!
//! let bytes = b"RXX01;\"Day case; same day\";2\r\nRXX02;;1\r\n";
//! let dialect = Dialect::detect(bytes, b",;").dialect;
//! let (mut rows, mut cells) = (Rows::new(bytes, dialect), Vec::new());
//! while let Some(row) = rows.next(&mut cells) {
//!     assert_eq!(row.cells, 3);
//!     if row.start == 0 {
//!         assert_eq!(cells[1].text(bytes), "Day case; same day");
//!     }
//! }
//! ```

mod cell;
mod chunks;
mod dialect;
mod quoted;
mod rows;
mod scan;

pub use crate::chunk::{Chunk, PADDING};
pub use cell::Cell;
pub use chunks::Chunks;
pub use dialect::{Detected, Dialect, How, Rival};
pub use quoted::{QUOTED_BYTES, QUOTED_LINES};
pub use rows::{CELLS, Problem, Row, RowProblem, Rows};
