//! Whether texts contain a text that is written out in a rule.
//!
//! `NAME LIKE '%E+%'` is for `DataFusion` a search that begins anew for every row. The texts of a column stand behind one
//! another, and mostly none has what is looked for, which one search through all of them shows.

use std::sync::Arc;

use arrow_array::{Array, ArrayRef, BooleanArray, StringArray};
use datafusion_common::arrow::buffer::BooleanBuffer;
use datafusion_expr::Expr;
use memchr::memmem::Finder;

use super::like::literal;
use super::written::{Written, asked};

/// `… LIKE '%text%'` as a function; `None` for other expressions.
pub(crate) fn searched(expression: &Expr) -> Option<Expr> {
    let Expr::Like(like) = expression else {
        return None;
    };
    let written = literal(like)?;
    let sought = written.strip_prefix('%')?.strip_suffix('%')?;
    if sought.is_empty() || sought.contains(['%', '_']) {
        return None;
    }
    Some(asked(Contains::new(sought), &like.expr, like.negated))
}

/// Whether a text contains another.
#[derive(Debug)]
struct Contains {
    sought: Finder<'static>,
}

impl Contains {
    fn new(sought: &str) -> Self {
        Self {
            sought: Finder::new(sought).into_owned(),
        }
    }

    fn find(&self, texts: Option<&[u8]>) -> Option<usize> {
        self.sought.find(texts?)
    }
}

impl Written for Contains {
    const NAME: &'static str = "contains text";

    fn written(&self) -> &[u8] {
        self.sought.needle()
    }

    /// Answers for every text by one search through all of them.
    fn of(&self, texts: &StringArray) -> ArrayRef {
        let offset = |place: i32| usize::try_from(place).unwrap_or_default();
        let (data, ends) = (texts.value_data(), texts.value_offsets());
        let mut answers = vec![false; texts.len()];
        let mut at = ends.first().map_or(0, |start| offset(*start));
        let last = ends.last().map_or(0, |end| offset(*end));
        while let Some(found) = self.find(data.get(at..last)) {
            let start = at + found;
            // The text in which it begins is the one before the first that begins behind.
            let next = ends.partition_point(|begin| offset(*begin) <= start);
            let end = ends.get(next).map_or(last, |end| offset(*end));
            let inside = start + self.sought.needle().len() <= end;
            if inside && let Some(answer) = answers.get_mut(next.wrapping_sub(1)) {
                *answer = true;
                at = end;
            } else {
                at = start + 1;
            }
        }
        let answers = BooleanBuffer::from(answers);
        Arc::new(BooleanArray::new(answers, texts.nulls().cloned()))
    }
}

#[cfg(test)]
mod tests {
    use arrow_array::cast::AsArray;
    use datafusion_common::{Column, ScalarValue};
    use datafusion_expr::expr::Like;

    use super::*;

    fn like(pattern: &str, negated: bool) -> Expr {
        Expr::Like(Like {
            negated,
            expr: Box::new(Expr::Column(Column::from_name("x"))),
            pattern: Box::new(Expr::Literal(ScalarValue::from(pattern), None)),
            escape_char: None,
            case_insensitive: false,
        })
    }

    #[test]
    fn only_what_stands_anywhere_is_searched() {
        assert!(matches!(
            searched(&like("%E+%", false)),
            Some(Expr::ScalarFunction(_))
        ));
        assert!(matches!(searched(&like("%E+%", true)), Some(Expr::Not(_))));
        for pattern in ["%", "%%", "E+", "%E+", "E+%", "%E_+%", "%E%+%", "%\\%%"] {
            assert!(searched(&like(pattern, false)).is_none(), "{pattern}");
        }
    }

    #[test]
    fn every_text_is_answered_for_itself() {
        let contains = Contains::new("E+");
        let answers = |texts: Vec<Option<&str>>| {
            let array = contains.of(&texts.into());
            array.as_boolean().iter().collect::<Vec<_>>()
        };
        // What stands across the border of two texts is in neither.
        let texts = vec![Some("1E"), Some("+5"), None, Some("")];
        assert_eq!(
            answers(texts),
            [Some(false), Some(false), None, Some(false)]
        );
        let texts = vec![Some("1"), None, Some("9.4E+09")];
        assert_eq!(answers(texts), [Some(false), None, Some(true)]);
        let texts = vec![Some("E+E+"), Some("E"), Some(""), Some("+E+"), Some("E+")];
        let found = [true, false, false, true, true].map(Some);
        assert_eq!(answers(texts), found);
        let sliced: StringArray = vec![Some("1E+1"), Some("x"), None].into();
        let sliced = contains.of(&sliced.slice(1, 2));
        assert_eq!(
            sliced.as_boolean().iter().collect::<Vec<_>>(),
            [Some(false), None]
        );
    }
}
