//! Identifiers of patients: those that are known, and those merged away.

use concord_finding::Fact;
use serde::{Deserialize, Serialize};

use crate::anomaly::{Found, Reference};
use crate::recent::Recent;
use crate::rule::StayRule;
use crate::told::{Field, Identifier, Told};

/// Merges that are followed from one to the next.
const LONGEST_CHAIN: usize = 16;
/// Visits of a patient that are remembered.
const VISITS: usize = 8;
/// Events that make one patient of two: A40, and those that older systems send.
const MERGES: [&str; 3] = ["A40", "A18", "A34"];

/// Something of a sender: the sender, and what is its own.
pub(crate) type Of = (String, String);

/// What is known of an identifier.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Person {
    /// Where a merge took it, and which message that was.
    merged: Option<(String, Reference)>,
    /// The visits by which the patient was admitted last.
    inside: Vec<String>,
}

/// The identifiers that are remembered.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(transparent)]
pub(crate) struct People {
    known: Recent<Of, Person>,
}

impl People {
    pub(crate) fn new() -> Self {
        Self {
            known: Recent::new(),
        }
    }

    pub(crate) fn put_away(&mut self, most: usize) -> bool {
        self.known.put_away(most).is_some()
    }

    /// What an identifier became by merges.
    pub(crate) fn resolved(&self, sender: &str, key: &str) -> String {
        let mut now = key.to_owned();
        for _ in 0..LONGEST_CHAIN {
            let person = self.known.get(&(sender.to_owned(), now.clone()));
            match person.and_then(|person| person.merged.as_ref()) {
                Some((into, _)) => now.clone_from(into),
                None => break,
            }
        }
        now
    }

    /// What the identifiers of the patient of a message became by merges.
    pub(crate) fn resolve_all(&self, told: &Told) -> Vec<String> {
        let identifiers = told.patient.iter();
        let resolved = identifiers.map(|identifier| self.resolved(&told.sender, &identifier.key));
        resolved.collect()
    }

    /// The visits by which a patient was admitted last.
    pub(crate) fn inside(&self, sender: &str, key: &str) -> &[String] {
        let person = self.known.get(&(sender.to_owned(), key.to_owned()));
        person.map_or(&[], |person| &person.inside)
    }

    /// Notes a visit by which a patient is admitted.
    pub(crate) fn admit(&mut self, sender: &str, key: &str, visit: &str) {
        if self.inside(sender, key).iter().any(|known| known == visit) {
            return;
        }
        let key = (sender.to_owned(), key.to_owned());
        let inside = &mut self.known.change(&key, Person::default).inside;
        inside.push(visit.to_owned());
        if inside.len() > VISITS {
            inside.remove(0);
        }
    }

    /// Takes the patient of a message; `complete` when nothing was put away, so that what is not known never came.
    pub(crate) fn take(&mut self, told: &Told, by: &Reference, complete: bool) -> Vec<Found> {
        let mut found = Vec::new();
        let of = |identifier: &Identifier| (told.sender.clone(), identifier.key.clone());
        let merges = MERGES.contains(&&*told.event) && !told.merged.is_empty();
        for identifier in &told.patient {
            let known = self.known.get(&of(identifier));
            let merged = known.and_then(|person| person.merged.as_ref());
            // What happened before the merge and came late was right when it happened.
            if let Some((_, merge)) = merged.filter(|(_, merge)| by.moment >= merge.moment) {
                let away = Found::new(StayRule::MergedAway, Field::Identifiers)
                    .value(Fact::Personal(identifier.number.clone()))
                    .other(Some(merge));
                found.push(away);
            }
        }
        if merges && complete {
            let unknown = |identifiers: &[Identifier]| {
                let known = |identifier: &Identifier| self.known.get(&of(identifier)).is_some();
                !identifiers.is_empty() && !identifiers.iter().any(known)
            };
            for (which, field, identifiers) in [
                ("from", Field::Merged, &told.merged),
                ("into", Field::Identifiers, &told.patient),
            ] {
                if unknown(identifiers) {
                    found.push(Found::new(StayRule::MergeUnknown, field).fact("which", which));
                }
            }
        }
        for identifier in &told.patient {
            self.known.change(&of(identifier), Person::default);
        }
        if merges {
            self.merge(told, by);
        }
        found
    }

    fn merge(&mut self, told: &Told, by: &Reference) {
        let Some(into) = told.patient.first() else {
            return;
        };
        for old in merged_away(told) {
            if self.resolved(&told.sender, &into.key) == old.key {
                // The merge is turned round: what was merged away is what is kept now.
                let key = (told.sender.clone(), into.key.clone());
                self.known.change(&key, Person::default).merged = None;
            }
            let key = (told.sender.clone(), old.key.clone());
            let person = self.known.change(&key, Person::default);
            person.merged = Some((into.key.clone(), by.clone()));
            let visits = std::mem::take(&mut person.inside);
            // What is kept may itself have been merged away.
            let kept = self.resolved(&told.sender, &into.key);
            for visit in visits {
                self.admit(&told.sender, &kept, &visit);
            }
        }
    }

    /// Notes that a visit of a patient is known by another key.
    pub(crate) fn rename(&mut self, sender: &str, key: &str, from: &str, into: &str) {
        let key = (sender.to_owned(), key.to_owned());
        let inside = &mut self.known.change(&key, Person::default).inside;
        let known = inside.iter().any(|visit| visit == into);
        inside.retain(|visit| visit != from || !known);
        for visit in inside.iter_mut().filter(|visit| *visit == from) {
            into.clone_into(visit);
        }
    }
}

/// The identifiers that a message takes out of use, if it merges patients. An NHS number that both had stays in use.
pub(crate) fn merged_away(told: &Told) -> impl Iterator<Item = &Identifier> {
    let merges = MERGES.contains(&&*told.event) && !told.patient.is_empty();
    let merged = told.merged.iter().filter(move |_| merges);
    merged.filter(|old| !told.patient.iter().any(|kept| kept.key == old.key))
}
