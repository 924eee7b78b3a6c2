//! Resources against a JSON Schema of the user's own, in place of a standard's types.
//!
//! What `jsonschema` finds is told where it stands, without values. Of a schema that defines several resources (that of FHIR is a
//! choice of some 150) a resource is held against the definition of its own type, so that one mistake is not told of once for
//! each of the others.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use concord_finding::Fact;
use concord_read::json::{Fault, FaultKind, Kind, Reader, Span};
use jsonschema::error::ValidationErrorKind;
use jsonschema::{ValidationError, Validator};
use serde_json::{Value, json};

use super::tell::{Found, Teller, name};
use super::walk::Record;
use crate::catalogue::BuiltinRule;

/// Findings of one resource that are made: one more than are told, so that it is told that there are more.
const MOST: usize = 1001;

/// A JSON Schema, compiled.
#[derive(Debug)]
pub struct OwnSchema {
    schema: Value,
    whole: Validator,
    /// Definitions of single resources, made when the first resource of the type comes; `None` where there is none.
    typed: Mutex<BTreeMap<String, Option<Arc<Validator>>>>,
}

/// A text that is no JSON Schema.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum OwnSchemaError {
    /// It is not JSON.
    #[error("it is not JSON: {0}")]
    Json(#[from] serde_json::Error),
    /// It is not a schema, or names another one that is not in it.
    #[error("it is no JSON Schema that can be used: {0}")]
    Schema(String),
}

impl OwnSchema {
    /// Compiles a JSON Schema of any draft. It must hold all that it refers to: nothing is fetched.
    ///
    /// # Errors
    /// [`OwnSchemaError`] when it is no JSON, or no schema.
    pub fn compile(text: &str) -> Result<Self, OwnSchemaError> {
        let schema: Value = serde_json::from_str(text)?;
        if !schema.is_object() {
            return Err(OwnSchemaError::Schema("it is no object".to_owned()));
        }
        let whole = jsonschema::validator_for(&schema)
            .map_err(|error| OwnSchemaError::Schema(error.to_string()))?;
        Ok(Self {
            schema,
            whole,
            typed: Mutex::default(),
        })
    }

    /// The definition of a type of resource, where the schema has one.
    fn of(&self, resource: &str) -> Option<Arc<Validator>> {
        let mut typed = self.typed.lock().unwrap_or_else(PoisonError::into_inner);
        let made = typed.entry(resource.to_owned());
        made.or_insert_with(|| {
            let definition = &self.schema["definitions"][resource];
            if definition["properties"]["resourceType"].is_null() {
                return None;
            }
            // Next to a reference nothing else counts in drafts up to 7.
            let own = json!({
                "$schema": self.schema["$schema"],
                "definitions": self.schema["definitions"],
                "allOf": [{ "$ref": format!("#/definitions/{resource}") }],
            });
            jsonschema::validator_for(&own).ok().map(Arc::new)
        })
        .clone()
    }
}

/// Holds one resource, the whole of a text, against a schema.
pub(super) fn check(
    schema: &OwnSchema,
    teller: Teller<'_>,
    text: &str,
    (found, records): (&mut Found, &mut Vec<Record>),
) -> Result<(), Fault> {
    let mut reader = Reader::new(text.as_bytes(), 0);
    let whole = reader.skip(teller.plan.limits.depth)?;
    reader.end()?;
    let value: Value = serde_json::from_str(text).map_err(|_| Fault {
        at: whole.start,
        // What is well-formed it only refuses for its depth.
        kind: FaultKind::Depth,
    })?;
    found.record = Some(records.len() as u32);
    let kind = value["resourceType"].as_str().unwrap_or_default();
    records.push(Record {
        start: whole.start as u32,
        key: value["id"]
            .as_str()
            .filter(|_| !kind.is_empty())
            .map(|id| Fact::Personal(format!("{kind}/{id}"))),
    });
    let typed = (!kind.is_empty()).then(|| schema.of(kind)).flatten();
    let validator = typed.as_deref().unwrap_or(&schema.whole);
    for error in validator.iter_errors(&value).take(MOST) {
        let span = at(text, error.instance_path().as_str());
        let draft = found.tell(teller, BuiltinRule::JsonSchema, span);
        draft.plain("reason", reason(&error));
        draft.plain("where", error.schema_path().as_str().to_owned());
    }
    Ok(())
}

/// What is wrong, without the value that is.
fn reason(error: &ValidationError<'_>) -> String {
    // Names that the schema does not know are the data's own.
    if let ValidationErrorKind::AdditionalProperties { unexpected }
    | ValidationErrorKind::UnevaluatedProperties { unexpected } = error.kind()
        && !unexpected
            .iter()
            .all(|unknown| matches!(name(unknown), Fact::Plain(_)))
    {
        return "it has members that the schema does not know".to_owned();
    }
    error.masked_with("the value").to_string()
}

/// Where the value of a JSON pointer stands in a text that is JSON. The text as a whole, where the pointer leads nowhere.
fn at(text: &str, pointer: &str) -> Span {
    let mut reader = Reader::new(text.as_bytes(), 0);
    let mut ahead = reader.clone();
    for part in pointer.split('/').skip(1) {
        let part = part.replace("~1", "/").replace("~0", "~");
        if go(&mut reader, text, &part) != Ok(true) {
            break;
        }
        ahead = reader.clone();
    }
    let start = ahead.kind().map_or(0, |_| ahead.at());
    let end = ahead.skip(usize::MAX).map_or(start, |span| span.end);
    Span { start, end }
}

/// Goes to a member or item of the value that comes next; whether there is one.
fn go(reader: &mut Reader<'_>, text: &str, part: &str) -> Result<bool, Fault> {
    match reader.kind()? {
        Kind::Object => {
            reader.open_object()?;
            let mut first = true;
            while let Some(name) = reader.member(first)? {
                first = false;
                if name.says(text.as_bytes()) == part {
                    return Ok(true);
                }
                reader.skip(usize::MAX)?;
            }
            Ok(false)
        }
        Kind::Array => {
            reader.open_array()?;
            let wanted: usize = part.parse().unwrap_or(usize::MAX);
            let mut number = 0;
            while reader.item(number == 0)? {
                if number == wanted {
                    return Ok(true);
                }
                number += 1;
                reader.skip(usize::MAX)?;
            }
            Ok(false)
        }
        _ => Ok(false),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pointers_lead_to_values() {
        let text = r#" {"a": [1, {"b/c": "x", "~": [ 2 ]}], "\u0061b": null}"#;
        for (pointer, expected) in [
            ("", text.trim()),
            ("/a/0", "1"),
            ("/a/1/b~1c", "\"x\""),
            ("/a/1/~0", "[ 2 ]"),
            ("/a/1/~0/0", "2"),
            ("/ab", "null"),
            ("/a/7", "[1, {\"b/c\": \"x\", \"~\": [ 2 ]}]"),
        ] {
            let span = at(text, pointer);
            assert_eq!(&text[span.start..span.end], expected, "{pointer}");
        }
    }
}
