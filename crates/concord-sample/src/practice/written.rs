//! The files of a batch, as each system writes them.

use std::io::{self, Write};

use concord_standards::layout::{Field, Layout, TableLayout};
use jiff::ToSpan as _;

use super::cells;
use super::kinds::System;
use super::world::{Batch, World};

type Create<'c> = dyn FnMut(&str) -> io::Result<Box<dyn Write>> + 'c;

const AGREEMENT: &str = "0A1B2C3D-0000-4000-8000-000000000999";

/// Writes a batch; the folder that it is in.
pub(super) fn batch(
    system: System,
    layout: &Layout,
    world: &mut World<'_>,
    batch: &Batch,
    create: &mut Create<'_>,
) -> io::Result<String> {
    let day = cells::day_of(batch.month);
    let stamp = day.strftime("%Y%m%d").to_string();
    let kinds: Vec<_> = world.kinds().collect();
    let bulk = kinds.iter().all(|(kind, ..)| batch.whole.contains(kind));
    let folder = match system {
        System::Emis => format!("emis-{stamp}"),
        System::Tpp => format!("{stamp}_0530"),
        System::Vision => {
            let kind = if bulk { "FULL" } else { "INCREMENTAL" };
            format!(
                "{kind}_PracticeData_{}-(1)-V1.0.0_{}-053000",
                cells::PRACTICE,
                day
            )
        }
    };
    let mut listed = Vec::new();
    for table in &layout.tables {
        let kind = kinds.iter().find(|(_, kind, _)| kind.table == &*table.name);
        if kind.is_none() && system != System::Emis {
            continue;
        }
        let name = match system {
            System::Emis => {
                let (first, last) = (100 * batch.month + 1, 100 * batch.month + 100);
                format!(
                    "{first}-{last}_{}_{stamp}053000_{AGREEMENT}.csv",
                    table.title
                )
            }
            System::Tpp | System::Vision => format!("{}.csv", table.title),
        };
        let mut out = create(&format!("{folder}/{name}"))?;
        let number = kind.map(|(number, ..)| *number);
        rows(system, table, number, world, batch, &mut out)?;
        out.flush()?;
        let whole = number.is_some_and(|number| batch.whole.contains(&number));
        // This one is never listed.
        if &*table.name != "sr_mapping" {
            listed.push((table.title.clone(), whole));
        }
    }
    if system.has_manifest() {
        manifest(layout, batch.month, &listed, &folder, create)?;
    }
    Ok(folder)
}

/// The rows of a table: those that are withdrawn, then those that stand.
fn rows(
    system: System,
    table: &TableLayout,
    kind: Option<usize>,
    world: &mut World<'_>,
    batch: &Batch,
    out: &mut dyn Write,
) -> io::Result<()> {
    let (removal, stands, withdrawn) = system.removal();
    let of_kind = |id: &(usize, u64)| Some(id.0) == kind;
    let is_withdrawn = batch.withdrawn.keys().any(of_kind);
    let lacks = |field: &Field| {
        system == System::Tpp && batch.without_removal && !is_withdrawn && &*field.column == removal
    };
    let quoted = system == System::Tpp;
    if system != System::Vision {
        let names = table
            .fields
            .iter()
            .filter(|field| !lacks(field))
            .map(|field| header(&field.column));
        let names: Vec<String> = names.collect();
        line(out, names.iter().map(String::as_str), quoted)?;
    }
    // What is withdrawn has its keys, and whose it was.
    for (_, row) in batch.withdrawn.iter().filter(|(id, _)| of_kind(id)) {
        let about = kind.map(|kind| &system.kinds()[kind]);
        let cells = table.fields.iter().zip(&row.cells).map(|(field, text)| {
            let column = &*field.column;
            let names =
                about.is_some_and(|about| about.key.contains(&column)) || column == system.person();
            match column {
                _ if column == removal => withdrawn,
                _ if names || field.mandation.letter() == "M" => text.as_str(),
                _ => "",
            }
        });
        line(out, cells, quoted)?;
    }
    let ids: Vec<_> = batch
        .changed
        .iter()
        .filter(|id| of_kind(id))
        .copied()
        .collect();
    for id in ids {
        let Some(row) = world.get_mut(id) else {
            continue;
        };
        for (field, text) in table.fields.iter().zip(&mut row.cells) {
            if &*field.column == removal {
                let says = match system {
                    _ if lacks(field) => "",
                    System::Vision if batch.month > 0 && !batch.whole.contains(&id.0) => "U",
                    _ => stands,
                };
                says.clone_into(text);
            }
        }
        let cells = table
            .fields
            .iter()
            .zip(&row.cells)
            .filter(|(field, _)| !lacks(field));
        line(out, cells.map(|(_, text)| text.as_str()), quoted)?;
    }
    Ok(())
}

/// What says which files are whole, and from when to when changes are in the others; the period begins before the last one ends.
fn manifest(
    layout: &Layout,
    month: u32,
    listed: &[(String, bool)],
    folder: &str,
    create: &mut Create<'_>,
) -> io::Result<()> {
    let Some(table) = layout.table("sr_manifest") else {
        return Ok(());
    };
    let to = format!("{}_0530", cells::day_of(month).strftime("%Y%m%d"));
    let before = cells::day_of(month.saturating_sub(1)).saturating_sub(1.days());
    let from = format!("{}_0530", before.strftime("%Y%m%d"));
    let mut out = create(&format!("{folder}/{}.csv", table.title))?;
    let names: Vec<String> = table
        .fields
        .iter()
        .map(|field| header(&field.column))
        .collect();
    line(&mut out, names.iter().map(String::as_str), true)?;
    for (file, whole) in listed {
        let (delta, from) = if *whole {
            ("N", "")
        } else {
            ("Y", from.as_str())
        };
        line(
            &mut out,
            [file.as_str(), delta, "N", from, &to].into_iter(),
            true,
        )?;
    }
    out.flush()
}

/// A column's id as systems write it: `PATIENT_GUID` as `PatientGuid`.
fn header(column: &str) -> String {
    let word = |word: &str| {
        let (first, rest) = word.split_at(word.len().min(1));
        format!("{first}{}", rest.to_ascii_lowercase())
    };
    column.split('_').map(word).collect()
}

/// A line of CSV. Where every cell is quoted the encoding is Windows-1252, else UTF-8.
pub(super) fn line<'t>(
    out: &mut dyn Write,
    cells: impl Iterator<Item = &'t str>,
    quoted: bool,
) -> io::Result<()> {
    let mut text = String::new();
    for (number, cell) in cells.enumerate() {
        if number > 0 {
            text.push(',');
        }
        if quoted || cell.contains(['"', ',', '\n', '\r']) {
            text.push('"');
            text.push_str(&cell.replace('"', "\"\""));
            text.push('"');
        } else {
            text.push_str(cell);
        }
    }
    text.push_str("\r\n");
    if quoted {
        // Everything that is made up is in Latin-1, whose characters are bytes of the same number there.
        let bytes: Vec<u8> = text
            .chars()
            .map(|character| u8::try_from(character).unwrap_or(b'?'))
            .collect();
        out.write_all(&bytes)
    } else {
        out.write_all(text.as_bytes())
    }
}
