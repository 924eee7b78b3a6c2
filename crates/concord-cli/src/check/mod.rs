//! `concord check`.

mod invoice;
pub(crate) mod judge;
mod progress;
mod reconcile;
mod stays;
pub(crate) mod submission;
mod target;
mod told;
mod verdicts;

use std::borrow::Cow;
use std::io::{Write, stderr, stdout};
use std::ops::ControlFlow;
use std::path::Path;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Instant;

use concord_check::{CheckedFile, NoRules, Options};
use concord_convert::fhir::enclosed::DEEPEST;
use concord_finding::{FileSummary, Grades, Masking, Notice, Summary, Verdict};
use concord_read::{Input, Limits, ReadError, expand};
use concord_report::{Format, Reporter};

use crate::arguments::CheckArguments;
use crate::check::judge::Judge;
use crate::check::progress::Progress;
use crate::check::reconcile::Between;
use crate::check::stays::{Following, Stays};
use crate::check::verdicts::Verdicts;
use crate::convert::enclosed;
use crate::convert::sources::is_beside_an_output;
use crate::failure::{Failure, Report, UNREADABLE, USAGE};
use crate::fix::Fixing;
use crate::prepare::{Across, Ask, Standards, Which, Whole};
use crate::{prepare, settings, terminal};

/// Checks the inputs and reports what is found.
pub(crate) fn run(arguments: &CheckArguments) -> Result<ExitCode, Failure> {
    let started = Instant::now();
    let limits = Limits::default();
    let loaded = settings::load(&arguments.config, &arguments.paths)?;
    let arguments = &settings::completed(arguments, &loaded);
    let grades = Arc::new(loaded.settings.grades());
    let mut inputs = expand(&arguments.paths, &limits)?;
    // In the folder of a conversion's output, its account is no submission.
    inputs.retain(|input| {
        let file = Path::new(&**input.name());
        !is_beside_an_output(file) || arguments.paths.iter().any(|path| path == file)
    });
    let mut exit = 0;
    if let (true, Some(output)) = (arguments.fix, &arguments.output) {
        (inputs, exit) = fixed(arguments, &grades, &inputs, output, &limits)?;
        if inputs.is_empty() {
            return Ok(ExitCode::from(exit));
        }
    }
    // Only this report has a place for them.
    let fixes = arguments.format == Format::Sarif;
    let standards = Standards::new(ask(arguments, &grades, fixes)?, &limits)?;
    let judge = Judge::new(arguments, &loaded)?;
    let threads = terminal::threads(arguments.threads);
    let pool = terminal::pool(threads)?;
    let progress = Progress::start();
    let target = target::Target::create(arguments)?;
    let counts = concord_report::RowCounts::default();
    let reporter = target.reporter(arguments, &counts, || Box::new(progress.beside(stdout())));
    let mut run = Run {
        limits: &limits,
        standards,
        options: Options {
            threads,
            reveal: arguments.show_values,
            ..Options::default()
        },
        reporter,
        summary: Summary::default(),
        progress: &progress,
        across: Across::default(),
        between: Between::new(arguments)?,
        stays: Stays::new(arguments),
        stays_asked: arguments.stays.is_some(),
        failed: None,
        exit,
        judge,
        grades,
    };
    let unknown = loaded.unknown_rules(run.standards.registry());
    run.notice(run.judge.expired());
    run.notice(unknown);
    if let Some(definition) = run.standards.many() {
        run.submissions(&definition, &arguments.paths, arguments, &counts)?;
    } else {
        if !run.standards.is_named() && !arguments.fix {
            inputs = run.recognised(inputs, arguments, &counts)?;
        }
        pool.install(|| inputs.iter().try_for_each(|input| run.input(input)))?;
    }
    run.finish()?;
    if let Some(failure) = run.standards.failure() {
        return Err(failure);
    }
    run.notice(run.standards.not_in_force());
    let unused = run.judge.unused(&run.summary);
    run.notice(unused);
    if let Some(above) = run.judge.settle(&mut run.summary) {
        run.tell(&Failure::usage(
            above.message.clone(),
            "--max-rate, or max-rate in concord.toml, says how many are tolerated",
        ));
        run.summary.notices.push(above);
    }
    run.summary.notices.sort_by_key(|notice| notice.kind);
    run.summary.seconds = started.elapsed().as_secs_f64();
    let Run {
        mut reporter,
        summary,
        exit,
        standards,
        judge,
        ..
    } = run;
    // The program ends here, and taking apart what was compiled would take longer than leaving it.
    std::mem::forget(standards);
    progress.end();
    reporter
        .finish(&summary)
        .map_err(|error| unwritten(&error))?;
    drop(reporter);
    target.complete()?;
    Ok(ExitCode::from(exit.max(judge.exit(&summary))))
}

