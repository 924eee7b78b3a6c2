//! The keys seen so far and the row of each, in an open table of bounded size.

/// Part of the slots that may be used.
const FULL: (usize, usize) = (17, 20);
const FIRST_SLOTS: usize = 1 << 10;
const FREE: u32 = u32::MAX;

/// Keys with their rows.
#[derive(Debug)]
pub(super) struct Keys {
    slots: Vec<(u64, u64)>,
    rows: Vec<u32>,
    used: usize,
    most: usize,
}

/// What came of an insertion.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Inserted {
    /// The key is new.
    New,
    /// The key stands in this row already.
    Known(u64),
    /// The key is new, and there is no room for it.
    Full,
}

impl Keys {
    /// A table that takes at most about `bytes` bytes.
    pub(super) fn new(bytes: usize) -> Self {
        let most = (bytes / (size_of::<(u64, u64)>() + size_of::<u32>())).max(FIRST_SLOTS);
        // The greatest power of two that is not above.
        let most = 1 << most.ilog2();
        Self {
            slots: Vec::new(),
            rows: Vec::new(),
            used: 0,
            most,
        }
    }

    fn slot(&self, key: (u64, u64)) -> usize {
        let mask = self.rows.len() - 1;
        let mut slot = key.0 as usize & mask;
        while self.rows[slot] != FREE && self.slots[slot] != key {
            slot = (slot + 1) & mask;
        }
        slot
    }

    /// Adds a key.
    pub(super) fn insert(&mut self, key: u128, row: u64) -> Inserted {
        let pair = ((key >> 64) as u64, key as u64);
        if self.rows.is_empty() {
            self.grow(FIRST_SLOTS);
        }
        let mut slot = self.slot(pair);
        if self.rows[slot] != FREE {
            return Inserted::Known(u64::from(self.rows[slot]));
        }
        if self.used >= self.rows.len() / FULL.1 * FULL.0 {
            if self.rows.len() >= self.most {
                return Inserted::Full;
            }
            self.grow(self.rows.len() * 2);
            slot = self.slot(pair);
        }
        let Some(row) = u32::try_from(row).ok().filter(|&row| row != FREE) else {
            return Inserted::Full;
        };
        self.slots[slot] = pair;
        self.rows[slot] = row;
        self.used += 1;
        Inserted::New
    }

    fn grow(&mut self, slots: usize) {
        let old = std::mem::replace(&mut self.slots, vec![(0, 0); slots]);
        let rows = std::mem::replace(&mut self.rows, vec![FREE; slots]);
        for (pair, row) in old.into_iter().zip(rows) {
            if row != FREE {
                let slot = self.slot(pair);
                self.slots[slot] = pair;
                self.rows[slot] = row;
            }
        }
    }

    /// Takes all keys out, in no order.
    pub(super) fn drain(&mut self) -> impl Iterator<Item = (u128, u64)> {
        self.used = 0;
        let slots = std::mem::take(&mut self.slots);
        let rows = std::mem::take(&mut self.rows);
        slots
            .into_iter()
            .zip(rows)
            .filter(|(_, row)| *row != FREE)
            .map(|((high, low), row)| ((u128::from(high) << 64) | u128::from(low), row.into()))
    }
}
