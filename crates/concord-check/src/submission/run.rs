//! A submission checked, from its first row to its last.

use std::collections::BTreeMap;
use std::ops::ControlFlow;
use std::sync::Arc;

use concord_finding::{Effect, FileSummary, Finding, RecordCounts, RuleId, Verdict};
use concord_read::ReadError;

use super::across::Across;
use super::beyond::Beyond;
use super::diagnostics::{Counted, counted};
use super::late::{Detail, Late};
use super::plan::SubmissionPlan;
use super::row::{Broken, Known};
use super::sources::{Misfit, Row, Source};
use super::store::{CARRIER, Rows, VALID};
use super::told::Teller;
use super::window::Submitted;
use crate::delivery::no_findings;

/// What became of a submission.
#[derive(Debug)]
pub struct CheckedSubmission {
    /// An account of each table that is there, in the order of the standard; then of what is no table.
    pub files: Vec<FileSummary>,
    /// Why reading stopped before the end, if it did.
    pub error: Option<ReadError>,
    /// What the published calendar says of it, where it says something.
    pub submitted: Option<Submitted>,
    /// What the national summary report counts of it beyond findings and rows.
    pub counted: Vec<Counted>,
    /// For each table, for each row: the number of the rule that rejected it first.
    reasons: Vec<Vec<u16>>,
    rules: Vec<Arc<str>>,
}

impl CheckedSubmission {
    /// How many rows each table has.
    pub fn rows(&self) -> impl Iterator<Item = u64> + '_ {
        self.reasons.iter().map(|rows| rows.len() as u64)
    }

    /// The rule that rejected a row (from 0) first; `None` for a row that is valid, or is not there.
    pub fn rejected_by(&self, table: usize, row: usize) -> Option<&str> {
        let reason = *self.reasons.get(table)?.get(row)?;
        match reason {
            VALID => None,
            CARRIER => Some("a fault of its carrier"),
            rule => self.rules.get(usize::from(rule)).map(|id| &**id),
        }
    }
}

/// Something that was found on a row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Found {
    /// What becomes of the row.
    pub effect: Effect,
    /// The rule that it breaks.
    pub rule: RuleId,
    /// Whether only other rows show it, so that it was not known when the row was read first.
    pub late: bool,
}

/// Takes the rows of a submission while it is checked.
pub trait Taker {
    /// Takes a row when it is read first, with the gravest effect of what was found on it by itself. Those of one table come in
    /// their order.
    fn row(&mut self, row: &Row<'_>, effect: Option<Effect>);
    /// Takes a row again, with all that was found on it: one that is rejected, or on which something was found late. Nothing more
    /// is then found on any row.
    fn judged(&mut self, row: &Row<'_>, found: &[Found]);
}

/// Checks a submission.
///
/// Findings go to `sink`: first what is about tables as a whole, then those of rules about single rows, table by table; then those
/// of rules about several rows and those that name values of other rows, table by table and row by row; then those about the
/// submission. The sink can say stop.
///
/// What cannot be read is said in [`CheckedSubmission::error`], and the verdict is then that it cannot be read.
pub fn check_submission(
    source: &mut dyn Source,
    plan: &SubmissionPlan<'_>,
    sink: &mut dyn FnMut(Finding) -> ControlFlow<()>,
) -> CheckedSubmission {
    check(source, plan, sink, None)
}

/// Checks a submission as [`check_submission`] does, and hands its rows on the way to `taker`.
pub fn check_and_take(
    source: &mut dyn Source,
    plan: &SubmissionPlan<'_>,
    sink: &mut dyn FnMut(Finding) -> ControlFlow<()>,
    taker: &mut dyn Taker,
) -> CheckedSubmission {
    check(source, plan, sink, Some(taker))
}

fn check(
    source: &mut dyn Source,
    plan: &SubmissionPlan<'_>,
    sink: &mut dyn FnMut(Finding) -> ControlFlow<()>,
    taker: Option<&mut dyn Taker>,
) -> CheckedSubmission {
    let mut run = Run {
        plan,
        sink,
        taker,
        effects: vec![no_findings(); plan.submission.tables.len()],
        of_file: no_findings(),
        stopped: false,
        bytes: BTreeMap::new(),
    };
    run.all(source)
}

struct Run<'r, 'p, 't> {
    plan: &'r SubmissionPlan<'p>,
    sink: &'r mut dyn FnMut(Finding) -> ControlFlow<()>,
    taker: Option<&'t mut dyn Taker>,
    /// Findings of each table by effect.
    effects: Vec<BTreeMap<&'static str, u64>>,
    /// Findings about the submission by effect.
    of_file: BTreeMap<&'static str, u64>,
    stopped: bool,
    /// Bytes read of each table.
    bytes: BTreeMap<usize, u64>,
}

impl Run<'_, '_, '_> {
    fn deliver(&mut self, table: Option<usize>, finding: Finding) -> ControlFlow<()> {
        let counts = match table {
            Some(table) => &mut self.effects[table],
            None => &mut self.of_file,
        };
        *counts.entry(finding.effect.as_str()).or_default() += 1;
        if (self.sink)(finding).is_break() {
            self.stopped = true;
            return ControlFlow::Break(());
        }
        ControlFlow::Continue(())
    }

