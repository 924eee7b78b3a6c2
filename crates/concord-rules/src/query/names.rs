//! Queries while rules are compiled: planned over empty tables to find what is wrong with them and which columns they need.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use arrow_schema::{DataType, Field, Schema};
use datafusion::prelude::SessionContext;
use datafusion::sql::parser::Statement;
use datafusion_common::tree_node::TreeNodeRecursion;
use datafusion_common::{DFSchema, DataFusionError};
use datafusion_expr::LogicalPlan;
use datafusion_sql::sqlparser::ast::Statement as Sentence;
use datafusion_sql::sqlparser::tokenizer::{Location, Span};

use super::RECORD_COLUMN;
use super::session::{MEMORY, declare, session, state, wait};
use crate::error::Problem;
use crate::sql::{Sql, clash, message, of_kind, placed_syntax, span};
use crate::tables::{Cell, Tables, nearest};

/// What the queries compiled so far need.
#[derive(Default)]
pub(crate) struct QueryNames {
    context: Option<SessionContext>,
    pub(super) tables: BTreeMap<String, Known>,
    /// Those that queries over all inputs name.
    pub(super) spanning: BTreeMap<String, Known>,
    /// For each query, whether a column of its answer may identify a person.
    pub(super) personal: BTreeMap<String, Vec<bool>>,
}

/// A table of the submission that queries name.
#[derive(Debug)]
pub(super) struct Known {
    pub(super) table: usize,
    pub(super) columns: BTreeMap<String, Cell>,
}

/// Stands for every name, where it cannot be known which there are.
pub(crate) const ANY_NAME: &str = "*";

impl QueryNames {
    /// Plans a query, and returns the names of its answer's columns.
    pub(crate) fn add(
        &mut self,
        sql: &str,
        work: &mut Sql<'_, '_>,
    ) -> Result<Vec<String>, Problem> {
        let context = self.context(work)?;
        let statement = read(&context, sql)?;
        if let Statement::Statement(sentence) = &statement {
            work.known_parameters(sql, sentence)?;
        }
        if work.missing.is_some() {
            return Ok(vec![ANY_NAME.to_owned()]);
        }
        let tables = state(&context)
            .resolve_table_references(&statement)
            .map_err(|error| placed(sql, &error))?;
        for table in tables {
            let name = table.table();
            if let Some(reason) = know(&context, name, sql, work)? {
                work.missing = Some(reason);
                return Ok(vec![ANY_NAME.to_owned()]);
            }
        }
        let plan = wait(async { state(&context).statement_to_plan(statement).await })
            .map_err(|error| placed(sql, &error))?;
        if let Some(problem) = clashes(&plan) {
            return Err(problem.at((0, sql.len())));
        }
        has_record(&plan).map_err(|problem| problem.at((0, sql.len())))?;
        let optimized = state(&context)
            .optimize(&plan)
            .map_err(|error| placed(sql, &error))?;
        self.need(&optimized, work)?;
        let personal = self.personal_columns(&plan, work.tables);
        self.personal.insert(sql.to_owned(), personal);
        let names = plan.schema().fields().iter();
        Ok(names.map(|field| field.name().clone()).collect())
    }

    /// The session that queries are planned in.
    pub(super) fn context(&mut self, work: &Sql<'_, '_>) -> Result<SessionContext, Problem> {
        if let Some(context) = &self.context {
            return Ok(context.clone());
        }
        let context = session(work.environment.functions(), true, MEMORY)
            .map_err(|error| Problem::new(message(&error)))?;
        Ok(self.context.insert(context).clone())
    }

    /// Notes the columns that a plan reads.
    fn need(&mut self, plan: &LogicalPlan, work: &mut Sql<'_, '_>) -> Result<(), Problem> {
        let mut scans: Vec<(String, Vec<String>)> = Vec::new();
        let _ = plan.apply_with_subqueries(|node| {
            if let LogicalPlan::TableScan(scan) = node {
                let fields = scan.projected_schema.fields().iter();
                let columns = fields.map(|field| field.name().clone()).collect();
                scans.push((scan.table_name.table().to_owned(), columns));
            }
            Ok(TreeNodeRecursion::Continue)
        });
        for (name, columns) in scans {
            if !work.tables.is_record(&name) {
                continue;
            }
            let table = work.tables.group(&name)?;
            let known = self.tables.entry(name).or_insert_with(|| Known {
                table,
                columns: BTreeMap::new(),
            });
            for column in columns {
                if column != RECORD_COLUMN {
                    let cell = work.tables.own_column(&column, table)?;
                    known.columns.insert(column, cell);
                }
            }
        }
        Ok(())
    }

