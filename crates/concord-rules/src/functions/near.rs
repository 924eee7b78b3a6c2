//! The function that looks a code up in reference data with months of grace before and after.

use std::fmt;
use std::hash::{Hash, Hasher};
use std::sync::Arc;

use arrow_array::cast::AsArray;
use arrow_array::types::Date32Type;
use arrow_array::{Array, BooleanArray};
use arrow_schema::DataType;
use datafusion_common::{Result, ScalarValue, exec_err};
use datafusion_expr::{
    ColumnarValue, ScalarFunctionArgs, ScalarUDF, ScalarUDFImpl, Signature, Volatility,
};

use super::on_text::texts_of;
use crate::given::Given;

/// Name of the function.
pub(crate) const NEAR_REFERENCE: &str = "near_reference";

pub(super) fn function(given: &Given) -> Arc<ScalarUDF> {
    let arguments = [
        DataType::Utf8,
        DataType::Utf8,
        DataType::Date32,
        DataType::Int64,
    ];
    Arc::new(ScalarUDF::new_from_impl(Near {
        given: given.clone(),
        signature: Signature::exact(arguments.to_vec(), Volatility::Immutable),
    }))
}

/// `near_reference(text, 'table', date, months)`; unknown where the text or the date is.
struct Near {
    given: Given,
    signature: Signature,
}

impl fmt::Debug for Near {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(NEAR_REFERENCE)
    }
}

// There is one of each in a set of rules.
impl PartialEq for Near {
    fn eq(&self, _: &Self) -> bool {
        true
    }
}

impl Eq for Near {}

impl Hash for Near {
    fn hash<H: Hasher>(&self, state: &mut H) {
        NEAR_REFERENCE.hash(state);
    }
}

impl ScalarUDFImpl for Near {
    fn name(&self) -> &'static str {
        NEAR_REFERENCE
    }

    fn signature(&self) -> &Signature {
        &self.signature
    }

    fn return_type(&self, _arg_types: &[DataType]) -> Result<DataType> {
        Ok(DataType::Boolean)
    }

    fn invoke_with_args(&self, args: ScalarFunctionArgs) -> Result<ColumnarValue> {
        let [
            texts,
            ColumnarValue::Scalar(ScalarValue::Utf8(Some(table))),
            dates,
            ColumnarValue::Scalar(ScalarValue::Int64(Some(months))),
        ] = args.args.as_slice()
        else {
            return exec_err!(
                "{NEAR_REFERENCE} takes a text, the name of a table, a date and a number of months"
            );
        };
        let (texts, dates) = (
            texts.to_array(args.number_rows)?,
            dates.to_array(args.number_rows)?,
        );
        let (Some(texts), Some(dates), Some(reference)) = (
            texts_of(&texts),
            dates.as_primitive_opt::<Date32Type>(),
            &self.given.reference,
        ) else {
            return exec_err!("{NEAR_REFERENCE} takes a text and a date, and needs reference data");
        };
        let months = i32::try_from(*months).unwrap_or(i32::MAX);
        let answers = texts.enumerate().map(|(row, text)| {
            let day = dates.is_valid(row).then(|| dates.value(row))?;
            reference.is_live_within(table, text?, day, months)
        });
        Ok(ColumnarValue::Array(Arc::new(
            answers.collect::<BooleanArray>(),
        )))
    }
}
