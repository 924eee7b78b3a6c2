//! What a record says that points of delivery and lines are made of.

use jiff::civil::Date;

use crate::as_at;
use crate::records::{Record, Row};
use crate::standing::Stand;

/// What a record says.
#[derive(Debug, Default)]
pub(super) struct Facts {
    /// `admitted`, `outpatient` or `emergency`.
    pub(super) activity: &'static str,
    /// The healthcare resource group, from elsewhere.
    pub(super) group: Option<String>,
    /// The last day, by which the activity counts.
    pub(super) end: Option<Date>,
    length_of_stay: Option<i64>,
    codes: Vec<(&'static str, String)>,
    /// Fields of the line.
    pub(super) values: Vec<(&'static str, String)>,
}

/// Whether an episode is the last of its spell.
pub(super) const LAST_EPISODE: &str = "last_episode_in_spell";

/// What a condition of a point of delivery may ask for.
pub(super) const FACTS: [&str; 8] = [
    "admission_method",
    "attendance_status",
    "first_attendance",
    "healthcare_resource_group",
    LAST_EPISODE,
    "length_of_stay",
    "main_specialty",
    "patient_classification",
];

/// Activities.
pub(super) const ACTIVITIES: [&str; 3] = ["admitted", "outpatient", "emergency"];

impl Facts {
    /// The facts of a record; `None` when it is no spell and no attendance.
    pub(super) fn of(record: &Record<'_>) -> Option<Self> {
        let mut facts = Self::default();
        if let Some(attendance) = record.first("outpatient_attendance") {
            facts.outpatient(attendance);
        } else if let Some(attendance) = record.first("emergency_attendance") {
            facts.emergency(attendance);
        } else {
            facts.admitted(record.first("hospital_spell")?, record);
        }
        facts.common(record);
        Some(facts)
    }

    /// Notes of an admission whether its record is of the last episode of the spell: as all the records of the spell show it,
    /// else as it says itself. Whether that is known.
    pub(super) fn tells_last_episode(&mut self, stand: Stand) -> bool {
        let code = match stand {
            Stand::LastEpisode => "1",
            Stand::EarlierEpisode => "2",
            Stand::SomeEpisode => return false,
            _ => return self.activity != "admitted" || self.text(LAST_EPISODE).is_some(),
        };
        self.codes.retain(|(fact, _)| *fact != LAST_EPISODE);
        self.codes.push((LAST_EPISODE, code.to_owned()));
        true
    }

    /// A fact as text.
    pub(super) fn text(&self, name: &str) -> Option<&str> {
        if name == "healthcare_resource_group" {
            return self.group.as_deref();
        }
        let known = self.codes.iter().find(|(known, _)| *known == name);
        known.map(|(_, value)| value.as_str())
    }

    /// A fact as a number.
    pub(super) fn number(&self, name: &str) -> Option<i64> {
        if name == "length_of_stay" {
            return self.length_of_stay;
        }
        self.text(name)?.parse().ok()
    }

    /// A field of the line.
    pub(super) fn line(&self, field: &str) -> Option<&str> {
        let known = self.values.iter().find(|(known, _)| *known == field);
        known.map(|(_, value)| value.as_str())
    }

    fn code(&mut self, fact: &'static str, row: Row<'_>, field: &str) {
        if let Some(text) = row.text(field) {
            self.codes.push((fact, text.trim().to_owned()));
        }
    }

    /// Takes a field of a row as a field of the line, unless it is known already.
    fn take(&mut self, field: &'static str, row: Option<Row<'_>>, from: &str) {
        if let Some(text) = row.and_then(|row| row.text(from))
            && self.line(field).is_none()
        {
            self.values.push((field, text.trim().to_owned()));
        }
    }

    fn outpatient(&mut self, row: Row<'_>) {
        self.activity = "outpatient";
        self.code("attendance_status", row, "attendance_status");
        self.code("first_attendance", row, "first_attendance_code");
        let identifier = "outpatient_attendance_identifier";
        self.take("out_patient_attendance_identifier", Some(row), identifier);
        self.days(row, "appointment_date", row, "appointment_date");
        self.place(Some(row));
        let age = "age_at_cds_activity_date";
        self.take("age_at_activity_date_contract_monitoring", Some(row), age);
    }

    fn emergency(&mut self, row: Row<'_>) {
        self.activity = "emergency";
        let identifier = "emergency_care_attendance_identifier";
        self.take(
            "urgent_and_emergency_care_activity_identifier",
            Some(row),
            identifier,
        );
        let start = "emergency_care_arrival_date";
        let left = row.text("emergency_care_departure_date").is_some();
        // Who is still there when the care ends has no departure.
        let end = if left {
            "emergency_care_departure_date"
        } else {
            "emergency_care_attendance_conclusion_date"
        };
        self.days(row, start, row, end);
        self.place(Some(row));
        let age = "age_at_cds_activity_date";
        self.take("age_at_activity_date_contract_monitoring", Some(row), age);
    }

    fn admitted(&mut self, spell: Row<'_>, record: &Record<'_>) {
        self.activity = "admitted";
        self.code(
            "admission_method",
            spell,
            "method_of_admission_hospital_provider_spell",
        );
        self.code(
            "patient_classification",
            spell,
            "patient_classification_code",
        );
        let identifier = "hospital_provider_spell_identifier";
        self.take(identifier, Some(spell), identifier);
        let (start, end) = (
            "start_date_hospital_provider_spell",
            "discharge_date_hospital_provider_spell",
        );
        self.days(spell, start, spell, end);
        let episode = record.first("episode");
        if let Some(episode) = episode {
            self.code(
                LAST_EPISODE,
                episode,
                "last_episode_in_spell_indicator_code",
            );
        }
        self.place(episode);
        let mut stays = record.rows("location_stay");
        let site = stays.find(|stay| {
            stay.text("organisation_site_identifier_of_treatment")
                .is_some()
        });
        self.place(site);
        let age = "age_on_admission";
        self.take("age_at_activity_date_contract_monitoring", Some(spell), age);
    }

    fn days(&mut self, first: Row<'_>, start: &str, last: Row<'_>, end: &str) {
        let day = |row: Row<'_>, field: &str| row.text(field)?.parse::<Date>().ok();
        let (from, to) = (day(first, start), day(last, end));
        self.end = to;
        self.length_of_stay = from.zip(to).and_then(|(from, to)| {
            let days = i64::from((to - from).get_days());
            (days >= 0).then_some(days)
        });
        self.take(
            "activity_start_date_contract_monitoring",
            Some(first),
            start,
        );
        self.take("activity_end_date_contract_monitoring", Some(last), end);
    }

    fn place(&mut self, row: Option<Row<'_>>) {
        for field in [
            "organisation_identifier_code_of_provider",
            "organisation_site_identifier_of_treatment",
        ] {
            self.take(field, row, field);
        }
    }

    fn common(&mut self, record: &Record<'_>) {
        if let Some(professional) = responsible(record) {
            self.code(
                "main_specialty",
                professional,
                "care_professional_main_specialty_code",
            );
            for field in [
                "activity_treatment_function_code",
                "local_sub_specialty_code",
            ] {
                self.take(field, Some(professional), field);
            }
        }
        let activity = record.first("activity_record");
        self.take("cds_unique_identifier", activity, "cds_unique_identifier");
        let registration = record.first("registration");
        let practice = "general_medical_practice_patient_registration";
        self.take(practice, registration, practice);
        let agreement = as_at::agreement(record);
        for field in [
            "organisation_identifier_code_of_commissioner",
            "nhs_service_agreement_line_identifier",
            "provider_reference_identifier",
            "service_code",
        ] {
            self.take(field, agreement, field);
        }
        let mut people = record.rows("person");
        let patient = people.find(|person| person.str("role") == Some("patient"));
        for field in [
            "organisation_identifier_residence_responsibility",
            "nhs_number",
            "local_patient_identifier_extended",
            "withheld_identity_reason",
            "person_birth_date",
            "postcode_of_usual_address",
            "person_stated_gender_code",
            "ethnic_category",
        ] {
            self.take(field, patient, field);
        }
    }
}

/// The professional who answers for the care, else the first: what is said of one is not put together with what is said of
/// another.
fn responsible<'r>(record: &Record<'r>) -> Option<Row<'r>> {
    let answers = |professional: &Row<'r>| {
        professional.str("responsible_care_professional_indicator") == Some("Y")
    };
    let mut professionals = record.rows("care_professional");
    let found = professionals.find(answers);
    found.or_else(|| record.first("care_professional"))
}
