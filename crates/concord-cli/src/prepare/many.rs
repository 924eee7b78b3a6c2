//! Submissions of many tables among the paths of a command, recognised by what they hold: the names of tables, their columns, the
//! version that their header says.

use std::io::Read as _;
use std::path::{Path, PathBuf};

use concord_check::root_tag;
use concord_check::submission::{seen_in_document, seen_in_table, stem};
use concord_read::{Input, Limits, expand, open};
use concord_standards::registry::{Recognition, Registry, SeenTable};

use super::recognise::{is_delimited, names};
use super::whole::{FIRST, beginning, first};

/// The paths of a command, sorted by what they lead to.
#[derive(Default)]
pub(crate) struct Sorted {
    /// Submissions of many tables: the name of the standard, and the paths.
    pub(crate) submissions: Vec<(String, Vec<PathBuf>)>,
    /// Those that several standards could be: the paths, and the names of the standards.
    pub(crate) ambiguous: Vec<(Vec<PathBuf>, String)>,
    /// Everything else.
    pub(crate) rest: Vec<PathBuf>,
}

/// Sorts paths. A path that cannot be read is left to those who read it.
pub(crate) fn sorted(registry: &Registry, paths: &[PathBuf], limits: &Limits) -> Sorted {
    let mut sorted = Sorted::default();
    let (mut loose, mut tables) = (Vec::new(), Vec::new());
    for path in paths {
        match looked_at(registry, path, limits) {
            Some(Looked::Whole(seen)) => {
                sorted.add(registry, vec![path.clone()], &seen);
            }
            Some(Looked::Table(table)) => {
                loose.push(path.clone());
                tables.push(table);
            }
            None => sorted.rest.push(path.clone()),
        }
    }
    // Files that are tables belong together.
    if !loose.is_empty() {
        sorted.add(registry, loose, &tables);
    }
    sorted
}

impl Sorted {
    fn add(&mut self, registry: &Registry, paths: Vec<PathBuf>, seen: &[SeenTable]) {
        match registry.recognise_tables(seen) {
            Recognition::Recognised(info) => self.submissions.push((info.name(), paths)),
            Recognition::Ambiguous(infos) => self.ambiguous.push((paths, names(&infos))),
            Recognition::Unknown { .. } => self.rest.extend(paths),
        }
    }
}

/// What a path leads to, where that is tables.
enum Looked {
    /// A submission of its own.
    Whole(Vec<SeenTable>),
    /// One table of a submission.
    Table(SeenTable),
}

fn looked_at(registry: &Registry, path: &Path, limits: &Limits) -> Option<Looked> {
    // What is no file of its own can be read only once.
    let about = std::fs::metadata(path).ok()?;
    if !about.is_file() && !about.is_dir() {
        return None;
    }
    let inputs = expand(std::slice::from_ref(&path.to_path_buf()), limits).ok()?;
    let delimited: Vec<&Input> = inputs
        .iter()
        .filter(|input| is_delimited(uncompressed(input.name())))
        .collect();
    let tables: Vec<&Input> = delimited
        .iter()
        .copied()
        .filter(|input| registry.has_table(stem(input.name())))
        .collect();
    let seen = |input: &Input| {
        Some(seen_in_table(
            input.name(),
            &beginning(input, limits, FIRST)?,
        ))
    };
    if tables.is_empty() {
        let [only] = &inputs[..] else { return None };
        return document(registry, only, limits).map(Looked::Whole);
    }
    if inputs.len() == 1 && is_alone(path, &inputs[0]) {
        return seen(tables[0]).map(Looked::Table);
    }
    // A folder in which there happens to be a file of such a name is none.
    if tables.len() * 2 <= delimited.len() {
        return None;
    }
    let seen: Option<Vec<SeenTable>> = tables.into_iter().map(seen).collect();
    seen.map(Looked::Whole)
}

/// The tables of a document that no other standard knows; of one table alone none is told. Where the rows of the first fill
/// what has been read, more is.
fn document(registry: &Registry, input: &Input, limits: &Limits) -> Option<Vec<SeenTable>> {
    let mut opened = open(input, limits).ok()?;
    let mut read = first(&mut opened, limits).ok()?;
    let root = root_tag(&read)?;
    let attributes: Vec<(&str, &str)> = root
        .attributes
        .iter()
        .map(|(name, value)| (name.as_str(), value.as_str()))
        .collect();
    let known = registry.recognise(&root.local, &root.namespace, &attributes);
    if !matches!(known, Recognition::Unknown { .. }) {
        return None;
    }
    loop {
        let mut seen = seen_in_document(&read);
        seen.retain(|table| registry.has_table(&table.name));
        if seen.len() != 1 {
            return (seen.len() > 1).then_some(seen);
        }
        let as_much = (read.len() < limits.record_size).then_some(read.len() as u64)?;
        let more = opened.by_ref().take(as_much).read_to_end(&mut read).ok()?;
        (more > 0).then_some(())?;
    }
}

/// Whether an input is the file itself, and not something in an archive.
fn is_alone(path: &Path, input: &Input) -> bool {
    !path.is_dir() && **input.name() == *path.to_string_lossy()
}

/// A name without what says how it is compressed.
fn uncompressed(name: &str) -> &str {
    let end = [".gz", ".zst"]
        .into_iter()
        .find_map(|end| name.strip_suffix(end));
    end.unwrap_or(name)
}
