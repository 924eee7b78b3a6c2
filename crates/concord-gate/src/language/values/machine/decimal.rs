//! Digits and order of decimal numbers as automata: XML Schema part 2, sections 3.2.3 and 4.3.7 to 4.3.12.
//!
//! They see texts of the lexical space only, which another automaton sees to.

use std::cmp::Ordering;

use super::super::shape::Bound;
use super::{Classes, DEAD, Interned, Machine, Made, State, Verdict};

/// How a value must compare with a given one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Wanted {
    AtLeast,
    Above,
    AtMost,
    Below,
    Equal,
}

impl Wanted {
    pub(super) fn of(bound: &Bound) -> Self {
        match (bound.lower, bound.inclusive) {
            (true, true) => Self::AtLeast,
            (true, false) => Self::Above,
            (false, true) => Self::AtMost,
            (false, false) => Self::Below,
        }
    }

    pub(super) fn admits(self, order: Ordering) -> bool {
        match self {
            Self::AtLeast => order != Ordering::Less,
            Self::Above => order == Ordering::Greater,
            Self::AtMost => order != Ordering::Greater,
            Self::Below => order == Ordering::Less,
            Self::Equal => order == Ordering::Equal,
        }
    }
}

/// A number without superfluous zeros; zero is not negative.
struct Number<'t> {
    negative: bool,
    whole: &'t str,
    fraction: &'t str,
}

impl<'t> Number<'t> {
    fn read(literal: &'t str) -> Self {
        let digits = literal.trim_start_matches(['+', '-']);
        let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
        let whole = whole.trim_start_matches('0');
        let fraction = fraction.trim_end_matches('0');
        Self {
            negative: literal.starts_with('-') && !(whole.is_empty() && fraction.is_empty()),
            whole,
            fraction,
        }
    }
}

/// Every way to write a number, as a regular expression.
pub(super) fn spellings(literal: &str) -> String {
    let Number {
        negative,
        whole,
        fraction,
    } = Number::read(literal);
    let sign = match (negative, whole.is_empty() && fraction.is_empty()) {
        (true, _) => "-",
        (false, true) => "[+-]?",
        (false, false) => r"\+?",
    };
    match (whole, fraction) {
        ("", "") => format!(r"{sign}(?:0+(?:\.0*)?|\.0+)"),
        (whole, "") => format!(r"{sign}0*{whole}(?:\.0*)?"),
        (whole, fraction) => format!(r"{sign}0*{whole}\.{fraction}0*"),
    }
}

/// Compares numbers with a given one, digit by digit.
pub(super) struct DecimalOrder {
    negative: bool,
    whole: Vec<u8>,
    fraction: Vec<u8>,
    wanted: Wanted,
    states: Interned<Compared>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
struct Compared {
    negative: bool,
    /// Whole digits that count, up to one more than the given number has.
    count: usize,
    /// Order of those digits, as far as both have them.
    whole: Ordering,
    /// Digits after the point, up to those of the given number; `None` before the point.
    place: Option<usize>,
    fraction: Ordering,
    zero: bool,
}

impl DecimalOrder {
    pub(super) fn new(literal: &str, wanted: Wanted) -> Self {
        let number = Number::read(literal);
        Self {
            negative: number.negative,
            whole: number.whole.into(),
            fraction: number.fraction.into(),
            wanted,
            states: Interned::new(),
        }
    }

    fn order(&self, seen: &Compared) -> Ordering {
        let rest = seen.place.unwrap_or(0) < self.fraction.len();
        let fraction = if rest {
            // The given fraction does not end in zero.
            seen.fraction.then(Ordering::Less)
        } else {
            seen.fraction
        };
        let magnitude = seen
            .count
            .cmp(&self.whole.len())
            .then(seen.whole)
            .then(fraction);
        match (seen.negative && !seen.zero, self.negative) {
            (false, true) => Ordering::Greater,
            (true, false) => Ordering::Less,
            (false, false) => magnitude,
            (true, true) => magnitude.reverse(),
        }
    }
}

impl Machine for DecimalOrder {
    fn start(&mut self) -> Made<State> {
        self.states.number(Compared {
            negative: false,
            count: 0,
            whole: Ordering::Equal,
            place: None,
            fraction: Ordering::Equal,
            zero: true,
        })
    }

