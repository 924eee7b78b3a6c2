//! Functions of dates, times and dates with time.

use std::sync::Arc;

use arrow_array::cast::AsArray;
use arrow_array::types::Date32Type;
use arrow_array::{ArrayRef, Int64Array};
use arrow_schema::DataType;
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
        let between = from
            .iter()
            .zip(to)
            .map(|(from, to)| Some((self.compute)(from?, to?)));
        let array: ArrayRef = Arc::new(between.collect::<Int64Array>());
        Ok(ColumnarValue::Array(array))
    }
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

/// Year, month and day of a number of days since 1970-01-01: Howard Hinnant's `civil_from_days`
/// (<https://howardhinnant.github.io/date_algorithms.html>).
pub(crate) fn civil(days: i32) -> (i32, i32, i32) {
    let shifted = i64::from(days) + 719_468;
    let era = shifted.div_euclid(146_097);
    let day_of_era = shifted.rem_euclid(146_097);
    let year_of_era =
        (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let month_from_march = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * month_from_march + 2) / 5 + 1;
    let month = if month_from_march < 10 {
        month_from_march + 3
    } else {
        month_from_march - 9
    };
    let year = year_of_era + era * 400 + i64::from(month <= 2);
    (year as i32, month as i32, day as i32)
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
    fn civil_undoes_days() {
        for days in (-40_000..60_000).step_by(7) {
            let (year, month, day) = civil(days);
            let text = format!("{year:04}-{month:02}-{day:02}");
            assert_eq!(lexical::date(text.as_bytes()), Some(days), "{text}");
        }
    }
}
