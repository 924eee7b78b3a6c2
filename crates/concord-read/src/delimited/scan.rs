//! Finds delimiters and line ends, 64 bytes at a time.
//!
//! Cells have some eight bytes, so that a search started anew for each of them would spend its time on starting. Here
//! 64 bytes become the 64 bits of a number (the compiler makes vector instructions of it), and the bits are taken one by
//! one.

/// Bytes looked at together.
const BLOCK: usize = 64;

/// Times this, the lowest bits of eight bytes stand together in the highest byte.
const GATHER: u64 = 0x0102_0408_1020_4080;

/// Where the scan is.
#[derive(Debug, Clone, Copy)]
pub(super) struct Scan {
    wanted: [u8; 3],
    /// Where the block begins.
    base: usize,
    /// One bit for each delimiter or line end of the block that is still to come.
    marks: u64,
}

impl Scan {
    pub(super) fn new(bytes: &[u8], delimiter: u8, from: usize) -> Self {
        let wanted = [delimiter, b'\n', b'\r'];
        Self {
            wanted,
            base: from,
            marks: marks(bytes, from, wanted),
        }
    }

    /// The next delimiter or line end, or where the bytes end.
    #[inline]
    pub(super) fn next(&mut self, bytes: &[u8]) -> usize {
        while self.marks == 0 {
            self.base += BLOCK;
            if self.base >= bytes.len() {
                return bytes.len();
            }
            self.marks = marks(bytes, self.base, self.wanted);
        }
        let found = self.base + self.marks.trailing_zeros() as usize;
        self.marks &= self.marks - 1;
        found
    }

    /// Leaves out everything before `to`.
    #[inline]
    pub(super) fn skip_to(&mut self, bytes: &[u8], to: usize) {
        let ahead = to.saturating_sub(self.base);
        if ahead < BLOCK {
            self.marks &= u64::MAX << ahead;
        } else {
            self.base = to;
            self.marks = marks(bytes, to, self.wanted);
        }
    }
}

/// Finds quotes, from any place on.
///
/// Where they are many, 64 bytes are looked at together and the answer is kept; where they are few, they are searched.
#[derive(Debug, Clone, Copy)]
pub(super) struct Quotes {
    quote: u8,
    base: usize,
    /// One bit for each quote of the block at `base`.
    marks: u64,
}

impl Quotes {
    pub(super) fn new(bytes: &[u8], quote: u8) -> Self {
        Self {
            quote,
            base: 0,
            marks: marks(bytes, 0, [quote; 3]),
        }
    }

    /// The first quote from `from` on and before `limit`.
    #[inline]
    pub(super) fn find(&mut self, bytes: &[u8], from: usize, limit: usize) -> Option<usize> {
        if from < self.base || from >= self.base + BLOCK {
            self.base = from;
            self.marks = marks(bytes, from, [self.quote; 3]);
        }
        let ahead = self.marks & (u64::MAX << (from - self.base));
        let found = if ahead == 0 {
            let beyond = self.base + BLOCK;
            let found = beyond + memchr::memchr(self.quote, bytes.get(beyond..limit)?)?;
            self.base = found;
            self.marks = marks(bytes, found, [self.quote; 3]);
            found
        } else {
            self.base + ahead.trailing_zeros() as usize
        };
        (found < limit).then_some(found)
    }
}

/// One bit for each of the 64 bytes from `from` on that is one of the wanted ones.
#[inline]
fn marks(bytes: &[u8], from: usize, wanted: [u8; 3]) -> u64 {
    let rest = &bytes[from.min(bytes.len())..];
    if let Some(block) = rest.first_chunk() {
        return block_marks(block, wanted);
    }
    let mut block = [0; BLOCK];
    block[..rest.len()].copy_from_slice(rest);
    // Nothing that is wanted is NUL.
    block_marks(&block, wanted)
}

#[inline]
fn block_marks(block: &[u8; BLOCK], [a, b, c]: [u8; 3]) -> u64 {
    let mut flags = [0u8; BLOCK];
    for (flag, byte) in flags.iter_mut().zip(block) {
        *flag = u8::from(*byte == a) | u8::from(*byte == b) | u8::from(*byte == c);
    }
    let (words, _) = flags.as_chunks::<8>();
    words.iter().enumerate().fold(0, |marks, (number, word)| {
        marks | (u64::from_le_bytes(*word).wrapping_mul(GATHER) >> 56) << (number * 8)
    })
}
