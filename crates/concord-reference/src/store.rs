//! Tables on disk: Parquet files that appear whole or not at all.

use std::fmt::Display;
use std::fs::{self, File};
use std::path::{Path, PathBuf};

use arrow_array::{Array, RecordBatch, UInt32Array};
use arrow_select::take::take_record_batch;
use parquet::arrow::ArrowWriter;
use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;
use parquet::basic::Compression;
use parquet::file::properties::WriterProperties;

use crate::error::Error;
use crate::rows::{self, Overflow};
use crate::tables::{POSTCODE, Table};

/// Rows handed over at a time.
const BATCH: usize = 65_536;

/// A file beside its place, moved there by [`Part::complete`] and otherwise removed.
pub(crate) struct Part {
    path: PathBuf,
    target: PathBuf,
    complete: bool,
}

impl Part {
    /// A part of `target`; nothing is written yet.
    pub(crate) fn of(target: PathBuf) -> Self {
        let name = target.file_name().unwrap_or_default().to_string_lossy();
        let path = target.with_file_name(format!(".{name}.{}.part", std::process::id()));
        Self {
            path,
            target,
            complete: false,
        }
    }

    pub(crate) fn create(&self) -> Result<File, Error> {
        File::create(&self.path).map_err(|error| self.failed(&error))
    }

    pub(crate) fn failed(&self, reason: &dyn Display) -> Error {
        Error::stored(&self.target, "cannot be written", reason)
    }

    /// Moves the file to its place.
    pub(crate) fn complete(mut self) -> Result<(), Error> {
        fs::rename(&self.path, &self.target).map_err(|error| self.failed(&error))?;
        self.complete = true;
        Ok(())
    }
}

impl Drop for Part {
    fn drop(&mut self) {
        if !self.complete {
            // What cannot be removed is named as a part and lies beside its target.
            let _ = fs::remove_file(&self.path);
        }
    }
}

/// Writes rows in order, each once.
pub(crate) fn write(
    folder: &Path,
    table: &'static Table,
    batch: &RecordBatch,
) -> Result<Part, Error> {
    let part = Part::of(path(folder, table));
    let order = order(table, batch);
    let properties = WriterProperties::builder()
        .set_compression(Compression::SNAPPY)
        .build();
    let file = part.create()?;
    let mut writer = ArrowWriter::try_new(file, table.schema(), Some(properties))
        .map_err(|error| part.failed(&error))?;
    for rows in order.chunks(BATCH) {
        let rows = UInt32Array::from(rows.to_vec());
        let rows = take_record_batch(batch, &rows).map_err(|error| part.failed(&error))?;
        writer.write(&rows).map_err(|error| part.failed(&error))?;
    }
    let file = writer.into_inner().map_err(|error| part.failed(&error))?;
    file.sync_all().map_err(|error| part.failed(&error))?;
    Ok(part)
}

/// The rows in their order, repeated ones left out. Of rows for one postcode the first counts, which is one in use if there is one.
fn order(table: &Table, batch: &RecordBatch) -> Vec<u32> {
    let rows = u32::try_from(batch.num_rows()).unwrap_or(u32::MAX);
    let mut order: Vec<u32> = (0..rows).collect();
    if table.name == POSTCODE.name {
        let (keys, ends) = (batch.column(0), batch.column(table.position("terminated")));
        let end = |row: &u32| rows::date(ends, *row as usize);
        let key = |row: &u32| rows::text(keys, *row as usize);
        order.sort_by(|left, right| {
            let in_use_first = || match (end(left), end(right)) {
                (None, None) => std::cmp::Ordering::Equal,
                (None, _) => std::cmp::Ordering::Less,
                (_, None) => std::cmp::Ordering::Greater,
                (left, right) => right.cmp(&left),
            };
            key(left).cmp(key(right)).then_with(in_use_first)
        });
        order.dedup_by(|right, left| key(right) == key(left));
    } else {
        let compare =
            |left: &u32, right: &u32| rows::compare(batch, *left as usize, *right as usize);
        order.sort_by(compare);
        order.dedup_by(|right, left| compare(right, left).is_eq());
    }
    order
}

/// Hands over a stored table, some rows at a time. A table that is not there has no rows.
pub(crate) fn read(
    folder: &Path,
    table: &'static Table,
    mut each: impl FnMut(RecordBatch) -> Result<(), Overflow>,
) -> Result<(), Error> {
    let path = path(folder, table);
    let failed = |reason: &dyn Display| Error::stored(&path, "cannot be read", reason);
    let Some(builder) = open(&path, table)? else {
        return Ok(());
    };
    let reader = builder
        .with_batch_size(BATCH)
        .build()
        .map_err(|error| failed(&error))?;
    for batch in reader {
        let batch = batch.map_err(|error| failed(&error))?;
        each(batch).map_err(|Overflow(column)| {
            failed(&format!(
                "the column {column} has too many different values"
            ))
        })?;
    }
    Ok(())
}

/// Whether a stored table, if it is there, is one.
pub(crate) fn verify(folder: &Path, table: &Table) -> Result<(), Error> {
    open(&path(folder, table), table).map(drop)
}

fn open(
    path: &Path,
    table: &Table,
) -> Result<Option<ParquetRecordBatchReaderBuilder<File>>, Error> {
    let failed = |reason: &dyn Display| Error::stored(path, "cannot be read", reason);
    let file = match File::open(path) {
        Ok(file) => file,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(failed(&error)),
    };
    let builder = ParquetRecordBatchReaderBuilder::try_new(file).map_err(|error| failed(&error))?;
    if builder.schema().fields() != table.schema().fields() {
        return Err(failed(
            &"its columns are not those of this version of concord",
        ));
    }
    Ok(Some(builder))
}

fn path(folder: &Path, table: &Table) -> PathBuf {
    folder.join(table.file.expect("tables that are stored have a file"))
}

/// How much memory a batch takes.
pub(crate) fn size(batch: &RecordBatch) -> usize {
    batch
        .columns()
        .iter()
        .map(Array::get_array_memory_size)
        .sum()
}
