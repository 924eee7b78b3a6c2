//! The gathered columns: in memory up to a bound, then in a temporary file for each table.

use std::fmt;
use std::fs::File;
use std::io::BufReader;
use std::sync::Arc;

use arrow_array::{ArrayRef, Int64Array, RecordBatch};
use arrow_schema::{ArrowError, DataType, Field, Schema, SchemaRef};
use concord_check::capture::Captured;
use datafusion::arrow::ipc::reader::StreamReader;
use datafusion::arrow::ipc::writer::StreamWriter;
use tempfile::{NamedTempFile, TempPath};

use super::{Batches, Queries, RECORD_COLUMN};

/// Bytes that are kept in memory for all tables together.
const IN_MEMORY: usize = 32 << 20;
/// Bytes of an input's rows that stay in memory while other inputs are read.
const WAITING: usize = 64 << 10;
/// The column with the offset of a row in the input, which queries do not see.
pub(super) const OFFSET_COLUMN: &str = "offset of the row";

/// A chunk whose rows are gathered.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Here<'h> {
    pub(crate) captured: &'h Captured,
    /// Where the chunk begins in the input.
    pub(crate) base: u64,
    /// Records before the chunk.
    pub(crate) before: u64,
}

/// The schema of a table with these columns.
pub(super) fn schema(mut columns: Vec<Field>) -> SchemaRef {
    columns.insert(0, Field::new(RECORD_COLUMN, DataType::Int64, false));
    columns.push(Field::new(OFFSET_COLUMN, DataType::Int64, false));
    Arc::new(Schema::new(columns))
}

/// Everything gathered so far.
#[derive(Debug, Default)]
pub(crate) struct Store {
    tables: Vec<Gathered>,
    bytes: usize,
    failed: Option<String>,
    /// In place of [`IN_MEMORY`].
    pub(crate) in_memory: Option<usize>,
}

/// The rows of one table.
#[derive(Default)]
pub(crate) struct Gathered {
    spilled: Option<StreamWriter<NamedTempFile>>,
    batches: Vec<RecordBatch>,
    /// Bytes of the batches, where they come by [`Gathered::push`].
    held: usize,
}

impl fmt::Debug for Gathered {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let spilled = self.spilled.is_some();
        write!(f, "{} batches, spilled: {spilled}", self.batches.len())
    }
}

impl Store {
    /// Adds the rows of the next chunk.
    pub(crate) fn add(&mut self, queries: &Queries, batches: Batches, here: &Here<'_>) {
        if self.failed.is_some() {
            return;
        }
        self.tables
            .resize_with(queries.tables.len(), Gathered::default);
        for (index, (table, columns)) in batches.0.into_iter().enumerate() {
            let schema = &queries.tables[index].schema;
            match placed(schema, table, columns, here) {
                Ok(batch) if batch.num_rows() > 0 => {
                    self.bytes += batch.get_array_memory_size();
                    self.tables[index].batches.push(batch);
                }
                Ok(_) => {}
                Err(error) => self.failed = Some(error.to_string()),
            }
        }
        if self.bytes > self.in_memory.unwrap_or(IN_MEMORY) {
            for table in &mut self.tables {
                if let Err(error) = table.spill() {
                    self.failed = Some(error.to_string());
                    self.tables = Vec::new();
                    return;
                }
            }
            self.bytes = 0;
        }
    }

    /// The same for rows that have to wait for those of other inputs: all but a few go to files.
    ///
    /// # Errors
    /// Why they could not be kept.
    pub(super) fn put_away(mut self, tables: usize) -> Result<Vec<Kept>, String> {
        if self.bytes > WAITING {
            for table in &mut self.tables {
                if let Err(error) = table.spill() {
                    self.failed.get_or_insert(error.to_string());
                }
            }
        }
        self.finish(tables)
    }

    /// The rows of each table of the queries.
    ///
    /// # Errors
    /// Why they could not be kept.
    pub(super) fn finish(mut self, tables: usize) -> Result<Vec<Kept>, String> {
        if let Some(failed) = self.failed {
            return Err(format!("its rows could not be kept: {failed}"));
        }
        self.tables.resize_with(tables, Gathered::default);
        let kept = self.tables.into_iter().map(Gathered::finish);
        kept.collect::<Result<_, _>>()
            .map_err(|error| format!("its rows could not be kept: {error}"))
    }
}

/// A batch of the columns with the number and the offset of each row.
fn placed(
    schema: &SchemaRef,
    table: usize,
    columns: Vec<ArrayRef>,
    here: &Here<'_>,
) -> Result<RecordBatch, ArrowError> {
    let group = &here.captured.groups[table];
    let record = |record: &u32| (here.before + u64::from(*record) + 1).cast_signed();
    let offset = |offset: &u32| (here.base + u64::from(*offset)).cast_signed();
    let records: Int64Array = group.records.iter().map(record).collect::<Vec<_>>().into();
    let offsets: Int64Array = group.offsets.iter().map(offset).collect::<Vec<_>>().into();
    let mut all: Vec<ArrayRef> = vec![Arc::new(records)];
    all.extend(columns);
    all.push(Arc::new(offsets));
    RecordBatch::try_new(Arc::clone(schema), all)
}

impl Gathered {
    /// Adds a batch, and writes what is held to a file once it takes more than `bytes`.
    pub(crate) fn push(&mut self, batch: RecordBatch, bytes: usize) -> Result<(), ArrowError> {
        self.held += batch.get_array_memory_size();
        self.batches.push(batch);
        if self.held > bytes {
            self.held = 0;
            self.spill()?;
        }
        Ok(())
    }

    fn spill(&mut self) -> Result<(), ArrowError> {
        for batch in std::mem::take(&mut self.batches) {
            let writer = if let Some(writer) = &mut self.spilled {
                writer
            } else {
                let file = NamedTempFile::with_prefix("concord-")
                    .map_err(|error| ArrowError::IoError(error.to_string(), error))?;
                let writer = StreamWriter::try_new(file, &batch.schema())?;
                self.spilled.insert(writer)
            };
            writer.write(&batch)?;
        }
        Ok(())
    }

    pub(crate) fn finish(self) -> Result<Kept, ArrowError> {
        let file = match self.spilled {
            Some(writer) => Some(writer.into_inner()?.into_temp_path()),
            None => None,
        };
        Ok(Kept {
            file,
            batches: self.batches,
        })
    }
}

/// All rows of one table, which can be read more than once.
#[derive(Debug)]
pub(crate) struct Kept {
    /// Not held open: inputs of a run may be many.
    file: Option<TempPath>,
    batches: Vec<RecordBatch>,
}

type Batch = Result<RecordBatch, ArrowError>;

impl Kept {
    /// The rows in the order of the input.
    pub(crate) fn read(&self) -> Box<dyn Iterator<Item = Batch> + Send> {
        let memory = self.batches.clone().into_iter().map(Ok);
        let Some(file) = &self.file else {
            return Box::new(memory);
        };
        let reader = File::open(file)
            .map_err(|error| ArrowError::IoError(error.to_string(), error))
            .and_then(|file: File| StreamReader::try_new(BufReader::new(file), None));
        match reader {
            Ok(reader) => Box::new(reader.chain(memory)),
            Err(error) => Box::new(std::iter::once(Err(error))),
        }
    }
}
