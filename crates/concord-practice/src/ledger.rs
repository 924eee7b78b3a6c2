//! What a store holds: the batches that were applied, and the files of their rows.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::Write as _;
use std::path::Path;

use serde::{Deserialize, Serialize};

use crate::batch::Identity;
use crate::error::Error;
use crate::kept::{self, Part};

const FILE: &str = "store.json";

/// The form of the store that this version reads and writes.
const FORM: u32 = 1;

/// What a store holds. It is replaced as a whole, so that a batch is in it or not.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Ledger {
    form: u32,
    /// Id of the standard.
    pub(crate) system: String,
    /// Whose extracts they are, where names of files say so.
    pub(crate) sender: String,
    pub(crate) batches: Vec<Entry>,
    /// The latest state of tables, as far as it was put together.
    pub(crate) latest: BTreeMap<String, Snapshot>,
}

/// A batch that was applied.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Entry {
    /// From 1.
    pub(crate) number: u64,
    pub(crate) name: String,
    /// What orders it.
    pub(crate) stamp: String,
    pub(crate) covers: Option<(u64, u64)>,
    pub(crate) bulk: bool,
    /// What was missing before it, where somebody went on all the same.
    pub(crate) gap: Option<String>,
    /// Organisations that had disabled their agreement, of which nothing was taken.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) held: Vec<String>,
    pub(crate) files: BTreeMap<String, FileEntry>,
}

/// A file of a batch that was applied.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct FileEntry {
    pub(crate) rows: u64,
    /// Rows that say that they are withdrawn.
    pub(crate) removed: u64,
    /// Whether it takes the place of all that came before.
    pub(crate) replaces: bool,
    /// Of the file as it was read.
    pub(crate) length: u64,
    pub(crate) sum: u32,
    /// Check sum of the stored file; none where there are no rows.
    pub(crate) stored: Option<u32>,
    /// Rows that were not taken, because their organisation's agreement is disabled.
    #[serde(default, skip_serializing_if = "is_none")]
    pub(crate) held: u64,
}

#[allow(clippy::trivially_copy_pass_by_ref)] // serde asks for a reference
fn is_none(rows: &u64) -> bool {
    *rows == 0
}

/// The state of a table after a batch.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Snapshot {
    /// The number of that batch.
    pub(crate) after: u64,
    pub(crate) rows: u64,
    pub(crate) stored: u32,
}

impl Ledger {
    pub(crate) fn new(system: &str, sender: &str) -> Self {
        Self {
            form: FORM,
            system: system.to_owned(),
            sender: sender.to_owned(),
            batches: Vec::new(),
            latest: BTreeMap::new(),
        }
    }

    /// Reads the ledger of a store; none where there is no store.
    pub(crate) fn load(folder: &Path) -> Result<Option<Self>, Error> {
        let path = folder.join(FILE);
        let failed =
            |reason: &dyn std::fmt::Display| Error::stored(&path, "cannot be read", reason);
        let text = match fs::read(&path) {
            Ok(text) => text,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(failed(&error)),
        };
        let ledger: Self = serde_json::from_slice(&text).map_err(|error| failed(&error))?;
        if ledger.form != FORM {
            return Err(failed(&"another version of concord wrote it"));
        }
        Ok(Some(ledger))
    }

    /// Puts the ledger in the place of what stood there.
    pub(crate) fn save(&self, folder: &Path) -> Result<(), Error> {
        let part = Part::of(folder.join(FILE));
        let mut text = serde_json::to_vec_pretty(self).map_err(|error| part.failed(&error))?;
        text.push(b'\n');
        let mut file: File = part.create()?;
        file.write_all(&text).map_err(|error| part.failed(&error))?;
        file.sync_all().map_err(|error| part.failed(&error))?;
        part.complete()?;
        kept::sync_folder(folder)
    }

    /// The batch that was applied last.
    pub(crate) fn last(&self) -> Option<&Entry> {
        self.batches.last()
    }

    /// Organisations of which a bulk has not brought everything since batches were held back: the name of each, the first such batch, and
    /// the rows that were not taken.
    pub(crate) fn held(&self) -> Vec<(String, String, u64)> {
        let mut found: Vec<(String, String, u64)> = Vec::new();
        for entry in &self.batches {
            if entry.bulk {
                found.retain(|(name, ..)| entry.held.contains(name));
            }
            let rows: u64 = entry.files.values().map(|file| file.held).sum();
            for name in &entry.held {
                match found.iter_mut().find(|(known, ..)| known == name) {
                    // What each of several has is not told apart.
                    Some((.., held)) => *held += rows,
                    None => found.push((name.clone(), entry.name.clone(), rows)),
                }
            }
        }
        found
    }

    /// A batch of this stamp and numbers.
    pub(crate) fn find(&self, stamp: &str, identity: &Identity) -> Option<&Entry> {
        self.batches
            .iter()
            .find(|entry| entry.stamp == stamp && entry.covers == identity.covers)
    }

    /// Every table that a batch had rows of.
    pub(crate) fn tables(&self) -> Vec<&str> {
        let mut tables: Vec<&str> = self
            .batches
            .iter()
            .flat_map(|entry| entry.files.keys().map(String::as_str))
            .collect();
        tables.sort_unstable();
        tables.dedup();
        tables
    }
}
