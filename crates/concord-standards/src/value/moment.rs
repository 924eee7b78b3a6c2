//! `dateTime`, `time`, `date` and the `g` types: part 2, sections 3.2.7 to 3.2.14.

use crate::schema::Builtin;

use super::time_line::{
    COUNT_DIGITS, GREATEST_ZONE, Instant, Seconds, attoseconds, day_number, days_in_month,
};

/// The instant at which the value that `text` writes starts; `None` when it is not in the lexical space.
///
/// Parts that the type does not have are those of 1 January 2000, a leap year, so that only values of one type may be compared.
pub(super) fn parse(builtin: Builtin, text: &str) -> Option<Instant> {
    let mut rest = Rest(text.as_bytes());
    let (mut year, mut month, mut day) = (2000, 1, 1);
    let mut seconds = Seconds::whole(0);
    match builtin {
        Builtin::DateTime => {
            (year, month, day) = rest.date()?;
            rest.byte(b'T')?;
            seconds = rest.time_of_day()?;
        }
        Builtin::Time => {
            seconds = rest.time_of_day()?;
            // The end of the day is its start, on every day.
            if seconds == Seconds::whole(86_400) {
                seconds = Seconds::whole(0);
            }
        }
        Builtin::Date => (year, month, day) = rest.date()?,
        Builtin::GYearMonth => {
            year = rest.year()?;
            rest.byte(b'-')?;
            month = rest.two_digits(1, 12)?;
        }
        Builtin::GYear => year = rest.year()?,
        Builtin::GMonthDay => {
            rest.bytes(b"--")?;
            month = rest.two_digits(1, 12)?;
            rest.byte(b'-')?;
            day = rest.two_digits(1, days_in_month(year, month))?;
        }
        Builtin::GDay => {
            rest.bytes(b"---")?;
            day = rest.two_digits(1, 31)?;
        }
        Builtin::GMonth => {
            rest.bytes(b"--")?;
            month = rest.two_digits(1, 12)?;
        }
        _ => return None,
    }
    let midnight = Seconds::whole(86_400 * day_number(year, month, day));
    rest.zoned(midnight.plus(seconds))
}

/// What is still to be read.
struct Rest<'a>(&'a [u8]);

impl Rest<'_> {
    fn byte(&mut self, expected: u8) -> Option<()> {
        let (&first, rest) = self.0.split_first()?;
        (first == expected).then(|| self.0 = rest)
    }

    fn bytes(&mut self, expected: &[u8]) -> Option<()> {
        self.0 = self.0.strip_prefix(expected)?;
        Some(())
    }

    fn two_digits(&mut self, least: u8, greatest: u8) -> Option<u8> {
        let &[tens, units, ref rest @ ..] = self.0 else {
            return None;
        };
        if !tens.is_ascii_digit() || !units.is_ascii_digit() {
            return None;
        }
        self.0 = rest;
        let number = (tens - b'0') * 10 + (units - b'0');
        (least..=greatest).contains(&number).then_some(number)
    }

    /// Four digits or more, no leading zero in more than four, never zero, perhaps before the year 1.
    fn year(&mut self) -> Option<i64> {
        let negative = self.byte(b'-').is_some();
        let count = self
            .0
            .iter()
            .take_while(|byte| byte.is_ascii_digit())
            .count();
        if !(4..=COUNT_DIGITS).contains(&count) || (count > 4 && self.0[0] == b'0') {
            return None;
        }
        let (digits, rest) = self.0.split_at(count);
        self.0 = rest;
        let year = digits
            .iter()
            .fold(0, |year, digit| year * 10 + i64::from(digit - b'0'));
        (year != 0).then_some(if negative { -year } else { year })
    }

    fn date(&mut self) -> Option<(i64, u8, u8)> {
        let year = self.year()?;
        self.byte(b'-')?;
        let month = self.two_digits(1, 12)?;
        self.byte(b'-')?;
        let day = self.two_digits(1, days_in_month(year, month))?;
        Some((year, month, day))
    }

    /// From midnight; the hour 24 only at its very start.
    fn time_of_day(&mut self) -> Option<Seconds> {
        let hour = self.two_digits(0, 24)?;
        self.byte(b':')?;
        let minute = self.two_digits(0, 59)?;
        self.byte(b':')?;
        let second = self.two_digits(0, 59)?;
        let mut fraction: &[u8] = &[];
        if self.byte(b'.').is_some() {
            let count = self
                .0
                .iter()
                .take_while(|byte| byte.is_ascii_digit())
                .count();
            if count == 0 {
                return None;
            }
            (fraction, self.0) = self.0.split_at(count);
        }
        let zero = minute == 0 && second == 0 && fraction.iter().all(|&digit| digit == b'0');
        if hour == 24 && !zero {
            return None;
        }
        let whole = (i128::from(hour) * 60 + i128::from(minute)) * 60 + i128::from(second);
        Some(Seconds::new(whole, attoseconds(fraction)))
    }

    /// The instant of the local time `seconds` in the zone that is left to be read, if any, and nothing after it.
    fn zoned(mut self, seconds: Seconds) -> Option<Instant> {
        let east = match self.0 {
            [] => return Some(Instant::new(seconds, None)),
            [b'Z'] => return Some(Instant::new(seconds, Some(0))),
            [b'+', ..] => true,
            [b'-', ..] => false,
            _ => return None,
        };
        self.0 = &self.0[1..];
        let hours = self.two_digits(0, 14)?;
        self.byte(b':')?;
        let minutes = self.two_digits(0, 59)?;
        let offset = i32::from(hours) * 60 + i32::from(minutes);
        if !self.0.is_empty() || offset > GREATEST_ZONE {
            return None;
        }
        let zone = if east { offset } else { -offset };
        Some(Instant::new(seconds, Some(zone)))
    }
}
