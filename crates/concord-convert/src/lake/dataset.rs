//! The rows that one input gives to one dataset.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;

use arrow_array::cast::AsArray;
use arrow_array::{Array, ArrayRef, RecordBatch, UInt32Array};
use arrow_schema::SchemaRef;
use arrow_select::take::take_record_batch;

use super::LakeError;
use super::encode::{Encoder, PartFile, RowGroup};
use super::partition::Partitioning;

/// Rows that are encoded together, and bytes of them.
const BLOCK_ROWS: usize = 4_096;
const BLOCK_BYTES: usize = 4 << 20;
/// Rows of a row group: what readers like to take at a time.
const GROUP_ROWS: usize = 122_880;
/// Bytes of a row group in memory, when its rows are wide.
const GROUP_BYTES: usize = 64 << 20;
/// Bytes of all rows that wait to be encoded.
const ALL_BYTES: usize = 128 << 20;
/// Bytes of rows that are kept while other datasets are filled.
const RESTING_BYTES: usize = 4 << 20;
/// Most partitions of one input.
const MOST_PARTITIONS: usize = 2_000;

/// A writer of part files, one for each partition.
#[derive(Debug)]
pub struct DatasetWriter {
    folder: PathBuf,
    name: String,
    file_name: String,
    schema: SchemaRef,
    partition_by: Partitioning,
    kept: Vec<usize>,
    encoder: Arc<Encoder>,
    parts: BTreeMap<String, OpenPart>,
    bytes: usize,
    rows: u64,
}

#[derive(Debug)]
struct OpenPart {
    file: Arc<PartFile>,
    /// Rows that have not been put aside.
    batches: Vec<RecordBatch>,
    waiting: Size,
    /// The row group whose first rows have been put aside.
    group: Option<Arc<RowGroup>>,
    /// Its rows, those that wait among them.
    whole: Size,
    groups: usize,
}

#[derive(Debug, Clone, Copy, Default)]
struct Size {
    rows: usize,
    bytes: usize,
}

impl Size {
    fn add(&mut self, other: Self) {
        self.rows += other.rows;
        self.bytes += other.bytes;
    }

    fn reaches(self, rows: usize, bytes: usize) -> bool {
        self.rows >= rows || self.bytes >= bytes
    }
}

impl DatasetWriter {
    pub(super) fn new(
        folder: PathBuf,
        name: &str,
        file_name: String,
        schema: SchemaRef,
        partition_by: Partitioning,
        encoder: Arc<Encoder>,
    ) -> Self {
        Self {
            folder,
            name: name.to_owned(),
            file_name,
            kept: partition_by.kept(schema.fields().len()),
            schema,
            partition_by,
            encoder,
            parts: BTreeMap::new(),
            bytes: 0,
            rows: 0,
        }
    }

    /// Takes rows. They are written later; what fails then is told by the [`Encoder`].
    ///
    /// # Errors
    /// [`LakeError::Partitions`], [`LakeError::LongPartition`], or that a file cannot be made.
    pub fn write(&mut self, batch: RecordBatch) -> Result<(), LakeError> {
        self.rows += batch.num_rows() as u64;
        if self.partition_by.is_empty() {
            return self.add("", batch);
        }
        let mut rows: BTreeMap<String, Vec<u32>> = BTreeMap::new();
        let mut folders = String::new();
        for row in 0..batch.num_rows() {
            self.partition_by
                .folders(&batch, row, &mut folders)
                .map_err(|column| LakeError::LongPartition {
                    dataset: self.name.clone(),
                    column: column.to_owned(),
                })?;
            match rows.get_mut(&folders) {
                Some(rows) => rows.push(row as u32),
                None => {
                    rows.insert(folders.clone(), vec![row as u32]);
                }
            }
        }
        for (folders, rows) in rows {
            let part = if rows.len() == batch.num_rows() {
                batch.clone()
            } else {
                take_record_batch(&batch, &UInt32Array::from(rows))
                    .map_err(|error| self.broken(&error))?
            };
            let part = part
                .project(&self.kept)
                .map_err(|error| self.broken(&error))?;
            self.add(&folders, part)?;
        }
        Ok(())
    }

    fn broken(&self, error: &arrow_schema::ArrowError) -> LakeError {
        LakeError::Parquet {
            path: self.folder.clone(),
            reason: error.to_string(),
        }
    }

