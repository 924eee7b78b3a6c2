//! Files of an output, in a folder that is not in its place yet.

use std::fs::{self, File};
use std::io::{self, BufWriter, ErrorKind, Write};
use std::path::{Path, PathBuf};

use crate::failure::Failure;

/// A file that is being written. What goes wrong is told with its path, and with what to do about it.
pub(super) type OutFile = BufWriter<Named>;

/// A file with its name.
pub(super) struct Named {
    path: PathBuf,
    file: File,
}

impl Write for Named {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let written = self.file.write(bytes);
        written.map_err(|error| named(&self.path, &error))
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.flush().map_err(|error| named(&self.path, &error))
    }
}

fn named(path: &Path, error: &io::Error) -> io::Error {
    let path = path.display();
    let kind = error.kind();
    io::Error::new(
        kind,
        match kind {
            ErrorKind::StorageFull => format!(
                "{path}: the disk is full; nothing was changed: free some space, or choose another disk"
            ),
            _ => format!("{path}: {error}"),
        },
    )
}

/// Begins a file, and the folder that it stands in if there is none.
pub(super) fn create(path: &Path) -> Result<OutFile, Failure> {
    let made = path.parent().map_or(Ok(()), fs::create_dir_all);
    let file = made.and_then(|()| File::create_new(path));
    let path = path.to_owned();
    match file {
        Ok(file) => Ok(BufWriter::new(Named { path, file })),
        Err(error) => Err(unwritten(&named(&path, &error))),
    }
}

/// Takes away a file in which nothing stands.
pub(super) fn remove(path: &Path) -> Result<(), Failure> {
    fs::remove_file(path).map_err(|error| unwritten(&named(path, &error)))
}

/// Ends a file, which is taken away again when nothing stands in it.
pub(super) fn kept(out: OutFile, records: u64) -> Result<(), Failure> {
    if records == 0 {
        let (out, _) = out.into_parts();
        remove(&out.path)?;
        if let Some(folder) = out.path.parent() {
            let _ = fs::remove_dir(folder); // it is, if it is empty
        }
        return Ok(());
    }
    let out = out.into_inner().map_err(|error| unwritten(error.error()))?;
    let synced = out.file.sync_data();
    synced.map_err(|error| unwritten(&named(&out.path, &error)))
}

pub(super) fn unwritten(error: &dyn std::fmt::Display) -> Failure {
    Failure::unreadable(format!("the output cannot be written: {error}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    #[cfg(target_os = "linux")]
    fn a_full_disk_is_told_with_the_file_and_what_to_do() {
        let full = Named {
            path: PathBuf::from("out/acm@2/part-00000.csv"),
            file: File::options()
                .write(true)
                .open("/dev/full")
                .expect("it is there"),
        };
        let mut out = BufWriter::new(full);
        out.write_all(b"a row").expect("it is held back");
        let failure = kept(out, 1).expect_err("it is full");
        let told = format!("{failure:?}");
        assert!(told.contains("part-00000.csv: the disk is full"), "{told}");
        assert!(told.contains("free some space"), "{told}");
    }
}
