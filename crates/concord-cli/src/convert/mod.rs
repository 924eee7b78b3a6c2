//! `concord convert`: whatever comes in becomes canonical rows in a lake (`checked`, `carried`), and these what was asked
//! for (`targets`). All of it happens beside the output, which takes its place at the end.

mod account;
mod carried;
mod checked;
mod earlier;
pub(crate) mod enclosed;
mod files;
mod interchanges;
mod pricing;
mod settings;
mod since;
pub(crate) mod sources;
mod stays;
mod submission;
mod targets;
mod told;

use std::collections::BTreeSet;
use std::io::{ErrorKind, Write as _, stdout};
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::{Arc, Mutex};
use std::time::Instant;

use concord_check::Options;
use concord_convert::lake::{Lake, LakeError, LakeReader, MANIFEST};
use concord_convert::stays::Stays;
use concord_model::entities::ENTITIES;
use concord_read::Limits;
use concord_standards::definition::Definition;
use concord_standards::registry::Registry;
use rayon::prelude::*;

use self::account::{Account, InputAccount, Kind};
use self::carried::Resources;
use self::checked::{Checked, Done, Found};
use self::sources::{Source, sources};
pub(crate) use self::targets::fhir_mapping_of;
use self::targets::{Part, Target};
use self::told::{Outcome, told};
use crate::arguments::{AccountFormat, ConvertArguments};
use crate::failure::{FINDINGS, Failure, UNREADABLE};
use crate::prepare::{self, Across, Standards};
use crate::terminal;

/// The standard of which the paths hold a submission of many tables, where the user named none.
fn recognised(
    arguments: &ConvertArguments,
    standards: &Standards,
    limits: &Limits,
) -> Result<Option<Arc<Definition>>, Failure> {
    if arguments.standard.is_some() || arguments.schema.is_some() {
        return Ok(None);
    }
    let registry = standards.registry();
    let sorted = prepare::sorted(registry, &arguments.paths, limits);
    if let Some((_, names)) = sorted.ambiguous.first() {
        return Err(Failure::usage(
            "several standards have these tables",
            format!("name one of {names} with --standard"),
        ));
    }
    match &sorted.submissions[..] {
        [] => Ok(None),
        [(name, _)] if sorted.rest.is_empty() => Ok(Some(Arc::new(registry.load(name)?))),
        _ => Err(Failure::usage(
            "a submission of many tables is converted by itself",
            "name one folder, archive or document at a time",
        )),
    }
}

/// Converts the inputs and tells what was written and what was lost.
pub(crate) fn run(arguments: &ConvertArguments) -> Result<ExitCode, Failure> {
    let started = Instant::now();
    let limits = Limits::default();
    let (sources, left_out) = sources(arguments, &limits)?;
    let loaded = crate::settings::load(&arguments.config, &arguments.paths)?;
    let grades = Arc::new(loaded.settings.grades());
    if let Some((lake, mut account)) = interchanges::run(arguments, &limits, &grades)? {
        account.summary.seconds = started.elapsed().as_secs_f64();
        return finish(arguments, lake, &account);
    }
    let standards = Standards::new(settings::ask(arguments, Arc::clone(&grades))?, &limits)?;
    let many = match standards.many() {
        Some(named) => Some(named),
        None => recognised(arguments, &standards, &limits)?,
    };
    settings::suits(arguments, &sources, many.is_some())?;
    if let Some(definition) = many {
        return submission::run(arguments, &standards, &definition, &grades, started);
    }
    let target = target(arguments, standards.registry())?;
    let threads = terminal::threads(arguments.threads);
    let pool = terminal::pool(threads)?;
    let how = settings::how(arguments)?;
    let lake = Lake::create(&arguments.output)?;
    let checked = Checked {
        limits: &limits,
        standards: Mutex::new(standards),
        options: Options {
            threads,
            ..Options::default()
        },
        on_reject: settings::on_reject(arguments.on_reject),
        how,
        lake: &lake,
        stays: Stays::new(&lake.folder().join(".stays")),
    };
    let resources = Resources::new(&limits, &lake, &checked);
    let done: Vec<Result<Done, Failure>> = pool.install(|| {
        let numbered = sources.par_iter().enumerate().with_max_len(1);
        let done = numbered.map(|(number, source)| match source {
            Source::Checked(input) => match checked.input(number, input)? {
                Found::Done(done) => Ok(*done),
                Found::Resources(whole) => resources.copied(number, *whole),
            },
            Source::Fhir(place, inputs) => resources.input(number, place, inputs),
            Source::Lake(folder) => Ok(Done::of(InputAccount {
                file: folder.display().to_string(),
                kind: Kind::Lake,
                ..InputAccount::default()
            })),
        });
        done.collect()
    });
    let mut account = Account::of(settings::form(arguments));
    account.left_out = left_out;
    let mut across = Across::default();
    for (number, (one, source)) in done.into_iter().zip(&sources).enumerate() {
        let one = one?;
        if let (Some((prepared, submission)), Source::Checked(input)) = (&one.ended, source) {
            across.add(prepared, (number, input.name()), submission, true);
        }
        account.add(one.account, one.rules, one.losses);
    }
    checked.across(sources.len(), &mut across, &mut account)?;
    if !checked.stays.is_empty() {
        let messages = checked.stays;
        pool.install(|| stays::put_together(messages, &lake, &checked.how, &mut account))?;
    }
    pool.install(|| written(target, &lake, &sources, &mut account))?;
    account.unchanged = account.unchanged.filter(|_| arguments.since.is_some());
    account.summary.seconds = started.elapsed().as_secs_f64();
    finish(arguments, lake, &account)
}

