//! Findings of a feed as Parquet, the whole way.

#![cfg(unix)] // what is shared with the other tests of feeds needs signals
#![allow(clippy::unwrap_used)] // a test fails by panicking

mod feed_support;

use std::collections::BTreeSet;
use std::fs::{self, File};
use std::path::Path;
use std::process::{Command, Stdio};

use parquet::file::reader::{FileReader as _, SerializedFileReader};
use parquet::record::RowAccessor as _;
use serde_json::Value;

use feed_support::{admission, folder};

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
