//! CONSULTANT CODE, GENERAL MEDICAL PRACTITIONER PPD CODE and the codes that stand for nobody in particular.
//!
//! Source: NHS Data Dictionary, attributes CONSULTANT CODE and GENERAL MEDICAL PRACTITIONER PPD CODE, supporting
//! information "Organisation Data Service Default Codes"; check digit: NHS Business Services Authority, knowledge base
//! article KA-03100.

/// What a practitioner's code is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Practitioner {
    /// `C` and a General Medical Council reference number of seven digits.
    Consultant,
    /// `CD` and six digits: a dental consultant.
    DentalConsultant,
    /// `G`, six digits and their check digit: a general practitioner of England or Wales.
    GeneralPractitioner,
    /// `G6` or `G7` and six digits: a code for a prescriber who is no doctor in person, without a check digit.
    SpuriousGeneralPractitioner,
    /// `S` and seven digits: a general practitioner of Scotland.
    ScottishGeneralPractitioner,
    /// `Z`, the letter of a board (`E`, `N`, `S`, `W`), five digits and `0`: a general practitioner of Northern Ireland.
    NorthernIrishGeneralPractitioner,
    /// `D` and seven digits: a general dental practitioner.
    GeneralDentalPractitioner,
    /// A default code: not known, not applicable, or another kind of professional.
    Default(Unidentified),
}

/// What a default code says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unidentified {
    /// The consultant's number is not known (`C9999998`, `CD999998`).
    ConsultantNotKnown,
    /// The general medical practitioner is not known (`G9999998`).
    PractitionerNotKnown,
    /// There is no general medical practitioner (`G9999981`).
    PractitionerNotApplicable,
    /// The dentist is not known (`D9999998`).
    DentistNotKnown,
    /// The dentist has no such code (`D9999981`).
    DentistNotApplicable,
    /// A midwife (`M9999998`).
    Midwife,
    /// A nurse (`N9999998`).
    Nurse,
    /// Another health care professional (`H9999998`).
    OtherProfessional,
    /// A doctor of the Ministry of Defence (`A9999998`).
    MinistryOfDefenceDoctor,
    /// A prison's doctor, a historic code (`P9999981`).
    PrisonDoctor,
    /// A referrer who is none of general medical practitioner, dentist and consultant (`R9999981`).
    OtherReferrer,
    /// No referrer, or not known (`X9999998`).
    ReferrerNotApplicable,
}

/// What `code` is by its form; `None` when it has no form of a practitioner's code.
pub fn classify(code: &str) -> Option<Practitioner> {
    let default = match code {
        "C9999998" | "CD999998" => Unidentified::ConsultantNotKnown,
        "G9999998" => Unidentified::PractitionerNotKnown,
        "G9999981" => Unidentified::PractitionerNotApplicable,
        "D9999998" => Unidentified::DentistNotKnown,
        "D9999981" => Unidentified::DentistNotApplicable,
        "M9999998" => Unidentified::Midwife,
        "N9999998" => Unidentified::Nurse,
        "H9999998" => Unidentified::OtherProfessional,
        "A9999998" => Unidentified::MinistryOfDefenceDoctor,
        "P9999981" => Unidentified::PrisonDoctor,
        "R9999981" => Unidentified::OtherReferrer,
        "X9999998" => Unidentified::ReferrerNotApplicable,
        _ => return classify_person(code.as_bytes()),
    };
    Some(Practitioner::Default(default))
}

fn classify_person(code: &[u8]) -> Option<Practitioner> {
    let &[kind, ref rest @ ..] = code else {
        return None;
    };
    let digits = rest.len() == 7 && rest.iter().all(u8::is_ascii_digit);
    match kind {
        b'C' if digits => Some(Practitioner::Consultant),
        b'C' if rest.len() == 7 && rest[0] == b'D' && rest[1..].iter().all(u8::is_ascii_digit) => {
            Some(Practitioner::DentalConsultant)
        }
        b'G' if digits && matches!(rest[0], b'6' | b'7') => {
            Some(Practitioner::SpuriousGeneralPractitioner)
        }
        b'G' if digits => Some(Practitioner::GeneralPractitioner),
        b'S' if digits => Some(Practitioner::ScottishGeneralPractitioner),
        b'D' if digits => Some(Practitioner::GeneralDentalPractitioner),
        b'Z' => match *rest {
            [b'E' | b'N' | b'S' | b'W', ref number @ .., b'0']
                if number.len() == 5 && number.iter().all(u8::is_ascii_digit) =>
            {
                Some(Practitioner::NorthernIrishGeneralPractitioner)
            }
            _ => None,
        },
        _ => None,
    }
}

/// Whether `code` may stand as a CONSULTANT CODE: a consultant, a dental consultant, or a default code for the care
/// professional who was in charge.
pub fn is_consultant_code_shape(code: &str) -> bool {
    use Unidentified::{ConsultantNotKnown, DentistNotKnown, Midwife, Nurse, OtherProfessional};
    matches!(
        classify(code),
        Some(
            Practitioner::Consultant
                | Practitioner::DentalConsultant
                | Practitioner::Default(
                    ConsultantNotKnown | DentistNotKnown | Midwife | Nurse | OtherProfessional
                )
        )
    )
}

