use std::fmt::Write as _;
use std::sync::Arc;

use super::import;
use crate::compile::CompiledSchema;
use crate::schema::{Content, Schema, Term, TypeId, Variety};
use crate::value::ValueChecker;

/// What a schema has become, a line for each element; groups that were shown before are named only.
fn shown(schema: &Schema) -> String {
    let mut text = String::new();
    let mut open = Vec::new();
    for root in &schema.roots {
        element(schema, *root, "", 0, &mut open, &mut text);
    }
    text
}

fn element(
    schema: &Schema,
    id: crate::schema::ElementId,
    times: &str,
    depth: usize,
    open: &mut Vec<TypeId>,
    text: &mut String,
) {
    let element = schema.element(id);
    let nil = if element.nillable { " nil" } else { "" };
    let indent = "  ".repeat(depth);
    let _ = write!(text, "{indent}{}{times}{nil}", element.name);
    match element.content {
        TypeId::Any => text.push_str(": any\n"),
        TypeId::Simple(id) => {
            let _ = writeln!(text, ": {}", simple(schema, id));
        }
        TypeId::Complex(complex) => {
            text.push('\n');
            if open.contains(&element.content) {
                let _ = writeln!(text, "{indent}  (as above)");
                return;
            }
            open.push(element.content);
            if let Content::Children { particle, .. } = &schema.complex_type(complex).content {
                let (word, members) = match &particle.term {
                    Term::Sequence(members) => ("", members),
                    Term::Choice(members) => ("one of\n", members),
                    other => panic!("{other:?}"),
                };
                if !word.is_empty() {
                    let _ = write!(text, "{indent}  {word}");
                }
                for member in members {
                    let times = match (member.min, member.max) {
                        (1, Some(1)) => String::new(),
                        (0, Some(1)) => "?".to_owned(),
                        (0, None) => "*".to_owned(),
                        (min, max) => format!(
                            "{{{min},{}}}",
                            max.map_or(String::new(), |max| max.to_string())
                        ),
                    };
                    match &member.term {
                        Term::Element(id) => {
                            self::element(schema, *id, &times, depth + 1, open, text);
                        }
                        _ => {
                            let _ = writeln!(text, "{indent}  (further){times}");
                        }
                    }
                }
            }
            open.pop();
        }
    }
}

fn simple(schema: &Schema, id: crate::schema::SimpleTypeId) -> String {
    let simple_type = schema.simple_type(id);
    let mut text = match &simple_type.variety {
        Variety::Atomic(builtin) => builtin.name().to_owned(),
        Variety::Union(members) => {
            let members: Vec<String> = members.iter().map(|id| simple(schema, *id)).collect();
            format!("({})", members.join(" or "))
        }
        Variety::List(_) => "list".to_owned(),
    };
    for step in &simple_type.steps {
        for (name, fact) in [
            ("min", &step.min_inclusive),
            ("above", &step.min_exclusive),
            ("max", &step.max_inclusive),
            ("below", &step.max_exclusive),
        ] {
            if let Some(fact) = fact {
                let _ = write!(text, " {name} {fact}");
            }
        }
        for (name, fact) in [
            ("at least", step.min_length),
            ("at most", step.max_length),
            ("places", step.fraction_digits.map(u64::from)),
        ] {
            if let Some(fact) = fact {
                let _ = write!(text, " {name} {fact}");
            }
        }
        for pattern in &step.patterns {
            let _ = write!(text, " /{pattern}/");
        }
        if !step.enumeration.is_empty() {
            let _ = write!(text, " {:?}", step.enumeration);
        }
    }
    text
}

/// Reads a schema, and compiles it: what is read must always make sense.
#[track_caller]
fn read(text: &str) -> (String, Vec<String>) {
    let read = import("a.json", text).unwrap_or_else(|errors| panic!("{errors}"));
    CompiledSchema::compile(Arc::new(read.schema.clone())).expect("it compiles");
    let told = read
        .not_represented
        .iter()
        .map(|told| format!("{}: {}", told.origin.line, told.what))
        .collect();
    (shown(&read.schema), told)
}

