//! What an input is wrapped in, told from its first bytes, and taken off while reading.

use std::fmt;
use std::io::{self, BufReader, Cursor, Read};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use crate::error::ReadErrorKind;
use crate::gzip::{Members, NoMember};
use crate::{Limits, archive};

/// Compressed bytes are fetched this many at a time.
pub(crate) const COMPRESSED_BUFFER: usize = 128 * 1024;

/// A form that bytes are wrapped in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Compression {
    /// gzip, RFC 1952; several members one after the other are one stream, and zeros behind them are padding.
    Gzip,
    /// Zstandard, RFC 8878.
    Zstd,
    /// A zip archive.
    Zip,
    /// bzip2, recognised in order to be refused.
    Bzip2,
    /// xz, recognised in order to be refused.
    Xz,
    /// 7-Zip, recognised in order to be refused.
    SevenZip,
}

impl Compression {
    /// The form that `start` begins with; extensions of file names say nothing.
    pub fn of(start: &[u8]) -> Option<Self> {
        Some(match start {
            [0x1f, 0x8b, ..] => Self::Gzip,
            [0x28, 0xb5, 0x2f, 0xfd, ..] | [0x50..=0x5f, 0x2a, 0x4d, 0x18, ..] => Self::Zstd,
            [b'P', b'K', 3, 4, ..] | [b'P', b'K', 5, 6, ..] | [b'P', b'K', 7, 8, ..] => Self::Zip,
            [b'B', b'Z', b'h', b'1'..=b'9', 0x31, 0x41, ..] => Self::Bzip2,
            [0xfd, b'7', b'z', b'X', b'Z', 0, ..] => Self::Xz,
            [b'7', b'z', 0xbc, 0xaf, 0x27, 0x1c, ..] => Self::SevenZip,
            _ => return None,
        })
    }
}

impl fmt::Display for Compression {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Gzip => "gzip",
            Self::Zstd => "zstd",
            Self::Zip => "zip",
            Self::Bzip2 => "bzip2",
            Self::Xz => "xz",
            Self::SevenZip => "7-Zip",
        })
    }
}

/// Bytes as they come from disk, pipe or memory, counted.
pub(crate) struct Counted {
    source: Box<dyn Read + Send>,
    read: Arc<AtomicU64>,
    /// Size that must have been read at the end.
    size: Option<u64>,
}

impl Counted {
    pub(crate) fn new(source: Box<dyn Read + Send>, size: Option<u64>) -> Self {
        Self {
            source,
            read: Arc::default(),
            size,
        }
    }

    pub(crate) fn counter(&self) -> Arc<AtomicU64> {
        Arc::clone(&self.read)
    }
}

impl Read for Counted {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = match self.source.read(buffer) {
            Ok(count) => count,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => return Err(error),
            Err(error) => return Err(ReadErrorKind::reading(error).into_io()),
        };
        let read = self.read.fetch_add(count as u64, Ordering::Relaxed) + count as u64;
        if count == 0
            && !buffer.is_empty()
            && let Some(size) = self.size
            && size != read
        {
            return Err(ReadErrorKind::Changed { size, read }.into_io());
        }
        Ok(count)
    }
}

/// What was read ahead to look at, then the rest.
pub(crate) type Ahead<R> = io::Chain<Cursor<Vec<u8>>, R>;

/// Decompressed bytes, with the limits on them watched over.
pub(crate) struct Plain {
    body: Body,
    format: Option<Compression>,
    compressed: Arc<AtomicU64>,
    decoded: u64,
    limits: Limits,
}

enum Body {
    AsIs(Counted),
    Gzip(Box<Members<BufReader<Ahead<Counted>>>>),
    Zstd(Box<zstd::Decoder<'static, BufReader<Ahead<Counted>>>>),
    Entry(Box<archive::EntryReader<Counted>>),
}

impl Plain {
    /// Bytes that are not wrapped in anything. What `source` gave already is for the caller to hand on.
    pub(crate) fn as_is(source: Counted, limits: &Limits) -> Self {
        let compressed = source.counter();
        Self::with(Body::AsIs(source), None, compressed, limits)
    }

