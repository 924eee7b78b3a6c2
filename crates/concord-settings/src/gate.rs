//! `[gate]`: which changes of standards fail.

use std::ops::Range;

use crate::day::Day;
use crate::settings::Said;

/// What `concord gate` fails on, and what it guards.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct GateSettings {
    /// Categories that fail; `None` when it is not said. The others are told.
    pub fail: Option<Vec<Category>>,
    /// Change rules that are off.
    pub off: Vec<Said<String>>,
    /// Fewest days between publication and effect of a change that breaks somebody.
    pub notice_days: Option<u32>,
    /// When the change is published; today when it is not said.
    pub published: Option<Day>,
    /// `[[gate.subject]]`: what is guarded.
    pub subjects: Vec<GuardedSubject>,
    /// `[[gate.exception]]`: changes that somebody answers for.
    pub exceptions: Vec<Exception>,
}

/// Whom a change breaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Category {
    /// A submission valid before is rejected now.
    Submitter,
    /// A value arrives that the old receiver could not take.
    Receiver,
    /// Stored tables change so that they do not fit together.
    Storage,
    /// The same bytes mean something else.
    Meaning,
}

impl Category {
    /// All of them.
    pub const ALL: [Self; 4] = [
        Self::Submitter,
        Self::Receiver,
        Self::Storage,
        Self::Meaning,
    ];

    /// The word in settings and on the command line.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Submitter => "submitter",
            Self::Receiver => "receiver",
            Self::Storage => "storage",
            Self::Meaning => "meaning",
        }
    }
}

/// Something that is guarded: what stands at `path` is compared with `against`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GuardedSubject {
    /// The new side, relative to the settings' folder.
    pub path: Said<String>,
    /// The old side; what the command line says when it is not said here.
    pub against: Option<Said<String>>,
}

/// A change that does not fail, because somebody answers for it until a day.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Exception {
    /// The change rule.
    pub rule: Said<String>,
    /// The place, in the words of `concord diff`; every place when it is not said.
    pub place: Option<String>,
    /// Who answers for it.
    pub owner: String,
    /// Why.
    pub reason: String,
    /// The last day on which it holds.
    pub expires: Day,
    /// The bytes of the text that say so.
    pub span: Range<usize>,
}

impl Exception {
    /// Whether it holds no more on a day.
    pub fn is_expired(&self, today: Day) -> bool {
        self.expires < today
    }
}
