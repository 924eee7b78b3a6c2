//! `concord standards` on tabular standards: what is shown, imported and exported.

#![allow(clippy::unwrap_used)] // a test fails by panicking

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;

/// Exit code, standard output and standard error of `concord standards …`.
fn standards(arguments: &[&str]) -> (i32, String, String) {
    let output = Command::new(env!("CARGO_BIN_EXE_concord"))
        .arg("standards")
        .args(arguments)
        .env("NO_COLOR", "1")
        .output()
        .unwrap();
    (
        output.status.code().expect("it ends by itself"),
        String::from_utf8(output.stdout).unwrap(),
        String::from_utf8(output.stderr).unwrap(),
    )
}

fn folder(name: &str) -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    if folder.exists() {
        fs::remove_dir_all(&folder).unwrap();
    }
    fs::create_dir_all(&folder).unwrap();
    folder
}

#[test]
fn a_provisional_standard_is_said_to_be_one() {
    let (code, out, _) = standards(&["list"]);
    assert_eq!(code, 0);
    let line = out
        .lines()
        .find(|line| line.starts_with("plcm@2025"))
        .unwrap();
    assert!(line.contains("provisional"), "{line}");
    assert!(out.contains("provisional: put together from"), "{out}");
    let (_, out, _) = standards(&["show", "plcm@2025"]);
    assert!(
        out.contains("status: provisional: put together from"),
        "{out}"
    );
}

#[test]
fn columns_are_shown_in_the_published_order() {
    let (code, out, _) = standards(&["show", "acm@2"]);
    assert_eq!(code, 0);
    let rows: Vec<&str> = out
        .lines()
        .filter(|line| line.starts_with(|first: char| first.is_ascii_digit()))
        .collect();
    assert_eq!(rows.len(), 36);
    assert!(
        rows[0].contains("FINANCIAL_MONTH") && rows[0].contains("ACM-FM-1"),
        "{}",
        rows[0]
    );
    assert!(
        out.contains("M mandatory; R required where it applies"),
        "{out}"
    );
}

#[test]
fn a_column_is_found_by_any_of_its_spellings() {
    for spelling in [
        "POINT_OF_DELIVERY_CODE",
        "point of delivery code",
        "Point-of-Delivery Code",
    ] {
        let (code, out, error) = standards(&["show", "acm@2", spelling]);
        assert_eq!(code, 0, "{error}");
        assert!(
            out.starts_with("POINT_OF_DELIVERY_CODE  POINT OF DELIVERY CODE"),
            "{out}"
        );
        assert!(out.contains("place: column 14 of 36 in acm@2"), "{out}");
    }
    let (code, _, error) = standards(&["show", "acm@2", "financial"]);
    assert_eq!(code, 2);
    assert!(
        error.contains("there is FINANCIAL_MONTH, FINANCIAL_YEAR"),
        "{error}"
    );
}

#[test]
fn a_rule_beside_columns_names_them() {
    let (code, out, _) = standards(&["explain", "ACM-FM-1", "--standard", "acm@2"]);
    assert_eq!(code, 0);
    assert!(out.contains("columns: FINANCIAL_MONTH"), "{out}");
}

#[test]
fn a_contract_is_imported_with_a_list_of_what_is_lost() {
    let contract = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../concord-standards/tests/fixtures/community.dischema.json");
    let contract = contract.to_str().unwrap();
    let folder = folder("imported");
    let output = folder.to_str().unwrap();
    let (code, out, error) = standards(&["import", contract, "-o", output]);
    assert_eq!(code, 1, "{out}{error}");
    assert!(
        out.contains("carried over: 1 tables, 11 columns, 9 rules"),
        "{out}"
    );
    assert!(
        out.contains("filters/not_too_long: it looks at `days`"),
        "{out}"
    );
    // A second one beside it does not take the first one's elements away.
    let (code, out, error) = standards(&["import", contract, "-o", output, "--as", "other@2"]);
    assert_eq!(code, 1, "{out}{error}");
    let (code, out, error) = standards(&["--schemas", output, "show", "community@1", "NHS_NUMBER"]);
    assert_eq!(code, 0, "{error}");
    assert!(out.contains("personal: yes"), "{out}");
    let (_, _, error) = standards(&["--schemas", output, "lint", "community@1", "other@2"]);
    for line in error.lines().filter(|line| line.contains('×')) {
        assert!(line.contains("has no example"), "{line}");
    }
}

#[test]
fn a_standard_is_exported_as_a_data_contract() {
    let (code, out, _) = standards(&["export", "--odcs", "acm@2025"]);
    assert_eq!(code, 0);
    let contract: Value = serde_json::from_str(&out).unwrap();
    assert_eq!(contract["kind"], "DataContract");
    assert_eq!(
        contract["schema"][0]["properties"]
            .as_array()
            .unwrap()
            .len(),
        34
    );
    let (code, _, error) = standards(&["export", "--odcs", "cds@6-3-1"]);
    assert_eq!(code, 2);
    assert!(error.contains("is not a tabular standard"), "{error}");
}
