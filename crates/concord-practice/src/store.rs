//! A folder with everything that extracts ever said.

use std::fs::{self, File, TryLockError};
use std::path::{Path, PathBuf};

use crate::error::{Error, ErrorKind};
use crate::ledger::Ledger;

const LOCK: &str = "lock";

/// A store that is open, and locked against others until it is dropped.
///
/// | path in the folder | holds |
/// |---|---|
/// | `store.json` | the batches that were applied, and check sums of all files; replaced as a whole |
/// | `history/TABLE/N.parquet` | the rows of that table in the N-th batch, as they were sent, and whether each is withdrawn |
/// | `latest/TABLE/N.parquet` | the state of that table after the N-th batch |
///
/// Columns are text, empty ones null, named as in the standard's `fields.csv`; a column that the standard does not know has its own
/// name. What is in the folder and not in `store.json` was left behind by a run that was killed, and counts for nothing.
#[derive(Debug)]
pub struct Store {
    folder: PathBuf,
    pub(crate) ledger: Option<Ledger>,
    _lock: File,
}

impl Store {
    /// Opens a store, or an empty one in a folder that is made if need be.
    ///
    /// # Errors
    /// [`ErrorKind::Locked`], [`ErrorKind::Stored`].
    pub fn open_or_create(folder: &Path) -> Result<Self, Error> {
        fs::create_dir_all(folder)
            .map_err(|error| Error::stored(folder, "cannot be made", &error))?;
        let path = folder.join(LOCK);
        let lock = File::create(&path)
            .map_err(|error| Error::stored(&path, "cannot be written", &error))?;
        match lock.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => {
                return Err(ErrorKind::Locked {
                    folder: folder.to_owned(),
                }
                .into());
            }
            Err(TryLockError::Error(error)) => {
                return Err(Error::stored(&path, "cannot be locked", &error));
            }
        }
        Ok(Self {
            folder: folder.to_owned(),
            ledger: Ledger::load(folder)?,
            _lock: lock,
        })
    }

    /// Opens a store that is there.
    ///
    /// # Errors
    /// [`ErrorKind::Absent`] and those of [`Store::open_or_create`].
    pub fn open(folder: &Path) -> Result<Self, Error> {
        if Ledger::load(folder)?.is_none() {
            return Err(ErrorKind::Absent {
                folder: folder.to_owned(),
            }
            .into());
        }
        Self::open_or_create(folder)
    }

    /// The folder.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// The id of the standard of what it holds; none while it holds nothing.
    pub fn system(&self) -> Option<&str> {
        Some(self.ledger.as_ref()?.system.as_str())
    }

    /// The name of the last batch that was applied.
    pub fn last(&self) -> Option<&str> {
        Some(self.ledger.as_ref()?.last()?.name.as_str())
    }

    /// Every table that a batch had.
    pub fn tables(&self) -> Vec<String> {
        let tables = self.ledger.iter().flat_map(Ledger::tables);
        tables.map(str::to_owned).collect()
    }

    /// The rows of a table in a batch.
    pub(crate) fn history(&self, table: &str, batch: u64) -> PathBuf {
        self.table_folder("history", table)
            .join(format!("{batch}.parquet"))
    }

    /// The state of a table after a batch.
    pub(crate) fn snapshot(&self, table: &str, after: u64) -> PathBuf {
        self.table_folder("latest", table)
            .join(format!("{after}.parquet"))
    }

    pub(crate) fn table_folder(&self, of: &str, table: &str) -> PathBuf {
        self.folder.join(of).join(table)
    }
}
