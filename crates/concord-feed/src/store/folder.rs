//! The folder of a store: its own number, its segments' names, its lock.

use std::fs::{self, File, TryLockError};
use std::hash::{BuildHasher, Hasher, RandomState};
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use super::{StoreError, replace};

const FORMAT: u32 = 1;

#[derive(Serialize, Deserialize)]
struct Description {
    format: u32,
    id: String,
}

/// The store's own number, which is part of every block.
pub(crate) fn number(folder: &Path) -> Result<u64, StoreError> {
    let path = folder.join("store.json");
    let text = fs::read_to_string(&path).map_err(|source| StoreError::io(&path, &source))?;
    let unreadable = |what: String| StoreError::Unreadable {
        path: path.clone(),
        what,
    };
    let description: Description =
        serde_json::from_str(&text).map_err(|error| unreadable(error.to_string()))?;
    if description.format != FORMAT {
        let format = description.format;
        return Err(unreadable(format!(
            "a store of format {format}, this program knows {FORMAT}"
        )));
    }
    u64::from_str_radix(&description.id, 16).map_err(|error| unreadable(error.to_string()))
}

/// Makes the folder a store, if it is none yet.
pub(crate) fn prepare(folder: &Path) -> Result<u64, StoreError> {
    let failed = |source| StoreError::io(folder, &source);
    fs::create_dir_all(folder).map_err(failed)?;
    if !folder.join("store.json").exists() {
        if !segments(folder)?.is_empty() {
            return Err(StoreError::Unreadable {
                path: folder.join("store.json"),
                what: "missing, though there are segments".into(),
            });
        }
        // The only source of numbers that nobody can guess which the standard library has.
        let id = RandomState::new().build_hasher().finish();
        let description = Description {
            format: FORMAT,
            id: format!("{id:016x}"),
        };
        let text = serde_json::to_vec(&description).expect("text can be written as JSON");
        replace(&folder.join("store.json"), &text).map_err(failed)?;
    }
    number(folder)
}

/// The lock that one writer holds as long as the file is open.
pub(crate) fn lock(folder: &Path) -> Result<File, StoreError> {
    let path = folder.join("lock");
    let file = File::create(&path).map_err(|source| StoreError::io(&path, &source))?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(TryLockError::WouldBlock) => Err(StoreError::Locked(folder.to_owned())),
        Err(TryLockError::Error(source)) => Err(StoreError::io(&path, &source)),
    }
}

/// The file of a segment, named by the first number in it.
pub(crate) fn segment(folder: &Path, first: u64) -> PathBuf {
    folder.join(format!("{first:020}.segment"))
}

/// The first numbers of all segments, ascending.
pub(crate) fn segments(folder: &Path) -> Result<Vec<u64>, StoreError> {
    let failed = |source| StoreError::io(folder, &source);
    let mut found = Vec::new();
    for item in fs::read_dir(folder).map_err(failed)? {
        let name = item.map_err(failed)?.file_name();
        let first = name.to_str().and_then(|name| name.strip_suffix(".segment"));
        found.extend(first.and_then(|first| first.parse::<u64>().ok()));
    }
    found.sort_unstable();
    Ok(found)
}
