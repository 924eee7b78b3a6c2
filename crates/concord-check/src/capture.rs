//! The values that rules and conversions ask for, taken while the structure is checked.
//!
//! A [`CapturePlan`] says which values are wanted; the checker fills [`Captured`] for one chunk of records at a time.
//! Values are not copied: a cell is a span of the chunk, or of a side buffer when the text had to be decoded.

use std::sync::Arc;

/// A path from the root: local names of elements, the last one `@name` for an attribute.
pub type CapturePath = Vec<Arc<str>>;

/// What is wanted. Groups stand after their parents.
#[derive(Debug, Clone, Default)]
pub struct CapturePlan {
    /// The groups, one table each.
    pub groups: Vec<CaptureGroup>,
}

/// A table: one row for each occurrence of an element.
#[derive(Debug, Clone, Default)]
pub struct CaptureGroup {
    /// The group in whose rows these rows lie; `None` for the record itself and for the submission.
    pub parent: Option<usize>,
    /// Paths of the elements that each make a row. Several when the same group stands in several types of record.
    pub paths: Vec<CapturePath>,
    /// The columns.
    pub columns: Vec<CaptureColumn>,
}

/// A column: at most one value for each row.
#[derive(Debug, Clone, Default)]
pub struct CaptureColumn {
    /// The reference by which the rules name it.
    pub name: String,
    /// Paths of elements or attributes, each at or below one of the group's paths with nothing repeating in between.
    pub paths: Vec<CapturePath>,
}

const ABSENT: u64 = u64::MAX;
const SIDE: u64 = 1 << 63;

/// The text of a cell in a form that is quick to compare.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Brief<'a> {
    /// There is none.
    Absent,
    /// Up to 15 bytes as a number: the first byte is the lowest, the highest is the length.
    Short(u128),
    /// More bytes.
    Long(&'a [u8]),
}

impl<'a> Brief<'a> {
    /// The most bytes that are a number.
    pub const MOST: usize = 15;

    #[inline]
    fn of(cell: u64, chunk: &'a [u8], side: &'a [u8]) -> Self {
        if cell == ABSENT {
            return Self::Absent;
        }
        let start = ((cell & !SIDE) >> 31) as usize;
        let length = (cell & 0x7fff_ffff) as usize;
        let text = if cell & SIDE == 0 { chunk } else { side };
        match Self::number(text, start, length) {
            Some(number) => Self::Short(number),
            None => Self::Long(text.get(start..start + length).unwrap_or_default()),
        }
    }

    /// A text of at most [`MOST`](Self::MOST) bytes as the number of [`Short`](Self::Short); `None` for a longer one. It stands at
    /// `start` in `bytes`, which are read beyond its end where they go on.
    #[inline]
    pub fn number(bytes: &[u8], start: usize, length: usize) -> Option<u128> {
        const KEPT: [u128; Brief::MOST + 1] = {
            let mut kept = [0; Brief::MOST + 1];
            let mut length = 1;
            while length < kept.len() {
                kept[length] = (1 << (8 * length)) - 1;
                length += 1;
            }
            kept
        };
        let kept = KEPT.get(length)?;
        let all = bytes.get(start..start + size_of::<u128>());
        let number = match all.and_then(<[u8]>::first_chunk) {
            Some(bytes) => u128::from_le_bytes(*bytes) & kept,
            None => at_the_end(bytes.get(start..start + length).unwrap_or_default()),
        };
        Some(number | ((length as u128) << (8 * Self::MOST)))
    }
}

/// The number of few bytes, one by one.
#[cold]
fn at_the_end(text: &[u8]) -> u128 {
    let bytes = text.iter().rev();
    bytes.fold(0, |number, byte| (number << 8) | u128::from(*byte))
}

/// One table of captured values.
#[derive(Debug, Clone, Default)]
pub struct GroupRows {
    columns: Vec<Cells>,
    /// Row in the parent group's table, or the row's own number when the group has no parent.
    pub parents: Vec<u32>,
    /// The record that holds the row, counted from 0 in this chunk.
    pub records: Vec<u32>,
    /// Offset in the chunk of the element that made the row.
    pub offsets: Vec<u32>,
}

impl GroupRows {
    /// How many rows there are.
    pub fn len(&self) -> usize {
        self.parents.len()
    }

    /// Whether there are no rows.
    pub fn is_empty(&self) -> bool {
        self.parents.is_empty()
    }
}

