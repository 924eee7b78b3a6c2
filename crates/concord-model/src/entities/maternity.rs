//! Pregnancy, labour and birth.

use super::field::fields;
use super::{Area, Entity};

pub(super) static DELIVERY: Entity = Entity {
    name: "delivery",
    area: Area::Maternity,
    title: "Delivery",
    meaning: "Pregnancy, antenatal care and labour, as told by the mother's record or the baby's",
    grain: "one delivery of one record",
    parent: None,
    fields: fields! {
        code("") recorded_as "" "birth-episode or delivery-episode in hospital, other-birth or other-delivery elsewhere";
        code("number-of-babies-indication") number_of_babies_indication_code "NUMBER OF BABIES INDICATION CODE" "single or multiple";
        integer number_of_previous_pregnancies_resulting_in_registrable_birth "NUMBER OF PREVIOUS PREGNANCIES RESULTING IN REGISTRABLE BIRTH" "earlier pregnancies that ended in a birth to be registered; 99 is unknown";
        date first_antenatal_assessment_date "FIRST ANTENATAL ASSESSMENT DATE" "day of the first assessment";
        text general_medical_practitioner_antenatal_care "GENERAL MEDICAL PRACTITIONER (ANTENATAL CARE)" "doctor of the antenatal care";
        text general_medical_practitioner_practice_patient_antenatal_care "GENERAL MEDICAL PRACTITIONER PRACTICE (PATIENT ANTENATAL CARE)" "practice of the antenatal care";
        code("") activity_location_type_code_intended "ACTIVITY LOCATION TYPE CODE" "kind of place where the birth was to be";
        code("delivery-place-type") delivery_place_type_code_intended "DELIVERY PLACE TYPE CODE (INTENDED)" "where the birth was to be";
        code("delivery-place-change-reason") delivery_place_change_reason_code "DELIVERY PLACE CHANGE REASON CODE" "why it was elsewhere";
        code("anaesthetic-given-during-labour-or-delivery") anaesthetic_given_during_labour_or_delivery_code "ANAESTHETIC GIVEN DURING LABOUR OR DELIVERY CODE" "anaesthetic during labour";
        code("anaesthetic-given-post-labour-or-delivery") anaesthetic_given_post_labour_or_delivery_code "ANAESTHETIC GIVEN POST LABOUR OR DELIVERY CODE" "anaesthetic afterwards";
        code("gestation-length") gestation_length_labour_onset "GESTATION LENGTH (LABOUR ONSET)" "weeks of pregnancy when labour began; 99 is unknown";
        code("labour-or-delivery-onset-method") labour_or_delivery_onset_method_code "LABOUR OR DELIVERY ONSET METHOD CODE" "how labour began";
        moment delivery_timestamp "DELIVERY TIMESTAMP" "when the baby was born" personal;
        text organisation_identifier_code_of_provider "ORGANISATION IDENTIFIER (CODE OF PROVIDER)" "organisation that gives the care, for a delivery that belongs to no episode";
        integer age_at_cds_activity_date "AGE AT CDS ACTIVITY DATE" "age in years, for a delivery that belongs to no episode; 999 is unknown";
    },
};

pub(super) static BIRTH: Entity = Entity {
    name: "birth",
    area: Area::Maternity,
    title: "Birth",
    meaning: "Each baby's birth, as told by the mother's record or the baby's",
    grain: "one baby of one record",
    parent: None,
    fields: fields! {
        integer birth_order "BIRTH ORDER" "number of the baby among those of the pregnancy";
        code("live-or-still-birth") live_or_still_birth_code "LIVE OR STILL BIRTH CODE" "whether the baby lived";
        integer birth_weight "BIRTH WEIGHT" "grams; 9999 is unknown";
        code("delivery-method") delivery_method_code "DELIVERY METHOD CODE" "how the baby was delivered";
        code("gestation-length") gestation_length_assessment "GESTATION LENGTH (ASSESSMENT)" "weeks of pregnancy as assessed after the birth; 99 is unknown";
        code("resuscitation-method") resuscitation_method_code "RESUSCITATION METHOD CODE" "how the baby was helped to breathe";
        code("status-of-person-conducting-delivery") status_of_person_conducting_delivery_code "STATUS OF PERSON CONDUCTING DELIVERY CODE" "profession of who delivered the baby";
        code("") activity_location_type_code_actual "ACTIVITY LOCATION TYPE CODE" "kind of place of the birth";
        code("delivery-place-type") delivery_place_type_code_actual "DELIVERY PLACE TYPE CODE (ACTUAL)" "place of the birth";
    },
};
