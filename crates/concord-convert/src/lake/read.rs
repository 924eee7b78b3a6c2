//! A lake of the canonical model, read back record by record.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use arrow_array::cast::AsArray;
use arrow_array::types::Int64Type;
use arrow_array::{Array, RecordBatch};
use concord_model::entities::{ENTITIES, entity};
use parquet::arrow::arrow_reader::{ParquetRecordBatchReader, ParquetRecordBatchReaderBuilder};

use super::{LakeError, MANIFEST};
use crate::records::{RecordSource, Records};

/// Rows of an entity that are read at a time.
const ROWS: usize = 8_192;

/// Whether a folder was written by a conversion.
pub fn is_lake(folder: &Path) -> bool {
    folder.join(MANIFEST).is_file()
}

/// Reads the records of a lake, input by input.
#[derive(Debug)]
pub struct LakeReader {
    folder: PathBuf,
    /// Names of the part files that are still to be read, from the last.
    parts: Vec<String>,
    open: Vec<Entity>,
}

fn none(folder: &Path, why: &str) -> LakeError {
    LakeError::NoLake {
        path: folder.to_owned(),
        why: why.to_owned(),
    }
}

/// The rows of one entity in one part.
struct Entity {
    name: Arc<str>,
    path: PathBuf,
    reader: Option<ParquetRecordBatchReader>,
    rows: Option<RecordBatch>,
}

impl std::fmt::Debug for Entity {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Entity")
            .field("path", &self.path)
            .finish_non_exhaustive()
    }
}

impl LakeReader {
    /// Opens a lake of the canonical model that is not divided into partitions.
    ///
    /// # Errors
    /// [`LakeError::NoLake`] when the folder is none, is divided, or holds no canonical entities; [`LakeError::Io`].
    pub fn open(folder: &Path) -> Result<Self, LakeError> {
        if !is_lake(folder) {
            return Err(none(folder, "it has no concord.json"));
        }
        let parts = Self::parts(folder)?;
        if parts.is_empty() {
            return Err(none(folder, "it holds no entities of the canonical model"));
        }
        Ok(Self {
            folder: folder.to_owned(),
            parts: parts.into_iter().rev().collect(),
            open: Vec::new(),
        })
    }

    /// Opens one part of a lake: what one input gave to it.
    ///
    /// # Errors
    /// [`LakeError`] when its files cannot be read.
    pub fn part(folder: &Path, part: &str) -> Result<Self, LakeError> {
        let mut reader = Self {
            folder: folder.to_owned(),
            parts: Vec::new(),
            open: Vec::new(),
        };
        reader.open_part(part)?;
        Ok(reader)
    }

    /// The parts of a lake, by name.
    ///
    /// # Errors
    /// [`LakeError::NoLake`] when it is divided into partitions; [`LakeError::Io`].
    pub fn parts(folder: &Path) -> Result<Vec<String>, LakeError> {
        let mut parts = BTreeSet::new();
        for entity in ENTITIES {
            let dataset = folder.join(entity.name);
            if !dataset.is_dir() {
                continue;
            }
            let entries = fs::read_dir(&dataset).map_err(|error| LakeError::io(&dataset, error))?;
            for entry in entries {
                let path = entry
                    .map_err(|error| LakeError::io(&dataset, error))?
                    .path();
                if path.is_dir() {
                    return Err(none(
                        folder,
                        "it is divided into partitions, and the columns that divide it are not in its files",
                    ));
                }
                let name = path.file_name().unwrap_or_default().to_string_lossy();
                parts.insert(name.into_owned());
            }
        }
        Ok(parts.into_iter().collect())
    }

    fn open_part(&mut self, part: &str) -> Result<(), LakeError> {
        for entity in ENTITIES {
            let path = self.folder.join(entity.name).join(part);
            let file = match File::open(&path) {
                Ok(file) => file,
                Err(error) if error.kind() == std::io::ErrorKind::NotFound => continue,
                Err(error) => return Err(LakeError::io(&path, error)),
            };
            let reader = ParquetRecordBatchReaderBuilder::try_new(file)
                .and_then(|builder| builder.with_batch_size(ROWS).build())
                .map_err(|error| none(&path, &error.to_string()))?;
            self.open.push(Entity {
                name: entity.name.into(),
                path,
                reader: Some(reader),
                rows: None,
            });
        }
        Ok(())
    }

