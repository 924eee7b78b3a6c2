//! Amounts of a column.

use arrow_array::cast::AsArray;
use arrow_array::types::{Decimal128Type, Int64Type};
use arrow_array::{Array, RecordBatch};
use concord_model::entities::{Kind, entity};

use super::{LINE, PLAN, SCALE};

/// Numbers of a column, in units of the eighth digit behind the point.
pub(super) struct Amounts<'b> {
    array: &'b dyn Array,
    pub(super) title: &'static str,
}

impl<'b> Amounts<'b> {
    pub(super) fn of(rows: &'b RecordBatch, name: &str) -> Option<Self> {
        let array = &**rows.column_by_name(name)?;
        let fields = [LINE, PLAN]
            .into_iter()
            .filter_map(|of| entity(of)?.field(name));
        let field = fields
            .into_iter()
            .find(|field| matches!(field.kind, Kind::Decimal { .. } | Kind::Integer))?;
        Some(Self {
            array,
            title: field.title,
        })
    }

    pub(super) fn get(&self, row: usize) -> Option<i128> {
        if self.array.is_null(row) {
            return None;
        }
        let (value, scale) = match self.array.data_type() {
            arrow_schema::DataType::Decimal128(_, scale) => (
                self.array.as_primitive::<Decimal128Type>().value(row),
                *scale,
            ),
            arrow_schema::DataType::Int64 => (
                i128::from(self.array.as_primitive::<Int64Type>().value(row)),
                0,
            ),
            _ => return None,
        };
        let power = u32::try_from(SCALE.checked_sub(scale)?).ok()?;
        value.checked_mul(10_i128.checked_pow(power)?)
    }
}
