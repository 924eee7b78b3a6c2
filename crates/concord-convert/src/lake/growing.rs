//! Canonical tables that grow: rows are kept until somebody says that they make files.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use arrow_array::RecordBatch;
use arrow_select::concat::concat_batches;

use super::LakeError;
use super::rolling::stage_part;
use crate::records::Records;

/// So many small pieces of a table are put together to one, because each takes memory of its own.
const PIECES: usize = 256;

/// Rows of the canonical model that wait to make files, entity by entity.
#[derive(Debug, Default)]
pub struct GrowingTables {
    tables: BTreeMap<Arc<str>, Waiting>,
}

#[derive(Debug, Default)]
struct Waiting {
    /// Pieces that were put together, and are not copied again until they make a file.
    whole: Vec<RecordBatch>,
    pieces: Vec<RecordBatch>,
    rows: usize,
}

impl GrowingTables {
    /// Adds the rows of records.
    ///
    /// # Errors
    /// [`LakeError::Parquet`] when rows of an entity do not fit together, which they always do.
    pub fn add(&mut self, records: &Records) -> Result<(), LakeError> {
        for (name, rows) in records.tables().filter(|(_, rows)| rows.num_rows() > 0) {
            let waiting = self.tables.entry(name.into()).or_default();
            waiting.rows += rows.num_rows();
            waiting.pieces.push(rows.clone());
            if waiting.pieces.len() >= PIECES {
                let whole = together(Path::new(name), &waiting.pieces)?;
                waiting.whole.push(whole);
                waiting.pieces.clear();
            }
        }
        Ok(())
    }

    /// How many rows the entity with the most rows has.
    pub fn longest(&self) -> usize {
        let tables = self.tables.values();
        tables.map(|waiting| waiting.rows).max().unwrap_or(0)
    }

    /// Throws away the rows that wait.
    pub fn clear(&mut self) {
        self.tables.clear();
    }

    /// Makes the rows that wait files, one for each entity at the path that `path` gives it, durably, and says which;
    /// [`place_part`](super::place_part) lets them appear. Then none wait, whether they could be made or not.
    ///
    /// # Errors
    /// [`LakeError`].
    pub fn stage(&mut self, path: impl Fn(&str) -> PathBuf) -> Result<Vec<PathBuf>, LakeError> {
        let tables = std::mem::take(&mut self.tables).into_iter();
        let staged = tables.map(|(name, waiting)| {
            let path = path(&name);
            let mut rows = waiting.whole;
            rows.extend(waiting.pieces);
            stage_part(&path, &together(&path, &rows)?)?;
            Ok(path)
        });
        staged.collect()
    }
}

fn together(path: &Path, pieces: &[RecordBatch]) -> Result<RecordBatch, LakeError> {
    let schema = pieces.first().map(RecordBatch::schema);
    let schema = schema.unwrap_or_else(|| Arc::new(arrow_schema::Schema::empty()));
    concat_batches(&schema, pieces).map_err(|error| LakeError::Parquet {
        path: path.to_owned(),
        reason: error.to_string(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::builder::{Origin, RecordsBuilder};
    use crate::lake::{is_staged_part, place_part};

    #[test]
    fn rows_of_many_records_make_a_file_for_each_entity_when_they_are_let() {
        let folder = tempfile::tempdir().expect("a folder");
        let mut tables = GrowingTables::default();
        for number in 1..=600_i64 {
            let mut builder = RecordsBuilder::new(Origin::default());
            builder.add("person", 1, None, &[("person_birth_date", "1980-05-01")]);
            if number % 2 == 0 {
                builder.add("diagnosis", 1, None, &[("code", "I10X")]);
            }
            let (records, _) = builder.finish().expect("tables");
            let records = records.of_record(number).expect("tables");
            tables.add(&records).expect("they fit");
        }
        assert_eq!(tables.longest(), 600);
        let path = |name: &str| folder.path().join(name).join("part-1.parquet");
        let staged = tables.stage(path).expect("they can be written");
        assert_eq!(staged, [path("diagnosis"), path("person")]);
        assert_eq!(tables.longest(), 0);
        for path in staged {
            let beside = path.with_file_name(".part-1.parquet.part");
            assert!(is_staged_part(&beside) && beside.exists() && !path.exists());
            place_part(&path).expect("it appears");
            assert!(!beside.exists() && path.exists());
            // Once more, and after somebody took it away, nothing happens.
            place_part(&path).expect("it is there");
            std::fs::remove_file(&path).expect("it is taken away");
            place_part(&path).expect("it is gone");
            assert!(!path.exists());
        }
    }
}
