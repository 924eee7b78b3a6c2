//! Days and times of day as fixed-width records write them.

use super::format::{self, Format};

/// A day or a time of day written without signs between its parts, as fixed-width records have them. XML has no type for
/// these, so that they are texts of which the digits are checked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Compact {
    /// `CCYYMMDD`.
    Date,
    /// `HHMMSS`.
    Time,
}

impl Compact {
    /// What a format such as `n8 CCYYMMDD` says, if it says one of these.
    pub fn of(format: &str) -> Option<Self> {
        match format::parse(format)? {
            Format::Compact(compact) => Some(compact),
            _ => None,
        }
    }

    /// A picture of so many characters.
    pub(super) fn of_picture(length: u64, picture: &str) -> Option<Self> {
        match (length, picture) {
            (8, "CCYYMMDD" | "YYYYMMDD") => Some(Self::Date),
            (6, "HHMMSS" | "hhmmss") => Some(Self::Time),
            _ => None,
        }
    }

    /// The days of the calendar, or the seconds of a day, in the pattern language of XML Schema.
    pub(super) fn pattern(self) -> String {
        match self {
            Self::Date => {
                let year = "([0-9]{3}[1-9]|[0-9]{2}[1-9]0|[0-9][1-9]00|[1-9]000)";
                let leap =
                    "([0-9]{2}(0[48]|[2468][048]|[13579][26])|(0[48]|[2468][048]|[13579][26])00)";
                let long = "(0[13578]|1[02])(0[1-9]|[12][0-9]|3[01])";
                let short = "(0[469]|11)(0[1-9]|[12][0-9]|30)";
                let february = "02(0[1-9]|1[0-9]|2[0-8])";
                format!("{year}({long}|{short}|{february})|{leap}0229")
            }
            Self::Time => "([01][0-9]|2[0-3])[0-5][0-9][0-5][0-9]|240000".to_owned(),
        }
    }
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
    fn a_format_says_that_it_is_one() {
        assert_eq!(Compact::of("n8 CCYYMMDD"), Some(Compact::Date));
        assert_eq!(Compact::of("n6 HHMMSS"), Some(Compact::Time));
        assert_eq!(Compact::of("n6 CCYYMMDD"), None);
        assert_eq!(Compact::of("an10 CCYY-MM-DD"), None);
    }
}
