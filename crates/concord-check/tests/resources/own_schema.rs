//! Resources against a JSON Schema of the user's own.

use std::sync::{Arc, LazyLock};

use concord_check::resource::{OwnSchema, ResourcePlan, check_resource};
use concord_finding::Masking;
use serde_json::{Value, json};

use crate::support::{files, reference, told};

fn plan(schema: &str) -> ResourcePlan {
    let mut plan = ResourcePlan::new(Arc::default());
    plan.own = Some(OwnSchema::compile(schema).unwrap());
    plan
}

static SMALL: LazyLock<ResourcePlan> = LazyLock::new(|| {
    let schema = json!({
        "type": "object",
        "required": ["id"],
        "properties": {
            "id": {"type": "string", "maxLength": 4},
            "items": {"type": "array", "items": {"type": "object", "properties": {"sex": {"enum": ["1", "2"]}}, "additionalProperties": false}},
        },
    });
    plan(&schema.to_string())
});

fn found(plan: &ResourcePlan, text: &str) -> Vec<String> {
    let verdict = check_resource(plan, &"x.json".into(), text.as_bytes());
    let findings = verdict.findings.iter();
    findings
        .map(|finding| {
            let place = finding.place.unwrap();
            format!("{}:{} {}", place.line, place.column, told(finding))
        })
        .collect()
}

#[test]
fn mistakes_are_told_where_they_stand() {
    assert_eq!(found(&SMALL, r#"{"id": "a", "more": [1.50]}"#), [""; 0]);
    assert_eq!(
        found(
            &SMALL,
            "{\n \"id\": \"abcdef\",\n \"items\": [{}, {\"sex\": \"M\"}]}"
        ),
        [
            "2:8 JSON-SCHEMA resource.id: the value is longer than 4 characters",
            "3:24 JSON-SCHEMA resource.items[1].sex: the value is not one of \"1\" or \"2\"",
        ]
    );
    assert_eq!(
        found(&SMALL, "{}"),
        ["1:1 JSON-SCHEMA resource: \"id\" is a required property"]
    );
    // What is no JSON is told as always.
    assert!(found(&SMALL, "{\"id\": 1,}")[0].contains("JSON-NOT-WELL-FORMED"));
    assert!(found(&SMALL, "{\"id\": \"a")[0].contains("JSON-TRUNCATED"));
    let deep = format!("{}1{}", "[".repeat(100_000), "]".repeat(100_000));
    assert!(found(&SMALL, &format!("{{\"id\": \"a\", \"x\": {deep}}}"))[0].contains("LIMIT-DEPTH"));
}

#[test]
fn no_value_is_shown() {
    let text = r#"{"id": "9990000018", "items": [{"sex": "Mrs Trialby", "Greta Trialby": 1, "9990000018": 2}]}"#;
    let verdict = check_resource(&SMALL, &"x.json".into(), text.as_bytes());
    assert_eq!(verdict.findings.len(), 3);
    for finding in &verdict.findings {
        let shown = format!("{} {:?}", finding.message(Masking::Masked), finding.path);
        assert!(
            !shown.contains("Trialby") && !shown.contains("9990000018"),
            "{shown}"
        );
    }
}

#[test]
fn what_is_no_schema_is_refused() {
    for wrong in [
        "",
        "[]",
        "{\"type\": 7}",
        "{\"$ref\": \"https://example.org/other.json\"}",
    ] {
        assert!(OwnSchema::compile(wrong).is_err(), "{wrong}");
    }
}

/// The published schema says of every example and case what `jsonschema` says by the definition of its type.
#[test]
fn the_published_schema_is_followed() {
    let Some(path) = reference("fhir/fhir.schema.r4.0.1.json") else {
        return;
    };
    let text = std::fs::read_to_string(path).unwrap();
    let plan = plan(&text);
    let mut schema: Value = serde_json::from_str(&text).unwrap();
    let (mut right, mut wrong) = (0, 0);
    let mut validators = std::collections::BTreeMap::new();
    for (name, bytes) in files("fhir/examples")
        .into_iter()
        .chain(files("fhir/hl7_cases"))
    {
        let Ok(value) = serde_json::from_slice::<Value>(&bytes) else {
            continue;
        };
        let Some(kind) = value["resourceType"].as_str().map(str::to_owned) else {
            continue;
        };
        // Compiling a definition takes a while.
        if !["Patient", "Encounter", "Observation"].contains(&&*kind) {
            continue;
        }
        let validator = validators.entry(kind.clone()).or_insert_with(|| {
            let own = json!({"$schema": schema["$schema"], "definitions": schema["definitions"].take(), "allOf": [{"$ref": format!("#/definitions/{kind}")}]});
            let made = jsonschema::validator_for(&own).unwrap();
            schema["definitions"] = own["definitions"].clone();
            made
        });
        let expected = validator.iter_errors(&value).count();
        let found = check_resource(&plan, &"x.json".into(), &bytes).findings;
        let told: Vec<String> = found.iter().map(told).collect();
        assert_eq!(found.len(), expected, "{name}: {told:#?}");
        if found.is_empty() {
            right += 1;
        } else {
            wrong += 1;
        }
    }
    assert!(right > 5 && wrong > 1, "{right} right, {wrong} wrong");
}
