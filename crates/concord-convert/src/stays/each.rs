//! What each message says by itself, for whoever takes messages as they come and cannot wait for those that follow.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use arrow_array::RecordBatch;
use arrow_schema::ArrowError;
use concord_check::{Draft, Part, Rules};

use super::Words;
use super::fold::Folding;
use super::merged::add;
use super::staged::told;
use crate::builder::{Origin, RecordsBuilder};
use crate::conversion::Conversion;
use crate::converting::{ChunkRows, Converted, Converting, HeaderOf, OnReject, Target};
use crate::loss::{LossReason, Losses};
use crate::records::Records;
use crate::rejects::Reject;

/// Rows of messages that are told each by itself: of each the event, and what it says of patient and stay.
///
/// They are made as those of stays are, of one message each: what is emptied is empty, and an admission that is cancelled leaves
/// the patient and the event.
#[derive(Debug)]
pub struct EachMessage {
    staged: Mutex<Staged>,
    builder: RecordsBuilder,
    rows: BTreeMap<usize, usize>,
    losses: Losses,
}

/// What is made of the messages that are being taken.
#[derive(Debug, Default)]
struct Staged {
    records: Records,
    losses: Losses,
    failed: Option<String>,
}

/// A standard whose messages are taken.
#[derive(Debug)]
pub struct EachStandard {
    conversion: Conversion,
    words: Arc<Words>,
}

impl EachStandard {
    /// The messages of a standard, by its conversion to the canonical model, which is staged.
    pub fn new(conversion: &Conversion) -> Self {
        Self {
            conversion: conversion.clone(),
            words: Arc::new(Words::of(conversion)),
        }
    }
}

impl Default for EachMessage {
    fn default() -> Self {
        Self::new()
    }
}

impl EachMessage {
    /// No rows yet.
    pub fn new() -> Self {
        Self {
            staged: Mutex::default(),
            builder: RecordsBuilder::new(Origin::default()),
            rows: BTreeMap::new(),
            losses: Losses::default(),
        }
    }

    /// Takes messages one behind another, which `check` checks by rules that it is handed, and says how many there are. The rules are
    /// those given, as far as they look at one message, with the conversion beside them. The rows of each message say that they are of
    /// the number and file that stand for it in `origins`; where there is one, all are.
    ///
    /// False when there are not as many as are expected, and none was taken.
    ///
    /// # Errors
    /// Why rows could not be made; then none was taken.
    pub fn take<R: Rules>(
        &mut self,
        standard: &EachStandard,
        rules: &R,
        origins: &[(i64, &str)],
        check: impl FnOnce(&EachRules<'_, R>) -> u64,
    ) -> Result<bool, String> {
        let taking = TakingEach {
            staged: &self.staged,
            conversion: &standard.conversion,
        };
        let conversion = &standard.conversion;
        let alone = Alone(rules);
        let each = EachRules {
            converting: Converting::new(&alone, conversion, OnReject::Keep, &taking),
            staged: &self.staged,
        };
        let count = check(&each);
        let Staged {
            records,
            losses,
            failed,
        } = std::mem::take(&mut *lock(&self.staged));
        if let Some(reason) = failed {
            return Err(reason);
        }
        if origins.len() > 1 && count != origins.len() as u64 {
            return Ok(false);
        }
        self.losses.merge(losses);
        for record in records.records() {
            let place = usize::try_from(record.number - 1).unwrap_or(usize::MAX);
            let Some((number, file)) = origins.get(place).or(origins.first()) else {
                continue;
            };
            let mut told = told(0, &record);
            told.record = *number;
            (*file).clone_into(&mut told.file);
            let mut folding = Folding::new(Arc::clone(&standard.words));
            folding.take(told);
            let Some(stay) = folding.finish() else {
                continue;
            };
            for (entity, _) in &stay.rows {
                *self.rows.entry(*entity).or_default() += 1;
            }
            add(&mut self.builder, &stay);
        }
        Ok(true)
    }

    /// How many rows the entity with the most rows has.
    pub fn longest(&self) -> usize {
        self.rows.values().copied().max().unwrap_or(0)
    }

    /// The rows so far, and what of the messages could not be carried; none are left.
    ///
    /// # Errors
    /// That the columns do not make tables, which they always do.
    pub fn finish(&mut self) -> Result<(Records, Losses), ArrowError> {
        self.rows.clear();
        let empty = RecordsBuilder::new(Origin::default());
        let mut losses = std::mem::take(&mut self.losses);
        let (records, more) = std::mem::replace(&mut self.builder, empty).finish()?;
        losses.merge(more);
        Ok((records, losses))
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Takes the staged rows of messages.
#[derive(Debug)]
struct TakingEach<'t> {
    staged: &'t Mutex<Staged>,
    conversion: &'t Conversion,
}

impl Target for TakingEach<'_> {
    fn rows(&self, table: usize, rows: RecordBatch) {
        if let Some(table) = self.conversion.tables.get(table) {
            let name = Arc::clone(&table.name);
            lock(self.staged).records.insert(name, rows);
        }
    }

    fn rejects(&self, rejects: Vec<Reject>) {
        // Of rejected messages that are kept these are the ones of which nobody can tell what stands where.
        let count = rejects.len() as u64;
        let mut staged = lock(self.staged);
        staged
            .losses
            .add(&"record".into(), LossReason::NotOfItsForm, count);
    }

    fn failed(&self, reason: String) {
        lock(self.staged).failed.get_or_insert(reason);
    }

    fn stopped(&self) -> bool {
        false
    }
}

/// Rules as far as they look at one message.
#[derive(Debug)]
struct Alone<'r, R>(&'r R);

