//! From the written form of a date or number to its value.
//!
//! The structure check has already said what is wrong with a value that has not its form; here it is `None`.

/// Days since 1970-01-01 of `YYYY-MM-DD`, with or without a time zone behind it (which does not move the date).
///
/// Years of four digits only. The day count is Howard Hinnant's `days_from_civil`
/// (<https://howardhinnant.github.io/date_algorithms.html>).
pub fn date(text: &[u8]) -> Option<i32> {
    let text = text.trim_ascii();
    let (day, zone) = text.split_at_checked(10)?;
    if !(zone.is_empty() || zone_seconds(zone).is_some()) {
        return None;
    }
    let (year, month, day) = civil(day.first_chunk()?)?;
    let [year, month, day] = [year, month, day].map(u32::cast_signed);
    let shifted = if month <= 2 { year - 1 } else { year };
    let era = shifted / 400;
    let year_of_era = shifted % 400;
    let month_from_march = (month + 9) % 12;
    let day_of_year = (153 * month_from_march + 2) / 5 + day - 1;
    let day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
    Some(era * 146_097 + day_of_era - 719_468)
}

/// Year, month and day of `CCYY-MM-DD`; `None` when it is no day.
///
/// The digits are looked at together, as the bytes of numbers.
#[inline]
pub fn civil(text: &[u8; 10]) -> Option<(u32, u32, u32)> {
    /// What is left of the bytes must be 0 at the hyphens and below 10 elsewhere: added to this it stays below 128.
    const REST: u64 = u64::from_le_bytes([0x76, 0x76, 0x76, 0x76, 0x7F, 0x76, 0x76, 0x7F]);
    const HIGHEST: u64 = 0x8080_8080_8080_8080;
    const DAYS: [u32; 13] = [0, 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];
    let [head @ .., d1, d2] = text;
    let digits = u64::from_le_bytes(*head) ^ u64::from_le_bytes(*b"0000-00-");
    let (d1, d2) = (d1.wrapping_sub(b'0'), d2.wrapping_sub(b'0'));
    // A byte from 128 on has its highest bit itself; what is carried into the next byte comes from one that has it.
    if (digits | digits.wrapping_add(REST)) & HIGHEST != 0 || d1 > 9 || d2 > 9 {
        return None;
    }
    // Each byte times ten and the next one, which is below 100.
    let pairs = digits * 10 + (digits >> 8);
    let pair = |byte: u32| (pairs >> (8 * byte)) as u32 & 0xFF;
    let (year, month) = (pair(0) * 100 + pair(2), pair(5));
    let day = u32::from(d1) * 10 + u32::from(d2);
    let leap = year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400));
    let last = DAYS.get(month as usize)? + u32::from(leap && month == 2);
    (year > 0 && 1 <= day && day <= last).then_some((year, month, day))
}

/// `CCYYMMDD` as `CCYY-MM-DD`, which is how the canonical model and XML write a day; `None` when it is no day.
pub fn spread_date(text: &[u8]) -> Option<[u8; 10]> {
    let [y1, y2, y3, y4, m1, m2, d1, d2] = *text.trim_ascii() else {
        return None;
    };
    let spread = [y1, y2, y3, y4, b'-', m1, m2, b'-', d1, d2];
    date(&spread).map(|_| spread)
}

/// `HHMMSS` as `HH:MM:SS`, which is how the canonical model and XML write a time of day; `None` when it is none.
pub fn spread_time(text: &[u8]) -> Option<[u8; 8]> {
    let [h1, h2, m1, m2, s1, s2] = *text.trim_ascii() else {
        return None;
    };
    let spread = [h1, h2, b':', m1, m2, b':', s1, s2];
    time(&spread).map(|_| spread)
}

/// A point in time as HL7 v2 writes it (`CCYY[MM[DD[HHMM[SS[.S]]]]][+/-ZZZZ]`, HL7 v2.4, 2.8.42), its parts as the canonical
/// model and XML write them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Point {
    /// `CCYY`, `CCYY-MM` or `CCYY-MM-DD`.
    pub date: String,
    /// `HH:MM:SS`, with a fraction where one is written; seconds that are not written are `00`.
    pub time: Option<String>,
    /// `+HH:MM` or `-HH:MM`.
    pub zone: Option<String>,
}

