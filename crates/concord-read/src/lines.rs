//! Records of several lines of fixed width: what a line holds is told by the code that it begins with.
//!
//! A record begins with a line of the first kind and goes on to the next such line. Its other lines repeat the characters
//! that connect it, and may say in numbers which of their kind they are. Every cell stands at its own characters of one
//! line, so that rows, cells and problems are those of [`fixed`].
//!
//! A line that has no place in its record (of a kind or with a number that nobody expects, a second time, or with
//! characters that connect another record) is not read; its code is the text of the next of the cells that are for such
//! lines, and where these are full it is a problem.
//!
//! ```
//! use std::sync::Arc;
//! use concord_read::lines::{LineCell, LineOf, RecordLines, Rows};
//!
//! let cell = |code: &str, numbers: &[u32], first, width| LineCell {
//!     line: Some(LineOf { code: code.into(), numbers: numbers.to_vec() }),
//!     first,
//!     width,
//! };
//! // Two figures of code, four that connect, then the number of the line.
//! let cells = [cell("01", &[], 6, 3), cell("02", &[2], 9, 4)];
//! let form = RecordLines::new("01", (2, 4), (6, 3), &cells);
//! let bytes = b"01R001RXX\n02R001001I10X\n02R001002J459\n01R002RYY\n";
//! let (mut rows, mut cells) = (Rows::new(bytes, &form), Vec::new());
//! rows.next(&mut cells);
//! assert_eq!((cells[0].text(bytes), cells[1].text(bytes)), ("RXX".into(), "J459".into()));
//! rows.next(&mut cells);
//! assert_eq!((cells[0].text(bytes), cells[1].text(bytes)), ("RYY".into(), "".into()));
//! assert!(rows.next(&mut cells).is_none());
//! ```

use std::collections::BTreeMap;
use std::io::Read;
use std::sync::Arc;

pub use crate::chunk::{Chunk, PADDING};
pub use crate::delimited::{Cell, Problem, Row, RowProblem};

use crate::ReadError;
use crate::chunk::{Cut, Source, partial_character};
use crate::fixed;

/// A first character, from 0, and how many characters.
type Span = (u32, u32);

/// A line of a record: its code, and which of its kind it is, where the kind is numbered.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct LineOf {
    /// What it begins with.
    pub code: Arc<str>,
    /// Its numbers, from 1, the outer one first.
    pub numbers: Vec<u32>,
}

/// Where a cell stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LineCell {
    /// The line; `None` for the next line that has no place in its record.
    pub line: Option<LineOf>,
    /// Its first character, from 0.
    pub first: u32,
    /// How many characters it has.
    pub width: u32,
}

/// How records of several lines are read, made ready.
#[derive(Debug, Clone)]
pub struct RecordLines {
    first: Arc<str>,
    shared: Span,
    numbers: Span,
    cells: usize,
    kinds: BTreeMap<Arc<str>, Kind>,
    /// Cells for lines without a place.
    stray: Vec<(usize, Span)>,
}

/// Lines with the same code.
#[derive(Debug, Clone, Default)]
struct Kind {
    /// The characters of the code, of what connects lines, and of each number.
    head: Vec<Span>,
    lines: BTreeMap<Vec<u32>, Seats>,
    /// The character behind the last cell that a line of the kind has.
    end: u32,
}

/// The cells of a line.
#[derive(Debug, Clone, Default)]
struct Seats {
    /// Its number in the record.
    number: usize,
    spans: Vec<Span>,
    cells: Vec<usize>,
}

