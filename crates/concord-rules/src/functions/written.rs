//! Conditions on a text that are written out in a rule, as functions that know them: `DataFusion` would work out what they say
//! anew for every batch of rows.

use std::fmt::Debug;
use std::hash::{Hash, Hasher};
use std::sync::Arc;

use arrow_array::cast::AsArray;
use arrow_array::{ArrayRef, StringArray};
use arrow_schema::DataType;
use datafusion_common::{Result, plan_err};
use datafusion_expr::expr::ScalarFunction;
use datafusion_expr::{
    ColumnarValue, Expr, ScalarFunctionArgs, ScalarUDF, ScalarUDFImpl, Signature, Volatility,
};

use super::on_text::{Texts, on_text};

/// A condition on a text.
pub(super) trait Written: Debug + Send + Sync + 'static {
    /// What plans call it.
    const NAME: &'static str;
    /// What is written, which says all of it.
    fn written(&self) -> &[u8];
    /// Answers for every text; of an unknown one the answer is unknown.
    fn of(&self, texts: &StringArray) -> ArrayRef;
}

/// A condition on what an expression gives, or its opposite.
pub(super) fn asked(condition: impl Written, of: &Expr, negated: bool) -> Expr {
    let function = ScalarUDF::new_from_impl(Known {
        condition,
        signature: Signature::exact(vec![DataType::Utf8], Volatility::Immutable),
    });
    let call = ScalarFunction::new_udf(Arc::new(function), vec![of.clone()]);
    let call = Expr::ScalarFunction(call);
    if negated {
        Expr::Not(Box::new(call))
    } else {
        call
    }
}

/// A function that knows its condition.
#[derive(Debug)]
struct Known<C> {
    condition: C,
    signature: Signature,
}

impl<C: Written> PartialEq for Known<C> {
    fn eq(&self, other: &Self) -> bool {
        self.condition.written() == other.condition.written()
    }
}

impl<C: Written> Eq for Known<C> {}

impl<C: Written> Hash for Known<C> {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.condition.written().hash(state);
    }
}

impl<C: Written> ScalarUDFImpl for Known<C> {
    fn name(&self) -> &'static str {
        C::NAME
    }

    fn signature(&self) -> &Signature {
        &self.signature
    }

    fn return_type(&self, _arg_types: &[DataType]) -> Result<DataType> {
        Ok(DataType::Boolean)
    }

    fn invoke_with_args(&self, args: ScalarFunctionArgs) -> Result<ColumnarValue> {
        let [argument] = args.args.as_slice() else {
            return plan_err!("{} takes one text", C::NAME);
        };
        on_text(argument, C::NAME, |texts| match texts {
            Texts::Array(array) => array
                .as_string_opt::<i32>()
                .map(|texts| self.condition.of(texts)),
            Texts::One(text) => Some(self.condition.of(&vec![text].into())),
        })
    }
}
