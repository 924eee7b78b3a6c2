//! Patterns of `LIKE` that are written out in a rule, taken apart once.
//!
//! `NAME LIKE '%E+__'` is for `DataFusion` a regular expression that is compiled anew for every batch of rows, as is every pattern
//! with `_` or with `%` elsewhere than at its ends.

use std::str::Chars;

use arrow_array::{ArrayRef, StringArray};
use datafusion_common::ScalarValue;
use datafusion_expr::Expr;
use datafusion_expr::expr::Like;

use super::on_text::tested;
use super::written::{Written, asked};

/// `… LIKE 'pattern'` as a function; `None` for other expressions, and for patterns that `DataFusion` compares without one.
pub(crate) fn taken_apart(expression: &Expr) -> Option<Expr> {
    let Expr::Like(like) = expression else {
        return None;
    };
    let written = literal(like)?;
    let inner = written.strip_prefix('%').unwrap_or(written);
    let inner = inner.strip_suffix('%').unwrap_or(inner);
    if !inner.contains(['%', '_']) {
        return None;
    }
    Some(asked(Wildcards::new(written), &like.expr, like.negated))
}

/// The pattern of a `LIKE`, when it is written out and has no characters that are escaped.
pub(super) fn literal(like: &Like) -> Option<&str> {
    let Expr::Literal(ScalarValue::Utf8(Some(written)), _) = &*like.pattern else {
        return None;
    };
    let plain = like.escape_char.is_none() && !like.case_insensitive && !written.contains('\\');
    plain.then_some(written)
}

/// What stands before, between and behind the `%` of a pattern: a character, or `None` for any.
#[derive(Debug)]
struct Wildcards {
    written: String,
    first: Vec<Option<char>>,
    others: Vec<Vec<Option<char>>>,
}

impl Wildcards {
    fn new(written: &str) -> Self {
        let wanted = |character: char| (character != '_').then_some(character);
        let mut pieces = written
            .split('%')
            .map(|piece| piece.chars().map(wanted).collect());
        Self {
            written: written.to_owned(),
            first: pieces.next().unwrap_or_default(),
            others: pieces.collect(),
        }
    }

    /// Whether a text is as the pattern says.
    fn matches(&self, text: &str) -> bool {
        let mut rest = text.chars();
        if !self.first.iter().all(|wanted| is(rest.next(), *wanted)) {
            return false;
        }
        let Some((last, between)) = self.others.split_last() else {
            return rest.next().is_none();
        };
        let mut wanted = last.iter().rev();
        if !wanted.all(|wanted| is(rest.next_back(), *wanted)) {
            return false;
        }
        // Of what lies between, the first place is as good as any.
        between
            .iter()
            .all(|piece| found(&mut rest, piece).is_some())
    }
}

fn is(character: Option<char>, wanted: Option<char>) -> bool {
    character.is_some_and(|character| wanted.is_none_or(|wanted| wanted == character))
}

/// Goes on behind the first place where a piece stands.
fn found(rest: &mut Chars<'_>, piece: &[Option<char>]) -> Option<()> {
    loop {
        let mut here = rest.clone();
        if piece.iter().all(|wanted| is(here.next(), *wanted)) {
            *rest = here;
            return Some(());
        }
        rest.next()?;
    }
}

impl Written for Wildcards {
    const NAME: &'static str = "like";

    fn written(&self) -> &[u8] {
        self.written.as_bytes()
    }

    fn of(&self, texts: &StringArray) -> ArrayRef {
        tested(texts, |text| self.matches(text))
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use arrow_array::cast::AsArray;
    use datafusion::physical_expr::expressions::{col, like, lit};
    use datafusion_common::Column;
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn it_answers_as_the_query_engine_does(
            pattern in "[ab%_é\n]{0,6}",
            texts in proptest::collection::vec("[abé\n%_]{0,6}", 1..20),
        ) {
            let pieces = Wildcards::new(&pattern);
            let column: arrow_array::StringArray = texts.iter().map(Some).collect();
            let batch = arrow_array::RecordBatch::try_from_iter([("x", Arc::new(column) as _)]);
            let batch = batch.expect("a column");
            let left = col("x", &batch.schema()).expect("a column");
            let answers = like(false, false, left, lit(pattern.as_str()), &batch.schema());
            let answers = answers.expect("texts").evaluate(&batch).expect("texts");
            let answers = answers.into_array(texts.len()).expect("answers");
            for (text, answer) in texts.iter().zip(answers.as_boolean()) {
                prop_assert_eq!(Some(pieces.matches(text)), answer, "{:?} {:?}", text, pattern);
            }
        }
    }

    #[test]
    fn only_what_would_be_a_regular_expression_is_taken_apart() {
        let like = |pattern: &str| {
            Expr::Like(Like {
                negated: true,
                expr: Box::new(Expr::Column(Column::from_name("x"))),
                pattern: Box::new(Expr::Literal(ScalarValue::from(pattern), None)),
                escape_char: None,
                case_insensitive: false,
            })
        };
        for pattern in ["%E+__", "NSTS0_", "A%B", "%A%B%"] {
            assert!(
                matches!(taken_apart(&like(pattern)), Some(Expr::Not(_))),
                "{pattern}"
            );
        }
        for pattern in ["", "%", "%%", "E+", "%E+", "E+%", "%E+%", "E\\_+"] {
            assert!(taken_apart(&like(pattern)).is_none(), "{pattern}");
        }
    }
}
