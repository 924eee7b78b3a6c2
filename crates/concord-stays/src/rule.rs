//! The rules about stays.

use std::sync::Arc;

use concord_finding::Effect::{self, Note, Warn};
use concord_finding::Provenance::{self, Inferred, Published};
use concord_finding::{Rule, RuleClass, RuleStatus, catalogue};

type Said = (
    &'static str,
    Effect,
    Provenance,
    &'static str,
    &'static str,
    &'static str,
    &'static str,
);

fn rule((id, effect, provenance, title, message, help, source): Said) -> Rule {
    Rule {
        id: id.into(),
        title: title.to_owned(),
        effect,
        message: message.to_owned(),
        label: None,
        help: Some(help.to_owned()),
        source: source.to_owned(),
        provenance,
        class: RuleClass::Business,
        status: RuleStatus::Stable,
        since: "0.1.0".to_owned(),
    }
}

catalogue! {
    /// A rule about stays.
    StayRule by rule {
    Duplicate = "STAY-DUPLICATE", Note, Published, "message sent again",
        "the message is the same as the one with its control id before it; it is taken once",
        "a receiver that answers late is sent messages again: look at how long answers take",
        "HL7 v2.4, 2.16.9.10 (MSH-10 identifies a message)";
    ControlId = "STAY-CONTROL-ID", Warn, Published, "control id with other content",
        "the control id {value} was used by another message, of {other_time}",
        "a receiver takes the second one for a repetition and drops it: send it with an id of its own",
        "HL7 v2.4, 2.16.9.10 (MSH-10 identifies a message)";
    Gap = "STAY-GAP", Warn, Inferred, "sequence numbers left out",
        "{missing} number(s) before {value} never came, from {expected} on",
        "messages were lost between sender and receiver: ask the sender for those with these numbers in MSH-13",
        "HL7 v2.4, 2.16.9.13 (MSH-13) and the sequence number protocol of chapter 2; numbers count on the way from one system to the next";
    Late = "STAY-LATE", Note, Inferred, "message overtaken",
        "the message of {value} came {delay} behind later ones of its sender",
        "what it changes may have been judged without it: look for what held it up, or wait longer",
        "follows from EVN-6, which ITK HL7 v2 Message Specifications 1.0.15, 3.5.1.6, requires so that the order can be restored";
    Age = "STAY-AGE", Note, Inferred, "old event",
        "the message was made {delay} after what it tells of ({value})",
        "who looks at this feed sees the patient where they no longer are: send events as they occur",
        "follows from MSH-7 and EVN-6 (ITK HL7 v2 Message Specifications 1.0.15, 3.5.1.6)";
    Future = "STAY-FUTURE", Warn, Inferred, "event that had not occurred",
        "the event occurred at {value}, {delay} after the message was made; it is put in order by the time of the message",
        "EVN-6 is when something occurred; what is planned stands in EVN-3, PV2-8 and PV2-9",
        "HL7 v2.4, 3.4.1.6 (EVN-6); follows from MSH-7";
    Cancel = "STAY-CANCEL", Warn, Inferred, "cancellation of nothing",
        "{event} cancels {original}, and none stands",
        "the receiver has nothing to undo: look whether the original was sent, and to which visit",
        "HL7 v2.4, 3.3.11 to 3.3.13 (A11, A12, A13) and the other cancellations: they undo an earlier event";
    DischargeFirst = "STAY-DISCHARGE-FIRST", Warn, Inferred, "discharge before admission",
        "{reason}",
        "look at EVN-6 of the admission and the discharge",
        "HL7 v2.4, 3.3.1 and 3.3.3 (A01, A03): a discharge ends a stay";
    NoAdmission = "STAY-NO-ADMISSION", Warn, Inferred, "patient who is not admitted",
        "{event} is about a patient who is not admitted: {reason}",
        "look whether the admission was sent, and with the same visit number (PV1-19)",
        "HL7 v2.4, 3.3.2, 3.3.3 and others: a transfer, leave or discharge is of an admitted patient";
    AdmittedTwice = "STAY-ADMITTED-TWICE", Warn, Inferred, "admitted twice",
        "{reason}",
        "send changes as A08, another stay with a visit number of its own, and what was wrong with its cancellation",
        "HL7 v2.4, 3.3.1 (A01 begins a stay) and 3.3.8 (A08 changes what is known)";
    Overlap = "STAY-OVERLAP", Warn, Inferred, "admitted while in another stay",
        "the patient is admitted while another stay goes on that began at {by}",
        "the discharge of the other stay is missing, or both visits are one",
        "HL7 v2.4, 3.3.1 and 3.3.3: a stay ends by a discharge";
    DischargedTwice = "STAY-DISCHARGED-TWICE", Warn, Inferred, "discharged twice",
        "the patient was discharged already, at {by}",
        "send changes of a discharge as A08, or cancel it (A13) before another one",
        "HL7 v2.4, 3.3.3, 3.3.8 and 3.3.13";
    AfterDischarge = "STAY-AFTER-DISCHARGE", Note, Inferred, "update long after the discharge",
        "what is known of the stay changes {delay} after the discharge, which was at {by}",
        "returns that were made in between do not have it",
        "inferred: activity is submitted monthly";
    OtherPatient = "STAY-OTHER-PATIENT", Warn, Inferred, "visit of another patient",
        "the visit {value} is that of another patient, since {by}",
        "look which of the two patients it is about before anything is taken from it; a merge (A40) says when both are one",
        "HL7 v2.4, 3.4.3.19 and ITK HL7 v2 Message Specifications 1.0.15, 3.5.3.19 (PV1-19 is unique)";
    Location = "STAY-LOCATION", Warn, Inferred, "transfer from another place",
        "the patient is moved from {value}, and was at {expected} since {by}",
        "a transfer is missing, or the wrong patient is moved",
        "HL7 v2.4, 3.3.2 (A02) and 3.4.3.6 (PV1-6)";
    Class = "STAY-CLASS", Warn, Inferred, "patient class changed by the way",
        "{event} has the patient class {value}, the stay had {expected}",
        "an inpatient becomes an outpatient by A07, an outpatient an inpatient by A06 or by an admission (A01); the ITK profile has only the latter",
        "HL7 v2.4, 3.3.6 and 3.3.7 (A06, A07); the events of ITK HL7 v2 Message Specifications 1.0.15";
    MergeUnknown = "STAY-MERGE-UNKNOWN", Note, Inferred, "merge of an unknown patient",
        "the merge is {which} a patient of whom no message came",
        "the receiver cannot move what it does not have: look whether its messages are missing",
        "HL7 v2.4, 3.3.40 (A40)";
    MergedAway = "STAY-MERGED-AWAY", Warn, Inferred, "patient who was merged away",
        "the message is about {value}, which a merge took out of use at {by}",
        "send what belongs to the patient under the identifier that the merge kept",
        "HL7 v2.4, 3.3.40 (A40: what is merged is no longer used)";
    }
}

/// Every rule about stays, in the order in which they are documented.
pub fn rules() -> impl Iterator<Item = &'static Arc<Rule>> {
    RULES.iter()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_rule_has_an_id_of_its_own_and_rejects_nothing() {
        let mut ids: Vec<&str> = rules().map(|rule| &*rule.id).collect();
        for (rule, id) in StayRule::ALL.iter().zip(&ids) {
            let rule = rule.rule();
            assert!(id.starts_with("STAY-") && *rule.id == **id);
            assert!(rule.effect <= Effect::Warn, "{id}");
            assert!(!rule.source.is_empty() && rule.help.is_some());
        }
        ids.sort_unstable();
        ids.dedup();
        assert_eq!(ids.len(), StayRule::ALL.len());
    }
}
