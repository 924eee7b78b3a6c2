//! Columns of Parquet packed here rather than by the library that writes the file.
//!
//! Most values of a lake repeat: codes, days, sequences, and what says where a row comes from. The library looks each of them
//! up by its bytes and compares it with the least and the greatest twice. Here a short text is a number, what is the same in
//! many rows is looked up once, nothing is done for rows that have no value, and only different values are compared. Pages
//! are those of the format's first version, in the encodings that every reader knows: `PLAIN`, `RLE_DICTIONARY`, zstd.
//! (Source: the format's documentation, `Encodings.md` and `parquet.thrift` of apache/parquet-format.)

mod bounds;
mod column;
mod distinct;
mod hybrid;
mod numbers;
mod texts;
mod values;

use arrow_array::Array;
use arrow_array::types::{Date32Type, Int64Type, TimestampMicrosecondType};
use arrow_schema::{DataType, TimeUnit};
use parquet::errors::ParquetError;
use parquet::schema::types::ColumnDescPtr;
use zstd::bulk::Compressor;

use column::Column;
pub(super) use column::PackedChunk;
use numbers::Numbers;
use texts::Texts;
pub(super) use texts::distinct_texts;

/// A column of a row group that is being packed.
pub(super) struct PackedColumn(Kind);

enum Kind {
    Texts(Box<Column<Texts>>),
    Integers(Box<Column<Numbers<Int64Type>>>),
    Days(Box<Column<Numbers<Date32Type>>>),
    Moments(Box<Column<Numbers<TimestampMicrosecondType>>>),
}

impl PackedColumn {
    /// Whether columns of a type can be packed.
    pub(super) fn can(data_type: &DataType, descriptor: &ColumnDescPtr) -> bool {
        let known = matches!(
            data_type,
            DataType::Utf8
                | DataType::Int64
                | DataType::Date32
                | DataType::Timestamp(TimeUnit::Microsecond, None)
        );
        known && descriptor.max_rep_level() == 0 && descriptor.max_def_level() <= 1
    }

    /// A column that [can](Self::can) be packed; `repeats` says whether its values may repeat.
    pub(super) fn new(data_type: &DataType, descriptor: ColumnDescPtr, repeats: bool) -> Self {
        Self(match data_type {
            DataType::Int64 => Kind::Integers(Box::new(Column::new(descriptor, repeats))),
            DataType::Date32 => Kind::Days(Box::new(Column::new(descriptor, repeats))),
            DataType::Timestamp(..) => Kind::Moments(Box::new(Column::new(descriptor, repeats))),
            _ => Kind::Texts(Box::new(Column::new(descriptor, repeats))),
        })
    }

    /// Adds the values of an array.
    ///
    /// # Errors
    /// That the array is of another type, or that a page cannot be made.
    pub(super) fn write(
        &mut self,
        array: &dyn Array,
        zstd: &mut Compressor<'_>,
    ) -> Result<(), ParquetError> {
        match &mut self.0 {
            Kind::Texts(column) => column.write(array, zstd),
            Kind::Integers(column) => column.write(array, zstd),
            Kind::Days(column) => column.write(array, zstd),
            Kind::Moments(column) => column.write(array, zstd),
        }
    }

    /// The column as it stands in the file.
    ///
    /// # Errors
    /// That a page cannot be made.
    pub(super) fn finish(self, zstd: &mut Compressor<'_>) -> Result<PackedChunk, ParquetError> {
        match self.0 {
            Kind::Texts(column) => column.finish(zstd),
            Kind::Integers(column) => column.finish(zstd),
            Kind::Days(column) => column.finish(zstd),
            Kind::Moments(column) => column.finish(zstd),
        }
    }
}
