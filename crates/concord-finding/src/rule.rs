//! A rule: a check with a permanent id, and everything a reader is told about it.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::Effect;

/// The permanent id of a rule, such as `CDS-E2` or `STRUCTURE-MISSING`.
pub type RuleId = Arc<str>;

/// Where the authority of a rule comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Provenance {
    /// The publisher of the standard states it.
    Published,
    /// We infer it from what is published; the source says from what.
    Inferred,
    /// It belongs to the carrier (XML, CSV), not to a standard.
    Carrier,
}

/// What a rule looks at.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum RuleClass {
    /// Whether the bytes can be read at all.
    Carrier,
    /// Which groups and elements stand where, and how often.
    Structure,
    /// Whether one value has its format and is on its code list.
    Value,
    /// How values and records fit together.
    Business,
}

/// Where a rule is in its life.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum RuleStatus {
    /// Run by default.
    #[default]
    Stable,
    /// Run only when asked for.
    Preview,
    /// No longer run; the id stays taken.
    Retired,
}

/// A rule as readers know it. How it is checked is somebody else's business.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rule {
    /// Permanent id.
    pub id: RuleId,
    /// A few words that name the rule in lists.
    pub title: String,
    /// What the receiver does when it is broken.
    pub effect: Effect,
    /// What is wrong, with facts in braces: `the trailer counts {value} messages; the file holds {expected}`.
    pub message: String,
    /// The few words under the marked place, with facts in braces: `{off}`. Without them, what was expected stands there.
    pub label: Option<String>,
    /// What to do about it.
    pub help: Option<String>,
    /// The published text that says so.
    pub source: String,
    /// Whether the publisher states it or we infer it.
    pub provenance: Provenance,
    /// What it looks at.
    pub class: RuleClass,
    /// Where it is in its life.
    pub status: RuleStatus,
    /// Concord version that first had it.
    pub since: String,
}
