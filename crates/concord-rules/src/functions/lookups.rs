//! Functions that look a code up: in a code list, in reference data.

use std::fmt;
use std::hash::{Hash, Hasher};
use std::sync::Arc;

use arrow_array::cast::AsArray;
use arrow_array::types::Date32Type;
use arrow_array::{Array, ArrayRef, BooleanArray};
use arrow_schema::DataType;
use datafusion_common::{Result, ScalarValue, exec_err};
use datafusion_expr::{
    ColumnarValue, ScalarFunctionArgs, ScalarUDF, ScalarUDFImpl, Signature, TypeSignature,
    Volatility,
};

use super::on_text::texts_of;
use crate::given::Given;

/// Name of the function that looks in a code list.
pub(crate) const ON_CODE_LIST: &str = "on_code_list";
/// Name of the function that looks in reference data.
pub(crate) const IN_REFERENCE: &str = "in_reference";

pub(super) fn functions(given: &Given) -> Vec<Arc<ScalarUDF>> {
    [ON_CODE_LIST, IN_REFERENCE]
        .into_iter()
        .map(|name| Arc::new(ScalarUDF::new_from_impl(LookUp::new(name, given))))
        .collect()
}

/// `NAME(text, 'list'[, date])`.
struct LookUp {
    name: &'static str,
    given: Given,
    signature: Signature,
}

impl LookUp {
    fn new(name: &'static str, given: &Given) -> Self {
        let signature = Signature::one_of(
            vec![
                TypeSignature::Exact(vec![DataType::Utf8, DataType::Utf8]),
                TypeSignature::Exact(vec![DataType::Utf8, DataType::Utf8, DataType::Date32]),
            ],
            Volatility::Immutable,
        );
        Self {
            name,
            given: given.clone(),
            signature,
        }
    }

    /// Looks every text up, on its own day or else on that which is given to all rules; an absent text gives an unknown answer.
    fn answers(
        &self,
        texts: &ArrayRef,
        dates: Option<&ArrayRef>,
        look: impl Fn(&str, Option<i32>) -> Option<bool>,
    ) -> Option<BooleanArray> {
        let dates = dates.and_then(|dates| dates.as_primitive_opt::<Date32Type>());
        let day = |row: usize| {
            dates
                .filter(|dates| dates.is_valid(row))
                .map(|dates| dates.value(row))
                .or(self.given.as_at)
        };
        let texts = texts_of(texts)?;
        Some(
            texts
                .enumerate()
                .map(|(row, text)| text.and_then(|text| look(text, day(row))))
                .collect(),
        )
    }
}

impl fmt::Debug for LookUp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name)
    }
}

// A function is its name: there is one of each in a set of rules.
impl PartialEq for LookUp {
    fn eq(&self, other: &Self) -> bool {
        self.name == other.name
    }
}

impl Eq for LookUp {}

impl Hash for LookUp {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.name.hash(state);
    }
}

impl ScalarUDFImpl for LookUp {
    fn name(&self) -> &str {
        self.name
    }

    fn signature(&self) -> &Signature {
        &self.signature
    }

    fn return_type(&self, _arg_types: &[DataType]) -> Result<DataType> {
        Ok(DataType::Boolean)
    }

    fn invoke_with_args(&self, args: ScalarFunctionArgs) -> Result<ColumnarValue> {
        let (texts, list, dates) = match args.args.as_slice() {
            [texts, list] => (texts, list, None),
            [texts, list, dates] => (texts, list, Some(dates.to_array(args.number_rows)?)),
            _ => return exec_err!("{} takes a text, a list and a date", self.name),
        };
        let ColumnarValue::Scalar(ScalarValue::Utf8(Some(list))) = list else {
            return exec_err!("the list that {} looks in is named by a text", self.name);
        };
        let texts = texts.to_array(args.number_rows)?;
        let answers = if self.name == ON_CODE_LIST {
            let Some(codes) = self.given.code_lists.get(list) else {
                return exec_err!("there is no code list {list}");
            };
            self.answers(&texts, dates.as_ref(), |text, day| {
                Some(codes.holds(text.as_bytes(), day))
            })
        } else {
            let Some(reference) = &self.given.reference else {
                return exec_err!("no reference data were given");
            };
            match self.given.row_indexes.get(list, &**reference) {
                Some(rows) => self.answers(&texts, dates.as_ref(), |text, day| {
                    Some(rows.holds(text, day))
                }),
                None => self.answers(&texts, dates.as_ref(), |text, day| {
                    reference.is_live(list, text, day)
                }),
            }
        };
        if let Some(answers) = answers {
            Ok(ColumnarValue::Array(Arc::new(answers)))
        } else {
            exec_err!("{} takes a text", self.name)
        }
    }
}
