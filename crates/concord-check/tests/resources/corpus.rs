//! The published JSON Schema of FHIR R4 as an oracle: examples and cases, edited at random, are judged by it and by the checker.
//! Every disagreement is of a class that is listed here, with why.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use concord_finding::Finding;
use jsonschema::Validator;
use serde_json::{Map, Value, json};

use crate::support::{R4, check, files, reference, told};

static SCHEMA: LazyLock<Option<Value>> = LazyLock::new(|| {
    let path = reference("fhir/fhir.schema.r4.0.1.json")?;
    Some(serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap())
});

/// What the checker finds and the JSON Schema has no words for, by rule.
const BEYOND: &[(&str, &str)] = &[
    ("RESOURCE-EMPTY", "arrays and objects may be empty there"),
    (
        "RESOURCE-CHOICE",
        "each type of a choice is a property of its own there",
    ),
    (
        "RESOURCE-ALIGNED",
        "values and what is said about them are properties of their own there",
    ),
    ("RESOURCE-EXTENSION", "an invariant (ext-1)"),
    ("RESOURCE-CONTAINED", "invariants (dom-2 to dom-5)"),
    ("RESOURCE-NARRATIVE", "XHTML is any string there"),
    ("BUNDLE-ENTRY", "invariants (bdl-1 to bdl-12)"),
    (
        "BUNDLE-ADDRESS",
        "invariants (bdl-7, bdl-8), and that address and id agree",
    ),
    ("REFERENCE-UNRESOLVED", "references are strings there"),
    ("REFERENCE-TARGET", "references are strings there"),
    (
        "VALUE-RANGE",
        "patterns know no calendar, and are not applied to numbers",
    ),
    (
        "RESOURCE-IDENTIFIER",
        "systems of identifiers are not known there",
    ),
    ("RESOURCE-SYSTEM", "code systems are not known there"),
    ("RESOURCE-ORDER", "no value is compared with another there"),
];

/// Whether a finding that the JSON Schema has no equal of is of a listed class.
fn is_beyond(finding: &Finding) -> bool {
    let rule = &*finding.rule.id;
    let element = finding.element.as_deref().unwrap_or("");
    let found = finding
        .fact("found")
        .map(|fact| fact.raw(concord_finding::Masking::Revealed));
    match rule {
        // Complex types lack `type: object`, so that arrays and strings pass where objects are due.
        "RESOURCE-KIND" => {
            let expected = finding
                .fact("expected")
                .unwrap()
                .raw(concord_finding::Masking::Revealed);
            // XHTML is anything there.
            expected == "an object"
                || element == "Narrative.div"
                || expected == "an array" && found.as_deref() == Some("null")
        }
        // Only what is no primitive is required there, and no choice is.
        "RESOURCE-MISSING" => !is_complex(element),
        // Groups that are elements, not backbone elements, have modifier extensions there.
        "RESOURCE-UNKNOWN" => found.as_deref() == Some("modifierExtension"),
        // Codes of value sets that are not enumerated there.
        "VALUE-CODE" => true,
        // base64Binary has no pattern there, and patterns are not applied to numbers.
        "VALUE-FORMAT" => {
            let expected = finding
                .fact("expected")
                .unwrap()
                .raw(concord_finding::Masking::Revealed);
            ["base64Binary", "integer", "positiveInt", "unsignedInt"].iter().any(|known| expected.starts_with(known))
                // The length of ids is, that of other strings not.
                || expected.starts_with("string") || expected.starts_with("markdown")
        }
        rule => BEYOND.iter().any(|(known, _)| *known == rule),
    }
}

/// Whether an element has one type, which is no primitive.
fn is_complex(path: &str) -> bool {
    use concord_standards::resources::Kind;
    let of = path.rsplit_once('.').map_or("", |(of, _)| of);
    let Some(of) = R4.resources.find(of) else {
        return false;
    };
    let types = &R4.resources.types;
    let element = types[of]
        .elements
        .iter()
        .find(|element| &*element.path == path);
    element.is_some_and(|element| {
        !element.choice && !matches!(types[element.types[0]].kind, Kind::Primitive(_))
    })
}

/// What the JSON Schema finds and the checker takes, by what its error is about.
fn is_taken(error: &jsonschema::ValidationError<'_>) -> bool {
    let path = error.instance_path().to_string();
    // FHIR R4, 2.6.2: null keeps the place of a value of which only extensions are known.
    let null_in_array = error.instance().is_null()
        && path
            .rsplit('/')
            .next()
            .is_some_and(|last| last.parse::<usize>().is_ok());
    // An extensible binding, which takes other codes.
    let language = path.ends_with("/language");
    // Canonical URIs cannot be extended there, as all other primitives can.
    let extended = match error.kind() {
        jsonschema::error::ValidationErrorKind::AdditionalProperties { unexpected } => {
            unexpected.iter().all(|name| name.starts_with('_'))
        }
        _ => false,
    };
    null_in_array || language || extended
}