impl Point {
    /// Reads a point in time; `None` when it is none.
    pub fn read(text: &[u8]) -> Option<Self> {
        let text = std::str::from_utf8(text.trim_ascii()).ok()?;
        let (local, zone) = match text.find(['+', '-']) {
            Some(at) => (&text[..at], Some(&text[at..])),
            None => (text, None),
        };
        let zone = match zone {
            None => None,
            Some(zone) if zone.len() == 5 => {
                let zone = format!("{}:{}", zone.get(..3)?, zone.get(3..)?);
                zone_seconds(zone.as_bytes())?;
                Some(zone)
            }
            Some(_) => return None,
        };
        let (digits, fraction) = match local.split_once('.') {
            Some((digits, fraction)) if digits.len() == 14 => (digits, Some(fraction)),
            Some(_) => return None,
            None => (local, None),
        };
        let is_number = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
        if !is_number(digits)
            || !fraction.is_none_or(|digits| !digits.is_empty() && is_number(digits))
        {
            return None;
        }
        let date = match digits.len() {
            4 => digits.to_owned(),
            6 => format!("{}-{}", &digits[..4], &digits[4..]),
            8 | 12 | 14 => format!("{}-{}-{}", &digits[..4], &digits[4..6], &digits[6..8]),
            _ => return None,
        };
        let whole = match date.len() {
            4 => format!("{date}-01-01"),
            7 => format!("{date}-01"),
            _ => date.clone(),
        };
        self::date(whole.as_bytes())?;
        let time = match digits.len() {
            12 => Some(format!("{}:{}:00", &digits[8..10], &digits[10..])),
            14 => Some(format!(
                "{}:{}:{}",
                &digits[8..10],
                &digits[10..12],
                &digits[12..]
            )),
            _ => None,
        };
        let time = match (time, fraction) {
            (Some(time), Some(fraction)) => Some(format!("{time}.{fraction}")),
            (time, _) => time,
        };
        if let Some(time) = &time {
            self::time(time.as_bytes())?;
        }
        Some(Self { date, time, zone })
    }
}

/// Seconds since midnight of `HH:MM:SS`, a fraction of a second left out, and what stands behind it.
fn clock(text: &[u8]) -> Option<(i64, &[u8])> {
    let (clock, mut rest) = text.split_at_checked(8)?;
    let [h1, h2, b':', m1, m2, b':', s1, s2] = *clock else {
        return None;
    };
    let (hours, minutes, seconds) = (number(&[h1, h2])?, number(&[m1, m2])?, number(&[s1, s2])?);
    let midnight = hours == 24 && minutes == 0 && seconds == 0;
    if (hours > 23 && !midnight) || minutes > 59 || seconds > 59 {
        return None;
    }
    if let Some(fraction) = rest.strip_prefix(b".") {
        let digits = fraction
            .iter()
            .take_while(|byte| byte.is_ascii_digit())
            .count();
        if digits == 0 {
            return None;
        }
        rest = &fraction[digits..];
    }
    Some((i64::from(hours * 3600 + minutes * 60 + seconds), rest))
}

/// Seconds east of Greenwich of `Z`, `+01:00` or `-05:30`.
fn zone_seconds(text: &[u8]) -> Option<i64> {
    match *text {
        [b'Z'] => Some(0),
        [sign @ (b'+' | b'-'), h1, h2, b':', m1, m2] => {
            let (hours, minutes) = (number(&[h1, h2])?, number(&[m1, m2])?);
            if minutes > 59 || hours > 14 || (hours == 14 && minutes > 0) {
                return None;
            }
            let seconds = i64::from(hours * 3600 + minutes * 60);
            Some(if sign == b'-' { -seconds } else { seconds })
        }
        _ => None,
    }
}

/// The parts of `YYYY-MM-DDThh:mm:ss` with an optional fraction and zone: day, second of the day, zone.
fn stamp(text: &[u8]) -> Option<(i32, i64, &[u8])> {
    let text = text.trim_ascii();
    let (day, rest) = text.split_at_checked(10)?;
    let (seconds, zone) = clock(rest.strip_prefix(b"T")?)?;
    if !(zone.is_empty() || zone_seconds(zone).is_some()) {
        return None;
    }
    Some((date(day)?, seconds, zone))
}

/// Seconds since 1970-01-01T00:00:00 of a date with time; one without a zone is taken as it stands, in UTC.
pub fn moment(text: &[u8]) -> Option<i64> {
    let (day, seconds, zone) = stamp(text)?;
    let zone = zone_seconds(zone).unwrap_or(0);
    Some(i64::from(day) * 86_400 + seconds - zone)
}

