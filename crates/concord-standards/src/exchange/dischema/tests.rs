use std::collections::BTreeMap;

use super::*;
use crate::definition::{Definition, Severity, lint};
use crate::layout::Mandation;
use crate::rules::{Check, Keep};

const CONTRACT: &str = include_str!("../../../tests/fixtures/community.dischema.json");

fn imported() -> Imported {
    from_dischema(
        CONTRACT,
        "community.dischema.json",
        ("community", "1"),
        &Elements::default(),
    )
    .expect("a contract")
}

fn definition(files: &BTreeMap<String, String>) -> Definition {
    Definition::load(files, "community/1").unwrap_or_else(|errors| panic!("{errors}\n{files:#?}"))
}

#[test]
fn fields_become_columns_in_their_order() {
    let definition = definition(&imported().files);
    let layout = definition.layout.as_ref().expect("tabular");
    let table = layout.table("contacts").expect("the data set");
    let shown: Vec<String> = table
        .fields
        .iter()
        .map(|field| {
            let letter = field.mandation.letter();
            let personal = if field.personal { " personal" } else { "" };
            format!("{} {letter} {}{personal}", field.column, field.format)
        })
        .collect();
    assert_eq!(
        shown,
        [
            "RECORD_ID M max s18",
            "ORG_ID_PROVIDER M ",
            "GP_PRACTICE O an6",
            "LOCAL_PATIENT_ID O max an10 personal",
            "NHS_NUMBER O n10 personal",
            "BIRTH_DATE O an10 CCYY-MM-DD personal",
            "CONTACT_DATE M an10 CCYY-MM-DD",
            "DISCHARGE_DATE O an10 CCYY-MM-DD",
            "TOTAL_COST O max s10.max n2",
            "RESOURCES O ",
            "SEEN_ON O ",
        ]
    );
    assert_eq!(table.delimiters, [b'|']);
    assert_eq!(definition.standard.record.key, ["RECORD_ID"]);
    let header = layout.match_header(&["Record Id", "practice"]);
    assert_eq!(header.columns, [Some(0), Some(2)]);
    let mandatory = table.fields.iter();
    let mandatory = mandatory.filter(|field| field.mandation == Mandation::Mandatory);
    assert_eq!(mandatory.count(), 3);
}

#[test]
fn filters_become_rules() {
    let definition = definition(&imported().files);
    let rules: BTreeMap<&str, &Check> = definition
        .rules
        .iter()
        .map(|rule| (&*rule.rule.id, &rule.check))
        .collect();
    let sql = |text: &str| Check::Sql(text.to_owned());
    assert_eq!(
        rules["C1"],
        &sql("DISCHARGE_DATE IS NULL OR DISCHARGE_DATE >= CONTACT_DATE")
    );
    assert_eq!(rules["C2"], &sql("CONTACT_DATE >= '2025-04-01'"));
    assert_eq!(
        rules["C3"],
        &Check::Exists {
            elements: vec!["ORG_ID_PROVIDER".to_owned()],
            table: "orgs".to_owned(),
            columns: vec!["org_code".to_owned()],
            as_at: None,
            when: None,
        }
    );
    assert_eq!(
        rules["C4"],
        &Check::Unique {
            elements: vec!["RECORD_ID".to_owned()],
            when: None,
            keep: Keep::None,
        }
    );
    // Its code is taken; texts in quotes stay what they are.
    assert_eq!(
        rules["C1-2"],
        &sql("ORG_ID_PROVIDER = 'org_id_provider' OR ORG_ID_PROVIDER ~ '^R'")
    );
    assert_eq!(
        rules["CONTACTS-ORG-ID-PROVIDER"],
        &sql("regexp_like(ORG_ID_PROVIDER, '^[A-Z0-9]{3,5}$')")
    );
    assert_eq!(rules["CONTACTS-TOTAL-COST"], &sql("TOTAL_COST >= 0"));
    assert!(!rules.contains_key("C5"));
    let effects: Vec<&str> = ["C1", "C2", "C3"]
        .iter()
        .filter_map(|id| definition.rules.iter().find(|rule| *rule.rule.id == **id))
        .map(|rule| rule.rule.effect.as_str())
        .collect();
    assert_eq!(effects, ["reject-record", "reject-file", "warn"]);
}

#[test]
fn what_is_not_carried_over_is_listed() {
    let places: Vec<String> = imported().lost.into_iter().map(|lost| lost.place).collect();
    assert_eq!(
        places,
        [
            "datasets/Contacts/fields/resources",
            "datasets/Contacts/fields/seen_on",
            "datasets/Header/reader_config/.xml",
            "schemas/resource",
            "transformations/complex_rules/date_is_ge",
            "transformations/filters/not_too_long",
            "transformations/rules/length",
            "transformations/post_filter_rules/drop",
        ]
    );
}

#[test]
fn only_examples_are_missing() {
    let definition = definition(&imported().files);
    for problem in lint(&definition) {
        assert!(
            problem.severity == Severity::Warning || problem.message.contains("has no example"),
            "{problem}"
        );
    }
}

#[test]
fn other_json_is_an_error() {
    let read = |text: &str| from_dischema(text, "a", ("a", "1"), &Elements::default()).err();
    assert!(matches!(read("{"), Some(ExchangeError::Json(_))));
    assert_eq!(read("{}"), Some(ExchangeError::Missing("contract")));
    assert_eq!(
        read(r#"{"contract":{"datasets":{}}}"#),
        Some(ExchangeError::NoTables)
    );
    assert_eq!(
        read(r#"{"contract":{"types":{"a":"a"},"datasets":{"x":{"fields":{"1":"a","y":"a"}}}}}"#),
        None
    );
}
