//! Different values, numbered in the order in which they come first.

use std::hash::{BuildHasher, RandomState};
use std::sync::LazyLock;

use concord_check::capture::Brief;

/// What hashes begin with: another one in every process, so that nobody can make values that collide.
static SEED: LazyLock<[u64; 2]> = LazyLock::new(|| {
    let state = RandomState::new();
    [state.hash_one(1_u8), state.hash_one(2_u8)]
});

/// Places of the first table.
const FIRST: usize = 64;

/// Keys and their numbers. Values of one key may differ: who asks says which number is that of the value.
#[derive(Debug)]
pub(super) struct Distinct {
    /// Numbers plus one, by the hashes of their keys; 0 where nothing is.
    places: Vec<u32>,
    keys: Vec<u128>,
    seed: [u64; 2],
    last: u32,
}

impl Default for Distinct {
    fn default() -> Self {
        Self {
            places: Vec::new(),
            keys: Vec::new(),
            seed: *SEED,
            last: 0,
        }
    }
}

impl Distinct {
    /// How many there are.
    pub(super) fn len(&self) -> usize {
        self.keys.len()
    }

    /// The number of a value, and whether it is new. `is_same` says whether a number with the same key is that of the value.
    #[inline]
    pub(super) fn number(&mut self, key: u128, is_same: impl Fn(u32) -> bool) -> (u32, bool) {
        if self.keys.get(self.last as usize) == Some(&key) && is_same(self.last) {
            return (self.last, false);
        }
        if self.keys.len() * 2 >= self.places.len() {
            self.grow();
        }
        let highest = self.places.len() - 1;
        let mut place = hash(key, self.seed) as usize & highest;
        while let Some(number) = self.places[place].checked_sub(1) {
            if self.keys[number as usize] == key && is_same(number) {
                self.last = number;
                return (number, false);
            }
            place = (place + 1) & highest;
        }
        let number = self.keys.len() as u32;
        self.keys.push(key);
        self.places[place] = number + 1;
        self.last = number;
        (number, true)
    }

    #[cold]
    fn grow(&mut self) {
        let length = (self.places.len() * 4).max(FIRST);
        let mut places = vec![0; length];
        for (key, number) in self.keys.iter().zip(1..) {
            let mut place = hash(*key, self.seed) as usize & (length - 1);
            while places[place] != 0 {
                place = (place + 1) & (length - 1);
            }
            places[place] = number;
        }
        self.places = places;
    }

    /// The key of a text: the text itself where it is short; else its length and a hash.
    #[inline]
    pub(super) fn key(&self, text: &[u8], bytes: &[u8], start: usize) -> u128 {
        match Brief::number(bytes, start, text.len()) {
            Some(key) => key,
            None => self.long(text),
        }
    }

    fn long(&self, text: &[u8]) -> u128 {
        let mut sum = text.len() as u64;
        let mut words = text.chunks_exact(8);
        for word in &mut words {
            let word = word
                .first_chunk()
                .map_or(0, |word| u64::from_le_bytes(*word));
            sum = fold(sum ^ word ^ self.seed[0], self.seed[1] | 1);
        }
        let mut rest = [0; 8];
        rest[..words.remainder().len()].copy_from_slice(words.remainder());
        sum = fold(
            sum ^ u64::from_le_bytes(rest) ^ self.seed[0],
            self.seed[1] | 1,
        );
        u128::from(sum) | (text.len() as u128 & 0xFFFF_FFFF) << 64 | 0xFF << 120
    }
}

#[inline]
fn hash(key: u128, seed: [u64; 2]) -> u64 {
    fold(key as u64 ^ seed[0], (key >> 64) as u64 ^ seed[1])
}

/// Both halves of a product.
#[inline]
fn fold(one: u64, other: u64) -> u64 {
    let product = u128::from(one) * u128::from(other);
    product as u64 ^ (product >> 64) as u64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_numbered_in_the_order_in_which_they_come() {
        let mut distinct = Distinct::default();
        let mut number = |key| distinct.number(key, |_| true).0;
        let first: Vec<u32> = (0..10_000_u128).map(|key| number(key << 50)).collect();
        assert_eq!(first, (0..10_000).collect::<Vec<_>>());
        let again: Vec<u32> = (0..10_000_u128).map(|key| number(key << 50)).collect();
        assert_eq!(again, first);
    }

    #[test]
    fn keys_of_short_texts_differ_wherever_they_stand() {
        let distinct = Distinct::default();
        let bytes = b"abab\0ab\0\0 a longer text that has no end";
        let key =
            |start: usize, length: usize| distinct.key(&bytes[start..start + length], bytes, start);
        assert_eq!(key(0, 2), key(2, 2));
        assert_ne!(key(0, 2), key(0, 3));
        // What follows on a text does not count, nor whether enough follows.
        assert_eq!(key(2, 3), distinct.key(b"ab\0", b"ab\0", 0));
        assert_ne!(key(2, 3), key(5, 2));
        assert_ne!(key(9, 15), key(9, 16));
        assert_ne!(key(9, 16), key(9, 17));
    }

    #[test]
    fn values_of_one_key_are_told_apart() {
        let mut distinct = Distinct::default();
        assert_eq!(distinct.number(7, |_| false), (0, true));
        assert_eq!(distinct.number(7, |number| number == 1), (1, true));
        assert_eq!(distinct.number(7, |number| number == 0), (0, false));
        assert_eq!(distinct.number(7, |number| number == 1), (1, false));
    }
}
