//! The messages of a standard whose carrier is HL7 v2 or EDIFACT: which there are, their segments and fields, and what is agreed with
//! single senders.
//!
//! What stands in a message is said by the [`Schema`](crate::schema::Schema) of the same definition, whose names are those
//! of the XML encoding of HL7 v2 (*HL7 Version 2: XML Encoding Syntax*): a record element for each message structure
//! (`ADT_A01`), below it segments (`PID`), fields (`PID.3`), components (`CX.1`) and subcomponents (`HD.1`). Those of EDIFACT
//! are named alike: `NAD+GP` is the segment NAD whose first element is GP, `NAD+GP.2` its second element, `C082.1` the first
//! component of that. This module holds what a schema has no words for.

use std::collections::BTreeMap;
use std::sync::Arc;

use concord_finding::{Effect, RuleId};

use crate::schema::{ElementId, Origin, Status};

/// How messages are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Syntax {
    /// HL7 v2.
    #[default]
    Hl7,
    /// EDIFACT (ISO 9735).
    Edifact,
}

/// The messages of a standard.
#[derive(Debug, Clone, Default)]
pub struct Messages {
    /// How they are written.
    pub syntax: Syntax,
    /// Versions (MSH-12) that the standard takes; what it says of values is said of the first. Of EDIFACT, what UNH-2 says
    /// in its messages: `MEDRPT:0:1:RT:NHS003`.
    pub versions: Vec<String>,
    /// The segment of an EDIFACT message that says which transaction it is: its tag and qualifier, `RFF+950`. What stands
    /// behind the qualifier is the event of a [`MessageKind`].
    pub transaction: Option<Arc<str>>,
    /// Which messages there are, in the order of `structure.toml`.
    pub kinds: Vec<MessageKind>,
    /// The segments that stand in them, by name.
    pub segments: Vec<Segment>,
    /// Components that must be filled unless another component of the same value is: its position, from 1.
    pub unless: BTreeMap<ElementId, u32>,
    /// What is agreed with single senders, by name.
    pub overlays: Vec<Overlay>,
}

/// A message: what MSH-9 says of it, and its record element.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MessageKind {
    /// Message code, MSH-9.1: `ADT`; of EDIFACT, UNH-2.
    pub code: Arc<str>,
    /// Trigger event, MSH-9.2: `A01`; of EDIFACT, the transaction; empty for any.
    pub event: Arc<str>,
    /// Message structure, MSH-9.3: `ADT_A01`.
    pub structure: Arc<str>,
    /// Its record element in the schema, named like the structure unless messages of one structure differ.
    pub record: ElementId,
}

/// A segment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Segment {
    /// Three letters or digits: `PID`; of EDIFACT, with or without a qualifier: `NAD+GP`.
    pub name: Arc<str>,
    /// Its element in the schema.
    pub element: ElementId,
    /// Its fields, the first one first.
    pub fields: Vec<SegmentField>,
}

/// A field of a segment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SegmentField {
    /// What it is called.
    pub name: Arc<str>,
    /// Whether it must be filled.
    pub usage: Usage,
    /// Fewest repetitions.
    pub min: u32,
    /// Most repetitions; `None` is unbounded.
    pub max: Option<u32>,
    /// Most characters of a repetition as written, its separators counted; of a field with a code table, of its code.
    pub length: Option<u32>,
    /// Name of the data type: `CX`.
    pub data_type: Arc<str>,
    /// Whether anything may stand in it, as another field says what.
    pub varies: bool,
    /// Id of its code list.
    pub code_list: Option<Arc<str>>,
    /// Its element in the schema.
    pub element: ElementId,
    /// The published text that says so.
    pub source: Arc<str>,
    /// Where it is written.
    pub origin: Origin,
}

/// Whether a field, component or segment must be filled (HL7 v2.5, 2.12.6, whose words profiles of earlier versions use).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Usage {
    /// R: must be filled.
    Required,
    /// RE: must be filled where it is known.
    RequiredIfKnown,
    /// C: must be filled under a condition.
    Conditional,
    /// O: at the sender's choice.
    Optional,
    /// B: kept for what older systems send.
    Backward,
    /// X: not supported; must be left empty.
    NotSupported,
}

impl Usage {
    /// Every usage.
    pub const ALL: [Self; 6] = [
        Self::Required,
        Self::RequiredIfKnown,
        Self::Conditional,
        Self::Optional,
        Self::Backward,
        Self::NotSupported,
    ];

