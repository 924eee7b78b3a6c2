//! Every field of the published profile, as its table has it: the facts are ours, a message that fills it is right, and one
//! that breaks what is said of it is wrong at its place.

use std::collections::BTreeMap;
use std::sync::Arc;

use concord_standards::compile::CompiledSchema;
use concord_standards::messages::{Segment, Usage};
use concord_standards::schema::TypeId;

use crate::maker::Maker;
use crate::support::{ITK, check, definition, reference, told};

struct Row {
    segment: String,
    field: usize,
    usage: String,
    cardinality: String,
    length: Option<u32>,
    table: String,
}

fn rows() -> Option<Vec<Row>> {
    let path = reference()?.join("hl7v2/hl7v2_uk_fields.csv");
    let text = std::fs::read_to_string(path).unwrap();
    let mut records = records(&text).into_iter();
    let header = records.next().unwrap();
    let at = |name: &str| header.iter().position(|column| column == name).unwrap();
    let columns = ["segment", "seq", "usage", "cardinality", "max_len", "table"].map(at);
    let rows = records
        .map(|row| {
            let [segment, field, usage, cardinality, length, table] =
                columns.map(|column| row[column].clone());
            Row {
                segment,
                field: field.parse().unwrap(),
                usage,
                cardinality,
                length: length.parse().ok(),
                table,
            }
        })
        .collect();
    Some(rows)
}

/// CSV with quotes.
fn records(text: &str) -> Vec<Vec<String>> {
    let (mut rows, mut row, mut cell, mut quoted) = (Vec::new(), Vec::new(), String::new(), false);
    let mut characters = text.chars().peekable();
    while let Some(character) = characters.next() {
        match character {
            '"' if quoted && characters.peek() == Some(&'"') => {
                characters.next();
                cell.push('"');
            }
            '"' => quoted = !quoted,
            ',' if !quoted => row.push(std::mem::take(&mut cell)),
            '\n' if !quoted => {
                row.push(std::mem::take(&mut cell));
                rows.push(std::mem::take(&mut row));
            }
            '\r' if !quoted => {}
            other => cell.push(other),
        }
    }
    rows
}

fn field_of<'s>(segment: &'s Segment, row: &Row) -> &'s concord_standards::messages::SegmentField {
    &segment.fields[row.field - 1]
}

#[test]
fn the_facts_are_those_of_the_profile() {
    let Some(rows) = rows() else { return };
    assert_eq!(rows.len(), 408);
    let definition = definition("itk-adt@1.0", &[]);
    let messages = definition.messages.as_ref().unwrap();
    for row in &rows {
        let place = format!("{}-{}", row.segment, row.field);
        let segment = messages
            .segment(&row.segment)
            .unwrap_or_else(|| panic!("{place}"));
        let field = field_of(segment, row);
        assert_eq!(field.usage.letters(), row.usage, "{place}");
        let bounds = row.cardinality.trim_matches(['[', ']']).split_once("..");
        if let (Some((_, most)), true) = (bounds, row.usage != "X") {
            assert_eq!(
                field.max.map_or("*".to_owned(), |most| most.to_string()),
                most,
                "{place}"
            );
        }
        assert_eq!(field.min > 0, row.usage == "R", "{place}");
        let list = field.code_list.as_deref().unwrap_or("");
        if !row.table.is_empty() && !list.is_empty() {
            assert_eq!(list, format!("hl7-{}", row.table.to_lowercase()), "{place}");
        }
    }
    let segments: std::collections::BTreeSet<&str> =
        rows.iter().map(|row| row.segment.as_str()).collect();
    assert_eq!(segments.len(), 26);
    // One more, which the message structures name and the table of fields does not.
    assert_eq!(messages.segments.len(), 27);
}

