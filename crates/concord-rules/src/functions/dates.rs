//! Functions of dates, times and dates with time.

use std::sync::Arc;

use arrow_array::cast::AsArray;
use arrow_array::types::Date32Type;
use arrow_array::{Date32Array, Int64Array};
use arrow_schema::DataType;
use datafusion_common::arrow::compute::binary;
use datafusion_common::{Result, exec_err, plan_err};
use datafusion_expr::{
    ColumnarValue, ScalarFunctionArgs, ScalarUDF, ScalarUDFImpl, Signature, TypeSignature,
    Volatility,
};

use super::on_text::{Compute, MOMENT, OnText, Texts, moments, on_text, texts_of};
use crate::lexical;

pub(super) fn functions() -> Vec<Arc<ScalarUDF>> {
    let udf = |function: Between| Arc::new(ScalarUDF::new_from_impl(function));
    vec![
        Arc::new(ScalarUDF::new_from_impl(OnText::new(
            "date_of",
            Compute::Date(lexical::date_of),
        ))),
        Arc::new(ScalarUDF::new_from_impl(OnText::new(
            "zone_of",
            Compute::Text(lexical::zone_of),
        ))),
        Arc::new(ScalarUDF::new_from_impl(Moment {
            signature: Signature::one_of(
                vec![
                    TypeSignature::Exact(vec![DataType::Utf8]),
                    TypeSignature::Exact(vec![DataType::Date32, DataType::Utf8]),
                ],
                Volatility::Immutable,
            ),
        })),
        udf(Between::new("years_between", years)),
        udf(Between::new("days_between", |from, to| {
            i64::from(to) - i64::from(from)
        })),
        udf(Between::new("months_between", months)),
        Arc::new(ScalarUDF::new_from_impl(MonthEnd {
            signature: Signature::exact(vec![DataType::Date32], Volatility::Immutable),
        })),
    ]
}

/// `moment(text)` and `moment(date, text)`.
#[derive(Debug, PartialEq, Eq, Hash)]
struct Moment {
    signature: Signature,
}

impl ScalarUDFImpl for Moment {
    fn name(&self) -> &'static str {
        "moment"
    }

    fn signature(&self) -> &Signature {
        &self.signature
    }

    fn return_type(&self, _arg_types: &[DataType]) -> Result<DataType> {
        Ok(MOMENT)
    }

    fn invoke_with_args(&self, args: ScalarFunctionArgs) -> Result<ColumnarValue> {
        let of_text = |text: Option<&str>| text.and_then(|text| lexical::moment(text.as_bytes()));
        match args.args.as_slice() {
            [text] => on_text(text, "moment", |texts| match texts {
                Texts::Array(array) => texts_of(array).map(|texts| moments(texts.map(of_text))),
                Texts::One(text) => Some(moments(std::iter::once(of_text(text)))),
            }),
            [date, time] => {
                let date = date.to_array(args.number_rows)?;
                let time = time.to_array(args.number_rows)?;
                let (Some(dates), Some(times)) =
                    (date.as_primitive_opt::<Date32Type>(), texts_of(&time))
                else {
                    return exec_err!("moment takes a date and a text");
                };
                let seconds = dates.iter().zip(times).map(|(date, time)| {
                    Some(i64::from(date?) * 86_400 + lexical::time(time?.as_bytes())?)
                });
                Ok(ColumnarValue::Array(moments(seconds)))
            }
            _ => plan_err!("moment takes a text, or a date and a text"),
        }
    }
}

/// A number computed of two dates.
#[derive(Debug)]
struct Between {
    name: &'static str,
    compute: fn(i32, i32) -> i64,
    signature: Signature,
}

impl Between {
    fn new(name: &'static str, compute: fn(i32, i32) -> i64) -> Self {
        let dates = vec![DataType::Date32, DataType::Date32];
        Self {
            name,
            compute,
            signature: Signature::exact(dates, Volatility::Immutable),
        }
    }
}

impl PartialEq for Between {
    fn eq(&self, other: &Self) -> bool {
        self.name == other.name
    }
}

impl Eq for Between {}

impl std::hash::Hash for Between {
    fn hash<H: std::hash::Hasher>(&self, state: &mut H) {
        self.name.hash(state);
    }
}

impl ScalarUDFImpl for Between {
    fn name(&self) -> &str {
        self.name
    }

    fn signature(&self) -> &Signature {
        &self.signature
    }

    fn return_type(&self, _arg_types: &[DataType]) -> Result<DataType> {
        Ok(DataType::Int64)
    }

