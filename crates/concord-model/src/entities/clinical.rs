//! What was found and what was done. Codes come with the classification they are of.

use super::field::fields;
use super::{Area, Entity};

pub(super) static CARE_PROFESSIONAL: Entity = Entity {
    name: "care_professional",
    area: Area::Clinical,
    title: "Care professional",
    meaning: "Professionals who took part in the activity",
    grain: "one professional of one record",
    parent: None,
    fields: fields! {
        code("professional-registration-issuer") professional_registration_issuer_code "PROFESSIONAL REGISTRATION ISSUER CODE" "body that registers the professional";
        text professional_registration_entry_identifier "PROFESSIONAL REGISTRATION ENTRY IDENTIFIER" "number in the body's register";
        code("") care_professional_main_specialty_code "CARE PROFESSIONAL MAIN SPECIALTY CODE" "specialty of the professional";
        code("treatment-function") activity_treatment_function_code "ACTIVITY TREATMENT FUNCTION CODE" "specialty of the care";
        text local_sub_specialty_code "LOCAL SUB-SPECIALTY CODE" "the provider's finer specialty";
        code("responsible-care-professional-indicator") responsible_care_professional_indicator "RESPONSIBLE CARE PROFESSIONAL INDICATOR" "whether the professional answers for the care";
        code("care-professional-tier-emergency-care") care_professional_tier_emergency_care "CARE PROFESSIONAL TIER (EMERGENCY CARE)" "how experienced the professional is in emergency care";
        code("yes-no") care_professional_discharge_responsibility_indicator_emergency_care "CARE PROFESSIONAL DISCHARGE RESPONSIBILITY INDICATOR (EMERGENCY CARE)" "whether the professional decided on the discharge";
        moment care_professional_clinical_responsibility_timestamp "CARE PROFESSIONAL CLINICAL RESPONSIBILITY TIMESTAMP" "when the professional took over";
    },
};

pub(super) static DIAGNOSIS: Entity = Entity {
    name: "diagnosis",
    area: Area::Clinical,
    title: "Diagnosis",
    meaning: "Diagnoses and comorbidities, in the order in which they were given",
    grain: "one code, or one reason for having none",
    parent: None,
    fields: fields! {
        code("") role "" "primary or secondary where the record tells them apart, entry where it does not, or comorbidity";
        text code "DIAGNOSIS (SNOMED CT EXPRESSION)" "the diagnosis";
        code("") code_system "" "classification that the code is of, as in icd-10 or snomed-ct";
        text code_system_version "" "release of the classification, where it is said";
        code("diagnosis-scheme-in-use") diagnosis_scheme_in_use "DIAGNOSIS SCHEME IN USE (COMMISSIONING DATA SET)" "classification, as the record names it";
        text coded_clinical_entry_sequence_number "CODED CLINICAL ENTRY SEQUENCE NUMBER" "the sender's number of the entry among those of its kind";
        moment coded_diagnosis_timestamp "CODED DIAGNOSIS TIMESTAMP" "when it was made";
        text qualifier "EMERGENCY CARE DIAGNOSIS QUALIFIER (SNOMED CT)" "how sure it is";
        code("present-on-admission-indicator") present_on_admission_indicator "PRESENT ON ADMISSION INDICATOR" "whether it was there at admission";
        code("") data_absent_reason "DATA ABSENT REASON (FHIR R4)" "why there is no code";
    },
};

