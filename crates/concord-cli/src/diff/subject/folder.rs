//! Definition folders, on disk and at revisions.
//!
//! A folder `ID/VERSION` shares code lists, elements and rules with others below one root. The root is the nearest folder
//! above, two at most, that has `codes/` or `elements.csv`. What a root lacks is taken from the shipped files, as a check with
//! `--schemas` takes it; never what stands in the standard's own folder.

use std::borrow::Cow;
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use concord_standards::definition::Definition;
use concord_standards::{Source, SourceError};
use ignore::WalkBuilder;

use super::git::{Below, Revision};
use super::{Side, of_definition, rooted, slashed};
use crate::failure::Failure;
use crate::source::{Folder, Shipped};

/// The file that makes a folder a definition.
pub(crate) const HELD: &str = "standard.toml";

const CODES: &str = "codes";
const ELEMENTS: &str = "elements.csv";

/// Folders above that may be the root, the definition's own included.
const LEVELS: usize = 3;

pub(super) fn holds_standard(folder: &Path) -> bool {
    folder.join(HELD).is_file()
}

pub(super) fn on_disk(folder: &Path, name: String) -> Result<Side, Failure> {
    let absolute = folder.canonicalize().map_err(|error| {
        Failure::unreadable(format!("{} cannot be read: {error}", folder.display()))
    })?;
    let candidates: Vec<&Path> = absolute.ancestors().take(LEVELS).collect();
    let shares = |root: &&&Path| {
        let elements = std::fs::read_to_string(root.join(ELEMENTS));
        root.join(CODES).is_dir() || elements.is_ok_and(|text| is_dictionary(&text))
    };
    let root = candidates
        .iter()
        .find(shares)
        .or(candidates.last())
        .copied()
        .unwrap_or(&absolute);
    let below = absolute.strip_prefix(root).map(slashed).unwrap_or_default();
    let own = Folder(root.to_owned());
    read(Box::new(own), &below, shown(root), name)
}

pub(super) fn of_revision(revision: &Revision, path: &str, name: String) -> Result<Side, Failure> {
    let mut candidates = vec![path];
    while let Some((above, _)) = candidates.last().and_then(|last| last.rsplit_once('/'))
        && candidates.len() < LEVELS
    {
        candidates.push(above);
    }
    if candidates.len() < LEVELS {
        candidates.push("");
    }
    let shares = |root: &&&str| {
        let inside = |name: &str| join(root, name);
        let elements = inside(ELEMENTS);
        let holds = || {
            revision
                .text(&elements)
                .is_ok_and(|text| is_dictionary(&text))
        };
        revision.is_folder(&inside(CODES)) || revision.is_file(&elements) && holds()
    };
    let root = candidates
        .iter()
        .find(shares)
        .or(candidates.last())
        .copied()
        .unwrap_or_default();
    let below = path
        .strip_prefix(root)
        .unwrap_or(path)
        .trim_start_matches('/');
    // The working tree has the same files at the same paths, and that is where people look.
    let prefix = if root.is_empty() {
        String::new()
    } else {
        format!("{root}/")
    };
    let own = Below::new(revision.clone(), root);
    read(Box::new(own), below, prefix, name)
}

/// Whether an `elements.csv` is that of the Data Dictionary, which standards share, and not the elements of one of resources.
fn is_dictionary(text: &str) -> bool {
    text.trim_start_matches('\u{feff}').starts_with("name,")
}

fn join(folder: &str, name: &str) -> String {
    if folder.is_empty() {
        name.to_owned()
    } else {
        format!("{folder}/{name}")
    }
}

fn read(own: Box<dyn Source>, folder: &str, root: String, name: String) -> Result<Side, Failure> {
    let source = Sharing {
        own,
        folder: format!("{folder}/"),
    };
    let definition = Definition::load(&source, folder).map_err(|errors| rooted(errors, &root))?;
    Ok(of_definition(name, definition, root))
}

/// A root as messages name its files: below the folder in which the user is, else whole.
fn shown(root: &Path) -> String {
    let here = std::env::current_dir().and_then(|here| here.canonicalize());
    let relative = here
        .ok()
        .and_then(|here| root.strip_prefix(here).ok().map(Path::to_owned));
    match relative {
        Some(relative) if relative.as_os_str().is_empty() => String::new(),
        Some(relative) => format!("{}/", slashed(&relative)),
        None => format!("{}/", slashed(root).trim_end_matches('/')),
    }
}

/// The files of a root, with what it shares and does not have taken from the shipped ones.
struct Sharing {
    own: Box<dyn Source>,
    /// The standard's own folder, with a `/` at its end.
    folder: String,
}

impl Source for Sharing {
    fn read(&self, path: &str) -> Result<Cow<'_, str>, SourceError> {
        match self.own.read(path) {
            Err(error)
                if error == SourceError::missing(path) && !path.starts_with(&self.folder) =>
            {
                Shipped.read(path).map(|text| Cow::Owned(text.into_owned()))
            }
            other => other,
        }
    }

    fn list(&self, path: &str) -> Vec<String> {
        let mut paths: BTreeSet<String> = self.own.list(path).into_iter().collect();
        let shared = Shipped.list(path).into_iter();
        paths.extend(shared.filter(|path| !path.starts_with(&self.folder)));
        paths.into_iter().collect()
    }
}

/// The definition folders that a path is about: itself, those below it, or the one that a file is part of; of a file that
/// standards share, those below its root.
pub(crate) fn standards_below(path: &Path) -> Vec<PathBuf> {
    if path.is_dir() {
        if holds_standard(path) {
            return vec![path.to_owned()];
        }
        let mut found: Vec<PathBuf> = WalkBuilder::new(path)
            .standard_filters(false)
            .hidden(true)
            .build()
            .flatten()
            .filter(|entry| entry.file_name() == HELD)
            .filter_map(|entry| entry.path().parent().map(Path::to_owned))
            .collect();
        found.sort();
        return found;
    }
    let here = |folder: &Path| {
        if folder.as_os_str().is_empty() {
            PathBuf::from(".")
        } else {
            folder.to_owned()
        }
    };
    let Some(parent) = path.parent().map(here) else {
        return Vec::new();
    };
    if holds_standard(&parent) {
        return vec![parent];
    }
    let is_shared = path
        .extension()
        .is_some_and(|extension| extension == "csv" || extension == "toml");
    let roots = [Some(parent.as_path()), parent.parent()];
    let root = roots
        .into_iter()
        .flatten()
        .find(|root| root.join(CODES).is_dir() || root.join(ELEMENTS).is_file());
    match root {
        Some(root) if is_shared => standards_below(&here(root)),
        _ => Vec::new(),
    }
}
