//! What is kept of every row.

use std::hash::{BuildHasherDefault, DefaultHasher, Hash, Hasher};

use concord_standards::submission::Condition;

use super::plan::{Kept, Key};
use super::sources::Row;

/// A row that was rejected by no rule.
pub(crate) const VALID: u16 = u16::MAX;

/// A row that was rejected for a fault of its carrier.
pub(crate) const CARRIER: u16 = u16::MAX - 1;

/// No row.
pub(crate) const NO_ROW: u32 = u32::MAX;

/// A row without a key, because a value of it is absent.
pub(crate) const NO_KEY: u64 = 0;

/// Hashes as they are: they are hashes already.
#[derive(Debug, Default, Clone, Copy)]
pub(crate) struct AsIs(u64);

impl Hasher for AsIs {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.0 = self.0.rotate_left(8) ^ u64::from(*byte);
        }
    }

    fn write_u64(&mut self, number: u64) {
        self.0 = number;
    }
}

/// A map by hashes.
pub(crate) type ByKey<T> = std::collections::HashMap<u64, T, BuildHasherDefault<AsIs>>;
/// A set of hashes.
pub(crate) type Keys = std::collections::HashSet<u64, BuildHasherDefault<AsIs>>;

/// The rows of a table.
#[derive(Debug, Default)]
pub(crate) struct Rows {
    pub(crate) count: u32,
    /// The rule that rejected each row first, or [`VALID`].
    pub(crate) reasons: Vec<u16>,
    /// For each key the hashes of the rows.
    pub(crate) keys: Vec<Vec<u64>>,
    /// For each flag a bit for each row.
    pub(crate) flags: Vec<Vec<u64>>,
    /// For each column of moments those of the rows.
    pub(crate) moments: Vec<Vec<i64>>,
    /// Rows that are no longer valid.
    pub(crate) invalid: u64,
    /// A bit for each row: whether something that was found on it by itself is told when it is read again.
    to_be_told: Vec<u64>,
}

impl Rows {
    pub(crate) fn new(kept: &Kept) -> Self {
        Self {
            keys: vec![Vec::new(); kept.keys.len()],
            flags: vec![Vec::new(); kept.flags.len()],
            moments: vec![Vec::new(); kept.moments.len()],
            ..Self::default()
        }
    }

    /// Keeps what is wanted of a row.
    pub(crate) fn add(&mut self, kept: &Kept, row: &Row<'_>) {
        for (key, hashes) in kept.keys.iter().zip(&mut self.keys) {
            hashes.push(hash(key, row));
        }
        for (conditions, bits) in kept.flags.iter().zip(&mut self.flags) {
            let bit = self.count % 64;
            if bit == 0 {
                bits.push(0);
            }
            if holds(conditions, row)
                && let Some(word) = bits.last_mut()
            {
                *word |= 1 << bit;
            }
        }
        for (moment, numbers) in kept.moments.iter().zip(&mut self.moments) {
            numbers.push(moment.of(row.cell(moment.column)));
        }
        self.reasons.push(VALID);
        self.count += 1;
    }

    /// Rejects a row, unless another rule has done so.
    pub(crate) fn reject(&mut self, row: u32, rule: u16) {
        if let Some(reason) = self.reasons.get_mut(row as usize)
            && *reason == VALID
        {
            *reason = rule;
            self.invalid += 1;
        }
    }

    /// Leaves what was found on a row by itself to be told when it is read again.
    pub(crate) fn tell_later(&mut self, row: u32) {
        let word = (row / 64) as usize;
        if self.to_be_told.len() <= word {
            self.to_be_told.resize(word + 1, 0);
        }
        self.to_be_told[word] |= 1 << (row % 64);
    }

    /// Whether something that was found on a row by itself is yet to be told.
    pub(crate) fn is_to_be_told(&self, row: u32) -> bool {
        let word = self.to_be_told.get((row / 64) as usize);
        word.is_some_and(|word| word & (1 << (row % 64)) != 0)
    }

    /// The rows on which something is yet to be told.
    pub(crate) fn to_be_told(&self) -> impl Iterator<Item = u32> + '_ {
        (0..self.count).filter(|row| self.is_to_be_told(*row))
    }

    /// Whether there is such a row.
    pub(crate) fn tells_later(&self) -> bool {
        !self.to_be_told.is_empty()
    }

    pub(crate) fn is_valid(&self, row: u32) -> bool {
        self.reasons
            .get(row as usize)
            .is_some_and(|reason| *reason == VALID)
    }

    /// Whether a flag of a row is set.
    pub(crate) fn flag(&self, flag: usize, row: u32) -> bool {
        let word = self.flags[flag].get((row / 64) as usize);
        word.is_some_and(|word| word & (1 << (row % 64)) != 0)
    }

    /// The first row of each key.
    pub(crate) fn first_of(&self, key: usize) -> ByKey<u32> {
        let mut first = ByKey::default();
        for (row, hash) in (0u32..).zip(&self.keys[key]) {
            if *hash != NO_KEY {
                first.entry(*hash).or_insert(row);
            }
        }
        first
    }
}

/// Whether conditions are true of a row.
pub(crate) fn holds(conditions: &[Condition], row: &Row<'_>) -> bool {
    let mut conditions = conditions.iter();
    conditions.all(|condition| condition.holds(row.cell(condition.column)))
}

fn hash(key: &Key, row: &Row<'_>) -> u64 {
    // The hasher of the standard library without a seed gives the same numbers in every run of a program.
    let mut hasher = DefaultHasher::new();
    for column in &key.columns {
        let cell = row.cell(*column);
        if cell.is_empty() && !key.blanks_same {
            return NO_KEY;
        }
        cell.hash(&mut hasher);
    }
    hasher.finish().max(1)
}
