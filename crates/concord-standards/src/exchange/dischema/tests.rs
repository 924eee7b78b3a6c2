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
        &|_| BTreeMap::new(),
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
            "SEEN_ON O an10 DD/MM/CCYY",
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
            "datasets/Header/reader_config/.xml",
            "schemas/resource",
            "transformations/complex_rules/date_is_ge",
            "transformations/filters/not_too_long",
            "transformations/rules/length",
            "transformations/post_filter_rules/drop",
            "transformations/filters/org_is_not_test",
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
    let read = |text: &str| {
        let none = Elements::default();
        from_dischema(text, "a", ("a", "1"), &none, &|_| BTreeMap::new()).err()
    };
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

/// A contract of one table, with these fields, options of the reader and filters.
fn small(fields: &str, options: &str, filters: &str) -> Imported {
    let text = format!(
        r#"{{"contract":{{"datasets":{{"T":{{"fields":{{{fields}}},"reader_config":{{".csv":{{"reader":"DuckDBCSVReader","kwargs":{{{options}}}}}}}}}}}}},"transformations":{{"filters":[{filters}]}}}}"#
    );
    from_dischema(&text, "a", ("a", "1"), &Elements::default(), &|_| {
        BTreeMap::from([(
            "F-REFUSED".to_owned(),
            "there is no such function".to_owned(),
        )])
    })
    .expect("a contract")
}

fn said(imported: &Imported) -> Vec<String> {
    let lost = imported.lost.iter();
    lost.map(|lost| format!("{}: {}", lost.place, lost.reason))
        .collect()
}

#[test]
fn every_constraint_and_option_that_is_not_applied_is_listed() {
    let imported = small(
        r#""b": {"callable": "conint", "constraints": {"gt": 0, "multiple_of": 2, "odd": 1}},
           "x": {"callable": "constr", "constraints": {"curtail_length": 3, "to_lower": true, "max_length": 5}},
           "f": "float""#,
        r#""delimiter": "|", "quote_char": "'", "null_values": ["NULL"], "encoding": "cp1252", "field_check": true"#,
        "",
    );
    assert_eq!(
        said(&imported),
        [
            "datasets/T/reader_config/kwargs/quote_char: this option of its reader is not applied",
            "datasets/T/reader_config/kwargs/null_values: this option of its reader is not applied",
            "datasets/T/reader_config/kwargs/field_check: this option of its reader is not applied",
            "datasets/T/fields/b: `odd` is not applied",
            "datasets/T/fields/x: `curtail_length` is not applied",
            "datasets/T/fields/x: `to_lower` is not applied",
            "datasets/T/fields/f: numbers of more than 18 digits, or 8 places, or with exponents are refused",
        ]
    );
    let rules = &imported.files["a/1/rules.toml"];
    assert!(
        rules.contains("B > 0") && rules.contains("B % 2 = 0"),
        "{rules}"
    );
}

#[test]
fn rules_that_cannot_be_compiled_are_listed_and_left_out() {
    let filter = |code: &str, expression: &str, message: &str| {
        format!(
            r#"{{"entity":"T","name":"{code}","expression":"{expression}","failure_type":"record","error_code":"{code}","failure_message":"{message}"}}"#
        )
    };
    let filters = [
        filter("F_REFUSED", "g <= current_date", "x"),
        filter(
            "F_KEPT",
            "date_diff('day', g, h) > 3 AND regexp_matches(a, '^A|date_diff')",
            "{{ a }} and {{ other }}",
        ),
        filter(
            "F_MONTHS",
            "date_diff('month', g, h) > 3 OR datediff( 'DAY' , g, h) > 3 OR my_date_diff('day', g, h) > 3",
            "{a}",
        ),
    ];
    let imported = small(
        r#""a": "str", "g": "date", "h": "date""#,
        "",
        &filters.join(","),
    );
    assert_eq!(
        said(&imported),
        [
            "transformations/filters/F_KEPT: `other` in its message is no column: the name is shown",
            "transformations/filters/F_REFUSED: its rule cannot be compiled: there is no such function",
        ]
    );
    assert_eq!(imported.rules, 2);
    let rules = &imported.files["a/1/rules.toml"];
    for text in [
        "days_between(G, H) > 3 AND regexp_like(A, '^A|date_diff')",
        "{A} and other",
        "date_diff('month', G, H) > 3 OR days_between(G, H) > 3 OR my_date_diff('day', G, H) > 3",
    ] {
        assert!(rules.contains(text), "{text}: {rules}");
    }
    assert!(!rules.contains("current_date"), "{rules}");
}
