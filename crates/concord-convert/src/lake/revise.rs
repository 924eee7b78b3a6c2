//! Rows written before it was known that their records are rejected.
//!
//! What is rejected because of something that stands far away, such as the same key again, is known only when the whole
//! input has been read. The files of that input are then written again; there are few such findings, or the input is small.

use std::collections::HashMap;
use std::fs::{self, File};
use std::path::Path;
use std::sync::Arc;

use arrow_array::builder::StringBuilder;
use arrow_array::cast::AsArray;
use arrow_array::types::Int64Type;
use arrow_array::{Array, ArrayRef, BooleanArray, RecordBatch};
use arrow_schema::ArrowError;
use concord_finding::Effect;
use parquet::arrow::ArrowWriter;
use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;
use parquet::errors::ParquetError;

use super::{LakeError, properties};

/// Effects that became known late, by number of the record.
pub(crate) type Late = HashMap<i64, Effect>;

/// Writes a file again with late effects: rows of rejected records are left out, or told apart. The rows it has then.
pub(crate) fn revise(path: &Path, late: &Late, leave_out: bool) -> Result<u64, LakeError> {
    let parquet = |error: ParquetError| LakeError::parquet(path, error);
    let arrow = |error: ArrowError| LakeError::parquet(path, error.into());
    let io = |error| LakeError::io(path, error);
    let reader = ParquetRecordBatchReaderBuilder::try_new(File::open(path).map_err(io)?)
        .and_then(ParquetRecordBatchReaderBuilder::build)
        .map_err(parquet)?;
    let again = path.with_extension("again");
    let file = File::create(&again).map_err(io)?;
    let schema = arrow_array::RecordBatchReader::schema(&reader);
    let mut writer = ArrowWriter::try_new(file, schema, Some(properties(None))).map_err(parquet)?;
    let mut rows = 0;
    for batch in reader {
        let batch = with_effects(&batch.map_err(arrow)?, late, leave_out).map_err(arrow)?;
        rows += batch.num_rows() as u64;
        writer.write(&batch).map_err(parquet)?;
    }
    let file = writer.into_inner().map_err(parquet)?;
    file.sync_data().map_err(io)?;
    fs::rename(&again, path).map_err(io)?;
    Ok(rows)
}

fn with_effects(batch: &RecordBatch, late: &Late, leave_out: bool) -> Result<RecordBatch, ArrowError> {
    let records = batch.column(batch.schema().index_of("source_record")?).clone();
    let records = records.as_primitive::<Int64Type>();
    let late_of = |row: usize| late.get(&records.value(row)).copied();
    if leave_out {
        let keep: BooleanArray = (0..batch.num_rows())
            .map(|row| Some(!late_of(row).is_some_and(Effect::rejects_record)))
            .collect();
        return arrow_select::filter::filter_record_batch(batch, &keep);
    }
    let place = batch.schema().index_of("source_effect")?;
    let known = batch.column(place).as_string::<i32>();
    let mut effects = StringBuilder::with_capacity(batch.num_rows(), 0);
    for row in 0..batch.num_rows() {
        let before = known.is_valid(row).then(|| known.value(row));
        let before: Option<Effect> = before.and_then(|effect| effect.parse().ok());
        effects.append_option(before.max(late_of(row)).map(Effect::as_str));
    }
    let mut columns: Vec<ArrayRef> = batch.columns().to_vec();
    columns[place] = Arc::new(effects.finish());
    RecordBatch::try_new(batch.schema(), columns)
}
