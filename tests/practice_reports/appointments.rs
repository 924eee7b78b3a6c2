//! Appointments as they are published.

use std::fs;

use crate::support::{
    PRACTICE, apply, cell, emis, guid, own, put, read, report, rows, sample, state,
};

#[test]
fn appointments_have_the_published_labels() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    emis(folder);
    let (own, doctor, nurse) = (own(folder), guid(21), guid(22));
    let (surgery, clinic, nobody) = (guid(31), guid(32), guid(33));
    let slots: [String; 6] = [41, 42, 43, 44, 45, 46].map(guid);
    put(
        folder,
        "Admin_UserInRole",
        false,
        &[
            &[
                ("USER_IN_ROLE_GUID", &doctor),
                ("JOB_CATEGORY_CODE", "R0260"),
            ],
            &[
                ("USER_IN_ROLE_GUID", &nurse),
                ("JOB_CATEGORY_CODE", "R0600"),
            ],
        ],
    );
    // Without braces, as they come too.
    let bare = doctor.trim_matches(['{', '}']).to_owned();
    put(
        folder,
        "Appointment_SessionUser",
        false,
        &[
            &[("SESSION_GUID", &surgery), ("USER_IN_ROLE_GUID", &nurse)],
            &[("SESSION_GUID", &surgery), ("USER_IN_ROLE_GUID", &bare)],
            &[("SESSION_GUID", &clinic), ("USER_IN_ROLE_GUID", &nurse)],
        ],
    );
    let patient = state(folder, "admin_patient").remove(0);
    let patient = cell(&patient, "PATIENT_GUID");
    let slot = |number: usize,
                day: &'static str,
                booked: &'static str,
                session: &str,
                more: &[(&'static str, &str)]| {
        let mut row = vec![
            ("SLOT_GUID", slots[number].clone()),
            ("PATIENT_GUID", patient.to_owned()),
            ("ORGANISATION_GUID", own.clone()),
            ("APPOINTMENT_DATE", day.to_owned()),
            ("BOOKED_DATE", booked.to_owned()),
            ("SESSION_GUID", session.to_owned()),
            ("DELETED", "false".to_owned()),
        ];
        for (column, text) in more {
            row.retain(|(name, _)| name != column);
            row.push((*column, (*text).to_owned()));
        }
        row
    };
    let seen = [
        ("SEND_IN_TIME", "09:10:00"),
        ("MODE_OF_CONTACT", "Face to face"),
        ("SLOT_TYPE", "Routine GP"),
    ];
    let missed = [
        ("DID_NOT_ATTEND", "true"),
        ("MODE_OF_CONTACT", "Telephone"),
        ("SLOT_TYPE", "Nurse Clinic"),
    ];
    let table = [
        slot(0, "2025-03-10", "2025-03-10", &surgery, &seen),
        slot(1, "2025-03-11", "2025-02-25", &surgery, &seen),
        slot(2, "2025-03-20", "2025-03-05", &clinic, &missed),
        slot(3, "2025-03-20", "2025-03-21", &nobody, &[]),
        slot(
            4,
            "2025-03-20",
            "2025-03-20",
            &surgery,
            &[("PATIENT_GUID", "")],
        ),
        slot(5, "2025-05-01", "2025-03-20", &surgery, &[]),
    ];
    let table: Vec<Vec<(&str, &str)>> = table
        .iter()
        .map(|row| {
            row.iter()
                .map(|(column, text)| (*column, text.as_str()))
                .collect()
        })
        .collect();
    let table: Vec<&[(&str, &str)]> = table.iter().map(Vec::as_slice).collect();
    put(folder, "Appointment_Slot", false, &table);
    apply(folder);
    fs::write(
        folder.join("categories.csv"),
        "Slot_Type,National_Category,Practice_Code\nroutine gp,General Consultation Routine,\nNurse clinic,Unplanned Clinical Activity,A81999\nNurse clinic,Planned Clinics,\n",
    )
    .unwrap();
    fs::write(
        folder.join("networks.csv"),
        "PRACTICE_CODE,PCN_CODE,PCN_NAME\nA81999,U99999,\"Heywood, Middleton and Made-up\"\n",
    )
    .unwrap();
    let more = [
        "--with",
        "categories=categories.csv",
        "--with",
        "networks=networks.csv",
    ];
    let ran = report(folder, "appointments", "2025-03-31", &more).exits(0);
    assert!(
        ran.out
            .contains("appointment: 6 rows, 2 not counted (is later 1, nobody has it 1)"),
        "{}",
        ran.out
    );
    let name = "'=THE SURGERY";
    let network = "U99999,\"Heywood, Middleton and Made-up\",00T,";
    assert_eq!(
        read(&folder.join("appointments/appointments-by-practice.csv")),
        format!(
            "APPOINTMENT_MONTH_START_DATE,GP_CODE,GP_NAME,SUPPLIER,PCN_CODE,PCN_NAME,SUB_ICB_LOCATION_CODE,SUB_ICB_LOCATION_NAME,HCP_TYPE,\
             APPT_MODE,NATIONAL_CATEGORY,TIME_BETWEEN_BOOK_AND_APPT,COUNT_OF_APPOINTMENTS,APPT_STATUS\n\
             01MAR2025,A81999,{name},EMIS,{network},GP,Face-to-Face,General Consultation Routine,8  to 14 Days,1,Attended\n\
             01MAR2025,A81999,{name},EMIS,{network},GP,Face-to-Face,General Consultation Routine,Same Day,1,Attended\n\
             01MAR2025,A81999,{name},EMIS,{network},Other Practice staff,Telephone,Unplanned Clinical Activity,15  to 21 Days,1,DNA\n\
             01MAR2025,A81999,{name},EMIS,{network},Unknown,Unknown,Unmapped,Unknown / Data Quality,1,Unknown\n"
        )
    );
    assert_eq!(
        read(&folder.join("appointments/acc-08.csv")).lines().nth(1),
        Some("A81999,2,3,0.666667")
    );
    let days = rows(&folder.join("appointments/appointments-by-day.csv"));
    let days: Vec<&str> = days
        .iter()
        .map(|row| cell(row, "Appointment_Date"))
        .collect();
    assert_eq!(days, ["10MAR2025", "11MAR2025", "20MAR2025", "20MAR2025"]);
}

