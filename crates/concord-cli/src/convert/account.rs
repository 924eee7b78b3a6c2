//! What a conversion read, wrote and could not carry: for people, and as the file `concord.json` of the output.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::Path;

use concord_convert::{Loss, Losses};
use concord_finding::{FileSummary, NotRun, RecordCounts, RuleCount, Summary, Verdict};
use concord_report::harmless;
use serde::Serialize;

/// The account of a run.
#[derive(Default)]
pub(super) struct Account {
    pub(super) inputs: Vec<InputAccount>,
    pub(super) summary: Summary,
    losses: Losses,
    rows: BTreeMap<String, u64>,
}

/// The account of one input.
#[derive(Debug, Clone, Default, Serialize)]
pub(super) struct InputAccount {
    pub(super) file: String,
    pub(super) standard: Option<String>,
    pub(super) verdict: Option<Verdict>,
    pub(super) bytes: u64,
    pub(super) records: RecordCounts,
    pub(super) findings: BTreeMap<&'static str, u64>,
    /// Rows written, by dataset.
    pub(super) rows: BTreeMap<String, u64>,
    /// Why it could not be read to its end or follows no standard that is known; then none of it was written.
    pub(super) unreadable: Option<String>,
}

impl InputAccount {
    pub(super) fn of(summary: &FileSummary) -> Self {
        Self {
            file: summary.file.clone(),
            standard: summary.standard.clone(),
            verdict: Some(summary.verdict),
            bytes: summary.bytes,
            records: summary.records,
            findings: summary.findings.clone(),
            ..Self::default()
        }
    }
}

/// `concord.json`.
#[derive(Serialize)]
struct Manifest<'a> {
    /// The version of the program.
    concord: &'static str,
    /// Whether the output was put in its place.
    written: bool,
    inputs: &'a [InputAccount],
    /// Rows by dataset.
    rows: &'a BTreeMap<String, u64>,
    /// What could not be carried.
    losses: Vec<Loss>,
    /// Findings by rule.
    rules: &'a [RuleCount],
    not_run: &'a [NotRun],
}

impl Account {
    pub(super) fn add(&mut self, input: InputAccount, rules: Summary, losses: Losses) {
        for (dataset, rows) in &input.rows {
            *self.rows.entry(dataset.clone()).or_default() += rows;
        }
        self.inputs.push(input);
        self.summary.add_rules(rules.rules);
        self.losses.merge(losses);
    }

    pub(super) fn add_rows(&mut self, dataset: &str, rows: u64) {
        *self.rows.entry(dataset.to_owned()).or_default() += rows;
    }

    pub(super) fn remove_rows(&mut self, dataset: &str) {
        self.rows.remove(dataset);
    }

    pub(super) fn add_losses(&mut self, losses: Losses) {
        self.losses.merge(losses);
    }

    pub(super) fn has_losses(&self) -> bool {
        !self.losses.is_empty()
    }

    pub(super) fn json(&self, written: bool) -> String {
        let manifest = Manifest {
            concord: env!("CARGO_PKG_VERSION"),
            written,
            inputs: &self.inputs,
            rows: &self.rows,
            losses: self.losses.list(),
            rules: &self.summary.rules,
            not_run: &self.summary.not_run,
        };
        let mut text = serde_json::to_string_pretty(&manifest).unwrap_or_default();
        text.push('\n');
        text
    }

    pub(super) fn human(&self, output: &Path, written: bool, strict: bool) -> String {
        let mut text = String::new();
        self.tell(&mut text, output, written, strict);
        text
    }

    fn tell(&self, text: &mut String, output: &Path, written: bool, strict: bool) {
        // Writing to a string cannot fail.
        for input in &self.inputs {
            let _ = writeln!(text, "{}", line(input));
        }
        if !self.losses.is_empty() {
            text.push_str("\nNot carried:\n");
            for loss in self.losses.list() {
                let detail = loss
                    .detail
                    .map(|detail| format!(" ({})", harmless(&detail)));
                let _ = writeln!(
                    text,
                    "  {:>9}  {}{}: {}",
                    count(loss.count),
                    loss.element,
                    detail.unwrap_or_default(),
                    loss.reason.meaning()
                );
            }
        }
        if !self.summary.not_run.is_empty() {
            let _ = writeln!(
                text,
                "\n{} rules were not run; concord.json says which and why",
                self.summary.not_run.len()
            );
        }
        text.push('\n');
        let output = harmless(&output.to_string_lossy()).into_owned();
        if written {
            let datasets = self.rows.iter();
            for (dataset, rows) in datasets {
                let _ = writeln!(text, "  {:>9} rows  {output}/{dataset}", count(*rows));
            }
            let inputs = self.inputs.len();
            let _ = writeln!(
                text,
                "Written to {output} in {:.2} s ({inputs} {})",
                self.summary.seconds,
                if inputs == 1 { "input" } else { "inputs" }
            );
        } else {
            let why = if strict && self.has_losses() {
                "something could not be carried and --strict was given"
            } else {
                "an input could not be converted (--skip-unreadable converts the others)"
            };
            let _ = writeln!(text, "Nothing was written to {output}: {why}");
        }
    }
}

fn line(input: &InputAccount) -> String {
    let file = harmless(&input.file);
    if let Some(reason) = &input.unreadable {
        return format!("{file}: not converted: {}", harmless(reason));
    }
    let standard = input.standard.as_deref().unwrap_or("no standard");
    let RecordCounts {
        records, rejected, ..
    } = input.records;
    let findings: u64 = input.findings.values().sum();
    let rejected = match rejected {
        0 => String::new(),
        rejected => format!(", {} rejected", count(rejected)),
    };
    let refused = if input.verdict == Some(Verdict::Rejected) {
        "; the submission is rejected"
    } else {
        ""
    };
    format!(
        "{file}: {standard}, {} records{rejected}, {} findings{refused}",
        count(records),
        count(findings)
    )
}

/// A number with commas between thousands.
fn count(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::with_capacity(digits.len() + digits.len() / 3);
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}
