//! ORGANISATION CODE and ORGANISATION SITE CODE of the Organisation Data Service: their forms.
//!
//! Source: NHS Data Dictionary, attributes ORGANISATION CODE and ORGANISATION IDENTIFIER (`min an3 max an8`), supporting
//! information "Organisation Data Service: coding frames" and "default codes"; DCB0090. A code of the right form need
//! not exist, and since April 2020 the form does not tell the type: whether a code exists is for reference data to say.

use super::ods_frames::{ORGANISATIONS, SITES};

/// What a default code says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DefaultCode {
    /// The registered practice is not applicable (`V81998`).
    PracticeNotApplicable,
    /// The registered practice is not known (`V81999`).
    PracticeNotKnown,
    /// There is no registered practice (`V81997`).
    NoRegisteredPractice,
    /// The commissioner of Ministry of Defence health care (`XMD00`).
    MinistryOfDefence,
    /// An overseas visitor who is exempt from charges (`TDH00`).
    OverseasVisitorExempt,
    /// A private patient, or an overseas visitor who pays (`VPP00`).
    Private,
    /// A provider or site in the United Kingdom, not of the NHS, without a code (`89999`).
    NotNhs,
    /// A provider or site outside the United Kingdom (`89997`).
    NotUnitedKingdom,
    /// The organisation of residence is not applicable: an overseas visitor (`X98`).
    ResidenceNotApplicable,
    /// The organisation of residence is not known (`Q99`).
    ResidenceNotKnown,
    /// The referring organisation is not applicable (`X99998`).
    ReferrerNotApplicable,
    /// The referring organisation is not known (`X99999`).
    ReferrerNotKnown,
    /// Not a hospital site (`R9998`).
    NotHospitalSite,
    /// Funded by the National Commissioning Group (`YDD82`): retired, must not be used any more.
    NationalCommissioningGroup,
}

/// What `code` says when it is a default code.
pub fn default_code(code: &str) -> Option<DefaultCode> {
    Some(match code {
        "V81998" => DefaultCode::PracticeNotApplicable,
        "V81999" => DefaultCode::PracticeNotKnown,
        "V81997" => DefaultCode::NoRegisteredPractice,
        "XMD00" => DefaultCode::MinistryOfDefence,
        "TDH00" => DefaultCode::OverseasVisitorExempt,
        "VPP00" => DefaultCode::Private,
        "89999" => DefaultCode::NotNhs,
        "89997" => DefaultCode::NotUnitedKingdom,
        "X98" => DefaultCode::ResidenceNotApplicable,
        "Q99" => DefaultCode::ResidenceNotKnown,
        "X99998" => DefaultCode::ReferrerNotApplicable,
        "X99999" => DefaultCode::ReferrerNotKnown,
        "R9998" => DefaultCode::NotHospitalSite,
        "YDD82" => DefaultCode::NationalCommissioningGroup,
        _ => return None,
    })
}

/// Whether `code` has a form that organisations' codes have: a coding frame of three to eight characters, the form since
/// April 2020 (`S1Y5D`), or a default code.
pub fn is_organisation_code_shape(code: &str) -> bool {
    let length = (3..=8).contains(&code.len());
    length
        && (is_current_form(code)
            || organisation_types(code).next().is_some()
            || default_code(code).is_some())
}

/// Whether `code` has a form that sites' codes have: a coding frame of five to nine characters, the form since April
/// 2020, or a default code for sites.
pub fn is_site_code_shape(code: &str) -> bool {
    use DefaultCode::{NotHospitalSite, NotNhs, NotUnitedKingdom};
    is_current_form(code)
        || site_types(code).next().is_some()
        || matches!(
            default_code(code),
            Some(NotHospitalSite | NotNhs | NotUnitedKingdom)
        )
}

/// Whether `code` has a form that practices' codes have: a letter and five digits (England, Wales, Scotland, Isle of Man),
/// `ALD`, `GUE` or `JER` and three digits, or a default code for practices.
pub fn is_practice_code_shape(code: &str) -> bool {
    let digits = |rest: &[u8]| rest.iter().all(u8::is_ascii_digit);
    match code.as_bytes() {
        [b'V', b'8', b'1', b'9', b'9', b'7'..=b'9'] => true,
        [first, rest @ ..] if rest.len() == 5 && digits(rest) => {
            first.is_ascii_uppercase() && !b"IOQRTUVXZ".contains(first)
        }
        [b'A', b'L', b'D', number @ ..]
        | [b'G', b'U', b'E', number @ ..]
        | [b'J', b'E', b'R', number @ ..] => number.len() == 3 && digits(number),
        _ => false,
    }
}

