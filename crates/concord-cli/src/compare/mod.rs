//! `concord compare`: what is new, fixed and persisting between the reports of two checks.

mod counts;
mod sdcs;
mod shown;

use std::collections::BTreeMap;
use std::fs::File;
use std::path::Path;
use std::process::ExitCode;

use concord_settings::run::{Class, Entry, Known, RunError, read};

use crate::arguments::{CompareArguments, CompareFormat};
use crate::check::judge::unusable;
use crate::failure::{FINDINGS, Failure};
use crate::output;
use sdcs::SummaryDifference;

/// New findings of a rule that are shown.
const FIRST: usize = 3;

/// How two runs differ.
#[derive(Debug, Default)]
struct Difference {
    earlier: String,
    later: String,
    /// By rule, provider and effect.
    classes: BTreeMap<Class, Counts>,
    /// The first new findings of each rule.
    first: BTreeMap<String, Vec<Entry>>,
}

/// How many findings are what.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
struct Counts {
    new: u64,
    fixed: u64,
    persisting: u64,
}

impl Counts {
    fn add(&mut self, other: Self) {
        self.new += other.new;
        self.fixed += other.fixed;
        self.persisting += other.persisting;
    }
}

/// Compares two reports and tells how they differ.
pub(crate) fn run(arguments: &CompareArguments) -> Result<ExitCode, Failure> {
    let (earlier, later) = (&arguments.earlier, &arguments.later);
    match (sdcs::is_report(earlier), sdcs::is_report(later)) {
        (true, true) => {
            let difference = SummaryDifference::between(earlier, later)?;
            write(arguments, &difference.shown(arguments.format))?;
            let code = if difference.differs() { FINDINGS } else { 0 };
            return Ok(ExitCode::from(code));
        }
        (true, false) => return Err(no_summary(later, earlier)),
        (false, true) => return Err(no_summary(earlier, later)),
        (false, false) => {}
    }
    let difference = Difference::between(&arguments.earlier, &arguments.later)?;
    let text = match arguments.format {
        CompareFormat::Human => shown::human(&difference),
        CompareFormat::Json => shown::json(&difference),
        CompareFormat::Markdown => shown::markdown(&difference),
    };
    write(arguments, &text)?;
    Ok(ExitCode::from(if difference.rejects_anew() {
        FINDINGS
    } else {
        0
    }))
}

fn write(arguments: &CompareArguments, text: &str) -> Result<(), Failure> {
    match &arguments.output {
        Some(file) => output::write_file(file, text),
        None => output::print(text),
    }
}

/// One of two paths is a summary report, and the other is none.
fn no_summary(path: &Path, summary: &Path) -> Failure {
    let said = match path.try_exists() {
        Ok(true) => "is none",
        _ => "cannot be read",
    };
    Failure::usage(
        format!(
            "{} is a summary report, and {} {said}",
            summary.display(),
            path.display()
        ),
        "give two folders with validations.csv, data_quality.csv, aggregation.csv and diagnostics.csv, or two of these files; \
         ours are written with --format sdcs",
    )
}

impl Difference {
    /// Reads the earlier report as a bag of fingerprints, and the later one past it: sixteen bytes for a finding are held.
    fn between(earlier: &Path, later: &Path) -> Result<Self, Failure> {
        let open = |file: &Path| File::open(file).map_err(RunError::Io);
        let mut known = open(earlier)
            .and_then(Known::read)
            .map_err(|error| unusable(earlier, &error))?;
        let mut difference = Self {
            earlier: earlier.display().to_string(),
            later: later.display().to_string(),
            ..Self::default()
        };
        let report = open(later).map_err(|error| unusable(later, &error))?;
        read(report, |entry| {
            let met = known.meet(entry.fingerprint);
            difference.count(entry, met);
        })
        .map_err(|error| unusable(later, &error))?;
        for (class, fixed) in known.left_by_class() {
            difference.classes.entry(class.clone()).or_default().fixed += fixed;
        }
        Ok(difference)
    }

    fn count(&mut self, entry: Entry, met: bool) {
        let counts = self.classes.entry(Class::of(&entry)).or_default();
        if met {
            counts.persisting += 1;
            return;
        }
        counts.new += 1;
        let first = self.first.entry(entry.rule.clone()).or_default();
        if first.len() < FIRST {
            first.push(entry);
        }
    }

    fn total(&self) -> Counts {
        let mut total = Counts::default();
        for counts in self.classes.values() {
            total.add(*counts);
        }
        total
    }

    /// Whether anything new rejects.
    fn rejects_anew(&self) -> bool {
        let mut classes = self.classes.iter();
        classes.any(|(class, counts)| counts.new > 0 && class.effect.is_reject())
    }

    /// By rule, with the gravest effect that its findings have; the gravest first, then those with most that is new.
    fn rules(&self) -> Vec<(&str, concord_finding::Effect, Counts)> {
        let mut rules: BTreeMap<&str, (concord_finding::Effect, Counts)> = BTreeMap::new();
        for (class, counts) in &self.classes {
            let known = rules
                .entry(&class.rule)
                .or_insert((class.effect, Counts::default()));
            known.0 = known.0.max(class.effect);
            known.1.add(*counts);
        }
        let mut rules: Vec<_> = rules
            .into_iter()
            .map(|(rule, (effect, counts))| (rule, effect, counts))
            .collect();
        rules.sort_by_key(|(rule, effect, counts)| {
            (
                counts.new == 0,
                std::cmp::Reverse((*effect, counts.new)),
                *rule,
            )
        });
        rules
    }

    /// By provider, those whose provider is known.
    fn providers(&self) -> BTreeMap<&str, Counts> {
        let mut providers: BTreeMap<&str, Counts> = BTreeMap::new();
        for (class, counts) in &self.classes {
            if let Some(provider) = &class.provider {
                providers.entry(provider).or_default().add(*counts);
            }
        }
        providers
    }
}
