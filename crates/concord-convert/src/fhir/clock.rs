//! Days and times by the clock of the United Kingdom, which is what records without a time zone are written by.
//!
//! FHIR wants a time zone with every time (<https://hl7.org/fhir/R4/datatypes.html#dateTime>). Summer Time begins on the
//! last Sunday of March and ends on the last Sunday of October, at one o'clock universal time (The Summer Time Order 2002,
//! SI 2002/262; the same days since 1996). The hour that is passed twice in October is taken as its first passing, and the
//! hour that is left out in March as if Summer Time had begun.

use concord_model::lexical;

const DAY: i64 = 86_400;
const HOUR: i64 = 3_600;

/// How far the clock is from universal time at a day and time by that clock, as FHIR writes it. `None` when they are no
/// day and time.
pub fn offset(day: &str, time: &str) -> Option<&'static str> {
    let days = lexical::date(day.as_bytes())?;
    let seconds = lexical::time(time.as_bytes())?;
    let summer = summer(day.get(..4)?)?;
    // What was an hour less when Summer Time ended was an hour more by the clock.
    let ahead = (summer.start..summer.end + HOUR).contains(&(i64::from(days) * DAY + seconds));
    Some(if ahead { "+01:00" } else { "+00:00" })
}

/// Summer Time of a year in seconds of universal time since 1970.
fn summer(year: &str) -> Option<std::ops::Range<i64>> {
    let sunday = |month: &str| {
        let last = i64::from(lexical::date(format!("{year}-{month}-31").as_bytes())?);
        // 1970-01-01 was a Thursday.
        Some((last - (last + 4).rem_euclid(7)) * DAY)
    };
    Some(sunday("03")? + HOUR..sunday("10")? + HOUR)
}

/// Day and time by the clock of a date with time and zone: as they are written when the zone is the one that the clock had,
/// else moved. A fraction of a second is left out.
pub fn local(text: &str) -> Option<(String, String)> {
    let (day, time) = (text.get(..10)?, text.get(11..19)?);
    let zone = lexical::zone_of(text)?;
    lexical::date(day.as_bytes())?;
    let written = if zone == "Z" { "+00:00" } else { zone };
    if written.is_empty() || offset(day, time)? == written {
        return Some((day.to_owned(), time.to_owned()));
    }
    let universal = lexical::moment(text.as_bytes())?;
    let year = civil(universal.div_euclid(DAY))?;
    let ahead = summer(year.get(..4)?)?.contains(&universal);
    let local = universal + if ahead { HOUR } else { 0 };
    let second = local.rem_euclid(DAY);
    let time = format!("{:02}:{:02}:{:02}", second / HOUR, second / 60 % 60, second % 60);
    Some((civil(local.div_euclid(DAY))?, time))
}

/// The day of a count of days since 1970-01-01, for years of four digits (Howard Hinnant's `civil_from_days`,
/// <https://howardhinnant.github.io/date_algorithms.html>).
fn civil(days: i64) -> Option<String> {
    let shifted = days + 719_468;
    let era = shifted.div_euclid(146_097);
    let day_of_era = shifted.rem_euclid(146_097);
    let year_of_era =
        (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let month_from_march = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * month_from_march + 2) / 5 + 1;
    let month = if month_from_march < 10 { month_from_march + 3 } else { month_from_march - 9 };
    let year = year_of_era + era * 400 + i64::from(month <= 2);
    (1..=9999).contains(&year).then(|| format!("{year:04}-{month:02}-{day:02}"))
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
        assert_eq!(local("2025-07-15T10:00:00+01:00"), of("2025-07-15", "10:00:00"));
        assert_eq!(local("2025-07-15T23:30:00Z"), of("2025-07-16", "00:30:00"));
        assert_eq!(local("2025-01-15T10:00:00Z"), of("2025-01-15", "10:00:00"));
        assert_eq!(local("2024-12-31T23:00:00-05:00"), of("2025-01-01", "04:00:00"));
        assert_eq!(local("2025-03-30T00:30:00.5Z"), of("2025-03-30", "00:30:00"));
        assert_eq!(local("2024-02-29T02:00:00+05:00"), of("2024-02-28", "21:00:00"));
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
