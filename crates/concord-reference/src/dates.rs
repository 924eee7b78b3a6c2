//! Days as they are written in reference data, and as Arrow counts them.

use jiff::civil::Date;

const EPOCH: Date = Date::constant(1970, 1, 1);

/// Days since 1970, as a `Date32` holds them.
pub fn days(date: Date) -> i32 {
    // jiff's years are four digits, whose days fit.
    date.since(EPOCH).map_or(0, |span| span.get_days())
}

/// The day that is so many days after 1 January 1970, as a `Date32` counts; none when it is beyond the calendar.
pub fn from_days(days: i32) -> Option<Date> {
    EPOCH
        .checked_add(jiff::Span::new().try_days(days).ok()?)
        .ok()
}

/// `CCYY-MM-DD` or `CCYYMMDD`, nothing else.
pub(crate) fn day(text: &str) -> Option<Date> {
    let bytes = text.as_bytes();
    match bytes.len() {
        10 if bytes[4] == b'-' && bytes[7] == b'-' => date(&bytes[..4], &bytes[5..7], &bytes[8..]),
        8 => date(&bytes[..4], &bytes[4..6], &bytes[6..]),
        _ => None,
    }
}

/// First and last day of the month `CCYYMM`.
pub(crate) fn month(text: &str) -> Option<(Date, Date)> {
    let bytes = text.as_bytes();
    if bytes.len() != 6 {
        return None;
    }
    let first = date(&bytes[..4], &bytes[4..], b"01")?;
    Some((first, first.last_of_month()))
}

fn date(year: &[u8], month: &[u8], day: &[u8]) -> Option<Date> {
    let number = |digits: &[u8]| {
        digits.iter().try_fold(0_i16, |number, digit| {
            digit
                .is_ascii_digit()
                .then(|| number * 10 + i16::from(digit - b'0'))
        })
    };
    let small = |digits: &[u8]| number(digits).and_then(|number| i8::try_from(number).ok());
    Date::new(number(year)?, small(month)?, small(day)?).ok()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn written_forms() {
        assert_eq!(day("2013-04-01"), Some(Date::constant(2013, 4, 1)));
        assert_eq!(day("20130401"), Some(Date::constant(2013, 4, 1)));
        for text in [
            "",
            "2013-4-1",
            "2013-02-30",
            "20130231",
            "2013/04/01",
            "+2130401",
            "2013040é",
        ] {
            assert_eq!(day(text), None, "{text}");
        }
        assert_eq!(
            month("202402"),
            Some((Date::constant(2024, 2, 1), Date::constant(2024, 2, 29)))
        );
        assert_eq!(month("202413"), None);
        assert_eq!(month("2024"), None);
    }

    proptest! {
        #[test]
        fn there_and_back(count in -700_000_i32..2_900_000) {
            let date = from_days(count).expect("within the calendar");
            prop_assert_eq!(days(date), count);
            prop_assert_eq!(day(&date.to_string()), Some(date).filter(|date| date.year() >= 0));
        }

        #[test]
        fn any_text_is_read(text in ".{0,12}") {
            let _ = (day(&text), month(&text));
        }
    }
}
