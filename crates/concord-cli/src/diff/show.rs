//! Reports of changes, written where they are wanted.

use std::io::Write;

use concord_report::changes::{ChangesReport, findings, human, json, markdown};
use concord_report::{Format, Options, reporter};

use super::arguments::{ChangesFormat, ShownArguments};
use crate::failure::Failure;
use crate::output::{self, Whole};
use crate::terminal;

/// Writes a report to standard output or a file.
pub(crate) fn show(report: &ChangesReport, shown: &ShownArguments) -> Result<(), Failure> {
    let options = Options {
        colour: shown.output.is_none() && terminal::colour(),
        width: terminal::width(),
        ..Options::default()
    };
    let text = match shown.format {
        ChangesFormat::Human => human(report, &options),
        ChangesFormat::Markdown => markdown(report),
        ChangesFormat::Json => json(report),
        ChangesFormat::Findings(format) => return as_findings(report, format, options, shown),
    };
    match &shown.output {
        Some(file) => output::write_file(file, &text),
        None => output::print(&text),
    }
}

fn as_findings(
    report: &ChangesReport,
    format: Format,
    options: Options,
    shown: &ShownArguments,
) -> Result<(), Failure> {
    let target = shown.output.as_deref().map(Whole::create).transpose()?;
    let out: Box<dyn Write + Send> = match &target {
        Some(file) => Box::new(file.clone()),
        None => Box::new(std::io::stdout()),
    };
    let (findings, summary) = findings(report);
    let mut reporter = reporter(format, options, out);
    let written = findings
        .iter()
        .try_for_each(|finding| reporter.finding(finding))
        .and_then(|()| reporter.finish(&summary));
    written
        .map_err(|error| Failure::unreadable(format!("the report cannot be written: {error}")))?;
    drop(reporter);
    match target {
        Some(file) => file.complete(),
        None => Ok(()),
    }
}
