//! What SQL may call.

use std::collections::BTreeMap;
use std::sync::Arc;

use arrow_schema::DataType;
use datafusion_common::config::ConfigOptions;
use datafusion_common::{DataFusionError, TableReference, plan_err};
use datafusion_expr::planner::{ContextProvider, ExprPlanner};
use datafusion_expr::{
    AggregateUDF, HigherOrderUDF, ScalarUDF, TableSource, Volatility, WindowUDF,
};

use crate::error::Problem;
use crate::functions;
use crate::given::Given;
use crate::tables::nearest;

const CORE: [&str; 7] = [
    "coalesce", "greatest", "least", "nullif", "nvl", "nvl2", "overlay",
];

/// Functions, and the settings of the planner.
pub(crate) struct Environment {
    functions: BTreeMap<String, Arc<ScalarUDF>>,
    planners: Vec<Arc<dyn ExprPlanner>>,
    options: Arc<ConfigOptions>,
    given: Given,
}

impl Environment {
    pub(crate) fn new(given: &Given) -> Self {
        // Of the core functions those about values; the others are about storage and types.
        let core = datafusion_functions::core::functions()
            .into_iter()
            .filter(|function| CORE.contains(&function.name()));
        let shipped = core
            .chain(datafusion_functions::string::functions())
            .chain(datafusion_functions::unicode::functions())
            .chain(datafusion_functions::regex::functions())
            .chain(functions::all(given));
        let mut functions = BTreeMap::new();
        for function in shipped {
            // The same data must always give the same findings.
            if function.signature().volatility == Volatility::Volatile {
                continue;
            }
            for alias in function.aliases() {
                functions.insert(alias.to_lowercase(), Arc::clone(&function));
            }
            functions.insert(function.name().to_lowercase(), function);
        }
        Self {
            functions,
            planners: vec![
                Arc::new(datafusion_functions::core::planner::CoreFunctionPlanner::default()),
                Arc::new(datafusion_functions::unicode::planner::UnicodeFunctionPlanner),
            ],
            options: Arc::new(ConfigOptions::default()),
            given: given.clone(),
        }
    }

    /// What rules are given besides the data.
    pub(crate) fn given(&self) -> &Given {
        &self.given
    }

    /// Every function, by name.
    pub(crate) fn functions(&self) -> impl Iterator<Item = &Arc<ScalarUDF>> {
        self.functions.values()
    }

    /// Checks the name of a code list that a call names.
    pub(crate) fn known_list(&self, function: &str, id: &str) -> Result<(), Problem> {
        if function != functions::ON_CODE_LIST || self.given.code_lists.has(id) {
            return Ok(());
        }
        let problem = Problem::new(format!("there is no code list `{id}`"));
        Err(match nearest(id, self.given.code_lists.names()) {
            Some(near) => problem.help(format!("did you mean `{near}`?")),
            None => problem.help("a code list is a file in schemas/codes, named without .csv"),
        })
    }

    pub(crate) fn shared_options(&self) -> Arc<ConfigOptions> {
        Arc::clone(&self.options)
    }

    pub(crate) fn has(&self, name: &str) -> bool {
        self.functions.contains_key(&name.to_lowercase())
    }

    pub(crate) fn names(&self) -> impl Iterator<Item = &str> {
        self.functions.keys().map(String::as_str)
    }
}

impl ContextProvider for Environment {
    fn get_table_source(
        &self,
        name: TableReference,
    ) -> Result<Arc<dyn TableSource>, DataFusionError> {
        plan_err!("a rule looks at its own record and has no table {name}")
    }

    fn get_expr_planners(&self) -> &[Arc<dyn ExprPlanner>] {
        &self.planners
    }

    fn get_function_meta(&self, name: &str) -> Option<Arc<ScalarUDF>> {
        self.functions.get(&name.to_lowercase()).cloned()
    }

    fn get_higher_order_meta(&self, _name: &str) -> Option<Arc<HigherOrderUDF>> {
        None
    }

    fn get_aggregate_meta(&self, _name: &str) -> Option<Arc<AggregateUDF>> {
        None
    }

    fn get_window_meta(&self, _name: &str) -> Option<Arc<WindowUDF>> {
        None
    }

    fn get_variable_type(&self, _variable_names: &[String]) -> Option<DataType> {
        None
    }

    fn options(&self) -> &ConfigOptions {
        &self.options
    }

    fn udf_names(&self) -> Vec<String> {
        self.functions.keys().cloned().collect()
    }

    fn higher_order_function_names(&self) -> Vec<String> {
        Vec::new()
    }

    fn udaf_names(&self) -> Vec<String> {
        Vec::new()
    }

    fn udwf_names(&self) -> Vec<String> {
        Vec::new()
    }
}
