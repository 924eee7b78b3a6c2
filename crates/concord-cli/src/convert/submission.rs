//! Submissions of many tables: each table is an input of its own, whose rows are written while the whole is checked.

use std::collections::BTreeMap;
use std::ops::ControlFlow;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Instant;

use concord_check::submission::{
    CheckedSubmission, Lookup, Parameters, Source, SubmissionPlan, check_and_take,
};
use concord_convert::lake::{How, Lake, LakeInput};
use concord_convert::submission::extract::{Extract, ExtractLayouts, Placed, write_extract};
use concord_convert::submission::{SubmissionConversion, SubmissionRows};
use concord_convert::{Converted, LossReason, Losses, OnReject};
use concord_finding::{Effect, FileSummary, Finding, Grades, NotRun, Summary};
use concord_read::Limits;
use concord_standards::definition::Definition;
use concord_standards::registry::Registry;
use concord_standards::submission::Submission;

use super::account::{Account, InputAccount};
use super::checked::Done;
use super::settings::personal_partition;
use crate::arguments::{ConvertArguments, ConvertTo};
use crate::check::submission::{parameters, profile, sources};
use crate::failure::Failure;
use crate::prepare::{Standards, mapping};
use crate::terminal;

/// Converts submissions of many tables and tells what was written and what was lost.
pub(super) fn run(
    arguments: &ConvertArguments,
    standards: &Standards,
    definition: &Definition,
    grades: &Grades,
    started: Instant,
) -> Result<ExitCode, Failure> {
    let limits = Limits::default();
    let registry = standards.registry();
    let extract = extract(definition, arguments, registry)?;
    let target = match extract {
        Some(_) => None,
        None => Some(super::target(arguments, registry)?),
    };
    let how = super::settings::how(arguments)?;
    let lake = Lake::create(&arguments.output)?;
    let reference = standards.reference();
    let lookup = reference.as_deref().map(|known| known as &dyn Lookup);
    let conversion = match extract {
        Some(_) => SubmissionConversion::texts(definition).ok_or_else(|| no_tables(definition))?,
        None => conversion(definition, arguments, registry)?,
    };
    let submissions = Submissions::new(
        definition,
        arguments,
        conversion,
        lookup,
        (grades, &limits),
        (&lake, &how),
    )?;
    let pool = terminal::pool(terminal::threads(arguments.threads))?;
    let (count, done) = pool.install(|| submissions.all(arguments, &limits))?;
    if let Some(failure) = standards.failure() {
        return Err(failure);
    }
    let mut account = Account::of(super::settings::form(arguments));
    for one in done {
        account.add(one.account, one.rules, one.losses);
    }
    account.summary.not_run = submissions.not_run().to_vec();
    if let Some(target) = target {
        pool.install(|| super::written(target, &lake, &[], &mut account))?;
        account.unchanged = account.unchanged.filter(|_| arguments.since.is_some());
    }
    if let Some(extract) = extract {
        submissions.extract(&extract, count, &mut account)?;
    }
    account.summary.seconds = started.elapsed().as_secs_f64();
    super::finish(arguments, lake, &account)
}

/// What all submissions of a run share.
struct Submissions<'r> {
    submission: Arc<Submission>,
    standard: Arc<str>,
    conversion: SubmissionConversion,
    plan: SubmissionPlan<'r>,
    portal: Parameters,
    lake: &'r Lake,
    how: &'r How,
    on_reject: OnReject,
}

/// What was found about one table.
#[derive(Default)]
struct OfTable {
    rules: Summary,
    refused: Vec<Arc<str>>,
}

impl<'r> Submissions<'r> {
    /// What is made ready once.
    fn new(
        definition: &Definition,
        arguments: &ConvertArguments,
        conversion: SubmissionConversion,
        lookup: Option<&'r dyn Lookup>,
        (grades, limits): (&Grades, &Limits),
        (lake, how): (&'r Lake, &'r How),
    ) -> Result<Self, Failure> {
        let standard: Arc<str> = definition.standard.name().into();
        let Some(submission) = definition.submission.clone().map(Arc::new) else {
            return Err(no_tables(definition));
        };
        let parameters = parameters(&arguments.param)?;
        let portal = parameters.clone();
        let profile = profile(arguments.profile);
        let mut plan = SubmissionPlan::new(&submission, profile, parameters, lookup, grades);
        plan.standard = Some(Arc::clone(&standard));
        plan.limits = limits.clone();
        Ok(Self {
            submission,
            standard,
            conversion,
            plan,
            portal,
            lake,
            how,
            on_reject: super::settings::on_reject(arguments.on_reject),
        })
    }

