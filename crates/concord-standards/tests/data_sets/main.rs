//! The national data sets: their definitions say what the published facts say: every column, format and key, every rule id with
//! its effects, in the order in which rows are judged. What is not defined is listed with its reason.
//!
//! The facts are those of the reference folder; the tests are skipped, saying so, where it is absent.

mod community;
mod facts;
mod imaging;
mod mental_health;
#[path = "../support/mod.rs"]
mod support;

use concord_standards::definition::{Definition, Severity, lint};
use concord_standards::submission::Submission;
use support::shipped;

/// A definition that is shipped.
#[track_caller]
fn definition(folder: &str) -> Definition {
    Definition::load(&shipped(), folder).unwrap_or_else(|errors| panic!("{folder}:\n{errors}"))
}

/// The tables of one that has many.
#[track_caller]
fn submission(folder: &str) -> Submission {
    definition(folder)
        .submission
        .unwrap_or_else(|| panic!("{folder} is no standard of many tables"))
}

#[test]
fn lint_has_nothing_to_say() {
    for folder in ["mhsds/6-0", "csds/1-5", "csds/1-6", "msds/2-0", "dids/1"] {
        let said: Vec<String> = lint(&definition(folder))
            .iter()
            .filter(|problem| problem.severity == Severity::Error)
            .map(ToString::to_string)
            .collect();
        assert!(said.is_empty(), "{folder}:\n{}", said.join("\n"));
    }
}
