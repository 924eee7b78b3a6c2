//! Which rows need which, and in which order they are judged.

use std::collections::BTreeSet;

use concord_standards::submission::Check;

use super::{by_id, rules};

/// Rules that look back at a table that has been looked at: their pairs look both ways, and stand before them.
const BOTH_WAYS: [(&str, &str); 3] = [
    ("MHS00220", "MHS00145"),
    ("MHS10101", "MHS00146"),
    ("MHS51505", "MHS50558"),
];

#[test]
fn rows_need_the_tables_that_the_pipeline_asks_for() {
    let Some((submission, facts)) = rules() else {
        return;
    };
    let found = by_id(&submission);
    let of_facts = facts
        .iter()
        .filter(|fact| fact["rule_function"].starts_with("referential"));
    let mut count = 0;
    for fact in of_facts {
        count += 1;
        let id = &*fact["rule_id"];
        let (child, parent) = fact["arguments"]
            .split_once(" | ")
            .expect("the facts keep to their form");
        let Check::Needs { table, on } = &found[id][0].check else {
            panic!("{id} is no rule about other rows");
        };
        let code = |table: usize| &*submission.tables[table].code;
        assert_eq!(
            (code(found[id][0].table), code(*table)),
            (child, parent),
            "{id}"
        );
        assert!(!on.is_empty(), "{id}");
    }
    assert_eq!(count, 67);
}

/// A table is judged itself before others are judged by it: once others were, none of its own rules follows.
#[test]
fn parents_are_judged_before_their_children() {
    let submission = crate::submission(super::FOLDER);
    let mut judged_by = BTreeSet::new();
    let mut seen = BTreeSet::new();
    for rule in &submission.rules {
        let Check::Needs { table, .. } = &rule.check else {
            continue;
        };
        // The sheet does not say where its own rule stands.
        if rule.implemented.is_none() {
            continue;
        }
        let id = &*rule.rule.id;
        match BOTH_WAYS.iter().find(|(second, _)| *second == id) {
            Some((_, first)) => assert!(seen.contains(first), "{first} comes before {id}"),
            None => assert!(
                !judged_by.contains(&rule.table),
                "{id} judges {} after others were judged by it",
                submission.tables[rule.table].name
            ),
        }
        judged_by.insert(*table);
        seen.insert(id);
    }
    assert_eq!(seen.len(), 67);
}
