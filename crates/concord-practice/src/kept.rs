//! Files that appear whole or not at all, and stay when the power goes.

use std::fmt::Display;
use std::fs::{self, File};
use std::io::{BufReader, Read as _};
use std::path::{Path, PathBuf};

use crate::error::Error;

/// A file beside its place, moved there by [`Part::complete`] and otherwise removed.
pub(crate) struct Part {
    path: PathBuf,
    target: PathBuf,
    complete: bool,
}

impl Part {
    /// A part of `target`; nothing is written yet. Only who holds the store's lock writes, so that one name is enough.
    pub(crate) fn of(target: PathBuf) -> Self {
        let name = target.file_name().unwrap_or_default().to_string_lossy();
        Self {
            path: target.with_file_name(format!(".{name}.part")),
            target,
            complete: false,
        }
    }

    pub(crate) fn create(&self) -> Result<File, Error> {
        if let Some(folder) = self.path.parent() {
            fs::create_dir_all(folder).map_err(|error| self.failed(&error))?;
        }
        File::create(&self.path).map_err(|error| self.failed(&error))
    }

    pub(crate) fn failed(&self, reason: &dyn Display) -> Error {
        Error::stored(&self.target, "cannot be written", reason)
    }

    /// The check sum of what was written.
    pub(crate) fn sum(&self) -> Result<u32, Error> {
        sum(&self.path)
    }

    /// Moves the file to its place.
    pub(crate) fn complete(mut self) -> Result<(), Error> {
        fs::rename(&self.path, &self.target).map_err(|error| self.failed(&error))?;
        self.complete = true;
        Ok(())
    }
}

impl Drop for Part {
    fn drop(&mut self) {
        if !self.complete {
            // What cannot be removed is named as a part, and is written over the next time.
            let _ = fs::remove_file(&self.path);
        }
    }
}

/// Makes what was moved into a folder last.
pub(crate) fn sync_folder(folder: &Path) -> Result<(), Error> {
    // Only Unix opens folders as files.
    if cfg!(unix) {
        let failed = |error| Error::stored(folder, "cannot be synced", &error);
        File::open(folder)
            .and_then(|folder| folder.sync_all())
            .map_err(failed)?;
    }
    Ok(())
}

/// The check sum (CRC-32) of a stored file.
pub(crate) fn sum(path: &Path) -> Result<u32, Error> {
    let failed = |error| Error::stored(path, "cannot be read", &error);
    let mut file = BufReader::new(File::open(path).map_err(failed)?);
    let mut hasher = crc32fast::Hasher::new();
    let mut buffer = vec![0; 1 << 16];
    loop {
        let count = file.read(&mut buffer).map_err(failed)?;
        if count == 0 {
            return Ok(hasher.finalize());
        }
        hasher.update(&buffer[..count]);
    }
}
