//! What the manifest of a batch says: which file is a bulk, and from when to when changes are in the others.

use std::collections::BTreeMap;

use crate::batch::Batch;
use crate::error::{Error, ErrorKind, ManifestProblem, RowProblem};
use crate::extract::{Manifest, System};
use crate::rows;

/// Most lines of a manifest that are read; there are some hundred tables.
const LINES: u64 = 10_000;

/// What a manifest says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Period {
    /// The moment up to which the batch goes, as text that sorts.
    pub(crate) to: String,
    /// The moment from which on changes are in it; none where every file is whole.
    pub(crate) from: Option<String>,
    /// Tables, and whether their files take the place of all that came before.
    pub(crate) whole: BTreeMap<String, bool>,
}

/// Reads the manifest of a batch and holds it against the files that there are.
///
/// # Errors
/// [`ErrorKind::Manifest`], [`ErrorKind::MissingFiles`], and those of reading.
pub(crate) fn period(system: &System, manifest: &Manifest, batch: &Batch) -> Result<Period, Error> {
    let problem = |problem: ManifestProblem, reason: String| -> Error {
        ErrorKind::Manifest {
            batch: batch.name(),
            problem,
            reason,
        }
        .into()
    };
    let wrong = |reason: String| problem(ManifestProblem::Silent, reason);
    let missing = |missing: Vec<String>| -> Error {
        ErrorKind::MissingFiles {
            batch: batch.name(),
            missing,
        }
        .into()
    };
    let title = |table: &str| {
        let table = system.layout.table(table);
        table.map_or_else(String::new, |table| table.title.clone())
    };
    let Some(input) = batch.file(&manifest.table) else {
        return Err(missing(vec![title(&manifest.table)]));
    };
    let Some(layout) = system.layout.table(&manifest.table) else {
        return Err(wrong("the system has no manifest".to_owned()));
    };
    let mut columns: Option<[usize; 4]> = None;
    let mut lines: Vec<[String; 4]> = Vec::new();
    rows::read(input, |row| {
        let texts: Vec<String> = (0..row.len())
            .map(|cell| row.text(cell).trim().to_owned())
            .collect();
        let Some(places) = columns else {
            let names = system.columns(layout, &texts);
            let mut places = [0; 4];
            let wanted = [
                &manifest.file,
                &manifest.delta,
                &manifest.from,
                &manifest.to,
            ];
            for (place, column) in places.iter_mut().zip(wanted) {
                *place = names
                    .iter()
                    .position(|name| name == column)
                    .ok_or_else(|| {
                        Error::row(
                            input.name(),
                            row.line,
                            RowProblem::Header,
                            format!("the column {column} is missing"),
                        )
                    })?;
            }
            columns = Some(places);
            return Ok(());
        };
        if row.line > LINES {
            return Err(Error::row(
                input.name(),
                row.line,
                RowProblem::Cells,
                "a manifest is not as long as this",
            ));
        }
        lines.push(places.map(|place| texts.get(place).cloned().unwrap_or_default()));
        Ok(())
    })?;
    let mut found = Period {
        to: String::new(),
        from: None,
        whole: BTreeMap::new(),
    };
    let mut absent = Vec::new();
    for [file, delta, from, to] in &lines {
        let says = |words: &[String]| words.iter().any(|word| word.eq_ignore_ascii_case(delta));
        let is_delta = says(&manifest.is_delta);
        if !is_delta && !says(&manifest.is_whole) {
            // What nobody said to be whole must not take the place of anything.
            return Err(wrong(format!(
                "the manifest does not say whether {file} holds only what changed"
            )));
        }
        same(&mut found.to, to).map_err(|other| {
            let reason = format!("files go up to different moments, {other} and {to}");
            problem(ManifestProblem::To, reason)
        })?;
        if is_delta {
            let before = found.from.get_or_insert_default();
            same(before, from).map_err(|other| {
                let reason = format!("changes begin at different moments, {other} and {from}");
                problem(ManifestProblem::From, reason)
            })?;
        }
        match system
            .table(file)
            .filter(|table| batch.files.contains_key(&*table.name))
        {
            Some(table) => {
                found.whole.insert(table.name.to_string(), !is_delta);
            }
            None => absent.push(file.clone()),
        }
    }
    if !absent.is_empty() {
        return Err(missing(absent));
    }
    if found.to.is_empty() {
        return Err(wrong(
            "the manifest does not say up to when the files go".to_owned(),
        ));
    }
    if found.from.as_ref().is_some_and(String::is_empty) {
        return Err(wrong(
            "the manifest does not say from when on changes are in the files".to_owned(),
        ));
    }
    let unlisted = batch.files.keys().find(|table| {
        !found.whole.contains_key(*table)
            && !manifest.unlisted.contains(table)
            && **table != manifest.table
    });
    match unlisted {
        Some(table) => Err(wrong(format!(
            "the manifest does not list {}",
            title(table)
        ))),
        None => Ok(found),
    }
}

/// Takes a moment over where none is known; some files have none.
fn same(known: &mut String, said: &str) -> Result<(), String> {
    if known.is_empty() {
        said.clone_into(known);
    } else if !said.is_empty() && said != known {
        return Err(known.clone());
    }
    Ok(())
}
