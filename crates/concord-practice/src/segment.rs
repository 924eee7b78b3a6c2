//! Rows as Parquet: columns of text as they were sent, and whether the row is withdrawn.

use std::fs::File;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use arrow_array::builder::{BooleanBuilder, StringBuilder};
use arrow_array::{ArrayRef, RecordBatch};
use arrow_schema::{DataType, Field, Schema, SchemaRef};
use parquet::arrow::ArrowWriter;
use parquet::arrow::ProjectionMask;
use parquet::arrow::arrow_reader::{ParquetRecordBatchReader, ParquetRecordBatchReaderBuilder};
use parquet::basic::Compression;
use parquet::file::properties::WriterProperties;

use crate::error::Error;
use crate::kept::Part;

/// The column that says whether a row is withdrawn. Columns of extracts are written in capitals.
pub(crate) const REMOVED: &str = "removed";

/// Rows handed to the writer at a time, and the bytes at which it is sooner.
const ROWS: usize = 65_536;
const BYTES: usize = 16 << 20;

/// Rows of a row group: what is held while it is written.
const GROUP: usize = 262_144;

/// Columns of text, and [`REMOVED`] where rows may be withdrawn.
pub(crate) fn schema(columns: &[String], removed: bool) -> SchemaRef {
    let mut fields: Vec<Field> = columns
        .iter()
        .map(|column| Field::new(column, DataType::Utf8, true))
        .collect();
    if removed {
        fields.push(Field::new(REMOVED, DataType::Boolean, false));
    }
    Arc::new(Schema::new(fields))
}

/// Writes batches to a file that is not in its place yet.
pub(crate) struct Batches {
    writer: ArrowWriter<File>,
    part: Part,
}

impl Batches {
    pub(crate) fn new(target: PathBuf, schema: SchemaRef) -> Result<Self, Error> {
        let part = Part::of(target);
        let properties = WriterProperties::builder()
            .set_compression(Compression::SNAPPY)
            .set_max_row_group_row_count(Some(GROUP))
            .build();
        let writer = ArrowWriter::try_new(part.create()?, schema, Some(properties))
            .map_err(|error| part.failed(&error))?;
        Ok(Self { writer, part })
    }

    pub(crate) fn write(&mut self, batch: &RecordBatch) -> Result<(), Error> {
        let written = self.writer.write(batch);
        written.map_err(|error| self.part.failed(&error))
    }

    /// Ends the file and makes it last; its check sum.
    pub(crate) fn finish(self) -> Result<(Part, u32), Error> {
        let Self { writer, part } = self;
        let file = writer.into_inner().map_err(|error| part.failed(&error))?;
        file.sync_all().map_err(|error| part.failed(&error))?;
        let sum = part.sum()?;
        Ok((part, sum))
    }
}

/// Writes rows one by one.
pub(crate) struct Writer {
    batches: Batches,
    schema: SchemaRef,
    columns: Vec<StringBuilder>,
    removed: BooleanBuilder,
    held: usize,
    bytes: usize,
}

impl Writer {
    pub(crate) fn new(target: PathBuf, columns: &[String]) -> Result<Self, Error> {
        let schema = schema(columns, true);
        Ok(Self {
            batches: Batches::new(target, Arc::clone(&schema))?,
            schema,
            columns: columns.iter().map(|_| StringBuilder::new()).collect(),
            removed: BooleanBuilder::new(),
            held: 0,
            bytes: 0,
        })
    }

    /// A row: the text of each column, and whether it is withdrawn. What is empty is absent.
    pub(crate) fn push<'t>(
        &mut self,
        texts: impl Iterator<Item = std::borrow::Cow<'t, str>>,
        removed: bool,
    ) -> Result<(), Error> {
        for (column, text) in self.columns.iter_mut().zip(texts) {
            self.bytes += text.len();
            column.append_option(Some(&*text).filter(|text| !text.is_empty()));
        }
        self.removed.append_value(removed);
        self.held += 1;
        if self.held == ROWS || self.bytes >= BYTES {
            self.flush()?;
        }
        Ok(())
    }

    fn flush(&mut self) -> Result<(), Error> {
        let mut arrays: Vec<ArrayRef> = self
            .columns
            .iter_mut()
            .map(|column| Arc::new(column.finish()) as ArrayRef)
            .collect();
        arrays.push(Arc::new(self.removed.finish()));
        let batch = RecordBatch::try_new(Arc::clone(&self.schema), arrays)
            .map_err(|error| self.batches.part.failed(&error))?;
        (self.held, self.bytes) = (0, 0);
        self.batches.write(&batch)
    }

    /// Ends the file and makes it last; its check sum.
    pub(crate) fn finish(mut self) -> Result<(Part, u32), Error> {
        self.flush()?;
        self.batches.finish()
    }
}

/// A stored file that is open.
pub(crate) struct Stored {
    builder: ParquetRecordBatchReaderBuilder<File>,
    path: PathBuf,
}

impl Stored {
    pub(crate) fn open(path: &Path) -> Result<Self, Error> {
        let failed = |reason: &dyn std::fmt::Display| Error::stored(path, "cannot be read", reason);
        let file = File::open(path).map_err(|error| failed(&error))?;
        Ok(Self {
            builder: ParquetRecordBatchReaderBuilder::try_new(file)
                .map_err(|error| failed(&error))?,
            path: path.to_owned(),
        })
    }

    /// The names of its columns, [`REMOVED`] left out.
    pub(crate) fn columns(&self) -> Vec<String> {
        let fields = self.builder.schema().fields().iter();
        fields
            .map(|field| field.name().clone())
            .filter(|name| name != REMOVED)
            .collect()
    }

    /// How many rows it says that it has.
    pub(crate) fn rows(&self) -> u64 {
        let rows = self.builder.metadata().file_metadata().num_rows();
        u64::try_from(rows).unwrap_or(0)
    }

    /// Its columns with their types.
    pub(crate) fn schema(&self) -> SchemaRef {
        Arc::clone(self.builder.schema())
    }

    /// Hands its rows over, some at a time: of all columns, or of those that are `wanted`.
    pub(crate) fn read(
        self,
        wanted: Option<&[&str]>,
        mut each: impl FnMut(RecordBatch) -> Result<(), Error>,
    ) -> Result<(), Error> {
        let path = self.path.clone();
        for batch in self.batches(wanted)? {
            each(batch.map_err(|error| Error::stored(&path, "cannot be read", &error))?)?;
        }
        Ok(())
    }

    /// Its rows, some at a time: of all columns, or of those that are `wanted`.
    pub(crate) fn batches(
        self,
        wanted: Option<&[&str]>,
    ) -> Result<ParquetRecordBatchReader, Error> {
        let mut builder = self.builder.with_batch_size(ROWS / 8);
        if let Some(wanted) = wanted {
            let fields = builder.schema().fields().iter().enumerate();
            let places = fields
                .filter(|(_, field)| wanted.contains(&field.name().as_str()))
                .map(|(place, _)| place);
            let mask = ProjectionMask::roots(builder.parquet_schema(), places);
            builder = builder.with_projection(mask);
        }
        builder
            .build()
            .map_err(|error| Error::stored(&self.path, "cannot be read", &error))
    }
}
