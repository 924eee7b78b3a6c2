//! `DataFusion` sessions: for planning over empty tables, and for running within bounds.

use std::sync::Arc;

use arrow_schema::SchemaRef;
use datafusion::catalog::streaming::StreamingTable;
use datafusion::catalog::{MemTable, TableProvider};
use datafusion::error::Result;
use datafusion::execution::memory_pool::{FairSpillPool, MemoryPool};
use datafusion::execution::runtime_env::RuntimeEnvBuilder;
use datafusion::execution::{
    SendableRecordBatchStream, SessionState, SessionStateBuilder, TaskContext,
};
use datafusion::physical_plan::stream::RecordBatchStreamAdapter;
use datafusion::physical_plan::streaming::PartitionStream;
use datafusion::prelude::{SessionConfig, SessionContext};
use datafusion_common::DataFusionError;
use datafusion_expr::ScalarUDF;
use datafusion_expr::registry::FunctionRegistry as _;
use datafusion_functions::unicode::planner::UnicodeFunctionPlanner;

use super::memory::WithRest;
use super::store::{Kept, OFFSET_COLUMN};
use crate::given::ReferenceTable;

/// Bytes of memory for one query of a rule; beyond, it spills.
pub(super) const MEMORY: usize = 64 << 20;

/// A session with the functions of rules, within so many bytes of memory. Joins that hash one side in memory are quicker; those that sort can spill.
///
/// # Errors
/// When there is no folder for temporary files.
pub(crate) fn session<'f>(
    functions: impl Iterator<Item = &'f Arc<ScalarUDF>>,
    joins_in_memory: bool,
    memory: usize,
) -> Result<SessionContext> {
    // Only what is shared out is ever sorted in the place of hashed.
    let partitions = if joins_in_memory { 1 } else { 2 };
    let mut config = SessionConfig::new()
        .with_target_partitions(partitions)
        .with_information_schema(false);
    let options = config.options_mut();
    // Each sort keeps so much for merging; there are two for each join and part.
    options.execution.sort_spill_reservation_bytes = memory / 16;
    options.sql_parser.enable_ident_normalization = false;
    options.sql_parser.parse_float_as_decimal = true;
    options.sql_parser.map_string_types_to_utf8view = false;
    options.sql_parser.collect_spans = true;
    options.optimizer.prefer_hash_join = joins_in_memory;
    let pool: Arc<dyn MemoryPool> = if joins_in_memory {
        Arc::new(FairSpillPool::new(memory))
    } else {
        Arc::new(WithRest::new(memory))
    };
    let runtime = RuntimeEnvBuilder::new()
        .with_memory_pool(pool)
        .build_arc()?;
    let state = SessionStateBuilder::new()
        .with_default_features()
        .with_config(config)
        .with_runtime_env(runtime)
        .build();
    let mut context = SessionContext::new_with_state(state);
    // What `substr` is planned by.
    context.register_expr_planner(Arc::new(UnicodeFunctionPlanner))?;
    for function in functions {
        context.register_udf(ScalarUDF::clone(function));
    }
    Ok(context)
}

/// Makes a table known by its schema alone.
pub(crate) fn declare(context: &SessionContext, name: &str, schema: SchemaRef) -> Result<()> {
    let table = StreamingTable::try_new(schema, Vec::new())?;
    context.register_table(table_name(name), Arc::new(table))?;
    Ok(())
}

/// Makes the rows of a table of the submission known.
pub(super) fn provide(
    context: &SessionContext,
    name: &str,
    schema: &SchemaRef,
    kept: &Arc<Kept>,
) -> Result<()> {
    let rows = Rows {
        schema: Arc::clone(schema),
        kept: Arc::clone(kept),
    };
    let table = StreamingTable::try_new(Arc::clone(schema), vec![Arc::new(rows)])?;
    context.register_table(table_name(name), Arc::new(table))?;
    Ok(())
}

/// Makes a table of reference data known.
pub(super) fn provide_reference(
    context: &SessionContext,
    name: &str,
    table: ReferenceTable,
) -> Result<()> {
    let table: Arc<dyn TableProvider> =
        Arc::new(MemTable::try_new(table.schema, vec![table.batches])?);
    context.register_table(table_name(name), table)?;
    Ok(())
}

pub(crate) fn table_name(name: &str) -> datafusion_common::TableReference {
    datafusion_common::TableReference::bare(name)
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
        let batches = self
            .kept
            .read()
            .map(|batch| batch.map_err(DataFusionError::from));
        let stream = futures::stream::iter(batches);
        Box::pin(RecordBatchStreamAdapter::new(
            Arc::clone(&self.schema),
            stream,
        ))
    }
}

/// The state of a session without the column that queries do not see.
pub(super) fn is_hidden(column: &str) -> bool {
    column == OFFSET_COLUMN
}

/// Runs something asynchronous to its end, on a thread of its own so that it does not matter who calls.
///
/// # Errors
/// When a thread or its runtime cannot be had.
pub(crate) fn wait<T: Send>(future: impl Future<Output = Result<T>> + Send) -> Result<T> {
    std::thread::scope(|scope| {
        let worker = scope.spawn(|| {
            let runtime = tokio::runtime::Builder::new_current_thread()
                .build()
                .map_err(DataFusionError::IoError)?;
            runtime.block_on(future)
        });
        worker
            .join()
            .unwrap_or_else(|_| Err(DataFusionError::Internal("the query failed".to_owned())))
    })
}

/// The state that plans.
pub(crate) fn state(context: &SessionContext) -> SessionState {
    context.state()
}
