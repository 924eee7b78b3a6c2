//! Submissions of many tables: a folder, an archive or files, each a table, or one XML document.

use std::io::Read;
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::sync::{Arc, PoisonError};

use concord_check::submission::{
    CheckedSubmission, Lookup, Parameters, Source, SubmissionPlan, Submitted, TableFiles,
    XmlTables, check_submission, day,
};
use concord_finding::Timing;
use concord_read::{Input, Limits, expand, open};
use concord_report::{RowCount, RowCounts};
use concord_standards::definition::Definition;
use concord_standards::submission::{Parameter, Profile, Submission};

use super::{Run, unreadable, unwritten};
use crate::arguments::{CheckArguments, RuleProfile};
use crate::failure::{Failure, UNREADABLE, USAGE};
use crate::prepare;

impl Run<'_> {
    /// Checks the submissions of many tables among the paths, by what they hold; the inputs that are left.
    pub(super) fn recognised(
        &mut self,
        inputs: Vec<Input>,
        arguments: &CheckArguments,
        counts: &RowCounts,
    ) -> Result<Vec<Input>, Failure> {
        let sorted = prepare::sorted(self.standards.registry(), &arguments.paths, self.limits);
        for (name, paths) in &sorted.submissions {
            let definition = self.standards.registry().load(name)?;
            self.submissions(&definition, paths, arguments, counts)?;
        }
        for (paths, names) in &sorted.ambiguous {
            let named = paths
                .first()
                .map_or_else(String::new, |path| path.display().to_string());
            let reason = "several standards have these tables".to_owned();
            self.tell(&Failure::usage(
                format!("{named}: {reason}"),
                format!("name one of {names} with --standard"),
            ));
            self.exit = self.exit.max(USAGE);
            self.summary.files.push(unreadable(&named, reason));
        }
        if sorted.rest.len() == arguments.paths.len() {
            return Ok(inputs);
        }
        Ok(expand(&sorted.rest, self.limits)?)
    }

    /// Checks what each path leads to as one submission; files that are no folder, archive or document belong together.
    pub(super) fn submissions(
        &mut self,
        definition: &Definition,
        paths: &[PathBuf],
        arguments: &CheckArguments,
        counts: &RowCounts,
    ) -> Result<(), Failure> {
        let Some(submission) = &definition.submission else {
            return Ok(());
        };
        let submission = Arc::new(submission.clone());
        let reference = self.standards.reference();
        let lookup = reference
            .as_deref()
            .map(|reference| reference as &dyn Lookup);
        let mut plan = SubmissionPlan::new(
            &submission,
            profile(arguments.profile),
            parameters(&arguments.param)?,
            lookup,
            &self.grades,
        );
        plan.standard = Some(definition.standard.name().into());
        plan.limits = self.limits.clone();
        self.summary.not_run.append(&mut plan.not_run);
        for mut source in sources(&submission, paths, self.limits)? {
            let checked = self.one(&mut *source, &plan);
            if let Some(error) = self.failed.take() {
                return Err(unwritten(&error));
            }
            let name = source.name().to_string();
            self.told(&submission, &name, checked, counts);
        }
        Ok(())
    }

    fn one(&mut self, source: &mut dyn Source, plan: &SubmissionPlan<'_>) -> CheckedSubmission {
        let (summary, reporter, failed) = (&mut self.summary, &mut self.reporter, &mut self.failed);
        let judge = &mut self.judge;
        let checked = check_submission(source, plan, &mut |mut finding| {
            summary.count(&finding);
            if !judge.take(&mut finding) {
                return ControlFlow::Continue(());
            }
            match reporter.finding(&finding) {
                Ok(()) => ControlFlow::Continue(()),
                Err(error) => {
                    *failed = Some(error);
                    ControlFlow::Break(())
                }
            }
        });
        self.judge.input_ends();
        checked
    }

    fn told(
        &mut self,
        submission: &Submission,
        name: &str,
        checked: CheckedSubmission,
        counts: &RowCounts,
    ) {
        if let Some(prefix) = &submission.row_counts {
            let mut counts = counts.lock().unwrap_or_else(PoisonError::into_inner);
            for (table, rows) in submission.tables.iter().zip(checked.rows()) {
                let number = table
                    .code
                    .trim_start_matches(|letter: char| !letter.is_ascii_digit());
                counts.push(RowCount {
                    code: format!("{prefix}{number}"),
                    description: format!("Total {} Pre-deadline Processing Row Count", table.code),
                    rows,
                    of: None,
                });
            }
        }
        let mut kept = counts.lock().unwrap_or_else(PoisonError::into_inner);
        kept.extend(checked.counted.into_iter().map(|counted| RowCount {
            code: counted.code.to_string(),
            description: counted.description,
            rows: counted.numerator,
            of: Some(counted.denominator),
        }));
        drop(kept);
        if let Some(submitted) = checked.submitted {
            let standard = checked.files.first().and_then(|file| file.standard.clone());
            self.summary.timing.push(timing(name, standard, submitted));
        }
        self.summary.files.extend(checked.files);
        if let Some(error) = checked.error {
            self.tell(&error.into());
            self.exit = self.exit.max(UNREADABLE);
        }
    }
}

