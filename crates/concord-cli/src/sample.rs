//! `concord sample`.

use std::io::{self, BufWriter, ErrorKind, Write, stdout};
use std::path::Path;
use std::process::ExitCode;

use concord_finding::RuleId;
use concord_sample::cds::{Protocol, Request, SampleError};
use concord_sample::interchanges;
use concord_sample::messages::arrival::{self, StreamRequest};
use concord_sample::messages::{self, MessageSampleError};
use concord_sample::tables::set::{INVOICE, RULES, STANDARDS, SetRequest, write_set};
use concord_sample::tables::{self, TableSampleError};
use concord_sample::{cds, faults, imaging, resources};
use concord_standards::definition::Definition;
use concord_standards::registry::Registry;

use crate::arguments::{ProtocolName, SampleArguments};
use crate::failure::Failure;
use crate::output::Whole;
use crate::{practice, source};

/// Writes a synthetic submission.
pub(crate) fn run(arguments: &SampleArguments) -> Result<ExitCode, Failure> {
    let registry = source::registry(arguments.schemas.schemas.as_deref())?;
    let mut definitions = Vec::new();
    for name in names(arguments, &registry) {
        definitions.push(registry.load(&name)?);
    }
    let target = arguments.output.as_deref();
    let labels = arguments.labels.as_deref().map(Whole::create).transpose()?;
    match &*definitions {
        [definition] if concord_sample::practice::is_known(definition) => {
            practice::sample::write(arguments, definition, labels.clone())?;
        }
        [definition] => match &definition.submission {
            Some(many) => {
                crate::sample_submission::run(arguments, definition, many, labels.clone())?;
            }
            None => one(arguments, definition, target, labels.clone())?,
        },
        several => set(arguments, several, target, labels.clone())?,
    }
    if let Some(file) = &labels {
        file.complete()?;
    }
    Ok(ExitCode::SUCCESS)
}

/// The standards that are wanted; `hl7-adt` stands for the national profile of admissions, `contract-set` stands for those of the year.
fn names(arguments: &SampleArguments, registry: &Registry) -> Vec<String> {
    if arguments.standards == ["hl7-adt"] {
        return vec!["itk-adt@1.0".to_owned()];
    }
    if arguments.standards != ["contract-set"] {
        return arguments.standards.clone();
    }
    let first = arguments
        .year
        .map_or(2025, concord_model::financial::FinancialYear::start);
    let day = format!("{first:04}-06-01");
    let in_force = |id: &str| {
        let of_id = registry.list().iter().filter(|info| &*info.id == id);
        of_id
            .filter(|info| info.effective_from.as_ref().is_none_or(|from| *from <= day))
            .max_by_key(|info| (info.effective_from.clone(), info.version.clone()))
            .map_or_else(
                || id.to_owned(),
                concord_standards::definition::StandardInfo::name,
            )
    };
    STANDARDS.iter().map(|id| in_force(id)).collect()
}

/// Writes one submission.
fn one(
    arguments: &SampleArguments,
    definition: &Definition,
    target: Option<&Path>,
    labels: Option<Whole>,
) -> Result<(), Failure> {
    let whole = target.map(Whole::create).transpose()?;
    let out: Box<dyn Write> = match &whole {
        Some(file) => Box::new(file.clone()),
        None => Box::new(stdout()),
    };
    let mut out = BufWriter::with_capacity(256 << 10, out);
    let mut labels = labels.map(BufWriter::new);
    let said = labels.as_mut().map(|labels| -> &mut dyn Write { labels });
    let written = if imaging::is_known(definition) {
        imaging_tests(arguments, definition, &mut out, said)?
    } else if definition.layout.is_some() {
        table(arguments, definition, &mut out, said)?
    } else if arguments.stream {
        arriving(arguments, definition, &mut out, said)?
    } else if definition.messages.is_some() {
        event_stream(arguments, definition, &mut out, said)?
    } else if definition.resources.is_some() {
        of_resources(arguments, &mut out, said)?
    } else {
        interchange(arguments, definition, &mut out, said)?
    };
    let flushed = written.and_then(|()| {
        out.flush()?;
        labels.as_mut().map_or(Ok(()), Write::flush)
    });
    match flushed {
        // A reader that went away took what it wanted.
        Err(error) if error.kind() == ErrorKind::BrokenPipe => {}
        Err(error) => return Err(unwritten(&error)),
        Ok(()) => {}
    }
    whole.map_or(Ok(()), |file| file.complete())
}

