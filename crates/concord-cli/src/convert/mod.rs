//! `concord convert`: whatever comes in becomes canonical rows in a lake (`checked`, `carried`), and these what was asked
//! for (`targets`). All of it happens beside the output, which takes its place at the end.

mod account;
mod carried;
mod checked;
mod sources;
mod targets;

use std::collections::BTreeSet;
use std::io::{Write as _, stdout};
use std::path::Path;
use std::process::ExitCode;
use std::sync::{Arc, Mutex};
use std::time::Instant;

use concord_check::Options;
use concord_convert::document::Envelope;
use concord_convert::fhir::FhirSource;
use concord_convert::lake::{How, Lake, LakeError, LakeReader, MANIFEST};
use concord_convert::pseudonym::Pseudonymiser;
use concord_convert::{Losses, OnReject, native};
use concord_finding::Masking;
use concord_model::entities::ENTITIES;
use concord_read::{Input, Limits, open};
use rayon::prelude::*;

use self::account::{Account, InputAccount};
use self::checked::{Checked, Done};
use self::sources::{Source, sources};
use self::targets::{Part, Target};
use crate::arguments::{AccountFormat, ConvertArguments, ConvertTo, OnRejectName};
use crate::failure::{FINDINGS, Failure, UNREADABLE};
use crate::prepare::{Across, Ask, Standards, to_canonical};
use crate::{source, terminal};

/// Converts the inputs and tells what was written and what was lost.
pub(crate) fn run(arguments: &ConvertArguments) -> Result<ExitCode, Failure> {
    let started = Instant::now();
    let limits = Limits::default();
    let sources = sources(&arguments.paths, &limits)?;
    suits(arguments, &sources)?;
    let registry = source::registry(arguments.schemas.schemas.as_deref())?;
    let target = Target::new(&arguments.to, &registry)?;
    let envelope = envelope(arguments)?;
    let threads = arguments
        .threads
        .map_or_else(terminal::threads, usize::from);
    let pool = rayon::ThreadPoolBuilder::new()
        .num_threads(threads)
        .build()
        .map_err(|error| Failure::unreadable(format!("threads cannot be started: {error}")))?;
    let lake = Lake::create(&arguments.output)?;
    let checked = Checked {
        limits: &limits,
        standards: Mutex::new(Standards::new(ask(arguments), &limits)?),
        options: Options {
            threads,
            ..Options::default()
        },
        on_reject: on_reject(arguments.on_reject),
        how: how(arguments)?,
        lake: &lake,
    };
    let run = Run {
        checked: &checked,
        fhir: sources
            .iter()
            .any(|source| matches!(source, Source::Fhir(..)))
            .then(|| targets::fhir_mapping(&registry))
            .transpose()?,
    };
    let done: Vec<Result<Done, Failure>> = pool.install(|| {
        let numbered = sources.par_iter().enumerate().with_max_len(1);
        numbered.map(|(number, source)| run.source(number, source)).collect()
    });
    let mut account = Account::default();
    let mut across = Across::default();
    for (number, (one, source)) in done.into_iter().zip(&sources).enumerate() {
        let one = one?;
        if let (Some((prepared, submission)), Source::Checked(input)) = (&one.ended, source) {
            across.add(prepared, number, input.name(), submission);
        }
        account.add(one.account, one.rules, one.losses);
    }
    checked.across(sources.len(), &across, &mut account)?;
    if !matches!(target, Target::Parquet) {
        let parts = parts(&lake, &sources)?;
        let written = pool.install(|| target.write(lake.folder(), &parts, &envelope))?;
        for entity in ENTITIES {
            lake.remove(entity.name)?;
            account.remove_rows(entity.name);
        }
        for (name, count) in written.counts {
            account.add_rows(&name, count);
        }
        account.add_losses(written.losses);
    }
    account.summary.seconds = started.elapsed().as_secs_f64();
    finish(arguments, lake, &account)
}

/// Refuses what does not go together.
fn suits(arguments: &ConvertArguments, sources: &[Source]) -> Result<(), Failure> {
    let parquet = arguments.to == ConvertTo::Parquet;
    let lakes = sources.iter().any(|source| matches!(source, Source::Lake(_)));
    if lakes && parquet {
        return Err(Failure::usage(
            "an input is an output of a conversion, in Parquet already",
            "convert it to something else: --to cds@6-3-1, fhir, jsonl",
        ));
    }
    if !parquet && (arguments.native || !arguments.partition_by.is_empty()) {
        return Err(Failure::usage(
            "--native and --partition-by are for --to parquet",
            "leave them out",
        ));
    }
    Ok(())
}

/// The parts that are to be written: those of this run, and those of lakes that were given.
fn parts(lake: &Lake, sources: &[Source]) -> Result<Vec<Part>, Failure> {
    let mut folders = BTreeSet::from([lake.folder().to_owned()]);
    folders.extend(sources.iter().filter_map(|source| match source {
        Source::Lake(folder) => Some(folder.clone()),
        _ => None,
    }));
    let mut parts = Vec::new();
    for folder in folders {
        let names = LakeReader::parts(&folder)?;
        parts.extend(names.into_iter().map(|name| Part {
            lake: folder.clone(),
            name,
        }));
    }
    Ok(parts)
}

/// What the user says of the envelope of documents.
fn envelope(arguments: &ConvertArguments) -> Result<Envelope, Failure> {
    let mut envelope = Envelope::default();
    for (key, value) in &arguments.param {
        let value = Some(value.clone());
        match key.as_str() {
            "sender" => envelope.sender = value,
            "receiver" => envelope.receiver = value,
            "control-reference" => envelope.control_reference = value,
            "date-of-preparation" => envelope.date_of_preparation = value,
            "time-of-preparation" => envelope.time_of_preparation = value,
            "application-reference" => envelope.application_reference = value,
            "protocol" => envelope.protocol = value,
            _ => {
                return Err(Failure::usage(
                    format!("there is no parameter `{key}`"),
                    "known are sender, receiver, control-reference, date-of-preparation, time-of-preparation, \
                     application-reference and protocol",
                ));
            }
        }
    }
    Ok(envelope)
}

