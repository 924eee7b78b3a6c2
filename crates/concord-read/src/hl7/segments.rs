//! Bytes into segments.

use super::{BLOCK_END, BLOCK_START, Span};

/// A segment, without what ends it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Segment {
    /// Where it stands.
    pub span: Span,
    /// Where the next one begins, or the bytes end.
    pub next: usize,
    /// What ends it.
    pub ending: Ending,
    /// Whether bytes of the lower layer protocol stand before or behind it.
    pub framed: bool,
}

/// What ends a segment.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Ending {
    /// A carriage return, as it must be.
    Return,
    /// A line feed.
    Feed,
    /// A carriage return and a line feed.
    Both,
    /// Nothing: the bytes or the block end.
    Nothing,
}

/// The segments of some bytes, blank ones left out.
#[derive(Debug, Clone)]
pub struct Segments<'b> {
    bytes: &'b [u8],
    at: usize,
}

impl<'b> Segments<'b> {
    /// The segments from an offset on.
    pub fn new(bytes: &'b [u8], at: usize) -> Self {
        Self { bytes, at }
    }
}

impl Iterator for Segments<'_> {
    type Item = Segment;

    fn next(&mut self) -> Option<Segment> {
        let bytes = self.bytes;
        let mut framed = false;
        let mut start = self.at;
        loop {
            match bytes.get(start)? {
                b'\r' | b'\n' => start += 1,
                &BLOCK_START | &BLOCK_END => {
                    framed = true;
                    start += 1;
                }
                _ => break,
            }
        }
        let end = memchr::memchr3(b'\r', b'\n', BLOCK_END, &bytes[start..])
            .map_or(bytes.len(), |end| start + end);
        let (next, ending) = match bytes.get(end) {
            Some(b'\r') if bytes.get(end + 1) == Some(&b'\n') => (end + 2, Ending::Both),
            Some(b'\r') => (end + 1, Ending::Return),
            Some(b'\n') => (end + 1, Ending::Feed),
            _ => (end, Ending::Nothing),
        };
        self.at = next;
        Some(Segment {
            span: Span { start, end },
            next,
            ending,
            framed: framed || bytes.get(end) == Some(&BLOCK_END),
        })
    }
}

/// Whether a message begins with this segment: `MSH`, and what is no part of a name behind it.
pub fn begins_message(segment: &[u8]) -> bool {
    is_called(segment, *b"MSH")
}

/// Whether a segment has this name.
pub(super) fn is_called(segment: &[u8], name: [u8; 3]) -> bool {
    segment.starts_with(&name)
        && segment
            .get(3)
            .is_none_or(|behind| !behind.is_ascii_alphanumeric())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(bytes: &[u8]) -> Vec<(String, Ending, bool)> {
        Segments::new(bytes, 0)
            .map(|segment| {
                let text = String::from_utf8_lossy(segment.span.of(bytes)).into_owned();
                (text, segment.ending, segment.framed)
            })
            .collect()
    }

    #[test]
    fn they_end_where_a_line_ends() {
        let found = of(b"MSH|a\rPID|b\r\nPV1|c\nZZZ|d");
        let expected = [
            ("MSH|a", Ending::Return),
            ("PID|b", Ending::Both),
            ("PV1|c", Ending::Feed),
            ("ZZZ|d", Ending::Nothing),
        ];
        let expected = expected.map(|(text, ending)| (text.to_owned(), ending, false));
        assert_eq!(found, expected);
        assert!(of(b"\r\n\r\r\n").is_empty());
    }

    #[test]
    fn frames_are_passed_over() {
        let found = of(b"\x0bMSH|a\rPID|b\x1c\r\x0bMSH|c\r\x1c\r");
        let expected = [
            ("MSH|a", Ending::Return, true),
            ("PID|b", Ending::Nothing, true),
            ("MSH|c", Ending::Return, true),
        ];
        let expected = expected.map(|(text, ending, framed)| (text.to_owned(), ending, framed));
        assert_eq!(found, expected);
    }

    #[test]
    fn a_name_is_three_characters() {
        assert!(begins_message(b"MSH|") && begins_message(b"MSH"));
        assert!(!begins_message(b"MSHX|") && !begins_message(b"MS"));
    }
}
