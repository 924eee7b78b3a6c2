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

/// Which effects leave rows out, if any do.
pub(crate) type LeaveOut = Option<fn(Effect) -> bool>;

/// Writes a file again with late effects: rows of rejected records are left out, or told apart. The rows it has then.
pub(crate) fn revise(path: &Path, late: &Late, leave_out: LeaveOut) -> Result<u64, LakeError> {
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

fn with_effects(
    batch: &RecordBatch,
    late: &Late,
    leave_out: LeaveOut,
) -> Result<RecordBatch, ArrowError> {
    let records = batch
        .column(batch.schema().index_of("source_record")?)
        .clone();
    let records = records.as_primitive::<Int64Type>();
    let late_of = |row: usize| late.get(&records.value(row)).copied();
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
    let told = RecordBatch::try_new(batch.schema(), columns)?;
    let Some(leaves_out) = leave_out else {
        return Ok(told);
    };
    let keep: BooleanArray = (0..batch.num_rows())
        .map(|row| Some(!late_of(row).is_some_and(leaves_out)))
        .collect();
    arrow_select::filter::filter_record_batch(&told, &keep)
}

#[cfg(test)]
mod tests {
    use arrow_array::{Int64Array, StringArray};
    use arrow_schema::{DataType, Field, Schema};

    use super::*;

    /// A file with records 1 to 4, of which 2 has a warning; what its rows are after `late` became known.
    fn revised(late: &[(i64, Effect)], leave_out: LeaveOut) -> Vec<(i64, Option<String>)> {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("part.parquet");
        let schema = Arc::new(Schema::new(vec![
            Field::new("source_record", DataType::Int64, false),
            Field::new("source_effect", DataType::Utf8, true),
        ]));
        let records = Arc::new(Int64Array::from(vec![1, 2, 3, 4]));
        let effects = Arc::new(StringArray::from(vec![None, Some("warn"), None, None]));
        let batch = RecordBatch::try_new(schema.clone(), vec![records, effects]).expect("rows");
        let file = File::create(&path).expect("a file");
        let mut writer = ArrowWriter::try_new(file, schema, None).expect("a writer");
        writer.write(&batch).expect("written");
        writer.close().expect("closed");
        let late: Late = late.iter().copied().collect();
        let rows = revise(&path, &late, leave_out).expect("revised");
        let file = File::open(&path).expect("a file");
        let reader = ParquetRecordBatchReaderBuilder::try_new(file)
            .and_then(ParquetRecordBatchReaderBuilder::build);
        let batches: Vec<RecordBatch> = reader
            .expect("Parquet")
            .map(|batch| batch.expect("rows"))
            .collect();
        let seen = batches.iter().flat_map(|batch| {
            let records = batch
                .column(0)
                .as_primitive::<Int64Type>()
                .values()
                .to_vec();
            let effects = batch.column(1).as_string::<i32>();
            let effects: Vec<Option<String>> = effects
                .iter()
                .map(|effect| effect.map(str::to_owned))
                .collect();
            records.into_iter().zip(effects)
        });
        let seen: Vec<_> = seen.collect();
        assert_eq!(seen.len() as u64, rows);
        seen
    }

    #[test]
    fn rows_of_records_rejected_late_are_left_out() {
        let late = [
            (1, Effect::RejectGroup),
            (3, Effect::RejectRecord),
            (4, Effect::Warn),
        ];
        let left = revised(&late, Some(Effect::rejects_record));
        let warned = |record| (record, Some("warn".to_owned()));
        let group = (1, Some("reject-group".to_owned()));
        assert_eq!(left, [group, warned(2), warned(4)]);
        let left = revised(&late, Some(Effect::is_reject));
        assert_eq!(left, [warned(2), warned(4)]);
    }

    #[test]
    fn or_told_apart_by_the_gravest_effect() {
        let kept = revised(&[(2, Effect::RejectRecord), (3, Effect::Note)], None);
        let effects: Vec<Option<&str>> = kept.iter().map(|(_, effect)| effect.as_deref()).collect();
        assert_eq!(effects, [None, Some("reject-record"), Some("note"), None]);
    }
}
