//! Where output goes: standard output, or a file that appears only when it is complete.

use std::fs::{File, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use crate::failure::Failure;

/// Writes text to standard output; a reader that went away is no failure.
pub(crate) fn print(text: &str) -> Result<(), Failure> {
    let mut out = io::stdout().lock();
    match out.write_all(text.as_bytes()).and_then(|()| out.flush()) {
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => Err(Failure::unreadable(
            format!("standard output cannot be written: {error}"),
        )),
        _ => Ok(()),
    }
}

/// A file that is written beside its place and moved there at the end, so that nobody sees a half of it.
///
/// Clones write to the same file. Unless [`Whole::complete`] is called, dropping the last clone removes what was written.
#[derive(Clone)]
pub(crate) struct Whole(Arc<Mutex<Parts>>);

struct Parts {
    file: File,
    /// Where it is written until it is complete; `None` for a pipe or a device, which is written as it stands.
    temporary: Option<PathBuf>,
    target: PathBuf,
    complete: bool,
}

impl Whole {
    /// Begins a file that is to stand at `target`.
    pub(crate) fn create(target: &Path) -> Result<Self, Failure> {
        let failed = |error: io::Error| {
            Failure::unreadable(format!("{} cannot be written: {error}", target.display()))
        };
        let name = target.file_name().ok_or_else(|| {
            Failure::usage(
                format!("{} is not the name of a file", target.display()),
                "give the path of a file that is to be written",
            )
        })?;
        let special =
            std::fs::metadata(target).is_ok_and(|known| !known.is_file() && !known.is_dir());
        let temporary = (!special).then(|| {
            target.with_file_name(format!(
                ".{}.{}.part",
                name.to_string_lossy(),
                std::process::id()
            ))
        });
        let file = match &temporary {
            Some(temporary) => OpenOptions::new()
                .write(true)
                .create_new(true)
                .open(temporary),
            None => OpenOptions::new().write(true).open(target),
        };
        let file = file.map_err(failed)?;
        Ok(Self(Arc::new(Mutex::new(Parts {
            file,
            temporary,
            target: target.to_owned(),
            complete: false,
        }))))
    }

    /// Moves the file to its place.
    pub(crate) fn complete(&self) -> Result<(), Failure> {
        let mut parts = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let moved = match &parts.temporary {
            Some(temporary) => parts
                .file
                .sync_all()
                .and_then(|()| std::fs::rename(temporary, &parts.target)),
            None => parts.file.flush(),
        };
        moved.map_err(|error| {
            Failure::unreadable(format!(
                "{} cannot be written: {error}",
                parts.target.display()
            ))
        })?;
        parts.complete = true;
        Ok(())
    }
}

impl Write for Whole {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .file
            .write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.0
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .file
            .flush()
    }
}

impl Drop for Parts {
    fn drop(&mut self) {
        if let Some(temporary) = &self.temporary
            && !self.complete
        {
            // What cannot be removed is named as a part and lies beside its target.
            let _ = std::fs::remove_file(temporary);
        }
    }
}

/// Writes a whole file, or nothing.
pub(crate) fn write_file(target: &Path, text: &str) -> Result<(), Failure> {
    let mut file = Whole::create(target)?;
    file.write_all(text.as_bytes()).map_err(|error| {
        Failure::unreadable(format!("{} cannot be written: {error}", target.display()))
    })?;
    file.complete()
}
