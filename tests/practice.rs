//! Practice extracts as their user meets them: made, checked, applied, counted.

#![allow(clippy::unwrap_used)] // a test fails by panicking

use std::fs;
use std::path::{Path, PathBuf};

mod ran;

use ran::{Ran, concord};

fn sample(folder: &Path, standard: &str, people: &str, months: &str) -> Vec<PathBuf> {
    let ran = concord(
        folder,
        &[
            "sample", standard, "-n", people, "--months", months, "-o", "practice",
        ],
    );
    assert_eq!(ran.code, 0, "{}", ran.words());
    let mut batches: Vec<PathBuf> = fs::read_dir(folder.join("practice/batches"))
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect();
    batches.sort_by_key(|path| {
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        let digits: String = name.chars().filter(char::is_ascii_digit).collect();
        digits[digits.len().saturating_sub(14)..].to_owned()
    });
    batches
}

fn apply(folder: &Path, batch: &Path) -> Ran {
    let batch = batch.to_string_lossy();
    concord(folder, &["practice", "apply", &batch, "--store", "store"])
}

/// The number of rows of each table of the state, and of the file that is written for it.
fn states(folder: &Path) -> Vec<(String, usize)> {
    let mut found: Vec<(String, usize)> = fs::read_dir(folder.join("practice/state"))
        .unwrap()
        .map(|entry| {
            let path = entry.unwrap().path();
            let rows = csv::Reader::from_path(&path)
                .unwrap()
                .into_records()
                .count();
            (
                path.file_stem().unwrap().to_string_lossy().into_owned(),
                rows,
            )
        })
        .collect();
    found.sort();
    found
}

#[test]
fn a_practice_lives_through_months() {
    for (standard, people) in [
        ("tpp-sr@93", "30"),
        ("vision@1", "30"),
        ("emis-extract@8", "20"),
    ] {
        let folder = tempfile::tempdir().unwrap();
        let folder = folder.path();
        let batches = sample(folder, standard, people, "2");
        for batch in &batches {
            let ran = apply(folder, batch);
            assert_eq!(ran.code, 0, "{}", ran.words());
            assert!(ran.out.contains(" rows, "), "{}", ran.out);
        }
        // All of them again, as the folder that they are in.
        let ran = concord(
            folder,
            &["practice", "apply", "practice/batches", "--store", "store"],
        );
        assert_eq!(
            (ran.code, ran.out.matches("applied before").count()),
            (0, 3),
            "{}",
            ran.words()
        );
        let verified = concord(folder, &["practice", "verify", "--store", "store"]);
        assert_eq!(verified.code, 0, "{}", verified.err);
        assert!(
            verified
                .out
                .ends_with("3 batches; everything is as it was written\n"),
            "{}",
            verified.out
        );
        let latest = concord(folder, &["practice", "latest", "--store", "store"]);
        assert_eq!(latest.code, 0, "{}", latest.err);
        for (table, rows) in states(folder) {
            let told = format!("store/latest/{table}/3.parquet: {rows} rows");
            assert!(latest.out.contains(&told), "{told}\n{}", latest.out);
            let counted = verified.out.lines().any(|line| {
                let mut words = line.split_whitespace();
                words.next() == Some(&*table) && words.next() == Some(&*rows.to_string())
            });
            assert!(counted, "{table} {rows}\n{}", verified.out);
        }
    }
}

