//! The rules of the shipped standards: they compile, and their examples do what they are meant to.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use concord_rules::{RuleSet, run_examples};
use concord_standards::definition::Definition;

fn schemas() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../schemas")
}

fn read(folder: &Path, under: &str, files: &mut BTreeMap<String, String>) {
    for entry in fs::read_dir(folder).expect("a folder") {
        let path = entry.expect("an entry").path();
        let name = path.file_name().expect("a name").to_string_lossy();
        let name = if under.is_empty() {
            name.into_owned()
        } else {
            format!("{under}/{name}")
        };
        if path.is_dir() {
            read(&path, &name, files);
        } else {
            files.insert(name, fs::read_to_string(&path).expect("a text"));
        }
    }
}

fn definition(folder: &str) -> Definition {
    let mut files = BTreeMap::new();
    read(&schemas(), "", &mut files);
    Definition::load(&files, folder).unwrap_or_else(|errors| panic!("{folder}: {errors:#?}"))
}

#[track_caller]
fn check(folder: &str) {
    let definition = definition(folder);
    assert!(definition.rules.len() > 20, "{}", definition.rules.len());
    let records = &definition.standard.record.elements;
    if let Err(errors) = RuleSet::compile(&definition.schema, records, &definition.rules) {
        for error in &errors {
            let place = error.span.map(|(start, length)| error.text.get(start..start + length));
            eprintln!("{error} at {place:?} ({:?}, {:?})", error.origin, error.help);
        }
        panic!("{folder}: {} errors", errors.len());
    }
    let outcomes = run_examples(&definition.schema, records, &definition.rules);
    assert!(outcomes.len() >= 2 * definition.rules.len());
    let wrong: Vec<String> = outcomes
        .iter()
        .filter_map(|outcome| {
            let problem = outcome.problem.as_ref()?;
            Some(format!("{} ({:?}): {problem}", outcome.rule, outcome.origin))
        })
        .collect();
    assert!(wrong.is_empty(), "{folder}: {wrong:#?}");
}

#[test]
fn cds_6_2_2() {
    check("cds/6-2-2");
}

#[test]
fn cds_6_2_3() {
    check("cds/6-2-3");
}

#[test]
fn cds_6_3_1() {
    check("cds/6-3-1");
}

#[test]
fn every_rule_says_what_to_do_and_where_it_is_written() {
    for folder in ["cds/6-2-2", "cds/6-2-3", "cds/6-3-1"] {
        for definition in definition(folder).rules {
            let rule = &definition.rule;
            assert!(rule.id.starts_with("CDS-"), "{}", rule.id);
            assert!(!rule.source.is_empty(), "{}", rule.id);
            assert!(!rule.since.is_empty(), "{}", rule.id);
            assert!(!rule.message.ends_with('.'), "{}", rule.id);
        }
    }
}
