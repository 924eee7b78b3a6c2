//! The files of a batch, as each system writes them.

use std::io::{self, Write};

use concord_standards::layout::{Field, Layout, TableLayout};
use jiff::ToSpan as _;

use super::cells;
use super::kinds::System;
use super::world::{Batch, Row, World};

type Create<'c> = dyn FnMut(&str) -> io::Result<Box<dyn Write>> + 'c;

const AGREEMENT: &str = "0A1B2C3D-0000-4000-8000-000000000999";

/// What the names of the files of a batch say.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Named {
    /// Numbers of what it covers.
    pub(super) numbers: (u64, u64),
    /// When it was made, `CCYYMMDD`.
    pub(super) day: String,
    /// The time of day.
    pub(super) time: &'static str,
    pub(super) agreement: String,
}

impl Named {
    pub(super) fn of(month: u32) -> Self {
        let first = 100 * u64::from(month) + 1;
        Self {
            numbers: (first, first + 99),
            day: stamp(month),
            time: "053000",
            agreement: AGREEMENT.to_owned(),
        }
    }

    /// The name of the file of a table.
    pub(super) fn file(&self, system: System, table: &TableLayout) -> String {
        let (first, last) = self.numbers;
        match system {
            System::Emis => format!(
                "{first}-{last}_{}_{}{}_{}.csv",
                table.title, self.day, self.time, self.agreement
            ),
            System::Tpp | System::Vision => format!("{}.csv", table.title),
        }
    }
}

/// The day on which the batch of a month is made, `CCYYMMDD`.
pub(super) fn stamp(month: u32) -> String {
    cells::day_of(month).strftime("%Y%m%d").to_string()
}

/// The folder of a batch.
pub(super) fn folder(system: System, world: &World<'_>, batch: &Batch) -> String {
    let bulk = world.kinds().all(|(kind, ..)| batch.whole.contains(&kind));
    let stamp = stamp(batch.month);
    match system {
        System::Emis => format!("emis-{stamp}"),
        System::Tpp => format!("{stamp}_0530"),
        System::Vision => {
            let kind = if bulk { "FULL" } else { "INCREMENTAL" };
            format!(
                "{kind}_PracticeData_{}-(1)-V1.0.0_{}-053000",
                cells::PRACTICE,
                cells::day_of(batch.month)
            )
        }
    }
}

/// The tables of a batch, each with its kind: EMIS sends files of those too that have no row.
pub(super) fn tables<'d>(
    system: System,
    layout: &'d Layout,
    world: &World<'_>,
) -> Vec<(&'d TableLayout, Option<usize>)> {
    let kinds: Vec<_> = world.kinds().collect();
    let tables = layout.tables.iter().map(|table| {
        let kind = kinds.iter().find(|(_, kind, _)| kind.table == &*table.name);
        (table, kind.map(|(number, ..)| *number))
    });
    tables
        .filter(|(_, kind)| kind.is_some() || system == System::Emis)
        .collect()
}

/// Writes a batch; the folder that it is in.
pub(super) fn batch(
    system: System,
    layout: &Layout,
    world: &mut World<'_>,
    batch: &Batch,
    create: &mut Create<'_>,
) -> io::Result<String> {
    let named = Named::of(batch.month);
    let folder = folder(system, world, batch);
    let mut listed = Vec::new();
    for (table, kind) in tables(system, layout, world) {
        let mut out = create(&format!("{folder}/{}", named.file(system, table)))?;
        let quoted = system == System::Tpp;
        let columns = columns(system, table, kind, batch);
        if system != System::Vision {
            let names: Vec<String> = columns
                .iter()
                .map(|place| header(&table.fields[*place].column))
                .collect();
            line(&mut out, names.iter().map(String::as_str), quoted)?;
        }
        rows(system, table, kind, world, batch, &mut |cells, _| {
            let cells = columns.iter().map(|place| cells[*place]);
            line(&mut out, cells, quoted)
        })?;
        out.flush()?;
        listed.extend(listing(table, kind, batch));
    }
    if system.has_manifest() {
        let table = layout.table("sr_manifest");
        let lines = manifest(batch.month, &listed);
        if let Some(table) = table {
            let mut out = create(&format!("{folder}/{}.csv", table.title))?;
            let names: Vec<String> = table
                .fields
                .iter()
                .map(|field| header(&field.column))
                .collect();
            line(&mut out, names.iter().map(String::as_str), true)?;
            for cells in &lines {
                line(&mut out, cells.iter().map(String::as_str), true)?;
            }
            out.flush()?;
        }
    }
    Ok(folder)
}

