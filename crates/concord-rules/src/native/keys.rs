//! The keys seen so far and the row of each, in an open table of bounded size.

/// Part of the slots that may be used.
const FULL: (usize, usize) = (17, 20);
const FIRST_SLOTS: usize = 1 << 10;
const FREE: u32 = u32::MAX;

/// Bytes that a slot takes.
const SLOT: usize = size_of::<Slot>();

/// The halves of a key and its row, together because a key that is looked up is rarely in the processor's memory.
type Slot = (u64, u64, u32);

/// Keys with their rows.
#[derive(Debug, Default)]
pub(super) struct Keys {
    slots: Vec<Slot>,
    used: usize,
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
    fn slot(&self, (high, low): (u64, u64)) -> usize {
        let mask = self.slots.len() - 1;
        let mut slot = high as usize & mask;
        loop {
            let known = &self.slots[slot];
            if known.2 == FREE || (known.0, known.1) == (high, low) {
                return slot;
            }
            slot = (slot + 1) & mask;
        }
    }

    /// Touches the slots of some keys that are about to be inserted. None of them waits for another, so that the processor
    /// fetches them side by side; insertions wait one after the other.
    pub(super) fn touch(&self, keys: impl Iterator<Item = u128>) {
        if let Some(mask) = self.slots.len().checked_sub(1) {
            let slots = keys.map(|key| self.slots[(key >> 64) as usize & mask].2);
            std::hint::black_box(slots.fold(0, |all, row| all ^ row));
        }
    }

    /// Adds a key. `left`: bytes that all tables together may still take, of which this one takes what it grows by.
    pub(super) fn insert(&mut self, key: u128, row: u64, left: &mut usize) -> Inserted {
        let pair = ((key >> 64) as u64, key as u64);
        if self.slots.is_empty() {
            self.grow(FIRST_SLOTS);
        }
        let mut slot = self.slot(pair);
        let known = self.slots[slot].2;
        if known != FREE {
            return Inserted::Known(u64::from(known));
        }
        if self.used >= self.slots.len() / FULL.1 * FULL.0 {
            let more = self.slots.len();
            if more * SLOT > *left {
                return Inserted::Full;
            }
            *left -= more * SLOT;
            self.grow(more * 2);
            slot = self.slot(pair);
        }
        let Some(row) = u32::try_from(row).ok().filter(|&row| row != FREE) else {
            return Inserted::Full;
        };
        self.slots[slot] = (pair.0, pair.1, row);
        self.used += 1;
        Inserted::New
    }

    fn grow(&mut self, slots: usize) {
        let old = std::mem::replace(&mut self.slots, vec![(0, 0, FREE); slots]);
        for (high, low, row) in old {
            if row != FREE {
                let slot = self.slot((high, low));
                self.slots[slot] = (high, low, row);
            }
        }
    }

    /// Takes all keys out, in no order, and gives back what they took.
    pub(super) fn drain(&mut self, left: &mut usize) -> impl Iterator<Item = (u128, u64)> {
        self.used = 0;
        *left += self.slots.len().saturating_sub(FIRST_SLOTS) * SLOT;
        std::mem::take(&mut self.slots)
            .into_iter()
            .filter(|(.., row)| *row != FREE)
            .map(|(high, low, row)| ((u128::from(high) << 64) | u128::from(low), row.into()))
    }
}
