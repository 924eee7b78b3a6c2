//! Where settings are found.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use super::FILE;
use crate::failure::Failure;

/// The settings beside the inputs, or in a folder above them up to the root of their repository, which holds `.git`.
/// Outside a repository only beside the inputs: a folder above may be anybody's.
///
/// # Errors
/// When inputs have different ones.
pub(super) fn find(inputs: &[PathBuf]) -> Result<Option<PathBuf>, Failure> {
    let folders: BTreeSet<PathBuf> = inputs.iter().map(|input| folder_of(input)).collect();
    let found: BTreeSet<PathBuf> = folders.iter().filter_map(|folder| above(folder)).collect();
    let mut found = found.into_iter();
    match (found.next(), found.next()) {
        (Some(one), Some(other)) => Err(Failure::usage(
            format!(
                "the inputs have different settings: {} and {}",
                one.display(),
                other.display()
            ),
            "name one with --config, or check them one after the other",
        )),
        (one, _) => Ok(one),
    }
}

/// The folder in which an input lies: of a folder itself, of a pattern the part before it, of standard input the current
/// one.
fn folder_of(input: &Path) -> PathBuf {
    let mut folder = input;
    while !folder.is_dir() {
        match folder.parent() {
            Some(parent) => folder = parent,
            None => return PathBuf::from("."),
        }
    }
    if folder.as_os_str().is_empty() {
        PathBuf::from(".")
    } else {
        folder.to_owned()
    }
}

fn above(folder: &Path) -> Option<PathBuf> {
    let beside = folder.join(FILE);
    if beside.is_file() {
        return Some(named(beside));
    }
    let whole = folder.canonicalize().ok()?;
    let root = whole
        .ancestors()
        .find(|folder| folder.join(".git").exists())?;
    let between = whole
        .ancestors()
        .take_while(|folder| folder.starts_with(root));
    let found = between
        .map(|folder| folder.join(FILE))
        .find(|file| file.is_file());
    found.map(named)
}

/// The file as seen from the current folder, where it lies in or below it.
fn named(file: PathBuf) -> PathBuf {
    let below = || {
        let (whole, here) = (
            file.canonicalize().ok()?,
            Path::new(".").canonicalize().ok()?,
        );
        whole.strip_prefix(here).ok().map(Path::to_owned)
    };
    below().unwrap_or(file)
}
