//! Regular expressions that are written out in a rule, compiled once.
//!
//! `regexp_like(NAME, '^[A-Z]{2}[0-9]{3}$')` is for `DataFusion` a comparison that compiles the expression anew for every batch
//! of rows. Where an expression is about the whole text and written with what all regular expressions have in common, it
//! becomes a function that knows its [`Pattern`], which takes one look-up a byte.

use arrow_array::{ArrayRef, StringArray};
use concord_standards::value::Pattern;
use datafusion_common::ScalarValue;
use datafusion_expr::{BinaryExpr, Expr, Operator};

use super::on_text::tested;
use super::written::{Written, asked};

/// A comparison with a regular expression as a function; `None` for other expressions.
pub(crate) fn compiled(expression: &Expr) -> Option<Expr> {
    let Expr::BinaryExpr(BinaryExpr {
        left,
        op: operator @ (Operator::RegexMatch | Operator::RegexNotMatch),
        right,
    }) = expression
    else {
        return None;
    };
    let Expr::Literal(ScalarValue::Utf8(Some(written)), _) = &**right else {
        return None;
    };
    let negated = *operator == Operator::RegexNotMatch;
    Some(asked(Matches::new(written)?, left, negated))
}

/// Whether a text matches a pattern.
#[derive(Debug)]
struct Matches {
    written: String,
    pattern: Pattern,
}

impl Matches {
    fn new(written: &str) -> Option<Self> {
        Some(Self {
            written: written.to_owned(),
            pattern: Pattern::compile(&[&of_whole_text(written)?]).ok()?,
        })
    }
}

impl Written for Matches {
    const NAME: &'static str = "matches";

    fn written(&self) -> &[u8] {
        self.written.as_bytes()
    }

    fn of(&self, texts: &StringArray) -> ArrayRef {
        tested(texts, |text| self.pattern.matches(text))
    }
}

/// A regular expression between `^` and `$` as one of XML Schema, which is always about the whole text.
///
/// `None` unless it has only letters, digits, blanks, classes of them, groups and repetitions, which mean the same in both.
fn of_whole_text(written: &str) -> Option<String> {
    // `^(?:^…$)`, which is how an expression that is to match from the beginning on is made of one that is about the whole.
    let inner = written
        .strip_prefix("^(?:")
        .and_then(|rest| rest.strip_suffix(')'));
    let whole = inner.unwrap_or(written);
    let body = whole.strip_prefix('^')?.strip_suffix('$')?;
    let body = body.replace("(?:", "(");
    let (mut depth, mut class, mut repeats) = (0_usize, false, true);
    let mut before = ' ';
    let mut characters = body.chars();
    while let Some(character) = characters.next() {
        let word = |character: char| character.is_ascii_alphanumeric();
        match (class, character) {
            (true, ']') => class = before == '[',
            (true, '-') => {
                // A range, and nothing that only looks like one.
                let to = characters.next().unwrap_or(' ');
                if !(word(before) && word(to)) || before > to {
                    return None;
                }
            }
            (_, character) if word(character) || character == ' ' => repeats = false,
            (false, '[') => (class, repeats) = (true, false),
            (false, '(') => (depth, repeats) = (depth + 1, true),
            (false, ')') => (depth, repeats) = (depth.checked_sub(1)?, false),
            // Outside of a group, the ends would belong to its first and last branch only.
            (false, '|') if depth > 0 => repeats = true,
            (false, '*' | '+' | '?') if !repeats => repeats = true,
            (false, '{') if !repeats => {
                let bounds: String = characters
                    .by_ref()
                    .take_while(|next| *next != '}')
                    .collect();
                let (least, most) = bounds.split_once(',').unwrap_or((&bounds, &bounds));
                let number = |digits: &str| digits.parse::<u8>().ok();
                let most = if most.is_empty() {
                    Some(u8::MAX)
                } else {
                    number(most)
                };
                if number(least)? > most? {
                    return None;
                }
                repeats = true;
            }
            _ => return None,
        }
        before = character;
    }
    (depth == 0 && !class).then_some(body)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use regex::Regex;

    use super::*;

    #[test]
    fn what_means_the_same_is_taken() {
        for written in [
            "^[A-Z0-9]{3,5}$",
            "^[129X]$",
            "^(?:^([A-HJ-NPRSZ]|99)$)",
            "^(?:^(1[123]|2[1-58ABCD]|8[123])$)",
            "^[A-Z]{2}[0-9]{2,}[A-Z]?$",
            "^(?:a|b c)+$",
            "^$",
        ] {
            assert!(Matches::new(written).is_some(), "{written}");
        }
    }

    #[test]
    fn what_could_mean_something_else_is_left_alone() {
        for written in [
            "[0-9]",
            "^[0-9]",
            "^a|b$",
            "^(?:^a$)|(^b$)",
            "^.$",
            "^\\d$",
            "^[^a]$",
            "^a+?$",
            "^(?i)a$",
            "^[a-]$",
            "^[a-b-c]$",
            "^[]$",
            "^a{2}{3}$",
            "^a{3,2}$",
            "^(a$",
            "^a)$",
            "^*$",
            "^(|*)$",
            "^(?:^a$)b$",
            "^[[a]]$",
        ] {
            assert!(Matches::new(written).is_none(), "{written}");
        }
    }

    proptest! {
        #[test]
        fn the_answer_is_that_of_the_expression(
            written in r"\^(\(\?:\^)?[ab1(\[]{0,3}([ab\-]|\(|\)|\||\[a-b1\]|\{1,2\}|\{2\}|\*|\+|\?){0,8}\$\)?",
            text in "[ab1 é\\-]{0,6}\n?",
        ) {
            if let Some(matches) = Matches::new(&written) {
                let expression = Regex::new(&written);
                prop_assert!(expression.is_ok(), "{} is no expression", written);
                let expected = expression.is_ok_and(|expression| expression.is_match(&text));
                prop_assert_eq!(matches.pattern.matches(&text), expected, "{}", written);
            }
        }
    }
}
