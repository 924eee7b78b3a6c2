//! Extracts: every layout of every standard, against the rows that were submitted.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use concord_check::submission::{Parameters, TableFiles, TablesInMemory};
use concord_convert::OnReject;
use concord_convert::submission::SubmissionConversion;
use concord_convert::submission::extract::{
    Extract, ExtractLayouts, ExtractWritten, Placed, write_extract,
};
use concord_read::{Input, Limits};
use concord_standards::definition::Definition;
use concord_standards::submission::{Parameter, Submission};

use crate::shipped::Shipped;
use crate::support::{Made, convert, definitions, in_memory, sample, spoilt, submission};

struct Lake {
    made: Made,
    memory: TablesInMemory,
}

fn lake(definition: &Definition, patients: u64, broken: bool) -> Lake {
    let submission = submission(definition);
    let mut memory = in_memory(&mut sample(definition, patients), submission.tables.len());
    if broken {
        memory = spoilt(memory, &submission);
    }
    let texts = SubmissionConversion::texts(definition).expect("tables");
    let made = convert(definition, &texts, &mut memory.clone(), OnReject::Split);
    Lake { made, memory }
}

/// What the portal knows of the submission.
fn portal() -> Parameters {
    Parameters::from([
        (Parameter::Submitted, "2024-06-14T09:30:00".to_owned()),
        (Parameter::SubmissionId, "4711".to_owned()),
    ])
}

fn written(lake: &Lake, extract: &Extract, definition: &Definition, to: &Path) -> ExtractWritten {
    let submission = submission(definition);
    let name = definition.standard.name();
    let tables = submission.tables.iter().enumerate();
    let tables =
        tables.map(|(number, table)| lake.made.part(&format!("{name}/{}", table.name), number));
    let placed = Placed {
        tables: tables.collect(),
        folder: to.to_owned(),
        portal: portal(),
    };
    write_extract(extract, &submission, &placed).expect("written")
}

/// The lines of a file, each by the names of its columns.
fn lines(path: &Path) -> Vec<BTreeMap<String, String>> {
    let mut reader = csv::Reader::from_path(path).expect("a file");
    let rows = reader.deserialize().map(|row| row.expect("a line"));
    rows.collect()
}

fn layouts(definition: &Definition, submission: &Submission) -> ExtractLayouts {
    ExtractLayouts::load(&Shipped::new(), &definition.standard.folder, submission)
        .unwrap_or_else(|error| panic!("{error}"))
}

#[test]
fn what_a_provider_gets_back_before_the_deadline_is_clean_again() {
    for definition in definitions() {
        let submission = submission(&definition);
        let lake = lake(&definition, 60, true);
        let known = layouts(&definition, &submission);
        for extract in [&known.extracts[0], &Extract::own(&submission)] {
            let folder = tempfile::tempdir().expect("a folder");
            let done = written(&lake, extract, &definition, folder.path());
            let inputs = submission.tables.iter().filter_map(|table| {
                let name = format!("{}.csv", table.name);
                let bytes = std::fs::read(folder.path().join(&name)).ok()?;
                Some(Input::bytes(name, bytes))
            });
            let inputs: Vec<Input> = inputs.collect();
            assert_eq!(inputs.len(), done.rows.len());
            let mut files = TableFiles::new(
                std::sync::Arc::clone(&submission),
                inputs,
                "extract".into(),
                Limits::default(),
            );
            let back = in_memory(&mut files, submission.tables.len());
            for (number, table) in submission.tables.iter().enumerate() {
                let kept: Vec<&Vec<String>> = (0..)
                    .zip(&lake.memory.tables[number])
                    .filter(|(row, _)| lake.made.checked.rejected_by(number, *row).is_none())
                    .map(|(_, row)| row)
                    .collect();
                let rows = &back.tables[number];
                assert_eq!(rows.len(), kept.len(), "{}", table.name);
                let path = folder.path().join(format!("{}.csv", table.name));
                let first = std::fs::read_to_string(path).unwrap_or_default();
                let names: BTreeSet<&str> = first
                    .lines()
                    .next()
                    .unwrap_or_default()
                    .split(',')
                    .collect();
                for (row, kept) in rows.iter().zip(kept) {
                    for ((column, cell), kept) in table.columns.iter().zip(row).zip(kept) {
                        let wanted = if names.contains(&*column.name) {
                            kept
                        } else {
                            ""
                        };
                        assert_eq!(cell, wanted, "{} {}", table.name, column.name);
                    }
                }
            }
        }
    }
}

