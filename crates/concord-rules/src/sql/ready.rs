//! The SQL of a table made ready to run.

use std::collections::BTreeMap;
use std::sync::Arc;

use arrow_schema::{Field, Schema, SchemaRef};
use datafusion_common::{DFSchema, DataFusionError};
use datafusion_expr::Expr;
use datafusion_expr::execution_props::ExecutionProps;
use datafusion_expr::physical_planning_context::PhysicalPlanningContext;
use datafusion_physical_expr::{PhysicalExpr, create_physical_expr};

use super::{Draft, Input, Source, fields_of, shared};

/// Inputs and expressions of one table, ready to run.
#[derive(Debug)]
pub(crate) struct Ready {
    pub(crate) inputs: Vec<Input>,
    /// The outputs, each in one unit.
    pub(crate) units: Vec<Unit>,
    /// How many outputs there are.
    pub(crate) outputs: usize,
}

/// Outputs that are computed together.
#[derive(Debug)]
pub(crate) struct Unit {
    /// The inputs that they look at, by number.
    pub(crate) inputs: Vec<usize>,
    /// The schema of these inputs.
    pub(crate) schema: SchemaRef,
    /// Calls over the inputs that several outputs use.
    pub(crate) shared: Vec<Arc<dyn PhysicalExpr>>,
    /// The schema of inputs and shared calls.
    pub(crate) whole: SchemaRef,
    /// Expressions over inputs and shared calls, with the number of the output in the table.
    pub(crate) outputs: Vec<(usize, Arc<dyn PhysicalExpr>)>,
    /// Whether it is worth looking for rows whose inputs say the same: the outputs look at the same cells of their own row.
    pub(crate) by_value: bool,
}

impl Ready {
    /// `apart`: outputs that look at different inputs are in different units.
    pub(super) fn new(table: usize, draft: Draft, apart: bool) -> Result<Self, DataFusionError> {
        let mut groups: BTreeMap<Vec<usize>, Vec<usize>> = BTreeMap::new();
        for (number, output) in draft.outputs.iter().enumerate() {
            let inputs = if apart {
                let mut inputs: Vec<usize> = output
                    .column_refs()
                    .into_iter()
                    .filter_map(|column| draft.by_name.get(&column.name).copied())
                    .collect();
                inputs.sort_unstable();
                inputs
            } else {
                (0..draft.inputs.len()).collect()
            };
            groups.entry(inputs).or_default().push(number);
        }
        let units = groups.into_iter().map(|(inputs, numbers)| {
            let outputs = numbers
                .iter()
                .map(|&number| draft.outputs[number].clone())
                .collect();
            let own = |source| match source {
                Source::Cell(cell) | Source::Presence(cell, _) => cell.table == table,
                Source::Aggregate { .. } => false,
            };
            let by_value = apart
                && !inputs.is_empty()
                && inputs.iter().all(|&input| own(draft.inputs[input].source));
            unit(&draft, inputs, &numbers, outputs, by_value)
        });
        Ok(Self {
            units: units.collect::<Result<_, _>>()?,
            outputs: draft.outputs.len(),
            inputs: draft.inputs,
        })
    }
}

fn unit(
    draft: &Draft,
    inputs: Vec<usize>,
    numbers: &[usize],
    mut outputs: Vec<Expr>,
    by_value: bool,
) -> Result<Unit, DataFusionError> {
    let mut fields = fields_of(inputs.iter().map(|&number| &draft.inputs[number]));
    let schema = DFSchema::try_from(Schema::new(fields.clone()))?;
    let shared = shared::take_out(&mut outputs, &draft.inputs, &schema)?;
    let properties = ExecutionProps::new();
    let context = PhysicalPlanningContext::default();
    let physical = |expression: &Expr, schema: &DFSchema| {
        create_physical_expr(expression, schema, &properties, &context)
    };
    let calls = shared
        .iter()
        .map(|(_, _, call)| physical(call, &schema))
        .collect::<Result<_, _>>()?;
    let more = shared
        .into_iter()
        .map(|(name, data_type, _)| Field::new(name, data_type, true));
    fields.extend(more);
    let whole = DFSchema::try_from(Schema::new(fields))?;
    let outputs = numbers
        .iter()
        .zip(&outputs)
        .map(|(&number, output)| Ok((number, physical(output, &whole)?)))
        .collect::<Result<_, DataFusionError>>()?;
    Ok(Unit {
        inputs,
        schema: Arc::clone(schema.inner()),
        shared: calls,
        whole: Arc::clone(whole.inner()),
        outputs,
        by_value,
    })
}
