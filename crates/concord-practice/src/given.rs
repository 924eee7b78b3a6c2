//! The rows of a file of comma-separated text that is given beside extracts, found by its header.

use std::sync::Arc;

use arrow_array::ArrayRef;
use arrow_array::builder::StringBuilder;
use arrow_schema::SchemaRef;
use concord_read::{Input, Limits, open};
use concord_standards::layout::normalised_header;

use crate::table::{self, Batches};

/// Rows of a batch.
const ROWS: usize = 8_192;

/// For each column the cell that has it.
pub(crate) fn places(header: &csv::StringRecord, columns: &[String]) -> Vec<Option<usize>> {
    let header: Vec<String> = header.iter().map(normalised_header).collect();
    let columns = columns.iter().map(|column| normalised_header(column));
    columns
        .map(|column| header.iter().position(|cell| *cell == column))
        .collect()
}

/// The rows of a file of text, batch by batch.
pub(crate) fn rows(input: &Input, schema: SchemaRef) -> Result<Batches, String> {
    let opened = open(input, &Limits::default()).map_err(|error| error.to_string())?;
    let mut reader = csv::ReaderBuilder::new()
        .flexible(false)
        .from_reader(opened);
    let header = reader.headers().map_err(|error| error.to_string())?.clone();
    let columns: Vec<String> = schema
        .fields()
        .iter()
        .map(|field| field.name().clone())
        .collect();
    let places = places(&header, &columns);
    let mut records = reader.into_records();
    let name = input.name().to_string();
    let mut ended = false;
    Ok(Box::new(std::iter::from_fn(move || {
        if ended {
            return None;
        }
        let mut builders: Vec<StringBuilder> =
            places.iter().map(|_| StringBuilder::new()).collect();
        let mut rows = 0;
        while rows < ROWS {
            match records.next() {
                None => {
                    ended = true;
                    break;
                }
                Some(Err(error)) => {
                    ended = true;
                    return Some(Err(format!("{name} cannot be read: {error}")));
                }
                Some(Ok(record)) => {
                    for (builder, place) in builders.iter_mut().zip(&places) {
                        let text = place.and_then(|place| record.get(place)).map(str::trim);
                        builder.append_option(text.filter(|text| !text.is_empty()));
                    }
                    rows += 1;
                }
            }
        }
        let arrays = builders
            .iter_mut()
            .map(|builder| Arc::new(builder.finish()) as ArrayRef);
        (rows > 0).then(|| table::batch(&schema, arrays.collect(), rows))
    })))
}
