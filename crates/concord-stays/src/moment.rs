//! Times as messages write them.

use std::fmt;

use jiff::Span;
use jiff::civil::{DateTime, date};
use serde::{Deserialize, Serialize};

/// A time, to the second, by the clock of whoever wrote it.
///
/// An offset from universal time is left out: times are compared with others of the same sender, which writes its own clock
/// with or without one, and NHS systems write the time in use in the United Kingdom.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Moment(i64);

/// Digits of a time that says the minute: `CCYYMMDDhhmm`.
pub(crate) const MINUTE: usize = 12;
/// Digits of a time that says the day: `CCYYMMDD`.
pub(crate) const DAY: usize = 8;

const EPOCH: DateTime = date(1970, 1, 1).at(0, 0, 0, 0);

impl Moment {
    /// Before anything that is told.
    pub(crate) const START: Self = Self(0);

    /// Reads a time of HL7 v2 (2.4, data type TS: `CCYY[MM[DD[hhmm[ss[.s]]]]][+/-zzzz]`) that has at least `least` digits; what it
    /// does not say is zero. `None` when it has fewer, or is no time.
    pub(crate) fn read(text: &[u8], least: usize) -> Option<Self> {
        let digits = text.iter().take_while(|byte| byte.is_ascii_digit()).count();
        let known = [8, 10, 12, 14].contains(&digits);
        let ends = matches!(text.get(digits), None | Some(b'.' | b'+' | b'-'));
        if !known || !ends || digits < least {
            return None;
        }
        let number = |from: usize, length: usize| -> i16 {
            let part = text[..digits].get(from..from + length).unwrap_or_default();
            part.iter()
                .fold(0, |number, digit| number * 10 + i16::from(digit - b'0'))
        };
        let small = |from: usize| i8::try_from(number(from, 2)).unwrap_or(i8::MAX);
        let time = DateTime::new(
            number(0, 4),
            small(4),
            small(6),
            small(8),
            small(10),
            small(12),
            0,
        );
        time.ok().map(Self::from)
    }

    /// So many minutes later.
    pub(crate) fn plus_minutes(self, minutes: u32) -> Self {
        Self(self.0.saturating_add(i64::from(minutes) * 60))
    }

    /// Minutes from an earlier time to this one; 0 when it is not earlier.
    pub(crate) fn minutes_since(self, earlier: Self) -> u64 {
        let seconds = self.0.saturating_sub(earlier.0);
        u64::try_from(seconds / 60).unwrap_or(0)
    }
}

impl From<DateTime> for Moment {
    fn from(time: DateTime) -> Self {
        Self(time.duration_since(EPOCH).as_secs())
    }
}

/// `2026-03-01 08:05`.
impl fmt::Display for Moment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let span = Span::new().try_seconds(self.0);
        let time = span.ok().and_then(|span| EPOCH.checked_add(span).ok());
        let time = time.unwrap_or(EPOCH);
        write!(f, "{} {:02}:{:02}", time.date(), time.hour(), time.minute())
    }
}

/// A stretch of minutes in words, as far as they matter: `3 days`, `5 hours`, `10 minutes`.
pub(crate) fn stretch(minutes: u64) -> String {
    let (count, unit) = match minutes {
        2880.. => (minutes / 1440, "days"),
        120.. => (minutes / 60, "hours"),
        1 => (1, "minute"),
        _ => (minutes, "minutes"),
    };
    format!("{count} {unit}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_read_as_far_as_they_go() {
        let of = |text: &str, least| {
            Moment::read(text.as_bytes(), least).map(|moment| moment.to_string())
        };
        assert_eq!(
            of("202603010805", MINUTE).as_deref(),
            Some("2026-03-01 08:05")
        );
        assert_eq!(
            of("20260301080559.123+0100", MINUTE).as_deref(),
            Some("2026-03-01 08:05")
        );
        assert_eq!(of("20260301", DAY).as_deref(), Some("2026-03-01 00:00"));
        for text in [
            "20260301",
            "202603",
            "",
            "202602300805",
            "202603012505",
            "2026030108051",
            "20260301080x",
            "\"\"",
        ] {
            assert_eq!(of(text, MINUTE), None, "{text}");
        }
        let (early, late) = (
            Moment::read(b"20260301080500", MINUTE).expect("a time"),
            Moment::read(b"20260301090530", MINUTE).expect("a time"),
        );
        assert!(early < late);
        assert_eq!(
            (late.minutes_since(early), early.minutes_since(late)),
            (60, 0)
        );
        assert_eq!(early.plus_minutes(60).minutes_since(early), 60);
    }

    #[test]
    fn stretches_are_told_in_words() {
        let words = [0, 1, 59, 119, 120, 2879, 2880].map(stretch);
        assert_eq!(
            words,
            [
                "0 minutes",
                "1 minute",
                "59 minutes",
                "119 minutes",
                "2 hours",
                "47 hours",
                "2 days"
            ]
        );
    }
}