    /// Rules that are not run, and why.
    fn not_run(&self) -> &[NotRun] {
        &self.plan.not_run
    }

    /// Puts what each path leads to into the lake; how many submissions there are, and what came of each table that is there.
    fn all(
        &self,
        arguments: &ConvertArguments,
        limits: &Limits,
    ) -> Result<(usize, Vec<Done>), Failure> {
        let mut done = Vec::new();
        let found = sources(&self.submission, &arguments.paths, limits)?;
        let count = found.len();
        for (number, mut source) in found.into_iter().enumerate() {
            done.extend(self.one(number, &mut *source)?);
        }
        Ok((count, done))
    }

    /// Writes an extract of each submission from its tables, which are then taken out of the lake.
    fn extract(
        &self,
        extract: &Extract,
        submissions: usize,
        account: &mut Account,
    ) -> Result<(), Failure> {
        let tables = self.submission.tables.len();
        let first = |table| self.conversion.of_table(table)?.tables.first();
        let names = (0..tables).filter_map(first).map(|of| of.name.to_string());
        let datasets: Vec<String> = names.collect();
        let home = match extract.name.as_str() {
            "" => self.standard.to_string(),
            name => format!("{}/{name}", self.standard),
        };
        let mut rows: BTreeMap<String, u64> = BTreeMap::new();
        for number in 0..submissions {
            let files = datasets.iter().enumerate().map(|(table, dataset)| {
                let part = format!("part-{:05}.parquet", number * tables + table);
                self.lake.folder().join(dataset).join(part)
            });
            let placed = Placed {
                tables: files.collect(),
                folder: self
                    .lake
                    .folder()
                    .join(&home)
                    .join(format!("part-{number:05}")),
                portal: self.portal.clone(),
            };
            let written = write_extract(extract, &self.submission, &placed)?;
            for (table, count) in written.rows {
                *rows.entry(format!("{home}/{table}")).or_default() += count;
            }
            account.losses.merge(written.losses);
        }
        for dataset in &datasets {
            self.lake.remove(dataset)?;
            account.remove_rows(dataset);
        }
        for (table, count) in rows {
            account.add_rows(&table, count);
        }
        Ok(())
    }

    fn one(&self, number: usize, source: &mut dyn Source) -> Result<Vec<Done>, Failure> {
        let tables = self.submission.tables.len();
        let files: Vec<Arc<str>> = (0..tables)
            .map(|table| source.name_of(table).into())
            .collect();
        let targets = self.targets(number, &files)?;
        let mut rows = SubmissionRows::new(
            &self.conversion,
            &targets,
            files.clone(),
            Some(Arc::clone(&self.standard)),
            self.on_reject,
        );
        let mut found: Vec<OfTable> = (0..tables).map(|_| OfTable::default()).collect();
        let mut sink = |mut finding: Finding| {
            let table = self.table_of(&finding);
            if finding.record.is_some() {
                finding.file = Arc::clone(&files[table]);
            }
            let of = &mut found[table];
            of.rules.count(&finding);
            if finding.effect == Effect::RejectFile && !of.refused.contains(&finding.rule.id) {
                of.refused.push(Arc::clone(&finding.rule.id));
            }
            targets[table].finding(&finding);
            ControlFlow::Continue(())
        };
        let checked = check_and_take(source, &self.plan, &mut sink, &mut rows);
        let converted = rows.finish();
        self.ended(checked, found, targets.into_iter().zip(converted))
    }

    fn targets(&self, number: usize, files: &[Arc<str>]) -> Result<Vec<LakeInput>, Failure> {
        let first = number * files.len();
        let all = files.iter().enumerate();
        let targets = all.filter_map(|(table, file)| {
            let conversion = self.conversion.of_table(table)?;
            let from = (file, Some(&self.standard));
            Some(LakeInput::new(
                self.lake,
                first + table,
                from,
                conversion,
                self.how,
            ))
        });
        targets
            .collect::<Result<_, _>>()
            .map_err(|column| personal_partition(&column))
    }

    /// The table that a finding is about: that of its row, else the header.
    fn table_of(&self, finding: &Finding) -> usize {
        let path = finding.path.as_deref().unwrap_or_default();
        let name = path.split('/').next().unwrap_or_default();
        let table = self.submission.table(name);
        table.unwrap_or(self.submission.header)
    }

