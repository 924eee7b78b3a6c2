//! Whole `SELECT`s over tables that somebody brings, outside of any check.
//!
//! Tables are read as streams, and only the columns that a query names; what a query holds is bounded and spills, and so is its
//! [`Answer`], which can be a table for further queries. `$as_at` stands for the day that is asked about. Beside the functions of rules
//! there are `published_day(date)`, which gives `01JAN2021`, and `month_of(date)`, which gives the first day of its month.
//!
//! ```
//! use std::sync::Arc;
//!
//! use concord_rules::select::{Answer, Tables};
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let mut tables = Tables::new(None);
//! let list = tables.select("SELECT 'A81999' AS practice, 40 AS patients")?;
//! tables.insert_answer("list", Arc::new(list));
//! let answer = tables.select("SELECT practice, patients * 2 AS twice FROM list")?;
//! answer.each_row(&mut |row| assert_eq!(row, [Some("A81999"), Some("80")]))?;
//! # Ok(())
//! # }
//! ```

mod answer;
mod functions;
mod stream;
#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::sync::Arc;

use arrow_array::RecordBatch;
use arrow_schema::{Schema, SchemaRef};
use datafusion::physical_plan::execute_stream;
use datafusion::prelude::SessionContext;
use datafusion::sql::parser::Statement;
use datafusion_common::tree_node::TreeNodeRecursion;
use datafusion_common::{DataFusionError, ParamValues, ScalarValue};
use datafusion_expr::{LogicalPlan, ScalarUDF};
use datafusion_sql::sqlparser::ast::Statement as Sentence;
use futures::StreamExt;

use self::answer::Gathering;
use self::stream::provide;
use crate::given::Given;
use crate::query::answers::gentle;
use crate::query::session::{declare, session, state, wait};
use crate::sql::{Environment, message};

pub use self::answer::Answer;

/// Bytes of memory for one query; beyond, it spills.
const MEMORY: usize = 192 << 20;

/// Batches of a table, one after the other; the text of an error says why it cannot be read on.
pub type Batches = Box<dyn Iterator<Item = Result<RecordBatch, String>> + Send>;

/// Reads a table: the columns of these names, in this order.
pub(crate) type Read = Arc<dyn Fn(&[String]) -> Result<Batches, String> + Send + Sync>;

/// Why a query has no answer.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum SelectError {
    /// The text is no query over the tables that there are.
    #[error("{0}")]
    Query(String),
    /// A table could not be read, or memory and disk were not enough.
    #[error("{0}")]
    Run(String),
}

/// Tables by name, and the day that is asked about.
pub struct Tables {
    known: BTreeMap<String, Table>,
    views: BTreeMap<String, String>,
    functions: Vec<Arc<ScalarUDF>>,
    as_at: Option<i32>,
    /// Bytes of memory for one query.
    memory: usize,
}

#[derive(Clone)]
struct Table {
    schema: SchemaRef,
    read: Read,
}

impl fmt::Debug for Tables {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set()
            .entries(self.known.keys())
            .entries(self.views.keys())
            .finish()
    }
}

impl Tables {
    /// No tables. `as_at` is what `$as_at` means, in days since 1970-01-01; unknown when it is none.
    pub fn new(as_at: Option<i32>) -> Self {
        let environment = Environment::new(&Given::default());
        let mut functions: Vec<_> = environment.functions().cloned().collect();
        functions.extend(functions::all());
        Self {
            known: BTreeMap::new(),
            views: BTreeMap::new(),
            functions,
            as_at,
            memory: MEMORY,
        }
    }

    /// Adds a table, in the place of one of the same name. `read` gives the columns that it is asked for; it may be called more than
    /// once.
    pub fn insert(
        &mut self,
        name: &str,
        schema: &SchemaRef,
        read: impl Fn(&[String]) -> Result<Batches, String> + Send + Sync + 'static,
    ) {
        let read: Read = Arc::new(read);
        // A column that is not read is unknown in every row.
        let fields = schema
            .fields()
            .iter()
            .map(|field| field.as_ref().clone().with_nullable(true));
        let schema = Arc::new(Schema::new(fields.collect::<Vec<_>>()));
        self.known.insert(name.to_owned(), Table { schema, read });
    }

    /// Adds the answer to a query as a table.
    pub fn insert_answer(&mut self, name: &str, answer: Arc<Answer>) {
        self.insert(name, &answer.schema(), move |columns| answer.read(columns));
    }

    /// Adds a query as a table; what it names may come later.
    pub fn insert_view(&mut self, name: &str, sql: &str) {
        self.views.insert(name.to_owned(), sql.to_owned());
    }

    /// Runs a query to its end. A value that cannot be converted is unknown.
    ///
    /// # Errors
    /// [`SelectError`].
    pub fn select(&self, sql: &str) -> Result<Answer, SelectError> {
        let sql = self.with_views(sql)?;
        let wanted = self.wanted(&sql)?;
        let answer = match self.run(&sql, &wanted, true) {
            // Joins that sort can spill.
            Err(DataFusionError::ResourcesExhausted(_)) => self.run(&sql, &wanted, false),
            other => other,
        };
        answer.map_err(|error| SelectError::Run(message(&error)))
    }

    /// The query with the views that it names, and those that they name, before it.
    fn with_views(&self, sql: &str) -> Result<String, SelectError> {
        let mut ordered = Vec::new();
        self.views_of(sql, &mut BTreeSet::new(), &mut ordered)?;
        if ordered.is_empty() {
            return Ok(sql.to_owned());
        }
        if !starts_with_select(sql) {
            let reason = "a query that names views begins with SELECT";
            return Err(SelectError::Query(reason.to_owned()));
        }
        // A comment at the end of a view ends with its line.
        let views: Vec<String> = ordered
            .iter()
            .map(|name| format!("\"{name}\" AS (\n{}\n)", self.views[name]))
            .collect();
        Ok(format!("WITH {}\n{sql}", views.join(",\n")))
    }