#[test]
fn what_is_refused_says_why_and_what_to_do() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    let batches = sample(folder, "tpp-sr@93", "10", "6");
    let ran = apply(folder, &batches[1]);
    assert_eq!(ran.code, 1);
    assert!(
        ran.words().contains("no bulk was applied before it")
            && ran.words().contains("apply the bulk extract first"),
        "{}",
        ran.words()
    );
    assert_eq!(apply(folder, &batches[0]).code, 0);
    let ran = apply(folder, &batches[2]);
    assert_eq!(ran.code, 1);
    assert!(
        ran.words()
            .contains("changes from 20250401_0530 to 20250430_0530"),
        "{}",
        ran.words()
    );
    let ran = concord(
        folder,
        &[
            "practice",
            "apply",
            &batches[2].to_string_lossy(),
            "--store",
            "store",
            "--accept-gap",
        ],
    );
    assert_eq!(ran.code, 0, "{}", ran.words());
    assert!(
        ran.out.contains("applied although changes from"),
        "{}",
        ran.out
    );
    let ran = concord(folder, &["practice", "verify", "--store", "store"]);
    assert!(
        ran.out
            .contains("missing before 20250601_0530: changes from"),
        "{}",
        ran.out
    );
    // Damage is found.
    let path = folder.join("store/history/sr_code/1.parquet");
    fs::write(&path, "nothing").unwrap();
    let ran = concord(folder, &["practice", "verify", "--store", "store"]);
    assert_eq!(ran.code, 1);
    assert!(
        ran.out.contains("sr_code: ") && ran.out.contains("is not as it was written"),
        "{}",
        ran.out
    );
    for (arguments, expected) in [
        (
            ["practice", "verify", "--store", "nowhere"],
            "there is no store in nowhere",
        ),
        (
            ["practice", "apply", "store/store.json", "--store=other"],
            "no file is named as those of an extract",
        ),
    ] {
        let ran = concord(folder, &arguments);
        assert_eq!(ran.code, 2, "{}", ran.words());
        assert!(ran.words().contains(expected), "{}", ran.words());
    }
}

/// From the latest state to canonical rows: as many people as there are, and nothing that was withdrawn.
#[test]
fn the_latest_state_becomes_canonical() {
    for (standard, file, entity) in [
        ("emis-extract@8", "Admin_Patient.csv", "registration"),
        (
            "emis-extract@8",
            "Prescribing_IssueRecord.csv",
            "medication",
        ),
        ("tpp-sr@93", "SRPatient.csv", "person"),
        ("tpp-sr@93", "SRCode.csv", "observation"),
        ("vision@1", "Patient.csv", "registration"),
        ("vision@1", "Referral.csv", "referral"),
    ] {
        let folder = tempfile::tempdir().unwrap();
        let folder = folder.path();
        sample(folder, standard, "20", "2");
        let apply = ["practice", "apply", "practice/batches", "--store", "store"];
        concord(folder, &apply).exits(0);
        let latest = ["practice", "latest", "--store", "store", "--csv", "now"];
        concord(folder, &latest).exits(0);
        let path = format!("now/{file}");
        let convert = [
            "convert",
            &path,
            "--standard",
            standard,
            "--to",
            "parquet",
            "-o",
            "out",
        ];
        let ran = concord(folder, &convert).exits(0);
        let mut tables = states(folder).into_iter();
        let name = |text: &str| text.replace('_', "").to_ascii_lowercase();
        let wanted = name(file.trim_end_matches(".csv"));
        let (_, rows) = tables.find(|(table, _)| name(table) == wanted).unwrap();
        let told = format!(" {rows} rows out/{entity}");
        assert!(ran.words().contains(&told), "{told}\n{}", ran.words());
    }
}

