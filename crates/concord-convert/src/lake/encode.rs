//! Row groups encoded by whichever thread has time.
//!
//! Rows arrive in the order of the input while a lock is held, which is no place for compressing. So full row groups are
//! put aside here, and threads encode them between two pieces of work. Encoded row groups are appended to their file in order.

use std::collections::{BTreeMap, VecDeque};
use std::fs::{self, File};
use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use arrow_array::RecordBatch;
use arrow_schema::SchemaRef;
use parquet::arrow::ArrowSchemaConverter;
use parquet::arrow::add_encoded_arrow_schema_to_metadata;
use parquet::arrow::arrow_writer::{ArrowColumnChunk, ArrowRowGroupWriterFactory, compute_leaves};
use parquet::errors::ParquetError;
use parquet::file::writer::SerializedFileWriter;

use super::{LakeError, properties};

/// Row groups that wait to be encoded.
#[derive(Debug, Default)]
pub struct Encoder {
    waiting: Mutex<VecDeque<Task>>,
    failed: Mutex<Failed>,
}

/// Whether writing failed.
#[derive(Debug, Default)]
struct Failed {
    ever: bool,
    /// Why, until it has been told.
    why: Option<LakeError>,
}

#[derive(Debug)]
struct Task {
    file: Arc<PartFile>,
    number: usize,
    batches: Vec<RecordBatch>,
}

impl Encoder {
    /// Puts a row group of a file aside.
    pub(crate) fn push(&self, file: &Arc<PartFile>, number: usize, batches: Vec<RecordBatch>) {
        lock(&self.waiting).push_back(Task {
            file: Arc::clone(file),
            number,
            batches,
        });
    }

    /// Encodes what waits, on this thread.
    pub fn work(&self) {
        loop {
            let task = lock(&self.waiting).pop_front();
            let Some(task) = task else {
                return;
            };
            if self.has_failed() {
                continue;
            }
            let done = task
                .file
                .encode(task.number, &task.batches)
                .and_then(|chunks| task.file.append(task.number, chunks));
            if let Err(error) = done {
                self.fail(error);
            }
        }
    }

    /// Encodes what waits, on all threads that have time.
    pub(crate) fn work_together(&self) {
        rayon::scope(|scope| {
            for _ in 0..lock(&self.waiting).len().min(rayon::current_num_threads()) {
                scope.spawn(|_| self.work());
            }
        });
    }

    /// Takes note that writing failed. The first reason stays.
    pub(crate) fn fail(&self, error: LakeError) {
        let mut failed = lock(&self.failed);
        failed.ever = true;
        failed.why.get_or_insert(error);
    }

    /// Whether something failed.
    pub fn has_failed(&self) -> bool {
        lock(&self.failed).ever
    }

    /// Why something failed, if it did: the reason to the first who asks, and to the others that it did.
    pub fn failure(&self) -> Option<LakeError> {
        let mut failed = lock(&self.failed);
        failed
            .ever
            .then(|| failed.why.take().unwrap_or(LakeError::Before))
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// A Parquet file whose row groups may be encoded in any order.
pub(crate) struct PartFile {
    path: PathBuf,
    schema: SchemaRef,
    factory: ArrowRowGroupWriterFactory,
    writing: Mutex<Writing>,
    /// Signalled when row groups have been appended.
    appended: Condvar,
}

struct Writing {
    writer: SerializedFileWriter<BufWriter<File>>,
    next: usize,
    /// Row groups that were encoded before their turn.
    encoded: BTreeMap<usize, Vec<ArrowColumnChunk>>,
}

impl std::fmt::Debug for PartFile {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("PartFile")
            .field("path", &self.path)
            .finish_non_exhaustive()
    }
}

impl PartFile {
    /// Begins a file whose first rows are `sample`.
    pub(crate) fn create(
        path: &Path,
        schema: &SchemaRef,
        sample: &RecordBatch,
    ) -> Result<Self, LakeError> {
        if let Some(folder) = path.parent() {
            fs::create_dir_all(folder).map_err(|error| LakeError::io(folder, error))?;
        }
        let file = File::create_new(path).map_err(|error| LakeError::io(path, error))?;
        let failed = |error: ParquetError| LakeError::parquet(path, error);
        let mut properties = properties(Some(sample));
        let converted = ArrowSchemaConverter::new()
            .convert(schema)
            .map_err(failed)?;
        add_encoded_arrow_schema_to_metadata(schema, &mut properties);
        let writer = SerializedFileWriter::new(
            BufWriter::new(file),
            converted.root_schema_ptr(),
            Arc::new(properties),
        )
        .map_err(failed)?;
        Ok(Self {
            path: path.to_owned(),
            schema: Arc::clone(schema),
            factory: ArrowRowGroupWriterFactory::new(&writer, Arc::clone(schema)),
            writing: Mutex::new(Writing {
                writer,
                next: 0,
                encoded: BTreeMap::new(),
            }),
            appended: Condvar::new(),
        })
    }

    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    fn failed(&self, error: ParquetError) -> LakeError {
        LakeError::parquet(&self.path, error)
    }

    fn encode(
        &self,
        number: usize,
        batches: &[RecordBatch],
    ) -> Result<Vec<ArrowColumnChunk>, LakeError> {
        let failed = |error| self.failed(error);
        let writers = self.factory.create_column_writers(number).map_err(failed)?;
        let mut chunks = Vec::with_capacity(writers.len());
        for (column, mut writer) in writers.into_iter().enumerate() {
            let field = self.schema.field(column);
            for batch in batches {
                for leaf in compute_leaves(field, batch.column(column)).map_err(failed)? {
                    writer.write(&leaf).map_err(failed)?;
                }
            }
            chunks.push(writer.close().map_err(failed)?);
        }
        Ok(chunks)
    }

    /// Appends an encoded row group, and those that waited for it.
    fn append(&self, number: usize, chunks: Vec<ArrowColumnChunk>) -> Result<(), LakeError> {
        let failed = |error| self.failed(error);
        let mut writing = lock(&self.writing);
        writing.encoded.insert(number, chunks);
        loop {
            let next = writing.next;
            let Some(chunks) = writing.encoded.remove(&next) else {
                self.appended.notify_all();
                return Ok(());
            };
            let mut group = writing.writer.next_row_group().map_err(failed)?;
            for chunk in chunks {
                chunk.append_to_row_group(&mut group).map_err(failed)?;
            }
            group.close().map_err(failed)?;
            writing.next += 1;
        }
    }

    /// Writes the end of the file when all its row groups have been appended, and waits until it is on disk.
    pub(crate) fn finish(&self, groups: usize, encoder: &Encoder) -> Result<(), LakeError> {
        /// How long to wait before looking whether another thread failed to encode what is waited for.
        const PATIENCE: Duration = Duration::from_millis(50);
        let mut writing = lock(&self.writing);
        while writing.next < groups {
            if let Some(error) = encoder.failure() {
                return Err(error);
            }
            (writing, _) = self
                .appended
                .wait_timeout(writing, PATIENCE)
                .unwrap_or_else(PoisonError::into_inner);
        }
        writing
            .writer
            .finish()
            .map_err(|error| self.failed(error))?;
        let file = writing.writer.inner_mut();
        let io = |error| LakeError::io(&self.path, error);
        file.flush().map_err(io)?;
        file.get_ref().sync_data().map_err(io)
    }
}
