//! Values that nobody submits, worked out as the national system does.
//!
//! Source: public code of the national pipeline (NHS England, Reusable Code Library): expressions `Concat`, `UniqMonth` and `AgeAtDate`.

use jiff::civil::Date;

use super::layout::Part;

/// The provider's code and a value; nothing without the value.
pub(super) fn provider_and(provider: &str, value: &str) -> String {
    if value.is_empty() {
        String::new()
    } else {
        format!("{provider}{value}")
    }
}

/// The number of the month of a day: April 1900 is the first.
pub(super) fn month(day: &str) -> Option<i32> {
    let day = date(day)?;
    Some((i32::from(day.year()) - 1900) * 12 + i32::from(day.month()) - 4 + 1)
}

/// Completed years from a day to another. Who was born on the last day of a February of 29 days completes a year on the first of March.
/// A day before the first gives the years the other way round, below nought.
pub(super) fn years(from: &str, to: &str) -> Option<i32> {
    let (from, to) = (date(from)?, date(to)?);
    let completed = |from: Date, to: Date| {
        let before = (to.month(), to.day()) < (from.month(), from.day());
        i32::from(to.year()) - i32::from(from.year()) - i32::from(before)
    };
    Some(if to < from {
        -completed(to, from)
    } else {
        completed(from, to)
    })
}

/// Days from a day to another.
pub(super) fn days(from: &str, to: &str) -> Option<i32> {
    let (from, to) = (date(from)?, date(to)?);
    Some((to - from).get_days())
}

/// A moment, or the day or the time of day that it says; a day says no time.
pub(super) fn part(moment: &str, part: Part) -> &str {
    let (day, time) = moment.split_at_checked(10).unwrap_or((moment, ""));
    match part {
        Part::Whole => moment,
        Part::Day => day,
        Part::Time => time.get(1..9).unwrap_or_default(),
    }
}

/// The day of a day or a moment.
fn date(text: &str) -> Option<Date> {
    let day = text.get(..10)?;
    day.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn months_are_counted_from_april_1900() {
        assert_eq!(month("1900-04-30"), Some(1));
        assert_eq!(month("2018-04-01"), Some(1417));
        assert_eq!(month("2024-05-01T10:00:00"), Some(1490));
        assert_eq!(month("01/05/2024"), None);
    }

    #[test]
    fn years_are_completed_ones() {
        assert_eq!(years("1980-05-02", "2024-05-01"), Some(43));
        assert_eq!(years("1980-05-01", "2024-05-01"), Some(44));
        assert_eq!(years("2004-02-29", "2023-02-28"), Some(18));
        assert_eq!(years("2004-02-29", "2023-03-01"), Some(19));
        assert_eq!(years("2024-04-10", "2024-04-01"), Some(0));
        assert_eq!(years("2024-04-10", "2023-04-01"), Some(-1));
        assert_eq!(years("", "2024-04-01"), None);
        assert_eq!(years("2024-02-30", "2024-04-01"), None);
    }

    #[test]
    fn moments_have_a_day_and_a_time() {
        let moment = "2024-06-14T09:00:00";
        assert_eq!(part(moment, Part::Whole), moment);
        assert_eq!(part(moment, Part::Day), "2024-06-14");
        assert_eq!(part(moment, Part::Time), "09:00:00");
        assert_eq!(part("2024-06-14", Part::Time), "");
        assert_eq!(part("", Part::Day), "");
    }

    #[test]
    fn days_go_both_ways() {
        assert_eq!(days("2024-02-28", "2024-03-01"), Some(2));
        assert_eq!(days("2024-03-01", "2024-02-28"), Some(-2));
    }

    #[test]
    fn a_key_that_is_absent_has_no_provider() {
        assert_eq!(provider_and("RX1", "R7"), "RX1R7");
        assert_eq!(provider_and("RX1", ""), "");
    }
}
