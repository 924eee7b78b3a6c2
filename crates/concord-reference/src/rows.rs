//! Rows of one table while they are put together.

use std::cmp::Ordering;
use std::sync::Arc;

use arrow_array::builder::{Date32Builder, StringBuilder, StringDictionaryBuilder};
use arrow_array::cast::AsArray;
use arrow_array::types::{Date32Type, Int16Type, Int32Type};
use arrow_array::{Array, ArrayRef, ArrowPrimitiveType, DictionaryArray, RecordBatch};
use jiff::civil::Date;

use crate::dates::days;
use crate::tables::{Held, Table};

/// One value of a row.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Cell<'a> {
    /// Text; empty for none.
    Text(&'a str),
    Date(Option<Date>),
}

enum Builder {
    Text(StringBuilder),
    Few(StringDictionaryBuilder<Int16Type>),
    Many(StringDictionaryBuilder<Int32Type>),
    Date(Date32Builder),
}

/// A column has more different values than its keys can tell apart.
#[derive(Debug)]
pub(crate) struct Overflow(pub(crate) &'static str);

/// Rows of one table, column by column.
pub(crate) struct Rows {
    table: &'static Table,
    columns: Vec<Builder>,
}

impl Rows {
    pub(crate) fn new(table: &'static Table) -> Self {
        let builder = |held| match held {
            Held::Text => Builder::Text(StringBuilder::new()),
            Held::Few => Builder::Few(StringDictionaryBuilder::new()),
            Held::Many => Builder::Many(StringDictionaryBuilder::new()),
            Held::Date => Builder::Date(Date32Builder::new()),
        };
        let columns = table.columns.iter();
        Self {
            table,
            columns: columns.map(|column| builder(column.held)).collect(),
        }
    }

    /// Adds a row, one cell for each column of the table.
    pub(crate) fn push(&mut self, cells: &[Cell<'_>]) -> Result<(), Overflow> {
        assert_eq!(cells.len(), self.columns.len(), "a cell for each column");
        for ((builder, cell), column) in self.columns.iter_mut().zip(cells).zip(self.table.columns)
        {
            match (builder, *cell) {
                (Builder::Date(builder), Cell::Date(date)) => {
                    builder.append_option(date.map(days));
                }
                (Builder::Text(builder), Cell::Text(text)) => {
                    builder.append_option(Some(text).filter(|text| !text.is_empty()));
                }
                (Builder::Few(builder), Cell::Text(text)) => {
                    if text.is_empty() {
                        builder.append_null();
                    } else {
                        builder.append(text).map_err(|_| Overflow(column.name))?;
                    }
                }
                (Builder::Many(builder), Cell::Text(text)) => {
                    if text.is_empty() {
                        builder.append_null();
                    } else {
                        builder.append(text).map_err(|_| Overflow(column.name))?;
                    }
                }
                _ => unreachable!("cells are of the kinds that the table's columns have"),
            }
        }
        Ok(())
    }

    /// Adds the rows of a batch that has the table's schema.
    pub(crate) fn append(&mut self, batch: &RecordBatch) -> Result<(), Overflow> {
        for ((builder, array), column) in self
            .columns
            .iter_mut()
            .zip(batch.columns())
            .zip(self.table.columns)
        {
            match builder {
                Builder::Text(builder) => builder.extend(array.as_string::<i32>()),
                Builder::Date(builder) => builder.extend(array.as_primitive::<Date32Type>()),
                Builder::Few(builder) => extend(builder, array).ok_or(Overflow(column.name))?,
                Builder::Many(builder) => extend(builder, array).ok_or(Overflow(column.name))?,
            }
        }
        Ok(())
    }

    /// The rows so far.
    pub(crate) fn finish(self) -> RecordBatch {
        let columns = self.columns.into_iter().map(|builder| {
            let mut column: ArrayRef = match builder {
                Builder::Text(mut builder) => Arc::new(builder.finish()),
                Builder::Few(mut builder) => Arc::new(builder.finish()),
                Builder::Many(mut builder) => Arc::new(builder.finish()),
                Builder::Date(mut builder) => Arc::new(builder.finish()),
            };
            // Builders leave up to as much room as they have filled.
            column.shrink_to_fit();
            column
        });
        RecordBatch::try_new(self.table.schema(), columns.collect())
            .expect("every row has a cell in each column, of the column's type")
    }
}

/// `None` when there are more values than keys.
fn extend<K: ArrowPrimitiveType + arrow_array::types::ArrowDictionaryKeyType>(
    builder: &mut StringDictionaryBuilder<K>,
    array: &ArrayRef,
) -> Option<()> {
    let array: &DictionaryArray<K> = array.as_dictionary();
    let values = array.downcast_dict::<arrow_array::StringArray>()?;
    builder.extend_dictionary(&values).ok()
}

/// The text in one place of a column that holds text.
pub(crate) fn text(array: &dyn Array, row: usize) -> &str {
    if array.is_null(row) {
        return "";
    }
    if let Some(array) = array.as_string_opt::<i32>() {
        return array.value(row);
    }
    if let Some(array) = array.as_dictionary_opt::<Int16Type>() {
        let key = array.keys().value(row);
        return array
            .values()
            .as_string::<i32>()
            .value(usize::try_from(key).unwrap_or_default());
    }
    let array = array.as_dictionary::<Int32Type>();
    let key = array.keys().value(row);
    array
        .values()
        .as_string::<i32>()
        .value(usize::try_from(key).unwrap_or_default())
}

/// The day in one place of a column that holds days.
pub(crate) fn date(array: &dyn Array, row: usize) -> Option<Date> {
    let array = array.as_primitive::<Date32Type>();
    array
        .is_valid(row)
        .then(|| crate::dates::from_days(array.value(row)))
        .flatten()
}

/// How two rows of a batch stand to each other: by their columns, one after the other; none before some.
pub(crate) fn compare(batch: &RecordBatch, left: usize, right: usize) -> Ordering {
    batch
        .columns()
        .iter()
        .map(|column| match column.as_primitive_opt::<Date32Type>() {
            Some(dates) => {
                let at = |row| dates.is_valid(row).then(|| dates.value(row));
                at(left).cmp(&at(right))
            }
            None => text(column, left).cmp(text(column, right)),
        })
        .find(|order| order.is_ne())
        .unwrap_or(Ordering::Equal)
}

/// Whether two places of a column hold the same.
pub(crate) fn same(array: &ArrayRef, left: usize, right: usize) -> bool {
    match array.as_primitive_opt::<Date32Type>() {
        Some(dates) => {
            dates.is_valid(left) == dates.is_valid(right)
                && (dates.is_null(left) || dates.value(left) == dates.value(right))
        }
        None => text(array, left) == text(array, right),
    }
}

/// The rows whose first column is `key`, in a batch that stands in the order of its first column.
pub(crate) fn range(batch: &RecordBatch, key: &str) -> std::ops::Range<usize> {
    let keys = batch.column(0).as_string::<i32>();
    let first = |less: &dyn Fn(&str) -> bool| {
        let (mut low, mut high) = (0, keys.len());
        while low < high {
            let middle = low.midpoint(high);
            if less(keys.value(middle)) {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        low
    };
    let start = first(&|known| known < key);
    if start == keys.len() || keys.value(start) != key {
        return start..start;
    }
    start..first(&|known| known <= key)
}
