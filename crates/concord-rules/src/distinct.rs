//! Rows that say the same, so that what rules say of them is worked out once.
//!
//! Most columns of a table hold few different values: codes, organisations, the month. What a condition says of a row follows
//! from the values that it looks at, and so it is evaluated for the first row of each combination only. Where there are too
//! many combinations for that to be worth it, it is evaluated for all rows.

use std::cell::OnceCell;
use std::collections::HashMap;
use std::sync::Arc;

use concord_check::capture::{Brief, Captured};

use crate::sql::{Input, Source};
use crate::tables::Cell;

/// So many different rows are always followed.
const FEW: usize = 64;
/// One row in so many may be different.
const SHARE: usize = 4;
/// Marks a free slot.
const FREE: u32 = u32::MAX;

/// Rows put together by what they say in some columns.
#[derive(Debug, Default)]
pub(crate) struct Distinct {
    /// The first row that says each thing.
    pub(crate) firsts: Vec<u32>,
    /// For each row, which of the first ones says the same.
    pub(crate) like: Vec<u32>,
    /// Whether the last of the first ones is the first that says nothing, while each of the others stands for itself.
    pub(crate) all_but_absent: bool,
}

impl Distinct {
    /// Puts rows together by a number for each; `None` where too many are different.
    fn of(numbers: impl ExactSizeIterator<Item = u128>) -> Option<Self> {
        let mut found = Self {
            like: Vec::with_capacity(numbers.len()),
            ..Self::default()
        };
        let mut slots = Slots::default();
        let mut last = (0, FREE);
        for (row, number) in numbers.enumerate() {
            if last.1 == FREE || last.0 != number {
                let next = found.firsts.len();
                let like = slots.insert(number, next as u32);
                if like as usize == next {
                    if next >= FEW + row / SHARE {
                        return None;
                    }
                    found.firsts.push(row as u32);
                }
                last = (number, like);
            }
            found.like.push(last.1);
        }
        Some(found)
    }

    /// Puts rows together by a number below `all` for each; `None` where too many are different.
    fn of_few(numbers: impl ExactSizeIterator<Item = usize>, all: usize) -> Option<Self> {
        let mut found = Self {
            like: Vec::with_capacity(numbers.len()),
            ..Self::default()
        };
        let mut known = vec![FREE; all];
        for (row, number) in numbers.enumerate() {
            if known[number] == FREE {
                let next = found.firsts.len();
                if next >= FEW + row / SHARE {
                    return None;
                }
                known[number] = next as u32;
                found.firsts.push(row as u32);
            }
            found.like.push(known[number]);
        }
        Some(found)
    }

    /// Puts the rows together that have no text; each of the others stands for itself.
    fn of_present(texts: impl ExactSizeIterator<Item = bool>) -> Self {
        let mut found = Self {
            like: Vec::with_capacity(texts.len()),
            ..Self::default()
        };
        let mut absent = None;
        for (row, present) in texts.enumerate() {
            if present {
                found.like.push(found.firsts.len() as u32);
                found.firsts.push(row as u32);
            } else {
                absent.get_or_insert(row as u32);
                found.like.push(FREE);
            }
        }
        if let Some(absent) = absent {
            let place = found.firsts.len() as u32;
            found.firsts.push(absent);
            for like in &mut found.like {
                if *like == FREE {
                    *like = place;
                }
            }
            found.all_but_absent = true;
        }
        found
    }
}

/// Numbers that are known, in an open table.
#[derive(Debug, Default)]
struct Slots {
    slots: Vec<(u128, u32)>,
    used: usize,
}

impl Slots {
    /// Gives what a number was inserted with first.
    #[inline]
    fn insert(&mut self, number: u128, like: u32) -> u32 {
        if self.used * 2 >= self.slots.len() {
            self.grow();
        }
        let slot = self.slot(number);
        let (known, given) = &mut self.slots[slot];
        if *given == FREE {
            (*known, *given) = (number, like);
            self.used += 1;
        }
        *given
    }

    /// The slot that holds a number, or the free one where it belongs.
    #[inline]
    fn slot(&self, number: u128) -> usize {
        let mask = self.slots.len() - 1;
        let folded = (number as u64) ^ ((number >> 64) as u64).rotate_left(23);
        let mut slot = (folded.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 44) as usize & mask;
        while self.slots[slot].1 != FREE && self.slots[slot].0 != number {
            slot = (slot + 1) & mask;
        }
        slot
    }

    fn grow(&mut self) {
        let size = (self.slots.len() * 2).max(4 * FEW);
        let old = std::mem::replace(&mut self.slots, vec![(0, FREE); size]);
        for (number, given) in old {
            if given != FREE {
                let slot = self.slot(number);
                self.slots[slot] = (number, given);
            }
        }
    }
}

/// What is found of the columns of a table, each looked at when it is first asked for.
pub(crate) struct Columns<'c> {
    captured: &'c Captured,
    chunk: &'c [u8],
    table: usize,
    inputs: &'c [Input],
    found: Vec<OnceCell<Option<Arc<Distinct>>>>,
}

