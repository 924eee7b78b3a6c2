//! What a wrong value should have been: its format in dictionary notation, its code list, the nearest code.

use std::borrow::Cow;
use std::fmt::Write as _;

use concord_finding::Fact;
use concord_standards::schema::{Builtin, Facets, Schema, SimpleType, SimpleTypeId, Variety};
use concord_standards::value::ValueFault;

use crate::catalogue::BuiltinRule;

/// The parts of a finding about a value.
pub(crate) struct Explained {
    /// The rule that is broken.
    pub(crate) rule: BuiltinRule,
    /// What should have stood there.
    pub(crate) expected: String,
    /// Further facts.
    pub(crate) facts: Vec<(Cow<'static, str>, Fact)>,
}

/// Explains a fault of the value of an element that the dictionary calls `name`.
pub(crate) fn value(
    schema: &Schema,
    id: SimpleTypeId,
    name: Option<&str>,
    text: &str,
    fault: &ValueFault,
) -> Explained {
    let simple = schema.simple_type(id);
    let explained = |rule, expected| Explained {
        rule,
        expected,
        facts: off(fault)
            .map(|off| ("off".into(), Fact::Plain(off)))
            .into_iter()
            .collect(),
    };
    let (least, most) = ("at least", "at most");
    match fault {
        ValueFault::Enumeration => code(simple, name, text),
        ValueFault::Pattern { .. } | ValueFault::NoUnionMember => {
            explained(BuiltinRule::ValueFormat, format(schema, simple))
        }
        ValueFault::Length { actual, .. }
        | ValueFault::TooShort { actual, .. }
        | ValueFault::TooLong { actual, .. } => {
            let mut explained = explained(BuiltinRule::ValueLength, format(schema, simple));
            let length = ("length".into(), Fact::Number(*actual));
            explained.facts.push(length);
            explained
        }
        ValueFault::BelowMinimum { minimum, exclusive } => explained(
            BuiltinRule::ValueRange,
            format!("{} {minimum}", if *exclusive { "more than" } else { least }),
        ),
        ValueFault::AboveMaximum { maximum, exclusive } => explained(
            BuiltinRule::ValueRange,
            format!("{} {maximum}", if *exclusive { "less than" } else { most }),
        ),
        ValueFault::TotalDigits { maximum, .. } => {
            explained(BuiltinRule::ValueDigits, format!("{most} {maximum} digits"))
        }
        ValueFault::FractionDigits { maximum, .. } => explained(
            BuiltinRule::ValueDigits,
            format!("{most} {maximum} digits after the point"),
        ),
        ValueFault::ListItem { fault, .. } => match simple.variety {
            Variety::List(item) => value(schema, item, name, text, fault),
            Variety::Atomic(_) | Variety::Union(_) => {
                explained(BuiltinRule::ValueFormat, format(schema, simple))
            }
        },
        // `ValueFault` may grow; a fault that is not known here is one of kind.
        _ => explained(BuiltinRule::ValueType, kind(schema, simple)),
    }
}

/// How far off a value is, in a few words; `None` where there is no measure of it.
fn off(fault: &ValueFault) -> Option<String> {
    let long = |actual: u64, most: u64| format!("too long by {}", actual.saturating_sub(most));
    let short = |actual: u64, least: u64| format!("too short by {}", least.saturating_sub(actual));
    Some(match fault {
        ValueFault::Length { expected, actual } if actual > expected => long(*actual, *expected),
        ValueFault::Length { expected, actual } => short(*actual, *expected),
        ValueFault::TooShort { minimum, actual } => short(*actual, *minimum),
        ValueFault::TooLong { maximum, actual } => long(*actual, *maximum),
        ValueFault::BelowMinimum { minimum, exclusive } => {
            let relation = if *exclusive { "not above" } else { "below" };
            format!("{relation} {minimum}")
        }
        ValueFault::AboveMaximum { maximum, exclusive } => {
            let relation = if *exclusive { "not below" } else { "above" };
            format!("{relation} {maximum}")
        }
        ValueFault::TotalDigits { maximum, actual }
        | ValueFault::FractionDigits { maximum, actual } => {
            match actual.saturating_sub(u64::from(*maximum)) {
                1 => "one digit too many".to_owned(),
                more => format!("{more} digits too many"),
            }
        }
        _ => return None,
    })
}

fn code(simple: &SimpleType, name: Option<&str>, text: &str) -> Explained {
    let codes = simple
        .steps
        .iter()
        .rev()
        .find(|step| !step.enumeration.is_empty())
        .map_or(&[][..], |step| &step.enumeration[..]);
    let list = match (&simple.code_list, &simple.name) {
        (Some(list), _) => list.to_string(),
        (None, Some(name)) => name.to_string(),
        (None, None) => "the permitted codes".to_owned(),
    };
    let of = name.unwrap_or(&list).to_owned();
    let nearest = nearest_code(codes, text);
    let permitted = if codes.len() <= 12 {
        codes.join(", ")
    } else {
        format!("{}, … ({} codes)", codes[..8].join(", "), codes.len())
    };
    let mut hint = match nearest {
        Some(code) => format!("did you mean {code}? permitted: {permitted}"),
        None => format!("permitted: {permitted}"),
    };
    if let Some(list) = &simple.code_list {
        let _ = write!(
            hint,
            "; `concord standards codes {list}` says what they mean"
        ); // writing to a `String` does not fail
    }
    let mut facts = vec![
        (Cow::Borrowed("of"), Fact::Plain(of)),
        (Cow::Borrowed("list"), Fact::Plain(list)),
        (Cow::Borrowed("hint"), Fact::Plain(hint)),
    ];
    if let Some(code) = nearest {
        facts.push((Cow::Borrowed("nearest"), Fact::Plain(code.to_owned())));
    }
    Explained {
        rule: BuiltinRule::ValueCode,
        expected: permitted,
        facts,
    }
}

/// The one code that differs in case, in blanks, in leading zeros or in a single character; `None` when several do.
fn nearest_code<'c>(codes: &'c [String], text: &str) -> Option<&'c str> {
    fn only<'c>(mut found: impl Iterator<Item = &'c String>) -> Option<&'c str> {
        let first = found.next()?;
        found.next().is_none().then_some(first.as_str())
    }
    if text.trim().is_empty() || text.len() > 40 {
        return None;
    }
    let bare = bare(text);
    let same = |code: &&String| self::bare(code).eq_ignore_ascii_case(bare);
    let near = |code: &&String| code.len() > 1 && one_apart(code, text);
    only(codes.iter().filter(same)).or_else(|| only(codes.iter().filter(near)))
}

