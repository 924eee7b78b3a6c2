//! Rules that are queries over the tables of a submission and reference data.
//!
//! The columns that the queries name are gathered while the input is read, spilled to a temporary file beyond a bound, and
//! the queries run once when it has ended. `DataFusion` runs them within a bound of its own, and spills as well.

pub(crate) mod answers;
mod memory;
mod names;
pub(crate) mod session;
pub(crate) mod store;

use std::sync::Arc;

use arrow_array::ArrayRef;
use arrow_schema::SchemaRef;
use concord_check::capture::Captured;
use datafusion_expr::ScalarUDF;

pub(crate) use names::{ANY_NAME, QueryNames};
pub(crate) use store::{Here, Store};

use crate::columns;
use crate::given::Given;
use crate::native::CrossBroken;
use crate::ruleset::RuleSet;
use crate::sql::{Environment, of_kind};
use crate::tables::{Cell, Tables};

/// The column that holds the number of a row's record, from 1.
pub(crate) const RECORD_COLUMN: &str = "record";

/// Queries, and what they need of the data.
#[derive(Debug, Default)]
pub(crate) struct Queries {
    tables: Vec<QueryTable>,
    texts: Vec<Query>,
    functions: Vec<Arc<ScalarUDF>>,
    given: Given,
}

/// A table of the submission with the columns that queries name.
#[derive(Debug)]
struct QueryTable {
    name: String,
    /// The table of captured values.
    table: usize,
    columns: Vec<Cell>,
    /// The columns behind the record's number.
    schema: SchemaRef,
}

#[derive(Debug)]
struct Query {
    rule: u32,
    sql: String,
    /// Whether a column of the answer may identify a person.
    personal: Vec<bool>,
}

/// The gathered columns of a chunk, for each table of the queries.
#[derive(Debug, Clone, Default)]
pub(crate) struct Batches(Vec<(usize, Vec<ArrayRef>)>);

impl Queries {
    pub(crate) fn new(
        names: QueryNames,
        texts: Vec<(u32, String)>,
        environment: &Environment,
        tables: &Tables<'_>,
    ) -> Self {
        if texts.is_empty() {
            return Self::default();
        }
        let built = names.tables.into_iter().map(|(name, known)| {
            let fields = known.columns.iter().map(|(column, cell)| {
                let kind = tables.tables[cell.table].columns[cell.column].kind;
                arrow_schema::Field::new(column, of_kind(kind), true)
            });
            QueryTable {
                name,
                table: known.table,
                schema: store::schema(fields.collect()),
                columns: known.columns.values().copied().collect(),
            }
        });
        let personal = names.personal;
        let queries = texts.into_iter().map(|(rule, sql)| Query {
            rule,
            personal: personal.get(&sql).cloned().unwrap_or_default(),
            sql,
        });
        Self {
            tables: built.collect(),
            texts: queries.collect(),
            functions: environment.functions().cloned().collect(),
            given: environment.given().clone(),
        }
    }

    /// Takes the columns out of a chunk.
    pub(crate) fn batches(&self, rules: &RuleSet, captured: &Captured, chunk: &[u8]) -> Batches {
        let batches = self.tables.iter().map(|table| {
            let rows = captured.groups[table.table].len();
            let columns = table.columns.iter().map(|cell| {
                let kind = rules.tables[cell.table].columns[cell.column].kind;
                let texts =
                    (0..rows).map(|row| captured.bytes(chunk, cell.table, row, cell.column));
                columns::array(kind, rows, texts)
            });
            (table.table, columns.collect())
        });
        Batches(batches.collect())
    }
}

impl RuleSet {
    /// Runs all queries over what was gathered.
    pub(crate) fn run_queries(
        &self,
        store: Store,
        broken: &mut Vec<CrossBroken>,
        not_run: &mut Vec<(u32, String)>,
    ) {
        if self.queries.texts.is_empty() {
            return;
        }
        answers::run(&self.queries, store, broken, not_run);
    }
}
