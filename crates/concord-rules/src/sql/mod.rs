//! SQL expressions: parsed, their names resolved to columns, planned to physical expressions.

mod environment;
mod expression;
mod names;
mod parse;
mod shared;
mod types;

use std::sync::Arc;

use arrow_schema::{DataType, Field, Schema, SchemaRef};
use datafusion_common::{DFSchema, DataFusionError};
use datafusion_expr::Expr;
use datafusion_expr::execution_props::ExecutionProps;
use datafusion_expr::physical_planning_context::PhysicalPlanningContext;
use datafusion_physical_expr::{PhysicalExpr, create_physical_expr};

use crate::error::Problem;
use crate::tables::{Cell, Tables};
pub(crate) use types::{PRECISION, SCALE, of_kind};

pub(crate) use environment::Environment;

/// What an aggregate makes of the rows below a row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Aggregate {
    Any,
    All,
    /// Rows that have a value; of conditions, rows for which it is true.
    Count,
    /// Rows.
    CountRows,
    Min,
    Max,
}

impl Aggregate {
    fn named(name: &str) -> Option<Self> {
        Some(match name.to_ascii_lowercase().as_str() {
            "any" => Self::Any,
            "all" => Self::All,
            "count" => Self::Count,
            "min" => Self::Min,
            "max" => Self::Max,
            _ => return None,
        })
    }
}

/// Where the SQL of a table finds the values of an input.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Source {
    /// A captured column of the table itself or of one above.
    Cell(Cell),
    /// An aggregate over an output of a table below; the output is 0 for [`Aggregate::CountRows`].
    Aggregate {
        aggregate: Aggregate,
        table: usize,
        output: usize,
    },
}

/// A column as the SQL of a table sees it.
#[derive(Debug, Clone)]
pub(crate) struct Input {
    pub(crate) name: String,
    pub(crate) source: Source,
    pub(crate) data_type: DataType,
}

/// Inputs and expressions of one table.
#[derive(Debug, Default)]
pub(crate) struct Draft {
    pub(crate) inputs: Vec<Input>,
    pub(crate) outputs: Vec<Expr>,
}

/// Inputs and expressions of one table, ready to run.
#[derive(Debug)]
pub(crate) struct Ready {
    pub(crate) inputs: Vec<Input>,
    /// The inputs' schema.
    pub(crate) schema: SchemaRef,
    /// Calls over the inputs that several outputs use.
    pub(crate) shared: Vec<Arc<dyn PhysicalExpr>>,
    /// The schema of inputs and shared calls.
    pub(crate) whole: SchemaRef,
    /// Expressions over inputs and shared calls.
    pub(crate) outputs: Vec<Arc<dyn PhysicalExpr>>,
}

/// All SQL of a set of rules, while it is being compiled.
pub(crate) struct Sql<'t, 's> {
    pub(crate) tables: &'t mut Tables<'s>,
    pub(crate) environment: &'t Environment,
    pub(crate) drafts: Vec<Draft>,
}

impl<'t, 's> Sql<'t, 's> {
    pub(crate) fn new(tables: &'t mut Tables<'s>, environment: &'t Environment) -> Self {
        Self {
            tables,
            environment,
            drafts: Vec::new(),
        }
    }

    /// Compiles a condition on the rows of a table and returns the number of its output.
    pub(crate) fn condition(&mut self, sql: &str, table: usize) -> Result<usize, Problem> {
        let mut tree = parse::parse(sql)?;
        self.resolve_names(sql, &mut tree, table)?;
        let (expression, data_type) = self.plan(sql, &tree, table)?;
        if !matches!(data_type, DataType::Boolean | DataType::Null) {
            return Err(Problem::new(format!(
                "the check is {}, not a condition",
                types::described(&data_type)
            ))
            .help("a check is true or false, such as `A <= B`")
            .at((0, sql.len())));
        }
        Ok(self.output(table, expression))
    }

    fn draft(&mut self, table: usize) -> &mut Draft {
        if self.drafts.len() <= table {
            self.drafts.resize_with(table + 1, Draft::default);
        }
        &mut self.drafts[table]
    }

    fn output(&mut self, table: usize, expression: Expr) -> usize {
        let outputs = &mut self.draft(table).outputs;
        let known = outputs.iter().position(|known| *known == expression);
        known.unwrap_or_else(|| {
            outputs.push(expression);
            outputs.len() - 1
        })
    }

    /// The name by which the SQL of a table sees a source.
    fn input(&mut self, table: usize, name: &str, source: Source, data_type: DataType) -> String {
        // The planner would take a name with @ for a variable.
        let name = name.replace('@', "attribute ");
        let inputs = &mut self.draft(table).inputs;
        if let Some(known) = inputs.iter().find(|input| input.source == source) {
            return known.name.clone();
        }
        let mut unique = name.clone();
        while inputs.iter().any(|input| input.name == unique) {
            unique.push('\'');
        }
        inputs.push(Input {
            name: unique.clone(),
            source,
            data_type,
        });
        unique
    }

    fn schema(&mut self, table: usize) -> Result<DFSchema, Problem> {
        schema_of(&self.draft(table).inputs)
    }

    /// Makes everything that was compiled ready to run.
    pub(crate) fn finish(mut self) -> Result<Vec<Ready>, Problem> {
        let count = self.tables.tables.len();
        self.draft(count - 1);
        self.drafts
            .into_iter()
            .map(|draft| ready(draft).map_err(|error| Problem::new(types::message(&error))))
            .collect()
    }
}

fn ready(mut draft: Draft) -> Result<Ready, DataFusionError> {
    let mut fields = fields_of(&draft.inputs);
    let schema = DFSchema::try_from(Schema::new(fields.clone()))?;
    let shared = shared::take_out(&mut draft.outputs, &draft.inputs, &schema)?;
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
    let outputs = draft
        .outputs
        .iter()
        .map(|output| physical(output, &whole))
        .collect::<Result<_, _>>()?;
    Ok(Ready {
        inputs: draft.inputs,
        schema: Arc::clone(schema.inner()),
        shared: calls,
        whole: Arc::clone(whole.inner()),
        outputs,
    })
}

fn fields_of(inputs: &[Input]) -> Vec<Field> {
    inputs
        .iter()
        .map(|input| Field::new(&input.name, input.data_type.clone(), true))
        .collect()
}

fn schema_of(inputs: &[Input]) -> Result<DFSchema, Problem> {
    DFSchema::try_from(Schema::new(fields_of(inputs)))
        .map_err(|error| Problem::new(types::message(&error)))
}
