//! Days and times of day that are not written as XML writes them: without signs between their parts, as fixed-width records
//! have them, or in one of the ways of published files.

use super::format::{self, Format};
use concord_model::lexical;

/// A day or a time of day in a form for which XML has no type, so that it is a text of which the characters are checked.
/// Conversions make days and times of it.
///
/// A year of two digits is of the years 2000 to 2099.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Compact {
    /// `n8 CCYYMMDD`.
    Date,
    /// `n6 HHMMSS`.
    Time,
    /// `an10 DD/MM/CCYY`.
    DayFirst,
    /// `an8 DD/MM/YY`.
    DayFirstShort,
    /// `an9 DDMMMCCYY`, the month as three capitals: `01APR2026`.
    NamedMonth,
    /// `an9 DD-MMM-YY`: `01-Apr-26`.
    NamedMonthShort,
}

/// Every form, the characters that it has, and the picture after their number.
const PICTURES: [(u64, &str, Compact); 8] = [
    (8, "CCYYMMDD", Compact::Date),
    (8, "YYYYMMDD", Compact::Date),
    (6, "HHMMSS", Compact::Time),
    (6, "hhmmss", Compact::Time),
    (10, "DD/MM/CCYY", Compact::DayFirst),
    (8, "DD/MM/YY", Compact::DayFirstShort),
    (9, "DDMMMCCYY", Compact::NamedMonth),
    (9, "DD-MMM-YY", Compact::NamedMonthShort),
];

/// The months as [`Compact::NamedMonthShort`] has them.
const MONTHS: [&str; 12] = [
    "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
];

impl Compact {
    /// What a format such as `n8 CCYYMMDD` says, if it says one of these.
    pub fn of(format: &str) -> Option<Self> {
        match format::parse(format)? {
            Format::Compact(compact) => Some(compact),
            _ => None,
        }
    }

    /// Whether it is a day; else it is a time of day.
    pub fn is_day(self) -> bool {
        self != Self::Time
    }

    /// The day as `CCYY-MM-DD`, or the time as `HH:MM:SS`; `None` when the text is none in this form.
    pub fn spread(self, text: &[u8]) -> Option<Vec<u8>> {
        let digits: Vec<u8> = match (self, text) {
            (Self::Date, _) => text.to_vec(),
            (Self::Time, _) => return lexical::spread_time(text).map(|time| time.to_vec()),
            (Self::DayFirst, &[d1, d2, b'/', m1, m2, b'/', ref year @ ..]) if year.len() == 4 => {
                [year, &[m1, m2, d1, d2]].concat()
            }
            (Self::DayFirstShort, &[d1, d2, b'/', m1, m2, b'/', y1, y2]) => {
                vec![b'2', b'0', y1, y2, m1, m2, d1, d2]
            }
            (Self::NamedMonth, &[d1, d2, a, b, c, ref year @ ..]) if year.len() == 4 => {
                let month = month_of([a, b, c])?;
                [year, month.as_bytes(), &[d1, d2]].concat()
            }
            (Self::NamedMonthShort, &[d1, d2, b'-', a, b, c, b'-', y1, y2]) => {
                let month = month_of([a, b, c])?;
                [b"20", &[y1, y2][..], month.as_bytes(), &[d1, d2]].concat()
            }
            _ => return None,
        };
        lexical::spread_date(&digits).map(|date| date.to_vec())
    }

    /// Days since 1970-01-01 of a day in this form; `None` when the text is none.
    pub fn day(self, text: &[u8]) -> Option<i32> {
        let day = self
            .is_day()
            .then(|| self.spread(text.trim_ascii()))
            .flatten()?;
        lexical::date(&day)
    }

    /// The day `CCYY-MM-DD` in this form; `None` when this form is not of days, or has no such year.
    pub fn written(self, day: &str) -> Option<String> {
        let [year, month, date] = [day.get(..4)?, day.get(5..7)?, day.get(8..)?];
        let short = || year.strip_prefix("20");
        let name = || MONTHS.get(month.parse::<usize>().ok()?.checked_sub(1)?);
        Some(match self {
            Self::Date => [year, month, date].concat(),
            Self::Time => return None,
            Self::DayFirst => format!("{date}/{month}/{year}"),
            Self::DayFirstShort => format!("{date}/{month}/{}", short()?),
            Self::NamedMonth => format!("{date}{}{year}", name()?.to_ascii_uppercase()),
            Self::NamedMonthShort => format!("{date}-{}-{}", name()?, short()?),
        })
    }

