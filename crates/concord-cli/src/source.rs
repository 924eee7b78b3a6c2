//! Where definitions come from: the files shipped in the binary, and folders of the user's.

use std::borrow::Cow;
use std::io::Read as _;
use std::path::{Path, PathBuf};

use concord_read::{Input, Limits};
use concord_standards::registry::Registry;
use concord_standards::{Source, SourceError};
use ignore::WalkBuilder;

use crate::failure::Failure;

/// Path of every shipped file, and where it begins and ends in [`TEXT`], sorted by path; made by `build.rs`.
#[allow(clippy::unreadable_literal)] // offsets that a program has written
static SHIPPED: &[(&str, usize, usize)] = include!(concat!(env!("OUT_DIR"), "/shipped.rs"));

/// The shipped files, one behind the other; made by `build.rs`.
static TEXT: &str = include_str!(concat!(env!("OUT_DIR"), "/shipped.txt"));

/// The shipped standards, with those of `folder` added or in their place.
pub(crate) fn registry(folder: Option<&Path>) -> Result<Registry, Failure> {
    let mut sources: Vec<Box<dyn Source>> = vec![Box::new(Shipped)];
    if let Some(folder) = folder {
        if !folder.is_dir() {
            return Err(Failure::usage(
                format!("{} is not a folder", folder.display()),
                "--schemas takes a folder laid out like `schemas/`: ID/VERSION/standard.toml, codes/NAME.csv, …",
            ));
        }
        sources.push(Box::new(Folder(folder.to_owned())));
    }
    Ok(Registry::new(sources)?)
}

/// The files in the binary.
pub(crate) struct Shipped;

impl Source for Shipped {
    /// `concord standards lint` looks at all of them in the tests.
    fn is_right(&self) -> bool {
        true
    }

    fn read(&self, path: &str) -> Result<Cow<'_, str>, SourceError> {
        SHIPPED
            .binary_search_by_key(&path, |(known, ..)| known)
            .ok()
            .and_then(|found| TEXT.get(SHIPPED[found].1..SHIPPED[found].2))
            .map(Cow::Borrowed)
            .ok_or_else(|| SourceError::missing(path))
    }

    fn list(&self, path: &str) -> Vec<String> {
        SHIPPED
            .iter()
            .map(|(known, ..)| *known)
            .filter(|known| Path::new(known).starts_with(path))
            .map(str::to_owned)
            .collect()
    }
}

/// A folder on disk.
pub(crate) struct Folder(pub(crate) PathBuf);

impl Source for Folder {
    fn read(&self, path: &str) -> Result<Cow<'_, str>, SourceError> {
        let bytes = std::fs::read(self.0.join(path)).map_err(|error| {
            if error.kind() == std::io::ErrorKind::NotFound {
                SourceError::missing(path)
            } else {
                SourceError {
                    path: path.to_owned(),
                    reason: error.to_string(),
                }
            }
        })?;
        String::from_utf8(bytes)
            .map(Cow::Owned)
            .map_err(|_| not_text(path))
    }

    fn list(&self, path: &str) -> Vec<String> {
        let mut paths: Vec<String> = WalkBuilder::new(self.0.join(path))
            .standard_filters(false)
            .hidden(true)
            .build()
            .flatten()
            .filter(|entry| entry.file_type().is_some_and(|kind| kind.is_file()))
            .filter_map(|entry| entry.path().strip_prefix(&self.0).ok().map(slashed))
            .collect();
        paths.sort_unstable();
        paths
    }
}

/// The folder of an XSD: files are decoded as they declare, and one that is reached by two paths is one.
pub(crate) struct SchemaFolder(Folder);

impl SchemaFolder {
    /// The folder that an XSD lies in, and the name of its file there.
    pub(crate) fn of(path: &Path) -> (Self, String) {
        let folder = match path.parent() {
            Some(parent) if !parent.as_os_str().is_empty() => parent,
            _ => Path::new("."),
        };
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        (Self(Folder(folder.to_owned())), name.into_owned())
    }
}

impl Source for SchemaFolder {
    fn read(&self, path: &str) -> Result<Cow<'_, str>, SourceError> {
        let place = self.0.0.join(path);
        if !place.exists() {
            return Err(SourceError::missing(path));
        }
        let mut text = String::new();
        let unreadable = |reason: String| SourceError {
            path: path.to_owned(),
            reason,
        };
        concord_read::open(&Input::file(place), &Limits::default())
            .map_err(|error| unreadable(error.kind().to_string()))?
            .read_to_string(&mut text)
            .map_err(|error| unreadable(error.to_string()))?;
        Ok(Cow::Owned(text))
    }

    fn identity(&self, path: &str) -> String {
        let found = std::fs::canonicalize(self.0.0.join(path));
        found.map_or_else(|_| path.to_owned(), |found| slashed(&found))
    }

    fn list(&self, path: &str) -> Vec<String> {
        self.0.list(path)
    }
}

fn slashed(path: &Path) -> String {
    let parts: Vec<_> = path
        .components()
        .map(|part| part.as_os_str().to_string_lossy())
        .collect();
    parts.join("/")
}

fn not_text(path: &str) -> SourceError {
    SourceError {
        path: path.to_owned(),
        reason: "it is not UTF-8 text".to_owned(),
    }
}
