//! The catalogue of changes: every sort is documented, and the pair that shows it shows it and nothing else.

mod support;

use std::collections::BTreeSet;
use std::path::Path;

use concord_gate::catalogue::{changes, find};
use concord_gate::change::Whom;

#[test]
fn every_file_is_a_sort_of_change() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("changes");
    let files: BTreeSet<String> = std::fs::read_dir(folder)
        .expect("the folder is there")
        .map(|file| {
            let path = file.expect("can be listed").path();
            path.file_stem()
                .expect("a name")
                .to_string_lossy()
                .into_owned()
        })
        .collect();
    let known: BTreeSet<String> = changes().iter().map(|rule| rule.id.to_string()).collect();
    assert_eq!(files, known);
    assert_eq!(known.len(), changes().len());
    for rule in changes() {
        assert_eq!(find(&rule.id).map(|rule| &rule.id), Some(&rule.id));
    }
    assert!(find("NOTHING-OF-THE-KIND").is_none());
}

#[test]
fn every_sort_of_change_is_documented() {
    for rule in changes() {
        let id = &rule.id;
        assert!(rule.title.len() > 8, "{id}");
        assert!(rule.message.contains('{'), "{id}");
        assert!(rule.rationale.ends_with('.'), "{id}");
        assert!(rule.when.ends_with('.'), "{id}");
        assert!(rule.example.old != rule.example.new, "{id}");
        let proved = rule
            .can_break
            .iter()
            .any(|whom| matches!(whom, Whom::Submitter));
        let told_of_messages = rule.message.chars().next().is_some_and(char::is_uppercase);
        assert!(
            !told_of_messages,
            "{id}: messages begin small, as findings' do"
        );
        assert!(!proved || !rule.when.is_empty(), "{id}");
    }
}

/// Every pair is compared under every rule, so that what one rule says of another's pair is seen too.
#[test]
fn every_pair_shows_its_own_change_and_nothing_else() {
    let mut wrong = Vec::new();
    for rule in changes() {
        let example = &rule.example;
        let (old, new) = support::example(&example.part, &example.old, &example.new);
        let comparison = support::compared(&old, &new);
        let found: BTreeSet<String> = comparison
            .changes
            .iter()
            .map(|change| change.rule.id.to_string())
            .collect();
        let mut expected: BTreeSet<String> = example.also.iter().cloned().collect();
        expected.insert(rule.id.to_string());
        if found != expected {
            wrong.push(format!(
                "{}: found {:#?}",
                rule.id,
                support::lines(&comparison)
            ));
        }
        for change in &comparison.changes {
            for breaks in &change.breaks {
                if !change.rule.can_break.contains(&breaks.whom) {
                    wrong.push(format!("{} breaks {} unsaid", change.rule.id, breaks.whom));
                }
            }
            let names = change.rule.message.split('{').skip(1);
            let names = names.filter_map(|rest| rest.split('}').next());
            for name in names.filter(|name| change.fact(name).is_none()) {
                wrong.push(format!(
                    "{}: no {name} in {}",
                    change.rule.id,
                    change.message()
                ));
            }
        }
        let own = comparison
            .changes
            .iter()
            .find(|change| change.rule.id == rule.id);
        // What can break somebody does so in its own example, or the example shows when it does not.
        if let (Some(change), Some(_)) = (own, &example.witness)
            && change.is_safe()
        {
            wrong.push(format!("{}: has a witness and breaks nobody", rule.id));
        }
        for (side, same) in [("old", &old), ("new", &new)] {
            let itself = support::compared(same, same);
            if !itself.is_empty() {
                wrong.push(format!(
                    "{} {side} with itself: {:?}",
                    rule.id,
                    support::lines(&itself)
                ));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
