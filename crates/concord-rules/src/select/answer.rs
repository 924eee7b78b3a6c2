//! What a query answers: held in memory up to a bound, then in a temporary file.

use std::sync::Arc;

use arrow_array::{Array, RecordBatch};
use arrow_schema::{ArrowError, DataType, SchemaRef};
use datafusion::arrow::util::display::{ArrayFormatter, FormatOptions};
use datafusion_common::DataFusionError;

use super::{Batches, SelectError};
use crate::query::store::{Gathered, Kept};

/// Bytes of an answer that are held in memory.
const HELD: usize = 32 << 20;

/// The rows that a query gave, in its order. They can be read more than once.
#[derive(Debug)]
pub struct Answer {
    schema: SchemaRef,
    parts: Vec<Kept>,
}

/// An answer that is being gathered.
pub(super) struct Gathering {
    schema: SchemaRef,
    rows: Gathered,
}

impl Gathering {
    pub(super) fn new(schema: SchemaRef) -> Self {
        Self {
            schema,
            rows: Gathered::default(),
        }
    }

    pub(super) fn push(&mut self, batch: RecordBatch) -> Result<(), DataFusionError> {
        if batch.num_rows() > 0 {
            self.rows.push(batch, HELD)?;
        }
        Ok(())
    }

    pub(super) fn finish(self) -> Result<Answer, DataFusionError> {
        Ok(Answer {
            schema: self.schema,
            parts: vec![self.rows.finish()?],
        })
    }
}

impl Answer {
    /// The columns.
    pub fn schema(&self) -> SchemaRef {
        Arc::clone(&self.schema)
    }

    /// The names of the columns.
    pub fn columns(&self) -> Vec<String> {
        let fields = self.schema.fields().iter();
        fields.map(|field| field.name().clone()).collect()
    }

    /// For each column whether it holds text.
    pub fn texts(&self) -> Vec<bool> {
        let fields = self.schema.fields().iter();
        fields
            .map(|field| {
                matches!(
                    field.data_type(),
                    DataType::Utf8 | DataType::LargeUtf8 | DataType::Utf8View
                )
            })
            .collect()
    }

    /// Adds the rows of another answer behind the own ones.
    ///
    /// # Errors
    /// [`SelectError::Query`] when it has other columns.
    pub fn append(&mut self, other: Self) -> Result<(), SelectError> {
        let shape = |schema: &SchemaRef| -> Vec<(String, DataType)> {
            let fields = schema.fields().iter();
            fields
                .map(|field| (field.name().clone(), field.data_type().clone()))
                .collect()
        };
        if shape(&self.schema) != shape(&other.schema) {
            let reason = "two queries that make one table have not the same columns";
            return Err(SelectError::Query(reason.to_owned()));
        }
        self.parts.extend(other.parts);
        Ok(())
    }

    /// Hands over the rows as texts: days as `2021-01-31`, numbers without needless zeros, none where a value is unknown.
    ///
    /// # Errors
    /// [`SelectError::Run`] when a temporary file cannot be read.
    pub fn each_row(&self, each: &mut dyn FnMut(&[Option<&str>])) -> Result<(), SelectError> {
        let failed = |error: ArrowError| SelectError::Run(error.to_string());
        let options = FormatOptions::default();
        for part in &self.parts {
            for batch in part.read() {
                let batch = batch.map_err(failed)?;
                let columns = batch.columns().iter();
                let formatters: Vec<ArrayFormatter<'_>> = columns
                    .map(|column| ArrayFormatter::try_new(column, &options))
                    .collect::<Result<_, _>>()
                    .map_err(failed)?;
                let mut texts = vec![String::new(); formatters.len()];
                for row in 0..batch.num_rows() {
                    let cells = texts.iter_mut().zip(&formatters).zip(batch.columns());
                    for ((text, formatter), column) in cells {
                        *text = formatter.value(row).try_to_string().map_err(failed)?;
                        if matches!(column.data_type(), DataType::Decimal128(..)) {
                            shorten(text);
                        }
                    }
                    let cells = texts.iter().zip(batch.columns());
                    let cells: Vec<Option<&str>> = cells
                        .map(|(text, column)| column.is_valid(row).then_some(text.as_str()))
                        .collect();
                    each(&cells);
                }
            }
        }
        Ok(())
    }

    /// The batches, with the columns of these names.
    pub(super) fn read(self: &Arc<Self>, columns: &[String]) -> Result<Batches, String> {
        let places = columns
            .iter()
            .map(|column| self.schema.index_of(column))
            .collect::<Result<Vec<_>, _>>()
            .map_err(|error| error.to_string())?;
        let parts: Vec<_> = self.parts.iter().map(Kept::read).collect();
        Ok(Box::new(parts.into_iter().flatten().map(move |batch| {
            let batch = batch.map_err(|error| error.to_string())?;
            batch.project(&places).map_err(|error| error.to_string())
        })))
    }
}

/// Takes zeros off the end of a decimal.
fn shorten(text: &mut String) {
    if text.contains('.') {
        let length = text.trim_end_matches('0').trim_end_matches('.').len();
        text.truncate(length);
    }
}
