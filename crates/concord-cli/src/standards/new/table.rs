//! Tables read row by row.

use std::borrow::Cow;
use std::fmt::Write as _;

use concord_check::table::header_row;
use concord_finding::mask;
use concord_read::delimited::{Chunk, Chunks, Rows};
use concord_read::{Input, Limits, open};
use concord_standards::definition::Known;
use concord_standards::infer::{InferError, InferredTable, Naming, TableInference, TableOptions};
use concord_standards::layout::normalised_header;

use super::Made;
use crate::failure::Failure;
use crate::standards::table as shown;

/// Bytes that are read at a time.
const CHUNK: usize = 1 << 19;

/// Rows that were passed over.
#[derive(Default)]
struct PassedOver {
    /// With another number of cells than there are columns.
    ragged: u64,
    /// With the names of the columns again.
    headers: u64,
}

/// The definition of tables that all have the columns of the first.
pub(super) fn made(
    inputs: Vec<Input>,
    naming: &Naming,
    known: &Known,
    limits: &Limits,
    no_header: bool,
) -> Result<Made, Failure> {
    let mut table = None;
    let mut passed = PassedOver::default();
    for input in &inputs {
        read(input, &mut table, &mut passed, limits, no_header)?;
    }
    let Some(table) = table else {
        return Err(Failure::usage(
            "there is no row in any of the samples",
            "give a file that holds a header and rows",
        ));
    };
    let table = table.finish();
    Ok(Made {
        files: table.files(naming, known),
        found: told(&table, naming, known, &passed),
        samples: inputs,
    })
}

fn read(
    input: &Input,
    table: &mut Option<TableInference>,
    passed: &mut PassedOver,
    limits: &Limits,
    no_header: bool,
) -> Result<(), Failure> {
    let opened = open(input, limits)?;
    let mut chunks = Chunks::new(opened, input.name().clone(), CHUNK, limits.record_size);
    let first = chunks.peek()?.to_vec();
    let Some(header) = header_row(&first, b",") else {
        return Ok(());
    };
    let dialect = header.detected.dialect;
    chunks.set_dialect(dialect);
    let table = match table {
        Some(table) => table,
        None => table.insert(
            begun(&header.cells, no_header, input)?.with_options(TableOptions {
                delimiter: dialect.delimiter,
                ..TableOptions::default()
            }),
        ),
    };
    let places = if no_header {
        (0..table.width()).collect()
    } else {
        table.places(&header.cells).ok_or_else(|| {
            Failure::usage(
                format!(
                    "{} has other columns than the samples before it",
                    input.name()
                ),
                "give samples of one table, or infer each by itself",
            )
        })?
    };
    let names: Vec<String> = header
        .cells
        .iter()
        .map(|cell| normalised_header(cell))
        .collect();
    let mut past_header = no_header;
    let (mut chunk, mut cells) = (Chunk::default(), Vec::new());
    while let Some(next) = chunks.next(chunk)? {
        let bytes = next.content();
        let start = if next.number == 0 {
            header.detected.skip
        } else {
            0
        };
        let mut rows = Rows::of(&next, dialect).starting_at(start);
        while let Some(row) = rows.next(&mut cells) {
            if row.blank {
                continue;
            }
            if !past_header {
                past_header = true;
                continue;
            }
            if row.cells != names.len() {
                passed.ragged += 1;
                continue;
            }
            let again = !no_header
                && cells
                    .iter()
                    .zip(&names)
                    .all(|(cell, name)| normalised_header(&cell.text(bytes)) == *name);
            if again {
                passed.headers += 1;
                continue;
            }
            table.row(places.iter().map(|place| {
                let cell = cells.get(*place);
                cell.map_or_else(Cow::default, |cell| cell.text(bytes))
            }));
        }
        chunk = next;
    }
    Ok(())
}

fn begun(cells: &[String], no_header: bool, input: &Input) -> Result<TableInference, Failure> {
    let value = |cell: &&String| {
        !cell.is_empty()
            && cell
                .bytes()
                .all(|byte| byte.is_ascii_digit() || b"-/.:".contains(&byte))
    };
    if !no_header && let Some(value) = cells.iter().find(value) {
        return Err(Failure::usage(
            format!(
                "the first row of {} names no columns: one of its cells is `{}`",
                input.name(),
                mask(value)
            ),
            "put the names of the columns into the first row, or give --no-header",
        ));
    }
    let table = if no_header {
        TableInference::without_header(cells.len())
    } else {
        TableInference::new(cells)
    };
    table.map_err(|error| {
        let help = match error {
            InferError::Nameless { .. } => {
                "give the column a name in the first row, or take it out"
            }
            InferError::Repeated { .. } => "rename one of the columns, or take it out",
            _ => "give a file that holds a header and rows",
        };
        Failure::usage(format!("{}: {error}", input.name()), help)
    })
}

/// What was inferred of each column, and what was passed over.
fn told(table: &InferredTable, naming: &Naming, known: &Known, passed: &PassedOver) -> String {
    let yes = |yes: bool| if yes { "yes" } else { "" }.to_owned();
    let rows: Vec<[String; 6]> = table
        .columns(naming, known)
        .into_iter()
        .map(|column| {
            [
                column.column,
                column.mandation.letter().to_owned(),
                column.format,
                column
                    .code_list
                    .map_or_else(String::new, |list| list.id.to_string()),
                yes(column.personal.is_some()),
                column.seen,
            ]
        })
        .collect();
    let heading = ["column", "", "format", "code list", "personal", "seen"];
    let mut text = format!("{} rows\n\n{}\n", table.rows(), shown(heading, &rows));
    // Writing to a `String` does not fail.
    if passed.ragged > 0 {
        let _ = writeln!(
            text,
            "passed over: {} rows with another number of cells than the header",
            passed.ragged
        );
    }
    if passed.headers > 0 {
        let _ = writeln!(
            text,
            "passed over: {} rows that repeat the header",
            passed.headers
        );
    }
    text
}