/// What a manifest lists of a file: its name, and whether it takes the place of all that came before. One is never listed.
pub(super) fn listing(
    table: &TableLayout,
    kind: Option<usize>,
    batch: &Batch,
) -> Option<(String, bool)> {
    let whole = kind.is_some_and(|number| batch.whole.contains(&number));
    (&*table.name != "sr_mapping").then(|| (table.title.clone(), whole))
}

/// The columns that a file has, by their places: that of what is withdrawn comes and goes.
pub(super) fn columns(
    system: System,
    table: &TableLayout,
    kind: Option<usize>,
    batch: &Batch,
) -> Vec<usize> {
    let fields = table.fields.iter().enumerate();
    let has = |field: &Field| !lacks(system, field, kind, batch);
    fields
        .filter(|(_, field)| has(field))
        .map(|(place, _)| place)
        .collect()
}

fn lacks(system: System, field: &Field, kind: Option<usize>, batch: &Batch) -> bool {
    let is_withdrawn = batch.withdrawn.keys().any(|id| Some(id.0) == kind);
    system == System::Tpp
        && batch.without_removal
        && !is_withdrawn
        && *field.column == *system.removal().0
}

/// Hands over the rows of a table, a cell for each of its fields, and whether they are withdrawn: those that are, then those that stand.
pub(super) fn rows(
    system: System,
    table: &TableLayout,
    kind: Option<usize>,
    world: &mut World<'_>,
    batch: &Batch,
    put: &mut dyn FnMut(&[&str], bool) -> io::Result<()>,
) -> io::Result<()> {
    let (removal, stands, withdrawn) = system.removal();
    let of_kind = |id: &(usize, u64)| Some(id.0) == kind;
    let about = kind.map(|kind| &system.kinds()[kind]);
    // What is withdrawn has its keys, and whose it was.
    let cut = |row: &Row, put: &mut dyn FnMut(&[&str], bool) -> io::Result<()>| {
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
        let cells: Vec<&str> = cells.collect();
        put(&cells, true)
    };
    for (_, row) in batch.withdrawn.iter().filter(|(id, _)| of_kind(id)) {
        cut(row, put)?;
    }
    for (_, row, is_withdrawn) in batch.refused.iter().filter(|(id, ..)| of_kind(id)) {
        if *is_withdrawn {
            cut(row, put)?;
        } else {
            let cells: Vec<&str> = row.cells.iter().map(String::as_str).collect();
            put(&cells, false)?;
        }
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
                    _ if lacks(system, field, kind, batch) => "",
                    System::Vision if batch.month > 0 && !batch.whole.contains(&id.0) => "U",
                    _ => stands,
                };
                says.clone_into(text);
            }
        }
        let cells: Vec<&str> = row.cells.iter().map(String::as_str).collect();
        put(&cells, false)?;
    }
    Ok(())
}

/// A moment as manifests write it.
pub(super) fn moment(day: jiff::civil::Date) -> String {
    format!("{}_0530", day.strftime("%Y%m%d"))
}

/// What says which files are whole, and from when to when changes are in the others, line by line; the period begins before the last one
/// ends.
pub(super) fn manifest(month: u32, listed: &[(String, bool)]) -> Vec<[String; 5]> {
    let to = moment(cells::day_of(month));
    let before = cells::day_of(month.saturating_sub(1)).saturating_sub(1.days());
    let from = moment(before);
    let lines = listed.iter().map(|(file, whole)| {
        let (delta, from) = if *whole {
            ("N", "")
        } else {
            ("Y", from.as_str())
        };
        [file.as_str(), delta, "N", from, to.as_str()].map(str::to_owned)
    });
    lines.collect()
}

/// A column's id as systems write it: `PATIENT_GUID` as `PatientGuid`.
pub(super) fn header(column: &str) -> String {
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
