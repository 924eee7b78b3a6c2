//! Both sides of a comparison as checkers.

use std::io::Cursor;
use std::ops::ControlFlow;
use std::sync::Arc;

use concord_check::Options;
use concord_check::resource::{ResourceInput, ResourcePlan, check_resources};
use concord_check::submission::{Parameters, SubmissionPlan, TableFiles, check_submission};
use concord_finding::{Finding, Grades, Masking, Verdict};
use concord_gate::change::{Change, Comparison, Side};
use concord_gate::proof::{Checker, Outcome, ProofOptions, Told, prove};
use concord_gate::subject::Subject;
use concord_read::json::Form;
use concord_read::{Input, Limits};
use concord_standards::submission::{Profile, Submission};

/// Two sides, compiled once.
pub(crate) struct Both {
    old: Plan,
    new: Plan,
}

/// A side.
enum Plan {
    Tables(Box<SubmissionPlan<'static>>, Arc<Submission>),
    Resources(Box<ResourcePlan>),
}

fn told(finding: &Finding) -> Told {
    Told {
        rule: finding.rule.id.clone(),
        effect: finding.effect,
        path: finding.path.clone(),
        line: finding.place.map(|place| place.line),
        message: finding.message(Masking::Masked),
    }
}

impl Both {
    pub(crate) fn new(old: &Subject, new: &Subject) -> Self {
        let plan = |subject: &Subject| {
            let definition = &subject.definition;
            if let Some(resources) = &definition.resources {
                return Plan::Resources(Box::new(ResourcePlan::new(Arc::new(resources.clone()))));
            }
            let submission = Arc::new(definition.submission.clone().expect("tables"));
            let plan = SubmissionPlan::new(
                &submission,
                Profile::Implemented,
                Parameters::new(),
                None,
                &Grades::default(),
            );
            Plan::Tables(Box::new(plan), submission)
        };
        Self {
            old: plan(old),
            new: plan(new),
        }
    }

    fn side(&self, side: Side) -> &Plan {
        match side {
            Side::Old => &self.old,
            Side::New => &self.new,
        }
    }
}

impl Checker for Both {
    fn check(&self, side: Side, submission: &[u8]) -> Outcome {
        let Plan::Resources(plan) = self.side(side) else {
            panic!("tables are no resource");
        };
        let name: Arc<str> = "submission.json".into();
        let mut findings = Vec::new();
        let input = ResourceInput {
            form: Form::of(&name, submission),
            bytes: Cursor::new(submission),
            file: &name,
            size: None,
        };
        let checked = check_resources(input, plan, Options::default(), &mut |finding: Finding| {
            findings.push(told(&finding));
            ControlFlow::Continue(())
        });
        Outcome {
            accepted: checked.summary.verdict == Verdict::Accepted,
            findings,
        }
    }

    fn check_files(&self, side: Side, files: &[(String, String)]) -> Outcome {
        let Plan::Tables(plan, submission) = self.side(side) else {
            panic!("resources are no tables");
        };
        let inputs = files
            .iter()
            .map(|(name, text)| Input::bytes(name.as_str(), text.as_bytes()));
        let mut source = TableFiles::new(
            Arc::clone(submission),
            inputs.collect(),
            "submission".into(),
            Limits::default(),
        );
        let mut findings = Vec::new();
        let checked = check_submission(&mut source, plan, &mut |finding| {
            findings.push(told(&finding));
            ControlFlow::Continue(())
        });
        Outcome {
            accepted: checked.error.is_none()
                && !findings.iter().any(|told| told.effect.is_reject()),
            findings,
        }
    }
}

/// Compares two sides and makes submissions that show what breaks.
pub(crate) fn proved(old: &Subject, new: &Subject) -> Comparison {
    let mut comparison = crate::support::compared(old, new);
    let both = Both::new(old, new);
    prove(&mut comparison, old, new, &both, &ProofOptions::default());
    for change in &comparison.changes {
        confirm(change, &both);
    }
    comparison
}

/// A submission that shows a change is taken by the one side and refused by the other.
fn confirm(change: &Change, both: &Both) {
    let Some(witness) = &change.witness else {
        return;
    };
    let outcome = |side: Side| {
        if matches!(both.old, Plan::Tables(..)) {
            both.check_files(side, &files_of(&witness.submission))
        } else {
            both.check(side, witness.submission.as_bytes())
        }
    };
    let taken = outcome(witness.taken_by);
    assert!(
        taken.accepted,
        "{}: {taken:?}\n{}",
        change.message(),
        witness.submission
    );
    assert!(!witness.refused_with.is_empty(), "{}", change.message());
}

/// The files of a submission that is shown as one text.
pub(crate) fn files_of(shown: &str) -> Vec<(String, String)> {
    let mut files: Vec<(String, String)> = Vec::new();
    for line in shown.lines() {
        let name = line
            .strip_prefix("==> ")
            .and_then(|rest| rest.strip_suffix(" <=="));
        match (name, files.last_mut()) {
            (Some(name), _) => files.push((name.to_owned(), String::new())),
            (None, Some((_, text))) => {
                text.push_str(line);
                text.push('\n');
            }
            (None, None) => panic!("no file has a name: {shown}"),
        }
    }
    files
}