    fn invoke_with_args(&self, args: ScalarFunctionArgs) -> Result<ColumnarValue> {
        let [from, to] = args.args.as_slice() else {
            return plan_err!("{} takes two dates", self.name);
        };
        let (from, to) = (
            from.to_array(args.number_rows)?,
            to.to_array(args.number_rows)?,
        );
        let (Some(from), Some(to)) = (
            from.as_primitive_opt::<Date32Type>(),
            to.as_primitive_opt::<Date32Type>(),
        ) else {
            return exec_err!("{} takes two dates", self.name);
        };
        // What is computed of days that are unknown is not looked at.
        let between: Int64Array = binary(from, to, self.compute)?;
        Ok(ColumnarValue::Array(Arc::new(between)))
    }
}

/// `month_end(date)`.
#[derive(Debug, PartialEq, Eq, Hash)]
struct MonthEnd {
    signature: Signature,
}

impl ScalarUDFImpl for MonthEnd {
    fn name(&self) -> &'static str {
        "month_end"
    }

    fn signature(&self) -> &Signature {
        &self.signature
    }

    fn return_type(&self, _arg_types: &[DataType]) -> Result<DataType> {
        Ok(DataType::Date32)
    }

    fn invoke_with_args(&self, args: ScalarFunctionArgs) -> Result<ColumnarValue> {
        let [date] = args.args.as_slice() else {
            return plan_err!("month_end takes a date");
        };
        let dates = date.to_array(args.number_rows)?;
        let Some(dates) = dates.as_primitive_opt::<Date32Type>() else {
            return exec_err!("month_end takes a date");
        };
        let ends: Date32Array = dates.iter().map(|date| Some(month_end(date?))).collect();
        Ok(ColumnarValue::Array(Arc::new(ends)))
    }
}

/// The last day of a day's month.
fn month_end(day: i32) -> i32 {
    let (year, month, of_month) = civil(day);
    let days = match month {
        2 if year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    };
    day.saturating_add(days - of_month)
}

/// The day so many months later, or earlier: the last of its month where the month has no such day.
pub(crate) fn add_months(day: i32, months: i32) -> i32 {
    let (year, month, of_month) = civil(day);
    let months = i64::from(year) * 12 + i64::from(month) - 1 + i64::from(months);
    let (year, month) = (months.div_euclid(12), months.rem_euclid(12) + 1);
    let first = format!("{year:04}-{month:02}-01");
    // Days are those of years of four digits; what lies beyond is the first or the last of them.
    let Some(first) = lexical::date(first.as_bytes()) else {
        return if months < 0 { i32::MIN } else { i32::MAX };
    };
    month_end(first).min(first + of_month - 1)
}

/// Whole months from one day to another, negative when the second is earlier: rounded down. From the last day of a month to that
/// of another they are whole, as Spark's `months_between` has it, by which the national pipelines count.
fn months(from: i32, to: i32) -> i64 {
    let ends = month_end(from) == from && month_end(to) == to;
    let (from, to) = (civil(from), civil(to));
    let between = i64::from(to.0 - from.0) * 12 + i64::from(to.1 - from.1);
    between - i64::from(to.2 < from.2 && !ends)
}

/// Whole years from one day to another, negative when the second is earlier.
fn years(from: i32, to: i32) -> i64 {
    let (from, to, sign) = if from <= to {
        (from, to, 1)
    } else {
        (to, from, -1)
    };
    let (from, to) = (civil(from), civil(to));
    let full = i64::from(to.0 - from.0);
    sign * (full - i64::from((to.1, to.2) < (from.1, from.2)))
}

