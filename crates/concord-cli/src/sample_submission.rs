//! `concord sample` of a standard whose submissions are many tables: a folder with a file for each table.

use std::io::{BufWriter, Write};
use std::path::Path;

use concord_sample::submissions::{Request, write};
use concord_standards::definition::Definition;
use concord_standards::submission::Submission;
use jiff::ToSpan;
use jiff::civil::Date;

use crate::arguments::SampleArguments;
use crate::failure::Failure;
use crate::output::Whole;

/// An organisation that exists.
const PROVIDER: &str = "RWK";

/// Writes a submission of as many patients as records are asked for.
pub(crate) fn run(
    arguments: &SampleArguments,
    definition: &Definition,
    submission: &Submission,
) -> Result<(), Failure> {
    let Some(folder) = &arguments.output else {
        return Err(Failure::usage(
            format!(
                "a sample of {} is several files",
                definition.standard.name()
            ),
            "name a folder for them with -o",
        ));
    };
    if arguments.faults.is_some() {
        return Err(Failure::usage(
            format!(
                "samples of {} cannot have faults yet",
                definition.standard.name()
            ),
            "leave out --faults; `concord standards test` shows what breaks each rule",
        ));
    }
    let unwritten = |path: &Path, error: &std::io::Error| {
        Failure::unreadable(format!("{} cannot be written: {error}", path.display()))
    };
    std::fs::create_dir_all(folder).map_err(|error| unwritten(folder, &error))?;
    let mut files = Vec::new();
    for table in &submission.tables {
        files.push(Whole::create(&folder.join(format!("{}.csv", table.name)))?);
    }
    let mut writers: Vec<Box<dyn Write>> = Vec::new();
    for file in &files {
        writers.push(Box::new(BufWriter::with_capacity(1 << 16, file.clone())));
    }
    let request = Request {
        submission,
        patients: arguments.records,
        seed: arguments.seed,
        period: period(definition),
        provider: PROVIDER.to_owned(),
    };
    write(&request, &mut writers).map_err(|error| unwritten(folder, &error))?;
    for writer in &mut writers {
        writer.flush().map_err(|error| unwritten(folder, &error))?;
    }
    drop(writers);
    files.iter().try_for_each(Whole::complete)
}

/// The first month that begins when the standard is in force, or later.
fn period(definition: &Definition) -> (Date, Date) {
    let from = definition.standard.effective_from.as_deref();
    let from: Date = from
        .and_then(|day| day.parse().ok())
        .unwrap_or(jiff::civil::date(2024, 4, 1));
    let first = if from.day() == 1 {
        from
    } else {
        from.last_of_month().checked_add(1.day()).unwrap_or(from)
    };
    (first, first.last_of_month())
}
