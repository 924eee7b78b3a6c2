//! What a record says: its rows, as texts by field.

use std::borrow::Cow;

use concord_model::entities::{Entity, entity};

use super::place::Source;
use crate::records::Record;

/// A row.
#[derive(Debug, Clone)]
pub(super) struct Fact<'r> {
    pub(super) entity: &'static Entity,
    pub(super) sequence: i64,
    pub(super) parent: Option<i64>,
    pub(super) values: Vec<Option<Cow<'r, str>>>,
}

/// The rows of a record.
#[derive(Debug, Clone, Default)]
pub(super) struct Facts<'r> {
    pub(super) rows: Vec<Fact<'r>>,
}

impl<'r> Facts<'r> {
    /// Takes the rows of a record. Tables that the model does not have are passed over.
    pub(super) fn of(record: &Record<'r>) -> Self {
        let mut rows = Vec::new();
        for entity in record.entities().filter_map(entity) {
            for row in record.rows(entity.name) {
                rows.push(Fact {
                    entity,
                    sequence: row.sequence().unwrap_or_default(),
                    parent: row.integer("parent_sequence"),
                    values: entity
                        .fields
                        .iter()
                        .map(|field| row.text(field.name))
                        .collect(),
                });
            }
        }
        Self { rows }
    }

    /// The same with texts of their own.
    pub(super) fn into_owned(self) -> Facts<'static> {
        let rows = self.rows.into_iter().map(|fact| Fact {
            entity: fact.entity,
            sequence: fact.sequence,
            parent: fact.parent,
            values: fact
                .values
                .into_iter()
                .map(|value| value.map(|text| Cow::Owned(text.into_owned())))
                .collect(),
        });
        Facts {
            rows: rows.collect(),
        }
    }

    pub(super) fn value(&self, row: usize, field: usize) -> Option<&str> {
        self.rows[row].values[field].as_deref()
    }

    /// What the first row of an entity says in a field.
    pub(super) fn said(&self, name: &str, field: &str) -> Option<&str> {
        let fact = self.rows.iter().find(|fact| fact.entity.name == name)?;
        let field = fact.entity.field_number(field)?;
        fact.values[field].as_deref()
    }

    /// The rows that say what a source's constants say, in their sequence.
    pub(super) fn matching(&self, source: &Source) -> impl Iterator<Item = usize> {
        let rows = self.rows.iter().enumerate();
        rows.filter(move |(_, fact)| {
            std::ptr::eq(fact.entity, source.entity)
                && source.constants.iter().all(|(field, values)| {
                    let said = fact.values[*field].as_deref();
                    values.iter().any(|value| said == Some(&**value))
                })
        })
        .map(|(row, _)| row)
    }

    /// Lets a field of an entity's only row have a value, the row being made if there is none.
    pub(super) fn say(&mut self, name: &str, field: &str, value: &str, replaces: bool) {
        let Some(entity) = entity(name) else {
            return;
        };
        let Some(field) = entity.field_number(field) else {
            return;
        };
        let known = self
            .rows
            .iter()
            .position(|fact| std::ptr::eq(fact.entity, entity));
        let row = known.unwrap_or_else(|| {
            self.rows.push(Fact {
                entity,
                sequence: 1,
                parent: None,
                values: vec![None; entity.fields.len()],
            });
            self.rows.len() - 1
        });
        let held = &mut self.rows[row].values[field];
        if held.is_none() || replaces {
            *held = Some(Cow::Owned(value.to_owned()));
        }
    }
}