    fn all(&mut self, source: &mut dyn Source) -> CheckedSubmission {
        let mut rows: Vec<Rows> = self.plan.kept.iter().map(Rows::new).collect();
        let known = match self.header(source) {
            Ok(header) => Known::new(self.plan, header),
            Err(error) => return self.account(source, &rows, Some(error)),
        };
        let misfits = self.misfits(source, &known);
        let read = if misfits.is_break() {
            Ok(())
        } else {
            self.first(source, &known, &mut rows)
        };
        if read.is_err() || self.stopped {
            return self.account(source, &rows, read.err());
        }
        let mut across = Across {
            plan: self.plan,
            known: &known,
            tables: &mut rows,
            late: Vec::new(),
            of_file: Vec::new(),
        };
        across.run();
        let (mut late, of_file) = (across.late, across.of_file);
        late.sort_unstable();
        let mut wanted: Vec<bool> = rows.iter().map(Rows::tells_later).collect();
        for found in &late {
            wanted[found.table as usize] = true;
        }
        if self.taker.is_some() {
            for (wanted, rows) in wanted.iter_mut().zip(&rows) {
                *wanted |= rows.invalid > 0;
            }
        }
        let mut beyond = Beyond::of(self.plan, &rows, &late);
        let teller = |beyond| Teller {
            plan: self.plan,
            known: &known,
            beyond,
        };
        let read = beyond
            .read(self.plan, source)
            .and_then(|()| self.again(source, &teller(&beyond), (&late, &wanted), &rows));
        let teller = teller(&beyond);
        for (rule, why) in of_file {
            if self.stopped {
                break;
            }
            let file = source.file(self.plan.rule(rule).table);
            let finding = teller.of_file(rule, file, why);
            if self.deliver(None, finding).is_break() {
                break;
            }
        }
        let mut checked = self.account(source, &rows, read.err());
        checked.submitted = known.submitted;
        checked.counted = counted(self.plan, &rows);
        checked
    }

    /// The first row of the header.
    fn header(&self, source: &mut dyn Source) -> Result<Vec<String>, ReadError> {
        let header = self.plan.submission.header;
        let mut found = None;
        source.rows(&|table| table == header, &mut |row| {
            found = Some(row.cells.iter().map(ToString::to_string).collect());
            ControlFlow::Break(())
        })?;
        Ok(found.unwrap_or_default())
    }

    /// What is not as published in the tables and their columns.
    fn misfits(&mut self, source: &mut dyn Source, known: &Known) -> ControlFlow<()> {
        let Some(rule) = self.plan.structure else {
            return ControlFlow::Continue(());
        };
        let teller = Teller {
            plan: self.plan,
            known,
            beyond: &Beyond::default(),
        };
        for Misfit { file, problem } in source.misfits() {
            let mut finding = teller.of_file(rule, file, None);
            finding.facts.push((
                std::borrow::Cow::Borrowed("problem"),
                concord_finding::Fact::Plain(problem),
            ));
            self.deliver(None, finding)?;
        }
        ControlFlow::Continue(())
    }