#[test]
fn every_field_passes_and_fails() {
    let Some(rows) = rows() else { return };
    let definition = definition("itk-adt@1.0", &[]);
    let maker = Maker::new(&definition);
    let compiled = CompiledSchema::compile(Arc::new(definition.schema.clone())).unwrap();
    let mut ways: BTreeMap<&str, usize> = BTreeMap::new();
    for row in &rows {
        let place = format!("{}-{}", row.segment, row.field);
        let segment = maker.messages.segment(&row.segment).unwrap();
        let field = field_of(segment, row);
        let of = |text: Option<String>| {
            let wanted = text.map(|text| (row.field, text)).into_iter().collect();
            let message = maker.message(&compiled, &row.segment, &wanted);
            told(&check(&ITK, message.as_bytes(), 1).1)
        };
        // The separator and the encoding characters are what the message is read by.
        if row.segment == "MSH" && row.field <= 2 {
            *ways.entry("MESSAGE-HEADER").or_default() += 1;
            let message = maker.message(&compiled, "MSH", &BTreeMap::new());
            assert!(
                told(&check(&ITK, message.as_bytes(), 1).1).is_empty(),
                "{place}"
            );
            let broken = [("MSH|", "MSH"), ("MSH|^~\\&", "MSH|")][row.field - 1];
            let message = message.replacen(broken.0, broken.1, 1);
            let found = told(&check(&ITK, message.as_bytes(), 1).1);
            assert!(
                found[0].starts_with("MESSAGE-HEADER "),
                "{place}: {found:?}"
            );
            continue;
        }
        let mut right = maker.value(field.element, '^');
        // A moment that may be no longer than a day.
        right.truncate(field.length.map_or(usize::MAX, |length| length as usize));
        let filled = if field.usage == Usage::NotSupported {
            None
        } else {
            Some(right.clone())
        };
        // Which message it is and of which version is told by the message itself.
        let fixed = row.segment == "MSH" && matches!(row.field, 9 | 12 | 21);
        let passed = of(if fixed { None } else { filled });
        assert!(passed.is_empty(), "{place}: {passed:?}");
        let (way, broken) = broken(&maker, row, field, &right);
        *ways.entry(way).or_default() += 1;
        let found = of(Some(broken));
        let rule = format!("{way} ");
        let here = found
            .iter()
            .filter(|line| line.starts_with(&rule))
            .any(|line| {
                let path = line.split_whitespace().nth(3).unwrap_or("");
                path.split(['.', '[']).next() == Some(&place)
            });
        assert!(here, "{place}: {way} was expected, found {found:?}");
    }
    eprintln!("{ways:?}");
    assert_eq!(ways.values().sum::<usize>(), 408);
    assert_eq!(ways["VALUE-NOT-USED"], 161);
    // MSH-1 and MSH-2 are 2 of 36 required ones.
    assert_eq!(ways["FIELD-MISSING"], 34);
}

/// The field broken in the way that says most of its row: the rule that must find it, and the text.
fn broken(
    maker: &Maker<'_>,
    row: &Row,
    field: &concord_standards::messages::SegmentField,
    right: &str,
) -> (&'static str, String) {
    let coded = {
        let content = maker.schema.element(field.element).content;
        let first = match content {
            TypeId::Simple(id) => Some(id),
            _ => maker.parts(content).first().and_then(|(id, _)| {
                match maker.schema.element(*id).content {
                    TypeId::Simple(id) => Some(id),
                    _ => None,
                }
            }),
        };
        first.is_some_and(|id| {
            let steps = &maker.schema.simple_type(id).steps;
            steps.iter().any(|step| !step.enumeration.is_empty())
        })
    };
    match field.usage {
        Usage::NotSupported => ("VALUE-NOT-USED", "X".to_owned()),
        Usage::Required => ("FIELD-MISSING", String::new()),
        _ if coded => ("VALUE-CODE", "no such code".to_owned()),
        _ if row.length.is_some() => {
            let numeric = right == "1";
            let character = if numeric { "9" } else { "x" };
            let rule = if numeric {
                "VALUE-DIGITS"
            } else {
                "VALUE-LENGTH"
            };
            // Of a moment the pattern is looked at first.
            if right.starts_with("2026") {
                return ("VALUE-FORMAT", "x".repeat(8));
            }
            (rule, character.repeat(row.length.unwrap() as usize + 1))
        }
        _ if field.max == Some(1) => ("FIELD-REPEATED", format!("{right}~{right}")),
        _ => {
            let most = maker
                .parts(maker.schema.element(field.element).content)
                .len()
                .max(1);
            if let Some(most) = field.max {
                return ("FIELD-REPEATED", vec![right; most as usize + 1].join("~"));
            }
            ("FIELD-COMPONENTS", format!("{right}{}x", "^".repeat(most)))
        }
    }
}
