//! Offsets to lines and columns where lines end with carriage returns, line feeds, or both.

use concord_finding::Place;

use crate::lines::Advance;

/// Finds the lines of offsets that come in ascending order.
pub(crate) struct Lines<'b> {
    bytes: &'b [u8],
    at: usize,
    line: u64,
    line_start: usize,
}

impl<'b> Lines<'b> {
    pub(crate) fn new(bytes: &'b [u8]) -> Self {
        Self {
            bytes,
            at: 0,
            line: 0,
            line_start: 0,
        }
    }

    /// The place of an offset: line from 0, column from 0. Offsets must not go back.
    pub(crate) fn place(&mut self, offset: usize) -> Place {
        let offset = offset.min(self.bytes.len()).max(self.at);
        let passed = &self.bytes[self.at..offset];
        if let Some(end) = memchr::memrchr2(b'\r', b'\n', passed) {
            // Half of a line end that was counted before is none.
            let half =
                passed.first() == Some(&b'\n') && self.at > 0 && self.bytes[self.at - 1] == b'\r';
            self.line += ends(passed) - u64::from(half);
            self.line_start = self.at + end + 1;
        }
        self.at = offset;
        Place {
            offset: offset as u64,
            line: self.line,
            column: characters(&self.bytes[self.line_start..offset]),
        }
    }
}

/// What `bytes`, which begin a line end or none, do to the position.
pub(crate) fn advance(bytes: &[u8]) -> Advance {
    let tail = memchr::memrchr2(b'\r', b'\n', bytes).map_or(0, |at| at + 1);
    Advance {
        lines: ends(bytes),
        columns: characters(&bytes[tail..]),
    }
}

/// How many lines end in some bytes.
fn ends(bytes: &[u8]) -> u64 {
    let returns = memchr::memchr_iter(b'\r', bytes).count();
    let alone = memchr::memchr_iter(b'\n', bytes)
        .filter(|at| *at == 0 || bytes[at - 1] != b'\r')
        .count();
    (returns + alone) as u64
}

/// Characters of UTF-8 text: bytes that do not continue one.
fn characters(bytes: &[u8]) -> u64 {
    bytes.iter().filter(|byte| **byte & 0xC0 != 0x80).count() as u64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_line_end_counts_once() {
        let text = b"a\rbc\r\nd\ne\r\r\nf";
        let expected = [
            (0, 0),
            (0, 1),
            (1, 0),
            (1, 1),
            (1, 2),
            (1, 3),
            (2, 0),
            (2, 1),
            (3, 0),
            (3, 1),
            (4, 0),
            (5, 0),
            (5, 0),
        ];
        let mut lines = Lines::new(text);
        for (offset, (line, column)) in expected.iter().enumerate() {
            // Between the two halves of a line end it does not matter which line it is.
            if offset > 0 && text[offset - 1] == b'\r' && text.get(offset) == Some(&b'\n') {
                continue;
            }
            let place = lines.place(offset);
            assert_eq!((place.line, place.column), (*line, *column), "{offset}");
        }
        assert_eq!(advance(text).lines, 5);
    }
}