    /// A stream of `format` that begins with `ahead`.
    pub(crate) fn stream(
        format: Compression,
        ahead: Vec<u8>,
        source: Counted,
        limits: &Limits,
    ) -> Result<Self, ReadErrorKind> {
        let compressed = source.counter();
        let raw = BufReader::with_capacity(COMPRESSED_BUFFER, Cursor::new(ahead).chain(source));
        let body = match format {
            Compression::Gzip => Body::Gzip(Box::new(Members::new(raw))),
            Compression::Zstd => Body::Zstd(Box::new(
                zstd::Decoder::with_buffer(raw).map_err(ReadErrorKind::reading)?,
            )),
            other => {
                return Err(ReadErrorKind::UnsupportedCompression {
                    method: other.to_string(),
                });
            }
        };
        Ok(Self::with(body, Some(format), compressed, limits))
    }

    /// An entry of an archive; `source` stands at its data.
    pub(crate) fn entry(
        source: Counted,
        entry: archive::Entry,
        limits: &Limits,
    ) -> Result<Self, ReadErrorKind> {
        let compressed = source.counter();
        let body = Body::Entry(Box::new(archive::EntryReader::new(source, entry)?));
        Ok(Self::with(body, Some(Compression::Zip), compressed, limits))
    }

    fn with(
        body: Body,
        format: Option<Compression>,
        compressed: Arc<AtomicU64>,
        limits: &Limits,
    ) -> Self {
        Self {
            body,
            format,
            compressed,
            decoded: 0,
            limits: limits.clone(),
        }
    }

    pub(crate) fn format(&self) -> Option<Compression> {
        self.format
    }

    pub(crate) fn counter(&self) -> Arc<AtomicU64> {
        Arc::clone(&self.compressed)
    }

    fn watch(&self) -> Result<(), ReadErrorKind> {
        if self.decoded > self.limits.decompressed_size {
            return Err(ReadErrorKind::TooLarge {
                limit: self.limits.decompressed_size,
            });
        }
        let compressed = self.compressed.load(Ordering::Relaxed).max(1);
        let ratio = self.limits.expansion_ratio;
        if self.decoded > self.limits.expansion_free && self.decoded / compressed > ratio {
            return Err(ReadErrorKind::Expands {
                compressed,
                decoded: self.decoded,
                ratio,
            });
        }
        Ok(())
    }

    fn failed(&self, format: Compression, error: io::Error) -> io::Error {
        if error.kind() == io::ErrorKind::Interrupted {
            return error;
        }
        let error = match error.downcast::<NoMember>() {
            Ok(NoMember) => {
                let decoded = self.decoded;
                return ReadErrorKind::Behind { format, decoded }.into_io();
            }
            Err(error) => error,
        };
        let kind = match error.downcast::<ReadErrorKind>() {
            Ok(kind) => kind,
            Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => {
                ReadErrorKind::Truncated {
                    format,
                    decoded: self.decoded,
                }
            }
            Err(error) => ReadErrorKind::Corrupt {
                format,
                decoded: self.decoded,
                reason: error.to_string(),
            },
        };
        kind.into_io()
    }
}

impl Read for Plain {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let result = match &mut self.body {
            Body::AsIs(source) => return source.read(buffer),
            Body::Gzip(decoder) => decoder.read(buffer),
            Body::Zstd(decoder) => decoder.read(buffer),
            Body::Entry(entry) => entry.read(buffer),
        };
        let format = self.format.unwrap_or(Compression::Zip);
        let count = result.map_err(|error| self.failed(format, error))?;
        self.decoded += count as u64;
        self.watch().map_err(ReadErrorKind::into_io)?;
        Ok(count)
    }
}
