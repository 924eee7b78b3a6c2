//! Inputs put together as batches.

use std::collections::{BTreeMap, BTreeSet};

use concord_read::Input;

use crate::error::{Error, ErrorKind};
use crate::extract::{System, group};

/// What the names of a batch's files have in common. Batches stand in the order of these.
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Identity {
    /// When it was made, digits alone.
    pub(crate) stamp: String,
    /// The folder or archive, where the names of files say nothing else.
    pub(crate) folder: String,
    pub(crate) sender: String,
    /// The numbers of what it covers.
    pub(crate) covers: Option<(u64, u64)>,
    pub(crate) kind: String,
}

/// Files that were made together.
#[derive(Debug)]
pub struct Batch {
    pub(crate) identity: Identity,
    /// Files by their tables, in the order of tables.
    pub(crate) files: BTreeMap<String, Vec<Input>>,
}

/// The batches of some inputs.
#[derive(Debug)]
pub struct Batches<'s> {
    /// The system that they are of.
    pub system: &'s System,
    /// The batches in their order.
    pub batches: Vec<Batch>,
    /// Files that belong to none.
    pub ignored: Vec<String>,
}

impl Batch {
    /// What it is called in messages.
    pub fn name(&self) -> String {
        let of = &self.identity;
        let last = self.folder();
        match (of.stamp.as_str(), of.covers) {
            ("", _) if last.is_empty() => "in this folder".to_owned(),
            ("", _) => last.to_owned(),
            (stamp, Some((first, last))) => format!("{first}-{last} of {stamp}"),
            (stamp, None) => stamp.to_owned(),
        }
    }

    /// The name of the folder or archive that it is in, where its files say nothing else.
    fn folder(&self) -> &str {
        let folder = &self.identity.folder;
        folder.rsplit('/').next().unwrap_or_default()
    }

    /// The one file of a table.
    pub(crate) fn file(&self, table: &str) -> Option<&Input> {
        self.files.get(table)?.first()
    }
}

/// Puts inputs together as batches of the system whose names most of them have.
///
/// # Errors
/// [`ErrorKind::Unrecognised`] when no input is named as those of a system are.
pub fn batches<'s>(systems: &'s [System], inputs: &[Input]) -> Result<Batches<'s>, Error> {
    let paths: Vec<String> = inputs
        .iter()
        .map(|input| input.name().replace('\\', "/"))
        .collect();
    let counted = systems.iter().map(|system| {
        let named = paths.iter().filter(|path| table_of(system, path).is_some());
        (named.count(), system)
    });
    // Of several that have as many the first one is taken, which is always the same.
    let best = counted.rev().max_by_key(|(count, _)| *count);
    let Some((1.., system)) = best else {
        return Err(ErrorKind::Unrecognised {
            seen: paths.first().cloned().unwrap_or_default(),
        }
        .into());
    };
    let mut found: BTreeMap<Identity, BTreeMap<String, Vec<Input>>> = BTreeMap::new();
    let mut ignored = Vec::new();
    let mut seen = BTreeSet::new();
    for (path, input) in paths.iter().zip(inputs) {
        // A folder and a file in it may both have been given.
        if !seen.insert(path) {
            continue;
        }
        match table_of(system, path) {
            Some((table, identity)) => {
                let files = found.entry(identity).or_default();
                files.entry(table).or_default().push(input.clone());
            }
            None => ignored.push(path.clone()),
        }
    }
    let batches = found
        .into_iter()
        .map(|(identity, files)| Batch { identity, files });
    let mut batches: Vec<Batch> = batches.collect();
    // Where only folders have names, it is the folder itself that says when, wherever it lies.
    batches.sort_by_cached_key(|batch| (batch.identity.stamp.clone(), digits(batch.folder())));
    Ok(Batches {
        system,
        batches,
        ignored,
    })
}

/// The table of a file and the batch that it belongs to.
fn table_of(system: &System, path: &str) -> Option<(String, Identity)> {
    let captures = system.pattern.captures(path)?;
    let table = system.table(group(&captures, "table"))?;
    let number = |name: &str| group(&captures, name).parse::<u64>().ok();
    let identity = Identity {
        stamp: digits(group(&captures, "stamp")),
        folder: group(&captures, "folder").to_owned(),
        sender: group(&captures, "sender").to_ascii_uppercase(),
        covers: number("first").map(|first| (first, number("last").unwrap_or(first))),
        kind: group(&captures, "kind").to_ascii_uppercase(),
    };
    Some((table.name.to_string(), identity))
}

/// A moment as its digits alone, which sort.
pub(crate) fn digits(text: &str) -> String {
    text.chars().filter(char::is_ascii_digit).collect()
}