impl<'c> Columns<'c> {
    /// For a table whose conditions look at `inputs`.
    pub(crate) fn new(
        captured: &'c Captured,
        chunk: &'c [u8],
        table: usize,
        inputs: &'c [Input],
    ) -> Self {
        Self {
            captured,
            chunk,
            table,
            inputs,
            found: vec![OnceCell::new(); inputs.len()],
        }
    }

    /// Puts the rows together by what they say in these inputs, which are cells of the table itself; `None` where too many
    /// are different.
    pub(crate) fn together(&self, inputs: &[usize]) -> Option<Arc<Distinct>> {
        if let [input] = *inputs {
            return self
                .alike(input)
                .or_else(|| match self.inputs[input].source {
                    Source::Cell(cell) => Some(Arc::new(Distinct::of_present(self.present(cell)))),
                    Source::Presence(..) | Source::Aggregate { .. } => None,
                });
        }
        let columns: Vec<Arc<Distinct>> = inputs
            .iter()
            .map(|&input| self.alike(input))
            .collect::<Option<_>>()?;
        let sizes = columns.iter().map(|column| column.firsts.len() as u128);
        let all = sizes.clone().try_fold(1_u128, u128::checked_mul)?;
        let (first, others) = columns.split_first()?;
        let rows = first.like.len();
        if let Some(all) = usize::try_from(all)
            .ok()
            .filter(|all| *all <= rows.max(FEW))
        {
            let number = |(row, like): (usize, &u32)| {
                others.iter().fold(*like as usize, |number, column| {
                    number * column.firsts.len() + column.like[row] as usize
                })
            };
            let numbers = first.like.iter().enumerate().map(number);
            return Distinct::of_few(numbers, all).map(Arc::new);
        }
        let number = |(row, like): (usize, &u32)| {
            let parts = others.iter().zip(sizes.clone().skip(1));
            parts.fold(u128::from(*like), |number, (column, size)| {
                number * size + u128::from(column.like[row])
            })
        };
        Distinct::of(first.like.iter().enumerate().map(number)).map(Arc::new)
    }

    /// Puts the rows together by what they say in one input; `None` where too many are different.
    pub(crate) fn alike(&self, input: usize) -> Option<Arc<Distinct>> {
        let look = || self.look(input).map(Arc::new);
        self.found[input].get_or_init(look).clone()
    }

    fn look(&self, input: usize) -> Option<Distinct> {
        match self.inputs[input].source {
            Source::Cell(cell) => {
                let mut long = Long::default();
                let texts = self.captured.column(self.chunk, self.table, cell.column);
                Distinct::of(texts.map(|text| match text {
                    Brief::Short(number) => number,
                    Brief::Absent => u128::MAX,
                    Brief::Long(text) => long.number(text),
                }))
            }
            Source::Presence(cell, _) => Distinct::of(self.present(cell).map(u128::from)),
            Source::Aggregate { .. } => None,
        }
    }

    /// Whether each row has a text in a cell.
    fn present(&self, cell: Cell) -> impl ExactSizeIterator<Item = bool> {
        let texts = self.captured.column(self.chunk, self.table, cell.column);
        texts.map(|text| text != Brief::Absent)
    }
}

/// Numbers for texts that are too long to be one.
#[derive(Default)]
struct Long<'c> {
    known: HashMap<&'c [u8], u128>,
    last: Option<(&'c [u8], u128)>,
}

impl<'c> Long<'c> {
    fn number(&mut self, text: &'c [u8]) -> u128 {
        match self.last {
            Some((known, number)) if known == text => number,
            _ => {
                // The topmost byte of a short text is its length, of no text it is 255.
                let next = (16 << 120) | self.known.len() as u128;
                let number = *self.known.entry(text).or_insert(next);
                self.last = Some((text, number));
                number
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_that_say_the_same_are_put_together() {
        let found = Distinct::of([7, 7, 5, 7, 5, 9].into_iter()).expect("few");
        assert_eq!(found.firsts, [0, 2, 5]);
        assert_eq!(found.like, [0, 0, 1, 0, 1, 2]);
        let many = |share: u128| Distinct::of((0..10_000_usize).map(|row| row as u128 / share));
        assert!(many(2).is_none());
        let few = Distinct::of_few([7, 7, 5, 7, 5, 9].into_iter(), 10).expect("few");
        assert_eq!((few.firsts, few.like), (found.firsts, found.like));
        assert_eq!(many(5).map(|found| found.firsts.len()), Some(2_000));
    }

    #[test]
    fn rows_that_say_nothing_are_put_together() {
        let found = Distinct::of_present([true, false, true, false].into_iter());
        assert_eq!(found.firsts, [0, 2, 1]);
        assert_eq!(found.like, [0, 2, 1, 2]);
        assert!(found.all_but_absent);
        let found = Distinct::of_present([true, true].into_iter());
        assert!(!found.all_but_absent);
    }

    #[test]
    fn long_texts_have_numbers_of_their_own() {
        let mut long = Long::default();
        let texts: [&[u8]; 3] = [
            b"2025-07-11T15:42:36",
            b"2025-07-11T15:42:37",
            b"2025-07-11T15:42:36",
        ];
        let [one, other, again] = texts.map(|text| long.number(text));
        assert!(one == again && one != other);
    }
}