fn ask<'a>(
    arguments: &'a CheckArguments,
    grades: &Arc<Grades>,
    fixes: bool,
) -> Result<Ask<'a>, Failure> {
    Ok(Ask {
        standard: arguments.standard.as_deref(),
        schema: arguments.schema.as_deref(),
        schemas: arguments.schemas.schemas.as_deref(),
        reference: arguments.reference.reference.as_deref(),
        as_at: arguments.as_at,
        parameters: submission::parameters(&arguments.param)?,
        amounts: arguments.reconcile,
        fixes,
        grades: Arc::clone(grades),
        converts: None,
    })
}

/// Writes inputs anew with what is wrong beyond doubt put right; what was written, and the exit code for what could not be.
fn fixed(
    arguments: &CheckArguments,
    grades: &Arc<Grades>,
    inputs: &[Input],
    output: &Path,
    limits: &Limits,
) -> Result<(Vec<Input>, u8), Failure> {
    let mut standards = Standards::new(ask(arguments, grades, true)?, limits)?;
    let threads = terminal::threads(arguments.threads);
    let mut fixing = Fixing {
        limits,
        standards: &mut standards,
        options: Options {
            threads,
            ..Options::default()
        },
        masking: report_options(arguments).masking,
    };
    let fixed = terminal::pool(threads)?.install(|| fixing.run(inputs, output))?;
    if let Some(failure) = standards.failure() {
        return Err(failure);
    }
    let mut exit = 0;
    let mut told = fixed.told;
    for (failure, code) in &fixed.failures {
        failure.render(&mut told);
        exit = exit.max(*code);
    }
    // There is nowhere left to tell that standard error cannot be written.
    let _ = stderr().write_all(told.as_bytes());
    Ok((fixed.files.into_iter().map(Input::file).collect(), exit))
}

fn report_options(arguments: &CheckArguments) -> concord_report::Options {
    concord_report::Options {
        masking: if arguments.show_values {
            Masking::Revealed
        } else {
            Masking::Masked
        },
        max_findings: arguments.max_findings,
        only_new: arguments.baseline.is_some(),
        colour: (arguments.fix || arguments.output.is_none()) && terminal::colour(),
        width: terminal::width(),
        ..concord_report::Options::default()
    }
}

pub(crate) fn unwritten(error: &std::io::Error) -> Failure {
    Failure::unreadable(format!("the report cannot be written: {error}"))
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
    stays: Stays,
    /// Whether stays are followed.
    stays_asked: bool,
    /// Why the report could not be written.
    failed: Option<std::io::Error>,
    exit: u8,
    judge: Judge<'r>,
    grades: Arc<Grades>,
}

