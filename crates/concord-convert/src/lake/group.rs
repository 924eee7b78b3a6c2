//! The columns of a row group, each encoded by what is quickest for it.

use std::io::{Sink, Write, sink};
use std::sync::Arc;

use arrow_array::{Array, ArrayRef, RecordBatch};
use arrow_schema::{Schema, SchemaRef};
use arrow_select::concat::concat;
use bytes::Bytes;
use parquet::arrow::ArrowSchemaConverter;
use parquet::arrow::arrow_writer::{
    ArrowColumnChunk, ArrowColumnWriter, ArrowRowGroupWriterFactory, compute_leaves,
};
use parquet::errors::ParquetError;
use parquet::file::properties::WriterPropertiesPtr;
use parquet::file::writer::{SerializedFileWriter, SerializedRowGroupWriter};
use parquet::schema::types::SchemaDescPtr;
use zstd::bulk::Compressor;

use super::pack::{PackedChunk, PackedColumn};

/// How the columns of a file are encoded.
pub(super) struct Layout {
    schema: SchemaRef,
    descriptor: SchemaDescPtr,
    properties: WriterPropertiesPtr,
    /// Whether a column is packed here.
    packed: Vec<bool>,
    /// Encodes the others.
    others: Option<ArrowRowGroupWriterFactory>,
}

impl Layout {
    /// That of a file with columns of a schema.
    pub(super) fn new<W: Write + Send>(
        schema: &SchemaRef,
        writer: &SerializedFileWriter<W>,
    ) -> Result<Self, ParquetError> {
        let properties = Arc::clone(writer.properties());
        let descriptor = writer.schema_descr();
        let packed = schema.fields().iter().enumerate().map(|(number, field)| {
            let column = descriptor.column(number);
            // An encoding that somebody asked for is the library's.
            let asked = properties.encoding(column.path()).is_some();
            !asked && PackedColumn::can(field.data_type(), &column)
        });
        let packed: Vec<bool> = packed.collect();
        let others = schema.fields().iter().zip(&packed);
        let others: Vec<_> = others
            .filter(|(_, packed)| !**packed)
            .map(|(field, _)| Arc::clone(field))
            .collect();
        Ok(Self {
            schema: Arc::clone(schema),
            descriptor: Arc::new(descriptor.clone()),
            others: match others.as_slice() {
                [] => None,
                _ => Some(factory(Arc::new(Schema::new(others)), &properties)?),
            },
            properties,
            packed,
        })
    }

    /// The columns of a row group, without rows.
    pub(super) fn columns(&self, number: usize) -> Result<Columns, ParquetError> {
        let others = self.others.as_ref();
        let others = others.map(|factory| factory.create_column_writers(number));
        let mut others = others.transpose()?.unwrap_or_default().into_iter();
        let fields = self.schema.fields().iter().enumerate();
        let columns = fields.map(|(number, field)| {
            let descriptor = self.descriptor.column(number);
            if self.packed[number] {
                let repeats = self.properties.dictionary_enabled(descriptor.path());
                let column = PackedColumn::new(field.data_type(), descriptor, repeats);
                return Ok(Column::Packed(column));
            }
            let writer = others.next();
            let writer = writer.ok_or_else(|| {
                ParquetError::General(format!("no writer for the column {}", field.name()))
            })?;
            Ok(Column::Library(Box::new(writer)))
        });
        Ok(Columns {
            schema: Arc::clone(&self.schema),
            columns: columns.collect::<Result<_, ParquetError>>()?,
        })
    }
}

/// What the library encodes columns with. It takes those of a file; so there is one, which is never read.
fn factory(
    schema: SchemaRef,
    properties: &WriterPropertiesPtr,
) -> Result<ArrowRowGroupWriterFactory, ParquetError> {
    let converted = ArrowSchemaConverter::new().convert(&schema)?;
    let root = converted.root_schema_ptr();
    let writer: SerializedFileWriter<Sink> =
        SerializedFileWriter::new(sink(), root, Arc::clone(properties))?;
    Ok(ArrowRowGroupWriterFactory::new(&writer, schema))
}

/// The columns of a row group as far as they have been encoded.
pub(super) struct Columns {
    schema: SchemaRef,
    columns: Vec<Column>,
}

impl std::fmt::Debug for Columns {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Columns").finish_non_exhaustive()
    }
}

enum Column {
    Packed(PackedColumn),
    Library(Box<ArrowColumnWriter>),
}

/// An encoded column of a row group.
pub(super) enum EncodedChunk {
    Packed(PackedChunk),
    Library(ArrowColumnChunk),
}

