//! The account of a run: what went in, what was accepted, what was not looked at and why.

use std::collections::BTreeMap;

use serde::Serialize;

use crate::{Effect, Finding};

/// What becomes of a submission.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Verdict {
    /// Everything is taken.
    Accepted,
    /// The submission is taken, but not all of its records.
    PartlyAccepted,
    /// Nothing is taken.
    Rejected,
    /// The input could not be read to its end, so there is no verdict on what it holds.
    Unreadable,
}

/// Records in = accepted + rejected.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
pub struct RecordCounts {
    /// Records found in the input.
    pub records: u64,
    /// Records with no finding that rejects them.
    pub accepted: u64,
    /// Records with such a finding.
    pub rejected: u64,
}

/// How often a rule was broken.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct RuleCount {
    /// The rule.
    pub rule: String,
    /// The gravest effect that its findings had.
    pub effect: Effect,
    /// A few words that name the rule.
    pub title: String,
    /// Findings, shown or not.
    pub findings: u64,
}

/// A rule that was not run, and why.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct NotRun {
    /// The rule.
    pub rule: String,
    /// Why: no reference data, no parameter, not this carrier.
    pub reason: String,
}

/// The account of one input.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct FileSummary {
    /// The input's name as the user gave it.
    pub file: String,
    /// The standard that it was checked against, such as `cds@6-3-1`.
    pub standard: Option<String>,
    /// What becomes of it.
    pub verdict: Verdict,
    /// Size of the input on disk in bytes, when that can be known.
    pub size: Option<u64>,
    /// Bytes read from it, after decompression.
    pub bytes: u64,
    /// Records in, accepted and rejected.
    pub records: RecordCounts,
    /// Findings by effect, every effect present.
    pub findings: BTreeMap<&'static str, u64>,
    /// Why it could not be read to its end.
    pub unreadable: Option<String>,
}

/// The account of a run.
#[derive(Debug, Clone, PartialEq, Serialize, Default)]
pub struct Summary {
    /// One entry for each input, in the order checked.
    pub files: Vec<FileSummary>,
    /// Findings by rule, by rule id.
    pub rules: Vec<RuleCount>,
    /// Rules that were not run, and why.
    pub not_run: Vec<NotRun>,
    /// Findings counted but left out of the output by `--max-findings`.
    pub not_shown: u64,
    /// Wall-clock seconds.
    pub seconds: f64,
}

impl Summary {
    /// Counts one more finding of a rule, whether or not it is shown.
    pub fn count(&mut self, finding: &Finding) {
        match self
            .rules
            .binary_search_by(|count| count.rule.as_str().cmp(&finding.rule.id))
        {
            Ok(index) => {
                let count = &mut self.rules[index];
                count.findings += 1;
                count.effect = count.effect.max(finding.effect);
            }
            Err(index) => self.rules.insert(
                index,
                RuleCount {
                    rule: finding.rule.id.to_string(),
                    effect: finding.effect,
                    title: finding.rule.title.clone(),
                    findings: 1,
                },
            ),
        }
    }

    /// Adds the counts of another run.
    pub fn add_rules(&mut self, rules: Vec<RuleCount>) {
        for other in rules {
            match self
                .rules
                .binary_search_by(|count| count.rule.cmp(&other.rule))
            {
                Ok(index) => {
                    let count = &mut self.rules[index];
                    count.findings += other.findings;
                    count.effect = count.effect.max(other.effect);
                }
                Err(index) => self.rules.insert(index, other),
            }
        }
    }

    /// All findings of the run.
    pub fn findings(&self) -> u64 {
        self.rules.iter().map(|count| count.findings).sum()
    }

    /// The gravest effect of any finding.
    pub fn gravest(&self) -> Option<Effect> {
        self.rules.iter().map(|count| count.effect).max()
    }
}
