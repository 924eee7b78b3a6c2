//! Examples of rules, run: each is a small submission that only the rule is asked about.

use std::ops::ControlFlow;
use std::sync::Arc;

use concord_finding::Grades;
use concord_standards::submission::{Case, Profile, Submission, TableRule, cases};

use super::Lookup;
use super::plan::SubmissionPlan;
use super::run::check_submission;
use super::sources::TablesInMemory;

/// An example on which a rule did not say what it must.
#[derive(Debug, Clone)]
pub struct CaseFailure {
    /// The rule.
    pub rule: Arc<str>,
    /// What was wrong.
    pub reason: String,
}

/// The one code that examples find in force.
struct OneCode;

impl Lookup for OneCode {
    fn is_live(&self, _: &str, code: &str, _: Option<i32>) -> Option<bool> {
        Some(code == concord_standards::submission::LIVE)
    }
}

/// Runs every example of every rule; how many there were, and those that failed.
pub fn prove(submission: &Arc<Submission>) -> (usize, Vec<CaseFailure>) {
    let (mut run, mut failures) = (0, Vec::new());
    let bare = Submission {
        tables: submission.tables.clone(),
        scales: submission.scales.clone(),
        header: submission.header,
        period: submission.period,
        provider: submission.provider,
        ..Submission::default()
    };
    for rule in &submission.rules {
        let fail = |reason| CaseFailure {
            rule: Arc::clone(&rule.rule.id),
            reason,
        };
        let cases = match cases(submission, rule) {
            Ok(cases) => cases,
            Err(reason) => {
                failures.push(fail(reason));
                continue;
            }
        };
        let mut alone = bare.clone();
        alone.rules = vec![TableRule {
            // As it stands, whichever profile has it.
            implemented: rule.implemented.or(rule.published),
            ..rule.clone()
        }];
        let alone = Arc::new(alone);
        for (number, case) in cases.iter().enumerate() {
            run += 1;
            let broken = breaks(&alone, case);
            if broken != case.breaks {
                let word = if case.breaks {
                    "is not found"
                } else {
                    "is found"
                };
                failures.push(fail(format!(
                    "example {} {word}: {:?}",
                    number + 1,
                    case.rows
                )));
            }
        }
    }
    (run, failures)
}

/// Whether the only rule of a submission finds something: of the last row of its table, or of the submission.
fn breaks(submission: &Arc<Submission>, case: &Case) -> bool {
    let rule = &submission.rules[0];
    let mut source = TablesInMemory {
        tables: vec![Vec::new(); submission.tables.len()],
    };
    for (table, row) in &case.rows {
        let count = submission.tables[*table].columns.len();
        let cell = |column| row.get(&column).cloned().unwrap_or_default();
        source.tables[*table].push((0..count).map(cell).collect());
    }
    let plan = SubmissionPlan::new(
        submission,
        Profile::Implemented,
        case.parameters.clone(),
        Some(&OneCode),
        &Grades::default(),
    );
    let last = source.tables[rule.table].len() as u64;
    let of_file = rule.check.is_of_file();
    let mut found = false;
    check_submission(&mut source, &plan, &mut |finding| {
        found |= of_file || finding.record == Some(last);
        ControlFlow::Continue(())
    });
    found
}
