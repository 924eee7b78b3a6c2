//! The latest state as the files of an extract.

use std::io::Write;

use arrow_array::cast::AsArray as _;
use arrow_array::{Array as _, StringArray};
use concord_standards::layout::HeaderUse;
use csv::WriterBuilder;

use crate::error::Error;
use crate::extract::System;
use crate::segment::Stored;
use crate::store::Store;

impl Store {
    /// Writes the latest state of a table as comma-separated text in UTF-8, as its standard has it: under the ids of its columns, or
    /// with each in its place where the table has no header. `concord check` and `concord convert` read it. How many rows were
    /// written; none when no batch had the table.
    ///
    /// # Errors
    /// [`ErrorKind::Stored`](crate::ErrorKind::Stored) when a stored file cannot be read or written, or `out` cannot be written.
    pub fn write(
        &mut self,
        system: &System,
        table: &str,
        out: &mut dyn Write,
    ) -> Result<Option<u64>, Error> {
        let (Some(latest), Some(layout)) =
            (self.latest(system, table)?, system.layout.table(table))
        else {
            return Ok(None);
        };
        let stored = Stored::open(&latest.path)?;
        let held = stored.columns();
        let fields = layout.fields.iter().map(|field| field.column.to_string());
        // Of a table that never had a row no column is held; its header has them all.
        let all = layout.header == HeaderUse::None || held.is_empty();
        let columns: Vec<String> = if all {
            fields.collect()
        } else {
            let known = fields.filter(|column| held.contains(column));
            let unknown = held.iter().filter(|column| layout.field(column).is_none());
            known.chain(unknown.cloned()).collect()
        };
        let failed = |error: csv::Error| Error::stored(&latest.path, "cannot be copied", &error);
        let mut writer = WriterBuilder::new().from_writer(out);
        if layout.header != HeaderUse::None {
            writer.write_record(&columns).map_err(failed)?;
        }
        stored.read(None, |batch| {
            let arrays: Vec<Option<&StringArray>> = columns
                .iter()
                .map(|column| batch.column_by_name(column)?.as_string_opt())
                .collect();
            for row in 0..batch.num_rows() {
                let cells = arrays.iter().map(|array| {
                    let array = array.filter(|array| !array.is_null(row));
                    array.map_or("", |array| array.value(row))
                });
                writer.write_record(cells).map_err(failed)?;
            }
            Ok(())
        })?;
        writer.flush().map_err(|error| failed(error.into()))?;
        Ok(Some(latest.rows))
    }
}
