//! `concord diff` and `concord gate` over submissions of many tables and FHIR resources.

#![allow(missing_docs, clippy::unwrap_used, clippy::print_stderr)]

mod ran;

use std::fs;
use std::path::{Path, PathBuf};

use ran::{Ran, concord};
use serde_json::Value;

fn changes(ran: &Ran) -> Vec<Value> {
    let report: Value = serde_json::from_str(&ran.out)
        .unwrap_or_else(|error| panic!("{error}: {}\n{}", ran.out, ran.err));
    report["comparisons"][0]["changes"]
        .as_array()
        .unwrap()
        .clone()
}

fn named(changes: &[Value], rule: &str) -> Vec<String> {
    let of_rule = changes.iter().filter(|change| change["rule"] == rule);
    of_rule
        .map(|change| change["place"]["name"].as_str().unwrap().to_owned())
        .collect()
}

fn schemas() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../schemas")
}

/// A copy of a shipped standard.
fn copy(standard: &str, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(schemas().join(standard)).unwrap() {
        let path = entry.unwrap().path();
        if path.is_file() {
            fs::copy(&path, to.join(path.file_name().unwrap())).unwrap();
        }
    }
}

fn edit(file: &Path, from: &str, to: &str) {
    let text = fs::read_to_string(file).unwrap();
    assert!(text.contains(from), "{from}");
    fs::write(file, text.replacen(from, to, 1)).unwrap();
}

#[test]
fn versions_of_a_data_set_are_compared_and_shown() {
    let folder = tempfile::tempdir().unwrap();
    for standard in [
        "csds@1.6",
        "iapt@2.1",
        "mhsds@6.0",
        "msds@2.0",
        "fhir@4.0.1",
    ] {
        let ran = concord(folder.path(), &["diff", standard, standard]).exits(0);
        assert!(ran.out.contains("No changes."), "{standard}: {}", ran.out);
    }
    let ran = concord(
        folder.path(),
        &["diff", "iapt@2.0", "iapt@2.1", "--format", "json"],
    )
    .exits(1);
    let found = changes(&ran);
    assert_eq!(
        named(&found, "TABLE-ADDED"),
        ["IDS003AccommStatus", "IDS601MedHistPrevDiag"]
    );
    let proved = found.iter().filter(|change| change["witness"].is_object());
    assert!(proved.count() > 3, "{}", ran.out);
    let text = concord(
        folder.path(),
        &["diff", "csds@1.5", "csds@1.6", "--for", "submitter"],
    )
    .exits(1);
    assert!(text.out.contains("==> CYP"), "{}", text.out);
}

#[test]
fn an_edited_data_set_fails_with_a_submission_that_shows_it() {
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path();
    copy("csds/1-6", &root.join("new/csds/1-6"));
    let fields = root.join("new/csds/1-6/fields.csv");
    edit(
        &fields,
        "CYP101Referral,3,OrgID_Commissioner,C101912,ORGANISATION IDENTIFIER (CODE OF COMMISSIONER),M,min an3 max an5",
        "CYP101Referral,3,OrgID_Commissioner,C101912,ORGANISATION IDENTIFIER (CODE OF COMMISSIONER),M,an3",
    );
    let ran = concord(
        root,
        &["diff", "csds@1.6", "new/csds/1-6", "--format", "json"],
    )
    .exits(1);
    let found = changes(&ran);
    assert_eq!(found.len(), 1, "{}", ran.out);
    assert_eq!(
        named(&found, "FORMAT-NARROWED"),
        ["CYP101Referral.OrgID_Commissioner"]
    );
    assert_eq!(found[0]["breaks"][0]["certainty"], "proved");
    // What is shown can be checked again.
    let shown = found[0]["witness"]["submission"].as_str().unwrap();
    let submission = root.join("shown");
    fs::create_dir(&submission).unwrap();
    let mut file = None;
    for line in shown.lines() {
        if let Some(name) = line
            .strip_prefix("==> ")
            .and_then(|rest| rest.strip_suffix(" <=="))
        {
            file = Some((submission.join(name), String::new()));
        } else if let Some((path, text)) = &mut file {
            text.push_str(line);
            text.push('\n');
            fs::write(path, &*text).unwrap();
        }
    }
    concord(root, &["check", "shown", "--standard", "csds@1.6"]).exits(0);
    let refused = concord(
        root,
        &[
            "check",
            "shown",
            "--standard",
            "csds@1-6",
            "--schemas",
            "new",
        ],
    )
    .exits(1);
    assert!(refused.out.contains("CSDS-FORMAT"), "{}", refused.out);
}

