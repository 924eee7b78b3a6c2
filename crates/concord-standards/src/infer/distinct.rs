//! Which values a column holds, while they are few; and whether any stands twice, while they can be kept.

use std::collections::{BTreeMap, HashSet};
use std::hash::{DefaultHasher, Hash as _, Hasher as _};

/// Most different values that are kept of a column: more are no code list.
pub(super) const MOST_VALUES: usize = 64;

/// Longest value that is kept, in bytes: what is longer is no code.
const LONGEST_VALUE: usize = 40;

/// The values of a column and how often each stands, while they are few and short.
#[derive(Debug, Clone, Default)]
pub(super) struct Distinct {
    values: BTreeMap<Box<str>, u64>,
    /// Whether there are more, or longer ones, than are kept.
    overflowed: bool,
}

impl Distinct {
    pub(super) fn add(&mut self, value: &str) {
        if self.overflowed {
            return;
        }
        if let Some(count) = self.values.get_mut(value) {
            *count += 1;
        } else if value.len() > LONGEST_VALUE || self.values.len() == MOST_VALUES {
            self.overflowed = true;
            self.values = BTreeMap::new();
        } else {
            self.values.insert(value.into(), 1);
        }
    }

    /// The values and how often each stands, in order; `None` when they are too many.
    pub(super) fn all(&self) -> Option<&BTreeMap<Box<str>, u64>> {
        (!self.overflowed).then_some(&self.values)
    }
}

/// Values of all columns that are kept to see whether they repeat: 8 bytes each, and as much again for their order.
const MOST_KEYS: usize = 4_000_000;

/// Which columns have held no value twice.
///
/// Values are kept as numbers of 64 bits. Two values of one number would make a column seem to repeat itself that does not:
/// a key is missed then, none is made up.
#[derive(Debug, Clone)]
pub(super) struct Keys {
    columns: Vec<Seen>,
    kept: usize,
    most: usize,
}

#[derive(Debug, Clone)]
enum Seen {
    /// Every value so far was new.
    Unique(HashSet<u64>),
    /// Some value stands twice, or none stands where one must.
    Repeated,
    /// There were more values than can be kept.
    Unknown,
}

impl Keys {
    pub(super) fn of(columns: usize) -> Self {
        Self::keeping(MOST_KEYS, columns)
    }

    fn keeping(most: usize, columns: usize) -> Self {
        Self {
            most,
            columns: vec![Seen::Unique(HashSet::new()); columns],
            kept: 0,
        }
    }

    /// Takes note of the value of a column; an empty one is none.
    pub(super) fn add(&mut self, column: usize, value: &str) {
        let Some(seen) = self.columns.get_mut(column) else {
            return;
        };
        let Seen::Unique(known) = seen else {
            return;
        };
        let mut hasher = DefaultHasher::new();
        value.hash(&mut hasher);
        if value.is_empty() || !known.insert(hasher.finish()) {
            self.kept -= known.len();
            *seen = Seen::Repeated;
            return;
        }
        self.kept += 1;
        if self.kept > self.most {
            self.give_up();
        }
    }

    /// Gives the column up that keeps most values.
    fn give_up(&mut self) {
        let most = self.columns.iter_mut().max_by_key(|seen| match seen {
            Seen::Unique(known) => known.len(),
            _ => 0,
        });
        if let Some(seen) = most
            && let Seen::Unique(known) = seen
        {
            self.kept -= known.len();
            *seen = Seen::Unknown;
        }
    }

    /// Whether a column was filled in every row and held no value twice.
    pub(super) fn is_key(&self, column: usize) -> bool {
        matches!(self.columns.get(column), Some(Seen::Unique(known)) if !known.is_empty())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_kept_while_they_are_few() {
        let mut distinct = Distinct::default();
        for number in 0..MOST_VALUES {
            distinct.add(&number.to_string());
            distinct.add("0");
        }
        let all = distinct.all().expect("they are few");
        assert_eq!((all.len(), all["0"]), (MOST_VALUES, 1 + MOST_VALUES as u64));
        distinct.add("one more");
        assert!(distinct.all().is_none());
        let mut long = Distinct::default();
        long.add(&"x".repeat(LONGEST_VALUE + 1));
        assert!(long.all().is_none());
    }

    #[test]
    fn a_key_is_filled_and_holds_nothing_twice() {
        let mut keys = Keys::of(4);
        for row in 0..100 {
            keys.add(0, &row.to_string());
            keys.add(1, &(row % 99).to_string());
            keys.add(2, if row == 50 { "" } else { "x" });
        }
        let answers: Vec<bool> = (0..4).map(|column| keys.is_key(column)).collect();
        assert_eq!(answers, [true, false, false, false]);
        assert_eq!(keys.kept, 100);
    }

    #[test]
    fn what_cannot_be_kept_is_not_called_a_key() {
        let mut keys = Keys::keeping(1_000, 2);
        for row in 0..=1_000 {
            keys.add(0, &row.to_string());
            if row < 10 {
                keys.add(1, &row.to_string());
            }
        }
        assert!(!keys.is_key(0) && keys.is_key(1));
        assert_eq!(keys.kept, 10);
    }
}