/// `SystmOne` writes numbers of other tables in the place of what they mean.
#[test]
fn numbers_of_mappings_and_lists_are_read_as_what_they_mean() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    sample(folder, "tpp-sr@93", "5", "0");
    put(
        folder,
        "SRMapping",
        false,
        &[
            &[("ROW_IDENTIFIER", "1"), ("MAPPING", "Finished")],
            &[("ROW_IDENTIFIER", "2"), ("MAPPING", "Did Not Attend")],
            &[("ROW_IDENTIFIER", "3"), ("MAPPING", "Cancelled by Patient")],
            &[("ROW_IDENTIFIER", "4"), ("MAPPING", "Trust")],
        ],
    );
    put(
        folder,
        "SRConfiguredListOption",
        false,
        &[
            &[
                ("ROW_IDENTIFIER", "51"),
                ("CONFIGURED_LIST_OPTION", "2 Week Wait"),
                ("CDS_CODE", "3"),
            ],
            &[("ROW_IDENTIFIER", "52"), ("CONFIGURED_LIST_OPTION", "Soon")],
        ],
    );
    let of = [
        ("ID_ORGANISATION", PRACTICE),
        ("ID_ORGANISATION_VISIBLE_TO", PRACTICE),
        ("REMOVED_DATA", "0"),
    ];
    let row = |number: &'static str, more: &[(&'static str, &'static str)]| {
        let mut row = vec![("ROW_IDENTIFIER", number), ("ID_PATIENT", "77")];
        row.extend(of);
        row.extend(more);
        row
    };
    let appointments = [
        row(
            "61",
            &[
                ("DATE_START", "10 Mar 2025 09:00:00"),
                ("DATE_APPOINTMENT_BOOKED", "01 Mar 2025 23:59:59"),
                ("APPOINTMENT_STATUS", "1"),
                ("TELEPHONE_APPOINTMENT", "true"),
            ],
        ),
        row(
            "62",
            &[
                ("DATE_START", "10 Mar 2025 09:10:00"),
                ("DATE_APPOINTMENT_BOOKED", "10 Mar 2025 08:00:00"),
                ("APPOINTMENT_STATUS", "2"),
                ("TELEPHONE_APPOINTMENT", "false"),
            ],
        ),
        row(
            "63",
            &[
                ("DATE_START", "10 Mar 2025 09:20:00"),
                ("APPOINTMENT_STATUS", "3"),
            ],
        ),
        row(
            "64",
            &[("DATE_START", "10th of March"), ("APPOINTMENT_STATUS", "1")],
        ),
    ];
    let appointments: Vec<&[(&str, &str)]> = appointments.iter().map(Vec::as_slice).collect();
    put(folder, "SRAppointment", false, &appointments);
    let referrals = [
        row(
            "71",
            &[
                ("DATE_EVENT", "10 Mar 2025 09:00:00"),
                ("URGENCY", "51"),
                ("RECIPIENT_ID", "9"),
                ("RECIPIENT_ID_TYPE", "4"),
            ],
        ),
        row(
            "72",
            &[("DATE_EVENT", "11 Mar 2025 09:00:00"), ("URGENCY", "52")],
        ),
    ];
    let referrals: Vec<&[(&str, &str)]> = referrals.iter().map(Vec::as_slice).collect();
    put(folder, "SRReferralOut", false, &referrals);
    apply(folder);
    let ran = report(folder, "appointments", "2025-03-31", &[]).exits(0);
    assert!(
        ran.out
            .contains("4 rows, 2 not counted (cancelled 1, no day 1)"),
        "{}",
        ran.out
    );
    assert!(
        ran.out.contains(
            "store: 1 value of sr_appointment.DATE_START is no day, and taken for unknown"
        ),
        "{}",
        ran.out
    );
    assert_eq!(
        read(&folder.join("appointments/appointments-by-practice.csv"))
            .lines()
            .skip(1)
            .collect::<Vec<_>>(),
        [
            "01MAR2025,A81999,,TPP,,,,,Unknown,Telephone,Unmapped,8  to 14 Days,1,Attended",
            "01MAR2025,A81999,,TPP,,,,,Unknown,Unknown,Unmapped,Same Day,1,DNA",
        ]
    );
    report(folder, "referrals", "2025-03-31", &[]).exits(0);
    let found = rows(&folder.join("referrals/referrals.csv"));
    let priorities: Vec<&str> = found
        .iter()
        .map(|row| cell(row, "PRIORITY_TYPE_CODE"))
        .collect();
    assert_eq!(priorities, ["3", ""]);
    let reported = read(&folder.join("referrals/reported.csv"));
    assert!(
        reported.contains("A81999,72,the urgency has no national code,Soon"),
        "{reported}"
    );
}
