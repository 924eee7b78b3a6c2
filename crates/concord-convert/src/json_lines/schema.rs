//! The JSON Schema of a line, from the model.

use concord_model::entities::{ENTITIES, Entity, Field, Kind, entity};
use serde_json::{Map, Value, json};

use super::nest::SUBMISSION;
use super::{EPISODES, ONE_A_RECORD, SPELL};

/// The JSON Schema of a line, as `schemas/meta/canonical-record.schema.json` has it.
pub fn schema() -> Value {
    let mut definitions = Map::new();
    for entity in ENTITIES {
        definitions.insert(entity.name.to_owned(), of_entity(entity));
    }
    let record: Map<String, Value> = ENTITIES
        .iter()
        .filter(|entity| entity.name != SUBMISSION)
        .map(|entity| (entity.name.to_owned(), rows(entity)))
        .collect();
    definitions.insert(
        "record".to_owned(),
        object("What the source says of the record.", &record),
    );
    let spell = Map::from_iter([
        (
            SPELL.to_owned(),
            json!({"$ref": format!("#/$defs/{SPELL}"), "description": "What all episodes say of the spell; what only some say stands in theirs."}),
        ),
        (
            EPISODES.to_owned(),
            json!({"type": "object", "minProperties": 1, "additionalProperties": {"$ref": "#/$defs/record"}, "description": "By CDS UNIQUE IDENTIFIER, in the order of EPISODE NUMBER."}),
        ),
    ]);
    let mut spell = object("A hospital spell with the records of its episodes.", &spell);
    if let Value::Object(members) = &mut spell {
        members.insert("required".to_owned(), json!([SPELL, EPISODES]));
    }
    definitions.insert("spell".to_owned(), spell);
    let mut source = Map::new();
    source.insert(
        "standard".to_owned(),
        json!({"type": "string", "description": "The standard that the record was read by."}),
    );
    source.insert("file".to_owned(), json!({"type": "string"}));
    source.insert(
        "interchange".to_owned(),
        json!({"type": "string", "description": "The sender's reference of the file."}),
    );
    source.insert("record".to_owned(), json!({"type": "integer", "minimum": 1, "description": "Number of the record in its file."}));
    source.insert("effect".to_owned(), json!({"enum": ["reject-file", "reject-group", "reject-record", "warn", "note"], "description": "The gravest effect of the findings about the record."}));
    source.insert(
        SUBMISSION.to_owned(),
        json!({"$ref": format!("#/$defs/{SUBMISSION}")}),
    );
    let mut source = object("Where the record came from.", &source);
    if let Value::Object(members) = &mut source {
        members.insert("required".to_owned(), json!(["file", "record"]));
    }
    definitions.insert("source".to_owned(), source);
    definitions.insert("sources".to_owned(), json!({"type": "array", "items": {"$ref": "#/$defs/source"}, "description": "Where the records came from that say this of the spell, in the order in which they came."}));
    json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "Concord: a hospital spell or another canonical record as a line of JSON Lines",
        "description": "Generated from the model. Decimal numbers are text, so that no digit is lost; what is not there has no key.",
        "oneOf": [
            {
                "type": "object",
                "properties": {
                    "operation": { "enum": ["insert", "delete"] },
                    "key": { "type": ["string", "null"], "description": "The name by which the record lives." },
                    "source": { "$ref": "#/$defs/source" },
                    "record": { "$ref": "#/$defs/record" }
                },
                "required": ["operation", "key", "source", "record"],
                "additionalProperties": false
            },
            {
                "type": "object",
                "properties": {
                    "operation": { "const": "patch" },
                    "key": { "type": "string" },
                    "source": { "$ref": "#/$defs/source" },
                    "patch": { "type": "object", "description": "A JSON Merge Patch (RFC 7396) of the record as it was last written." }
                },
                "required": ["operation", "key", "source", "patch"],
                "additionalProperties": false
            },
            {
                "type": "object",
                "properties": {
                    "operation": { "enum": ["insert", "delete"] },
                    "key": { "type": "string", "description": "The provider, `spell` and the provider's name of the spell." },
                    "sources": { "$ref": "#/$defs/sources" },
                    "record": { "$ref": "#/$defs/spell" }
                },
                "required": ["operation", "key", "sources", "record"],
                "additionalProperties": false
            },
            {
                "type": "object",
                "properties": {
                    "operation": { "const": "patch" },
                    "key": { "type": "string" },
                    "sources": { "$ref": "#/$defs/sources" },
                    "patch": { "type": "object", "description": "A JSON Merge Patch (RFC 7396) of the spell as it was last written." }
                },
                "required": ["operation", "key", "sources", "patch"],
                "additionalProperties": false
            }
        ],
        "$defs": definitions
    })
}

fn object(description: &str, properties: &Map<String, Value>) -> Value {
    json!({
        "type": "object",
        "description": description,
        "properties": properties,
        "additionalProperties": false
    })
}

/// The rows of an entity in a record.
fn rows(entity: &Entity) -> Value {
    let one = json!({"$ref": format!("#/$defs/{}", entity.name)});
    if ONE_A_RECORD.contains(&entity.name) {
        return one;
    }
    json!({"type": "array", "minItems": 1, "items": one})
}

fn of_entity(of: &'static Entity) -> Value {
    let mut properties = Map::new();
    for field in of.fields {
        properties.insert(field.name.to_owned(), of_field(field));
    }
    for child in ENTITIES
        .iter()
        .filter(|child| child.parent == Some(of.name))
    {
        // A child of one row a record lies at the top.
        if let Some(child) = entity(child.name) {
            let items = json!({"$ref": format!("#/$defs/{}", child.name)});
            let rows = json!({"type": "array", "minItems": 1, "items": items});
            properties.insert(child.name.to_owned(), rows);
        }
    }
    object(
        &format!("{}. One is {}.", of.meaning, of.grain),
        &properties,
    )
}

fn of_field(field: &Field) -> Value {
    let mut said = Map::new();
    let (kind, pattern) = match field.kind {
        Kind::Text | Kind::Code { .. } | Kind::Time => ("string", None),
        Kind::Integer => ("integer", None),
        Kind::Boolean => ("boolean", None),
        Kind::Date => ("string", Some(r"^\d{4}-\d{2}-\d{2}$")),
        Kind::PartialDate => ("string", Some(r"^\d{4}(-\d{2}(-\d{2})?)?$")),
        Kind::Moment => (
            "string",
            Some(r"^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d+)?(Z|[+-]\d{2}:\d{2})?$"),
        ),
        Kind::Decimal { .. } => ("string", Some(r"^-?\d+(\.\d+)?$")),
    };
    said.insert("type".to_owned(), kind.into());
    if let Some(pattern) = pattern {
        said.insert("pattern".to_owned(), pattern.into());
    }
    if !field.title.is_empty() {
        said.insert("title".to_owned(), field.title.into());
    }
    said.insert("description".to_owned(), field.meaning.into());
    Value::Object(said)
}
