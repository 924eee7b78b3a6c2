//! `concord sample` of a practice: the folders of its batches, and what a store must hold in the end.

use std::fs::{self, File};
use std::io::{self, BufWriter, Write};
use std::path::Path;

use concord_finding::RuleId;
use concord_sample::practice::{self, FaultRequest, PracticeSampleError, Request};
use concord_standards::definition::Definition;

use crate::arguments::SampleArguments;
use crate::failure::Failure;
use crate::output::Whole;
use crate::sample::known_faults;

/// Writes a practice to a folder that does not exist yet; it appears when it is complete.
pub(crate) fn write(
    arguments: &SampleArguments,
    definition: &Definition,
    labels: Option<Whole>,
) -> Result<(), Failure> {
    let help = "name one that does not exist with -o, such as -o practice: batches/ and state/ will be in it";
    let target = arguments.output.as_deref().ok_or_else(|| {
        Failure::usage("the extracts of a practice are written to a folder", help)
    })?;
    if target.exists() {
        let message = format!("{} is there already", target.display());
        return Err(Failure::usage(message, help));
    }
    let unwritten = |error: &dyn std::error::Error| {
        Failure::unreadable(format!("{} cannot be written: {error}", target.display()))
    };
    let parent = match target.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent,
        _ => Path::new("."),
    };
    fs::create_dir_all(parent).map_err(|error| unwritten(&error))?;
    let part = tempfile::Builder::new()
        .prefix(".practice")
        .tempdir_in(parent)
        .map_err(|error| unwritten(&error))?;
    let create = |folder: &str, path: &str| -> io::Result<Box<dyn Write>> {
        let path = part.path().join(folder).join(path);
        if let Some(folder) = path.parent() {
            fs::create_dir_all(folder)?;
        }
        Ok(Box::new(BufWriter::with_capacity(
            256 << 10,
            File::create(path)?,
        )))
    };
    let request = Request {
        definition,
        people: arguments.records,
        months: arguments.months,
        practices: arguments.practices,
        seed: arguments.seed,
    };
    let refused = |error: PracticeSampleError| match error {
        PracticeSampleError::Write(error) => unwritten(&error),
        other => Failure::usage(
            other.to_string(),
            "`concord sample --help` says what can be asked for",
        ),
    };
    let create_batch = &mut |path: &str| create("batches", path);
    let written = match (arguments.faults, labels) {
        (Some(rate), Some(labels)) => {
            let rules = practice::rules(&request).map_err(refused)?;
            let known: Vec<RuleId> = rules.iter().map(|rule| RuleId::from(&**rule)).collect();
            let faults = FaultRequest {
                rate,
                rules: known_faults(&arguments.fault_rules, &known)?,
            };
            let mut labels = BufWriter::new(labels);
            let written = practice::write_faulty(&request, &faults, create_batch, &mut labels);
            labels.flush().map_err(|error| unwritten(&error))?;
            written
        }
        _ => practice::write(&request, create_batch),
    };
    let written = written.map_err(refused)?;
    practice::write_state(&written.state, &mut |path| create("state", path))
        .map_err(|error| unwritten(&error))?;
    fs::rename(part.path(), target).map_err(|error| unwritten(&error))?;
    // It has moved away, so that there is nothing left to remove.
    let _ = part.keep();
    Ok(())
}