/// Numbers that look random and are always the same.
struct Dice(u64);

impl Dice {
    fn below(&mut self, limit: usize) -> usize {
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        ((self.0 >> 33) as usize) % limit.max(1)
    }
}

/// Goes to a random place of a value and changes something there.
fn edit(value: &mut Value, dice: &mut Dice) {
    let deeper = dice.below(5) > 0;
    match value {
        Value::Object(members) if deeper && !members.is_empty() => {
            let at = dice.below(members.len());
            let child = members.values_mut().nth(at).unwrap();
            if child.is_object() || child.is_array() || dice.below(2) == 0 {
                edit(child, dice);
            } else {
                in_object(members, dice);
            }
        }
        Value::Array(items) if deeper && !items.is_empty() => {
            let at = dice.below(items.len());
            edit(&mut items[at], dice);
        }
        Value::Object(members) => in_object(members, dice),
        value => replace(value, dice),
    }
}

fn in_object(members: &mut Map<String, Value>, dice: &mut Dice) {
    let names: Vec<String> = members.keys().cloned().collect();
    let Some(name) = names.get(dice.below(names.len())).cloned() else {
        return;
    };
    match dice.below(6) {
        0 => drop(members.remove(&name)),
        1 => {
            let value = members.remove(&name).unwrap();
            members.insert(format!("{name}x"), value);
        }
        2 => drop(members.insert("unheardOf".into(), json!(1))),
        3 => drop(members.insert(
            format!("_{name}"),
            json!({"extension": [{"url": "http://a", "valueCode": "b"}]}),
        )),
        4 => {
            let value = members.get_mut(&name).unwrap();
            *value = match value.take() {
                Value::Array(mut items) if !items.is_empty() => items.swap_remove(0),
                other => json!([other]),
            };
        }
        _ => replace(members.get_mut(&name).unwrap(), dice),
    }
}

fn replace(value: &mut Value, dice: &mut Dice) {
    let others = [
        json!(null),
        json!(true),
        json!(-1),
        json!(0),
        json!(1.5),
        json!("x"),
        json!(""),
        json!(" a"),
        json!("2024-02-30"),
        json!("2024-13-01T00:00:00Z"),
        json!("2024-01-01T00:00:00Z"),
        json!("1990"),
        json!({}),
        json!([]),
        json!([{}]),
        json!([null]),
        json!({"extension": []}),
        json!("a b"),
        json!("urn:uuid:x"),
        json!("#nowhere"),
        json!("final"),
        json!("Zürich\u{1}"),
    ];
    *value = others[dice.below(others.len())].clone();
}

fn validators() -> impl FnMut(&str) -> Option<std::rc::Rc<Validator>> {
    let mut made: BTreeMap<String, std::rc::Rc<Validator>> = BTreeMap::new();
    move |name| {
        let schema = SCHEMA.as_ref()?;
        schema["definitions"].get(name)?;
        Some(made.entry(name.to_owned()).or_insert_with(|| {
            let mut own = schema.clone();
            let members = own.as_object_mut().unwrap();
            for key in ["oneOf", "discriminator", "id", "$id"] {
                members.remove(key);
            }
            members.insert("$ref".into(), format!("#/definitions/{name}").into());
            // Next to a reference nothing else counts in this draft.
            let definitions = members.remove("definitions").unwrap();
            let own = json!({"$schema": "http://json-schema.org/draft-06/schema#", "definitions": definitions, "allOf": [{"$ref": format!("#/definitions/{name}")}]});
            std::rc::Rc::new(jsonschema::validator_for(&own).unwrap())
        }).clone())
    }
}

