//! What contradicts what was told before, as findings.

use std::borrow::Cow;
use std::fmt;
use std::sync::Arc;

use concord_finding::{Fact, Finding, PROVIDER, Place};
use serde::{Deserialize, Serialize};

use crate::moment::Moment;
use crate::rule::StayRule;
use crate::told::{Field, Origin, Spot, Told};

/// A message that contradicts others.
#[derive(Debug, Clone)]
pub struct Anomaly {
    /// Which message.
    pub origin: Origin,
    /// What is wrong. Its place is that in the input, by the origin that the message came with; its file has no name until the
    /// caller gives it one. The fact `other` is the control id of the message that it contradicts, `other_time` when what that
    /// one tells occurred, `by` both in words.
    pub finding: Finding,
}

/// Another message, as far as it is named.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Reference {
    pub(crate) control_id: String,
    pub(crate) moment: Moment,
}

/// `2026-03-01 08:05 (message C17)`.
impl fmt::Display for Reference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.moment)?;
        if !self.control_id.is_empty() {
            write!(f, " (message {})", self.control_id)?;
        }
        Ok(())
    }
}

/// The message that an anomaly is about.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Subject {
    origin: Origin,
    facility: String,
    control_id: String,
    event: String,
    spot: Spot,
}

impl Subject {
    /// A message, looked at in one place.
    pub(crate) fn of(told: &Told, field: Field) -> Self {
        Self {
            origin: told.origin,
            facility: told.facility.clone(),
            control_id: told.control_id.clone(),
            event: told.event.clone(),
            spot: told.spot(field),
        }
    }
}

/// What is wrong, before it is a finding.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Found {
    pub(crate) rule: StayRule,
    pub(crate) field: Field,
    pub(crate) value: Option<Fact>,
    pub(crate) expected: Option<Fact>,
    pub(crate) other: Option<Reference>,
    pub(crate) facts: Vec<(&'static str, Fact)>,
}

impl Found {
    pub(crate) fn new(rule: StayRule, field: Field) -> Self {
        Self {
            rule,
            field,
            value: None,
            expected: None,
            other: None,
            facts: Vec::new(),
        }
    }

    pub(crate) fn value(mut self, value: Fact) -> Self {
        self.value = Some(value);
        self
    }

    pub(crate) fn expected(mut self, expected: Fact) -> Self {
        self.expected = Some(expected);
        self
    }

    pub(crate) fn other(mut self, other: Option<&Reference>) -> Self {
        self.other = other.cloned();
        self
    }

    pub(crate) fn fact(mut self, name: &'static str, text: impl Into<String>) -> Self {
        self.facts.push((name, Fact::Plain(text.into())));
        self
    }

    /// The finding, placed in its message.
    pub(crate) fn of(self, told: &Told) -> Anomaly {
        let subject = Subject::of(told, self.field);
        self.about(subject)
    }

    /// The finding about a message that has gone by.
    pub(crate) fn about(self, subject: Subject) -> Anomaly {
        let Subject {
            origin,
            facility,
            control_id,
            event,
            spot,
        } = subject;
        let mut finding = Finding::new(Arc::clone(self.rule.rule()), Arc::default());
        finding.place = Some(Place {
            offset: origin.offset + u64::from(spot.offset),
            line: origin.line + u64::from(spot.line),
            column: u64::from(spot.column),
        });
        finding.path = Some(spot.field.path().into());
        finding.record = (origin.record > 0).then_some(origin.record);
        finding.record_key = (!control_id.is_empty()).then_some(Fact::Plain(control_id));
        finding.value = self.value;
        finding.expected = self.expected;
        let mut facts: Vec<(Cow<'static, str>, Fact)> = Vec::new();
        if !facility.is_empty() {
            facts.push((PROVIDER.into(), Fact::Plain(facility)));
        }
        if !event.is_empty() {
            facts.push(("event".into(), Fact::Plain(event)));
        }
        if let Some(other) = self.other {
            facts.push(("by".into(), Fact::Plain(other.to_string())));
            let Reference { control_id, moment } = other;
            if !control_id.is_empty() {
                facts.push(("other".into(), Fact::Plain(control_id)));
            }
            facts.push(("other_time".into(), Fact::Plain(moment.to_string())));
        }
        facts.extend(
            self.facts
                .into_iter()
                .map(|(name, fact)| (name.into(), fact)),
        );
        finding.facts = facts;
        Anomaly { origin, finding }
    }
}
