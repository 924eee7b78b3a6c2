//! `concord feed quarantine`: messages that were not accepted.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::path::Path;
use std::process::ExitCode;

use concord_feed::store::{Entry, Release, held, release};
use concord_report::{harmless, many};
use jiff::Timestamp;
use serde_json::json;

use super::arguments::{AnswerFormat, QuarantineCommand};
use super::of_store;
use crate::failure::Failure;
use crate::output;

/// Lists held messages, or releases some.
pub(super) fn run(command: &QuarantineCommand) -> Result<ExitCode, Failure> {
    match command {
        QuarantineCommand::List { store, format } => list(store, *format)?,
        QuarantineCommand::Release {
            store,
            numbers,
            reason,
            by,
        } => {
            let by = by.clone().or_else(user).ok_or_else(|| {
                Failure::usage("nobody knows who releases it", "say so with --by NAME")
            })?;
            for &number in numbers {
                let line = Release {
                    number,
                    released: Timestamp::now().to_string(),
                    by: by.clone(),
                    reason: reason.clone(),
                };
                release(store, &line).map_err(|error| of_store(&error))?;
                output::print(&format!("{number} is released\n"))?;
            }
        }
    }
    Ok(ExitCode::SUCCESS)
}

/// The name of the user, as the system knows it.
fn user() -> Option<String> {
    ["USER", "LOGNAME", "USERNAME"]
        .iter()
        .filter_map(|name| std::env::var(name).ok())
        .find(|name| !name.is_empty())
}

fn list(store: &Path, format: AnswerFormat) -> Result<(), Failure> {
    let held = held(store).map_err(|error| of_store(&error))?;
    let mut text = String::new();
    for entry in &held {
        match format {
            AnswerFormat::Human => human(entry, &mut text),
            AnswerFormat::Json => {
                let _ = writeln!(text, "{}", machine(entry));
            }
        }
    }
    if format == AnswerFormat::Human {
        let _ = writeln!(text, "{} held", many(held.len() as u64, "message"));
    }
    output::print(&text)
}

/// The rules that a message breaks so that it was not accepted, each once.
fn rules(entry: &Entry) -> Vec<&str> {
    let findings = entry.verdict.findings.iter();
    let rules: BTreeSet<&str> = findings
        .filter(|broken| !broken.warning)
        .map(|broken| &*broken.rule)
        .collect();
    rules.into_iter().collect()
}

fn human(entry: &Entry, text: &mut String) {
    let identity = &entry.verdict.identity;
    let said = format!(
        "{}  {}  {}",
        identity.sender(),
        identity.shown_id(),
        identity.kind
    );
    let _ = writeln!(
        text,
        "{}  {:.0}  {}  {}  {}",
        entry.number,
        entry.received,
        harmless(&said),
        entry.verdict.outcome.name(),
        rules(entry).join(", "),
    );
}

fn machine(entry: &Entry) -> serde_json::Value {
    let identity = &entry.verdict.identity;
    json!({
        "number": entry.number,
        "received": entry.received.to_string(),
        "application": identity.application,
        "facility": identity.facility,
        "control_id": identity.shown_id(),
        "type": identity.kind,
        "outcome": entry.verdict.outcome,
        "rules": rules(entry),
    })
}