fn interchange(
    arguments: &SampleArguments,
    definition: &Definition,
    out: &mut dyn Write,
    labels: Option<&mut dyn Write>,
) -> Result<io::Result<()>, Failure> {
    let known: Vec<RuleId> = faults::rules().into_iter().map(RuleId::from).collect();
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
        fault_rules: known_faults(&arguments.fault_rules, &known)?,
    };
    match cds::write(&request, out, labels) {
        Ok(_) => Ok(Ok(())),
        Err(SampleError::Write(error)) => Ok(Err(error)),
        Err(error) => Err(refused(&error)),
    }
}

fn table(
    arguments: &SampleArguments,
    definition: &Definition,
    out: &mut dyn Write,
    labels: Option<&mut dyn Write>,
) -> Result<io::Result<()>, Failure> {
    let known = tables::coverage::breakable(definition).map_err(|error| refused(&error))?;
    let request = tables::Request {
        definition,
        rows: arguments.records,
        seed: arguments.seed,
        year: arguments.year,
        faults: arguments.faults,
        fault_rules: known_faults(&arguments.fault_rules, &known)?,
    };
    match tables::write(&request, out, labels) {
        Ok(_) => Ok(Ok(())),
        Err(TableSampleError::Write(error)) => Ok(Err(error)),
        Err(error) => Err(refused(&error)),
    }
}

/// Whether a file's name says that it holds an XML document.
fn is_document(path: &Path) -> bool {
    let extension = path.extension();
    extension.is_some_and(|extension| extension.eq_ignore_ascii_case("xml"))
}

/// Writes rows of the Diagnostic Imaging Data Set, as an XML document where the output's name says so.
fn imaging_tests(
    arguments: &SampleArguments,
    definition: &Definition,
    out: &mut dyn Write,
    labels: Option<&mut dyn Write>,
) -> Result<io::Result<()>, Failure> {
    let known: Vec<RuleId> = imaging::breakable(definition)
        .into_iter()
        .map(|breakable| RuleId::from(&*breakable.rule))
        .collect();
    let request = imaging::Request {
        definition,
        rows: arguments.records,
        seed: arguments.seed,
        document: arguments.output.as_deref().is_some_and(is_document),
        faults: arguments.faults,
        fault_rules: known_faults(&arguments.fault_rules, &known)?,
    };
    Ok(imaging::write(&request, out, labels).map(|_| ()))
}

/// Writes HL7 v2 messages.
fn event_stream(
    arguments: &SampleArguments,
    definition: &Definition,
    out: &mut dyn Write,
    labels: Option<&mut dyn Write>,
) -> Result<io::Result<()>, Failure> {
    let of_interchanges = interchanges::is_known(definition);
    let known = if of_interchanges {
        interchanges::rules()
    } else {
        messages::rules()
    };
    let known: Vec<RuleId> = known.into_iter().map(RuleId::from).collect();
    let request = messages::Request {
        definition,
        messages: arguments.records,
        seed: arguments.seed,
        faults: arguments.faults,
        fault_rules: known_faults(&arguments.fault_rules, &known)?,
    };
    let written = if of_interchanges {
        interchanges::write(&request, out, labels)
    } else {
        messages::write(&request, out, labels)
    };
    match written {
        Ok(_) => Ok(Ok(())),
        Err(MessageSampleError::Write(error)) => Ok(Err(error)),
        Err(error) => Err(refused(&error)),
    }
}

/// Writes FHIR resources.
fn of_resources(
    arguments: &SampleArguments,
    out: &mut dyn Write,
    labels: Option<&mut dyn Write>,
) -> Result<io::Result<()>, Failure> {
    let known: Vec<RuleId> = resources::rules().into_iter().map(RuleId::from).collect();
    let request = resources::Request {
        resources: arguments.records,
        seed: arguments.seed,
        faults: arguments.faults,
        fault_rules: known_faults(&arguments.fault_rules, &known)?,
    };
    Ok(resources::write(&request, out, labels).map(|_| ()))
}

/// How many minutes receivers wait, as `concord check --stays=arrival` does.
const WINDOW: u32 = 60;

