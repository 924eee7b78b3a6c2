//! What judges a message: a trait, so that a feed knows no standard.

use std::borrow::Cow;
use std::fmt;

use concord_finding::mask;
use serde::{Deserialize, Serialize};

use crate::resource::{CHANGED, VERSION};

/// Judges one message.
pub trait Judge: Send + Sync {
    /// The verdict on a message, whatever its bytes are. It is called from several threads, and each message is judged
    /// before it is stored.
    fn judge(&self, message: &[u8]) -> Verdict;
}

/// What a message is worth.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Outcome {
    /// The message is taken (AA).
    Accept,
    /// Its content is wrong: sending it again as it is would be useless (AE).
    Error,
    /// It is not for us, or not of a type, version or processing id that is taken (AR).
    Reject,
}

impl Outcome {
    /// Every outcome.
    pub const ALL: [Self; 3] = [Self::Accept, Self::Error, Self::Reject];

    /// Its name, as commands and metrics show it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Accept => "accept",
            Self::Error => "error",
            Self::Reject => "reject",
        }
    }

    pub(crate) fn byte(self) -> u8 {
        match self {
            Self::Accept => 0,
            Self::Error => 1,
            Self::Reject => 2,
        }
    }

    pub(crate) fn of_byte(byte: u8) -> Option<Self> {
        Self::ALL.into_iter().find(|outcome| outcome.byte() == byte)
    }
}

/// What a message is physically.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize,
)]
#[serde(rename_all = "lowercase")]
pub enum Carrier {
    /// A message of HL7 v2, or something that is neither.
    #[default]
    Message,
    /// A resource of FHIR in JSON; a bundle is one.
    Resource,
}

impl Carrier {
    pub(crate) fn byte(self) -> u8 {
        match self {
            Self::Message => 0,
            Self::Resource => 1,
        }
    }

    pub(crate) fn of_byte(byte: u8) -> Option<Self> {
        [Self::Message, Self::Resource]
            .into_iter()
            .find(|carrier| carrier.byte() == byte)
    }
}

/// Who sent a message, and which one it is, as the message itself says.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize)]
pub struct Identity {
    /// What it is physically.
    #[serde(default)]
    pub carrier: Carrier,
    /// The sending application (MSH-3); of a resource where it comes from (`meta.source`).
    pub application: String,
    /// The sending facility (MSH-4); resources name none.
    pub facility: String,
    /// The message control id (MSH-10); of a resource type, id and version, as [`Resource`](crate::Resource) says.
    pub control_id: String,
    /// The message type (MSH-9), as it is written; the type of a resource.
    pub kind: String,
}

impl Identity {
    /// Whether what it is called names one message: a resource without a version may change and keep its id.
    pub(crate) fn names_one(&self) -> bool {
        let id = &*self.control_id;
        match self.carrier {
            Carrier::Message => !id.is_empty(),
            Carrier::Resource => id.contains(VERSION) || id.contains(CHANGED),
        }
    }

    /// Who sent it, in one text: `PAS/RXX`.
    pub fn sender(&self) -> String {
        match self.carrier {
            Carrier::Message => format!("{}/{}", self.application, self.facility),
            Carrier::Resource if self.application.is_empty() => "FHIR".to_owned(),
            Carrier::Resource => self.application.clone(),
        }
    }

    /// What it is called, for people and programs: the id of a resource may be that of a person and is masked.
    ///
    /// ```
    /// let bytes = br#"{"resourceType": "Patient", "id": "9990000018"}"#;
    /// let resource = concord_feed::Resource::read(bytes).unwrap();
    /// assert_eq!(resource.identity.shown_id(), "Patient/999\u{2022}\u{2022}\u{2022}\u{2022}\u{2022}18");
    /// ```
    pub fn shown_id(&self) -> Cow<'_, str> {
        match (self.carrier, self.control_id.split_once('/')) {
            (Carrier::Resource, Some((kind, id))) => Cow::Owned(format!("{kind}/{}", mask(id))),
            _ => Cow::Borrowed(&self.control_id),
        }
    }
}

/// A rule that a message breaks.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Broken {
    /// The rule's id.
    pub rule: String,
    /// What is wrong, without personal values: it is stored, logged and sent to the sender.
    pub text: String,
    /// Where, if one place can be named.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub place: Option<Place>,
    /// Whether it only warns: it is reported, but has no part in the outcome and is not told to the sender.
    #[serde(default)]
    pub warning: bool,
}

/// A place in a message, counted from 1 as HL7 counts; of a resource the path of an element, in the segment's place.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Place {
    /// The segment's name.
    pub segment: String,
    /// Which of the segments of that name.
    pub sequence: u32,
    /// The field, if the place is within one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub field: Option<u32>,
    /// Which repetition of it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub repetition: Option<u32>,
    /// The component.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub component: Option<u32>,
    /// The subcomponent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub subcomponent: Option<u32>,
}

impl fmt::Display for Place {
    /// As people write it: `PID-3(2).1`, with the number of the segment where it is not the first.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.segment)?;
        if self.sequence > 1 {
            write!(f, "[{}]", self.sequence)?;
        }
        if let Some(field) = self.field {
            write!(f, "-{field}")?;
        }
        if let Some(repetition) = self.repetition.filter(|repetition| *repetition > 1) {
            write!(f, "({repetition})")?;
        }
        for part in [self.component, self.subcomponent].into_iter().flatten() {
            write!(f, ".{part}")?;
        }
        Ok(())
    }
}

/// The verdict on a message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Verdict {
    /// What it is worth.
    pub outcome: Outcome,
    /// Who sent it and which one it is.
    pub identity: Identity,
    /// The rules that it breaks, in its own order.
    pub findings: Vec<Broken>,
}