impl EncodedChunk {
    /// Appends the column to a row group of a file.
    pub(super) fn append_to<W: Write + Send>(
        self,
        group: &mut SerializedRowGroupWriter<'_, W>,
    ) -> Result<(), ParquetError> {
        match self {
            Self::Packed(chunk) => group.append_column(&Bytes::from(chunk.bytes), chunk.close),
            Self::Library(chunk) => chunk.append_to_row_group(group),
        }
    }
}

impl Columns {
    /// Encodes further rows.
    pub(super) fn write(
        &mut self,
        batches: &[RecordBatch],
        zstd: &mut Compressor<'_>,
    ) -> Result<(), ParquetError> {
        for (number, column) in self.columns.iter_mut().enumerate() {
            match column {
                Column::Packed(column) => {
                    for batch in batches {
                        column.write(batch.column(number), zstd)?;
                    }
                }
                Column::Library(writer) => {
                    let pieces: Vec<&dyn Array> = batches
                        .iter()
                        .map(|batch| batch.column(number).as_ref())
                        .collect();
                    if pieces.is_empty() {
                        continue;
                    }
                    let whole: ArrayRef = concat(&pieces)?;
                    for leaf in compute_leaves(self.schema.field(number), &whole)? {
                        writer.write(&leaf)?;
                    }
                }
            }
        }
        Ok(())
    }

    /// The encoded columns.
    pub(super) fn finish(
        self,
        zstd: &mut Compressor<'_>,
    ) -> Result<Vec<EncodedChunk>, ParquetError> {
        let columns = self.columns.into_iter();
        let chunks = columns.map(|column| match column {
            Column::Packed(column) => column.finish(zstd).map(EncodedChunk::Packed),
            Column::Library(writer) => writer.close().map(EncodedChunk::Library),
        });
        chunks.collect()
    }
}

#[cfg(test)]
mod tests {
    use arrow_array::builder::{BooleanBuilder, TimestampMicrosecondBuilder};
    use arrow_array::builder::{Date32Builder, Decimal128Builder, Int64Builder, StringBuilder};
    use arrow_schema::{DataType, Field, TimeUnit};
    use arrow_select::concat::concat_batches;
    use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;

    use super::*;
    use crate::lake::properties;

    /// What a column of texts holds in a row.
    type Text = fn(usize) -> Option<String>;

    const TEXTS: [(&str, Text); 9] = [
        ("one", |_| Some("the same".to_owned())),
        ("none", |_| None),
        ("code", |row| Some(format!("{:02}", row * row % 37))),
        ("sometimes", |row| {
            (row % 3 == 0).then(|| format!("{:02}", row % 7))
        }),
        ("rarely", |row| {
            (row % 1_000 == 7).then(|| "here".to_owned())
        }),
        ("unique", |row| Some(format!("{:013}", row * 7_919))),
        ("late", |row| {
            Some(format!("{}", if row < 9_000 { row % 5 } else { row }))
        }),
        ("empty", |row| Some("é".repeat(row % 2 * 20))),
        // More than a dictionary holds, where it was thought to repeat.
        ("long", |row| {
            Some(format!("{}{}", row.min(row % 5_000), "lang ".repeat(60)))
        }),
    ];

    fn batch(schema: &SchemaRef, rows: std::ops::Range<usize>) -> RecordBatch {
        let texts = TEXTS.iter().map(|(_, text)| {
            let mut builder = StringBuilder::new();
            rows.clone()
                .for_each(|row| builder.append_option(text(row)));
            Arc::new(builder.finish()) as ArrayRef
        });
        let mut columns: Vec<ArrayRef> = texts.collect();
        let (mut sequence, mut record) = (Int64Builder::new(), Int64Builder::new());
        let (mut day, mut moment) = (Date32Builder::new(), TimestampMicrosecondBuilder::new());
        let mut price = Decimal128Builder::new().with_data_type(DataType::Decimal128(20, 4));
        let mut flag = BooleanBuilder::new();
        for (row, number) in rows
            .clone()
            .zip(u32::try_from(rows.start).expect("few rows")..)
        {
            let (number, date) = (i64::from(number), number.cast_signed());
            sequence.append_option((row % 11 > 1).then_some(number % 11 - 5));
            record.append_value(number);
            day.append_option((row % 5 > 0).then_some(date % 3_000 - 1_000));
            moment.append_value(number * 1_000_003);
            price.append_value(i128::from(number) * 1_234);
            flag.append_option((row % 4 > 0).then_some(row % 3 == 0));
        }
        columns.push(Arc::new(sequence.finish()));
        columns.push(Arc::new(record.finish()));
        columns.push(Arc::new(day.finish()));
        columns.push(Arc::new(moment.finish()));
        columns.push(Arc::new(price.finish()));
        columns.push(Arc::new(flag.finish()));
        RecordBatch::try_new(Arc::clone(schema), columns).expect("a table")
    }

