//! `concord.toml`, as users meet it: where it is found, what it changes, what it must not say.

#![allow(clippy::unwrap_used)] // a test fails by panicking

mod ran;

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use concord_settings::Rate;
use ran::{Ran, concord};
use serde_json::Value;

/// A fresh folder that is the root of a repository, with rows of which some break rules in `data/plcm.csv`.
fn folder(name: &str) -> PathBuf {
    let path = Path::new(env!("CARGO_TARGET_TMPDIR"))
        .join("settings")
        .join(name);
    let _ = fs::remove_dir_all(&path);
    fs::create_dir_all(path.join(".git")).unwrap();
    fs::create_dir_all(path.join("data")).unwrap();
    sample(
        &path,
        "data/plcm.csv",
        "VALUE-CODE,VALUE-LENGTH,CM-POSTCODE,ACM-FM-1",
    );
    path
}

/// Rows of which a fifth break one of these rules.
fn sample(folder: &Path, file: &str, rules: &str) {
    let arguments = [
        "sample",
        "plcm@2025",
        "-n",
        "60",
        "--seed",
        "5",
        "--faults",
        "0.2",
        "--fault-rules",
        rules,
        "--labels",
        "labels.csv",
        "-o",
        file,
    ];
    concord(folder, &arguments).exits(0);
}

fn check(folder: &Path, arguments: &[&str]) -> Ran {
    let all = ["check", "data/plcm.csv", "--format", "json"];
    concord(folder, &[&all[..], arguments].concat())
}

fn report(ran: &Ran) -> Value {
    serde_json::from_str(&ran.out)
        .unwrap_or_else(|error| panic!("{error}: {} {}", ran.out, ran.err))
}

/// The rules of the findings.
fn rules(ran: &Ran) -> BTreeSet<String> {
    let report = report(ran);
    let findings = report["findings"].as_array().unwrap().iter();
    findings
        .map(|finding| finding["rule"].as_str().unwrap().to_owned())
        .collect()
}

fn rejected(ran: &Ran) -> u64 {
    report(ran)["summary"]["files"][0]["records"]["rejected"]
        .as_u64()
        .unwrap()
}

fn write(folder: &Path, text: &str) {
    fs::write(folder.join("concord.toml"), text).unwrap();
}

fn waiver(rule: &str, more: &str, expires: &str) -> String {
    format!(
        "[[waiver]]\nrule = \"{rule}\"\nowner = \"Data Quality\"\nreason = \"known\"\nexpires = {expires}\n{more}\n"
    )
}

const FAR: &str = "9999-12-31";
const PAST: &str = "2020-01-31";

#[test]
fn settings_are_found_beside_the_data_and_above_in_the_repository() {
    let folder = folder("found");
    let off = "[check]\nfail-on = \"never\"\n";
    check(&folder, &[]).exits(1);
    write(&folder, off);
    check(&folder, &[]).exits(0);
    check(&folder, &["--no-config"]).exits(1);
    concord(&folder.join("data"), &["check", "plcm.csv"]).exits(0);
    concord(&folder, &["check", "data"]).exits(0);
    concord(&folder, &["check", "data/*.csv"]).exits(0);
    // The nearest counts.
    fs::write(
        folder.join("data/concord.toml"),
        "[check]\nfail-on = \"warn\"\n",
    )
    .unwrap();
    check(&folder, &[]).exits(1);
    check(&folder, &["--config", "concord.toml"]).exits(0);
    check(&folder, &["--config", "concord.toml", "--no-config"]).exits(2);
    check(&folder, &["--config", "none.toml"]).exits(3);
    // What lies above the repository is somebody else's.
    fs::remove_file(folder.join("data/concord.toml")).unwrap();
    fs::create_dir(folder.join("data/.git")).unwrap();
    check(&folder, &[]).exits(1);
}