/// Whether `code` has the form of a GENERAL MEDICAL PRACTITIONER PPD CODE, its check digit aside.
pub fn is_general_practitioner_code_shape(code: &str) -> bool {
    use Unidentified::{MinistryOfDefenceDoctor, PractitionerNotApplicable, PractitionerNotKnown};
    matches!(
        classify(code),
        Some(
            Practitioner::GeneralPractitioner
                | Practitioner::SpuriousGeneralPractitioner
                | Practitioner::ScottishGeneralPractitioner
                | Practitioner::NorthernIrishGeneralPractitioner
                | Practitioner::Default(
                    PractitionerNotKnown | PractitionerNotApplicable | MinistryOfDefenceDoctor
                )
        )
    )
}

/// Whether `code` has the form of a GENERAL DENTAL PRACTITIONER CODE.
pub fn is_dental_practitioner_code_shape(code: &str) -> bool {
    use Unidentified::{DentistNotApplicable, DentistNotKnown};
    matches!(
        classify(code),
        Some(
            Practitioner::GeneralDentalPractitioner
                | Practitioner::Default(DentistNotApplicable | DentistNotKnown)
        )
    )
}

/// Whether the last digit of a general practitioner's code is the check digit of the six before it: the last digit of
/// their sum, weighted 1, 3, 7, 1, 3, 7. Codes that have no check digit (`G6…`, `G7…`, default codes) are `None`.
pub fn has_valid_check_digit(code: &str) -> Option<bool> {
    if classify(code) != Some(Practitioner::GeneralPractitioner) {
        return None;
    }
    let digits = &code.as_bytes()[1..];
    let sum: u32 = digits[..6]
        .iter()
        .zip([1, 3, 7, 1, 3, 7])
        .map(|(&digit, weight)| u32::from(digit - b'0') * weight)
        .sum();
    Some(sum % 10 == u32::from(digits[6] - b'0'))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn forms() {
        assert!(is_consultant_code_shape("C1234567") && is_consultant_code_shape("CD123456"));
        assert!(is_consultant_code_shape("C9999998") && is_consultant_code_shape("N9999998"));
        for code in [
            "",
            "C123456",
            "C12345678",
            "CE123456",
            "c1234567",
            "G1234567",
            "Cé12345",
        ] {
            assert!(!is_consultant_code_shape(code), "{code}");
        }
        assert!(
            is_general_practitioner_code_shape("G6123456")
                && is_general_practitioner_code_shape("G9999981")
        );
        assert_eq!(
            classify("X9999998"),
            Some(Practitioner::Default(Unidentified::ReferrerNotApplicable))
        );
        assert_eq!(classify("X1234567"), None);
        assert!(is_general_practitioner_code_shape("ZE123450"));
        assert!(
            !is_general_practitioner_code_shape("ZE123451")
                && !is_general_practitioner_code_shape("ZA123450")
                && !is_general_practitioner_code_shape("Z")
        );
        assert!(
            is_dental_practitioner_code_shape("D1234567")
                && is_dental_practitioner_code_shape("D9999981")
                && !is_dental_practitioner_code_shape("CD123456")
        );
    }

    #[test]
    fn check_digits() {
        // 1×1 + 2×3 + 3×7 + 4×1 + 5×3 + 6×7 = 89.
        assert_eq!(has_valid_check_digit("G1234569"), Some(true));
        assert_eq!(has_valid_check_digit("G1234568"), Some(false));
        assert_eq!(has_valid_check_digit("G9999998"), None);
        assert_eq!(has_valid_check_digit("G7123456"), None);
    }

    proptest! {
        /// As the article puts it: the last digit of each product, then the last digit of their sum.
        #[test]
        fn agrees_with_the_article(digits in "[0-589][0-9]{6}") {
            let code = format!("G{digits}");
            let sum: u32 = digits.bytes().take(6).zip([1, 3, 7, 1, 3, 7]).map(|(digit, weight)| u32::from(digit - b'0') * weight % 10).sum();
            let expected = sum.to_string().ends_with(&digits[6..]);
            if let Some(valid) = has_valid_check_digit(&code) {
                prop_assert_eq!(valid, expected);
            }
        }

        /// The forms as expressions.
        #[test]
        fn forms_agree_with_expressions(code in prop_oneof!["[CDGSZ][0-9DENSW][0-9]{6}", "[CDGSZ][0-9]{6,8}", "Z[A-Z][0-9]{5}0"]) {
            let fits = |pattern: &str| regex::Regex::new(pattern).expect("a regular expression").is_match(&code);
            prop_assert_eq!(is_consultant_code_shape(&code), fits("^(?:C[0-9]{7}|CD[0-9]{6}|D9999998)$"));
            prop_assert_eq!(is_general_practitioner_code_shape(&code), fits("^(?:[GS][0-9]{7}|Z[ENSW][0-9]{5}0)$"));
            prop_assert_eq!(is_dental_practitioner_code_shape(&code), fits("^D[0-9]{7}$"));
        }

        #[test]
        fn any_text_is_classified(text in ".{0,10}") {
            classify(&text);
            has_valid_check_digit(&text);
        }
    }
}
