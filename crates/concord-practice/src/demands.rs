//! What must be so of a batch whatever came before it.

use crate::batch::Batch;
use crate::error::{Error, ErrorKind};
use crate::extract::System;
use crate::ledger::Entry;
use crate::rows;

/// No table has two files.
pub(crate) fn once_each(batch: &Batch) -> Result<(), Error> {
    match batch.files.iter().find(|(_, files)| files.len() > 1) {
        None => Ok(()),
        Some((table, files)) => Err(ErrorKind::DuplicateFile {
            batch: batch.name(),
            table: table.clone(),
            first: files[0].name().to_string(),
            second: files[1].name().to_string(),
        }
        .into()),
    }
}

/// The files are those that were applied.
pub(crate) fn unchanged(system: &System, entry: &Entry, batch: &Batch) -> Result<(), Error> {
    let changed = |file: &str| -> Result<(), Error> {
        Err(ErrorKind::Changed {
            batch: batch.name(),
            file: file.to_owned(),
        }
        .into())
    };
    let manifest = system.description.manifest.as_ref();
    let beyond = batch.files.keys().find(|table| {
        !entry.files.contains_key(*table)
            && manifest.is_none_or(|manifest| manifest.table != **table)
    });
    if let Some(table) = beyond {
        return changed(table);
    }
    for (table, file) in &entry.files {
        let Some(input) = batch.file(table) else {
            return changed(table);
        };
        let print = rows::print(input)?;
        if (print.length, print.sum) != (file.length, file.sum) {
            return changed(input.name());
        }
    }
    Ok(())
}

/// Every file that must be there is.
pub(crate) fn whole(system: &System, batch: &Batch) -> Result<(), Error> {
    let absent = system
        .description
        .required
        .iter()
        .filter(|table| !batch.files.contains_key(*table));
    let missing: Vec<String> = absent
        .map(|table| {
            system
                .layout
                .table(table)
                .map_or_else(|| table.clone(), |table| table.title.clone())
        })
        .collect();
    if missing.is_empty() {
        return Ok(());
    }
    Err(ErrorKind::MissingFiles {
        batch: batch.name(),
        missing,
    }
    .into())
}

/// All files are of one batch.
pub(crate) fn unmixed(batch: &Batch) -> Result<(), Error> {
    match batch.strays.first() {
        None => Ok(()),
        Some((mixture, file)) => Err(ErrorKind::Mixed {
            batch: batch.name(),
            mixture: *mixture,
            file: file.clone(),
        }
        .into()),
    }
}
