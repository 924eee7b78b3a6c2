//! `duration`: part 2, section 3.2.6.

use std::cmp::Ordering;

use super::time_line::{COUNT_DIGITS, Seconds, attoseconds, day_number};

/// A length of time: months and seconds, both with the same sign.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Duration {
    months: i128,
    seconds: Seconds,
}

/// Designators before and after the `T`, with how many months or seconds each stands for.
const DATE_PARTS: [(u8, i128, i128); 3] = [(b'Y', 12, 0), (b'M', 1, 0), (b'D', 0, 86_400)];
const TIME_PARTS: [(u8, i128, i128); 3] = [(b'H', 0, 3600), (b'M', 0, 60), (b'S', 0, 1)];

/// The four instants of section 3.2.6.2 that decide the order of two durations.
const REFERENCES: [(i64, u8); 4] = [(1696, 9), (1697, 2), (1903, 3), (1903, 7)];

impl Duration {
    /// The duration that `text` writes.
    pub(super) fn parse(text: &str) -> Option<Self> {
        let text = text.as_bytes();
        let (negative, text) = match text.strip_prefix(b"-") {
            Some(rest) => (true, rest),
            None => (false, text),
        };
        let text = text.strip_prefix(b"P")?;
        let (date, time) = match memchr::memchr(b'T', text) {
            Some(position) => (&text[..position], Some(&text[position + 1..])),
            None => (text, None),
        };
        if date.is_empty() && time.is_none() || time.is_some_and(<[u8]>::is_empty) {
            return None;
        }
        let mut sum = Self {
            months: 0,
            seconds: Seconds::whole(0),
        };
        sum.add_parts(date, &DATE_PARTS)?;
        sum.add_parts(time.unwrap_or_default(), &TIME_PARTS)?;
        if negative {
            sum.months = -sum.months;
            sum.seconds = sum.seconds.negated();
        }
        Some(sum)
    }

    /// Adds the parts that `text` writes, which stand in the order of `designators`.
    fn add_parts(&mut self, mut text: &[u8], designators: &[(u8, i128, i128)]) -> Option<()> {
        let mut designators = designators.iter();
        while !text.is_empty() {
            let (count, rest) = digits(text)?;
            let (fraction, rest) = match rest.strip_prefix(b".") {
                Some(rest) => digits(rest)?,
                None => (&[][..], rest),
            };
            let (&designator, rest) = rest.split_first()?;
            let &(_, months, seconds) = designators.find(|(known, ..)| *known == designator)?;
            if !fraction.is_empty() && designator != b'S' {
                return None;
            }
            let count = number(count)?;
            self.months += count * months;
            self.seconds = self
                .seconds
                .plus(Seconds::new(count * seconds, attoseconds(fraction)));
            text = rest;
        }
        Some(())
    }

    /// The order of section 3.2.6.2; `None` when it is indeterminate.
    pub(super) fn compare(&self, other: &Self) -> Option<Ordering> {
        let [first, rest @ ..] =
            REFERENCES.map(|reference| self.after(reference).cmp(&other.after(reference)));
        rest.iter().all(|&next| next == first).then_some(first)
    }

    /// The instant at which the duration ends that starts with the first day of a month (appendix E).
    fn after(&self, (year, month): (i64, u8)) -> Seconds {
        let months = i128::from(year) * 12 + i128::from(month) - 1 + self.months;
        // 4,800 months are 400 years, which always have the same number of days.
        let (eras, months) = (months.div_euclid(4_800), months.rem_euclid(4_800));
        let month = u16::try_from(months).expect("a remainder below 4,800");
        let days = eras * 146_097 + era_day(month);
        Seconds::whole(days * 86_400).plus(self.seconds)
    }
}

/// Days from the start of an era of 400 years to the start of a month (below 4,800), as in the years 400 to 799.
fn era_day(months: u16) -> i128 {
    let year = 400 + i64::from(months / 12);
    let month = (months % 12 + 1) as u8;
    day_number(year, month, 1) - day_number(400, 1, 1)
}

/// Splits a run of digits, which is not empty, off.
fn digits(text: &[u8]) -> Option<(&[u8], &[u8])> {
    let count = text.iter().take_while(|byte| byte.is_ascii_digit()).count();
    (count > 0).then(|| text.split_at(count))
}

fn number(digits: &[u8]) -> Option<i128> {
    let zeros = digits.iter().take_while(|&&digit| digit == b'0').count();
    let digits = &digits[zeros..];
    (digits.len() <= COUNT_DIGITS).then(|| {
        digits
            .iter()
            .fold(0, |number, digit| number * 10 + i128::from(digit - b'0'))
    })
}