#[test]
fn columns_stand_in_their_order_and_what_is_not_derived_is_told() {
    for definition in definitions() {
        let name = definition.standard.name();
        let submission = submission(&definition);
        let lake = lake(&definition, 30, false);
        let known = layouts(&definition, &submission);
        let listed = std::fs::read_to_string(
            Path::new(env!("CARGO_MANIFEST_DIR"))
                .join("../../schemas")
                .join(&*definition.standard.folder)
                .join("extracts/layouts.csv"),
        )
        .expect("layouts");
        for extract in known.extracts.iter().take(2) {
            let folder = tempfile::tempdir().expect("a folder");
            let done = written(&lake, extract, &definition, folder.path());
            let (mut empty, mut of_portal) = (0, 0);
            for (table, rows) in &done.rows {
                let text = std::fs::read_to_string(folder.path().join(format!("{table}.csv")))
                    .expect("a file");
                let header = text.lines().next().expect("a header");
                let line = format!("{},{table},{}", extract.name, header.replace(',', " "));
                assert!(listed.lines().any(|listed| listed == line), "{name} {line}");
                let lines = lines(&folder.path().join(format!("{table}.csv")));
                assert_eq!(lines.len() as u64, *rows);
                let of = submission.table(table).expect("a table");
                for line in &lines {
                    for (column, said) in [
                        ("UniqSubmissionID", "4711"),
                        ("UniqueSubmissionID", "4711"),
                        ("Upload_DateTime", "2024-06-14T09:30:00"),
                        ("UploadDate", "2024-06-14"),
                        ("UploadTime", "09:30:00"),
                    ] {
                        if let Some(cell) = line.get(column) {
                            assert_eq!(cell, said, "{name} {table}");
                            of_portal += 1;
                        }
                    }
                }
                for column in header.split(',') {
                    let filled = lines.iter().any(|line| !line[column].is_empty());
                    let submitted = submission.tables[of].column(column).is_some();
                    let element = format!("{table}.{column}");
                    let told = done
                        .losses
                        .list()
                        .iter()
                        .any(|loss| loss.element == element);
                    assert!(!(filled && told), "{element}");
                    empty += usize::from(told && !submitted);
                }
            }
            let derives = extract.name != "provider-pre-deadline";
            assert_eq!(
                (empty > 0, of_portal > 0),
                (derives, derives),
                "{name} {}",
                extract.name
            );
        }
    }
}

/// A slow evaluation of what is derived: the row that another leads to is looked for among all.
fn above<'m>(
    submission: &Submission,
    memory: &'m TablesInMemory,
    (from, to): (&str, &str),
    row: &'m [String],
) -> Option<&'m [String]> {
    let (mut table, to) = (submission.table(from)?, submission.table(to)?);
    let mut row = row;
    for link in submission.path(table, to)? {
        let link = &submission.tables[table].links[link];
        row = memory.tables[link.table].iter().find(|other| {
            let mut columns = link.columns.iter();
            columns.all(|(own, theirs)| row[*own] == other[*theirs])
        })?;
        table = link.table;
    }
    Some(row)
}

#[test]
fn what_is_derived_is_worked_out_as_the_national_system_does() {
    let definitions = definitions();
    let named = |id: &str, version: &str| {
        let found = definitions.iter().find(|definition| {
            *definition.standard.id == *id && *definition.standard.version == *version
        });
        found.expect("a standard")
    };
    let definition = named("iapt", "2-1");
    let submission = submission(definition);
    let lake = lake(definition, 80, false);
    let folder = tempfile::tempdir().expect("a folder");
    let known = layouts(definition, &submission);
    written(&lake, &known.extracts[1], definition, folder.path());
    let cell = |table: &str, row: &[String], column: &str| {
        let table = &submission.tables[submission.table(table).expect("a table")];
        row[table.column(column).expect("a column")].clone()
    };
    let mut seen = 0;
    let table = submission.table("IDS202CareActivity").expect("a table");
    let found = lines(&folder.path().join("IDS202CareActivity.csv"));
    for (line, row) in found.iter().zip(&lake.memory.tables[table]) {
        let referral = above(
            &submission,
            &lake.memory,
            ("IDS202CareActivity", "IDS101Referral"),
            row,
        );
        let referral = referral.expect("a referral");
        let request = cell("IDS101Referral", referral, "ServiceRequestId");
        assert_eq!(line["Unique_ServiceRequestID"], format!("RX1{request}"));
        assert_eq!(line["OrgID_Provider"], "RX1");
        seen += 1;
    }
    let table = submission.table("IDS101Referral").expect("a table");
    let found = lines(&folder.path().join("IDS101Referral.csv"));
    for (line, row) in found.iter().zip(&lake.memory.tables[table]) {
        let patient = above(
            &submission,
            &lake.memory,
            ("IDS101Referral", "IDS001MPI"),
            row,
        );
        let born = cell("IDS001MPI", patient.expect("a patient"), "PersonBirthDate");
        let received = cell("IDS101Referral", row, "ReferralRequestReceivedDate");
        let part =
            |day: &str, from: usize, to: usize| day[from..to].parse::<i32>().expect("a number");
        let mut years = part(&received, 0, 4) - part(&born, 0, 4);
        years -= i32::from(received[5..] < born[5..]);
        assert_eq!(line["Age_ReferralRequest_ReceivedDate"], years.to_string());
        seen += 1;
    }
    assert!(seen > 80, "{seen}");
    let header = &lines(&folder.path().join("IDS000Header.csv"))[0];
    let contacts = submission.table("IDS201CareContact").expect("a table");
    assert_eq!(
        header["Total_IDS201"],
        lake.memory.tables[contacts].len().to_string()
    );
    let rows: usize = lake.memory.tables.iter().skip(1).map(Vec::len).sum();
    assert_eq!(header["TotalRecords"], rows.to_string());
}