#[track_caller]
fn check(text: &str, expected: &str) {
    let (shown, told) = read(text);
    let expected = expected.replace("\n        ", "\n");
    assert_eq!(shown.trim_end(), expected.trim());
    assert_eq!(told, Vec::<String>::new());
}

#[test]
fn objects_are_groups_in_the_order_of_names() {
    check(
        r#"{ "type": "object", "additionalProperties": false, "required": ["name"],
             "properties": { "name": { "type": "string", "minLength": 1, "maxLength": 35 },
                             "born": { "type": "string", "format": "date" },
                             "alive": { "type": "boolean" } } }"#,
        "document
          alive?: boolean /true/ /false/
          born?: string /[0-9]{4}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])/
          name: string at least 1 at most 35",
    );
}

#[test]
fn arrays_repeat_their_items_and_null_is_nil() {
    check(
        r#"{ "type": "object", "additionalProperties": false, "properties": {
               "given": { "type": "array", "items": { "type": ["string", "null"] }, "minItems": 1, "maxItems": 3 },
               "note": { "anyOf": [ { "type": "null" }, { "type": "string", "maxLength": 9 } ] },
               "any": { "type": "array" } } }"#,
        "document
          any?
            item* nil: any
          given?
            item{1,3} nil: string
          note? nil: string at most 9",
    );
}

#[test]
fn references_are_followed_and_recursion_ends() {
    check(
        r##"{ "$ref": "#/$defs/node", "$defs": { "node": { "type": "object", "additionalProperties": false,
              "properties": { "value": { "$ref": "#code" }, "next": { "$ref": "#/$defs/node" } }, "required": ["value"] },
              "a code": { "$anchor": "code", "type": "string", "pattern": "^[A-Z]{2}$" } } }"##,
        "document
          next?
            (as above)
          value: string /[A-Z]{2}/",
    );
    // A pointer with escapes; and a schema that is only itself.
    check(
        r##"{ "$ref": "#/$defs/a~1b%20c", "$defs": { "a/b c": { "type": "integer" } } }"##,
        "document: integer",
    );
    let (shown, _) = read(r##"{ "$ref": "#" }"##);
    assert_eq!(shown, "document nil: any\n");
}

#[test]
fn all_of_is_put_together() {
    check(
        r##"{ "$ref": "#/definitions/patient", "definitions": {
             "person": { "type": "object", "properties": { "name": { "type": "string" }, "sex": { "enum": ["1", "2", "9"] } } },
             "patient": { "allOf": [ { "$ref": "#/definitions/person" },
               { "properties": { "number": { "type": "string", "minLength": 10 }, "sex": { "enum": ["2", "9", "X"] } },
                 "required": ["number", "name"], "unevaluatedProperties": false } ] } } }"##,
        "document
          name: string
          number: string at least 10
          sex?: string [\"2\", \"9\"]",
    );
    check(
        r#"{ "allOf": [ { "type": "string", "maxLength": 9 }, { "maxLength": 5, "pattern": "a" }, { "minLength": 2 } ] }"#,
        "document: string at least 2 at most 5 /[\\s\\S]*a[\\s\\S]*/",
    );
}

#[test]
fn numbers_have_limits_and_places() {
    check(
        r#"{ "type": "object", "additionalProperties": false, "properties": {
               "a": { "type": "integer", "minimum": 0.5, "exclusiveMaximum": 1e2 },
               "b": { "type": "number", "multipleOf": 0.01, "minimum": 0, "exclusiveMinimum": true },
               "c": { "enum": [1, 2.50, 1.0] },
               "d": { "type": "number", "multipleOf": 1 },
               "e": { "allOf": [ { "type": "number", "minimum": 3 }, { "minimum": 5, "maximum": 7 } ] } } }"#,
        "document
          a?: integer min 1 below 100
          b?: decimal above 0 places 2
          c?: decimal [\"1\", \"2.5\"]
          d?: integer
          e?: decimal min 5 max 7",
    );
}

