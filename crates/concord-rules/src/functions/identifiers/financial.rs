//! Functions of financial years and months.
//!
//! | function | gives |
//! |---|---|
//! | `financial_year_is_valid(text)` | whether it is written as `202526` |
//! | `financial_month_is_valid(text)` | whether it is `1` (April) to `12` (March) |
//! | `financial_year_start(text)`, `financial_year_end(text)` | 1 April and 31 March |
//! | `financial_month_start(year, month)`, `financial_month_end(year, month)` | the first and last day of a month of a year; the month a text or a number |

use std::sync::Arc;

use arrow_array::cast::AsArray;
use arrow_array::types::{Date32Type, Int64Type};
use arrow_array::{ArrayRef, PrimitiveArray};
use arrow_schema::DataType;
use concord_model::dates::days_since_1970;
use concord_model::financial::{FinancialMonth, FinancialYear, Period};
use datafusion_common::{Result, exec_err, plan_err};
use datafusion_expr::{
    ColumnarValue, ScalarFunctionArgs, ScalarUDF, ScalarUDFImpl, Signature, TypeSignature,
    Volatility,
};

use crate::functions::on_text::{Compute, OnText, texts_of};

pub(super) fn functions() -> Vec<Arc<ScalarUDF>> {
    let on_text = |name, compute| Arc::new(ScalarUDF::new_from_impl(OnText::new(name, compute)));
    vec![
        on_text(
            "financial_year_is_valid",
            Compute::Test(|text| FinancialYear::parse(text.as_bytes()).is_some()),
        ),
        on_text(
            "financial_month_is_valid",
            Compute::Test(|text| FinancialMonth::parse(text.as_bytes()).is_some()),
        ),
        on_text(
            "financial_year_start",
            Compute::Date(|text| Some(first(FinancialYear::parse(text)?.period()))),
        ),
        on_text(
            "financial_year_end",
            Compute::Date(|text| Some(last(FinancialYear::parse(text)?.period()))),
        ),
        Arc::new(ScalarUDF::new_from_impl(DayOfMonth::new(
            "financial_month_start",
            first,
        ))),
        Arc::new(ScalarUDF::new_from_impl(DayOfMonth::new(
            "financial_month_end",
            last,
        ))),
    ]
}

fn first(period: Period) -> i32 {
    days_since_1970(period.first)
}

fn last(period: Period) -> i32 {
    days_since_1970(period.last)
}

/// A day of a financial month.
#[derive(Debug)]
struct DayOfMonth {
    name: &'static str,
    day: fn(Period) -> i32,
    signature: Signature,
}

impl DayOfMonth {
    fn new(name: &'static str, day: fn(Period) -> i32) -> Self {
        let signatures = vec![
            TypeSignature::String(2),
            TypeSignature::Exact(vec![DataType::Utf8, DataType::Int64]),
        ];
        Self {
            name,
            day,
            signature: Signature::one_of(signatures, Volatility::Immutable),
        }
    }

    fn of(&self, year: Option<&str>, month: Option<FinancialMonth>) -> Option<i32> {
        let year = FinancialYear::parse(year?.as_bytes())?;
        Some((self.day)(month?.period(year)))
    }
}

impl PartialEq for DayOfMonth {
    fn eq(&self, other: &Self) -> bool {
        self.name == other.name
    }
}

impl Eq for DayOfMonth {}

impl std::hash::Hash for DayOfMonth {
    fn hash<H: std::hash::Hasher>(&self, state: &mut H) {
        self.name.hash(state);
    }
}

impl ScalarUDFImpl for DayOfMonth {
    fn name(&self) -> &str {
        self.name
    }

    fn signature(&self) -> &Signature {
        &self.signature
    }

    fn return_type(&self, _arg_types: &[DataType]) -> Result<DataType> {
        Ok(DataType::Date32)
    }

    fn invoke_with_args(&self, args: ScalarFunctionArgs) -> Result<ColumnarValue> {
        let [year, month] = args.args.as_slice() else {
            return plan_err!("{} takes a financial year and a month", self.name);
        };
        let years = year.to_array(args.number_rows)?;
        let months = month.to_array(args.number_rows)?;
        let Some(years) = texts_of(&years) else {
            return exec_err!("{} takes a financial year as a text", self.name);
        };
        let days: PrimitiveArray<Date32Type> = if let Some(months) = texts_of(&months) {
            years
                .zip(months)
                .map(|(year, month)| {
                    let month = month.and_then(|month| FinancialMonth::parse(month.as_bytes()));
                    self.of(year, month)
                })
                .collect()
        } else if let Some(months) = months.as_primitive_opt::<Int64Type>() {
            years
                .zip(months)
                .map(|(year, month)| {
                    let month = month.and_then(|month| i8::try_from(month).ok());
                    self.of(year, month.and_then(FinancialMonth::new))
                })
                .collect()
        } else {
            return exec_err!(
                "{} takes a financial month as a text or a number",
                self.name
            );
        };
        let days: ArrayRef = Arc::new(days);
        Ok(ColumnarValue::Array(days))
    }
}

#[cfg(test)]
mod tests {
    use arrow_array::Array;

    use super::super::tests::call;
    use super::*;

    fn day(text: &str) -> Option<i32> {
        crate::lexical::date(text.as_bytes())
    }

    #[track_caller]
    fn gives(name: &str, columns: &[&[Option<&str>]], expected: &[Option<&str>]) {
        let answer = call(name, columns);
        let given: Vec<_> = answer.as_primitive::<Date32Type>().iter().collect();
        let expected: Vec<_> = expected.iter().map(|text| text.and_then(day)).collect();
        assert_eq!(given, expected, "{name}");
    }

    #[test]
    fn years() {
        let years = [Some("202526"), Some("2025/26"), None];
        gives(
            "financial_year_start",
            &[&years],
            &[Some("2025-04-01"), None, None],
        );
        gives(
            "financial_year_end",
            &[&years],
            &[Some("2026-03-31"), None, None],
        );
        for (name, texts) in [
            ("financial_year_is_valid", ["202526", "202527"]),
            ("financial_month_is_valid", ["12", "13"]),
        ] {
            let answer = call(name, &[&[Some(texts[0]), Some(texts[1]), None]]);
            let answer = answer.as_boolean();
            assert!(
                answer.value(0) && !answer.value(1) && answer.is_null(2),
                "{name}"
            );
        }
    }

    #[test]
    fn months() {
        let years = [
            Some("202324"),
            Some("202324"),
            Some("202324"),
            Some("2023"),
            None,
        ];
        let months = [Some("1"), Some("11"), Some("13"), Some("1"), Some("1")];
        gives(
            "financial_month_start",
            &[&years, &months],
            &[Some("2023-04-01"), Some("2024-02-01"), None, None, None],
        );
        gives(
            "financial_month_end",
            &[&years, &months],
            &[Some("2023-04-30"), Some("2024-02-29"), None, None, None],
        );
    }
}
