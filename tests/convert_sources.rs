//! What `concord convert` reads, and what stands afterwards when it cannot.

#![allow(clippy::unwrap_used)] // a test fails by panicking

mod convert_support;

use std::fs;
use std::io::Write as _;
use std::path::Path;
use std::process::Stdio;
use std::time::{Duration, Instant};

use convert_support::{
    command, concord, convert, convert_to, exits, files, fixture, folder, rows, sample,
};
use serde_json::Value;

fn entries(folder: &Path) -> Vec<String> {
    let entries = fs::read_dir(folder).unwrap();
    let names = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap());
    let mut names: Vec<String> = names.collect();
    names.sort();
    names
}

#[test]
fn a_lake_becomes_what_its_inputs_would() {
    let folder = folder("from-lake");
    sample(&folder, "cds@6-3-1", "one.xml", &["-n", "15"]);
    sample(&folder, "plcm@2025", "two.csv", &["-n", "15"]);
    convert(&folder, &["one.xml", "two.csv"]);
    for (to, name) in [
        ("cds@6-3-1", "part-00000.xml"),
        ("jsonl", "part-00000.jsonl"),
    ] {
        let direct = convert_to(&folder, to, "direct", &["one.xml", "two.csv"]);
        let through = convert_to(&folder, to, "through", &["lake"]);
        assert_eq!(direct["records"], through["records"]);
        assert_eq!(direct["losses"], through["losses"]);
        assert_eq!(through["inputs"][0]["kind"], "lake");
        assert_eq!(through["inputs"][0]["records"]["records"], 30);
        let place = if to == "jsonl" { "records" } else { to };
        let read = |output: &str| fs::read(folder.join(output).join(place).join(name)).unwrap();
        assert!(read("direct") == read("through"), "{to}");
    }
    let told = exits(
        2,
        &folder,
        &["convert", "lake", "--to", "parquet", "-o", "again"],
    );
    assert!(told.contains("lake is Parquet already"), "{told}");
}

#[test]
fn lakes_that_cannot_be_converted_say_why() {
    let folder = folder("other-lakes");
    sample(&folder, "cds@6-3-1", "one.xml", &["-n", "5"]);
    fs::write(folder.join("key"), "a key of more than sixteen bytes").unwrap();
    for (arguments, why) in [
        (&["--native"][..], "--native"),
        (&["--pseudonymise", "key"], "pseudonyms"),
        (&["--partition-by", "cds_type_code"], "--partition-by"),
    ] {
        convert(&folder, &[&["one.xml"][..], arguments].concat());
        let told = exits(
            2,
            &folder,
            &["convert", "lake", "--to", "jsonl", "-o", "out"],
        );
        assert!(told.contains(why), "{told}");
        let other = [
            &["convert", "one.xml", "--to", "jsonl", "-o", "out"][..],
            arguments,
        ]
        .concat();
        assert!(exits(2, &folder, &other).contains("is for --to parquet"));
    }
    let unknown = [
        "convert",
        "one.xml",
        "--to",
        "parquet",
        "-o",
        "out",
        "--partition-by",
        "provideer",
    ];
    assert!(exits(2, &folder, &unknown).contains("no entity has a column provideer"));
    assert!(!folder.join("out").exists());
}

