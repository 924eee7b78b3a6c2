//! What is read of a JSON Schema takes all that the JSON Schema takes, and nothing else where all of it is represented: held
//! against the library `jsonschema` on random schemas and values.

#![allow(missing_docs, clippy::unwrap_used, clippy::print_stderr)]

use std::fmt::Write as _;

use concord_standards::json_schema;
use concord_standards::schema::{
    Builtin, Content, ElementId, Schema, SimpleTypeId, Term, TypeId, Variety,
};
use concord_standards::value::ValueChecker;
use serde_json::{Value, json};

/// Numbers that follow from a seed (`SplitMix64`).
struct Dice(u64);

impl Dice {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    fn below(&mut self, number: usize) -> usize {
        usize::try_from(self.next() % number as u64).unwrap()
    }

    fn of<T: Clone>(&mut self, all: &[T]) -> T {
        all[self.below(all.len())].clone()
    }

    fn chance(&mut self, percent: usize) -> bool {
        self.below(100) < percent
    }
}

const NAMES: [&str; 4] = ["a", "b", "c", "d"];
const TEXTS: [&str; 9] = [
    "",
    "A",
    "B",
    "ab",
    "a1",
    "Zz9",
    "2026-04-01",
    "a b",
    "longer text",
];
const NUMBERS: [f64; 8] = [0.0, 1.0, 2.0, -1.0, 2.5, 10.0, 99.99, 1000.0];
const PATTERNS: [&str; 7] = [
    "^a", "b$", "^[A-Z]+$", "\\d", "^(A|ab)$", "^.{2,3}$", "^\\S*$",
];

fn schema(dice: &mut Dice, depth: usize) -> Value {
    let kinds = if depth == 0 { 5 } else { 10 };
    match dice.below(kinds) {
        0 => {
            let mut schema = json!({ "type": "string" });
            if dice.chance(40) {
                schema["minLength"] = dice.below(3).into();
            }
            if dice.chance(40) {
                schema["maxLength"] = dice.below(5).into();
            }
            if dice.chance(40) {
                schema["pattern"] = dice.of(&PATTERNS).into();
            }
            schema
        }
        1 => {
            let mut schema = json!({ "type": dice.of(&["integer", "number"]) });
            for keyword in ["minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum"] {
                if dice.chance(25) {
                    schema[keyword] = dice.of(&NUMBERS).into();
                }
            }
            if dice.chance(20) {
                schema["multipleOf"] = dice.of(&[json!(1), json!(0.1), json!(0.01), json!(3)]);
            }
            schema
        }
        2 => json!({ "type": "boolean" }),
        3 => {
            let count = 1 + dice.below(3);
            let values: Vec<Value> = (0..count).map(|_| scalar(dice)).collect();
            json!({ "enum": values })
        }
        4 => json!({ "type": [dice.of(&["string", "integer"]), dice.of(&["null", "boolean"])] }),
        5 | 6 => {
            let mut schema = json!({ "type": "object", "properties": {} });
            for name in NAMES {
                if dice.chance(50) {
                    schema["properties"][name] = self::schema(dice, depth - 1);
                }
            }
            if dice.chance(60) {
                schema["additionalProperties"] = false.into();
            }
            if dice.chance(60) {
                schema["required"] = json!([dice.of(&NAMES)]);
            }
            schema
        }
        7 => {
            let mut schema = json!({ "type": "array", "items": self::schema(dice, depth - 1) });
            if dice.chance(40) {
                schema["minItems"] = dice.below(3).into();
            }
            if dice.chance(40) {
                schema["maxItems"] = dice.below(4).into();
            }
            schema
        }
        8 => {
            let keyword = dice.of(&["anyOf", "oneOf", "allOf"]);
            let parts: Vec<Value> = (0..=dice.below(3))
                .map(|_| self::schema(dice, depth - 1))
                .collect();
            json!({ keyword: parts })
        }
        _ => json!({ "$ref": dice.of(&["#/$defs/one", "#/$defs/two"]) }),
    }
}