    /// The day as `CCYY-MM-DD` that a text means in this form but for blanks anywhere, a day or a month of one digit, `st`,
    /// `nd`, `rd` or `th` behind the day, other signs between the parts, and capital or small letters of the month.
    pub fn tidied(self, text: &str) -> Option<String> {
        let years = match self {
            Self::Date | Self::Time => return None,
            Self::DayFirst | Self::NamedMonth => 4,
            Self::DayFirstShort | Self::NamedMonthShort => 2,
        };
        let named = matches!(self, Self::NamedMonth | Self::NamedMonthShort);
        let text: String = text.chars().filter(|c| !c.is_whitespace()).collect();
        let (day, rest) = leading(&text, |c| c.is_ascii_digit());
        let (letters, behind) = leading(rest, |c| c.is_ascii_alphabetic());
        let rest = match letters.to_ascii_lowercase().as_str() {
            "st" | "nd" | "rd" | "th" => behind,
            _ => rest,
        };
        let sign = |c: char| matches!(c, '-' | '/' | '.');
        let rest = rest.strip_prefix(sign).unwrap_or(rest);
        let belongs: fn(char) -> bool = if named {
            |c| c.is_ascii_alphabetic()
        } else {
            |c| c.is_ascii_digit()
        };
        let (month, rest) = leading(rest, belongs);
        let year = rest.strip_prefix(sign).unwrap_or(rest);
        let month = if named {
            month_of(month.as_bytes().try_into().ok()?)?
        } else {
            format!("{month:0>2}")
        };
        let century = if years == 2 { "20" } else { "" };
        if year.len() != years || day.is_empty() {
            return None;
        }
        let digits = format!("{century}{year}{month}{day:0>2}");
        let date = lexical::spread_date(digits.as_bytes())?;
        String::from_utf8(date.to_vec()).ok()
    }

    /// A picture of so many characters.
    pub(super) fn of_picture(length: u64, picture: &str) -> Option<Self> {
        PICTURES
            .iter()
            .find(|(size, name, _)| *size == length && *name == picture)
            .map(|(.., compact)| *compact)
    }

    /// The days of the calendar, or the seconds of a day, in the pattern language of XML Schema.
    pub(super) fn pattern(self) -> String {
        let year = "([0-9]{3}[1-9]|[0-9]{2}[1-9]0|[0-9][1-9]00|[1-9]000)";
        let leap = "([0-9]{2}(0[48]|[2468][048]|[13579][26])|(0[48]|[2468][048]|[13579][26])00)";
        let short_year = "[0-9]{2}";
        let short_leap = "([02468][048]|[13579][26])";
        match self {
            Self::Date => {
                let long = "(0[13578]|1[02])(0[1-9]|[12][0-9]|3[01])";
                let short = "(0[469]|11)(0[1-9]|[12][0-9]|30)";
                let february = "02(0[1-9]|1[0-9]|2[0-8])";
                format!("{year}({long}|{short}|{february})|{leap}0229")
            }
            Self::Time => "([01][0-9]|2[0-3])[0-5][0-9][0-5][0-9]|240000".to_owned(),
            Self::DayFirst => days_before_months(NUMBERS, "/", year, leap),
            Self::DayFirstShort => days_before_months(NUMBERS, "/", short_year, short_leap),
            Self::NamedMonth => {
                days_before_months(&NAMES.map(str::to_ascii_uppercase), "", year, leap)
            }
            Self::NamedMonthShort => days_before_months(&NAMES, "-", short_year, short_leap),
        }
    }
}

/// Months of 31 days, of 30 days, and February, as numbers.
const NUMBERS: &[&str; 3] = &["(0[13578]|1[02])", "(0[469]|11)", "02"];
/// The same as names.
const NAMES: [&str; 3] = ["(Jan|Mar|May|Jul|Aug|Oct|Dec)", "(Apr|Jun|Sep|Nov)", "Feb"];

/// The pattern of a day, a month and a year with `sign` between them.
fn days_before_months<T: AsRef<str>>(
    months: &[T; 3],
    sign: &str,
    year: &str,
    leap: &str,
) -> String {
    let [long, short, february] = months.each_ref().map(AsRef::as_ref);
    format!(
        "((0[1-9]|[12][0-9]|3[01]){sign}{long}|(0[1-9]|[12][0-9]|30){sign}{short}|\
         (0[1-9]|1[0-9]|2[0-8]){sign}{february}){sign}{year}|29{sign}{february}{sign}{leap}"
    )
}

/// As much of the beginning of a text as `belongs`, and the rest.
fn leading(text: &str, belongs: impl Fn(char) -> bool) -> (&str, &str) {
    text.split_at(text.find(|c| !belongs(c)).unwrap_or(text.len()))
}

/// `04` for `apr`.
fn month_of(name: [u8; 3]) -> Option<String> {
    let number = MONTHS
        .iter()
        .position(|month| month.as_bytes().eq_ignore_ascii_case(&name))?;
    Some(format!("{:02}", number + 1))
}

