//! Which tables of a system are filled, and what a row of each stands for.

/// A practice system.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum System {
    Emis,
    Tpp,
    Vision,
}

/// What a row of a table is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Role {
    /// Something of the practice: so many rows, which seldom change.
    Practice(u64),
    /// A person.
    Person,
    /// Something of a person: so many to begin with, and now and then a new one.
    Of(u64),
    /// One for each of some rows of another table, with the same key.
    Extends(&'static str),
}

/// A table that is filled.
#[derive(Debug, Clone, Copy)]
pub(super) struct Kind {
    pub(super) table: &'static str,
    /// The columns that identify a row.
    pub(super) key: &'static [&'static str],
    pub(super) role: Role,
}

const fn kind(table: &'static str, key: &'static [&'static str], role: Role) -> Kind {
    Kind { table, key, role }
}

/// The system of a standard.
pub(super) fn of(standard: &str) -> Option<System> {
    match standard {
        "emis-extract" => Some(System::Emis),
        "tpp-sr" => Some(System::Tpp),
        "vision" => Some(System::Vision),
        _ => None,
    }
}

const EMIS: &[Kind] = &[
    kind(
        "agreements_sharing_organisation",
        &["ORGANISATION_GUID"],
        Role::Practice(1),
    ),
    kind(
        "admin_organisation",
        &["ORGANISATION_GUID"],
        Role::Practice(3),
    ),
    kind("admin_location", &["LOCATION_GUID"], Role::Practice(2)),
    kind(
        "admin_user_in_role",
        &["USER_IN_ROLE_GUID"],
        Role::Practice(6),
    ),
    kind("coding_clinical_code", &["CODE_ID"], Role::Practice(30)),
    kind("coding_drug_code", &["CODE_ID"], Role::Practice(12)),
    kind(
        "appointment_session",
        &["APPOINTMENT_SESSION_GUID"],
        Role::Practice(20),
    ),
    kind("admin_patient", &["PATIENT_GUID"], Role::Person),
    kind("appointment_slot", &["SLOT_GUID"], Role::Of(1)),
    kind(
        "care_record_consultation",
        &["CONSULTATION_GUID"],
        Role::Of(2),
    ),
    kind(
        "care_record_observation",
        &["OBSERVATION_GUID"],
        Role::Of(5),
    ),
    kind(
        "care_record_observation_referral",
        &["OBSERVATION_GUID"],
        Role::Extends("care_record_observation"),
    ),
    kind(
        "care_record_problem",
        &["OBSERVATION_GUID"],
        Role::Extends("care_record_observation"),
    ),
    kind(
        "prescribing_drug_record",
        &["DRUG_RECORD_GUID"],
        Role::Of(1),
    ),
    kind(
        "prescribing_issue_record",
        &["ISSUE_RECORD_GUID"],
        Role::Of(2),
    ),
];

const TPP_KEY: &[&str] = &["ROW_IDENTIFIER", "ID_ORGANISATION_VISIBLE_TO"];

const TPP: &[Kind] = &[
    kind("sr_organisation", &["ROW_IDENTIFIER"], Role::Practice(3)),
    kind(
        "sr_configured_list_option",
        &["ROW_IDENTIFIER"],
        Role::Practice(20),
    ),
    kind("sr_mapping", &["ROW_IDENTIFIER"], Role::Practice(20)),
    kind("sr_staff_member", &["ROW_IDENTIFIER"], Role::Practice(6)),
    kind("sr_patient", TPP_KEY, Role::Person),
    kind("sr_patient_registration", TPP_KEY, Role::Of(1)),
    kind("sr_appointment", TPP_KEY, Role::Of(1)),
    kind("sr_event", TPP_KEY, Role::Of(2)),
    kind("sr_code", TPP_KEY, Role::Of(4)),
    kind("sr_primary_care_medication", TPP_KEY, Role::Of(2)),
    kind("sr_referral_out", TPP_KEY, Role::Of(1)),
];

const VISION: &[Kind] = &[
    kind("practice", &["ID"], Role::Practice(1)),
    kind("staff", &["ID"], Role::Practice(6)),
    kind("patient", &["PID"], Role::Person),
    kind("encounter", &["ID"], Role::Of(2)),
    kind("journal", &["ID"], Role::Of(4)),
    kind("referral", &["ID"], Role::Of(1)),
];

impl System {
    pub(super) fn kinds(self) -> &'static [Kind] {
        match self {
            Self::Emis => EMIS,
            Self::Tpp => TPP,
            Self::Vision => VISION,
        }
    }

    /// Columns that name rows of another table: the tables that have the column, the column, and the other table. People are named by
    /// [`System::person`].
    pub(super) fn codes(self) -> &'static [(&'static [&'static str], &'static str, &'static str)] {
        match self {
            Self::Emis => &[
                (
                    &["care_record_observation"],
                    "CODE_ID",
                    "coding_clinical_code",
                ),
                (
                    &["prescribing_drug_record", "prescribing_issue_record"],
                    "CODE_ID",
                    "coding_drug_code",
                ),
            ],
            Self::Tpp | Self::Vision => &[],
        }
    }

    /// The table of people.
    pub(super) fn people(self) -> &'static Kind {
        let mut kinds = self.kinds().iter();
        let found = kinds.find(|kind| kind.role == Role::Person);
        found.unwrap_or(&self.kinds()[0])
    }

    /// The column that says whose a row is.
    pub(super) fn person(self) -> &'static str {
        match self {
            Self::Emis => "PATIENT_GUID",
            Self::Tpp => "ID_PATIENT",
            Self::Vision => "PID",
        }
    }

    /// Whether a person who falls out takes everything along, without a word about the rest.
    pub(super) fn takes_along(self) -> bool {
        self != Self::Tpp
    }

    /// The column that says whether a row is withdrawn, and what it says of rows that stand and of those that are.
    pub(super) fn removal(self) -> (&'static str, &'static str, &'static str) {
        match self {
            Self::Emis => ("DELETED", "false", "true"),
            Self::Tpp => ("REMOVED_DATA", "0", "1"),
            Self::Vision => ("ACTION", "I", "D"),
        }
    }
}