    fn step(&mut self, state: State, byte: u8) -> Made<State> {
        let Some(&(mut seen)) = self.states.get(state) else {
            return Ok(DEAD);
        };
        match byte {
            b'+' => {}
            b'-' => seen.negative = true,
            b'.' => seen.place = Some(0),
            b'0'..=b'9' => {
                seen.zero &= byte == b'0';
                match &mut seen.place {
                    None => {
                        if seen.count > 0 || byte != b'0' {
                            if let Some(given) = self.whole.get(seen.count) {
                                seen.whole = seen.whole.then(byte.cmp(given));
                            }
                            seen.count = (seen.count + 1).min(self.whole.len() + 1);
                        }
                    }
                    Some(place) => {
                        let given = self.fraction.get(*place).copied().unwrap_or(b'0');
                        seen.fraction = seen.fraction.then(byte.cmp(&given));
                        *place = (*place + 1).min(self.fraction.len());
                    }
                }
            }
            _ => return Ok(DEAD),
        }
        self.states.number(seen)
    }

    fn verdict(&mut self, state: State) -> Made<Verdict> {
        let seen = self.states.get(state).copied();
        Ok(Verdict::of(
            seen.is_some_and(|seen| self.wanted.admits(self.order(&seen))),
        ))
    }

    fn distinguish(&self, classes: &mut Classes) {
        let given = |byte: u8| self.whole.contains(&byte) || self.fraction.contains(&byte);
        // Digits between two that the given number has compare alike.
        classes.split(|byte| match byte {
            b'0' => (1, 0),
            b'1'..=b'9' => (
                2,
                (b'1'..=byte).filter(|&digit| given(digit)).count() * 2 + usize::from(given(byte)),
            ),
            b'+' | b'-' | b'.' => (3, usize::from(byte)),
            _ => (0, 0),
        });
    }
}

/// Counts the digits that `totalDigits` and `fractionDigits` restrict: those without leading and trailing zeros.
pub(super) struct Digits {
    total: Option<u64>,
    fraction: Option<u64>,
    states: Interned<Counted>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
struct Counted {
    whole: u64,
    /// Digits up to the last that is not zero; `None` before the point.
    fraction: Option<u64>,
    /// Zeros after it.
    zeros: u64,
}

impl Digits {
    pub(super) fn new(total: Option<u64>, fraction: Option<u64>) -> Self {
        Self {
            total,
            fraction,
            states: Interned::new(),
        }
    }

    fn fits(&self, counted: &Counted) -> bool {
        let fraction = counted.fraction.unwrap_or(0);
        self.fraction.is_none_or(|most| fraction <= most)
            && self
                .total
                .is_none_or(|most| counted.whole + fraction <= most)
    }
}

impl Machine for Digits {
    fn start(&mut self) -> Made<State> {
        self.states.number(Counted {
            whole: 0,
            fraction: None,
            zeros: 0,
        })
    }

    fn step(&mut self, state: State, byte: u8) -> Made<State> {
        let Some(&(mut counted)) = self.states.get(state) else {
            return Ok(DEAD);
        };
        let enough = self.total.unwrap_or(0).max(self.fraction.unwrap_or(0));
        match (byte, &mut counted.fraction) {
            (b'.', _) => counted.fraction = Some(0),
            (b'0', None) if counted.whole == 0 => {}
            (b'0'..=b'9', None) if self.total.is_some() => counted.whole += 1,
            // More zeros than any facet counts: whatever follows them is too much.
            (b'0', Some(_)) => counted.zeros = (counted.zeros + 1).min(enough),
            (b'1'..=b'9', Some(fraction)) => {
                *fraction += counted.zeros + 1;
                counted.zeros = 0;
            }
            _ => {}
        }
        if self.fits(&counted) {
            self.states.number(counted)
        } else {
            Ok(DEAD)
        }
    }

    fn verdict(&mut self, state: State) -> Made<Verdict> {
        Ok(Verdict::of(state != DEAD))
    }

    fn distinguish(&self, classes: &mut Classes) {
        classes.split(|byte| match byte {
            b'0' => 1,
            b'1'..=b'9' => 2,
            b'.' => 3,
            _ => 0,
        });
    }
}
