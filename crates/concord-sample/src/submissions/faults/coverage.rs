//! How each rule of a standard can be broken.

use std::collections::BTreeSet;

use concord_standards::submission::{Check, Profile};

use super::super::plan::Plan;
use super::super::value::Values;
use super::super::{Request, portal};
use super::{Breaker, Role};

/// How a rule is broken.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Breaking {
    /// Beside it, only what follows from it is found.
    Alone,
    /// These rules cannot but be broken with it.
    With(Vec<String>),
    /// Not: why.
    Not(&'static str),
}

/// A rule and how it is broken.
#[derive(Debug, Clone)]
pub struct Covered {
    /// Its id.
    pub rule: String,
    /// The table that it is about.
    pub table: String,
    /// The kind of its check.
    pub kind: &'static str,
    /// The profile that has it.
    pub profile: Profile,
    /// Whether its fault is made for the whole submission.
    pub whole: bool,
    /// What the rule must be told beyond the submission: a parameter, or reference data.
    pub asks: Option<String>,
    /// How it is broken.
    pub breaking: Breaking,
}

/// Every rule of a standard, in its order; one that is several, for several columns, as often.
pub fn coverage(request: &Request<'_>) -> Vec<Covered> {
    let submission = request.submission;
    let plan = Plan::new(submission);
    let portal = portal(request);
    let mut implemented = Breaker::new(request, &plan, &portal, Profile::Implemented);
    let mut published = Breaker::new(request, &plan, &portal, Profile::Published);
    let mut values = Values::new(request);
    let mut all = Vec::new();
    for (number, rule) in submission.rules.iter().enumerate() {
        let (profile, breaker) = if rule.grade(Profile::Implemented).is_some() {
            (Profile::Implemented, &mut implemented)
        } else {
            (Profile::Published, &mut published)
        };
        let broken = breaker.break_rule(number, number as u64, &mut values);
        let breaking = match &broken {
            None => Breaking::Not(reason(&rule.check)),
            Some(broken) => {
                let also: BTreeSet<&str> = broken
                    .found
                    .iter()
                    .filter(|found| breaker.role(number, found) == Role::Also)
                    .map(|found| &*submission.rules[found.rule].rule.id)
                    .collect();
                if also.is_empty() {
                    Breaking::Alone
                } else {
                    Breaking::With(also.into_iter().map(str::to_owned).collect())
                }
            }
        };
        all.push(Covered {
            rule: rule.rule.id.to_string(),
            table: submission.tables[rule.table].name.to_string(),
            kind: rule.check.kind(),
            profile,
            whole: breaker.is_whole(number),
            asks: breaker.asks(number),
            breaking,
        });
    }
    all
}

/// Why nothing breaks a rule.
fn reason(check: &Check) -> &'static str {
    match check {
        Check::Order { .. } => "one of its days is in a column that takes none",
        _ => "nothing that a row can hold breaks it",
    }
}
