//! A block: what one commit wrote. A segment file is blocks, one behind another.
//!
//! A block is written only when the one before it is durable. So a damaged block at the end of the last segment was never
//! answered and is cut off, and a damaged block before another one is damage that must be told.

use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};
use std::path::Path;

use super::entry::{self, Entry};

/// Begins every block; the last byte is the version of the format.
const MAGIC: [u8; 8] = *b"CONCORD\x01";
/// Length of the header of a block.
pub(crate) const HEADER: usize = 32;
/// No block is larger.
pub(crate) const LARGEST: usize = 128 << 20;

/// Writes the header into the room that was left for it at the start of a block.
pub(crate) fn finish(block: &mut [u8], store: u64, number: u64) {
    let length = (block.len() - HEADER) as u32;
    block[..8].copy_from_slice(&MAGIC);
    block[8..16].copy_from_slice(&number.to_le_bytes());
    // A message that holds a forged block cannot know the store's own number.
    block[16..24].copy_from_slice(&store.to_le_bytes());
    block[24..28].copy_from_slice(&length.to_le_bytes());
    let sum = crc32fast::hash(&block[..28]);
    block[28..HEADER].copy_from_slice(&sum.to_le_bytes());
}

/// The number and the payload's length of a block, if this is the header of one.
fn header(bytes: &[u8], store: u64) -> Option<(u64, usize)> {
    let bytes: &[u8; HEADER] = bytes.get(..HEADER)?.try_into().ok()?;
    let number = |at: usize| -> Option<u64> {
        Some(u64::from_le_bytes(bytes.get(at..at + 8)?.try_into().ok()?))
    };
    let length = u32::from_le_bytes(bytes[24..28].try_into().ok()?) as usize;
    let whole = bytes.starts_with(&MAGIC)
        && crc32fast::hash(&bytes[..28]).to_le_bytes() == bytes[28..]
        && number(16)? == store
        && length <= LARGEST;
    whole.then_some((number(8)?, length))
}

/// What stands at a place of a segment.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Found {
    /// An entry, and where its length stands.
    Entry(u64, Box<Entry>),
    /// Bytes that are no entry: from, length.
    Damage(u64, u64),
    /// The last block, or what was to become one, is not whole: from here to the end nothing was answered.
    Torn(u64),
}

/// Reads a segment block by block.
#[derive(Debug)]
pub(crate) struct Blocks {
    file: File,
    store: u64,
    at: u64,
    length: u64,
    /// The number of the last block that was seen.
    pub(crate) last: u64,
    payload: Vec<u8>,
}

impl Blocks {
    /// Reads from an offset, where a block begins, to a length, or as far as the file goes.
    pub(crate) fn open(path: &Path, store: u64, at: u64, length: Option<u64>) -> io::Result<Self> {
        let mut file = File::open(path)?;
        let there = file.metadata()?.len();
        file.seek(SeekFrom::Start(at))?;
        Ok(Self {
            file,
            store,
            at,
            length: length.map_or(there, |length| length.min(there)),
            last: 0,
            payload: Vec::new(),
        })
    }

    /// Where the next block begins.
    pub(crate) fn at(&self) -> u64 {
        self.at
    }

    /// What the next block holds, in its order; `None` at the end.
    pub(crate) fn next(&mut self) -> io::Result<Option<Vec<Found>>> {
        let left = self.length - self.at;
        if left == 0 {
            return Ok(None);
        }
        let mut bytes = [0; HEADER];
        let Some((number, length)) = self
            .read_at(self.at, &mut bytes)?
            .then(|| header(&bytes, self.store))
            .flatten()
        else {
            return self.beyond_damage().map(Some);
        };
        if (HEADER + length) as u64 > left {
            let torn = Found::Torn(self.at);
            self.at = self.length;
            return Ok(Some(vec![torn]));
        }
        let mut payload = std::mem::take(&mut self.payload);
        payload.resize(length, 0);
        let start = self.at + HEADER as u64;
        self.file.seek(SeekFrom::Start(start))?;
        self.file.read_exact(&mut payload)?;
        let found = entries(&payload, start);
        self.payload = payload;
        let end = start + length as u64;
        let damaged = found.iter().any(|found| matches!(found, Found::Damage(..)));
        if damaged && self.next_header(end)?.is_none() {
            let torn = Found::Torn(self.at);
            self.at = self.length;
            return Ok(Some(vec![torn]));
        }
        self.last = number;
        self.at = end;
        Ok(Some(found))
    }

    fn read_at(&mut self, at: u64, bytes: &mut [u8]) -> io::Result<bool> {
        if self.length.saturating_sub(at) < bytes.len() as u64 {
            return Ok(false);
        }
        self.file.seek(SeekFrom::Start(at))?;
        self.file.read_exact(bytes)?;
        Ok(true)
    }

    fn beyond_damage(&mut self) -> io::Result<Vec<Found>> {
        let from = self.at;
        let next = self.next_header(from + 1)?;
        self.at = next.unwrap_or(self.length);
        Ok(vec![next.map_or(Found::Torn(from), |next| {
            Found::Damage(from, next - from)
        })])
    }

    /// Where the next header stands, from an offset on.
    fn next_header(&mut self, from: u64) -> io::Result<Option<u64>> {
        let mut window = vec![0; 1 << 20];
        let mut at = from;
        while at + (HEADER as u64) <= self.length {
            let size = (self.length - at).min(window.len() as u64) as usize;
            let window = &mut window[..size];
            self.read_at(at, window)?;
            let header = memchr::memmem::find_iter(window, &MAGIC)
                .find(|found| header(&window[*found..], self.store).is_some());
            if let Some(header) = header {
                return Ok(Some(at + header as u64));
            }
            // A header can stand across the end of a window.
            at += (size - (HEADER - 1)) as u64;
        }
        Ok(None)
    }
}

fn entries(payload: &[u8], start: u64) -> Vec<Found> {
    let mut found = Vec::new();
    let mut at = 0;
    while at < payload.len() {
        let place = start + at as u64;
        let Some((whole, length)) = entry::split(&payload[at..]) else {
            found.push(Found::Damage(place, (payload.len() - at) as u64));
            break;
        };
        found.push(match whole.and_then(entry::read) {
            Some(entry) => Found::Entry(place, Box::new(entry)),
            None => Found::Damage(place, length as u64),
        });
        at += length;
    }
    found
}

/// Reads the entry at a place that the index names; `None` when it is damaged.
pub(crate) fn entry_at(path: &Path, place: u64) -> io::Result<Option<Entry>> {
    let mut file = File::open(path)?;
    file.seek(SeekFrom::Start(place))?;
    let mut prefix = [0; entry::PREFIX];
    file.read_exact(&mut prefix)?;
    let length = u32::from_le_bytes([prefix[0], prefix[1], prefix[2], prefix[3]]) as usize;
    if length > LARGEST {
        return Ok(None);
    }
    let mut bytes = prefix.to_vec();
    bytes.resize(entry::PREFIX + length, 0);
    file.read_exact(&mut bytes[entry::PREFIX..])?;
    Ok(entry::split(&bytes)
        .and_then(|(whole, _)| whole)
        .and_then(entry::read))
}
