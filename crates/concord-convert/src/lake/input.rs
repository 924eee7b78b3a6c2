//! What one input gives to a lake.

use std::collections::BTreeMap;
use std::fs;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use arrow_array::RecordBatch;
use concord_finding::{Effect, Finding, Masking};

use super::dataset::{DatasetWriter, Written};
use super::partition::{Partitioning, partitioning};
use super::revise::{Late, revise};
use super::{Encoder, Lake, LakeError};
use crate::conversion::{Conversion, OutTable};
use crate::converting::{Converted, OnReject, Target};
use crate::findings::{self, FINDING_ROWS, FINDINGS, FindingRows, FoundOf, REJECTS};
use crate::loss::Losses;
use crate::pseudonym::inside::Identifying;
use crate::pseudonym::{Pseudonymised, Pseudonymiser};
use crate::rejects::Reject;

/// Findings put into columns before they are handed on.
const FINDINGS_AT_ONCE: usize = 8_192;

/// Takes the rows, the rejected records and the findings of one input.
pub struct LakeInput {
    encoder: Arc<Encoder>,
    file: Arc<str>,
    standard: Option<Arc<str>>,
    pseudonymiser: Option<Pseudonymiser>,
    taking: Mutex<Taking>,
}

struct Taking {
    tables: Vec<Table>,
    /// Rows, with the numbers of their tables, that wait until all rows of their records are there: pseudonyms are made of
    /// what one table says inside the texts of another.
    waiting: Vec<(usize, RecordBatch)>,
    /// What making pseudonyms lost.
    losses: Losses,
    rejects: DatasetWriter,
    findings: DatasetWriter,
    finding_rows: DatasetWriter,
    found: FindingRows,
}

struct Table {
    writer: DatasetWriter,
    /// What becomes of its columns, when nobody is to be recognised.
    pseudonymised: Option<Pseudonymised>,
}

/// How the rows of inputs are written.
#[derive(Debug, Clone, Default)]
pub struct How {
    /// Columns by which datasets are divided. Those that a table does not have do not divide it.
    pub partition_by: Vec<String>,
    /// How personal values are shown in findings.
    pub masking: Masking,
    /// Makes pseudonyms of what identifies people. Then rejected records are not kept as they came.
    pub pseudonymiser: Option<Pseudonymiser>,
}

/// What an input gave to a lake when all of it has been written.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct InputDone {
    /// Rows by dataset. Datasets without rows are not there.
    pub rows: Vec<(String, u64)>,
    /// What could not be written as it stood, because it would identify somebody.
    pub losses: Losses,
}

impl LakeInput {
    /// Takes what the input of a number gives.
    ///
    /// # Errors
    /// The name of a personal column among those to partition by.
    pub fn new(
        lake: &Lake,
        number: usize,
        (file, standard): (&Arc<str>, Option<&Arc<str>>),
        conversion: &Conversion,
        how: &How,
    ) -> Result<Self, String> {
        let encoder = Arc::new(Encoder::default());
        let dataset = |name: &str, schema, partitions| {
            lake.dataset(name, number, schema, partitions, &encoder)
        };
        let table = |table: &OutTable| {
            let pseudonymised = how
                .pseudonymiser
                .as_ref()
                .map(|_| Pseudonymiser::table(&table.schema));
            let schema = pseudonymised
                .as_ref()
                .map_or(&table.schema, |table| &table.schema);
            let partitions = partitioning(schema, &how.partition_by)?;
            lake.divided_by(&partitions);
            Ok(Table {
                writer: dataset(&table.name, Arc::clone(schema), partitions),
                pseudonymised,
            })
        };
        let taking = Taking {
            tables: conversion
                .tables
                .iter()
                .map(table)
                .collect::<Result<_, String>>()?,
            waiting: Vec::new(),
            losses: Losses::default(),
            rejects: dataset(REJECTS, findings::rejects_schema(), Partitioning::default()),
            findings: dataset(FINDINGS, findings::schema(), Partitioning::default()),
            finding_rows: dataset(
                FINDING_ROWS,
                findings::found_of_schema(),
                Partitioning::default(),
            ),
            found: FindingRows::new(how.masking, how.pseudonymiser.clone()),
        };
        Ok(Self {
            file: Arc::clone(file),
            standard: standard.cloned(),
            pseudonymiser: how.pseudonymiser.clone(),
            taking: Mutex::new(taking),
            encoder,
        })
    }

