//! Arrow columns of a field's kind, straight from captured texts.

use std::sync::Arc;

use arrow_array::builder::{
    BooleanBuilder, Date32Builder, Decimal128Builder, Int64Builder, NullBufferBuilder,
    StringBuilder, TimestampMicrosecondBuilder,
};
use arrow_array::{ArrayRef, BinaryArray, StringArray};
use arrow_buffer::OffsetBuffer;
use concord_check::capture::Brief;
use concord_model::entities::Kind;
use concord_model::lexical;

use crate::loss::LossReason;

/// A column being filled.
///
/// A text that has not the form of the column's kind becomes null, and [`ColumnBuilder::append`] says so.
#[derive(Debug)]
pub struct ColumnBuilder {
    values: Values,
}

#[derive(Debug)]
enum Values {
    Text(Texts),
    Date(Date32Builder),
    PartialDate(Date32Builder, StringBuilder),
    Moment(TimestampMicrosecondBuilder, StringBuilder),
    Integer(Int64Builder),
    Decimal(Decimal128Builder, u8, i8),
    Boolean(BooleanBuilder),
}

impl ColumnBuilder {
    /// A column of a kind with room for `rows` values.
    pub fn new(kind: Kind, rows: usize) -> Self {
        let text = || StringBuilder::with_capacity(rows, rows * USUAL);
        Self {
            values: match kind {
                Kind::Text | Kind::Code { .. } | Kind::Time => {
                    Values::Text(Texts::with_capacity(rows))
                }
                Kind::Date => Values::Date(Date32Builder::with_capacity(rows)),
                Kind::PartialDate => {
                    Values::PartialDate(Date32Builder::with_capacity(rows), text())
                }
                Kind::Moment => {
                    Values::Moment(TimestampMicrosecondBuilder::with_capacity(rows), text())
                }
                Kind::Integer => Values::Integer(Int64Builder::with_capacity(rows)),
                Kind::Decimal { precision, scale } => Values::Decimal(
                    Decimal128Builder::with_capacity(rows)
                        .with_data_type(arrow_schema::DataType::Decimal128(precision, scale)),
                    precision,
                    scale,
                ),
                Kind::Boolean => Values::Boolean(BooleanBuilder::with_capacity(rows)),
            },
        }
    }

    /// Adds a text, or nothing; says what of it could not be carried.
    #[inline]
    pub fn append(&mut self, text: Option<&[u8]>) -> Result<(), LossReason> {
        let Some(text) = text else {
            self.append_null();
            return Ok(());
        };
        let carried = match &mut self.values {
            Values::Text(texts) => {
                texts.push(text);
                return Ok(());
            }
            _ if text.trim_ascii().is_empty() => {
                self.append_null();
                return Err(LossReason::Empty);
            }
            Values::Date(builder) => {
                let day = lexical::date(text);
                builder.append_option(day);
                if day.is_some() && text.trim_ascii().len() > 10 {
                    return Err(LossReason::Zone);
                }
                day.is_some()
            }
            Values::PartialDate(builder, precision) => {
                let partial = partial_date(text);
                builder.append_option(partial.map(|(day, _)| day));
                precision.append_option(partial.map(|(_, precision)| precision));
                partial.is_some()
            }
            Values::Moment(builder, zones) => {
                let moment = clock(text);
                builder.append_option(moment.map(|(moment, _)| moment));
                zones.append_option(moment.and_then(|(_, zone)| zone));
                if moment.is_some() && is_finer_than_microseconds(text) {
                    return Err(LossReason::Precision);
                }
                moment.is_some()
            }
            Values::Integer(builder) => {
                let number = lexical::integer(text);
                builder.append_option(number);
                number.is_some()
            }
            Values::Decimal(builder, precision, scale) => {
                let plain = lexical::decimal(text, *precision, *scale);
                let number = plain.map(|number| (number, true));
                let number = number.or_else(|| lexical::scientific(text, *precision, *scale));
                builder.append_option(number.map(|(number, _)| number));
                if matches!(number, Some((_, false))) {
                    return Err(LossReason::Precision);
                }
                number.is_some()
            }
            Values::Boolean(builder) => {
                let truth = boolean(text);
                builder.append_option(truth);
                truth.is_some()
            }
        };
        if carried {
            Ok(())
        } else {
            Err(LossReason::NotOfItsForm)
        }
    }

    /// Adds texts, or nothings; tells what of each could not be carried. The same as [`ColumnBuilder::append`] again and again.
    pub fn extend<'t>(
        &mut self,
        texts: impl Iterator<Item = Option<&'t [u8]>>,
        mut lost: impl FnMut(LossReason),
    ) {
        for text in texts {
            if let Err(reason) = self.append(text) {
                lost(reason);
            }
        }
    }

    /// Whether it holds texts as they are: nothing of them can be lost.
    pub(crate) fn is_text(&self) -> bool {
        matches!(self.values, Values::Text(_))
    }

    /// Adds texts in a form that is quick to copy. A column that [holds none](Self::is_text) takes nothing.
    pub(crate) fn extend_brief<'t>(&mut self, briefs: impl Iterator<Item = Brief<'t>>) {
        if let Values::Text(texts) = &mut self.values {
            briefs.for_each(|brief| texts.push_brief(brief));
        }
    }

    fn append_null(&mut self) {
        match &mut self.values {
            Values::Text(texts) => texts.push_nothing(),
            Values::Date(builder) => builder.append_null(),
            Values::PartialDate(builder, precision) => {
                builder.append_null();
                precision.append_null();
            }
            Values::Moment(builder, zone) => {
                builder.append_null();
                zone.append_null();
            }
            Values::Integer(builder) => builder.append_null(),
            Values::Decimal(builder, ..) => builder.append_null(),
            Values::Boolean(builder) => builder.append_null(),
        }
    }

    /// The arrays: one, and a second one where the kind has a companion column.
    pub fn finish(self, arrays: &mut Vec<ArrayRef>) {
        match self.values {
            Values::Text(texts) => arrays.push(Arc::new(texts.finish())),
            Values::Date(mut builder) => arrays.push(Arc::new(builder.finish())),
            Values::PartialDate(mut builder, mut precision) => {
                arrays.push(Arc::new(builder.finish()));
                arrays.push(Arc::new(precision.finish()));
            }
            Values::Moment(mut builder, mut zone) => {
                arrays.push(Arc::new(builder.finish()));
                arrays.push(Arc::new(zone.finish()));
            }
            Values::Integer(mut builder) => arrays.push(Arc::new(builder.finish())),
            Values::Decimal(mut builder, ..) => arrays.push(Arc::new(builder.finish())),
            Values::Boolean(mut builder) => arrays.push(Arc::new(builder.finish())),
        }
    }
}

