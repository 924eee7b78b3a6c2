//! When a message says that it was made, for the delay with which it comes.

use std::sync::LazyLock;

use jiff::Timestamp;
use jiff::civil::{Date, DateTime, Time};
use jiff::tz::{Offset, TimeZone};

/// The time in the United Kingdom, for times that say no other: summer time from the last Sunday in March to the last one in
/// October (Summer Time Order 2002).
static LOCAL: LazyLock<TimeZone> =
    LazyLock::new(|| TimeZone::posix("GMT0BST,M3.5.0/1,M10.5.0").unwrap_or(TimeZone::UTC));

/// A time as messages of the United Kingdom write it that say no zone.
pub fn local_time(time: Timestamp) -> DateTime {
    LOCAL.to_datetime(time)
}

/// A time as HL7 v2 writes it (2.4, chapter 2, data type TS), if it says at least the minute:
/// `YYYYMMDDHHMM[SS[.S…]][+ZZZZ]`.
pub(crate) fn time(text: &str) -> Option<Timestamp> {
    let (text, zone) = match text.find(['+', '-']) {
        Some(at) => (&text[..at], Some(offset(&text[at..])?)),
        None => (text, None),
    };
    let whole = text.split('.').next()?;
    if !matches!(whole.len(), 12 | 14) || !whole.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let number = |from: usize, to: usize| whole.get(from..to)?.parse::<i16>().ok();
    let part = |from: usize| i8::try_from(number(from, from + 2)?).ok();
    let date = Date::new(number(0, 4)?, part(4)?, part(6)?).ok()?;
    let time = Time::new(part(8)?, part(10)?, part(12).unwrap_or(0), 0).ok()?;
    let moment = DateTime::from_parts(date, time);
    match zone {
        Some(offset) => offset.to_timestamp(moment).ok(),
        None => LOCAL.to_timestamp(moment).ok(),
    }
}

/// `+0100` as what it is.
fn offset(text: &str) -> Option<Offset> {
    let sign = if text.starts_with('-') { -1 } else { 1 };
    let digits = text.get(1..5).filter(|_| text.len() == 5)?;
    let digits: i32 = digits.parse().ok()?;
    Offset::from_seconds(sign * (digits / 100 * 3600 + digits % 100 * 60)).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn is(text: &str, expected: Option<&str>) {
        let found = time(text).map(|time| time.to_string());
        assert_eq!(found.as_deref(), expected, "{text}");
    }

    #[test]
    fn times_are_local_unless_they_say_another_zone() {
        is("202601011230", Some("2026-01-01T12:30:00Z"));
        is("202607011230", Some("2026-07-01T11:30:00Z"));
        is("20260701123015.25", Some("2026-07-01T11:30:15Z"));
        is("20260701123015+0000", Some("2026-07-01T12:30:15Z"));
        is("20260701123015-0530", Some("2026-07-01T18:00:15Z"));
        for wrong in [
            "",
            "20260701",
            "2026070112",
            "202613011230",
            "20260701123015+1",
            "x+",
            "é20260701123",
            "20260701123015+00é",
        ] {
            is(wrong, None);
        }
        let summer = "2026-07-01T11:30:00Z".parse().expect("a time");
        assert_eq!(local_time(summer).to_string(), "2026-07-01T12:30:00");
    }
}