/// Seconds since midnight of a time of day; a zone is left out.
pub fn time(text: &[u8]) -> Option<i64> {
    let (seconds, zone) = clock(text.trim_ascii())?;
    (zone.is_empty() || zone_seconds(zone).is_some()).then_some(seconds)
}

/// The day of a date with time, as it is written there.
pub fn date_of(text: &[u8]) -> Option<i32> {
    stamp(text).map(|(day, ..)| day)
}

/// The zone of a date with time, as it is written there; empty when it has none.
pub fn zone_of(text: &str) -> Option<&str> {
    let text = text.trim_ascii();
    let (.., zone) = stamp(text.as_bytes())?;
    text.get(text.len() - zone.len()..)
}

/// A whole number. `None` also for one that needs more than 64 bits.
pub fn integer(text: &[u8]) -> Option<i64> {
    std::str::from_utf8(text.trim_ascii()).ok()?.parse().ok()
}

/// A decimal number with an exponent, as programs write floating point numbers (`5.6E-1`), in units of the last of `scale`
/// digits behind the point, and whether all of its digits are kept: those behind these are rounded. `None` also for one of
/// more than `precision` digits in all.
pub fn scientific(text: &[u8], precision: u8, scale: i8) -> Option<(i128, bool)> {
    /// Digits of a mantissa and sizes of an exponent that fit into what is worked with.
    const MOST: usize = 18;
    let text = std::str::from_utf8(text.trim_ascii()).ok()?;
    let (mantissa, exponent) = text.split_once(['E', 'e'])?;
    let digits = exponent.strip_prefix(['+', '-']).unwrap_or(exponent);
    if digits.is_empty() || digits.len() > 3 || !digits.bytes().all(|digit| digit.is_ascii_digit())
    {
        return None;
    }
    let exponent: i32 = exponent.parse().ok()?;
    let behind = mantissa
        .split_once('.')
        .map_or(0, |(_, behind)| behind.len());
    if behind > MOST {
        return None;
    }
    let behind = i8::try_from(behind).ok()?;
    let units = decimal(mantissa.as_bytes(), MOST as u8, behind)?;
    let shift = exponent - i32::from(behind) + i32::from(scale);
    let power = 10_i128.checked_pow(shift.unsigned_abs());
    let (number, whole) = match power {
        _ if units == 0 => (0, true),
        Some(power) if shift >= 0 => (units.checked_mul(power)?, true),
        Some(power) => {
            let rest = units % power;
            let up = i128::from(rest.abs() >= power - rest.abs()) * units.signum();
            (units / power + up, rest == 0)
        }
        None if shift < 0 => (0, false),
        None => return None,
    };
    let limit = 10_u128.checked_pow(u32::from(precision))?;
    (number.unsigned_abs() < limit).then_some((number, whole))
}

/// A decimal number in units of the last of `scale` digits behind the point. `None` also for one that needs more of them,
/// or more than `precision` digits in all.
pub fn decimal(text: &[u8], precision: u8, scale: i8) -> Option<i128> {
    /// What has more digits than a precision, which is 38 at most.
    static LIMITS: [i128; 39] = {
        let mut limits = [1; 39];
        let mut digits = 1;
        while digits < limits.len() {
            limits[digits] = limits[digits - 1] * 10;
            digits += 1;
        }
        limits
    };
    let text = text.trim_ascii();
    let (negative, digits) = match text {
        [b'-', rest @ ..] => (true, rest),
        [b'+', rest @ ..] => (false, rest),
        _ => (false, text),
    };
    let units = match few_digits(digits, scale) {
        Some((value, power)) => i128::from(value) * i128::from(power),
        None => many_digits(digits, scale)?,
    };
    if LIMITS
        .get(usize::from(precision))
        .is_some_and(|limit| units >= *limit)
    {
        return None;
    }
    Some(if negative { -units } else { units })
}

/// Digits and a point, 18 in all, no more than `scale` of them behind the point: their number, and what it is to be multiplied
/// with. Nearly every number is like that, and needs 64 bits.
fn few_digits(digits: &[u8], scale: i8) -> Option<(i64, i64)> {
    const POWERS: [i64; 19] = {
        let mut powers = [1; 19];
        let mut power = 1;
        while power < powers.len() {
            powers[power] = powers[power - 1] * 10;
            power += 1;
        }
        powers
    };
    if digits.len() > 18 {
        return None;
    }
    let (mut value, mut point) = (0_i64, None);
    for (at, &byte) in digits.iter().enumerate() {
        match byte {
            b'0'..=b'9' => value = value * 10 + i64::from(byte - b'0'),
            b'.' if point.is_none() => point = Some(at),
            _ => return None,
        }
    }
    let after = point.map_or(0, |point| digits.len() - point - 1);
    let least = 1 + usize::from(point.is_some());
    let power = usize::try_from(scale).ok()?.checked_sub(after)?;
    (digits.len() >= least).then_some((value, *POWERS.get(power)?))
}

