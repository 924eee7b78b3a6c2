//! Visits to a clinic or an emergency department, and contacts elsewhere.

use super::field::fields;
use super::{Area, Entity};

pub(super) static OUTPATIENT_ATTENDANCE: Entity = Entity {
    name: "outpatient_attendance",
    area: Area::Attendances,
    title: "Outpatient attendance",
    meaning: "Appointments in a consultant's or another professional's clinic, kept or missed",
    grain: "one attendance or missed appointment",
    parent: None,
    fields: fields! {
        text outpatient_attendance_identifier "OUTPATIENT ATTENDANCE IDENTIFIER" "the provider's key of the attendance";
        text organisation_identifier_code_of_provider "ORGANISATION IDENTIFIER (CODE OF PROVIDER)" "organisation that gives the care";
        text organisation_site_identifier_of_treatment "ORGANISATION SITE IDENTIFIER (OF TREATMENT)" "site of the care";
        code("") activity_location_type_code "ACTIVITY LOCATION TYPE CODE" "kind of place";
        text clinic_code "CLINIC CODE" "the provider's key of the clinic";
        date appointment_date "APPOINTMENT DATE" "day of the appointment";
        time appointment_time "APPOINTMENT TIME" "time of the appointment";
        integer expected_duration_of_appointment "EXPECTED DURATION OF APPOINTMENT" "minutes planned";
        integer age_at_cds_activity_date "AGE AT CDS ACTIVITY DATE" "age in years; 999 is unknown";
        code("administrative-category") administrative_category_code "ADMINISTRATIVE CATEGORY CODE" "public or private patient";
        code("attended-or-did-not-attend") attendance_status "ATTENDANCE STATUS" "whether the patient came and was seen";
        code("first-attendance") first_attendance_code "FIRST ATTENDANCE CODE" "first or follow-up, in person or not";
        code("outcome-of-attendance") out_patient_attendance_outcome "OUT-PATIENT ATTENDANCE OUTCOME" "what comes next";
        code("appointment-booked-reason") appointment_booked_reason "APPOINTMENT BOOKED REASON" "why it was booked";
        date earliest_reasonable_offer_date "EARLIEST REASONABLE OFFER DATE" "first day that was offered in good time";
        date earliest_clinically_appropriate_date "EARLIEST CLINICALLY APPROPRIATE DATE" "first day that was right clinically";
        date latest_clinically_appropriate_date "LATEST CLINICALLY APPROPRIATE DATE" "last day that was right clinically";
        code("consultation-mechanism") consultation_mechanism "CONSULTATION MECHANISM" "face to face or by what means";
        code("consultation-type") consultation_type "CONSULTATION TYPE" "kind of consultation";
        code("multi-professional-or-multi-disciplinary-indication") multi_professional_or_multi_disciplinary_indication_code "MULTI-PROFESSIONAL OR MULTI-DISCIPLINARY INDICATION CODE (NATIONAL TARIFF PAYMENT SYSTEM)" "whether several professions or disciplines saw the patient together";
        code("rehabilitation-assessment-team-type") rehabilitation_assessment_team_type "REHABILITATION ASSESSMENT TEAM TYPE" "kind of team that assessed for rehabilitation";
        code("patient-on-patient-initiated-outpatient-follow-up-pathway-indicator-at-cds-activity-date") patient_on_patient_initiated_out_patient_follow_up_pathway_indicator_at_cds_activity_date "PATIENT ON PATIENT INITIATED OUT-PATIENT FOLLOW UP PATHWAY INDICATOR AT CDS ACTIVITY DATE" "whether the patient asks for follow-ups when they need them";
        code("patient-subject-to-remote-monitoring-indicator-at-cds-activity-date") patient_subject_to_remote_monitoring_indicator_at_cds_activity_date "PATIENT SUBJECT TO REMOTE MONITORING INDICATOR AT CDS ACTIVITY DATE" "whether the patient is watched from afar";
        date personalised_out_patient_follow_up_pathway_review_date "PERSONALISED OUT-PATIENT FOLLOW UP PATHWAY REVIEW DATE" "day the follow-up is looked at again";
        date personalised_out_patient_follow_up_pathway_expiry_date "PERSONALISED OUT-PATIENT FOLLOW UP PATHWAY EXPIRY DATE" "day the follow-up ends";
        date last_patient_did_not_attend_date "LAST PATIENT DID NOT ATTEND DATE" "day the patient last stayed away";
        date last_patient_cancelled_date "LAST PATIENT CANCELLED DATE" "day the patient last cancelled";
    },
};

