//! Whether a folder holds something that is not ours to replace.
//!
//! An output replaces the one before it as a whole. So everything in the folder must be of that one, which its
//! [`MANIFEST`](super::MANIFEST) lists: a spreadsheet that somebody made beside the data is not.

use std::collections::BTreeSet;
use std::fs;
use std::io;
use std::path::Path;

use serde_json::Value;

use super::{FILES, MANIFEST};

/// Files that a file browser leaves in every folder that it shows.
const LEFT_BY_BROWSERS: [&str; 3] = [".DS_Store", "Thumbs.db", "desktop.ini"];

/// A file in a folder that is not of an earlier output, if there is one.
///
/// # Errors
/// When the folder or its manifest cannot be read. A folder that is not there holds nothing.
pub(super) fn by(target: &Path) -> io::Result<Option<String>> {
    let files = match files(target) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        files => files?,
    };
    if files.is_empty() {
        return Ok(None);
    }
    let ours = listed(target)?;
    let is_ours = |file: &String| {
        let name = file.rsplit('/').next().unwrap_or(file);
        ours.contains(file) || LEFT_BY_BROWSERS.contains(&name)
    };
    Ok(files.into_iter().find(|file| !is_ours(file)))
}

/// The files that the manifest of a folder lists, and itself; none when it has no manifest of ours.
fn listed(target: &Path) -> io::Result<BTreeSet<String>> {
    let text = match fs::read(target.join(MANIFEST)) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(BTreeSet::new()),
        text => text?,
    };
    let manifest: Value = serde_json::from_slice(&text).unwrap_or_default();
    let Some(files) = manifest[FILES].as_array() else {
        return Ok(BTreeSet::new());
    };
    let files = files.iter().filter_map(Value::as_str).map(str::to_owned);
    Ok(files.chain([MANIFEST.to_owned()]).collect())
}

/// The files below a folder, with `/` between the names, in the order of their names. A link counts as a file.
///
/// # Errors
/// When a folder cannot be read.
pub(super) fn files(folder: &Path) -> io::Result<Vec<String>> {
    let mut files = Vec::new();
    let mut folders = vec![(folder.to_owned(), String::new())];
    while let Some((folder, prefix)) = folders.pop() {
        for entry in fs::read_dir(folder)? {
            let entry = entry?;
            let name = format!("{prefix}{}", entry.file_name().to_string_lossy());
            if entry.file_type()?.is_dir() {
                folders.push((entry.path(), format!("{name}/")));
            } else {
                files.push(name);
            }
        }
    }
    files.sort();
    Ok(files)
}