/// Of the addresses that a patient has had, those that have not ended.
#[test]
fn present_addresses_are_carried() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    let header = "RowIdentifier,IDOrganisationVisibleTo,DateEventRecorded,DateEvent,IDProfileEnteredBy,IDDoneBy,TextualEventDoneBy,IDOrganisationDoneAt,NameOfBuilding,NumberOfBuilding,NameOfRoad,NameOfLocality,NameOfTown,NameOfCounty,FullPostCode,DateTo,AddressType,IDEvent,IDPatient,IDOrganisation,CcgOfResidence,RemovedData";
    let began = "01 Apr 2020 09:00:00";
    let row = |number: u8, road: &str, ended: &str, removed: u8| {
        format!(
            "{number},A81001,{began},{began},5,6,,A81001,ROSE COTTAGE,,{road},,EXAMPLETON,,ZZ99 3VZ,{ended},101,7,90{number},A81001,84H,{removed}"
        )
    };
    let text = [
        header.to_owned(),
        row(1, "MADE UP LANE", "", 0),
        row(2, "FORMER ROAD", "31 Mar 2026 00:00:00", 0),
        row(3, "WITHDRAWN STREET", "", 1),
    ];
    fs::write(
        folder.join("SRPatientAddressHistory.csv"),
        text.join("\n") + "\n",
    )
    .unwrap();
    let convert = [
        "convert",
        "SRPatientAddressHistory.csv",
        "--to",
        "jsonl",
        "-o",
        "out",
    ];
    concord(folder, &convert).exits(0);
    let mut files = fs::read_dir(folder.join("out/records")).unwrap();
    let text = fs::read_to_string(files.next().unwrap().unwrap().path()).unwrap();
    let records: Vec<serde_json::Value> = text
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    assert_eq!(records.len(), 1, "{text}");
    let person = &records[0]["record"]["person"][0];
    assert_eq!(person["local_patient_identifier_extended"], "901");
    assert_eq!(person["postcode_of_usual_address"], "ZZ99 3VZ");
    assert_eq!(
        person["organisation_identifier_residence_responsibility"],
        "84H"
    );
    let lines = person["address_line"].as_array().unwrap().iter();
    let lines: Vec<&str> = lines
        .map(|line| line["patient_usual_address_structured"].as_str().unwrap())
        .collect();
    assert_eq!(lines, ["ROSE COTTAGE", "MADE UP LANE", "EXAMPLETON"]);
}

/// Of a date as much is carried as is known of it.
#[test]
fn dates_are_known_as_far_as_they_say() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    let rows = (1..).zip(["YMD", "YM", "Y", "U"]);
    let rows = rows.map(|(number, precision)| {
        format!(
            "{{C0DE0001-5A3D-4C0F-8000-00000000000{number}}},{{C0DE0002-5A3D-4C0F-8000-000000000002}},,\
             2025-03-07,{precision},44054006,5.6E-1,,false\n"
        )
    });
    let header = "ObservationGuid,PatientGuid,OrganisationGuid,EffectiveDate,EffectiveDatePrecision,CodeId,Value,AssociatedText,Deleted\n";
    let text = header.to_owned() + &rows.collect::<String>();
    fs::write(folder.join("Observation.csv"), text).unwrap();
    let convert = "convert Observation.csv --standard emis-extract@8 --to jsonl -o out";
    let convert: Vec<&str> = convert.split(' ').collect();
    let ran = concord(folder, &convert).exits(0);
    let mut files = fs::read_dir(folder.join("out/records")).unwrap();
    let text = fs::read_to_string(files.next().unwrap().unwrap().path()).unwrap();
    let records = text.lines().map(|line| {
        let line: serde_json::Value = serde_json::from_str(line).unwrap();
        line["record"]["observation"][0]["observation_date"].clone()
    });
    let expected = ["2025-03-07", "2025-03", "2025"].map(serde_json::Value::from);
    assert_eq!(records.take(3).collect::<Vec<_>>(), expected);
    // Of the last, nothing is known.
    let told = "EFFECTIVE_DATE (because of DELETED and EFFECTIVE_DATE_PRECISION)";
    assert!(ran.words().contains(told), "{}", ran.words());
}