/// Types of organisation whose coding frame the code fits. Several may, and none need be right for codes since April 2020.
pub fn organisation_types(code: &str) -> impl Iterator<Item = &'static str> {
    ORGANISATIONS
        .iter()
        .filter(move |frame| frame.admits(code.as_bytes()))
        .map(|frame| frame.kind)
}

/// Types of site whose coding frame the code fits.
pub fn site_types(code: &str) -> impl Iterator<Item = &'static str> {
    SITES
        .iter()
        .filter(move |frame| frame.admits(code.as_bytes()))
        .map(|frame| frame.kind)
}

/// The form of codes issued since April 2020: letter, digit, letter, digit, letter.
pub fn is_current_form(code: &str) -> bool {
    code.len() == 5
        && code.bytes().enumerate().all(|(index, byte)| {
            if index.is_multiple_of(2) {
                byte.is_ascii_uppercase()
            } else {
                byte.is_ascii_digit()
            }
        })
}

/// A three-character code that was filled up with `00` to five, as some national systems do (`RXX00`).
pub fn without_padding(code: &str) -> &str {
    match code.strip_suffix("00") {
        Some(short) if short.len() == 3 && default_code(code).is_none() => short,
        _ => code,
    }
}

/// Whether `code` is a three-character code filled up with `00` ([`without_padding`]).
pub fn is_padded(code: &str) -> bool {
    without_padding(code).len() < code.len()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn organisations() {
        for code in [
            "RH8", "12A", "QJK", "7A1", "A81001", "Y00001", "S1Y5D", "VPP00", "NV7", "FA002",
            "Y63", "EE134290", "G7817414", "89997", "13Q", "000",
        ] {
            assert!(is_organisation_code_shape(code), "{code}");
        }
        for code in [
            "",
            "K",
            "RH",
            "rh8",
            "RH8 ",
            "RH-",
            "R????",
            "A8100",
            "ÉÉ",
            "RH8RH8RH8",
        ] {
            assert!(!is_organisation_code_shape(code), "{code}");
        }
        assert!(organisation_types("RH8").any(|kind| kind == "NHS Trust"));
        assert_eq!(without_padding("RXX00"), "RXX");
        assert_eq!(without_padding("VPP00"), "VPP00");
        assert!(
            is_padded("RXX00") && !is_padded("XMD00") && !is_padded("RXX") && !is_padded("A00")
        );
    }

    #[test]
    fn sites() {
        for code in [
            "RH802",
            "R9998",
            "89999",
            "H81010002",
            "NV701",
            "S1Y5D",
            "X1601",
        ] {
            assert!(is_site_code_shape(code), "{code}");
        }
        for code in ["", "RH8", "RH8021", "rh802", "R9 98"] {
            assert!(!is_site_code_shape(code), "{code}");
        }
    }

    #[test]
    fn practices() {
        for code in [
            "A81001", "W91003", "Y00001", "S10002", "V81997", "ALD001", "GUE101", "JER102",
        ] {
            assert!(is_practice_code_shape(code), "{code}");
        }
        for code in [
            "", "V81996", "I81001", "A8100", "A810011", "a81001", "ALD01", "JERSEY", "XYZ001",
        ] {
            assert!(!is_practice_code_shape(code), "{code}");
        }
    }

    proptest! {
        /// Practices in England and Wales as one expression.
        #[test]
        fn practices_fit_their_frame(code in "[A-Z][0-9]{5}") {
            let expression = regex::Regex::new("^(?:[A-HJ-NPSWY][0-9]{5}|V8199[7-9])$").expect("a regular expression");
            prop_assert_eq!(is_practice_code_shape(&code), expression.is_match(&code));
            let framed = organisation_types(&code).any(|kind| kind.starts_with("GP Practice"));
            prop_assert_eq!(is_practice_code_shape(&code), framed || default_code(&code).is_some() && code.starts_with("V819"));
        }

        /// The form since April 2020, and codes filled up with zeros, as expressions.
        #[test]
        fn forms_agree_with_expressions(code in prop_oneof!["[A-Z][0-9][A-Z][0-9][A-Z]?", "[A-Z0-9]{2,4}0{1,3}", ".{0,6}"]) {
            let of = |pattern: &str| regex::Regex::new(pattern).expect("a regular expression").is_match(&code);
            prop_assert_eq!(is_current_form(&code), of("^(?:[A-Z][0-9]){2}[A-Z]$"));
            if code.is_ascii() && default_code(&code).is_none() {
                prop_assert_eq!(is_padded(&code), of("^(?s:.{3})00$"), "{}", code);
            }
        }

        #[test]
        fn any_text_is_judged(code in ".{0,10}") {
            is_organisation_code_shape(&code);
            is_site_code_shape(&code);
            is_practice_code_shape(&code);
            without_padding(&code);
        }
    }
}
