//! Submissions checked against either side of a comparison, as `concord check` checks them.

use std::ops::ControlFlow;
use std::sync::Arc;
use std::time::{Duration, Instant};

use concord_check::Options;
use concord_finding::{Effect, Finding, Masking, RecordCounts, Verdict};
use concord_gate::change::Side;
use concord_gate::proof::{Checker, Outcome, Told};
use concord_gate::subject::{Subject, SubjectKind};
use concord_read::{Input, Limits};

use super::tables::Tables;
use crate::failure::Failure;
use crate::prepare::{Prepared, Whole, of_definition, of_structure};
use crate::reference::ForRules;

/// How long records are made to show what changes break.
const LONGEST: Duration = Duration::from_secs(20);

/// Both sides, compiled once.
pub(crate) struct Pipelines<'r> {
    old: Pipeline<'r>,
    new: Pipeline<'r>,
    limits: Limits,
    end: Option<Instant>,
}

/// A side.
enum Pipeline<'r> {
    /// One input is a submission.
    Whole(Box<Prepared>),
    /// A submission is many tables.
    Tables(Box<Tables<'r>>),
}

/// What becomes of a submission.
pub(crate) struct Checked {
    /// Whether it was read to its end.
    pub(crate) read: Result<Verdict, String>,
    pub(crate) records: RecordCounts,
}

impl<'r> Pipelines<'r> {
    /// The pipelines of two sides; `None` when submissions cannot be checked against one of them.
    pub(crate) fn of(
        old: &Subject,
        new: &Subject,
        reference: Option<&'r Arc<ForRules>>,
    ) -> Result<Option<Self>, Failure> {
        if !is_checked(old) || !is_checked(new) {
            return Ok(None);
        }
        let limits = Limits::default();
        let prepared = |subject: &Subject| {
            let definition = &subject.definition;
            if let Some(submission) = &definition.submission {
                let tables = Tables::of(submission, reference, &limits);
                return Ok(Pipeline::Tables(Box::new(tables)));
            }
            let whole = match subject.kind {
                SubjectKind::Xsd => of_structure(definition.schema.clone(), &limits),
                _ => of_definition(definition.clone(), &limits, reference),
            };
            Ok::<_, Failure>(Pipeline::Whole(Box::new(whole?)))
        };
        Ok(Some(Self {
            old: prepared(old)?,
            new: prepared(new)?,
            limits: limits.clone(),
            end: None,
        }))
    }

    /// From now on time runs.
    pub(crate) fn begin(&mut self) {
        self.end = Some(Instant::now() + LONGEST);
    }

    fn side(&self, side: Side) -> &Pipeline<'r> {
        match side {
            Side::Old => &self.old,
            Side::New => &self.new,
        }
    }

    /// The two sides, where submissions are many tables.
    pub(crate) fn tables(&self) -> Option<(&Tables<'r>, &Tables<'r>)> {
        match (&self.old, &self.new) {
            (Pipeline::Tables(old), Pipeline::Tables(new)) => Some((old, new)),
            _ => None,
        }
    }

    /// Checks an input with a side.
    pub(crate) fn check_input(
        &self,
        side: Side,
        input: &Input,
        threads: usize,
        told: &mut (dyn FnMut(Finding) + Send),
    ) -> Checked {
        let unread = |reason: String| Checked {
            read: Err(reason),
            records: RecordCounts::default(),
        };
        let Pipeline::Whole(prepared) = self.side(side) else {
            return unread("a submission is many tables".to_owned());
        };
        let whole = match Whole::open(input, &self.limits) {
            Ok(whole) => whole,
            Err(error) => return unread(error.to_string()),
        };
        let options = Options {
            threads,
            ..Options::default()
        };
        let mut sink = |finding: Finding| {
            told(finding);
            ControlFlow::Continue(())
        };
        let (summary, error) = whole.checked(prepared, &self.limits, options, &mut sink);
        if let Some(error) = error {
            return unread(error.to_string());
        }
        Checked {
            records: summary.records,
            read: match (summary.verdict, summary.unreadable) {
                (Verdict::Unreadable, reason) => {
                    Err(reason.unwrap_or_else(|| "it cannot be read to its end".to_owned()))
                }
                (verdict, _) => Ok(verdict),
            },
        }
    }
}

/// Whether submissions can be checked against a side.
fn is_checked(subject: &Subject) -> bool {
    matches!(subject.kind, SubjectKind::Definition | SubjectKind::Xsd)
}

impl Checker for Pipelines<'_> {
    fn check(&self, side: Side, submission: &[u8]) -> Outcome {
        let input = Input::bytes("submission", submission);
        let mut findings = Vec::new();
        let checked = self.check_input(side, &input, 1, &mut |finding| {
            findings.push(told(&finding));
        });
        let rejects = |told: &Told| told.effect >= Effect::RejectGroup;
        let accepted =
            matches!(checked.read, Ok(Verdict::Accepted)) && !findings.iter().any(rejects);
        Outcome { accepted, findings }
    }

    fn check_files(&self, side: Side, files: &[(String, String)]) -> Outcome {
        match self.side(side) {
            Pipeline::Tables(tables) => tables.outcome(files),
            Pipeline::Whole(_) => Outcome::default(),
        }
    }

    fn may_go_on(&self) -> bool {
        self.end.is_none_or(|end| Instant::now() < end)
    }
}

/// A finding as proofs need it.
pub(super) fn told(finding: &Finding) -> Told {
    Told {
        rule: finding.rule.id.clone(),
        effect: finding.effect,
        path: finding.path.clone(),
        line: finding.place.map(|place| place.line),
        message: finding.message(Masking::Masked),
    }
}
