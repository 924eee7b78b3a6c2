//! `concord sample`.

use std::io::{self, BufWriter, ErrorKind, Write, stdout};
use std::process::ExitCode;

use concord_sample::cds::{Protocol, Request, SampleError, write};

use crate::arguments::{ProtocolName, SampleArguments};
use crate::failure::Failure;
use crate::output::Whole;
use crate::source;

/// Writes a synthetic submission.
pub(crate) fn run(arguments: &SampleArguments) -> Result<ExitCode, Failure> {
    let registry = source::registry(arguments.schemas.schemas.as_deref())?;
    let definition = registry.load(&arguments.standard)?;
    let request = Request {
        schema: &definition.schema,
        records: arguments.records,
        seed: arguments.seed,
        types: arguments.types.clone(),
        protocol: match arguments.protocol {
            ProtocolName::Net => Protocol::Net,
            ProtocolName::Bulk => Protocol::Bulk,
        },
        faults: arguments.faults,
        fault_rules: known_faults(&arguments.fault_rules)?,
    };
    let target = arguments.output.as_deref().map(Whole::create).transpose()?;
    let labels = arguments.labels.as_deref().map(Whole::create).transpose()?;
    match &target {
        Some(file) => make(&request, file.clone(), labels.clone())?,
        None => make(&request, stdout(), labels.clone())?,
    }
    for file in target.iter().chain(&labels) {
        file.complete()?;
    }
    Ok(ExitCode::SUCCESS)
}

/// The rules to break, which must be some that can be broken on purpose.
fn known_faults(wanted: &[String]) -> Result<Vec<String>, Failure> {
    let known = concord_sample::faults::rules();
    match wanted.iter().find(|rule| !known.contains(&rule.as_str())) {
        None => Ok(wanted.to_vec()),
        Some(rule) => Err(Failure::usage(
            format!("no fault can be made for the rule `{rule}`"),
            format!("faults can be made for {}", known.join(", ")),
        )),
    }
}

fn make(request: &Request<'_>, out: impl Write, labels: Option<Whole>) -> Result<(), Failure> {
    let mut out = BufWriter::with_capacity(256 << 10, out);
    let mut labels = labels.map(BufWriter::new);
    let written = write(
        request,
        &mut out,
        labels.as_mut().map(|labels| -> &mut dyn Write { labels }),
    );
    let flushed = written.and_then(|_| {
        out.flush()?;
        Ok(labels.as_mut().map_or(Ok(()), Write::flush)?)
    });
    match flushed {
        Ok(()) => Ok(()),
        Err(SampleError::Write(error)) if is_gone(&error) => Ok(()),
        Err(SampleError::Write(error)) => Err(Failure::unreadable(format!(
            "the sample cannot be written: {error}"
        ))),
        Err(error) => Err(Failure::usage(
            error.to_string(),
            "`concord sample --help` says what can be asked for",
        )),
    }
}

/// A reader that went away took what it wanted.
fn is_gone(error: &io::Error) -> bool {
    error.kind() == ErrorKind::BrokenPipe
}
