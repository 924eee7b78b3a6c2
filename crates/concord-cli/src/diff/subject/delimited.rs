//! CSV files with a header: columns, and formats as the values show them.

use std::path::Path;
use std::sync::Arc;

use concord_convert::native::native;
use concord_convert::stored::of_conversion;
use concord_gate::subject::{NotCompared, Subject, SubjectKind};
use concord_read::{Input, Limits, open};
use concord_standards::definition::{Definition, Known};
use concord_standards::infer::{InferError, Naming, TableInference, TableOptions};
use concord_standards::schema::Origin;

use super::Side;
use crate::failure::Failure;

/// What may stand between cells, the usual one first.
const DELIMITERS: [u8; 4] = [b',', b'\t', b';', b'|'];

pub(super) fn read(name: String, path: &Path) -> Result<Side, Failure> {
    let limits = Limits::default();
    let first = first_line(path, &limits)?;
    let delimiter = delimiter(&first);
    let opened = open(&Input::file(path), &limits)?;
    let mut rows = csv::ReaderBuilder::new()
        .delimiter(delimiter)
        .flexible(true)
        .has_headers(true)
        .from_reader(opened);
    let unreadable = |error: &csv::Error| {
        let line = error.position().map_or(1, csv::Position::line);
        Failure::usage(
            format!("{name}:{line}: this is no table: {error}"),
            "give a file with a header and one row to a line",
        )
    };
    let header: Vec<String> = rows
        .headers()
        .map_err(|error| unreadable(&error))?
        .iter()
        .map(str::to_owned)
        .collect();
    if header.iter().all(|cell| cell.trim().is_empty()) {
        return Err(Failure::usage(
            format!("{name}:1: there are no names of columns"),
            "the first row must name the columns",
        ));
    }
    let inference = TableInference::new(&header).map_err(|error| refused(&name, &error))?;
    let mut inference = inference.with_options(TableOptions {
        code_lists: false,
        delimiter,
    });
    let mut seen = 0_u64;
    let mut row = csv::StringRecord::new();
    while rows
        .read_record(&mut row)
        .map_err(|error| unreadable(&error))?
    {
        inference.row(&row);
        seen += 1;
    }
    let naming = Naming::new("table", "1", &*name);
    let mut definition = inference
        .finish()
        .definition(&naming, &Known::default())
        .map_err(|errors| refused(&name, &InferError::Definition(errors)))?;
    let file: Arc<str> = name.as_str().into();
    locate(&mut definition, &file);
    let what = if seen == 0 {
        "formats: there are no rows, so only the names of the columns are compared".to_owned()
    } else {
        format!("values that do not stand in it: formats are what its {seen} rows show")
    };
    Ok(Side {
        subject: Subject {
            kind: SubjectKind::Delimited,
            storage: of_conversion(&native(&definition)),
            definition,
            not_compared: vec![NotCompared {
                what,
                origin: Origin { file, line: 0 },
            }],
            name,
        },
        root: String::new(),
    })
}

fn refused(name: &str, error: &InferError) -> Failure {
    Failure::usage(
        format!("{name}:1: {error}"),
        "the first row must name every column, each by a name of its own",
    )
}

/// Everything is said in the header.
fn locate(definition: &mut Definition, file: &Arc<str>) {
    let origin = Origin {
        file: Arc::clone(file),
        line: 1,
    };
    let fields = definition
        .layout
        .iter_mut()
        .flat_map(|layout| &mut layout.tables)
        .flat_map(|table| &mut table.fields);
    for field in fields {
        field.origin = origin.clone();
    }
    let schema = &mut definition.schema;
    for element in &mut schema.elements {
        element.origin = origin.clone();
    }
    for simple in &mut schema.simple_types {
        simple.origin = origin.clone();
    }
    for complex in &mut schema.complex_types {
        complex.origin = origin.clone();
    }
}

fn first_line(path: &Path, limits: &Limits) -> Result<Vec<u8>, Failure> {
    /// No header is longer.
    const MOST: u64 = 1 << 20;
    let opened = open(&Input::file(path), limits)?;
    let mut line = Vec::new();
    let mut first = std::io::BufReader::new(std::io::Read::take(opened, MOST));
    std::io::BufRead::read_until(&mut first, b'\n', &mut line).map_err(|error| {
        Failure::unreadable(format!("{} cannot be read: {error}", path.display()))
    })?;
    Ok(line)
}

/// The delimiter that stands most often in the first line.
fn delimiter(line: &[u8]) -> u8 {
    let count = |delimiter: u8| memchr::memchr_iter(delimiter, line).count();
    let mut best = DELIMITERS[0];
    for delimiter in DELIMITERS {
        if count(delimiter) > count(best) {
            best = delimiter;
        }
    }
    best
}
