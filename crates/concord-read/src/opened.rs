//! An input that is open: UTF-8 bytes, and what is known of where they come from.

use std::io::{self, Cursor, Read};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use crate::decompress::{Ahead, Compression, Plain};
use crate::encoding::{self, Detection, Encoding};
use crate::error::{ReadError, ReadErrorKind};
use crate::transcode::Transcoder;

/// An open input. Reading it gives UTF-8, without a byte order mark.
///
/// Bytes of a plain UTF-8 file go straight into the caller's buffer, so read with large ones; they are not checked to be
/// well-formed. An end of input (a count of 0) is given only where the input really ends: whatever is cut off, damaged
/// or malformed is an error, and after an error reading gives no more bytes.
pub struct Opened {
    name: Arc<str>,
    size: Option<u64>,
    compression: Option<Compression>,
    encoding: Encoding,
    detection: Detection,
    mark: u64,
    given: u64,
    disk: Arc<AtomicU64>,
    body: Body,
    failed: bool,
}

enum Body {
    AsIs(Ahead<Plain>),
    Other(Box<Transcoder>),
}

/// How many bytes have been read from where the input is stored; for a progress bar in another thread.
#[derive(Debug, Clone)]
pub struct Progress {
    /// Size of the input as stored, when known.
    pub size: Option<u64>,
    disk: Arc<AtomicU64>,
}

impl Progress {
    /// Bytes read so far.
    pub fn read(&self) -> u64 {
        self.disk.load(Ordering::Relaxed)
    }
}

impl Opened {
    pub(crate) fn new(
        name: &Arc<str>,
        plain: Plain,
        mut ahead: Vec<u8>,
        size: Option<u64>,
    ) -> Result<Self, ReadErrorKind> {
        let detected = encoding::detect(&ahead)?;
        ahead.drain(..detected.mark);
        Ok(Self {
            name: Arc::clone(name),
            size,
            compression: plain.format(),
            encoding: detected.encoding,
            detection: detected.how,
            mark: detected.mark as u64,
            given: 0,
            disk: plain.counter(),
            body: if detected.encoding == Encoding::Utf8 {
                Body::AsIs(Cursor::new(ahead).chain(plain))
            } else {
                Body::Other(Box::new(Transcoder::new(
                    detected.encoding,
                    ahead,
                    detected.mark,
                    plain,
                )))
            },
            failed: false,
        })
    }

    /// The input's name as the user gave it.
    pub fn name(&self) -> &Arc<str> {
        &self.name
    }

    /// Size of the input as stored: of the file, of the archive's compressed entry; `None` for pipes.
    pub fn size(&self) -> Option<u64> {
        self.size
    }

    /// Bytes read so far from where it is stored. At the end of a file it is the size, or reading has failed.
    pub fn disk_bytes(&self) -> u64 {
        self.disk.load(Ordering::Relaxed)
    }

    /// Bytes given so far, decompressed and decoded.
    pub fn given_bytes(&self) -> u64 {
        self.given
    }

    /// Length of the byte order mark that was left out at the beginning.
    pub fn mark_bytes(&self) -> u64 {
        self.mark
    }

    /// What it is wrapped in.
    pub fn compression(&self) -> Option<Compression> {
        self.compression
    }

    /// The encoding that it is stored in.
    pub fn encoding(&self) -> Encoding {
        self.encoding
    }

    /// How the encoding is known.
    pub fn detection(&self) -> Detection {
        self.detection
    }

    /// A view of how far reading has come, for another thread.
    pub fn progress(&self) -> Progress {
        Progress {
            size: self.size,
            disk: Arc::clone(&self.disk),
        }
    }

    /// Reads until `buffer` is full or the input ends, and returns how many bytes that are.
    ///
    /// # Errors
    /// [`ReadError`] when the input cannot be read on.
    pub fn fill(&mut self, buffer: &mut [u8]) -> Result<usize, ReadError> {
        let mut filled = 0;
        while filled < buffer.len() {
            match self.read(&mut buffer[filled..]) {
                Ok(0) => break,
                Ok(count) => filled += count,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(ReadError::from_io(error, &self.name)),
            }
        }
        Ok(filled)
    }
}

impl Read for Opened {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.failed {
            return Err(io::Error::other("this input could not be read on before"));
        }
        let result = match &mut self.body {
            Body::AsIs(plain) => plain.read(buffer),
            Body::Other(transcoder) => transcoder.read(buffer),
        };
        match result {
            Ok(count) => {
                self.given += count as u64;
                Ok(count)
            }
            Err(error) if error.kind() == io::ErrorKind::Interrupted => Err(error),
            Err(error) => {
                self.failed = true;
                Err(ReadError::new(&self.name, ReadErrorKind::reading(error)).into())
            }
        }
    }
}

impl std::fmt::Debug for Opened {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Opened")
            .field("name", &self.name)
            .field("size", &self.size)
            .field("compression", &self.compression)
            .field("encoding", &self.encoding)
            .field("detection", &self.detection)
            .finish_non_exhaustive()
    }
}
