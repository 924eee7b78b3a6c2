//! `concord feed replay`: stored messages judged again.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;

use concord_feed::sink::{Checkpoint, Folders, Sink};
use concord_feed::store::{Entry, StoreError};
use concord_feed::{Outcome, Verdict, replay};
use concord_report::{count, many};
use serde_json::json;

use super::arguments::{AnswerFormat, ReplayArguments};
use super::judge::StandardJudge;
use super::of_store;
use super::settled::judging;
use crate::failure::Failure;
use crate::{output, settings};

/// So many messages are delivered before they are committed.
const TOGETHER: u64 = 1_000;

/// Judges what is stored again.
pub(super) fn run(arguments: &ReplayArguments) -> Result<ExitCode, Failure> {
    let loaded = settings::load(&arguments.judging.config, &[PathBuf::from(".")])?;
    let grades = Arc::new(loaded.settings.grades());
    let judge = StandardJudge::new(&judging(&arguments.judging, &loaded), &grades)?;
    let mut into = arguments.into.as_deref().map(Into::new).transpose()?;
    let numbers = arguments.from..=arguments.to.unwrap_or(u64::MAX);
    let mut told = Told::default();
    let replayed = replay(&arguments.store, numbers, &judge, |entry, verdict| {
        told.take(entry, verdict, arguments.format);
        if told.text.len() > 64 << 10 {
            output::print(&std::mem::take(&mut told.text)).map_err(Failed::Write)?;
        }
        into.as_mut()
            .map_or(Ok(()), |into| into.take(entry, verdict))
    })
    .map_err(|error| match error {
        Failed::Store(error) => of_store(&error),
        Failed::Write(failure) => failure,
    })?;
    if let Some(into) = &mut into {
        into.commit()?;
    }
    let mut text = told.text;
    match arguments.format {
        AnswerFormat::Human => {
            let messages = many(replayed.messages, "message");
            let changed = count(replayed.changed);
            let _ = writeln!(
                text,
                "{messages} judged again, {changed} with another outcome"
            );
            if replayed.damaged > 0 {
                let places = many(replayed.damaged, "place");
                let _ = writeln!(text, "damaged at {places}: messages there were left out");
            }
            for (rule, times) in &told.rules {
                let _ = writeln!(text, "{rule:<32} {:>10}", count(*times));
            }
        }
        AnswerFormat::Json => {
            let summary = json!({
                "messages": replayed.messages,
                "changed": replayed.changed,
                "damaged": replayed.damaged,
                "rules": told.rules,
            });
            let _ = writeln!(text, "{summary}");
        }
    }
    output::print(&text)?;
    Ok(ExitCode::SUCCESS)
}

/// What is said of a replay.
#[derive(Default)]
struct Told {
    text: String,
    rules: BTreeMap<String, u64>,
}

impl Told {
    fn take(&mut self, entry: &Entry, verdict: &Verdict, format: AnswerFormat) {
        for broken in &verdict.findings {
            *self.rules.entry(broken.rule.clone()).or_default() += 1;
        }
        let (before, now) = (entry.verdict.outcome, verdict.outcome);
        if before == now {
            return;
        }
        let number = entry.number;
        let _ = match format {
            AnswerFormat::Human => {
                let (before, now) = (before.name(), now.name());
                writeln!(self.text, "{number}  {before} is now {now}{}", why(verdict))
            }
            AnswerFormat::Json => {
                let line = json!({ "number": number, "before": before, "now": now });
                writeln!(self.text, "{line}")
            }
        };
    }
}

/// The first rule for which a message is not accepted.
fn why(verdict: &Verdict) -> String {
    let first = verdict.findings.iter().find(|broken| !broken.warning);
    match first {
        Some(broken) if verdict.outcome != Outcome::Accept => format!(": {}", broken.rule),
        _ => String::new(),
    }
}

/// Why a replay ended early.
enum Failed {
    Store(StoreError),
    Write(Failure),
}

impl From<StoreError> for Failed {
    fn from(error: StoreError) -> Self {
        Self::Store(error)
    }
}

/// Files that what is judged again is written to.
struct Into {
    sink: Folders,
    name: String,
    next: u64,
}

impl Into {
    fn new(folder: &Path) -> Result<Self, Failure> {
        let name = folder.display().to_string();
        if folder.join("checkpoint.json").exists() {
            return Err(Failure::usage(
                format!("{name} holds what a feed or a replay has written"),
                "a replay writes to a folder of its own",
            ));
        }
        let sink = Folders::new(folder).map_err(|error| unwritten(&name, &error))?;
        let next = 0;
        Ok(Self { sink, name, next })
    }

    fn take(&mut self, entry: &Entry, verdict: &Verdict) -> Result<(), Failed> {
        let judged = Entry {
            verdict: verdict.clone(),
            ..entry.clone()
        };
        let taken = self.sink.deliver(&judged, false);
        taken.map_err(|error| Failed::Write(unwritten(&self.name, &error)))?;
        self.next = entry.number + 1;
        if self.next.is_multiple_of(TOGETHER) {
            self.commit().map_err(Failed::Write)?;
        }
        Ok(())
    }

    fn commit(&mut self) -> Result<(), Failure> {
        let reached = Checkpoint {
            next: self.next,
            releases: 0,
        };
        let committed = self.sink.commit(reached);
        committed.map_err(|error| unwritten(&self.name, &error))
    }
}

fn unwritten(name: &str, error: &std::io::Error) -> Failure {
    Failure::unreadable(format!("{name} cannot be written: {error}"))
}
