//! Order of dates and times as an automaton: XML Schema part 2, sections 3.2.7 to 3.2.14.
//!
//! Values without a time zone compare as they are written, but for the year, whose digits are counted first. With a time
//! zone on either side, and with the hour 24, the years decide where they are more than one apart; what is closer is left in doubt.

use std::cmp::Ordering;

use concord_standards::schema::Builtin;

use super::decimal::Wanted;
use super::{Classes, DEAD, Interned, Machine, Made, State, Verdict};

/// Digits of a fraction of a second that are compared.
const FRACTION: usize = 18;

/// Compares dates or times with a given one.
pub(super) struct MomentOrder {
    /// Digits of the year before the given one, of that year and of the one after it; `None` for types without years.
    years: Option<[Vec<u8>; 3]>,
    /// What follows the year, up to the fraction of a second.
    rest: Vec<u8>,
    /// Where in the rest the hour stands.
    hour: Option<usize>,
    /// Fraction of a second, without zeros at its end.
    fraction: Vec<u8>,
    /// The given one has a time zone or the hour 24.
    rough: bool,
    zoned: bool,
    wanted: Wanted,
    states: Interned<Compared>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
struct Compared {
    place: Place,
    /// Order of the digits of the year with those of the three years, while it is read.
    years: [Ordering; 3],
    /// Order of what was read.
    order: Ordering,
    /// Order of years that are more than one apart.
    far: Ordering,
    before_year_one: bool,
    doubtful: Doubt,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum Place {
    /// In the year, after so many digits (up to one more than the given year has).
    Year(usize),
    /// Before this character of the rest.
    Rest(usize),
    /// After so many digits of the fraction.
    Fraction(usize),
    Zone,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum Doubt {
    None,
    /// The first digit of the hour is 2.
    HourOfTwenty,
    /// The hour is 24.
    Midnight,
    Zone,
}

impl MomentOrder {
    /// `None` when the type is no date or time, or the given one is of a year before 1.
    pub(super) fn new(primitive: Builtin, literal: &str, wanted: Wanted) -> Option<Self> {
        let (has_year, layout) = match primitive {
            Builtin::DateTime => (true, "-MM-DDTHH:MM:SS"),
            Builtin::Date => (true, "-MM-DD"),
            Builtin::GYearMonth => (true, "-MM"),
            Builtin::GYear => (true, ""),
            Builtin::Time => (false, "HH:MM:SS"),
            Builtin::GMonthDay => (false, "--MM-DD"),
            Builtin::GDay => (false, "---DD"),
            Builtin::GMonth => (false, "--MM"),
            _ => return None,
        };
        let (year, rest) = if has_year {
            let digits = literal.bytes().take_while(u8::is_ascii_digit).count();
            literal.split_at(digits)
        } else {
            ("", literal)
        };
        let (rest, mut after) = rest.split_at_checked(layout.len())?;
        let mut fraction = "";
        if let Some(digits) = after.strip_prefix('.') {
            let count = digits.bytes().take_while(u8::is_ascii_digit).count();
            (fraction, after) = digits.split_at(count);
        }
        let years = if has_year {
            let year: u64 = year.parse().ok()?;
            let digits = |year: u64| format!("{year:04}").into_bytes();
            Some([year.checked_sub(1)?, year, year + 1].map(digits))
        } else {
            None
        };
        let hour = layout.find("HH");
        let midnight = hour.is_some_and(|hour| rest[hour..].starts_with("24"));
        // The end of a day without a date is its start.
        let rest = if midnight && !has_year {
            "00:00:00"
        } else {
            rest
        };
        let fraction = &fraction[..fraction.len().min(FRACTION)];
        Some(Self {
            years,
            rest: rest.as_bytes().to_vec(),
            hour,
            fraction: fraction.trim_end_matches('0').into(),
            rough: (midnight && has_year) || !after.is_empty(),
            zoned: !after.is_empty(),
            wanted,
            states: Interned::new(),
        })
    }

    /// Settles the orders that the digits of the year decide, once they have all been read.
    fn end_year(&self, seen: &mut Compared, count: usize) {
        let Some(years) = &self.years else { return };
        let order = |index: usize| count.cmp(&years[index].len()).then(seen.years[index]);
        if seen.before_year_one {
            seen.order = Ordering::Less;
            // Directly before the year 1 it may still be close.
            if years[0].iter().any(|digit| *digit != b'0') {
                seen.far = Ordering::Less;
            }
        } else {
            seen.far = match (order(0), order(2)) {
                (Ordering::Less, _) => Ordering::Less,
                (_, Ordering::Greater) => Ordering::Greater,
                _ => Ordering::Equal,
            };
            seen.order = order(1);
        }
        seen.years = [Ordering::Equal; 3];
    }

    fn in_rest(&self, seen: &mut Compared, index: usize, byte: u8) {
        let Some(given) = self.rest.get(index) else {
            match byte {
                b'.' => seen.place = Place::Fraction(0),
                _ => Self::zone(seen),
            }
            return;
        };
        seen.order = seen.order.then(byte.cmp(given));
        seen.place = Place::Rest(index + 1);
        if self.hour == Some(index) && byte == b'2' {
            seen.doubtful = Doubt::HourOfTwenty;
        } else if seen.doubtful == Doubt::HourOfTwenty {
            seen.doubtful = if byte == b'4' {
                Doubt::Midnight
            } else {
                Doubt::None
            };
        }
    }

    fn zone(seen: &mut Compared) {
        seen.place = Place::Zone;
        seen.doubtful = Doubt::Zone;
        // The zone decides, whatever was read after the year.
        seen.order = seen.far;
    }
}

impl Machine for MomentOrder {
    fn start(&mut self) -> Made<State> {
        self.states.number(Compared {
            place: if self.years.is_some() {
                Place::Year(0)
            } else {
                Place::Rest(0)
            },
            years: [Ordering::Equal; 3],
            order: Ordering::Equal,
            far: Ordering::Equal,
            before_year_one: false,
            doubtful: Doubt::None,
        })
    }

    fn step(&mut self, state: State, byte: u8) -> Made<State> {
        let Some(&(mut seen)) = self.states.get(state) else {
            return Ok(DEAD);
        };
        match seen.place {
            Place::Year(0) if byte == b'-' => seen.before_year_one = true,
            Place::Year(count) if byte.is_ascii_digit() => {
                let mut longest = 0;
                for (order, year) in seen.years.iter_mut().zip(self.years.iter().flatten()) {
                    if let Some(given) = year.get(count) {
                        *order = order.then(byte.cmp(given));
                    }
                    longest = longest.max(year.len());
                }
                seen.place = Place::Year((count + 1).min(longest + 1));
            }
            Place::Year(count) => {
                self.end_year(&mut seen, count);
                self.in_rest(&mut seen, 0, byte);
            }
            Place::Rest(index) => self.in_rest(&mut seen, index, byte),
            Place::Fraction(index) if byte.is_ascii_digit() => {
                if index < FRACTION {
                    let given = self.fraction.get(index).copied().unwrap_or(b'0');
                    seen.order = seen.order.then(byte.cmp(&given));
                    seen.place = Place::Fraction(index + 1);
                }
            }
            Place::Fraction(_) => Self::zone(&mut seen),
            Place::Zone => {}
        }
        self.states.number(seen)
    }

    fn verdict(&mut self, state: State) -> Made<Verdict> {
        let Some(mut seen) = self.states.get(state).copied() else {
            return Ok(Verdict::No);
        };
        if let Place::Year(count) = seen.place {
            self.end_year(&mut seen, count);
        }
        if seen.doubtful == Doubt::Midnight && self.years.is_none() {
            seen.doubtful = Doubt::None;
            seen.order = b"00:00:00"[..].cmp(&self.rest);
        }
        let zoned = seen.doubtful == Doubt::Zone;
        // A value with a zone equals none without.
        if self.wanted == Wanted::Equal && zoned != self.zoned {
            return Ok(Verdict::No);
        }
        if self.rough || matches!(seen.doubtful, Doubt::Zone | Doubt::Midnight) {
            return Ok(match seen.far {
                Ordering::Equal => Verdict::Maybe,
                far => Verdict::of(self.wanted.admits(far)),
            });
        }
        let order = match seen.place {
            Place::Fraction(index) if index >= self.fraction.len() => seen.order,
            // The given fraction does not end in zero.
            Place::Fraction(_) => seen.order.then(Ordering::Less),
            Place::Rest(_) if !self.fraction.is_empty() => seen.order.then(Ordering::Less),
            Place::Rest(_) | Place::Year(_) | Place::Zone => seen.order,
        };
        Ok(Verdict::of(self.wanted.admits(order)))
    }

    fn distinguish(&self, classes: &mut Classes) {
        classes.split(|byte| {
            let told = byte.is_ascii_digit() || b"-.:TZ+".contains(&byte);
            told.then_some(byte)
        });
    }
}