/// What the sources share.
struct Run<'r> {
    checked: &'r Checked<'r>,
    fhir: Option<Arc<concord_convert::fhir::FhirMapping>>,
}

impl Run<'_> {
    fn source(&self, number: usize, source: &Source) -> Result<Done, Failure> {
        match source {
            Source::Checked(input) => self.checked.input(number, input),
            Source::Fhir(place, inputs) => self.resources(number, place, inputs),
            Source::Lake(folder) => Ok(Done::of(InputAccount {
                file: folder.display().to_string(),
                ..InputAccount::default()
            })),
        }
    }

    fn resources(&self, number: usize, place: &str, inputs: &[Input]) -> Result<Done, Failure> {
        let name: Arc<str> = place.into();
        let mut account = InputAccount {
            file: place.to_owned(),
            standard: Some("FHIR R4".to_owned()),
            ..InputAccount::default()
        };
        let mut readers: Vec<(String, Box<dyn std::io::Read + Send>)> = Vec::new();
        for input in inputs {
            match open(input, self.checked.limits) {
                Ok(opened) => readers.push((input.name().to_string(), Box::new(opened))),
                Err(error) => {
                    account.unreadable = Some(error.to_string());
                    return Ok(Done::of(account));
                }
            }
        }
        let Some(mapping) = &self.fhir else {
            return Ok(Done::of(account));
        };
        let mut source = match FhirSource::new(readers, Arc::clone(mapping)) {
            Ok(source) => source,
            Err(error) => {
                account.unreadable = Some(error.to_string());
                return Ok(Done::of(account));
            }
        };
        let (lake, how) = (self.checked.lake, &self.checked.how);
        let carried = carried::carry(lake, number, &name, how, &mut source)?;
        let mut losses = Losses::default();
        match carried {
            Ok(done) => {
                account.rows = done.rows.into_iter().collect();
                losses = source.into_losses();
            }
            Err(reason) => account.unreadable = Some(reason),
        }
        Ok(Done {
            losses,
            ..Done::of(account)
        })
    }
}

fn ask(arguments: &ConvertArguments) -> Ask<'_> {
    Ask {
        standard: arguments.standard.as_deref(),
        schemas: arguments.schemas.schemas.as_deref(),
        reference: arguments.reference.reference.as_deref(),
        converts: Some(if arguments.native {
            Box::new(|definition, _| Ok(native::native(definition)))
        } else {
            Box::new(to_canonical)
        }),
        ..Ask::default()
    }
}

/// A column to partition by that must not become names of folders.
fn personal_partition(column: &str) -> Failure {
    Failure::usage(
        format!("the values of {column} identify people, and would become names of folders"),
        "choose another column for --partition-by",
    )
}

fn on_reject(name: OnRejectName) -> OnReject {
    match name {
        OnRejectName::Keep => OnReject::Keep,
        OnRejectName::Drop => OnReject::Drop,
        OnRejectName::Split => OnReject::Split,
    }
}

fn how(arguments: &ConvertArguments) -> Result<How, Failure> {
    let pseudonymiser = match &arguments.pseudonymise {
        Some(path) => Some(pseudonymiser(path)?),
        None => None,
    };
    Ok(How {
        partition_by: arguments.partition_by.clone(),
        masking: if arguments.show_values && pseudonymiser.is_none() {
            Masking::Revealed
        } else {
            Masking::Masked
        },
        pseudonymiser,
    })
}

/// Reads a key. Nothing of it is ever shown.
fn pseudonymiser(path: &Path) -> Result<Pseudonymiser, Failure> {
    let key = std::fs::read(path).map_err(|error| {
        Failure::usage(
            format!("the key {} cannot be read: {error}", path.display()),
            "name a file that holds the key",
        )
    })?;
    Pseudonymiser::new(&key).map_err(|error| {
        Failure::usage(
            format!("{}: {error}", path.display()),
            "make one, for example with `head -c 32 /dev/urandom | base64`",
        )
    })
}

/// Puts the output in its place, or leaves what stands there, and tells what happened.
fn finish(
    arguments: &ConvertArguments,
    lake: Lake,
    account: &Account,
) -> Result<ExitCode, Failure> {
    let unreadable = account
        .inputs
        .iter()
        .any(|input| input.unreadable.is_some());
    let lossy = arguments.strict && account.has_losses();
    let written = !(lossy || (unreadable && !arguments.skip_unreadable));
    if written {
        lake.file(MANIFEST, &account.json(true))?;
        lake.complete()?;
    }
    let text = match arguments.format {
        AccountFormat::Human => {
            account.human(&arguments.output, written, arguments.strict)
        }
        AccountFormat::Json => account.json(written),
    };
    stdout()
        .write_all(text.as_bytes())
        .map_err(|error| Failure::unreadable(format!("the account cannot be written: {error}")))?;
    Ok(ExitCode::from(if unreadable {
        UNREADABLE
    } else if lossy {
        FINDINGS
    } else {
        0
    }))
}

impl From<LakeError> for Failure {
    fn from(error: LakeError) -> Self {
        match &error {
            LakeError::Occupied { .. } | LakeError::Partitions { .. } => {
                Self::usage(error.to_string(), "choose another folder or column")
            }
            LakeError::Full { .. } => Self::unreadable(format!(
                "{error}; nothing was changed: free some space, or choose another disk"
            )),
            _ => Self::unreadable(error.to_string()),
        }
    }
}

