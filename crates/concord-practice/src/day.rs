//! Days as the forms of columns write them, with a time of day behind them or alone.

use concord_model::lexical;

const MONTHS: [&str; 12] = [
    "JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC",
];

/// Where year, month and day stand in a text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Pattern {
    written: String,
    year: usize,
    month: usize,
    named_month: bool,
    day: usize,
}

impl Pattern {
    /// The pattern of a format such as `an10 CCYY-MM-DD`, `n8 CCYYMMDD` or `an20 DD MMM CCYY HH:MM:SS`; none where it has no day.
    pub(crate) fn of(format: &str) -> Option<Self> {
        let (_, written) = format.split_once(' ')?;
        let named = written.find("MMM");
        Some(Self {
            written: written.to_owned(),
            year: written.find("CCYY")?,
            // Minutes come later than the month, which always comes first.
            month: named.or_else(|| written.find("MM"))?,
            named_month: named.is_some(),
            day: written.find("DD")?,
        })
    }

    /// The day that a text says, in days since 1970-01-01.
    pub(crate) fn day(&self, text: &str) -> Option<i32> {
        // What is no letter of the pattern stands in the text as it is.
        let stands = |(pattern, byte): (u8, u8)| pattern.is_ascii_alphabetic() || pattern == byte;
        if text.len() != self.written.len() || !self.written.bytes().zip(text.bytes()).all(stands) {
            return None;
        }
        let year = text.get(self.year..self.year + 4)?;
        let day = text.get(self.day..self.day + 2)?;
        let number;
        let month = if self.named_month {
            let name = text.get(self.month..self.month + 3)?;
            let place = MONTHS
                .iter()
                .position(|known| known.eq_ignore_ascii_case(name))?;
            number = format!("{:02}", place + 1);
            &number
        } else {
            text.get(self.month..self.month + 2)?
        };
        lexical::date(format!("{year}-{month}-{day}").as_bytes())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(format: &str, text: &str, expected: Option<i32>) {
        let day = Pattern::of(format).map(|pattern| pattern.day(text));
        assert_eq!(day, Some(expected), "{format} {text}");
    }

    #[test]
    fn days_are_read_as_each_system_writes_them() {
        check("an10 CCYY-MM-DD", "2021-01-01", Some(18_628));
        check("n8 CCYYMMDD", "20210101", Some(18_628));
        check(
            "an20 DD MMM CCYY HH:MM:SS",
            "01 Jan 2021 23:59:59",
            Some(18_628),
        );
        check("an17 DD MMM CCYY HH:MM", "01 JAN 2021 00:00", Some(18_628));
    }

    #[test]
    fn what_is_no_day_is_none() {
        check("an10 CCYY-MM-DD", "2021-02-30", None);
        check("an10 CCYY-MM-DD", "2021-1-1", None);
        check("an10 CCYY-MM-DD", "2021/01/01", None);
        check("n8 CCYYMMDD", "2021010é", None);
        check("an20 DD MMM CCYY HH:MM:SS", "01 Jab 2021 23:59:59", None);
        assert_eq!(Pattern::of("max an200"), None);
        assert_eq!(Pattern::of("an8 HH:MM:SS"), None);
        assert_eq!(Pattern::of(""), None);
    }
}
