//! Stays in hospital: spells, episodes, places, critical care.

use super::field::fields;
use super::{Area, Entity};

pub(super) static HOSPITAL_SPELL: Entity = Entity {
    name: "hospital_spell",
    area: Area::Stays,
    title: "Hospital provider spell",
    meaning: "Stays with one provider from admission to discharge. Each episode's record repeats what it knows of the spell",
    grain: "one spell as one record tells it",
    parent: None,
    fields: fields! {
        text hospital_provider_spell_identifier "HOSPITAL PROVIDER SPELL IDENTIFIER" "the provider's key of the spell" personal;
        code("administrative-category") administrative_category_code_on_admission "ADMINISTRATIVE CATEGORY CODE (ON ADMISSION)" "public or private patient";
        code("patient-classification") patient_classification_code "PATIENT CLASSIFICATION CODE" "ordinary, day case, regular attender or mother and baby";
        code("admission-method") method_of_admission_hospital_provider_spell "METHOD OF ADMISSION (HOSPITAL PROVIDER SPELL)" "how the patient came to be admitted";
        code("source-of-admission") admission_source_hospital_provider_spell "ADMISSION SOURCE (HOSPITAL PROVIDER SPELL)" "where the patient was before";
        date start_date_hospital_provider_spell "START DATE (HOSPITAL PROVIDER SPELL)" "day of admission";
        time start_time_hospital_provider_spell "START TIME (HOSPITAL PROVIDER SPELL)" "time of admission";
        integer age_on_admission "AGE ON ADMISSION" "age in years; 999 is unknown";
        code("mental-health-act-legal-status-classification") mental_health_act_legal_status_classification_code_on_admission "MENTAL HEALTH ACT LEGAL STATUS CLASSIFICATION CODE (ON ADMISSION)" "section of the Mental Health Act at admission";
        text ambulance_call_identifier "AMBULANCE CALL IDENTIFIER" "the ambulance service's number of the call";
        text organisation_identifier_conveying_ambulance_trust "ORGANISATION IDENTIFIER (CONVEYING AMBULANCE TRUST)" "ambulance service that brought the patient";
        text care_contact_identifier_ambulance_service "CARE CONTACT IDENTIFIER (AMBULANCE SERVICE)" "the ambulance service's number of the contact";
        code("discharge-destination") destination_of_discharge_hospital_provider_spell "DESTINATION OF DISCHARGE (HOSPITAL PROVIDER SPELL)" "where the patient went";
        code("discharge-method") method_of_discharge_hospital_provider_spell "METHOD OF DISCHARGE (HOSPITAL PROVIDER SPELL)" "how the stay ended";
        date discharge_ready_date_hospital_provider_spell "DISCHARGE READY DATE (HOSPITAL PROVIDER SPELL)" "day the patient could have gone";
        date discharge_date_hospital_provider_spell "DISCHARGE DATE (HOSPITAL PROVIDER SPELL)" "day of discharge";
        time discharge_time_hospital_provider_spell "DISCHARGE TIME (HOSPITAL PROVIDER SPELL)" "time of discharge";
        code("discharged-to-hospital-at-home-service-indicator") discharged_to_nhs_at_home_service_indicator "DISCHARGED TO NHS AT HOME SERVICE INDICATOR" "whether care goes on at home";
    },
};

pub(super) static EPISODE: Entity = Entity {
    name: "episode",
    area: Area::Stays,
    title: "Consultant episode",
    meaning: "Parts of a spell under one responsible professional",
    grain: "one episode",
    parent: None,
    fields: fields! {
        code("") episode_type "" "general, birth (of the patient) or delivery (by the patient)";
        code("") completion "" "finished, or unfinished where it goes on past the period";
        text episode_number "EPISODE NUMBER" "number of the episode in its spell";
        text organisation_identifier_code_of_provider "ORGANISATION IDENTIFIER (CODE OF PROVIDER)" "organisation that gives the care";
        date start_date_episode "START DATE (EPISODE)" "first day";
        time start_time_episode "START TIME (EPISODE)" "time it began";
        date end_date_episode "END DATE (EPISODE)" "last day";
        time end_time_episode "END TIME (EPISODE)" "time it ended";
        integer age_at_cds_activity_date "AGE AT CDS ACTIVITY DATE" "age in years; 999 is unknown";
        code("last-episode-in-spell-indicator") last_episode_in_spell_indicator_code "LAST EPISODE IN SPELL INDICATOR CODE" "whether the spell ended with it";
        code("neonatal-level-of-care") neonatal_level_of_care_code "NEONATAL LEVEL OF CARE CODE" "how much care a newborn had";
        code("first-regular-day-or-night-admission") first_regular_day_or_night_admission_code "FIRST REGULAR DAY OR NIGHT ADMISSION CODE" "whether it is the first of a series of regular stays";
        code("psychiatric-patient-status") psychiatric_patient_status_code "PSYCHIATRIC PATIENT STATUS CODE" "whether the patient was a psychiatric inpatient before";
        code("rehabilitation-assessment-team-type") rehabilitation_assessment_team_type "REHABILITATION ASSESSMENT TEAM TYPE" "kind of team that assessed for rehabilitation";
        integer length_of_stay_adjustment_rehabilitation "LENGTH OF STAY ADJUSTMENT (REHABILITATION)" "days of rehabilitation to leave out of the length of stay";
        integer length_of_stay_adjustment_specialist_palliative_care "LENGTH OF STAY ADJUSTMENT (SPECIALIST PALLIATIVE CARE)" "days of palliative care to leave out of the length of stay";
    },
};

