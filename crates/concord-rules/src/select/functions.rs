//! Functions of a day, as published files write it.

use std::sync::Arc;

use arrow_array::cast::AsArray;
use arrow_array::types::Date32Type;
use arrow_array::{ArrayRef, PrimitiveArray, StringArray};
use arrow_schema::DataType;
use datafusion_common::{Result, exec_err};
use datafusion_expr::{
    ColumnarValue, ScalarFunctionArgs, ScalarUDF, ScalarUDFImpl, Signature, Volatility,
};

use crate::functions::civil;

const MONTHS: [&str; 12] = [
    "JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC",
];

pub(super) fn all() -> Vec<Arc<ScalarUDF>> {
    let udf = |name, compute| {
        let signature = Signature::exact(vec![DataType::Date32], Volatility::Immutable);
        Arc::new(ScalarUDF::new_from_impl(OfDay {
            name,
            compute,
            signature,
        }))
    };
    vec![
        udf("published_day", Compute::Text(published)),
        udf("month_of", Compute::Day(month_of)),
    ]
}

#[derive(Debug, Clone, Copy)]
enum Compute {
    Text(fn(i32) -> String),
    Day(fn(i32) -> i32),
}

/// A named function of one day.
#[derive(Debug)]
struct OfDay {
    name: &'static str,
    compute: Compute,
    signature: Signature,
}

// A function is its name: there is one of each.
impl PartialEq for OfDay {
    fn eq(&self, other: &Self) -> bool {
        self.name == other.name
    }
}

impl Eq for OfDay {}

impl std::hash::Hash for OfDay {
    fn hash<H: std::hash::Hasher>(&self, state: &mut H) {
        self.name.hash(state);
    }
}

impl ScalarUDFImpl for OfDay {
    fn name(&self) -> &str {
        self.name
    }

    fn signature(&self) -> &Signature {
        &self.signature
    }

    fn return_type(&self, _arg_types: &[DataType]) -> Result<DataType> {
        Ok(match self.compute {
            Compute::Text(_) => DataType::Utf8,
            Compute::Day(_) => DataType::Date32,
        })
    }

    fn invoke_with_args(&self, args: ScalarFunctionArgs) -> Result<ColumnarValue> {
        let [day] = args.args.as_slice() else {
            return exec_err!("{} takes a day", self.name);
        };
        let days = day.to_array(args.number_rows)?;
        let Some(days) = days.as_primitive_opt::<Date32Type>() else {
            return exec_err!("{} takes a day", self.name);
        };
        let array: ArrayRef = match self.compute {
            Compute::Text(text) => {
                let texts = days.iter().map(|day| day.map(text));
                Arc::new(texts.collect::<StringArray>())
            }
            Compute::Day(of) => {
                let days = days.iter().map(|day| day.map(of));
                Arc::new(days.collect::<PrimitiveArray<Date32Type>>())
            }
        };
        Ok(ColumnarValue::Array(array))
    }
}

/// `01JAN2021`, as the list sizes and appointments of general practice are published.
fn published(days: i32) -> String {
    let (year, month, day) = civil(days);
    let name = usize::try_from(month - 1)
        .ok()
        .and_then(|month| MONTHS.get(month))
        .unwrap_or(&"");
    format!("{day:02}{name}{year:04}")
}

fn month_of(days: i32) -> i32 {
    days - civil(days).2 + 1
}
