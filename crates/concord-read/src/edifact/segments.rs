//! Bytes into segments.

use super::{Service, Span};
use crate::hl7::{Ending, Segment, unreleased};

/// The segments of some bytes, without their terminators; line ends and blanks between them are passed over.
#[derive(Debug, Clone)]
pub struct Segments<'b> {
    bytes: &'b [u8],
    at: usize,
    service: Service,
}

impl<'b> Segments<'b> {
    /// The segments from an offset on.
    pub fn new(bytes: &'b [u8], at: usize, service: Service) -> Self {
        Self { bytes, at, service }
    }
}

impl Iterator for Segments<'_> {
    type Item = Segment;

    fn next(&mut self) -> Option<Segment> {
        let bytes = self.bytes;
        let terminator = self.service.terminator;
        let passed =
            |byte: &u8| matches!(byte, b'\r' | b'\n' | b' ' | b'\t') || *byte == terminator;
        let behind = bytes.get(self.at..)?;
        let mark = if self.at == 0 && behind.starts_with(b"\xef\xbb\xbf") {
            3
        } else {
            0
        };
        let start = self.at + mark + behind[mark..].iter().position(|byte| !passed(byte))?;
        let rest = &bytes[start..];
        // What UNA says is no part of any segment's content, and its own terminator is what it says last.
        let advice = match rest.strip_prefix(b"UNA") {
            Some(_) if Service::advised(rest).is_ok() => Some(Service::ADVICE),
            // Without the blank, as some write it.
            Some(said) if said.starts_with(b":+.?'") => Some(Service::ADVICE - 1),
            _ => None,
        };
        if let Some(length) = advice {
            let end = start + length;
            self.at = end;
            return Some(Segment {
                span: Span {
                    start,
                    end: end - 1,
                },
                next: end,
                ending: Ending::Return,
                framed: false,
            });
        }
        let found = match self.service.release {
            Some(release) => unreleased(rest, terminator, release),
            None => memchr::memchr(terminator, rest),
        };
        let (end, next, ending) = match found {
            Some(at) => (start + at, start + at + 1, Ending::Return),
            None => (
                start + rest.trim_ascii_end().len(),
                bytes.len(),
                Ending::Nothing,
            ),
        };
        self.at = next;
        Some(Segment {
            span: Span { start, end },
            next,
            ending,
            framed: false,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(text: &str) -> Vec<(String, Ending)> {
        let bytes = text.as_bytes();
        let service = Service::of(bytes);
        Segments::new(bytes, 0, service)
            .map(|segment| {
                let text = String::from_utf8_lossy(segment.span.of(bytes)).into_owned();
                (text, segment.ending)
            })
            .collect()
    }

    #[test]
    fn they_end_at_a_terminator_that_nothing_releases() {
        let found = of("UNA:+.? '\r\nUNB+A?'B'UNH+??'\n  UNZ+1 \n");
        let expected = [
            ("UNA:+.? ", Ending::Return),
            ("UNB+A?'B", Ending::Return),
            ("UNH+??", Ending::Return),
            ("UNZ+1", Ending::Nothing),
        ];
        assert_eq!(
            found,
            expected.map(|(text, ending)| (text.to_owned(), ending))
        );
        assert!(of("\r\n '' ").is_empty());
        assert_eq!(of("UNA").len(), 1);
        assert_eq!(of("UNA:+.?'UNB+A'")[1].0, "UNB+A");
    }

    #[test]
    fn the_terminator_can_be_another() {
        let found = of("UNA:+.? ~UNB+A'B~UNZ+1~");
        assert_eq!(found[1].0, "UNB+A'B");
        let lines = of("UNA:+.? \nUNB+A\nUNZ+1\n");
        assert_eq!(lines.len(), 3);
    }
}
