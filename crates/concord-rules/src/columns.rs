//! Arrow arrays straight from captured spans.

use std::sync::Arc;

use arrow_array::builder::{
    BooleanBuilder, Date32Builder, Decimal128Builder, Int64Builder, StringBuilder,
};
use arrow_array::{ArrayRef, new_null_array};

use crate::lexical;
use crate::shape::Kind;
use crate::sql::{PRECISION, SCALE, of_kind};

/// An array of the values of some texts. A text that has not the form of the kind gives an unknown value.
pub(crate) fn array<'a>(
    kind: Kind,
    rows: usize,
    texts: impl Iterator<Item = Option<&'a str>>,
) -> ArrayRef {
    match kind {
        Kind::Text => {
            let mut builder = StringBuilder::with_capacity(rows, rows * 12);
            texts.for_each(|text| builder.append_option(text));
            Arc::new(builder.finish())
        }
        Kind::Date => {
            let mut builder = Date32Builder::with_capacity(rows);
            texts.for_each(|text| {
                builder.append_option(text.and_then(|text| lexical::date(text.as_bytes())));
            });
            Arc::new(builder.finish())
        }
        Kind::Integer => {
            let mut builder = Int64Builder::with_capacity(rows);
            texts.for_each(|text| {
                builder.append_option(text.and_then(|text| lexical::integer(text.as_bytes())));
            });
            Arc::new(builder.finish())
        }
        Kind::Decimal => {
            let mut builder = Decimal128Builder::with_capacity(rows).with_data_type(of_kind(kind));
            debug_assert_eq!(
                of_kind(kind),
                arrow_schema::DataType::Decimal128(PRECISION, SCALE)
            );
            texts.for_each(|text| {
                builder.append_option(text.and_then(|text| lexical::decimal(text.as_bytes())));
            });
            Arc::new(builder.finish())
        }
        Kind::Boolean => {
            let mut builder = BooleanBuilder::with_capacity(rows);
            texts.for_each(|text| {
                builder.append_option(text.and_then(|text| lexical::boolean(text.as_bytes())));
            });
            Arc::new(builder.finish())
        }
    }
}

/// An array of the same value again and again.
pub(crate) fn constant(kind: Kind, rows: usize, text: Option<&str>) -> ArrayRef {
    match text {
        Some(text) => array(kind, rows, std::iter::repeat_n(Some(text), rows)),
        None => new_null_array(&of_kind(kind), rows),
    }
}
