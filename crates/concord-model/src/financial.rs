//! FINANCIAL YEAR and FINANCIAL MONTH: the year of the public accounts, 1 April to 31 March.
//!
//! Source: NHS Data Dictionary, FINANCIAL YEAR (`an6`: the starting year in full, then the last two digits of the year in
//! which it ends: `202526`) and FINANCIAL MONTH (`max an2`, 1 for April to 12 for March; a leading zero is allowed).

use std::fmt;

use jiff::civil::Date;

use crate::dates::number;

/// A financial year.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct FinancialYear {
    /// The calendar year of its April: 1000 to 9998.
    start: i16,
}

/// A month of a financial year: 1 is April, 12 is March.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct FinancialMonth(i8);

/// Days from the first to the last, both of them included.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Period {
    /// The first day.
    pub first: Date,
    /// The last day.
    pub last: Date,
}

impl Period {
    /// Whether the day is one of them.
    pub fn contains(self, day: Date) -> bool {
        (self.first..=self.last).contains(&day)
    }
}

impl FinancialYear {
    /// The year that begins in April of `start`; `None` when that is not a year of four digits with another after it.
    pub fn starting(start: i16) -> Option<Self> {
        (1000..=9998).contains(&start).then_some(Self { start })
    }

    /// The year that `202526` writes; the last two digits must be those of the year after the first four.
    pub fn parse(text: &[u8]) -> Option<Self> {
        let (start, end) = text.split_at_checked(4)?;
        if end.len() != 2 {
            return None;
        }
        let (start, end) = (number(start)?, number(end)?);
        ((start + 1) % 100 == end).then(|| Self::starting(i16::try_from(start).ok()?))?
    }

    /// The year in which the day is.
    pub fn of(day: Date) -> Option<Self> {
        Self::starting(day.year() - i16::from(day.month() < 4))
    }

    /// The calendar year of its April.
    pub fn start(self) -> i16 {
        self.start
    }

    /// 1 April to 31 March.
    pub fn period(self) -> Period {
        Period {
            first: jiff::civil::date(self.start, 4, 1),
            last: jiff::civil::date(self.start + 1, 3, 31),
        }
    }

    /// The year after it.
    pub fn next(self) -> Option<Self> {
        Self::starting(self.start + 1)
    }

    /// The year before it.
    pub fn previous(self) -> Option<Self> {
        Self::starting(self.start - 1)
    }
}

impl fmt::Display for FinancialYear {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}{:02}", self.start, (self.start + 1) % 100)
    }
}

impl FinancialMonth {
    /// The month of a number from 1 (April) to 12 (March).
    pub fn new(number: i8) -> Option<Self> {
        (1..=12).contains(&number).then_some(Self(number))
    }

    /// The month that `1` or `01` to `12` writes.
    pub fn parse(text: &[u8]) -> Option<Self> {
        if text.len() > 2 {
            return None;
        }
        Self::new(i8::try_from(number(text)?).ok()?)
    }

    /// The month in which the day is.
    pub fn of(day: Date) -> Self {
        Self::of_calendar(day.month())
    }

    /// The financial month of a calendar month from 1 to 12.
    pub(crate) fn of_calendar(month: i8) -> Self {
        Self((month + 8) % 12 + 1)
    }

    /// Its number, 1 to 12.
    pub fn number(self) -> i8 {
        self.0
    }

    /// The calendar month, 1 to 12.
    pub fn calendar_month(self) -> i8 {
        (self.0 + 2) % 12 + 1
    }

    /// The name of the calendar month.
    pub fn name(self) -> &'static str {
        match self.0 {
            1 => "April",
            2 => "May",
            3 => "June",
            4 => "July",
            5 => "August",
            6 => "September",
            7 => "October",
            8 => "November",
            9 => "December",
            10 => "January",
            11 => "February",
            _ => "March",
        }
    }

    /// Its first to its last day in a financial year.
    pub fn period(self, year: FinancialYear) -> Period {
        let first = jiff::civil::date(year.start + i16::from(self.0 > 9), self.calendar_month(), 1);
        Period {
            first,
            last: first.last_of_month(),
        }
    }
}

