//! Which values were seen before, exactly and in bounded memory.

use std::collections::HashMap;

use super::intervals::Intervals;

/// Most intervals kept: at about 64 bytes each, 25 MB.
const MOST: usize = 400_000;

/// Values seen so far.
///
/// A value is kept as the text before its last digits, and the number that these are; numbers that follow one another
/// take no memory, whatever stands before them.
#[derive(Debug, Default)]
pub(super) struct Seen {
    sets: HashMap<Box<str>, Intervals>,
    pieces: usize,
    /// Whether the memory was used up, so that later values are not remembered.
    pub(super) full: bool,
}

impl Seen {
    /// Adds a value; whether it was new as far as is known.
    pub(super) fn insert(&mut self, value: &str) -> bool {
        let (before, number) = split(value);
        if !self.sets.contains_key(before.as_ref()) {
            if self.pieces >= MOST {
                self.full = true;
                return true;
            }
            self.sets
                .insert(before.as_ref().into(), Intervals::default());
        }
        let Some(set) = self.sets.get_mut(before.as_ref()) else {
            return true;
        };
        let had = set.pieces();
        let new = set.insert(number);
        let has = set.pieces();
        self.pieces = self.pieces + has - had;
        if self.pieces > MOST {
            self.full = true;
        }
        new
    }
}

/// The text before the number that a value ends in, and that number. Leading zeros and the number's length belong to the
/// text, so that different values never become the same pair.
fn split(value: &str) -> (std::borrow::Cow<'_, str>, u64) {
    const MOST_DIGITS: usize = 18;
    let digits = value
        .bytes()
        .rev()
        .take(MOST_DIGITS)
        .take_while(u8::is_ascii_digit)
        .count();
    let (before, number) = value.split_at(value.len() - digits);
    match number.parse() {
        // The length tells `A1` from `A01`.
        Ok(parsed) if number.starts_with('0') => (format!("{before}\u{0}{digits}").into(), parsed),
        Ok(parsed) => (before.into(), parsed),
        Err(_) => (format!("{before}\u{1}").into(), 0),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_told_apart() {
        let mut seen = Seen::default();
        let values = [
            "A1",
            "A01",
            "A001",
            "1",
            "01",
            "",
            "A",
            "0",
            "00",
            "B1",
            "99999999999999999999",
            "99999999999999999998",
            "999999999999999999",
            "é7",
            "10",
            "010",
        ];
        for value in values {
            assert!(seen.insert(value), "{value}");
        }
        for value in values {
            assert!(!seen.insert(value), "{value}");
        }
    }

    #[test]
    fn following_numbers_take_no_memory() {
        let mut seen = Seen::default();
        for number in 0..100_000 {
            assert!(seen.insert(&format!("BRXX00{number:018}")));
        }
        assert!(seen.pieces < 20, "{}", seen.pieces);
        assert!(!seen.full);
    }
}
