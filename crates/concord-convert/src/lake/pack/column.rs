//! One column of a row group, being packed page by page.

use arrow_array::Array;
use arrow_array::builder::BooleanBufferBuilder;
use parquet::basic::{Compression, Encoding, PageType, ZstdLevel};
use parquet::column::page::{CompressedPage, Page as Packed, PageWriteSpec, PageWriter};
use parquet::column::writer::ColumnCloseResult;
use parquet::errors::ParquetError;
use parquet::file::metadata::{ColumnChunkMetaData, OffsetIndexBuilder, PageEncodingStats};
use parquet::file::writer::{SerializedPageWriter, TrackedWrite};
use parquet::schema::types::ColumnDescPtr;
use zstd::bulk::Compressor;

use super::hybrid;
use super::values::{Page, Values};

/// Rows of a page, as far as the pieces that come allow.
const PAGE_ROWS: usize = 20_000;
/// Bytes of a page, and most bytes of a dictionary.
const PAGE_BYTES: usize = 1 << 20;

/// A column whose values are of one type.
pub(super) struct Column<V> {
    descriptor: ColumnDescPtr,
    values: V,
    page: Page,
    /// Which rows of the page have a value.
    present: BooleanBufferBuilder,
    /// The dictionary, when it is not added to any more, and how many values it has.
    dictionary: Option<(Vec<u8>, usize)>,
    pages: Vec<Written>,
    rows: u64,
    nulls: u64,
}

/// A page as it stands in the file.
struct Written {
    bytes: Vec<u8>,
    spec: PageWriteSpec,
    encoding: Encoding,
    rows: usize,
}

/// A column of a row group as it stands in the file, and what the file's end says of it.
pub(crate) struct PackedChunk {
    pub(crate) bytes: Vec<u8>,
    pub(crate) close: ColumnCloseResult,
}

impl<V: Values> Column<V> {
    pub(super) fn new(descriptor: ColumnDescPtr, numbered: bool) -> Self {
        Self {
            descriptor,
            values: V::default(),
            page: Page {
                numbered,
                numbers: Vec::new(),
                plain: Vec::new(),
            },
            present: BooleanBufferBuilder::new(0),
            dictionary: None,
            pages: Vec::new(),
            rows: 0,
            nulls: 0,
        }
    }

    pub(super) fn write(
        &mut self,
        array: &dyn Array,
        zstd: &mut Compressor<'_>,
    ) -> Result<(), ParquetError> {
        let typed = array.as_any().downcast_ref::<V::Array>().ok_or_else(|| {
            ParquetError::General(format!("a column cannot hold {}", array.data_type()))
        })?;
        self.add(typed);
        if self.page.numbered && self.pages.is_empty() {
            self.values.spell_out_if_rare(&mut self.page);
        }
        let full = self.page.numbered && self.values.dictionary_bytes() >= PAGE_BYTES;
        if full || self.present.len() >= PAGE_ROWS || self.page.plain.len() >= PAGE_BYTES {
            self.end_page(zstd)?;
        }
        if full {
            self.end_dictionary();
        }
        Ok(())
    }

    fn add(&mut self, array: &V::Array) {
        let (length, nulls) = (array.len(), array.null_count());
        self.rows += length as u64;
        self.nulls += nulls as u64;
        if nulls == length {
            self.present.append_n(length, false);
            return;
        }
        match array.nulls().filter(|_| nulls > 0) {
            Some(nulls) => self.present.append_buffer(nulls.inner()),
            None => self.present.append_n(length, true),
        }
        if self.page.numbered && nulls == 0 && self.values.is_one(array) {
            self.values.add_first(array, &mut self.page);
            let numbers = &mut self.page.numbers;
            if let Some(number) = numbers.last().copied() {
                numbers.resize(numbers.len() + length - 1, number);
            }
        } else {
            self.values.add_all(array, &mut self.page);
        }
    }