#[test]
fn outside_a_repository_settings_are_found_beside_the_data_alone() {
    let inside = folder("outside");
    let outside = std::env::temp_dir().join(format!("concord-settings-{}", std::process::id()));
    fs::create_dir_all(outside.join("data")).unwrap();
    fs::copy(inside.join("data/plcm.csv"), outside.join("data/plcm.csv")).unwrap();
    write(&outside, "[check]\nfail-on = \"never\"\n");
    let above = check(&outside, &[]).code;
    write(&outside.join("data"), "[check]\nfail-on = \"never\"\n");
    let beside = check(&outside, &[]).code;
    fs::remove_dir_all(&outside).unwrap();
    assert_eq!((above, beside), (1, 0));
}

#[test]
fn inputs_with_different_settings_are_refused() {
    let folder = folder("different");
    for name in ["one", "two"] {
        fs::create_dir(folder.join(name)).unwrap();
        fs::copy(
            folder.join("data/plcm.csv"),
            folder.join(name).join("plcm.csv"),
        )
        .unwrap();
        fs::write(folder.join(name).join("concord.toml"), "").unwrap();
    }
    let ran = concord(&folder, &["check", "one", "two"]).exits(2);
    assert!(ran.told().contains("different settings"), "{}", ran.err);
    concord(
        &folder,
        &["check", "one", "two", "--config", "one/concord.toml"],
    )
    .exits(1);
}

#[test]
fn what_is_wrong_is_told_at_its_line_and_nothing_is_checked() {
    let folder = folder("wrong");
    for (text, place, words) in [
        (
            "[check]\nfail-on = \"error\"\n",
            "concord.toml:2:11",
            "no value of `fail-on`",
        ),
        (
            "[check]\n\nfailon = \"warn\"\n",
            "concord.toml:3:1",
            "unknown field `failon`",
        ),
        (
            "\n[[waiver]]\nrule = \"X\"\n",
            "concord.toml:2:1",
            "missing field",
        ),
        (
            "[rules]\nX = \"reject\"\n",
            "concord.toml:2:5",
            "no value of `rules`",
        ),
        (
            "[rules]\n\"XML-TRUNCATED\" = \"note\"\n",
            "concord.toml:2:1",
            "cannot be graded milder",
        ),
        (
            "[rules]\nTABLE-EMPTY = \"off\"\n",
            "concord.toml:2:1",
            "cannot be graded milder",
        ),
        (
            "[rules]\nSTRUCTURE-ROOT = \"warn\"\n",
            "concord.toml:2:1",
            "cannot be graded milder",
        ),
    ] {
        write(&folder, text);
        let ran = check(&folder, &[]).exits(2);
        assert!(ran.err.contains(place), "{text}: {}", ran.err);
        assert!(ran.told().contains(words), "{text}: {}", ran.err);
        assert_eq!(ran.out, "", "nothing is checked");
    }
    write(&folder, &waiver("XML-NOT-WELL-FORMED", "", FAR));
    let ran = check(&folder, &[]).exits(2);
    assert!(ran.told().contains("cannot be waived"), "{}", ran.err);
    fs::write(folder.join("concord.toml"), b"\xff").unwrap();
    check(&folder, &[]).exits(2);
}

#[test]
fn options_override_settings() {
    let folder = folder("defaults");
    write(
        &folder,
        "[check]\nstandard = \"acm@2025\"\nmax-findings = 2\nthreads = 1\nfail-on = \"never\"\n",
    );
    let ran = check(&folder, &[]).exits(0);
    assert_eq!(report(&ran)["summary"]["files"][0]["standard"], "acm@2025");
    assert_eq!(report(&ran)["findings"].as_array().unwrap().len(), 2);
    let given = [
        "--standard",
        "plcm@2025",
        "--max-findings",
        "3",
        "--fail-on",
        "reject",
    ];
    let ran = check(&folder, &given).exits(1);
    assert_eq!(report(&ran)["summary"]["files"][0]["standard"], "plcm@2025");
    assert_eq!(report(&ran)["findings"].as_array().unwrap().len(), 3);
    // Paths are relative to the settings, not to where the check runs.
    write(&folder, "[check]\nschemas = \"mine\"\n");
    fs::create_dir(folder.join("mine")).unwrap();
    concord(&folder.join("data"), &["check", "plcm.csv"]).exits(1);
    write(&folder, "[check]\nschemas = \"nowhere\"\n");
    concord(&folder.join("data"), &["check", "plcm.csv"]).exits(2);
}

