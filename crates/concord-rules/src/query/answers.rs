//! Queries run, and their answers made into findings.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use arrow_array::cast::AsArray;
use arrow_array::types::Int64Type;
use arrow_array::{Array, ArrayRef, RecordBatch};
use arrow_schema::DataType;
use concord_finding::Fact;
use datafusion::arrow::compute::cast;
use datafusion::arrow::util::display::{ArrayFormatter, FormatOptions};
use datafusion::physical_plan::execute_stream;
use datafusion::prelude::SessionContext;
use datafusion_common::tree_node::{Transformed, TreeNode};
use datafusion_common::{DataFusionError, Result};
use datafusion_expr::{Cast, Expr, LogicalPlan, TryCast};
use futures::StreamExt;

use super::session::{MEMORY, is_hidden, provide, provide_reference, session, state, wait};
use super::store::{Kept, OFFSET_COLUMN, Store};
use super::{Queries, Query, RECORD_COLUMN};
use crate::native::CrossBroken;
use crate::sql::message;

/// Columns of an answer that have a place of their own in a finding.
const VALUE: &str = "value";
const EXPECTED: &str = "expected";

/// Runs all queries.
pub(super) fn run(
    queries: &Queries,
    store: Store,
    broken: &mut Vec<CrossBroken>,
    not_run: &mut Vec<(u32, String)>,
) {
    let kept = match store.finish(queries.tables.len()) {
        Ok(kept) => kept.into_iter().map(Arc::new).collect::<Vec<_>>(),
        Err(reason) => {
            let rules = queries.texts.iter();
            not_run.extend(rules.map(|query| (query.answered.rule, reason.clone())));
            return;
        }
    };
    let before = broken.len();
    for query in &queries.texts {
        let ran =
            twice(|joins_in_memory, found| one(queries, &kept, query, joins_in_memory, found));
        match ran {
            Ok(mut found) => {
                found.sort_by_cached_key(|broken| (broken.record, format!("{:?}", broken.facts)));
                broken.extend(found);
            }
            Err(error) => {
                let reason = format!("the query could not be run to its end: {}", message(&error));
                not_run.push((query.answered.rule, reason));
            }
        }
    }
    place(&kept, &mut broken[before..]);
}

/// Runs a query with joins in memory, and again with joins that spill when memory is not enough.
pub(super) fn twice(
    mut run: impl FnMut(bool, &mut Vec<CrossBroken>) -> Result<()>,
) -> Result<Vec<CrossBroken>> {
    let mut found = Vec::new();
    let mut ran = run(true, &mut found);
    if let Err(DataFusionError::ResourcesExhausted(_)) =
        ran.as_ref().map_err(DataFusionError::find_root)
    {
        found.clear();
        ran = run(false, &mut found);
    }
    ran.map(|()| found)
}

fn one(
    queries: &Queries,
    kept: &[Arc<Kept>],
    query: &Query,
    joins_in_memory: bool,
    found: &mut Vec<CrossBroken>,
) -> Result<()> {
    let context = session(queries.functions.iter(), joins_in_memory, MEMORY)?;
    for (table, kept) in queries.tables.iter().zip(kept) {
        provide(&context, &table.name, &table.schema, kept)?;
    }
    wait(answer(&context, queries, query, found))
}

async fn answer(
    context: &SessionContext,
    queries: &Queries,
    query: &Query,
    found: &mut Vec<CrossBroken>,
) -> Result<()> {
    let dialect = state(context).config().options().sql_parser.dialect;
    let statement = state(context).sql_to_statement(&query.sql, &dialect)?;
    for table in state(context).resolve_table_references(&statement)? {
        if let Some(reference) = &queries.given.reference
            && !context.table_exist(table.clone())?
            && let Some(rows) = reference.table(table.table())
        {
            provide_reference(context, table.table(), rows)?;
        }
    }
    let state = state(context);
    let plan = state.statement_to_plan(statement).await?;
    let plan = gentle(state.optimize(&plan)?)?;
    let plan = state
        .query_planner()
        .create_physical_plan(&plan, &state)
        .await?;
    let mut stream = execute_stream(plan, context.task_ctx())?;
    while let Some(batch) = stream.next().await {
        read(&query.answered, &batch?, found)?;
    }
    Ok(())
}

