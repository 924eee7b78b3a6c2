//! Columns that say the same in every row, made once and cut to length.

use std::sync::{Arc, OnceLock};

use arrow_array::{Array, ArrayRef, StringArray, new_null_array};
use arrow_schema::DataType;

use crate::conversion::Conversion;

/// Rows of what is made once.
const ROWS: usize = 4_096;

/// What says where rows come from, and what says nothing.
#[derive(Debug, Default)]
pub(crate) struct Repeats {
    texts: [OnceLock<StringArray>; 3],
    nothing: OnceLock<Vec<ArrayRef>>,
}

impl Repeats {
    /// Rows that say a text, which stands at a place among the columns of provenance.
    pub(super) fn text(&self, place: usize, text: &str, rows: usize) -> ArrayRef {
        let repeat = |rows| StringArray::from_iter_values(std::iter::repeat_n(text, rows));
        let known = self.texts.get(place).filter(|_| rows <= ROWS);
        match known.map(|known| known.get_or_init(|| repeat(ROWS))) {
            Some(known) if known.value(0) == text => Arc::new(known.slice(0, rows)),
            _ => Arc::new(repeat(rows)),
        }
    }

    /// Rows of a type that say nothing, in a table of a conversion.
    pub(super) fn nothing(
        &self,
        conversion: &Conversion,
        data_type: &DataType,
        rows: usize,
    ) -> ArrayRef {
        let made = || {
            let tables = conversion.tables.iter();
            let fields = tables.flat_map(|table| table.schema.fields());
            let mut types: Vec<&DataType> = Vec::new();
            for field in fields {
                if !types.contains(&field.data_type()) {
                    types.push(field.data_type());
                }
            }
            let types = types.into_iter();
            types.map(|known| new_null_array(known, ROWS)).collect()
        };
        let known = self.nothing.get_or_init(made).iter();
        let known = known.filter(|_| rows <= ROWS);
        match known.clone().find(|known| known.data_type() == data_type) {
            Some(known) => known.slice(0, rows),
            None => new_null_array(data_type, rows),
        }
    }
}
