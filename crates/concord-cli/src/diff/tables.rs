//! Submissions of many tables checked against one side of a comparison.

use std::collections::BTreeSet;
use std::ops::ControlFlow;
use std::path::Path;
use std::sync::Arc;

use concord_check::submission::{
    CheckedSubmission, Lookup, Parameters, Source, SubmissionPlan, TableFiles, check_submission,
};
use concord_finding::{Effect, Finding, Grades};
use concord_gate::proof::Outcome;
use concord_read::{Input, Limits};
use concord_standards::submission::{Profile, Submission};

use super::checker::told;
use crate::check::submission::sources;
use crate::reference::ForRules;

/// A side.
pub(crate) struct Tables<'r> {
    pub(super) submission: Arc<Submission>,
    plan: SubmissionPlan<'r>,
    limits: Limits,
}

/// What a side says of a submission.
pub(super) struct Said {
    pub(super) checked: CheckedSubmission,
    /// The rules by which nothing of it is taken.
    pub(super) whole: BTreeSet<Arc<str>>,
}

impl<'r> Tables<'r> {
    /// The rules that are run without anything that the portal knows.
    pub(super) fn of(
        submission: &Submission,
        reference: Option<&'r Arc<ForRules>>,
        limits: &Limits,
    ) -> Self {
        let submission = Arc::new(submission.clone());
        let lookup = reference.map(|reference| &**reference as &dyn Lookup);
        let mut plan = SubmissionPlan::new(
            &submission,
            Profile::Implemented,
            Parameters::new(),
            lookup,
            &Grades::default(),
        );
        plan.limits = limits.clone();
        Self {
            submission,
            plan,
            limits: limits.clone(),
        }
    }

    /// What it says of files that were made.
    pub(super) fn outcome(&self, files: &[(String, String)]) -> Outcome {
        let inputs = files
            .iter()
            .map(|(name, text)| Input::bytes(name.as_str(), text.as_bytes()));
        let mut source = TableFiles::new(
            Arc::clone(&self.submission),
            inputs.collect(),
            "submission".into(),
            self.limits.clone(),
        );
        let mut findings = Vec::new();
        let checked = self.check(&mut source, &mut |finding| findings.push(told(&finding)));
        let accepted =
            checked.error.is_none() && !findings.iter().any(|told| told.effect.is_reject());
        Outcome { accepted, findings }
    }

    fn check(&self, source: &mut dyn Source, each: &mut dyn FnMut(Finding)) -> CheckedSubmission {
        check_submission(source, &self.plan, &mut |finding| {
            each(finding);
            ControlFlow::Continue(())
        })
    }

    /// What it says of a folder, an archive or a document.
    ///
    /// # Errors
    /// Why it cannot be read to its end.
    pub(super) fn said(&self, path: &Path) -> Result<Said, String> {
        let found = sources(&self.submission, &[path.to_owned()], &self.limits);
        let mut found = found.map_err(|failure| {
            let mut text = String::new();
            failure.render(&mut text);
            text.trim().to_owned()
        })?;
        let Some(source) = found.first_mut() else {
            return Err("it holds no table".to_owned());
        };
        let mut whole = BTreeSet::new();
        let checked = self.check(&mut **source, &mut |finding| {
            if finding.effect == Effect::RejectFile {
                whole.insert(Arc::clone(&finding.rule.id));
            }
        });
        if let Some(error) = &checked.error {
            return Err(error.to_string());
        }
        Ok(Said { checked, whole })
    }

    /// Who provided a submission, as its header says.
    pub(super) fn provider(&self, path: &Path) -> Option<Arc<str>> {
        let column = self.submission.provider?;
        let mut found = sources(&self.submission, &[path.to_owned()], &self.limits).ok()?;
        let mut provider = None;
        let header = self.submission.header;
        let read = found
            .first_mut()?
            .rows(&|table| table == header, &mut |row| {
                provider = Some(Arc::from(row.cell(column)));
                ControlFlow::Break(())
            });
        read.ok()?;
        provider.filter(|name: &Arc<str>| !name.is_empty())
    }

    /// Whether a name is that of one of the tables.
    pub(super) fn is_table(&self, stem: &str) -> bool {
        self.submission.table(stem).is_some()
    }
}
