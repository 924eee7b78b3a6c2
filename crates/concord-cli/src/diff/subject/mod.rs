//! The sides of a comparison, read from whatever the user names.

mod blank;
mod delimited;
mod folder;
mod git;
mod json;
mod stored;
mod xsd;

use std::path::{Path, PathBuf};

use concord_convert::native::native;
use concord_convert::stored::of_conversion;
use concord_gate::subject::{Subject, SubjectKind};
use concord_standards::definition::{Definition, DefinitionErrors};
use concord_standards::xsd::XsdErrors;

use crate::failure::Failure;
use crate::source;

pub(crate) use folder::{HELD, standards_below};
pub(crate) use git::{Git, Revision};

/// A side, ready to compare.
#[derive(Debug)]
pub(crate) struct Side {
    pub(crate) subject: Subject,
    /// What stands before the names of its files to make paths of them.
    pub(crate) root: String,
}

/// What a user names: a file or folder, the same at a revision, or a shipped standard.
#[derive(Debug, Clone)]
pub(crate) enum Name {
    /// On disk.
    Path(PathBuf),
    /// `git:REV:PATH`.
    Git { revision: String, path: String },
    /// `id@version`.
    Shipped(String),
}

const KINDS: &str = "a side is a shipped standard such as cds@6-3-1, a definition folder, an .xsd, a JSON Schema (.json), a Parquet \
    file or folder, an Arrow file (.arrow, .feather), a CSV with a header, or one of them at a revision: git:REV:PATH";

impl Name {
    /// Understands what a user typed.
    pub(crate) fn of(text: &str) -> Result<Self, Failure> {
        let path = Path::new(text);
        if path.exists() {
            return Ok(Self::Path(path.to_owned()));
        }
        if let Some(rest) = text.strip_prefix("git:") {
            return match rest.split_once(':') {
                Some((revision, path)) if !revision.is_empty() && !path.is_empty() => {
                    Ok(Self::Git {
                        revision: revision.to_owned(),
                        path: path.trim_end_matches('/').to_owned(),
                    })
                }
                _ => Err(Failure::usage(
                    format!("`{text}` names no file or folder of a revision"),
                    "write git:REV:PATH, such as git:origin/main:schemas/cds/6-3-1; or give the new side alone, with --against git:REV",
                )),
            };
        }
        // What has the form of a path is one.
        let like_path =
            text.contains(['/', '\\']) || path.extension().is_some() && !text.contains('@');
        if like_path {
            return Err(Failure::usage(
                format!("there is no file or folder {text}"),
                KINDS,
            ));
        }
        Ok(Self::Shipped(text.to_owned()))
    }
}

/// Reads a side. `schemas` are definitions of the user's own, among which a standard is looked for by name.
pub(crate) fn read(name: &Name, schemas: Option<&Path>) -> Result<Side, Failure> {
    match name {
        Name::Shipped(name) => shipped(name, schemas),
        Name::Path(path) => on_disk(path),
        Name::Git { revision, path } => {
            let git = Git::here()?;
            of_revision(&git.revision(revision)?, path)
        }
    }
}

fn shipped(name: &str, schemas: Option<&Path>) -> Result<Side, Failure> {
    let definition = source::registry(schemas)?.load(name)?;
    let root = match schemas {
        Some(folder) if folder.join(&definition.standard.folder).is_dir() => {
            format!("{}/", slashed(folder).trim_end_matches('/'))
        }
        _ => String::new(),
    };
    let name = definition.standard.name();
    Ok(of_definition(name, definition, root))
}

/// What a file holds, by its name.
enum Held {
    Xsd,
    Json,
    Parquet,
    Arrow,
    Delimited,
}

impl Held {
    fn of(path: &str) -> Option<Self> {
        let extension = Path::new(path).extension()?.to_ascii_lowercase();
        Some(match extension.to_str()? {
            "xsd" => Self::Xsd,
            "json" => Self::Json,
            "parquet" => Self::Parquet,
            "arrow" | "arrows" | "feather" | "ipc" => Self::Arrow,
            "csv" | "tsv" | "txt" | "psv" => Self::Delimited,
            _ => return None,
        })
    }
}

fn unknown(name: &str) -> Failure {
    Failure::usage(format!("{name} is nothing that can be compared"), KINDS)
}

fn on_disk(path: &Path) -> Result<Side, Failure> {
    let name = slashed(path);
    if path.is_dir() {
        if folder::holds_standard(path) {
            return folder::on_disk(path, name);
        }
        return stored::lake(path, name);
    }
    if path.file_name().is_some_and(|name| name == HELD) {
        let parent = path
            .parent()
            .filter(|parent| !parent.as_os_str().is_empty());
        return folder::on_disk(parent.unwrap_or(Path::new(".")), name);
    }
    match Held::of(&name) {
        Some(Held::Xsd) => xsd::on_disk(path, name),
        Some(Held::Json) => json::read(name, &text_of(path)?),
        Some(Held::Parquet) => stored::parquet(path, name),
        Some(Held::Arrow) => stored::arrow(path, name),
        Some(Held::Delimited) => delimited::read(name, path),
        None => Err(unknown(&name)),
    }
}

