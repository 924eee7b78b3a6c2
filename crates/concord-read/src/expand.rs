//! The paths of a command line, as inputs.

use std::collections::HashSet;
use std::fs::File;
use std::io::Read;
use std::path::{Component, Path, PathBuf};
use std::sync::Arc;

use globset::{GlobBuilder, GlobMatcher};
use ignore::WalkBuilder;

use crate::archive;
use crate::decompress::Compression;
use crate::error::{ReadError, ReadErrorKind};
use crate::{Input, Limits};

/// The inputs behind the paths that a user gave, in their order.
///
/// A path is a file, `-` for standard input, a folder (all files below it, hidden ones left out, sorted by name), or
/// a pattern with wildcards (`2026-*/*.xml`, `**/*.zip`) when nothing has that very name. A zip archive, told by its
/// content, gives one input for each of its files. A file that several paths lead to is one input, by its first name.
///
/// # Errors
/// [`ReadError`] when a path leads to nothing, cannot be opened, or an archive's list of entries cannot be read.
pub fn expand(paths: &[PathBuf], limits: &Limits) -> Result<Vec<Input>, ReadError> {
    let mut inputs = Vec::new();
    let mut stdin = false;
    for path in paths {
        let failed = |kind| ReadError::new(&Arc::from(path.to_string_lossy()), kind);
        if path.as_os_str() == "-" {
            if std::mem::replace(&mut stdin, true) {
                return Err(failed(ReadErrorKind::StdinTwice));
            }
            inputs.push(Input::stdin());
            continue;
        }
        let files = files_at(path).map_err(failed)?;
        for file in files {
            add_file(&file, limits, &mut inputs)
                .map_err(|kind| ReadError::new(&Arc::from(file.to_string_lossy()), kind))?;
        }
    }
    let mut seen = HashSet::new();
    inputs.retain(|input| input.identity().is_none_or(|file| seen.insert(file)));
    Ok(inputs)
}

fn files_at(path: &Path) -> Result<Vec<PathBuf>, ReadErrorKind> {
    match std::fs::metadata(path) {
        Ok(about) if about.is_dir() => {
            let files = walk(path, None)?;
            if files.is_empty() {
                return Err(ReadErrorKind::Empty);
            }
            Ok(files)
        }
        Ok(_) => Ok(vec![path.to_owned()]),
        Err(error) => match path.to_str() {
            Some(pattern) if has_wildcard(pattern) => matching(pattern),
            _ => Err(ReadErrorKind::opening(error)),
        },
    }
}

fn has_wildcard(text: &str) -> bool {
    text.contains(['*', '?', '[', '{'])
}

fn matching(pattern: &str) -> Result<Vec<PathBuf>, ReadErrorKind> {
    let matcher = GlobBuilder::new(pattern)
        .literal_separator(true)
        .build()
        .map_err(|error| ReadErrorKind::Pattern(error.kind().to_string()))?
        .compile_matcher();
    let base: PathBuf = Path::new(pattern)
        .components()
        .take_while(|part| !matches!(part, Component::Normal(name) if has_wildcard(&name.to_string_lossy())))
        .collect();
    match walk(&base, Some(&matcher)) {
        Ok(files) if files.is_empty() => Err(ReadErrorKind::NoMatch),
        Err(ReadErrorKind::NotFound) => Err(ReadErrorKind::NoMatch),
        other => other,
    }
}

/// All files below a folder (the working folder when it is empty) that are not hidden and match, or lie in a folder that does.
fn walk(folder: &Path, matcher: Option<&GlobMatcher>) -> Result<Vec<PathBuf>, ReadErrorKind> {
    let mut files = Vec::new();
    let start = if folder.as_os_str().is_empty() {
        Path::new(".")
    } else {
        folder
    };
    let entries = WalkBuilder::new(start)
        .standard_filters(false)
        .hidden(true)
        .follow_links(true)
        .sort_by_file_name(Ord::cmp)
        .build();
    for entry in entries {
        let entry = entry.map_err(walking)?;
        if !entry.file_type().is_some_and(|kind| kind.is_file()) {
            continue;
        }
        // The pattern `*.xml` was not written with the `./` that walking the working folder begins with.
        let path = if folder.as_os_str().is_empty() {
            entry.path().strip_prefix(".").unwrap_or(entry.path())
        } else {
            entry.path()
        };
        if matcher.is_none_or(|matcher| path.ancestors().any(|part| matcher.is_match(part))) {
            files.push(path.to_owned());
        }
    }
    Ok(files)
}

fn walking(error: ignore::Error) -> ReadErrorKind {
    let text = error.to_string();
    match error.into_io_error() {
        Some(error) => ReadErrorKind::opening(error),
        None => ReadErrorKind::Io {
            doing: "cannot be searched",
            error: std::io::Error::other(text),
        },
    }
}

fn add_file(path: &Path, limits: &Limits, inputs: &mut Vec<Input>) -> Result<(), ReadErrorKind> {
    let mut file = File::open(path).map_err(ReadErrorKind::opening)?;
    // Only of a regular file: what is read from a pipe to look at it would be lost.
    if file.metadata().map_err(ReadErrorKind::opening)?.is_file() {
        let mut start = Vec::with_capacity(4);
        (&mut file)
            .take(4)
            .read_to_end(&mut start)
            .map_err(ReadErrorKind::reading)?;
        if Compression::of(&start) == Some(Compression::Zip) {
            let entries = archive::list(&mut file, limits)?;
            if entries.is_empty() {
                return Err(ReadErrorKind::Empty);
            }
            inputs.extend(entries.into_iter().map(|entry| Input::entry(path, entry)));
            return Ok(());
        }
    }
    inputs.push(Input::file(path));
    Ok(())
}
