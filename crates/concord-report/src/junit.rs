//! Test results in XML, as build servers read them.
//!
//! An input is a test suite, a rule that it breaks a test case. That is what build servers show best: a list of names
//! with what failed, a history for each name over builds, and a failure's text when it is opened. A test case for each
//! record would be millions, and one for each finding would have no history, because the next build has others. Findings
//! that reject are failures; a rule of which only warnings were found passes, with the warnings as its output; waived
//! findings and rules that were not run are skipped.
//!
//! Elements and attributes as in `junit-10.xsd` of Jenkins' xUnit plugin, which is the common ground.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::io::{self, Write};
use std::sync::Arc;

use concord_finding::{FileSummary, Finding, Masking, RuleId, Summary};

use crate::numbers::{count, many};
use crate::output::Output;
use crate::shown::Shown;
use crate::{Reporter, concise, escape};

/// Findings of a rule in one input that are shown.
const SHOWN: usize = 20;

pub(crate) struct Junit {
    masking: Masking,
    out: Output,
    suites: BTreeMap<Arc<str>, BTreeMap<RuleId, Case>>,
}

/// A rule broken in one input.
struct Case {
    title: String,
    /// The gravest effect of those that no waiver covers.
    effect: Option<concord_finding::Effect>,
    findings: u64,
    waived: u64,
    first: String,
    lines: Vec<String>,
}

/// Test cases that belong together.
struct Suite {
    name: String,
    properties: Vec<(&'static str, String)>,
    cases: Vec<Told>,
}

/// What became of a test case.
struct Told {
    xml: String,
    outcome: Outcome,
}

#[derive(PartialEq, Eq)]
enum Outcome {
    Passed,
    Failed,
    Broken,
    Skipped,
}

impl Junit {
    pub(crate) fn new(masking: Masking, out: Output) -> Self {
        Self {
            masking,
            out,
            suites: BTreeMap::new(),
        }
    }
}

impl Reporter for Junit {
    fn finding(&mut self, finding: &Finding) -> io::Result<()> {
        let shown = Shown::new(finding, self.masking);
        let suite = self.suites.entry(Arc::clone(&finding.file)).or_default();
        let case = suite
            .entry(RuleId::clone(&finding.rule.id))
            .or_insert_with(|| Case {
                title: finding.rule.title.clone(),
                effect: None,
                findings: 0,
                waived: 0,
                first: shown.message(),
                lines: Vec::new(),
            });
        case.findings += 1;
        if finding.waived.is_some() {
            case.waived += 1;
        } else {
            case.effect = case.effect.max(Some(finding.effect));
        }
        if case.lines.len() < SHOWN && self.out.take() {
            case.lines.push(told(&shown));
        }
        Ok(())
    }

    fn finish(&mut self, summary: &Summary) -> io::Result<()> {
        let mut broken = std::mem::take(&mut self.suites);
        let mut suites = Vec::new();
        for file in &summary.files {
            let cases = broken.remove(file.file.as_str()).unwrap_or_default();
            let mut suite = Suite::of(&file.file, &cases);
            suite.properties = about(file);
            suite.cases.insert(0, readable(file));
            suites.push(suite);
        }
        // Findings of comparisons can be about an input that is none of those, such as an invoice.
        suites.extend(broken.iter().map(|(name, cases)| Suite::of(name, cases)));
        suites.extend(Suite::of_settings(summary));
        suites.extend(Suite::of_rules_not_run(summary));
        let cases = || suites.iter().flat_map(|suite| &suite.cases);
        let of = |wanted: Outcome| cases().filter(|case| case.outcome == wanted).count();
        writeln!(
            self.out,
            "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites name=\"concord\" tests=\"{}\" failures=\"{}\" errors=\"{}\" time=\"{:.3}\">",
            cases().count(),
            of(Outcome::Failed),
            of(Outcome::Broken),
            summary.seconds
        )?;
        for suite in &suites {
            suite.write(&mut self.out)?;
        }
        writeln!(self.out, "</testsuites>")?;
        self.out.flush()
    }
}

impl Suite {
    fn of(name: &str, cases: &BTreeMap<RuleId, Case>) -> Self {
        let cases = cases.iter().map(|(rule, case)| case.told(name, rule));
        Self {
            name: name.to_owned(),
            properties: Vec::new(),
            cases: cases.collect(),
        }
    }

    fn of_settings(summary: &Summary) -> Option<Self> {
        const NAME: &str = "settings";
        let notices = summary.notices.iter().map(|notice| {
            let (kind, text) = (notice.kind.as_str(), crate::tally::notice(notice));
            let outcome = if notice.kind.fails() {
                Outcome::Failed
            } else {
                Outcome::Passed
            };
            told_as(outcome, kind, NAME, &text, &text, kind)
        });
        Self::unless_empty(NAME, notices.collect())
    }

    fn of_rules_not_run(summary: &Summary) -> Option<Self> {
        const NAME: &str = "rules that were not run";
        let not_run = summary.not_run.iter().map(|not_run| {
            let reason = escape::line(&not_run.reason);
            told_as(
                Outcome::Skipped,
                &not_run.rule,
                NAME,
                &reason,
                "",
                "not-run",
            )
        });
        Self::unless_empty(NAME, not_run.collect())
    }

