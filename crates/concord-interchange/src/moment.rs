//! Days and times of messages, which say no zone, and of FHIR, which must.
//!
//! Summer Time of the United Kingdom: the last Sunday of March to the last Sunday of October, at one o'clock universal time
//! (The Summer Time Order 2002, SI 2002/262).

use std::sync::LazyLock;

use jiff::Timestamp;
use jiff::civil::DateTime;
use jiff::tz::TimeZone;

static CLOCK: LazyLock<TimeZone> =
    LazyLock::new(|| TimeZone::posix("GMT0BST,M3.5.0/1,M10.5.0").unwrap_or(TimeZone::UTC));

/// A moment, to the minute.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Moment(Timestamp);

impl Moment {
    /// A moment by the clock of the United Kingdom, as `CCYYMMDDHHMM`.
    pub fn by_the_clock(text: &str) -> Option<Self> {
        let there = civil(text)?;
        Some(Self(CLOCK.to_zoned(there).ok()?.timestamp()))
    }

    /// A moment of universal time, as `CCYYMMDDHHMM`.
    pub fn universal(text: &str) -> Option<Self> {
        Some(Self(TimeZone::UTC.to_zoned(civil(text)?).ok()?.timestamp()))
    }

    /// A moment as FHIR writes it, with its zone.
    pub fn of_fhir(text: &str) -> Option<Self> {
        text.parse().ok().map(Self)
    }

    /// The moment that is so many seconds behind the beginning of 1970.
    pub fn of_seconds(seconds: i64) -> Option<Self> {
        Timestamp::from_second(seconds).ok().map(Self)
    }

    /// By the clock of the United Kingdom, as `CCYYMMDDHHMM`.
    pub fn clock(self) -> String {
        CLOCK.to_datetime(self.0).strftime("%Y%m%d%H%M").to_string()
    }

    /// In universal time, as `CCYYMMDDHHMM`.
    pub fn utc(self) -> String {
        TimeZone::UTC
            .to_datetime(self.0)
            .strftime("%Y%m%d%H%M")
            .to_string()
    }

    /// As FHIR writes it, by the clock of the United Kingdom: an instant with milliseconds, a date with time without them.
    pub fn fhir(self, milliseconds: bool) -> String {
        let there = self.0.to_zoned(CLOCK.clone());
        let form = if milliseconds {
            "%Y-%m-%dT%H:%M:%S.000%:z"
        } else {
            "%Y-%m-%dT%H:%M:%S%:z"
        };
        there.strftime(form).to_string()
    }
}

fn civil(text: &str) -> Option<DateTime> {
    if text.len() != 12 || !text.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let part = |from: usize, to: usize| text.get(from..to)?.parse::<i8>().ok();
    DateTime::new(
        text.get(..4)?.parse().ok()?,
        part(4, 6)?,
        part(6, 8)?,
        part(8, 10)?,
        part(10, 12)?,
        0,
        0,
    )
    .ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn zones_are_those_of_the_day() {
        let fhir = |moment: Option<Moment>| moment.map(|moment| moment.fhir(true));
        assert_eq!(
            fhir(Moment::by_the_clock("200703271611")).as_deref(),
            Some("2007-03-27T16:11:00.000+01:00")
        );
        assert_eq!(
            fhir(Moment::universal("200703271220")).as_deref(),
            Some("2007-03-27T13:20:00.000+01:00")
        );
        assert_eq!(
            fhir(Moment::by_the_clock("200911131519")).as_deref(),
            Some("2009-11-13T15:19:00.000+00:00")
        );
        let back = Moment::of_fhir("2007-03-27T13:20:00.000+01:00").expect("a moment");
        assert_eq!(
            (back.utc().as_str(), back.clock().as_str()),
            ("200703271220", "200703271320")
        );
        assert_eq!(back.fhir(false), "2007-03-27T13:20:00+01:00");
        assert_eq!(Moment::universal("200702301220"), None);
        assert_eq!(Moment::universal("20070230"), None);
        assert!(Moment::of_fhir("yesterday").is_none());
    }
}
