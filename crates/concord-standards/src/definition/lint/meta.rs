//! The files against their JSON Schemas: those that editors complete from say no other than what is read.

use std::ops::Range;

use serde_json::Value;

use super::Linting;
use crate::definition::problem::{Problem, Severity, Text};

const SCHEMAS: [(&str, &str); 9] = [
    (
        "standard.toml",
        include_str!("../../../../../schemas/meta/standard.schema.json"),
    ),
    (
        "structure.toml",
        include_str!("../../../../../schemas/meta/structure.schema.json"),
    ),
    (
        "rules.toml",
        include_str!("../../../../../schemas/meta/rules.schema.json"),
    ),
    (
        "mapping.toml",
        include_str!("../../../../../schemas/meta/mapping.schema.json"),
    ),
    (
        "fields.csv",
        include_str!("../../../../../schemas/meta/fields.schema.json"),
    ),
    (
        MESSAGE_FIELDS,
        include_str!("../../../../../schemas/meta/message-fields.schema.json"),
    ),
    (
        "datatypes.csv",
        include_str!("../../../../../schemas/meta/datatypes.schema.json"),
    ),
    (
        OVERLAY,
        include_str!("../../../../../schemas/meta/overlay.schema.json"),
    ),
    (
        "aliases.csv",
        include_str!("../../../../../schemas/meta/aliases.schema.json"),
    ),
];

/// What `fields.csv` of a standard of HL7 v2 messages is called here.
const MESSAGE_FIELDS: &str = "message-fields.csv";
/// What the files in `overlays/` are called here.
const OVERLAY: &str = "overlay.toml";

/// Errors told for one file: the first ones say what is wrong.
const MOST_ERRORS: usize = 5;

pub(super) fn check(linting: &mut Linting<'_>) {
    let texts: Vec<&Text> = linting.texts.values().collect();
    let found = against_schemas(&texts);
    linting.problems.extend(found);
}

/// What the JSON Schemas say against files.
pub(super) fn against_schemas(texts: &[&Text]) -> Vec<Problem> {
    let mut found = Vec::new();
    for (name, schema) in SCHEMAS {
        let mut named = texts.iter().filter(|text| kind(text) == name).peekable();
        if named.peek().is_none() {
            continue;
        }
        if let Some(validator) = validator(schema) {
            found.extend(named.flat_map(|text| problems(text, name, &validator)));
        }
    }
    found
}

/// Which of the files that there are schemas for a file is.
fn kind(text: &Text) -> &str {
    match text.name.rsplit_once('/') {
        Some(("overlays", _)) => OVERLAY,
        Some((_, "fields.csv")) if text.content.starts_with("table,position,element,usage,") => {
            MESSAGE_FIELDS
        }
        Some((_, name)) => name,
        None => &text.name,
    }
}

/// What a JSON Schema says against a file: against all of a TOML file, or against each row of a CSV file.
fn problems(text: &Text, name: &str, validator: &jsonschema::Validator) -> Vec<Problem> {
    let help = format!("schemas/meta/{} says so", schema_name(name));
    let mut problems = Vec::new();
    for (span, value) in values(text, name) {
        let errors = validator.iter_errors(&value);
        problems.extend(errors.take(MOST_ERRORS - problems.len()).map(|error| {
            let message = format!("{}: {}", error.instance_path(), error.masked());
            text.problem(Severity::Error, span.clone(), message, Some(help.clone()))
        }));
        if problems.len() == MOST_ERRORS {
            break;
        }
    }
    problems
}

fn schema_name(name: &str) -> String {
    let stem = name.split_once('.').map_or(name, |(stem, _)| stem);
    format!("{stem}.schema.json")
}

/// A file as JSON, with the bytes that a message about it underlines. Reading it told already what cannot be read.
fn values(text: &Text, name: &str) -> Vec<(Range<usize>, Value)> {
    if name.rsplit('.').next() == Some("toml") {
        let table = text.content.parse::<toml::Table>().ok();
        let value = table.and_then(|table| serde_json::to_value(table).ok());
        return value.map(|value| (0..0, value)).into_iter().collect();
    }
    let mut reader = csv::Reader::from_reader(text.content.as_bytes());
    let Ok(columns) = reader.headers().cloned() else {
        return Vec::new();
    };
    reader
        .records()
        .filter_map(Result::ok)
        .map(|row| {
            let line = row.position().map_or(1, csv::Position::line) as u32;
            let cells = columns
                .iter()
                .zip(&row)
                .filter(|(_, cell)| !cell.is_empty())
                .map(|(column, cell)| (column.to_owned(), Value::from(cell)));
            (text.line_span(line), Value::Object(cells.collect()))
        })
        .collect()
}

fn validator(schema: &str) -> Option<jsonschema::Validator> {
    let schema: Value = serde_json::from_str(schema).ok()?;
    jsonschema::validator_for(&schema).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_json_schemas_are_json_schemas() {
        for (name, schema) in SCHEMAS {
            let schema: Value = serde_json::from_str(schema).expect("JSON");
            assert!(jsonschema::meta::is_valid(&schema), "{name}");
            assert!(jsonschema::validator_for(&schema).is_ok(), "{name}");
        }
    }
}