/// Year, month and day of a number of days since 1970-01-01, by the Gregorian calendar: proposition 6.3 of Cassio Neri and
/// Lorenz Schneider, *Euclidean affine functions and their application to calendar algorithms*
/// (<https://doi.org/10.1002/spe.3172>).
pub(crate) fn civil(days: i32) -> (i32, i32, i32) {
    /// So many times 400 years before 1970 no day is that 32 bits can say.
    const ERAS: i64 = 14_700;
    const YEARS: i64 = 400 * ERAS;
    /// Days from 1 March of the year 0 to 1 January 1970, and those of the eras before.
    const BEFORE: i64 = 719_468 + 146_097 * ERAS;
    let quarters = (4 * (i64::from(days) + BEFORE) + 3).cast_unsigned();
    let (century, of_century) = (quarters / 146_097, quarters % 146_097 / 4);
    let product = 2_939_745 * (4 * of_century + 3);
    let year = (100 * century + (product >> 32)).cast_signed() - YEARS;
    let of_year = (product as u32) / 2_939_745 / 4;
    let scaled = 2_141 * of_year + 197_913;
    let (month, day) = (scaled >> 16, (scaled & 0xFFFF) / 2_141 + 1);
    let (month, day) = (month.cast_signed(), day.cast_signed());
    // Years begin with March here.
    if of_year >= 306 {
        ((year + 1) as i32, month - 12, day)
    } else {
        (year as i32, month, day)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(from: &str, to: &str, expected: i64) {
        let day = |text: &str| lexical::date(text.as_bytes()).expect("a date");
        assert_eq!(years(day(from), day(to)), expected);
    }

    #[test]
    fn ages_count_birthdays() {
        check("1988-02-29", "2023-02-28", 34);
        check("1988-02-29", "2023-03-01", 35);
        check("2000-05-01", "2000-05-01", 0);
        check("2000-05-02", "2000-05-01", 0);
        check("2001-05-02", "2000-05-01", -1);
    }

    #[test]
    fn months_are_counted_as_the_national_pipelines_count_them() {
        let day = |text: &str| lexical::date(text.as_bytes()).expect("a date");
        // What Spark gives for months_between(to, from), rounded down.
        for (from, to, whole) in [
            ("2024-02-29", "2024-06-30", 4),
            ("2024-03-01", "2024-06-30", 3),
            ("2023-11-30", "2024-06-30", 7),
            ("2023-12-31", "2024-06-30", 6),
            ("2023-12-01", "2024-06-30", 6),
            // 29 February is the end of a month, 30 October is not: four months less a day.
            ("2023-10-30", "2024-02-29", 3),
            ("2023-10-29", "2024-02-29", 4),
            ("2023-10-31", "2024-02-29", 4),
            ("2023-10-30", "2023-02-28", -9),
            ("2024-06-30", "2024-06-30", 0),
            ("2024-07-01", "2024-06-30", -1),
            ("2024-07-31", "2024-06-30", -1),
            ("2025-01-15", "2024-06-30", -7),
        ] {
            assert_eq!(months(day(from), day(to)), whole, "{from} {to}");
        }
        for (given, months, later) in [
            ("2023-08-31", 6, "2024-02-29"),
            ("2024-02-29", 6, "2024-08-29"),
            ("2024-08-31", -6, "2024-02-29"),
            ("2024-01-15", -1, "2023-12-15"),
            ("2023-12-15", 1, "2024-01-15"),
            ("2024-05-05", 0, "2024-05-05"),
        ] {
            assert_eq!(add_months(day(given), months), day(later), "{given}");
        }
        assert_eq!(add_months(day("0001-01-01"), -36), i32::MIN);
        assert_eq!(add_months(day("9999-12-31"), 1), i32::MAX);
        for (given, end) in [
            ("2024-02-01", "2024-02-29"),
            ("2100-02-28", "2100-02-28"),
            ("2000-02-28", "2000-02-29"),
            ("2023-04-30", "2023-04-30"),
            ("2023-12-02", "2023-12-31"),
        ] {
            assert_eq!(month_end(day(given)), day(end), "{given}");
        }
    }

    #[test]
    fn civil_undoes_days() {
        for days in (-40_000..60_000).step_by(7) {
            let (year, month, day) = civil(days);
            let text = format!("{year:04}-{month:02}-{day:02}");
            assert_eq!(lexical::date(text.as_bytes()), Some(days), "{text}");
        }
    }

    /// Howard Hinnant's `civil_from_days` (<https://howardhinnant.github.io/date_algorithms.html>).
    fn civil_from_days(days: i32) -> (i32, i32, i32) {
        let shifted = i64::from(days) + 719_468;
        let (era, of_era) = (shifted.div_euclid(146_097), shifted.rem_euclid(146_097));
        let year = (of_era - of_era / 1_460 + of_era / 36_524 - of_era / 146_096) / 365;
        let of_year = of_era - (365 * year + year / 4 - year / 100);
        let from_march = (5 * of_year + 2) / 153;
        let day = of_year - (153 * from_march + 2) / 5 + 1;
        let month = (from_march + 2) % 12 + 1;
        let year = year + era * 400 + i64::from(month <= 2);
        (year as i32, month as i32, day as i32)
    }

    #[test]
    fn every_day_is_what_another_formula_makes_of_it() {
        let whole = (i32::MIN..i32::MAX).step_by(99_991);
        for days in whole.chain(-146_097..2 * 146_097).chain([i32::MAX]) {
            assert_eq!(civil(days), civil_from_days(days), "{days}");
        }
    }
}
