//! The published examples of UK Core, and what is wrong with them.

use std::collections::BTreeSet;

use crate::support::{check, files};

/// Examples that break a rule, with why it is the example that is wrong.
const WRONG: &[(&str, &str, &str)] = &[
    (
        "UKCore-Bundle-NEWS2Observations-Example.json",
        "BUNDLE-ADDRESS",
        "its full URLs are relative (Observation/…); FHIR R4, 2.36.4 wants absolute ones",
    ),
    (
        "UKCore-Patient-BabyPatient-Example.json",
        "RESOURCE-IDENTIFIER",
        "the number is no NHS number: its check digit is another",
    ),
    (
        "UKCore-Provenance-RARecordConsent-Example.json",
        "REFERENCE-TARGET",
        "agent.onBehalfOf refers to a StructureDefinition, which is no agent",
    ),
];

#[test]
fn examples_are_right_but_for_these() {
    let files = files("fhir/examples");
    if files.is_empty() {
        return;
    }
    assert!(files.len() > 100);
    let mut wrong = BTreeSet::new();
    for (name, bytes) in &files {
        let found = check(bytes);
        wrong.extend(
            found
                .iter()
                .map(|finding| (&**name, finding.rule.id.to_string())),
        );
    }
    let known = WRONG
        .iter()
        .map(|(file, rule, _)| (*file, (*rule).to_owned()));
    assert_eq!(wrong, known.collect());
}