#[test]
fn edits_are_judged_as_the_json_schema_does() {
    let edits: usize = std::env::var("CONCORD_EDITS")
        .ok()
        .and_then(|said| said.parse().ok())
        .unwrap_or(6);
    let mut validator = validators();
    let mut dice = Dice(7);
    let (mut judged, mut agreed) = (0, 0);
    let mut wrong = Vec::new();
    let sources = files("fhir/examples")
        .into_iter()
        .chain(files("fhir/hl7_cases"));
    for (name, bytes) in sources {
        let Ok(source) = serde_json::from_slice::<Value>(&bytes) else {
            continue;
        };
        let Some(of) = source["resourceType"].as_str() else {
            continue;
        };
        let Some(validator) = validator(of) else {
            continue;
        };
        if bytes.len() > 30_000 {
            continue;
        }
        for number in 0..=edits {
            let mut value = source.clone();
            for _ in 0..number.min(1 + number % 2) {
                edit(&mut value, &mut dice);
            }
            let text = serde_json::to_vec(&value).unwrap();
            if value["resourceType"].as_str() != Some(of) {
                continue;
            }
            let ours: Vec<Finding> = check(&text);
            let theirs = validator.is_valid(&value);
            judged += 1;
            agreed += usize::from(theirs == ours.is_empty());
            // Where objects may be arrays nothing in them is looked at there.
            let unexplained: Vec<String> = if theirs {
                let inside_another = |finding: &Finding| {
                    let path = finding.path.as_deref().unwrap_or("");
                    ours.iter().any(|other| {
                        let other_path = other.path.as_deref().unwrap_or("");
                        &*other.rule.id == "RESOURCE-KIND"
                            && path.len() > other_path.len()
                            && path.starts_with(other_path)
                    })
                };
                ours.iter()
                    .filter(|finding| !is_beyond(finding) && !inside_another(finding))
                    .map(told)
                    .collect()
            } else if ours.is_empty() {
                let errors = validator
                    .iter_errors(&value)
                    .filter(|error| !is_taken(error));
                errors
                    .map(|error| {
                        format!(
                            "theirs: {} at {} ({})",
                            error,
                            error.instance_path(),
                            error.schema_path()
                        )
                    })
                    .collect()
            } else {
                Vec::new()
            };
            wrong.extend(unexplained.iter().map(|what| {
                format!(
                    "{name} {number}: {}",
                    what.chars().take(300).collect::<String>()
                )
            }));
        }
    }
    eprintln!("{judged} judged, {agreed} the same");
    assert!(
        wrong.is_empty(),
        "{} disagreements\n{}",
        wrong.len(),
        wrong[..wrong.len().min(40)].join("\n")
    );
}

/// Our table against the JSON Schema: types, elements, arrays, types of elements, codes, and what is required.
#[test]
fn the_table_is_that_of_the_json_schema() {
    let Some(schema) = SCHEMA.as_ref() else {
        return;
    };
    let definitions = schema["definitions"].as_object().unwrap();
    let table = &R4.resources;
    // Groups have names of their own there, which references lead to.
    let mut pairs: Vec<(usize, String)> = Vec::new();
    for (number, known) in table.types.iter().enumerate() {
        if definitions.contains_key(&*known.name) {
            pairs.push((number, known.name.to_string()));
        }
    }
    let resources = table.resources().count();
    assert_eq!(resources, schema["oneOf"].as_array().unwrap().len());
    let mut seen = std::collections::BTreeSet::new();
    let mut elements = 0;
    while let Some((number, name)) = pairs.pop() {
        if !seen.insert((number, name.clone())) {
            continue;
        }
        let known = &table.types[number];
        let Some(properties) = definitions[&name]["properties"].as_object() else {
            continue;
        };
        let mut ours = std::collections::BTreeSet::new();
        for element in &known.elements {
            for of in &element.types {
                let of_name = &*table.types[*of].name;
                let mut letters = of_name.chars();
                let property = if element.choice {
                    format!(
                        "{}{}{}",
                        element.name,
                        letters.next().unwrap().to_ascii_uppercase(),
                        letters.as_str()
                    )
                } else {
                    element.name.to_string()
                };
                ours.insert(property.clone());
                elements += 1;
                let Some(theirs) = properties.get(&property) else {
                    assert_eq!(
                        (&*name, &*property),
                        ("ExampleScenario_Instance", "resourceType")
                    );
                    continue;
                };
                assert_eq!(
                    theirs["type"] == "array",
                    element.repeats,
                    "{name}.{property}"
                );
                let item = if element.repeats {
                    &theirs["items"]
                } else {
                    theirs
                };
                if let Some(codes) = item["enum"].as_array() {
                    let theirs: std::collections::BTreeSet<&str> =
                        codes.iter().filter_map(Value::as_str).collect();
                    match &element.codes {
                        Some(codes) => assert_eq!(
                            codes
                                .meanings
                                .keys()
                                .map(|code| &**code)
                                .collect::<std::collections::BTreeSet<_>>(),
                            theirs,
                            "{name}.{property}"
                        ),
                        None => assert_eq!((&*name, &*property), ("Expression", "language")),
                    }
                }
                if let Some(reference) = item["$ref"]
                    .as_str()
                    .and_then(|reference| reference.rsplit('/').next())
                {
                    if reference.contains('_') {
                        pairs.push((*of, reference.to_owned()));
                    } else {
                        let wanted = if reference == "ResourceList" {
                            "Resource"
                        } else {
                            reference
                        };
                        assert_eq!(of_name, wanted, "{name}.{property}");
                    }
                }
                let required = definitions[&name]["required"]
                    .as_array()
                    .is_some_and(|names| names.iter().any(|known| known == property.as_str()));
                assert!(!required || element.required, "{name}.{property}");
            }
        }
        for property in properties
            .keys()
            .filter(|property| !property.starts_with('_') && *property != "resourceType")
        {
            let extra = property == "modifierExtension" && name.contains('_');
            assert!(ours.contains(property) || extra, "{name}.{property}");
        }
    }
    assert!(elements > 6_000, "{elements}");
}