/// A code without blanks around it and without leading zeros.
fn bare(code: &str) -> &str {
    let plain = |byte: Option<&u8>| byte.is_some_and(|byte| (b'1'..=b'~').contains(byte));
    let bytes = code.as_bytes();
    if plain(bytes.first()) && plain(bytes.last()) {
        // Most are.
        return code;
    }
    code.trim().trim_start_matches('0')
}

/// Whether one character was put in, left out or replaced, or two neighbours changed places (a distance of 1 as Damerau and
/// Levenshtein count).
fn one_apart(one: &str, other: &str) -> bool {
    let apart = one.len().abs_diff(other.len());
    if apart > char::MAX.len_utf8() || apart > 1 && one.is_ascii() && other.is_ascii() {
        return false;
    }
    let (mut one, mut other) = (one.chars(), other.chars());
    while let (Some(a), Some(b)) = (one.clone().next(), other.clone().next())
        && a == b
    {
        one.next();
        other.next();
    }
    while let (Some(a), Some(b)) = (one.clone().next_back(), other.clone().next_back())
        && a == b
    {
        one.next_back();
        other.next_back();
    }
    // What they do not have in common, as far as it matters how much that is.
    let mut rest = [one, other].map(|mut rest| [rest.next(), rest.next(), rest.next()]);
    rest.sort_unstable();
    match rest {
        [[None, ..] | [Some(_), None, _], [Some(_), None, _]] => true,
        [[Some(a), Some(b), None], [Some(c), Some(d), None]] => a == d && b == c,
        _ => false,
    }
}

