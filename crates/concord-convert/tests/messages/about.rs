//! What messages say besides the stay: relatives, allergies, waiting lists, detention, birth and delivery.

use crate::given::{PATIENT, Said, message, stay, together, value};

/// The record of one message with these segments behind PID, and PV1 of a stay that began by a method.
#[track_caller]
fn told(event: &str, method: &str, before: &str, behind: &str) -> Said {
    let pv1 =
        stay("RXX^W1^B4^RXX01", "||||||||202603011000|").replace("|21|", &format!("|{method}|"));
    let text = format!("{PATIENT}\n{before}{pv1}\n{behind}");
    let together = together(&[message(event, "202603011000", &text).as_bytes()]);
    together.only()
}

#[track_caller]
fn says(said: &Said, entity: &str, expected: &[(&str, &str)]) {
    for (field, expected) in expected {
        assert_eq!(
            value(said, entity, field),
            Some(*expected),
            "{entity}.{field}: {said:#?}"
        );
    }
}

#[test]
fn relatives_and_contacts() {
    let before = "NK1|1|Trialby^Greta^^Jr^Mrs^^L|12|17 Sample Road^Nether End^Mockridge^Fauxshire^WX18 4ZZ^GBR^H|01632960999|01632960111|E|20200101|20251231||||||2|19380101\n\
                  NK1|2|Trialby^Otto^^^^^L|15\n";
    let said = told("A01", "21", before, "");
    says(
        &said,
        "related_person",
        &[
            ("relationship", "12"),
            ("contact_role", "E"),
            ("family_name", "Trialby"),
            ("given_name", "Greta"),
            ("name_suffix", "Jr"),
            ("title", "Mrs"),
            ("street", "17 Sample Road"),
            ("locality", "Nether End"),
            ("town", "Mockridge"),
            ("county", "Fauxshire"),
            ("postcode", "WX18 4ZZ"),
            ("telephone", "01632960999"),
            ("business_telephone", "01632960111"),
            ("gender", "2"),
            ("birth_date", "1938-01-01"),
            ("start_date", "2020-01-01"),
            ("end_date", "2025-12-31"),
        ],
    );
    assert_eq!(said["related_person"].len(), 2);
    assert_eq!(said["related_person"][1]["given_name"], "Otto");
}

#[test]
fn a_message_that_says_any_allergies_says_all() {
    let one = told(
        "A01",
        "21",
        "",
        "AL1|1|DA|Z88.0^Penicillin^I10|5|rash|20200305\nAL1|2|FA|Z91.0",
    );
    says(
        &one,
        "allergy",
        &[
            ("allergy_type", "DA"),
            ("code", "Z88.0"),
            ("term", "Penicillin"),
            ("severity", "5"),
            ("reaction", "rash"),
            ("identified_date", "2020-03-05"),
        ],
    );
    assert_eq!(one["allergy"].len(), 2);
    let pv1 = stay("RXX^W1^B4^RXX01", "");
    let with = |event: &str, at: &str, allergies: &str| {
        message(event, at, &format!("{PATIENT}\n{pv1}\n{allergies}"))
    };
    let three = [
        with("A01", "202603011000", "AL1|1|DA|Z88.0\nAL1|2|FA|Z91.0"),
        with("A08", "202603011100", ""),
        with("A08", "202603011200", "AL1|1|FA|Z91.0"),
    ];
    let two = together(&[three[..2].concat().as_bytes()]).only();
    assert_eq!(two["allergy"].len(), 2);
    let three = together(&[three.concat().as_bytes()]).only();
    assert_eq!(three["allergy"].len(), 1);
    says(&three, "allergy", &[("code", "Z91.0")]);
}

#[test]
fn waiting_lists_for_admission() {
    let list = "ZU4|202601051200|202512010000|202606010000|202602010000|202602140000|202603010900||x|1|202603011000|8|b|1|y|202602200000";
    let said = told("A01", "11", "", list);
    says(
        &said,
        "elective_admission_list_entry",
        &[
            ("listed_date", "2026-01-05"),
            ("first_listed_date", "2025-12-01"),
            ("guaranteed_admission_date", "2026-06-01"),
            ("suspension_start_date", "2026-02-01"),
            ("suspension_end_date", "2026-02-14"),
            ("suspension_initiator", "b"),
            ("offered_admission_date", "2026-03-01"),
            ("offer_outcome", "8"),
            ("listing_source", "x"),
            ("removal_reason", "1"),
            ("removal_date", "2026-03-01"),
            ("guarantee_exceeded_reason", "y"),
            ("last_review_date", "2026-02-20"),
        ],
    );
    let clinic = told("A01", "11", "", &list.replace("|b|1|", "|b|2|"));
    assert!(!clinic.contains_key("elective_admission_list_entry"));
}

