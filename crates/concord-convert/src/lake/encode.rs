//! Row groups encoded by whichever thread has time.
//!
//! Rows arrive in the order of the input while a lock is held, which is no place for compressing. So blocks of them are
//! put aside here, and threads encode them between two pieces of work: the blocks of one row group one after the other, those
//! of several row groups side by side. Encoded row groups are appended to their file in order.

use std::collections::{BTreeMap, VecDeque};
use std::fs::{self, File};
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use arrow_array::RecordBatch;
use arrow_schema::SchemaRef;
use parquet::arrow::ArrowSchemaConverter;
use parquet::arrow::add_encoded_arrow_schema_to_metadata;
use parquet::errors::ParquetError;
use parquet::file::writer::SerializedFileWriter;
use zstd::bulk::Compressor;

use super::group::{Columns, EncodedChunk, Layout};
use super::{LakeError, properties};

/// Row groups that wait to be encoded.
#[derive(Debug, Default)]
pub struct Encoder {
    waiting: Mutex<VecDeque<Arc<RowGroup>>>,
    failed: Mutex<Failed>,
    compressors: Compressors,
}

/// Whether writing failed.
#[derive(Debug, Default)]
struct Failed {
    ever: bool,
    /// Why, until it has been told.
    why: Option<LakeError>,
}

/// Compressors that nobody uses at the moment: each has memory of its own.
#[derive(Default)]
struct Compressors(Mutex<Vec<Compressor<'static>>>);

impl std::fmt::Debug for Compressors {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Compressors").finish_non_exhaustive()
    }
}

impl Compressors {
    fn take(&self) -> io::Result<Compressor<'static>> {
        match lock(&self.0).pop() {
            Some(known) => Ok(known),
            None => Compressor::new(super::properties::zstd_level().compression_level()),
        }
    }

    fn give_back(&self, compressor: Compressor<'static>) {
        lock(&self.0).push(compressor);
    }
}

impl Encoder {
    /// Puts a block of rows of a row group aside. None follows on the last one.
    pub(crate) fn push(&self, group: &Arc<RowGroup>, block: Vec<RecordBatch>, last: bool) {
        let mut state = lock(&group.state);
        state.blocks.push_back(block);
        state.whole = last;
        if !std::mem::replace(&mut state.taken, true) {
            drop(state);
            lock(&self.waiting).push_back(Arc::clone(group));
        }
    }

    /// Encodes what waits, on this thread.
    pub fn work(&self) {
        loop {
            let group = lock(&self.waiting).pop_front();
            let Some(group) = group else {
                return;
            };
            if self.has_failed() {
                continue;
            }
            let done = self
                .compressors
                .take()
                .map_err(|error| LakeError::io(&group.file.path, error))
                .and_then(|mut zstd| {
                    group.encode(&mut zstd)?;
                    self.compressors.give_back(zstd);
                    Ok(())
                });
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

/// A row group whose blocks are encoded one after the other, by one thread at a time.
#[derive(Debug)]
pub(crate) struct RowGroup {
    file: Arc<PartFile>,
    number: usize,
    state: Mutex<GroupState>,
}

#[derive(Debug, Default)]
struct GroupState {
    blocks: VecDeque<Vec<RecordBatch>>,
    /// Whether no more blocks come.
    whole: bool,
    /// Whether it waits for a thread, or has one.
    taken: bool,
    /// The columns as far as they have been encoded, when no thread has them.
    columns: Option<Columns>,
}

impl RowGroup {
    /// The row group of a number in a file, without rows.
    pub(crate) fn new(file: &Arc<PartFile>, number: usize) -> Self {
        Self {
            file: Arc::clone(file),
            number,
            state: Mutex::default(),
        }
    }

    /// Encodes the blocks that are there, and appends the row group if they are all.
    fn encode(&self, zstd: &mut Compressor<'_>) -> Result<(), LakeError> {
        let failed = |error| self.file.failed(error);
        loop {
            let mut state = lock(&self.state);
            let columns = state.columns.take();
            let block = state.blocks.pop_front();
            if block.is_none() && !state.whole {
                state.taken = false;
                state.columns = columns;
                return Ok(());
            }
            drop(state);
            let mut columns = match columns {
                Some(columns) => columns,
                None => self.file.layout.columns(self.number).map_err(failed)?,
            };
            let Some(block) = block else {
                let chunks = columns.finish(zstd).map_err(failed)?;
                return self.file.append(self.number, chunks);
            };
            columns.write(&block, zstd).map_err(failed)?;
            lock(&self.state).columns = Some(columns);
        }
    }
}

/// A Parquet file whose row groups may be encoded in any order.
pub(crate) struct PartFile {
    path: PathBuf,
    layout: Layout,
    writing: Mutex<Writing>,
    /// Signalled when row groups have been appended.
    appended: Condvar,
}

struct Writing {
    writer: SerializedFileWriter<BufWriter<File>>,
    next: usize,
    /// Row groups that were encoded before their turn.
    encoded: BTreeMap<usize, Vec<EncodedChunk>>,
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
            layout: Layout::new(schema, &writer).map_err(failed)?,
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

    /// Appends an encoded row group, and those that waited for it.
    fn append(&self, number: usize, chunks: Vec<EncodedChunk>) -> Result<(), LakeError> {
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
                chunk.append_to(&mut group).map_err(failed)?;
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