    /// Rows of records that are complete.
    fn take(&mut self) -> Result<Records, LakeError> {
        for entity in &mut self.open {
            if entity.rows.is_none() {
                entity.fill()?;
            }
        }
        // The last record of rows that go on may go on too.
        let going_on = self.open.iter().filter(|entity| entity.reader.is_some());
        let limit = going_on.filter_map(Entity::last).min();
        let mut taken = BTreeMap::new();
        for entity in &mut self.open {
            if let Some(rows) = entity.take_below(limit) {
                taken.insert(Arc::clone(&entity.name), rows);
            }
        }
        let mut records = Records::default();
        if taken.is_empty() {
            for entity in self.open.iter_mut().filter(|entity| entity.last() == limit) {
                entity.fill()?;
            }
        }
        for (name, rows) in taken {
            records.insert(name, rows);
        }
        self.open
            .retain(|entity| entity.reader.is_some() || entity.rows.is_some());
        Ok(records)
    }
}

impl RecordSource for LakeReader {
    fn next(&mut self) -> Result<Option<Records>, String> {
        loop {
            if self.open.is_empty() {
                let Some(part) = self.parts.pop() else {
                    return Ok(None);
                };
                self.open_part(&part).map_err(|error| error.to_string())?;
                continue;
            }
            let records = self.take().map_err(|error| error.to_string())?;
            if !records.is_empty() {
                return Ok(Some(records));
            }
        }
    }
}

impl Entity {
    /// Reads further rows behind those that are left.
    fn fill(&mut self) -> Result<(), LakeError> {
        let Some(reader) = &mut self.reader else {
            return Ok(());
        };
        let failed = |error: arrow_schema::ArrowError| none(&self.path, &error.to_string());
        match reader.next() {
            None => self.reader = None,
            Some(rows) => {
                let rows = checked(&self.name, rows.map_err(failed)?).ok_or_else(|| {
                    LakeError::NoLake {
                        path: self.path.clone(),
                        why: "its columns are not those of the canonical model of this version"
                            .to_owned(),
                    }
                })?;
                self.rows = Some(match self.rows.take() {
                    None => rows,
                    Some(left) => {
                        let schema = left.schema();
                        arrow_select::concat::concat_batches(&schema, [&left, &rows])
                            .map_err(failed)?
                    }
                });
            }
        }
        Ok(())
    }

    fn records(&self) -> Option<&[i64]> {
        let column = self.rows.as_ref()?.column_by_name("source_record")?;
        Some(column.as_primitive::<Int64Type>().values())
    }

    /// The record of the last row that was read.
    fn last(&self) -> Option<i64> {
        self.records()?.last().copied()
    }

    /// The rows of records below a number, or all.
    fn take_below(&mut self, limit: Option<i64>) -> Option<RecordBatch> {
        let count = match limit {
            Some(limit) => self.records()?.partition_point(|record| *record < limit),
            None => self.records()?.len(),
        };
        let rows = self.rows.take()?;
        if count < rows.num_rows() {
            self.rows = Some(rows.slice(count, rows.num_rows() - count));
        }
        (count > 0).then(|| rows.slice(0, count))
    }
}

/// Rows, if they have the columns of their entity.
fn checked(name: &str, rows: RecordBatch) -> Option<RecordBatch> {
    let wanted = entity(name)?.arrow_schema();
    let found = rows.schema();
    let same = wanted.fields().iter().all(|field| {
        let found = found.field_with_name(field.name());
        found.is_ok_and(|found| found.data_type() == field.data_type())
    });
    let records = rows.column_by_name("source_record")?;
    (same && records.null_count() == 0).then_some(rows)
}
