//! gzip streams: members one behind the other (RFC 1952, 2.2), and the padding that tapes and block devices put behind them.

use std::io::{self, BufRead, Read};

use flate2::bufread::GzDecoder;

/// What a member begins with. RFC 1952, 2.3.1.
const MAGIC: [u8; 2] = [0x1f, 0x8b];

/// The members of a gzip stream as one stream of decompressed bytes.
///
/// Zeros behind a member are padding, as gzip takes them. Anything else there that is no member is a [`NoMember`].
pub(crate) struct Members<R> {
    at: At<R>,
}

enum At<R> {
    /// In a member.
    Member(Box<GzDecoder<R>>),
    /// Behind one.
    Behind(R),
    /// At the end, or behind an error.
    End,
}

/// What stands behind a member is none.
#[derive(Debug, thiserror::Error)]
#[error("what stands behind the gzip stream is none")]
pub(crate) struct NoMember;

impl<R: BufRead> Members<R> {
    pub(crate) fn new(raw: R) -> Self {
        Self {
            at: At::Member(Box::new(GzDecoder::new(raw))),
        }
    }
}

impl<R: BufRead> Read for Members<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        loop {
            self.at = match std::mem::replace(&mut self.at, At::End) {
                At::Member(mut member) => match member.read(buffer) {
                    Ok(0) if !buffer.is_empty() => At::Behind(member.into_inner()),
                    other => {
                        self.at = At::Member(member);
                        return other;
                    }
                },
                At::Behind(mut raw) => match another(&mut raw) {
                    Ok(true) => At::Member(Box::new(GzDecoder::new(raw))),
                    Ok(false) => At::End,
                    Err(error) => {
                        self.at = At::Behind(raw);
                        return Err(error);
                    }
                },
                At::End => return Ok(0),
            };
        }
    }
}

/// Skips zeros; whether a member begins behind them.
fn another(raw: &mut impl BufRead) -> io::Result<bool> {
    loop {
        let ahead = raw.fill_buf()?;
        if ahead.is_empty() {
            return Ok(false);
        }
        let zeros = ahead.iter().take_while(|byte| **byte == 0).count();
        let rest = &ahead[zeros..];
        let begins = rest.iter().zip(MAGIC).all(|(byte, magic)| *byte == magic);
        let more = !rest.is_empty();
        raw.consume(zeros);
        if more && !begins {
            return Err(io::Error::new(io::ErrorKind::InvalidData, NoMember));
        }
        if more {
            return Ok(true);
        }
    }
}