#[test]
fn the_impact_on_submissions_of_many_tables_is_counted_in_rows() {
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path();
    copy("iapt/2-1", &root.join("new/iapt/2-1"));
    for name in ["may", "june"] {
        let to = format!("received/{name}");
        fs::create_dir_all(root.join("received")).unwrap();
        concord(root, &["sample", "iapt@2.1", "-n", "3", "-o", &to]).exits(0);
    }
    let fields = fs::read_to_string(root.join("new/iapt/2-1/fields.csv")).unwrap();
    let line = fields
        .lines()
        .find(|line| {
            line.starts_with("IDS101Referral,") && line.contains("max an20") && line.contains(",Y,")
        })
        .unwrap();
    edit(
        &root.join("new/iapt/2-1/fields.csv"),
        line,
        &line.replacen("max an20", "max an2", 1),
    );
    let ran = concord(
        root,
        &[
            "diff",
            "iapt@2.1",
            "new/iapt/2-1",
            "--no-proof",
            "--impact",
            "received",
            "--format",
            "json",
        ],
    )
    .exits(1);
    let report: Value = serde_json::from_str(&ran.out).unwrap();
    let impact = &report["comparisons"][0]["impact"];
    assert_eq!(impact["files"], 2, "{impact}");
    assert!(impact["newly_rejected"].as_u64().unwrap() >= 6, "{impact}");
    assert_eq!(impact["newly_accepted"], 0);
    let providers = impact["providers"].as_array().unwrap();
    assert_eq!(providers.len(), 1, "{impact}");
    assert_eq!(providers[0]["provider"], "RWK");
    let none = concord(
        root,
        &["diff", "iapt@2.1", "new/iapt/2-1", "--impact", "new"],
    )
    .exits(2);
    assert!(none.told().contains("holds no submission"), "{}", none.err);
}

#[test]
fn resources_are_compared_by_element() {
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path();
    copy("fhir/4-0-1", &root.join("new/fhir/4-0-1"));
    edit(
        &root.join("new/fhir/4-0-1/elements.csv"),
        "Encounter,period,0,1,",
        "Encounter,period,1,1,",
    );
    let ran = concord(
        root,
        &["diff", "fhir@4.0.1", "new/fhir/4-0-1", "--format", "json"],
    )
    .exits(1);
    let found = changes(&ran);
    assert_eq!(found.len(), 1, "{}", ran.out);
    assert_eq!(
        named(&found, "ELEMENT-MADE-MANDATORY"),
        ["Encounter.period"]
    );
    assert_eq!(found[0]["breaks"][0]["certainty"], "proved", "{}", ran.out);
    let shown = found[0]["witness"]["submission"].as_str().unwrap();
    fs::write(root.join("shown.json"), shown).unwrap();
    concord(root, &["check", "shown.json", "--standard", "fhir@4.0.1"]).exits(0);
}

#[test]
fn what_is_of_another_kind_is_never_called_unchanged() {
    let folder = tempfile::tempdir().unwrap();
    for (old, new) in [
        ("iapt@2.1", "acm@2025"),
        ("fhir@4.0.1", "cds@6-3-1"),
        ("iapt@2.1", "fhir@4.0.1"),
    ] {
        let ran = concord(folder.path(), &["diff", old, new, "--no-proof"]).exits(1);
        assert!(ran.out.contains("CARRIER-CHANGED"), "{}", ran.out);
        assert!(ran.out.contains("Not compared"), "{}", ran.out);
    }
}
