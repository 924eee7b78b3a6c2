//! A set of numbers kept as intervals, so that numbers that follow one another take no memory.

use std::collections::BTreeMap;

/// A set of whole numbers.
#[derive(Debug, Clone, Default)]
pub(super) struct Intervals {
    /// First number of each interval and its last.
    intervals: BTreeMap<u64, u64>,
}

impl Intervals {
    /// Adds a number; whether it was new.
    pub(super) fn insert(&mut self, number: u64) -> bool {
        let before = self
            .intervals
            .range(..=number)
            .next_back()
            .map(|(&first, &last)| (first, last));
        if before.is_some_and(|(_, last)| last >= number) {
            return false;
        }
        let joins_before = before.filter(|&(_, last)| last + 1 == number);
        let after = number
            .checked_add(1)
            .and_then(|next| self.intervals.remove(&next));
        let first = joins_before.map_or(number, |(first, _)| first);
        self.intervals.insert(first, after.unwrap_or(number));
        true
    }

    /// How many intervals there are: the memory that the set takes.
    pub(super) fn pieces(&self) -> usize {
        self.intervals.len()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn neighbours_join() {
        let mut set = Intervals::default();
        for number in [5, 7, 6, 1, 2, u64::MAX, u64::MAX - 1, 0] {
            assert!(set.insert(number), "{number}");
            assert!(!set.insert(number), "{number}");
        }
        assert_eq!(set.pieces(), 3);
        assert!(set.insert(3) && set.insert(4));
        assert_eq!(set.pieces(), 2);
        assert!(!set.insert(4));
    }
}
