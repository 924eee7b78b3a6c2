//! Keys that are kept outside of memory until the input has ended.

use std::io;

use super::Here;
use super::log::Log;
use super::sorter::{Entry, Sorter};
use crate::ruleset::RuleSet;

/// Bytes of memory for keys that wait to be sorted.
const WAITING: usize = 4 << 20;

/// Keys and what findings about their rows would say.
#[derive(Debug)]
pub(super) struct Outside {
    pub(super) sorter: Sorter,
    pub(super) log: Log,
}

/// A finding that is made of a row that has gone by.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Late {
    pub(super) row: u64,
    /// The first row with the same key, when the finding names it.
    pub(super) first: Option<u64>,
}

impl Outside {
    pub(super) fn new() -> Self {
        Self {
            sorter: Sorter::new(WAITING),
            log: Log::default(),
        }
    }

    /// Notes what a finding about a row would say, and gives the row's number in the input.
    pub(super) fn note(
        &mut self,
        rules: &RuleSet,
        (rule, table): (u32, usize),
        row: u32,
        here: &Here<'_>,
    ) -> io::Result<u64> {
        let number = RuleSet::record_of(table, row, here);
        let (offset, texts) = rules.noted(rule, table, row, here);
        self.log.note(number, offset, texts)?;
        Ok(number)
    }

    /// Adds a row that has been noted.
    pub(super) fn add(&mut self, key: u128, value: u64, row: u64) -> io::Result<()> {
        self.sorter.push(Entry {
            key,
            row,
            value,
            settled: false,
        })
    }

    /// Adds a row of which no finding can come any more.
    pub(super) fn add_settled(&mut self, key: u128, value: u64, row: u64) -> io::Result<()> {
        self.sorter.push(Entry {
            key,
            row,
            value,
            settled: true,
        })
    }
}
