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

/// It was written as it stood there, and every check by that definition refused to begin.
#[test]
fn a_filter_that_cannot_be_compiled_is_listed() {
    let folder = folder("uncompiled");
    let contract = folder.join("m.dischema.json");
    fs::write(
        &contract,
        r#"{"contract": {"datasets": {"T": {
            "fields": {"id": "int", "a": "str", "g": "date"}, "key_field": "id", "mandatory_fields": ["id"],
            "reader_config": {".csv": {"reader": "DuckDBCSVReader", "kwargs": {"delimiter": ","}}}}}},
          "transformations": {"filters": [
            {"entity": "T", "name": "f1", "expression": "g <= current_date", "failure_type": "record", "error_code": "F1", "failure_message": "x"},
            {"entity": "T", "name": "f2", "expression": "regexp_matches(a, '^A')", "failure_type": "record", "error_code": "F2", "failure_message": "no A"},
            {"entity": "T", "name": "f3", "expression": "nosuch = 1", "failure_type": "record", "error_code": "F3", "failure_message": "x"}]}}"#,
    )
    .unwrap();
    let output = folder.join("schemas");
    let output = output.to_str().unwrap();
    let named = [
        "import",
        contract.to_str().unwrap(),
        "-o",
        output,
        "--as",
        "m@1",
    ];
    let (code, out, error) = standards(&named);
    assert_eq!(code, 1, "{out}{error}");
    assert!(out.contains("1 tables, 3 columns, 1 rules"), "{out}");
    for lost in [
        "filters/f1: its rule cannot be",
        "filters/f3: its rule cannot be",
    ] {
        assert!(out.contains(lost), "{out}");
    }
    fs::write(
        folder.join("m.csv"),
        "id,a,g\n1,Bob,2025-04-01\n2,Ann,2025-04-01\n",
    )
    .unwrap();
    let ran = Command::new(env!("CARGO_BIN_EXE_concord"))
        .current_dir(&folder)
        .args(["check", "--format", "concise", "--schemas", output])
        .args(["--standard", "m@1", "m.csv"])
        .output()
        .unwrap();
    let out = String::from_utf8(ran.stdout).unwrap();
    assert!(out.contains("reject-record F2 no A"), "{out}");
    assert!(out.contains("2 records = 1 accepted + 1 rejected"), "{out}");
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

/// A definition with a table of two days in a form, and a rule of every kind that wants a day.
fn definition_of_days(folder: &Path, format: &str, rules: &str) {
    let at = folder.join("schemas/days/1");
    fs::create_dir_all(&at).unwrap();
    fs::create_dir_all(folder.join("schemas/codes")).unwrap();
    fs::write(
        folder.join("schemas/codes/own-code.csv"),
        "code,meaning,valid_from,valid_to,source\nC,c,2025-04-01,,made for a test\n",
    )
    .unwrap();
    fs::write(
        at.join("standard.toml"),
        "id = \"days\"\nversion = \"1\"\ntitle = \"Days\"\npublisher = \"a test\"\nstatus = \"current\"\ncarrier = \"delimited\"\nsource = \"made for a test\"\n\
         [recognise]\nheader = true\n[record]\nkey = [\"ID\"]\n[[table]]\nname = \"days\"\ntitle = \"Days\"\nheader = \"required\"\ndelimiters = [\",\"]\n",
    )
    .unwrap();
    let column = |number: u8, name: &str, format: &str| {
        format!("days,{number},{name},,ALL,O,{format},,,,,,,made for a test,published\n")
    };
    fs::write(
        at.join("fields.csv"),
        [
            "table,position,column,element,group,mandation,format,code_list,start,width,presence_rule,format_rule,code_rule,source,confidence\n".to_owned(),
            column(1, "ID", "max an9"),
            column(2, "CODE", "max an9"),
            column(3, "DAY", format),
            column(4, "LATER", format),
        ]
        .concat(),
    )
    .unwrap();
    let mut written = String::new();
    for (number, check) in rules.lines().enumerate() {
        let rule = format!(
            "[[rule]]\nid = \"D-{number}\"\ntitle = \"a day\"\nat = \"record\"\neffect = \"warn\"\n{check}\nmessage = \"wrong\"\nsource = \"made for a test\"\nprovenance = \"inferred\"\nsince = \"0.1.0\"\npass = [{{ ID = \"1\" }}]\nfail = [{{ ID = \"2\" }}]\n"
        );
        written.push_str(&rule);
    }
    fs::write(at.join("rules.toml"), written).unwrap();
}

