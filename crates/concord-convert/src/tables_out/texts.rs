//! The texts of a column of canonical rows, without an allocation for each.

use std::fmt::Write as _;

use arrow_array::cast::AsArray;
use arrow_array::types::{Date32Type, Decimal128Type, Int64Type, TimestampMicrosecondType};
use arrow_array::{Array, RecordBatch, StringArray};
use arrow_schema::DataType;

use crate::records::decimal;

/// A column, and the one that stands beside it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Texts<'b> {
    array: &'b dyn Array,
    beside: Option<&'b StringArray>,
}

impl<'b> Texts<'b> {
    /// The column of a field; `None` when the rows have none.
    pub(crate) fn of(rows: &'b RecordBatch, field: &str) -> Option<Self> {
        let column = rows.schema_ref().index_of(field).ok()?;
        let array = &**rows.column(column);
        let beside = match array.data_type() {
            DataType::Timestamp(..) => rows.column_by_name(&format!("{field}_zone")),
            DataType::Date32 => rows.column_by_name(&format!("{field}_precision")),
            _ => None,
        };
        let beside = beside.and_then(|array| array.as_string_opt::<i32>());
        Some(Self { array, beside })
    }

    /// Whether something stands in a row.
    pub(crate) fn has(&self, row: usize) -> bool {
        self.array.is_valid(row)
    }

    /// The text of a row as it stands, where it is kept as text.
    pub(crate) fn str(&self, row: usize) -> Option<&'b str> {
        let texts = self.array.as_string_opt::<i32>()?;
        texts.is_valid(row).then(|| texts.value(row))
    }

    /// Writes the value of a row in place of what stands in `text`, as [`Row::text`](crate::records::Row::text) gives it;
    /// whether there is one.
    pub(crate) fn write(&self, row: usize, text: &mut String) -> bool {
        text.clear();
        if !self.has(row) {
            return false;
        }
        // Writing to a `String` does not fail.
        let _ = match self.array.data_type() {
            DataType::Utf8 => text.write_str(self.array.as_string::<i32>().value(row)),
            DataType::Int64 => {
                write!(
                    text,
                    "{}",
                    self.array.as_primitive::<Int64Type>().value(row)
                )
            }
            DataType::Boolean => write!(text, "{}", self.array.as_boolean().value(row)),
            DataType::Decimal128(_, scale) => {
                let value = self.array.as_primitive::<Decimal128Type>().value(row);
                text.write_str(&decimal(value, *scale))
            }
            DataType::Date32 => {
                let Some(day) = self.array.as_primitive::<Date32Type>().value_as_date(row) else {
                    return false;
                };
                let written = write!(text, "{day}");
                match self.beside(row) {
                    Some("year") => text.truncate(4),
                    Some("month") => text.truncate(7),
                    _ => {}
                }
                written
            }
            DataType::Timestamp(..) => {
                let moments = self.array.as_primitive::<TimestampMicrosecondType>();
                let Some(moment) = moments.value_as_datetime(row) else {
                    return false;
                };
                write!(text, "{moment:?}{}", self.beside(row).unwrap_or_default())
            }
            _ => return false,
        };
        true
    }

    fn beside(&self, row: usize) -> Option<&'b str> {
        let beside = self.beside?;
        beside.is_valid(row).then(|| beside.value(row))
    }
}