impl RecordLines {
    /// A record begins with a line that begins with `first`; every line repeats the characters `shared`, and says its
    /// numbers one behind the other from the characters `numbers` on, which are those of the first number.
    pub fn new(first: &str, shared: (u32, u32), numbers: (u32, u32), cells: &[LineCell]) -> Self {
        let mut kinds: BTreeMap<Arc<str>, Kind> = BTreeMap::new();
        let (mut stray, mut count) = (Vec::new(), 0);
        for (index, cell) in cells.iter().enumerate() {
            let span = (cell.first, cell.width);
            let Some(line) = &cell.line else {
                stray.push((index, span));
                continue;
            };
            let kind = kinds.entry(Arc::clone(&line.code)).or_default();
            if kind.head.is_empty() {
                kind.head = vec![(0, line.code.chars().count() as u32), shared];
                let (mut at, width) = numbers;
                for _ in &line.numbers {
                    kind.head.push((at, width));
                    at = at.saturating_add(width);
                }
            }
            kind.end = kind.end.max(cell.first.saturating_add(cell.width));
            let seats = kind.lines.entry(line.numbers.clone()).or_insert_with(|| {
                count += 1;
                Seats {
                    number: count - 1,
                    ..Seats::default()
                }
            });
            seats.spans.push(span);
            seats.cells.push(index);
        }
        Self {
            first: first.into(),
            shared,
            numbers,
            cells: cells.len(),
            kinds,
            stray,
        }
    }

    /// Whether a record begins with these bytes.
    fn begins(&self, bytes: &[u8]) -> bool {
        bytes.starts_with(self.first.as_bytes())
    }

    /// Behind the last line whose next one begins a record.
    fn last_record(&self, bytes: &[u8]) -> Option<usize> {
        let mut end = bytes.len();
        while let Some(at) = memchr::memrchr2(b'\n', b'\r', &bytes[..end]) {
            if self.begins(&bytes[at + 1..]) {
                return Some(at + 1);
            }
            end = at;
        }
        None
    }

    /// The kind of a line, by the longest code that it begins with.
    fn kind(&self, line: &[u8]) -> Option<&Kind> {
        let mut kinds = self.kinds.iter().rev();
        kinds
            .find(|(code, _)| line.starts_with(code.as_bytes()))
            .map(|(_, kind)| kind)
    }
}

/// Reads an input in chunks that end where a record ends.
#[derive(Debug)]
pub struct Chunks<R> {
    source: Source<R>,
    form: Arc<RecordLines>,
}

impl<R: Read> Chunks<R> {
    /// Reads from `reader`, whose input is called `name`, in chunks of about `target` bytes and never more than
    /// `largest` with a record that does not end.
    pub fn new(
        reader: R,
        name: Arc<str>,
        target: usize,
        largest: usize,
        form: Arc<RecordLines>,
    ) -> Self {
        Self {
            source: Source::new(reader, name, target.max(1), largest.max(16)),
            form,
        }
    }

    /// The first bytes of the input, as many as a chunk takes, without giving them out.
    ///
    /// # Errors
    /// [`ReadError`] when the input cannot be read.
    pub fn peek(&mut self) -> Result<&[u8], ReadError> {
        self.source.peek()
    }

    /// The next chunk, in the memory of an old one. The last one can be empty.
    ///
    /// # Errors
    /// [`ReadError`] when the input cannot be read on. What was read until then and not given out is lost.
    pub fn next(&mut self, old: Chunk) -> Result<Option<Chunk>, ReadError> {
        let form = &self.form;
        self.source.next(
            old,
            |bytes| form.last_record(bytes),
            |bytes| bytes.len() - partial_character(bytes),
        )
    }
}

/// Splits bytes into records.
#[derive(Debug)]
pub struct Rows<'b> {
    bytes: &'b [u8],
    form: &'b RecordLines,
    at: usize,
    cut: Cut,
    /// Lines that the record has had.
    seen: Vec<usize>,
    /// How many of them had no place.
    strays: usize,
    /// Cells of the line that is read.
    cells: Vec<Cell>,
    problems: Vec<Problem>,
}

/// A line, without its end.
struct Line<'b> {
    text: &'b [u8],
    start: usize,
    /// Where the next one begins.
    next: usize,
}

