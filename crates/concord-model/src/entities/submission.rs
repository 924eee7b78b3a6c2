//! The file that was handed over, and its records as transactions.

use super::field::fields;
use super::{Area, Entity};

pub(super) static SUBMISSION: Entity = Entity {
    name: "submission",
    area: Area::Submission,
    title: "Submission",
    meaning: "Who sent a file to whom, when and under what reference",
    grain: "one file",
    parent: None,
    fields: fields! {
        text sender "CDS INTERCHANGE SENDER IDENTITY" "electronic address that the file came from";
        text receiver "CDS INTERCHANGE RECEIVER IDENTITY" "electronic address that the file goes to";
        text control_reference "CDS INTERCHANGE CONTROL REFERENCE" "the sender's number of the file";
        date date_of_preparation "CDS INTERCHANGE DATE OF PREPARATION" "day the file was made";
        time time_of_preparation "CDS INTERCHANGE TIME OF PREPARATION" "time the file was made";
        text application_reference "CDS INTERCHANGE APPLICATION REFERENCE" "the sender's name for what the file is for";
        text test_indicator "CDS INTERCHANGE TEST INDICATOR" "whether the file is only a test";
        integer control_count "CDS INTERCHANGE CONTROL COUNT" "number of records as the sender counted them";
    },
};

pub(super) static ACTIVITY_RECORD: Entity = Entity {
    name: "activity_record",
    area: Area::Submission,
    title: "Activity record",
    meaning: "A record as a transaction: what it is about, what the receiver is to do with it, and which days it counts for",
    grain: "one record of a feed of activity",
    parent: None,
    fields: fields! {
        code("cds-type") cds_type_code "CDS TYPE CODE" "kind of activity";
        code("cds-protocol-identifier") cds_protocol_identifier_code "CDS PROTOCOL IDENTIFIER CODE" "whether the record replaces one record or, with others, a whole period";
        code("cds-bulk-replacement-group") cds_bulk_replacement_group_code "CDS BULK REPLACEMENT GROUP CODE" "kinds of activity that are replaced together";
        text cds_unique_identifier "CDS UNIQUE IDENTIFIER" "the record's name for as long as it lives";
        code("cds-update-type") cds_update_type "CDS UPDATE TYPE" "whether the record is new or changed, or to be deleted";
        date cds_applicable_date "CDS APPLICABLE DATE" "day of the change that is reported";
        time cds_applicable_time "CDS APPLICABLE TIME" "time of the change that is reported";
        date cds_extract_date "CDS EXTRACT DATE" "day the records of the period were taken from the sender's system";
        time cds_extract_time "CDS EXTRACT TIME" "time the records of the period were taken from the sender's system";
        date cds_report_period_start_date "CDS REPORT PERIOD START DATE" "first day of the period that is replaced";
        date cds_report_period_end_date "CDS REPORT PERIOD END DATE" "last day of the period that is replaced";
        date cds_activity_date "CDS ACTIVITY DATE" "day by which the activity counts";
        text organisation_identifier_cds_sender "ORGANISATION IDENTIFIER (CDS SENDER)" "organisation that answers for the record";
        text cds_message_reference "CDS MESSAGE REFERENCE" "number of the record in the sender's file";
        text cds_record_identifier "CDS RECORD IDENTIFIER" "the sender's own key of the record";
    },
};

pub(super) static RECORD_RECIPIENT: Entity = Entity {
    name: "record_recipient",
    area: Area::Submission,
    title: "Recipient of a record",
    meaning: "Organisations that a record is meant for besides the national system",
    grain: "one organisation of one record",
    parent: Some("activity_record"),
    fields: fields! {
        code("") role "" "prime or copy where the standard tells them apart, else recipient";
        text organisation_identifier_cds_recipient "ORGANISATION IDENTIFIER (CDS RECIPIENT)" "the organisation";
    },
};
