//! Messages that were not accepted are held; a person can release one, which is written down.

use std::collections::BTreeSet;
use std::fs::OpenOptions;
use std::io::{BufRead, BufReader, Write};
use std::path::Path;

use serde::{Deserialize, Serialize};

use super::entry::Entry;
use super::{Reader, StoreError, block, folder, index};
use crate::judge::Outcome;

/// A held message that somebody released.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Release {
    /// Its number.
    pub number: u64,
    /// When it was released, as RFC 3339 writes it.
    pub released: String,
    /// Who did it.
    pub by: String,
    /// Why.
    pub reason: String,
}

/// The messages that are held: not accepted and not released. Finished segments are looked up in their indexes.
///
/// # Errors
/// [`StoreError`] when the store cannot be read.
pub fn held(store: &Path) -> Result<Vec<Entry>, StoreError> {
    let released: BTreeSet<u64> = releases(store)?.iter().map(|one| one.number).collect();
    let firsts = folder::segments(store)?;
    let mut found = Vec::new();
    let mut last = 0;
    for first in firsts {
        let path = folder::segment(store, first);
        let Some(rows) = index::load(&path.with_extension("index")) else {
            continue;
        };
        let failed = |source| StoreError::io(&path, &source);
        for row in rows.values() {
            last = last.max(row.number);
            if row.outcome != Outcome::Accept && !released.contains(&row.number) {
                found.extend(block::entry_at(&path, row.place).map_err(failed)?);
            }
        }
    }
    let mut cursor = Reader::open(store)?.from(last + 1);
    while let Some(entry) = cursor.next(None)? {
        if entry.verdict.outcome != Outcome::Accept && !released.contains(&entry.number) {
            found.push(entry);
        }
    }
    found.sort_by_key(|entry| entry.number);
    Ok(found)
}

/// What was released so far, in that order. A line that a crash left unfinished counts as not written.
///
/// # Errors
/// [`StoreError`] when it cannot be read.
pub fn releases(store: &Path) -> Result<Vec<Release>, StoreError> {
    let path = store.join("releases.ndjson");
    let failed = |source| StoreError::io(&path, &source);
    let file = match std::fs::File::open(&path) {
        Err(source) if source.kind() == std::io::ErrorKind::NotFound => return Ok(Vec::new()),
        opened => opened.map_err(failed)?,
    };
    let mut found = Vec::new();
    for line in BufReader::new(file).lines() {
        found.extend(serde_json::from_str(&line.map_err(failed)?).ok());
    }
    Ok(found)
}

/// Releases a held message: it goes to the sinks as if it had been accepted. The feed need not be stopped.
///
/// # Errors
/// [`StoreError::NotHeld`] when it is not held, and what the system says.
pub fn release(store: &Path, release: &Release) -> Result<(), StoreError> {
    let path = store.join("releases.ndjson");
    let failed = |source: std::io::Error| StoreError::io(&path, &source);
    let mut file = OpenOptions::new()
        .append(true)
        .create(true)
        .open(&path)
        .map_err(failed)?;
    file.lock().map_err(failed)?;
    if !held(store)?
        .iter()
        .any(|entry| entry.number == release.number)
    {
        return Err(StoreError::NotHeld(release.number));
    }
    // The line break before it ends a line that a crash left unfinished.
    let mut line = vec![b'\n'];
    serde_json::to_writer(&mut line, release).map_err(|error| failed(error.into()))?;
    line.push(b'\n');
    file.write_all(&line).map_err(failed)?;
    file.sync_all().map_err(failed)
}