pub(super) static EMERGENCY_ATTENDANCE: Entity = Entity {
    name: "emergency_attendance",
    area: Area::Attendances,
    title: "Emergency attendance",
    meaning: "Visits to emergency departments and urgent treatment centres, from arrival to departure",
    grain: "one attendance",
    parent: None,
    fields: fields! {
        text emergency_care_attendance_identifier "EMERGENCY CARE ATTENDANCE IDENTIFIER" "the provider's key of the attendance";
        text organisation_identifier_code_of_provider "ORGANISATION IDENTIFIER (CODE OF PROVIDER)" "organisation that gives the care";
        text organisation_site_identifier_of_treatment "ORGANISATION SITE IDENTIFIER (OF TREATMENT)" "site of the department";
        code("emergency-care-department-type") emergency_care_department_type "EMERGENCY CARE DEPARTMENT TYPE" "kind of department";
        text ambulance_call_identifier "AMBULANCE CALL IDENTIFIER" "the ambulance service's number of the call; earlier the incident number";
        text organisation_identifier_conveying_ambulance_trust "ORGANISATION IDENTIFIER (CONVEYING AMBULANCE TRUST)" "ambulance service that brought the patient";
        text care_contact_identifier_ambulance_service "CARE CONTACT IDENTIFIER (AMBULANCE SERVICE)" "the ambulance service's number of the contact";
        text emergency_care_arrival_mode_snomed_ct "EMERGENCY CARE ARRIVAL MODE (SNOMED CT)" "how the patient came";
        code("emergency-care-attendance-category") emergency_care_attendance_category "EMERGENCY CARE ATTENDANCE CATEGORY" "first, planned or unplanned attendance";
        text emergency_care_attendance_source_snomed_ct "EMERGENCY CARE ATTENDANCE SOURCE (SNOMED CT)" "from where the patient came or who sent them";
        text organisation_site_identifier_emergency_care_attendance_source "ORGANISATION SITE IDENTIFIER (EMERGENCY CARE ATTENDANCE SOURCE)" "site from which the patient came";
        date emergency_care_arrival_date "EMERGENCY CARE ARRIVAL DATE" "day of arrival";
        time emergency_care_arrival_time "EMERGENCY CARE ARRIVAL TIME" "time of arrival";
        integer age_at_cds_activity_date "AGE AT CDS ACTIVITY DATE" "age in years; 999 is unknown";
        date emergency_care_initial_assessment_date "EMERGENCY CARE INITIAL ASSESSMENT DATE" "day of the first assessment";
        time emergency_care_initial_assessment_time "EMERGENCY CARE INITIAL ASSESSMENT TIME" "time of the first assessment";
        text emergency_care_acuity_snomed_ct "EMERGENCY CARE ACUITY (SNOMED CT)" "how urgent the need is";
        text emergency_care_chief_complaint_snomed_ct "EMERGENCY CARE CHIEF COMPLAINT (SNOMED CT)" "what the patient comes with";
        date emergency_care_date_seen_for_treatment "EMERGENCY CARE DATE SEEN FOR TREATMENT" "day treatment began";
        time emergency_care_time_seen_for_treatment "EMERGENCY CARE TIME SEEN FOR TREATMENT" "time treatment began";
        date decided_to_admit_date "DECIDED TO ADMIT DATE" "day an admission was decided on";
        time decided_to_admit_time "DECIDED TO ADMIT TIME" "time an admission was decided on";
        code("treatment-function") activity_treatment_function_code_decision_to_admit "ACTIVITY TREATMENT FUNCTION CODE (DECISION TO ADMIT)" "specialty that the patient is admitted under";
        moment emergency_care_clinically_ready_to_proceed_timestamp "EMERGENCY CARE CLINICALLY READY TO PROCEED TIMESTAMP" "when care in the department was done";
        text emergency_care_discharge_status_snomed_ct "EMERGENCY CARE DISCHARGE STATUS (SNOMED CT)" "how the attendance ended";
        date emergency_care_attendance_conclusion_date "EMERGENCY CARE ATTENDANCE CONCLUSION DATE" "day the care ended";
        time emergency_care_attendance_conclusion_time "EMERGENCY CARE ATTENDANCE CONCLUSION TIME" "time the care ended";
        date emergency_care_departure_date "EMERGENCY CARE DEPARTURE DATE" "day the patient left";
        time emergency_care_departure_time "EMERGENCY CARE DEPARTURE TIME" "time the patient left";
        text emergency_care_discharge_destination_snomed_ct "EMERGENCY CARE DISCHARGE DESTINATION (SNOMED CT)" "where the patient went";
        text organisation_site_identifier_discharge_from_emergency_care "ORGANISATION SITE IDENTIFIER (DISCHARGE FROM EMERGENCY CARE)" "site that the patient went to";
        text emergency_care_discharge_follow_up_snomed_ct "EMERGENCY CARE DISCHARGE FOLLOW UP (SNOMED CT)" "what is to follow";
        text emergency_care_discharge_information_given_snomed_ct "EMERGENCY CARE DISCHARGE INFORMATION GIVEN (SNOMED CT)" "what the patient was told";
        text clinical_trial_identifier "CLINICAL TRIAL IDENTIFIER" "trial that the patient takes part in";
        text disease_outbreak_notification "DISEASE OUTBREAK NOTIFICATION" "outbreak that the attendance may belong to, as it was written before it was coded";
        text disease_outbreak_notification_snomed_ct "DISEASE OUTBREAK NOTIFICATION (SNOMED CT)" "outbreak that the attendance may belong to";
        text disease_outbreak_notification_description "DISEASE OUTBREAK NOTIFICATION DESCRIPTION" "the outbreak in words";
    },
};

