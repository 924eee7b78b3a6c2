//! The keywords of JSON Schema: what their values must be, and which of them a [`Schema`](crate::schema::Schema) cannot say.

use super::build::Reading;
use super::tree::{Json, Node};

/// What the value of a keyword must be.
#[derive(Clone, Copy)]
enum Must {
    Schema,
    Schemas,
    SchemasByName,
    Text,
    Texts,
    Count,
    Number,
    NumberOrBool,
    Bool,
    List,
    /// A schema, or a list of them.
    SchemaOrSchemas,
    Type,
}

const KEYWORDS: &[(&str, Must)] = &[
    ("$ref", Must::Text),
    ("type", Must::Type),
    ("properties", Must::SchemasByName),
    ("patternProperties", Must::SchemasByName),
    ("additionalProperties", Must::Schema),
    ("unevaluatedProperties", Must::Schema),
    ("unevaluatedItems", Must::Schema),
    ("propertyNames", Must::Schema),
    ("required", Must::Texts),
    ("minProperties", Must::Count),
    ("maxProperties", Must::Count),
    ("items", Must::SchemaOrSchemas),
    ("prefixItems", Must::Schemas),
    ("additionalItems", Must::Schema),
    ("contains", Must::Schema),
    ("minContains", Must::Count),
    ("maxContains", Must::Count),
    ("minItems", Must::Count),
    ("maxItems", Must::Count),
    ("uniqueItems", Must::Bool),
    ("enum", Must::List),
    ("pattern", Must::Text),
    ("format", Must::Text),
    ("minLength", Must::Count),
    ("maxLength", Must::Count),
    ("minimum", Must::Number),
    ("maximum", Must::Number),
    ("exclusiveMinimum", Must::NumberOrBool),
    ("exclusiveMaximum", Must::NumberOrBool),
    ("multipleOf", Must::Number),
    ("allOf", Must::Schemas),
    ("anyOf", Must::Schemas),
    ("oneOf", Must::Schemas),
    ("not", Must::Schema),
    ("if", Must::Schema),
    ("then", Must::Schema),
    ("else", Must::Schema),
    ("dependentSchemas", Must::SchemasByName),
    ("definitions", Must::SchemasByName),
    ("$defs", Must::SchemasByName),
];

/// Keywords that say something of a value which is not represented.
const NOT_REPRESENTED: &[(&str, &str)] = &[
    ("not", "what must not hold (`not`)"),
    ("if", "a condition (`if`)"),
    (
        "dependencies",
        "what depends on a property being there (`dependencies`)",
    ),
    (
        "dependentRequired",
        "what depends on a property being there (`dependentRequired`)",
    ),
    (
        "dependentSchemas",
        "what depends on a property being there (`dependentSchemas`)",
    ),
    (
        "patternProperties",
        "properties by a pattern of their names (`patternProperties`)",
    ),
    (
        "propertyNames",
        "what properties may be called (`propertyNames`)",
    ),
    (
        "minProperties",
        "the number of properties (`minProperties`)",
    ),
    (
        "maxProperties",
        "the number of properties (`maxProperties`)",
    ),
    ("contains", "what an array must contain (`contains`)"),
    ("uniqueItems", "that items differ (`uniqueItems`)"),
    ("unevaluatedItems", "further items (`unevaluatedItems`)"),
    (
        "$dynamicRef",
        "a reference that is resolved when it is used (`$dynamicRef`)",
    ),
    (
        "$recursiveRef",
        "a reference that is resolved when it is used (`$recursiveRef`)",
    ),
];

/// Keywords by which a schema is recognised as one.
pub(super) fn is_schema(root: &Node<'_>) -> bool {
    let members = root.members();
    members.iter().any(|member| {
        member.name == "$schema"
            || member.name == "const"
            || KEYWORDS.iter().any(|(name, _)| *name == member.name)
    })
}

