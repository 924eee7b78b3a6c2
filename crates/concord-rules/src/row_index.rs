//! Rows of reference data, found by the values of several columns.
//!
//! A row is kept as the number of its values and the days between which it is in force: 24 bytes, whatever it says.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use arrow_array::cast::AsArray;
use arrow_array::types::Date32Type;
use arrow_array::{Array, RecordBatch, StringArray};
use arrow_schema::DataType;
use datafusion::arrow::compute::cast;

use crate::given::Reference;
use crate::native::Hasher;

/// What stands between values that are looked for together: the unit separator of ASCII, which no code holds.
pub(crate) const BETWEEN: char = '\u{1f}';

/// The columns of a table as one name, such as `practice(code,commissioner)`.
pub(crate) fn name_of(table: &str, columns: &[String]) -> String {
    format!("{table}({})", columns.join(","))
}

fn parts(name: &str) -> Option<(&str, Vec<&str>)> {
    let (table, columns) = name.strip_suffix(')')?.split_once('(')?;
    Some((table, columns.split(',').collect()))
}

/// The rows of reference data that rules look in, each table and its columns made ready once.
#[derive(Debug, Default)]
pub(crate) struct RowIndexes(Mutex<BTreeMap<String, Option<Arc<RowIndex>>>>);

impl RowIndexes {
    /// The rows by the name of a table and its columns; `None` when there are none by it.
    pub(crate) fn get(&self, name: &str, reference: &dyn Reference) -> Option<Arc<RowIndex>> {
        let (table, columns) = parts(name)?;
        // What was made ready is whole whoever panicked.
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        known
            .entry(name.to_owned())
            .or_insert_with(|| RowIndex::new(reference, table, &columns).map(Arc::new))
            .clone()
    }
}

/// The rows of a table by some of its columns.
#[derive(Debug)]
pub(crate) struct RowIndex {
    hasher: Hasher,
    /// The number of the values, the first and the last day in force, in order.
    rows: Vec<(u128, i32, i32)>,
}

impl RowIndex {
    fn new(reference: &dyn Reference, table: &str, columns: &[&str]) -> Option<Self> {
        let rows = reference.table(table)?;
        let days = reference.days_in_force(table);
        let mut index = Self {
            hasher: Hasher::default(),
            rows: Vec::new(),
        };
        for batch in &rows.batches {
            index.add(batch, columns, days)?;
        }
        index.rows.sort_unstable();
        index.rows.dedup();
        Some(index)
    }

    fn add(
        &mut self,
        batch: &RecordBatch,
        columns: &[&str],
        days: Option<[&str; 2]>,
    ) -> Option<()> {
        let texts: Vec<StringArray> = columns
            .iter()
            .map(|column| {
                let column = cast(batch.column_by_name(column)?, &DataType::Utf8).ok()?;
                column.as_string_opt::<i32>().cloned()
            })
            .collect::<Option<_>>()?;
        let days = days.map(|days| {
            days.map(|day| batch.column_by_name(day)?.as_primitive_opt::<Date32Type>())
        });
        let [from, to] = days.unwrap_or_default();
        for row in 0..batch.num_rows() {
            let day = |days: Option<&arrow_array::Date32Array>| {
                days.filter(|days| days.is_valid(row))
                    .map(|days| days.value(row))
            };
            let values = texts
                .iter()
                .map(|texts| texts.is_valid(row).then(|| texts.value(row).as_bytes()));
            let from = day(from).unwrap_or(i32::MIN);
            let to = day(to).unwrap_or(i32::MAX);
            if let Some(key) = self.hasher.key(values) {
                self.rows.push((key, from, to));
            }
        }
        Some(())
    }

    /// Whether a row has these values, with [`BETWEEN`] between them, and is in force on a day when one is given.
    pub(crate) fn holds(&self, values: &str, day: Option<i32>) -> bool {
        let values = values.split(BETWEEN).map(|value| Some(value.as_bytes()));
        let Some(key) = self.hasher.key(values) else {
            return false;
        };
        let start = self.rows.partition_point(|(other, ..)| *other < key);
        self.rows[start..]
            .iter()
            .take_while(|(other, ..)| *other == key)
            .any(|(_, from, to)| day.is_none_or(|day| *from <= day && day <= *to))
    }
}