/// Bytes of a usual text.
const USUAL: usize = 10;

/// Texts one behind the other.
#[derive(Debug)]
struct Texts {
    bytes: Vec<u8>,
    /// Where the first one begins, and where each ends.
    ends: Vec<i32>,
    nulls: NullBufferBuilder,
}

impl Texts {
    fn with_capacity(rows: usize) -> Self {
        let mut ends = Vec::with_capacity(rows + 1);
        ends.push(0);
        Self {
            // What is copied in words may reach beyond the end for a moment.
            bytes: Vec::with_capacity(rows * USUAL + size_of::<u128>()),
            ends,
            nulls: NullBufferBuilder::new(rows),
        }
    }

    #[inline]
    fn push(&mut self, text: &[u8]) {
        self.bytes.extend_from_slice(text);
        self.end();
        self.nulls.append_non_null();
    }

    #[inline]
    fn push_nothing(&mut self) {
        self.end();
        self.nulls.append_null();
    }

    #[inline]
    fn push_brief(&mut self, brief: Brief<'_>) {
        match brief {
            Brief::Absent => self.push_nothing(),
            Brief::Short(number) => {
                let text = number.to_le_bytes();
                let end = self.bytes.len() + usize::from(text[text.len() - 1]);
                self.bytes.extend_from_slice(&text);
                self.bytes.truncate(end);
                self.end();
                self.nulls.append_non_null();
            }
            Brief::Long(text) => self.push(text),
        }
    }

    #[inline]
    fn end(&mut self) {
        // A chunk is smaller than that: offsets in it have 32 bits.
        self.ends.push((self.bytes.len() as u32).cast_signed());
    }

    /// The texts, looked at once as a whole rather than one by one.
    fn finish(mut self) -> StringArray {
        let ends = OffsetBuffer::new(self.ends.into());
        let nulls = self.nulls.finish();
        let bytes = BinaryArray::new(ends, self.bytes.into(), nulls);
        if let Ok(strings) = StringArray::try_from_binary(bytes.clone()) {
            return strings;
        }
        // Readers decode to UTF-8 and report what cannot be; what is left is shown as well as it can be.
        let texts = bytes.iter().map(|text| text.map(String::from_utf8_lossy));
        texts.collect()
    }
}

/// The first day of the year, month or day that a text names, and which of them it is.
fn partial_date(text: &[u8]) -> Option<(i32, &'static str)> {
    let text = text.trim_ascii();
    let whole = |rest: &[u8]| lexical::date(&[text, rest].concat());
    match text.len() {
        4 => whole(b"-01-01").map(|day| (day, "year")),
        7 => whole(b"-01").map(|day| (day, "month")),
        _ => lexical::date(text).map(|day| (day, "day")),
    }
}

/// The local clock of a date with time in microseconds, and its zone as it is written.
fn clock(text: &[u8]) -> Option<(i64, Option<&str>)> {
    const MICROSECONDS: i64 = 1_000_000;
    let text = text.trim_ascii();
    let zone = lexical::zone_of(std::str::from_utf8(text).ok()?)?;
    let local = &text[..text.len() - zone.len()];
    let seconds = lexical::moment(local)?;
    let fraction = local
        .iter()
        .position(|byte| *byte == b'.')
        .map_or(Some(0), |point| {
            let digits = &local[point + 1..];
            let kept = &digits[..digits.len().min(6)];
            let value: i64 = std::str::from_utf8(kept).ok()?.parse().ok()?;
            Some(value * 10_i64.pow(6 - kept.len() as u32))
        })?;
    Some((
        seconds * MICROSECONDS + fraction,
        (!zone.is_empty()).then_some(zone),
    ))
}

fn is_finer_than_microseconds(text: &[u8]) -> bool {
    let behind = text.iter().skip_while(|byte| **byte != b'.').skip(1);
    let mut digits = behind.take_while(|byte| byte.is_ascii_digit()).skip(6);
    digits.any(|digit| *digit != b'0')
}

fn boolean(text: &[u8]) -> Option<bool> {
    let is = |word: &str| text.trim_ascii().eq_ignore_ascii_case(word.as_bytes());
    if is("true") || is("1") || is("y") {
        Some(true)
    } else if is("false") || is("0") || is("n") {
        Some(false)
    } else {
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_moment_finer_than_the_column_is_told_of() {
        let mut builder = ColumnBuilder::new(Kind::Moment, 2);
        assert_eq!(
            builder.append(Some(b"2024-05-01T10:00:00.1234560Z")),
            Ok(())
        );
        let finer = builder.append(Some(b"2024-05-01T10:00:00.1234567Z"));
        assert_eq!(finer, Err(LossReason::Precision));
    }
}