#[test]
fn alternatives_are_unions_or_choices() {
    check(
        r##"{ "type": "object", "additionalProperties": false, "properties": {
               "code": { "anyOf": [ { "enum": ["A", "B"] }, { "type": "integer" } ] },
               "mixed": { "type": ["string", "number"] },
               "who": { "oneOf": [ { "$ref": "#/$defs/person" }, { "type": "string" } ] },
               "list": { "type": ["array", "string"], "items": { "const": "x" } },
               "short": { "type": "string", "oneOf": [ { "maxLength": 2 } ] } },
             "$defs": { "person": { "type": "object", "additionalProperties": false, "properties": { "id": { "const": "p" } } } } }"##,
        "document
          code?: (string [\"A\", \"B\"] or integer)
          list?
            one of
            string: string
            array
              item*: string [\"x\"]
          mixed?: (decimal or string)
          short?: string at most 2
          who?
            one of
            person
              id?: string [\"p\"]
            alternative-2: string",
    );
}

#[test]
fn several_kinds_of_document_are_several_roots() {
    let text = r##"{ "oneOf": [ { "$ref": "#/definitions/A" }, { "$ref": "#/definitions/B" } ],
        "definitions": {
          "A": { "additionalProperties": false, "properties": { "kind": { "const": "A" } } },
          "B": { "additionalProperties": false, "properties": { "kind": { "const": "B" } } } } }"##;
    let (shown, told) = read(text);
    assert_eq!(
        shown,
        "A\n  kind?: string [\"A\"]\nB\n  kind?: string [\"B\"]\n"
    );
    assert_eq!(told.len(), 1, "{told:?}");
    let store = r#"{ "$defs": { "x": { "type": "string" }, "y": { "type": "integer" } } }"#;
    check(store, "x: string\n        y: integer");
}

#[test]
fn what_cannot_be_said_is_told_with_its_line() {
    let (_, told) = read(
        r#"{ "type": "object",
              "properties": {
                "a": { "type": "string", "format": "email" },
                "b": { "type": "string", "pattern": "^(?=x)" },
                "c": { "$ref": "other.json#/x" },
                "d": { "type": "array", "uniqueItems": true, "items": [ { "type": "string" } ] },
                "e": { "type": "number", "multipleOf": 3 },
                "f": { "not": { "const": "a" } },
                "g": { "pattern": "a" },
                "h": { "type": "string", "minLength": 5, "maxLength": 2 } },
              "if": { "required": ["a"] }, "then": { "required": ["b"] },
              "patternProperties": { "^x": { "type": "string" } },
              "anyOf": [ { "required": ["a"] }, { "required": ["b"] } ] }"#,
    );
    let expected = [
        "1: further properties of 1 object that lets them through: a property that is described anew is taken to be new",
        "3: the format `email`",
        "4: a pattern that XML Schema cannot say",
        "5: what another file says (`$ref` to other.json#/x)",
        "6: that items differ (`uniqueItems`)",
        "6: what stands at which place of an array",
        "7: that numbers are multiples of 3 (`multipleOf`)",
        "8: what must not hold (`not`)",
        "9: other types of value, where no `type` is said (1 schema): each is taken to be of the type that its keywords are about",
        "10: that no value fits: its keywords contradict one another",
        "11: a condition (`if`)",
        "12: properties by a pattern of their names (`patternProperties`)",
        "13: which properties stand together (`anyOf`)",
    ];
    assert_eq!(told, expected);
}

