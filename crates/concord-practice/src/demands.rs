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

/// No agreement is disabled.
pub(crate) fn goes_on(system: &System, batch: &Batch) -> Result<(), Error> {
    let Some(agreement) = &system.description.agreement else {
        return Ok(());
    };
    let (Some(table), Some(input)) = (
        system.layout.table(&agreement.table),
        batch.file(&agreement.table),
    ) else {
        return Ok(());
    };
    let mut place: Option<Option<usize>> = None;
    let mut disabled = 0;
    rows::read(input, |row| {
        let Some(place) = place else {
            let header: Vec<String> = (0..row.len())
                .map(|cell| row.text(cell).trim().to_owned())
                .collect();
            let columns = system.columns(table, &header);
            place = Some(
                columns
                    .iter()
                    .position(|column| *column == agreement.column),
            );
            return Ok(());
        };
        let said = place.map_or_else(String::new, |place| row.text(place).trim().to_owned());
        let stops = agreement
            .disabled
            .iter()
            .any(|word| word.eq_ignore_ascii_case(&said));
        disabled += u64::from(stops);
        Ok(())
    })?;
    if disabled == 0 {
        return Ok(());
    }
    Err(ErrorKind::Stopped {
        batch: batch.name(),
        rows: disabled,
        file: input.name().to_string(),
    }
    .into())
}
