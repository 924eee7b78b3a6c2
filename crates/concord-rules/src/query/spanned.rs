//! Queries over all inputs of a run: rows are gathered input by input, and the queries run when the last has ended.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use arrow_array::cast::AsArray;
use arrow_array::types::Int64Type;
use arrow_array::{ArrayRef, Int64Array, RecordBatch, new_null_array};
use arrow_schema::{ArrowError, DataType, Field, Schema, SchemaRef};
use concord_finding::{Fact, Rule};
use datafusion::arrow::compute::cast;
use datafusion::catalog::streaming::StreamingTable;
use datafusion::execution::{SendableRecordBatchStream, TaskContext};
use datafusion::physical_plan::execute_stream;
use datafusion::physical_plan::stream::RecordBatchStreamAdapter;
use datafusion::physical_plan::streaming::PartitionStream;
use datafusion_common::{DataFusionError, Result, TableReference};
use datafusion_expr::{LogicalPlan, ScalarUDF};
use futures::StreamExt as _;

use super::answers::{Answered, gentle, read, twice};
use super::names::scanned;
use super::session::{MEMORY, provide_reference, session, state, table_name, wait};
use super::store::{Gathered, Kept, OFFSET_COLUMN};
use super::{FILE_COLUMN, LINE_COLUMN, Queries, RECORD_COLUMN};
use crate::given::Given;
use crate::native::CrossBroken;
use crate::ruleset::RuleSet;
use crate::seam::Submission;
use crate::sql::message;

/// Bytes of each table of each standard that are kept in memory.
const IN_MEMORY: usize = 16 << 20;

/// The rows of one input that queries over all inputs look at, or why they could not be kept.
#[derive(Debug)]
pub(crate) struct SpanningRows(pub(crate) std::result::Result<Vec<Kept>, String>);

/// What is known of the inputs of a run for the rules that are queries over all of them.
#[derive(Debug, Default)]
pub struct Spanning {
    /// By table and standard.
    tables: BTreeMap<(String, Arc<str>), Held>,
    queries: BTreeMap<(Arc<str>, String), Query>,
    /// Why rows of a table are not there.
    lacking: BTreeMap<String, String>,
}

/// The rows of a table of one standard, of all inputs.
#[derive(Debug)]
struct Held {
    schema: SchemaRef,
    rows: Gathered,
    personal: BTreeSet<String>,
}

impl Held {
    fn take(&mut self, file: usize, rows: &RecordBatch) -> std::result::Result<(), ArrowError> {
        let file = Int64Array::from_value((file as u64).cast_signed(), rows.num_rows());
        let file: ArrayRef = Arc::new(file);
        let columns = std::iter::once(file).chain(rows.columns().iter().cloned());
        let rows = RecordBatch::try_new(Arc::clone(&self.schema), columns.collect())?;
        self.rows.push(rows, IN_MEMORY)
    }
}

#[derive(Debug)]
struct Query {
    rule: Arc<Rule>,
    functions: Vec<Arc<ScalarUDF>>,
    given: Given,
}

/// A rule over all inputs broken.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SpanningBroken {
    /// The rule.
    pub rule: Arc<Rule>,
    /// The input at which it is told, by the number given to [`Spanning::add`].
    pub file: usize,
    /// The record there, from 1, where the answer names one.
    pub record: Option<u64>,
    /// Offset and line of the record, where it is known.
    pub place: Option<(u64, u64)>,
    /// The answer's column `value`.
    pub value: Option<Fact>,
    /// The answer's column `expected`.
    pub expected: Option<Fact>,
    /// Its other columns. A number in one whose name ends in `file` is that of an input.
    pub facts: Vec<(std::borrow::Cow<'static, str>, Fact)>,
}

