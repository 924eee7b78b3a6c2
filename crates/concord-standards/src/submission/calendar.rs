//! When the national system takes which reporting period, and what a submission of it is then.
//!
//! A calendar is a list of windows: days between which the portal takes certain reporting periods. It is published for some
//! years ahead, or for some years past; beyond them nothing is known.
//!
//! Source: the calendars of the national pipeline (NHS England, Reusable Code Library).

use jiff::civil::Date;

/// The windows of a data set.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Calendar {
    /// How its windows follow one another.
    pub scheme: Scheme,
    /// The windows, by the day on which they open.
    pub windows: Vec<Window>,
}

/// How the windows of a data set follow one another.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scheme {
    /// A period is taken in one window, and once more in the next.
    PrimaryRefresh,
    /// A period is taken in every window until that of the end of the financial year.
    YearToDate,
    /// A period is taken in one window of two months, with extracts at its middle.
    MidWindow,
}

impl Scheme {
    /// Every scheme.
    pub const ALL: [Self; 3] = [Self::PrimaryRefresh, Self::YearToDate, Self::MidWindow];

    /// The word used in definitions.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::PrimaryRefresh => "primary-refresh",
            Self::YearToDate => "year-to-date",
            Self::MidWindow => "mid-window",
        }
    }
}

/// Days between which the portal takes certain reporting periods.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Window {
    /// First day.
    pub opens: Date,
    /// Last day.
    pub closes: Date,
    /// First day of the earliest reporting period that it takes.
    pub earliest: Date,
    /// First day of the latest reporting period that it takes. It takes every month between.
    pub latest: Date,
}

impl Window {
    /// Whether it takes the reporting period that begins on a day.
    pub fn takes(&self, period: Date) -> bool {
        period.day() == 1 && (self.earliest..=self.latest).contains(&period)
    }

    /// The first day on which it takes a period: none is taken before it has ended.
    pub fn opens_for(&self, period: Date) -> Date {
        let next = period
            .last_of_month()
            .tomorrow()
            .unwrap_or(period.last_of_month());
        self.opens.max(next)
    }
}

/// What a submission is by the window in which it comes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FileType {
    /// The first time that a period is taken.
    Primary,
    /// A period once more.
    Refresh,
    /// Of a period that is taken in one window only, before that window has closed.
    MidWindow,
}

impl FileType {
    /// The word in reports.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Primary => "primary",
            Self::Refresh => "refresh",
            Self::MidWindow => "mid-window",
        }
    }
}

/// What a calendar says of a submission.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing<'c> {
    /// It comes in a window that takes its period.
    Taken {
        /// The window.
        window: &'c Window,
        /// What it is.
        file_type: FileType,
        /// Which of the windows of its period it is, from 1.
        number: usize,
    },
    /// No window takes its period on that day.
    NotTaken {
        /// The next window that does.
        next: Option<&'c Window>,
    },
    /// The calendar of that day is not known.
    Unpublished,
}

impl Calendar {
    /// What a submission on a day is, whose reporting period begins on another.
    pub fn standing(&self, period: Date, submitted: Date) -> Standing<'_> {
        let (Some(first), Some(last)) = (self.windows.first(), self.windows.last()) else {
            return Standing::Unpublished;
        };
        if submitted < first.opens || submitted > last.closes {
            return Standing::Unpublished;
        }
        let taking = self.windows.iter().filter(|window| window.takes(period));
        for (number, window) in (1..).zip(taking) {
            if submitted > window.closes {
                continue;
            }
            if submitted < window.opens_for(period) {
                return Standing::NotTaken { next: Some(window) };
            }
            return Standing::Taken {
                window,
                file_type: self.file_type(period, window),
                number,
            };
        }
        Standing::NotTaken { next: None }
    }

    /// The reporting period that a window takes last is new in it; those before it have been taken before.
    fn file_type(&self, period: Date, window: &Window) -> FileType {
        match self.scheme {
            Scheme::MidWindow => FileType::MidWindow,
            _ if period == window.latest => FileType::Primary,
            _ => FileType::Refresh,
        }
    }

    /// The window in which a submission on a day comes, whatever its period.
    pub fn open_on(&self, submitted: Date) -> impl Iterator<Item = &Window> {
        let open = move |window: &&Window| (window.opens..=window.closes).contains(&submitted);
        self.windows.iter().filter(open)
    }
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    fn window(opens: Date, closes: Date, earliest: Date, latest: Date) -> Window {
        Window {
            opens,
            closes,
            earliest,
            latest,
        }
    }

    fn standing(calendar: &Calendar, period: Date, submitted: Date) -> String {
        match calendar.standing(period, submitted) {
            Standing::Taken {
                file_type, number, ..
            } => format!("{} {number}", file_type.as_str()),
            Standing::NotTaken { next } => match next {
                Some(window) => format!("not before {}", window.opens_for(period)),
                None => "no more".to_owned(),
            },
            Standing::Unpublished => "unpublished".to_owned(),
        }
    }

    #[test]
    fn a_period_is_primary_first_and_refresh_next() {
        let calendar = Calendar {
            scheme: Scheme::PrimaryRefresh,
            windows: vec![
                window(
                    date(2024, 5, 1),
                    date(2024, 5, 29),
                    date(2024, 3, 1),
                    date(2024, 4, 1),
                ),
                window(
                    date(2024, 6, 1),
                    date(2024, 6, 27),
                    date(2024, 4, 1),
                    date(2024, 5, 1),
                ),
            ],
        };
        let april = date(2024, 4, 1);
        for (day, expected) in [
            (date(2024, 4, 30), "unpublished"),
            (date(2024, 5, 1), "primary 1"),
            (date(2024, 5, 29), "primary 1"),
            (date(2024, 5, 30), "not before 2024-06-01"),
            (date(2024, 6, 27), "refresh 2"),
            (date(2024, 6, 28), "unpublished"),
        ] {
            assert_eq!(standing(&calendar, april, day), expected, "{day}");
        }
        assert_eq!(
            standing(&calendar, date(2024, 3, 1), date(2024, 6, 2)),
            "no more"
        );
        // A period begins on the first of a month.
        assert_eq!(
            standing(&calendar, date(2024, 4, 2), date(2024, 5, 2)),
            "no more"
        );
        assert_eq!(calendar.open_on(date(2024, 6, 2)).count(), 1);
        assert_eq!(calendar.open_on(date(2024, 5, 30)).count(), 0);
    }

    #[test]
    fn a_year_to_date_window_takes_no_period_that_has_not_ended() {
        let calendar = Calendar {
            scheme: Scheme::YearToDate,
            windows: vec![
                window(
                    date(2024, 6, 1),
                    date(2024, 6, 20),
                    date(2024, 4, 1),
                    date(2024, 5, 1),
                ),
                window(
                    date(2024, 6, 21),
                    date(2024, 7, 20),
                    date(2024, 4, 1),
                    date(2024, 6, 1),
                ),
            ],
        };
        assert_eq!(
            standing(&calendar, date(2024, 6, 1), date(2024, 6, 25)),
            "not before 2024-07-01"
        );
        assert_eq!(
            standing(&calendar, date(2024, 6, 1), date(2024, 7, 1)),
            "primary 1"
        );
        assert_eq!(
            standing(&calendar, date(2024, 4, 1), date(2024, 6, 25)),
            "refresh 2"
        );
    }
}
