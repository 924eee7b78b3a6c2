//! A table that grows: part files that appear one behind another, each whole or not at all.
//!
//! Rows are kept until somebody says that they make a file; it is written beside its place, made durable, and renamed. Whoever
//! lists the folder never sees a file that is still written. Cells are plain values, so that their maker needs no Arrow.

use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use arrow_array::builder::{
    BooleanBuilder, Int64Builder, StringBuilder, TimestampMicrosecondBuilder,
};
use arrow_array::{ArrayRef, RecordBatch};
use arrow_schema::{DataType, Field, Schema, SchemaRef, TimeUnit};
use jiff::Timestamp;
use parquet::arrow::ArrowWriter;

use super::{LakeError, properties};

/// What stands in a column.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Text.
    Text,
    /// A whole number.
    Number,
    /// Yes or no.
    Flag,
    /// A moment, in universal time.
    Moment,
}

/// A value of a row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Cell<'a> {
    /// Text.
    Text(&'a str),
    /// A whole number.
    Number(i64),
    /// Yes or no.
    Flag(bool),
    /// A moment.
    Moment(Timestamp),
    /// No value.
    Nothing,
}

/// Rows that wait to make a file.
#[derive(Debug)]
pub struct RollingTable {
    schema: SchemaRef,
    columns: Vec<Builder>,
    rows: usize,
}

#[derive(Debug)]
enum Builder {
    Text(StringBuilder),
    Number(Int64Builder),
    Flag(BooleanBuilder),
    Moment(TimestampMicrosecondBuilder),
}

impl RollingTable {
    /// A table without rows, of columns by name.
    ///
    /// ```
    /// # fn main() -> Result<(), concord_convert::lake::LakeError> {
    /// # let folder = std::env::temp_dir().join(format!("concord-rolling-{}", std::process::id()));
    /// use concord_convert::lake::{Cell, Kind, RollingTable};
    ///
    /// let mut table = RollingTable::new(&[("number", Kind::Number), ("rule", Kind::Text)]);
    /// table.push(&[Cell::Number(7), Cell::Text("HL7-EVENT")]);
    /// table.write(&folder.join("part-7.parquet"))?;
    /// assert!(folder.join("part-7.parquet").exists() && table.is_empty());
    /// # std::fs::remove_dir_all(folder).ok();
    /// # Ok(())
    /// # }
    /// ```
    pub fn new(columns: &[(&str, Kind)]) -> Self {
        let fields = columns.iter().map(|(name, kind)| {
            let data_type = match kind {
                Kind::Text => DataType::Utf8,
                Kind::Number => DataType::Int64,
                Kind::Flag => DataType::Boolean,
                Kind::Moment => DataType::Timestamp(TimeUnit::Microsecond, Some("UTC".into())),
            };
            Field::new(*name, data_type, true)
        });
        let builders = columns.iter().map(|(_, kind)| match kind {
            Kind::Text => Builder::Text(StringBuilder::new()),
            Kind::Number => Builder::Number(Int64Builder::new()),
            Kind::Flag => Builder::Flag(BooleanBuilder::new()),
            Kind::Moment => {
                Builder::Moment(TimestampMicrosecondBuilder::new().with_timezone("UTC"))
            }
        });
        Self {
            schema: Arc::new(Schema::new(fields.collect::<Vec<_>>())),
            columns: builders.collect(),
            rows: 0,
        }
    }

    /// How many rows wait.
    pub fn len(&self) -> usize {
        self.rows
    }

    /// Whether none wait.
    pub fn is_empty(&self) -> bool {
        self.rows == 0
    }