#[test]
fn the_verdict_follows_the_grade() {
    let folder = folder("graded");
    let plain = check(&folder, &[]).exits(1);
    let before = rejected(&plain);
    assert!(
        before > 3 && rules(&plain).contains("VALUE-CODE"),
        "{}",
        plain.out
    );
    let of_codes = report(&plain)["findings"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|finding| finding["rule"] == "VALUE-CODE" && finding["effect"] == "reject-record")
        .count() as u64;
    assert!(of_codes > 0);
    for (grade, left) in [("note", true), ("warn", true), ("off", false)] {
        write(&folder, &format!("[rules]\nVALUE-CODE = \"{grade}\"\n"));
        for threads in ["1", "4"] {
            let graded = check(&folder, &["--threads", threads]).exits(1);
            assert_eq!(rejected(&graded), before - of_codes, "{grade}");
            assert_eq!(rules(&graded).contains("VALUE-CODE"), left);
        }
    }
    let off = check(&folder, &[]);
    let not_run = report(&off)["summary"]["not_run"].clone();
    let mut not_run = not_run.as_array().unwrap().iter();
    assert!(
        not_run.any(|rule| rule["rule"] == "VALUE-CODE"),
        "what is off is told"
    );
    // All that rejects made mild: everything is accepted.
    let rejecting: BTreeSet<String> = report(&plain)["findings"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|finding| finding["effect"].as_str().unwrap().starts_with("reject"))
        .map(|finding| format!("\"{}\" = \"warn\"", finding["rule"].as_str().unwrap()))
        .collect();
    let graded: Vec<String> = rejecting.into_iter().collect();
    write(&folder, &format!("[rules]\n{}\n", graded.join("\n")));
    let mild = check(&folder, &[]).exits(0);
    assert_eq!(report(&mild)["summary"]["files"][0]["verdict"], "accepted");
    check(&folder, &["--fail-on", "warn"]).exits(1);
}

#[test]
fn rules_in_sql_and_of_columns_are_graded_too() {
    let folder = folder("sql");
    let ran = check(&folder, &[]).exits(1);
    assert!(
        rules(&ran).contains("CM-POSTCODE") && rules(&ran).contains("ACM-FM-1"),
        "{}",
        ran.out
    );
    write(
        &folder,
        "[rules]\nCM-POSTCODE = \"reject-record\"\nACM-FM-1 = \"off\"\n",
    );
    let graded = check(&folder, &[]).exits(1);
    let found = report(&graded);
    let mut postcodes = found["findings"].as_array().unwrap().iter();
    assert!(postcodes.any(|finding| finding["rule"] == "CM-POSTCODE" && finding["effect"] == "reject-record"));
    assert!(!rules(&graded).contains("ACM-FM-1"));
    // A rule that gives a general one its name does not give way to it when it is off.
    let general = |ran: &Ran| {
        let report = report(ran);
        let findings = report["findings"].as_array().unwrap().clone();
        findings
            .iter()
            .filter(|finding| finding["rule"].as_str().unwrap().starts_with("VALUE-"))
            .count()
    };
    assert_eq!(general(&graded), general(&ran));
}

