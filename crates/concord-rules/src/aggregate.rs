//! Aggregates of the rows of a group for each row above.

use std::sync::Arc;

use arrow_array::builder::BooleanBuilder;
use arrow_array::cast::AsArray;
use arrow_array::types::{
    ArrowPrimitiveType, Date32Type, Decimal128Type, Int64Type, TimestampSecondType,
};
use arrow_array::{Array, ArrayRef, BooleanArray, Int64Array, UInt32Array, new_null_array};
use arrow_schema::{DataType, TimeUnit};
use arrow_select::take::take;

use crate::sql::Aggregate;

/// Computes an aggregate: `of[i]` belongs to row `parents[i]` of `rows` rows.
///
/// `any` and `all` follow the logic of three values: unknown unless a known row decides. Over no rows at all, `any` is
/// false, `all` is true, `count` is 0, `min` and `max` are unknown.
pub(crate) fn aggregate(
    aggregate: Aggregate,
    of: Option<&ArrayRef>,
    parents: &[u32],
    rows: usize,
    data_type: &DataType,
) -> ArrayRef {
    match (aggregate, of) {
        (Aggregate::CountRows, _) | (Aggregate::Count, None) => {
            let mut counts = vec![0_i64; rows];
            for &parent in parents {
                counts[parent as usize] += 1;
            }
            Arc::new(Int64Array::from(counts))
        }
        (Aggregate::Count, Some(of)) => {
            let condition = of.as_boolean_opt();
            let mut counts = vec![0_i64; rows];
            for (row, &parent) in parents.iter().enumerate() {
                let counted = of.is_valid(row) && condition.is_none_or(|values| values.value(row));
                counts[parent as usize] += i64::from(counted);
            }
            Arc::new(Int64Array::from(counts))
        }
        (Aggregate::Any | Aggregate::All, of) => {
            let decisive = aggregate == Aggregate::Any;
            let values = of.and_then(|of| of.as_boolean_opt());
            Arc::new(quantified(decisive, values, parents, rows))
        }
        (Aggregate::Min | Aggregate::Max, Some(of)) => {
            extreme(of, aggregate == Aggregate::Min, parents, rows)
                .unwrap_or_else(|| new_null_array(data_type, rows))
        }
        (Aggregate::Min | Aggregate::Max, None) => new_null_array(data_type, rows),
    }
}

/// `any` when a true row decides, `all` when a false row does.
fn quantified(
    decisive: bool,
    values: Option<&BooleanArray>,
    parents: &[u32],
    rows: usize,
) -> BooleanArray {
    let mut decided = vec![Some(!decisive); rows];
    for (row, &parent) in parents.iter().enumerate() {
        let state = &mut decided[parent as usize];
        let value = values.filter(|values| values.is_valid(row));
        match value.map(|values| values.value(row)) {
            Some(value) if value == decisive => *state = Some(decisive),
            None if *state != Some(decisive) => *state = None,
            _ => {}
        }
    }
    let mut builder = BooleanBuilder::with_capacity(rows);
    for value in decided {
        builder.append_option(value);
    }
    builder.finish()
}

fn extreme(of: &ArrayRef, least: bool, parents: &[u32], rows: usize) -> Option<ArrayRef> {
    let best = match of.data_type() {
        DataType::Int64 => best_of::<Int64Type>(of, least, parents, rows),
        DataType::Date32 => best_of::<Date32Type>(of, least, parents, rows),
        DataType::Decimal128(..) => best_of::<Decimal128Type>(of, least, parents, rows),
        DataType::Timestamp(TimeUnit::Second, None) => {
            best_of::<TimestampSecondType>(of, least, parents, rows)
        }
        DataType::Utf8 => {
            let values = of.as_string::<i32>();
            best_by(of, parents, rows, |a, b| {
                (values.value(a) < values.value(b)) == least
            })
        }
        _ => return None,
    };
    take(of, &best, None).ok()
}

fn best_of<T: ArrowPrimitiveType>(
    of: &ArrayRef,
    least: bool,
    parents: &[u32],
    rows: usize,
) -> UInt32Array
where
    T::Native: PartialOrd,
{
    let values = of.as_primitive::<T>();
    best_by(of, parents, rows, |a, b| {
        (values.value(a) < values.value(b)) == least
    })
}

fn best_by(
    of: &ArrayRef,
    parents: &[u32],
    rows: usize,
    better: impl Fn(usize, usize) -> bool,
) -> UInt32Array {
    let mut best: Vec<Option<u32>> = vec![None; rows];
    for (row, &parent) in parents.iter().enumerate() {
        if of.is_null(row) {
            continue;
        }
        let known = &mut best[parent as usize];
        if known.is_none_or(|known| better(row, known as usize)) {
            *known = Some(row as u32);
        }
    }
    UInt32Array::from(best)
}

#[cfg(test)]
mod tests {
    use super::*;

    const PARENTS: [u32; 5] = [0, 0, 1, 3, 3];

    fn booleans(aggregate_: Aggregate, values: Vec<Option<bool>>) -> Vec<Option<bool>> {
        let of: ArrayRef = Arc::new(BooleanArray::from(values));
        let array = aggregate(aggregate_, Some(&of), &PARENTS, 4, &DataType::Boolean);
        array.as_boolean().iter().collect()
    }

    #[test]
    fn conditions_follow_three_valued_logic() {
        let values = vec![Some(true), None, None, Some(false), Some(true)];
        assert_eq!(
            booleans(Aggregate::Any, values.clone()),
            [Some(true), None, Some(false), Some(true)]
        );
        assert_eq!(
            booleans(Aggregate::All, values),
            [None, None, Some(true), Some(false)]
        );
    }

    #[test]
    fn extremes_ignore_unknown_values() {
        let of: ArrayRef = Arc::new(Int64Array::from(vec![
            Some(5),
            Some(3),
            None,
            Some(-1),
            Some(9),
        ]));
        let least = aggregate(Aggregate::Min, Some(&of), &PARENTS, 4, &DataType::Int64);
        let most = aggregate(Aggregate::Max, Some(&of), &PARENTS, 4, &DataType::Int64);
        let list = |array: &ArrayRef| array.as_primitive::<Int64Type>().iter().collect::<Vec<_>>();
        assert_eq!(list(&least), [Some(3), None, None, Some(-1)]);
        assert_eq!(list(&most), [Some(5), None, None, Some(9)]);
        let count = aggregate(Aggregate::Count, Some(&of), &PARENTS, 4, &DataType::Int64);
        assert_eq!(list(&count), [Some(2), Some(0), Some(0), Some(2)]);
        let rows = aggregate(Aggregate::CountRows, None, &PARENTS, 4, &DataType::Int64);
        assert_eq!(list(&rows), [Some(2), Some(1), Some(0), Some(2)]);
    }
}