/// The cells of one column, those of the rows behind the last one that has a text left out: whoever takes a column takes all
/// of it, and most columns of a document are empty.
#[derive(Debug, Clone, Default)]
struct Cells(Vec<u64>);

impl Cells {
    #[inline]
    fn get(&self, row: usize) -> u64 {
        self.0.get(row).copied().unwrap_or(ABSENT)
    }

    #[inline]
    fn put(&mut self, row: usize, cell: u64) {
        // Mostly the row before has a text too.
        if self.0.len() == row {
            self.0.push(cell);
        } else {
            self.put_elsewhere(row, cell);
        }
    }

    /// Puts a cell where one is, or behind absent ones.
    #[inline(never)]
    fn put_elsewhere(&mut self, row: usize, cell: u64) {
        if self.0.len() < row {
            self.0.resize(row, ABSENT);
        }
        match self.0.get_mut(row) {
            Some(known) => *known = cell,
            None => self.0.push(cell),
        }
    }
}

/// The values captured from one chunk.
#[derive(Debug, Clone, Default)]
pub struct Captured {
    /// One table for each group of the plan, in its order.
    pub groups: Vec<GroupRows>,
    /// Texts that are not in the chunk as such, each with a byte of its own behind it.
    side: String,
    /// Where texts of `side` are written in the chunk, by where they begin in it.
    written: Vec<(u32, u32)>,
}

impl Captured {
    /// Empty tables for a plan.
    pub fn new(plan: &CapturePlan) -> Self {
        Self {
            groups: plan
                .groups
                .iter()
                .map(|group| GroupRows {
                    columns: vec![Cells::default(); group.columns.len()],
                    ..GroupRows::default()
                })
                .collect(),
            side: String::new(),
            written: Vec::new(),
        }
    }

    /// Forgets all rows and keeps the memory.
    pub fn clear(&mut self) {
        for rows in &mut self.groups {
            for column in &mut rows.columns {
                column.0.clear();
            }
            rows.parents.clear();
            rows.records.clear();
            rows.offsets.clear();
        }
        self.side.clear();
        self.written.clear();
    }

    /// Forgets the rows of records from a number on.
    pub(crate) fn forget_records_from(&mut self, record: u32) {
        for rows in &mut self.groups {
            let kept = rows.records.partition_point(|known| *known < record);
            rows.parents.truncate(kept);
            rows.records.truncate(kept);
            rows.offsets.truncate(kept);
            for column in &mut rows.columns {
                column.0.truncate(kept);
            }
        }
    }

    /// Adds a row without values and returns its number.
    #[inline]
    pub fn add_row(&mut self, group: usize, parent: u32, record: u32, offset: u32) -> u32 {
        let rows = &mut self.groups[group];
        let row = rows.parents.len() as u32;
        rows.parents.push(parent);
        rows.records.push(record);
        rows.offsets.push(offset);
        row
    }

    /// Puts a span of the chunk into a cell.
    #[inline]
    pub fn put_span(&mut self, group: usize, row: u32, column: usize, start: u32, length: u32) {
        let cell = (u64::from(start) << 31) | u64::from(length);
        self.groups[group].columns[column].put(row as usize, cell);
    }

    /// Puts text that is not in the chunk as such (entities, white space) into a cell.
    pub fn put_text(&mut self, group: usize, row: u32, column: usize, text: &str) {
        let start = self.side.len() as u64;
        self.side.push_str(text);
        // Of two texts that are empty each has its place.
        self.side.push('\0');
        let cell = SIDE | (start << 31) | text.len() as u64;
        self.groups[group].columns[column].put(row as usize, cell);
    }

    /// As [`put_text`](Self::put_text), of text that is written at an offset in the chunk in some other way.
    pub fn put_decoded(&mut self, group: usize, row: u32, column: usize, text: &str, offset: u32) {
        self.written.push((self.side.len() as u32, offset));
        self.put_text(group, row, column, text);
    }

