//! A limit on how much may be read before a record or token ends, so that nothing makes a reader collect a whole file.

use std::cell::Cell;
use std::io::{self, Read};
use std::rc::Rc;

/// Bytes that one record or token may take, with what is read ahead.
const LIMIT: u64 = 4_000_000;

/// A source that fails when it is read further than allowed.
pub(super) struct Guarded<R> {
    inner: R,
    left: Rc<Cell<u64>>,
    given: Rc<Cell<u64>>,
}

/// Allows more, and knows how much was read.
#[derive(Clone)]
pub(super) struct Allowance {
    left: Rc<Cell<u64>>,
    given: Rc<Cell<u64>>,
}

impl<R> Guarded<R> {
    pub(super) fn new(inner: R) -> (Self, Allowance) {
        let allowance = Allowance {
            left: Rc::new(Cell::new(LIMIT)),
            given: Rc::default(),
        };
        let guarded = Self {
            inner,
            left: Rc::clone(&allowance.left),
            given: Rc::clone(&allowance.given),
        };
        (guarded, allowance)
    }
}

impl Allowance {
    /// A record or token has ended.
    pub(super) fn renew(&self) {
        self.left.set(LIMIT);
    }

    /// Whether reading failed because there was no end.
    pub(super) fn is_used_up(&self) -> bool {
        self.left.get() == 0
    }

    /// Bytes read.
    pub(super) fn given(&self) -> u64 {
        self.given.get()
    }
}

impl<R: Read> Read for Guarded<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let left = self.left.get();
        if left == 0 {
            return Err(io::Error::new(
                io::ErrorKind::InvalidData,
                "something begins that does not end within four million bytes",
            ));
        }
        let room = usize::try_from(left)
            .unwrap_or(usize::MAX)
            .min(buffer.len());
        let count = self.inner.read(&mut buffer[..room])?;
        self.left.set(left - count as u64);
        self.given.set(self.given.get() + count as u64);
        Ok(count)
    }
}
