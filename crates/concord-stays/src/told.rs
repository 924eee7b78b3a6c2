//! What a message says of a stay, and where in it.

use serde::{Deserialize, Serialize};

use crate::moment::Moment;

/// Where a message came from, in numbers that the caller gives and understands.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize,
)]
pub struct Origin {
    /// Which input.
    pub input: u64,
    /// Which message of it.
    pub record: u64,
    /// Where in the input it begins.
    pub offset: u64,
    /// In which line, from 1, it begins.
    pub line: u64,
}

/// A place in a message that findings stand at.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Field {
    /// MSH.
    Header,
    /// MSH-7.
    Sent,
    /// MSH-10.
    ControlId,
    /// MSH-13.
    Sequence,
    /// EVN-6.
    Occurred,
    /// PID-3.
    Identifiers,
    /// PV1.
    Visit,
    /// PV1-2.
    Class,
    /// PV1-6.
    PriorLocation,
    /// PV1-19.
    VisitNumber,
    /// MRG-1.
    Merged,
}

impl Field {
    /// The place as HL7 names it.
    pub const fn path(self) -> &'static str {
        match self {
            Self::Header => "MSH",
            Self::Sent => "MSH-7",
            Self::ControlId => "MSH-10",
            Self::Sequence => "MSH-13",
            Self::Occurred => "EVN-6",
            Self::Identifiers => "PID-3",
            Self::Visit => "PV1",
            Self::Class => "PV1-2",
            Self::PriorLocation => "PV1-6",
            Self::VisitNumber => "PV1-19",
            Self::Merged => "MRG-1",
        }
    }
}

/// Where a field stands, counted from the beginning of its message.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Spot {
    /// Which field.
    pub field: Field,
    /// Bytes before it.
    pub offset: u32,
    /// Lines before its line.
    pub line: u32,
    /// Its column in characters, from 1.
    pub column: u32,
}

impl Spot {
    /// The beginning of the message.
    pub(crate) const START: Self = Self {
        field: Field::Header,
        offset: 0,
        line: 0,
        column: 1,
    };
}

/// An identifier of a patient.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Identifier {
    /// What it is compared by: the identifier and who assigned it, or `NHS` and the NHS number.
    pub key: String,
    /// The identifier as it is written.
    pub number: String,
}

/// What a message says of a stay, taken out of it by [`read()`](crate::read()).
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Told {
    /// Where it came from.
    pub origin: Origin,
    /// Who sent it: MSH-3 and MSH-4 as they are written.
    pub sender: String,
    /// MSH-4.1, the provider.
    pub facility: String,
    /// Who receives it: MSH-5 and MSH-6. Numbers of messages count on the way from one to the other.
    pub receiver: String,
    /// MSH-10.
    pub control_id: String,
    /// The event, MSH-9.2, such as `A01`; else EVN-1.
    pub event: String,
    /// Whether it is a message about admission, discharge and transfer (MSH-9.1 is ADT).
    pub adt: bool,
    /// A hash of the whole message, to tell a repetition from another message with the same control id.
    pub content: u64,
    /// When the message was made, MSH-7.
    pub sent: Option<Moment>,
    /// When the event occurred, EVN-6.
    pub occurred: Option<Moment>,
    /// MSH-13.
    pub sequence: Option<u64>,
    /// The patient, PID-3 (without one PID-2).
    pub patient: Vec<Identifier>,
    /// Identifiers that are no longer used, MRG-1.
    pub merged: Vec<Identifier>,
    /// Whether there is a PV1.
    pub visits: bool,
    /// The visit, PV1-19: number and who assigned it.
    pub visit: Option<Identifier>,
    /// PV1-2.
    pub class: String,
    /// PV1-3, its first four components.
    pub location: Vec<String>,
    /// PV1-6, its first four components.
    pub prior_location: Vec<String>,
    /// PV1-44.
    pub admitted: Option<Moment>,
    /// PV1-45.
    pub discharged: Option<Moment>,
    /// Where its fields stand.
    pub spots: Vec<Spot>,
}

/// What messages of a sender are put in order by: when the event occurred, the sequence number, when the message was made,
/// and which came first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct EventKey {
    /// EVN-6, else MSH-7.
    pub moment: Moment,
    /// MSH-13.
    pub sequence: Option<u64>,
    /// MSH-7.
    pub sent: Option<Moment>,
    /// The number of the message among those that came.
    pub arrival: u64,
}

impl Told {
    /// When it happened, for the order of events: EVN-6; MSH-7 where EVN-6 does not say the minute, or says a time that had not
    /// come when the message was made. `None` when neither can be read.
    ///
    /// `ahead` is by how many minutes the clock of the event may go before that of the message.
    pub fn moment(&self, ahead: u32) -> Option<Moment> {
        match (self.occurred, self.sent) {
            (Some(occurred), Some(sent)) if occurred > sent.plus_minutes(ahead) => Some(sent),
            (Some(occurred), _) => Some(occurred),
            (None, sent) => sent,
        }
    }

    /// What it is put in order by, where it came as number `arrival`; `otherwise` stands for a moment that it does not say.
    pub fn key(&self, ahead: u32, otherwise: Moment, arrival: u64) -> EventKey {
        EventKey {
            moment: self.moment(ahead).unwrap_or(otherwise),
            sequence: self.sequence,
            sent: self.sent,
            arrival,
        }
    }

    /// Where a field stands; the beginning of the message when it is not there.
    pub(crate) fn spot(&self, field: Field) -> Spot {
        let found = self.spots.iter().find(|spot| spot.field == field);
        found.copied().unwrap_or(Spot {
            field,
            ..Spot::START
        })
    }

    /// The first of some fields that is there; the last one otherwise.
    pub(crate) fn first_of(&self, fields: &[Field]) -> Field {
        let there = |field: &&Field| self.spots.iter().any(|spot| spot.field == **field);
        let found = fields.iter().find(there).or(fields.last());
        found.copied().unwrap_or(Field::Header)
    }
}
