//! Tables as queries see them: names and types of columns, and batches of those that are wanted.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use arrow_array::builder::Date32Builder;
use arrow_array::cast::AsArray as _;
use arrow_array::{
    Array as _, ArrayRef, RecordBatch, RecordBatchOptions, StringArray, new_null_array,
};
use arrow_schema::{DataType, Field, Schema, SchemaRef};
use concord_read::{Input, Limits, expand, open};
use concord_standards::layout::TableLayout;

use crate::day::Pattern;
use crate::error::{Error, ErrorKind};
use crate::extract::System;
use crate::given;
use crate::segment::Stored;
use crate::store::Store;

/// Batches of a table; the text of an error says why it cannot be read on.
pub type Batches = Box<dyn Iterator<Item = Result<RecordBatch, String>> + Send>;

/// A table that can be read more than once. Clones are one table.
#[derive(Debug, Clone)]
pub struct Table {
    schema: SchemaRef,
    rows: Rows,
    unread: Unread,
}

/// For each column of days how many texts were none, as far as it was read.
#[derive(Debug, Clone, Default)]
struct Unread(Arc<Mutex<BTreeMap<String, u64>>>);

impl Unread {
    /// Keeps the most of what several readings found, which is that of one that read to the end.
    fn tell(&self, column: &str, count: u64) {
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let known = known.entry(column.to_owned()).or_default();
        *known = count.max(*known);
    }
}

#[derive(Debug, Clone)]
enum Rows {
    /// What is in memory.
    Held(RecordBatch),
    /// Parquet files of text, and how columns of days are written.
    Latest(PathBuf, Vec<(String, Pattern)>),
    /// Parquet files as they are.
    Parquet(Vec<PathBuf>),
    /// A file of comma-separated text with a header.
    Text(Box<Input>),
}

impl Table {
    /// Rows of text; what is empty is unknown.
    pub fn of_texts(columns: &[&str], rows: &[Vec<String>]) -> Self {
        let schema = texts(columns.iter().copied());
        let arrays = (0..columns.len()).map(|column| {
            let cells = rows.iter().map(|row| row.get(column));
            let cells = cells.map(|cell| cell.map(String::as_str).filter(|text| !text.is_empty()));
            Arc::new(cells.collect::<StringArray>()) as ArrayRef
        });
        let batch = batch(&schema, arrays.collect(), rows.len());
        Self {
            // Columns of one length that are named by the schema always make a batch.
            rows: Rows::Held(batch.unwrap_or_else(|_| RecordBatch::new_empty(Arc::clone(&schema)))),
            schema,
            unread: Unread::default(),
        }
    }

    /// A table that is part of the definitions, as comma-separated text with a header.
    ///
    /// # Errors
    /// [`ErrorKind::Given`] when the text is not that.
    pub fn of_definition(name: &str, text: &str) -> Result<Self, Error> {
        let mut reader = csv::Reader::from_reader(text.as_bytes());
        let wrong = |error: csv::Error| ErrorKind::Given {
            path: PathBuf::from(name),
            reason: format!("cannot be read: {error}"),
        };
        let header = reader.headers().map_err(wrong)?.clone();
        let mut rows: Vec<Vec<String>> = Vec::new();
        for record in reader.records() {
            let record = record.map_err(wrong)?;
            rows.push(record.iter().map(str::to_owned).collect());
        }
        Ok(Self::of_texts(&header.iter().collect::<Vec<_>>(), &rows))
    }

    /// A file of comma-separated text whose header names at least one of `columns`, in any case and order; columns that it lacks are
    /// unknown in every row, others are left out.
    ///
    /// # Errors
    /// [`ErrorKind::Reading`]; [`ErrorKind::Given`] when it has no such header.
    pub fn of_csv(path: &Path, columns: &[String]) -> Result<Self, Error> {
        let wrong = |reason: &str| {
            Error::from(ErrorKind::Given {
                path: path.to_owned(),
                reason: reason.to_owned(),
            })
        };
        let mut inputs = expand(&[path.to_owned()], &Limits::default())?;
        let (Some(input), true) = (inputs.pop(), inputs.is_empty()) else {
            return Err(wrong("is not one file"));
        };
        let mut reader = csv::Reader::from_reader(open(&input, &Limits::default())?);
        let header = reader
            .headers()
            .map_err(|error| wrong(&error.to_string()))?
            .clone();
        if given::places(&header, columns).iter().all(Option::is_none) {
            return Err(wrong(&format!(
                "has none of the columns {}",
                columns.join(", ")
            )));
        }
        Ok(Self {
            schema: texts(columns.iter().map(String::as_str)),
            rows: Rows::Text(Box::new(input)),
            unread: Unread::default(),
        })
    }