#[test]
fn documents_are_graded_like_tables() {
    let folder = folder("documents");
    let arguments = [
        "sample",
        "cds@6-3-1",
        "-n",
        "60",
        "--seed",
        "3",
        "--faults",
        "0.5",
        "--fault-rules",
        "STRUCTURE-MISSING,CDS-E2,VALUE-CODE",
        "--labels",
        "labels.csv",
        "-o",
        "cds.xml",
    ];
    concord(&folder, &arguments).exits(0);
    let check = || concord(&folder, &["check", "cds.xml", "--format", "json"]);
    let plain = check().exits(1);
    assert!(rejected(&plain) > 5, "{}", plain.out);
    assert_eq!(report(&plain)["summary"]["files"][0]["verdict"], "rejected");
    write(
        &folder,
        "[rules]\nSTRUCTURE-MISSING = \"note\"\nVALUE-CODE = \"off\"\nCDS-E2 = \"warn\"\n",
    );
    let graded = check().exits(0);
    assert_eq!(rejected(&graded), 0);
    assert_eq!(
        report(&graded)["summary"]["files"][0]["verdict"],
        "accepted"
    );
    let providers = report(&plain)["findings"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|finding| finding["facts"]["provider"].is_string())
        .count();
    assert!(
        providers > 5,
        "a finding in a record says whose it is: {}",
        plain.out
    );
}

#[test]
fn a_conversion_follows_the_grades() {
    let folder = folder("converted");
    let convert = |output: &str| {
        let arguments = [
            "convert",
            "data/plcm.csv",
            "--to",
            "parquet",
            "--format",
            "json",
            "-o",
            output,
        ];
        let ran = concord(&folder, &arguments).exits(0);
        let account: Value = serde_json::from_str(&ran.out).unwrap();
        account["inputs"][0]["records"]["rejected"]
            .as_u64()
            .unwrap()
    };
    let before = convert("one");
    write(&folder, "[rules]\nVALUE-CODE = \"note\"\n");
    let after = convert("two");
    assert!(after < before, "{after} of {before}");
}

#[test]
fn a_rule_that_nobody_has_is_told() {
    let folder = folder("unknown");
    write(
        &folder,
        "[rules]\nVALUE-CODDE = \"note\"\nCDS-E2 = \"note\"\n",
    );
    let ran = check(&folder, &[]).exits(1);
    assert!(
        ran.told().contains("no standard has a rule VALUE-CODDE"),
        "{}",
        ran.err
    );
    assert!(
        !ran.err.contains("CDS-E2,"),
        "a rule of another standard is known: {}",
        ran.err
    );
    assert_eq!(
        report(&ran)["summary"]["notices"][0]["kind"],
        "rule-unknown"
    );
    assert_eq!(report(&ran)["summary"]["notices"][0]["line"], 2);
}

#[test]
fn waived_findings_are_shown_and_do_not_fail() {
    let folder = folder("waived");
    let all = rules(&check(&folder, &[]).exits(1));
    let waivers: String = all.iter().map(|rule| waiver(rule, "", FAR)).collect();
    write(&folder, &waivers);
    let ran = check(&folder, &["--fail-on", "warn"]).exits(0);
    assert_eq!(rules(&ran), all, "they are still shown");
    let report = report(&ran);
    let findings = report["findings"].as_array().unwrap();
    assert!(
        findings
            .iter()
            .all(|finding| finding["waived"]["owner"] == "Data Quality")
    );
    assert_eq!(report["summary"]["waived"], findings.len());
    assert!(rejected(&ran) > 0, "the receiver rejects them all the same");
    // One rule less, and its findings fail.
    let waivers: String = all
        .iter()
        .filter(|rule| *rule != "VALUE-CODE")
        .map(|rule| waiver(rule, "", FAR))
        .collect();
    write(&folder, &waivers);
    check(&folder, &[]).exits(1);
    for (format, words) in [
        ("sarif", "\"suppressions\""),
        ("junit", "<skipped type=\"waived\""),
        ("concise", "(waived)"),
    ] {
        let ran = concord(&folder, &["check", "data/plcm.csv", "--format", format]);
        assert!(ran.out.contains(words), "{format}: {}", ran.out);
    }
}

