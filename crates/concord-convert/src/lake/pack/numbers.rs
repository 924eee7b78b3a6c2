//! Whole numbers, days and moments of a column.

use std::marker::PhantomData;

use arrow_array::types::{ArrowPrimitiveType, Date32Type, Int64Type, TimestampMicrosecondType};
use arrow_array::{Array, PrimitiveArray};
use parquet::file::statistics::{Statistics, ValueStatistics};

use super::distinct::Distinct;
use super::values::{Page, Values};

/// A kind of number that is written as 32 or 64 bits.
pub(super) trait Number: ArrowPrimitiveType<Native: Into<i64>> {
    /// Appends it as it is written.
    fn put(number: Self::Native, out: &mut Vec<u8>);
    /// The statistics of numbers.
    fn statistics(bounds: Option<(Self::Native, Self::Native)>, nulls: u64) -> Statistics;
}

macro_rules! number {
    ($type:ty, $native:ty) => {
        impl Number for $type {
            fn put(number: $native, out: &mut Vec<u8>) {
                out.extend_from_slice(&number.to_le_bytes());
            }
            fn statistics(bounds: Option<($native, $native)>, nulls: u64) -> Statistics {
                let (least, most) = bounds.unzip();
                ValueStatistics::new(least, most, None, Some(nulls), false)
                    .with_backwards_compatible_min_max(true)
                    .into()
            }
        }
    };
}

number!(Int64Type, i64);
number!(TimestampMicrosecondType, i64);
number!(Date32Type, i32);

/// What is known of a column's numbers.
#[derive(Debug)]
pub(super) struct Numbers<T: Number> {
    distinct: Distinct,
    dictionary: Vec<T::Native>,
    bounds: Option<(T::Native, T::Native)>,
    of: PhantomData<T>,
}

impl<T: Number> Default for Numbers<T> {
    fn default() -> Self {
        Self {
            distinct: Distinct::default(),
            dictionary: Vec::new(),
            bounds: None,
            of: PhantomData,
        }
    }
}

impl<T: Number> Numbers<T> {
    #[inline]
    fn add(&mut self, number: T::Native, page: &mut Page) {
        if page.numbered {
            let key = u128::from(number.into().cast_unsigned());
            let (place, new) = self.distinct.number(key, |_| true);
            if new {
                self.dictionary.push(number);
            }
            page.numbers.push(place);
        } else {
            self.widen(number);
            T::put(number, &mut page.plain);
        }
    }

    fn widen(&mut self, number: T::Native) {
        let (least, most) = self.bounds.get_or_insert((number, number));
        if number < *least {
            *least = number;
        }
        if number > *most {
            *most = number;
        }
    }
}

impl<T: Number> Values for Numbers<T> {
    type Array = PrimitiveArray<T>;

    fn add_all(&mut self, array: &PrimitiveArray<T>, page: &mut Page) {
        let values = array.values();
        match array.nulls().filter(|nulls| nulls.null_count() > 0) {
            Some(nulls) => {
                for index in nulls.valid_indices() {
                    self.add(values[index], page);
                }
            }
            None => {
                for number in values {
                    self.add(*number, page);
                }
            }
        }
    }

    fn is_one(&self, array: &PrimitiveArray<T>) -> bool {
        let values = array.values();
        values.windows(2).all(|pair| pair[0] == pair[1])
    }

    fn add_first(&mut self, array: &PrimitiveArray<T>, page: &mut Page) {
        self.add(array.value(0), page);
    }

    fn dictionary_bytes(&self) -> usize {
        self.dictionary.len() * size_of::<T::Native>()
    }

    fn count(&self) -> usize {
        self.dictionary.len()
    }

    fn end_dictionary(&mut self) -> Vec<u8> {
        let mut written = Vec::with_capacity(self.dictionary_bytes());
        for number in std::mem::take(&mut self.dictionary) {
            self.widen(number);
            T::put(number, &mut written);
        }
        self.distinct = Distinct::default();
        written
    }

    fn statistics(self, nulls: u64) -> Statistics {
        T::statistics(self.bounds, nulls)
    }
}
