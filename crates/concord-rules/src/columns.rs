//! Arrow arrays straight from captured spans.

use std::sync::Arc;

use arrow_array::builder::{BooleanBuilder, Date32Builder, Decimal128Builder, Int64Builder};
use arrow_array::{ArrayRef, BinaryArray, StringArray, new_null_array};
use datafusion::arrow::buffer::OffsetBuffer;

use crate::lexical;
use crate::shape::Kind;
use crate::sql::{PRECISION, SCALE, of_kind};

/// An array of the values of some texts (UTF-8). A text that has not the form of the kind gives an unknown value.
pub(crate) fn array<'a>(
    kind: Kind,
    rows: usize,
    texts: impl Iterator<Item = Option<&'a [u8]>>,
) -> ArrayRef {
    match kind {
        Kind::Text => strings(rows, texts),
        Kind::Date => days(rows, texts, lexical::date),
        Kind::Day(form) => days(rows, texts, |text| form.day(text)),
        Kind::Integer => {
            let mut builder = Int64Builder::with_capacity(rows);
            for text in texts {
                builder.append_option(text.and_then(lexical::integer));
            }
            Arc::new(builder.finish())
        }
        Kind::Decimal => {
            let mut builder = Decimal128Builder::with_capacity(rows).with_data_type(of_kind(kind));
            for text in texts {
                builder
                    .append_option(text.and_then(|text| lexical::decimal(text, PRECISION, SCALE)));
            }
            Arc::new(builder.finish())
        }
        Kind::Boolean => {
            let mut builder = BooleanBuilder::with_capacity(rows);
            for text in texts {
                builder.append_option(text.and_then(lexical::boolean));
            }
            Arc::new(builder.finish())
        }
    }
}

fn days<'a>(
    rows: usize,
    texts: impl Iterator<Item = Option<&'a [u8]>>,
    day: impl Fn(&[u8]) -> Option<i32>,
) -> ArrayRef {
    let mut builder = Date32Builder::with_capacity(rows);
    for text in texts {
        builder.append_option(text.and_then(&day));
    }
    Arc::new(builder.finish())
}

/// Whether two cells say the same: what both hold of another kind than text may be written in several ways.
pub(crate) fn alike(left: (Kind, &[u8]), right: (Kind, &[u8])) -> bool {
    let same_kind = || of_kind(left.0) == of_kind(right.0);
    let same_number = || number(left.0, left.1) == number(right.0, right.1);
    left.1 == right.1 || same_kind() && number(left.0, left.1).is_some() && same_number()
}

/// A date, number or truth value as a number that only its equals have. `None` for a text, and for what has not the form of the
/// kind.
pub(crate) fn number(kind: Kind, text: &[u8]) -> Option<i128> {
    match kind {
        Kind::Text => None,
        Kind::Date => lexical::date(text).map(i128::from),
        Kind::Day(form) => form.day(text).map(i128::from),
        Kind::Integer => lexical::integer(text).map(i128::from),
        Kind::Decimal => lexical::decimal(text, PRECISION, SCALE),
        Kind::Boolean => lexical::boolean(text).map(i128::from),
    }
}

/// An array of texts, looked at once as a whole rather than one by one.
fn strings<'a>(rows: usize, texts: impl Iterator<Item = Option<&'a [u8]>>) -> ArrayRef {
    const USUAL: usize = 12;
    let mut values = Vec::with_capacity(rows * USUAL);
    let mut ends = Vec::with_capacity(rows + 1);
    let mut present = Vec::with_capacity(rows);
    ends.push(0_i32);
    for text in texts {
        values.extend_from_slice(text.unwrap_or_default());
        // Texts are parts of a chunk, which has far fewer bytes than 32 bits count.
        ends.push(i32::try_from(values.len()).unwrap_or(i32::MAX));
        present.push(text.is_some());
    }
    let ends = OffsetBuffer::new(ends.into());
    let present = present.contains(&false).then(|| present.into());
    let bytes = BinaryArray::new(ends, values.into(), present);
    if let Ok(strings) = StringArray::try_from_binary(bytes.clone()) {
        return Arc::new(strings);
    }
    // A text that is not UTF-8 is the reader's to report; here it is unknown.
    let strings = bytes
        .iter()
        .map(|text| text.and_then(|text| std::str::from_utf8(text).ok()));
    Arc::new(strings.collect::<StringArray>())
}

/// An array of the same value again and again.
pub(crate) fn constant(kind: Kind, rows: usize, text: Option<&str>) -> ArrayRef {
    match text {
        Some(text) => array(kind, rows, std::iter::repeat_n(Some(text.as_bytes()), rows)),
        None => new_null_array(&of_kind(kind), rows),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use arrow_array::cast::AsArray;

    #[test]
    fn texts_that_are_not_utf8_are_unknown() {
        let texts = [Some(&b"Zo\xc3\xab"[..]), Some(b"\xff"), None, Some(b"")];
        let array = array(Kind::Text, 4, texts.into_iter());
        let texts: Vec<Option<&str>> = array.as_string::<i32>().iter().collect();
        assert_eq!(texts, [Some("Zoë"), None, None, Some("")]);
    }
}