impl<'b> Rows<'b> {
    /// Splits bytes that begin and end where records do. Of more than 4 GB only the first 4 GB are split.
    pub fn new(bytes: &'b [u8], form: &'b RecordLines) -> Self {
        Self {
            bytes: &bytes[..bytes.len().min(u32::MAX as usize)],
            form,
            at: 0,
            cut: Cut::default(),
            seen: Vec::new(),
            strays: 0,
            cells: Vec::new(),
            problems: Vec::new(),
        }
    }

    /// Splits a chunk.
    pub fn of(chunk: &'b Chunk, form: &'b RecordLines) -> Self {
        Self {
            cut: chunk.cut(),
            ..Self::new(chunk.content(), form)
        }
    }

    /// What is wrong with the row given out last.
    pub fn problems(&self) -> &[Problem] {
        &self.problems
    }

    /// The next record; its cells, as many as there are places, replace what is in `cells`.
    ///
    /// Spaces at the end of a cell are padding and left out. A cell of a line that is not there is empty and stands at the
    /// end of the first line. Blank lines before a record are a row of their own; those inside one hold nothing.
    pub fn next(&mut self, cells: &mut Vec<Cell>) -> Option<Row> {
        cells.clear();
        self.problems.clear();
        self.seen.clear();
        self.strays = 0;
        let first = self.line(self.at)?;
        let blank = is_blank(first.text);
        let nowhere = Cell {
            start: (first.start + first.text.len()) as u32,
            ..Cell::default()
        };
        cells.resize(self.form.cells, nowhere);
        if std::mem::take(&mut self.cut.continued) {
            self.problem(RowProblem::Continued, first.start);
        }
        let start = first.start;
        let connecting = self.shared(&first);
        let mut end = start;
        let mut line = first;
        let next = loop {
            end = if is_blank(line.text) {
                end
            } else {
                line.start + line.text.len()
            };
            let next = line.next;
            if !is_blank(line.text) {
                self.read(&line, connecting, cells);
            }
            match self.line(next) {
                Some(following) if !blank && !self.form.begins(following.text) => line = following,
                _ => break next,
            }
        };
        if self.cut.too_long && next == self.bytes.len() {
            self.problem(RowProblem::TooLong, start);
        }
        self.at = next;
        Some(Row {
            start,
            end: if blank { start } else { end },
            next,
            cells: cells.len(),
            line_feeds: memchr::memchr_iter(b'\n', &self.bytes[start..next]).count() as u64,
            blank,
        })
    }

    fn problem(&mut self, problem: RowProblem, at: usize) {
        self.problems.push(Problem {
            problem,
            cell: 0,
            at,
        });
    }

