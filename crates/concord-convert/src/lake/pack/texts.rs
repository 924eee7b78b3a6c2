//! Texts of a column: their dictionary, or one behind the other.

use arrow_array::{Array, StringArray};
use concord_check::capture::Brief;
use parquet::data_type::ByteArray;
use parquet::file::statistics::{Statistics, ValueStatistics};

use super::bounds::{Bound, Bounds};
use super::distinct::Distinct;
use super::values::{Page, Values};

/// Bytes in front of a text that say how long it is.
const LENGTH: usize = 4;
/// Fewer texts than this do not tell whether they repeat.
const FEW: usize = 1_024;

/// What is known of a column's texts.
#[derive(Debug, Default)]
pub(super) struct Texts {
    distinct: Distinct,
    /// Each different text with its length in front, as the dictionary's page holds them.
    dictionary: Vec<u8>,
    /// Where each of them begins there.
    starts: Vec<u32>,
    bounds: Bounds,
}

impl Texts {
    /// The number of a text that stands in `bytes` at `start`.
    #[inline]
    fn number(&mut self, text: &[u8], bytes: &[u8], start: usize) -> u32 {
        let Self {
            distinct,
            dictionary,
            starts,
            ..
        } = self;
        let key = distinct.key(text, bytes, start);
        let is_same = |number: u32| {
            text.len() <= Brief::MOST || {
                let start = starts[number as usize] as usize + LENGTH;
                dictionary.get(start..start + text.len()) == Some(text)
            }
        };
        let (number, new) = distinct.number(key, is_same);
        if new {
            starts.push(dictionary.len() as u32);
            put(text, dictionary);
        }
        number
    }

    fn entry(&self, number: usize) -> &[u8] {
        let start = self.starts[number] as usize;
        let end = self.starts.get(number + 1);
        let end = end.map_or(self.dictionary.len(), |end| *end as usize);
        &self.dictionary[start..end]
    }

    fn add(&mut self, array: &StringArray, index: usize, page: &mut Page) {
        let offsets = array.value_offsets();
        let (start, end) = (place(offsets[index]), place(offsets[index + 1]));
        let bytes = array.value_data();
        let text = &bytes[start..end];
        if page.numbered {
            let number = self.number(text, bytes, start);
            page.numbers.push(number);
        } else {
            self.bounds.add(text);
            put(text, &mut page.plain);
        }
    }
}

/// An offset in an array, which is never negative.
#[inline]
fn place(offset: i32) -> usize {
    offset.cast_unsigned() as usize
}

/// A text behind its length.
#[inline]
fn put(text: &[u8], out: &mut Vec<u8>) {
    out.extend_from_slice(&(text.len() as u32).to_le_bytes());
    out.extend_from_slice(text);
}

/// How many different texts an array holds.
pub(in crate::lake) fn distinct_texts(array: &StringArray) -> usize {
    let mut texts = Texts::default();
    let mut page = Page {
        numbered: true,
        numbers: Vec::new(),
        plain: Vec::new(),
    };
    texts.add_all(array, &mut page);
    texts.distinct.len()
}

impl Values for Texts {
    type Array = StringArray;

    fn add_all(&mut self, array: &StringArray, page: &mut Page) {
        match array.nulls().filter(|nulls| nulls.null_count() > 0) {
            Some(nulls) => {
                for index in nulls.valid_indices() {
                    self.add(array, index, page);
                }
            }
            None => {
                for index in 0..array.len() {
                    self.add(array, index, page);
                }
            }
        }
    }

    fn is_one(&self, array: &StringArray) -> bool {
        let offsets = array.value_offsets();
        let (Some(first), Some(second), Some(last)) =
            (offsets.first(), offsets.get(1), offsets.last())
        else {
            return false;
        };
        let length = place(second - first);
        let bytes = &array.value_data()[place(*first)..place(*last)];
        bytes.len() == length * array.len()
            && bytes[length..] == bytes[..bytes.len() - length]
            && offsets
                .windows(2)
                .all(|pair| place(pair[1] - pair[0]) == length)
    }

    fn add_first(&mut self, array: &StringArray, page: &mut Page) {
        self.add(array, 0, page);
    }

    fn dictionary_bytes(&self) -> usize {
        self.dictionary.len()
    }

    fn count(&self) -> usize {
        self.distinct.len()
    }

    fn spell_out_if_rare(&mut self, page: &mut Page) {
        let values = page.numbers.len();
        if values < FEW || self.distinct.len() * 2 <= values {
            return;
        }
        for number in page.numbers.drain(..) {
            page.plain.extend_from_slice(self.entry(number as usize));
        }
        self.end_dictionary();
        page.numbered = false;
    }

    fn end_dictionary(&mut self) -> Vec<u8> {
        let mut bounds = std::mem::take(&mut self.bounds);
        for number in 0..self.starts.len() {
            bounds.add(&self.entry(number)[LENGTH..]);
        }
        self.bounds = bounds;
        self.starts = Vec::new();
        self.distinct = Distinct::default();
        std::mem::take(&mut self.dictionary)
    }

    fn statistics(self, nulls: u64) -> Statistics {
        let (least, most) = self.bounds.written().unzip();
        let exact = |bound: &Option<Bound>| bound.as_ref().is_some_and(|bound| bound.exact);
        let is_exact = (exact(&least), exact(&most));
        let text = |bound: Option<Bound>| bound.map(|bound| ByteArray::from(bound.text));
        let statistics = ValueStatistics::new(text(least), text(most), None, Some(nulls), false);
        Statistics::ByteArray(
            statistics
                .with_min_is_exact(is_exact.0)
                .with_max_is_exact(is_exact.1),
        )
    }
}
