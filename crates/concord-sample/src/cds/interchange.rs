//! What all records of an interchange share.

use jiff::civil::Date;

use super::people::{practitioner, snomed};
use super::types::Protocol;
use crate::Dice;

/// Minutes of a day.
pub(super) const DAY: i64 = 1440;

/// Days as text, counted from the first of January 1900.
#[derive(Debug)]
pub(super) struct Calendar(Vec<[u8; 10]>);

const FIRST: Date = Date::constant(1900, 1, 1);

impl Calendar {
    fn new() -> Self {
        let mut days = Vec::new();
        let mut day = FIRST;
        while day.year() < 2040 {
            let mut text = [b'-'; 10];
            text.copy_from_slice(
                format!("{:04}-{:02}-{:02}", day.year(), day.month(), day.day()).as_bytes(),
            );
            days.push(text);
            let Ok(next) = day.tomorrow() else { break };
            day = next;
        }
        Self(days)
    }

    /// The text of a day; the first or last one for days outside.
    pub(super) fn text(&self, day: i64) -> &[u8; 10] {
        let last = self.0.len().saturating_sub(1);
        &self.0[usize::try_from(day).unwrap_or(0).min(last)]
    }

    /// Whole years from one day to another.
    pub(super) fn years(&self, from: i64, to: i64) -> i64 {
        let (from, to) = (self.text(from), self.text(to));
        let year = |text: &[u8; 10]| {
            text[..4]
                .iter()
                .fold(0, |year, digit| year * 10 + i64::from(digit - b'0'))
        };
        (year(to) - year(from) - i64::from(to[5..] < from[5..])).max(0)
    }
}

/// The number of a day.
pub(super) fn day_number(year: i16, month: i8, day: i8) -> i64 {
    FIRST
        .until(Date::constant(year, month, day))
        .map_or(0, |span| i64::from(span.get_days()))
}

/// What all records of an interchange share.
#[derive(Debug)]
pub(super) struct Interchange {
    pub(super) protocol: Protocol,
    /// Bulk replacement group, empty in net change.
    pub(super) group: String,
    pub(super) calendar: Calendar,
    /// First and last day of the reporting period.
    pub(super) period: (i64, i64),
    /// Moment of preparation and extraction, in minutes.
    pub(super) prepared: i64,
    pub(super) control_reference: u64,
    pub(super) provider: String,
    pub(super) sites: Vec<String>,
    pub(super) commissioners: Vec<String>,
    pub(super) practices: Vec<String>,
    pub(super) practitioners: Vec<String>,
    pub(super) snomed: Vec<String>,
    pub(super) seed: u64,
    /// First day of the financial year of the reporting period.
    pub(super) year_start: i64,
}

impl Interchange {
    pub(super) fn new(seed: u64, version: &str, group: String, protocol: Protocol) -> Self {
        let mut dice = Dice::part(seed, u64::MAX - 1);
        // Each version in a year in which it was live.
        let year = if version == "6-2-2" { 2019 } else { 2025 };
        let month = i8::try_from(dice.between(4, 10)).unwrap_or(5);
        let period = (
            day_number(year, month, 1),
            day_number(year, month + 1, 1) - 1,
        );
        let letters = b"ABCDEFGHJKLMNPQRSTVWXY";
        let letter = |dice: &mut Dice| dice.pick(letters).copied().map_or('X', char::from);
        let provider = format!("R{}{}", letter(&mut dice), letter(&mut dice));
        Self {
            protocol,
            calendar: Calendar::new(),
            prepared: (period.1 + dice.between(3, 15)) * DAY + dice.between(360, 1200),
            control_reference: 1 + dice.below(9_999_999),
            sites: (1..6)
                .map(|number| format!("{provider}{number:02}"))
                .collect(),
            commissioners: (0..6)
                .map(|_| format!("Q{}{}", letter(&mut dice), letter(&mut dice)))
                .collect(),
            practices: (0..40)
                .map(|_| {
                    format!(
                        "{}{:05}",
                        dice.pick(b"ABCDEFGHJKLMNPSWY")
                            .copied()
                            .map_or('A', char::from),
                        dice.between(81_000, 89_999)
                    )
                })
                .collect(),
            practitioners: (0..200).map(|_| practitioner(&mut dice)).collect(),
            snomed: (0..600).map(|_| snomed(&mut dice)).collect(),
            year_start: day_number(year, 4, 1),
            group,
            period,
            provider,
            seed,
        }
    }
}

#[cfg(test)]
mod tests {
    use concord_model::identifiers::ods::{
        is_organisation_code_shape, is_practice_code_shape, is_site_code_shape,
    };

    use super::*;

    #[test]
    fn codes_are_well_formed() {
        for seed in 0..300 {
            let interchange = Interchange::new(seed, "6-3-1", String::new(), Protocol::Net);
            assert!(
                is_organisation_code_shape(&interchange.provider),
                "{}",
                interchange.provider
            );
            for code in &interchange.commissioners {
                assert!(is_organisation_code_shape(code), "{code}");
            }
            for code in &interchange.sites {
                assert!(is_site_code_shape(code), "{code}");
            }
            for code in &interchange.practices {
                assert!(is_practice_code_shape(code), "{code}");
            }
        }
    }

    #[test]
    fn the_calendar_counts_days_and_years() {
        let calendar = Calendar::new();
        let leap = day_number(2024, 2, 29);
        assert_eq!(calendar.text(leap), b"2024-02-29");
        assert_eq!(calendar.years(leap, day_number(2025, 2, 28)), 0);
        assert_eq!(calendar.years(leap, day_number(2025, 3, 1)), 1);
        assert_eq!(calendar.text(0), b"1900-01-01");
    }
}