    /// Adds a row. A cell that is missing, or of another kind than its column, is no value.
    pub fn push(&mut self, row: &[Cell<'_>]) {
        for (at, column) in self.columns.iter_mut().enumerate() {
            let cell = row.get(at).copied().unwrap_or(Cell::Nothing);
            match (column, cell) {
                (Builder::Text(column), Cell::Text(text)) => column.append_value(text),
                (Builder::Text(column), _) => column.append_null(),
                (Builder::Number(column), Cell::Number(number)) => column.append_value(number),
                (Builder::Number(column), _) => column.append_null(),
                (Builder::Flag(column), Cell::Flag(flag)) => column.append_value(flag),
                (Builder::Flag(column), _) => column.append_null(),
                (Builder::Moment(column), Cell::Moment(moment)) => {
                    column.append_value(moment.as_microsecond());
                }
                (Builder::Moment(column), _) => column.append_null(),
            }
        }
        self.rows += 1;
    }

    /// Throws away the rows that wait.
    pub fn clear(&mut self) {
        self.take();
    }

    fn take(&mut self) -> Vec<ArrayRef> {
        self.rows = 0;
        let columns = self.columns.iter_mut();
        columns
            .map(|column| -> ArrayRef {
                match column {
                    Builder::Text(column) => Arc::new(column.finish()),
                    Builder::Number(column) => Arc::new(column.finish()),
                    Builder::Flag(column) => Arc::new(column.finish()),
                    Builder::Moment(column) => Arc::new(column.finish()),
                }
            })
            .collect()
    }

    /// Makes the rows that wait a file, which appears when all of it is durable; folders are made. Then none wait, whether it
    /// could be made or not.
    ///
    /// # Errors
    /// [`LakeError`]; then there is no such file.
    pub fn write(&mut self, path: &Path) -> Result<(), LakeError> {
        self.stage(path)?;
        place_part(path)
    }

    /// Makes the rows that wait a file, durably, which [`place_part`] lets appear. Then none wait, whether it could be made or
    /// not.
    ///
    /// # Errors
    /// [`LakeError`]; then nothing would appear.
    pub fn stage(&mut self, path: &Path) -> Result<(), LakeError> {
        let columns = self.take();
        let rows = RecordBatch::try_new(Arc::clone(&self.schema), columns);
        let rows = rows.map_err(|error| LakeError::Parquet {
            path: path.to_owned(),
            reason: error.to_string(),
        })?;
        stage_part(path, &rows)
    }
}

/// Writes a part of a table beside its place, durably.
pub(super) fn stage_part(path: &Path, rows: &RecordBatch) -> Result<(), LakeError> {
    let folder = path.parent().unwrap_or(Path::new(""));
    let io = |error| LakeError::io(path, error);
    fs::create_dir_all(folder).map_err(io)?;
    let beside = beside(path);
    let file = File::create(&beside).map_err(io)?;
    let written = write_all(&file, rows).map_err(|error| LakeError::parquet(path, error));
    let staged = written.and_then(|()| {
        file.sync_all().map_err(io)?;
        sync(folder).map_err(io)
    });
    if staged.is_err() {
        // Its name says that it is no part of the table.
        let _ = fs::remove_file(&beside);
    }
    staged
}

/// Lets a part of a table appear that was written beside its place; one that is there, or was taken away since, is left alone.
///
/// # Errors
/// [`LakeError::Io`]; then it has not appeared, and can be let appear later.
pub fn place_part(path: &Path) -> Result<(), LakeError> {
    let folder = path.parent().unwrap_or(Path::new(""));
    match fs::rename(beside(path), path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        renamed => renamed.and_then(|()| sync(folder)),
    }
    .map_err(|error| LakeError::io(path, error))
}

/// Whether a file is a part of a table that has not appeared: what a crash left, if nobody lets it appear.
pub fn is_staged_part(path: &Path) -> bool {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    name.starts_with(".part-") && name.ends_with(".parquet.part")
}

/// Makes names in a folder durable, where the system knows such a thing.
fn sync(folder: &Path) -> io::Result<()> {
    if cfg!(unix) {
        File::open(folder)?.sync_all()
    } else {
        Ok(())
    }
}

fn write_all(file: &File, rows: &RecordBatch) -> Result<(), parquet::errors::ParquetError> {
    let mut writer = ArrowWriter::try_new(file, rows.schema(), Some(properties(Some(rows))))?;
    writer.write(rows)?;
    writer.close()?;
    Ok(())
}

/// Where a file is written: readers of lakes leave out what begins with a dot.
fn beside(path: &Path) -> PathBuf {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    path.with_file_name(format!(".{name}.part"))
}

#[cfg(test)]
mod tests {
    use arrow_array::Array;
    use arrow_array::cast::AsArray;
    use arrow_array::types::{Int64Type, TimestampMicrosecondType};
    use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;

    use super::*;

    #[test]
    fn rows_make_files_that_are_whole() {
        let folder = tempfile::tempdir().expect("a folder");
        let mut table = RollingTable::new(&[
            ("number", Kind::Number),
            ("rule", Kind::Text),
            ("warning", Kind::Flag),
            ("received", Kind::Moment),
        ]);
        let moment: Timestamp = "2026-11-22T12:00:00.000001Z".parse().expect("it is one");
        for number in 0..1_000 {
            table.push(&[
                Cell::Number(number),
                Cell::Text("A-RULE"),
                Cell::Flag(number % 2 == 0),
                Cell::Moment(moment),
            ]);
        }
        table.push(&[Cell::Text("no number"), Cell::Nothing]);
        let path = folder.path().join("day=2026-11-22/part-1.parquet");
        table.write(&path).expect("it can be written");
        assert!(table.is_empty());
        let names: Vec<_> = fs::read_dir(path.parent().expect("it has one"))
            .expect("it can be read")
            .map(|item| item.expect("it can be read").file_name())
            .collect();
        assert_eq!(names, ["part-1.parquet"]);
        let reader =
            ParquetRecordBatchReaderBuilder::try_new(File::open(&path).expect("it is there"));
        let batches = reader
            .and_then(|reader| reader.with_batch_size(2_000).build())
            .expect("it is Parquet");
        let batches: Vec<RecordBatch> = batches.map(|batch| batch.expect("it is whole")).collect();
        assert_eq!(batches.len(), 1);
        let rows = &batches[0];
        assert_eq!(rows.num_rows(), 1_001);
        assert_eq!(rows.column(0).as_primitive::<Int64Type>().value(999), 999);
        assert_eq!(rows.column(1).as_string::<i32>().value(0), "A-RULE");
        assert!(!rows.column(2).as_boolean().value(999));
        let received = rows.column(3).as_primitive::<TimestampMicrosecondType>();
        assert_eq!(received.value(0), moment.as_microsecond());
        assert!((0..4).all(|column| rows.column(column).is_null(1_000)));
    }

    #[test]
    fn a_file_that_cannot_be_written_leaves_nothing() {
        let folder = tempfile::tempdir().expect("a folder");
        fs::write(folder.path().join("taken"), "").expect("it can be written");
        let mut table = RollingTable::new(&[("number", Kind::Number)]);
        table.push(&[Cell::Number(1)]);
        assert!(
            table
                .write(&folder.path().join("taken/part-1.parquet"))
                .is_err()
        );
        assert!(table.is_empty());
    }
}
