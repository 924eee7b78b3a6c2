use std::collections::BTreeSet;
use std::path::Path;

use arrow_schema::DataType;

use super::*;

#[test]
fn names_are_unique_and_of_one_form() {
    let mut entities = BTreeSet::new();
    for entity in ENTITIES {
        assert!(entities.insert(entity.name), "{} stands twice", entity.name);
        let schema = entity.arrow_schema();
        let mut columns = BTreeSet::new();
        for column in schema.fields() {
            let name = column.name();
            let fits = name.starts_with(|first: char| first.is_ascii_lowercase())
                && name
                    .chars()
                    .all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_');
            assert!(fits, "{}.{name}", entity.name);
            assert!(columns.insert(name), "{}.{name} stands twice", entity.name);
        }
        assert!(!entity.fields.is_empty(), "{} has no fields", entity.name);
    }
}

#[test]
fn parents_stand_before_their_children() {
    let mut known = BTreeSet::new();
    for entity in ENTITIES {
        if let Some(parent) = entity.parent {
            assert!(known.contains(parent), "{} lies in {parent}", entity.name);
        }
        known.insert(entity.name);
    }
}

#[test]
fn everything_says_what_it_means() {
    for entity in ENTITIES {
        assert!(
            !entity.meaning.is_empty() && !entity.grain.is_empty(),
            "{}",
            entity.name
        );
        for field in entity.columns() {
            assert!(!field.meaning.is_empty(), "{}.{}", entity.name, field.name);
        }
    }
}

#[test]
fn provenance_stands_first() {
    for entity in ENTITIES {
        let schema = entity.arrow_schema();
        for (column, field) in schema.fields().iter().zip(PROVENANCE) {
            assert_eq!(column.name(), field.name);
            let always = ["source_file", "source_record"].contains(&field.name);
            assert_eq!(column.is_nullable(), !always, "{}", field.name);
        }
        assert!(entity.field("source_record").is_none());
    }
}

#[test]
fn columns_have_the_types_that_readers_of_parquet_have() {
    let spell = entity("hospital_spell").expect("an entity").arrow_schema();
    let kind = |name: &str| {
        spell
            .field_with_name(name)
            .expect("a column")
            .data_type()
            .clone()
    };
    assert_eq!(kind("source_record"), DataType::Int64);
    assert_eq!(kind("start_date_hospital_provider_spell"), DataType::Date32);
    assert_eq!(kind("start_time_hospital_provider_spell"), DataType::Utf8);
    let line = entity("contract_line").expect("an entity").arrow_schema();
    let kind = |name: &str| {
        line.field_with_name(name)
            .expect("a column")
            .data_type()
            .clone()
    };
    assert_eq!(kind("total_cost"), DataType::Decimal128(26, 8));
    assert!(matches!(
        kind("date_and_time_data_set_created"),
        DataType::Timestamp(_, None)
    ));
    assert_eq!(kind("date_and_time_data_set_created_zone"), DataType::Utf8);
    let person = entity("person").expect("an entity").arrow_schema();
    assert!(
        person
            .field_with_name("person_death_date_precision")
            .is_ok()
    );
}

#[test]
fn columns_carry_what_the_dictionary_says() {
    let person = entity("person").expect("an entity").arrow_schema();
    let column = person.field_with_name("ethnic_category").expect("a column");
    assert_eq!(column.metadata()[ELEMENT], "ETHNIC CATEGORY");
    assert_eq!(column.metadata()[CODE_LIST], "ethnic-category");
    assert_eq!(column.metadata()[PERSONAL], "false");
    assert!(!column.metadata()[MEANING].is_empty());
    let number = person.field_with_name("nhs_number").expect("a column");
    assert_eq!(number.metadata()[PERSONAL], "true");
    assert!(!number.metadata().contains_key(CODE_LIST));
}

fn schemas() -> std::path::PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../schemas")
}

#[test]
fn code_lists_are_those_that_are_kept() {
    for entity in ENTITIES {
        for field in entity.fields {
            if let Kind::Code { list } = field.kind
                && !list.is_empty()
            {
                let file = schemas().join(format!("codes/{list}.csv"));
                assert!(file.exists(), "{}.{}: {list}", entity.name, field.name);
            }
        }
    }
}

/// Data Dictionary names that only a structure gives, or that no shipped standard uses yet.
const GIVEN_ELSEWHERE: &[&str] = &[
    "ORGANISATION IDENTIFIER",
    "PERSON DEATH DATE",
    "POSTCODE",
    "PROFESSIONAL REGISTRATION ENTRY IDENTIFIER",
    "PROFESSIONAL REGISTRATION ENTRY IDENTIFIER (MAIN OPERATING CARE PROFESSIONAL)",
];

#[test]
fn dictionary_names_are_those_of_the_dictionary() {
    let elements = std::fs::read_to_string(schemas().join("elements.csv")).expect("a file");
    let names: BTreeSet<&str> = elements
        .lines()
        .skip(1)
        .filter_map(|line| match line.strip_prefix('"') {
            Some(quoted) => quoted.split_once("\",").map(|(name, _)| name),
            None => line.split_once(',').map(|(name, _)| name),
        })
        .collect();
    for entity in ENTITIES {
        for field in entity.fields {
            let known = field.title.is_empty()
                || names.contains(field.title)
                || GIVEN_ELSEWHERE.contains(&field.title);
            assert!(known, "{}.{}: {}", entity.name, field.name, field.title);
        }
    }
}
