//! Where libxml2 2.9.14 departs from the Recommendation. The same list, with the paragraphs, stands in
//! `docs/decisions/0002-where-libxml2-and-the-recommendation-differ.md`; a difference that is not here fails the test.

use concord_standards::schema::{Builtin, Facets, Variety, WhiteSpace};

use crate::harness::Case;

const WHITE_SPACE: [char; 4] = [' ', '\t', '\n', '\r'];

/// Patterns that appendix F refuses and libxml2 takes.
const MALFORMED_PATTERNS: [&str; 10] = [
    "[--a]",
    "[-[a]]",
    r"[\d-z]",
    "[]",
    "[a-b-c]",
    r"\p{IsKlingon}",
    "a{1}{2}",
    "a{2,1}",
    "a}",
    "{",
];

/// Whether the type has bound facets.
pub(crate) fn is_ordered(builtin: Builtin) -> bool {
    (Builtin::Decimal..=Builtin::GMonth).contains(&builtin)
}

fn is_moment(builtin: Builtin) -> bool {
    (Builtin::DateTime..=Builtin::GMonth).contains(&builtin)
}

/// Types whose values libxml2 limits to 24 digits.
fn is_decimal(builtin: Builtin) -> bool {
    (Builtin::Decimal..=Builtin::PositiveInteger).contains(&builtin)
}

/// The difference that explains why libxml2's verdict on `text` is `theirs`, when ours is the opposite.
pub(crate) fn of_values(case: &Case, text: &str, theirs: bool) -> Option<&'static str> {
    use Builtin as B;
    let Variety::Atomic(builtin) = case.variety else {
        return None;
    };
    let trimmed = text.trim_matches(WHITE_SPACE);
    let spaced = trimmed.len() != text.len();
    let digits = text.bytes().filter(u8::is_ascii_digit).count();
    match builtin {
        _ if !theirs
            && spaced
            && ((B::Long..=B::UnsignedByte).contains(&builtin)
                || builtin == B::Duration
                || is_moment(builtin)) =>
        {
            Some("white-space")
        }
        B::Time | B::DateTime
            if literals(case)
                .chain([text])
                .any(|text| text.contains("24:00:00")) =>
        {
            Some("midnight")
        }
        _ if is_moment(builtin)
            && literals(case).any(|literal| is_zoned(literal) != is_zoned(trimmed)) =>
        {
            Some("indeterminate")
        }
        B::Time | B::GYearMonth | B::GYear | B::GMonthDay | B::GDay | B::GMonth
            if is_zoned(trimmed) && literals(case).any(is_zoned) =>
        {
            Some("zones")
        }
        _ if is_decimal(builtin) && !theirs && digits > 24 => Some("digits"),
        B::Decimal if theirs && spaced && digits == 0 => Some("sign"),
        B::Float | B::Double if theirs && trimmed == "NaN" => Some("not-a-number"),
        B::Float | B::Double if !theirs && spaced && trimmed.ends_with("INF") => {
            Some("white-space")
        }
        B::NmTokens if theirs && trimmed.is_empty() => Some("empty-list"),
        B::Base64Binary if theirs && !text.bytes().all(is_base64) => Some("base64"),
        B::Float | B::Double if theirs && trimmed.ends_with(['e', 'E', '+', '-']) => {
            Some("exponent")
        }
        B::Duration if theirs && has_bare_point(trimmed) => Some("duration-fraction"),
        B::AnyUri => of_references(trimmed, theirs),
        B::String if !theirs && patterns(case).any(|pattern| pattern.matches("-[").count() > 1) => {
            Some("nested-subtraction")
        }
        B::String
            if !theirs
                && text.contains('中')
                && patterns(case).any(|pattern| pattern.contains(r"\p{L}")) =>
        {
            Some("letters")
        }
        _ => None,
    }
}

fn patterns(case: &Case) -> impl Iterator<Item = &str> {
    case.steps
        .iter()
        .flat_map(|step| &step.patterns)
        .map(String::as_str)
}

/// Bounds and enumerated values.
fn literals(case: &Case) -> impl Iterator<Item = &str> {
    case.steps.iter().flat_map(|step| {
        [
            &step.min_inclusive,
            &step.min_exclusive,
            &step.max_inclusive,
            &step.max_exclusive,
        ]
        .into_iter()
        .flatten()
        .chain(&step.enumeration)
        .map(String::as_str)
    })
}

fn is_zoned(text: &str) -> bool {
    let from_end = text.len().saturating_sub(6);
    text.ends_with('Z')
        || (text.is_char_boundary(from_end)
            && text[from_end..].starts_with(['+', '-'])
            && text[from_end..].contains(':'))
}

fn is_base64(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"+/= \t\n\r".contains(&byte)
}

/// A point without a digit on each side.
fn has_bare_point(text: &str) -> bool {
    let digit = |byte: Option<&u8>| byte.is_some_and(u8::is_ascii_digit);
    let bytes = text.as_bytes();
    (0..bytes.len()).any(|index| {
        bytes[index] == b'.' && !(digit(bytes[..index].last()) && digit(bytes.get(index + 1)))
    })
}

fn of_references(text: &str, theirs: bool) -> Option<&'static str> {
    let without_fragment = text.split('#').next().unwrap_or_default();
    if text.contains(['[', ']']) {
        Some("uri-brackets")
    } else if theirs && without_fragment.ends_with(':') {
        Some("uri-empty")
    } else if !theirs && text.contains("//") && text.matches(':').count() > 0 {
        Some("uri-port")
    } else {
        None
    }
}

/// The difference that explains why libxml2 takes (`theirs`) or refuses a type, when we do the opposite.
pub(crate) fn of_types(case: &Case, theirs: bool) -> Option<&'static str> {
    let Variety::Atomic(builtin) = case.variety else {
        return None;
    };
    if theirs {
        let length = |facets: &Facets| facets.min_length > facets.max_length.or(Some(u64::MAX));
        let loosened = |facets: &Facets| {
            matches!(
                facets.white_space,
                Some(WhiteSpace::Preserve | WhiteSpace::Replace)
            )
        };
        let fraction =
            |facets: &Facets| facets.fraction_digits > Some(0) && builtin != Builtin::Decimal;
        let bounds = |literal: &str| is_moment(builtin) && is_zoned(literal);
        if patterns(case).any(|pattern| MALFORMED_PATTERNS.contains(&pattern)) {
            Some("malformed-pattern")
        } else if case.steps.iter().any(length) {
            Some("least-above-greatest")
        } else if case.steps.iter().any(loosened) {
            Some("fixed-white-space")
        } else if case.steps.iter().any(fraction) {
            Some("fixed-fraction-digits")
        } else if literals(case).any(bounds) {
            Some("zones")
        } else {
            None
        }
    } else {
        let plain = Case {
            steps: vec![],
            ..case.clone()
        };
        let zoned = literals(case).filter(|literal| is_zoned(literal)).count();
        if literals(case).any(|literal| literal == "NaN") {
            Some("not-a-number")
        } else if is_moment(builtin)
            && (zoned > 0 || literals(case).any(|text| text.contains("24:00:00")))
        {
            Some("indeterminate")
        } else {
            literals(case).find_map(|literal| of_values(&plain, literal, false))
        }
    }
}
