//! Public files as they are published and as they come: the binary recognises them, says what is wrong at its place, and mends what can be mended.

#![allow(clippy::unwrap_used)] // a test fails by panicking
#![allow(clippy::print_stderr)] // a skipped test says so

use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;

fn fixtures() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fixtures/public")
}

/// The folder of published files, where they are at hand.
fn published() -> Option<PathBuf> {
    let found = std::env::var_os("CONCORD_REFERENCE").map_or_else(
        || Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/reference"),
        PathBuf::from,
    );
    if found.is_dir() {
        return Some(found);
    }
    eprintln!(
        "SKIPPED: the reference material is not at {}",
        found.display()
    );
    None
}

fn folder(name: &str) -> PathBuf {
    let path = Path::new(env!("CARGO_TARGET_TMPDIR"))
        .join("public")
        .join(name);
    let _ = fs::remove_dir_all(&path);
    fs::create_dir_all(&path).unwrap();
    path
}

#[track_caller]
fn concord(arguments: &[&str]) -> String {
    let output = Command::new(env!("CARGO_BIN_EXE_concord"))
        .current_dir(fixtures())
        .args(arguments)
        .output()
        .unwrap();
    let err = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{arguments:?}\n{err}");
    String::from_utf8(output.stdout).unwrap()
}

/// The standard, the number of records, and the findings.
fn checked(path: &str, arguments: &[&str]) -> (String, u64, Vec<Value>) {
    let mut all = vec!["check", "--format", "json", "--no-config"];
    all.extend(arguments);
    all.push(path);
    let report: Value = serde_json::from_str(&concord(&all)).unwrap();
    let file = &report["summary"]["files"][0];
    (
        file["standard"].as_str().unwrap().to_owned(),
        file["records"]["records"].as_u64().unwrap(),
        report["findings"].as_array().unwrap().clone(),
    )
}

#[test]
fn every_form_is_recognised_and_what_is_wrong_is_told_at_its_place() {
    let mut files: Vec<String> = fs::read_dir(fixtures())
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .filter(|name| Path::new(name).extension().is_some_and(|is| is == "csv"))
        .collect();
    files.sort();
    let mut told = String::new();
    for file in &files {
        // Eight cells without a header say too little.
        let named = ["--standard", "pdpi@2013"];
        let arguments = if file == "pdpi.csv" { &named[..] } else { &[] };
        let (standard, records, findings) = checked(file, arguments);
        writeln!(told, "{file}: {standard}, {records} rows").unwrap();
        for finding in findings {
            writeln!(
                told,
                "    {} {} line {}: {}",
                finding["effect"].as_str().unwrap(),
                finding["rule"].as_str().unwrap(),
                finding["line"],
                finding["message"].as_str().unwrap()
            )
            .unwrap();
        }
    }
    insta::assert_snapshot!(told);
}

#[test]
fn days_that_lost_their_form_are_mended() {
    let out = folder("mended");
    let output = Command::new(env!("CARGO_BIN_EXE_concord"))
        .current_dir(fixtures())
        .args(["check", "--no-config", "--fix", "list-size-local.csv", "-o"])
        .arg(&out)
        .output()
        .unwrap();
    let text = fs::read_to_string(out.join("list-size-local.csv"))
        .unwrap_or_else(|_| panic!("{}", String::from_utf8_lossy(&output.stderr)));
    assert_eq!(text.matches("\"01-Jul-22\"").count(), 3, "{text}");
    assert_eq!(text.matches("\"soon\"").count(), 1, "{text}");
}

