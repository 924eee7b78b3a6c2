//! Findings of a feed, and rows of the canonical model, as Parquet, the whole way.

#![cfg(unix)] // what is shared with the other tests of feeds needs signals
#![allow(clippy::unwrap_used)] // a test fails by panicking

mod feed_support;
mod ran;

use std::collections::{BTreeMap, BTreeSet};
use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;

use parquet::file::reader::{FileReader as _, SerializedFileReader};
use parquet::record::{Field, RowAccessor as _};
use serde_json::Value;

use feed_support::{Client, Live, admission, becomes, folder};
use ran::concord;

/// Number and rule of each finding in the lines of JSON.
fn lines(folder: &Path) -> BTreeSet<(i64, String)> {
    let days = fs::read_dir(folder.join("into/findings")).unwrap();
    days.flat_map(|day| {
        let text = fs::read_to_string(day.unwrap().path()).unwrap();
        let lines: Vec<Value> = text
            .lines()
            .map(|line| serde_json::from_str(line).unwrap())
            .collect();
        lines
    })
    .map(|line| {
        let rule = line["rule"].as_str().unwrap().to_owned();
        (line["number"].as_i64().unwrap(), rule)
    })
    .collect()
}

/// Number and rule of each row of Parquet, and how many files and rows there are.
fn rows(folder: &Path) -> (BTreeSet<(i64, String)>, usize, usize) {
    let (mut found, mut files, mut rows) = (BTreeSet::new(), 0, 0);
    for day in fs::read_dir(folder.join("lake/findings")).unwrap() {
        let day = day.unwrap();
        assert!(day.file_name().to_string_lossy().starts_with("received=20"));
        for file in fs::read_dir(day.path()).unwrap() {
            files += 1;
            let reader = SerializedFileReader::new(File::open(file.unwrap().path()).unwrap());
            for row in reader.unwrap().get_row_iter(None).unwrap() {
                let row = row.unwrap();
                rows += 1;
                found.insert((row.get_long(0).unwrap(), row.get_string(7).unwrap().clone()));
            }
        }
    }
    (found, files, rows)
}

fn feed(folder: &Path, messages: &str) {
    feed_with(folder, messages, &[]);
}

fn feed_with(folder: &Path, messages: &str, arguments: &[&str]) {
    fs::write(folder.join("messages.hl7"), messages).unwrap();
    let status = Command::new(env!("CARGO_BIN_EXE_concord"))
        .args([
            "feed",
            "-",
            "--store",
            "store",
            "--into",
            "into",
            "--no-config",
        ])
        .args(["--parquet", "lake", "--parquet-rows", "4"])
        .args(arguments)
        .current_dir(folder)
        .stdin(File::open(folder.join("messages.hl7")).unwrap())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status()
        .unwrap();
    assert!(status.success());
}

#[test]
fn findings_are_in_parquet_as_they_are_in_the_lines() {
    let folder = folder("parquet");
    let message = |id: u32| match id % 3 {
        0 => admission(&id.to_string()).replace("Testcase^Amara^^^^^L", ""),
        _ => admission(&id.to_string()),
    };
    feed(&folder, &(0..50).map(message).collect::<String>());
    let expected = lines(&folder);
    assert!(expected.len() >= 17, "{expected:?}");
    let (found, files, all) = rows(&folder);
    assert_eq!(found, expected);
    assert!(files > 2, "{files}");
    // It goes on where it was, and writes nothing twice.
    feed(&folder, &(0..60).map(message).collect::<String>());
    let (found, more_files, more) = rows(&folder);
    assert_eq!(found, lines(&folder));
    assert!(
        more_files > files && more > all && more - all < all,
        "{all} and {more}"
    );
}

/// The parts of a table, and the numbers of the messages whose rows they have.
fn parts(folder: &Path, table: &str) -> BTreeMap<PathBuf, Vec<i64>> {
    let numbers = |values: Vec<Field>| {
        let values = values.into_iter();
        values.map(|value| match value {
            Field::Long(number) => number,
            other => panic!("{other}"),
        })
    };
    let columns = column(folder, table, "source_record").into_iter();
    columns
        .map(|(part, values)| (part, numbers(values).collect()))
        .collect()
}

/// The parts of a table, and what stands in a column of them.
fn column(folder: &Path, table: &str, name: &str) -> BTreeMap<PathBuf, Vec<Field>> {
    let mut found = BTreeMap::new();
    let Ok(days) = fs::read_dir(folder.join("lake").join(table)) else {
        return found;
    };
    for day in days {
        for file in fs::read_dir(day.unwrap().path()).unwrap() {
            let path = file.unwrap().path();
            if path.extension().is_none_or(|end| end != "parquet") {
                continue;
            }
            let reader = SerializedFileReader::new(File::open(&path).unwrap()).unwrap();
            let rows = reader.get_row_iter(None).unwrap().map(|row| {
                let mut columns = row.unwrap().into_columns().into_iter();
                columns.find(|(found, _)| found == name).unwrap().1
            });
            found.insert(path.clone(), rows.collect());
        }
    }
    found
}