    /// The letters used in specifications.
    pub const fn letters(self) -> &'static str {
        match self {
            Self::Required => "R",
            Self::RequiredIfKnown => "RE",
            Self::Conditional => "C",
            Self::Optional => "O",
            Self::Backward => "B",
            Self::NotSupported => "X",
        }
    }

    /// The usage behind some letters.
    pub fn from_letters(letters: &str) -> Option<Self> {
        Self::ALL
            .into_iter()
            .find(|usage| usage.letters() == letters)
    }

    /// What it means, for people.
    pub const fn meaning(self) -> &'static str {
        match self {
            Self::Required => "required",
            Self::RequiredIfKnown => "required where it is known",
            Self::Conditional => "required under a condition",
            Self::Optional => "optional",
            Self::Backward => "for older systems only",
            Self::NotSupported => "not supported: leave empty",
        }
    }

    /// The same as the status of an element.
    pub const fn status(self) -> Status {
        match self {
            Self::Required => Status::Mandatory,
            Self::RequiredIfKnown => Status::Required,
            Self::Conditional | Self::Optional | Self::Backward => Status::Optional,
            Self::NotSupported => Status::NotUsed,
        }
    }
}

/// What is agreed with a sender beyond a standard: relaxed, mapped or added.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Overlay {
    /// Name of its file without the ending.
    pub name: Arc<str>,
    /// Title for people.
    pub title: String,
    /// Why it is needed.
    pub reason: String,
    /// Who answers for it.
    pub owner: String,
    /// Sending applications (MSH-3.1) that it is for; empty for any. `*` at the end stands for anything.
    pub applications: Vec<String>,
    /// Sending facilities (MSH-4.1) that it is for; empty for any. `*` at the end stands for anything.
    pub facilities: Vec<String>,
    /// Effects of rules for messages of this sender.
    pub effects: BTreeMap<RuleId, Effect>,
    /// Fields and components that are used otherwise.
    pub fields: Vec<OverlayField>,
    /// Segments that are sent as well.
    pub segments: Vec<OverlaySegment>,
    /// Where it is written.
    pub origin: Origin,
}

/// A field or component that a sender uses otherwise. What is not said stays as the standard has it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OverlayField {
    /// The segment.
    pub segment: Arc<str>,
    /// The field, from 1.
    pub field: u32,
    /// The component, from 1; the whole field when `None`.
    pub component: Option<u32>,
    /// Whether it must be filled.
    pub usage: Option<Usage>,
    /// Most repetitions: `Some(None)` is unbounded.
    pub max: Option<Option<u32>>,
    /// Most characters.
    pub length: Option<u32>,
    /// Whether any value of any format and any code will do.
    pub any: bool,
    /// Further codes that are permitted.
    pub codes: Vec<Arc<str>>,
    /// The standard's code for each code of the sender.
    pub map: BTreeMap<Arc<str>, Arc<str>>,
    /// Where it is written.
    pub origin: Origin,
}

/// A segment that a sender adds. Nothing is said of its fields.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OverlaySegment {
    /// Its name: `ZUK`.
    pub name: Arc<str>,
    /// The segment behind which it stands; anywhere when `None`.
    pub after: Option<Arc<str>>,
    /// Most times in a message; `None` is unbounded.
    pub max: Option<u32>,
    /// Where it is written.
    pub origin: Origin,
}

impl Messages {
    /// The segment of a name.
    pub fn segment(&self, name: &str) -> Option<&Segment> {
        let found = self
            .segments
            .binary_search_by(|segment| (*segment.name).cmp(name));
        found.ok().and_then(|index| self.segments.get(index))
    }

    /// What a message code and a trigger event mean. `ACK` alone, or with any event, is an acknowledgement.
    pub fn kind(&self, code: &str, event: &str) -> Option<&MessageKind> {
        let of_code = || self.kinds.iter().filter(|kind| &*kind.code == code);
        of_code()
            .find(|kind| &*kind.event == event && !event.is_empty())
            .or_else(|| of_code().find(|kind| kind.event.is_empty()))
    }
}

impl Overlay {
    /// Whether it is for messages of this application and facility.
    pub fn is_for(&self, application: &str, facility: &str) -> bool {
        let fits = |wanted: &[String], found: &str| {
            wanted.is_empty() || wanted.iter().any(|pattern| matches(pattern, found))
        };
        fits(&self.applications, application) && fits(&self.facilities, facility)
    }
}

/// Whether a text is what a pattern says, in which `*` at the end stands for anything.
pub(crate) fn matches(pattern: &str, text: &str) -> bool {
    match pattern.strip_suffix('*') {
        Some(start) => text.starts_with(start),
        None => pattern == text,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn usages_are_found_by_their_letters() {
        for usage in Usage::ALL {
            assert_eq!(Usage::from_letters(usage.letters()), Some(usage));
        }
        assert_eq!(Usage::from_letters("M"), None);
    }

    #[test]
    fn a_star_stands_for_anything_at_the_end() {
        assert!(matches("EPIC*", "EPICADT") && matches("EPIC*", "EPIC"));
        assert!(matches("EPIC", "EPIC") && !matches("EPIC", "EPICADT"));
    }
}