    /// The line that begins at a place; `None` at the end.
    fn line(&self, start: usize) -> Option<Line<'b>> {
        let rest = self.bytes.get(start..).filter(|rest| !rest.is_empty())?;
        let end = memchr::memchr2(b'\n', b'\r', rest).unwrap_or(rest.len());
        let line_end = 1 + usize::from(rest[end..].starts_with(b"\r\n"));
        Some(Line {
            text: &rest[..end],
            start,
            next: start + (end + line_end).min(rest.len()),
        })
    }

    /// Cells of a line by itself.
    fn cells_of(&mut self, line: &Line<'_>, spans: &[Span]) {
        fixed::Rows::new(line.text, spans, None).next(&mut self.cells);
    }

    /// The characters that connect the lines of a record.
    fn shared(&mut self, line: &Line<'b>) -> &'b [u8] {
        self.cells_of(line, &[self.form.shared]);
        self.cells.first().map_or(&[], |cell| cell.raw(line.text))
    }

    /// Puts the cells of a line where they belong.
    fn read(&mut self, line: &Line<'b>, connecting: &[u8], cells: &mut [Cell]) {
        let form = self.form;
        match self.seats(line, connecting) {
            Found::Seats(seats, end) => {
                self.seat(line, &seats.cells, &seats.spans, cells);
                self.text_behind(line, end, &seats.cells);
            }
            Found::Nothing => {}
            Found::Stray => {
                match (form.stray.get(self.strays), form.stray.last()) {
                    (Some((cell, span)), _) => self.seat(line, &[*cell], &[*span], cells),
                    (None, last) => self.problems.push(Problem {
                        problem: RowProblem::LineWithoutPlace,
                        cell: last.map_or(0, |(cell, _)| *cell),
                        at: line.start,
                    }),
                }
                self.strays += 1;
            }
        }
    }

    /// Notes text behind the last cell that such a line has; `end` is the first character there.
    fn text_behind(&mut self, line: &Line<'b>, end: u32, seats: &[usize]) {
        self.cells_of(line, &[(end, u32::MAX - end)]);
        let Some(rest) = self.cells.first() else {
            return;
        };
        let text = rest.raw(line.text);
        let Some(first) = text.iter().position(|byte| !b" \t".contains(byte)) else {
            return;
        };
        self.problems.push(Problem {
            problem: RowProblem::TextBehind,
            cell: seats.last().copied().unwrap_or(0),
            at: line.start + rest.start as usize + first,
        });
    }

    /// Puts characters of a line into cells.
    fn seat(&mut self, line: &Line<'b>, seats: &[usize], spans: &[Span], cells: &mut [Cell]) {
        let mut rows = fixed::Rows::new(line.text, spans, None);
        rows.next(&mut self.cells);
        for problem in rows.problems() {
            self.problems.push(Problem {
                cell: seats.get(problem.cell).copied().unwrap_or(0),
                at: line.start + problem.at,
                ..*problem
            });
        }
        for (cell, seat) in self.cells.iter().zip(seats) {
            cells[*seat] = Cell {
                start: cell.start + line.start as u32,
                ..*cell
            };
        }
    }

    /// Where the cells of a line belong.
    fn seats(&mut self, line: &Line<'b>, connecting: &[u8]) -> Found<'b> {
        let form = self.form;
        let Some(kind) = form.kind(line.text) else {
            return Found::Stray;
        };
        self.cells_of(line, &kind.head);
        let mut said = self.cells.iter().skip(1).map(|cell| cell.raw(line.text));
        if said.next() != Some(connecting) {
            return Found::Stray;
        }
        let numbers: Option<Vec<u32>> = said.map(number).collect();
        let Some(seats) = numbers.and_then(|numbers| kind.lines.get(&numbers)) else {
            // Without numbers a line is an empty form, if there is nothing in it.
            let (at, width) = form.numbers;
            let behind = at + width * (kind.head.len() as u32 - 2);
            self.cells_of(line, &[(at, u32::MAX - at), (behind, u32::MAX - behind)]);
            let empty = self.cells.iter().all(|cell| is_blank(cell.raw(line.text)));
            return if empty { Found::Nothing } else { Found::Stray };
        };
        if self.seen.contains(&seats.number) {
            return Found::Stray;
        }
        self.seen.push(seats.number);
        Found::Seats(seats, kind.end)
    }
}

/// What is found for a line.
enum Found<'b> {
    /// Its cells, and the character behind the last one that such a line may have.
    Seats(&'b Seats, u32),
    /// It has no place.
    Stray,
    /// There is nothing in it.
    Nothing,
}

fn is_blank(text: &[u8]) -> bool {
    text.iter().all(|byte| b" \t".contains(byte))
}

/// A number from 1, with zeros or blanks before it.
fn number(text: &[u8]) -> Option<u32> {
    let text = std::str::from_utf8(text).ok()?.trim_start();
    let plain = text.bytes().all(|byte| byte.is_ascii_digit());
    text.parse().ok().filter(|number| plain && *number > 0)
}

#[cfg(test)]
mod tests;
