//! Keys of rows as numbers of 128 bits.

use std::hash::{BuildHasher, RandomState};

/// Words that are added up before the sum becomes a word itself.
const WORDS: u64 = 64;
/// Longer parts are hashed to two words first.
const LONG: usize = 64;

/// Two hash functions that are drawn anew for every set of rules, so that no input can be made to collide. With 128 bits,
/// two different keys among a thousand million have the same number with a probability of less than 10⁻²⁰.
///
/// Each is the multilinear one: words of 64 bits times random numbers of 128 bits, added up, of which the upper half is
/// strongly universal (Lemire and Kaser, *Strongly universal string hashing is fast*, The Computer Journal 57, 2014). A part
/// begins with a word for its length, which is never 0, and its bytes follow, so that parts cannot run into one another.
#[derive(Debug, Clone)]
pub(crate) struct Hasher {
    first: Factor,
    factors: Vec<Factor>,
    long: [RandomState; 2],
}

/// Of each of the two functions.
type Factor = [u128; 2];

impl Default for Hasher {
    fn default() -> Self {
        let states: [RandomState; 4] = std::array::from_fn(|_| RandomState::new());
        let number = |state: &RandomState, place: u64| u128::from(state.hash_one(place));
        let [a, b, c, d] = &states;
        let factor = |place| {
            let wide = |high, low| (number(high, place) << 64) | number(low, place);
            [wide(a, b), wide(c, d)]
        };
        Self {
            first: factor(0),
            factors: (1..=WORDS).map(factor).collect(),
            long: std::array::from_fn(|_| RandomState::new()),
        }
    }
}

impl Hasher {
    /// The number of a key; `None` when a part of it is absent. Blanks around a part do not count.
    pub(crate) fn key(
        &self,
        parts: impl Iterator<Item = Option<impl AsRef<[u8]>>>,
    ) -> Option<u128> {
        let mut sum = Sum::new(self);
        for part in parts {
            sum.part(part?.as_ref().trim_ascii());
        }
        let [one, other] = sum.halves();
        Some((u128::from(one) << 64) | u128::from(other))
    }
}

/// A key as far as it has been looked at.
struct Sum<'h> {
    hasher: &'h Hasher,
    factors: std::slice::Iter<'h, Factor>,
    words: Factor,
}

impl<'h> Sum<'h> {
    fn new(hasher: &'h Hasher) -> Self {
        Self {
            hasher,
            factors: hasher.factors.iter(),
            words: hasher.first,
        }
    }

    #[inline]
    fn part(&mut self, part: &[u8]) {
        self.word(part.len() as u64 + 1);
        if part.len() > LONG {
            let hasher = self.hasher;
            for state in &hasher.long {
                self.word(state.hash_one(part));
            }
            return;
        }
        let (words, rest) = part.as_chunks();
        for word in words {
            self.word(u64::from_le_bytes(*word));
        }
        if !rest.is_empty() {
            self.word(short(rest));
        }
    }

    #[inline]
    fn word(&mut self, word: u64) {
        let factor = match self.factors.next() {
            Some(factor) => factor,
            None => self.again(),
        };
        for (sum, factor) in self.words.iter_mut().zip(factor) {
            *sum = sum.wrapping_add(factor.wrapping_mul(u128::from(word)));
        }
    }

    /// Begins a sum with the words that the one so far gives, and gives the next factor.
    #[cold]
    fn again(&mut self) -> &'h Factor {
        let halves = self.halves();
        let hasher = self.hasher;
        *self = Self::new(hasher);
        for half in halves {
            self.word(half);
        }
        self.factors.next().unwrap_or(&hasher.first)
    }

    fn halves(&self) -> [u64; 2] {
        self.words.map(|sum| (sum >> 64) as u64)
    }
}

/// One to seven bytes as a number, the first as the lowest.
#[inline]
fn short(bytes: &[u8]) -> u64 {
    // Two pieces that cover all bytes, and where they overlap say the same.
    if let (Some(head), Some(tail)) = (bytes.first_chunk(), bytes.last_chunk()) {
        let [head, tail] = [head, tail].map(|four| u64::from(u32::from_le_bytes(*four)));
        return head | tail << (8 * (bytes.len() - 4));
    }
    let bytes = bytes.iter().rev();
    bytes.fold(0, |number, byte| (number << 8) | u64::from(*byte))
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn different_keys_have_different_numbers() {
        let hasher = Hasher::default();
        let text = "abcdefghijklmnopqrstuvwxyz".repeat(40);
        // Every text up to some hundred bytes, as one part and as two, and many parts.
        let mut known = HashSet::new();
        for length in 0..200 {
            let part = &text.as_bytes()[..length];
            assert!(
                known.insert(hasher.key([Some(part)].into_iter())),
                "{length}"
            );
            for cut in 0..=length {
                let (one, other) = part.split_at(cut);
                let key = hasher.key([Some(one), Some(other)].into_iter());
                assert!(known.insert(key), "{length} {cut}");
            }
            let parts = part.iter().map(|byte| Some(std::slice::from_ref(byte)));
            assert!(
                length < 3 || known.insert(hasher.key(parts)),
                "{length} parts"
            );
        }
    }

    #[test]
    fn few_bytes_are_a_number_whose_lowest_byte_is_the_first() {
        let bytes = [0x81, 2, 0, 4, 0xf5, 6, 7];
        for length in 1..=bytes.len() {
            let mut word = [0; 8];
            word[..length].copy_from_slice(&bytes[..length]);
            assert_eq!(short(&bytes[..length]), u64::from_le_bytes(word));
        }
    }

    #[test]
    fn blanks_around_a_part_do_not_count() {
        let hasher = Hasher::default();
        let key = |part: &'static str| hasher.key([Some(part.as_bytes())].into_iter());
        assert_eq!(key(" R1 "), key("R1"));
        assert_ne!(key("R 1"), key("R1"));
        assert_eq!(hasher.key([Some(&b"x"[..]), None].into_iter()), None);
    }
}
