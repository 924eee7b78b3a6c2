//! An input of JSON: lines that are values of their own, several threads' worth at a time, or one document.

use std::io::Read;
use std::sync::Arc;

use crate::ReadError;
use crate::chunk::{Chunk, Source};

/// Largest document, in bytes. A document is one value and is looked at as a whole.
const LARGEST_DOCUMENT: usize = 256 << 20;

/// How values stand in an input.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Form {
    /// One value a line (NDJSON).
    Lines,
    /// One value over any number of lines.
    Document,
}

impl Form {
    /// The form of an input of this name that begins with `first`: what the name says, else whether the first of two lines is
    /// an object that it also ends.
    pub fn of(name: &str, first: &[u8]) -> Self {
        let is_named = |extension: &str| {
            let name = name.to_ascii_lowercase();
            [".gz", ".zst", ".zip", ""]
                .iter()
                .any(|packed| name.ends_with(&format!("{extension}{packed}")))
        };
        if is_named(".ndjson") || is_named(".jsonl") {
            return Self::Lines;
        }
        let mut lines = first
            .split(|byte| *byte == b'\n')
            .map(<[u8]>::trim_ascii)
            .filter(|line| !line.is_empty());
        let (first, second) = (lines.next(), lines.next());
        let begins = |line: &[u8]| line.starts_with(b"{") && line.len() > 1;
        if first.is_some_and(|line| begins(line) && is_closed(line)) && second.is_some_and(begins) {
            Self::Lines
        } else {
            Self::Document
        }
    }
}

/// Whether all brackets that a line opens are closed in it: the first line of a document that is not indented leaves some
/// open (`{"resourceType": "Bundle", "entry": [`).
fn is_closed(line: &[u8]) -> bool {
    let (mut open, mut quoted, mut escaped) = (0_i64, false, false);
    for byte in line {
        match (quoted, byte) {
            (true, _) if escaped => escaped = false,
            (true, b'\\') => escaped = true,
            (_, b'"') => quoted = !quoted,
            (false, b'{' | b'[') => open += 1,
            (false, b'}' | b']') => open -= 1,
            _ => {}
        }
    }
    open == 0 && !quoted
}

/// Reads an input of JSON in chunks.
///
/// Lines are never cut, but for those that are larger than the largest; their chunks say so.
#[derive(Debug)]
pub struct Chunks<R> {
    source: Source<R>,
    form: Form,
}

impl<R: Read> Chunks<R> {
    /// Reads from `reader`, whose input is called `name`: lines in chunks of about `target` bytes, none of them longer than
    /// `largest`; a document as one chunk.
    pub fn new(reader: R, name: Arc<str>, form: Form, target: usize, largest: usize) -> Self {
        let largest = match form {
            Form::Lines => largest,
            Form::Document => LARGEST_DOCUMENT,
        };
        Self {
            source: Source::new(reader, name, target.max(1), largest.max(64)),
            form,
        }
    }

    /// How values stand in it.
    pub fn form(&self) -> Form {
        self.form
    }

    /// The next chunk, in the memory of an old one. The last one can be empty.
    ///
    /// # Errors
    /// [`ReadError`] when the input cannot be read on. What was read until then and not given out is lost.
    pub fn next(&mut self, old: Chunk) -> Result<Option<Chunk>, ReadError> {
        match self.form {
            Form::Lines => self.source.next(old, last_line, <[u8]>::len),
            Form::Document => self.source.next(old, |_| None, <[u8]>::len),
        }
    }
}

/// Behind the last line end.
fn last_line(bytes: &[u8]) -> Option<usize> {
    memchr::memrchr(b'\n', bytes).map(|at| at + 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_told_from_documents() {
        let form = |name: &str, first: &str| Form::of(name, first.as_bytes());
        assert_eq!(form("a.ndjson", "{"), Form::Lines);
        assert_eq!(form("a.NDJSON.gz", ""), Form::Lines);
        assert_eq!(form("a.json", "{\"a\": 1}\n\n{\"a\": 2}\n"), Form::Lines);
        assert_eq!(form("-", "{\"a\": 1}\n{\"a\": 2,\n"), Form::Lines);
        assert_eq!(form("a.json", "{\n  \"a\": 1\n}\n"), Form::Document);
        assert_eq!(form("a.json", "{\"a\": 1}\n"), Form::Document);
        assert_eq!(form("a.json", "{\n{\n"), Form::Document);
        let bundle = "{\"resourceType\": \"Bundle\", \"entry\": [\n{\"resource\": {}},\n{\"resource\": {}}]}\n";
        assert_eq!(form("a.json", bundle), Form::Document);
        // A line with a fault within it is a line, and a bracket in a text is none.
        let faulty = "{\"a\": \"\\\"{[\", \"b\": }\n{\"a\": 2}\n";
        assert_eq!(form("a.json", faulty), Form::Lines);
    }

    #[test]
    fn lines_stay_whole() {
        let bytes: Vec<u8> = (0..50)
            .flat_map(|n| format!("{{\"a\": {n}}}\n").into_bytes())
            .collect();
        for target in 1..120 {
            let mut chunks = Chunks::new(&bytes[..], "a".into(), Form::Lines, target, 1 << 20);
            let mut all = Vec::new();
            while let Some(chunk) = chunks.next(Chunk::default()).expect("bytes can be read") {
                assert!(!chunk.oversized && (chunk.last || chunk.content().ends_with(b"\n")));
                all.extend_from_slice(chunk.content());
            }
            assert_eq!(all, bytes);
        }
        let mut chunks = Chunks::new(&bytes[..], "a".into(), Form::Document, 16, 64);
        let chunk = chunks.next(Chunk::default()).expect("bytes can be read");
        assert!(chunk.is_some_and(|chunk| chunk.last && chunk.content() == bytes));
    }
}
