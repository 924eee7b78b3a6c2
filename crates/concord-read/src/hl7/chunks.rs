//! An input cut before messages, so that the chunks can be checked side by side.

use std::io::Read;
use std::sync::Arc;

use super::{BLOCK_END, BLOCK_START, Chunk};
use crate::ReadError;
use crate::chunk::Source;

/// Reads an input in chunks of whole messages.
///
/// Only a message that is larger than the largest is cut; its chunk says so. What stands before the first message, and
/// the headers and trailers of batches, go with the message before them.
#[derive(Debug)]
pub struct Chunks<R> {
    source: Source<R>,
}

impl<R: Read> Chunks<R> {
    /// Reads from `reader`, whose input is called `name`, in chunks of about `target` bytes and never more than
    /// `largest` with a message that does not end.
    pub fn new(reader: R, name: Arc<str>, target: usize, largest: usize) -> Self {
        Self {
            source: Source::new(reader, name, target.max(1), largest.max(64)),
        }
    }

    /// The first bytes of the input, as many as a chunk takes, without giving them out.
    ///
    /// # Errors
    /// [`ReadError`] when the input cannot be read.
    pub fn peek(&mut self) -> Result<&[u8], ReadError> {
        self.source.peek()
    }

    /// The source that is read.
    pub fn get_ref(&self) -> &R {
        self.source.get_ref()
    }

    /// The next chunk, in the memory of an old one. The last one can be empty.
    ///
    /// # Errors
    /// [`ReadError`] when the input cannot be read on. What was read until then and not given out is lost.
    pub fn next(&mut self, old: Chunk) -> Result<Option<Chunk>, ReadError> {
        self.source.next(old, last_message, within)
    }
}

/// Where the last message of some bytes begins, if one stands before it.
fn last_message(bytes: &[u8]) -> Option<usize> {
    let mut before = bytes.len();
    while let Some(at) = memchr::memmem::rfind(&bytes[..before], b"MSH") {
        before = at;
        // Without the byte behind it, it may be the beginning of a longer name.
        let whole = bytes
            .get(at + 3)
            .is_some_and(|behind| !behind.is_ascii_alphanumeric());
        if !whole {
            continue;
        }
        let start = match bytes[..at].last() {
            Some(&BLOCK_START) => at - 1,
            _ => at,
        };
        let begins = match bytes[..start].last() {
            None => return None,
            Some(ends) => matches!(*ends, b'\r' | b'\n' | BLOCK_END),
        };
        if begins || start < at {
            return Some(start);
        }
    }
    None
}

/// Where to cut a message that is too large: behind a segment, else anywhere.
fn within(bytes: &[u8]) -> usize {
    memchr::memrchr2(b'\r', b'\n', &bytes[..bytes.len().saturating_sub(1)])
        .map_or(bytes.len(), |at| at + 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn chunks(bytes: &[u8], target: usize, largest: usize) -> Vec<(Vec<u8>, bool)> {
        let mut chunks = Chunks::new(bytes, "a".into(), target, largest);
        let mut found = Vec::new();
        while let Some(chunk) = chunks.next(Chunk::default()).expect("bytes can be read") {
            found.push((chunk.content().to_vec(), chunk.oversized));
        }
        found
    }

    #[test]
    fn chunks_hold_whole_messages() {
        let message = |number: usize| {
            format!("\x0bMSH|^~\\&|{number}\rNTE|MSH|x\rPID|MSH\r\x1c\r").into_bytes()
        };
        let bytes: Vec<u8> = (0..40).flat_map(message).collect();
        for target in 1..200 {
            let found = chunks(&bytes, target, 1 << 20);
            let whole: Vec<u8> = found.iter().flat_map(|(bytes, _)| bytes.clone()).collect();
            assert_eq!(whole, bytes);
            for (chunk, oversized) in found {
                assert!(!oversized);
                assert!(chunk.starts_with(b"\x0bMSH|") && chunk.ends_with(b"\x1c\r"));
            }
        }
    }

    #[test]
    fn a_message_that_is_too_large_is_cut() {
        let mut bytes = b"MSH|^~\\&|\r".to_vec();
        for _ in 0..100 {
            bytes.extend_from_slice(b"NTE|aaaaaaaaaa\r");
        }
        bytes.extend_from_slice(b"MSH|^~\\&|\rPID|\r");
        let found = chunks(&bytes, 64, 256);
        let whole: Vec<u8> = found.iter().flat_map(|(bytes, _)| bytes.clone()).collect();
        assert_eq!(whole, bytes);
        assert!(found[0].1 && found[0].0.len() <= 256);
    }
}
