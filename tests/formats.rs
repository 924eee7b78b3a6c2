//! Every format of `concord check`, of documents and tables, as the reader of each takes it.

#![allow(clippy::unwrap_used)] // a test fails by panicking
#![allow(clippy::print_stderr)] // what is skipped is said

mod ran;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use ran::concord;
use serde_json::Value;

const FORMATS: [&str; 11] = [
    "human", "concise", "json", "ndjson", "sarif", "junit", "github", "gitlab", "csv", "html",
    "markdown",
];

/// A folder with `cds.xml` and `plcm.csv`, which break many rules.
fn folder(name: &str) -> PathBuf {
    let path = Path::new(env!("CARGO_TARGET_TMPDIR"))
        .join("formats")
        .join(name);
    let _ = fs::remove_dir_all(&path);
    fs::create_dir_all(&path).unwrap();
    for (standard, file) in [("cds@6-3-1", "cds.xml"), ("plcm@2025", "plcm.csv")] {
        let arguments = [
            "sample",
            standard,
            "-n",
            "150",
            "--seed",
            "3",
            "--faults",
            "0.5",
            "--labels",
            "labels.csv",
            "-o",
            file,
        ];
        concord(&path, &arguments).exits(0);
    }
    path
}

/// A schema that is not ours, from the reference folder or a copy that somebody keeps in the checkout's cache.
fn schema(name: &str) -> Option<PathBuf> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let reference = std::env::var_os("CONCORD_REFERENCE")
        .map_or_else(|| root.join("../shared/reference"), PathBuf::from);
    let found = [reference.join("reports"), root.join(".cache/reports")]
        .map(|folder| folder.join(name))
        .into_iter()
        .find(|path| path.is_file());
    if found.is_none() {
        eprintln!(
            "skipped: {name} is neither in {} nor in .cache/reports",
            reference.join("reports").display()
        );
    }
    found
}

#[test]
fn every_format_is_the_same_for_every_number_of_threads_and_exits_alike() {
    let folder = folder("threads");
    for format in FORMATS {
        let run = |threads: &str| {
            let arguments = [
                "check",
                "cds.xml",
                "plcm.csv",
                "--format",
                format,
                "--threads",
                threads,
            ];
            let ran = concord(&folder, &arguments).exits(1);
            // The clock's seconds are the only thing that may differ.
            let mut kept = ran.out;
            for start in ["\"seconds\":", " time=\"", " read in ", "MB in ", "kB in "] {
                while let Some(at) = kept.find(start) {
                    let rest = kept[at + start.len()..]
                        .find(['}', '>', '<', '\n'])
                        .unwrap_or(0);
                    kept.replace_range(at..at + start.len() + rest, "");
                }
            }
            kept
        };
        let one = run("1");
        assert!(one.len() > 1000, "{format}: {one}");
        assert!(one == run("3"), "{format}");
    }
}

#[test]
fn a_run_is_as_the_schemas_of_others_say() {
    let folder = folder("schemas");
    let check = |format: &str| {
        concord(
            &folder,
            &["check", "cds.xml", "plcm.csv", "--format", format],
        )
        .exits(1)
        .out
    };
    if let Some(path) = schema("sarif-schema-2.1.0.json") {
        let mut schema: Value = serde_json::from_str(&fs::read_to_string(path).unwrap()).unwrap();
        // Some editions have a pattern here that is no regular expression, for properties that are not written.
        for owner in ["run", "toolComponent"] {
            let at = format!("/definitions/{owner}/properties/language");
            if let Some(language) = schema.pointer_mut(&at).and_then(Value::as_object_mut) {
                language.remove("pattern");
            }
        }
        let log: Value = serde_json::from_str(&check("sarif")).unwrap();
        let valid = jsonschema::validator_for(&schema).unwrap();
        let errors: Vec<String> = valid
            .iter_errors(&log)
            .map(|error| error.to_string())
            .collect();
        assert!(errors.is_empty(), "{errors:#?}");
    }
    if let Some(path) = schema("junit-10.xsd") {
        fs::write(folder.join("report.xml"), check("junit")).unwrap();
        let xmllint = Command::new("xmllint")
            .args(["--noout", "--schema"])
            .args([&path, &folder.join("report.xml")])
            .output();
        match xmllint {
            Ok(ran) => assert!(
                ran.status.success(),
                "{}",
                String::from_utf8_lossy(&ran.stderr)
            ),
            Err(_) => eprintln!("skipped: xmllint is not installed"),
        }
    }
}

#[test]
fn formats_agree_about_what_is_found() {
    let folder = folder("agree");
    let check = |format: &str| {
        concord(
            &folder,
            &["check", "cds.xml", "plcm.csv", "--format", format],
        )
        .exits(1)
        .out
    };
    let json: Value = serde_json::from_str(&check("json")).unwrap();
    let findings = json["findings"].as_array().unwrap();
    let sarif: Value = serde_json::from_str(&check("sarif")).unwrap();
    let results = sarif["runs"][0]["results"].as_array().unwrap();
    assert_eq!(results.len(), findings.len());
    for (result, finding) in results.iter().zip(findings) {
        assert_eq!(result["ruleId"], finding["rule"]);
        assert_eq!(
            result["partialFingerprints"]["concord/v1"],
            finding["fingerprint"]
        );
        let region = &result["locations"][0]["physicalLocation"]["region"];
        assert_eq!(region["startLine"], finding["line"]);
        assert_eq!(region["startColumn"], finding["column"]);
    }
    let gitlab: Value = serde_json::from_str(&check("gitlab")).unwrap();
    assert_eq!(gitlab.as_array().unwrap().len(), findings.len());
    assert_eq!(check("csv").lines().count(), findings.len() + 1);
    let rules = json["summary"]["rules"].as_array().unwrap();
    for format in ["junit", "html", "markdown", "github"] {
        let text = check(format);
        let missing: Vec<&str> = rules
            .iter()
            .map(|rule| rule["rule"].as_str().unwrap())
            .filter(|rule| !text.contains(rule))
            .collect();
        // A comment on a pull request lists forty rules and says how many more there are.
        assert!(
            missing.is_empty() || format == "markdown" && text.contains("more rules"),
            "{format}: {missing:?}"
        );
    }
}

#[test]
fn reports_go_to_files_whole() {
    let folder = folder("files");
    for format in FORMATS {
        concord(
            &folder,
            &["check", "cds.xml", "--format", format, "-o", "report"],
        )
        .exits(1);
        assert!(
            fs::metadata(folder.join("report")).unwrap().len() > 500,
            "{format}"
        );
    }
    let ran = concord(&folder, &["check", "cds.xml", "--format", "pdf"]).exits(2);
    assert!(ran.told().contains("human, concise, json"), "{}", ran.err);
}

#[test]
fn the_handbook_names_every_format() {
    let page = include_str!("../docs/findings.md");
    for format in FORMATS {
        assert!(page.contains(&format!("| `{format}` |")), "{format}");
    }
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR"));
    let help = concord(folder, &["check", "--help"]).exits(0).words();
    for format in FORMATS {
        assert!(help.contains(format), "{format}: {help}");
    }
}