fn scalar(dice: &mut Dice) -> Value {
    match dice.below(8) {
        0 => Value::Null,
        1 => dice.chance(50).into(),
        2 | 3 => dice.of(&NUMBERS).into(),
        4 => (dice.below(12) as u64).into(),
        _ => dice.of(&TEXTS).into(),
    }
}

fn value(dice: &mut Dice, depth: usize) -> Value {
    match dice.below(if depth == 0 { 6 } else { 10 }) {
        0..6 => scalar(dice),
        6 | 7 => {
            let mut object = json!({});
            for name in NAMES {
                if dice.chance(40) {
                    object[name] = value(dice, depth - 1);
                }
            }
            object
        }
        _ => (0..dice.below(4)).map(|_| value(dice, depth - 1)).collect(),
    }
}

/// A value that is likely to fit a schema.
fn fitting(dice: &mut Dice, schema: &Value, whole: &Value, depth: usize) -> Value {
    if depth == 0 || dice.chance(8) {
        return value(dice, 1);
    }
    if let Some(reference) = schema["$ref"].as_str() {
        let target = whole.pointer(&reference[1..]).unwrap();
        return fitting(dice, target, whole, depth - 1);
    }
    for keyword in ["anyOf", "oneOf", "allOf"] {
        if let Some(parts) = schema[keyword].as_array() {
            let part = dice.of(parts);
            return fitting(dice, &part, whole, depth - 1);
        }
    }
    if let Some(values) = schema["enum"].as_array() {
        return dice.of(values);
    }
    let kind = match &schema["type"] {
        Value::Array(kinds) => dice.of(kinds),
        kind => kind.clone(),
    };
    match kind.as_str().unwrap_or_default() {
        "string" => dice.of(&TEXTS).into(),
        "integer" => (dice.below(12) as u64).into(),
        "number" => dice.of(&NUMBERS).into(),
        "boolean" => true.into(),
        "object" => {
            let mut object = json!({});
            for name in NAMES {
                match schema["properties"].get(name) {
                    Some(inner) if dice.chance(75) => {
                        object[name] = fitting(dice, inner, whole, depth - 1);
                    }
                    None if dice.chance(10) => object[name] = scalar(dice),
                    _ => {}
                }
            }
            object
        }
        "array" => {
            let count = dice.below(4);
            let items = (0..count).map(|_| fitting(dice, &schema["items"], whole, depth - 1));
            items.collect()
        }
        _ => Value::Null,
    }
}

/// Whether what was read takes a value.
fn takes(schema: &Schema, element: ElementId, value: &Value) -> bool {
    let element = schema.element(element);
    if element.content == TypeId::Any {
        return true;
    }
    if value.is_null() && element.nillable {
        return true;
    }
    match element.content {
        TypeId::Any => true,
        TypeId::Simple(id) => takes_text(schema, id, value),
        TypeId::Complex(id) => takes_group(schema, &schema.complex_type(id).content, value),
    }
}

fn takes_group(schema: &Schema, content: &Content, value: &Value) -> bool {
    let members = match content {
        Content::Children { particle, .. } => match &particle.term {
            Term::Choice(alternatives) => {
                return alternatives.iter().any(|one| match one.term {
                    Term::Element(id) => takes(schema, id, value),
                    _ => false,
                });
            }
            Term::Sequence(members) => &members[..],
            other => panic!("{other:?}"),
        },
        Content::Empty => &[],
        Content::Simple(_) => panic!("no attributes"),
    };
    match value {
        Value::Array(items) => match members {
            [only] => match only.term {
                Term::Element(id) if &*schema.element(id).name.local == "item" => {
                    let count = u32::try_from(items.len()).unwrap();
                    count >= only.min
                        && only.max.is_none_or(|max| count <= max)
                        && items.iter().all(|item| takes(schema, id, item))
                }
                _ => false,
            },
            [] => items.is_empty(),
            _ => false,
        },
        Value::Object(object) => {
            let mut open = false;
            let mut known = Vec::new();
            for member in members {
                match member.term {
                    Term::Element(id) => {
                        let name = &*schema.element(id).name.local;
                        if name == "item" {
                            return false;
                        }
                        known.push(name);
                        match object.get(name) {
                            Some(value) => {
                                if !takes(schema, id, value) {
                                    return false;
                                }
                            }
                            None => {
                                if member.min > 0 {
                                    return false;
                                }
                            }
                        }
                    }
                    _ => open = true,
                }
            }
            open || object.keys().all(|name| known.contains(&&**name))
        }
        _ => false,
    }
}