fn kind(schema: &Schema, simple: &SimpleType) -> String {
    let builtin = match &simple.variety {
        Variety::Atomic(builtin) => *builtin,
        Variety::List(_) | Variety::Union(_) => return format(schema, simple),
    };
    match builtin {
        Builtin::Date => "a date (CCYY-MM-DD)".to_owned(),
        Builtin::Time => "a time (HH:MM:SS)".to_owned(),
        Builtin::DateTime => "a date and time (CCYY-MM-DDTHH:MM:SS)".to_owned(),
        Builtin::Decimal => "a number".to_owned(),
        Builtin::PositiveInteger => "a whole number above 0".to_owned(),
        Builtin::NonNegativeInteger => "a whole number, 0 or above".to_owned(),
        Builtin::Boolean => "true or false".to_owned(),
        Builtin::Integer => "a whole number".to_owned(),
        other => format!("an xs:{}", other.name()),
    }
}

/// A type's format in dictionary notation: as the definition states it, else worked out from the facets.
pub(crate) fn format(schema: &Schema, simple: &SimpleType) -> String {
    if let Some(format) = &simple.format {
        return format.to_string();
    }
    let builtin = match &simple.variety {
        Variety::Atomic(builtin) => *builtin,
        Variety::List(item) => {
            return format!("a list of {}", format(schema, schema.simple_type(*item)));
        }
        Variety::Union(members) => {
            let members: Vec<String> = members
                .iter()
                .map(|member| format(schema, schema.simple_type(*member)))
                .collect();
            return members.join(" or ");
        }
    };
    let patterns: Vec<&str> = simple
        .steps
        .iter()
        .flat_map(|step| step.patterns.iter().map(String::as_str))
        .collect();
    let (least, most) = lengths(&simple.steps);
    let lengths = match (least, most) {
        (Some(least), Some(most)) if least == most => format!("an{least}"),
        (Some(least), Some(most)) if least > 1 => format!("min an{least} max an{most}"),
        (_, Some(most)) => format!("max an{most}"),
        (Some(least), None) => format!("min an{least}"),
        (None, None) => String::new(),
    };
    let base = if lengths.is_empty() && patterns.is_empty() {
        kind(schema, simple)
    } else if builtin == Builtin::Date {
        "an10 CCYY-MM-DD".to_owned()
    } else {
        lengths
    };
    match (base.is_empty(), patterns.is_empty()) {
        (_, true) => base,
        (true, false) => patterns.join(" or "),
        (false, false) => format!("{base}, as {}", patterns.join(" or ")),
    }
}

fn lengths(steps: &[Facets]) -> (Option<u64>, Option<u64>) {
    let least = steps
        .iter()
        .filter_map(|step| step.length.or(step.min_length))
        .max();
    let most = steps
        .iter()
        .filter_map(|step| step.length.or(step.max_length))
        .min();
    (least, most)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn values_are_measured() {
        let length = |expected, actual| off(&ValueFault::Length { expected, actual });
        assert_eq!(length(10, 12).as_deref(), Some("too long by 2"));
        assert_eq!(length(10, 9).as_deref(), Some("too short by 1"));
        let digits = ValueFault::TotalDigits {
            maximum: 3,
            actual: 4,
        };
        assert_eq!(off(&digits).as_deref(), Some("one digit too many"));
        assert_eq!(off(&ValueFault::Enumeration), None);
    }

    #[test]
    fn nearest_codes() {
        let codes: Vec<String> = ["01", "02", "21", "X"].map(str::to_owned).into();
        assert_eq!(nearest_code(&codes, "1"), Some("01"));
        assert_eq!(nearest_code(&codes, " x"), Some("X"));
        assert_eq!(nearest_code(&codes, "03"), None); // both 01 and 02 are as near
        assert_eq!(nearest_code(&codes, ""), None);
    }

    proptest! {
        #[test]
        fn one_apart_is_a_distance_of_one(one in "[abé]{0,5}", other in "[abé]{0,5}") {
            let distance = strsim::damerau_levenshtein(&one, &other);
            prop_assert_eq!(one_apart(&one, &other), distance == 1);
        }
    }
}
