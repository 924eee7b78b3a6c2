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

impl FileSummary {
    /// The account of an input of which no record was read and nothing was found.
    pub fn without_records(file: impl Into<String>, verdict: Verdict) -> Self {
        Self {
            file: file.into(),
            standard: None,
            verdict,
            size: None,
            bytes: 0,
            records: RecordCounts::default(),
            findings: Effect::ALL
                .iter()
                .map(|effect| (effect.as_str(), 0))
                .collect(),
            unreadable: None,
        }
    }
}

/// How the findings of a run differ from those of an earlier one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Baseline {
    /// The report of the earlier run.
    pub file: String,
    /// Findings that it does not have.
    pub new: u64,
    /// Findings that it has too. They are counted and not shown.
    pub persisting: u64,
    /// Findings that it has and this run has not.
    pub fixed: u64,
}

/// What a submission is by the time at which it comes, as the published calendar of its data set says.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Timing {
    /// The submission.
    pub file: String,
    /// The standard, such as `mhsds@6-0`.
    pub standard: Option<String>,
    /// Its reporting period, as `2024-04`.
    pub period: String,
    /// The day on which it comes.
    pub submitted: String,
    /// What it is (`primary`, `refresh`, `mid-window`); `None` where no window takes its period on that day.
    pub file_type: Option<&'static str>,
    /// Which of the windows of its period it comes in, from 1.
    pub window: Option<u64>,
    /// The first day of that window, or of the next one that takes its period.
    pub opens: Option<String>,
    /// The last day of that window.
    pub closes: Option<String>,
}

/// What kind of thing is to be said of the user's settings.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum NoticeKind {
    /// A waiver holds no more. The run fails.
    WaiverExpired,
    /// The share of rejected records is above what the user tolerates. The run fails.
    RateAbove,
    /// A waiver covered nothing.
    WaiverUnused,
    /// A rule is graded that no standard of this run has.
    RuleUnknown,
    /// A standard is not in force on the day by which is judged.
    NotInForce,
}

impl NoticeKind {
    /// The word in reports.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::WaiverExpired => "waiver-expired",
            Self::RateAbove => "rate-above",
            Self::WaiverUnused => "waiver-unused",
            Self::RuleUnknown => "rule-unknown",
            Self::NotInForce => "not-in-force",
        }
    }

    /// Whether it makes the run fail.
    pub const fn fails(self) -> bool {
        matches!(self, Self::WaiverExpired | Self::RateAbove)
    }
}

/// What is to be said of the user's settings.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Notice {
    /// What kind of thing it is.
    pub kind: NoticeKind,
    /// What it is, in words.
    pub message: String,
    /// The file of settings that says it; `None` when the command line does.
    pub file: Option<String>,
    /// The line in it, from 1.
    pub line: Option<u64>,
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
    /// What submissions are by the time at which they come, where a calendar says it.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub timing: Vec<Timing>,
    /// Findings counted but left out of the output by `--max-findings`.
    pub not_shown: u64,
    /// Findings that waivers of the user's settings cover.
    #[serde(skip_serializing_if = "is_zero")]
    pub waived: u64,
    /// How the findings differ from those of an earlier run, when there is one to compare with.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub baseline: Option<Baseline>,
    /// What is to be said of the user's settings.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub notices: Vec<Notice>,
    /// Wall-clock seconds.
    pub seconds: f64,
}

#[allow(clippy::trivially_copy_pass_by_ref)] // serde asks for a reference
fn is_zero(number: &u64) -> bool {
    *number == 0
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

    /// Findings that an earlier run had too, and that are not shown for that reason.
    pub fn persisting(&self) -> u64 {
        self.baseline
            .as_ref()
            .map_or(0, |baseline| baseline.persisting)
    }

    /// The gravest effect of any finding.
    pub fn gravest(&self) -> Option<Effect> {
        self.rules.iter().map(|count| count.effect).max()
    }
}