fn takes_text(schema: &Schema, id: SimpleTypeId, value: &Value) -> bool {
    let simple = schema.simple_type(id);
    let builtin = match &simple.variety {
        Variety::Union(members) => {
            return members
                .iter()
                .any(|member| takes_text(schema, *member, value));
        }
        Variety::Atomic(builtin) => *builtin,
        Variety::List(_) => panic!("no lists"),
    };
    let text = match (builtin, value) {
        (Builtin::String, Value::String(text)) => text.clone(),
        (Builtin::Boolean, Value::Bool(said)) => said.to_string(),
        (Builtin::Integer | Builtin::Decimal, Value::Number(number)) => {
            let text = number.to_string();
            // JSON says that 2.0 is an integer.
            text.strip_suffix(".0").unwrap_or(&text).to_owned()
        }
        _ => return false,
    };
    ValueChecker::compile(schema, id)
        .unwrap()
        .check(&text)
        .is_ok()
}

/// An empty array and an object without properties are both a group without children.
fn holds_empty(value: &Value) -> bool {
    match value {
        Value::Array(items) => items.is_empty() || items.iter().any(holds_empty),
        Value::Object(members) => members.is_empty() || members.values().any(holds_empty),
        _ => false,
    }
}

#[test]
fn what_is_read_takes_what_the_json_schema_takes() {
    let mut dice = Dice(2026);
    let (mut pairs, mut valid, mut exact, mut wider, mut alike) = (0, 0, 0, 0, 0);
    for round in 0..600 {
        let mut whole = schema(&mut dice, 3);
        whole["$defs"] = json!({ "one": schema(&mut dice, 1), "two": schema(&mut dice, 0) });
        whole["$schema"] = "https://json-schema.org/draft/2020-12/schema".into();
        // `one` may refer to itself, which is a schema that no validator comes to the end of.
        let one = whole["$defs"]["one"].to_string();
        if one.contains("#/$defs/one") {
            continue;
        }
        let text = serde_json::to_string_pretty(&whole).unwrap();
        let read = json_schema::import("a.json", &text)
            .unwrap_or_else(|errors| panic!("{errors}\n{text}"));
        let oracle = jsonschema::validator_for(&whole).unwrap();
        let open =
            |what: &str| what.starts_with("further properties") || what.starts_with("other types");
        let is_exact = read.not_represented.iter().all(|not| open(&not.what));
        for _ in 0..40 {
            let value = fitting(&mut dice, &whole, &whole, 6);
            let expected = oracle.is_valid(&value);
            let taken = read
                .schema
                .roots
                .iter()
                .any(|root| takes(&read.schema, *root, &value));
            let mut told = String::new();
            let _ = write!(
                told,
                "round {round}: {text}\n{value}\n{:#?}",
                read.not_represented
            );
            if expected {
                assert!(taken, "it is refused: {told}");
                valid += 1;
            } else if taken && holds_empty(&value) {
                alike += 1;
            } else if taken {
                assert!(!is_exact, "it is taken: {told}");
                wider += 1;
            }
            exact += usize::from(is_exact);
            pairs += 1;
        }
    }
    eprintln!(
        "{pairs} values: {valid} valid, {exact} of schemas that are represented whole, {wider} taken beyond them, {alike} with empty arrays"
    );
    assert!(pairs > 15_000 && valid > pairs / 10 && exact > pairs / 2 && alike < pairs / 100);
}
