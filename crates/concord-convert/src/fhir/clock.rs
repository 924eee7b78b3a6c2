//! Days and times by the clock of the United Kingdom, which is what records without a time zone are written by.
//!
//! FHIR wants a time zone with every time (<https://hl7.org/fhir/R4/datatypes.html#dateTime>). Summer Time begins on the
//! last Sunday of March and ends on the last Sunday of October, at one o'clock universal time (The Summer Time Order 2002,
//! SI 2002/262; the same days since 1996). The hour that is passed twice in October is taken as its first passing, and the
//! hour that is left out in March as if Summer Time had begun.

use std::sync::LazyLock;

use jiff::Timestamp;
use jiff::civil::DateTime;
use jiff::tz::{AmbiguousOffset, Offset, TimeZone};

/// The clock as POSIX writes it, which needs no table of time zones.
static CLOCK: LazyLock<TimeZone> =
    LazyLock::new(|| TimeZone::posix("GMT0BST,M3.5.0/1,M10.5.0").unwrap_or(TimeZone::UTC));

/// How far the clock is from universal time at a day and time by that clock, as FHIR writes it. `None` when they are no
/// day and time.
pub(super) fn offset(day: &str, time: &str) -> Option<&'static str> {
    let there: DateTime = format!("{day}T{time}").parse().ok()?;
    let offset = match CLOCK.to_ambiguous_timestamp(there).offset() {
        AmbiguousOffset::Unambiguous { offset } => offset,
        AmbiguousOffset::Gap { after, .. } => after,
        AmbiguousOffset::Fold { before, .. } => before,
    };
    Some(if offset == Offset::UTC {
        "+00:00"
    } else {
        "+01:00"
    })
}

/// Day and time by the clock of a date with time and zone: as they are written when the zone is the one that the clock had,
/// else moved. A fraction of a second is left out.
pub(super) fn local(text: &str) -> Option<(String, String)> {
    let (day, time) = (text.get(..10)?, text.get(11..19)?);
    let zone = concord_model::lexical::zone_of(text)?;
    let written = if zone == "Z" { "+00:00" } else { zone };
    if written.is_empty() || offset(day, time)? == written {
        return Some((day.to_owned(), time.to_owned()));
    }
    let moment: Timestamp = text.parse().ok()?;
    let there = CLOCK.to_datetime(moment);
    Some((
        there.date().to_string(),
        there.strftime("%H:%M:%S").to_string(),
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn summer_time_is_that_of_the_law() {
        assert_eq!(offset("2025-01-15", "10:00:00"), Some("+00:00"));
        assert_eq!(offset("2025-07-15", "10:00:00"), Some("+01:00"));
        assert_eq!(offset("2025-03-30", "00:59:59"), Some("+00:00"));
        assert_eq!(offset("2025-03-30", "02:00:00"), Some("+01:00"));
        assert_eq!(offset("2025-10-26", "01:30:00"), Some("+01:00"));
        assert_eq!(offset("2025-10-26", "02:00:00"), Some("+00:00"));
        assert_eq!(offset("2024-03-31", "03:00:00"), Some("+01:00"));
        assert_eq!(offset("2025-02-30", "03:00:00"), None);
        assert_eq!(offset("2025-02-03", "3 o'clock"), None);
    }

    #[test]
    fn other_zones_are_moved() {
        let local = |text| local(text).expect("a moment");
        let of = |day: &str, time: &str| (day.to_owned(), time.to_owned());
        assert_eq!(
            local("2025-07-15T10:00:00+01:00"),
            of("2025-07-15", "10:00:00")
        );
        assert_eq!(local("2025-07-15T23:30:00Z"), of("2025-07-16", "00:30:00"));
        assert_eq!(local("2025-01-15T10:00:00Z"), of("2025-01-15", "10:00:00"));
        assert_eq!(
            local("2024-12-31T23:00:00-05:00"),
            of("2025-01-01", "04:00:00")
        );
        assert_eq!(
            local("2025-03-30T00:30:00.5Z"),
            of("2025-03-30", "00:30:00")
        );
        assert_eq!(
            local("2024-02-29T02:00:00+05:00"),
            of("2024-02-28", "21:00:00")
        );
    }

    #[test]
    fn every_hour_comes_back_as_it_was_written() {
        for day in ["2025-03-30", "2025-10-26", "2025-06-01", "2025-12-01"] {
            for hour in 0..24 {
                let time = format!("{hour:02}:30:00");
                let zone = offset(day, &time).expect("a zone");
                let back = local(&format!("{day}T{time}{zone}"));
                assert_eq!(back, Some((day.to_owned(), time)));
            }
        }
    }
}
