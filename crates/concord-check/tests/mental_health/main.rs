//! The Mental Health Services Data Set against the public rules themselves: random submissions are judged by the definition, as it
//! is shipped, and by an evaluator that reads the published facts (which function of the pipeline each rule calls, on which columns),
//! and knows nothing of definitions. Both must find the same rules at the same rows.
//!
//! The facts are those of the reference folder; the test is skipped, saying so, where it is absent.

mod national;
mod random;
#[path = "../shipped/mod.rs"]
mod shipped;

use std::collections::{BTreeMap, BTreeSet};
use std::ops::ControlFlow;
use std::sync::Arc;

use concord_check::submission::{Lookup, SubmissionPlan, TablesInMemory, check_submission};
use concord_finding::Grades;
use concord_standards::definition::Definition;
use concord_standards::submission::{Parameter, Profile, Submission};
use national::{Facts, Found};
use random::{Random, Tables};
use shipped::Shipped;

/// Reference data of made-up organisations, sites, schools and postcodes.
struct Live;

impl Lookup for Live {
    fn is_live(&self, _: &str, code: &str, _: Option<i32>) -> Option<bool> {
        Some(national::is_live(code))
    }
}

fn definition() -> Arc<Submission> {
    let definition = Definition::load(&Shipped::new(), "mhsds/6-0");
    let definition = definition.unwrap_or_else(|errors| panic!("{errors}"));
    Arc::new(definition.submission.expect("a standard of many tables"))
}

/// What the portal knows of the submissions.
const PORTAL: [(Parameter, &str); 5] = [
    (Parameter::Provider, "LIVE"),
    (Parameter::Submitter, "LIVE"),
    (Parameter::PeriodStart, "2024-04-01"),
    (Parameter::PeriodEnd, "2024-04-30"),
    (Parameter::Submitted, "2024-05-04T10:00:00"),
];

/// The verdict of the definition: rules by row, and which rows are rejected.
fn ours(
    submission: &Arc<Submission>,
    tables: &Tables,
) -> (BTreeSet<Found>, BTreeSet<(String, usize)>) {
    let mut source = TablesInMemory::default();
    for table in &submission.tables {
        let rows = tables
            .get(&*table.code)
            .map(Vec::as_slice)
            .unwrap_or_default();
        let cells = |row: &BTreeMap<String, String>| {
            let cell = |name: &str| row.get(name).cloned().unwrap_or_default();
            table
                .columns
                .iter()
                .map(|column| cell(&column.name))
                .collect()
        };
        source.tables.push(rows.iter().map(cells).collect());
    }
    let portal = PORTAL.map(|(name, value)| (name, value.to_owned()));
    let plan = SubmissionPlan::new(
        submission,
        Profile::Implemented,
        BTreeMap::from(portal),
        Some(&Live),
        &Grades::default(),
    );
    // What is not run is in the sheet alone.
    let sheet_alone = |id: &str| {
        let mut rules = submission.rules.iter().filter(|rule| &*rule.rule.id == id);
        rules.any(|rule| rule.implemented.is_none())
    };
    let not_run = &plan.not_run;
    assert!(
        not_run.iter().all(|rule| sheet_alone(&rule.rule)),
        "{not_run:?}"
    );
    let mut found = BTreeSet::new();
    let checked = check_submission(&mut source, &plan, &mut |finding| {
        if let (Some(record), Some(path)) = (finding.record, &finding.path) {
            let row = usize::try_from(record).expect("few rows") - 1;
            found.insert((path[..6].to_owned(), row, finding.rule.id.to_string()));
        }
        ControlFlow::Continue(())
    });
    let mut rejected = BTreeSet::new();
    for (number, table) in submission.tables.iter().enumerate() {
        let rows = tables.get(&*table.code).map_or(0, Vec::len);
        for row in (0..rows).filter(|row| checked.rejected_by(number, *row).is_some()) {
            rejected.insert((table.code.to_string(), row));
        }
    }
    (found, rejected)
}

#[test]
fn a_submission_without_faults_is_taken() {
    let Some(facts) = Facts::read() else { return };
    let submission = definition();
    let tables = random::clean(&facts, 4);
    let (found, rejected) = ours(&submission, &tables);
    assert_eq!(found, BTreeSet::new());
    assert_eq!(rejected, BTreeSet::new());
    let (found, _) = national::judge(&facts, &tables);
    assert_eq!(found, BTreeSet::new());
}

/// Holds the definition against the facts; the rules that were broken.
#[track_caller]
fn agree(
    facts: &Facts,
    submission: &Arc<Submission>,
    tables: &Tables,
    told: &str,
) -> BTreeSet<String> {
    let (found, rejected) = ours(submission, tables);
    let (expected, invalid) = national::judge(facts, tables);
    let ours_alone: Vec<_> = found.difference(&expected).take(20).collect();
    let theirs_alone: Vec<_> = expected.difference(&found).take(20).collect();
    let first = ours_alone.first().or(theirs_alone.first());
    let row = first.map(|(table, row, _)| &tables[table][*row]);
    assert!(
        first.is_none(),
        "{told}: found and not national {ours_alone:?}, national and not found {theirs_alone:?}, the first at {row:?}"
    );
    assert_eq!(rejected, invalid, "{told}");
    found.into_iter().map(|(_, _, rule)| rule).collect()
}

#[test]
fn every_rule_is_broken_where_the_national_system_says_so() {
    let Some(facts) = Facts::read() else { return };
    let submission = definition();
    let mut broken = BTreeSet::new();
    for (number, tables) in random::systematic(&facts).iter().enumerate() {
        broken.extend(agree(
            &facts,
            &submission,
            tables,
            &format!("submission {number}"),
        ));
    }
    let never: Vec<&str> = facts
        .row_rules()
        .filter(|id| !broken.contains(*id))
        .collect();
    // It compares a day with a time.
    assert_eq!(never, ["MHS50120"]);
}

#[test]
fn random_submissions_have_the_national_verdict() {
    let Some(facts) = Facts::read() else { return };
    let submission = definition();
    for seed in 0..cases() {
        let mut random = Random::new(seed);
        let mut tables = random::clean(&facts, 3);
        // Few faults show how far one reaches; many show what they do to one another.
        for _ in 0..[1, 3, 10, 60, 250][(seed % 5) as usize] {
            random::damage(&facts, &mut tables, &mut random);
        }
        agree(&facts, &submission, &tables, &format!("seed {seed}"));
    }
}

/// How many submissions are made; more with `PROPTEST_CASES`.
fn cases() -> u64 {
    let asked = std::env::var("PROPTEST_CASES").ok();
    asked.and_then(|text| text.parse().ok()).unwrap_or(60)
}
