//! UNIQUE BOOKING REFERENCE NUMBER and PATIENT PATHWAY IDENTIFIER.
//!
//! Source: NHS Data Dictionary, elements UNIQUE BOOKING REFERENCE NUMBER (CONVERTED) (`n12`) and PATIENT PATHWAY IDENTIFIER (`an20`).

/// Whether `text` is a booking reference of the e-Referral Service: twelve digits. No check digit is published.
pub fn is_booking_reference_shape(text: &str) -> bool {
    text.len() == 12 && text.bytes().all(|byte| byte.is_ascii_digit())
}

/// Whether `text` may be a pathway identifier: twenty letters and digits.
///
/// A pathway that began with the e-Referral Service carries the booking reference, so twelve digits with zeros before
/// them are the common case, which [`booking_reference_of_pathway`] takes out.
pub fn is_pathway_identifier_shape(text: &str) -> bool {
    text.len() == 20 && text.bytes().all(|byte| byte.is_ascii_alphanumeric())
}

/// The booking reference in a pathway identifier: its last twelve digits, when only zeros stand before them.
pub fn booking_reference_of_pathway(text: &str) -> Option<&str> {
    let reference = text.strip_prefix("00000000")?;
    (is_pathway_identifier_shape(text) && is_booking_reference_shape(reference))
        .then_some(reference)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn shapes() {
        assert!(is_booking_reference_shape("000049736351"));
        assert!(
            !is_booking_reference_shape("49736351") && !is_booking_reference_shape("00004973635A")
        );
        assert!(is_pathway_identifier_shape("RXXABC00000000000001"));
        assert!(
            !is_pathway_identifier_shape("RXX")
                && !is_pathway_identifier_shape("RXX ABC0000000000001")
        );
        assert_eq!(
            booking_reference_of_pathway("00000000000049736351"),
            Some("000049736351")
        );
        assert_eq!(booking_reference_of_pathway("RXXABC00000000000001"), None);
    }

    proptest! {
        #[test]
        fn agrees_with_the_expressions(text in prop_oneof!["[0-9]{11,13}", "0{7,9}[0-9]{11,13}", "[0-9A-Za-z]{19,21}", ".{0,21}"]) {
            let of = |pattern: &str| regex::Regex::new(pattern).expect("a regular expression");
            prop_assert_eq!(is_booking_reference_shape(&text), of("^[0-9]{12}$").is_match(&text));
            prop_assert_eq!(is_pathway_identifier_shape(&text), of("^[0-9A-Za-z]{20}$").is_match(&text));
            let found = of("^0{8}([0-9]{12})$").captures(&text).and_then(|parts| parts.get(1));
            prop_assert_eq!(booking_reference_of_pathway(&text), found.map(|found| found.as_str()));
        }
    }
}
