//! Dates and times in the forms of the NHS Data Dictionary.
//!
//! Source: NHS Data Dictionary, formats `an10 CCYY-MM-DD`, `an8 hh:mm:ss`, `an19 CCYY-MM-DDThh:mm:ss` and `an7 CCYY-MM`. The
//! written form is judged here, to the character; whether the day exists (proleptic Gregorian) is the calendar's to say.

use jiff::civil::{Date, DateTime, Time};

/// The day of `CCYY-MM-DD`.
pub fn date(text: &[u8]) -> Option<Date> {
    let &[y1, y2, y3, y4, b'-', m1, m2, b'-', d1, d2] = text else {
        return None;
    };
    day(
        number(&[y1, y2, y3, y4])?,
        number(&[m1, m2])?,
        number(&[d1, d2])?,
    )
}

/// The time of day of `hh:mm:ss`.
pub fn time(text: &[u8]) -> Option<Time> {
    let &[h1, h2, b':', m1, m2, b':', s1, s2] = text else {
        return None;
    };
    clock(number(&[h1, h2])?, number(&[m1, m2])?, number(&[s1, s2])?)
}

/// The moment of `CCYY-MM-DDThh:mm:ss`, which is in the time of the place.
pub fn date_time(text: &[u8]) -> Option<DateTime> {
    let (day, rest) = text.split_at_checked(10)?;
    Some(DateTime::from_parts(
        date(day)?,
        time(rest.strip_prefix(b"T")?)?,
    ))
}

/// The year and month of `CCYY-MM`.
pub fn year_month(text: &[u8]) -> Option<(i16, i8)> {
    let &[y1, y2, y3, y4, b'-', m1, m2] = text else {
        return None;
    };
    let first = day(number(&[y1, y2, y3, y4])?, number(&[m1, m2])?, 1)?;
    Some((first.year(), first.month()))
}

/// Days since 1 January 1970, as columns of dates count them.
pub fn days_since_1970(day: Date) -> i32 {
    (day - jiff::civil::date(1970, 1, 1)).get_days()
}

/// A day by its numbers; there is no year 0.
pub(crate) fn day(year: u32, month: u32, day: u32) -> Option<Date> {
    let (year, month, day) = (
        i16::try_from(year).ok()?,
        i8::try_from(month).ok()?,
        i8::try_from(day).ok()?,
    );
    (year > 0).then(|| Date::new(year, month, day).ok())?
}

/// A time of day by its numbers; there is neither 24:00:00 nor a leap second.
pub(crate) fn clock(hour: u32, minute: u32, second: u32) -> Option<Time> {
    let (hour, minute, second) = (
        i8::try_from(hour).ok()?,
        i8::try_from(minute).ok()?,
        i8::try_from(second).ok()?,
    );
    Time::new(hour, minute, second, 0).ok()
}

/// The number that at most nine ASCII digits write.
pub(crate) fn number(digits: &[u8]) -> Option<u32> {
    if digits.is_empty() || digits.len() > 9 {
        return None;
    }
    digits.iter().try_fold(0, |sum, byte| {
        byte.is_ascii_digit()
            .then(|| sum * 10 + u32::from(byte - b'0'))
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn forms() {
        assert!(date(b"2024-02-29").is_some() && date(b"2000-02-29").is_some());
        for wrong in [
            "",
            "2023-02-29",
            "1900-02-29",
            "2023-13-01",
            "2023-00-01",
            "2023-04-31",
            "2023-04-00",
            "0000-01-01",
            "20230401",
            "2023-4-1",
            "2023/04/01",
            "2023-04-01 ",
            "٢٠٢٣-٠٤",
        ] {
            assert_eq!(date(wrong.as_bytes()), None, "{wrong}");
        }
        assert!(time(b"23:59:59").is_some() && time(b"00:00:00").is_some());
        for wrong in [
            "24:00:00", "12:60:00", "12:00:60", "12:00", "1:00:00", "12.00.00",
        ] {
            assert_eq!(time(wrong.as_bytes()), None, "{wrong}");
        }
        assert_eq!(
            date_time(b"2025-04-01T10:15:30").map(|moment| moment.to_string()),
            Some("2025-04-01T10:15:30".to_owned())
        );
        for wrong in [
            "2025-04-01 10:15:30",
            "2025-04-01T10:15",
            "2025-04-01",
            "2025-04-01T10:15:30Z",
        ] {
            assert_eq!(date_time(wrong.as_bytes()), None, "{wrong}");
        }
        assert_eq!(year_month(b"2025-12"), Some((2025, 12)));
        assert_eq!(year_month(b"2025-13"), None);
    }

    proptest! {
        /// The calendar from the days of each month and the rule of leap years.
        #[test]
        fn agrees_with_the_rule_of_leap_years(year in 0..10_000_u32, month in 0..20_u32, day in 0..40_u32) {
            let leap = year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400));
            let days = [0, 31, 28 + u32::from(leap), 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];
            let exists = year > 0 && day > 0 && days.get(month as usize).is_some_and(|&last| day <= last);
            prop_assert_eq!(date(format!("{year:04}-{month:02}-{day:02}").as_bytes()).is_some(), exists);
        }

        /// The count of days by Fliegel and Van Flandern's formula for Julian days.
        #[test]
        fn days_agree_with_julian_days(year in 1..10_000_i32, month in 1..=12_i32, of_month in 1..=28_i32) {
            let a = (month - 14) / 12;
            let julian = 1461 * (year + 4800 + a) / 4 + 367 * (month - 2 - 12 * a) / 12 - 3 * ((year + 4900 + a) / 100) / 4 + of_month - 32_075;
            let date = date(format!("{year:04}-{month:02}-{of_month:02}").as_bytes()).expect("a day");
            prop_assert_eq!(days_since_1970(date), julian - 2_440_588);
        }

        #[test]
        fn any_bytes_are_read(bytes in prop::collection::vec(any::<u8>(), 0..24)) {
            let _ = (date(&bytes), time(&bytes), date_time(&bytes), year_month(&bytes));
        }
    }
}