    /// Reads every row, judges it by itself, and keeps what other rules want of it.
    fn first(
        &mut self,
        source: &mut dyn Source,
        known: &Known,
        rows: &mut [Rows],
    ) -> Result<(), ReadError> {
        let plan = self.plan;
        let teller = Teller {
            plan,
            known,
            beyond: &Beyond::default(),
        };
        let files: Vec<Arc<str>> = (0..rows.len()).map(|table| source.file(table)).collect();
        let mut broken = Vec::new();
        let mut bytes = BTreeMap::new();
        let result = source.rows(&|_| true, &mut |row: &Row<'_>| {
            let table = &mut rows[row.table];
            table.add(&plan.kept[row.table], row);
            bytes.insert(row.table, row.end);
            let mut effect = None;
            if let Some(fault) = &row.fault {
                let finding = teller.of_fault(fault, row, Arc::clone(&files[row.table]));
                effect = Some(finding.effect);
                if finding.effect >= Effect::RejectGroup {
                    table.reject(row.number, CARRIER);
                }
                self.deliver(Some(row.table), finding)?;
            }
            known.judge(plan, row, &mut broken);
            for found in &broken {
                effect = effect.max(Some(plan.active(found.rule).grade.effect));
                if plan.rejects(found.rule) {
                    table.reject(row.number, found.rule);
                }
                if !plan.active(found.rule).beyond.is_empty() {
                    table.tell_later(row.number);
                    continue;
                }
                let finding =
                    teller.of_row(*found, row, Detail::None, Arc::clone(&files[row.table]));
                self.deliver(Some(row.table), finding)?;
            }
            if let Some(taker) = &mut self.taker {
                taker.row(row, effect);
            }
            ControlFlow::Continue(())
        });
        self.bytes = bytes;
        result
    }

    /// Reads the tables again in which rules about several rows found something, or findings name values of other rows, and for
    /// who takes rows those in which any is rejected.
    fn again(
        &mut self,
        source: &mut dyn Source,
        teller: &Teller<'_, '_>,
        (late, wanted): (&[Late], &[bool]),
        rows: &[Rows],
    ) -> Result<(), ReadError> {
        if !wanted.contains(&true) {
            return Ok(());
        }
        let (plan, known) = (self.plan, teller.known);
        let files: Vec<Arc<str>> = (0..wanted.len()).map(|table| source.file(table)).collect();
        let mut broken = Vec::new();
        source.rows(&|table| wanted[table], &mut |row: &Row<'_>| {
            let at = (row.table as u32, row.number);
            let from = late.partition_point(|late| (late.table, late.row) < at);
            let late = late[from..]
                .iter()
                .take_while(|found| (found.table, found.row) == at);
            if rows[row.table].is_to_be_told(row.number) {
                known.judge(plan, row, &mut broken);
                let beyond = |found: &&Broken| !plan.active(found.rule).beyond.is_empty();
                for found in broken.iter().filter(beyond) {
                    let file = Arc::clone(&files[row.table]);
                    let finding = teller.of_row(*found, row, Detail::None, file);
                    self.deliver(Some(row.table), finding)?;
                }
            }
            for found in late.clone() {
                let broken = Broken {
                    rule: found.rule,
                    column: None,
                };
                let finding =
                    teller.of_row(broken, row, found.detail, Arc::clone(&files[row.table]));
                self.deliver(Some(row.table), finding)?;
            }
            if let Some(taker) = &mut self.taker
                && (late.clone().next().is_some() || !rows[row.table].is_valid(row.number))
            {
                known.judge(plan, row, &mut broken);
                taker.judged(row, &found(plan, row, &broken, late));
            }
            ControlFlow::Continue(())
        })
    }

    fn account(
        &self,
        source: &mut dyn Source,
        rows: &[Rows],
        error: Option<ReadError>,
    ) -> CheckedSubmission {
        let reject = Effect::RejectFile.as_str();
        let of =
            |counts: &BTreeMap<&'static str, u64>| counts.get(reject).copied().unwrap_or(0) > 0;
        let whole = of(&self.of_file) || self.effects.iter().any(of);
        let mut files = Vec::new();
        for (table, rows) in rows.iter().enumerate() {
            let header = table == self.plan.submission.header;
            if !source.has(table) && !header {
                continue;
            }
            let (count, rejected) = (u64::from(rows.count), rows.invalid);
            let mut findings = self.effects[table].clone();
            if header {
                for (effect, count) in &self.of_file {
                    *findings.entry(effect).or_default() += count;
                }
            }
            let records = RecordCounts {
                records: count,
                accepted: count - rejected,
                rejected,
            };
            files.push(FileSummary {
                file: source.name_of(table),
                standard: self.plan.standard.as_deref().map(str::to_owned),
                verdict: verdict(whole, records, error.is_some()),
                size: None,
                bytes: self.bytes.get(&table).copied().unwrap_or(0),
                records,
                findings,
                unreadable: error.as_ref().map(ToString::to_string),
            });
        }
        CheckedSubmission {
            files,
            error,
            submitted: None,
            counted: Vec::new(),
            reasons: rows.iter().map(|rows| rows.reasons.clone()).collect(),
            rules: self
                .plan
                .rules
                .iter()
                .map(|active| Arc::clone(&active.rule.id))
                .collect(),
        }
    }
}

/// Everything that was found on a row, each rule once.
fn found<'l>(
    plan: &SubmissionPlan<'_>,
    row: &Row<'_>,
    broken: &[Broken],
    late: impl Iterator<Item = &'l Late>,
) -> Vec<Found> {
    let mut all: Vec<Found> = Vec::new();
    let mut add = |effect: Effect, rule: &RuleId, late: bool| {
        if !all.iter().any(|known| known.rule == *rule) {
            let rule = Arc::clone(rule);
            all.push(Found { effect, rule, late });
        }
    };
    if let Some(fault) = &row.fault {
        let rule = fault.rule.rule();
        add(rule.effect, &rule.id, false);
    }
    let own = broken.iter().map(|broken| (broken.rule, false));
    for (rule, late) in own.chain(late.map(|late| (late.rule, true))) {
        let active = plan.active(rule);
        add(active.grade.effect, &active.rule.id, late);
    }
    all
}

fn verdict(whole: bool, records: RecordCounts, unreadable: bool) -> Verdict {
    if unreadable {
        Verdict::Unreadable
    } else if whole || (records.records > 0 && records.accepted == 0) {
        Verdict::Rejected
    } else if records.rejected > 0 {
        Verdict::PartlyAccepted
    } else {
        Verdict::Accepted
    }
}
