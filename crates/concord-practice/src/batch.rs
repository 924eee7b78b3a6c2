//! Inputs put together as batches.

use std::collections::{BTreeMap, BTreeSet};

use concord_read::Input;

use crate::error::{Error, ErrorKind, Mixture};
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
    /// Files that lie with it in the place of its own, and what their names have that is not that of the others.
    pub(crate) strays: Vec<(Mixture, String)>,
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

impl Identity {
    /// What another one has that is not the same, where that is one thing alone.
    fn but_for(&self, other: &Self) -> Option<Mixture> {
        let alike = self.folder == other.folder && self.kind == other.kind;
        let differ = (
            self.sender != other.sender,
            self.stamp != other.stamp,
            self.covers != other.covers,
        );
        match differ {
            _ if !alike => None,
            (true, false, false) => Some(Mixture::Sender),
            (false, true, false) => Some(Mixture::Stamp),
            (false, false, true) => Some(Mixture::Numbers),
            _ => None,
        }
    }
}

impl Batch {
    /// The folder that its first file lies in.
    fn place(&self) -> Option<&str> {
        let file = self.files.values().flatten().next()?;
        Some(
            file.name()
                .rsplit_once(['/', '\\'])
                .map_or("", |(folder, _)| folder),
        )
    }

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
    pub(crate) fn folder(&self) -> &str {
        let folder = &self.identity.folder;
        folder.rsplit('/').next().unwrap_or_default()
    }

    /// Where it lies, for what is about all of it.
    pub(crate) fn about(&self) -> String {
        match self.place() {
            Some(place) if !place.is_empty() => place.to_owned(),
            _ => self.name(),
        }
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
    let batches = found.into_iter().map(|(identity, files)| Batch {
        identity,
        files,
        strays: Vec::new(),
    });
    let mut batches = unmixed(system, batches.collect());
    // Where only folders have names, it is the folder itself that says when, wherever it lies.
    batches.sort_by_cached_key(|batch| (batch.identity.stamp.clone(), digits(batch.folder())));
    Ok(Batches {
        system,
        batches,
        ignored,
    })
}

/// Takes files that stand where those of another batch are missing, in the same folder, as files of that one.
fn unmixed(system: &System, mut batches: Vec<Batch>) -> Vec<Batch> {
    let required = &system.description.required;
    let mut number = 0;
    while number < batches.len() {
        let home = (0..batches.len()).find_map(|other| {
            let (stray, home) = (&batches[number], &batches[other]);
            let mixture = home.identity.but_for(&stray.identity)?;
            let lacks =
                |table: &String| !home.files.contains_key(table) && required.contains(table);
            let fits = stray.files.len() < home.files.len()
                && stray.files.keys().all(lacks)
                && stray.place() == home.place();
            fits.then_some((other, mixture))
        });
        let Some((home, mixture)) = home else {
            number += 1;
            continue;
        };
        let stray = batches.remove(number);
        let home = if home > number { home - 1 } else { home };
        for (table, files) in stray.files {
            let names = files.iter().map(|file| (mixture, file.name().to_string()));
            batches[home].strays.extend(names);
            batches[home].files.insert(table, files);
        }
    }
    batches
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