impl Spanning {
    /// Adds input number `file`, which follows `standard` and has ended; `whole` says that it was read to its end.
    pub fn add(
        &mut self,
        rules: &RuleSet,
        standard: &Arc<str>,
        (file, name): (usize, &str),
        whole: bool,
        ended: &Submission,
    ) {
        for (rule, sql) in rules.spanning.texts() {
            let rule = rules.rule(rule);
            let key = (rule.id.to_string().into(), sql.to_owned());
            self.queries.entry(key).or_insert_with(|| Query {
                rule: Arc::clone(rule),
                functions: rules.spanning.functions.clone(),
                given: rules.spanning.given.clone(),
            });
        }
        let kept = ended.spanning.as_deref();
        for (index, table) in rules.spanning.tables.iter().enumerate() {
            let rows = match kept.map(|kept| &kept.0) {
                _ if !whole => Err(format!("{name} was not read to its end")),
                Some(Ok(kept)) => kept.get(index).map_or(Ok(()), |kept| {
                    let personal = || Queries::personal_of(table, rules);
                    self.take((&table.name, standard), &table.schema, file, kept, personal)
                        .map_err(|error| format!("the rows of {name} could not be kept: {error}"))
                }),
                Some(Err(reason)) => Err(format!("{name}: {reason}")),
                None => Err(format!("{name} was not read to its end")),
            };
            if let Err(reason) = rows {
                self.lacking.entry(table.name.clone()).or_insert(reason);
            }
        }
    }

    fn take(
        &mut self,
        (table, standard): (&str, &Arc<str>),
        schema: &SchemaRef,
        file: usize,
        kept: &Kept,
        personal: impl FnOnce() -> BTreeSet<String>,
    ) -> std::result::Result<(), ArrowError> {
        let key = (table.to_owned(), Arc::clone(standard));
        let held = self.tables.entry(key).or_insert_with(|| Held {
            schema: with_file(schema),
            rows: Gathered::default(),
            personal: personal(),
        });
        kept.read().try_for_each(|batch| held.take(file, &batch?))
    }

    /// What one query asks, of rows that are still to be added.
    pub(crate) fn of_query<'f>(
        rule: &Arc<Rule>,
        sql: &str,
        functions: impl Iterator<Item = &'f Arc<ScalarUDF>>,
        given: &Given,
    ) -> Self {
        let query = Query {
            rule: Arc::clone(rule),
            functions: functions.cloned().collect(),
            given: given.clone(),
        };
        Self {
            queries: BTreeMap::from([((rule.id.to_string().into(), sql.to_owned()), query)]),
            ..Self::default()
        }
    }

    /// Adds rows that are at hand, as those of an input of their own.
    pub(crate) fn add_rows(&mut self, table: &str, file: usize, rows: &RecordBatch) {
        let key = (table.to_owned(), Arc::from(""));
        let held = self.tables.entry(key).or_insert_with(|| Held {
            schema: with_file(&rows.schema()),
            rows: Gathered::default(),
            personal: BTreeSet::new(),
        });
        if let Err(error) = held.take(file, rows) {
            self.lacking.insert(table.to_owned(), error.to_string());
        }
    }

    /// Runs the queries: what breaks them, ordered by input and record, and the rules that could not be run, with the reason.
    pub fn finish(self) -> (Vec<SpanningBroken>, Vec<(Arc<Rule>, String)>) {
        let (mut broken, mut not_run) = (Vec::new(), Vec::new());
        let mut tables: BTreeMap<String, Vec<Part>> = BTreeMap::new();
        let mut lacking = self.lacking;
        for ((table, _), held) in self.tables {
            match held.rows.finish() {
                Ok(kept) => tables.entry(table).or_default().push(Part {
                    schema: held.schema,
                    kept: Arc::new(kept),
                    personal: held.personal,
                }),
                Err(error) => {
                    lacking.insert(table, format!("its rows could not be kept: {error}"));
                }
            }
        }
        let run = Ready { tables, lacking };
        for ((_, sql), query) in &self.queries {
            match run.query(query, sql) {
                Ok(found) => broken.extend(found),
                Err(reason) => not_run.push((Arc::clone(&query.rule), reason)),
            }
        }
        broken.sort_by_cached_key(|broken| {
            let rule = broken.rule.id.to_string();
            (
                broken.file,
                broken.record,
                rule,
                format!("{:?}", broken.facts),
            )
        });
        (broken, not_run)
    }
}

/// The columns of a table with the number of the input before them.
fn with_file(schema: &SchemaRef) -> SchemaRef {
    let file = Arc::new(Field::new(FILE_COLUMN, DataType::Int64, false));
    let fields = std::iter::once(file).chain(schema.fields().iter().cloned());
    Arc::new(Schema::new(fields.collect::<Vec<_>>()))
}

