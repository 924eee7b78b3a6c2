//! The schema of an Arrow file or stream, read from its own metadata.
//!
//! The metadata are flatbuffers, which are checked before anything is taken from them. They are read here and not by the
//! library's own conversion, which takes for granted that parts are there that a damaged file may lack.

use std::io::{self, Read, Seek, SeekFrom};

use arrow_ipc::{DateUnit, Field, Precision, Schema, Type};
use concord_model::stored::{StoredColumn, StoredKind};

use super::{Read as ReadColumn, is_ours, kinds};

const MAGIC: &[u8; 6] = b"ARROW1";
/// Marks the length of a message in a stream.
const CONTINUATION: [u8; 4] = [0xff; 4];
/// More bytes of metadata than any real schema has.
const MOST_BYTES: usize = 64 << 20;

/// The columns of a file or stream; why there are none when it is neither.
pub(super) fn schema<R: Read + Seek>(file: &mut R) -> io::Result<Result<Vec<ReadColumn>, String>> {
    let mut first = Vec::new();
    file.by_ref().take(8).read_to_end(&mut first)?;
    let metadata = if first.starts_with(MAGIC) {
        footer(file)?
    } else if first.starts_with(b"FEA1") {
        return Ok(Err(
            "it is of Feather version 1, which has other metadata; write it as version 2"
                .to_owned(),
        ));
    } else {
        message(file, &first)?
    };
    Ok(metadata.and_then(|(bytes, is_footer)| columns(&bytes, is_footer)))
}

/// Bytes of metadata, and whether they are a footer or a message.
type Metadata = Result<(Vec<u8>, bool), String>;

fn footer<R: Read + Seek>(file: &mut R) -> io::Result<Metadata> {
    const CUT: &str = "it is cut off: there is no footer at its end";
    let size = file.seek(SeekFrom::End(0))?;
    if size < 18 {
        return Ok(Err(CUT.to_owned()));
    }
    let mut end = [0; 10];
    file.seek(SeekFrom::End(-10))?;
    file.read_exact(&mut end)?;
    let length = u64::from(u32::from_le_bytes([end[0], end[1], end[2], end[3]]));
    if &end[4..] != MAGIC || length > size - 18 || length > MOST_BYTES as u64 {
        return Ok(Err(CUT.to_owned()));
    }
    file.seek(SeekFrom::Start(size - 10 - length))?;
    let mut bytes = vec![0; length as usize];
    file.read_exact(&mut bytes)?;
    Ok(Ok((bytes, true)))
}

fn message<R: Read + Seek>(file: &mut R, first: &[u8]) -> io::Result<Metadata> {
    let length_at = if first.starts_with(&CONTINUATION) {
        4
    } else {
        0
    };
    let Some(length) = first.get(length_at..length_at + 4) else {
        return Ok(Err("it is too short".to_owned()));
    };
    let length = u32::from_le_bytes([length[0], length[1], length[2], length[3]]) as usize;
    if length == 0 || length > MOST_BYTES {
        return Ok(Err("it does not begin like one".to_owned()));
    }
    file.seek(SeekFrom::Start(length_at as u64 + 4))?;
    let mut bytes = Vec::new();
    file.take(length as u64).read_to_end(&mut bytes)?;
    if bytes.len() < length {
        return Ok(Err("it does not begin like one, or is cut off".to_owned()));
    }
    Ok(Ok((bytes, false)))
}

fn columns(bytes: &[u8], is_footer: bool) -> Result<Vec<ReadColumn>, String> {
    let damaged = |error: &dyn std::fmt::Display| format!("its metadata are damaged: {error}");
    if is_footer {
        let footer = arrow_ipc::root_as_footer(bytes).map_err(|error| damaged(&error))?;
        let schema = footer.schema().ok_or("its footer names no columns")?;
        return Ok(of_schema(schema));
    }
    of_message(bytes)
}

/// The columns that a message of metadata names.
pub(super) fn of_message(bytes: &[u8]) -> Result<Vec<ReadColumn>, String> {
    let message = arrow_ipc::root_as_message(bytes)
        .map_err(|error| format!("its metadata are damaged: {error}"))?;
    let schema = message
        .header_as_schema()
        .ok_or("it does not begin with a schema")?;
    Ok(of_schema(schema))
}

fn of_schema(schema: Schema<'_>) -> Vec<ReadColumn> {
    let fields = schema.fields().into_iter().flatten();
    let read = fields.map(|field| {
        let metadata: Vec<(&str, &str)> = field
            .custom_metadata()
            .into_iter()
            .flatten()
            .filter_map(|pair| Some((pair.key()?, pair.value()?)))
            .collect();
        let mut column = column(field);
        kinds::facts(&mut column, |key| {
            let found = metadata.iter().find(|(known, _)| *known == key);
            found.map(|(_, fact)| *fact)
        });
        (column, metadata.iter().any(|(key, _)| is_ours(key)))
    });
    read.collect()
}

fn column(field: Field<'_>) -> StoredColumn {
    StoredColumn {
        name: field.name().unwrap_or_default().into(),
        kind: kind(field),
        nullable: field.nullable(),
        dictionary_name: None,
        code_list: None,
    }
}

/// The type of a column. The depth of nesting is bounded where the metadata are checked.
fn kind(field: Field<'_>) -> StoredKind {
    let children = || field.children().into_iter().flatten();
    let known = match field.type_type() {
        Type::Bool => Some(StoredKind::Boolean),
        Type::Int => field.type_as_int().and_then(|int| {
            Some(StoredKind::Integer {
                bits: u8::try_from(int.bitWidth()).ok()?,
                signed: int.is_signed(),
            })
        }),
        Type::FloatingPoint => field.type_as_floating_point().map(|float| {
            StoredKind::Float(match float.precision() {
                Precision::HALF => 16,
                Precision::SINGLE => 32,
                _ => 64,
            })
        }),
        Type::Decimal => field.type_as_decimal().and_then(|decimal| {
            Some(StoredKind::Decimal {
                precision: u8::try_from(decimal.precision()).ok()?,
                scale: i8::try_from(decimal.scale()).ok()?,
            })
        }),
        Type::Utf8 | Type::LargeUtf8 | Type::Utf8View => Some(StoredKind::Text),
        Type::Binary | Type::LargeBinary | Type::BinaryView | Type::FixedSizeBinary => {
            Some(StoredKind::Binary)
        }
        Type::Date => field.type_as_date().map(|date| match date.unit() {
            DateUnit::DAY | DateUnit::MILLISECOND => StoredKind::Date,
            _ => StoredKind::Other("date of an unknown unit".to_owned()),
        }),
        Type::Time => Some(StoredKind::Time),
        Type::Timestamp => field
            .type_as_timestamp()
            .map(|moment| StoredKind::Timestamp {
                zoned: moment.timezone().is_some(),
            }),
        Type::List
        | Type::LargeList
        | Type::ListView
        | Type::LargeListView
        | Type::FixedSizeList => {
            let item = children().next();
            item.map(|item| StoredKind::List(Box::new(kind(item))))
        }
        Type::Struct_ => Some(StoredKind::Struct(children().map(column).collect())),
        Type::RunEndEncoded => children().nth(1).map(kind),
        _ => None,
    };
    known.unwrap_or_else(|| {
        let name = field.type_type().variant_name().unwrap_or("unknown");
        StoredKind::Other(name.trim_end_matches('_').to_lowercase())
    })
}