pub(super) static LOCATION_STAY: Entity = Entity {
    name: "location_stay",
    area: Area::Stays,
    title: "Stay at a place",
    meaning: "Wards and other places of an episode, and the leave taken from them",
    grain: "one stay, or one leave",
    parent: Some("episode"),
    fields: fields! {
        code("") role "" "start-of-episode, ward-stay, end-of-episode or home-leave";
        text organisation_site_identifier_of_treatment "ORGANISATION SITE IDENTIFIER (OF TREATMENT)" "site of the care";
        code("") activity_location_type_code "ACTIVITY LOCATION TYPE CODE" "kind of place";
        text point_of_care "" "unit that the ward belongs to, as the provider names it";
        text ward_code "WARD CODE" "the provider's key of the ward";
        text bed "" "bed or bay of the ward, as the provider names it";
        code("intended-clinical-care-intensity") ward_intended_clinical_care_intensity "WARD INTENDED CLINICAL CARE INTENSITY" "how much care the ward is meant for";
        code("intended-age-group") ward_intended_age_group "WARD INTENDED AGE GROUP" "ages that the ward is meant for";
        code("sex-of-patients") ward_intended_sex_of_patients "WARD INTENDED SEX OF PATIENTS" "sexes that the ward is meant for";
        code("ward-day-period-availability") ward_intended_day_period_availability "WARD INTENDED DAY PERIOD AVAILABILITY" "days a week that the ward is open";
        code("ward-night-period-availability") ward_intended_night_period_availability "WARD INTENDED NIGHT PERIOD AVAILABILITY" "nights a week that the ward is open";
        code("ward-security-level") ward_security_level "WARD SECURITY LEVEL" "how secure the ward is";
        date start_date "START DATE (WARD STAY)" "first day of the stay or leave";
        time start_time "START TIME (WARD STAY)" "time it began";
        date end_date "END DATE (WARD STAY)" "last day of the stay or leave";
        time end_time "END TIME (WARD STAY)" "time it ended";
    },
};

pub(super) static PATIENT_EVENT: Entity = Entity {
    name: "patient_event",
    area: Area::Stays,
    title: "Event of a patient",
    meaning: "What messages of a live feed told, in the order in which it happened; what they say together stands in the other rows of the record",
    grain: "one message that the record is made of",
    parent: None,
    fields: fields! {
        code("") event "" "what happened: admitted, moved, discharged, attended, updated, expected, leave-began, leave-ended, patient-added, patient-updated or merged; discharge-expected and move-expected; or that taken back, as in admission-cancelled";
        text event_code "" "the sender's code of it, as in A01";
        code("") patient_class "" "class of the patient, as the sender codes it";
        moment event_occurred "" "when it happened";
        moment recorded "" "when it was written down";
        moment sent "" "when the message was made";
        text message_identifier "" "the sender's number of the message";
        text sequence_number "" "number of the message among those of the sender, where it counts them";
        text sending_application "" "system that sent it";
        text sending_organisation "" "organisation that sent it";
        text visit_identifier "" "the sender's key of the stay or attendance" personal;
        text organisation_site_identifier_of_treatment "" "site at which the patient is";
        text point_of_care "" "unit in which the patient is";
        text ward_code "" "ward in which the patient is";
        text bed "" "bed in which the patient is";
        text prior_organisation_site_identifier_of_treatment "" "site at which the patient was before";
        text prior_point_of_care "" "unit in which the patient was before";
        text prior_ward_code "" "ward in which the patient was before";
        text prior_bed "" "bed in which the patient was before";
        text merged_identifier "" "identifier that the patient had before records were merged" personal;
        text message_file "" "file that the message stood in";
        integer message_number "" "number of the message in its file, as in findings";
    },
};

