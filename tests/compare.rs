//! `concord compare`: what is new, fixed and persisting between two reports.

#![allow(clippy::unwrap_used)] // a test fails by panicking

mod ran;

use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

use ran::concord;
use serde_json::Value;

fn folder(name: &str) -> PathBuf {
    let path = Path::new(env!("CARGO_TARGET_TMPDIR"))
        .join("compare")
        .join(name);
    let _ = fs::remove_dir_all(&path);
    fs::create_dir_all(&path).unwrap();
    path
}

/// A report that holds findings given as fingerprint, rule, effect and provider.
fn report(findings: &[(u64, &str, &str, &str)]) -> String {
    let mut text = String::new();
    for (fingerprint, rule, effect, provider) in findings {
        let _ = writeln!(
            text,
            r#"{{"rule":"{rule}","effect":"{effect}","message":"what is | wrong","file":"a.csv","line":3,"facts":{{"provider":"{provider}"}},"fingerprint":"{fingerprint:016x}"}}"#
        );
    }
    text + "{\"summary\":{\"not_shown\":0}}\n"
}

fn compared(folder: &Path, code: i32) -> Value {
    let ran = concord(folder, &["compare", "one", "two", "--format", "json"]).exits(code);
    let json: Value = serde_json::from_str(&ran.out).unwrap();
    let schema = include_str!("../schemas/meta/run-comparison.schema.json");
    let schema: Value = serde_json::from_str(schema).unwrap();
    let valid = jsonschema::validator_for(&schema).unwrap();
    let errors: Vec<String> = valid
        .iter_errors(&json)
        .map(|error| error.to_string())
        .collect();
    assert!(errors.is_empty(), "{errors:?}");
    let mut wrong = json.clone();
    wrong["new"] = "many".into();
    assert!(!valid.is_valid(&wrong), "the schema says something");
    json
}

#[test]
fn findings_are_new_fixed_or_persisting() {
    let folder = folder("kinds");
    let one = [
        (1, "A-1", "reject-record", "RXX"),
        (2, "A-1", "reject-record", "RYY"),
        (3, "B-1", "warn", "RXX"),
    ];
    let two = [
        (1, "A-1", "reject-record", "RXX"),
        (4, "A-1", "reject-record", "RYY"),
        (5, "C-1", "note", "RZZ"),
    ];
    fs::write(folder.join("one"), report(&one)).unwrap();
    fs::write(folder.join("two"), report(&two)).unwrap();
    let json = compared(&folder, 1);
    assert_eq!(
        (&json["new"], &json["fixed"], &json["persisting"]),
        (&2.into(), &2.into(), &1.into())
    );
    let row = |rule: &str, provider: &str| {
        let rows = json["counts"].as_array().unwrap().iter();
        let mut rows = rows.filter(|row| row["rule"] == rule && row["provider"] == provider);
        let row = rows.next().unwrap().clone();
        [&row["new"], &row["fixed"], &row["persisting"]].map(|count| count.as_u64().unwrap())
    };
    assert_eq!(row("A-1", "RXX"), [0, 0, 1]);
    assert_eq!(row("A-1", "RYY"), [1, 1, 0]);
    assert_eq!(row("B-1", "RXX"), [0, 1, 0]);
    assert_eq!(row("C-1", "RZZ"), [1, 0, 0]);
    let human = concord(&folder, &["compare", "one", "two"]).exits(1).out;
    assert!(
        human.starts_with("one → two: 2 findings new, 2 fixed, 1 persisting\n"),
        "{human}"
    );
    assert!(
        human.contains("RYY") && human.contains("a.csv:3: reject-record A-1 what is | wrong"),
        "{human}"
    );
    let markdown = concord(&folder, &["compare", "one", "two", "--format", "markdown"])
        .exits(1)
        .out;
    assert!(
        markdown.contains("| 1 | 1 | 1 | reject-record | `A-1` |"),
        "{markdown}"
    );
    assert!(markdown.contains("what is \\| wrong"), "{markdown}");
    concord(&folder, &["compare", "one", "two", "-o", "page.txt"]).exits(1);
    assert_eq!(fs::read_to_string(folder.join("page.txt")).unwrap(), human);
}