impl Run<'_> {
    /// Checks an input, and what its resources hold as bytes.
    fn input(&mut self, input: &Input) -> Result<(), Failure> {
        let mut waiting = vec![(Cow::Borrowed(input), 0)];
        while let Some((input, depth)) = waiting.pop() {
            let held = self.itself(&input)?.into_iter().rev();
            if depth < DEEPEST {
                waiting.extend(held.map(|input| (Cow::Owned(input), depth + 1)));
            }
        }
        Ok(())
    }

    /// Checks an input; what its resources hold as bytes.
    fn itself(&mut self, input: &Input) -> Result<Vec<Input>, Failure> {
        let mut inner = Vec::new();
        match self.check(input) {
            Ok(Ok((account, error, held))) => {
                inner = held;
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
                self.summary.files.push(unreadable(input.name(), reason));
            }
            Err(failure) => return Err(failure),
        }
        match self.failed.take() {
            Some(error) => Err(unwritten(&error)),
            None => Ok(inner),
        }
    }

    /// Runs the rules that compare inputs, and says which rules were not run.
    fn finish(&mut self) -> Result<(), Failure> {
        let (summary, reporter) = (&mut self.summary, &mut self.reporter);
        let (judge, grades) = (&mut self.judge, &self.grades);
        let mut tell = |file, mut finding: concord_finding::Finding| {
            if !grades.apply(&mut finding) {
                return Ok(());
            }
            summary.count(&finding);
            prepare::add_to_file(summary, file, finding.effect);
            if !judge.take(&mut finding) {
                return Ok(());
            }
            let told = reporter.finding(&finding);
            told.map_err(|error| unwritten(&error))
        };
        for (file, finding) in self.across.findings() {
            tell(file, finding)?;
        }
        self.stays.findings(&mut tell)?;
        self.between.findings(tell)?;
        self.summary.not_run.extend(self.across.not_run());
        self.summary.not_run.extend(self.between.not_run());
        let of_stays = self.stays.not_run(self.stays_asked, &self.grades);
        self.summary.not_run.extend(of_stays);
        self.summary.not_run.sort();
        self.summary.not_run.dedup();
        Ok(())
    }

    /// Tells what is to be said of the settings, and keeps it for the report.
    fn notice(&mut self, told: Vec<(Report, Notice)>) {
        let (reports, notices): (Vec<_>, Vec<_>) = told.into_iter().unzip();
        if !reports.is_empty() {
            self.tell(&Failure::definition(reports));
        }
        self.summary.notices.extend(notices);
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
        let file = self.summary.files.len();
        let (summary, reporter, failed) = (&mut self.summary, &mut self.reporter, &mut self.failed);
        let judge = &mut self.judge;
        let mut verdicts = Verdicts::new(input.name());
        let mut sink = |mut finding: concord_finding::Finding| {
            summary.count(&finding);
            let shown = judge.take(&mut finding);
            let told = verdicts.take(&finding, &mut **reporter).and_then(|()| {
                if shown {
                    reporter.finding(&finding)
                } else {
                    Ok(())
                }
            });
            match told {
                Ok(()) => ControlFlow::Continue(()),
                Err(error) => {
                    *failed = Some(error);
                    ControlFlow::Break(())
                }
            }
        };
        let (limits, options) = (self.limits, self.options);
        let seen = whole.may_hold.clone();
        let checked = if let Some(rules) = &prepared.rules {
            match self.stays.input(file, input.name(), &prepared) {
                Some(aside) => {
                    let following = Following {
                        rules,
                        input: file,
                        aside,
                    };
                    whole.check(&prepared, &following, limits, options, &mut sink)
                }
                None => whole.check(&prepared, rules, limits, options, &mut sink),
            }
        } else {
            let checked = whole.check(&prepared, &NoRules, limits, options, &mut sink);
            CheckedFile {
                summary: checked.summary,
                error: checked.error,
                outcome: None,
            }
        };
        self.end(verdicts);
        self.judge.input_ends();
        if prepared.rules.is_some() {
            let number = self.summary.files.len();
            let mut outcome = checked.outcome.unwrap_or_default();
            let totals = outcome.totals.take().filter(|_| checked.error.is_none());
            let whole = checked.error.is_none();
            self.across
                .add(&prepared, (number, input.name()), &outcome, whole);
            self.between.add(&prepared, number, input.name(), totals);
        }
        let held = if checked.error.is_none() {
            enclosed::of_resources(input, limits, &prepared, &seen)
        } else {
            Vec::new()
        };
        Ok(Ok((checked.summary, checked.error, held)))
    }
}

/// The account of an input, why reading it stopped before its end, if it did, and what its resources hold as bytes.
type Checked = (FileSummary, Option<ReadError>, Vec<Input>);

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

fn unreadable(name: &str, reason: String) -> FileSummary {
    FileSummary {
        unreadable: Some(reason),
        ..FileSummary::without_records(name, Verdict::Unreadable)
    }
}
