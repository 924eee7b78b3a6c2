//! People, and what is said of them besides their care.

use super::field::fields;
use super::{Area, Entity};

pub(super) static PERSON: Entity = Entity {
    name: "person",
    area: Area::People,
    title: "Person",
    meaning: "The people of a record: the patient, and in maternity records the mother and the babies",
    grain: "one person of one record; a baby among several lies in its birth",
    parent: Some("birth"),
    fields: fields! {
        code("") role "" "patient, mother or baby";
        code("") identity "" "how much of the identity is given: withheld, verified (traced by the national service) or unverified";
        text nhs_number "NHS NUMBER" "national number of the person" personal;
        code("nhs-number-status-indicator") nhs_number_status_indicator_code "NHS NUMBER STATUS INDICATOR CODE" "how sure it is that the number is this person's";
        text local_patient_identifier_extended "LOCAL PATIENT IDENTIFIER (EXTENDED)" "the provider's own number of the person" personal;
        text organisation_identifier_local_patient_identifier "ORGANISATION IDENTIFIER (LOCAL PATIENT IDENTIFIER)" "organisation that gave the local number";
        code("withheld-identity-reason") withheld_identity_reason "WITHHELD IDENTITY REASON" "why the identity is withheld";
        text patient_full_name "PATIENT FULL NAME" "name in one piece" personal;
        text patient_title "PATIENT TITLE" "title before the name" personal;
        text patient_given_name "PATIENT GIVEN NAME" "given name" personal;
        text patient_family_name "PATIENT FAMILY NAME" "family name" personal;
        text patient_name_suffix "PATIENT NAME SUFFIX" "what stands behind the name" personal;
        text patient_initials "PATIENT INITIALS" "initials" personal;
        text person_requested_name "" "name that the person asks to be called" personal;
        text patient_usual_address_unstructured "PATIENT USUAL ADDRESS (UNSTRUCTURED)" "address in one piece; one in lines stands in address_line" personal;
        text postcode_of_usual_address "POSTCODE OF USUAL ADDRESS" "postcode of the address" personal;
        text organisation_identifier_residence_responsibility "ORGANISATION IDENTIFIER (RESIDENCE RESPONSIBILITY)" "commissioner for where the person lives";
        date person_birth_date "PERSON BIRTH DATE" "day of birth" personal;
        partial_date person_death_date "PERSON DEATH DATE" "day of death, as far as known" personal;
        code("person-stated-gender") person_stated_gender_code "PERSON STATED GENDER CODE" "gender as the person states it";
        code("person-stated-gender") person_phenotypic_sex "PERSON PHENOTYPIC SEX" "sex as observed";
        code("ethnic-category") ethnic_category "ETHNIC CATEGORY" "ethnic group as the person states it";
        code("") ethnic_category_2021 "ETHNIC CATEGORY 2021" "ethnic group by the list of the census of 2021";
        code("person-marital-status") person_marital_status "PERSON MARITAL STATUS" "marital status";
        code("carer-support-indicator") carer_support_indicator "CARER SUPPORT INDICATOR" "whether somebody at home cares for the person";
        code("overseas-visitor-charging-category") overseas_visitor_charging_category_at_cds_activity_date "OVERSEAS VISITOR CHARGING CATEGORY AT CDS ACTIVITY DATE" "whether a visitor from abroad pays, on the day the activity counts by";
        text accommodation_status_snomed_ct "ACCOMMODATION STATUS (SNOMED CT)" "kind of home";
        text preferred_spoken_language_snomed_ct "PREFERRED SPOKEN LANGUAGE (SNOMED CT)" "language the person would rather speak";
        text accessible_information_professional_required_code_snomed_ct "ACCESSIBLE INFORMATION PROFESSIONAL REQUIRED CODE (SNOMED CT)" "help that the person needs to be understood";
        text interpreter_language_snomed_ct "INTERPRETER LANGUAGE (SNOMED CT)" "language that an interpreter is needed for";
    },
};

pub(super) static ADDRESS_LINE: Entity = Entity {
    name: "address_line",
    area: Area::People,
    title: "Line of an address",
    meaning: "The lines of an address that is given in lines, in their order",
    grain: "one line of one person's address",
    parent: Some("person"),
    fields: fields! {
        code("") role "" "whose address it is: patient, mother or baby";
        text patient_usual_address_structured "PATIENT USUAL ADDRESS (STRUCTURED)" "the line" personal;
    },
};

