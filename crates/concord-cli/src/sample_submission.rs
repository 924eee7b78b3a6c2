//! `concord sample` of a standard whose submissions are many tables: a folder with a file for each table.

use std::io::{BufWriter, Write};
use std::path::Path;

use concord_sample::submissions::{FaultError, FaultRequest, Request, period, write, write_faulty};
use concord_standards::definition::Definition;
use concord_standards::submission::{Profile, Submission};

use crate::arguments::{RuleProfile, SampleArguments};
use crate::failure::Failure;
use crate::output::Whole;

/// An organisation that exists.
const PROVIDER: &str = "RWK";

/// Writes a submission of as many patients as records are asked for, and labels of its faults.
pub(crate) fn run(
    arguments: &SampleArguments,
    definition: &Definition,
    submission: &Submission,
    labels: Option<Whole>,
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
    match (arguments.faults, labels) {
        (Some(rate), Some(labels)) => {
            let faults = FaultRequest {
                rate,
                rules: arguments.fault_rules.clone(),
                profile: match arguments.profile {
                    RuleProfile::Implemented => Profile::Implemented,
                    RuleProfile::Published => Profile::Published,
                },
            };
            let mut labels = BufWriter::new(labels);
            match write_faulty(&request, &faults, &mut writers, &mut labels) {
                Ok(_) => labels.flush().map_err(|error| unwritten(folder, &error))?,
                Err(FaultError::Write(error)) => return Err(unwritten(folder, &error)),
                Err(error) => {
                    return Err(Failure::usage(
                        error.to_string(),
                        "`concord standards explain RULE` shows what a rule asks; --profile says which rules there are",
                    ));
                }
            }
        }
        _ => {
            write(&request, &mut writers).map_err(|error| unwritten(folder, &error))?;
        }
    }
    for writer in &mut writers {
        writer.flush().map_err(|error| unwritten(folder, &error))?;
    }
    drop(writers);
    files.iter().try_for_each(Whole::complete)
}
