//! `concord check`.

mod invoice;
mod progress;
mod reconcile;
mod told;
mod verdicts;

use std::collections::BTreeMap;
use std::io::{Write, stderr, stdout};
use std::ops::ControlFlow;
use std::process::ExitCode;
use std::time::Instant;

use concord_check::{CheckedFile, NoRules, Options};
use concord_finding::{Effect, FileSummary, Masking, RecordCounts, Summary, Verdict};
use concord_read::{Input, Limits, ReadError, expand};
use concord_report::{Reporter, reporter};

use crate::arguments::{CheckArguments, FailOn};
use crate::check::progress::Progress;
use crate::check::reconcile::Between;
use crate::check::verdicts::Verdicts;
use crate::failure::{FINDINGS, Failure, UNREADABLE, USAGE};
use crate::output;
use crate::prepare::{Across, Ask, Standards, Which, Whole};
use crate::{prepare, terminal};

/// Checks the inputs and reports what is found.
pub(crate) fn run(arguments: &CheckArguments) -> Result<ExitCode, Failure> {
    let started = Instant::now();
    let limits = Limits::default();
    let inputs = expand(&arguments.paths, &limits)?;
    let ask = Ask {
        standard: arguments.standard.as_deref(),
        schema: arguments.schema.as_deref(),
        schemas: arguments.schemas.schemas.as_deref(),
        reference: arguments.reference.reference.as_deref(),
        amounts: arguments.reconcile,
        converts: None,
    };
    let standards = Standards::new(ask, &limits)?;
    let threads = terminal::threads(arguments.threads);
    let pool = terminal::pool(threads)?;
    let progress = Progress::start();
    let target = arguments
        .output
        .as_deref()
        .map(output::Whole::create)
        .transpose()?;
    let out: Box<dyn Write + Send> = match &target {
        Some(file) => Box::new(file.clone()),
        None => Box::new(progress.beside(stdout())),
    };
    let mut run = Run {
        limits: &limits,
        standards,
        options: Options {
            threads,
            reveal: arguments.show_values,
            ..Options::default()
        },
        reporter: reporter(arguments.format, report_options(arguments), out),
        summary: Summary::default(),
        progress: &progress,
        across: Across::default(),
        between: Between::new(arguments)?,
        failed: None,
        exit: 0,
    };
    pool.install(|| inputs.iter().try_for_each(|input| run.input(input)))?;
    run.finish()?;
    if let Some(failure) = run.standards.failure() {
        return Err(failure);
    }
    run.summary.seconds = started.elapsed().as_secs_f64();
    let Run {
        mut reporter,
        summary,
        exit,
        standards,
        ..
    } = run;
    // The program ends here, and taking apart what was compiled would take longer than leaving it.
    std::mem::forget(standards);
    progress.end();
    reporter
        .finish(&summary)
        .map_err(|error| unwritten(&error))?;
    drop(reporter);
    if let Some(file) = target {
        file.complete()?;
    }
    Ok(ExitCode::from(
        exit.max(verdict(&summary, arguments.fail_on)),
    ))
}

fn report_options(arguments: &CheckArguments) -> concord_report::Options {
    concord_report::Options {
        masking: if arguments.show_values {
            Masking::Revealed
        } else {
            Masking::Masked
        },
        max_findings: arguments.max_findings,
        colour: arguments.output.is_none() && terminal::colour(),
        width: terminal::width(),
        ..concord_report::Options::default()
    }
}

fn unwritten(error: &std::io::Error) -> Failure {
    Failure::unreadable(format!("the report cannot be written: {error}"))
}

/// The exit code that findings ask for.
fn verdict(summary: &Summary, fail_on: FailOn) -> u8 {
    let fails = |effect: Effect| match fail_on {
        FailOn::Reject => effect.is_reject(),
        FailOn::Warn => effect >= Effect::Warn,
        FailOn::Never => false,
    };
    match summary.gravest() {
        Some(effect) if fails(effect) => FINDINGS,
        _ => 0,
    }
}

/// One run over several inputs.
struct Run<'r> {
    limits: &'r Limits,
    standards: Standards,
    options: Options,
    reporter: Box<dyn Reporter>,
    summary: Summary,
    progress: &'r Progress,
    across: Across,
    between: Between,
    /// Why the report could not be written.
    failed: Option<std::io::Error>,
    exit: u8,
}