    fn views_of(
        &self,
        sql: &str,
        open: &mut BTreeSet<String>,
        ordered: &mut Vec<String>,
    ) -> Result<(), SelectError> {
        for name in self.names(sql)? {
            let Some(view) = self.views.get(&name) else {
                continue;
            };
            if ordered.contains(&name) {
                continue;
            }
            if !open.insert(name.clone()) {
                return Err(SelectError::Query(format!("`{name}` is made of itself")));
            }
            self.views_of(view, open, ordered)?;
            ordered.push(name);
        }
        Ok(())
    }

    /// The tables that a query names, which must be a single `SELECT`; they need not be there.
    ///
    /// # Errors
    /// [`SelectError::Query`].
    pub fn names(&self, sql: &str) -> Result<Vec<String>, SelectError> {
        let context = self.session(true).map_err(|error| planning(&error))?;
        let statement = statement(&context, sql)?;
        let tables = state(&context).resolve_table_references(&statement);
        let names = tables.map_err(|error| planning(&error))?;
        Ok(names
            .into_iter()
            .map(|table| table.table().to_owned())
            .collect())
    }

    /// For each table the columns that a query needs.
    fn wanted(&self, sql: &str) -> Result<BTreeMap<String, Vec<String>>, SelectError> {
        let context = self.session(true).map_err(|error| planning(&error))?;
        for name in self.names(sql)? {
            if let Some(table) = self.known.get(&name) {
                declare(&context, &name, Arc::clone(&table.schema))
                    .map_err(|error| planning(&error))?;
            }
        }
        let plan = wait(self.planned(&context, sql)).map_err(|error| planning(&error))?;
        let mut wanted: BTreeMap<String, BTreeSet<usize>> = BTreeMap::new();
        let walked = plan.apply_with_subqueries(|node| {
            if let LogicalPlan::TableScan(scan) = node {
                let columns = wanted
                    .entry(scan.table_name.table().to_owned())
                    .or_default();
                match &scan.projection {
                    Some(places) => columns.extend(places),
                    None => columns.extend(0..scan.source.schema().fields().len()),
                }
            }
            Ok(TreeNodeRecursion::Continue)
        });
        walked.map_err(|error| planning(&error))?;
        let names = wanted.into_iter().map(|(name, places)| {
            let fields = self
                .known
                .get(&name)
                .map_or(&[][..], |table| table.schema.fields());
            let columns = places.iter().filter_map(|place| fields.get(*place));
            (name, columns.map(|field| field.name().clone()).collect())
        });
        Ok(names.collect())
    }

    fn run(
        &self,
        sql: &str,
        wanted: &BTreeMap<String, Vec<String>>,
        joins_in_memory: bool,
    ) -> Result<Answer, DataFusionError> {
        let context = self.session(joins_in_memory)?;
        for (name, table) in &self.known {
            let columns = wanted.get(name).map_or(&[][..], Vec::as_slice);
            provide(&context, name, &table.schema, &table.read, columns)?;
        }
        wait(async {
            let plan = self.planned(&context, sql).await?;
            let state = state(&context);
            let plan = state
                .query_planner()
                .create_physical_plan(&plan, &state)
                .await?;
            let mut gathering = Gathering::new(plan.schema());
            let mut stream = execute_stream(plan, context.task_ctx())?;
            while let Some(batch) = stream.next().await {
                gathering.push(batch?)?;
            }
            gathering.finish()
        })
        .map_err(|error| match error.find_root() {
            DataFusionError::ResourcesExhausted(reason) => {
                DataFusionError::ResourcesExhausted(reason.clone())
            }
            _ => error,
        })
    }

    async fn planned(
        &self,
        context: &SessionContext,
        sql: &str,
    ) -> Result<LogicalPlan, DataFusionError> {
        let state = state(context);
        let dialect = state.config().options().sql_parser.dialect;
        let statement = state.sql_to_statement(sql, &dialect)?;
        let plan = state.statement_to_plan(statement).await?;
        let as_at = ScalarValue::Date32(self.as_at);
        let plan = plan.with_param_values(ParamValues::from(vec![("as_at", as_at)]))?;
        // Once for what the query converts, and once for what planning it adds.
        gentle(state.optimize(&gentle(plan)?)?)
    }

    fn session(&self, joins_in_memory: bool) -> Result<SessionContext, DataFusionError> {
        session(self.functions.iter(), joins_in_memory, self.memory)
    }
}

fn planning(error: &DataFusionError) -> SelectError {
    SelectError::Query(message(error))
}

fn starts_with_select(sql: &str) -> bool {
    let start = sql.trim_start().as_bytes();
    start
        .get(..6)
        .is_some_and(|word| word.eq_ignore_ascii_case(b"select"))
}

/// A query, and nothing that changes anything.
fn statement(context: &SessionContext, sql: &str) -> Result<Statement, SelectError> {
    let state = state(context);
    let dialect = state.config().options().sql_parser.dialect;
    let statement = state
        .sql_to_statement(sql, &dialect)
        .map_err(|error| planning(&error))?;
    match &statement {
        Statement::Statement(sentence) if matches!(**sentence, Sentence::Query(_)) => Ok(statement),
        _ => Err(SelectError::Query("a query is a SELECT".to_owned())),
    }
}
