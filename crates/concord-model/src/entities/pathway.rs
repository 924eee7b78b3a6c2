//! How patients come to care: referrals, waiting, appointments, who pays.

use super::field::fields;
use super::{Area, Entity};

pub(super) static REFERRAL_TO_TREATMENT_PERIOD: Entity = Entity {
    name: "referral_to_treatment_period",
    area: Area::Access,
    title: "Referral to treatment period",
    meaning: "The pathway that the activity belongs to, and where its waiting time stands",
    grain: "one pathway of one record",
    parent: None,
    fields: fields! {
        text unique_booking_reference_number_converted "UNIQUE BOOKING REFERENCE NUMBER (CONVERTED)" "number of the booking that began the pathway" personal;
        text patient_pathway_identifier "PATIENT PATHWAY IDENTIFIER" "the issuer's number of the pathway, where no booking began it" personal;
        text organisation_identifier_patient_pathway_identifier_issuer "ORGANISATION IDENTIFIER (PATIENT PATHWAY IDENTIFIER ISSUER)" "organisation that gave the number";
        code("referral-to-treatment-period-status") referral_to_treatment_period_status "REFERRAL TO TREATMENT PERIOD STATUS" "what the activity does to the waiting time";
        code("waiting-time-measurement-type") waiting_time_measurement_type "WAITING TIME MEASUREMENT TYPE (COMMISSIONING DATA SET)" "by which rules the waiting time is measured";
        date referral_to_treatment_period_start_date "REFERRAL TO TREATMENT PERIOD START DATE" "day the clock started";
        date referral_to_treatment_period_end_date "REFERRAL TO TREATMENT PERIOD END DATE" "day the clock stopped";
    },
};

pub(super) static REFERRAL: Entity = Entity {
    name: "referral",
    area: Area::Access,
    title: "Referral",
    meaning: "Requests for care, those that led to the activity and those that it led to",
    grain: "one referral",
    parent: None,
    fields: fields! {
        code("") direction "" "incoming where it led to the activity, outgoing where the activity led to it";
        text referral_identifier "" "the sender's own key of the referral";
        text unique_booking_reference_number "UNIQUE BOOKING REFERENCE NUMBER (CONVERTED)" "number of the booking by which it was made" personal;
        text service_request_identifier "SERVICE REQUEST IDENTIFIER" "number of the request";
        code("priority-type") priority_type_code "PRIORITY TYPE CODE" "how urgent it is";
        code("service-type-requested") service_type_requested_code "SERVICE TYPE REQUESTED CODE" "what is asked for";
        code("source-of-referral-for-outpatients") source_of_referral_for_out_patients "SOURCE OF REFERRAL FOR OUT-PATIENTS" "kind of person or service that refers";
        date referral_request_received_date "REFERRAL REQUEST RECEIVED DATE" "day it came in";
        code("direct-access-referral-indicator") direct_access_referral_indicator "DIRECT ACCESS REFERRAL INDICATOR" "whether a diagnostic service was asked directly";
        code("referred-by-first-contact-practitioner-indicator") referred_by_first_contact_practitioner_indicator "REFERRED BY FIRST CONTACT PRACTITIONER INDICATOR" "whether a practitioner of first contact referred";
        text referrer_code "REFERRER CODE" "person who refers";
        text organisation_identifier_referring_organisation "ORGANISATION IDENTIFIER (REFERRING ORGANISATION)" "organisation that refers";
        text referred_to_service_snomed_ct "REFERRED TO SERVICE (SNOMED CT)" "service that is asked";
        text organisation_identifier_referred_to "" "organisation that is asked";
        text specialty_requested "" "specialty that is asked, as the national service for referrals names it";
        code("treatment-function") treatment_function_referred_to "ACTIVITY TREATMENT FUNCTION CODE" "specialty that is asked";
        date request_date "ACTIVITY SERVICE REQUEST DATE (EMERGENCY CARE)" "day of the request";
        time request_time "ACTIVITY SERVICE REQUEST TIME (EMERGENCY CARE)" "time of the request";
        date referred_to_service_assessment_date "REFERRED TO SERVICE ASSESSMENT DATE" "day the service saw the patient";
        time referred_to_service_assessment_time "REFERRED TO SERVICE ASSESSMENT TIME" "time the service saw the patient";
        text reason_code "" "why, as a code";
        code("") reason_code_system "" "classification that the reason is of";
        text status "" "where the referral stands, as the sender's system says it";
    },
};