/// The rows of a table of one standard, which can be read more than once.
#[derive(Debug, Clone)]
struct Part {
    schema: SchemaRef,
    kept: Arc<Kept>,
    personal: BTreeSet<String>,
}

/// All inputs have ended.
struct Ready {
    tables: BTreeMap<String, Vec<Part>>,
    lacking: BTreeMap<String, String>,
}

impl Ready {
    fn query(&self, query: &Query, sql: &str) -> std::result::Result<Vec<SpanningBroken>, String> {
        let mut why = None;
        let answered = twice(|in_memory, found| {
            let context = session(query.functions.iter(), in_memory, MEMORY)?;
            wait(async {
                let dialect = state(&context).config().options().sql_parser.dialect;
                let statement = state(&context).sql_to_statement(sql, &dialect)?;
                for table in state(&context).resolve_table_references(&statement)? {
                    let name = table.table();
                    if let Some(reason) = self.lacking.get(name) {
                        why = Some(reason.clone());
                        return Ok(());
                    }
                    if let Some(parts) = self.tables.get(name) {
                        context.register_table(table_name(name), Arc::new(united(parts)?))?;
                    } else if let Some(rows) = query
                        .given
                        .reference
                        .as_ref()
                        .and_then(|reference| reference.table(name))
                    {
                        provide_reference(&context, name, rows)?;
                    } else {
                        why = Some(format!(
                            "no input of this run has the table `{name}`, or rules that name it"
                        ));
                        return Ok(());
                    }
                }
                let plan = state(&context).statement_to_plan(statement).await?;
                for column in [FILE_COLUMN, RECORD_COLUMN] {
                    let mut fields = plan.schema().fields().iter();
                    if !fields.any(|field| field.name() == column && field.data_type().is_integer())
                    {
                        why = Some(format!("its answer has no number in a column `{column}`"));
                        return Ok(());
                    }
                }
                let answered = Answered {
                    rule: 0,
                    personal: self.personal_columns(&plan),
                };
                let plan = gentle(state(&context).optimize(&plan)?)?;
                let planner = state(&context);
                let plan = planner
                    .query_planner()
                    .create_physical_plan(&plan, &planner)
                    .await?;
                let mut stream = execute_stream(plan, context.task_ctx())?;
                while let Some(batch) = stream.next().await {
                    read(&answered, &batch?, found)?;
                }
                Ok(())
            })
        });
        let found = answered.map_err(|error| {
            format!("the query could not be run to its end: {}", message(&error))
        })?;
        if let Some(why) = why {
            return Err(why);
        }
        Ok(self.placed(&query.rule, found))
    }

    /// For each column of the answer, whether it may identify a person: it is such a column of a table, or it is computed in a
    /// query that reads one.
    fn personal_columns(&self, plan: &LogicalPlan) -> Vec<bool> {
        let personal = |table: &str, column: &str| {
            let parts = self.tables.get(table).into_iter().flatten();
            parts.into_iter().any(|part| part.personal.contains(column))
        };
        let read = scanned(plan);
        let any = self
            .tables
            .iter()
            .filter(|(name, _)| read.contains(*name))
            .any(|(_, parts)| parts.iter().any(|part| !part.personal.is_empty()));
        let of = |(table, field): (Option<&TableReference>, &Arc<Field>)| {
            let name = field.name();
            if [RECORD_COLUMN, LINE_COLUMN].contains(&name.as_str()) || is_file(name) {
                return false;
            }
            let table = table
                .map(TableReference::table)
                .filter(|table| self.tables.contains_key(*table));
            table.map_or(any, |table| personal(table, name))
        };
        plan.schema().iter().map(of).collect()
    }

    fn placed(&self, rule: &Arc<Rule>, found: Vec<CrossBroken>) -> Vec<SpanningBroken> {
        let broken = found.into_iter().filter_map(|found| {
            let mut facts = found.facts;
            let at = facts.iter().position(|(name, _)| name == FILE_COLUMN)?;
            let Fact::Number(file) = facts.remove(at).1 else {
                return None;
            };
            facts.retain(|(name, _)| name != LINE_COLUMN);
            Some(SpanningBroken {
                rule: Arc::clone(rule),
                file: file as usize,
                record: found.record.map(|record| record + 1),
                place: None,
                value: found.value,
                expected: found.expected,
                facts,
            })
        });
        let mut broken: Vec<SpanningBroken> = broken.collect();
        self.find_places(&mut broken);
        broken
    }

