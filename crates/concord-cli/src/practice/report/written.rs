//! The files of a report: a folder that appears when all of them are complete.

use std::fs::{self, File};
use std::io::{BufWriter, Write as _};
use std::path::Path;

use concord_practice::Output;
use concord_report::is_formula;
use concord_rules::select::{Answer, Tables};

use super::failed;
use crate::failure::Failure;

/// Writes the answers of all outputs; each with the number of its rows.
pub(super) fn write<'o>(
    tables: &Tables,
    outputs: impl Iterator<Item = &'o Output>,
    target: &Path,
) -> Result<Vec<(&'o Output, u64)>, Failure> {
    if target.exists() {
        return Err(Failure::usage(
            format!("{} is there already", target.display()),
            "name a folder that does not exist with -o",
        ));
    }
    let unwritten = |error: &dyn std::fmt::Display| {
        Failure::unreadable(format!("{} cannot be written: {error}", target.display()))
    };
    let parent = match target.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent,
        _ => Path::new("."),
    };
    fs::create_dir_all(parent).map_err(|error| unwritten(&error))?;
    let part = tempfile::Builder::new()
        .prefix(".report")
        .tempdir_in(parent)
        .map_err(|error| unwritten(&error))?;
    let mut written = Vec::new();
    for output in outputs {
        let answer = tables
            .select(&output.sql)
            .map_err(|error| failed(&output.file, None, &error))?;
        let file =
            File::create(part.path().join(&output.file)).map_err(|error| unwritten(&error))?;
        let rows = csv(&answer, BufWriter::new(file)).map_err(|error| unwritten(&error))?;
        written.push((output, rows));
    }
    fs::rename(part.path(), target).map_err(|error| unwritten(&error))?;
    // It has moved away, so that there is nothing left to remove.
    let _ = part.keep();
    Ok(written)
}

/// Writes an answer as comma-separated text. What a spreadsheet would run as a formula is written as text.
fn csv(answer: &Answer, out: BufWriter<File>) -> Result<u64, Box<dyn std::error::Error>> {
    let mut writer = csv::Writer::from_writer(out);
    writer.write_record(answer.columns())?;
    let texts = answer.texts();
    let (mut rows, mut wrong) = (0, None);
    answer.each_row(&mut |row| {
        let cells = row.iter().zip(&texts).map(|(cell, is_text)| {
            let cell = cell.unwrap_or_default();
            if *is_text && is_formula(cell) {
                format!("'{cell}")
            } else {
                cell.to_owned()
            }
        });
        if let (Err(error), None) = (writer.write_record(cells), &wrong) {
            wrong = Some(error);
        }
        rows += 1;
    })?;
    if let Some(error) = wrong {
        return Err(error.into());
    }
    let mut out = writer.into_inner().map_err(|error| error.to_string())?;
    out.flush()?;
    out.get_ref().sync_all()?;
    Ok(rows)
}
