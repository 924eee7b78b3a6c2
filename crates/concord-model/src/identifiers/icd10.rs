//! ICD-10 CODE as the NHS writes it: four to six characters without a point.
//!
//! Source: NHS Data Dictionary, data element ICD-10 CODE (`min an4 max an6`) and attribute CLINICAL CLASSIFICATION CODE:
//! a letter and two digits; the fourth character is a digit, or `X` where the category is not divided; the fifth is a digit,
//! or `-` where it is not used; the sixth is `D` for a dagger (the disease) or `A` for an asterisk (its manifestation).
//! Whether a code is in the classification is for reference data to say.

/// What the sixth character says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mark {
    /// `D`: the code of the underlying disease.
    Dagger,
    /// `A`: the code of its manifestation.
    Asterisk,
}

/// A well-formed code's parts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Icd10<'a> {
    /// The category of three characters.
    pub category: &'a str,
    /// The fourth character; `None` for the filler `X`.
    pub subdivision: Option<char>,
    /// The fifth character; `None` when it is absent or the filler `-`.
    pub supplement: Option<char>,
    /// What the sixth character says.
    pub mark: Option<Mark>,
}

/// The parts of `text` when it is well formed.
pub fn parse(text: &str) -> Option<Icd10<'_>> {
    let (letter, digit) = (u8::is_ascii_uppercase, u8::is_ascii_digit);
    let (&[a, b, c, fourth], rest) = text.as_bytes().split_first_chunk::<4>()?;
    let fourth_fits = fourth == b'X' || digit(&fourth);
    if !(letter(&a) && digit(&b) && digit(&c) && fourth_fits) {
        return None;
    }
    let (supplement, mark) = match *rest {
        [] => (None, None),
        [fifth] => (Some(fifth), None),
        [fifth, b'D'] => (Some(fifth), Some(Mark::Dagger)),
        [fifth, b'A'] => (Some(fifth), Some(Mark::Asterisk)),
        _ => return None,
    };
    if supplement.is_some_and(|fifth| fifth != b'-' && !digit(&fifth)) {
        return None;
    }
    Some(Icd10 {
        category: text.get(..3)?,
        subdivision: (fourth != b'X').then_some(char::from(fourth)),
        supplement: supplement.filter(|&fifth| fifth != b'-').map(char::from),
        mark,
    })
}

/// Whether `text` is well formed.
pub fn is_well_formed(text: &str) -> bool {
    parse(text).is_some()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn forms() {
        for text in [
            "A170", "I10X", "M4509", "M45X9", "A170-D", "G01X-A", "I10X-", "U071",
        ] {
            assert!(is_well_formed(text), "{text}");
        }
        for text in [
            "", "I10", "I10 ", "i10X", "A17.0", "A1700X", "A170D", "A170-X", "1170", "AA70",
            "A170-D ", "A17X٣", "É170", "A17-",
        ] {
            assert!(!is_well_formed(text), "{text}");
        }
        let dagger = parse("A170-D").expect("well formed");
        assert_eq!(
            (
                dagger.category,
                dagger.subdivision,
                dagger.supplement,
                dagger.mark
            ),
            ("A17", Some('0'), None, Some(Mark::Dagger))
        );
        assert_eq!(parse("I10X").and_then(|code| code.subdivision), None);
        assert_eq!(parse("M45X9").and_then(|code| code.supplement), Some('9'));
    }

    proptest! {
        #[test]
        fn agrees_with_the_expression(text in prop_oneof!["[A-Z][0-9]{2}[0-9X-][0-9X-]?[ADX]?", ".{0,7}"]) {
            let expression = regex::Regex::new("^[A-Z][0-9]{2}[0-9X](?:[0-9-][AD]?)?$").expect("a regular expression");
            prop_assert_eq!(is_well_formed(&text), expression.is_match(&text), "{}", text);
        }
    }
}
