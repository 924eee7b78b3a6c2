//! How often optional things are there, and how often repeating things repeat.

use super::interchange::DAY;
use super::people::Identity;
use super::story::{Role, Story};
use super::types::Happening;
use crate::Dice;

/// Whether an optional element is there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Presence {
    Always,
    Never,
    Percent(u8),
    /// When an NHS number is sent for the person.
    WithNumber(Role),
    /// When no NHS number is sent for the person: names and addresses go only then.
    WithoutNumber(Role),
    /// Not when the person's identity is withheld.
    Known(Role, u8),
    /// When the episode's end is the spell's end.
    Discharged,
    /// When the episode is finished.
    Finished,
    /// When the patient's age in years lies in the range.
    Aged(i64, i64, u8),
}

impl Presence {
    /// Whether it is there in this story. `forced` when the group would otherwise stay empty.
    pub(super) fn holds(self, story: &Story, baby: usize, forced: bool, dice: &mut Dice) -> bool {
        match self {
            Self::Always => true,
            Self::Never => false,
            Self::Percent(percent) => forced || dice.percent(percent),
            Self::WithNumber(role) => story.person(role, baby).number.is_some(),
            Self::WithoutNumber(role) => {
                story.person(role, baby).number.is_none() && (forced || dice.percent(90))
            }
            Self::Known(role, percent) => {
                story.identity(role, baby) != Identity::Withheld
                    && (forced || dice.percent(percent))
            }
            Self::Discharged => story.discharged,
            Self::Finished => story.cds.happening == Happening::Finished,
            Self::Aged(low, high, percent) => {
                let years = (story.start / DAY - story.patient.born) / 365;
                (low..=high).contains(&years) && (forced || dice.percent(percent))
            }
        }
    }
}

/// The person that an element's name speaks of.
pub(super) fn role_of(name: &str) -> Role {
    if name.ends_with("_Mother") {
        Role::Mother
    } else if name.ends_with("_Baby") {
        Role::Baby
    } else {
        Role::Patient
    }
}

/// Presence of an optional element or group, by its name. `role` is the person of the identity group that it stands in.
pub(super) fn presence_of(name: &str, role: Role, is_group: bool) -> Presence {
    let plain = name
        .strip_suffix("_Mother")
        .or(name.strip_suffix("_Baby"))
        .unwrap_or(name);
    match plain {
        // Listed in the specification as not to be sent.
        "EthnicCategory2021" | "FitNoteIssuer" => Presence::Never,
        "NHSNumber" => Presence::WithNumber(role),
        "PatientName" | "PatientUsualAddress" => Presence::WithoutNumber(role),
        "PersonBirthDate" => Presence::Known(role, 95),
        "DischargeCharacteristics" => Presence::Discharged,
        "EndDate_Episode" | "EndTime_Episode" => Presence::Finished,
        "NeonatalCriticalCarePeriod" => Presence::Aged(0, 0, 70),
        "PaediatricCriticalCarePeriod" => Presence::Aged(1, 17, 90),
        "AdultCriticalCarePeriod" => Presence::Aged(18, 130, 60),
        "DischargeDate_HospitalProviderSpell"
        | "CDSInterchangeTestIndicator"
        | "CDSUniqueIdentifier"
        | "CDSMessageRecordIdentifier"
        | "CDSInterchangeSenderIdentity"
        | "CDSInterchangeReceiverIdentity" => Presence::Always,
        "EmergencyCareArrivalTime" | "PersonGroup_Baby" => Presence::Percent(98),
        "CriticalCarePeriod" => Presence::Percent(25),
        "MentalHealthActLegalStatus" | "ResearchAndDiseaseOutbreakNotification" => {
            Presence::Percent(4)
        }
        "MissedAppointmentOccurrence"
        | "LengthOfStayAdjustment"
        | "HomeLeave"
        | "CareEpisode_EMED3_FitNote"
        | "CareEpisode" => Presence::Percent(20),
        "InjuryCharacteristics" | "AmbulanceDetails" | "ReferralsToOtherServices" => {
            Presence::Percent(35)
        }
        "PersonNameSuffix" | "PatientNameSuffix" | "PatientInitials" | "PersonInitials" => {
            Presence::Percent(20)
        }
        "WardStay"
        | "OverseasVisitorChargingCategory"
        | "MainOperatingHCP"
        | "ResponsibleAnaesthetist" => Presence::Percent(40),
        _ if is_group => Presence::Percent(75),
        _ => Presence::Percent(80),
    }
}

/// How often something stands that may repeat.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Times {
    Once,
    /// From so many to so many, the fewer the likelier.
    Few(u32, u32),
    /// As often as there are babies.
    Babies,
}

/// How often an element stands where it may stand `min` to `max` times.
pub(super) fn times_of(name: &str, min: u32, max: Option<u32>) -> Times {
    let low = min.max(1);
    let most = match name {
        "BirthOccurrence" => return Times::Babies,
        // One period of critical care in an episode is what there nearly always is, and one category of charging.
        "NeonatalCriticalCarePeriod"
        | "PaediatricCriticalCarePeriod"
        | "AdultCriticalCarePeriod"
        | "OverseasVisitorChargingCategory" => low,
        "SecondaryDiagnosisGroupICD" => low + 5,
        "StructuredAddress" => low + 2,
        _ => low + 3,
    };
    let most = max.map_or(most, |max| most.min(max));
    if most <= 1 {
        Times::Once
    } else {
        Times::Few(low, most)
    }
}

impl Times {
    pub(super) fn number(self, story: &Story, dice: &mut Dice) -> u32 {
        match self {
            Self::Once => 1,
            Self::Few(low, high) => {
                let mut number = low;
                while number < high && dice.percent(45) {
                    number += 1;
                }
                number
            }
            Self::Babies => story.babies.len() as u32,
        }
    }
}
