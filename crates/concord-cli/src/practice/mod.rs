//! `concord practice`: extracts of practice systems, and the state that they leave behind.

pub(crate) mod arguments;
mod check;
mod report;
pub(crate) mod sample;

use std::fmt::Write as _;
use std::io::BufWriter;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use concord_practice::{
    AcceptGap, Applied, Class, Error, Outcome, Store, System, Verified, batches,
};
use concord_read::{Limits, expand};
use concord_report::harmless;

use self::arguments::{PracticeArguments, PracticeCommand};
use crate::failure::{FINDINGS, Failure};
use crate::output::{Whole, print};
use crate::source;

/// Unknown columns and ignored files that are named; the rest is counted.
const NAMED: usize = 8;

pub(crate) fn run(arguments: &PracticeArguments) -> Result<ExitCode, Failure> {
    let registry = source::registry(arguments.schemas.schemas.as_deref())?;
    let systems = System::all(&registry)?;
    match &arguments.command {
        PracticeCommand::Apply {
            batches,
            store,
            accept_gap,
        } => {
            let accept_gap = if *accept_gap {
                AcceptGap::Yes
            } else {
                AcceptGap::No
            };
            apply(
                &systems,
                batches,
                &mut Store::open_or_create(&store.store)?,
                accept_gap,
            )
        }
        PracticeCommand::Check(arguments) => check::run(arguments, &systems),
        PracticeCommand::Verify { store } => verify(&systems, &Store::open(&store.store)?),
        PracticeCommand::Latest { store, csv } => {
            latest(&systems, &mut Store::open(&store.store)?, csv.as_deref())
        }
        PracticeCommand::Report(arguments) => report::run(arguments, &registry, &systems),
    }
}

/// Applies batches one by one; what is told of each is told when it is in the store.
fn apply(
    systems: &[System],
    paths: &[PathBuf],
    store: &mut Store,
    accept_gap: AcceptGap,
) -> Result<ExitCode, Failure> {
    let inputs = expand(paths, &Limits::default())?;
    let found = batches(systems, &inputs)?;
    if !found.ignored.is_empty() {
        let ignored: Vec<&str> = found.ignored.iter().map(String::as_str).collect();
        print(&format!(
            "not of an extract, left out: {}\n",
            listed(&ignored)
        ))?;
    }
    for batch in &found.batches {
        let applied = store.apply(found.system, batch, accept_gap)?;
        print(&told(&applied))?;
    }
    let last = store.last().unwrap_or("nothing");
    print(&format!(
        "{}: {} holds everything up to {}\n",
        found.system.title(),
        store.folder().display(),
        harmless(last)
    ))?;
    Ok(ExitCode::SUCCESS)
}

fn told(applied: &Applied) -> String {
    let name = harmless(&applied.name);
    let Outcome::Now {
        bulk,
        rows,
        removed,
        gap,
        unknown,
        held,
        held_rows,
        resumed,
    } = &applied.outcome
    else {
        return format!("{name}: applied before\n");
    };
    let kind = if *bulk { "bulk" } else { "changes" };
    let mut text = format!("{name}: {kind}, {rows} rows, {removed} of them withdrawn\n");
    // Writing to a `String` does not fail.
    if let Some(gap) = gap {
        let _ = writeln!(text, "  applied although {} is missing", harmless(gap));
    }
    for (names, told) in [
        (
            held,
            format!(
                "the agreement is disabled, so that what the store has stays as it was ({held_rows} rows not taken)"
            ),
        ),
        (
            resumed,
            "the agreement is enabled again; what it had meanwhile comes with a bulk".to_owned(),
        ),
    ] {
        if !names.is_empty() {
            let names: Vec<&str> = names.iter().map(String::as_str).collect();
            let _ = writeln!(text, "  {}: {told}", listed(&names));
        }
    }
    if !unknown.is_empty() {
        let columns: Vec<String> = unknown
            .iter()
            .map(|(table, column)| format!("{table}.{column}"))
            .collect();
        let columns: Vec<&str> = columns.iter().map(String::as_str).collect();
        let _ = writeln!(
            text,
            "  kept, and not known to the standard: {}",
            listed(&columns)
        );
    }
    text
}