    /// For each column of the answer, whether it may identify a person: it is such a column of a table, or it is computed in
    /// a query that reads one.
    fn personal_columns(&self, plan: &LogicalPlan, tables: &Tables<'_>) -> Vec<bool> {
        let is_personal = |cell: &Cell| {
            let column = &tables.tables[cell.table].columns[cell.column];
            tables.facts_of(column).0
        };
        let read: BTreeSet<String> = scanned(plan);
        let any = self
            .tables
            .iter()
            .filter(|(name, _)| read.contains(*name))
            .any(|(_, known)| known.columns.values().any(is_personal));
        plan.schema()
            .iter()
            .map(|(qualifier, field)| {
                if field.name() == RECORD_COLUMN {
                    return false;
                }
                let known = qualifier
                    .and_then(|table| self.tables.get(table.table()))
                    .and_then(|known| known.columns.get(field.name()));
                known.map_or(any, is_personal)
            })
            .collect()
    }
}

pub(super) fn scanned(plan: &LogicalPlan) -> BTreeSet<String> {
    let mut names = BTreeSet::new();
    let _ = plan.apply_with_subqueries(|node| {
        if let LogicalPlan::TableScan(scan) = node {
            names.insert(scan.table_name.table().to_owned());
        }
        Ok(TreeNodeRecursion::Continue)
    });
    names
}

/// Reads one SELECT.
pub(super) fn read(context: &SessionContext, sql: &str) -> Result<Statement, Problem> {
    let state = state(context);
    let dialect = state.config().options().sql_parser.dialect;
    let statement = state
        .sql_to_statement(sql, &dialect)
        .map_err(|error| placed(sql, &error))?;
    match &statement {
        Statement::Statement(sentence) if matches!(**sentence, Sentence::Query(_)) => Ok(statement),
        _ => Err(Problem::new("a query is a SELECT").at((0, sql.len()))),
    }
}

/// Makes a table known to the session; why the query cannot be run, when it is one that is not given.
fn know(
    context: &SessionContext,
    name: &str,
    sql: &str,
    work: &mut Sql<'_, '_>,
) -> Result<Option<String>, Problem> {
    // Another rule's query may have named it.
    if context.table_exist(name).unwrap_or(false) {
        return Ok(None);
    }
    let schema = if work.tables.is_record(name) {
        let mut fields = vec![Field::new(RECORD_COLUMN, DataType::Int64, false)];
        let columns = work.tables.columns_of(name).into_iter();
        fields.extend(columns.map(|(column, kind)| Field::new(column, of_kind(kind), true)));
        Arc::new(Schema::new(fields))
    } else {
        let given = work.environment.given();
        let known = given.reference.as_ref();
        if let Some(table) = known.and_then(|reference| reference.without_rows(name)) {
            table.schema
        } else {
            let records = work.tables.record_names();
            if let Some(near) = nearest(name, records.iter().map(|name| &**name)) {
                let at = sql.find(name).unwrap_or(0);
                return Err(Problem::new(format!("there is no table `{name}`"))
                    .help(format!("did you mean `{near}`?"))
                    .at((at, name.len())));
            }
            let reason = if given.reference.is_some() {
                format!("the reference data have no table `{name}`")
            } else {
                format!("no reference data were given, and it needs the table `{name}`")
            };
            return Ok(Some(reason));
        }
    };
    declare(context, name, schema).map_err(|error| Problem::new(message(&error)))?;
    Ok(None)
}

/// The answer says which records it is about.
fn has_record(plan: &LogicalPlan) -> Result<(), Problem> {
    let field = plan
        .schema()
        .fields()
        .iter()
        .find(|field| field.name() == RECORD_COLUMN);
    match field {
        Some(field) if field.data_type().is_integer() => Ok(()),
        Some(_) => Err(Problem::new("the column `record` is not a number")),
        None => Err(Problem::new("the answer has no column `record`")
            .help("select the number of the record that a finding stands at, such as `min(record) AS record`")),
    }
}

/// The first comparison of values of different kinds in any part of a plan.
fn clashes(plan: &LogicalPlan) -> Option<Problem> {
    let mut problem = None;
    let _ = plan.apply_with_subqueries(|node| {
        let mut schema = DFSchema::empty();
        for input in node.inputs() {
            schema.merge(input.schema());
        }
        problem = node
            .expressions()
            .iter()
            .find_map(|expression| clash(expression, &schema));
        Ok(if problem.is_some() {
            TreeNodeRecursion::Stop
        } else {
            TreeNodeRecursion::Continue
        })
    });
    problem
}

/// What is wrong with a query, and where.
pub(super) fn placed(sql: &str, error: &DataFusionError) -> Problem {
    if let DataFusionError::SQL(parser, _) = error.find_root() {
        return placed_syntax(sql, &parser.to_string());
    }
    let at = error.diagnostic().and_then(|diagnostic| diagnostic.span);
    let problem = Problem::new(message(error));
    match at {
        Some(at) => {
            let place =
                |place: datafusion_common::Location| Location::new(place.line, place.column);
            problem.at(span(sql, Span::new(place(at.start), place(at.end))))
        }
        None => problem.at((0, sql.len())),
    }
}
