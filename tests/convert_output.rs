//! Where the output of `concord convert` goes, and what happens to what stands there.

#![allow(clippy::unwrap_used)] // a test fails by panicking

mod convert_support;

use std::fs;

use convert_support::{concord, convert, convert_to, exits, files, folder, rows, sample};

#[test]
fn what_no_conversion_wrote_is_not_replaced() {
    let folder = folder("own-files");
    sample(&folder, "acm@2025", "acm.csv", &["-n", "5"]);
    let again = ["convert", "acm.csv", "--to", "parquet", "-o", "lake"];
    convert(&folder, &["acm.csv"]);
    exits(0, &folder, &again);
    for name in ["notes.txt", "contract_aggregate/mine.parquet", "deep/er/x"] {
        let own = folder.join("lake").join(name);
        fs::create_dir_all(own.parent().unwrap()).unwrap();
        fs::write(&own, "mine").unwrap();
        let told = exits(2, &folder, &again);
        assert!(told.contains(&format!("lake holds {name}")), "{told}");
        assert_eq!(fs::read(&own).unwrap(), b"mine");
        fs::remove_file(&own).unwrap();
    }
    // What a file browser leaves is nobody's, and what somebody took away is not missed.
    fs::write(folder.join("lake/.DS_Store"), "").unwrap();
    fs::remove_dir_all(folder.join("lake/contract_aggregate")).unwrap();
    exits(0, &folder, &again);
    assert!(folder.join("lake/contract_aggregate").is_dir());
    assert!(!folder.join("lake/.DS_Store").exists());
    // Nor does any account make a folder ours: somebody's own `concord.json`.
    fs::write(folder.join("lake/concord.json"), "{}").unwrap();
    assert!(exits(2, &folder, &again).contains("lake holds concord.json"));
}

#[test]
#[cfg(unix)]
fn a_link_goes_on_leading_to_the_output() {
    let folder = folder("link");
    sample(&folder, "acm@2025", "acm.csv", &["-n", "5"]);
    fs::create_dir(folder.join("real")).unwrap();
    std::os::unix::fs::symlink("real", folder.join("lake")).unwrap();
    for _ in 0..2 {
        convert(&folder, &["acm.csv"]);
        assert!(folder.join("lake").is_symlink());
        assert!(folder.join("real/concord.json").is_file());
    }
}

#[test]
fn a_folder_that_cannot_be_replaced_is_refused() {
    let folder = folder("unnamed");
    sample(&folder, "acm@2025", "acm.csv", &["-n", "5"]);
    for output in [".", "..", "../unnamed/."] {
        let told = exits(
            2,
            &folder,
            &["convert", "acm.csv", "--to", "parquet", "-o", output],
        );
        assert!(told.contains("with -o"), "{told}");
    }
    assert_eq!(files(&folder), ["acm.csv"]);
}

#[test]
fn a_file_is_read_once_and_an_earlier_output_only_when_it_is_named() {
    let folder = folder("once");
    fs::create_dir(folder.join("in")).unwrap();
    sample(&folder, "plcm@2025", "in/plcm.csv", &["-n", "5"]);
    let twice = ["in", "in/plcm.csv", "./in/../in/plcm.csv", "in/*.csv"];
    let account = convert_to(&folder, "acm@2025", "in/acm", &twice);
    assert_eq!(account["inputs"].as_array().unwrap().len(), 1);
    for (paths, read) in [(&["in"][..], 5), (&["in/**/*.csv"], 5)] {
        let account = convert(&folder, paths);
        assert_eq!(rows(&account, "contract_line"), read);
        assert_eq!(rows(&account, "contract_aggregate"), 0);
        assert_eq!(account["left_out"], serde_json::json!(["in/acm"]));
    }
    let told = exits(
        0,
        &folder,
        &["convert", "in", "--to", "parquet", "-o", "lake"],
    );
    assert!(
        told.contains("1 earlier output in these folders left out: in/acm"),
        "{told}"
    );
    let account = convert(&folder, &["in/acm"]);
    assert!(rows(&account, "contract_aggregate") > 0);
    fs::remove_file(folder.join("in/plcm.csv")).unwrap();
    let only = ["convert", "in", "--to", "parquet", "-o", "lake"];
    assert!(exits(2, &folder, &only).contains("name the output itself"));
}

#[test]
fn what_is_suggested_checks_what_was_written() {
    let folder = folder("suggested");
    sample(
        &folder,
        "cds@6-3-1",
        "cds.xml",
        &["-n", "5", "--type", "130"],
    );
    sample(&folder, "plcm@2025", "plcm.csv", &["-n", "5"]);
    for (input, to) in [
        ("cds.xml", "cds@6-3-1"),
        ("plcm.csv", "acm@2025"),
        ("plcm.csv", "plcm@2"),
    ] {
        let output = format!("out-{to}");
        let ran = concord(&folder, &["convert", input, "--to", to, "-o", &output]);
        let told = String::from_utf8(ran.stdout).unwrap();
        let command = told.lines().find_map(|line| {
            let (command, _) = line.strip_prefix('`')?.split_once("` checks it")?;
            command.strip_prefix("concord ")
        });
        let Some(command) = command else {
            panic!("{to}: {told}{}", String::from_utf8_lossy(&ran.stderr));
        };
        let arguments: Vec<&str> = command.split(' ').collect();
        exits(0, &folder, &arguments);
        // And so does the whole folder, whose account is no submission.
        if to != "plcm@2" {
            exits(0, &folder, &["check", &output]);
        }
    }
}

#[test]
fn a_column_that_no_dataset_has_divides_nothing() {
    let folder = folder("native-partitions");
    sample(&folder, "acm@2025", "acm.csv", &["-n", "5"]);
    let by = |column: &'static str| {
        let fixed = [
            "convert", "acm.csv", "--to", "parquet", "-o", "lake", "--native",
        ];
        [&fixed[..], &["--partition-by", column]].concat()
    };
    let told = exits(2, &folder, &by("nosuch"));
    assert!(told.contains("no dataset has a column nosuch"), "{told}");
    assert!(!folder.join("lake").exists());
    exits(0, &folder, &by("financial_month"));
    let written = files(&folder.join("lake"));
    assert!(
        written.iter().any(|file| file.contains("financial_month=")),
        "{written:?}"
    );
}

#[test]
fn decimals_divide_a_dataset_too() {
    let folder = folder("decimal-partitions");
    sample(&folder, "plcm@2025", "plcm.csv", &["-n", "5"]);
    convert(&folder, &["plcm.csv", "--partition-by", "total_cost"]);
    let written = files(&folder.join("lake/contract_line"));
    assert!(
        written
            .iter()
            .all(|file| file.starts_with("total_cost=") && !file.contains("HIVE")),
        "{written:?}"
    );
}
