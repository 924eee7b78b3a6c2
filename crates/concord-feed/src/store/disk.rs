//! The disk, as the writer of a store sees it: a trait, so that tests can make it full or broken.

use std::fs::{File, OpenOptions};
use std::io::{self, Write};
use std::path::Path;

/// Opens files that are written at their end.
pub trait Disk: Send + Sync {
    /// Opens a file, which is made when there is none, and cuts it to a length.
    ///
    /// # Errors
    /// What the system says.
    fn open(&self, path: &Path, length: u64) -> io::Result<Box<dyn Appended>>;
}

/// A file that is written at its end.
pub trait Appended: Send {
    /// Writes all of some bytes at the end.
    ///
    /// # Errors
    /// What the system says; part of the bytes may then have been written.
    fn append(&mut self, bytes: &[u8]) -> io::Result<()>;

    /// Returns when all that was written survives a loss of power.
    ///
    /// # Errors
    /// What the system says; nothing is then known of what was written since the last time.
    fn sync(&mut self) -> io::Result<()>;

    /// Cuts the file to a length, durably.
    ///
    /// # Errors
    /// What the system says.
    fn cut(&mut self, length: u64) -> io::Result<()>;
}

/// The file system.
#[derive(Debug, Clone, Copy, Default)]
pub struct FileSystem;

impl Disk for FileSystem {
    fn open(&self, path: &Path, length: u64) -> io::Result<Box<dyn Appended>> {
        let new = !path.exists();
        let file = OpenOptions::new().append(true).create(true).open(path)?;
        if file.metadata()?.len() != length {
            file.set_len(length)?;
            file.sync_all()?;
        }
        if new && let Some(folder) = path.parent() {
            sync_folder(folder)?;
        }
        Ok(Box::new(file))
    }
}

impl Appended for File {
    fn append(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.write_all(bytes)
    }

    fn sync(&mut self) -> io::Result<()> {
        self.sync_data()
    }

    fn cut(&mut self, length: u64) -> io::Result<()> {
        self.set_len(length)?;
        self.sync_all()
    }
}

/// Makes names in a folder durable, where the system knows such a thing.
pub(crate) fn sync_folder(folder: &Path) -> io::Result<()> {
    if cfg!(unix) {
        File::open(folder)?.sync_all()
    } else {
        Ok(())
    }
}

/// Writes a small file so that either the old or the new one is there, whenever the power goes.
pub(crate) fn replace(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let beside = path.with_extension("new");
    let mut file = File::create(&beside)?;
    file.write_all(bytes)?;
    file.sync_all()?;
    std::fs::rename(&beside, path)?;
    path.parent().map_or(Ok(()), sync_folder)
}
