//! The tables of a submission as a lake holds them, texts as they came.

use std::fs::File;
use std::path::PathBuf;

use arrow_array::cast::AsArray;
use arrow_array::{Array, RecordBatch, RecordBatchReader, StringArray};
use concord_model::entities::{Field, PROVENANCE};
use parquet::arrow::ProjectionMask;
use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;

use crate::lake::LakeError;

/// The files of the tables. A table without rows has none.
#[derive(Debug)]
pub(super) struct Stored {
    files: Vec<PathBuf>,
}

/// Some columns of some rows that stand one behind another.
pub(super) struct Texts {
    batch: RecordBatch,
}

impl Texts {
    /// The text of a row in the column that was asked for at a place; `None` when it is absent.
    pub(super) fn text(&self, row: usize, place: usize) -> Option<&str> {
        let column: &StringArray = self.batch.column(place).as_string();
        column.is_valid(row).then(|| column.value(row))
    }

    pub(super) fn rows(&self) -> usize {
        self.batch.num_rows()
    }
}

impl Stored {
    /// Tables in files, one each, in the order of the standard.
    pub(super) fn new(files: Vec<PathBuf>) -> Self {
        Self { files }
    }

    /// Whether a table has rows.
    pub(super) fn has(&self, table: usize) -> bool {
        self.files.get(table).is_some_and(|file| file.is_file())
    }

    /// How many rows a table has.
    pub(super) fn rows(&self, table: usize) -> Result<u64, LakeError> {
        let Some(builder) = self.open(table)? else {
            return Ok(0);
        };
        let rows = builder.metadata().file_metadata().num_rows();
        Ok(u64::try_from(rows).unwrap_or_default())
    }

    /// Hands on the rows of a table, with these columns of it.
    pub(super) fn each(
        &self,
        table: usize,
        columns: &[usize],
        each: &mut dyn FnMut(&Texts) -> Result<(), LakeError>,
    ) -> Result<(), LakeError> {
        let Some(builder) = self.open(table)? else {
            return Ok(());
        };
        let path = &self.files[table];
        let before: usize = PROVENANCE.iter().flat_map(Field::arrow_fields).count();
        let roots = columns.iter().map(|column| before + column);
        let mask = ProjectionMask::roots(builder.parquet_schema(), roots);
        let reader = builder
            .with_projection(mask)
            .build()
            .map_err(|error| LakeError::parquet(path, error))?;
        // Columns come in their own order, those that are asked for twice once.
        let schema = reader.schema();
        let mut sorted = columns.to_vec();
        sorted.sort_unstable();
        sorted.dedup();
        debug_assert_eq!(schema.fields().len(), sorted.len());
        let places: Vec<usize> = columns
            .iter()
            .map(|column| sorted.partition_point(|other| other < column))
            .collect();
        for batch in reader {
            let arrow = |error: arrow_schema::ArrowError| LakeError::parquet(path, error.into());
            let batch = batch.and_then(|batch| batch.project(&places));
            each(&Texts {
                batch: batch.map_err(arrow)?,
            })?;
        }
        Ok(())
    }

    fn open(
        &self,
        table: usize,
    ) -> Result<Option<ParquetRecordBatchReaderBuilder<File>>, LakeError> {
        if !self.has(table) {
            return Ok(None);
        }
        let path = &self.files[table];
        let file = File::open(path).map_err(|error| LakeError::io(path, error))?;
        ParquetRecordBatchReaderBuilder::try_new(file)
            .map(Some)
            .map_err(|error| LakeError::parquet(path, error))
    }
}