#[test]
fn what_is_new_fails_only_where_it_rejects() {
    let folder = folder("exit");
    let known = (1, "A-1", "reject-record", "RXX");
    for (second, code) in [
        (vec![], 0),
        (vec![known], 0),
        (vec![known, (2, "B-1", "warn", "RXX")], 0),
        (vec![known, (2, "B-1", "reject-group", "RXX")], 1),
        (vec![known, known], 1),
    ] {
        fs::write(folder.join("one"), report(&[known])).unwrap();
        fs::write(folder.join("two"), report(&second)).unwrap();
        compared(&folder, code);
    }
}

#[test]
fn a_run_compared_with_itself_is_all_persisting() {
    let folder = folder("itself");
    let sample = [
        "sample",
        "cds@6-3-1",
        "-n",
        "60",
        "--seed",
        "3",
        "--faults",
        "0.5",
        "--labels",
        "labels.csv",
        "-o",
        "cds.xml",
    ];
    concord(&folder, &sample).exits(0);
    for (name, format) in [("one", "json"), ("two", "ndjson")] {
        concord(
            &folder,
            &["check", "cds.xml", "--format", format, "-o", name],
        )
        .exits(1);
    }
    let json = compared(&folder, 0);
    assert_eq!((&json["new"], &json["fixed"]), (&0.into(), &0.into()));
    assert!(json["persisting"].as_u64().unwrap() > 10);
    // Lines that move are the same findings: an empty line before the first record.
    let text = fs::read_to_string(folder.join("cds.xml")).unwrap();
    let moved = text.replacen("?>", "?>\n\n\n", 1);
    fs::write(folder.join("cds.xml"), moved).unwrap();
    concord(
        &folder,
        &["check", "cds.xml", "--format", "json", "-o", "two"],
    )
    .exits(1);
    assert_eq!(compared(&folder, 0)["new"], 0);
}

#[test]
fn what_is_no_whole_report_is_refused() {
    let folder = folder("refused");
    let whole = report(&[(1, "A-1", "warn", "RXX")]);
    fs::write(folder.join("whole"), &whole).unwrap();
    fs::write(folder.join("cut"), &whole[..40]).unwrap();
    fs::write(folder.join("half"), whole.lines().next().unwrap()).unwrap();
    fs::write(folder.join("other"), "{\"runs\": []}").unwrap();
    for broken in ["cut", "half", "other"] {
        for order in [["whole", broken], [broken, "whole"]] {
            let ran = concord(&folder, &["compare", order[0], order[1]]).exits(2);
            assert!(
                ran.told().starts_with(&format!("{broken} is no report")),
                "{}",
                ran.err
            );
            assert_eq!(ran.out, "");
        }
    }
    concord(&folder, &["compare", "whole", "none"]).exits(3);
    concord(&folder, &["compare", "whole"]).exits(2);
}

/// A hundred thousand findings; memory is bounded by sixteen bytes for each of the earlier ones.
#[test]
#[cfg(target_os = "linux")]
fn many_findings_take_little_memory() {
    let folder = folder("many");
    let findings: Vec<(u64, &str, &str, &str)> = (0..100_000)
        .map(|number| (number, "A-1", "warn", ["RXX", "RYY"][(number % 2) as usize]))
        .collect();
    fs::write(folder.join("one"), report(&findings[..60_000])).unwrap();
    fs::write(folder.join("two"), report(&findings[40_000..])).unwrap();
    let json = compared(&folder, 0);
    assert_eq!(
        (&json["new"], &json["fixed"], &json["persisting"]),
        (&40_000.into(), &40_000.into(), &20_000.into())
    );
    let limited = format!(
        "ulimit -v 400000; exec {} compare one two",
        env!("CARGO_BIN_EXE_concord")
    );
    let ran = std::process::Command::new("sh")
        .current_dir(&folder)
        .args(["-c", &limited])
        .output()
        .unwrap();
    assert!(
        ran.status.success(),
        "{}",
        String::from_utf8_lossy(&ran.stderr)
    );
}