#[test]
fn published_files_are_read_whole() {
    let Some(reference) = published() else {
        return;
    };
    let samples = reference.join("practice/samples");
    // The file, its standard, the rows that another reader counts, and the findings.
    for (file, standard, rows, found) in [
        ("open_data/epraccur_2019.csv.gz", "epraccur@27", 14_303, 4),
        (
            "open_data/gp-reg-pat-prac-all_2021-01.csv.gz",
            "gp-list-size@2021",
            6_658,
            0,
        ),
        (
            "open_data/gp-reg-pat-prac-quin-age_201709.csv.gz",
            "gp-list-size@2017",
            172,
            0,
        ),
        ("open_data/epd_201709_sample.csv.gz", "epd@2017", 10_027, 0),
        (
            "open_data/rtt_2010_pct_dh_116107.csv.gz",
            "rtt-weeks@2010",
            3_060,
            1,
        ),
        (
            "open_data/rtt_admitted_commissioner_2015-03.csv.gz",
            "rtt-weeks@2015",
            4_240,
            1,
        ),
        (
            "open_data/rtt_incomplete_commissioner_2015-03.csv.gz",
            "rtt-weeks@2015",
            4_240,
            1,
        ),
        (
            "open_data/qof_2324_INDICATOR_VALUES_head.csv",
            "qof@2023-24",
            259,
            0,
        ),
        (
            "open_data/qof_2324_ACHIEVED_POINTS_head.csv",
            "qof@2023-24",
            76,
            0,
        ),
        (
            "open_data/qof_2324_FINAL_PRACTICE_LIST.csv",
            "qof@2023-24",
            10,
            0,
        ),
        (
            "open_data/qof_2324_PCA_REFERENCE.csv",
            "qof@2023-24",
            173,
            7,
        ),
        ("open_data/qof_2324_CONTROL_FILE.csv", "qof@2023-24", 1, 0),
        (
            "open_data/qof_2324_PREVIOUS_PREVALENCE.csv",
            "qof@2023-24",
            42,
            0,
        ),
        (
            "messy/Patient_List_Size_nodate.csv",
            "gp-list-size@2011",
            1,
            0,
        ),
        ("messy/epraccur_sample.csv", "epraccur@27", 3, 0),
        (
            "messy/pcn_lookup_newlines_in_header.csv",
            "epcn@2022",
            194,
            157,
        ),
        ("messy/prevalencebyprac.csv", "qof-prevalence@1", 96, 0),
        (
            "messy/sussex_gp_list_bad_dates.csv",
            "gp-list-size@2022-local",
            399,
            399,
        ),
    ] {
        let path = samples.join(file);
        let (is, records, findings) = checked(path.to_str().unwrap(), &[]);
        let first = findings.first();
        assert_eq!(
            (is.as_str(), records, findings.len()),
            (standard, rows, found),
            "{file}: {first:?}"
        );
    }
}

#[test]
fn a_published_list_keeps_its_total_in_parquet() {
    let python = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../target/readers/bin/python");
    let Some(reference) = published() else {
        return;
    };
    if !python.exists() {
        eprintln!("SKIPPED: there is no duckdb in target/readers, which .ci/run installs");
        return;
    }
    let list = reference.join("practice/samples/open_data/gp-reg-pat-prac-all_2021-01.csv.gz");
    let lake = folder("list").join("lake");
    let (list, lake) = (list.to_str().unwrap(), lake.to_str().unwrap());
    concord(&[
        "convert",
        "--no-config",
        list,
        "--to",
        "parquet",
        "--native",
        "-o",
        lake,
    ]);
    let program = "import duckdb, sys\n\
        print(duckdb.sql(f\"select sum(NUMBER_OF_PATIENTS)::bigint, count(*), min(EXTRACT_DATE)::varchar, typeof(min(EXTRACT_DATE)) \
        from read_parquet('{sys.argv[1]}/gp-list-size@2021/list_size/*.parquet', union_by_name = true)\").fetchall()[0])";
    let output = Command::new(python)
        .args(["-c", program, lake])
        .output()
        .unwrap();
    // The total that the publisher names, in so many practices.
    assert_eq!(
        String::from_utf8_lossy(&output.stdout).trim(),
        "(60606345, 6658, '2021-01-01', 'DATE')",
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
}