    /// Writes what is left of each table, or takes everything back when the submission could not be read to its end.
    fn ended(
        &self,
        checked: CheckedSubmission,
        found: Vec<OfTable>,
        tables: impl Iterator<Item = (LakeInput, Converted)>,
    ) -> Result<Vec<Done>, Failure> {
        let unreadable = checked.error.as_ref().map(ToString::to_string);
        let mut summaries: BTreeMap<String, FileSummary> = checked
            .files
            .into_iter()
            .map(|summary| (summary.file.clone(), summary))
            .collect();
        let rules: Vec<Arc<str>> = found.iter().flat_map(|of| of.refused.clone()).collect();
        let whole = (!rules.is_empty()).then_some((Effect::RejectFile, rules));
        let mut done = Vec::new();
        for (number, ((target, converted), of)) in tables.zip(found).enumerate() {
            let file = target.file().to_string();
            let summary = summaries.remove(&file);
            if unreadable.is_some() {
                target.abandon()?;
                // Why stands once, at the header.
                let header = summary.filter(|_| number == self.submission.header);
                let account = header.map(|summary| InputAccount {
                    unreadable: unreadable.clone(),
                    ..InputAccount::of(&summary)
                });
                done.extend(account.map(|account| Done::of_rules(account, of.rules)));
                continue;
            }
            let mut losses = converted.losses.clone();
            self.left_out(&mut losses, &converted, summary.as_ref(), whole.is_some());
            // The reasons for refusing all of it stand once, at the header.
            let refused = whole.as_ref().map(|(effect, rules)| {
                let rules = if number == self.submission.header {
                    rules.clone()
                } else {
                    Vec::new()
                };
                (*effect, rules)
            });
            let written = target.complete(&converted, self.on_reject, refused.as_ref())?;
            losses.merge(written.losses);
            let Some(summary) = summary else {
                continue;
            };
            if summary.records.records == 0 && summary.findings.is_empty() {
                continue;
            }
            let mut account = InputAccount::of(&summary);
            account.rows = written.rows.into_iter().collect();
            done.push(Done {
                losses,
                ..Done::of_rules(account, of.rules)
            });
        }
        Ok(done)
    }

    fn left_out(
        &self,
        losses: &mut Losses,
        converted: &Converted,
        summary: Option<&FileSummary>,
        whole: bool,
    ) {
        if self.on_reject == OnReject::Keep {
            return;
        }
        let rows = summary.map_or(0, |summary| summary.records.records);
        let left = if whole { rows } else { converted.left_out };
        losses.add(&"record".into(), LossReason::Rejected, left);
    }
}

/// The extract that is asked for, if one is.
fn extract(
    definition: &Definition,
    arguments: &ConvertArguments,
    registry: &Registry,
) -> Result<Option<Extract>, Failure> {
    let Some(submission) = &definition.submission else {
        return Ok(None);
    };
    let name = match &arguments.to {
        ConvertTo::Standard(name) => {
            let named = registry.find(name)?;
            let same = named.name() == definition.standard.name();
            return Ok(same.then(|| Extract::own(submission)));
        }
        ConvertTo::Extract(name) => name,
        _ => return Ok(None),
    };
    let folder = &definition.standard.folder;
    let known = if ExtractLayouts::are_there(registry.source(), folder) {
        ExtractLayouts::load(registry.source(), folder, submission)
            .map_err(|error| Failure::usage(error.to_string(), "mend the layouts"))?
            .extracts
    } else {
        Vec::new()
    };
    let names: Vec<String> = known.iter().map(|extract| extract.name.clone()).collect();
    let found = known.into_iter().find(|extract| extract.name == *name);
    found.map(Some).ok_or_else(|| {
        let standard = definition.standard.name();
        Failure::usage(
            format!("submissions of {standard} cannot be converted to `{name}`"),
            format!(
                "--to takes parquet, jsonl, {standard} and {}",
                names.join(", ")
            ),
        )
    })
}

/// What the tables become.
fn conversion(
    definition: &Definition,
    arguments: &ConvertArguments,
    registry: &Registry,
) -> Result<SubmissionConversion, Failure> {
    if arguments.native {
        return SubmissionConversion::native(definition).ok_or_else(|| no_tables(definition));
    }
    let mapping = mapping(definition, registry)?;
    SubmissionConversion::mapped(definition, &mapping)
        .map_err(|error| Failure::usage(error.to_string(), "`concord standards lint` shows more"))
}

fn no_tables(definition: &Definition) -> Failure {
    Failure::usage(
        format!("{} has no tables", definition.standard.name()),
        "`concord standards lint` shows more",
    )
}
