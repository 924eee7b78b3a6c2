//! Instants and lengths of time as numbers, and the calendar behind them: part 2, section 3.2.7 and appendix E.

use std::cmp::Ordering;

/// Digits after the point of a second that are compared; further ones are accepted and take no part in comparisons
/// (part 2, section 5.4 asks for at least three).
pub(super) const FRACTION_DIGITS: usize = 18;
const ATTOSECONDS: u64 = 1_000_000_000_000_000_000;

/// Digits of the greatest year or count of a duration that is accepted (part 2, section 5.4 asks for at least four).
pub(super) const COUNT_DIGITS: usize = 18;

/// Minutes of the greatest time zone, for comparisons with values that have none.
pub(super) const GREATEST_ZONE: i32 = 14 * 60;

/// Seconds and attoseconds, from the start of the year 1 or as a length.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Seconds {
    whole: i128,
    /// Always counts upwards, also before the year 1.
    attoseconds: u64,
}

impl Seconds {
    /// Whole seconds.
    pub(super) const fn whole(whole: i128) -> Self {
        Self {
            whole,
            attoseconds: 0,
        }
    }

    /// `whole` and a fraction in attoseconds, which is less than a second.
    pub(super) const fn new(whole: i128, attoseconds: u64) -> Self {
        Self { whole, attoseconds }
    }

    /// The sum.
    pub(super) fn plus(self, other: Self) -> Self {
        let attoseconds = self.attoseconds + other.attoseconds;
        Self {
            whole: self.whole + other.whole + i128::from(attoseconds / ATTOSECONDS),
            attoseconds: attoseconds % ATTOSECONDS,
        }
    }

    /// The same length the other way.
    pub(super) fn negated(self) -> Self {
        if self.attoseconds == 0 {
            Self::whole(-self.whole)
        } else {
            Self::new(-self.whole - 1, ATTOSECONDS - self.attoseconds)
        }
    }
}

/// An instant on the time line, or a set of instants a time zone apart when the zone is not known.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Instant {
    /// In UTC when the zone is known, else as written.
    seconds: Seconds,
    zoned: bool,
}

impl Instant {
    /// The instant at the local time `seconds` in the zone `zone` (minutes east of UTC).
    pub(super) fn new(seconds: Seconds, zone: Option<i32>) -> Self {
        match zone {
            Some(minutes) => Self {
                seconds: seconds.plus(Seconds::whole(-60 * i128::from(minutes))),
                zoned: true,
            },
            None => Self {
                seconds,
                zoned: false,
            },
        }
    }

    /// The order of part 2, section 3.2.7.4; `None` when it is indeterminate.
    pub(super) fn compare(self, other: Self) -> Option<Ordering> {
        match (self.zoned, other.zoned) {
            (true, true) | (false, false) => Some(self.seconds.cmp(&other.seconds)),
            (true, false) => {
                let zone = Some(GREATEST_ZONE);
                let earliest = Self::new(other.seconds, zone).seconds;
                let latest = Self::new(other.seconds, zone.map(|minutes| -minutes)).seconds;
                if self.seconds < earliest {
                    Some(Ordering::Less)
                } else if self.seconds > latest {
                    Some(Ordering::Greater)
                } else {
                    None
                }
            }
            (false, true) => other.compare(self).map(Ordering::reverse),
        }
    }
}

/// Whether the year as written has a 29 February. There is no year 0; the rule is applied to the number as written.
pub(super) fn is_leap(year: i64) -> bool {
    year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)
}

/// Days of a month (1 to 12).
pub(super) fn days_in_month(year: i64, month: u8) -> u8 {
    match month {
        2 if is_leap(year) => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

/// Days of a common year before each month.
const DAYS_BEFORE_MONTH: [i64; 12] = [0, 31, 59, 90, 120, 151, 181, 212, 243, 273, 304, 334];

/// Days from the start of the year 1 to a date, the month from 1 to 12. The year -1 stands directly before the year 1.
pub(super) fn day_number(year: i64, month: u8, day: u8) -> i128 {
    // 400 years always have the same number of days.
    let days_of = |years: i64| {
        let rest = years % 400;
        i128::from(years / 400) * 146_097 + i128::from(rest * 365 + rest / 4 - rest / 100)
    };
    let before_year = if year > 0 {
        days_of(year - 1)
    } else {
        -days_of(-year)
    };
    let leap_day = i64::from(month > 2 && is_leap(year));
    let in_year = DAYS_BEFORE_MONTH[usize::from(month) - 1] + leap_day + i64::from(day) - 1;
    before_year + i128::from(in_year)
}

/// A run of digits as attoseconds, digits beyond [`FRACTION_DIGITS`] left out.
pub(super) fn attoseconds(digits: &[u8]) -> u64 {
    let mut value = 0;
    for index in 0..FRACTION_DIGITS {
        let digit = digits.get(index).map_or(0, |digit| u64::from(digit - b'0'));
        value = value * 10 + digit;
    }
    value
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_follow_each_other() {
        assert_eq!(day_number(1, 1, 1), 0);
        assert_eq!(day_number(-1, 12, 31), -1);
        assert_eq!(day_number(1970, 1, 1), 719_162);
        let mut expected = day_number(-9, 1, 1);
        for year in (-9..=9).filter(|&year| year != 0) {
            for month in 1..=12 {
                for day in 1..=days_in_month(year, month) {
                    assert_eq!(
                        day_number(year, month, day),
                        expected,
                        "{year}-{month}-{day}"
                    );
                    expected += 1;
                }
            }
        }
        assert_eq!(day_number(2001, 1, 1) - day_number(2000, 1, 1), 366);
        assert_eq!(day_number(1901, 1, 1) - day_number(1900, 1, 1), 365);
    }

    #[test]
    fn fractions_carry() {
        let half = Seconds::new(0, ATTOSECONDS / 2);
        assert_eq!(half.plus(half), Seconds::whole(1));
        assert_eq!(half.negated().plus(half), Seconds::whole(0));
        assert!(half.negated() < Seconds::whole(0) && half.negated() > Seconds::whole(-1));
        assert_eq!(attoseconds(b"5"), ATTOSECONDS / 2);
    }
}
