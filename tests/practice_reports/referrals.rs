//! Referrals, held against what providers say.

use std::fs;
use std::path::Path;

use crate::support::{
    apply, cell, concord, emis, guid, organisations, own, put, read, report, rows, state,
};

#[test]
fn referrals_are_held_against_providers_activity() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    emis(folder);
    let own = own(folder);
    let patient = state(folder, "admin_patient").remove(0);
    let patient = cell(&patient, "PATIENT_GUID");
    // Number, day, precision, urgency, where to, booking.
    let referrals = [
        (11, "2025-07-01", "YMD", "Routine", 1, "000056455627"),
        (12, "2025-07-02", "YMD", "2 Week Wait", 2, "000631526120"),
        (13, "2025-07-03", "YMDT", "Soon", 1, "000000000001"),
        (14, "2025-07-01", "YM", "Urgent", 1, "000000000002"),
        (15, "2025-07-03", "YMD", "urgent", 9, "12345"),
    ];
    let guids: Vec<(String, String)> = referrals
        .iter()
        .map(|row| (guid(row.0), guid(row.4)))
        .collect();
    let observations: Vec<[(&str, &str); 6]> = referrals
        .iter()
        .zip(&guids)
        .map(|(row, (own_guid, _))| {
            [
                ("OBSERVATION_GUID", own_guid.as_str()),
                ("PATIENT_GUID", patient),
                ("ORGANISATION_GUID", own.as_str()),
                ("EFFECTIVE_DATE", row.1),
                ("EFFECTIVE_DATE_PRECISION", row.2),
                ("DELETED", "false"),
            ]
        })
        .collect();
    let observations: Vec<&[(&str, &str)]> = observations.iter().map(|row| &row[..]).collect();
    put(folder, "CareRecord_Observation", true, &observations);
    let lines: Vec<[(&str, &str); 6]> = referrals
        .iter()
        .zip(&guids)
        .map(|(row, (own_guid, target))| {
            [
                ("OBSERVATION_GUID", own_guid.as_str()),
                ("PATIENT_GUID", patient),
                ("ORGANISATION_GUID", own.as_str()),
                ("REFERRAL_TARGET_ORGANISATION_GUID", target.as_str()),
                ("REFERRAL_URGENCY", row.3),
                ("REFERRAL_UBRN", row.5),
            ]
        })
        .collect();
    let lines: Vec<&[(&str, &str)]> = lines.iter().map(|row| &row[..]).collect();
    put(folder, "CareRecord_ObservationReferral", false, &lines);
    apply(folder);

    let cds =
        Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fixtures/cds/outpatients/clean.xml");
    concord(
        folder,
        &[
            "convert",
            &cds.to_string_lossy(),
            "--to",
            "parquet",
            "-o",
            "lake",
        ],
    )
    .exits(0);
    organisations(folder, "");
    let more = ["--with", "activity=lake", "--reference", "reference"];
    report(folder, "referrals", "2025-12-31", &more).exits(0);
    let (one, two, three, four, five) = (guid(11), guid(12), guid(13), guid(14), guid(15));
    assert_eq!(
        read(&folder.join("referrals/referrals.csv")),
        format!(
            "REFERRAL_REQUEST_DATE,PERIOD,PROVIDER_CODE,SERVICE_TYPE,SPECIALTY,PRIORITY_TYPE_CODE,UBRN,REFERRING_ORGANISATION_CODE,\
             SOURCE_OF_REFERRAL_FOR_OUT_PATIENTS,COMMISSIONER_CODE,REFERRAL_IDENTIFIER\n\
             2025-07-01,2025-07,RMV,,,1,000056455627,A81999,03,00T,{one}\n\
             2025-07-02,2025-07,RZZ,,,3,000631526120,A81999,03,00T,{two}\n\
             2025-07-03,2025-07,RMV,,,,000000000001,A81999,03,00T,{three}\n\
             2025-07-03,2025-07,,,,2,,A81999,03,00T,{five}\n"
        )
    );
    assert_eq!(
        read(&folder.join("referrals/referral-monitor.csv")),
        "PERIOD,REFERRING_ORGANISATION_CODE,COMMISSIONER_CODE,PROVIDER_CODE,SERVICE_TYPE,SPECIALTY,PRIORITY_TYPE_CODE,COUNT,MATCHED,UNMATCHED,WITHOUT_UBRN\n\
         2025-07,A81999,00T,RMV,,,1,1,1,0,0\n\
         2025-07,A81999,00T,RMV,,,,1,0,1,0\n\
         2025-07,A81999,00T,RZZ,,,3,1,1,0,0\n\
         2025-07,A81999,00T,,,,2,1,0,0,1\n"
    );
    assert_eq!(
        read(&folder.join("referrals/reported.csv")),
        format!(
            "REFERRING_ORGANISATION_CODE,REFERRAL_IDENTIFIER,REASON,SAID\n\
             A81999,{three},the urgency has no national code,Soon\n\
             A81999,{four},the day is not known exactly,\n\
             A81999,{five},the booking reference is not of 12 digits,\n\
             A81999,{five},the provider has no code,\n"
        )
    );
    let reconciled = rows(&folder.join("referrals/reconciliation.csv"));
    let outcomes: Vec<(&str, &str)> = reconciled
        .iter()
        .map(|row| (cell(row, "UBRN"), cell(row, "OUTCOME")))
        .collect();
    assert_eq!(
        outcomes,
        [
            ("000000000001", "not in the activity"),
            ("000056455627", "matched"),
            ("000631526120", "another provider"),
        ]
    );
    assert_eq!(cell(&reconciled[1], "PROVIDER_CODE_OF_ACTIVITY"), "RMV");
    // What providers say that nobody referred is told too.
    fs::remove_dir_all(folder.join("referrals")).unwrap();
    report(folder, "referrals", "2025-07-01", &more).exits(0);
    let beyond = rows(&folder.join("referrals/activity-without-referral.csv"));
    assert_eq!(beyond.len(), 1);
    assert_eq!(cell(&beyond[0], "UBRN"), "000631526120");
}