    fn unless_empty(name: &str, cases: Vec<Told>) -> Option<Self> {
        (!cases.is_empty()).then(|| Self {
            name: name.to_owned(),
            properties: Vec::new(),
            cases,
        })
    }

    fn write(&self, out: &mut Output) -> io::Result<()> {
        let cases = &self.cases;
        let of = |wanted: Outcome| cases.iter().filter(|case| case.outcome == wanted).count();
        writeln!(
            out,
            "  <testsuite name=\"{}\" tests=\"{}\" failures=\"{}\" errors=\"{}\" skipped=\"{}\">",
            xml(&self.name),
            cases.len(),
            of(Outcome::Failed),
            of(Outcome::Broken),
            of(Outcome::Skipped)
        )?;
        if !self.properties.is_empty() {
            writeln!(out, "    <properties>")?;
            for (name, value) in &self.properties {
                writeln!(
                    out,
                    "      <property name=\"{name}\" value=\"{}\"/>",
                    xml(value)
                )?;
            }
            writeln!(out, "    </properties>")?;
        }
        for case in cases {
            out.write_all(case.xml.as_bytes())?;
        }
        writeln!(out, "  </testsuite>")
    }
}

impl Case {
    fn told(&self, file: &str, rule: &RuleId) -> Told {
        let name = format!("{rule} {}", self.title);
        let effect = self
            .effect
            .map_or("waived", concord_finding::Effect::as_str);
        let mut message = format!("{}: {}", many(self.findings, "finding"), self.first);
        if self.waived > 0 {
            let _ = write!(message, " ({} waived)", count(self.waived));
        }
        let mut text = self.lines.join("\n");
        let left = self.findings - self.lines.len() as u64;
        if left > 0 {
            // Writing to a `String` does not fail.
            let _ = write!(text, "\n… and {} more", count(left));
        }
        let outcome = match self.effect {
            None => Outcome::Skipped,
            Some(effect) if effect.is_reject() => Outcome::Failed,
            Some(_) => Outcome::Passed,
        };
        told_as(outcome, &name, file, &message, &text, effect)
    }
}

fn told_as(
    outcome: Outcome,
    name: &str,
    class: &str,
    message: &str,
    text: &str,
    kind: &str,
) -> Told {
    let (name, class, message, text) = (xml(name), xml(class), xml(message), lines(text));
    let body = match outcome {
        Outcome::Passed if text.is_empty() => String::new(),
        Outcome::Passed => format!("\n      <system-out>{text}</system-out>\n    "),
        Outcome::Failed => {
            format!("\n      <failure type=\"{kind}\" message=\"{message}\">{text}</failure>\n    ")
        }
        Outcome::Broken => {
            format!("\n      <error type=\"{kind}\" message=\"{message}\">{text}</error>\n    ")
        }
        Outcome::Skipped => {
            format!("\n      <skipped type=\"{kind}\" message=\"{message}\">{text}</skipped>\n    ")
        }
    };
    Told {
        xml: format!("    <testcase name=\"{name}\" classname=\"{class}\">{body}</testcase>\n"),
        outcome,
    }
}

/// Whether the input was read: so that every suite has a case, and one that could not be read has an error.
fn readable(file: &FileSummary) -> Told {
    const NAME: &str = "the input is read to its end";
    match &file.unreadable {
        Some(reason) => told_as(
            Outcome::Broken,
            NAME,
            &file.file,
            &escape::line(reason),
            "",
            "unreadable",
        ),
        None => told_as(Outcome::Passed, NAME, &file.file, "", "", ""),
    }
}

fn about(file: &FileSummary) -> Vec<(&'static str, String)> {
    let mut about = Vec::new();
    about.extend(file.standard.clone().map(|standard| ("standard", standard)));
    about.push(("verdict", concise::word(file.verdict).to_owned()));
    about.push(("records", file.records.records.to_string()));
    about.push(("accepted", file.records.accepted.to_string()));
    about.push(("rejected", file.records.rejected.to_string()));
    about
}

/// `may.xml:3:9: reject-record: what is wrong`.
fn told(shown: &Shown<'_>) -> String {
    let finding = shown.finding;
    let mut line = escape::line(&finding.file).into_owned();
    if let Some(place) = finding.place {
        // Writing to a `String` does not fail.
        let _ = write!(line, ":{}:{}", place.line, place.column);
    }
    let _ = write!(
        line,
        ": {}: {}",
        finding.effect,
        escape::line(&shown.message())
    );
    if let Some(key) = shown.raw(finding.record_key.as_ref()) {
        let _ = write!(line, " (record {})", escape::line(&key));
    }
    if let Some(waived) = &finding.waived {
        let (owner, until) = (&waived.owner, &waived.expires);
        let _ = write!(
            line,
            " (waived by {owner} until {until}: {})",
            waived.reason
        );
    }
    line
}

/// Text on one line that XML takes.
fn xml(text: &str) -> String {
    escape::markup(&escape::line(text))
}

fn lines(text: &str) -> String {
    text.split('\n').map(xml).collect::<Vec<_>>().join("\n")
}
