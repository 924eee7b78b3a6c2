//! Messages put together: one record for each stay, or for each patient where there is none.
//!
//! A message says what happened, and what is known now. Rows that are made of messages are *staged*: all their values are
//! texts, so that a value that is emptied can be told from one that is not said. [`Stays`] takes them from any number of
//! inputs, puts them in order (by stay, then by when it happened) with files where memory does not do, and makes one record of
//! the messages about one stay:
//!
//! - what a later message says replaces what an earlier one said, element by element; [`EMPTIED`](crate::EMPTIED) empties;
//!   what a message does not say stays as it is;
//! - of what repeats (diagnoses, procedures, lines of an address) a message that says any says all;
//! - being admitted, moved and discharged makes the places of the stay; what is taken back is taken back;
//! - every message stands in a row of `patient_event`.
//!
//! The record stands where its last message stood: in the part of that input, under that number. What is concluded of the whole
//! ([`Concluded`]) is said at the end. Which codes mean which events, standards say
//! in their mappings; here only the words of the canonical model are known. [`EachMessage`] makes a record of every message by
//! itself instead.

mod conclude;
mod each;
mod fold;
mod key;
mod merged;
mod places;
mod sorted;
mod staged;

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use concord_standards::definition::Concluded;

use crate::conversion::Conversion;
use crate::converting::{Converted, OnReject};
use crate::lake::{LakeError, LakeInput};
use crate::loss::Losses;

pub use each::{EachMessage, EachRules, EachStandard};
pub use merged::{MergedInput, MergedStays};
pub use staged::{StagedInput, Taking};

use fold::Folding;
use sorted::{Sorted, Sorting};

/// Bytes of rows that are kept in memory while they are put in order.
const KEPT: usize = 32 << 20;

/// Staged rows of messages, until all of them are known.
#[derive(Debug)]
pub struct Stays {
    folder: PathBuf,
    memory: usize,
    held: Mutex<Held>,
}

#[derive(Debug)]
struct Held {
    sorting: Sorting,
    /// What is known of the standards that messages follow, by name.
    standards: BTreeMap<Arc<str>, Arc<Words>>,
    /// Messages that are left out, and inputs.
    without: BTreeSet<(usize, i64)>,
    refused: BTreeSet<usize>,
}

/// What a standard says of its rows.
#[derive(Debug, Clone, Default)]
struct Words {
    /// Entities of which a message that says any says all, by number.
    replaced: BTreeSet<usize>,
    concluded: Vec<Concluded>,
}

impl Words {
    fn of(conversion: &Conversion) -> Self {
        let repeats = conversion.tables.iter().filter(|table| {
            let mut sources = table.sources.iter();
            sources.any(|source| source.table != concord_check::wanted::RECORD)
        });
        Self {
            replaced: repeats
                .filter_map(|table| fold::entity_number(&table.name))
                .collect(),
            concluded: conversion.concluded.clone(),
        }
    }
}

impl Stays {
    /// Messages that are kept in a folder, which is made when memory does not do, and is nobody else's.
    pub fn new(folder: &Path) -> Self {
        Self {
            folder: folder.to_owned(),
            memory: KEPT,
            held: Mutex::new(Held {
                sorting: Sorting::new(&folder.join("messages"), KEPT),
                standards: BTreeMap::new(),
                without: BTreeSet::new(),
                refused: BTreeSet::new(),
            }),
        }
    }

    /// Keeps about so many bytes in memory while rows are put in order.
    #[must_use]
    pub fn with_memory(mut self, bytes: usize) -> Self {
        self.memory = bytes;
        self.held().sorting.keep(bytes);
        self
    }

    fn held(&self) -> MutexGuard<'_, Held> {
        self.held.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A target that takes the staged rows of the input of a number, and hands what was rejected on to its part of the lake.
    pub fn input<'s>(
        &'s self,
        number: usize,
        standard: Option<&Arc<str>>,
        conversion: &'s Conversion,
        lake: &'s LakeInput,
    ) -> StagedInput<'s> {
        let standard = standard.cloned().unwrap_or_default();
        let mut held = self.held();
        held.standards
            .entry(standard)
            .or_insert_with(|| Arc::new(Words::of(conversion)));
        drop(held);
        StagedInput::new(self, number, conversion, lake)
    }

    /// Leaves out what was found to be rejected when the rows had been taken: single messages, or the whole input.
    pub fn leave_out(&self, input: usize, converted: &Converted, on_reject: OnReject, whole: bool) {
        if on_reject == OnReject::Keep {
            return;
        }
        let mut held = self.held();
        if whole {
            held.refused.insert(input);
        }
        let late = converted.late.iter();
        let rejected = late.filter(|(_, effect, _)| effect.rejects_record());
        let numbers =
            rejected.map(|(record, ..)| (input, i64::try_from(*record).unwrap_or(i64::MAX)));
        held.without.extend(numbers);
    }

    /// Forgets an input, which could not be read to its end.
    pub fn forget(&self, input: usize) {
        self.held().refused.insert(input);
    }

    /// Whether no message was taken.
    pub fn is_empty(&self) -> bool {
        self.held().sorting.is_empty()
    }

    /// Makes the records, in the order of the inputs.
    ///
    /// # Errors
    /// [`LakeError::Io`] when what was put aside cannot be written or read.
    pub fn merge(self) -> Result<MergedStays, LakeError> {
        let held = self
            .held
            .into_inner()
            .unwrap_or_else(PoisonError::into_inner);
        let mut records = Sorting::new(&self.folder.join("stays"), self.memory);
        let mut losses = Losses::default();
        let mut sorted = held.sorting.finish()?;
        let mut open: Option<(Vec<u8>, Folding)> = None;
        while let Some((key, body)) = sorted.next()? {
            let told: fold::Told = staged::read(&body, sorted.path())?;
            if held.refused.contains(&told.input)
                || held.without.contains(&(told.input, told.record))
            {
                continue;
            }
            let group = key::group(&key);
            let goes_on = open
                .as_ref()
                .is_some_and(|(known, folding)| **known == *group && !folding.is_full());
            if !goes_on {
                if let Some((known, done)) = open.take() {
                    if *known == *group {
                        losses.add_detail(
                            &"record".into(),
                            crate::LossReason::Several,
                            Some("too many messages about one stay: they stand in several records"),
                            1,
                        );
                    }
                    put(&mut records, done)?;
                }
                let words = held.standards.get(&*told.standard);
                let words = words.map(Arc::clone).unwrap_or_default();
                open = Some((group.to_vec(), Folding::new(words)));
            }
            if let Some((_, folding)) = &mut open {
                folding.take(told);
            }
        }
        if let Some((_, done)) = open {
            put(&mut records, done)?;
        }
        let records: Sorted = records.finish()?;
        Ok(MergedStays::new(self.folder, records, losses))
    }
}

fn put(records: &mut Sorting, folding: Folding) -> Result<(), LakeError> {
    let Some(record) = folding.finish() else {
        return Ok(());
    };
    let key = key::place(record.input, record.record);
    records.add(key, staged::written(&record))
}
