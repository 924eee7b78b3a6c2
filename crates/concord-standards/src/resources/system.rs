//! What identifiers, codes and ids must be whose system or profile says so.

use std::collections::BTreeMap;
use std::sync::Arc;

use concord_model::identifiers::{nhs_number, ods};

use crate::definition::CodeList;

/// What is known of systems of identifiers and codes, and of profiles, by their addresses.
#[derive(Debug, Clone, Default)]
pub struct Systems {
    /// What identifiers of a system look like.
    pub identifiers: BTreeMap<Arc<str>, Form>,
    /// The codes of a code system.
    pub codes: BTreeMap<Arc<str>, Arc<CodeList>>,
    /// What the ids of resources look like that claim a profile.
    pub ids: BTreeMap<Arc<str>, Form>,
    /// Profiles whose resources have a version even where they are contained in others, because the service that makes them
    /// sends them so.
    pub versioned: Vec<Arc<str>>,
}

/// What an identifier looks like.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Form {
    /// An NHS number: ten digits of which the last is the check digit, and not one that stands for nobody.
    NhsNumber,
    /// The code of an organisation or site.
    OdsCode,
    /// So many digits.
    Digits(u8),
}

impl Form {
    /// The form of a name: `nhs-number`, `ods-code`, or `n12` as the Data Dictionary writes twelve digits.
    pub fn named(name: &str) -> Option<Self> {
        match name {
            "nhs-number" => Some(Self::NhsNumber),
            "ods-code" => Some(Self::OdsCode),
            _ => match name.strip_prefix('n')?.parse() {
                Ok(digits @ 1..) => Some(Self::Digits(digits)),
                _ => None,
            },
        }
    }

    /// What is wrong with a text that should have this form, if anything is.
    pub fn fault(self, text: &str) -> Option<&'static str> {
        use nhs_number::{Class, Placeholder};
        match self {
            Self::NhsNumber => match nhs_number::classify(text) {
                Class::Number(_) => None,
                Class::Malformed => Some("not ten digits"),
                Class::WrongCheckDigit => Some("its last digit is not its check digit"),
                Class::Placeholder(Placeholder::NoMatch) => {
                    Some("ten zeros say that tracing found nobody")
                }
                Class::Placeholder(Placeholder::SeveralMatches) => {
                    Some("ten nines say that tracing found several people")
                }
                Class::Placeholder(Placeholder::RepeatedDigit) => {
                    Some("ten times the same digit is nobody's number")
                }
            },
            Self::OdsCode => {
                let fits = ods::is_organisation_code_shape(text) || ods::is_site_code_shape(text);
                (!fits).then_some("no organisation or site has a code of this form")
            }
            Self::Digits(digits) => {
                let fits = text.len() == usize::from(digits)
                    && text.bytes().all(|byte| byte.is_ascii_digit());
                (!fits).then_some("it has another length, or other characters")
            }
        }
    }

    /// What it is, for people.
    pub fn called(self) -> String {
        match self {
            Self::NhsNumber => "an NHS number".to_owned(),
            Self::OdsCode => "the code of an organisation or site".to_owned(),
            Self::Digits(digits) => format!("{digits} digits"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn forms_are_told_by_their_names_and_tell_what_is_wrong() {
        let form = |name: &str| Form::named(name).expect(name);
        assert_eq!(form("n12"), Form::Digits(12));
        for unknown in ["n", "n0", "n300", "nine", "", "an10"] {
            assert_eq!(Form::named(unknown), None, "{unknown}");
        }
        for (name, good, bad) in [
            (
                "n12",
                "000000070001",
                &["00000007000", "00000007000A", ""][..],
            ),
            ("ods-code", "RR8", &["A(*)", "GP123456789"]),
            (
                "nhs-number",
                "9990000018",
                &["9990000019", "0000000000", "9999999999", "999 000 0018"],
            ),
        ] {
            assert_eq!(form(name).fault(good), None, "{good}");
            for bad in bad {
                assert!(form(name).fault(bad).is_some(), "{bad}");
            }
        }
    }
}