    fn schema() -> SchemaRef {
        let texts = TEXTS.iter();
        let texts = texts.map(|(name, _)| Field::new(*name, DataType::Utf8, *name != "one"));
        let moments = DataType::Timestamp(TimeUnit::Microsecond, None);
        let others = [
            Field::new("sequence", DataType::Int64, true),
            Field::new("source_record", DataType::Int64, false),
            Field::new("day", DataType::Date32, true),
            Field::new("moment", moments, true),
            Field::new("price", DataType::Decimal128(20, 4), true),
            Field::new("flag", DataType::Boolean, true),
        ];
        Arc::new(Schema::new(texts.chain(others).collect::<Vec<_>>()))
    }

    fn written(schema: &SchemaRef, groups: &[Vec<RecordBatch>]) -> Bytes {
        let properties = Arc::new(properties(groups[0].first()));
        let converted = ArrowSchemaConverter::new()
            .convert(schema)
            .expect("known types");
        let root = converted.root_schema_ptr();
        let mut file =
            SerializedFileWriter::new(Vec::new(), root, properties).expect("it can be written");
        let layout = Layout::new(schema, &file).expect("a layout");
        let zstd = &mut Compressor::new(1).expect("a compressor");
        for (number, blocks) in groups.iter().enumerate() {
            let mut columns = layout.columns(number).expect("columns");
            for block in blocks {
                columns
                    .write(std::slice::from_ref(block), zstd)
                    .expect("rows");
            }
            let mut group = file.next_row_group().expect("a row group");
            for chunk in columns.finish(zstd).expect("columns") {
                chunk.append_to(&mut group).expect("a column");
            }
            group.close().expect("a row group");
        }
        file.into_inner().expect("it ends").into()
    }

    #[test]
    fn what_is_packed_reads_the_same() {
        let schema = schema();
        for sizes in [vec![1], vec![3, 50], vec![4_096; 12], vec![130_000]] {
            let mut before = 0;
            let blocks = sizes.iter().map(|rows| {
                before += rows;
                batch(&schema, before - rows..before)
            });
            let blocks: Vec<RecordBatch> = blocks.collect();
            let groups = [blocks.clone(), blocks[..1].to_vec()];
            let bytes = written(&schema, &groups);
            let whole: Vec<RecordBatch> = groups.concat();
            let given = concat_batches(&schema, &whole).expect("they fit");
            let reader = ParquetRecordBatchReaderBuilder::try_new(bytes).expect("it is Parquet");
            let reader = reader
                .with_batch_size(1_000)
                .build()
                .expect("it can be read");
            let read: Vec<RecordBatch> = reader.map(|batch| batch.expect("rows")).collect();
            let read = concat_batches(&schema, &read).expect("they fit");
            for (column, field) in schema.fields().iter().enumerate() {
                assert_eq!(
                    read.column(column),
                    given.column(column),
                    "{field} {sizes:?}"
                );
            }
        }
    }

    #[test]
    fn statistics_are_those_that_the_library_writes() {
        let schema = schema();
        let rows = batch(&schema, 0..30_000);
        let ours = written(&schema, &[vec![rows.clone()]]);
        let mut theirs = Vec::new();
        let properties = properties(Some(&rows));
        let mut writer = parquet::arrow::ArrowWriter::try_new(
            &mut theirs,
            Arc::clone(&schema),
            Some(properties),
        )
        .expect("it can be written");
        writer.write(&rows).expect("rows");
        writer.close().expect("it ends");
        let group = |bytes: Bytes| {
            let reader = ParquetRecordBatchReaderBuilder::try_new(bytes).expect("it is Parquet");
            reader.metadata().row_group(0).clone()
        };
        let (ours, theirs) = (group(ours), group(theirs.into()));
        for (ours, theirs) in ours.columns().iter().zip(theirs.columns()) {
            let path = ours.column_path().string();
            assert_eq!(ours.statistics(), theirs.statistics(), "{path}");
            assert_eq!(ours.num_values(), theirs.num_values(), "{path}");
            assert_eq!(ours.compression(), theirs.compression(), "{path}");
        }
        assert!(ours.compressed_size() <= theirs.compressed_size() * 101 / 100);
    }
}
