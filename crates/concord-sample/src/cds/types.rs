//! The CDS types, and which element holds each.

/// How records reach their receiver.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Protocol {
    /// Net change (010): each record stands for itself.
    #[default]
    Net,
    /// Bulk replacement (020): all records of a period are replaced.
    Bulk,
}

impl Protocol {
    /// The protocol's code.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Net => "010",
            Self::Bulk => "020",
        }
    }
}

/// What a record tells of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Happening {
    /// An attendance at an emergency department.
    Emergency,
    /// An outpatient attendance.
    Outpatient,
    /// A finished episode.
    Finished,
    /// An episode that is not finished.
    Unfinished,
    /// A birth or delivery outside a hospital episode.
    Event,
}

/// Whom a record is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Subject {
    /// Any patient.
    Anyone,
    /// A newborn.
    Newborn,
    /// A mother.
    Mother,
}

/// A CDS type.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CdsType {
    /// Its code.
    pub code: &'static str,
    /// The element that holds it.
    pub element: &'static str,
    pub(super) happening: Happening,
    pub(super) subject: Subject,
}

const fn cds(
    code: &'static str,
    element: &'static str,
    happening: Happening,
    subject: Subject,
) -> CdsType {
    CdsType {
        code,
        element,
        happening,
        subject,
    }
}

impl CdsType {
    /// Every type that has a published structure.
    pub const ALL: &'static [Self] = &[
        cds(
            "011",
            "EmergencyCare",
            Happening::Emergency,
            Subject::Anyone,
        ),
        cds("020", "Outpatient", Happening::Outpatient, Subject::Anyone),
        cds(
            "120",
            "AdmittedPatientCare_Finished_BirthEpisode",
            Happening::Finished,
            Subject::Newborn,
        ),
        cds(
            "130",
            "AdmittedPatientCare_Finished_GeneralEpisode",
            Happening::Finished,
            Subject::Anyone,
        ),
        cds(
            "140",
            "AdmittedPatientCare_Finished_DeliveryEpisode",
            Happening::Finished,
            Subject::Mother,
        ),
        cds(
            "150",
            "AdmittedPatientCare_OtherBirthEvent",
            Happening::Event,
            Subject::Newborn,
        ),
        cds(
            "160",
            "AdmittedPatientCare_OtherDelivery",
            Happening::Event,
            Subject::Mother,
        ),
        cds(
            "180",
            "AdmittedPatientCare_Unfinished_BirthEpisode",
            Happening::Unfinished,
            Subject::Newborn,
        ),
        cds(
            "190",
            "AdmittedPatientCare_Unfinished_GeneralEpisode",
            Happening::Unfinished,
            Subject::Anyone,
        ),
        cds(
            "200",
            "AdmittedPatientCare_Unfinished_DeliveryEpisode",
            Happening::Unfinished,
            Subject::Mother,
        ),
    ];

    /// The type that an element holds.
    pub fn of_element(name: &str) -> Option<Self> {
        Self::ALL
            .iter()
            .copied()
            .find(|known| known.element == name)
    }
}