fn verify(systems: &[System], store: &Store) -> Result<ExitCode, Failure> {
    let verified = store.verify(system_of(systems, store)?)?;
    print(&counted(&verified))?;
    Ok(if verified.differences.is_empty() {
        ExitCode::SUCCESS
    } else {
        ExitCode::from(FINDINGS)
    })
}

fn counted(verified: &Verified) -> String {
    let mut text = String::new();
    let width = verified
        .tables
        .iter()
        .map(|table| table.table.len())
        .max()
        .unwrap_or(5)
        .max(5);
    // Writing to a `String` does not fail.
    let _ = writeln!(
        text,
        "{:width$}  {:>12}  {:>12}",
        "table", "latest", "ever sent"
    );
    for table in &verified.tables {
        let _ = writeln!(
            text,
            "{:width$}  {:>12}  {:>12}",
            table.table, table.latest, table.history
        );
    }
    for (batch, missing) in &verified.gaps {
        let _ = writeln!(
            text,
            "missing before {}: {}",
            harmless(batch),
            harmless(missing)
        );
    }
    for behind in &verified.held {
        let _ = writeln!(
            text,
            "{}: as it was before {}, when its agreement was disabled ({} rows not taken since)",
            harmless(&behind.organisation),
            harmless(&behind.since),
            behind.rows
        );
    }
    for difference in &verified.differences {
        let _ = writeln!(
            text,
            "{}: {}",
            difference.table,
            harmless(&difference.reason)
        );
    }
    let outcome = match verified.differences.len() {
        0 => "everything is as it was written".to_owned(),
        1 => "1 thing is not as it must be".to_owned(),
        several => format!("{several} things are not as they must be"),
    };
    let _ = writeln!(text, "{} batches; {outcome}", verified.batches);
    text
}

fn latest(systems: &[System], store: &mut Store, csv: Option<&Path>) -> Result<ExitCode, Failure> {
    let system = system_of(systems, store)?;
    for table in store.tables() {
        if let Some(latest) = store.latest(system, &table)? {
            print(&format!(
                "{}: {} rows\n",
                latest.path.display(),
                latest.rows
            ))?;
        }
        if let Some(folder) = csv {
            std::fs::create_dir_all(folder).map_err(|error| {
                Failure::unreadable(format!("{} cannot be made: {error}", folder.display()))
            })?;
            let path = folder.join(system.file_name(&table));
            let file = Whole::create(&path)?;
            store.write(system, &table, &mut BufWriter::new(file.clone()))?;
            file.complete()?;
            print(&format!("{}\n", path.display()))?;
        }
    }
    Ok(ExitCode::SUCCESS)
}

/// The system of what a store holds.
fn system_of<'s>(systems: &'s [System], store: &Store) -> Result<&'s System, Failure> {
    let id = store.system().unwrap_or_default();
    systems
        .iter()
        .find(|system| **system.id() == *id)
        .ok_or_else(|| {
            Failure::usage(
                format!("the store holds extracts of `{id}`, which no definition describes"),
                "name the folder of definitions with --schemas",
            )
        })
}

fn listed(names: &[&str]) -> String {
    let shown: Vec<_> = names
        .iter()
        .take(NAMED)
        .map(|name| harmless(name))
        .collect();
    match names.len().saturating_sub(NAMED) {
        0 => shown.join(", "),
        more => format!("{} and {more} more", shown.join(", ")),
    }
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        let (message, help) = (error.to_string(), error.help());
        let message = match error.rule() {
            Some(rule) => format!("{}: {message}", rule.id()),
            None => message,
        };
        match error.class() {
            Class::Refused => Self::refused(message, help),
            Class::Usage => Self::usage(message, help),
            Class::Unreadable => Self::unreadable(format!("{message}\n{help}")),
        }
    }
}
