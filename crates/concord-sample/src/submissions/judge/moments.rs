//! Days, moments and months as rules compare them.

use concord_standards::submission::{Offset, Precision};
use jiff::Span;
use jiff::civil::{Date, DateTime, Time};

/// The moment of a text; `None` where it is none. Of a month it is the first, of a day midnight.
pub(crate) fn of(text: &str, precision: Precision) -> Option<DateTime> {
    let midnight = |day: Date| day.to_datetime(Time::midnight());
    match precision {
        Precision::Day => day(text).map(midnight),
        Precision::Moment => moment(text),
        Precision::Month => {
            let first = match text.len() {
                7 => day(&format!("{text}-01")),
                _ => day(text).map(Date::first_of_month),
            };
            first.map(midnight)
        }
    }
}

/// The day that a text begins with; nothing or a time stands behind it.
pub(crate) fn day(text: &str) -> Option<Date> {
    let (day, rest) = text.split_at_checked(10)?;
    let shape = |(at, byte): (usize, u8)| match at {
        4 | 7 => byte == b'-',
        _ => byte.is_ascii_digit(),
    };
    if !day.bytes().enumerate().all(shape) || !(rest.is_empty() || rest.starts_with(['T', ' '])) {
        return None;
    }
    day.parse().ok()
}

fn moment(text: &str) -> Option<DateTime> {
    let day = day(text)?;
    let Some(rest) = text.get(11..) else {
        return Some(day.to_datetime(Time::midnight()));
    };
    let (clock, offset) = rest.split_at_checked(8)?;
    let shape = |(at, byte): (usize, u8)| match at {
        2 | 5 => byte == b':',
        _ => byte.is_ascii_digit(),
    };
    if !clock.bytes().enumerate().all(shape) {
        return None;
    }
    let local = day.to_datetime(clock.parse().ok()?);
    match offset {
        "+01:00" => local.checked_sub(Span::new().hours(1)).ok(),
        _ => Some(local),
    }
}

/// A moment with something added to its day.
pub(crate) fn plus(moment: DateTime, offset: Offset, precision: Precision) -> Option<DateTime> {
    let days = if precision == Precision::Month {
        0
    } else {
        offset.days
    };
    let span = Span::new().try_months(offset.months).ok()?;
    moment.checked_add(span.try_days(days).ok()?).ok()
}

/// Whole years between a day of birth and another.
pub(crate) fn years(born: Date, at: Date) -> i64 {
    let had_birthday = (at.month(), at.day()) >= (born.month(), born.day());
    i64::from(at.year()) - i64::from(born.year()) - i64::from(!had_birthday)
}
