//! Offsets to lines and columns.

use concord_finding::Place;

/// Finds the lines of offsets that come in ascending order.
pub(crate) struct Lines<'b> {
    bytes: &'b [u8],
    at: usize,
    line: u64,
    /// Characters before `at` in its line.
    column: u64,
}

/// What a stretch of text does to the position behind it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Advance {
    /// Line feeds in it.
    pub(crate) lines: u64,
    /// Characters behind the last of them.
    pub(crate) columns: u64,
}

impl<'b> Lines<'b> {
    pub(crate) fn new(bytes: &'b [u8]) -> Self {
        Self {
            bytes,
            at: 0,
            line: 0,
            column: 0,
        }
    }

    /// Goes on from `start` where a line begins there, whose number, from 0, is known; nothing before it is counted.
    pub(crate) fn skip_to(&mut self, start: usize, line: u64) {
        if start > self.at && self.bytes.get(start - 1) == Some(&b'\n') {
            (self.at, self.line, self.column) = (start, line, 0);
        }
    }

    /// The place of an offset relative to the beginning of the bytes: line from 0, column from 0.
    ///
    /// Offsets must not go back.
    pub(crate) fn place(&mut self, offset: usize) -> Place {
        let offset = offset.min(self.bytes.len()).max(self.at);
        let passed = &self.bytes[self.at..offset];
        // Counting is much faster than finding each of them. Of one long line with many findings nothing is counted twice.
        match memchr::memrchr(b'\n', passed) {
            Some(newline) => {
                self.line += memchr::memchr_iter(b'\n', passed).count() as u64;
                self.column = characters(&passed[newline + 1..]);
            }
            None => self.column += characters(passed),
        }
        self.at = offset;
        Place {
            offset: offset as u64,
            line: self.line,
            column: self.column,
        }
    }
}

/// What `bytes` do to the position.
pub(crate) fn advance(bytes: &[u8]) -> Advance {
    let lines = memchr::memchr_iter(b'\n', bytes).count() as u64;
    let tail = memchr::memrchr(b'\n', bytes).map_or(0, |at| at + 1);
    Advance {
        lines,
        columns: characters(&bytes[tail..]),
    }
}

impl Advance {
    /// The position after both.
    pub(crate) fn then(self, next: Self) -> Self {
        Self {
            lines: self.lines + next.lines,
            columns: if next.lines == 0 {
                self.columns + next.columns
            } else {
                next.columns
            },
        }
    }

    /// A relative place as one from 1, when `self` lies before it and `offset` bytes.
    pub(crate) fn absolute(self, relative: Place, offset: u64) -> Place {
        Place {
            offset: offset + relative.offset,
            line: self.lines + relative.line + 1,
            column: relative.column + 1 + if relative.line == 0 { self.columns } else { 0 },
        }
    }
}

/// Characters of UTF-8 text: bytes that do not continue one.
fn characters(bytes: &[u8]) -> u64 {
    // Most lines are ASCII, which is seen faster than characters are counted.
    if bytes.is_ascii() {
        return bytes.len() as u64;
    }
    bytes.iter().filter(|byte| **byte & 0xC0 != 0x80).count() as u64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_that_are_known_are_not_counted() {
        let text = b"ab\ncd\nef\n";
        let (mut counted, mut known) = (Lines::new(text), Lines::new(text));
        known.skip_to(6, 2);
        // Back is not gone, nor to where no line begins.
        for (start, line) in [(3, 1), (7, 7), (20, 9)] {
            known.skip_to(start, line);
        }
        assert_eq!(known.place(8), counted.place(8));
    }

    #[test]
    fn places_add_up_over_chunks() {
        let text = "ab\nSiân x\n\nend".as_bytes();
        for cut in 0..text.len() {
            let before = advance(&text[..cut]);
            let mut whole = Lines::new(text);
            let mut part = Lines::new(&text[cut..]);
            for offset in cut..=text.len() {
                let expected = Advance::default().absolute(whole.place(offset), 0);
                let found = before.absolute(part.place(offset - cut), cut as u64);
                assert_eq!(found, expected, "cut {cut}, offset {offset}");
            }
        }
    }
}