/// Whose rules are run.
pub(crate) fn profile(profile: RuleProfile) -> Profile {
    match profile {
        RuleProfile::Implemented => Profile::Implemented,
        RuleProfile::Published => Profile::Published,
    }
}

/// What the calendar says of a submission, as reports have it.
fn timing(file: &str, standard: Option<String>, submitted: Submitted) -> Timing {
    let (year, month) = (submitted.period.year(), submitted.period.month());
    Timing {
        file: file.to_owned(),
        standard,
        period: format!("{year:04}-{month:02}"),
        submitted: submitted.submitted.to_string(),
        file_type: submitted.taken.map(|(file_type, _)| file_type.as_str()),
        window: submitted.taken.map(|(_, number)| number as u64),
        opens: submitted.window.map(|(opens, _)| opens.to_string()),
        closes: submitted.window.map(|(_, closes)| closes.to_string()),
    }
}

/// What the user says that the portal knows.
pub(crate) fn parameters(given: &[(String, String)]) -> Result<Parameters, Failure> {
    let mut parameters = Parameters::new();
    for (name, value) in given {
        let Some(parameter) = Parameter::of(name) else {
            let known = Parameter::ALL.map(Parameter::as_str).join(", ");
            return Err(Failure::usage(
                format!("the portal knows no `{name}`"),
                format!("--param takes {known}"),
            ));
        };
        if parameter.is_moment() && day(value).is_none() {
            return Err(Failure::usage(
                format!("--param {name}={value}: this is no day"),
                "write it as 2024-06-14, with a time as 2024-06-14T09:00:00",
            ));
        }
        parameters.insert(parameter, value.clone());
    }
    Ok(parameters)
}

/// The submissions that paths lead to.
pub(crate) fn sources(
    submission: &Arc<Submission>,
    paths: &[PathBuf],
    limits: &Limits,
) -> Result<Vec<Box<dyn Source>>, Failure> {
    let mut sources: Vec<Box<dyn Source>> = Vec::new();
    let mut loose: Vec<Input> = Vec::new();
    for path in paths {
        if path.as_os_str() == "-" {
            return Err(Failure::usage(
                "a submission of many tables cannot come over standard input".to_owned(),
                "give a folder, a zip archive, an XML document, or one file for each table",
            ));
        }
        let mut inputs = expand(std::slice::from_ref(path), limits)?;
        let alone = inputs.len() == 1 && !path.is_dir();
        if alone && let Some(input) = inputs.pop() {
            if is_document(&input, limits)? {
                sources.push(Box::new(XmlTables::new(
                    Arc::clone(submission),
                    input,
                    limits.clone(),
                )));
            } else {
                loose.push(input);
            }
            continue;
        }
        let document = inputs
            .iter()
            .position(|input| input.name().to_ascii_lowercase().ends_with(".xml"));
        if let (Some(document), 1) = (document, inputs.len()) {
            let input = inputs.swap_remove(document);
            sources.push(Box::new(XmlTables::new(
                Arc::clone(submission),
                input,
                limits.clone(),
            )));
            continue;
        }
        sources.push(Box::new(files(submission, inputs, path, limits)?));
    }
    if !loose.is_empty() {
        let first = paths
            .first()
            .map_or_else(|| Path::new("."), PathBuf::as_path);
        sources.push(Box::new(files(submission, loose, first, limits)?));
    }
    Ok(sources)
}

fn files(
    submission: &Arc<Submission>,
    inputs: Vec<Input>,
    path: &Path,
    limits: &Limits,
) -> Result<TableFiles, Failure> {
    let name = path.to_string_lossy().into();
    let files = TableFiles::new(Arc::clone(submission), inputs, name, limits.clone());
    if files.is_empty() {
        let first = submission.tables.first().map_or("", |table| &table.name);
        return Err(Failure::usage(
            format!("no file of {} has the name of a table", path.display()),
            format!("name each file by its table, such as {first}.csv"),
        ));
    }
    Ok(files)
}

/// Whether an input begins as XML does.
fn is_document(input: &Input, limits: &Limits) -> Result<bool, Failure> {
    const FIRST: u64 = 1024;
    let mut first = Vec::new();
    let read = open(input, limits)?.take(FIRST).read_to_end(&mut first);
    read.map_err(|error| Failure::unreadable(format!("{}: {error}", input.name())))?;
    Ok(first.iter().find(|byte| !byte.is_ascii_whitespace()) == Some(&b'<'))
}
