//! The account of a conversion for people.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::Path;

use concord_convert::findings::{BESIDE, FINDINGS};
use concord_convert::{Loss, LossReason};
use concord_finding::{RecordCounts, Verdict};
use concord_report::{count, harmless, many};

use super::account::{Account, InputAccount, Kind};

/// Inputs that are told one by one, besides those that could not be converted.
const MOST_INPUTS: usize = 40;
/// Elements that are told of each reason for a loss.
const MOST_ELEMENTS: usize = 8;
/// Details that are told of each element.
const MOST_DETAILS: usize = 3;

/// The folder of interchanges.
const EDIFACT: &str = "edifact";

/// What became of the output.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Outcome {
    /// It stands in its place.
    Written,
    /// Something was lost, and that was not to be.
    Lossy,
    /// An input could not be converted.
    Unreadable,
}

/// The account as people read it.
pub(super) fn told(account: &Account, output: &Path, outcome: Outcome) -> String {
    let output = output.to_string_lossy();
    let output = match output.trim_end_matches('/') {
        "" => "/",
        trimmed => trimmed,
    };
    let telling = Telling {
        account,
        output: harmless(output).into_owned(),
        outcome,
    };
    let mut text = String::new();
    // Writing to a string cannot fail.
    let _ = telling.inputs(&mut text);
    let _ = telling.left_out(&mut text);
    let _ = telling.losses(&mut text);
    let _ = telling.not_run(&mut text);
    text.push('\n');
    let _ = match outcome {
        Outcome::Written => telling.written(&mut text),
        Outcome::Lossy | Outcome::Unreadable => telling.not_written(&mut text),
    };
    text
}

struct Telling<'a> {
    account: &'a Account,
    output: String,
    outcome: Outcome,
}

