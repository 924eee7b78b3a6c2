//! Patterns of JSON Schema as patterns of XML Schema.
//!
//! JSON Schema's patterns are regular expressions of ECMA-262 that may match anywhere in a text; XML Schema's match all of
//! it, have no anchors and other names for classes. What has no counterpart (looking ahead or behind, back-references, word
//! boundaries, anchors in the middle) is not translated.

mod class;
mod read;

use read::Reader;

use crate::value::Pattern;

/// Any text.
const ANYTHING: &str = r"[\s\S]*";
/// The XML Schema pattern that takes the texts in which `pattern` matches somewhere; `None` when there is none.
pub(super) fn translate(pattern: &str) -> Option<String> {
    let characters: Vec<char> = pattern.chars().collect();
    let parsed = Reader::new(&characters).whole()?;
    let translated = emit(&parsed, Edge::Open, Edge::Open)?;
    Pattern::compile(&[&translated]).ok()?;
    Some(translated)
}

enum Part {
    /// A class, as XML Schema writes it.
    Class(String),
    Concatenation(Vec<Part>),
    Alternation(Vec<Part>),
    /// A part and its quantifier.
    Repetition(Box<Part>, String),
    Start,
    End,
}

/// What may stand beside a part.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Edge {
    /// Other parts.
    Inside,
    /// Any text, as it is the edge of the pattern.
    Open,
    /// Nothing, as an anchor says.
    Closed,
}

fn emit(part: &Part, left: Edge, right: Edge) -> Option<String> {
    let any = |edge: Edge| if edge == Edge::Open { ANYTHING } else { "" };
    Some(match part {
        Part::Class(class) => format!("{}{class}{}", any(left), any(right)),
        Part::Start | Part::End => emit_all(std::slice::from_ref(part), left, right)?,
        Part::Concatenation(parts) => emit_all(parts, left, right)?,
        Part::Alternation(parts) => {
            let parts = parts.iter().map(|part| emit(part, left, right));
            let parts: Vec<String> = parts.collect::<Option<_>>()?;
            format!("({})", parts.join("|"))
        }
        Part::Repetition(part, quantifier) => {
            let repeated = emit(part, Edge::Inside, Edge::Inside)?;
            let (before, after) = (any(left), any(right));
            match &**part {
                Part::Class(_) | Part::Alternation(_) => {
                    format!("{before}{repeated}{quantifier}{after}")
                }
                _ => format!("{before}({repeated}){quantifier}{after}"),
            }
        }
    })
}

fn emit_all(mut parts: &[Part], mut left: Edge, mut right: Edge) -> Option<String> {
    while let ([Part::Start, rest @ ..], true) = (parts, left != Edge::Inside) {
        (parts, left) = (rest, Edge::Closed);
    }
    while let ([rest @ .., Part::End], true) = (parts, right != Edge::Inside) {
        (parts, right) = (rest, Edge::Closed);
    }
    if parts
        .iter()
        .any(|part| matches!(part, Part::Start | Part::End))
    {
        return None;
    }
    if parts.is_empty() {
        let open = left == Edge::Open || right == Edge::Open;
        return Some(if open { ANYTHING } else { "" }.to_owned());
    }
    let last = parts.len() - 1;
    let parts = parts.iter().enumerate().map(|(index, part)| {
        let left = if index == 0 { left } else { Edge::Inside };
        let right = if index == last { right } else { Edge::Inside };
        emit(part, left, right)
    });
    parts.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Texts that a pattern takes and texts that it does not.
    fn check(pattern: &str, takes: &[&str], refuses: &[&str]) {
        let translated = translate(pattern).unwrap_or_else(|| panic!("{pattern} is translated"));
        let compiled = Pattern::compile(&[&translated]).expect("an XML Schema pattern");
        for text in takes {
            assert!(
                compiled.matches(text),
                "{pattern} as {translated}: {text:?}"
            );
        }
        for text in refuses {
            assert!(
                !compiled.matches(text),
                "{pattern} as {translated}: {text:?}"
            );
        }
    }

    #[test]
    fn patterns_match_anywhere_unless_anchored() {
        check("b", &["b", "abc", "\nb\n"], &["", "ac"]);
        check("^b", &["b", "bc"], &["ab"]);
        check("b$", &["b", "ab"], &["ba"]);
        check("^b$", &["b"], &["ab", "ba", "bb"]);
        check(
            "^true|false$",
            &["truely", "true", "unfalse"],
            &["untrue", "falsely"],
        );
        check("(^a$|^b$)", &["a", "b"], &["ab", "ca"]);
        check("^(a|b)$", &["a", "b"], &["ab"]);
        check("^(a)c|d$", &["ac", "acx", "d", "xd"], &["xac", "dx"]);
        check("", &["", "anything"], &[]);
        check("^$", &[""], &["a"]);
        check("^a(b|c$)", &["ab", "abx", "ac"], &["acx", "xab"]);
    }

    #[test]
    fn classes_and_quantifiers_are_those_of_ecmascript() {
        check(r"^\d{3}$", &["123"], &["12", "1234", "١٢٣"]);
        check(r"^[\w.-]+$", &["a-b.c_9"], &["a b", "é"]);
        check(r"^\S*$", &["", "abc"], &["a b", "a\u{a0}b"]);
        check(r"^[^\s]+(\s[^\s]+)*$", &["a", "a b"], &[" a", "a  b"]);
        check(r"^[ \r\n\t\S]+$", &["a b\n"], &[""]);
        check(r"^a.c$", &["abc"], &["a\nc"]);
        check(r"^a\/b\$\^$", &["a/b$^"], &["ab"]);
        check(r"^(?:ab){2,}?$", &["abab", "ababab"], &["ab"]);
        check(r"^(?<year>[0-9]{4})$", &["2026"], &["202"]);
        check(r"^\u0041\x42$", &["AB"], &["ab"]);
        check(r"^\p{Lu}[\p{Ll}']+$", &["Éa'"], &["aa"]);
        check(r"^[[]$", &["["], &["a"]);
        check(r"^[a-]$", &["a", "-"], &["b"]);
        check(r"^a{,3}$", &["a{,3}"], &["aaa"]);
        check(r"^[^]$", &["a"], &[""]);
        check(r"^\W\D$", &["-a"], &["a1"]);
    }

    #[test]
    fn what_has_no_counterpart_is_not_translated() {
        for pattern in [
            "^(?=a)b",
            "(?!a)",
            "(?<=a)b",
            r"(a)\1",
            r"\bword\b",
            "a^b",
            "(^a)+",
            r"\p{Script=Greek}",
            "(",
            "a)",
            "[a",
            "*",
            "[b-a]",
            r"\cJ",
            "a{100001}",
        ] {
            assert_eq!(translate(pattern), None, "{pattern}");
        }
        assert_eq!(translate(&"(".repeat(1000)), None);
    }
}
