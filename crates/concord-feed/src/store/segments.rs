//! What the segments of a store hold, read when it is opened.

use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use super::block::{Blocks, Found};
use super::entry::{Entry, NewEntry};
use super::index::{self, Filter, Row, Rows};
use super::{StoreError, Told, folder};

/// A segment that is finished.
#[derive(Debug)]
pub(crate) struct Sealed {
    pub(crate) first: u64,
    pub(crate) path: PathBuf,
    pub(crate) bytes: u64,
    /// The number and the time of its newest message.
    pub(crate) last: u64,
    pub(crate) newest: i64,
    pub(crate) filter: Filter,
}

impl Sealed {
    pub(crate) fn new(path: PathBuf, first: u64, bytes: u64, rows: &Rows) -> Self {
        Self {
            first,
            path,
            bytes,
            last: rows.values().map(|row| row.number).max().unwrap_or(first),
            newest: rows
                .values()
                .map(|row| row.received)
                .max()
                .unwrap_or(i64::MIN),
            filter: Filter::of(rows),
        }
    }

    pub(crate) fn index(&self) -> PathBuf {
        self.path.with_extension("index")
    }
}

/// What a whole segment holds.
#[derive(Debug, Default)]
pub(crate) struct Scan {
    pub(crate) rows: Rows,
    /// Where what is whole ends.
    pub(crate) length: u64,
    pub(crate) last_block: u64,
    pub(crate) last_number: Option<u64>,
    /// Where something is damaged: offset, length.
    pub(crate) damage: Vec<(u64, u64)>,
    /// Gaps between numbers: from, to.
    pub(crate) missing: Vec<(u64, u64)>,
}

/// Reads a segment from its start.
pub(crate) fn scan(path: &Path, store: u64, first: u64) -> io::Result<Scan> {
    let mut blocks = Blocks::open(path, store, 0, None)?;
    let mut scan = Scan::default();
    let mut expected = first;
    while let Some(found) = blocks.next()? {
        for found in found {
            match found {
                Found::Entry(place, entry) => {
                    if entry.number > expected {
                        scan.missing.push((expected, entry.number - 1));
                    }
                    expected = entry.number + 1;
                    scan.last_number = Some(entry.number);
                    let (key, row) = row(*entry, place);
                    scan.rows.insert(key, row);
                }
                Found::Damage(offset, length) => scan.damage.push((offset, length)),
                Found::Torn(offset) => {
                    scan.length = offset;
                    scan.last_block = blocks.last;
                    return Ok(scan);
                }
            }
        }
    }
    scan.length = blocks.at();
    scan.last_block = blocks.last;
    Ok(scan)
}

fn row(entry: Entry, place: u64) -> ((super::entry::Hash, super::entry::Hash), Row) {
    let row = Row {
        number: entry.number,
        place,
        received: entry.received.as_microsecond(),
        outcome: entry.verdict.outcome,
    };
    let entry = NewEntry {
        received: entry.received,
        origin: entry.origin,
        verdict: entry.verdict,
        message: entry.message,
    };
    let content = entry.content();
    ((entry.key(content), content), row)
}

/// Reads finished segments, from their indexes where these are whole.
pub(crate) fn sealed(
    folder: &Path,
    store: u64,
    firsts: &[u64],
    told: &mut Vec<Told>,
) -> Result<BTreeMap<u64, Sealed>, StoreError> {
    let mut found = BTreeMap::new();
    for first in firsts {
        let path = folder::segment(folder, *first);
        let failed = |source: io::Error| StoreError::io(&path, &source);
        let bytes = fs::metadata(&path).map_err(failed)?.len();
        let index = path.with_extension("index");
        let rows = if let Some(rows) = index::load(&index) {
            rows
        } else {
            let scan = scan(&path, store, *first).map_err(failed)?;
            if scan.length < bytes {
                told.push(damaged(&path, scan.length, bytes - scan.length));
            }
            tell(&path, &scan, told);
            index::save(&index, &scan.rows).map_err(failed)?;
            scan.rows
        };
        found.insert(*first, Sealed::new(path, *first, bytes, &rows));
    }
    Ok(found)
}

/// Tells what is damaged or missing in a segment.
pub(crate) fn tell(path: &Path, scan: &Scan, told: &mut Vec<Told>) {
    let damage = scan.damage.iter();
    told.extend(damage.map(|(offset, length)| damaged(path, *offset, *length)));
    let missing = scan.missing.iter();
    told.extend(missing.map(|(from, to)| Told::Missing(*from, *to)));
}

fn damaged(path: &Path, offset: u64, bytes: u64) -> Told {
    Told::Damaged {
        segment: path.to_owned(),
        offset,
        bytes,
    }
}