const OF_DAYS: &str = "\
window = { element = \"DAY\", from = \"DATE '2025-01-01'\", to = \"DATE '2025-12-31'\" }
order = [\"DAY\", \"LATER\"]
code = { element = \"CODE\", list = \"own-code\", as_at = \"DAY\" }
check = \"DAY >= DATE '2025-01-01'\"
check = \"days_between(DATE '2025-01-01', DAY) >= 0\"
query = \"SELECT record, LATER FROM days WHERE days_between(DAY, LATER) < 0\"";

/// Days of another form than `CCYY-MM-DD` were texts to rules, which found nothing in them.
#[test]
fn a_day_in_any_form_is_a_day_to_rules() {
    let folder = folder("days");
    for (format, day, before, right) in [
        ("an10 CCYY-MM-DD", "2024-12-31", "2024-12-30", "2025-05-01"),
        ("n8 CCYYMMDD", "20241231", "20241230", "20250501"),
        ("an10 DD/MM/CCYY", "31/12/2024", "30/12/2024", "01/05/2025"),
        ("an8 DD/MM/YY", "31/12/24", "30/12/24", "01/05/25"),
        ("an9 DDMMMCCYY", "31DEC2024", "30DEC2024", "01MAY2025"),
        ("an9 DD-MMM-YY", "31-Dec-24", "30-Dec-24", "01-May-25"),
    ] {
        definition_of_days(&folder, format, OF_DAYS);
        fs::write(
            folder.join("days.csv"),
            format!("ID,CODE,DAY,LATER\n1,C,{day},{before}\n2,C,{right},{right}\n"),
        )
        .unwrap();
        let ran = Command::new(env!("CARGO_BIN_EXE_concord"))
            .current_dir(&folder)
            .args(["check", "--format", "concise", "--schemas", "schemas"])
            .args(["--standard", "days@1", "days.csv"])
            .output()
            .unwrap();
        let out = String::from_utf8(ran.stdout).unwrap();
        let found: Vec<&str> = out
            .lines()
            .filter_map(|line| line.split_once(": warn ").map(|(_, told)| told))
            .collect();
        let expected = ["D-0", "D-2", "D-3", "D-4", "D-1", "D-5"];
        let mut ids: Vec<&str> = found.iter().map(|told| &told[..3]).collect();
        ids.sort_unstable();
        let mut expected = expected.to_vec();
        expected.sort_unstable();
        assert_eq!(ids, expected, "{format}: {out}");
        assert!(!out.contains("days.csv:3"), "{format}: {out}");
    }
}

#[test]
fn a_column_that_can_hold_no_day_is_none_to_rules() {
    let folder = folder("no-days");
    for rule in [
        "order = [\"DAY\", \"LATER\"]",
        "window = { element = \"DAY\", from = \"DATE '2025-01-01'\" }",
        "code = { element = \"CODE\", list = \"own-code\", as_at = \"DAY\" }",
    ] {
        definition_of_days(&folder, "n6 HHMMSS", rule);
        let schemas = folder.join("schemas");
        let (code, out, err) = standards(&["lint", "--schemas", schemas.to_str().unwrap()]);
        assert_eq!(code, 2, "{rule}: {out}{err}");
        assert!(
            format!("{out}{err}").contains("`DAY` holds no date"),
            "{rule}: {out}{err}"
        );
    }
}
