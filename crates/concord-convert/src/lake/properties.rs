//! How Parquet files are written.

use arrow_array::cast::AsArray;
use arrow_array::{Array, RecordBatch};
use arrow_schema::DataType;
use parquet::basic::{Compression, Encoding, ZstdLevel};
use parquet::file::properties::{EnabledStatistics, WriterProperties};
use parquet::schema::types::ColumnPath;

use super::pack::distinct_texts;

/// Rows that are looked at to tell whether the values of a column repeat.
const SAMPLE: usize = 4_096;
/// Fewer values than this tell nothing.
const FEW: usize = 64;

/// How hard zstd tries. One more than its default here takes a hundredth of the time of a conversion and a sixtieth of the room;
/// with one more again columns of numbers written as text grow.
pub(super) fn zstd_level() -> ZstdLevel {
    ZstdLevel::try_new(2).unwrap_or_default()
}

/// zstd at a level that costs little, statistics of each column, and dictionaries where the values of `sample` repeat:
/// where they do not, a dictionary costs time and room.
pub(crate) fn properties(sample: Option<&RecordBatch>) -> WriterProperties {
    let mut properties = WriterProperties::builder()
        .set_compression(Compression::ZSTD(zstd_level()))
        .set_statistics_enabled(EnabledStatistics::Chunk)
        .set_created_by(concat!("concord ", env!("CARGO_PKG_VERSION")).to_owned());
    let Some(sample) = sample else {
        return properties.build();
    };
    for (field, column) in sample.schema().fields().iter().zip(sample.columns()) {
        let path = ColumnPath::from(field.name().as_str());
        if field.name() == "source_record" {
            // It rises by ones.
            properties = properties
                .set_column_dictionary_enabled(path.clone(), false)
                .set_column_encoding(path, Encoding::DELTA_BINARY_PACKED);
        } else if *column.data_type() == DataType::Utf8 && rarely_repeats(column) {
            properties = properties.set_column_dictionary_enabled(path, false);
        }
    }
    properties.build()
}

/// Whether more than half of the values differ from one another.
fn rarely_repeats(column: &dyn Array) -> bool {
    let texts = column.as_string::<i32>();
    let sample = texts.slice(0, texts.len().min(SAMPLE));
    let values = sample.len() - sample.null_count();
    values >= FEW && distinct_texts(&sample) * 2 > values
}
