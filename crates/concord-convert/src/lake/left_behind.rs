//! What a run that was killed left beside the target.
//!
//! While a lake is written, its run holds a lock on a file in the folder beside the target. The system lets go of the lock
//! when the process ends, however it ends; so a folder whose lock is free was left behind.

use std::fs::{self, File, TryLockError};
use std::io;
use std::path::{Path, PathBuf};

/// The file whose lock says that somebody still writes.
pub(super) const LOCK: &str = ".lock";

/// Says that a folder is being written, until it is dropped.
#[derive(Debug)]
pub(super) struct Lock {
    path: PathBuf,
    _file: File,
}

impl Lock {
    /// Says so of a folder. Where the system knows no locks, nobody will take the folder for one left behind.
    ///
    /// # Errors
    /// When the file cannot be made.
    pub(super) fn of(folder: &Path) -> io::Result<Self> {
        let path = folder.join(LOCK);
        let file = File::create_new(&path)?;
        if file.lock().is_err() {
            fs::remove_file(&path)?;
        }
        Ok(Self { path, _file: file })
    }
}

impl Drop for Lock {
    fn drop(&mut self) {
        // It is not there where there are no locks, and goes with its folder when that goes.
        let _ = fs::remove_file(&self.path);
    }
}

/// Takes away what killed runs left beside a target, and puts back an output that one had moved aside and not yet
/// replaced. What cannot be removed stays: it is in nobody's way.
pub(super) fn clear(target: &Path) {
    let (Some(name), Some(parent)) = (target.file_name(), target.parent()) else {
        return;
    };
    let parent = if parent.as_os_str().is_empty() {
        Path::new(".")
    } else {
        parent
    };
    let Ok(entries) = fs::read_dir(parent) else {
        return;
    };
    let prefix = format!(".{}.", name.to_string_lossy());
    for entry in entries.flatten() {
        let found = entry.file_name();
        let found = found.to_string_lossy();
        let Some((process, what)) = found
            .strip_prefix(&prefix)
            .and_then(|rest| rest.split_once('.'))
        else {
            continue;
        };
        if process.is_empty() || !process.bytes().all(|byte| byte.is_ascii_digit()) {
            continue;
        }
        let path = entry.path();
        match what {
            "part" if is_free(&path) => {
                let _ = fs::remove_dir_all(&path);
            }
            "old" if target.exists() => {
                let _ = fs::remove_dir_all(&path);
            }
            "old" => {
                let _ = fs::rename(&path, target);
            }
            _ => {}
        }
    }
}

/// Whether nobody writes a folder any more.
fn is_free(folder: &Path) -> bool {
    let Ok(file) = File::options().write(true).open(folder.join(LOCK)) else {
        return false;
    };
    !matches!(
        file.try_lock(),
        Err(TryLockError::WouldBlock | TryLockError::Error(_))
    )
}

#[cfg(test)]
#[allow(clippy::unwrap_used)] // a test fails by panicking
mod tests {
    use super::super::{Lake, MANIFEST};
    use super::*;

    const ACCOUNT: &str = r#"{"files":[]}"#;

    fn left(parent: &Path, name: &str, file: &str) -> PathBuf {
        let path = parent.join(name);
        fs::create_dir(&path).unwrap();
        fs::write(path.join(file), ACCOUNT).unwrap();
        path
    }

    #[test]
    fn what_a_killed_run_left_goes_and_what_others_write_stays() {
        let folder = tempfile::tempdir().unwrap();
        let parent = folder.path();
        let dead = left(parent, ".lake.17.part", LOCK);
        let living = left(parent, ".lake.18.part", "rows");
        let lock = Lock::of(&living).unwrap();
        let foreign = left(parent, ".lake.old.part", LOCK);
        let other = left(parent, ".lake2.17.part", LOCK);
        let lake = Lake::create(&parent.join("lake")).unwrap();
        assert!(!dead.exists());
        assert!(living.join("rows").exists() && foreign.exists() && other.exists());
        lake.file(MANIFEST, ACCOUNT).unwrap();
        lake.complete().unwrap();
        drop(lock);
        Lake::create(&parent.join("lake")).unwrap();
        assert!(
            living.exists(),
            "its lock is not there, so it is left alone"
        );
        let names = fs::read_dir(parent.join("lake")).unwrap();
        let names: Vec<_> = names.map(|entry| entry.unwrap().file_name()).collect();
        assert_eq!(names, [MANIFEST]);
    }

    #[test]
    fn an_output_that_was_moved_aside_comes_back() {
        let folder = tempfile::tempdir().unwrap();
        let parent = folder.path();
        left(parent, ".lake.17.old", MANIFEST);
        let lake = Lake::create(&parent.join("lake")).unwrap();
        assert_eq!(
            fs::read_to_string(parent.join("lake").join(MANIFEST)).unwrap(),
            ACCOUNT
        );
        drop(lake);
        let older = left(parent, ".lake.18.old", MANIFEST);
        Lake::create(&parent.join("lake")).unwrap();
        assert!(!older.exists() && parent.join("lake").join(MANIFEST).exists());
    }
}
