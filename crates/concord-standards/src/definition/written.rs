//! Pictures of values that systems write in their own way, and that XML has no type for.

/// A value that is text of which the form is checked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Written {
    /// `an38 GUID`: eight, four, four, four and twelve hexadecimal digits with hyphens between, in braces or without.
    Guid,
    /// `an20 DD MMM CCYY HH:MM:SS`: the month as three letters.
    NamedMonthSeconds,
    /// `an17 DD MMM CCYY HH:MM`.
    NamedMonthMinutes,
    /// `an13 CCYYMMDD_HHMM`.
    Stamp,
    /// `an7 CCYY_MM`.
    Month,
    /// `n4 HHMM`.
    Minutes,
    /// `max an40 NUMBER`: a decimal number, which may have an exponent: `5.600000024E-1`.
    Number,
}

/// Every picture, the length that stands before it, and whether that is the most or exact.
const PICTURES: [(bool, u64, &str, Written); 7] = [
    (false, 38, "GUID", Written::Guid),
    (
        false,
        20,
        "DD MMM CCYY HH:MM:SS",
        Written::NamedMonthSeconds,
    ),
    (false, 17, "DD MMM CCYY HH:MM", Written::NamedMonthMinutes),
    (false, 13, "CCYYMMDD_HHMM", Written::Stamp),
    (false, 7, "CCYY_MM", Written::Month),
    (false, 4, "HHMM", Written::Minutes),
    (true, 40, "NUMBER", Written::Number),
];

impl Written {
    /// What `an38 GUID` and the like say; `max` is whether the length is the most.
    pub(super) fn of_picture(max: bool, length: u64, picture: &str) -> Option<Self> {
        PICTURES
            .iter()
            .find(|(most, size, name, _)| *most == max && *size == length && *name == picture)
            .map(|(.., written)| *written)
    }

    /// The form in the pattern language of XML Schema.
    pub(super) fn pattern(self) -> String {
        let day = "(0[1-9]|[12][0-9]|3[01])";
        let month = "(Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)";
        let minutes = "([01][0-9]|2[0-3]):[0-5][0-9]";
        match self {
            Self::Guid => {
                let digits = "[0-9A-Fa-f]{8}(-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}";
                format!("\\{{{digits}\\}}|{digits}")
            }
            Self::NamedMonthSeconds => {
                format!("{day} {month} [0-9]{{4}} {minutes}:[0-5][0-9]")
            }
            Self::NamedMonthMinutes => format!("{day} {month} [0-9]{{4}} {minutes}"),
            Self::Stamp => {
                format!("[0-9]{{4}}(0[1-9]|1[0-2]){day}_([01][0-9]|2[0-3])[0-5][0-9]")
            }
            Self::Month => "[0-9]{4}_(0[1-9]|1[0-2])".to_owned(),
            Self::Minutes => "([01][0-9]|2[0-3])[0-5][0-9]".to_owned(),
            Self::Number => "-?[0-9]{1,20}(\\.[0-9]{1,20})?([Ee][+\\-]?[0-9]{1,3})?".to_owned(),
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::definition::format;
    use crate::value::Pattern;

    #[test]
    fn values_are_written_as_the_picture_says() {
        for (format, text, right) in [
            ("an38 GUID", "{0A1B2C3D-0000-4000-8000-00000000ABCD}", true),
            ("an38 GUID", "0a1b2c3d-0000-4000-8000-00000000abcd", true),
            ("an38 GUID", "{0A1B2C3D-0000-4000-8000-00000000ABCD", false),
            ("an38 GUID", "0A1B2C3D00004000800000000000ABCD", false),
            ("an20 DD MMM CCYY HH:MM:SS", "01 Apr 2026 23:59:59", true),
            ("an20 DD MMM CCYY HH:MM:SS", "1 Apr 2026 23:59:59", false),
            ("an20 DD MMM CCYY HH:MM:SS", "01 Apr 2026 23:59", false),
            ("an17 DD MMM CCYY HH:MM", "01 Apr 2026 23:59", true),
            ("an17 DD MMM CCYY HH:MM", "01 April 2026 23:59", false),
            ("an13 CCYYMMDD_HHMM", "20260401_0530", true),
            ("an13 CCYYMMDD_HHMM", "20261301_0530", false),
            ("an7 CCYY_MM", "2017_09", true),
            ("an7 CCYY_MM", "2017_13", false),
            ("n4 HHMM", "2359", true),
            ("n4 HHMM", "2400", false),
            ("max an40 NUMBER", "5.600000024E-1", true),
            ("max an40 NUMBER", "-12", true),
            ("max an40 NUMBER", "1e+05", true),
            ("max an40 NUMBER", "1,5", false),
            ("max an40 NUMBER", ".5", false),
        ] {
            let parsed = format::parse(format).expect("is a format");
            let facets = format::implied(parsed, format::base_of(parsed), false);
            let patterns = facets.expect("implies facets").patterns;
            let pattern = Pattern::compile(&[&patterns[0]]).expect("is a pattern");
            assert_eq!(pattern.matches(text), right, "{format}: {text}");
        }
    }

    #[test]
    fn a_picture_has_its_length() {
        for format in [
            "an36 GUID",
            "max an38 GUID",
            "an40 NUMBER",
            "an20 DD MMM CCYY",
            "n4 HHMM SS",
        ] {
            assert_eq!(format::parse(format), None, "{format}");
        }
    }
}
