//! What changed between two standards, for people and for programs.
//!
//! | module | writes |
//! |---|---|
//! | `human` | changes by whom they break, the worst first, for a terminal |
//! | `markdown` | a changelog as people publish it |
//! | `json` | everything, for programs: `schemas/meta/comparison.schema.json` |
//! | `findings` | changes as findings, so that every other format of a check shows them too |
//!
//! Whether a change fails is decided before: a report is given a [`Standing`] for each.

mod findings;
mod human;
mod json;
mod markdown;
mod place;

use std::collections::BTreeSet;

use concord_finding::Notice;
use concord_gate::change::{Certainty, Change, Whom};
use concord_gate::subject::NotCompared;

pub use findings::findings;
pub use human::human;
pub use json::json;
pub use markdown::markdown;

/// What is told of one or several comparisons.
#[derive(Debug, Clone, Default)]
pub struct ChangesReport {
    /// The comparisons, in the order in which they were asked for.
    pub comparisons: Vec<JudgedComparison>,
    /// The categories that fail.
    pub fail: BTreeSet<Whom>,
    /// What is to be said of the user's settings: exceptions that hold no more, or that nothing needed.
    pub notices: Vec<Notice>,
}

/// One comparison, and what becomes of its changes.
#[derive(Debug, Clone, Default)]
pub struct JudgedComparison {
    /// The old side.
    pub old: SideName,
    /// The new side.
    pub new: SideName,
    /// The changes, in the order of the comparison; those of rules that are off are left out.
    pub changes: Vec<JudgedChange>,
    /// How many changes are left out because their rule is off.
    pub off: usize,
    /// How many changes are left out because they break nobody who was asked for.
    pub not_asked_for: usize,
    /// What could not be compared.
    pub not_compared: Vec<NotCompared>,
    /// Why no records were made that show the changes, when none were.
    pub without_proof: Option<String>,
    /// What the change does to submissions that the user has.
    pub impact: Option<Impact>,
}

/// A side of a comparison.
#[derive(Debug, Clone, Default)]
pub struct SideName {
    /// As the user named it.
    pub name: String,
    /// What stands before the names of its files to make paths of them: `schemas/`, or nothing.
    pub root: String,
}

/// A change, and what becomes of it.
#[derive(Debug, Clone)]
pub struct JudgedChange {
    /// The change.
    pub change: Change,
    /// What becomes of it.
    pub standing: Standing,
    /// From when it holds, in words, when that is known.
    pub when: Option<String>,
    /// Why it comes too early after it was published, when it does.
    pub notice: Option<String>,
}

/// What becomes of a change.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Standing {
    /// It makes the comparison fail.
    Fails,
    /// It would, and somebody answers for it.
    Excepted {
        /// Who.
        owner: String,
        /// Why.
        reason: String,
        /// The last day on which the exception holds (`CCYY-MM-DD`).
        expires: String,
    },
    /// It breaks somebody, which is told and does not fail.
    Told,
    /// It breaks nobody.
    Safe,
}

/// What a change does to submissions that the user has.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Impact {
    /// Submissions that were read.
    pub files: u64,
    /// Records in them.
    pub records: u64,
    /// By who provided the records; the file where that is not known.
    pub providers: Vec<ProviderImpact>,
    /// Submissions of which nothing is said, and why.
    pub not_read: Vec<(String, String)>,
}

/// What a change does to the records of a provider.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ProviderImpact {
    /// Who provided them, or the file.
    pub provider: String,
    /// Records that the old side takes and the new one does not.
    pub newly_rejected: u64,
    /// Records that the new side takes and the old one does not.
    pub newly_accepted: u64,
    /// Of the first, how many break which rule of the new side. A record that breaks several counts for each.
    pub rules: Vec<(String, u64)>,
}

impl Impact {
    /// Records that the old side takes and the new one does not.
    pub fn newly_rejected(&self) -> u64 {
        self.providers.iter().map(|one| one.newly_rejected).sum()
    }

    /// Records that the new side takes and the old one does not.
    pub fn newly_accepted(&self) -> u64 {
        self.providers.iter().map(|one| one.newly_accepted).sum()
    }
}

impl ChangesReport {
    /// Whether nothing fails.
    pub fn passes(&self) -> bool {
        self.failing() == 0 && !self.notices.iter().any(|notice| notice.kind.fails())
    }

    /// How many changes fail.
    pub fn failing(&self) -> usize {
        let changes = self.comparisons.iter().flat_map(|one| &one.changes);
        changes
            .filter(|one| one.standing == Standing::Fails)
            .count()
    }
}

impl JudgedComparison {
    /// The changes that break somebody, by whom they break first, and those that break nobody at the end.
    fn by_whom(&self) -> Vec<(Option<Whom>, Vec<&JudgedChange>)> {
        let of = |whom: Option<Whom>| {
            let changes = self.changes.iter();
            let changes = changes.filter(move |one| one.worst() == whom);
            (whom, changes.collect::<Vec<_>>())
        };
        let mut groups: Vec<_> = Whom::ALL.map(|whom| of(Some(whom))).into();
        groups.push(of(None));
        groups.retain(|(_, changes)| !changes.is_empty());
        groups
    }
}

impl JudgedChange {
    /// Whom it breaks, the worst; `None` when it is safe.
    fn worst(&self) -> Option<Whom> {
        let breaks = self.change.breaks.iter().map(|breaks| breaks.whom);
        breaks.min()
    }
}

/// `for submitters`, in the plural.
fn people(whom: Whom) -> &'static str {
    match whom {
        Whom::Submitter => "submitters",
        Whom::Receiver => "receivers",
        Whom::Storage => "storage",
        Whom::Meaning => "meaning",
    }
}

/// What it is that is broken, in a few words.
fn explained(whom: Whom) -> &'static str {
    match whom {
        Whom::Submitter => "what was valid before is rejected now",
        Whom::Receiver => "something arrives that could not arrive before",
        Whom::Storage => "stored tables do not fit together any more",
        Whom::Meaning => "the same bytes mean something else",
    }
}

/// How sure it is.
fn sure(certainty: Certainty) -> &'static str {
    match certainty {
        Certainty::Proved => "proved by a record",
        Certainty::Decided => "follows from both sides",
        Certainty::Unknown => "not known",
    }
}
