//! The files against their JSON Schemas: those that editors complete from say no other than what is read.

use std::ops::Range;

use jsonschema::error::ValidationErrorKind;
use serde_json::Value;
use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::Linting;
use crate::definition::problem::{Problem, Severity, Text};

const SCHEMAS: [(&str, &str); 13] = [
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
    (
        MANY_RULES,
        include_str!("../../../../../schemas/meta/submission-rules.schema.json"),
    ),
    (
        MANY_FIELDS,
        include_str!("../../../../../schemas/meta/submission-fields.schema.json"),
    ),
    (
        "scales.csv",
        include_str!("../../../../../schemas/meta/scales.schema.json"),
    ),
    (
        "calendar.csv",
        include_str!("../../../../../schemas/meta/calendar.schema.json"),
    ),
];

/// What `fields.csv` of a standard of HL7 v2 messages is called here.
const MESSAGE_FIELDS: &str = "message-fields.csv";
/// What the files in `overlays/` are called here.
const OVERLAY: &str = "overlay.toml";

/// What rule files of a standard of many tables are called here.
const MANY_RULES: &str = "submission-rules.toml";
/// What their `fields.csv` is called here.
const MANY_FIELDS: &str = "submission-fields.csv";

/// Errors told for one file: the first ones say what is wrong.
const MOST_ERRORS: usize = 5;

pub(super) fn check(linting: &mut Linting<'_>) {
    let texts: Vec<&Text> = linting.texts.values().collect();
    let many = linting.definition.submission.is_some();
    let found = against_schemas(&texts, many);
    linting.problems.extend(found);
}

