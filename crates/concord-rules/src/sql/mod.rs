//! SQL expressions: parsed, their names resolved to columns, planned to physical expressions.

mod environment;
mod expression;
mod names;
mod parse;
mod ready;
mod shared;
mod types;

use std::collections::HashMap;
use std::ops::ControlFlow;

use arrow_schema::{DataType, Field, Schema};
use datafusion_common::DFSchema;
use datafusion_expr::Expr;
use datafusion_sql::sqlparser::ast::{Expr as Tree, visit_expressions};

use crate::error::Problem;
use crate::tables::{Cell, Tables};
pub(crate) use parse::{placed as placed_syntax, span};
pub(crate) use types::{PRECISION, SCALE, clash, message, of_kind};

pub(crate) use environment::Environment;
pub(crate) use parse::parse as parse_expression;
pub(crate) use ready::{Ready, Unit};

/// A name as SQL writes it.
pub(crate) fn quoted(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}

/// What an aggregate makes of the rows below a row.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
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
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Source {
    /// A captured column of the table itself or of one above.
    Cell(Cell),
    /// Whether a captured column has a value of whatever form (`true`), or has none (`false`).
    Presence(Cell, bool),
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
    by_source: HashMap<Source, usize>,
    by_name: HashMap<String, usize>,
    pub(crate) outputs: Vec<Expr>,
    by_expression: HashMap<Expr, usize>,
}

/// All SQL of a set of rules, while it is being compiled.
pub(crate) struct Sql<'t, 's> {
    pub(crate) tables: &'t mut Tables<'s>,
    pub(crate) environment: &'t Environment,
    pub(crate) drafts: Vec<Draft>,
    /// What is missing to run the rule that is being compiled.
    pub(crate) missing: Option<String>,
}

impl<'t, 's> Sql<'t, 's> {
    pub(crate) fn new(tables: &'t mut Tables<'s>, environment: &'t Environment) -> Self {
        Self {
            tables,
            environment,
            drafts: Vec::new(),
            missing: None,
        }
    }

    /// Compiles a condition on the rows of a table.
    pub(crate) fn condition(&mut self, sql: &str, table: usize) -> Result<Expr, Problem> {
        let (expression, data_type) = self.value(sql, table)?;
        if !matches!(data_type, DataType::Boolean | DataType::Null) {
            return Err(Problem::new(format!(
                "the check is {}, not a condition",
                types::described(&data_type)
            ))
            .help("a check is true or false, such as `A <= B`")
            .at((0, sql.len())));
        }
        Ok(expression)
    }

    /// Compiles an expression over the rows of a table, and says what type it has.
    pub(crate) fn value(&mut self, sql: &str, table: usize) -> Result<(Expr, DataType), Problem> {
        let mut tree = parse::parse(sql)?;
        self.resolve_names(sql, &mut tree, table)?;
        self.plan(sql, &tree, table)
    }

    /// Plans SQL of our own making, in which names are those of inputs.
    pub(crate) fn planned(&mut self, sql: &str, table: usize) -> Result<Expr, Problem> {
        let tree = parse::parse(sql)?;
        self.plan(sql, &tree, table)
            .map(|(expression, _)| expression)
    }

    /// The column of a cell's value, as the SQL of a table sees it.
    pub(crate) fn cell(&mut self, table: usize, cell: Cell) -> String {
        let column = &self.tables.tables[cell.table].columns[cell.column];
        let (name, data_type) = (column.name.clone(), of_kind(column.kind));
        self.input(table, &name, Source::Cell(cell), data_type)
    }

    /// The column that says whether a cell has a value (or has none), as the SQL of a table sees it.
    pub(crate) fn presence(&mut self, table: usize, cell: Cell, present: bool) -> String {
        let name = &self.tables.tables[cell.table].columns[cell.column].name;
        let name = format!("{name} is {}", if present { "present" } else { "absent" });
        self.input(
            table,
            &name,
            Source::Presence(cell, present),
            DataType::Boolean,
        )
    }

    fn draft(&mut self, table: usize) -> &mut Draft {
        if self.drafts.len() <= table {
            self.drafts.resize_with(table + 1, Draft::default);
        }
        &mut self.drafts[table]
    }

    /// The number of an output of a table.
    pub(crate) fn output(&mut self, table: usize, expression: Expr) -> usize {
        let draft = self.draft(table);
        if let Some(&known) = draft.by_expression.get(&expression) {
            return known;
        }
        let number = draft.outputs.len();
        draft.by_expression.insert(expression.clone(), number);
        draft.outputs.push(expression);
        number
    }

    /// The name by which the SQL of a table sees a source.
    fn input(&mut self, table: usize, name: &str, source: Source, data_type: DataType) -> String {
        // The planner would take a name with @ for a variable.
        let mut unique = name.replace('@', "attribute ");
        let draft = self.draft(table);
        if let Some(&known) = draft.by_source.get(&source) {
            return draft.inputs[known].name.clone();
        }
        while draft.by_name.contains_key(&unique) {
            unique.push('\'');
        }
        draft.by_source.insert(source, draft.inputs.len());
        draft.by_name.insert(unique.clone(), draft.inputs.len());
        draft.inputs.push(Input {
            name: unique.clone(),
            source,
            data_type,
        });
        unique
    }

    /// The schema of those inputs of a table that an expression names.
    fn schema(&mut self, tree: &Tree, table: usize) -> Result<DFSchema, Problem> {
        let draft = self.draft(table);
        let mut used: Vec<usize> = Vec::new();
        let _ = visit_expressions(tree, |part| {
            if let Tree::Identifier(name) = part {
                used.extend(draft.by_name.get(&name.value));
            }
            ControlFlow::<()>::Continue(())
        });
        used.sort_unstable();
        used.dedup();
        let inputs = used.into_iter().map(|number| &draft.inputs[number]);
        schema_of(inputs)
    }

    /// Makes everything that was compiled ready to run. `apart`: outputs that look at different inputs are computed apart.
    pub(crate) fn finish(mut self, apart: bool) -> Result<Vec<Ready>, Problem> {
        let count = self.tables.tables.len();
        self.draft(count - 1);
        self.drafts
            .into_iter()
            .enumerate()
            .map(|(table, draft)| Ready::new(table, draft, apart))
            .map(|ready| ready.map_err(|error| Problem::new(types::message(&error))))
            .collect()
    }
}

fn fields_of<'i>(inputs: impl Iterator<Item = &'i Input>) -> Vec<Field> {
    inputs
        .map(|input| Field::new(&input.name, input.data_type.clone(), true))
        .collect()
}

fn schema_of<'i>(inputs: impl Iterator<Item = &'i Input>) -> Result<DFSchema, Problem> {
    DFSchema::try_from(Schema::new(fields_of(inputs)))
        .map_err(|error| Problem::new(types::message(&error)))
}