#[test]
fn rows_of_messages_are_written_once_however_often_the_feed_is_killed() {
    let folder = folder("parquet-killed");
    let arguments = [
        "--parquet",
        "lake",
        "--parquet-rows",
        "6",
        "--parquet-every",
        "300ms",
    ];
    let mut seen: BTreeMap<PathBuf, Vec<i64>> = BTreeMap::new();
    for turn in 0..5_u32 {
        let mut live = Live::start(&folder, &arguments);
        let mut client = Client::new(live.address);
        // Of each ten one is held, and one emptied what it could say.
        for id in turn * 20..(turn + 1) * 20 {
            let message = match id % 10 {
                3 => admission(&id.to_string()).replace("Testcase^Amara^^^^^L", ""),
                7 => admission(&id.to_string()).replace("|19700101|", "|\"\"|"),
                _ => admission(&id.to_string()),
            };
            assert!(client.ask(&message).contains("MSA|A"));
        }
        std::thread::sleep(Duration::from_millis(u64::from(turn) * 150));
        if turn < 4 {
            live.kill();
        } else {
            live.stop();
        }
        // What was there once stays as it was.
        let now = parts(&folder, "patient_event");
        for (part, numbers) in &seen {
            assert_eq!(now.get(part), Some(numbers), "{}", part.display());
        }
        seen = now;
    }
    let mut numbers: Vec<i64> = seen.into_values().flatten().collect();
    numbers.sort_unstable();
    // Messages are numbered as they came.
    let accepted: Vec<i64> = (1..=100).filter(|number| number % 10 != 4).collect();
    assert_eq!(numbers, accepted);
    for table in ["person", "hospital_spell", "location_stay"] {
        let of = parts(&folder, table).into_values().flatten();
        let of: BTreeSet<i64> = of.collect();
        assert_eq!(of.len(), accepted.len(), "{table}");
    }
    assert!(!parts(&folder, "patient_event").is_empty() && rows(&folder).2 > 0);
    assert!(folder.join("lake/losses").is_dir());
    // What is emptied is empty.
    let births: Vec<Field> = column(&folder, "person", "person_birth_date")
        .into_values()
        .flatten()
        .collect();
    let without = births.iter().filter(|birth| **birth == Field::Null).count();
    assert_eq!((without, births.len()), (10, 90));

    // A message that is released gets its rows.
    let release = [
        "feed",
        "quarantine",
        "release",
        "store",
        "4",
        "--reason",
        "agreed",
        "--by",
        "test",
    ];
    concord(&folder, &release).exits(0);
    let live = Live::start(&folder, &arguments);
    becomes("it is there", || {
        let of = parts(&folder, "patient_event").into_values();
        of.flatten().any(|number| number == 4)
    });
    live.stop();
    // Findings alone, where that is asked for.
    let mut alone = arguments.to_vec();
    alone[1] = "found";
    alone.extend(["--parquet-tables", "findings"]);
    Live::start(&folder, &alone).stop();
    let tables: Vec<_> = fs::read_dir(folder.join("found")).unwrap().collect();
    assert_eq!(tables.len(), 2, "findings and the checkpoint: {tables:?}");
}

#[test]
fn each_message_is_told_by_itself() {
    let folder = folder("parquet-each");
    let of = |id: &str, event: &str| admission(id).replace("ADT^A01^ADT_A01", event);
    let messages = [
        of("1", "ADT^A01^ADT_A01"),
        of("2", "ADT^A11^ADT_A09"),
        // Plain HL7 has no mapping.
        of("3", "ADT^A01^ADT_A01").replace("|||||GBR||||ITKv1.0", ""),
    ];
    feed(&folder, &messages.concat());
    let numbers =
        |table: &str| -> Vec<i64> { parts(&folder, table).into_values().flatten().collect() };
    let mut events: Vec<String> = column(&folder, "patient_event", "event")
        .into_values()
        .flatten()
        .map(|event| event.to_string())
        .collect();
    events.sort();
    assert_eq!(events, ["\"admission-cancelled\"", "\"admitted\""]);
    assert_eq!(numbers("person"), [1, 2]);
    assert_eq!(numbers("hospital_spell"), [1]);
    let details = column(&folder, "losses", "detail").into_values().flatten();
    let mapping = details.filter(|detail| detail.to_string().contains("no mapping"));
    assert_eq!(mapping.count(), 1);
}

#[test]
fn resources_become_rows_by_the_mapping_of_their_release() {
    let folder = folder("parquet-stu3");
    let fixture = concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/../../fixtures/fhir/practice/e-referral.json"
    );
    let referral: Value = serde_json::from_str(&fs::read_to_string(fixture).unwrap()).unwrap();
    let stu3 = ["--standard", "fhir@3.0.2"];
    feed_with(&folder, &format!("{referral}\n"), &stu3);
    let references = column(&folder, "referral", "unique_booking_reference_number");
    let references: Vec<String> = references
        .into_values()
        .flatten()
        .map(|reference| reference.to_string())
        .collect();
    assert_eq!(references, [referral["id"].to_string()]);
}