pub(super) static TREATMENT_EXPECTATION: Entity = Entity {
    name: "treatment_expectation",
    area: Area::Attendances,
    title: "Time given for treatment",
    meaning: "Times at which patients who could wait were told to come back to an emergency department",
    grain: "one time given",
    parent: Some("emergency_attendance"),
    fields: fields! {
        moment emergency_care_expected_date_and_timestamp_of_treatment "EMERGENCY CARE EXPECTED DATE AND TIMESTAMP OF TREATMENT" "the time that was given";
        moment emergency_care_treatment_allocation_timestamp "EMERGENCY CARE TREATMENT ALLOCATION TIMESTAMP" "when it was given";
    },
};

pub(super) static INJURY: Entity = Entity {
    name: "injury",
    area: Area::Attendances,
    title: "Injury",
    meaning: "How, where and when a patient of an emergency department was hurt",
    grain: "one injury of one attendance",
    parent: Some("emergency_attendance"),
    fields: fields! {
        date injury_date "INJURY DATE" "day of the injury";
        time injury_time "INJURY TIME" "time of the injury";
        text emergency_care_place_of_injury_snomed_ct "EMERGENCY CARE PLACE OF INJURY (SNOMED CT)" "kind of place";
        decimal(9, 6) emergency_care_place_of_injury_latitude "EMERGENCY CARE PLACE OF INJURY (LATITUDE)" "latitude of the place in degrees";
        decimal(9, 6) emergency_care_place_of_injury_longitude "EMERGENCY CARE PLACE OF INJURY (LONGITUDE)" "longitude of the place in degrees";
        text emergency_care_injury_intent_snomed_ct "EMERGENCY CARE INJURY INTENT (SNOMED CT)" "whether somebody meant it";
        text emergency_care_injury_activity_status_snomed_ct "EMERGENCY CARE INJURY ACTIVITY STATUS (SNOMED CT)" "at work, at leisure or otherwise";
        text emergency_care_injury_activity_type_snomed_ct "EMERGENCY CARE INJURY ACTIVITY TYPE (SNOMED CT)" "what the patient was doing";
        text emergency_care_injury_mechanism_snomed_ct "EMERGENCY CARE INJURY MECHANISM (SNOMED CT)" "what did the harm";
        text assault_location_description "ASSAULT LOCATION DESCRIPTION" "place of an assault in words";
    },
};

pub(super) static CARE_CONTACT: Entity = Entity {
    name: "care_contact",
    area: Area::Attendances,
    title: "Care contact",
    meaning: "Consultations in general practice, and contacts in the community",
    grain: "one contact",
    parent: None,
    fields: fields! {
        text care_contact_identifier "" "the system's own key of the contact";
        text appointment_identifier "" "the appointment at which it took place";
        date contact_date "" "day of the contact";
        time contact_time "" "time of the contact";
        integer duration "" "minutes";
        code("") consultation_type "" "surgery, home visit, telephone and so on, as the system says it";
        code("consultation-mechanism") consultation_mechanism "CONSULTATION MECHANISM" "face to face or by what means";
        code("attended-or-did-not-attend") attendance_status "ATTENDANCE STATUS" "whether the patient came and was seen";
        text professional_identifier "" "the system's own key of the professional";
        text professional_role "" "kind of professional";
        text organisation_identifier_code_of_provider "ORGANISATION IDENTIFIER (CODE OF PROVIDER)" "organisation that gives the care";
        text organisation_site_identifier_of_treatment "ORGANISATION SITE IDENTIFIER (OF TREATMENT)" "site of the contact";
        moment recorded_at "" "when it was written down";
    },
};