/// A side as it was at a revision.
pub(crate) fn of_revision(revision: &Revision, path: &str) -> Result<Side, Failure> {
    let name = format!("git:{}:{path}", revision.name());
    let path = path.strip_suffix(&format!("/{HELD}")).unwrap_or(path);
    if revision.is_folder(path) {
        if revision.is_file(&format!("{path}/{HELD}")) {
            return folder::of_revision(revision, path, name);
        }
        return Err(Failure::usage(
            format!("{name} holds no {HELD}"),
            "at a revision, folders are compared that hold a definition",
        ));
    }
    if !revision.is_file(path) {
        return Err(Failure::usage(
            format!("there is no {path} at {}", revision.name()),
            "give the path from the root of the repository, as `git ls-tree` shows it",
        ));
    }
    match Held::of(path) {
        Some(Held::Xsd) => xsd::of_revision(revision, path, name),
        Some(Held::Json) => json::read(name, &revision.text(path)?),
        Some(Held::Parquet) => {
            let file = revision.file(path)?;
            stored::parquet(file.path(), name)
        }
        Some(Held::Arrow) => {
            let file = revision.file(path)?;
            stored::arrow(file.path(), name)
        }
        Some(Held::Delimited) => {
            let file = revision.file(path)?;
            delimited::read(name, file.path())
        }
        None => Err(unknown(&name)),
    }
}

fn of_definition(name: String, definition: Definition, root: String) -> Side {
    Side {
        subject: Subject {
            name,
            kind: SubjectKind::Definition,
            storage: of_conversion(&native(&definition)),
            definition,
            not_compared: Vec::new(),
        },
        root,
    }
}

/// Fits two sides to one another, so that neither is asked for what it cannot say.
pub(crate) fn fit(old: &mut Side, new: &mut Side) {
    let (old, new) = (&mut old.subject, &mut new.subject);
    let stored = |subject: &Subject| subject.kind == SubjectKind::Stored;
    if stored(old) || stored(new) {
        // Of files of tables nothing is known but what is stored, and so nothing else is compared.
        for side in [&mut *old, &mut *new] {
            side.definition = blank::definition(&side.name);
        }
        // A file has the name that somebody gave it; its one table is compared with the one table of the other side.
        if let ([one], [other]) = (&mut old.storage[..], &mut new.storage[..]) {
            one.name.clone_from(&other.name);
        }
    }
    // What the values of a sample would be stored as says something beside another sample only.
    let delimited = |subject: &Subject| subject.kind == SubjectKind::Delimited;
    let unlike = delimited(old) != delimited(new) && !stored(old) && !stored(new);
    if unlike || old.storage.is_empty() || new.storage.is_empty() {
        old.storage.clear();
        new.storage.clear();
    }
}

/// A path as it is shown, and as git knows it.
fn slashed(path: &Path) -> String {
    path.to_string_lossy().replace('\\', "/")
}

fn text_of(path: &Path) -> Result<String, Failure> {
    let bytes = std::fs::read(path).map_err(|error| {
        Failure::unreadable(format!("{} cannot be read: {error}", path.display()))
    })?;
    text(&slashed(path), bytes)
}

/// Bytes as text, without a byte order mark.
fn text(name: &str, bytes: Vec<u8>) -> Result<String, Failure> {
    let text = String::from_utf8(bytes).map_err(|error| {
        let bytes = error.as_bytes();
        let before = &bytes[..error.utf8_error().valid_up_to()];
        let line = memchr::memchr_iter(b'\n', before).count();
        Failure::usage(
            format!("{name}:{}: this is not UTF-8 text", line + 1),
            "write it again as UTF-8",
        )
    })?;
    Ok(match text.strip_prefix('\u{feff}') {
        Some(rest) => rest.to_owned(),
        None => text,
    })
}

/// What is wrong with definition files, named as the user knows them.
fn rooted(errors: DefinitionErrors, root: &str) -> Failure {
    let mut errors = errors;
    for problem in &mut errors.problems {
        problem.file = format!("{root}{}", problem.file).into();
    }
    let files = std::mem::take(&mut errors.files).into_iter();
    errors.files = files
        .map(|(file, text)| (format!("{root}{file}").into(), text))
        .collect();
    errors.into()
}

/// What is wrong with an XSD, named as the user knows it.
fn xsd_failure(errors: &XsdErrors, root: &str) -> Failure {
    let reports = errors
        .iter()
        .map(|error| crate::failure::Report::new(format!("{root}{error}"), None));
    Failure::definition(reports.collect())
}
