//! Entries of zip archives.
//!
//! The library reads the list of entries; an entry's own bytes are read here, because its reader borrows the archive
//! and an input must own what it reads from. Size and checksum of every entry are compared with the list.

use std::io::{self, BufReader, Read, Seek, Take};

use flate2::Crc;
use flate2::bufread::DeflateDecoder;
use zip::read::Config;
use zip::result::ZipError;
use zip::{CompressionMethod, ZipArchive};

use crate::decompress::COMPRESSED_BUFFER;
use crate::error::ReadErrorKind;
use crate::{Compression, Limits};

/// One file of an archive.
#[derive(Debug, Clone)]
pub(crate) struct Entry {
    pub(crate) name: String,
    /// Where its data begin in the archive.
    pub(crate) start: u64,
    pub(crate) compressed: u64,
    size: u64,
    checksum: u32,
    method: Method,
}

#[derive(Debug, Clone)]
enum Method {
    Stored,
    Deflated,
    Encrypted,
    Other(String),
}

/// The files of an archive in the order of its list; folders and hidden files are left out.
pub(crate) fn list<R: Read + Seek>(
    mut reader: R,
    limits: &Limits,
) -> Result<Vec<Entry>, ReadErrorKind> {
    // Counts the entries before anything is kept of them. It is the one part of the library without a promise of stability.
    let announced = zip::unstable::read::ZipIterable::try_new(&mut reader, Config::default())
        .map_err(unreadable)?
        .len();
    if announced > limits.archive_entries {
        return Err(ReadErrorKind::TooManyEntries {
            entries: announced,
            limit: limits.archive_entries,
        });
    }
    let mut archive = ZipArchive::new(reader).map_err(unreadable)?;
    if archive.has_overlapping_files().map_err(unreadable)? {
        return Err(ReadErrorKind::OverlappingEntries);
    }
    let mut entries = Vec::new();
    for index in 0..archive.len() {
        let file = archive.by_index_raw(index).map_err(unreadable)?;
        let name = file.name().map_or_else(
            |_| String::from_utf8_lossy(file.name_raw()).into_owned(),
            Into::into,
        );
        if file.is_dir() || is_hidden(&name) {
            continue;
        }
        let method = match file.compression() {
            _ if file.encrypted() => Method::Encrypted,
            CompressionMethod::Stored => Method::Stored,
            CompressionMethod::Deflated => Method::Deflated,
            other => Method::Other(format!("{other:?}")),
        };
        let start = file
            .data_start()
            .ok_or_else(|| corrupt(0, "an entry has no data"))?;
        entries.push(Entry {
            start,
            compressed: file.compressed_size(),
            size: file.size(),
            checksum: file.crc32(),
            method,
            name,
        });
    }
    Ok(entries)
}

fn is_hidden(name: &str) -> bool {
    name.split(['/', '\\'])
        .any(|part| part == "__MACOSX" || (part.starts_with('.') && part != "." && part != ".."))
}

fn unreadable(error: ZipError) -> ReadErrorKind {
    match error {
        ZipError::Io(error) if error.kind() == io::ErrorKind::UnexpectedEof => {
            ReadErrorKind::Truncated {
                format: Compression::Zip,
                decoded: 0,
            }
        }
        ZipError::Io(error) => ReadErrorKind::reading(error),
        other => corrupt(
            0,
            &format!("{other}; a zip file that was cut off has lost its list of entries"),
        ),
    }
}

fn corrupt(decoded: u64, reason: &str) -> ReadErrorKind {
    ReadErrorKind::Corrupt {
        format: Compression::Zip,
        decoded,
        reason: reason.to_owned(),
    }
}

/// Reads one entry and fails at its end unless size and checksum are those of the list.
pub(crate) struct EntryReader<R> {
    body: Body<R>,
    entry: Entry,
    crc: Crc,
    decoded: u64,
}

enum Body<R> {
    Stored(Take<R>),
    Deflated(Box<DeflateDecoder<BufReader<Take<R>>>>),
}

impl<R: Read> EntryReader<R> {
    /// `reader` stands at the beginning of the entry's data.
    pub(crate) fn new(reader: R, entry: Entry) -> Result<Self, ReadErrorKind> {
        let raw = reader.take(entry.compressed);
        let body = match &entry.method {
            Method::Stored => Body::Stored(raw),
            Method::Deflated => Body::Deflated(Box::new(DeflateDecoder::new(
                BufReader::with_capacity(COMPRESSED_BUFFER, raw),
            ))),
            Method::Encrypted => return Err(ReadErrorKind::Encrypted),
            Method::Other(method) => {
                return Err(ReadErrorKind::UnsupportedCompression {
                    method: method.clone(),
                });
            }
        };
        Ok(Self {
            body,
            entry,
            crc: Crc::new(),
            decoded: 0,
        })
    }

    fn check_end(&self) -> Result<(), ReadErrorKind> {
        let consumed = match &self.body {
            Body::Stored(raw) => self.entry.compressed - raw.limit(),
            Body::Deflated(decoder) => decoder.total_in(),
        };
        if self.decoded < self.entry.size {
            return Err(ReadErrorKind::Truncated {
                format: Compression::Zip,
                decoded: self.decoded,
            });
        }
        if consumed != self.entry.compressed {
            return Err(corrupt(self.decoded, "the entry holds bytes after its end"));
        }
        if self.crc.sum() != self.entry.checksum {
            return Err(corrupt(self.decoded, "the checksum is another one"));
        }
        Ok(())
    }
}

impl<R: Read> Read for EntryReader<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = match &mut self.body {
            Body::Stored(raw) => raw.read(buffer),
            Body::Deflated(decoder) => decoder.read(buffer),
        }?;
        self.crc.update(&buffer[..count]);
        self.decoded += count as u64;
        if self.decoded > self.entry.size {
            return Err(
                corrupt(self.decoded, "more bytes than the list of entries says").into_io(),
            );
        }
        if count == 0 && !buffer.is_empty() {
            self.check_end().map_err(ReadErrorKind::into_io)?;
        }
        Ok(count)
    }
}
