//! A function of one text.

use std::sync::Arc;

use arrow_array::cast::AsArray;
use arrow_array::types::Date32Type;
use arrow_array::{
    Array, ArrayRef, BooleanArray, PrimitiveArray, StringArray, TimestampSecondArray,
};
use arrow_schema::{DataType, TimeUnit};
use datafusion_common::{Result, ScalarValue, exec_err, plan_err};
use datafusion_expr::{
    ColumnarValue, ScalarFunctionArgs, ScalarUDFImpl, Signature, TypeSignature, Volatility,
};

/// What a function of one text computes; unknown text gives unknown.
#[derive(Debug, Clone, Copy)]
pub(super) enum Compute {
    Test(fn(&str) -> bool),
    Text(fn(&str) -> Option<&str>),
    Date(fn(&[u8]) -> Option<i32>),
}

impl Compute {
    fn data_type(self) -> DataType {
        match self {
            Self::Test(_) => DataType::Boolean,
            Self::Text(_) => DataType::Utf8,
            Self::Date(_) => DataType::Date32,
        }
    }

    fn of<'a>(self, texts: impl Iterator<Item = Option<&'a str>>) -> ArrayRef {
        match self {
            Self::Test(test) => {
                let tested = texts.map(|text| text.map(test));
                Arc::new(tested.collect::<BooleanArray>())
            }
            Self::Text(part) => {
                let parts = texts.map(|text| text.and_then(part));
                Arc::new(parts.collect::<StringArray>())
            }
            Self::Date(date) => {
                let dates = texts.map(|text| text.and_then(|text| date(text.as_bytes())));
                Arc::new(dates.collect::<PrimitiveArray<Date32Type>>())
            }
        }
    }
}

/// A named function of one text.
#[derive(Debug)]
pub(super) struct OnText {
    name: &'static str,
    compute: Compute,
    signature: Signature,
}

impl OnText {
    pub(super) fn new(name: &'static str, compute: Compute) -> Self {
        Self {
            name,
            compute,
            signature: Signature::new(TypeSignature::String(1), Volatility::Immutable),
        }
    }
}

// A function is its name: there is one of each.
impl PartialEq for OnText {
    fn eq(&self, other: &Self) -> bool {
        self.name == other.name
    }
}

impl Eq for OnText {}

impl std::hash::Hash for OnText {
    fn hash<H: std::hash::Hasher>(&self, state: &mut H) {
        self.name.hash(state);
    }
}

impl ScalarUDFImpl for OnText {
    fn name(&self) -> &str {
        self.name
    }

    fn signature(&self) -> &Signature {
        &self.signature
    }

    fn return_type(&self, _arg_types: &[DataType]) -> Result<DataType> {
        Ok(self.compute.data_type())
    }

    fn invoke_with_args(&self, args: ScalarFunctionArgs) -> Result<ColumnarValue> {
        let [argument] = args.args.as_slice() else {
            return plan_err!("{} takes one text", self.name);
        };
        on_text(argument, self.name, |texts| match texts {
            Texts::Array(array) => match (self.compute, array.as_string_opt::<i32>()) {
                (Compute::Test(test), Some(texts)) => Some(tested(texts, test)),
                _ => texts_of(array).map(|texts| self.compute.of(texts)),
            },
            Texts::One(text) => Some(self.compute.of(std::iter::once(text))),
        })
    }
}

/// Tests every text of an array.
pub(super) fn tested(texts: &StringArray, test: impl Fn(&str) -> bool) -> ArrayRef {
    Arc::new(BooleanArray::from_unary(texts, test))
}

pub(super) enum Texts<'a> {
    Array(&'a ArrayRef),
    One(Option<&'a str>),
}

/// Applies a computation to a column of texts or to a single one.
pub(super) fn on_text(
    argument: &ColumnarValue,
    name: &str,
    compute: impl Fn(Texts<'_>) -> Option<ArrayRef>,
) -> Result<ColumnarValue> {
    let computed = match argument {
        ColumnarValue::Array(array) => compute(Texts::Array(array)).map(ColumnarValue::Array),
        ColumnarValue::Scalar(
            ScalarValue::Utf8(text) | ScalarValue::Utf8View(text) | ScalarValue::LargeUtf8(text),
        ) => match compute(Texts::One(text.as_deref())) {
            Some(array) => Some(ColumnarValue::Scalar(ScalarValue::try_from_array(
                &array, 0,
            )?)),
            None => None,
        },
        ColumnarValue::Scalar(_) => None,
    };
    if let Some(value) = computed {
        Ok(value)
    } else {
        exec_err!("{name} takes a text")
    }
}

/// The texts of an array of any of the string types.
pub(super) fn texts_of(array: &ArrayRef) -> Option<Box<dyn Iterator<Item = Option<&str>> + '_>> {
    Some(match array.data_type() {
        DataType::Utf8 => Box::new(array.as_string::<i32>().iter()),
        DataType::LargeUtf8 => Box::new(array.as_string::<i64>().iter()),
        DataType::Utf8View => Box::new(array.as_string_view().iter()),
        _ => return None,
    })
}

/// The type of moments.
pub(super) const MOMENT: DataType = DataType::Timestamp(TimeUnit::Second, None);

/// An array of moments.
pub(super) fn moments(seconds: impl Iterator<Item = Option<i64>>) -> ArrayRef {
    Arc::new(seconds.collect::<TimestampSecondArray>())
}
