//! Repairs that lose nothing and leave no doubt, for values that are written anew and not only read as what they were.
//!
//! [`repair`] says what a value probably was, so that a person can look. Here only that counts which nobody
//! could have meant otherwise: blanks around a value, the blanks of a postcode, the blanks or hyphens of an NHS number whose
//! check digit is right, and days that can be read in one way alone. What a spreadsheet has changed (scientific notation,
//! `.0`, days as numbers), days and months that could change places, years of two digits, and times that would have to be
//! made up, are left as they are.

use super::{Damage, Kind, clean, repair};
use crate::identifiers::{nhs_number, postcode};

/// Years outside of these are no years of anybody's data, and more likely a day and a month.
const YEARS: std::ops::RangeInclusive<&str> = "1850"..="2149";

/// `text` without white space and invisible characters around it. What stands inside stays.
pub fn trimmed(text: &str) -> &str {
    text.trim_matches(|character: char| character.is_whitespace() || clean::is_invisible(character))
}

/// The ten digits of an NHS number that is written in groups, as 943 476 5919 or 943-476-5919; `None` where the check
/// digit is wrong, since it may then be no NHS number at all, and for placeholders.
pub fn nhs_number(text: &str) -> Option<String> {
    let digits = nhs_number::normalize(trimmed(text))?;
    let digits = String::from_utf8(digits.to_vec()).ok()?;
    matches!(nhs_number::classify(&digits), nhs_number::Class::Number(_)).then_some(digits)
}

/// A postcode in capital letters: with one blank between its parts, and filled up to eight characters. `None` when `text`,
/// its blanks left out, has not the form of one.
pub fn postcode(text: &str) -> Option<[String; 2]> {
    let joined: String = trimmed(text)
        .chars()
        .filter(|character| !character.is_whitespace())
        .map(|character| character.to_ascii_uppercase())
        .collect();
    let parsed = postcode::parse(&joined)?;
    let one = format!("{} {}", parsed.outward, parsed.inward);
    let padded = String::from_utf8(parsed.padded().to_vec()).ok()?;
    Some([one, padded])
}

/// The day that `text` writes in another form than `CCYY-MM-DD`, when it can be read as one day alone: the month by name or
/// the day first and above 12 (or the same as the month), or the year first; the year of four digits.
pub fn day(text: &str) -> Option<String> {
    const TAKEN: [Damage; 4] = [
        Damage::SurroundingBlanks,
        Damage::DateSeparators,
        Damage::DayFirstDate,
        Damage::NamedMonth,
    ];
    plausible(text, Kind::Date, &TAKEN)
}

/// The moment that `text` writes in another form than `CCYY-MM-DDThh:mm:ss`: a day as in [`day`], then a blank or `T`, then
/// the time to the second.
pub fn moment(text: &str) -> Option<String> {
    const TAKEN: [Damage; 5] = [
        Damage::SurroundingBlanks,
        Damage::DateSeparators,
        Damage::DayFirstDate,
        Damage::NamedMonth,
        Damage::TimeSpelling,
    ];
    let moment = plausible(text, Kind::DateTime, &TAKEN)?;
    let (before, time) = trimmed(text).split_at_checked(trimmed(text).len().checked_sub(8)?)?;
    (before.ends_with([' ', 'T']) && moment.ends_with(time)).then_some(moment)
}

fn plausible(text: &str, kind: Kind, taken: &[Damage]) -> Option<String> {
    let text = trimmed(text);
    let repaired = repair(text.as_bytes(), kind)?;
    let known = repaired
        .damages
        .iter()
        .all(|damage| taken.contains(&damage));
    repaired
        .text
        .filter(|day| known && day.get(..4).is_some_and(|year| YEARS.contains(&year)))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn blanks_around_a_value_go_and_those_inside_stay() {
        for (text, expected) in [
            (" RXX ", "RXX"),
            ("\u{a0}North Wing\t", "North Wing"),
            ("\u{feff}RXX\u{200b}", "RXX"),
            ("a\u{a0}b", "a\u{a0}b"),
            ("  ", ""),
        ] {
            assert_eq!(trimmed(text), expected);
        }
    }

    #[test]
    fn numbers_in_groups_are_joined_when_they_are_numbers() {
        for (text, expected) in [
            ("999 000 0018", Some("9990000018")),
            ("999-000-0018", Some("9990000018")),
            (" 9990000018 ", Some("9990000018")),
            ("999 000 0019", None),
            ("999-000 0018", None),
            ("9990 000018", None),
            ("000 000 0000", None),
            ("9.99000E+09", None),
        ] {
            assert_eq!(nhs_number(text).as_deref(), expected, "{text}");
        }
    }

    #[test]
    fn postcodes_are_spaced() {
        for (text, expected) in [
            ("LS14AP", Some("LS1 4AP")),
            ("ls1  4ap", Some("LS1 4AP")),
            ("L S1 4AP", Some("LS1 4AP")),
            ("LS1 4AP", Some("LS1 4AP")),
            ("ZZ993CZ", Some("ZZ99 3CZ")),
            ("UA11AA", Some("UA1 1AA")),
            ("QX1 4AP", None),
            ("LS1 4A", None),
            ("LS1", None),
        ] {
            assert_eq!(
                postcode(text).map(|[one, _]| one).as_deref(),
                expected,
                "{text}"
            );
        }
        let padded = postcode("LS14AP").map(|[_, padded]| padded);
        assert_eq!(padded.as_deref(), Some("LS1  4AP"));
    }

    #[test]
    fn days_are_read_where_there_is_one_reading() {
        for (text, expected) in [
            ("13/04/2025", Some("2025-04-13")),
            ("13.4.2025", Some("2025-04-13")),
            ("04/04/2025", Some("2025-04-04")),
            ("13-Apr-2025", Some("2025-04-13")),
            ("2025/04/13", Some("2025-04-13")),
            ("20250413", Some("2025-04-13")),
            (" 13/04/2025 ", Some("2025-04-13")),
            ("05/04/2025", None),
            ("04/13/2025", None),
            ("13/04/25", None),
            ("45750", None),
            ("13/04/2025 10:00", None),
            ("01042025", None),
            ("10011213", None),
            ("31/02/2025", None),
            ("2025-04-13", None),
            ("tbc", None),
        ] {
            assert_eq!(day(text).as_deref(), expected, "{text}");
        }
    }

    #[test]
    fn moments_keep_their_seconds() {
        for (text, expected) in [
            ("2025-04-13 10:00:00", Some("2025-04-13T10:00:00")),
            ("13/04/2025 10:00:00", Some("2025-04-13T10:00:00")),
            ("13/04/2025T10:00:00", Some("2025-04-13T10:00:00")),
            ("2025-04-13 10:00", None),
            ("2025-04-13 9:00:00", None),
            ("2025-04-13 01:00:00 PM", None),
            ("2025-04-13", None),
            ("05/04/2025 10:00:00", None),
        ] {
            assert_eq!(moment(text).as_deref(), expected, "{text}");
        }
    }

    proptest! {
        /// What has been repaired is repaired to itself, or not at all.
        #[test]
        fn repairing_twice_is_repairing_once(text in "[0-9A-Za-z /.:-]{0,20}") {
            for repair in [day, moment] {
                if let Some(once) = repair(&text) {
                    prop_assert_eq!(repair(&once), None);
                }
            }
            if let Some(once) = nhs_number(&text) {
                prop_assert_eq!(nhs_number(&once), Some(once.clone()));
            }
            if let Some([once, padded]) = postcode(&text) {
                prop_assert_eq!(postcode(&once), Some([once, padded]));
            }
        }
    }
}
