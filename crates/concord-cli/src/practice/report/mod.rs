//! `concord practice report`: what commissioning runs on, made of the state of practice extracts.
//!
//! Definitions say what each report is: here tables are brought together, queries are run, and answers become files.

mod gathered;
mod organisations;
mod written;

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use concord_practice::{Report, Reports, System};
use concord_report::{count, many};
use concord_rules::select::SelectError;
use concord_standards::registry::Registry;
use jiff::civil::{Date, date};

use self::gathered::Gathered;
use super::arguments::ReportArguments;
use crate::failure::Failure;
use crate::output::print;

/// What is given beside stores, by name.
type With = BTreeMap<String, PathBuf>;

pub(super) fn run(
    arguments: &ReportArguments,
    registry: &Registry,
    systems: &[System],
) -> Result<ExitCode, Failure> {
    let reports = Reports::all(registry)?;
    let Some(name) = &arguments.report else {
        print(&listed(&reports))?;
        return Ok(ExitCode::SUCCESS);
    };
    let report = reports.report(name).ok_or_else(|| {
        let names: Vec<&str> = reports.list().iter().map(|report| &*report.name).collect();
        Failure::usage(
            format!("there is no report `{name}`"),
            format!("there are {}", names.join(", ")),
        )
    })?;
    let with = given(report, &reports, arguments)?;
    let as_at = arguments.as_at.ok_or_else(|| {
        Failure::usage(
            "a report is about a day",
            "say which with --as-at CCYY-MM-DD",
        )
    })?;
    let target = arguments.output.as_deref().ok_or_else(|| {
        Failure::usage(
            "a report is written to a folder",
            "name one that does not exist with -o",
        )
    })?;
    let mut gathered = Gathered::new(days(as_at));
    let mut told = gathered.facts(report, &reports, registry, systems, &arguments.store)?;
    gathered.others(report, &reports, &with)?;
    let reference = arguments.reference.reference.as_deref();
    told += &organisations::add(&mut gathered, report, reference, as_at)?;
    let outputs = report.outputs.iter().filter(|output| {
        let needed = output.with.as_ref();
        needed.is_none_or(|needed| with.contains_key(needed))
    });
    let files = written::write(&gathered.tables, outputs, target)?;
    for (output, rows) in files {
        let path = target.join(&output.file);
        // Writing to a `String` does not fail.
        let _ = writeln!(
            told,
            "{}: {} ({})",
            path.display(),
            many(rows, "row"),
            output.what
        );
    }
    print(&told)?;
    Ok(ExitCode::SUCCESS)
}

/// Every report with what it takes.
fn listed(reports: &Reports) -> String {
    let mut text = String::new();
    // Writing to a `String` does not fail.
    for report in reports.list() {
        let _ = writeln!(text, "{}\n  {}", report.name, report.title);
        for name in &report.takes {
            let what = reports.given(name).map_or("", |given| &given.what);
            let must = if report.needs.contains(name) {
                " (must be given)"
            } else if report.instead.contains(name) {
                " (in the place of a store)"
            } else {
                ""
            };
            let _ = writeln!(text, "  --with {name}=PATH{must}: {what}");
        }
        for output in &report.outputs {
            let _ = writeln!(text, "  {}: {}", output.file, output.what);
        }
    }
    text
}

/// What is given to a report, when that is enough and nothing else.
fn given(report: &Report, reports: &Reports, arguments: &ReportArguments) -> Result<With, Failure> {
    let takes = || match report.takes.as_slice() {
        [] => "it takes nothing but stores".to_owned(),
        names => format!("it takes {}", names.join(", ")),
    };
    let mut with = With::new();
    for (name, path) in &arguments.with {
        if !report.takes.contains(name) {
            let message = format!("`{}` takes no `{name}`", report.name);
            return Err(Failure::usage(message, takes()));
        }
        if with.insert(name.clone(), path.clone()).is_some() {
            return Err(Failure::usage(
                format!("`{name}` is given twice"),
                "give it once; put files together before",
            ));
        }
    }
    if let Some(missing) = report.needs.iter().find(|name| !with.contains_key(*name)) {
        let what = reports.given(missing).map_or("", |given| &given.what);
        return Err(Failure::usage(
            format!("`{}` needs {what}", report.name),
            format!("give it with --with {missing}=PATH"),
        ));
    }
    let instead = report.instead.iter().any(|name| with.contains_key(name));
    if arguments.store.is_empty() && !instead {
        let mut help = "name a store that `concord practice apply` made with --store".to_owned();
        for name in &report.instead {
            let _ = write!(help, ", or give --with {name}=PATH in its place");
        }
        return Err(Failure::usage(
            format!("`{}` is made of extracts, and none are given", report.name),
            help,
        ));
    }
    let mut seen = BTreeSet::new();
    for store in &arguments.store {
        let known = store.canonicalize().unwrap_or_else(|_| store.clone());
        if !seen.insert(known) {
            return Err(Failure::usage(
                format!("{} is given twice", store.display()),
                "give each store once, so that nobody is counted twice",
            ));
        }
    }
    if !arguments.store.is_empty() && instead {
        return Err(Failure::usage(
            "both a store and what stands in its place are given",
            "give one of them, so that nobody is counted twice",
        ));
    }
    Ok(with)
}

/// Days since 1970-01-01.
fn days(day: Date) -> i32 {
    day.since(date(1970, 1, 1))
        .map_or(0, |span| span.get_days())
}

/// How rows that do not count are told.
fn left_out(fact: &str, rows: u64, reasons: &[(String, u64)]) -> String {
    let not: u64 = reasons.iter().map(|(_, rows)| rows).sum();
    let mut text = format!("{fact}: {}", many(rows, "row"));
    if not > 0 {
        let reasons: Vec<String> = reasons
            .iter()
            .map(|(reason, rows)| format!("{reason} {}", count(*rows)))
            .collect();
        // Writing to a `String` does not fail.
        let _ = write!(
            text,
            ", {} not counted ({})",
            count(not),
            reasons.join(", ")
        );
    }
    text.push('\n');
    text
}

/// A query that fails is the definition's fault, and everything else that of what it reads.
fn failed(what: &str, path: Option<&Path>, error: &SelectError) -> Failure {
    if let SelectError::Query(reason) = error {
        return Failure::usage(
            format!("{what}: {reason}"),
            "its query is in the folder of definitions: practice-reports, or facts.toml of the system",
        );
    }
    let of = path.map_or(String::new(), |path| format!(" of {}", path.display()));
    Failure::unreadable(format!("{what}{of}: {error}"))
}