pub(super) static APPOINTMENT: Entity = Entity {
    name: "appointment",
    area: Area::Access,
    title: "Appointment",
    meaning: "Slots of a practice's or clinic's book: booked, kept, missed or cancelled",
    grain: "one booking",
    parent: None,
    fields: fields! {
        text appointment_identifier "" "the system's own key of the slot";
        text session_identifier "" "the session that the slot belongs to";
        text session_name "" "what the session is called";
        text unique_booking_reference_number "UNIQUE BOOKING REFERENCE NUMBER (CONVERTED)" "number of the booking, where the national service made it" personal;
        moment booked_at "" "when it was booked";
        date appointment_date "APPOINTMENT DATE" "day of the appointment";
        time appointment_time "APPOINTMENT TIME" "time of the appointment";
        integer expected_duration_of_appointment "EXPECTED DURATION OF APPOINTMENT" "minutes planned";
        integer actual_duration "" "minutes taken";
        code("") status "" "booked, attended, did not attend or cancelled, as the system says it";
        moment arrived_at "" "when the patient arrived";
        moment seen_at "" "when the patient was called in";
        moment left_at "" "when the patient left";
        moment cancelled_at "" "when it was cancelled";
        text cancellation_reason "" "why it was cancelled";
        code("") mode "" "face to face, by telephone, by video, at home or in writing";
        text professional_type "" "kind of professional, as in general practitioner or other practice staff";
        text professional_identifier "" "the system's own key of the professional";
        text national_category "" "category of the national appointment statistics";
        text slot_type "" "the practice's own name for the kind of slot";
        text organisation_identifier "ORGANISATION IDENTIFIER (CODE OF PROVIDER)" "organisation whose book it is";
        text organisation_site_identifier "ORGANISATION SITE IDENTIFIER (OF TREATMENT)" "site of the appointment";
    },
};

pub(super) static ELECTIVE_ADMISSION_LIST_ENTRY: Entity = Entity {
    name: "elective_admission_list_entry",
    area: Area::Access,
    title: "Entry on a list for admission",
    meaning: "The wait for a planned admission",
    grain: "one entry",
    parent: None,
    fields: fields! {
        integer duration_of_elective_wait "DURATION OF ELECTIVE WAIT" "days waited";
        code("intended-management") intended_management_code "INTENDED MANAGEMENT CODE" "stay that was planned";
        date decided_to_admit_date "DECIDED TO ADMIT DATE" "day the admission was decided on";
        date earliest_reasonable_offer_date "EARLIEST REASONABLE OFFER DATE" "first day that was offered in good time";
        date earliest_clinically_appropriate_date "EARLIEST CLINICALLY APPROPRIATE DATE" "first day that was right clinically";
        date latest_clinically_appropriate_date "LATEST CLINICALLY APPROPRIATE DATE" "last day that was right clinically";
        date listed_date "" "day the patient came on the list of this provider";
        date first_listed_date "" "day the patient came on a list for this first, with whatever provider";
        code("") listing_source "" "how the patient came on the list, as the sender codes it";
        date guaranteed_admission_date "" "last day by which admission is guaranteed";
        code("") guarantee_exceeded_reason "" "why admission comes later, as the sender codes it";
        date suspension_start_date "" "first day on which the patient could not be admitted";
        date suspension_end_date "" "last day on which the patient could not be admitted";
        code("hl7-zu016") suspension_initiator "" "who asked for the suspension";
        date offered_admission_date "" "day that is offered for admission";
        code("hl7-zu023") offer_outcome "" "what came of the offer";
        date last_review_date "" "day the entry was looked at last";
        date removal_date "" "day the patient was taken off the list, or put back";
        code("hl7-zu029") removal_reason "" "why the patient was taken off the list, or put back";
    },
};

pub(super) static SERVICE_AGREEMENT: Entity = Entity {
    name: "service_agreement",
    area: Area::Access,
    title: "Service agreement",
    meaning: "Who commissioned the activity, under what agreement, and for which days",
    grain: "one commissioner of one record",
    parent: None,
    fields: fields! {
        text organisation_identifier_code_of_commissioner "ORGANISATION IDENTIFIER (CODE OF COMMISSIONER)" "organisation that pays";
        date start_date_commissioner_assignment_period "START DATE (COMMISSIONER ASSIGNMENT PERIOD)" "first day that it pays for";
        date end_date_commissioner_assignment_period "END DATE (COMMISSIONER ASSIGNMENT PERIOD)" "last day that it pays for";
        text nhs_service_agreement_identifier "NHS SERVICE AGREEMENT IDENTIFIER" "the agreement; earlier the commissioning serial number";
        text nhs_service_agreement_line_identifier "NHS SERVICE AGREEMENT LINE IDENTIFIER" "line of the agreement";
        text provider_reference_identifier "PROVIDER REFERENCE IDENTIFIER" "the provider's reference";
        text commissioner_reference_identifier "COMMISSIONER REFERENCE IDENTIFIER" "the commissioner's reference";
        code("service-code") service_code "SERVICE CODE" "specialised service that it is";
    },
};

pub(super) static OVERSEAS_VISITOR_CHARGING: Entity = Entity {
    name: "overseas_visitor_charging",
    area: Area::Access,
    title: "Charging category of an overseas visitor",
    meaning: "Whether a visitor from abroad pays for an episode, and for which days",
    grain: "one category of one episode with its period",
    parent: Some("episode"),
    fields: fields! {
        code("overseas-visitor-charging-category") overseas_visitor_charging_category "OVERSEAS VISITOR CHARGING CATEGORY" "the category";
        date overseas_visitor_charging_category_applicable_from_date "OVERSEAS VISITOR CHARGING CATEGORY APPLICABLE FROM DATE" "first day";
        date overseas_visitor_charging_category_applicable_end_date "OVERSEAS VISITOR CHARGING CATEGORY APPLICABLE END DATE" "last day";
    },
};