/// Looks at the keywords of one schema and of those inside it. True when all of them make sense.
pub(super) fn check(root: &Node<'_>, reading: &mut Reading) -> bool {
    let mut right = true;
    let mut left = vec![root];
    while let Some(schema) = left.pop() {
        match schema.value {
            Json::Bool(_) => continue,
            Json::Object(_) => {}
            _ => {
                reading.error(
                    schema.start..schema.end,
                    format!(
                        "a schema is an object, or true or false; this is {}",
                        schema.kind()
                    ),
                );
                right = false;
                continue;
            }
        }
        for member in schema.members() {
            let Some((name, must)) = KEYWORDS.iter().find(|(name, _)| *name == member.name) else {
                continue;
            };
            let value = &member.value;
            match must.of(value) {
                Err(expected) => {
                    reading.error(
                        value.start..value.end,
                        format!("`{name}` is {expected}; this is {}", value.kind()),
                    );
                    right = false;
                }
                Ok(schemas) => left.extend(schemas),
            }
        }
    }
    right
}

impl Must {
    /// The schemas in a value; what it should be when it is something else.
    fn of<'t>(self, value: &'t Node<'t>) -> Result<Vec<&'t Node<'t>>, &'static str> {
        let is_text = |node: &Node<'_>| matches!(node.value, Json::Text(_));
        let all_texts = || value.items().iter().all(is_text);
        let is_list = matches!(value.value, Json::List(_));
        let is_object = matches!(value.value, Json::Object(_));
        let (right, expected, schemas) = match self {
            Self::Schemas => (is_list, "a list of schemas", value.items().iter().collect()),
            Self::SchemaOrSchemas if is_list => (true, "", value.items().iter().collect()),
            Self::Schema | Self::SchemaOrSchemas => (true, "", vec![value]),
            Self::SchemasByName => (
                is_object,
                "an object of schemas",
                value.members().iter().map(|member| &member.value).collect(),
            ),
            Self::Text => (is_text(value), "a text", Vec::new()),
            Self::Texts => (is_list && all_texts(), "a list of names", Vec::new()),
            Self::Type => {
                const TYPES: &str = "one of string, number, integer, boolean, object, array and null, or a list of them";
                let known = |node: &Node<'_>| {
                    node.text().is_some_and(|text| {
                        [
                            "string", "number", "integer", "boolean", "object", "array", "null",
                        ]
                        .contains(&text)
                    })
                };
                let right = known(value)
                    || is_list && !value.items().is_empty() && value.items().iter().all(known);
                (right, TYPES, Vec::new())
            }
            Self::Count => (count(value).is_some(), "a number from 0", Vec::new()),
            Self::Number => (
                matches!(value.value, Json::Number(_)),
                "a number",
                Vec::new(),
            ),
            Self::NumberOrBool => (
                matches!(value.value, Json::Number(_) | Json::Bool(_)),
                "a number (in draft 4, true or false)",
                Vec::new(),
            ),
            Self::Bool => (
                matches!(value.value, Json::Bool(_)),
                "true or false",
                Vec::new(),
            ),
            Self::List => (is_list, "a list", Vec::new()),
        };
        if right { Ok(schemas) } else { Err(expected) }
    }
}

/// A count: a whole number from 0, which may be written `2.0`.
pub(super) fn count(value: &Node<'_>) -> Option<u64> {
    match value.value {
        Json::Number(text) => super::number::plain(text)?.parse().ok(),
        _ => None,
    }
}

/// Tells of what a schema says and nothing here represents.
pub(super) fn tell_not_represented(schema: &Node<'_>, reading: &mut Reading) {
    for member in schema.members() {
        let known = NOT_REPRESENTED
            .iter()
            .find(|(name, _)| *name == member.name);
        let Some((_, what)) = known else {
            continue;
        };
        let says_nothing = match (&*member.name, &member.value.value) {
            ("uniqueItems", Json::Bool(said)) => !said,
            ("propertyNames" | "unevaluatedItems", Json::Bool(said)) => *said,
            ("not", _) => false,
            (_, Json::Object(members)) => members.is_empty(),
            _ => false,
        };
        if !says_nothing {
            reading.not_represented(member.start, (*what).to_owned());
        }
    }
}