/// What the JSON Schemas say against files; `many`: of a standard of many tables.
pub(super) fn against_schemas(texts: &[&Text], many: bool) -> Vec<Problem> {
    let mut found = Vec::new();
    for (name, schema) in SCHEMAS {
        let mut named = texts
            .iter()
            .filter(|text| kind(text, many) == name)
            .peekable();
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
fn kind(text: &Text, many: bool) -> &str {
    match text.name.rsplit_once('/') {
        Some((_, "fields.csv")) if many => MANY_FIELDS,
        // Rule files inherit from others of any name.
        Some((_, name)) if many && is_toml(name) && !OWN.contains(&name) => MANY_RULES,
        Some(("overlays", _)) => OVERLAY,
        Some((_, "fields.csv")) if text.content.starts_with("table,position,element,usage,") => {
            MESSAGE_FIELDS
        }
        Some((_, name)) => name,
        None => &text.name,
    }
}

fn is_toml(name: &str) -> bool {
    name.rsplit('.').next() == Some("toml")
}

/// Files of a standard of many tables that hold no rules.
const OWN: [&str; 2] = ["standard.toml", "mapping.toml"];

/// What a JSON Schema says against a file: against all of a TOML file, or against each row of a CSV file.
fn problems(text: &Text, name: &str, validator: &jsonschema::Validator) -> Vec<Problem> {
    let help = format!("schemas/meta/{} says so", schema_name(name));
    let mut problems = Vec::new();
    for (span, value) in values(text, name) {
        let errors = validator.iter_errors(&value);
        problems.extend(errors.take(MOST_ERRORS - problems.len()).map(|error| {
            let message = format!("{}: {}", error.instance_path(), error.masked());
            let span = placed(text, &error).unwrap_or_else(|| span.clone());
            text.problem(Severity::Error, span, message, Some(help.clone()))
        }));
        if problems.len() == MOST_ERRORS {
            break;
        }
    }
    problems
}

/// Where a TOML file says what an error is about: the value, or the key that means nothing there.
fn placed(text: &Text, error: &jsonschema::ValidationError<'_>) -> Option<Range<usize>> {
    if !is_toml(&text.name) {
        return None;
    }
    let (document, _) = DeTable::parse_recoverable(&text.content);
    let mut span = document.span();
    let mut at = At::Table(document.get_ref());
    for step in error.instance_path().as_str().split('/').skip(1) {
        let step = step.replace("~1", "/").replace("~0", "~");
        let value = match at {
            At::Table(table) | At::Value(DeValue::Table(table)) => table.get(&*step)?,
            At::Value(DeValue::Array(array)) => array.get(step.parse::<usize>().ok()?)?,
            At::Value(_) => return None,
        };
        (span, at) = (value.span(), At::Value(value.get_ref()));
    }
    let table = match at {
        At::Table(table) | At::Value(DeValue::Table(table)) => table,
        At::Value(_) => return Some(span),
    };
    if let ValidationErrorKind::AdditionalProperties { unexpected } = error.kind() {
        let mut keys = table.keys();
        let key = keys.find(|key| unexpected.iter().any(|name| *name == *key.get_ref()));
        return Some(key.map_or(span, Spanned::span));
    }
    // Of a table its first line says enough.
    let first = text.content.get(span.clone())?.lines().next()?.len();
    Some(span.start..span.start + first)
}

/// A part of a TOML file.
enum At<'a> {
    Table(&'a DeTable<'a>),
    Value(&'a DeValue<'a>),
}

fn schema_name(name: &str) -> String {
    let stem = name.split_once('.').map_or(name, |(stem, _)| stem);
    format!("{stem}.schema.json")
}

/// A file as JSON, with the bytes that a message about it underlines. Reading it told already what cannot be read.
fn values(text: &Text, name: &str) -> Vec<(Range<usize>, Value)> {
    if is_toml(name) {
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

    /// What is said against a file of a standard of many tables, with its lines.
    fn said(name: &str, content: &str) -> Vec<(u32, String)> {
        let text = Text::new(&format!("x/1/{name}"), content);
        let problems = against_schemas(&[&text], true);
        problems
            .into_iter()
            .map(|problem| (problem.line, problem.message))
            .collect()
    }

    #[test]
    fn a_wrong_file_of_a_standard_of_many_tables_points_at_its_line() {
        const STANDARD: &str = "id = \"x\"\nversion = \"1\"\ntitle = \"t\"\npublisher = \"p\"\ncarrier = \"tables\"\nsource = \"s\"\n";
        let standard = |more: &str| said("standard.toml", &format!("{STANDARD}{more}"));
        let right = "[submission]\nheader = \"T000\"\n[[table]]\nname = \"T000\"\n";
        assert_eq!(standard(right), []);
        assert!(!standard("[submission]\nheader = \"T000\"\n").is_empty());
        for (more, line) in [
            (
                "[submission]\nheader = \"T0\"\ncolour = \"red\"\n[[table]]\nname = \"T0\"\n",
                9,
            ),
            (
                "[submission]\nheader = \"T0\"\ncalendar = \"monthly\"\n[[table]]\nname = \"T0\"\n",
                9,
            ),
            (
                "[submission]\nheader = \"T0\"\n[[table]]\nname = \"T0\"\ndelimiters = \",\"\n",
                11,
            ),
        ] {
            let said = standard(more);
            assert!(said.len() == 1 && said[0].0 == line, "{said:?}");
        }
        let right = "[[rule]]\nid = \"A\"\ntable = \"T0\"\neffect = \"warn\"\nrequired = [\"C\"]\n";
        assert_eq!(said("rows.toml", right), []);
        for (wrong, line) in [
            (
                "[[rule]]\nid = \"A\"\ntable = \"T0\"\neffect = \"severe\"\nrequired = [\"C\"]\n",
                4,
            ),
            (
                "[[rule]]\nid = \"A\"\ntable = \"T0\"\neffect = \"warn\"\n",
                1,
            ),
            (
                "[[rule]]\nid = \"A\"\ntable = \"T0\"\neffect = \"warn\"\nrequired = [\"C\"]\nsql = \"x\"\n",
                6,
            ),
            ("[[rule]]\nid = \"A\"\nrequired = [\"C\"]\n", 1),
            (
                "\n[[diagnostic]]\ncode = \"A\"\ndescription = \"d\"\ntable = \"T0\"\n",
                2,
            ),
        ] {
            let said = said("rows.toml", wrong);
            assert!(
                !said.is_empty() && said.iter().all(|said| said.0 == line),
                "{wrong}{said:?}"
            );
        }
        let fields = "table,position,column,uid,element,mandation,format,code_list,key,references,presence_rule,format_rule,code_rule,source,confidence\n\
                      T0,1,C,U,E,M,an3,,Y,T1.C,R1,R2 warn published=absent,,,\n";
        assert_eq!(said("fields.csv", fields), []);
        let wrong = format!("{fields}T0,2,D,U,E,M,an3,,,T1,,R3 sometimes,,,\n");
        let said_of = said("fields.csv", &wrong);
        assert!(
            said_of.len() == 2 && said_of.iter().all(|said| said.0 == 3),
            "{said_of:?}"
        );
        let scales = "tool,name,least,greatest,decimals,values,format\n720433000,PHQ-9,0,27,0,,\n";
        assert_eq!(said("scales.csv", scales), []);
        assert_eq!(
            said("scales.csv", &format!("{scales}720433000,x,0,,,,\n"))[0].0,
            3
        );
        let calendar = "opens,closes,earliest_period,latest_period,source\n2024-05-01,2024-05-29,2024-03,2024-04,s\n";
        assert_eq!(said("calendar.csv", calendar), []);
        let wrong = format!("{calendar}2024-06-01,soon,2024-04,2024-05,s\n");
        assert_eq!(said("calendar.csv", &wrong)[0].0, 3);
    }
}
