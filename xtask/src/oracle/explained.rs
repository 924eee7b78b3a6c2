//! Differences from libxml2 that the recommendations explain, by their ids in `docs/decisions`.

use super::compare::Case;

/// The id of the explanation that fits; nothing when none does.
pub(super) fn explain(case: &Case<'_>) -> Option<&'static str> {
    EXPLANATIONS
        .iter()
        .find(|(_, fits)| fits(case))
        .map(|(id, _)| *id)
}

type Explanation = (&'static str, fn(&Case<'_>) -> bool);

/// Every explanation. Each must fit the whole case: an unexplained error beside an explained one stays a disagreement.
pub(super) const EXPLANATIONS: &[Explanation] = &[
    ("white-space", |case| {
        all_values(case, |value| value.trim() != value)
    }),
    ("digits", |case| {
        all_values(case, |value| {
            value.bytes().filter(u8::is_ascii_digit).count() > 24
        })
    }),
    ("exponent", |case| {
        all_found(case, |text| {
            [" is not an xs:double", " is not an xs:float"]
                .iter()
                .filter_map(|end| text.find(end))
                .any(|end| {
                    text[..end]
                        .trim_end_matches(['+', '-'])
                        .ends_with(['e', 'E'])
                })
        })
    }),
    ("base64", |case| {
        all_found(case, |text| text.contains("is not an xs:base64Binary"))
    }),
    ("empty-list", |case| {
        all_found(case, |text| {
            text.split_once("VALUE-TYPE")
                .and_then(|(_, value)| value.split_once("is not an xs:NMTOKENS"))
                .is_some_and(|(value, _)| matches!(value.trim(), "" | "an empty value"))
        })
    }),
    ("fixed-value", fixed_value),
    ("null-after-root", null_after_root),
    ("version", version),
    ("undeclared-prefix", undeclared_prefix),
    ("empty-cdata-in-nil", |case| {
        only_error(case, "because the element is 'nilled'")
            && memchr::memmem::find(case.bytes, b"<![CDATA[]]>").is_some()
    }),
    ("type-white-space", |case| {
        case.ours.valid
            && case
                .lint
                .errors
                .first()
                .and_then(|(_, message)| quoted(message, "}type': The QName value '"))
                .is_some_and(|name| name.trim() != name)
    }),
];

/// Whether xmllint alone complains, of values only, and `odd` is true of each.
fn all_values(case: &Case<'_>, odd: fn(&str) -> bool) -> bool {
    case.ours.valid
        && !case.lint.errors.is_empty()
        && case
            .lint
            .errors
            .iter()
            .all(|(_, message)| wrong_value(message).is_some_and(odd))
}

/// The value that a message is about.
fn wrong_value(message: &str) -> Option<&str> {
    quoted(message, "': The actual value '").or_else(|| quoted(message, "': '"))
}

/// What stands in quotes behind `before`. A line end in it ends the line of the message; it then counts as a blank.
fn quoted<'m>(message: &'m str, before: &str) -> Option<&'m str> {
    let (_, value) = message.split_once(before)?;
    let end = [
        "' is not a valid value",
        "' does not match the fixed value",
        "' has no",
        "' of ",
    ]
    .iter()
    .filter_map(|end| value.find(end))
    .min();
    Some(end.map_or(" ", |end| &value[..end]))
}

/// Whether we alone complain, and `known` is true of each finding.
fn all_found(case: &Case<'_>, known: fn(&str) -> bool) -> bool {
    case.lint.valid
        && !case.ours.found.is_empty()
        && case.ours.found.iter().all(|found| known(&found.text))
}

fn only_error(case: &Case<'_>, words: &str) -> bool {
    case.ours.valid && matches!(&case.lint.errors[..], [(_, message)] if message.contains(words))
}

/// libxml2 compares some numbers with a fixed one as they are written.
fn fixed_value(case: &Case<'_>) -> bool {
    let number = |text: &str| text.trim().parse::<f64>().ok();
    case.ours.valid
        && !case.lint.errors.is_empty()
        && case.lint.errors.iter().all(|(_, message)| {
            let (Some(value), Some(fixed)) = (
                quoted(message, "': The actual value '"),
                message
                    .split_once("fixed value constraint '")
                    .and_then(|(_, rest)| rest.split('\'').next()),
            ) else {
                return false;
            };
            number(value).is_some() && number(value) == number(fixed)
        })
}

/// libxml2 stops reading at a null character behind the root element.
fn null_after_root(case: &Case<'_>) -> bool {
    let Some(null) = memchr::memchr(0, case.bytes) else {
        return false;
    };
    case.lint.valid
        && case.ours.found.iter().all(|found| found.carrier)
        && case.bytes[..null].trim_ascii_end().ends_with(b">")
}

/// libxml2 warns of a version without a digit behind the point, and goes on.
fn version(case: &Case<'_>) -> bool {
    let declared = [&b"version=\"1.\""[..], b"version='1.'"];
    let finds = |declared: &&[u8]| memchr::memmem::find(case.bytes, declared).is_some();
    declared.iter().any(finds)
        && all_found(case, |text| {
            text.contains("this does not belong into an XML declaration")
        })
}

/// libxml2 tells of a prefix that is not declared, and goes on as if there were none.
fn undeclared_prefix(case: &Case<'_>) -> bool {
    case.lint.valid
        && case
            .lint
            .errors
            .iter()
            .any(|(_, message)| message.contains("namespace error"))
        && case.ours.found.iter().all(|found| found.carrier)
}

#[cfg(test)]
mod tests {
    use super::wrong_value;

    #[test]
    fn values_of_messages() {
        let value = |text: &str| {
            wrong_value(&format!(
                "element D: Schemas validity error : Element '{{urn:x}}D': {text}"
            ))
            .map(str::to_owned)
        };
        assert_eq!(
            value("' 2020-01-01' is not a valid value of the atomic type 'xs:date'.").as_deref(),
            Some(" 2020-01-01")
        );
        assert_eq!(value("'").as_deref(), Some(" "));
        assert_eq!(
            value("The actual value '1.50 ' does not match the fixed value constraint '1.50'.")
                .as_deref(),
            Some("1.50 ")
        );
        assert_eq!(
            value("[facet 'length'] The value has a length of '5'; this differs."),
            None
        );
        assert_eq!(value("This element is not expected."), None);
    }
}