#[test]
fn a_waiver_of_one_provider_is_no_waiver_of_another() {
    let folder = folder("provider");
    sample(&folder, "data/plcm.csv", "VALUE-CODE");
    let provider =
        report(&check(&folder, &[]).exits(1))["findings"][0]["facts"]["provider"].clone();
    let provider = provider.as_str().expect("a row says whose it is");
    let of = |who: &str| waiver("VALUE-CODE", &format!("provider = \"{who}\""), FAR);
    write(&folder, &of(provider));
    check(&folder, &[]).exits(0);
    write(&folder, &of("R99"));
    let ran = check(&folder, &[]).exits(1);
    assert!(ran.told().contains("covered nothing"), "{}", ran.err);
    write(&folder, &waiver("VALUE-CODE", "file = \"june/*.csv\"", FAR));
    let ran = check(&folder, &[]).exits(1);
    assert_eq!(
        ran.err, "",
        "a waiver for another file is not called unused here"
    );
    write(&folder, &waiver("VALUE-CODE", "file = \"data/*.csv\"", FAR));
    check(&folder, &[]).exits(0);
}

#[test]
fn an_expired_waiver_fails_even_where_nothing_is_found() {
    let folder = folder("expired");
    concord(
        &folder,
        &["sample", "plcm@2025", "-n", "5", "-o", "data/plcm.csv"],
    )
    .exits(0);
    check(&folder, &[]).exits(0);
    write(&folder, &waiver("VALUE-CODE", "", PAST));
    let ran = check(&folder, &["--fail-on", "never"]).exits(1);
    assert!(
        ran.told()
            .starts_with("the waiver of VALUE-CODE expired on 2020-01-31"),
        "{}",
        ran.err
    );
    assert!(ran.err.contains("concord.toml:2:8"), "{}", ran.err);
    assert_eq!(
        report(&ran)["summary"]["notices"][0]["kind"],
        "waiver-expired"
    );
    // What it was for fails again too, and it is told first.
    write(
        &folder,
        &format!(
            "{}{}",
            waiver("VALUE-CODE", "", PAST),
            waiver("VALUE-LENGTH", "", FAR)
        ),
    );
    let ran = check(&folder, &[]).exits(1);
    let (expired, unused) = (
        ran.err.find("expired").unwrap(),
        ran.err.find("covered nothing").unwrap(),
    );
    assert!(expired < unused, "{}", ran.err);
    for format in [
        "sarif", "junit", "github", "gitlab", "html", "markdown", "concise", "ndjson",
    ] {
        let ran = concord(&folder, &["check", "data/plcm.csv", "--format", format]).exits(1);
        assert!(
            ran.out.contains("expired on 2020-01-31"),
            "{format}: {}",
            ran.out
        );
    }
}

#[test]
fn a_share_of_rejected_records_is_tolerated() {
    let folder = folder("rate");
    sample(&folder, "data/plcm.csv", "VALUE-CODE,VALUE-LENGTH");
    let plain = check(&folder, &[]).exits(1);
    let above = Rate::of(rejected(&plain) + 1, 60).to_string();
    check(&folder, &["--max-rate", &above]).exits(0);
    let below = Rate::of(rejected(&plain) - 1, 60).to_string();
    check(&folder, &["--max-rate", &below]).exits(1);
    let ran = check(&folder, &["--max-rate", "0.1%"]).exits(1);
    assert!(ran.told().contains("records rejected"), "{}", ran.err);
    assert_eq!(report(&ran)["summary"]["notices"][0]["kind"], "rate-above");
    check(&folder, &["--max-rate", "0.1%", "--fail-on", "never"]).exits(1);
    check(&folder, &["--max-rate", "100%"]).exits(0);
    check(&folder, &["--max-rate", "0.1"]).exits(2);
    write(&folder, "[check]\nmax-rate = \"100%\"\n");
    check(&folder, &[]).exits(0);
    // Records that are rejected only by what is waived do not count.
    write(
        &folder,
        &format!(
            "{}{}",
            waiver("VALUE-CODE", "", FAR),
            waiver("VALUE-LENGTH", "", FAR)
        ),
    );
    check(&folder, &["--max-rate", "0%"]).exits(0);
    // What rejects the file fails whatever the share.
    sample(&folder, "data/plcm.csv", "TABLE-COLUMN-REPEATED");
    check(&folder, &["--no-config", "--max-rate", "100%"]).exits(1);
}