fn many_digits(digits: &[u8], scale: i8) -> Option<i128> {
    let mut value: i128 = 0;
    let (mut seen, mut point, mut after) = (false, false, 0_i8);
    for &byte in digits {
        match byte {
            b'0'..=b'9' => {
                seen = true;
                if point {
                    if after == scale {
                        if byte == b'0' {
                            continue;
                        }
                        return None;
                    }
                    after += 1;
                }
                value = value
                    .checked_mul(10)?
                    .checked_add(i128::from(byte - b'0'))?;
            }
            b'.' if !point => point = true,
            _ => return None,
        }
    }
    let value = value.checked_mul(10_i128.checked_pow((scale - after).unsigned_abs().into())?)?;
    seen.then_some(value)
}

/// `true`, `false`, `1` or `0`.
pub fn boolean(text: &[u8]) -> Option<bool> {
    match text.trim_ascii() {
        b"true" | b"1" => Some(true),
        b"false" | b"0" => Some(false),
        _ => None,
    }
}

fn number(digits: &[u8]) -> Option<i32> {
    digits.iter().try_fold(0, |sum, byte| {
        byte.is_ascii_digit()
            .then(|| sum * 10 + i32::from(byte - b'0'))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_day_is_what_the_calendar_has() {
        let by_hand = |text: &[u8; 10]| {
            let [y1, y2, y3, y4, b'-', m1, m2, b'-', d1, d2] = *text else {
                return None;
            };
            let (year, month) = (number(&[y1, y2, y3, y4])?, number(&[m1, m2])?);
            let day = number(&[d1, d2])?;
            let leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
            let last = match month {
                1 | 3 | 5 | 7 | 8 | 10 | 12 => 31,
                4 | 6 | 9 | 11 => 30,
                2 => 28 + i32::from(leap),
                _ => return None,
            };
            let known = [year, month, day].map(i32::cast_unsigned);
            (year > 0 && day > 0 && day <= last).then_some((known[0], known[1], known[2]))
        };
        for year in [0, 1, 4, 100, 400, 999, 1900, 2000, 2023, 2024, 9999] {
            for (month, day) in (0..=14).flat_map(|month| (0..=32).map(move |day| (month, day))) {
                let written = format!("{year:04}-{month:02}-{day:02}");
                let text: &[u8; 10] = written.as_bytes().first_chunk().expect("ten bytes");
                assert_eq!(civil(text), by_hand(text), "{written}");
            }
        }
        // Every byte at every place, and at two neighbouring ones.
        for place in 0..10 {
            for (byte, next) in
                (0..=255).flat_map(|byte| [(byte, b'0'), (byte, 0xff), (byte, byte)])
            {
                let mut text = *b"2024-02-29";
                text[place] = byte;
                assert_eq!(civil(&text), by_hand(&text), "{text:?}");
                if let Some(behind) = text.get_mut(place + 1) {
                    *behind = next;
                    assert_eq!(civil(&text), by_hand(&text), "{text:?}");
                }
            }
        }
    }

    #[test]
    fn dates_are_days() {
        assert_eq!(date(b"1970-01-01"), Some(0));
        assert_eq!(date(b"2000-02-29"), Some(11_016));
        assert_eq!(date(b"1880-01-01"), Some(-32_872));
        assert_eq!(date(b" 2023-05-02Z\n"), Some(19_479));
        for wrong in [
            "1900-02-29",
            "2023-13-01",
            "2023-00-10",
            "2023-04-31",
            "20230401",
            "2023-4-1",
            "0000-01-01",
            "",
        ] {
            assert_eq!(date(wrong.as_bytes()), None, "{wrong}");
        }
    }

    #[test]
    fn points_in_time_are_as_precise_as_they_are_written() {
        let read = |text: &str| {
            Point::read(text.as_bytes()).map(|point| {
                let time = point.time.map(|time| format!("T{time}"));
                let (time, zone) = (time.unwrap_or_default(), point.zone.unwrap_or_default());
                format!("{}{time}{zone}", point.date)
            })
        };
        for (text, expected) in [
            ("1965", "1965"),
            ("196512", "1965-12"),
            ("20240229", "2024-02-29"),
            ("202603011005", "2026-03-01T10:05:00"),
            ("20260301100507", "2026-03-01T10:05:07"),
            ("20260301100507.12", "2026-03-01T10:05:07.12"),
            ("202603011005+0100", "2026-03-01T10:05:00+01:00"),
            ("20260301-0500", "2026-03-01-05:00"),
        ] {
            assert_eq!(read(text).as_deref(), Some(expected), "{text}");
        }
        for wrong in [
            "",
            "19",
            "20230229",
            "202613",
            "2026030110",
            "202603012505",
            "202603011005.1",
            "20260301100507.",
            "202603011005+1",
            "202603011005+01:0",
            "2026-03-01",
            "\"\"",
            "2026030110é5",
        ] {
            assert_eq!(read(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn what_is_written_without_signs_is_spread() {
        assert_eq!(spread_date(b"20240229"), Some(*b"2024-02-29"));
        assert_eq!(spread_time(b" 093000"), Some(*b"09:30:00"));
        for wrong in ["20230229", "2024-02-29", "2024022", "2024O229", ""] {
            assert_eq!(spread_date(wrong.as_bytes()), None, "{wrong}");
        }
        for wrong in ["250000", "0930", "09:30:00", "09300a", ""] {
            assert_eq!(spread_time(wrong.as_bytes()), None, "{wrong}");
        }
    }

    #[test]
    fn moments_are_seconds() {
        assert_eq!(moment(b"1970-01-02T00:00:01Z"), Some(86_401));
        assert_eq!(moment(b"1970-01-01T01:00:00+01:00"), Some(0));
        assert_eq!(moment(b"1970-01-01T24:00:00"), Some(86_400));
        assert_eq!(moment(b"1970-01-01T00:00:01.5"), Some(1));
        assert_eq!(moment(b"1970-01-01 00:00:01"), None);
        assert_eq!(moment(b"1970-01-01T00:00:01+1:00"), None);
        assert_eq!(zone_of("1970-01-01T00:00:01-05:30"), Some("-05:30"));
        assert_eq!(zone_of("1970-01-01T00:00:01"), Some(""));
        assert_eq!(time(b"07:30:00"), Some(27_000));
        assert_eq!(time(b"7:30:00"), None);
    }

    #[test]
    fn numbers_are_exact() {
        assert_eq!(decimal(b"1.5", 28, 9), Some(1_500_000_000));
        assert_eq!(decimal(b"-.25", 28, 9), Some(-250_000_000));
        assert_eq!(decimal(b"1.0000000000", 28, 9), Some(1_000_000_000));
        assert_eq!(decimal(b"1.0000000001", 28, 9), None);
        assert_eq!(decimal(b".", 28, 9), None);
        assert_eq!(decimal(b"", 28, 9), None);
        assert_eq!(decimal(b"1.", 28, 9), Some(1_000_000_000));
        assert_eq!(decimal(b"1.2.3", 28, 9), None);
        assert_eq!(decimal(b"-12", 3, 2), None);
        // As many digits as 64 bits hold, and more.
        let digits = [b"12345678901234567.8", b"123456789012345678."];
        for (text, units) in digits
            .into_iter()
            .zip([123_456_789_012_345_678, 1_234_567_890_123_456_780])
        {
            assert_eq!(decimal(text, 28, 1), Some(units));
        }
        assert_eq!(decimal(&[b'9'; 60], 28, 9), None);
        for (text, expected) in [
            ("5.600000024E-1", Some((560_000, false))),
            ("-1.5e+3", Some((-1_500_000_000, true))),
            ("1.5E-6", Some((2, false))),
            ("25E-1", Some((2_500_000, true))),
            ("1E-300", Some((0, false))),
            ("0E300", Some((0, true))),
            ("1E300", None),
            ("1E12", None),
            ("1.5", None),
            ("1E", None),
            ("E1", None),
            ("1E1.5", None),
            ("1E+-1", None),
        ] {
            assert_eq!(scientific(text.as_bytes(), 18, 6), expected, "{text}");
        }
        assert_eq!(integer(b"+0012"), Some(12));
        assert_eq!(integer(b"99999999999999999999"), None);
    }
}
