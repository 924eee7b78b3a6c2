//! How far files have been made, and which of them are to appear: what is written down is what happened.
//!
//! Files of a turn are written beside their places; then this is written, durably, with their names; then they appear. A crash
//! before it is written leaves nothing that anybody sees, and the messages come again; after it the files appear at the next
//! start. So no file that was seen is ever taken back, and no row is in two.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use concord_convert::lake::{is_staged_part, place_part};
use concord_feed::sink::Checkpoint;
use serde::{Deserialize, Serialize};
use tempfile::NamedTempFile;

/// The file that holds it.
const FILE: &str = "checkpoint.json";

/// How far files have been made.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Progress {
    /// Which messages they speak of: all before this.
    #[serde(flatten)]
    pub(super) reached: Checkpoint,
    /// How many turns there have been; files are named by them.
    #[serde(default)]
    pub(super) turns: u64,
    /// The files of the last turn, below the folder.
    #[serde(default)]
    files: Vec<PathBuf>,
}

impl Progress {
    /// What was written down in a folder; what was to appear appears, and what was not to is removed.
    pub(super) fn resume(folder: &Path) -> io::Result<Self> {
        let progress: Self = match fs::read(folder.join(FILE)) {
            Ok(bytes) => serde_json::from_slice(&bytes)?,
            Err(error) if error.kind() == io::ErrorKind::NotFound => Self::default(),
            Err(error) => return Err(error),
        };
        progress.place(folder)?;
        for table in folders(folder)? {
            for day in folders(&table)? {
                for file in fs::read_dir(day)? {
                    let path = file?.path();
                    if is_staged_part(&path) {
                        fs::remove_file(path)?;
                    }
                }
            }
        }
        Ok(progress)
    }

    /// Writes down that files were made, and lets them appear.
    pub(super) fn save(
        &mut self,
        folder: &Path,
        reached: Checkpoint,
        files: &[PathBuf],
    ) -> io::Result<()> {
        let below = |path: &PathBuf| path.strip_prefix(folder).map(Path::to_owned);
        let files: Result<Vec<PathBuf>, _> = files.iter().map(below).collect();
        let next = Self {
            reached,
            turns: self.turns + u64::from(files.as_ref().is_ok_and(|files| !files.is_empty())),
            files: files.map_err(io::Error::other)?,
        };
        let file = NamedTempFile::new_in(folder)?;
        serde_json::to_writer(&file, &next)?;
        file.as_file().sync_all()?;
        file.persist(folder.join(FILE))?;
        if cfg!(unix) {
            fs::File::open(folder)?.sync_all()?;
        }
        *self = next;
        self.place(folder)
    }

    fn place(&self, folder: &Path) -> io::Result<()> {
        for file in &self.files {
            place_part(&folder.join(file)).map_err(io::Error::other)?;
        }
        Ok(())
    }
}

fn folders(folder: &Path) -> io::Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    for item in fs::read_dir(folder)? {
        let path = item?.path();
        if path.is_dir() {
            found.push(path);
        }
    }
    found.sort();
    Ok(found)
}