/// Whether a format is that of points in time as HL7 v2 writes them, as precise as they are known: `CCYY[MM[DD[HHMM…]]]`.
pub fn is_point(format: &str) -> bool {
    format.starts_with("CCYY[MM[DD") || format == "CCYYMMDD"
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::schema::Facets;
    use crate::value::Pattern;

    fn takes(format: &str, text: &str) -> bool {
        let format = format::parse(format).expect("is a format");
        let facets: Facets =
            format::implied(format, format::base_of(format), false).expect("implies facets");
        let pattern = Pattern::compile(&[&facets.patterns[0]]).expect("is a pattern");
        pattern.matches(text)
    }

    #[test]
    fn days_are_those_of_the_calendar() {
        for (text, day) in [
            ("20240229", true),
            ("20230229", false),
            ("20000229", true),
            ("19000229", false),
            ("20231231", true),
            ("20230431", false),
            ("20230001", false),
            ("20231301", false),
            ("00000101", false),
            ("2023-1-1", false),
        ] {
            assert_eq!(takes("n8 CCYYMMDD", text), day, "{text}");
            let spread = concord_model::lexical::spread_date(text.as_bytes());
            assert_eq!(spread.is_some(), day, "{text}");
        }
    }

    #[test]
    fn times_are_those_of_a_day() {
        for (text, time) in [
            ("000000", true),
            ("235959", true),
            ("240000", true),
            ("240001", false),
            ("236000", false),
            ("2359", false),
        ] {
            assert_eq!(takes("n6 HHMMSS", text), time, "{text}");
            let spread = concord_model::lexical::spread_time(text.as_bytes());
            assert_eq!(spread.is_some(), time, "{text}");
        }
    }

    #[test]
    fn days_of_published_files_are_spread_and_written_again() {
        for (format, text, day) in [
            ("an9 DDMMMCCYY", "01SEP2017", Some("2017-09-01")),
            ("an9 DDMMMCCYY", "29FEB2024", Some("2024-02-29")),
            ("an9 DDMMMCCYY", "29FEB2023", None),
            ("an9 DDMMMCCYY", "31APR2023", None),
            ("an9 DDMMMCCYY", "01Sep2017", None),
            ("an9 DDMMMCCYY", "01SEPT017", None),
            ("an9 DD-MMM-YY", "01-Apr-17", Some("2017-04-01")),
            ("an9 DD-MMM-YY", "29-Feb-00", Some("2000-02-29")),
            ("an9 DD-MMM-YY", "29-Feb-01", None),
            ("an9 DD-MMM-YY", "01-APR-17", None),
            ("an9 DD-MMM-YY", "1st-Apr-17", None),
            ("an10 DD/MM/CCYY", "29/08/2024", Some("2024-08-29")),
            ("an10 DD/MM/CCYY", "31/09/2024", None),
            ("an10 DD/MM/CCYY", "2024-08-29", None),
            ("an8 DD/MM/YY", "01/04/11", Some("2011-04-01")),
            ("an8 DD/MM/YY", "01/13/11", None),
        ] {
            let form = Compact::of(format).expect("is a day");
            assert_eq!(takes(format, text), day.is_some(), "{format}: {text}");
            if let Some(day) = day {
                let spread = form.spread(text.as_bytes());
                assert_eq!(spread.as_deref(), Some(day.as_bytes()), "{format}: {text}");
                assert_eq!(form.written(day).as_deref(), Some(text), "{format}");
            }
        }
        for form in [
            Compact::DayFirst,
            Compact::NamedMonth,
            Compact::NamedMonthShort,
        ] {
            assert_eq!(form.spread(b"2024-08-29"), None);
            assert_eq!(form.spread(b"99999999\xff"), None);
            assert_eq!(form.spread(b""), None);
        }
    }

    #[test]
    fn days_that_lost_their_form_are_tidied_when_nothing_is_in_doubt() {
        for (form, text, day) in [
            (Compact::NamedMonthShort, "1st -Ju l-22", Some("2022-07-01")),
            (Compact::NamedMonthShort, "2nd-AUG-22", Some("2022-08-02")),
            (Compact::NamedMonth, "1 Sep 2017", Some("2017-09-01")),
            (Compact::NamedMonth, "01SEP17", None),
            (Compact::NamedMonth, "31SEP2017", None),
            (Compact::NamedMonth, "SEP2017", None),
            (Compact::DayFirst, "1/9/2017", Some("2017-09-01")),
            (Compact::DayFirst, "2017/9/1", None),
            (Compact::DayFirstShort, "1.9.17", Some("2017-09-01")),
            (Compact::DayFirstShort, "NA", None),
            (Compact::NamedMonthShort, "1st-July-22", None),
            (Compact::Date, "2022 07 01", None),
        ] {
            assert_eq!(form.tidied(text).as_deref(), day, "{text}");
        }
    }

    #[test]
    fn a_format_says_that_it_is_one() {
        assert_eq!(Compact::of("n8 CCYYMMDD"), Some(Compact::Date));
        assert_eq!(Compact::of("n6 HHMMSS"), Some(Compact::Time));
        assert_eq!(Compact::of("n6 CCYYMMDD"), None);
        assert_eq!(Compact::of("an10 CCYY-MM-DD"), None);
    }
}
