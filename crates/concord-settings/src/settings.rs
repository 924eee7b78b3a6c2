//! What `concord.toml` says.

use std::ops::Range;

use concord_finding::{Grade, Grades, RuleId};

use crate::feed::FeedSettings;
use crate::gate::GateSettings;
use crate::rate::Rate;
use crate::waivers::Waiver;

/// What `concord.toml` says. Without one, every part is empty.
#[derive(Debug, Clone, Default)]
pub struct Settings {
    /// `[check]`: defaults of `concord check`.
    pub check: CheckSettings,
    /// `[rules]`: rules that are graded otherwise than their standard does, in the order of the text.
    pub rules: Vec<Regrade>,
    /// `[[waiver]]`: findings that somebody answers for, in the order of the text.
    pub waivers: Vec<Waiver>,
    /// `[gate]`: what `concord gate` fails on; `None` when the text does not speak of it.
    pub gate: Option<GateSettings>,
    /// `[feed]`: defaults of `concord feed`.
    pub feed: FeedSettings,
}

/// Something said, and where.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Said<T> {
    /// What is said.
    pub value: T,
    /// The bytes of the text that say so.
    pub span: Range<usize>,
}

/// Defaults of `concord check`; what is `None` or empty is not said. Paths are as written, relative to the file's folder.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct CheckSettings {
    /// The standard to check against.
    pub standard: Option<String>,
    /// The folder of definitions.
    pub schemas: Option<String>,
    /// The folder of reference data.
    pub reference: Option<String>,
    /// Which findings fail a run.
    pub fail_on: Option<FailOn>,
    /// The greatest share of rejected records that does not fail a run.
    pub max_rate: Option<Rate>,
    /// The report of an earlier run.
    pub baseline: Option<String>,
    /// How many findings are shown.
    pub max_findings: Option<u64>,
    /// How many threads are used.
    pub threads: Option<u16>,
}

/// Which findings fail a run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FailOn {
    /// Those that reject something.
    Reject,
    /// Warnings too.
    Warn,
    /// None.
    Never,
}

impl FailOn {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Reject, Self::Warn, Self::Never];

    /// The word in settings and on the command line.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Reject => "reject",
            Self::Warn => "warn",
            Self::Never => "never",
        }
    }
}

/// A rule that is graded otherwise than its standard does.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Regrade {
    /// The rule.
    pub rule: RuleId,
    /// What becomes of its findings.
    pub grade: Grade,
    /// The bytes of the text that name the rule.
    pub span: Range<usize>,
}

impl Settings {
    /// The grades, as a check takes them.
    pub fn grades(&self) -> Grades {
        let rules = self.rules.iter();
        rules
            .map(|said| (RuleId::clone(&said.rule), said.grade))
            .collect()
    }
}
