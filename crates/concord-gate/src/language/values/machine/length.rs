//! The length facets as automata: XML Schema part 2, sections 4.3.1 to 4.3.3.

use super::super::shape::Unit;
use super::{Classes, DEAD, Machine, Made, State, TooLarge, Verdict};

/// Counts, as far as it matters. A state is the count and one.
pub(super) struct Length {
    unit: Unit,
    least: u64,
    most: Option<u64>,
}

impl Length {
    pub(super) fn new(unit: Unit, least: u64, most: Option<u64>) -> Self {
        Self { unit, least, most }
    }

    /// Whether a byte of the text adds to the count.
    fn counts(unit: Unit, byte: u8) -> bool {
        match unit {
            Unit::Characters => !(0x80..0xC0).contains(&byte),
            Unit::Hexadecimal => true,
            Unit::Base64 => byte != b' ' && byte != b'=',
            Unit::Items => false,
        }
    }

    /// Characters or octets that so many counted bytes are.
    fn length(&self, count: u64) -> u64 {
        match self.unit {
            Unit::Hexadecimal => count / 2,
            Unit::Base64 => count / 4 * 3 + (count % 4) * 6 / 8,
            Unit::Characters | Unit::Items => count,
        }
    }

    /// Whether more makes no difference any more.
    fn is_enough(&self, count: u64) -> bool {
        // Four digits of base 64 are three octets: only whole groups of digits are left out.
        let settled = count.is_multiple_of(4) || self.unit == Unit::Characters;
        self.most.is_none() && settled && self.length(count) >= self.least
    }
}

impl Machine for Length {
    fn start(&mut self) -> Made<State> {
        Ok(1)
    }

    fn step(&mut self, state: State, byte: u8) -> Made<State> {
        if state == DEAD || !Self::counts(self.unit, byte) {
            return Ok(state);
        }
        let count = u64::from(state);
        if self.is_enough(count - 1) {
            return Ok(state);
        }
        if self.most.is_some_and(|most| self.length(count) > most) {
            return Ok(DEAD);
        }
        State::try_from(count + 1)
            .map_err(|_| TooLarge("a length is greater than can be walked".to_owned()))
    }

    fn verdict(&mut self, state: State) -> Made<Verdict> {
        let Some(count) = u64::from(state).checked_sub(1) else {
            return Ok(Verdict::No);
        };
        let length = self.length(count);
        Ok(Verdict::of(
            length >= self.least && self.most.is_none_or(|most| length <= most),
        ))
    }

    fn distinguish(&self, classes: &mut Classes) {
        classes.split(|byte| Self::counts(self.unit, byte));
    }
}
