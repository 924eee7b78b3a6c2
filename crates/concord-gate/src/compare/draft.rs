//! Changes being put together.

use std::sync::Arc;

use concord_standards::schema::Origin;

use crate::catalogue::Kind;
use crate::change::{Breaks, Certainty, Change, ChangePlace, Lead, LeadKind, Side, Whom};

impl Change {
    /// A change that is safe until something is said of it.
    pub(super) fn draft(kind: Kind, place: ChangePlace) -> Self {
        Self {
            rule: kind.rule(),
            place,
            also: 0,
            old: None,
            new: None,
            facts: Vec::new(),
            breaks: Vec::new(),
            confidence: None,
            old_origin: None,
            new_origin: None,
            effective: None,
            lead: None,
            witness: None,
        }
    }

    /// Whether it is of this sort.
    pub(super) fn is_of(&self, kind: Kind) -> bool {
        self.rule.id == kind.rule().id
    }

    /// What was said before.
    pub(super) fn was(mut self, text: impl Into<String>) -> Self {
        self.old = Some(text.into());
        self
    }

    /// What is said now.
    pub(super) fn is(mut self, text: impl Into<String>) -> Self {
        self.new = Some(text.into());
        self
    }

    /// Where both sides say it.
    pub(super) fn at(mut self, old: Option<&Origin>, new: Option<&Origin>) -> Self {
        self.old_origin = old.cloned();
        self.new_origin = new.cloned();
        self
    }

    pub(super) fn with(mut self, name: &'static str, fact: impl Into<String>) -> Self {
        self.facts.push((name, fact.into()));
        self
    }

    /// How sure a match is, and why.
    pub(super) fn sure(mut self, confidence: u8, reasons: &[&str]) -> Self {
        self.confidence = Some(confidence);
        self.with("confidence", confidence.to_string())
            .with("reasons", reasons.join(", "))
    }

    pub(super) fn breaking(
        mut self,
        whom: Whom,
        certainty: Certainty,
        why: impl Into<String>,
    ) -> Self {
        self.break_for(whom, certainty, why);
        self
    }

    /// Adds whom it breaks. Said twice of the same, the surer one stands.
    pub(super) fn break_for(&mut self, whom: Whom, certainty: Certainty, why: impl Into<String>) {
        let breaks = Breaks {
            whom,
            certainty,
            why: why.into(),
        };
        match self.breaks.iter_mut().find(|known| known.whom == whom) {
            Some(known) if known.certainty >= certainty => {}
            Some(known) => *known = breaks,
            None => {
                self.breaks.push(breaks);
                self.breaks.sort_by_key(|breaks| breaks.whom);
            }
        }
    }

    /// Adds whom it breaks when `holds`.
    pub(super) fn breaking_if(self, holds: bool, whom: Whom, why: &str) -> Self {
        if holds {
            self.breaking(whom, Certainty::Decided, why)
        } else {
            self
        }
    }

    /// What a proof begins with, unless something is there already: what breaks submitters goes first.
    pub(super) fn led(mut self, taken_by: Side, what: LeadKind) -> Self {
        self.lead.get_or_insert(Lead { taken_by, what });
        self
    }

    /// A lead that makes sense only when the change breaks somebody whom such a record shows.
    pub(super) fn led_if_breaking(self, taken_by: Side, what: LeadKind) -> Self {
        if self.breaks(whom(taken_by)) {
            self.led(taken_by, what)
        } else {
            self
        }
    }
}

/// The names of a path as they are shown.
pub(super) fn shown(path: &[Arc<str>]) -> Arc<str> {
    path.join("/").into()
}

/// Who is broken when the other side refuses what a side takes.
pub(super) fn whom(sender: Side) -> Whom {
    match sender {
        Side::Old => Whom::Submitter,
        Side::New => Whom::Receiver,
    }
}
