//! Rules that are queries over the tables of a submission and reference data.
//!
//! Those of a rule that sits at the set run over all inputs of a run ([`Spanning`]).
//!
//! The columns that the queries name are gathered while the input is read, spilled to a temporary file beyond a bound, and
//! the queries run once when it has ended. `DataFusion` runs them within a bound of its own, and spills as well.

pub(crate) mod answers;
mod memory;
mod names;
pub(crate) mod session;
mod spanned;
mod spanning;
pub(crate) mod store;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use arrow_array::{ArrayRef, Int64Array};
use arrow_schema::SchemaRef;
use concord_check::capture::Captured;
use datafusion_expr::ScalarUDF;

use answers::Answered;
pub(crate) use names::{ANY_NAME, QueryNames};
pub(crate) use spanned::SpanningRows;
pub use spanned::{Spanning, SpanningBroken};
pub(crate) use store::{Here, Store};

use crate::columns;
use crate::given::Given;
use crate::native::CrossBroken;
use crate::reconcile::LineFeeds;
use crate::ruleset::RuleSet;
use crate::sql::{Environment, of_kind};
use crate::tables::{Cell, Tables};

/// The column that holds the number of a row's record, from 1.
pub(crate) const RECORD_COLUMN: &str = "record";

/// In tables of all inputs, the columns that hold the number of the input, and the line of the record in it, from 1.
const FILE_COLUMN: &str = "file";
const LINE_COLUMN: &str = "line";
/// Columns that are not of the data.
const OWN_COLUMNS: [&str; 3] = [RECORD_COLUMN, FILE_COLUMN, LINE_COLUMN];

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
    sql: String,
    answered: Answered,
}

/// The gathered columns of a chunk, for each table of the queries.
#[derive(Debug, Clone, Default)]
pub(crate) struct Batches(Vec<(usize, Vec<ArrayRef>)>);

/// The same for queries over all inputs, with the lines of the rows.
#[derive(Debug, Clone, Default)]
pub(crate) struct PlacedBatches {
    batches: Batches,
    /// For each table the line feeds of the chunk before its rows.
    lines: Vec<Vec<u64>>,
    /// The line feeds of the chunk.
    line_feeds: u64,
}

impl PlacedBatches {
    /// The columns with those of lines, where so many line feeds stand before the chunk. Counts those of the chunk.
    pub(crate) fn at_line(self, before: &mut u64) -> Batches {
        let Batches(mut tables) = self.batches;
        for ((_, columns), lines) in tables.iter_mut().zip(&self.lines) {
            let lines = lines.iter().map(|line| (*before + line + 1).cast_signed());
            columns.push(Arc::new(lines.collect::<Int64Array>()));
        }
        *before += self.line_feeds;
        Batches(tables)
    }
}

impl Queries {
    /// Queries over one input, and over all inputs of a run.
    pub(crate) fn new(
        mut names: QueryNames,
        texts: Vec<(u32, String)>,
        spanning: Vec<(u32, String)>,
        environment: &Environment,
        tables: &Tables<'_>,
    ) -> (Self, Self) {
        let over_all = std::mem::take(&mut names.spanning);
        let line = arrow_schema::Field::new(LINE_COLUMN, arrow_schema::DataType::Int64, false);
        let over_one = std::mem::take(&mut names.tables);
        (
            Self::of(over_one, &names, texts, &[], environment, tables),
            Self::of(over_all, &names, spanning, &[line], environment, tables),
        )
    }

    fn of(
        of: BTreeMap<String, names::Known>,
        names: &QueryNames,
        texts: Vec<(u32, String)>,
        behind: &[arrow_schema::Field],
        environment: &Environment,
        tables: &Tables<'_>,
    ) -> Self {
        if texts.is_empty() {
            return Self::default();
        }
        let built = of.into_iter().map(|(name, known)| {
            let fields = known.columns.iter().map(|(column, cell)| {
                let kind = tables.tables[cell.table].columns[cell.column].kind;
                arrow_schema::Field::new(column, of_kind(kind), true)
            });
            let fields = fields.chain(behind.iter().cloned());
            QueryTable {
                name,
                table: known.table,
                schema: store::schema(fields.collect()),
                columns: known.columns.values().copied().collect(),
            }
        });
        let personal = &names.personal;
        let queries = texts.into_iter().map(|(rule, sql)| Query {
            answered: Answered {
                rule,
                personal: personal.get(&sql).cloned().unwrap_or_default(),
            },
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

    /// The same with the lines of the rows.
    pub(crate) fn placed_batches(
        &self,
        rules: &RuleSet,
        captured: &Captured,
        chunk: &[u8],
    ) -> PlacedBatches {
        if self.texts.is_empty() {
            return PlacedBatches::default();
        }
        let lines = self.tables.iter().map(|table| {
            let mut feeds = LineFeeds::new(chunk);
            let offsets = captured.groups[table.table].offsets.iter();
            offsets
                .map(|offset| feeds.before(*offset as usize))
                .collect()
        });
        PlacedBatches {
            lines: lines.collect(),
            batches: self.batches(rules, captured, chunk),
            line_feeds: LineFeeds::new(chunk).before(chunk.len()),
        }
    }

    /// The first table of captured values that queries look at, and where its columns are.
    #[cfg(test)]
    pub(crate) fn first_table(&self) -> (usize, BTreeMap<String, Cell>) {
        let table = &self.tables[0];
        let names = table.schema.fields()[1..]
            .iter()
            .map(|field| field.name().clone());
        (
            table.table,
            names.zip(table.columns.iter().copied()).collect(),
        )
    }

    /// What was gathered; nothing where there are no queries.
    pub(crate) fn rows(&self, store: Store) -> Option<SpanningRows> {
        let any = !self.texts.is_empty();
        any.then(|| SpanningRows(store.put_away(self.tables.len())))
    }

    /// The queries with the numbers of their rules.
    fn texts(&self) -> impl Iterator<Item = (u32, &str)> {
        self.texts
            .iter()
            .map(|query| (query.answered.rule, query.sql.as_str()))
    }

    /// The columns of a table that may identify a person.
    fn personal_of(table: &QueryTable, rules: &RuleSet) -> BTreeSet<String> {
        let columns = table.columns.iter().zip(&table.schema.fields()[1..]);
        let personal = columns.filter(|(cell, _)| rules.is_personal(**cell));
        personal.map(|(_, field)| field.name().clone()).collect()
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