    /// The text of a cell; `None` when the element is absent. An empty element gives an empty text.
    ///
    /// `chunk` is the chunk that was checked.
    #[inline]
    pub fn text<'a>(
        &'a self,
        chunk: &'a [u8],
        group: usize,
        row: usize,
        column: usize,
    ) -> Option<&'a str> {
        self.bytes(chunk, group, row, column)
            .and_then(|bytes| std::str::from_utf8(bytes).ok())
    }

    /// The text of a cell as UTF-8 that is not looked at again, for those who take many cells.
    #[inline]
    pub fn bytes<'a>(
        &'a self,
        chunk: &'a [u8],
        group: usize,
        row: usize,
        column: usize,
    ) -> Option<&'a [u8]> {
        let cell = self.groups[group].columns[column].get(row);
        if cell == ABSENT {
            return None;
        }
        let start = ((cell & !SIDE) >> 31) as usize;
        let length = (cell & 0x7fff_ffff) as usize;
        let text = if cell & SIDE == 0 {
            chunk
        } else {
            self.side.as_bytes()
        };
        text.get(start..start + length)
    }

    /// The text of a cell for those who compare it with others.
    #[inline]
    pub fn brief<'a>(
        &'a self,
        chunk: &'a [u8],
        group: usize,
        row: usize,
        column: usize,
    ) -> Brief<'a> {
        let cell = self.groups[group].columns[column].get(row);
        Brief::of(cell, chunk, self.side.as_bytes())
    }

    /// The texts of a column in all rows, for those who compare them.
    pub fn column<'a>(
        &'a self,
        chunk: &'a [u8],
        group: usize,
        column: usize,
    ) -> impl ExactSizeIterator<Item = Brief<'a>> {
        let rows = &self.groups[group];
        let cells = &rows.columns[column];
        (0..rows.len()).map(|row| Brief::of(cells.get(row), chunk, self.side.as_bytes()))
    }

    /// Whether no row has a text in a column, as far as that can be told without looking at each.
    #[inline]
    pub fn is_blank(&self, group: usize, column: usize) -> bool {
        self.groups[group].columns[column].0.is_empty()
    }

    /// Offset in the chunk at which a cell's text is written, as far as that is known.
    pub fn offset(&self, group: usize, row: usize, column: usize) -> Option<u32> {
        let cell = self.groups[group].columns[column].get(row);
        if cell == ABSENT {
            return None;
        }
        let start = ((cell & !SIDE) >> 31) as u32;
        if cell & SIDE == 0 {
            return Some(start);
        }
        let known = self
            .written
            .binary_search_by_key(&start, |(start, _)| *start);
        known.ok().map(|index| self.written[index].1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn decoded_texts_know_where_they_are_written() {
        let plan = CapturePlan {
            groups: vec![CaptureGroup {
                columns: vec![CaptureColumn::default(); 3],
                ..CaptureGroup::default()
            }],
        };
        let mut captured = Captured::new(&plan);
        let row = captured.add_row(0, 0, 0, 0);
        captured.put_decoded(0, row, 0, "", 7);
        captured.put_decoded(0, row, 1, "", 9);
        captured.put_text(0, row, 2, "nowhere");
        let offsets = [0, 1, 2].map(|column| captured.offset(0, 0, column));
        assert_eq!(offsets, [Some(7), Some(9), None]);
        assert_eq!(captured.text(b"", 0, 0, 1), Some(""));
    }

    #[test]
    fn cells_give_back_what_was_put() {
        let plan = CapturePlan {
            groups: vec![CaptureGroup {
                columns: vec![CaptureColumn::default(), CaptureColumn::default()],
                ..CaptureGroup::default()
            }],
        };
        let chunk = b"<a>12</a>";
        let mut captured = Captured::new(&plan);
        let row = captured.add_row(0, 0, 0, 0);
        captured.put_span(0, row, 0, 3, 2);
        assert_eq!(captured.text(chunk, 0, 0, 0), Some("12"));
        assert_eq!(captured.text(chunk, 0, 0, 1), None);
        captured.put_text(0, row, 1, "R & D");
        assert_eq!(captured.text(chunk, 0, 0, 1), Some("R & D"));
        assert_eq!(captured.offset(0, 0, 0), Some(3));
        assert_eq!(captured.offset(0, 0, 1), None);
        // Whether as many bytes as a number has follow or not.
        let two = Brief::Short(0x3231 | (2 << 120));
        let padded = b"<a>12</a>                ";
        for bytes in [&chunk[..], padded] {
            assert!(captured.column(bytes, 0, 0).eq([two]));
        }
        captured.put_text(0, row, 1, "more than 15 bytes");
        let long = Brief::Long(b"more than 15 bytes");
        assert!(captured.column(chunk, 0, 1).eq([long]));
        captured.add_row(0, 1, 1, 0);
        assert!(captured.column(chunk, 0, 1).eq([long, Brief::Absent]));
        assert!(captured.column(chunk, 0, 0).eq([two, Brief::Absent]));
        captured.clear();
        assert!(captured.groups[0].is_empty());
    }
}