/// Each file is recognised, and checked as the table that it holds.
#[test]
fn files_are_checked_as_their_tables() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    let batches = sample(folder, "emis-extract@8", "20", "1");
    let files = batches[0].join("*Admin_Patient_2*.csv");
    let ran = concord(
        folder,
        &["check", &files.to_string_lossy(), "--format", "json"],
    );
    assert_eq!(ran.code, 0, "{}{}", ran.out, ran.words());
    assert!(ran.out.contains("emis-extract@8"), "{}", ran.out);
    // A wrong value is told of its column, and a person's is masked.
    let path = folder.join("Observation.csv");
    let text = "ObservationGuid,PatientGuid,OrganisationGuid,EffectiveDate,EffectiveDatePrecision,Value,AssociatedText,Deleted\n\
                {C0DE0001-5A3D-4C0F-8000-000000000001},C0DE0002-5A3D-4C0F-8000-000000000002,,2025-13-01,YMD,5.6E-1,\"said, \"\"fine\"\"\",false\n\
                {C0DE0001-5A3D-4C0F-8000-000000000003},secret-guid,,2025-12-01,D,,,no\n";
    fs::write(&path, text).unwrap();
    let ran = concord(
        folder,
        &[
            "check",
            "Observation.csv",
            "--standard",
            "emis-extract@8",
            "--format",
            "ndjson",
        ],
    );
    assert_eq!(ran.code, 0, "wrong values are warnings: {}", ran.out);
    for element in [
        "EFFECTIVE DATE",
        "EFFECTIVE DATE PRECISION",
        "PATIENT GUID",
        "DELETED",
    ] {
        let told = ran.out.contains(&format!("\"element\":\"{element}\""));
        assert!(told, "{element}\n{}", ran.out);
    }
    assert!(!ran.out.contains("secret-guid"), "{}", ran.out);
    // Without a header the name of the file says which table it is.
    fs::write(
        folder.join("Staff.csv"),
        "7,GP,G9999999,Testcase,Zoe,Dr,F,1\n",
    )
    .unwrap();
    let ran = concord(folder, &["check", "Staff.csv", "--standard", "vision@1"]);
    assert_eq!(ran.code, 0, "{}{}", ran.out, ran.words());
}

/// Batches with faults as their user meets them: labels, findings of both commands, refusals by rule.
#[test]
fn faults_of_batches_are_labelled_and_found() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    let sample = [
        "sample",
        "emis-extract@8",
        "-n",
        "12",
        "--months",
        "8",
        "--faults",
        "1",
        "--labels",
        "labels.csv",
        "-o",
        "faulty",
    ];
    concord(folder, &sample).exits(0);
    let labels = fs::read_to_string(folder.join("labels.csv")).unwrap();
    let count = |rule: &str| labels.lines().filter(|line| line.starts_with(rule)).count();
    let check = ["practice", "check", "faulty/batches", "--format", "ndjson"];
    let ran = concord(folder, &check);
    assert_eq!(ran.code, 1, "{}", ran.words());
    let found = ran
        .out
        .lines()
        .filter(|line| line.contains("\"rule\":\"EXTRACT-") && line.contains("\"message\""))
        .count();
    assert_eq!(found, count("EXTRACT-"), "{}\n{labels}", ran.out);
    assert!(count("EXTRACT-") >= 8, "{labels}");
    // Each is explained, and a refusal names it.
    let ran = concord(folder, &["standards", "explain", "EXTRACT-GAP"]).exits(0);
    assert!(ran.out.contains("concord practice check"), "{}", ran.out);
    let apply = ["practice", "apply", "faulty/batches", "--store", "store"];
    let ran = concord(folder, &apply);
    assert_eq!(ran.code, 1);
    assert!(ran.words().contains("EXTRACT-"), "{}", ran.words());
    // A rule that no fault can be made for is refused.
    let wrong = [&sample[..], &["--fault-rules", "EXTRACT-CHANGED"]].concat();
    let ran = concord(folder, &wrong);
    assert_eq!(ran.code, 2);
    // Nothing is told of what is right, and of several practices only the one that stops.
    let several = [
        "sample",
        "emis-extract@8",
        "-n",
        "12",
        "--months",
        "8",
        "--practices",
        "3",
        "-o",
        "several",
    ];
    concord(folder, &several).exits(0);
    let ran = concord(folder, &["practice", "check", "several/batches"]).exits(0);
    assert!(ran.out.contains("EXTRACT-HELD"), "{}", ran.out);
    let apply = ["practice", "apply", "several/batches", "--store", "shared"];
    let ran = concord(folder, &apply).exits(0);
    assert!(ran.out.contains("the agreement is disabled"), "{}", ran.out);
    let ran = concord(folder, &["practice", "verify", "--store", "shared"]).exits(0);
    assert!(
        ran.out.contains("when its agreement was disabled"),
        "{}",
        ran.out
    );
}