    fn taking(&self) -> MutexGuard<'_, Taking> {
        self.taking.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn note<E: Into<LakeError>>(&self, done: Result<(), E>) {
        if let Err(error) = done {
            self.encoder.fail(error.into());
        }
    }

    /// The file that its rows are said to come from.
    pub fn file(&self) -> &Arc<str> {
        &self.file
    }

    /// Takes a finding.
    pub fn finding(&self, finding: &Finding) {
        let mut taking = self.taking();
        taking.found.push(finding);
        if taking.found.len() >= FINDINGS_AT_ONCE {
            let done = taking.hand_over_findings();
            drop(taking);
            self.note(done);
        }
    }

    /// Takes rejected records of one of several files whose rows are said to come from one place.
    pub fn rejects_of(&self, file: &Arc<str>, mut rejects: Vec<Reject>) {
        if rejects.is_empty() {
            return;
        }
        if self.pseudonymiser.is_some() {
            for reject in &mut rejects {
                reject.raw = None;
            }
        }
        let batch = findings::reject_rows(self.standard.as_deref(), file, &rejects);
        let done = batch
            .map_err(|error| columns(REJECTS, &error))
            .and_then(|batch| self.taking().rejects.write(batch));
        self.note(done);
    }

    /// Takes which rows came of what findings are about, where these count otherwise.
    pub fn found_of(&self, found: &[FoundOf]) {
        if found.is_empty() {
            return;
        }
        let done = findings::found_of_rows(found)
            .map_err(|error| columns(FINDING_ROWS, &error))
            .and_then(|batch| self.taking().finding_rows.write(batch));
        self.note(done);
    }

    /// Takes everything back: the input could not be read to its end.
    ///
    /// # Errors
    /// That a file cannot be removed.
    pub fn abandon(self) -> Result<(), LakeError> {
        let taking = self
            .taking
            .into_inner()
            .unwrap_or_else(PoisonError::into_inner);
        let tables = taking.tables.into_iter().map(|table| table.writer);
        let datasets = tables.chain([taking.rejects, taking.findings, taking.finding_rows]);
        for dataset in datasets {
            dataset.end()?.remove()?;
        }
        Ok(())
    }

    /// Writes what is left. `whole` is the effect on the submission as a whole, when it is rejected, with the rules that are told of
    /// here, if any are.
    ///
    /// # Errors
    /// What went wrong in writing.
    pub fn complete(
        self,
        converted: &Converted,
        on_reject: OnReject,
        whole: Option<&(Effect, Vec<Arc<str>>)>,
    ) -> Result<InputDone, LakeError> {
        let mut late = Late::new();
        for (record, effect, _) in &converted.late {
            let record = i64::try_from(*record).unwrap_or(i64::MAX);
            let known = late.entry(record).or_insert(*effect);
            *known = (*known).max(*effect);
        }
        if on_reject == OnReject::Split {
            if !converted.of_tables {
                self.rejects(late_rejects(converted));
            }
            if let Some((effect, rules)) = whole.filter(|(_, rules)| !rules.is_empty()) {
                self.rejects(vec![Reject {
                    record: 0,
                    effect: *effect,
                    rules: rules.clone(),
                    raw: None,
                }]);
            }
        }
        let mut taking = self
            .taking
            .into_inner()
            .unwrap_or_else(PoisonError::into_inner);
        taking.hand_over_findings()?;
        if let Some(pseudonymiser) = &self.pseudonymiser {
            taking.pseudonymise(pseudonymiser)?;
        }
        let leave_out = on_reject != OnReject::Keep;
        let rejects = if converted.of_tables {
            Effect::is_reject
        } else {
            Effect::rejects_record
        };
        let mut done = InputDone {
            losses: taking.losses,
            ..InputDone::default()
        };
        for table in &mut taking.tables {
            table.writer.hand_over();
        }
        self.encoder.work_together();
        for table in taking.tables {
            let mut written = table.writer.end()?;
            if leave_out && whole.is_some() {
                written.remove()?;
            } else if !late.is_empty() {
                written.rows = 0;
                for file in &written.files {
                    written.rows += revise(file, &late, leave_out.then_some(rejects))?;
                }
            }
            done.add(written);
        }
        done.add(taking.rejects.end()?);
        done.add(taking.findings.end()?);
        done.add(taking.finding_rows.end()?);
        Ok(done)
    }
}

