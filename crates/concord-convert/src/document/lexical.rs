//! Values as a type wants them written.

use std::borrow::Cow;

use concord_model::entities::Kind;
use concord_standards::value::{ValueChecker, ValueFault};

use crate::loss::LossReason;

/// Most digits that are put before or behind a number's own.
const MOST_DIGITS: usize = 20;

/// The text of a field's value as the type takes it, or why the type does not take it.
pub(super) fn written<'t>(
    checker: &ValueChecker,
    kind: Kind,
    text: &'t str,
) -> Result<Cow<'t, str>, LossReason> {
    if !text.chars().all(is_character) {
        return Err(LossReason::NotOfItsForm);
    }
    let Err(fault) = checker.check(text) else {
        return Ok(Cow::Borrowed(text));
    };
    let other = match kind {
        Kind::Integer | Kind::Decimal { .. } => number(checker, text),
        Kind::Boolean => truth(checker, text),
        _ => None,
    };
    other.map(Cow::Owned).ok_or(match fault {
        ValueFault::Enumeration => LossReason::NoEquivalentCode,
        ValueFault::FractionDigits { .. } | ValueFault::TotalDigits { .. } => LossReason::Precision,
        _ => LossReason::NotOfItsForm,
    })
}

/// The number with as many zeros before it and behind it as the type asks for.
fn number(checker: &ValueChecker, text: &str) -> Option<String> {
    let (sign, digits) = match text.strip_prefix('-') {
        Some(digits) => ("-", digits),
        None => ("", text),
    };
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
    for places in fraction.len()..=MOST_DIGITS {
        for width in whole.len()..=MOST_DIGITS {
            let point = if places == 0 { "" } else { "." };
            let form = format!("{sign}{whole:0>width$}{point}{fraction:0<places$}");
            if checker.check(&form).is_ok() {
                return Some(form);
            }
        }
    }
    None
}

fn truth(checker: &ValueChecker, text: &str) -> Option<String> {
    let forms: &[&str] = match text {
        "true" => &["1", "Y", "y"],
        "false" => &["0", "N", "n"],
        _ => &[],
    };
    let form = forms.iter().find(|form| checker.check(form).is_ok());
    form.map(|form| (*form).to_owned())
}

/// Whether a character can stand in an XML document (XML 1.0, section 2.2).
fn is_character(character: char) -> bool {
    matches!(character, '\t' | '\n' | '\r' | ' '..='\u{FFFD}' | '\u{10000}'..)
}

#[cfg(test)]
mod tests {
    use concord_standards::schema::{Builtin, Facets, Schema, SimpleType, SimpleTypeId, Variety};

    use super::*;

    fn checker(builtin: Builtin, facets: Facets) -> ValueChecker {
        let schema = Schema {
            simple_types: vec![SimpleType {
                name: None,
                variety: Variety::Atomic(builtin),
                steps: vec![facets],
                base: None,
                code_list: None,
                format: None,
                origin: concord_standards::schema::Origin::default(),
            }],
            ..Schema::default()
        };
        ValueChecker::compile(&schema, SimpleTypeId(0)).expect("a type")
    }

    const DECIMAL: Kind = Kind::Decimal {
        precision: 9,
        scale: 3,
    };

    #[test]
    fn numbers_get_the_digits_that_the_type_wants() {
        let facets = Facets {
            patterns: vec![r"\d{3}\.\d{3}".to_owned()],
            ..Facets::default()
        };
        let weight = checker(Builtin::Decimal, facets);
        assert_eq!(written(&weight, DECIMAL, "3.5").as_deref(), Ok("003.500"));
        assert_eq!(written(&weight, DECIMAL, "3").as_deref(), Ok("003.000"));
        assert_eq!(
            written(&weight, DECIMAL, "1234"),
            Err(LossReason::NotOfItsForm)
        );
        let facets = Facets {
            length: Some(3),
            ..Facets::default()
        };
        let age = checker(Builtin::String, facets);
        assert_eq!(written(&age, Kind::Integer, "7").as_deref(), Ok("007"));
        assert_eq!(
            written(&age, Kind::Text, "7"),
            Err(LossReason::NotOfItsForm)
        );
    }

    #[test]
    fn why_a_value_does_not_fit_is_told() {
        let facets = Facets {
            fraction_digits: Some(1),
            ..Facets::default()
        };
        let tenths = checker(Builtin::Decimal, facets);
        assert_eq!(
            written(&tenths, DECIMAL, "0.25"),
            Err(LossReason::Precision)
        );
        let facets = Facets {
            enumeration: vec!["1".to_owned(), "2".to_owned()],
            ..Facets::default()
        };
        let code = checker(Builtin::String, facets);
        let kind = Kind::Code { list: "" };
        assert_eq!(written(&code, kind, "3"), Err(LossReason::NoEquivalentCode));
        assert_eq!(written(&code, kind, "2").as_deref(), Ok("2"));
        let text = checker(Builtin::String, Facets::default());
        assert_eq!(
            written(&text, Kind::Text, "a\u{1}"),
            Err(LossReason::NotOfItsForm)
        );
    }
}