#[test]
fn folders_archives_and_standard_input_are_read() {
    let folder = folder("carriers");
    fs::create_dir_all(folder.join("in/deeper")).unwrap();
    sample(&folder, "acm@2025", "acm.csv", &["-n", "10"]);
    let plain = fs::read(folder.join("acm.csv")).unwrap();
    let file = fs::File::create(folder.join("in/acm.csv.gz")).unwrap();
    let mut gzip = flate2::write::GzEncoder::new(file, flate2::Compression::fast());
    gzip.write_all(&plain).unwrap();
    gzip.finish().unwrap();
    let file = fs::File::create(folder.join("in/deeper/acm.zip")).unwrap();
    let mut archive = zip::ZipWriter::new(file);
    archive
        .start_file("inside.csv", zip::write::SimpleFileOptions::default())
        .unwrap();
    archive.write_all(&plain).unwrap();
    archive.finish().unwrap();
    fs::write(
        folder.join("in/acm.csv.zst"),
        zstd::encode_all(&plain[..], 1).unwrap(),
    )
    .unwrap();
    sample(&folder, "cds@6-2-3", "in/ec.xml", &["-n", "10"]);
    let account = convert(&folder, &["in"]);
    assert_eq!(account["inputs"].as_array().unwrap().len(), 4);
    assert_eq!(rows(&account, "contract_aggregate"), 30);
    assert_eq!(rows(&account, "emergency_attendance"), 10);
    let arguments = [
        "convert", "-", "--to", "parquet", "-o", "lake", "--format", "json",
    ];
    let mut run = command(&folder, &arguments);
    let mut run = run
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    run.stdin.take().unwrap().write_all(&plain).unwrap();
    let output = run.wait_with_output().unwrap();
    let account: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(rows(&account, "contract_aggregate"), 10);
}

#[test]
fn what_cannot_be_converted_is_told_with_the_reason() {
    let folder = folder("unreadable");
    fs::write(folder.join("empty.csv"), "").unwrap();
    fs::write(folder.join("letter.txt"), "Dear Sir or Madam,\n").unwrap();
    fs::write(
        folder.join("cut.json"),
        r#"{"resourceType":"Patient","id":"#,
    )
    .unwrap();
    for (file, why) in [
        ("empty.csv", "empty.csv: not converted: it is empty"),
        ("letter.txt", "letter.txt: not converted: "),
        ("cut.json", "cut.json: not converted: "),
    ] {
        let told = exits(
            3,
            &folder,
            &["convert", file, "--to", "parquet", "-o", "out"],
        );
        assert!(told.contains(why), "{told}");
        assert!(told.contains("Nothing was written to out"), "{told}");
    }
    exits(
        3,
        &folder,
        &["convert", "none.csv", "--to", "parquet", "-o", "out"],
    );
    assert!(!folder.join("out").exists());
    let good = fixture("contract/may/clean.csv");
    let inputs = [
        "convert",
        &good,
        "empty.csv",
        "letter.txt",
        "--to",
        "jsonl",
        "-o",
        "out",
    ];
    let told = exits(3, &folder, &[&inputs[..], &["--skip-unreadable"]].concat());
    assert!(told.contains("12 records  out/records"), "{told}");
    assert_eq!(
        files(&folder.join("out")),
        ["concord.json", "records/part-00000.jsonl"]
    );
}

#[test]
fn the_output_is_no_input_and_nothing_else_is_replaced() {
    let folder = folder("in-itself");
    sample(&folder, "acm@2025", "in-acm.csv", &["-n", "5"]);
    fs::create_dir(folder.join("in")).unwrap();
    fs::rename(folder.join("in-acm.csv"), folder.join("in/acm.csv")).unwrap();
    for _ in 0..2 {
        let account = convert_to(&folder, "parquet", "in/out", &["in"]);
        assert_eq!(account["inputs"].as_array().unwrap().len(), 1);
        assert_eq!(rows(&account, "contract_aggregate"), 5);
    }
    let told = exits(
        2,
        &folder,
        &["convert", "in/out", "--to", "jsonl", "-o", "in/out"],
    );
    assert!(
        told.contains("in/out would be replaced by the output"),
        "{told}"
    );
    let file = [
        "convert",
        "in/acm.csv",
        "--to",
        "parquet",
        "-o",
        "in/acm.csv",
    ];
    exits(2, &folder, &file);
    let within = ["convert", "in", "--to", "parquet", "-o", "in/acm.csv/lake"];
    assert!(exits(2, &folder, &within).contains("name a folder"));
    assert_eq!(files(&folder.join("in"))[0], "acm.csv");
}

