//! An earlier output that JSON Lines are told apart from.

use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};

use concord_convert::json_lines::{Previous, PreviousLines};
use concord_convert::lake::{LakeReader, is_lake};

use super::earlier;
use super::files::unwritten;
use crate::failure::Failure;

/// Where lines are put together, beside what is written, until they are not needed any more.
const TOGETHER: &str = ".since";

/// What the records of an earlier output were: a file of JSON Lines, or the output of an earlier conversion, to JSON Lines or
/// Parquet.
pub(super) fn previous(earlier: &Path, folder: &Path) -> Result<Box<dyn Previous + Send>, Failure> {
    let unusable = |reason: &dyn std::fmt::Display| {
        Failure::usage(
            format!("{}: {reason}", earlier.display()),
            "--since takes an earlier output of --to jsonl or --to parquet, or a file of JSON Lines",
        )
    };
    let together = folder.join(TOGETHER);
    let made = || {
        let mut options = File::options();
        let file = options
            .read(true)
            .write(true)
            .create_new(true)
            .open(&together);
        file.map_err(|error| unwritten(&error))
    };
    if is_lake(earlier) && earlier::has_rows(earlier)? {
        let mut reader = LakeReader::open(earlier).map_err(|error| unusable(&error))?;
        let lines = PreviousLines::of_records(&mut reader, made()?);
        return Ok(Box::new(lines.map_err(|error| unusable(&error))?));
    }
    let files = files(earlier).map_err(|error| unusable(&error))?;
    let file = if let [file] = &*files {
        File::open(file).map_err(|error| unusable(&error))?
    } else {
        let mut all = made()?;
        for file in &files {
            let mut file = File::open(file).map_err(|error| unusable(&error))?;
            io::copy(&mut file, &mut all).map_err(|error| unwritten(&error))?;
        }
        all
    };
    let lines = PreviousLines::new(file);
    Ok(Box::new(lines.map_err(|error| unusable(&error))?))
}

/// Takes away what was put together.
pub(super) fn forget(folder: &Path) -> Result<(), Failure> {
    match fs::remove_file(folder.join(TOGETHER)) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(unwritten(&error)),
        _ => Ok(()),
    }
}

/// The files of lines at a path, in their order.
fn files(earlier: &Path) -> io::Result<Vec<PathBuf>> {
    if !earlier.is_dir() {
        return Ok(vec![earlier.to_owned()]);
    }
    let records = earlier.join("records");
    let mut files = Vec::new();
    if is_lake(earlier) && !records.exists() {
        return Ok(files); // nothing had changed when it was written
    }
    for entry in fs::read_dir(records)? {
        let path = entry?.path();
        if path
            .extension()
            .is_some_and(|extension| extension == "jsonl")
        {
            files.push(path);
        }
    }
    files.sort();
    Ok(files)
}