#[test]
fn only_what_is_new_is_shown_and_fails() {
    let folder = folder("baseline");
    concord(
        &folder,
        &[
            "check",
            "data/plcm.csv",
            "--format",
            "json",
            "-o",
            "last.json",
        ],
    )
    .exits(1);
    concord(
        &folder,
        &[
            "check",
            "data/plcm.csv",
            "--format",
            "ndjson",
            "-o",
            "last.ndjson",
        ],
    )
    .exits(1);
    for last in ["last.json", "last.ndjson"] {
        let ran = check(&folder, &["--baseline", last]).exits(0);
        let report = report(&ran);
        assert_eq!(
            report["findings"].as_array().unwrap().len(),
            0,
            "{}",
            ran.out
        );
        assert_eq!(report["summary"]["baseline"]["new"], 0);
        assert_eq!(
            report["summary"]["not_shown"], 0,
            "what persists is told as such"
        );
        assert!(
            report["summary"]["baseline"]["persisting"]
                .as_u64()
                .unwrap()
                > 3
        );
    }
    // A row more that is wrong.
    let text = fs::read_to_string(folder.join("data/plcm.csv")).unwrap();
    let mut lines: Vec<String> = text.lines().map(str::to_owned).collect();
    let header: Vec<&str> = lines[0].split(',').collect();
    let sex = header
        .iter()
        .position(|name| name.contains("GENDER_CODE"))
        .unwrap();
    let clean = concord(
        &folder,
        &["sample", "plcm@2025", "-n", "61", "--seed", "77"],
    )
    .exits(0)
    .out;
    let row = clean.lines().nth(40).unwrap();
    let mut cells: Vec<String> = row.split(',').map(str::to_owned).collect();
    cells[sex] = "Q".to_owned();
    lines.push(cells.join(","));
    fs::write(folder.join("data/plcm.csv"), lines.join("\n") + "\n").unwrap();
    let ran = check(&folder, &["--baseline", "last.json"]).exits(1);
    let found = rules(&ran);
    assert!(found.contains("VALUE-CODE"), "{}", ran.out);
    assert!(
        report(&ran)["findings"]
            .as_array()
            .unwrap()
            .iter()
            .all(|finding| finding["line"] == lines.len()),
        "{}",
        ran.out
    );
    write(&folder, "[check]\nbaseline = \"last.json\"\n");
    concord(
        &folder.join("data"),
        &["check", "plcm.csv", "--format", "sarif"],
    )
    .exits(1);
    let sarif = concord(&folder, &["check", "data/plcm.csv", "--format", "sarif"]).exits(1);
    assert!(
        sarif.out.contains("\"baselineState\":\"new\""),
        "{}",
        sarif.out
    );
}

#[test]
fn a_baseline_that_is_no_whole_report_is_refused() {
    let folder = folder("no-baseline");
    let baseline = |name: &str| check(&folder, &["--baseline", name]);
    baseline("none.json").exits(3);
    fs::write(folder.join("other.json"), "{\"findings\":[\n{}]}").unwrap();
    let ran = baseline("other.json").exits(2);
    assert!(ran.told().contains("line 2"), "{}", ran.err);
    let capped = [
        "check",
        "data/plcm.csv",
        "--format",
        "json",
        "--max-findings",
        "1",
        "-o",
        "capped.json",
    ];
    concord(&folder, &capped).exits(1);
    let ran = baseline("capped.json").exits(2);
    assert!(ran.told().contains("left out"), "{}", ran.err);
    concord(
        &folder,
        &[
            "check",
            "data/plcm.csv",
            "--format",
            "json",
            "-o",
            "whole.json",
        ],
    )
    .exits(1);
    let onto = [
        "check",
        "data/plcm.csv",
        "--format",
        "json",
        "--baseline",
        "whole.json",
        "-o",
        "new.json",
    ];
    concord(&folder, &onto).exits(0);
    baseline("new.json").exits(2);
}
