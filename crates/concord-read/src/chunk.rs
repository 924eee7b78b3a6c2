//! An input in chunks: what is the same whatever the carrier is, and whoever says where to cut.

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

impl Chunk {
    /// The bytes of the input.
    pub fn content(&self) -> &[u8] {
        &self.bytes[..self.length]
    }

    pub(crate) fn cut(&self) -> Cut {
        Cut {
            continued: self.follows_oversized,
            too_long: self.oversized,
        }
    }
}

/// What the largest size of a record does to the rows at either end of a chunk.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Cut {
    /// The first row is a further part of one.
    pub(crate) continued: bool,
    /// The last row is only the first part of one.
    pub(crate) too_long: bool,
}

/// Reads a source and gives it out in chunks.
#[derive(Debug)]
pub(crate) struct Source<R> {
    reader: R,
    name: Arc<str>,
    /// Bytes read and not given out.
    ahead: Vec<u8>,
    target: usize,
    largest: usize,
    offset: u64,
    number: u64,
    oversized: bool,
    ended: bool,
    done: bool,
}

impl<R: Read> Source<R> {
    /// Reads from `reader`, whose input is called `name`, in chunks of about `target` bytes and never more than
    /// `largest` without a cut.
    pub(crate) fn new(reader: R, name: Arc<str>, target: usize, largest: usize) -> Self {
        Self {
            reader,
            name,
            ahead: Vec::new(),
            target,
            largest: largest.max(target),
            offset: 0,
            number: 0,
            oversized: false,
            ended: false,
            done: false,
        }
    }

    /// The first bytes that have not been given out: those of a chunk.
    pub(crate) fn peek(&mut self) -> Result<&[u8], ReadError> {
        self.peek_at_most(self.target)
    }

    /// The first bytes that have not been given out, fewer than those of a chunk where `most` says so. What is looked at is copied
    /// into the chunk afterwards.
    pub(crate) fn peek_at_most(&mut self, most: usize) -> Result<&[u8], ReadError> {
        if self.ahead.is_empty() && !self.ended {
            self.read_ahead(self.target.min(most))?;
        }
        Ok(&self.ahead)
    }

    pub(crate) fn peek_further(&mut self) -> Result<Option<&[u8]>, ReadError> {
        let seen = self.ahead.len();
        if self.ended || seen >= self.largest {
            return Ok(None);
        }
        self.read_ahead((seen * 2).min(self.largest))?;
        Ok(Some(&self.ahead))
    }

    pub(crate) fn is_whole(&self) -> bool {
        self.ended
    }

    pub(crate) fn get_ref(&self) -> &R {
        &self.reader
    }

    fn read_ahead(&mut self, wanted: usize) -> Result<(), ReadError> {
        let filled = self.ahead.len();
        let mut bytes = std::mem::take(&mut self.ahead);
        let filled = self.fill(&mut bytes, filled, wanted)?;
        bytes.truncate(filled);
        self.ahead = bytes;
        Ok(())
    }

    /// The next chunk, in the memory of an old one.
    ///
    /// `cut` says where the last record in some bytes ends, if one does, and `anywhere` where to cut a record that is
    /// larger than the largest; neither may say 0.
    pub(crate) fn next(
        &mut self,
        old: Chunk,
        cut: impl Fn(&[u8]) -> Option<usize>,
        anywhere: impl Fn(&[u8]) -> usize,
    ) -> Result<Option<Chunk>, ReadError> {
        if self.done {
            return Ok(None);
        }
        let mut chunk = old;
        let mut filled = self.ahead.len();
        let mut wanted = self.target.max(filled);
        if chunk.bytes.len() < filled {
            chunk.bytes.resize(filled, 0);
        }
        chunk.bytes[..filled].copy_from_slice(&self.ahead);
        self.ahead.clear();
        chunk.oversized = false;
        let cut = loop {
            filled = self.fill(&mut chunk.bytes, filled, wanted)?;
            if self.ended {
                break filled;
            }
            if let Some(cut) = cut(&chunk.bytes[..filled]) {
                break cut;
            }
            if filled >= self.largest {
                chunk.oversized = true;
                break anywhere(&chunk.bytes[..filled]);
            }
            wanted = (wanted * 2).min(self.largest);
        };
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

    /// Fills `bytes` from `filled` to `wanted` as far as the input goes, and returns how far it went. There is room for
    /// the padding behind it.
    ///
    /// New memory is taken in steps, so that a small input costs little of it.
    fn fill(
        &mut self,
        bytes: &mut Vec<u8>,
        mut filled: usize,
        wanted: usize,
    ) -> Result<usize, ReadError> {
        const STEP: usize = 64 * 1024;
        bytes.reserve((wanted + PADDING).saturating_sub(bytes.len()));
        while filled < wanted && !self.ended {
            let room = bytes.len().max(2 * filled).max(STEP).min(wanted);
            if bytes.len() < room {
                bytes.resize(room, 0);
            }
            filled += self.read_into(&mut bytes[..room], filled)?;
        }
        if bytes.len() < filled + PADDING {
            bytes.resize(filled + PADDING, 0);
        }
        Ok(filled)
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
}

/// Behind the last line end between two places.
pub(crate) fn line_end(bytes: &[u8], from: usize, to: usize) -> Option<usize> {
    let between = &bytes[from..to];
    if between.last() == Some(&b'\n') {
        return Some(to);
    }
    // A carriage return at the very end can be half a line end.
    let certain = between.len() - usize::from(to == bytes.len() && !between.is_empty());
    memchr::memrchr2(b'\n', b'\r', &between[..certain]).map(|at| from + at + 1)
}

/// How many bytes at the end of some are half a character or half a line end.
pub(crate) fn partial_character(bytes: &[u8]) -> usize {
    if bytes.last() == Some(&b'\r') {
        return 1;
    }
    // A character has four bytes at most; of the last three one begins the character that is not complete.
    (1..=bytes.len().min(3))
        .find(|back| bytes[bytes.len() - back] >= 0xc0)
        .filter(|back| match bytes[bytes.len() - back] {
            0xf0.. => *back < 4,
            0xe0.. => *back < 3,
            _ => *back < 2,
        })
        .unwrap_or(0)
}