#[test]
fn what_makes_no_sense_is_an_error_with_line_and_column() {
    for (text, expected) in [
        (
            "{ \"type\": \"object\",\n  \"properties\": [] }",
            "a.json:2:17: error: `properties` is an object of schemas; this is a list",
        ),
        (
            "{ \"type\": \"sting\" }",
            "a.json:1:11: error: `type` is one of string",
        ),
        (
            "{ \"type\": \"string\", \"minLength\": -1 }",
            "a.json:1:34: error: `minLength` is a number from 0",
        ),
        (
            "{ \"properties\": { \"a\": { \"required\": true } } }",
            "`required` is a list of names; this is true or false",
        ),
        (
            "{ \"properties\": { \"a\": { \"$ref\": \"#/$defs/nothing\" } } }",
            "a.json:1:34: error: `#/$defs/nothing` leads to nothing in this file",
        ),
        (
            "{ \"properties\": { \"a\": { \"$ref\": \"#/title\" } }, \"title\": \"t\" }",
            "`#/title` leads to a text, not to a schema",
        ),
        (
            "{ \"name\": \"not a schema\" }",
            "a.json:1:1: error: this is no JSON Schema",
        ),
        ("[1, 2]", "this is no JSON Schema"),
        (
            "{ \"type\": \"object\",\n  \"properties\": { }\n  \"required\": [] }",
            "a.json:3:3: error: this is no JSON: expected `,` or `}`",
        ),
        (
            "{ \"type\": \"object\", \"type\": \"string\" }",
            "a.json:1:21: error: `type` stands twice in one object",
        ),
        (
            "{ \"items\": 5 }",
            "a schema is an object, or true or false; this is a number",
        ),
    ] {
        let errors = import("a.json", text).expect_err(text).to_string();
        assert!(errors.contains(expected), "{errors}");
    }
}

#[test]
fn hostile_schemas_come_to_an_end() {
    // Alternatives that hold themselves; a chain of references; many properties that are each other.
    for text in [
        r##"{ "anyOf": [ { "$ref": "#" }, { "type": "array", "items": { "$ref": "#" } } ] }"##.to_owned(),
        r##"{ "allOf": [ { "$ref": "#/$defs/a" } ], "$defs": { "a": { "allOf": [ { "$ref": "#/$defs/b" } ] }, "b": { "$ref": "#/$defs/a" } } }"##.to_owned(),
        {
            let mut defs = String::new();
            for index in 0..5_000 {
                let _ = write!(defs, "\"d{index}\": {{ \"properties\": {{ \"n\": {{ \"$ref\": \"#/$defs/d{}\" }} }} }},", index + 1);
            }
            format!("{{ \"$ref\": \"#/$defs/d0\", \"$defs\": {{ {defs} \"d5000\": {{ \"type\": \"string\" }} }} }}")
        },
    ] {
        let read = import("a.json", &text);
        assert!(read.is_ok(), "{read:?}");
    }
    // Alternatives of alternatives, each with something of its own: more than can be told apart.
    let mut levels = String::new();
    for level in 0..22 {
        for (side, length) in [("a", 2 * level + 1), ("b", 2 * level + 2)] {
            let next = level + 1;
            let _ = write!(
                levels,
                "\"{side}{level}\": {{ \"maxLength\": {length}, \"anyOf\": [ {{ \"$ref\": \"#/$defs/a{next}\" }}, {{ \"$ref\": \"#/$defs/b{next}\" }} ] }},"
            );
        }
    }
    let text = format!(
        "{{ \"$ref\": \"#/$defs/a0\", \"$defs\": {{ {levels} \"a22\": {{}}, \"b22\": {{}} }} }}"
    );
    let started = std::time::Instant::now();
    let _ = import("a.json", &text);
    assert!(started.elapsed().as_secs() < 60, "{:?}", started.elapsed());
    let deep = format!(
        "{}{}",
        "{\"not\":".repeat(5_000),
        "{}".to_owned() + &"}".repeat(5_000)
    );
    assert!(import("a.json", &deep).is_err());
}

#[test]
fn values_are_those_that_json_schema_takes() {
    let text = r#"{ "type": "object", "additionalProperties": false, "properties": {
        "postcode": { "type": "string", "pattern": "^[A-Z]{1,2}[0-9]" },
        "cost": { "type": "number", "minimum": 0, "multipleOf": 0.01 } } }"#;
    let read = import("a.json", text).expect("right");
    let value = |name: &str| {
        let element = read
            .schema
            .elements
            .iter()
            .find(|element| &*element.name.local == name);
        let id = read
            .schema
            .text_type(element.expect("there").content)
            .expect("text");
        ValueChecker::compile(&read.schema, id).expect("compiles")
    };
    let postcode = value("postcode");
    assert!(postcode.check("LS1 4AP").is_ok() && postcode.check("1LS").is_err());
    let cost = value("cost");
    assert!(
        cost.check("10.25").is_ok() && cost.check("10.255").is_err() && cost.check("-1").is_err()
    );
}