/// Writes HL7 v2 messages as a receiver gets them.
fn arriving(
    arguments: &SampleArguments,
    definition: &Definition,
    out: &mut dyn Write,
    labels: Option<&mut dyn Write>,
) -> Result<io::Result<()>, Failure> {
    let known: Vec<RuleId> = arrival::rules().into_iter().map(RuleId::from).collect();
    let request = StreamRequest {
        definition,
        messages: arguments.records,
        seed: arguments.seed,
        faults: arguments.faults.unwrap_or(0.0),
        fault_rules: known_faults(&arguments.fault_rules, &known)?,
        shuffle: arguments.shuffle,
        duplicates: arguments.duplicates.unwrap_or(0.0),
        delays: arguments.delays.unwrap_or(0.0),
        window: WINDOW,
    };
    match arrival::write(&request, out, labels) {
        Ok(_) => Ok(Ok(())),
        Err(MessageSampleError::Write(error)) => Ok(Err(error)),
        Err(error) => Err(refused(&error)),
    }
}

/// Writes data sets whose totals agree, each to a file of its own.
fn set(
    arguments: &SampleArguments,
    definitions: &[Definition],
    target: Option<&Path>,
    labels: Option<Whole>,
) -> Result<(), Failure> {
    let folder = target.ok_or_else(|| {
        Failure::usage(
            "a set of data sets is written to a folder",
            "name it with -o, such as -o contract",
        )
    })?;
    std::fs::create_dir_all(folder).map_err(|error| {
        Failure::unreadable(format!("{} cannot be made: {error}", folder.display()))
    })?;
    let invoice = arguments.invoice.as_deref();
    let can = |rule: &&str| invoice.is_some() || *rule != "X-INV-1";
    let known: Vec<RuleId> = RULES.into_iter().filter(can).map(RuleId::from).collect();
    let mut fault_rules = known_faults(&arguments.fault_rules, &known)?;
    if arguments.faults.is_some_and(|rate| rate > 0.0) && fault_rules.is_empty() {
        fault_rules = known.iter().map(ToString::to_string).collect();
    }
    let request = SetRequest {
        definitions: definitions.iter().collect(),
        records: arguments.records,
        seed: arguments.seed,
        year: arguments.year,
        invoice: invoice.is_some(),
        fault_rules,
    };
    let mut files: Vec<Whole> = Vec::new();
    let mut refusal = None;
    let mut create = |name: &str| -> io::Result<Box<dyn Write>> {
        let path = match invoice {
            Some(invoice) if name == INVOICE => invoice.to_owned(),
            _ => folder.join(name),
        };
        match Whole::create(&path) {
            Ok(file) => {
                files.push(file.clone());
                Ok(Box::new(BufWriter::with_capacity(256 << 10, file)))
            }
            Err(failure) => {
                refusal = Some(failure);
                Err(io::Error::other("the file cannot be made"))
            }
        }
    };
    let mut labels = labels.map(BufWriter::new);
    let said = labels.as_mut().map(|labels| -> &mut dyn Write { labels });
    let written = write_set(&request, &mut create, said);
    if let Some(refusal) = refusal {
        return Err(refusal);
    }
    match written {
        Err(TableSampleError::Write(error)) => return Err(unwritten(&error)),
        Err(error) => return Err(refused(&error)),
        Ok(_) => {}
    }
    if let Some(labels) = &mut labels {
        labels.flush().map_err(|error| unwritten(&error))?;
    }
    for file in &files {
        file.complete()?;
    }
    Ok(())
}

fn unwritten(error: &io::Error) -> Failure {
    Failure::unreadable(format!("the sample cannot be written: {error}"))
}

fn refused(error: &dyn std::error::Error) -> Failure {
    Failure::usage(
        error.to_string(),
        "`concord sample --help` says what can be asked for",
    )
}

/// The rules to break, which must be some that can be broken on purpose.
pub(crate) fn known_faults(wanted: &[String], known: &[RuleId]) -> Result<Vec<String>, Failure> {
    match wanted
        .iter()
        .find(|rule| !known.iter().any(|known| **known == ***rule))
    {
        None => Ok(wanted.to_vec()),
        Some(rule) => Err(Failure::usage(
            format!("no fault can be made for the rule `{rule}`"),
            format!("faults can be made for {}", known.join(", ")),
        )),
    }
}
