//! Where each message of a segment stands, by sender and control id and by content: how duplicates are recognised.
//!
//! The segment that is being written has its rows in memory. A finished one has them in a sorted file beside it, and a
//! small filter in memory that says for nearly every message that it is not there (a blocked Bloom filter, after Putze,
//! Sanders and Singler 2007: one cache line is looked at). So memory is bounded by the segments that are kept: about
//! 1.5 bytes for each message.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::path::Path;

use super::entry::Hash;
use crate::judge::Outcome;

const ROW: usize = 64;
const MAGIC: [u8; 8] = *b"CONCIDX\x01";
/// Bits of the filter for each row, as a block of 512 bits for so many rows.
const ROWS_PER_BLOCK: usize = 42;

/// Where one message stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Row {
    pub(crate) number: u64,
    /// Where its entry begins in the segment.
    pub(crate) place: u64,
    /// Microseconds since 1970.
    pub(crate) received: i64,
    pub(crate) outcome: Outcome,
}

/// The rows of a segment, by key and content.
pub(crate) type Rows = BTreeMap<(Hash, Hash), Row>;

/// What is known of a message's key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Known {
    /// The same content stands there.
    Same(Row),
    /// Only other content does.
    Other(Row),
}

/// Looks a message up among rows in memory.
pub(crate) fn find(rows: &Rows, key: Hash, content: Hash) -> Option<Known> {
    if let Some(row) = rows.get(&(key, content)) {
        return Some(Known::Same(*row));
    }
    let of_key = rows.range((key, Hash::default())..=(key, [0xFF; 16]));
    let newest = of_key.map(|(_, row)| *row).max_by_key(|row| row.number);
    newest.map(Known::Other)
}

/// Writes the index of a segment.
pub(crate) fn save(path: &Path, rows: &Rows) -> io::Result<()> {
    let mut bytes = Vec::with_capacity(16 + rows.len() * ROW);
    bytes.extend_from_slice(&MAGIC);
    bytes.extend_from_slice(&[0; 8]);
    for ((key, content), row) in rows {
        let end = bytes.len() + ROW;
        bytes.extend_from_slice(key);
        bytes.extend_from_slice(content);
        bytes.extend_from_slice(&row.number.to_le_bytes());
        bytes.extend_from_slice(&row.place.to_le_bytes());
        bytes.extend_from_slice(&row.received.to_le_bytes());
        bytes.push(row.outcome.byte());
        bytes.resize(end, 0);
    }
    let sum = crc32fast::hash(&bytes[16..]);
    bytes[8..12].copy_from_slice(&sum.to_le_bytes());
    let beside = path.with_extension("new");
    File::create(&beside)?.write_all(&bytes)?;
    std::fs::rename(beside, path)
}

/// Reads the index of a segment; `None` when it is not whole, so that it must be made again.
pub(crate) fn load(path: &Path) -> Option<Rows> {
    let bytes = std::fs::read(path).ok()?;
    let (head, rows) = bytes.split_at_checked(16)?;
    let sum = crc32fast::hash(rows).to_le_bytes();
    if !head.starts_with(&MAGIC) || head[8..12] != sum || rows.len() % ROW != 0 {
        return None;
    }
    rows.chunks_exact(ROW).map(row).collect()
}

fn row(bytes: &[u8]) -> Option<((Hash, Hash), Row)> {
    let number = |at: usize| -> Option<[u8; 8]> { bytes.get(at..at + 8)?.try_into().ok() };
    let key = bytes.get(..16)?.try_into().ok()?;
    let content = bytes.get(16..32)?.try_into().ok()?;
    let row = Row {
        number: u64::from_le_bytes(number(32)?),
        place: u64::from_le_bytes(number(40)?),
        received: i64::from_le_bytes(number(48)?),
        outcome: Outcome::of_byte(*bytes.get(56)?)?,
    };
    Some(((key, content), row))
}