    /// The Parquet files of a folder and of those in it, all of the same columns; none when there are none.
    ///
    /// # Errors
    /// [`ErrorKind::Stored`] when one cannot be read.
    pub fn of_parquet(folder: &Path) -> Result<Option<Self>, Error> {
        let mut files = Vec::new();
        gather(folder, &mut files)?;
        files.sort();
        let Some(first) = files.first() else {
            return Ok(None);
        };
        let schema = Stored::open(first)?.schema();
        Ok(Some(Self {
            schema,
            rows: Rows::Parquet(files),
            unread: Unread::default(),
        }))
    }

    /// A table without rows.
    pub fn empty(columns: &[String]) -> Self {
        let schema = texts(columns.iter().map(String::as_str));
        Self {
            rows: Rows::Held(RecordBatch::new_empty(Arc::clone(&schema))),
            schema,
            unread: Unread::default(),
        }
    }

    /// Its columns: text, days, or whatever a Parquet file has.
    pub fn schema(&self) -> SchemaRef {
        Arc::clone(&self.schema)
    }

    /// The columns of days with values that are none, and how many; only of what was read so far.
    pub fn unread(&self) -> Vec<(String, u64)> {
        let known = self.unread.0.lock().unwrap_or_else(PoisonError::into_inner);
        known
            .iter()
            .map(|(column, count)| (column.clone(), *count))
            .collect()
    }

    /// Batches with the columns of these names, in their order; those that a file lacks are unknown.
    ///
    /// # Errors
    /// Why it cannot be opened.
    pub fn read(&self, columns: &[String]) -> Result<Batches, String> {
        let fields: Vec<Field> = columns
            .iter()
            .map(|column| self.schema.field_with_name(column).cloned())
            .collect::<Result<_, _>>()
            .map_err(|error| error.to_string())?;
        let schema = Arc::new(Schema::new(fields));
        match &self.rows {
            Rows::Held(rows) => {
                let places = columns.iter().map(|column| self.schema.index_of(column));
                let places: Vec<usize> = places
                    .collect::<Result<_, _>>()
                    .map_err(|error| error.to_string())?;
                let rows = rows.project(&places).map_err(|error| error.to_string());
                Ok(Box::new(std::iter::once(rows)))
            }
            Rows::Latest(path, days) => stored(path, schema, days.clone(), self.unread.clone()),
            Rows::Parquet(files) => {
                let (files, unread) = (files.clone().into_iter(), self.unread.clone());
                Ok(Box::new(files.flat_map(move |file| {
                    stored(&file, Arc::clone(&schema), Vec::new(), unread.clone())
                        .unwrap_or_else(|reason| Box::new(std::iter::once(Err(reason))))
                })))
            }
            Rows::Text(input) => given::rows(input, schema),
        }
    }
}

impl Store {
    /// The latest state of a table, brought up to date, with every column that its standard or the store knows. Columns whose form is
    /// that of a day, alone or with a time of day, are days; what is not in that form is unknown. All others are text.
    ///
    /// # Errors
    /// [`ErrorKind::Stored`] when a stored file cannot be read or written.
    pub fn table(&mut self, system: &System, table: &str) -> Result<Option<Table>, Error> {
        let Some(layout) = system.layout.table(table) else {
            return Ok(None);
        };
        let known: Vec<String> = names(layout);
        let Some(latest) = self.latest(system, table)? else {
            return Ok(Some(Table::empty_of(layout, &known)));
        };
        let held = Stored::open(&latest.path)?.columns();
        let unknown = held.into_iter().filter(|column| !known.contains(column));
        let all: Vec<String> = known.iter().cloned().chain(unknown).collect();
        Ok(Some(Table {
            schema: typed(layout, &all),
            rows: Rows::Latest(latest.path, days(layout)),
            unread: Unread::default(),
        }))
    }
}

