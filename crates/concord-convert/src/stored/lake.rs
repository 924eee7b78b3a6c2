//! The datasets of a folder of Parquet files.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use concord_model::stored::{StoredColumn, StoredKind, StoredTable};

use super::{StoredError, parquet, without_standard};

/// Folders deeper than this are not looked into.
const GREATEST_DEPTH: usize = 32;

/// The files of a dataset, and the columns that divide it into folders.
#[derive(Default)]
struct Dataset {
    files: Vec<PathBuf>,
    partitions: Vec<String>,
}

/// The tables of a lake: one for each folder that holds Parquet files. Folders named `KEY=VALUE` divide the dataset above
/// them and are columns of it. The first and the last file of each dataset are read, their footers only.
///
/// # Errors
/// [`StoredError`] when there is no Parquet file, one cannot be read, or two of one dataset differ.
pub fn lake(folder: &Path) -> Result<Vec<StoredTable>, StoredError> {
    let mut found = BTreeMap::new();
    walk(folder, "", &mut Vec::new(), 0, &mut found)?;
    if found.is_empty() {
        return Err(StoredError::Empty {
            path: folder.to_owned(),
        });
    }
    // Datasets of several standards keep the standards' names.
    let short = |name: &str| without_standard(name).to_owned();
    let mut names: Vec<String> = found.keys().map(|name| short(name)).collect();
    names.sort();
    names.dedup();
    let one_standard = names.len() == found.len();
    let mut tables = Vec::with_capacity(found.len());
    for (name, dataset) in found {
        let name = match &*name {
            "" => super::stem(folder),
            name if one_standard => short(name).into(),
            name => name.into(),
        };
        tables.push(StoredTable {
            name,
            columns: columns(&dataset)?,
        });
    }
    Ok(tables)
}

fn columns(dataset: &Dataset) -> Result<Vec<StoredColumn>, StoredError> {
    let (Some(first), Some(last)) = (dataset.files.first(), dataset.files.last()) else {
        return Ok(Vec::new());
    };
    let mut columns = parquet(first)?.columns;
    if first != last && parquet(last)?.columns != columns {
        return Err(StoredError::Differ {
            first: first.clone(),
            second: last.clone(),
        });
    }
    for name in &dataset.partitions {
        if columns.iter().all(|column| *column.name != **name) {
            columns.push(StoredColumn {
                name: name.as_str().into(),
                // The name of a folder is all that is stored of it.
                kind: StoredKind::Text,
                nullable: true,
                dictionary_name: None,
                code_list: None,
            });
        }
    }
    Ok(columns)
}

fn walk(
    folder: &Path,
    name: &str,
    partitions: &mut Vec<String>,
    depth: usize,
    found: &mut BTreeMap<Arc<str>, Dataset>,
) -> Result<(), StoredError> {
    if depth > GREATEST_DEPTH {
        return Ok(());
    }
    let entries = fs::read_dir(folder).map_err(StoredError::io(folder))?;
    let mut paths = Vec::new();
    for entry in entries {
        paths.push(entry.map_err(StoredError::io(folder))?.path());
    }
    paths.sort();
    for path in paths {
        let own = path.file_name().unwrap_or_default().to_string_lossy();
        if own.starts_with(['.', '_']) {
            continue;
        }
        if path.is_dir() {
            if let Some((key, _)) = own.split_once('=') {
                partitions.push(key.to_owned());
                walk(&path, name, partitions, depth + 1, found)?;
                partitions.pop();
            } else {
                let below = if name.is_empty() {
                    own.to_string()
                } else {
                    format!("{name}/{own}")
                };
                walk(&path, &below, partitions, depth + 1, found)?;
            }
        } else if path
            .extension()
            .is_some_and(|extension| extension == "parquet")
        {
            let dataset = found.entry(name.into()).or_default();
            dataset.files.push(path);
            dataset.partitions.clone_from(partitions);
        }
    }
    Ok(())
}