    fn add(&mut self, folders: &str, batch: RecordBatch) -> Result<(), LakeError> {
        let size = Size {
            rows: batch.num_rows(),
            bytes: bytes(&batch),
        };
        if !self.parts.contains_key(folders) {
            let part = self.begin(folders, &batch)?;
            self.parts.insert(folders.to_owned(), part);
        }
        let Some(part) = self.parts.get_mut(folders) else {
            return Ok(());
        };
        part.waiting.add(size);
        part.whole.add(size);
        part.batches.push(batch);
        self.bytes += size.bytes;
        let whole = part.whole.reaches(GROUP_ROWS, GROUP_BYTES);
        // Of many partitions, each with few rows at a time, no columns are kept open.
        let alone = self.partition_by.is_empty();
        if whole || (alone && part.waiting.reaches(BLOCK_ROWS, BLOCK_BYTES)) {
            self.bytes -= part.put_aside(&self.encoder, whole);
        }
        if self.bytes >= ALL_BYTES
            && let Some(largest) = self
                .parts
                .values_mut()
                .max_by_key(|part| part.waiting.bytes)
        {
            self.bytes -= largest.put_aside(&self.encoder, true);
        }
        Ok(())
    }

    /// Begins the file of a partition, whose first rows are `sample`.
    fn begin(&self, folders: &str, sample: &RecordBatch) -> Result<OpenPart, LakeError> {
        if self.parts.len() >= MOST_PARTITIONS {
            return Err(LakeError::Partitions {
                dataset: self.name.clone(),
                most: MOST_PARTITIONS,
            });
        }
        let path = self.folder.join(folders).join(&self.file_name);
        let schema = self
            .schema
            .project(&self.kept)
            .map_err(|error| self.broken(&error))?;
        Ok(OpenPart {
            file: Arc::new(PartFile::create(&path, &Arc::new(schema), sample)?),
            batches: Vec::new(),
            waiting: Size::default(),
            group: None,
            whole: Size::default(),
            groups: 0,
        })
    }

    /// Writes what is left, and the ends of the files.
    ///
    /// # Errors
    /// What went wrong in writing any of the rows.
    pub fn finish(self) -> Result<u64, LakeError> {
        self.end().map(|written| written.rows)
    }

    /// Puts what there is aside to be encoded, if it is so much that it should not be kept for long.
    pub(crate) fn rests(&mut self) {
        if self.bytes >= RESTING_BYTES {
            self.hand_over();
        }
    }

    /// Puts what is left aside to be encoded.
    pub(crate) fn hand_over(&mut self) {
        for part in self.parts.values_mut() {
            self.bytes -= part.put_aside(&self.encoder, true);
        }
    }

    pub(crate) fn end(mut self) -> Result<Written, LakeError> {
        self.hand_over();
        self.encoder.work();
        for part in self.parts.values() {
            part.file.finish(part.groups, &self.encoder)?;
        }
        Ok(Written {
            name: self.name,
            rows: self.rows,
            files: self
                .parts
                .values()
                .map(|part| part.file.path().to_owned())
                .collect(),
        })
    }
}

/// What one input gave to one dataset.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Written {
    pub(crate) name: String,
    pub(crate) rows: u64,
    pub(crate) files: Vec<PathBuf>,
}

impl OpenPart {
    /// Puts the rows that wait aside, at the end of their row group if it is `whole`; the bytes that they took.
    fn put_aside(&mut self, encoder: &Encoder, whole: bool) -> usize {
        let batches = std::mem::take(&mut self.batches);
        if !batches.is_empty() || (whole && self.group.is_some()) {
            let group = self.group.take();
            let group = group.unwrap_or_else(|| {
                self.groups += 1;
                Arc::new(RowGroup::new(&self.file, self.groups - 1))
            });
            encoder.push(&group, batches, whole);
            self.group = Some(group).filter(|_| !whole);
        }
        if whole {
            self.whole = Size::default();
        }
        std::mem::take(&mut self.waiting).bytes
    }
}

/// Bytes of rows. What is the same in several batches counts in each.
fn bytes(batch: &RecordBatch) -> usize {
    let columns = batch.columns().iter();
    let bytes = |column: &ArrayRef| match column.as_string_opt::<i32>() {
        Some(texts) => {
            let offsets = texts.value_offsets();
            let ends = offsets.first().zip(offsets.last());
            size_of_val(offsets)
                + ends.map_or(0, |(first, last)| (last - first).cast_unsigned() as usize)
        }
        None => column.len() * column.data_type().primitive_width().unwrap_or(1),
    };
    columns.map(bytes).sum()
}
