//! COMMISSIONING SERIAL NUMBER: under which agreement an activity is commissioned.
//!
//! Source: NHS Data Dictionary, COMMISSIONING SERIAL NUMBER (`an6`): `OAT` at its start for activity outside any agreement,
//! `=` at its end for activity that the national tariff leaves out.

/// Whether `text` is well formed: six letters and digits, of which the last may be `=`.
pub fn is_well_formed(text: &str) -> bool {
    let known = |byte: &u8| byte.is_ascii_uppercase() || byte.is_ascii_digit();
    matches!(text.as_bytes(), [first @ .., last]
        if first.len() == 5 && first.iter().all(known) && (known(last) || *last == b'='))
}

/// Whether the activity is outside any agreement (`OAT…`, once "out of area treatment").
pub fn is_without_agreement(text: &str) -> bool {
    is_well_formed(text) && text.starts_with("OAT")
}

/// Whether the activity is left out of the national tariff (`…=`).
pub fn is_excluded_from_tariff(text: &str) -> bool {
    is_well_formed(text) && text.ends_with('=')
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn forms() {
        assert!(is_well_formed("000123") && !is_without_agreement("000123"));
        assert!(is_without_agreement("OAT123") && !is_excluded_from_tariff("OAT123"));
        assert!(is_excluded_from_tariff("00012=") && is_excluded_from_tariff("OAT12="));
        for text in [
            "", "OAT", "00123", "0001=3", "=", "0001é", "000123=", "oat123",
        ] {
            assert!(!is_well_formed(text), "{text}");
        }
    }

    proptest! {
        #[test]
        fn agrees_with_the_expression(text in prop_oneof!["[A-Z0-9=]{4,7}", ".{0,7}"]) {
            let expression = regex::Regex::new("^[A-Z0-9]{5}[A-Z0-9=]$").expect("a regular expression");
            prop_assert_eq!(is_well_formed(&text), expression.is_match(&text));
        }
    }
}