impl Telling<'_> {
    fn inputs(&self, text: &mut String) -> std::fmt::Result {
        let inputs = &self.account.inputs;
        let mut told = 0;
        for input in inputs {
            if input.unreadable.is_some() || told < MOST_INPUTS {
                writeln!(text, "{}", line(input))?;
            }
            told += usize::from(input.unreadable.is_none());
        }
        if told > MOST_INPUTS {
            writeln!(text, "… and {}", many((told - MOST_INPUTS) as u64, "input"))?;
        }
        if inputs.len() > 1 {
            let sum = |count: fn(&InputAccount) -> u64| inputs.iter().map(count).sum();
            let records = sum(|input| input.records.records);
            let rejected = sum(|input| input.records.rejected);
            let own = sum(|input| input.findings.values().sum());
            let findings = own + self.found_across();
            let inputs = many(inputs.len() as u64, "input");
            writeln!(text, "{inputs}: {}", counted(records, rejected, findings))?;
        }
        Ok(())
    }

    /// Earlier outputs that lie in folders of the inputs.
    fn left_out(&self, text: &mut String) -> std::fmt::Result {
        let left_out = &self.account.left_out;
        let Some(first) = left_out.first() else {
            return Ok(());
        };
        let outputs = many(left_out.len() as u64, "earlier output");
        let more = if left_out.len() > 1 { ", …" } else { "" };
        let first = harmless(first);
        writeln!(text, "{outputs} in these folders left out: {first}{more}")
    }

    /// How many findings rules made that compare inputs.
    fn found_across(&self) -> u64 {
        let rows = |rows: &BTreeMap<String, u64>| rows.get(FINDINGS).copied().unwrap_or_default();
        let own: u64 = self
            .account
            .inputs
            .iter()
            .map(|input| rows(&input.rows))
            .sum();
        rows(&self.account.written.rows).saturating_sub(own)
    }

    /// What was lost, by reason; of each reason the elements that lost most.
    fn losses(&self, text: &mut String) -> std::fmt::Result {
        let mut reasons: BTreeMap<LossReason, BTreeMap<String, Vec<Loss>>> = BTreeMap::new();
        for loss in self.account.losses.list() {
            let elements = reasons.entry(loss.reason).or_default();
            elements.entry(loss.element.clone()).or_default().push(loss);
        }
        if reasons.is_empty() {
            return Ok(());
        }
        text.push_str("\nNot carried:\n");
        let all = match self.outcome {
            Outcome::Written => "concord.json has all",
            Outcome::Lossy | Outcome::Unreadable => "--format json shows all",
        };
        for (reason, elements) in reasons {
            writeln!(text, "  {}", reason.meaning())?;
            let mut elements: Vec<(u64, String, Vec<Loss>)> = elements
                .into_iter()
                .map(|(element, losses)| (sum(&losses), element, losses))
                .collect();
            // What a standard names comes before what only the model does, such as the role of a row.
            let of_model = |element: &str| element.contains(['.', '_']);
            elements.sort_by(|one, other| {
                let names = of_model(&one.1).cmp(&of_model(&other.1));
                let counts = names.then(other.0.cmp(&one.0));
                counts.then_with(|| one.1.cmp(&other.1))
            });
            for (number, element, losses) in elements.iter().take(MOST_ELEMENTS) {
                let details = details(losses);
                writeln!(
                    text,
                    "  {:>9}  {}{details}",
                    count(*number),
                    harmless(element)
                )?;
            }
            if let Some(more) = elements
                .len()
                .checked_sub(MOST_ELEMENTS)
                .filter(|more| *more > 0)
            {
                writeln!(
                    text,
                    "             … and {} more ({all})",
                    count(more as u64)
                )?;
            }
        }
        Ok(())
    }

    fn not_run(&self, text: &mut String) -> std::fmt::Result {
        let rules = self.account.summary.not_run.len();
        if rules == 0 {
            return Ok(());
        }
        let was = if rules == 1 { "was" } else { "were" };
        let tells = match self.outcome {
            Outcome::Written => "concord.json says",
            Outcome::Lossy | Outcome::Unreadable => "--format json says",
        };
        writeln!(
            text,
            "\n{} {was} not run; {tells} why",
            many(rules as u64, "rule")
        )
    }

    fn written(&self, text: &mut String) -> std::fmt::Result {
        let output = &self.output;
        let written = &self.account.written;
        let mut lines: Vec<(u64, &str, String)> = Vec::new();
        for (table, rows) in &written.rows {
            lines.push((*rows, "row", format!("{output}/{table}")));
        }
        for (folder, records) in &written.records {
            lines.push((*records, "record", format!("{output}/{folder}")));
        }
        for (kind, resources) in &written.resources {
            lines.push((*resources, "resource", format!("{output}/fhir: {kind}")));
        }
        lines.retain(|(count, ..)| *count > 0);
        let unit = |(count, unit, _): &(u64, &str, String)| unit.len() + usize::from(*count != 1);
        let widest = lines.iter().map(unit).max().unwrap_or_default();
        for (number, unit, place) in &lines {
            let unit = plural(*number, unit);
            writeln!(text, "  {:>9} {unit:widest$}  {place}", count(*number))?;
        }
        if let Some(unchanged) = self.account.unchanged.filter(|unchanged| *unchanged > 0) {
            let (number, records) = (count(unchanged), plural(unchanged, "record"));
            writeln!(
                text,
                "  {number:>9} {records} as before, of which nothing was written"
            )?;
        } else if self.is_empty() {
            let to = &self.account.form.to;
            writeln!(text, "No record of the input could be written as {to}.")?;
            let losses = self.account.losses.list();
            if losses
                .iter()
                .any(|loss| loss.reason == LossReason::Rejected)
            {
                text.push_str("--on-reject keep converts rejected records too.\n");
            }
            let lacks =
                |loss: &Loss| loss.reason == LossReason::Incomplete && loss.element == "record";
            if losses.iter().any(lacks) {
                text.push_str(
                    "--draft writes records of documents that lack something, and lists what.\n",
                );
            }
        }
        let inputs = many(self.account.inputs.len() as u64, "input");
        let seconds = self.account.summary.seconds;
        writeln!(text, "Written to {output} in {seconds:.2} s ({inputs})")?;
        let to = &self.account.form.to;
        // Of a submission of many tables there are several, in folders of their own.
        let of_tables = written.rows.keys().any(|name| name.contains('/'));
        if to.contains('@') && !self.is_empty() && !of_tables {
            if written.records.contains_key(EDIFACT) {
                writeln!(text, "`concord check {output}/{EDIFACT}` checks it")?;
            } else {
                // Tables without a header do not say what they are.
                writeln!(
                    text,
                    "`concord check {output}/{to} --standard {to}` checks it"
                )?;
            }
        }
        Ok(())
    }

    /// Whether nothing was written but what is wrong with the inputs.
    fn is_empty(&self) -> bool {
        let written = &self.account.written;
        let rows = written.rows.iter();
        let data = rows.filter(|(name, _)| !BESIDE.contains(&name.as_str()));
        data.map(|(_, rows)| rows).sum::<u64>() == 0
            && written.records.values().sum::<u64>() == 0
            && written.resources.values().sum::<u64>() == 0
    }

    fn not_written(&self, text: &mut String) -> std::fmt::Result {
        let why = match self.outcome {
            Outcome::Lossy => "something could not be carried and --strict was given",
            _ => "an input could not be converted (--skip-unreadable converts the others)",
        };
        writeln!(text, "Nothing was written to {}: {why}", self.output)
    }
}

