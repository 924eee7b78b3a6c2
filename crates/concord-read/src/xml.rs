//! XML cut into chunks that end where a record ends, so that the chunks can be checked side by side.
//!
//! The cut is a guess made on bytes: the last `</record>` of what has been read. Where it stands inside a comment or a
//! CDATA section the guess is wrong; whoever checks the chunk sees that it ends inside something and goes on with the
//! next chunk behind it.

use std::io::Read;
use std::sync::Arc;

pub use crate::chunk::{Chunk, PADDING};

use crate::ReadError;
use crate::chunk::Source;

/// First bytes that are looked at: a head is hardly ever longer.
const HEAD: usize = 64 * 1024;

/// Reads an input in chunks.
#[derive(Debug)]
pub struct Chunks<R> {
    source: Source<R>,
    cuts: Cuts,
}

/// Where a chunk may be cut.
#[derive(Debug, Default)]
struct Cuts {
    /// What the end tag of a record begins with: `</name`.
    ends: Vec<Vec<u8>>,
    /// Bytes at the beginning of the next chunk in which it must not be cut.
    uncut: usize,
}

impl<R: Read> Chunks<R> {
    /// Reads from `reader`, whose input is called `name`, in chunks of about `target` bytes and never more than
    /// `largest` with a record that does not end.
    pub fn new(reader: R, name: Arc<str>, target: usize, largest: usize) -> Self {
        Self {
            source: Source::new(reader, name, target, largest),
            cuts: Cuts::default(),
        }
    }

    /// The first bytes of the input, 64 KB or as many as a chunk takes, without giving them out.
    ///
    /// # Errors
    /// [`ReadError`] when the input cannot be read.
    pub fn peek(&mut self) -> Result<&[u8], ReadError> {
        self.source.peek_at_most(HEAD)
    }

    /// Twice as many of the first bytes as were looked at so far, for who has not seen enough; `None` when these are
    /// all there are, or as many as a record may have.
    ///
    /// # Errors
    /// [`ReadError`] when the input cannot be read on.
    pub fn peek_further(&mut self) -> Result<Option<&[u8]>, ReadError> {
        self.source.peek_further()
    }

    /// Whether what has been looked at is the whole input.
    pub fn is_whole(&self) -> bool {
        self.source.is_whole()
    }

    /// Sets the names (with their prefix) of the elements that are records.
    pub fn set_records<N: AsRef<str>>(&mut self, names: impl IntoIterator<Item = N>) {
        self.cuts.ends = names
            .into_iter()
            .map(|name| format!("</{}", name.as_ref()).into_bytes())
            .collect();
    }

    /// Cuts the next chunk behind its first `bytes` bytes or not at all.
    pub fn cut_behind(&mut self, bytes: usize) {
        self.cuts.uncut = bytes;
    }

    /// The source that is read.
    pub fn get_ref(&self) -> &R {
        self.source.get_ref()
    }

    /// The next chunk, in the memory of an old one.
    ///
    /// # Errors
    /// [`ReadError`] when the input cannot be read on. What was read until then and not given out is lost.
    pub fn next(&mut self, old: Chunk) -> Result<Option<Chunk>, ReadError> {
        let chunk = self
            .source
            .next(old, |bytes| self.cuts.last_end(bytes), <[u8]>::len)?;
        self.cuts.uncut = 0;
        Ok(chunk)
    }
}

impl Cuts {
    /// Where the last record of `bytes` ends.
    fn last_end(&self, bytes: &[u8]) -> Option<usize> {
        if self.ends.is_empty() {
            return None;
        }
        let mut before = bytes.len();
        while let Some(open) = memchr::memrchr(b'<', &bytes[..before]) {
            before = open;
            if open < self.uncut {
                return None;
            }
            if bytes.get(open + 1) != Some(&b'/') {
                continue;
            }
            let Some(name) = self
                .ends
                .iter()
                .find(|name| bytes[open..].starts_with(name))
            else {
                continue;
            };
            let rest = &bytes[open + name.len()..];
            let blanks = rest
                .iter()
                .take_while(|byte| matches!(byte, b' ' | b'\t' | b'\r' | b'\n'))
                .count();
            if rest.get(blanks) == Some(&b'>') {
                return Some(open + name.len() + blanks + 1);
            }
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn chunks(text: &str, target: usize, largest: usize) -> Vec<(String, bool)> {
        let mut chunks = Chunks::new(text.as_bytes(), "x".into(), target, largest);
        chunks.set_records(["r"]);
        let mut all = Vec::new();
        while let Some(chunk) = chunks.next(Chunk::default()).expect("memory can be read") {
            assert!(
                chunk.bytes[chunk.length..chunk.length + PADDING]
                    .iter()
                    .all(|byte| *byte == 0)
            );
            let text = std::str::from_utf8(&chunk.bytes[..chunk.length]).expect("cut at tags");
            all.push((text.to_owned(), chunk.oversized));
        }
        all
    }

    #[test]
    fn chunks_end_where_records_end_and_lose_nothing() {
        let text = "<i><r>1</r><r>2</r ><r>3</r></i>";
        for target in 1..40 {
            let all = chunks(text, target, 1000);
            let joined: String = all.iter().map(|(text, _)| text.as_str()).collect();
            assert_eq!(joined, text, "target {target}");
            for (text, _) in &all[..all.len() - 1] {
                assert!(text.trim_end_matches(['>', ' ']).ends_with("</r"), "{text}");
            }
        }
    }

    #[test]
    fn a_record_without_end_is_given_out_as_oversized() {
        let text = format!("<i><r>{}</r></i>", "x".repeat(100));
        let all = chunks(&text, 8, 32);
        assert!(all[0].1 && all[0].0.len() == 32);
        let joined: String = all.iter().map(|(text, _)| text.as_str()).collect();
        assert_eq!(joined, text);
    }
}
