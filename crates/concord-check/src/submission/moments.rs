//! Days, moments and months as numbers that can be compared.

use concord_model::dates::{self, days_since_1970};
use concord_standards::submission::{Offset, Precision};
use jiff::Span;
use jiff::civil::Date;

/// A text that is none.
pub(crate) const NONE: i64 = i64::MIN;

const DAY: i64 = 86_400;

/// The length of a year and month, `CCYY-MM`.
const MONTH: usize = 7;

/// A column whose moments are kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Moment {
    pub(crate) column: usize,
    pub(crate) precision: Precision,
    /// Whether others are compared with it. Else it is what a rule judges.
    pub(crate) limit: bool,
}

impl Moment {
    /// What a rule judges.
    pub(crate) const fn own(column: usize, precision: Precision) -> Self {
        Self {
            column,
            precision,
            limit: false,
        }
    }

    /// What others are compared with.
    pub(crate) const fn limit(column: usize, precision: Precision) -> Self {
        Self {
            column,
            precision,
            // Only of months does it matter, so that others are kept once.
            limit: matches!(precision, Precision::Month),
        }
    }

    /// The number of a text of the column.
    pub(crate) fn of(self, text: &str) -> i64 {
        if self.limit {
            of(text, self.precision)
        } else {
            own(text, self.precision)
        }
    }
}

/// The number of a value that a rule judges. Where months are compared, a value that says a day as well is none: the national
/// function looks at nothing else than a year and a month.
pub(crate) fn own(text: &str, precision: Precision) -> i64 {
    match precision {
        Precision::Month if text.len() != MONTH => NONE,
        _ => of(text, precision),
    }
}

/// The number of a text: seconds since 1970 for days (at midnight) and moments, months since the year 0 for months.
pub(crate) fn of(text: &str, precision: Precision) -> i64 {
    if text.is_empty() {
        return NONE;
    }
    let found = match precision {
        Precision::Day => day(text).map(|day| i64::from(days_since_1970(day)) * DAY),
        Precision::Moment => moment(text),
        Precision::Month => month(text),
    };
    found.unwrap_or(NONE)
}

/// The day of a text that begins with one; a time may follow. `None` when it begins with none.
pub fn day(text: &str) -> Option<Date> {
    let (day, rest) = text.split_at_checked(10)?;
    if !(rest.is_empty() || rest.starts_with(['T', ' '])) {
        return None;
    }
    dates::date(day.as_bytes())
}

fn moment(text: &str) -> Option<i64> {
    let midnight = i64::from(days_since_1970(day(text)?)) * DAY;
    let Some(rest) = text.get(11..) else {
        return Some(midnight);
    };
    let (clock, offset) = rest.split_at_checked(8)?;
    let time = dates::time(clock.as_bytes())?;
    let offset = match offset {
        "+01:00" => 3600,
        _ => 0,
    };
    let seconds = i64::from(time.hour()) * 3600 + i64::from(time.minute()) * 60;
    Some(midnight + seconds + i64::from(time.second()) - offset)
}

fn month(text: &str) -> Option<i64> {
    let (year, month) = if let Some(found) = dates::year_month(text.as_bytes()) {
        found
    } else {
        let day = day(text)?;
        (day.year(), day.month())
    };
    Some(i64::from(year) * 12 + i64::from(month) - 1)
}

/// A number with something added to its day. What there is no day for is none.
pub(crate) fn plus(number: i64, offset: Offset, precision: Precision) -> i64 {
    if number == NONE || offset == Offset::default() {
        return number;
    }
    if precision == Precision::Month {
        return number + i64::from(offset.months);
    }
    let (days, rest) = (number.div_euclid(DAY), number.rem_euclid(DAY));
    let shifted = date_of(days).and_then(|day| {
        let span = Span::new().try_months(offset.months).ok()?;
        let span = span.try_days(offset.days).ok()?;
        day.checked_add(span).ok()
    });
    shifted.map_or(NONE, |day| i64::from(days_since_1970(day)) * DAY + rest)
}

fn date_of(days: i64) -> Option<Date> {
    let span = Span::new().try_days(days).ok()?;
    jiff::civil::date(1970, 1, 1).checked_add(span).ok()
}

/// Days since 1970 of a text that begins with a day.
pub(crate) fn days_of(text: &str) -> Option<i32> {
    day(text).map(days_since_1970)
}

/// A number as it is written.
pub(crate) fn written(number: i64, precision: Precision) -> String {
    if precision == Precision::Month {
        let (year, month) = (number.div_euclid(12), number.rem_euclid(12) + 1);
        return format!("{year:04}-{month:02}");
    }
    let (days, rest) = (number.div_euclid(DAY), number.rem_euclid(DAY));
    let day = date_of(days).map_or_else(String::new, |day| day.to_string());
    if rest == 0 {
        return day;
    }
    let (hour, minute, second) = (rest / 3600, rest / 60 % 60, rest % 60);
    format!("{day}T{hour:02}:{minute:02}:{second:02}")
}

/// Whole years between a day of birth and another, counted down: negative before birth.
pub(crate) fn years(born: Date, at: Date) -> i32 {
    let whole = i32::from(at.year()) - i32::from(born.year());
    let before = (at.month(), at.day()) < (born.month(), born.day());
    whole - i32::from(before)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn moments_compare_as_they_follow_one_another() {
        let day = |text: &str| of(text, Precision::Day);
        assert_eq!(day("1970-01-02"), DAY);
        assert_eq!(day("1970-01-02T23:00:00"), DAY);
        for text in [
            "",
            "2024-02-30",
            "2024-02-00",
            "2024-02-1",
            "20240201",
            "2024-02-01x",
        ] {
            assert_eq!(day(text), NONE, "{text}");
        }
        let moment = |text: &str| of(text, Precision::Moment);
        assert!(moment("2024-02-01T10:00:00") < moment("2024-02-01T10:00:01Z"));
        assert_eq!(
            moment("2024-06-01T10:00:00+01:00"),
            moment("2024-06-01T09:00:00Z")
        );
        assert_eq!(
            of("2024-02", Precision::Month),
            of("2024-02-29", Precision::Month)
        );
        assert_eq!(
            own("2024-02", Precision::Month),
            of("2024-02", Precision::Month)
        );
        assert_eq!(own("2024-02-29", Precision::Month), NONE);
        assert_eq!(own("1970-01-02", Precision::Day), DAY);
        let later = plus(
            day("2024-01-31"),
            Offset { months: 1, days: 1 },
            Precision::Day,
        );
        assert_eq!(written(later, Precision::Day), "2024-03-01");
        assert_eq!(
            written(moment("2024-02-01T10:00:01"), Precision::Moment),
            "2024-02-01T10:00:01"
        );
        assert_eq!(
            written(of("2024-12", Precision::Month), Precision::Month),
            "2024-12"
        );
        let date = |text: &str| super::day(text).expect("a day");
        assert_eq!(years(date("2000-02-29"), date("2024-02-28")), 23);
        assert_eq!(years(date("2000-02-29"), date("2024-02-29")), 24);
    }
}