/// Writes what was asked for from the rows of the lake, which are then taken out of it.
fn written(
    target: Target,
    lake: &Lake,
    sources: &[Source],
    account: &mut Account,
) -> Result<(), Failure> {
    if matches!(target, Target::Parquet) {
        return Ok(());
    }
    let parts = parts(lake, sources)?;
    let done = target.write(lake.folder(), &parts)?;
    for entity in ENTITIES {
        lake.remove(entity.name)?;
        account.remove_rows(entity.name);
    }
    for (input, source) in account.inputs.iter_mut().zip(sources) {
        if let Source::Lake(folder) = source {
            let records = done.read.get(folder).copied().unwrap_or_default();
            *input = std::mem::take(input).with_records(records);
        }
    }
    account.written.add(done.counts);
    account.unchanged = Some(done.unchanged);
    account.losses.merge(done.losses);
    Ok(())
}

/// What is to be written.
fn target(arguments: &ConvertArguments, registry: &Registry) -> Result<Target, Failure> {
    let pricing = pricing::pricing(&arguments.pricing, registry)?;
    match (Target::new(&arguments.to, registry)?, pricing) {
        (Target::JsonLines(_), None) => Ok(Target::JsonLines(arguments.since.clone())),
        (Target::Documents(standard, _), None) => {
            let how = targets::Documents {
                envelope: settings::envelope(arguments)?,
                draft: arguments.draft,
            };
            Ok(Target::Documents(standard, how))
        }
        (Target::Tables(_), None) if !arguments.param.is_empty() => Err(Failure::usage(
            "--param is for documents, such as --to cds@6-3-1",
            "leave it out",
        )),
        (Target::Tables(standard), Some(pricing)) if targets::holds_lines(&standard.1) => {
            Ok(Target::Priced(standard, Box::new(pricing)))
        }
        (_, Some(_)) => Err(Failure::usage(
            "--prices is for contract monitoring, such as --to plcm@2025 or --to acm@2025",
            "leave it out",
        )),
        (target, None) => Ok(target),
    }
}

/// The parts that are to be written: those of this run, and those of lakes that were given.
fn parts(lake: &Lake, sources: &[Source]) -> Result<Vec<Part>, Failure> {
    let mut folders: BTreeSet<PathBuf> = BTreeSet::new();
    let mut parts = Vec::new();
    let lakes = sources.iter().filter_map(|source| match source {
        Source::Lake(folder) => Some(folder.clone()),
        _ => None,
    });
    for folder in std::iter::once(lake.folder().to_owned()).chain(lakes) {
        if !folders.insert(folder.clone()) {
            continue;
        }
        let names = LakeReader::parts(&folder)?;
        parts.extend(names.into_iter().map(|name| Part {
            lake: folder.clone(),
            name,
        }));
    }
    Ok(parts)
}

/// Puts the output in its place, or leaves what stands there, and tells what happened.
fn finish(
    arguments: &ConvertArguments,
    lake: Lake,
    account: &Account,
) -> Result<ExitCode, Failure> {
    let mut inputs = account.inputs.iter();
    let unreadable = inputs.any(|input| input.unreadable.is_some());
    let outcome = if unreadable && !arguments.skip_unreadable {
        Outcome::Unreadable
    } else if arguments.strict && !account.losses.is_empty() {
        Outcome::Lossy
    } else {
        Outcome::Written
    };
    let files = match outcome {
        Outcome::Written => Some(lake.files()?),
        _ => None,
    };
    if let Some(files) = &files {
        settings::used(arguments, &lake)?;
        lake.file(MANIFEST, &account.json(Some(files)))?;
        lake.complete()?;
    }
    let text = match arguments.format {
        AccountFormat::Human => told(account, &arguments.output, outcome),
        AccountFormat::Json => account.json(files.as_deref()),
    };
    match stdout().write_all(text.as_bytes()) {
        // Nobody listens any more, and what was to be written is.
        Err(error) if error.kind() != ErrorKind::BrokenPipe => Err(Failure::unreadable(format!(
            "the account cannot be written: {error}"
        ))),
        _ => Ok(ExitCode::from(if unreadable {
            UNREADABLE
        } else if outcome == Outcome::Lossy {
            FINDINGS
        } else {
            0
        })),
    }
}

impl From<LakeError> for Failure {
    fn from(error: LakeError) -> Self {
        let text = error.to_string();
        match &error {
            LakeError::Occupied { .. } => Self::usage(text, "name another folder with -o"),
            LakeError::Unnamed { .. } => {
                Self::usage(text, "name a folder in it or beside it with -o")
            }
            LakeError::Partitions { .. } | LakeError::LongPartition { .. } => {
                Self::usage(text, "choose another column")
            }
            LakeError::Io { path, source } if source.kind() == ErrorKind::NotADirectory => {
                Self::usage(
                    format!("{} is a file, or lies in one", path.display()),
                    "name a folder with -o",
                )
            }
            LakeError::Full { .. } => Self::unreadable(format!(
                "{text}; nothing was changed: free some space, or choose another disk"
            )),
            _ => Self::unreadable(text),
        }
    }
}