fn line(input: &InputAccount) -> String {
    let file = harmless(&input.file);
    if let Some(reason) = &input.unreadable {
        return format!("{file}: not converted: {}", harmless(reason));
    }
    let RecordCounts {
        records, rejected, ..
    } = input.records;
    let what = match (input.kind, input.standard.as_deref()) {
        (Kind::Lake, _) => "an earlier output",
        (Kind::Resources, standard) => standard.unwrap_or("FHIR"),
        (Kind::Submission, standard) => standard.unwrap_or("no standard"),
    };
    let counts = if input.kind == Kind::Lake {
        many(records, "record")
    } else {
        counted(records, rejected, input.findings.values().sum())
    };
    let refused = if input.kind == Kind::Submission && input.verdict == Some(Verdict::Rejected) {
        "; the submission is rejected"
    } else {
        ""
    };
    format!("{file}: {what}, {counts}{refused}")
}

fn counted(records: u64, rejected: u64, findings: u64) -> String {
    let rejected = match rejected {
        0 => String::new(),
        rejected => format!(", {} rejected", count(rejected)),
    };
    let (records, findings) = (many(records, "record"), many(findings, "finding"));
    format!("{records}{rejected}, {findings}")
}

fn sum(losses: &[Loss]) -> u64 {
    losses.iter().map(|loss| loss.count).sum()
}

/// What exactly was lost of an element, the most frequent first.
fn details(losses: &[Loss]) -> String {
    let mut losses: Vec<&Loss> = losses.iter().filter(|loss| loss.detail.is_some()).collect();
    losses.sort_by(|one, other| {
        other
            .count
            .cmp(&one.count)
            .then_with(|| one.detail.cmp(&other.detail))
    });
    let shown = losses
        .iter()
        .take(MOST_DETAILS)
        .filter_map(|loss| loss.detail.as_deref());
    let mut shown: Vec<String> = shown.map(|detail| harmless(detail).into_owned()).collect();
    if shown.is_empty() {
        return String::new();
    }
    if let Some(more) = losses
        .len()
        .checked_sub(MOST_DETAILS)
        .filter(|more| *more > 0)
    {
        shown.push(format!("{more} more"));
    }
    format!(" ({})", shown.join(", "))
}

fn plural(count: u64, thing: &str) -> String {
    if count == 1 {
        thing.to_owned()
    } else {
        format!("{thing}s")
    }
}