impl Table {
    fn empty_of(layout: &TableLayout, columns: &[String]) -> Self {
        let schema = typed(layout, columns);
        Self {
            rows: Rows::Held(RecordBatch::new_empty(Arc::clone(&schema))),
            schema,
            unread: Unread::default(),
        }
    }
}

fn names(layout: &TableLayout) -> Vec<String> {
    let fields = layout.fields.iter();
    fields.map(|field| field.column.to_string()).collect()
}

fn days(layout: &TableLayout) -> Vec<(String, Pattern)> {
    let fields = layout.fields.iter();
    fields
        .filter_map(|field| Some((field.column.to_string(), Pattern::of(&field.format)?)))
        .collect()
}

fn typed(layout: &TableLayout, columns: &[String]) -> SchemaRef {
    let days = days(layout);
    let fields = columns.iter().map(|column| {
        let is_day = days.iter().any(|(day, _)| day == column);
        let data_type = if is_day {
            DataType::Date32
        } else {
            DataType::Utf8
        };
        Field::new(column, data_type, true)
    });
    Arc::new(Schema::new(fields.collect::<Vec<_>>()))
}

fn texts<'c>(columns: impl Iterator<Item = &'c str>) -> SchemaRef {
    let fields = columns.map(|column| Field::new(column, DataType::Utf8, true));
    Arc::new(Schema::new(fields.collect::<Vec<_>>()))
}

/// A batch, which may have rows and no columns where only their number is wanted.
pub(crate) fn batch(
    schema: &SchemaRef,
    arrays: Vec<ArrayRef>,
    rows: usize,
) -> Result<RecordBatch, String> {
    let options = RecordBatchOptions::new().with_row_count(Some(rows));
    RecordBatch::try_new_with_options(Arc::clone(schema), arrays, &options)
        .map_err(|error| error.to_string())
}

fn gather(folder: &Path, files: &mut Vec<PathBuf>) -> Result<(), Error> {
    let failed = |error| Error::stored(folder, "cannot be read", &error);
    if folder.is_file() {
        files.push(folder.to_owned());
        return Ok(());
    }
    let entries = match fs::read_dir(folder) {
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(()),
        entries => entries.map_err(failed)?,
    };
    for entry in entries {
        let path = entry.map_err(failed)?.path();
        let is_parquet = path
            .extension()
            .is_some_and(|extension| extension == "parquet");
        // Links are not followed, so that no folder contains itself.
        if path.is_dir() && !path.is_symlink() {
            gather(&path, files)?;
        } else if is_parquet {
            files.push(path);
        }
    }
    Ok(())
}

/// The batches of a stored file.
fn stored(
    path: &Path,
    schema: SchemaRef,
    days: Vec<(String, Pattern)>,
    unread: Unread,
) -> Result<Batches, String> {
    let names: Vec<&str> = schema
        .fields()
        .iter()
        .map(|field| field.name().as_str())
        .collect();
    let reader = Stored::open(path)
        .and_then(|stored| stored.batches(Some(&names)))
        .map_err(|error| error.to_string())?;
    let path = path.to_owned();
    let mut wrong: BTreeMap<String, u64> = BTreeMap::new();
    Ok(Box::new(reader.map(move |read| {
        let read = read.map_err(|error| format!("{} cannot be read: {error}", path.display()))?;
        let rows = read.num_rows();
        let arrays = schema.fields().iter().map(|field| {
            let pattern = days.iter().find(|(column, _)| column == field.name());
            match (read.column_by_name(field.name()), pattern) {
                (None, _) => new_null_array(field.data_type(), rows),
                (Some(array), None) => Arc::clone(array),
                (Some(array), Some((column, pattern))) => {
                    let days = pattern.days(array);
                    let none = days.null_count().saturating_sub(array.null_count()) as u64;
                    if none > 0 {
                        let wrong = wrong.entry(column.clone()).or_default();
                        *wrong += none;
                        unread.tell(column, *wrong);
                    }
                    days
                }
            }
        });
        batch(&schema, arrays.collect(), rows)
    })))
}

impl Pattern {
    fn days(&self, texts: &ArrayRef) -> ArrayRef {
        let mut days = Date32Builder::with_capacity(texts.len());
        if let Some(texts) = texts.as_string_opt::<i32>() {
            for text in texts {
                days.append_option(text.and_then(|text| self.day(text)));
            }
        }
        Arc::new(days.finish())
    }
}
