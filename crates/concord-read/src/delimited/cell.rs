//! One cell: where its text stands, and how to read it.

use std::borrow::Cow;

use encoding_rs::WINDOWS_1252;

/// Where the text of a cell stands in the bytes that were split.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Cell {
    /// Its first byte, behind the opening quote if there is one.
    pub start: u32,
    /// Its bytes, without the closing quote.
    pub length: u32,
    /// Whether it is quoted.
    pub quoted: bool,
    /// Whether the bytes are not the text as they stand: quotes are doubled, or text follows the closing quote.
    pub escaped: bool,
}

impl Cell {
    /// A cell that is not quoted and goes from `start` to `end`.
    #[inline]
    pub(super) fn plain(start: usize, end: usize) -> Self {
        Self {
            start: start as u32,
            length: (end - start) as u32,
            quoted: false,
            escaped: false,
        }
    }

    /// Its bytes as they stand, doubled quotes included.
    pub fn raw<'b>(&self, bytes: &'b [u8]) -> &'b [u8] {
        let start = self.start as usize;
        bytes
            .get(start..start + self.length as usize)
            .unwrap_or_default()
    }

    /// Its text, out of the bytes that were split: doubled quotes undone, what is not UTF-8 read as Windows-1252.
    pub fn text<'b>(&self, bytes: &'b [u8]) -> Cow<'b, str> {
        let raw = self.raw(bytes);
        if !self.escaped {
            return decoded(raw);
        }
        // An escaped cell is quoted, so that its quote stands before it.
        let quote = bytes
            .get((self.start as usize).wrapping_sub(1))
            .copied()
            .unwrap_or(b'"');
        Cow::Owned(decoded(&unescaped(raw, quote)).into_owned())
    }
}

/// The text of bytes: UTF-8, or else Windows-1252 (its five unassigned bytes as control characters).
pub(crate) fn decoded(bytes: &[u8]) -> Cow<'_, str> {
    match std::str::from_utf8(bytes) {
        Ok(text) => Cow::Borrowed(text),
        Err(_) => WINDOWS_1252.decode_without_bom_handling(bytes).0,
    }
}

/// Doubled quotes as one, up to the single one that closes the cell; what follows that as it is.
fn unescaped(raw: &[u8], quote: u8) -> Vec<u8> {
    let mut text = Vec::with_capacity(raw.len());
    let mut rest = raw;
    while let Some(at) = memchr::memchr(quote, rest) {
        text.extend_from_slice(&rest[..at]);
        let doubled = rest.get(at + 1) == Some(&quote);
        rest = &rest[at + 1 + usize::from(doubled)..];
        if !doubled {
            break;
        }
        text.push(quote);
    }
    text.extend_from_slice(rest);
    text
}