pub(super) static CRITICAL_CARE_PERIOD: Entity = Entity {
    name: "critical_care_period",
    area: Area::Stays,
    title: "Critical care period",
    meaning: "Stays in intensive or high dependency care",
    grain: "one period of one record",
    parent: None,
    fields: fields! {
        code("") period_type "" "neonatal, paediatric or adult";
        text critical_care_local_identifier "CRITICAL CARE LOCAL IDENTIFIER" "the provider's key of the period";
        date critical_care_start_date "CRITICAL CARE START DATE" "first day";
        time critical_care_start_time "CRITICAL CARE START TIME" "time it began";
        code("critical-care-unit-function") critical_care_unit_function "CRITICAL CARE UNIT FUNCTION" "kind of unit";
        code("gestation-length") gestation_length_at_delivery "GESTATION LENGTH (AT DELIVERY)" "weeks of pregnancy when the baby was born; 99 is unknown";
        code("critical-care-unit-bed-configuration") critical_care_unit_bed_configuration "CRITICAL CARE UNIT BED CONFIGURATION" "levels of care that the unit's beds are for";
        code("critical-care-admission-source") critical_care_admission_source "CRITICAL CARE ADMISSION SOURCE" "which organisation the patient came from";
        code("critical-care-source-location") critical_care_source_location "CRITICAL CARE SOURCE LOCATION" "what kind of place the patient came from";
        code("critical-care-admission-type") critical_care_admission_type "CRITICAL CARE ADMISSION TYPE" "planned or not";
        integer advanced_respiratory_support_days "ADVANCED RESPIRATORY SUPPORT DAYS" "days with it";
        integer basic_respiratory_support_days "BASIC RESPIRATORY SUPPORT DAYS" "days with it";
        integer advanced_cardiovascular_support_days "ADVANCED CARDIOVASCULAR SUPPORT DAYS" "days with it";
        integer basic_cardiovascular_support_days "BASIC CARDIOVASCULAR SUPPORT DAYS" "days with it";
        integer renal_support_days "RENAL SUPPORT DAYS" "days with it";
        integer neurological_support_days "NEUROLOGICAL SUPPORT DAYS" "days with it";
        integer gastro_intestinal_support_days "GASTRO-INTESTINAL SUPPORT DAYS" "days with it";
        integer dermatological_support_days "DERMATOLOGICAL SUPPORT DAYS" "days with it";
        integer liver_support_days "LIVER SUPPORT DAYS" "days with it";
        code("") organ_support_maximum "ORGAN SUPPORT MAXIMUM" "most organs supported on one day";
        integer critical_care_level_2_days "CRITICAL CARE LEVEL 2 DAYS" "days at level 2";
        integer critical_care_level_3_days "CRITICAL CARE LEVEL 3 DAYS" "days at level 3";
        date critical_care_discharge_date "CRITICAL CARE DISCHARGE DATE" "last day";
        time critical_care_discharge_time "CRITICAL CARE DISCHARGE TIME" "time it ended";
        date critical_care_discharge_ready_date "CRITICAL CARE DISCHARGE READY DATE" "day the patient could have gone";
        time critical_care_discharge_ready_time "CRITICAL CARE DISCHARGE READY TIME" "time the patient could have gone";
        code("critical-care-discharge-status") critical_care_discharge_status "CRITICAL CARE DISCHARGE STATUS" "in what state the patient left the unit";
        code("critical-care-discharge-destination") critical_care_discharge_destination "CRITICAL CARE DISCHARGE DESTINATION" "which organisation the patient went to";
        code("critical-care-discharge-location") critical_care_discharge_location "CRITICAL CARE DISCHARGE LOCATION" "what kind of place the patient went to";
    },
};

pub(super) static CRITICAL_CARE_DAY: Entity = Entity {
    name: "critical_care_day",
    area: Area::Stays,
    title: "Day of critical care",
    meaning: "What was done on each day of a critical care period",
    grain: "one day of one period",
    parent: Some("critical_care_period"),
    fields: fields! {
        date activity_date_critical_care "ACTIVITY DATE (CRITICAL CARE)" "the day";
        decimal(6, 3) person_weight "PERSON WEIGHT" "weight of the baby in kilograms";
        code("critical-care-level") critical_care_level "CRITICAL CARE LEVEL" "level of care";
    },
};

pub(super) static CRITICAL_CARE_ACTIVITY: Entity = Entity {
    name: "critical_care_activity",
    area: Area::Stays,
    title: "Activity of a day of critical care",
    meaning: "Activities, supported organs and costly drugs of a day of critical care",
    grain: "one code of one day",
    parent: Some("critical_care_day"),
    fields: fields! {
        code("") kind "" "activity, organ-system-supported or high-cost-drug";
        code("") critical_care_activity_code "CRITICAL CARE ACTIVITY CODE" "the activity";
        code("organ-system-supported") organ_system_supported "ORGAN SYSTEM SUPPORTED" "the organ system";
        text high_cost_drugs_opcs "HIGH COST DRUGS (OPCS)" "the drug, as a code of OPCS-4";
    },
};
