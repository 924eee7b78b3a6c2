//! OPCS-4 CODE: a letter and three digits, without a point.
//!
//! Source: NHS Data Dictionary, data element OPCS-4 CODE (`an4`); OPCS Classification of Interventions and Procedures,
//! chapters A to Z, of which none is I. Whether a code is in the classification is for reference data to say.

/// Whether `text` is well formed.
pub fn is_well_formed(text: &str) -> bool {
    matches!(*text.as_bytes(), [chapter, a, b, c]
        if chapter.is_ascii_uppercase() && chapter != b'I' && [a, b, c].iter().all(u8::is_ascii_digit))
}

/// The code of `text` when a fifth letter or digit, which some hospitals add for themselves, stands behind it.
pub fn without_local_character(text: &str) -> Option<&str> {
    let (code, local) = text.split_at_checked(4)?;
    let local = matches!(*local.as_bytes(), [fifth] if fifth.is_ascii_alphanumeric());
    (local && is_well_formed(code)).then_some(code)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn forms() {
        for text in ["W371", "Z942", "X998", "O151", "A010"] {
            assert!(is_well_formed(text), "{text}");
        }
        for text in [
            "", "W37", "W37.1", "w371", "I101", "W371A", "W37X", "W37١", "1371",
        ] {
            assert!(!is_well_formed(text), "{text}");
        }
        assert_eq!(without_local_character("W371A"), Some("W371"));
        for text in ["W371", "W371AB", "I101A", "W371-", "W37é"] {
            assert_eq!(without_local_character(text), None, "{text}");
        }
    }

    proptest! {
        #[test]
        fn agrees_with_the_expression(text in prop_oneof!["[A-Z][0-9]{2,4}", ".{0,6}"]) {
            let expression = regex::Regex::new("^[A-HJ-Z][0-9]{3}$").expect("a regular expression");
            prop_assert_eq!(is_well_formed(&text), expression.is_match(&text));
            let extended = regex::Regex::new("^([A-HJ-Z][0-9]{3})[A-Za-z0-9]$").expect("a regular expression");
            let code = extended.captures(&text).and_then(|parts| parts.get(1)).map(|code| code.as_str());
            prop_assert_eq!(without_local_character(&text), code);
        }
    }
}
