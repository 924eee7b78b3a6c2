//! What stands around the records.

use super::facts::Facts;
use super::plan::DocumentPlan;
use super::reference::REFERENCE;
use super::state::{Missing, Piece, State};
use super::walk::Walk;

const SUBMISSION: &str = "submission";
const RECORD: &str = "activity_record";

/// What the rows of a submission may not say and its document must. What the rows say comes first, where the structure
/// takes it.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Envelope {
    /// Address that the document comes from.
    pub sender: Option<String>,
    /// Address that it goes to.
    pub receiver: Option<String>,
    /// The sender's number of the document.
    pub control_reference: Option<String>,
    /// Day it is made, `CCYY-MM-DD`.
    pub date_of_preparation: Option<String>,
    /// Time it is made, `HH:MM:SS`.
    pub time_of_preparation: Option<String>,
    /// The sender's name for what the document is for.
    pub application_reference: Option<String>,
    /// Code of the protocol, for records that do not say it.
    pub protocol: Option<String>,
}

impl Envelope {
    fn of_submission(&self) -> [(&'static str, Option<&str>); 6] {
        [
            ("sender", self.sender.as_deref()),
            ("receiver", self.receiver.as_deref()),
            ("control_reference", self.control_reference.as_deref()),
            ("date_of_preparation", self.date_of_preparation.as_deref()),
            ("time_of_preparation", self.time_of_preparation.as_deref()),
            (
                "application_reference",
                self.application_reference.as_deref(),
            ),
        ]
    }

    /// Lets a record say what it does not say by itself.
    pub(super) fn complete_record(&self, facts: &mut Facts<'_>, number: u64, reference_fits: bool) {
        if let Some(protocol) = &self.protocol {
            facts.say(RECORD, "cds_protocol_identifier_code", protocol, false);
        }
        facts.say(RECORD, REFERENCE.1, &number.to_string(), !reference_fits);
    }
}

/// What stands before the records and what behind them.
#[derive(Debug)]
pub(super) struct Around {
    pub(super) before: Vec<Piece>,
    pub(super) behind: Vec<Piece>,
    /// What it says.
    pub(super) facts: Facts<'static>,
    pub(super) state: State,
}

/// Writes the envelope around a number of records.
///
/// # Errors
/// What is missing in it.
pub(super) fn around(
    plan: &DocumentPlan<'_>,
    submission: &Facts<'_>,
    envelope: &Envelope,
    records: u64,
) -> Result<Around, Missing> {
    let mut facts = submission.clone();
    facts.say(SUBMISSION, "control_count", &records.to_string(), true);
    for (field, value) in envelope.of_submission() {
        if let Some(value) = value {
            facts.say(SUBMISSION, field, value, false);
        }
    }
    let mut written = write(plan, &facts).or_else(|_| {
        // What the rows say may not be what this structure takes.
        for (field, value) in envelope.of_submission() {
            if let Some(value) = value {
                facts.say(SUBMISSION, field, value, true);
            }
        }
        write(plan, &facts)
    })?;
    let mut pieces = std::mem::take(&mut written.pieces);
    let at = pieces.iter().position(|piece| *piece == Piece::Records);
    let behind = at.map(|at| pieces.split_off(at + 1)).unwrap_or_default();
    pieces.truncate(at.unwrap_or(pieces.len()));
    Ok(Around {
        before: pieces,
        behind,
        facts: facts.into_owned(),
        state: written,
    })
}

fn write(plan: &DocumentPlan<'_>, facts: &Facts<'_>) -> Result<State, Missing> {
    let mut walk = Walk::new(plan, facts, true);
    let (place, element) = plan.root;
    walk.element(place, element)?;
    Ok(walk.state)
}
