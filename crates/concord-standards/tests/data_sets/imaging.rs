//! The Diagnostic Imaging Data Set, version 1.

use std::collections::{BTreeMap, BTreeSet};

use concord_finding::Effect;

use crate::definition;
use crate::facts::facts;

#[test]
fn columns_are_those_of_the_file() {
    let Some(fields) = facts("DIDS_v1_dd2020_fields.csv") else {
        return;
    };
    let definition = definition("dids/1");
    let layout = definition.layout.expect("a standard of tables has columns");
    let ours = &layout.tables[0].fields;
    assert_eq!(ours.len(), 18);
    let names = |names: Vec<&str>| {
        names
            .into_iter()
            .map(str::to_owned)
            .collect::<BTreeSet<_>>()
    };
    let theirs = names(fields.iter().map(|field| &*field["element_name"]).collect());
    let found = names(ours.iter().map(|field| &*field.element).collect());
    assert_eq!(found, theirs);
}

#[test]
fn every_rule_is_defined() {
    let Some(facts) = facts("DIDS_v1_rules.csv") else {
        return;
    };
    let definition = definition("dids/1");
    let ours: BTreeMap<&str, Effect> = definition
        .rules
        .iter()
        .map(|rule| (&*rule.rule.id, rule.rule.effect))
        .collect();
    assert_eq!((facts.len(), ours.len()), (57, 57));
    for fact in &facts {
        let id = &*fact["rule_id"];
        let expected = match &*fact["severity"] {
            "warning" => Effect::Warn,
            // Any error rejects the whole file.
            _ => Effect::RejectFile,
        };
        assert_eq!(ours.get(id), Some(&expected), "{id}");
    }
}
