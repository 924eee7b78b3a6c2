//! The rules of the shipped standards: they compile, and their examples do what they are meant to.

mod support;

use std::fs;

use concord_check::capture::Captured;
use concord_rules::{Header, RuleSet, Run, Scratch, SubmissionState, run_examples};

use support::{capture, definition, reference};

#[track_caller]
fn check(folder: &str) {
    let definition = definition(folder);
    assert!(definition.rules.len() > 20, "{}", definition.rules.len());
    let records = &definition.standard.record.elements;
    if let Err(errors) = RuleSet::compile(&definition.schema, records, &definition.rules) {
        panic!("{folder}: {errors:#?}");
    }
    let outcomes = run_examples(&definition.schema, records, &definition.rules);
    assert!(outcomes.len() >= 2 * definition.rules.len());
    let wrong: Vec<String> = outcomes
        .iter()
        .filter_map(|outcome| {
            let problem = outcome.problem.as_ref()?;
            Some(format!(
                "{} ({:?}): {problem}",
                outcome.rule, outcome.origin
            ))
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

/// Ids of the rules that a document breaks, sorted.
fn broken(folder: &str, xml: &[u8]) -> Vec<String> {
    let definition = definition(folder);
    let records = &definition.standard.record.elements;
    let rules = RuleSet::compile(&definition.schema, records, &definition.rules).expect("rules");
    let mut captured = Captured::new(rules.plan());
    capture(rules.plan(), xml, &mut captured);
    let mut header = Header::default();
    header.take(&rules, &captured, xml, 0);
    let mut found = Vec::new();
    let mut scratch = Scratch::default();
    rules.evaluate(&captured, xml, &header, &mut scratch, &mut found);
    rules.evaluate_submission(&header, &mut found);
    let mut across = Vec::new();
    let mut state = SubmissionState::default();
    let summary = rules.summarise(&captured, xml, &scratch);
    rules.fold(&mut state, summary, (&captured, xml, 0), &mut across);
    let mut not_run = Vec::new();
    rules.finish(state, &header, &mut across, &mut not_run);
    assert_eq!(not_run, []);
    let mut run = Run::default();
    run.add(&rules, 0, &header);
    assert_eq!(run.finish(&rules), []);
    let numbers = found.iter().map(|broken| broken.rule);
    let numbers = numbers.chain(across.iter().map(|broken| broken.rule));
    let mut ids: Vec<String> = numbers
        .map(|rule| rules.rule(rule).id.to_string())
        .collect();
    ids.sort();
    ids.dedup();
    ids
}

#[track_caller]
fn document(folder: &str, path: &str, expected: &[&str]) {
    if let Some(file) = reference(path) {
        assert_eq!(broken(folder, &fs::read(file).expect("a file")), expected);
    }
}

#[test]
fn hand_written_submissions_keep_the_rules() {
    for (name, expected) in [
        ("net_01_minimal", &[][..]),
        ("net_02_three_identities_and_delete", &[]),
        // One of its detentions expires before it starts.
        ("bulk_03_rich", &["CDS-ORDER-DETAINED"]),
        ("bulk_04_simple", &[]),
    ] {
        document(
            "cds/6-2-3",
            &format!("cds/instances/V6-2-3/ecds011_v6-2-3_{name}.xml"),
            expected,
        );
    }
}

#[test]
fn edges_break_the_rules_that_they_are_about() {
    document("cds/6-2-3", "cds/edge/control_count_wrong.xml", &["CDS-E2"]);
    document(
        "cds/6-2-3",
        "cds/edge/control_ref_trailer_mismatch.xml",
        &["CDS-E1-TRAILER"],
    );
    document(
        "cds/6-2-3",
        "cds/edge/msgref_mismatch_business_.xml",
        &["CDS-E3-TRAILER"],
    );
    document(
        "cds/6-2-3",
        "cds/edge/protocol_elem_020_in_net_business_.xml",
        &["CDS-E7-PROTOCOL"],
    );
    document(
        "cds/6-2-3",
        "cds/edge/address_two_empty_lines.xml",
        &["CDS-EMPTY"],
    );
    document("cds/6-2-3", "cds/edge/eth2021_empty.xml", &["CDS-EMPTY"]);
    document(
        "cds/6-2-3",
        "cds/edge/verified_empty_localid_struct.xml",
        &["CDS-EMPTY-LOCAL-IDENTIFIER"],
    );
}