#[test]
fn detention() {
    let said = told("A08", "21", "", "ZU5|2026|2|3|1|202601150830|1");
    says(
        &said,
        "mental_health_act_status",
        &[
            ("mental_health_act_legal_status_classification_code", "03"),
            (
                "start_date_mental_health_act_legal_status_classification_assignment_period",
                "2026-01-15",
            ),
            (
                "start_time_mental_health_act_legal_status_classification_assignment_period",
                "08:30:00",
            ),
        ],
    );
    says(
        &said,
        "hospital_spell",
        &[(
            "mental_health_act_legal_status_classification_code_on_admission",
            "02",
        )],
    );
}

/// What is said of labour, by the mother or the baby.
pub(crate) const LABOUR: &str = "ZU6|G9999998|202509010000|1|2|202603011405|1|2|12|1|7|3|2|8|2";
/// What is said of a baby.
pub(crate) const BORN: &str = "ZU7||1|3250||1|39|2||1";

#[test]
fn a_delivery_is_told_by_the_mother() {
    let said = told("A08", "31", "", &format!("{LABOUR}\n{BORN}"));
    says(
        &said,
        "delivery",
        &[
            ("recorded_as", "delivery-episode"),
            ("general_medical_practitioner_antenatal_care", "G9999998"),
            ("first_antenatal_assessment_date", "2025-09-01"),
            (
                "number_of_previous_pregnancies_resulting_in_registrable_birth",
                "1",
            ),
            ("delivery_place_type_code_intended", "1"),
            ("delivery_place_change_reason_code", "2"),
            ("labour_or_delivery_onset_method_code", "1"),
            ("anaesthetic_given_during_labour_or_delivery_code", "2"),
            ("anaesthetic_given_post_labour_or_delivery_code", "8"),
            ("gestation_length_labour_onset", "39"),
            ("number_of_babies_indication_code", "2"),
        ],
    );
    let born = value(&said, "delivery", "delivery_timestamp").unwrap();
    assert!(born.starts_with("2026-03-01T14:05:00"), "{born}");
    says(
        &said,
        "birth",
        &[
            ("birth_order", "1"),
            ("live_or_still_birth_code", "1"),
            ("birth_weight", "3250"),
            ("delivery_method_code", "7"),
            ("resuscitation_method_code", "1"),
            ("status_of_person_conducting_delivery_code", "3"),
            ("delivery_place_type_code_actual", "2"),
        ],
    );
    says(&said, "episode", &[("episode_type", "delivery")]);
    says(&said, "activity_record", &[("cds_type_code", "200")]);
}

#[test]
fn a_birth_is_told_by_the_baby() {
    let pv1 =
        stay("RXX^W1^B4^RXX01", "|19|||||||202603011405|202603031000").replace("|21|", "|82|");
    // PID-21 names the mother, PID-25 says which of several babies it is.
    let mother = "77^^^RXX^PI~9990000026^^^NHS^NH";
    let person = PATIENT.replace("M||||||A||||", &format!("S|||||{mother}|A|||2|"));
    let text = format!("{person}\n{pv1}\n{LABOUR}\nZU7||1|3250||1|39|2");
    let said = together(&[message("A03", "202603031000", &text).as_bytes()]).only();
    says(&said, "delivery", &[("recorded_as", "birth-episode")]);
    says(&said, "episode", &[("episode_type", "birth")]);
    says(&said, "activity_record", &[("cds_type_code", "120")]);
    says(
        &said,
        "person",
        &[("role", "patient"), ("nhs_number", "9990000018")],
    );
    let mother = &said["person"][1];
    says(
        &said,
        "birth",
        &[("birth_order", "2"), ("birth_weight", "3250")],
    );
    assert_eq!(mother["role"], "mother");
    assert_eq!(mother["identity"], "unverified");
    assert_eq!(mother["nhs_number"], "9990000026");
    assert_eq!(mother["local_patient_identifier_extended"], "77");
}

#[test]
fn a_pregnancy_without_a_birth_is_no_delivery() {
    let said = told("A08", "31", "", "ZU6|G9999998|202509010000|1");
    says(
        &said,
        "delivery",
        &[(
            "number_of_previous_pregnancies_resulting_in_registrable_birth",
            "1",
        )],
    );
    assert_eq!(value(&said, "delivery", "recorded_as"), None);
    says(&said, "episode", &[("episode_type", "general")]);
    says(&said, "activity_record", &[("cds_type_code", "190")]);
}
