//! The entities of the canonical model: what Concord reads every format into and writes every format from.
//!
//! An entity is a table. A row of it says one thing about one record of a file, and the columns that stand first in every
//! entity ([`PROVENANCE`]) say which file and record that was. All rows of a record share `source_file` and
//! `source_record`; a row whose entity has a parent names its row there by `parent_sequence`.
//!
//! ```
//! use concord_model::entities::{Kind, entity};
//!
//! let diagnosis = entity("diagnosis").expect("diagnoses are in the model");
//! let code = diagnosis.field("code").expect("a diagnosis has a code");
//! assert_eq!(code.kind, Kind::Text);
//! assert!(diagnosis.arrow_schema().index_of("source_record").is_ok());
//! ```

mod admitted;
mod arrow;
mod attendance;
mod clinical;
mod contract;
mod diagram;
mod field;
mod maternity;
mod organisation;
mod pathway;
mod person;
mod provenance;
mod submission;

pub use arrow::{CODE_LIST, ELEMENT, MEANING, PERSONAL};
pub use diagram::diagram;
pub use field::{Field, Kind};
pub use provenance::PROVENANCE;

use provenance::ALWAYS_PRESENT;

/// A part of the model, for those who read about it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Area {
    /// Files and records.
    Submission,
    /// The patient and others.
    People,
    /// How patients come to care.
    Access,
    /// Visits and contacts.
    Attendances,
    /// Stays in hospital.
    Stays,
    /// Birth and delivery.
    Maternity,
    /// What was found and done.
    Clinical,
    /// Contracts and what they cost.
    Contracts,
    /// Organisations and populations.
    Organisations,
}

impl Area {
    /// Every area, in the order in which people read them.
    pub const ALL: [Self; 9] = [
        Self::Submission,
        Self::People,
        Self::Access,
        Self::Attendances,
        Self::Stays,
        Self::Maternity,
        Self::Clinical,
        Self::Contracts,
        Self::Organisations,
    ];

    /// What people call it.
    pub fn title(self) -> &'static str {
        match self {
            Self::Submission => "Files and records",
            Self::People => "People",
            Self::Access => "How patients come to care",
            Self::Attendances => "Attendances and contacts",
            Self::Stays => "Stays in hospital",
            Self::Maternity => "Birth and delivery",
            Self::Clinical => "What was found and done",
            Self::Contracts => "Contracts",
            Self::Organisations => "Organisations",
        }
    }

    /// Whether its rows say something about a record of activity.
    pub fn is_of_records(self) -> bool {
        !matches!(self, Self::Contracts | Self::Organisations)
    }
}

/// A table of the canonical model.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Entity {
    /// Name of the table.
    pub name: &'static str,
    /// The part of the model that it belongs to.
    pub area: Area,
    /// What people call it.
    pub title: &'static str,
    /// What it is for.
    pub meaning: &'static str,
    /// What one row is.
    pub grain: &'static str,
    /// The entity in whose rows its rows lie.
    pub parent: Option<&'static str>,
    /// The fields, without those of [`PROVENANCE`].
    pub fields: &'static [Field],
}

impl Entity {
    /// A field of the entity. The columns of [`PROVENANCE`] are not among them.
    pub fn field(&self, name: &str) -> Option<&'static Field> {
        self.fields.iter().find(|field| field.name == name)
    }

    /// The number of a field among [`Entity::fields`].
    pub fn field_number(&self, name: &str) -> Option<usize> {
        self.fields.iter().position(|field| field.name == name)
    }

    /// The columns of the table in order: provenance, then the fields.
    pub fn columns(&self) -> impl Iterator<Item = &'static Field> + use<> {
        PROVENANCE.iter().chain(self.fields)
    }
}

/// Every entity, those above before those below.
pub static ENTITIES: &[&Entity] = &[
    &submission::SUBMISSION,
    &submission::ACTIVITY_RECORD,
    &submission::RECORD_RECIPIENT,
    &maternity::DELIVERY,
    &maternity::BIRTH,
    &person::PERSON,
    &person::ADDRESS_LINE,
    &person::MENTAL_HEALTH_ACT_STATUS,
    &person::SOCIAL_CIRCUMSTANCE,
    &person::REGISTRATION,
    &person::RELATED_PERSON,
    &person::ALLERGY,
    &admitted::PATIENT_EVENT,
    &pathway::REFERRAL_TO_TREATMENT_PERIOD,
    &pathway::REFERRAL,
    &pathway::APPOINTMENT,
    &pathway::ELECTIVE_ADMISSION_LIST_ENTRY,
    &pathway::SERVICE_AGREEMENT,
    &attendance::OUTPATIENT_ATTENDANCE,
    &attendance::EMERGENCY_ATTENDANCE,
    &attendance::TREATMENT_EXPECTATION,
    &attendance::INJURY,
    &attendance::CARE_CONTACT,
    &admitted::HOSPITAL_SPELL,
    &admitted::EPISODE,
    &pathway::OVERSEAS_VISITOR_CHARGING,
    &admitted::LOCATION_STAY,
    &admitted::CRITICAL_CARE_PERIOD,
    &admitted::CRITICAL_CARE_DAY,
    &admitted::CRITICAL_CARE_ACTIVITY,
    &clinical::CARE_PROFESSIONAL,
    &clinical::DIAGNOSIS,
    &clinical::PROCEDURE,
    &clinical::INVESTIGATION,
    &clinical::TREATMENT,
    &clinical::OBSERVATION,
    &clinical::FINDING,
    &clinical::ASSESSMENT,
    &clinical::FIT_NOTE,
    &clinical::MEDICATION,
    &contract::CONTRACT_LINE,
    &contract::CONTRACT_AGGREGATE,
    &contract::PLAN_LINE,
    &contract::LOCAL_PRICE,
    &organisation::ORGANISATION,
    &organisation::ORGANISATION_DATE,
    &organisation::ORGANISATION_ROLE,
    &organisation::ORGANISATION_RELATION,
    &organisation::ORGANISATION_SUCCESSION,
    &organisation::PRACTICE_POPULATION,
];

/// The entity of a name.
pub fn entity(name: &str) -> Option<&'static Entity> {
    ENTITIES.iter().copied().find(|entity| entity.name == name)
}

#[cfg(test)]
mod tests;