impl Run<'_> {
    fn input(&mut self, input: &Input) -> Result<(), Failure> {
        match self.check(input) {
            Ok(Ok((account, error))) => {
                if let Some(error) = error {
                    self.tell(&error.into());
                }
                if account.verdict == Verdict::Unreadable {
                    self.exit = self.exit.max(UNREADABLE);
                }
                self.summary.files.push(account);
            }
            Ok(Err(Unchecked {
                failure,
                reason,
                exit,
            })) => {
                self.tell(&failure);
                self.between.unread(input.name());
                self.exit = self.exit.max(exit);
                self.summary.files.push(unreadable(input, reason));
            }
            Err(failure) => return Err(failure),
        }
        match self.failed.take() {
            Some(error) => Err(unwritten(&error)),
            None => Ok(()),
        }
    }

    /// Runs the rules that compare inputs, and says which rules were not run.
    fn finish(&mut self) -> Result<(), Failure> {
        let (summary, reporter) = (&mut self.summary, &mut self.reporter);
        let mut tell = |file, finding: concord_finding::Finding| {
            summary.count(&finding);
            prepare::add_to_file(summary, file, finding.effect);
            let told = reporter.finding(&finding);
            told.map_err(|error| unwritten(&error))
        };
        for (file, finding) in self.across.findings() {
            tell(file, finding)?;
        }
        self.between.findings(tell)?;
        self.summary.not_run = self.across.not_run();
        self.summary.not_run.extend(self.between.not_run());
        self.summary.not_run.sort();
        self.summary.not_run.dedup();
        Ok(())
    }

    /// Says why an input has no verdict; the others go on.
    fn tell(&self, failure: &Failure) {
        let mut text = String::new();
        failure.render(&mut text);
        // There is nowhere left to tell that standard error cannot be written.
        let _ = self.progress.beside(stderr()).write_all(text.as_bytes());
    }

    fn check(&mut self, input: &Input) -> Result<Result<Checked, Unchecked>, Failure> {
        let whole = match Whole::open(input, self.limits) {
            Ok(whole) => whole,
            Err(error) => return Ok(Err(error.into())),
        };
        self.progress.of(input.name(), whole.opened.progress());
        let prepared = match self.standards.of(input.name(), &whole.first)? {
            Which::This(prepared) => prepared,
            Which::Unknown(reason, help) => {
                return Ok(Err(Unchecked {
                    failure: Failure::usage(format!("{}: {reason}", input.name()), help),
                    reason,
                    exit: USAGE,
                }));
            }
        };
        let (summary, reporter, failed) = (&mut self.summary, &mut self.reporter, &mut self.failed);
        let mut verdicts = Verdicts::new(input.name());
        let mut sink = |finding: concord_finding::Finding| {
            summary.count(&finding);
            let told = verdicts
                .take(&finding, &mut **reporter)
                .and_then(|()| reporter.finding(&finding));
            match told {
                Ok(()) => ControlFlow::Continue(()),
                Err(error) => {
                    *failed = Some(error);
                    ControlFlow::Break(())
                }
            }
        };
        let (limits, options) = (self.limits, self.options);
        let checked = if let Some(rules) = &prepared.rules {
            whole.check(&prepared, rules, limits, options, &mut sink)
        } else {
            let checked = whole.check(&prepared, &NoRules, limits, options, &mut sink);
            CheckedFile {
                summary: checked.summary,
                error: checked.error,
                outcome: None,
            }
        };
        self.end(verdicts);
        if prepared.rules.is_some() {
            let number = self.summary.files.len();
            let mut outcome = checked.outcome.unwrap_or_default();
            let totals = outcome.totals.take().filter(|_| checked.error.is_none());
            self.across.add(&prepared, number, input.name(), &outcome);
            self.between.add(&prepared, number, input.name(), totals);
        }
        Ok(Ok((checked.summary, checked.error)))
    }
}

/// The account of an input, and why reading it stopped before its end, if it did.
type Checked = (FileSummary, Option<ReadError>);

impl Run<'_> {
    /// Tells the verdict on the last record that had findings.
    fn end(&mut self, mut verdicts: Verdicts<'_>) {
        if let Err(error) = verdicts.tell(&mut *self.reporter) {
            self.failed.get_or_insert(error);
        }
    }
}

/// An input without a verdict.
struct Unchecked {
    failure: Failure,
    reason: String,
    exit: u8,
}

impl From<ReadError> for Unchecked {
    fn from(error: ReadError) -> Self {
        Self {
            reason: error.kind().to_string(),
            failure: error.into(),
            exit: UNREADABLE,
        }
    }
}

fn unreadable(input: &Input, reason: String) -> FileSummary {
    FileSummary {
        file: input.name().to_string(),
        standard: None,
        verdict: Verdict::Unreadable,
        size: None,
        bytes: 0,
        records: RecordCounts::default(),
        findings: Effect::ALL
            .iter()
            .map(|effect| (effect.as_str(), 0))
            .collect::<BTreeMap<_, _>>(),
        unreadable: Some(reason),
    }
}
