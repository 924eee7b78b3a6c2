//! The findings of a run as a bag of fingerprints: sixteen bytes for each.

use std::collections::BTreeMap;
use std::io::Read;
use std::sync::Arc;

use concord_finding::Effect;

use super::{Entry, RunError, read};

/// What findings are counted by when runs are compared.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Class {
    /// The rule.
    pub rule: Arc<str>,
    /// Who provided, where the report says so.
    pub provider: Option<Arc<str>>,
    /// What the receiver does.
    pub effect: Effect,
}

impl Class {
    /// The class of a finding.
    pub fn of(entry: &Entry) -> Self {
        Self {
            rule: entry.rule.as_str().into(),
            provider: entry.provider.as_deref().map(Arc::from),
            effect: entry.effect,
        }
    }
}

/// The findings of an earlier run. One fingerprint may name several findings: each is counted.
#[derive(Debug, Clone, Default)]
pub struct Known {
    /// By fingerprint; each stands once.
    entries: Vec<Counted>,
    classes: Vec<Class>,
    total: u64,
}

#[derive(Debug, Clone, Copy)]
struct Counted {
    fingerprint: u64,
    /// That of the first finding with this fingerprint.
    class: u32,
    /// How many have not been met again.
    left: u32,
}

impl Known {
    /// Reads the report of a run.
    ///
    /// # Errors
    /// As [`read`].
    pub fn read(report: impl Read) -> Result<Self, RunError> {
        let mut known = Self::default();
        let mut numbers: BTreeMap<Class, u32> = BTreeMap::new();
        read(report, |entry| {
            let next = numbers.len() as u32;
            known.entries.push(Counted {
                fingerprint: entry.fingerprint,
                class: *numbers.entry(Class::of(&entry)).or_insert(next),
                left: 1,
            });
        })?;
        let mut classes: Vec<(u32, Class)> = numbers
            .into_iter()
            .map(|(class, number)| (number, class))
            .collect();
        classes.sort_unstable_by_key(|(number, _)| *number);
        known.classes = classes.into_iter().map(|(_, class)| class).collect();
        known.total = known.entries.len() as u64;
        known.entries.sort_by_key(|counted| counted.fingerprint);
        known.entries.dedup_by(|later, first| {
            let same = later.fingerprint == first.fingerprint;
            if same {
                first.left = first.left.saturating_add(1);
            }
            same
        });
        Ok(known)
    }

    /// Meets a finding again; whether there was one of this fingerprint that had not been met yet.
    pub fn meet(&mut self, fingerprint: u64) -> bool {
        let found = self
            .entries
            .binary_search_by_key(&fingerprint, |counted| counted.fingerprint);
        match found {
            Ok(index) if self.entries[index].left > 0 => {
                self.entries[index].left -= 1;
                true
            }
            _ => false,
        }
    }

    /// How many findings the run had.
    pub fn total(&self) -> u64 {
        self.total
    }

    /// How many have not been met again: they are fixed.
    pub fn left(&self) -> u64 {
        self.entries
            .iter()
            .map(|counted| u64::from(counted.left))
            .sum()
    }

    /// Those that have not been met again, by class.
    pub fn left_by_class(&self) -> BTreeMap<&Class, u64> {
        let mut left = BTreeMap::new();
        for counted in self.entries.iter().filter(|counted| counted.left > 0) {
            *left
                .entry(&self.classes[counted.class as usize])
                .or_default() += u64::from(counted.left);
        }
        left
    }
}
