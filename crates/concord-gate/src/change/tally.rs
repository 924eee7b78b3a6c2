//! Changes counted by whom they break.

use std::collections::{BTreeMap, BTreeSet};

use super::{Certainty, Change, Comparison, Whom};

/// How many changes break whom.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Tally {
    /// Changes that break somebody, by whom and how sure that is. A change that breaks two counts for both.
    pub by_whom: BTreeMap<Whom, BTreeMap<Certainty, usize>>,
    /// Changes that break nobody.
    pub safe: usize,
    /// All changes.
    pub all: usize,
}

impl Tally {
    /// Changes that break, or may break, somebody.
    pub fn of(&self, whom: Whom) -> usize {
        self.by_whom
            .get(&whom)
            .map_or(0, |counts| counts.values().sum())
    }
}

impl Change {
    /// Whether it breaks nobody.
    pub fn is_safe(&self) -> bool {
        self.breaks.is_empty()
    }

    /// Whether it breaks, or may break, somebody.
    pub fn breaks(&self, whom: Whom) -> bool {
        self.breaks.iter().any(|breaks| breaks.whom == whom)
    }

    /// Whether it breaks, or may break, one of these. What is not known fails too.
    pub fn fails(&self, categories: &BTreeSet<Whom>) -> bool {
        self.breaks
            .iter()
            .any(|breaks| categories.contains(&breaks.whom))
    }
}

impl Comparison {
    /// Whether nothing changed. What could not be compared is no change.
    pub fn is_empty(&self) -> bool {
        self.changes.is_empty()
    }

    /// How many changes break whom.
    pub fn tally(&self) -> Tally {
        let mut tally = Tally {
            all: self.changes.len(),
            ..Tally::default()
        };
        for change in &self.changes {
            tally.safe += usize::from(change.is_safe());
            for breaks in &change.breaks {
                let counts = tally.by_whom.entry(breaks.whom).or_default();
                *counts.entry(breaks.certainty).or_default() += 1;
            }
        }
        tally
    }

    /// The changes that break, or may break, one of these.
    pub fn failing<'c>(
        &'c self,
        categories: &'c BTreeSet<Whom>,
    ) -> impl Iterator<Item = &'c Change> {
        self.changes
            .iter()
            .filter(move |change| change.fails(categories))
    }

    /// Whether a change breaks, or may break, one of these.
    pub fn fails(&self, categories: &BTreeSet<Whom>) -> bool {
        self.failing(categories).next().is_some()
    }
}
