//! Randomness that gives the same results for the same seed on every machine.

use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{Rng, SeedableRng};

/// A seeded source of choices.
///
/// The bits come from `ChaCha8`; how they become choices is written here, in integers of a fixed width, so that no
/// other library's idea of a distribution can change the bytes of a sample.
#[derive(Debug, Clone)]
pub struct Dice(ChaCha8Rng);

impl Dice {
    /// Dice for a seed.
    pub fn new(seed: u64) -> Self {
        Self(ChaCha8Rng::seed_from_u64(seed))
    }

    /// Independent dice for the `number`-th part of a seed's work, such as one record.
    pub fn part(seed: u64, number: u64) -> Self {
        let mut generator = ChaCha8Rng::seed_from_u64(seed);
        generator.set_stream(number.wrapping_add(1));
        Self(generator)
    }

    /// Any 64 bits.
    pub fn bits(&mut self) -> u64 {
        self.0.next_u64()
    }

    /// A number below `bound`; 0 when `bound` is 0.
    ///
    /// Multiply and shift (Lemire, <https://arxiv.org/abs/1805.10941>) without its rejection step: the bias is below
    /// 2⁻³² for every bound that is used here.
    pub fn below(&mut self, bound: u64) -> u64 {
        ((u128::from(self.0.next_u64()) * u128::from(bound)) >> 64) as u64
    }

    /// An index below `length`; 0 when `length` is 0.
    pub fn index(&mut self, length: usize) -> usize {
        self.below(length as u64) as usize
    }

    /// A number from `low` to `high`, both included; `low` when the range is empty.
    pub fn between(&mut self, low: i64, high: i64) -> i64 {
        if high <= low {
            return low;
        }
        low.wrapping_add_unsigned(self.below(high.abs_diff(low).saturating_add(1)))
    }

    /// True in `percent` of a hundred cases.
    pub fn percent(&mut self, percent: u8) -> bool {
        self.below(100) < u64::from(percent)
    }

    /// True once in `cases`.
    pub fn once_in(&mut self, cases: u64) -> bool {
        self.below(cases) == 0
    }

    /// One of the items; `None` when there are none.
    pub fn pick<'a, T>(&mut self, items: &'a [T]) -> Option<&'a T> {
        items.get(self.index(items.len()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_seed_always_gives_the_same_throws() {
        let mut dice = Dice::new(7);
        let throws: Vec<u64> = (0..6).map(|_| dice.below(1000)).collect();
        let mut again = Dice::new(7);
        assert_eq!(
            throws,
            (0..6).map(|_| again.below(1000)).collect::<Vec<_>>()
        );
        assert_ne!(Dice::part(7, 0).bits(), Dice::part(7, 1).bits());
    }

    #[test]
    fn ranges_include_both_ends() {
        let mut dice = Dice::new(1);
        let seen: std::collections::BTreeSet<i64> = (0..200).map(|_| dice.between(-1, 2)).collect();
        assert_eq!(seen.into_iter().collect::<Vec<_>>(), [-1, 0, 1, 2]);
        assert_eq!(dice.between(3, 1), 3);
    }
}
