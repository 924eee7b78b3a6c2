//! The function that gives what the user says of a submission.

use std::hash::{Hash, Hasher};
use std::sync::Arc;

use arrow_schema::DataType;
use concord_check::submission::Parameters;
use concord_standards::submission::Parameter;
use datafusion_common::{Result, ScalarValue, exec_err};
use datafusion_expr::{
    ColumnarValue, ScalarFunctionArgs, ScalarUDF, ScalarUDFImpl, Signature, Volatility,
};

use crate::given::Given;

/// Name of the function.
pub(crate) const PARAM: &str = "param";

pub(super) fn function(given: &Given) -> Arc<ScalarUDF> {
    Arc::new(ScalarUDF::new_from_impl(Param {
        parameters: Arc::clone(&given.parameters),
        signature: Signature::exact(vec![DataType::Utf8], Volatility::Immutable),
    }))
}

/// `param('name')`: the text that was given, unknown where none was.
#[derive(Debug)]
struct Param {
    parameters: Arc<Parameters>,
    signature: Signature,
}

// There is one of each in a set of rules.
impl PartialEq for Param {
    fn eq(&self, _: &Self) -> bool {
        true
    }
}

impl Eq for Param {}

impl Hash for Param {
    fn hash<H: Hasher>(&self, state: &mut H) {
        PARAM.hash(state);
    }
}

impl ScalarUDFImpl for Param {
    fn name(&self) -> &'static str {
        PARAM
    }

    fn signature(&self) -> &Signature {
        &self.signature
    }

    fn return_type(&self, _arg_types: &[DataType]) -> Result<DataType> {
        Ok(DataType::Utf8)
    }

    fn invoke_with_args(&self, args: ScalarFunctionArgs) -> Result<ColumnarValue> {
        let [ColumnarValue::Scalar(ScalarValue::Utf8(Some(name)))] = args.args.as_slice() else {
            return exec_err!("{PARAM} takes the name of a parameter");
        };
        let given = Parameter::of(name).and_then(|known| self.parameters.get(&known));
        Ok(ColumnarValue::Scalar(ScalarValue::Utf8(given.cloned())))
    }
}