/// Looks a message up in an index on disk.
pub(crate) fn find_in_file(path: &Path, key: Hash, content: Hash) -> io::Result<Option<Known>> {
    let mut file = File::open(path)?;
    let count = (file.metadata()?.len().saturating_sub(16)) / ROW as u64;
    let mut bytes = [0; ROW];
    let mut read = |number: u64| -> io::Result<((Hash, Hash), Row)> {
        file.seek(SeekFrom::Start(16 + number * ROW as u64))?;
        file.read_exact(&mut bytes)?;
        row(&bytes).ok_or_else(|| io::Error::from(io::ErrorKind::InvalidData))
    };
    let (mut low, mut high) = (0, count);
    while low < high {
        let middle = low + (high - low) / 2;
        if read(middle)?.0 < (key, Hash::default()) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    let mut newest: Option<Row> = None;
    while low < count {
        let ((found, what), row) = read(low)?;
        if found != key {
            break;
        }
        if what == content {
            return Ok(Some(Known::Same(row)));
        }
        if newest.is_none_or(|newest| newest.number < row.number) {
            newest = Some(row);
        }
        low += 1;
    }
    Ok(newest.map(Known::Other))
}

/// Says of most keys that are not among those of a segment that they are not.
#[derive(Debug)]
pub(crate) struct Filter {
    blocks: Vec<[u64; 8]>,
}

impl Filter {
    pub(crate) fn of(rows: &Rows) -> Self {
        let mut blocks = vec![[0; 8]; rows.len() / ROWS_PER_BLOCK + 1];
        for (key, _) in rows.keys() {
            let (block, bits) = places(key, blocks.len());
            for bit in bits {
                blocks[block][bit / 64] |= 1 << (bit % 64);
            }
        }
        Self { blocks }
    }

    pub(crate) fn may_hold(&self, key: Hash) -> bool {
        let (block, mut bits) = places(&key, self.blocks.len());
        bits.all(|bit| self.blocks[block][bit / 64] & (1 << (bit % 64)) != 0)
    }
}

/// The block of a key, and its bits there.
fn places(key: &Hash, blocks: usize) -> (usize, impl Iterator<Item = usize>) {
    let all = u128::from_le_bytes(*key);
    let block = (all as u64) % blocks as u64;
    let bits = (all >> 64) as u64;
    (
        block as usize,
        (0..7).map(move |number| (bits >> (9 * number)) as usize & 511),
    )
}

#[cfg(test)]
mod tests {
    use sha2::{Digest, Sha256};

    use super::*;

    fn hash(number: u64) -> Hash {
        let mut hash = Hash::default();
        hash.copy_from_slice(&Sha256::digest(number.to_le_bytes())[..16]);
        hash
    }

    fn rows(range: std::ops::Range<u64>) -> Rows {
        let row = |number| Row {
            number,
            place: number * 10,
            received: 5,
            outcome: Outcome::Error,
        };
        range
            .map(|number| ((hash(number / 2), hash(number + 1_000_000)), row(number)))
            .collect()
    }

    #[test]
    fn files_say_what_memory_says() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("a.index");
        let all = rows(10..2_000);
        save(&path, &all).expect("it is saved");
        assert_eq!(load(&path).as_ref(), Some(&all));
        let filter = Filter::of(&all);
        let mut passed = 0;
        for number in 0..4_000 {
            for content in [number + 1_000_000, 3] {
                let (key, content) = (hash(number / 2), hash(content));
                let known = find(&all, key, content);
                assert_eq!(find_in_file(&path, key, content).expect("a file"), known);
                assert!(filter.may_hold(key) || known.is_none());
                passed += u32::from(filter.may_hold(key) && known.is_none());
            }
        }
        assert!(passed < 200, "{passed} of 4,020 passed the filter in vain");
        let mut bytes = std::fs::read(&path).expect("it is there");
        bytes[100] ^= 1;
        std::fs::write(&path, bytes).expect("it is written");
        assert_eq!(load(&path), None);
    }
}
