//! A table that somebody reads, as the query engine sees it.

use std::fmt;
use std::sync::Arc;

use arrow_array::{RecordBatch, RecordBatchOptions, new_null_array};
use arrow_schema::SchemaRef;
use datafusion::catalog::streaming::StreamingTable;
use datafusion::error::Result;
use datafusion::execution::{SendableRecordBatchStream, TaskContext};
use datafusion::physical_plan::stream::RecordBatchStreamAdapter;
use datafusion::physical_plan::streaming::PartitionStream;
use datafusion::prelude::SessionContext;
use datafusion_common::DataFusionError;
use futures::StreamExt as _;

use super::Read;
use crate::query::session::table_name;

/// Makes a table known to a session, of which only some columns are read: a query may name others that its answer does not need.
pub(super) fn provide(
    context: &SessionContext,
    name: &str,
    schema: &SchemaRef,
    read: &Read,
    columns: &[String],
) -> Result<()> {
    let rows = Rows {
        schema: Arc::clone(schema),
        columns: columns.to_vec(),
        read: Arc::clone(read),
    };
    let table = StreamingTable::try_new(Arc::clone(schema), vec![Arc::new(rows)])?;
    context.register_table(table_name(name), Arc::new(table))?;
    Ok(())
}

struct Rows {
    schema: SchemaRef,
    columns: Vec<String>,
    read: Read,
}

impl fmt::Debug for Rows {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?}", self.columns)
    }
}

impl PartitionStream for Rows {
    fn schema(&self) -> &SchemaRef {
        &self.schema
    }

    fn execute(&self, _context: Arc<TaskContext>) -> SendableRecordBatchStream {
        let schema = Arc::clone(&self.schema);
        let stream = match (self.read)(&self.columns) {
            Ok(batches) => {
                futures::stream::iter(batches.map(move |batch| {
                    widened(&schema, &batch.map_err(DataFusionError::Execution)?)
                }))
                .boxed()
            }
            Err(reason) => futures::stream::iter([Err(DataFusionError::Execution(reason))]).boxed(),
        };
        Box::pin(RecordBatchStreamAdapter::new(
            Arc::clone(&self.schema),
            stream,
        ))
    }
}

/// A batch with all columns of a table; those that were not read are unknown, and nobody looks at them.
fn widened(schema: &SchemaRef, batch: &RecordBatch) -> Result<RecordBatch> {
    let rows = batch.num_rows();
    let columns = schema.fields().iter().map(|field| {
        let read = batch.column_by_name(field.name());
        read.map_or_else(|| new_null_array(field.data_type(), rows), Arc::clone)
    });
    let options = RecordBatchOptions::new().with_row_count(Some(rows));
    Ok(RecordBatch::try_new_with_options(
        Arc::clone(schema),
        columns.collect(),
        &options,
    )?)
}