impl<R: Rules> Rules for Alone<'_, R> {
    type Header = R::Header;
    type Scratch = R::Scratch;
    type Summary = ();
    type State = ();
    type Outcome = ();

    fn scratch(&self) -> R::Scratch {
        self.0.scratch()
    }

    fn header(&self, head: &Part<'_>) -> R::Header {
        self.0.header(head)
    }

    fn evaluate(
        &self,
        part: &Part<'_>,
        header: &R::Header,
        scratch: &mut R::Scratch,
        drafts: &mut Vec<Draft>,
    ) {
        // What a chunk says of the whole input is of no use to who looks at each message by itself.
        let _ = self.0.evaluate(part, header, scratch, drafts);
    }

    fn start(&self) {}
    fn fold(&self, (): &mut (), (): (), _: &Part<'_>, _: &mut Vec<Draft>) {}
    fn finish(&self, (): (), _: R::Header, _: &Part<'_>, _: &mut Vec<(Draft, Option<u64>)>) {}
}

/// Rules, as far as they look at one message, with a conversion beside them.
#[derive(Debug)]
pub struct EachRules<'e, R> {
    converting: Converting<'e, Alone<'e, R>, TakingEach<'e>>,
    staged: &'e Mutex<Staged>,
}

impl<R: Rules> Rules for EachRules<'_, R> {
    type Header = (R::Header, HeaderOf);
    type Scratch = R::Scratch;
    type Summary = ((), ChunkRows);
    type State = ((), Converted);
    type Outcome = ((), Converted);

    fn scratch(&self) -> R::Scratch {
        self.converting.scratch()
    }

    fn header(&self, head: &Part<'_>) -> Self::Header {
        self.converting.header(head)
    }

    fn evaluate(
        &self,
        part: &Part<'_>,
        header: &Self::Header,
        scratch: &mut R::Scratch,
        drafts: &mut Vec<Draft>,
    ) -> Self::Summary {
        self.converting.evaluate(part, header, scratch, drafts)
    }

    fn start(&self) -> Self::State {
        self.converting.start()
    }

    fn fold(
        &self,
        state: &mut Self::State,
        summary: Self::Summary,
        part: &Part<'_>,
        drafts: &mut Vec<Draft>,
    ) {
        self.converting.fold(state, summary, part, drafts);
        // Who checks messages as they come never comes to the end of an input.
        lock(self.staged)
            .losses
            .merge(std::mem::take(&mut state.1.losses));
    }

    fn finish(
        &self,
        state: Self::State,
        header: Self::Header,
        last: &Part<'_>,
        drafts: &mut Vec<(Draft, Option<u64>)>,
    ) -> Self::Outcome {
        self.converting.finish(state, header, last, drafts)
    }
}
