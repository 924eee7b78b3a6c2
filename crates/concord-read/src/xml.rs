//! XML cut into chunks that end where a record ends, so that the chunks can be checked side by side.
//!
//! The cut is a guess made on bytes: the last `</record>` of what has been read. Where it stands inside a comment or a
//! CDATA section the guess is wrong; whoever checks the chunk sees that it ends inside something and goes on with the
//! next chunk behind it.

use std::io::Read;
use std::sync::Arc;

use crate::ReadError;

/// Bytes of zeros behind every chunk, so that comparisons need not look where it ends.
pub const PADDING: usize = 64;

/// A stretch of the input.
#[derive(Debug, Default)]
pub struct Chunk {
    /// The bytes, then [`PADDING`] zeros, then nothing that means anything.
    pub bytes: Vec<u8>,
    /// How many bytes of the input there are.
    pub length: usize,
    /// Where they stand in the input.
    pub offset: u64,
    /// Their number, from 0.
    pub number: u64,
    /// Whether the input ends here.
    pub last: bool,
    /// Whether no record ended within the largest size of a record.
    pub oversized: bool,
    /// Whether the chunk before was oversized, so that this one begins somewhere inside a record.
    pub follows_oversized: bool,
}

/// Reads an input in chunks.
#[derive(Debug)]
pub struct Chunks<R> {
    reader: R,
    name: Arc<str>,
    /// What the end tag of a record begins with: `</name`.
    ends: Vec<Vec<u8>>,
    /// Bytes read and not given out.
    ahead: Vec<u8>,
    target: usize,
    largest: usize,
    offset: u64,
    number: u64,
    /// Bytes at the beginning of the next chunk in which it must not be cut.
    uncut: usize,
    oversized: bool,
    ended: bool,
    done: bool,
}

impl<R: Read> Chunks<R> {
    /// Reads from `reader`, whose input is called `name`, in chunks of about `target` bytes and never more than
    /// `largest` with a record that does not end.
    pub fn new(reader: R, name: Arc<str>, target: usize, largest: usize) -> Self {
        Self {
            reader,
            name,
            ends: Vec::new(),
            ahead: Vec::new(),
            target,
            largest: largest.max(target),
            offset: 0,
            number: 0,
            uncut: 0,
            oversized: false,
            ended: false,
            done: false,
        }
    }

    /// The first bytes of the input, as many as a chunk takes, without giving them out.
    ///
    /// # Errors
    /// [`ReadError`] when the input cannot be read.
    pub fn peek(&mut self) -> Result<&[u8], ReadError> {
        if self.ahead.is_empty() && !self.ended {
            self.read_ahead(self.target)?;
        }
        Ok(&self.ahead)
    }

    /// Twice as many of the first bytes as were looked at so far, for who has not seen enough; `None` when these are
    /// all there are, or as many as a record may have.
    ///
    /// # Errors
    /// [`ReadError`] when the input cannot be read on.
    pub fn peek_further(&mut self) -> Result<Option<&[u8]>, ReadError> {
        let seen = self.ahead.len();
        if self.ended || seen >= self.largest {
            return Ok(None);
        }
        self.read_ahead((seen * 2).max(self.target).min(self.largest))?;
        Ok(Some(&self.ahead))
    }

    /// Whether what has been looked at is the whole input.
    pub fn is_whole(&self) -> bool {
        self.ended
    }

    fn read_ahead(&mut self, wanted: usize) -> Result<(), ReadError> {
        let filled = self.ahead.len();
        let mut bytes = std::mem::take(&mut self.ahead);
        bytes.resize(wanted.max(filled), 0);
        let read = self.read_into(&mut bytes, filled)?;
        bytes.truncate(filled + read);
        self.ahead = bytes;
        Ok(())
    }

    /// Sets the names (with their prefix) of the elements that are records.
    pub fn set_records<N: AsRef<str>>(&mut self, names: impl IntoIterator<Item = N>) {
        self.ends = names
            .into_iter()
            .map(|name| format!("</{}", name.as_ref()).into_bytes())
            .collect();
    }

    /// Cuts the next chunk behind its first `bytes` bytes or not at all.
    pub fn cut_behind(&mut self, bytes: usize) {
        self.uncut = bytes;
    }

    /// The source that is read.
    pub fn get_ref(&self) -> &R {
        &self.reader
    }

    /// The next chunk, in the memory of an old one.
    ///
    /// # Errors
    /// [`ReadError`] when the input cannot be read on. What was read until then and not given out is lost.
    pub fn next(&mut self, old: Chunk) -> Result<Option<Chunk>, ReadError> {
        if self.done {
            return Ok(None);
        }
        let mut chunk = old;
        let mut filled = self.ahead.len();
        let mut wanted = self.target.max(filled);
        if chunk.bytes.len() < wanted + PADDING {
            chunk.bytes.resize(wanted + PADDING, 0);
        }
        chunk.bytes[..filled].copy_from_slice(&self.ahead);
        self.ahead.clear();
        chunk.oversized = false;
        let cut = loop {
            if !self.ended && filled < wanted {
                filled += self.read_into(&mut chunk.bytes[..wanted], filled)?;
            }
            if self.ended {
                break filled;
            }
            if let Some(cut) = self.last_end(&chunk.bytes[..filled]) {
                break cut;
            }
            if filled >= self.largest {
                chunk.oversized = true;
                break filled;
            }
            wanted = (wanted * 2).min(self.largest);
            chunk.bytes.resize(wanted + PADDING, 0);
        };
        self.uncut = 0;
        self.ahead.extend_from_slice(&chunk.bytes[cut..filled]);
        chunk.bytes[cut..cut + PADDING].fill(0);
        chunk.length = cut;
        chunk.offset = self.offset;
        chunk.number = self.number;
        chunk.follows_oversized = std::mem::replace(&mut self.oversized, chunk.oversized);
        chunk.last = self.ended && self.ahead.is_empty();
        self.offset += cut as u64;
        self.number += 1;
        self.done = chunk.last;
        Ok(Some(chunk))
    }

    /// Fills `bytes` from `filled` on as far as the input goes and returns how much was added.
    fn read_into(&mut self, bytes: &mut [u8], filled: usize) -> Result<usize, ReadError> {
        let mut end = filled;
        while end < bytes.len() {
            match self.reader.read(&mut bytes[end..]) {
                Ok(0) => {
                    self.ended = true;
                    break;
                }
                Ok(count) => end += count,
                Err(error) if error.kind() == std::io::ErrorKind::Interrupted => {}
                Err(error) => {
                    self.done = true;
                    return Err(ReadError::from_io(error, &self.name));
                }
            }
        }
        Ok(end - filled)
    }

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
