//! The rows of a record as one value.

use std::collections::BTreeSet;

use arrow_array::cast::AsArray;
use arrow_array::types::Int64Type;
use arrow_array::{Array, Int64Array, RecordBatch};
use concord_model::entities::{ENTITIES, Entity, Field, Kind, PROVENANCE};
use serde_json::{Map, Value};

use super::ONE_A_RECORD;
use crate::records::Records;
use crate::tables_out::texts::Texts;

/// Name of the entity that stands for a file.
pub(super) const SUBMISSION: &str = "submission";

/// The rows of some records, made ready.
pub(super) struct Nesting<'b> {
    /// In the order of the model: parents before their children.
    tables: Vec<Table<'b>>,
}

struct Table<'b> {
    entity: &'static Entity,
    rows: &'b RecordBatch,
    records: &'b [i64],
    sequence: Option<&'b Int64Array>,
    parent: Option<&'b Int64Array>,
    fields: Vec<(&'static Field, Texts<'b>)>,
}

impl<'b> Nesting<'b> {
    pub(super) fn new(records: &'b Records) -> Self {
        let tables = ENTITIES.iter().filter_map(|entity| {
            let rows = records.table(entity.name)?;
            let numbers = |name: &str| rows.column_by_name(name)?.as_primitive_opt::<Int64Type>();
            let fields = entity.fields.iter().filter_map(|field| {
                let column = rows.column_by_name(field.name)?;
                let filled = column.null_count() < rows.num_rows();
                Some((field, Texts::of(rows, field.name).filter(|_| filled)?))
            });
            Some(Table {
                entity,
                rows,
                records: numbers("source_record")?.values(),
                sequence: numbers("sequence"),
                parent: numbers("parent_sequence"),
                fields: fields.collect(),
            })
        });
        Self {
            tables: tables.collect(),
        }
    }

    /// The numbers of the records, in order; 0 stands for the submission.
    pub(super) fn numbers(&self) -> BTreeSet<i64> {
        self.tables
            .iter()
            .flat_map(|table| table.records.iter().copied())
            .collect()
    }

    /// Where a record came from.
    pub(super) fn source(&self, number: i64) -> Map<String, Value> {
        let mut source = Map::new();
        let Some((table, row)) = self.tables.iter().find_map(|table| {
            let row = table.range(number).next()?;
            Some((table, row))
        }) else {
            return source;
        };
        let mut text = String::new();
        for field in &PROVENANCE[..5] {
            let Some(texts) = Texts::of(table.rows, field.name) else {
                continue;
            };
            if texts.write(row, &mut text) {
                let name = field.name.trim_start_matches("source_").to_owned();
                source.insert(name, value(field.kind, &text));
            }
        }
        source
    }

    /// What a record holds, and of how many rows there was no place for more than one.
    pub(super) fn record(&self, number: i64) -> (Map<String, Value>, Vec<&'static Entity>) {
        let (mut record, mut several) = (Map::new(), Vec::new());
        for table in self
            .tables
            .iter()
            .filter(|table| table.entity.name != SUBMISSION)
        {
            let mut rows: Vec<Value> = Vec::new();
            for row in table.range(number) {
                if !self.has_parent(table, number, row) {
                    rows.push(Value::Object(self.row(table, number, row, 0)));
                }
            }
            put(&mut record, table.entity, rows, &mut several);
        }
        (record, several)
    }

    /// The submission of these records, when it is among them.
    pub(super) fn submission(&self) -> Option<Map<String, Value>> {
        let table = self
            .tables
            .iter()
            .find(|table| table.entity.name == SUBMISSION)?;
        let row = table.range(0).next()?;
        Some(self.row(table, 0, row, 0))
    }

    /// Whether a row lies in one that is there.
    fn has_parent(&self, table: &Table<'_>, number: i64, row: usize) -> bool {
        let Some(parent) = table.parent.filter(|parent| parent.is_valid(row)) else {
            return false;
        };
        let above = self
            .tables
            .iter()
            .find(|other| Some(other.entity.name) == table.entity.parent);
        above.is_some_and(|above| {
            above
                .range(number)
                .any(|row_above| above.sequence_of(row_above) == Some(parent.value(row)))
        })
    }

    /// One row with those that lie in it. Entities lie in one another at most as deep as there are entities.
    fn row(&self, table: &Table<'_>, number: i64, row: usize, depth: usize) -> Map<String, Value> {
        let mut members = Map::new();
        let mut text = String::new();
        for (field, texts) in &table.fields {
            if texts.write(row, &mut text) {
                members.insert(field.name.to_owned(), value(field.kind, &text));
            }
        }
        let sequence = table.sequence_of(row);
        if sequence.is_none() || depth > ENTITIES.len() {
            return members;
        }
        for child in self
            .tables
            .iter()
            .filter(|child| child.entity.parent == Some(table.entity.name))
        {
            let Some(parent) = child.parent else {
                continue;
            };
            let mut rows = Vec::new();
            for row in child.range(number) {
                if parent.is_valid(row) && Some(parent.value(row)) == sequence {
                    rows.push(Value::Object(self.row(child, number, row, depth + 1)));
                }
            }
            if !rows.is_empty() {
                members.insert(child.entity.name.to_owned(), Value::Array(rows));
            }
        }
        members
    }
}

impl Table<'_> {
    fn range(&self, number: i64) -> std::ops::Range<usize> {
        let start = self.records.partition_point(|other| *other < number);
        let end = self.records.partition_point(|other| *other <= number);
        start..end
    }

    fn sequence_of(&self, row: usize) -> Option<i64> {
        let sequence = self.sequence?;
        sequence.is_valid(row).then(|| sequence.value(row))
    }
}

fn put(
    record: &mut Map<String, Value>,
    entity: &'static Entity,
    mut rows: Vec<Value>,
    several: &mut Vec<&'static Entity>,
) {
    if rows.is_empty() {
        return;
    }
    let value = if ONE_A_RECORD.contains(&entity.name) {
        several.extend(rows.iter().skip(1).map(|_| entity));
        rows.swap_remove(0)
    } else {
        Value::Array(rows)
    };
    record.insert(entity.name.to_owned(), value);
}

/// A value of a kind.
fn value(kind: Kind, text: &str) -> Value {
    match kind {
        Kind::Integer => text.parse::<i64>().map_or(Value::Null, Value::from),
        Kind::Boolean => Value::Bool(text == "true"),
        _ => Value::String(text.to_owned()),
    }
}