impl InputDone {
    fn add(&mut self, written: Written) {
        if written.rows > 0 {
            self.rows.push((written.name, written.rows));
        }
    }
}

impl Written {
    /// Takes the rows back.
    fn remove(&mut self) -> Result<(), LakeError> {
        for file in self.files.drain(..) {
            fs::remove_file(&file).map_err(|error| LakeError::io(&file, error))?;
        }
        self.rows = 0;
        Ok(())
    }
}

impl Taking {
    /// Writes the rows that wait so that they identify nobody.
    fn pseudonymise(&mut self, pseudonymiser: &Pseudonymiser) -> Result<(), LakeError> {
        let waiting = std::mem::take(&mut self.waiting);
        let mut known = Identifying::default();
        for (table, rows) in &waiting {
            if let Some(table) = &self.tables[*table].pseudonymised {
                known.add(table, rows);
            }
        }
        for (table, rows) in waiting {
            let table = &mut self.tables[table];
            let rows = match &table.pseudonymised {
                Some(becoming) => pseudonymiser
                    .rows(becoming, &rows, &known, &mut self.losses)
                    .map_err(|error| columns("pseudonyms", &error))?,
                None => rows,
            };
            table.writer.write(rows)?;
        }
        Ok(())
    }

    fn hand_over_findings(&mut self) -> Result<(), LakeError> {
        if self.found.is_empty() {
            return Ok(());
        }
        let batch = self
            .found
            .take()
            .map_err(|error| columns(FINDINGS, &error))?;
        self.findings.write(batch)
    }
}

fn columns(dataset: &str, error: &arrow_schema::ArrowError) -> LakeError {
    LakeError::Parquet {
        path: dataset.into(),
        reason: error.to_string(),
    }
}

/// Records that were found to be rejected at the end, each once.
fn late_rejects(converted: &Converted) -> Vec<Reject> {
    let mut rejects: BTreeMap<u64, Reject> = BTreeMap::new();
    for (record, effect, rule) in &converted.late {
        if !effect.rejects_record() {
            continue;
        }
        let reject = rejects.entry(*record).or_insert_with(|| Reject {
            record: *record,
            effect: *effect,
            rules: Vec::new(),
            raw: None,
        });
        reject.effect = reject.effect.max(*effect);
        if !reject.rules.contains(rule) {
            reject.rules.push(Arc::clone(rule));
        }
    }
    rejects.into_values().collect()
}

impl Target for LakeInput {
    fn rows(&self, table: usize, rows: RecordBatch) {
        let mut taking = self.taking();
        let Some(into) = taking.tables.get_mut(table) else {
            return;
        };
        let done = if into.pseudonymised.is_some() {
            taking.waiting.push((table, rows));
            Ok(())
        } else {
            into.writer.write(rows)
        };
        drop(taking);
        self.note(done);
    }

    fn chunk_ends(&self) {
        if let Some(pseudonymiser) = &self.pseudonymiser {
            let done = self.taking().pseudonymise(pseudonymiser);
            self.note(done);
        }
    }

    fn rejects(&self, rejects: Vec<Reject>) {
        self.rejects_of(&self.file, rejects);
    }

    fn rests(&self) {
        for table in &mut self.taking().tables {
            table.writer.rests();
        }
    }

    fn between(&self) {
        self.encoder.work();
    }

    fn failed(&self, reason: String) {
        self.encoder.fail(LakeError::Parquet {
            path: (*self.file).into(),
            reason,
        });
    }

    fn stopped(&self) -> bool {
        self.encoder.has_failed()
    }
}