    /// Says where the records of findings stand.
    fn find_places(&self, broken: &mut [SpanningBroken]) {
        let at = |broken: &SpanningBroken| Some((broken.file as u64, broken.record?));
        let wanted: BTreeSet<(u64, u64)> = broken.iter().filter_map(at).collect();
        let mut places: BTreeMap<(u64, u64), (u64, u64)> = BTreeMap::new();
        for batch in self
            .tables
            .values()
            .flatten()
            .flat_map(|part| part.kept.read())
        {
            let Ok(batch) = batch else {
                return;
            };
            let column = |name: &str| {
                Some(
                    batch
                        .column_by_name(name)?
                        .as_primitive::<Int64Type>()
                        .values()
                        .clone(),
                )
            };
            let all = [FILE_COLUMN, RECORD_COLUMN, OFFSET_COLUMN, LINE_COLUMN].map(column);
            let [Some(files), Some(records), Some(offsets), Some(lines)] = all else {
                continue;
            };
            // A batch is of one input, in its order.
            let (Some(&file), Some(&first), Some(&last)) =
                (files.first(), records.first(), records.last())
            else {
                continue;
            };
            let inside = (file.cast_unsigned(), first.cast_unsigned())
                ..=(file.cast_unsigned(), last.cast_unsigned());
            for &(file, record) in wanted.range(inside) {
                if let Ok(row) = records.binary_search(&record.cast_signed()) {
                    let place = (offsets[row].cast_unsigned(), lines[row].cast_unsigned());
                    places.insert((file, record), place);
                }
            }
        }
        for broken in broken {
            broken.place = at(broken).and_then(|at| places.get(&at)).copied();
        }
    }
}

/// Whether a column of an answer holds numbers of inputs.
pub(crate) fn is_file(column: &str) -> bool {
    column == FILE_COLUMN || column.ends_with("_file")
}

/// The rows of several standards' tables of one name as one table: columns that one of them lacks are empty there, and what is of
/// different kinds is text.
fn united(parts: &[Part]) -> Result<StreamingTable> {
    let mut fields: Vec<Field> = Vec::new();
    for field in parts.iter().flat_map(|part| part.schema.fields()) {
        match fields.iter_mut().find(|known| known.name() == field.name()) {
            None => fields.push(field.as_ref().clone().with_nullable(true)),
            Some(known) if known.data_type() != field.data_type() => {
                *known = Field::new(field.name(), DataType::Utf8, true);
            }
            Some(_) => {}
        }
    }
    let schema: SchemaRef = Arc::new(Schema::new(fields));
    let partitions = parts.iter().map(|part| {
        let rows = Rows {
            schema: Arc::clone(&schema),
            kept: Arc::clone(&part.kept),
        };
        Arc::new(rows) as Arc<dyn PartitionStream>
    });
    StreamingTable::try_new(Arc::clone(&schema), partitions.collect())
}

#[derive(Debug)]
struct Rows {
    schema: SchemaRef,
    kept: Arc<Kept>,
}

impl PartitionStream for Rows {
    fn schema(&self) -> &SchemaRef {
        &self.schema
    }

    fn execute(&self, _context: Arc<TaskContext>) -> SendableRecordBatchStream {
        let schema = Arc::clone(&self.schema);
        let batches = self.kept.read().map(move |batch| {
            let batch = batch.map_err(DataFusionError::from)?;
            Ok(fitted(&batch, &schema)?)
        });
        let stream = futures::stream::iter(batches);
        Box::pin(RecordBatchStreamAdapter::new(
            Arc::clone(&self.schema),
            stream,
        ))
    }
}

/// A batch with other columns.
fn fitted(batch: &RecordBatch, schema: &SchemaRef) -> std::result::Result<RecordBatch, ArrowError> {
    let columns = schema
        .fields()
        .iter()
        .map(|field| match batch.column_by_name(field.name()) {
            Some(column) if column.data_type() == field.data_type() => Ok(Arc::clone(column)),
            Some(column) => cast(column, field.data_type()),
            None => Ok(new_null_array(field.data_type(), batch.num_rows())),
        });
    RecordBatch::try_new(
        Arc::clone(schema),
        columns.collect::<std::result::Result<_, _>>()?,
    )
}
