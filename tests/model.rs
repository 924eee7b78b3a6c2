//! `concord model`, run as users run it.

#![allow(clippy::unwrap_used)] // a test fails by panicking

use std::process::Command;

use serde_json::Value;

/// Exit code, standard output and standard error of a run.
fn concord(arguments: &[&str]) -> (i32, String, String) {
    let ran = Command::new(env!("CARGO_BIN_EXE_concord"))
        .args(arguments)
        .output()
        .unwrap();
    (
        ran.status.code().unwrap(),
        String::from_utf8(ran.stdout).unwrap(),
        String::from_utf8(ran.stderr).unwrap(),
    )
}

#[test]
fn every_entity_is_listed() {
    let (code, text, _) = concord(&["model"]);
    assert_eq!(code, 0);
    assert_eq!(text, concord(&["model", "show"]).1);
    for name in [
        "organisation",
        "hospital_spell",
        "contract_line",
        "practice_population",
    ] {
        assert!(text.contains(&format!(" {name} ")), "{name}:\n{text}");
    }
}

#[test]
fn an_entity_shows_its_fields() {
    let (code, text, _) = concord(&["model", "show", "critical_care_day"]);
    assert_eq!(code, 0);
    assert!(text.contains("Its rows lie in those of critical_care_period"));
    assert!(text.contains("In its rows lie those of critical_care_activity."));
    assert!(text.contains("decimal 6,3"));
    assert!(text.contains("code of critical-care-level"));
    let (_, person, _) = concord(&["model", "show", "person"]);
    let number = person
        .lines()
        .find(|line| line.starts_with("nhs_number "))
        .unwrap();
    assert!(number.contains("personal"), "{number}");
}

#[test]
fn json_says_what_stands_in_the_columns() {
    let (code, text, _) = concord(&["model", "show", "--format", "json"]);
    assert_eq!(code, 0);
    let model: Value = serde_json::from_str(&text).unwrap();
    let entities = model["entities"].as_array().unwrap();
    let line = entities
        .iter()
        .find(|entity| entity["name"] == "contract_line")
        .unwrap();
    let fields = line["fields"].as_array().unwrap();
    let cost = fields
        .iter()
        .find(|field| field["name"] == "total_cost")
        .unwrap();
    assert_eq!(cost["element"], "TOTAL COST");
    assert_eq!(
        (&cost["precision"], &cost["scale"]),
        (&26.into(), &8.into())
    );
    assert_eq!(cost["columns"][0]["type"], "Decimal128(26, 8)");
    let created = fields
        .iter()
        .find(|field| field["kind"] == "moment")
        .unwrap();
    assert_eq!(
        created["columns"][1]["name"],
        "date_and_time_data_set_created_zone"
    );
    let (_, one, _) = concord(&["model", "show", "contract_line", "--format", "json"]);
    assert_eq!(&serde_json::from_str::<Value>(&one).unwrap(), line);
}

#[test]
fn the_diagram_is_mermaid() {
    let (code, text, _) = concord(&["model", "show", "--format", "mermaid"]);
    assert_eq!(code, 0);
    assert!(text.starts_with("erDiagram\n"));
    assert_eq!(
        concord(&["model", "show", "person", "--format", "mermaid"]).0,
        2
    );
}

#[test]
fn an_unknown_entity_is_told_with_those_like_it() {
    let (code, _, told) = concord(&["model", "show", "spell"]);
    assert_eq!(code, 2);
    assert!(told.contains("hospital_spell"), "{told}");
}
