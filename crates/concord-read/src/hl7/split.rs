//! Spans split at delimiters.

/// A stretch of bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, PartialOrd, Ord, Hash)]
pub struct Span {
    /// The first byte.
    pub start: usize,
    /// Behind the last byte.
    pub end: usize,
}

impl Span {
    /// How many bytes there are.
    pub fn len(self) -> usize {
        self.end.saturating_sub(self.start)
    }

    /// Whether there are none.
    pub fn is_empty(self) -> bool {
        self.end <= self.start
    }

    /// The bytes, as far as they are there.
    #[inline]
    pub fn of(self, bytes: &[u8]) -> &[u8] {
        bytes.get(self.start..self.end).unwrap_or_default()
    }
}

/// The parts of a span between delimiters: one, if there is none in it.
#[derive(Debug, Clone)]
pub struct Parts<'b> {
    bytes: &'b [u8],
    rest: Option<Span>,
    delimiter: u8,
    release: Option<u8>,
}

impl Parts<'_> {
    /// The same, where a delimiter behind this character is none.
    #[inline]
    #[must_use]
    pub fn releasing(self, release: Option<u8>) -> Self {
        Self { release, ..self }
    }
}

/// The first of some bytes that is a delimiter: that has no release character before it, or one that is released itself.
pub(crate) fn unreleased(text: &[u8], delimiter: u8, release: u8) -> Option<usize> {
    memchr::memchr_iter(delimiter, text).find(|at| {
        let before = text[..*at].iter().rev();
        before.take_while(|byte| **byte == release).count() % 2 == 0
    })
}

/// Splits a span at a delimiter. Without a delimiter the whole span is the only part.
#[inline]
pub fn split(bytes: &[u8], span: Span, delimiter: Option<u8>) -> Parts<'_> {
    match delimiter {
        Some(delimiter) => parts(bytes, span, delimiter),
        None => Parts {
            bytes: &[],
            rest: Some(span),
            delimiter: 0,
            release: None,
        },
    }
}

/// Splits a span at a delimiter.
#[inline]
pub fn parts(bytes: &[u8], span: Span, delimiter: u8) -> Parts<'_> {
    Parts {
        bytes,
        rest: Some(span),
        delimiter,
        release: None,
    }
}

impl Iterator for Parts<'_> {
    type Item = Span;

    #[inline]
    fn next(&mut self) -> Option<Span> {
        let rest = self.rest?;
        let text = rest.of(self.bytes);
        // Most parts are short, and many are empty.
        let found = match (text.first(), self.release) {
            (Some(first), _) if *first == self.delimiter => Some(0),
            (_, None) => memchr::memchr(self.delimiter, text),
            (_, Some(release)) => unreleased(text, self.delimiter, release),
        };
        let Some(at) = found else {
            self.rest = None;
            return Some(rest);
        };
        let end = rest.start + at;
        self.rest = Some(Span {
            start: end + 1,
            end: rest.end,
        });
        Some(Span {
            start: rest.start,
            end,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(text: &str, delimiter: Option<u8>) -> Vec<&str> {
        let span = Span {
            start: 0,
            end: text.len(),
        };
        split(text.as_bytes(), span, delimiter)
            .map(|span| &text[span.start..span.end])
            .collect()
    }

    #[test]
    fn there_is_always_a_part() {
        assert_eq!(of("a^^b", Some(b'^')), ["a", "", "b"]);
        assert_eq!(of("^", Some(b'^')), ["", ""]);
        assert_eq!(of("", Some(b'^')), [""]);
        assert_eq!(of("a^b", None), ["a^b"]);
    }

    #[test]
    fn a_released_delimiter_is_none() {
        let of = |text: &str| -> Vec<String> {
            let span = Span {
                start: 0,
                end: text.len(),
            };
            parts(text.as_bytes(), span, b'+')
                .releasing(Some(b'?'))
                .map(|span| text[span.start..span.end].to_owned())
                .collect()
        };
        assert_eq!(of("a?+b+c"), ["a?+b", "c"]);
        assert_eq!(of("a??+b"), ["a??", "b"]);
        assert_eq!(of("?++?"), ["?+", "?"]);
        assert_eq!(of("???+"), ["???+"]);
    }
}