pub(super) static MENTAL_HEALTH_ACT_STATUS: Entity = Entity {
    name: "mental_health_act_status",
    area: Area::People,
    title: "Status under the Mental Health Act",
    meaning: "Periods in which the patient was under a section of the Mental Health Act",
    grain: "one status of the patient with its period",
    parent: None,
    fields: fields! {
        code("mental-health-act-legal-status-classification") mental_health_act_legal_status_classification_code "MENTAL HEALTH ACT LEGAL STATUS CLASSIFICATION CODE" "section of the Act";
        date start_date_mental_health_act_legal_status_classification_assignment_period "START DATE (MENTAL HEALTH ACT LEGAL STATUS CLASSIFICATION ASSIGNMENT PERIOD)" "first day";
        time start_time_mental_health_act_legal_status_classification_assignment_period "START TIME (MENTAL HEALTH ACT LEGAL STATUS CLASSIFICATION ASSIGNMENT PERIOD)" "time it began";
        date expiry_date_mental_health_act_legal_status_classification "EXPIRY DATE (MENTAL HEALTH ACT LEGAL STATUS CLASSIFICATION)" "day it runs out";
        time expiry_time_mental_health_act_legal_status_classification "EXPIRY TIME (MENTAL HEALTH ACT LEGAL STATUS CLASSIFICATION)" "time it runs out";
    },
};

pub(super) static SOCIAL_CIRCUMSTANCE: Entity = Entity {
    name: "social_circumstance",
    area: Area::People,
    title: "Social or personal circumstance",
    meaning: "Circumstances of the patient that bear on care, or why none were recorded",
    grain: "one circumstance of the patient",
    parent: None,
    fields: fields! {
        text code "SOCIAL AND PERSONAL CIRCUMSTANCE (SNOMED CT EXPRESSION)" "the circumstance";
        code("") code_system "" "classification that the code is of, as in snomed-ct";
        text code_system_version "" "release of the classification, where it is said";
        moment social_and_personal_circumstance_recorded_timestamp "SOCIAL AND PERSONAL CIRCUMSTANCE RECORDED TIMESTAMP" "when it was recorded";
        code("") data_absent_reason "DATA ABSENT REASON (FHIR R4)" "why there is no code";
    },
};

pub(super) static REGISTRATION: Entity = Entity {
    name: "registration",
    area: Area::People,
    title: "Registration",
    meaning: "With which general practice the patient is registered, and as what",
    grain: "one registration of the patient",
    parent: None,
    fields: fields! {
        text general_medical_practice_patient_registration "GENERAL MEDICAL PRACTICE (PATIENT REGISTRATION)" "the practice";
        text general_medical_practitioner_specified "GENERAL MEDICAL PRACTITIONER (SPECIFIED)" "the doctor whom the patient names";
        text usual_practitioner "" "the practice's own key of the clinician that the patient usually sees";
        code("") registration_type "" "kind of registration as the practice's system says it, as in regular or temporary";
        code("") registration_status "" "where the registration stands, as in current, left or deceased";
        date start_date "" "day of registration";
        date end_date "" "day the registration ended";
        text deduction_reason "" "why the registration ended";
        boolean dispensing_patient "" "whether the practice also dispenses to the patient";
        integer residential_institute "" "number of the institution that the patient lives in, if the practice keeps one";
    },
};

pub(super) static RELATED_PERSON: Entity = Entity {
    name: "related_person",
    area: Area::People,
    title: "Relative or contact",
    meaning: "Who is near to the patient: next of kin, relatives, guardians, carers and other contacts",
    grain: "one person who is near to the patient",
    parent: None,
    fields: fields! {
        code("hl7-0063") relationship "" "what the person is to the patient";
        code("") contact_role "" "in what role the person is approached, as the sender codes it";
        text title "" "title before the name" personal;
        text given_name "" "given name" personal;
        text family_name "" "family name" personal;
        text name_suffix "" "what stands behind the name" personal;
        text street "" "house and street" personal;
        text locality "" "part of the town, or village" personal;
        text town "" "town" personal;
        text county "" "county" personal;
        text postcode "" "postcode of the address" personal;
        text telephone "" "telephone number" personal;
        text business_telephone "" "telephone number at work" personal;
        code("person-stated-gender") gender "" "gender as it is known to the sender";
        date birth_date "" "day of birth" personal;
        date start_date "" "first day as a contact";
        date end_date "" "last day as a contact";
    },
};

pub(super) static ALLERGY: Entity = Entity {
    name: "allergy",
    area: Area::People,
    title: "Allergy",
    meaning: "What the patient must not be given or come near to",
    grain: "one allergy or intolerance of the patient",
    parent: None,
    fields: fields! {
        code("hl7-0127") allergy_type "" "kind of what the patient reacts to: drug, food, animal and so on";
        text code "" "what the patient reacts to";
        code("") code_system "" "classification that the code is of, where it is said";
        text term "" "what the patient reacts to, in words";
        code("hl7-0128") severity "" "how badly the patient reacts";
        text reaction "" "the reaction, in words";
        date identified_date "" "day it was found";
    },
};
