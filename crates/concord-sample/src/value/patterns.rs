//! Texts that match an XML Schema regular expression, made by walking the parsed expression.

use regex_syntax::hir::{Class, Hir, HirKind};

use crate::Dice;

/// A parsed pattern.
#[derive(Debug)]
pub(super) struct PatternMaker(Hir);

impl PatternMaker {
    /// Parses an XML Schema regular expression.
    pub(super) fn new(pattern: &str) -> Result<Self, String> {
        regex_syntax::parse(&to_rust(pattern))
            .map(Self)
            .map_err(|error| error.to_string())
    }

    /// A text that matches. Repetitions without a bound are given about `length` characters.
    pub(super) fn make(&self, length: u64, dice: &mut Dice) -> String {
        let mut text = String::new();
        walk(&self.0, length, dice, &mut text, 0);
        text
    }
}

/// Deepest nesting that is walked; what lies deeper is left empty, and the check of facets decides.
const DEPTH: u32 = 200;

fn walk(hir: &Hir, length: u64, dice: &mut Dice, out: &mut String, depth: u32) {
    if depth > DEPTH {
        return;
    }
    match hir.kind() {
        HirKind::Empty | HirKind::Look(_) => {}
        HirKind::Literal(literal) => out.push_str(&String::from_utf8_lossy(&literal.0)),
        HirKind::Class(class) => out.push(from_class(class, dice)),
        HirKind::Repetition(repetition) => {
            let least = u64::from(repetition.min);
            let most = repetition
                .max
                .map_or(least.max(length), u64::from)
                .max(least);
            let count = if repetition.max.is_none() {
                // What is left of the wanted length, or anything up to it.
                let left = length.saturating_sub(out.chars().count() as u64).max(least);
                if dice.percent(70) {
                    left
                } else {
                    least + dice.below(most - least + 1)
                }
            } else {
                least + dice.below(most - least + 1)
            };
            for _ in 0..count.min(4096) {
                walk(&repetition.sub, length, dice, out, depth + 1);
            }
        }
        HirKind::Capture(capture) => walk(&capture.sub, length, dice, out, depth + 1),
        HirKind::Concat(parts) => {
            for part in parts {
                walk(part, length, dice, out, depth + 1);
            }
        }
        HirKind::Alternation(branches) => {
            if let Some(branch) = dice.pick(branches) {
                walk(branch, length, dice, out, depth + 1);
            }
        }
    }
}

fn from_class(class: &Class, dice: &mut Dice) -> char {
    let ranges: Vec<(char, char)> = match class {
        Class::Unicode(class) => class
            .ranges()
            .iter()
            .map(|range| (range.start(), range.end()))
            .collect(),
        Class::Bytes(class) => class
            .ranges()
            .iter()
            .map(|range| (char::from(range.start()), char::from(range.end())))
            .collect(),
    };
    let plain: Vec<(char, char)> = ranges
        .iter()
        .map(|&(low, high)| (low.max(' '), high.min('~')))
        .filter(|(low, high)| low <= high)
        .collect();
    let from = if plain.is_empty() || dice.once_in(20) {
        &ranges
    } else {
        &plain
    };
    for _ in 0..100 {
        let Some(&(low, high)) = dice.pick(from) else {
            break;
        };
        let code = dice.between(i64::from(u32::from(low)), i64::from(u32::from(high)));
        let found = u32::try_from(code).ok().and_then(char::from_u32);
        if let Some(c) = found.filter(|c| super::texts::is_xml(*c)) {
            return c;
        }
    }
    plain.first().map_or('x', |range| range.0)
}

/// The same expression in the syntax of the `regex` crate, for making values only: whether a value matches is decided
/// elsewhere. <https://www.w3.org/TR/xmlschema-2/#regexs>
pub(super) fn to_rust(pattern: &str) -> String {
    // A class may stand inside another one, so that the same text serves in both places.
    const NAME_START: &str = "[A-Za-z_:\\u{C0}-\\u{D6}\\u{D8}-\\u{F6}]";
    const NO_NAME_START: &str = "[^A-Za-z_:\\u{C0}-\\u{D6}\\u{D8}-\\u{F6}]";
    const NAME: &str = "[A-Za-z0-9_:.\\u{B7}\\u{C0}-\\u{D6}\\u{D8}-\\u{F6}\\-]";
    const NO_NAME: &str = "[^A-Za-z0-9_:.\\u{B7}\\u{C0}-\\u{D6}\\u{D8}-\\u{F6}\\-]";
    let mut out = String::new();
    let mut classes = 0_u32;
    let mut at_class_start = false;
    let mut chars = pattern.chars().peekable();
    while let Some(c) = chars.next() {
        let started = std::mem::take(&mut at_class_start);
        match c {
            '\\' => match chars.next() {
                Some('i') => out.push_str(NAME_START),
                Some('I') => out.push_str(NO_NAME_START),
                Some('c') => out.push_str(NAME),
                Some('C') => out.push_str(NO_NAME),
                Some(other) => {
                    out.push('\\');
                    out.push(other);
                }
                None => out.push_str("\\\\"),
            },
            '[' if classes == 0 || started => {
                classes += 1;
                at_class_start = true;
                out.push('[');
            }
            '-' if classes > 0 && chars.peek() == Some(&'[') => {
                chars.next();
                classes += 1;
                at_class_start = true;
                out.push_str("--[");
            }
            '^' if classes > 0 && started => {
                at_class_start = true;
                out.push('^');
            }
            ']' if classes > 0 => {
                classes -= 1;
                out.push(']');
            }
            '^' | '$' if classes == 0 => {
                out.push('\\');
                out.push(c);
            }
            '[' | '&' | '~' | '#' if classes > 0 => {
                out.push('\\');
                out.push(c);
            }
            c => out.push(c),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn made_texts_match() {
        let mut dice = Dice::new(3);
        for (pattern, length) in [
            ("[0-9]{10}", 10),
            ("([0-9]|[0-1][0-9]|[2][0-3]):([0-5][0-9]):([0-5][0-9])", 8),
            (r"\d{3}\.\d{3}", 7),
            ("[ABCDEFGHJKLMNPRSZ].", 2),
            ("[a-z-[aeiou]]{4}", 4),
            (r"\i\c*", 6),
            ("a|b{2,3}|(cd)+", 4),
            ("$[^a]^", 3),
        ] {
            let maker = PatternMaker::new(pattern).expect("a good pattern");
            let whole =
                regex::Regex::new(&format!("^(?:{})$", to_rust(pattern))).expect("the same");
            for _ in 0..50 {
                let text = maker.make(length, &mut dice);
                assert!(whole.is_match(&text), "{text:?} for {pattern}");
            }
        }
    }

    #[test]
    fn unbounded_repetitions_reach_the_wanted_length() {
        let mut dice = Dice::new(4);
        let maker = PatternMaker::new("[0-9]*").expect("a good pattern");
        assert!((0..20).any(|_| maker.make(18, &mut dice).len() == 18));
    }
}