#[test]
fn a_run_that_is_killed_leaves_what_stood_there_and_the_next_clears_up() {
    let folder = folder("killed");
    sample(&folder, "acm@2025", "small.csv", &["-n", "5"]);
    sample(&folder, "plcm@2025", "large.csv", &["-n", "60000"]);
    convert(&folder, &["small.csv"]);
    let before = files(&folder.join("lake"));
    let manifest = fs::read(folder.join("lake/concord.json")).unwrap();
    let large = ["convert", "large.csv", "--to", "jsonl", "-o", "lake"];
    let mut run = command(&folder, &large)
        .stdout(Stdio::null())
        .spawn()
        .unwrap();
    let part = format!(".lake.{}.part", run.id());
    let began = Instant::now();
    while !folder.join(&part).join("contract_line").exists() {
        assert!(
            began.elapsed() < Duration::from_mins(1),
            "nothing is being written"
        );
        std::thread::sleep(Duration::from_millis(5));
    }
    // A run beside it leaves the living one alone.
    convert_to(&folder, "jsonl", "other", &["small.csv"]);
    run.kill().unwrap();
    run.wait().unwrap();
    assert!(entries(&folder).contains(&part));
    assert_eq!(files(&folder.join("lake")), before);
    assert_eq!(
        fs::read(folder.join("lake/concord.json")).unwrap(),
        manifest
    );
    convert(&folder, &["small.csv"]);
    assert_eq!(
        entries(&folder),
        ["lake", "large.csv", "other", "small.csv"]
    );
    assert_eq!(files(&folder.join("lake")), before);
}

#[test]
fn a_listener_that_goes_away_is_no_failure() {
    let folder = folder("pipe");
    let source = fixture("contract/may/clean.csv");
    let mut run = command(
        &folder,
        &["convert", &source, "--to", "parquet", "-o", "lake"],
    );
    let mut run = run
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    drop(run.stdout.take());
    let output = run.wait_with_output().unwrap();
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    assert!(folder.join("lake/concord.json").exists());
}

#[test]
fn several_standards_lie_beside_one_another() {
    let folder = folder("mixed");
    for standard in ["cds@6-2-2", "cds@6-3-1", "plcm@2", "iap@2026"] {
        sample(&folder, standard, &format!("{standard}.in"), &["-n", "8"]);
    }
    let inputs = ["cds@6-2-2.in", "cds@6-3-1.in", "plcm@2.in", "iap@2026.in"];
    let account = convert(&folder, &inputs);
    assert_eq!(rows(&account, "activity_record"), 16);
    assert_eq!(rows(&account, "contract_line"), 8);
    assert_eq!(rows(&account, "plan_line"), 8);
    // Named, a standard is not asked of the content.
    let wrong = [
        "convert",
        "plcm@2.in",
        "--standard",
        "acm@2025",
        "--to",
        "parquet",
        "-o",
        "out",
    ];
    let told = concord(&folder, &wrong);
    assert_ne!(
        told.status.code(),
        Some(2),
        "{}",
        String::from_utf8_lossy(&told.stderr)
    );
}

#[test]
fn a_lake_that_is_broken_says_where() {
    let folder = folder("broken-lake");
    sample(&folder, "acm@2025", "acm.csv", &["-n", "5"]);
    convert(&folder, &["acm.csv"]);
    let part = folder.join("lake/contract_aggregate/part-00000.parquet");
    let bytes = fs::read(&part).unwrap();
    fs::write(&part, &bytes[..bytes.len() / 2]).unwrap();
    let arguments = ["convert", "lake", "--to", "jsonl", "-o", "out"];
    let told = exits(3, &folder, &arguments);
    assert!(
        told.contains("contract_aggregate/part-00000.parquet cannot be read"),
        "{told}"
    );
    fs::write(folder.join("lake/concord.json"), "{").unwrap();
    let told = exits(3, &folder, &arguments);
    assert!(told.contains("lake/concord.json cannot be read"), "{told}");
    assert!(!folder.join("out").exists());
}
