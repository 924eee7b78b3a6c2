//! Staged rows taken from a check, message by message.

use std::sync::{Arc, Mutex, PoisonError};

use arrow_array::RecordBatch;

use super::fold::{Told, ToldRow, entity_number};
use super::{Stays, key};
use crate::conversion::Conversion;
use crate::converting::Target;
use crate::lake::{LakeError, LakeInput};
use crate::records::{Record, Records, Row};
use crate::rejects::Reject;

/// Takes the rows of the messages of one input.
pub struct StagedInput<'s> {
    stays: &'s Stays,
    number: usize,
    names: Vec<Arc<str>>,
    lake: &'s LakeInput,
    records: Mutex<Records>,
}

impl<'s> StagedInput<'s> {
    pub(super) fn new(
        stays: &'s Stays,
        number: usize,
        conversion: &Conversion,
        lake: &'s LakeInput,
    ) -> Self {
        Self {
            stays,
            number,
            names: conversion
                .tables
                .iter()
                .map(|table| Arc::clone(&table.name))
                .collect(),
            lake,
            records: Mutex::default(),
        }
    }

    fn take(&self, records: &Records) -> Result<(), LakeError> {
        let mut entries = Vec::new();
        for record in records.records() {
            let told = told(self.number, &record);
            entries.push((key::of(&told), written(&told)));
        }
        let mut held = self.stays.held();
        for (key, body) in entries {
            held.sorting.add(key, body)?;
        }
        Ok(())
    }
}

impl Target for StagedInput<'_> {
    fn rows(&self, table: usize, rows: RecordBatch) {
        if let Some(name) = self.names.get(table) {
            let mut records = self.records.lock().unwrap_or_else(PoisonError::into_inner);
            records.insert(Arc::clone(name), rows);
        }
    }

    fn chunk_ends(&self) {
        let mut held = self.records.lock().unwrap_or_else(PoisonError::into_inner);
        let records = std::mem::take(&mut *held);
        drop(held);
        if let Err(error) = self.take(&records) {
            self.lake.failed(error.to_string());
        }
    }

    fn rejects(&self, rejects: Vec<Reject>) {
        self.lake.rejects(rejects);
    }

    fn between(&self) {
        self.lake.between();
    }

    fn failed(&self, reason: String) {
        self.lake.failed(reason);
    }

    fn stopped(&self) -> bool {
        self.lake.stopped()
    }
}

/// Takes the rows of an input.
pub enum Taking<'t> {
    /// Into its part of the lake.
    Lake(&'t LakeInput),
    /// Put aside until all messages are known.
    Stays(StagedInput<'t>),
}

impl Taking<'_> {
    fn target(&self) -> &dyn Target {
        match self {
            Self::Lake(lake) => *lake,
            Self::Stays(stays) => stays,
        }
    }
}

impl Target for Taking<'_> {
    fn begins(&self, table: usize, row: RecordBatch) {
        self.target().begins(table, row);
    }

    fn rows(&self, table: usize, rows: RecordBatch) {
        self.target().rows(table, rows);
    }

    fn chunk_ends(&self) {
        self.target().chunk_ends();
    }

    fn rejects(&self, rejects: Vec<Reject>) {
        self.target().rejects(rejects);
    }

    fn between(&self) {
        self.target().between();
    }

    fn failed(&self, reason: String) {
        self.target().failed(reason);
    }

    fn stopped(&self) -> bool {
        self.target().stopped()
    }
}

/// What a message told, as its rows say it.
pub(super) fn told(input: usize, record: &Record<'_>) -> Told {
    let mut told = Told {
        input,
        record: record.number,
        ..Told::default()
    };
    for name in record.entities() {
        let Some(entity) = entity_number(name) else {
            continue;
        };
        for row in record.rows(name) {
            let said = |field: &str| row.str(field).unwrap_or_default().to_owned();
            told.standard = said("source_standard");
            told.file = said("source_file");
            told.interchange = row.str("source_interchange").map(str::to_owned);
            told.effect = row.str("source_effect").map(str::to_owned);
            told.rows.push(told_row(entity, row));
        }
    }
    told
}

fn told_row(entity: usize, row: Row<'_>) -> ToldRow {
    let fields = concord_model::entities::ENTITIES[entity].fields.iter();
    let values = fields.enumerate().filter_map(|(number, field)| {
        let text = row.str(field.name)?.trim();
        (!text.is_empty()).then(|| (number, text.to_owned()))
    });
    ToldRow {
        entity,
        values: values.collect(),
    }
}

/// A thing as bytes, to be put aside.
pub(super) fn written<T: serde::Serialize>(thing: &T) -> Vec<u8> {
    serde_json::to_vec(thing).expect("texts and numbers are always JSON")
}

/// A thing that was put aside.
pub(super) fn read<T: serde::de::DeserializeOwned>(
    bytes: &[u8],
    path: &std::path::Path,
) -> Result<T, LakeError> {
    serde_json::from_slice(bytes).map_err(|error| LakeError::io(path, error.into()))
}
