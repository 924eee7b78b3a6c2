//! LOWER LAYER SUPER OUTPUT AREA: the small areas of the census in England and Wales.
//!
//! Source: Office for National Statistics, GSS coding and naming for geographies (nine characters: a letter for the
//! country, two digits for the sort of area, `01` for these, and six digits); NHS Data Dictionary, LOWER LAYER SUPER OUTPUT
//! AREA (RESIDENCE) (`max an9`). Whether an area exists, and since which census, is for reference data to say.

/// The country of an area.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Country {
    /// `E01` and six digits.
    England,
    /// `W01` and six digits.
    Wales,
}

/// The country of `text` when it has the form of an area's code.
pub fn country(text: &str) -> Option<Country> {
    let (prefix, number) = text.split_at_checked(3)?;
    if number.len() != 6 || !number.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    match prefix {
        "E01" => Some(Country::England),
        "W01" => Some(Country::Wales),
        _ => None,
    }
}

/// Whether `text` has the form of an area's code.
pub fn is_well_formed(text: &str) -> bool {
    country(text).is_some()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn forms() {
        assert_eq!(country("E01000001"), Some(Country::England));
        assert_eq!(country("W01001958"), Some(Country::Wales));
        for text in [
            "",
            "E01",
            "E0100000",
            "E010000011",
            "e01000001",
            "E02000001",
            "S01006506",
            "E0100000A",
            "E01٠٠٠",
        ] {
            assert!(!is_well_formed(text), "{text}");
        }
    }

    proptest! {
        #[test]
        fn agrees_with_the_expression(text in prop_oneof!["[EWS]0[12][0-9]{5,7}", ".{0,10}"]) {
            let expression = regex::Regex::new("^[EW]01[0-9]{6}$").expect("a regular expression");
            prop_assert_eq!(is_well_formed(&text), expression.is_match(&text));
        }
    }
}
