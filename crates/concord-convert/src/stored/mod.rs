//! What is stored, as the change gate compares it: the tables of a conversion, or those of Parquet and Arrow files, of which
//! only the schema is read.
//!
//! Columns that say where a row came from are left out of what conversions write: they are Concord's, not the standard's.

mod arrow_file;
mod footer;
mod kinds;
mod lake;

use std::fs::File;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use concord_model::entities::PROVENANCE;
use concord_model::stored::{StoredColumn, StoredTable};

use crate::Conversion;
use crate::conversion::STANDARD;

pub use lake::lake;

/// Why the schema of stored tables cannot be read.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum StoredError {
    /// A file or folder could not be read.
    #[error("{path} cannot be read: {source}")]
    Io {
        /// The file or folder.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// A file is not of its form, or damaged.
    #[error("{path} is no {form} file that can be read: {why}")]
    Form {
        /// The file.
        path: PathBuf,
        /// What it should be.
        form: &'static str,
        /// Why it is not.
        why: String,
    },
    /// A folder holds no Parquet files.
    #[error("{path} holds no Parquet files")]
    Empty {
        /// The folder.
        path: PathBuf,
    },
    /// Two files of one dataset have different columns.
    #[error("{first} and {second} are parts of one dataset and have not the same columns")]
    Differ {
        /// A file.
        first: PathBuf,
        /// Another one.
        second: PathBuf,
    },
}

impl StoredError {
    fn io(path: &Path) -> impl FnOnce(std::io::Error) -> Self + '_ {
        |source| Self::Io {
            path: path.to_owned(),
            source,
        }
    }

    fn form(path: &Path, form: &'static str, why: impl Into<String>) -> Self {
        Self::Form {
            path: path.to_owned(),
            form,
            why: why.into(),
        }
    }
}

/// The tables that a conversion writes. What several of its tables write to one dataset stands in one.
pub fn of_conversion(conversion: &Conversion) -> Vec<StoredTable> {
    let mut tables: Vec<StoredTable> = Vec::with_capacity(conversion.tables.len());
    for table in &conversion.tables {
        let name = without_standard(&table.name);
        let fields = table.schema.fields().iter();
        let columns = fields.map(|field| {
            let mut column = kinds::column(field);
            kinds::facts(&mut column, |key| {
                field.metadata().get(key).map(String::as_str)
            });
            column
        });
        let columns = without_provenance(columns.collect());
        match tables.iter_mut().find(|known| *known.name == *name) {
            Some(known) => {
                for column in columns {
                    if known.columns.iter().all(|other| other.name != column.name) {
                        known.columns.push(column);
                    }
                }
            }
            None => tables.push(StoredTable {
                name: name.into(),
                columns,
            }),
        }
    }
    tables
}

/// The table of a Parquet file.
///
/// # Errors
/// [`StoredError::Io`] and [`StoredError::Form`].
pub fn parquet(path: &Path) -> Result<StoredTable, StoredError> {
    let file = File::open(path).map_err(StoredError::io(path))?;
    let columns = footer::columns(&file)
        .map_err(|error| StoredError::form(path, "Parquet", error.to_string()))?;
    Ok(StoredTable {
        name: stem(path),
        columns,
    })
}

/// The table of an Arrow file or stream (`.arrow`, `.arrows`, Feather version 2).
///
/// # Errors
/// [`StoredError::Io`] and [`StoredError::Form`].
pub fn arrow(path: &Path) -> Result<StoredTable, StoredError> {
    let mut file = File::open(path).map_err(StoredError::io(path))?;
    let fields = arrow_file::schema(&mut file)
        .map_err(StoredError::io(path))?
        .map_err(|why| StoredError::form(path, "Arrow", why))?;
    Ok(StoredTable {
        name: stem(path),
        columns: ours_left_out(fields),
    })
}

fn stem(path: &Path) -> Arc<str> {
    path.file_stem()
        .unwrap_or_default()
        .to_string_lossy()
        .into()
}

/// A dataset's name without that of its standard: `cds@6-3-1/record` as `record`.
fn without_standard(name: &str) -> &str {
    match name.split_once('/') {
        Some((standard, dataset)) if standard.contains('@') => dataset,
        _ => name,
    }
}

/// A column, and whether a conversion wrote it.
type Read = (StoredColumn, bool);

/// The columns of a file, those of provenance left out when a conversion wrote it.
fn ours_left_out(columns: Vec<Read>) -> Vec<StoredColumn> {
    let ours = columns.iter().any(|(_, ours)| *ours);
    let columns = columns.into_iter().map(|(column, _)| column).collect();
    if ours {
        without_provenance(columns)
    } else {
        columns
    }
}

fn without_provenance(mut columns: Vec<StoredColumn>) -> Vec<StoredColumn> {
    columns.retain(|column| PROVENANCE.iter().all(|field| *field.name != *column.name));
    columns
}

/// The key by which a column is known to be of a conversion.
fn is_ours(key: &str) -> bool {
    key == STANDARD || key == concord_model::entities::PERSONAL
}

#[cfg(test)]
mod tests;