    fn end_page(&mut self, zstd: &mut Compressor<'_>) -> Result<(), ParquetError> {
        let rows = self.present.len();
        if rows == 0 {
            return Ok(());
        }
        let mut body = Vec::new();
        if self.descriptor.max_def_level() > 0 {
            const LENGTH: usize = 4;
            body.extend_from_slice(&[0; LENGTH]);
            hybrid::flags(self.present.as_slice(), rows, &mut body);
            let length = (body.len() - LENGTH) as u32;
            body[..LENGTH].copy_from_slice(&length.to_le_bytes());
        }
        let encoding = if self.page.numbered {
            let width = hybrid::width(self.values.count());
            body.push(width);
            hybrid::numbers(&self.page.numbers, width, &mut body);
            Encoding::RLE_DICTIONARY
        } else {
            body.extend_from_slice(&self.page.plain);
            Encoding::PLAIN
        };
        self.page.numbers.clear();
        self.page.plain.clear();
        self.present.truncate(0);
        let page = Packed::DataPage {
            buf: compressed(&body, zstd)?.into(),
            num_values: rows as u32,
            encoding,
            def_level_encoding: Encoding::RLE,
            rep_level_encoding: Encoding::RLE,
            statistics: None,
        };
        let written = written(page, body.len(), rows)?;
        self.pages.push(written);
        Ok(())
    }

    fn end_dictionary(&mut self) {
        let count = self.values.count();
        self.dictionary = Some((self.values.end_dictionary(), count));
        self.page.numbered = false;
    }

    pub(super) fn finish(mut self, zstd: &mut Compressor<'_>) -> Result<PackedChunk, ParquetError> {
        self.end_page(zstd)?;
        if self.page.numbered {
            self.end_dictionary();
        }
        let dictionary = match &self.dictionary {
            Some((values, count)) => {
                let page = Packed::DictionaryPage {
                    buf: compressed(values, zstd)?.into(),
                    num_values: *count as u32,
                    encoding: Encoding::PLAIN,
                    is_sorted: false,
                };
                Some(written(page, values.len(), 0)?)
            }
            None => None,
        };
        let first = dictionary.as_ref().map_or(0, |page| page.bytes.len());
        let mut index = OffsetIndexBuilder::new();
        let mut bytes = Vec::new();
        let mut uncompressed = 0;
        let mut encodings = vec![Encoding::RLE];
        let mut stats: Vec<PageEncodingStats> = Vec::new();
        for page in dictionary.iter().chain(&self.pages) {
            if page.spec.page_type == PageType::DATA_PAGE {
                index.append_row_count(signed(page.rows));
                let size = (page.bytes.len() as u32).cast_signed();
                index.append_offset_and_size(signed(bytes.len()), size);
            }
            uncompressed += page.spec.uncompressed_size;
            bytes.extend_from_slice(&page.bytes);
            if !encodings.contains(&page.encoding) {
                encodings.push(page.encoding);
            }
            let same = |known: &&mut PageEncodingStats| {
                known.page_type == page.spec.page_type && known.encoding == page.encoding
            };
            match stats.last_mut().filter(same) {
                Some(known) => known.count += 1,
                None => stats.push(PageEncodingStats {
                    page_type: page.spec.page_type,
                    encoding: page.encoding,
                    count: 1,
                }),
            }
        }
        let metadata = ColumnChunkMetaData::builder(self.descriptor)
            .set_compression(Compression::ZSTD(ZstdLevel::default()))
            .set_encodings(encodings)
            .set_page_encoding_stats(stats)
            .set_total_compressed_size(signed(bytes.len()))
            .set_total_uncompressed_size(signed(uncompressed))
            .set_num_values(self.rows.cast_signed())
            .set_dictionary_page_offset(dictionary.is_some().then_some(0))
            .set_data_page_offset(signed(first))
            .set_statistics(self.values.statistics(self.nulls))
            .build()?;
        Ok(PackedChunk {
            close: ColumnCloseResult {
                bytes_written: bytes.len() as u64,
                rows_written: self.rows,
                metadata,
                bloom_filter: None,
                column_index: None,
                offset_index: Some(index.build()),
            },
            bytes,
        })
    }
}

/// A number as the file's end has it.
fn signed(number: usize) -> i64 {
    (number as u64).cast_signed()
}

fn compressed(bytes: &[u8], zstd: &mut Compressor<'_>) -> Result<Vec<u8>, ParquetError> {
    zstd.compress(bytes)
        .map_err(|error| ParquetError::External(Box::new(error)))
}

/// A page behind its header.
fn written(page: Packed, uncompressed: usize, rows: usize) -> Result<Written, ParquetError> {
    let encoding = page.encoding();
    let mut sink = TrackedWrite::new(Vec::with_capacity(page.buffer().len() + 64));
    let mut writer = SerializedPageWriter::new(&mut sink);
    let spec = writer.write_page(CompressedPage::new(page, uncompressed))?;
    Ok(Written {
        bytes: sink.into_inner()?,
        spec,
        encoding,
        rows,
    })
}
