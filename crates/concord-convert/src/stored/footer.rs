//! The columns of a Parquet file, from its footer.
//!
//! Types are those of Parquet itself. What Arrow's own metadata add (`ARROW:schema`) is taken only for what they say of
//! columns: Data Dictionary names and code lists.

use std::collections::BTreeMap;
use std::fs::File;

use concord_model::stored::StoredColumn;
use parquet::arrow::arrow_reader::{ArrowReaderMetadata, ArrowReaderOptions};
use parquet::errors::ParquetError;

use super::{Read, arrow_file, kinds, ours_left_out};

const ARROW_SCHEMA: &str = "ARROW:schema";

pub(super) fn columns(file: &File) -> Result<Vec<StoredColumn>, ParquetError> {
    let options = ArrowReaderOptions::new().with_skip_arrow_metadata(true);
    let metadata = ArrowReaderMetadata::load(file, options)?;
    let pairs = metadata.metadata().file_metadata().key_value_metadata();
    let encoded = pairs.into_iter().flatten().find_map(|pair| {
        (pair.key == ARROW_SCHEMA)
            .then_some(pair.value.as_deref())
            .flatten()
    });
    let said = encoded.and_then(said_by_arrow).unwrap_or_default();
    let said: BTreeMap<_, _> = said
        .iter()
        .map(|(column, ours)| (&*column.name, (column, *ours)))
        .collect();
    let columns = metadata.schema().fields().iter().map(|field| {
        let mut column = kinds::column(field);
        let mut is_ours = false;
        if let Some((known, ours)) = said.get(&*column.name) {
            column.dictionary_name.clone_from(&known.dictionary_name);
            column.code_list.clone_from(&known.code_list);
            is_ours = *ours;
        }
        (column, is_ours)
    });
    Ok(ours_left_out(columns.collect()))
}

fn said_by_arrow(encoded: &str) -> Option<Vec<Read>> {
    let bytes = base64(encoded)?;
    let bytes = bytes.strip_prefix(&[0xff; 4]).unwrap_or(&bytes);
    arrow_file::of_message(bytes.get(4..)?).ok()
}

/// What is written in base 64: RFC 4648, section 4.
fn base64(text: &str) -> Option<Vec<u8>> {
    let mut bytes = Vec::with_capacity(text.len() / 4 * 3);
    let (mut bits, mut held) = (0_u32, 0_u32);
    for byte in text.trim_end_matches('=').bytes() {
        let value = match byte {
            b'A'..=b'Z' => byte - b'A',
            b'a'..=b'z' => byte - b'a' + 26,
            b'0'..=b'9' => byte - b'0' + 52,
            b'+' => 62,
            b'/' => 63,
            _ => return None,
        };
        bits = bits << 6 | u32::from(value);
        held += 6;
        if held >= 8 {
            held -= 8;
            bytes.push((bits >> held) as u8);
            bits &= (1 << held) - 1;
        }
    }
    Some(bytes)
}

#[cfg(test)]
mod tests {
    use super::base64;

    #[test]
    fn base_64_is_read() {
        for (text, bytes) in [
            ("", &b""[..]),
            ("Zg==", b"f"),
            ("Zm8=", b"fo"),
            ("Zm9vYmFy", b"foobar"),
            ("/+8=", &[0xff, 0xef]),
        ] {
            assert_eq!(base64(text).as_deref(), Some(bytes), "{text}");
        }
        assert_eq!(base64("a b"), None);
    }
}
