//! The JSON Schema of FHIR R4, from the reference folder: the largest published one that is read.

#![allow(missing_docs, clippy::unwrap_used, clippy::print_stderr)]

mod support;

use std::sync::Arc;
use std::time::{Duration, Instant};

use concord_standards::compile::CompiledSchema;
use concord_standards::json_schema;
use concord_standards::schema::{Content, Term, TypeId};

#[test]
fn the_schema_of_fhir_is_read_whole_and_fast() {
    let Some(reference) = support::reference() else {
        return;
    };
    let path = reference.join("fhir/fhir.schema.r4.0.1.json");
    let Ok(text) = std::fs::read_to_string(&path) else {
        eprintln!("SKIPPED: {} is not there", path.display());
        return;
    };
    let started = Instant::now();
    let read = json_schema::import("fhir.schema.json", &text).unwrap();
    let taken = started.elapsed();
    let schema = &read.schema;
    eprintln!(
        "read in {taken:?}: {} elements, {} groups, {} not represented",
        schema.elements.len(),
        schema.complex_types.len(),
        read.not_represented.len()
    );
    // A debug build on a busy machine; a release build takes a tenth of it.
    assert!(taken < Duration::from_secs(5), "{taken:?}");

    // Its documents are the kinds of resource that it lists.
    let listed: serde_json::Value = serde_json::from_str(&text).unwrap();
    let listed = listed["oneOf"].as_array().unwrap().len();
    assert!(listed > 100 && schema.roots.len() == listed, "{listed}");
    let patient = schema
        .roots
        .iter()
        .map(|root| schema.element(*root))
        .find(|root| &*root.name.local == "Patient")
        .unwrap();
    let TypeId::Complex(id) = patient.content else {
        panic!("a patient is a group");
    };
    let Content::Children { particle, .. } = &schema.complex_type(id).content else {
        panic!("a patient has children");
    };
    let Term::Sequence(members) = &particle.term else {
        panic!("in the order of their names");
    };
    let names = |required: bool| {
        let members = members
            .iter()
            .filter(move |member| (member.min == 1) == required);
        let names = members.filter_map(|member| match member.term {
            Term::Element(id) => Some(schema.element(id).name.local.to_string()),
            _ => None,
        });
        names.collect::<Vec<_>>()
    };
    assert_eq!(names(true), ["resourceType"]);
    assert!(names(false).contains(&"birthDate".to_owned()));
    assert_eq!(
        names(false).len() + 1,
        members.len(),
        "no further properties"
    );

    let told: Vec<&str> = read
        .not_represented
        .iter()
        .map(|told| &*told.what)
        .collect();
    assert!(told.len() < 10, "{told:#?}");
    CompiledSchema::compile(Arc::new(read.schema)).unwrap();
}
