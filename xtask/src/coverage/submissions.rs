//! Rules of submissions of many tables.

use std::collections::BTreeMap;

use concord_sample::submissions::Request;
use concord_sample::submissions::faults::coverage::{Breaking, coverage};
use concord_standards::definition::Definition;
use concord_standards::submission::{Profile, Submission, cases};

use super::{Found, Proof};

/// How each rule is proved; one that stands for several columns is proved when each of them is.
pub(super) fn found(definition: &Definition, submission: &Submission) -> Vec<Found> {
    let request = Request {
        submission,
        patients: 1,
        seed: 1,
        period: concord_sample::submissions::period(definition),
        provider: "RWK".to_owned(),
    };
    let mut proofs: BTreeMap<(&'static str, String), Proof> = BTreeMap::new();
    for (rule, covered) in submission.rules.iter().zip(coverage(&request)) {
        let examples = cases(submission, rule).is_ok_and(|cases| {
            cases.iter().any(|case| case.breaks) && cases.iter().any(|case| !case.breaks)
        });
        let mut notes = Vec::new();
        if covered.profile == Profile::Published {
            notes.push("as published".to_owned());
        }
        notes.extend(covered.asks.map(|asks| format!("with {asks}")));
        let faults = match covered.breaking {
            Breaking::Alone => true,
            Breaking::With(others) => {
                notes.push(format!("together with {}", others.join(", ")));
                true
            }
            Breaking::Not(reason) => {
                notes = vec![reason.to_owned()];
                false
            }
        };
        let proof = Proof {
            examples,
            faults,
            reason: notes.join(", "),
        };
        let known = proofs
            .entry((covered.kind, covered.rule))
            .or_insert_with(|| proof.clone());
        // What is worst proved is told.
        if (proof.faults, proof.examples) < (known.faults, known.examples) {
            *known = proof;
        }
    }
    proofs
        .into_iter()
        .map(|((kind, rule), proof)| (kind, rule, proof))
        .collect()
}