pub(super) static PROCEDURE: Entity = Entity {
    name: "procedure",
    area: Area::Clinical,
    title: "Procedure",
    meaning: "Operations and other procedures, in the order in which they were given",
    grain: "one code, or one reason for having none",
    parent: None,
    fields: fields! {
        code("") role "" "primary or secondary where the record tells them apart, else entry";
        text code "PROCEDURE (SNOMED CT EXPRESSION)" "the procedure";
        code("") code_system "" "classification that the code is of, as in opcs-4 or snomed-ct";
        text code_system_version "" "release of the classification, where it is said";
        code("procedure-scheme-in-use") procedure_scheme_in_use "PROCEDURE SCHEME IN USE (COMMISSIONING DATA SET)" "classification, as the record names it";
        text coded_clinical_entry_sequence_number "CODED CLINICAL ENTRY SEQUENCE NUMBER" "the sender's number of the entry among those of its kind";
        date procedure_date "PROCEDURE DATE" "day it was done";
        moment coded_procedure_timestamp "CODED PROCEDURE TIMESTAMP" "when it was done";
        code("professional-registration-issuer") main_operating_professional_registration_issuer_code "PROFESSIONAL REGISTRATION ISSUER CODE" "body that registers who operated";
        text main_operating_professional_registration_entry_identifier "PROFESSIONAL REGISTRATION ENTRY IDENTIFIER (MAIN OPERATING CARE PROFESSIONAL)" "number of who operated in the body's register";
        code("professional-registration-issuer") responsible_anaesthetist_professional_registration_issuer_code "PROFESSIONAL REGISTRATION ISSUER CODE" "body that registers the anaesthetist";
        text responsible_anaesthetist_professional_registration_entry_identifier "PROFESSIONAL REGISTRATION ENTRY IDENTIFIER (RESPONSIBLE ANAESTHETIST)" "number of the anaesthetist in the body's register";
        code("") data_absent_reason "DATA ABSENT REASON (FHIR R4)" "why there is no code";
    },
};

pub(super) static INVESTIGATION: Entity = Entity {
    name: "investigation",
    area: Area::Clinical,
    title: "Investigation",
    meaning: "Tests that were made or asked for",
    grain: "one test",
    parent: None,
    fields: fields! {
        text code "EMERGENCY CARE CLINICAL INVESTIGATION (SNOMED CT)" "the test";
        code("") code_system "" "classification that the code is of";
        text code_system_version "" "release of the classification, where it is said";
        date procedure_date "PROCEDURE DATE (EMERGENCY CARE CLINICAL INVESTIGATION)" "day of the test";
        time procedure_time "PROCEDURE TIME (EMERGENCY CARE CLINICAL INVESTIGATION)" "time of the test";
    },
};

pub(super) static TREATMENT: Entity = Entity {
    name: "treatment",
    area: Area::Clinical,
    title: "Treatment",
    meaning: "Treatments of an emergency department",
    grain: "one treatment",
    parent: None,
    fields: fields! {
        text code "EMERGENCY CARE PROCEDURE (SNOMED CT)" "the treatment";
        code("") code_system "" "classification that the code is of";
        text code_system_version "" "release of the classification, where it is said";
        date procedure_date "PROCEDURE DATE (EMERGENCY CARE PROCEDURE)" "day of the treatment";
        time procedure_time "PROCEDURE TIME (EMERGENCY CARE PROCEDURE)" "time of the treatment";
    },
};

pub(super) static OBSERVATION: Entity = Entity {
    name: "observation",
    area: Area::Clinical,
    title: "Observation",
    meaning: "Measurements and other entries with a value",
    grain: "one observation, or one reason for having none",
    parent: None,
    fields: fields! {
        text code "OBSERVATION (SNOMED CT EXPRESSION)" "what was observed";
        code("") code_system "" "classification that the code is of";
        text code_system_version "" "release of the classification, where it is said";
        text observation_value "OBSERVATION VALUE" "the value as it was written";
        text ucum_unit_of_measurement "UCUM UNIT OF MEASUREMENT" "unit of the value";
        moment coded_observation_timestamp "CODED OBSERVATION TIMESTAMP" "when it was made";
        partial_date observation_date "" "day it was made, as far as known, where there is no time";
        text term "" "the words that the user chose for the code";
        text value_text "" "a value in words";
        text care_contact_identifier "" "the contact at which it was made";
        text professional_identifier "" "the system's own key of the professional";
        code("") data_absent_reason "DATA ABSENT REASON (FHIR R4)" "why there is no code";
    },
};