#[test]
fn a_commissioner_gets_what_it_pays_for_and_the_patient_and_nothing_else() {
    for definition in definitions() {
        let name = definition.standard.name();
        let submission = submission(&definition);
        let known = layouts(&definition, &submission);
        let extract = &known.extracts[2];
        let (unit, patient, column) = match &*definition.standard.id {
            "mhsds" => ("MHS101Referral", "MHS001MPI", "OrgIDComm"),
            "csds" => ("CYP101Referral", "CYP001MPI", "OrgID_Commissioner"),
            "iapt" => ("IDS101Referral", "IDS001MPI", "OrgIDComm"),
            _ => ("MSD101PregnancyBooking", "MSD001MotherDemog", "OrgIDComm"),
        };
        let mut memory = in_memory(&mut sample(&definition, 40), submission.tables.len());
        let units = submission.table(unit).expect("a table");
        let column = submission.tables[units].column(column).expect("a column");
        // Nobody else names a commissioner.
        for (table, rows) in submission.tables.iter().zip(&mut memory.tables) {
            for (own, of) in table.columns.iter().enumerate() {
                if of.element.contains("CODE OF COMMISSIONER") {
                    for row in rows.iter_mut() {
                        row[own].clear();
                    }
                }
            }
        }
        let codes = ["15N", "92g", "", "../up"];
        for (number, row) in memory.tables[units].iter_mut().enumerate() {
            codes[number % codes.len()].clone_into(&mut row[column]);
        }
        let texts = SubmissionConversion::texts(&definition).expect("tables");
        let made = convert(&definition, &texts, &mut memory.clone(), OnReject::Keep);
        let lake = Lake { made, memory };
        let folder = tempfile::tempdir().expect("a folder");
        written(&lake, extract, &definition, folder.path());
        let folders = std::fs::read_dir(folder.path()).expect("folders");
        let folders: BTreeSet<String> = folders
            .map(|entry| {
                entry
                    .expect("an entry")
                    .file_name()
                    .to_string_lossy()
                    .into_owned()
            })
            .collect();
        let wanted: BTreeSet<String> = ["15N", "92G", "unknown"].map(str::to_owned).into();
        assert_eq!(folders, wanted, "{name}");
        // The patients of each, worked out slowly.
        let mut of: BTreeMap<String, BTreeSet<&[String]>> = BTreeMap::new();
        for row in &lake.memory.tables[units] {
            let who = above(&submission, &lake.memory, (unit, patient), row).expect("a patient");
            let code = row[column].to_uppercase();
            if code == "15N" || code == "92G" {
                of.entry(code).or_default().insert(who);
            }
        }
        let patients = submission.table(patient).expect("a table");
        for (code, wanted) in &of {
            let path = folder.path().join(code).join(format!("{patient}.csv"));
            let key = submission.tables[patients]
                .columns
                .iter()
                .position(|column| column.key);
            let key = key.expect("a key");
            let name = &submission.tables[patients].columns[key].name;
            let found: BTreeSet<String> = lines(&path)
                .iter()
                .map(|line| line[&**name].clone())
                .collect();
            let wanted: BTreeSet<String> = wanted.iter().map(|row| row[key].clone()).collect();
            assert_eq!(found, wanted, "{code}");
            let path = folder.path().join(code).join(format!("{unit}.csv"));
            for line in lines(&path) {
                let own = &submission.tables[units].columns[column].name;
                assert_eq!(line[&**own].to_uppercase(), *code);
            }
        }
    }
}