/// A value that cannot be converted is unknown; it must not stop the run.
pub(crate) fn gentle(plan: LogicalPlan) -> Result<LogicalPlan> {
    let changed = plan.transform_up_with_subqueries(|node| {
        node.map_expressions(|expression| {
            let name = expression.schema_name().to_string();
            let changed = expression.transform_up(|part| {
                Ok(match part {
                    Expr::Cast(Cast { expr, field }) => {
                        Transformed::yes(Expr::TryCast(TryCast::new_from_field(expr, field)))
                    }
                    other => Transformed::no(other),
                })
            })?;
            if changed.transformed && changed.data.schema_name().to_string() != name {
                return Ok(Transformed::yes(changed.data.alias(name)));
            }
            Ok(changed)
        })?
        .map_data(LogicalPlan::recompute_schema)
    })?;
    Ok(changed.data)
}

/// What is known of the answer to a query.
#[derive(Debug, Default)]
pub(super) struct Answered {
    pub(super) rule: u32,
    /// Whether a column may identify a person.
    pub(super) personal: Vec<bool>,
}

/// Makes findings of a batch of the answer.
pub(super) fn read(
    query: &Answered,
    batch: &RecordBatch,
    found: &mut Vec<CrossBroken>,
) -> Result<()> {
    let schema = batch.schema();
    let Some((number, _)) = schema.column_with_name(RECORD_COLUMN) else {
        return Ok(());
    };
    let records = cast(batch.column(number), &DataType::Int64)?;
    let records = records.as_primitive::<Int64Type>();
    let options = FormatOptions::default();
    let mut columns = Vec::new();
    for (index, column) in batch.columns().iter().enumerate() {
        let name = schema.field(index).name();
        if index != number && !is_hidden(name) {
            let personal = query.personal.get(index).copied().unwrap_or(true);
            columns.push((
                name,
                column,
                ArrayFormatter::try_new(column, &options)?,
                personal,
            ));
        }
    }
    for row in 0..batch.num_rows() {
        let record = records.is_valid(row).then(|| records.value(row));
        let mut broken = CrossBroken {
            rule: query.rule,
            record: record.and_then(|record| u64::try_from(record - 1).ok()),
            offset: None,
            value: None,
            expected: None,
            facts: Vec::new(),
        };
        for (name, column, formatter, personal) in &columns {
            if column.is_null(row) {
                continue;
            }
            let fact = fact(column, formatter.value(row).try_to_string()?, *personal);
            match name.as_str() {
                VALUE => broken.value = Some(fact),
                EXPECTED => broken.expected = Some(fact),
                _ => broken.facts.push(((*name).clone().into(), fact)),
            }
        }
        found.push(broken);
    }
    Ok(())
}

fn fact(column: &ArrayRef, text: String, personal: bool) -> Fact {
    if column.data_type().is_integer()
        && !personal
        && let Ok(number) = text.parse()
    {
        return Fact::Number(number);
    }
    let text = match column.data_type() {
        // Only the digits that say something.
        DataType::Decimal128(_, scale) | DataType::Decimal256(_, scale) if *scale > 0 => {
            text.trim_end_matches('0').trim_end_matches('.').to_owned()
        }
        _ => text,
    };
    if personal {
        Fact::Personal(text)
    } else {
        Fact::Plain(text)
    }
}

/// Says where the records of findings stand.
fn place(kept: &[Arc<Kept>], broken: &mut [CrossBroken]) {
    let mut wanted: BTreeSet<u64> = broken.iter().filter_map(|broken| broken.record).collect();
    let mut offsets: BTreeMap<u64, u64> = BTreeMap::new();
    for batch in kept.iter().flat_map(|kept| kept.read()) {
        let Ok(batch) = batch else {
            return;
        };
        if wanted.is_empty() {
            break;
        }
        let columns = [RECORD_COLUMN, OFFSET_COLUMN].map(|name| batch.column_by_name(name));
        let [Some(records), Some(places)] = columns else {
            continue;
        };
        let records = records.as_primitive::<Int64Type>().values();
        let places = places.as_primitive::<Int64Type>().values();
        let (Some(&first), Some(&last)) = (records.first(), records.last()) else {
            continue;
        };
        let inside: Vec<u64> = wanted
            .range(first.cast_unsigned() - 1..last.cast_unsigned())
            .copied()
            .collect();
        for record in inside {
            if let Ok(row) = records.binary_search(&(record.cast_signed() + 1)) {
                offsets.insert(record, places[row].cast_unsigned());
                wanted.remove(&record);
            }
        }
    }
    for broken in broken {
        broken.offset = broken
            .record
            .and_then(|record| offsets.get(&record))
            .copied();
    }
}