pub(super) static FINDING: Entity = Entity {
    name: "finding",
    area: Area::Clinical,
    title: "Finding",
    meaning: "Findings without a value, concerns and involvements among them",
    grain: "one finding, or one reason for having none",
    parent: None,
    fields: fields! {
        code("") role "" "clinical-finding, safeguarding-concern, or alcohol-or-drug-involvement in an injury";
        text code "FINDING (SNOMED CT EXPRESSION)" "the finding";
        code("") code_system "" "classification that the code is of";
        text code_system_version "" "release of the classification, where it is said";
        moment coded_finding_timestamp "CODED FINDING TIMESTAMP" "when it was made";
        code("") data_absent_reason "DATA ABSENT REASON (FHIR R4)" "why there is no code";
    },
};

pub(super) static ASSESSMENT: Entity = Entity {
    name: "assessment",
    area: Area::Clinical,
    title: "Scored assessment",
    meaning: "Assessments by a tool that gives a score",
    grain: "one assessment, or one reason for having none",
    parent: None,
    fields: fields! {
        text code "ASSESSMENT TOOL (SNOMED CT EXPRESSION)" "the tool";
        code("") code_system "" "classification that the code is of";
        text code_system_version "" "release of the classification, where it is said";
        text person_score "PERSON SCORE" "the score";
        moment assessment_tool_completion_timestamp "ASSESSMENT TOOL COMPLETION TIMESTAMP" "when it was filled in";
        moment assessment_tool_validation_timestamp "ASSESSMENT TOOL VALIDATION TIMESTAMP" "when it was signed off";
        code("") data_absent_reason "DATA ABSENT REASON (FHIR R4)" "why there is no code";
    },
};

pub(super) static FIT_NOTE: Entity = Entity {
    name: "fit_note",
    area: Area::Clinical,
    title: "Fit note",
    meaning: "Statements of fitness for work",
    grain: "one statement",
    parent: None,
    fields: fields! {
        date emed3_fit_note_assessment_date "EMED3 FIT NOTE ASSESSMENT DATE" "day of the assessment";
        text emed3_fit_note_condition_snomed_ct_expression "EMED3 FIT NOTE CONDITION (SNOMED CT EXPRESSION)" "condition";
        text emed3_fit_note_diagnosis_icd "EMED3 FIT NOTE DIAGNOSIS (ICD)" "condition as a code of ICD-10";
        date emed3_fit_note_start_date "EMED3 FIT NOTE START DATE" "first day";
        date emed3_fit_note_end_date "EMED3 FIT NOTE END DATE" "last day";
        integer emed3_fit_note_duration "EMED3 FIT NOTE DURATION" "days";
        date emed3_fit_note_recorded_date "EMED3 FIT NOTE RECORDED DATE" "day it was written down";
        code("fit-note-follow-up-indicator") emed3_fit_note_follow_up_assessment_required_indicator "EMED3 FIT NOTE FOLLOW UP ASSESSMENT REQUIRED INDICATOR" "whether the patient is to be assessed again";
        code("") emed3_fit_note_issuer "EMED3 FIT NOTE ISSUER" "who issued it";
    },
};

pub(super) static MEDICATION: Entity = Entity {
    name: "medication",
    area: Area::Clinical,
    title: "Medication",
    meaning: "Medicines prescribed, issued or dispensed",
    grain: "one issue, or one course where issues are not given",
    parent: None,
    fields: fields! {
        text medication_identifier "" "the system's own key of the issue or course";
        text course_identifier "" "the course that an issue belongs to";
        text code "" "the product";
        code("") code_system "" "classification that the code is of, as in dm-d, snomed-ct or bnf";
        text code_system_version "" "release of the classification, where it is said";
        text term "" "the product in words";
        text dose "" "instructions for taking it";
        decimal(18, 6) quantity "" "amount";
        text quantity_unit "" "unit of the amount";
        code("") prescription_type "" "acute, repeat, repeat dispensing or automatic, as the system says it";
        date issue_date "" "day of the issue, or first day of the course";
        date end_date "" "day the course ended";
        integer duration "" "days that the amount is for";
        integer issues_authorised "" "issues that may be made";
        money estimated_cost "" "cost in pounds as the system estimates it";
        text professional_identifier "" "the system's own key of who prescribed";
        text care_contact_identifier "" "the contact at which it was prescribed";
        text organisation_identifier "" "practice or provider that prescribed";
    },
};
