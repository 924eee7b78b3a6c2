//! What a column of any type asks of its values.

use arrow_array::Array;
use parquet::file::statistics::Statistics;

/// The values of the page that is being filled.
#[derive(Debug)]
pub(super) struct Page {
    /// Whether values are numbers of a dictionary.
    pub(super) numbered: bool,
    /// The numbers, one for each row that has a value.
    pub(super) numbers: Vec<u32>,
    /// The values themselves, where there is no dictionary.
    pub(super) plain: Vec<u8>,
}

/// Values of one type.
pub(super) trait Values: Default {
    /// The arrays that they come in.
    type Array: Array + 'static;

    /// Adds all values of an array to a page.
    fn add_all(&mut self, array: &Self::Array, page: &mut Page);
    /// Whether an array without nulls holds one value again and again.
    fn is_one(&self, array: &Self::Array) -> bool;
    /// Adds the first value of an array that has one.
    fn add_first(&mut self, array: &Self::Array, page: &mut Page);
    /// Bytes of the dictionary.
    fn dictionary_bytes(&self) -> usize;
    /// Different values in the dictionary.
    fn count(&self) -> usize;
    /// Puts values in the place of numbers and does without a dictionary from now on, if those of the first page repeat too
    /// rarely for one. Of types whose places in a dictionary take fewer bits than they do, they never do.
    fn spell_out_if_rare(&mut self, _: &mut Page) {}
    /// The dictionary as it is written. It is not added to any more.
    fn end_dictionary(&mut self) -> Vec<u8>;
    /// The statistics of all values.
    fn statistics(self, nulls: u64) -> Statistics;
}