impl fmt::Display for FinancialMonth {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.0)
    }
}

/// A FINANCIAL MONTH without the zero that some put in front of it: `04` and `4` are one month.
///
/// ```
/// assert_eq!(concord_model::financial::plain_month("04"), "4");
/// assert_eq!(concord_model::financial::plain_month("10"), "10");
/// ```
pub fn plain_month(text: &str) -> &str {
    let text = text.trim();
    match text.strip_prefix('0') {
        Some(rest) if !rest.is_empty() => rest,
        _ => text,
    }
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;
    use proptest::prelude::*;

    use super::*;

    fn year(text: &str) -> Option<FinancialYear> {
        FinancialYear::parse(text.as_bytes())
    }

    #[test]
    fn years() {
        for text in ["202526", "201718", "199900", "209900"] {
            assert_eq!(
                year(text).map(|year| year.to_string()).as_deref(),
                Some(text)
            );
        }
        for wrong in [
            "", "2025", "202527", "202525", "2025/26", "20252026", "2025-26", "99991", "999900",
            "٢٠٢", "000001",
        ] {
            assert_eq!(year(wrong), None, "{wrong}");
        }
        let year = year("202526").expect("a year");
        assert_eq!(year.start(), 2025);
        assert_eq!(year.next().map(FinancialYear::start), Some(2026));
        assert_eq!(year.previous().map(FinancialYear::start), Some(2024));
        assert_eq!(year.period().first, date(2025, 4, 1));
        assert!(year.period().contains(date(2026, 3, 31)));
        assert!(!year.period().contains(date(2026, 4, 1)));
    }

    #[test]
    fn months() {
        let year = year("202324").expect("a year");
        for (text, first, last, name) in [
            ("1", date(2023, 4, 1), date(2023, 4, 30), "April"),
            ("09", date(2023, 12, 1), date(2023, 12, 31), "December"),
            ("10", date(2024, 1, 1), date(2024, 1, 31), "January"),
            ("11", date(2024, 2, 1), date(2024, 2, 29), "February"),
            ("12", date(2024, 3, 1), date(2024, 3, 31), "March"),
        ] {
            let month = FinancialMonth::parse(text.as_bytes()).expect("a month");
            assert_eq!(month.period(year), Period { first, last }, "{text}");
            assert_eq!(month.name(), name);
        }
        for wrong in ["", "0", "00", "13", "001", "M1", "1.0", "-1", " 1"] {
            assert_eq!(FinancialMonth::parse(wrong.as_bytes()), None, "{wrong}");
        }
    }

    proptest! {
        /// The accounts' year as the calendar year of the day three months before.
        #[test]
        fn agrees_with_the_calendar_moved_by_three_months(days in 0..73_000_i32) {
            let day = date(1900, 4, 1).checked_add(jiff::Span::new().days(days)).expect("a day of this millennium");
            let moved = day.first_of_month().checked_sub(jiff::Span::new().months(3)).expect("a day of this millennium");
            let (year, month) = (FinancialYear::of(day).expect("four digits"), FinancialMonth::of(day));
            prop_assert_eq!((year.start(), month.number()), (moved.year(), moved.month()));
            prop_assert!(month.period(year).contains(day) && year.period().contains(day));
            prop_assert_eq!(month.calendar_month(), day.month());
            prop_assert_eq!(FinancialYear::parse(year.to_string().as_bytes()), Some(year));
        }

        #[test]
        fn any_bytes_are_read(bytes in prop::collection::vec(any::<u8>(), 0..8)) {
            let _ = (FinancialYear::parse(&bytes), FinancialMonth::parse(&bytes));
        }
    }
}
