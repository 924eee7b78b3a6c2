//! Types of Arrow as far as a change of them matters.

use std::sync::Arc;

use arrow_schema::{DataType, Field};
use concord_model::entities::{CODE_LIST, ELEMENT};
use concord_model::stored::{StoredColumn, StoredKind};

/// A column without what its metadata say.
pub(super) fn column(field: &Field) -> StoredColumn {
    StoredColumn {
        name: field.name().as_str().into(),
        kind: kind(field.data_type()),
        nullable: field.is_nullable(),
        dictionary_name: None,
        code_list: None,
    }
}

/// Takes over what a column's metadata say of it.
pub(super) fn facts<'m>(column: &mut StoredColumn, metadata: impl Fn(&str) -> Option<&'m str>) {
    let fact = |key: &str| metadata(key).filter(|fact| !fact.is_empty()).map(Arc::from);
    column.dictionary_name = fact(ELEMENT);
    column.code_list = fact(CODE_LIST);
}

fn integer(bits: u8, signed: bool) -> StoredKind {
    StoredKind::Integer { bits, signed }
}

fn kind(data_type: &DataType) -> StoredKind {
    match data_type {
        DataType::Boolean => StoredKind::Boolean,
        DataType::Int8 => integer(8, true),
        DataType::Int16 => integer(16, true),
        DataType::Int32 => integer(32, true),
        DataType::Int64 => integer(64, true),
        DataType::UInt8 => integer(8, false),
        DataType::UInt16 => integer(16, false),
        DataType::UInt32 => integer(32, false),
        DataType::UInt64 => integer(64, false),
        DataType::Float16 => StoredKind::Float(16),
        DataType::Float32 => StoredKind::Float(32),
        DataType::Float64 => StoredKind::Float(64),
        DataType::Decimal32(precision, scale)
        | DataType::Decimal64(precision, scale)
        | DataType::Decimal128(precision, scale)
        | DataType::Decimal256(precision, scale) => StoredKind::Decimal {
            precision: *precision,
            scale: *scale,
        },
        DataType::Utf8 | DataType::LargeUtf8 | DataType::Utf8View => StoredKind::Text,
        DataType::Binary
        | DataType::LargeBinary
        | DataType::BinaryView
        | DataType::FixedSizeBinary(_) => StoredKind::Binary,
        DataType::Date32 | DataType::Date64 => StoredKind::Date,
        DataType::Time32(_) | DataType::Time64(_) => StoredKind::Time,
        DataType::Timestamp(_, zone) => StoredKind::Timestamp {
            zoned: zone.is_some(),
        },
        DataType::List(item)
        | DataType::LargeList(item)
        | DataType::ListView(item)
        | DataType::LargeListView(item)
        | DataType::FixedSizeList(item, _) => StoredKind::List(Box::new(kind(item.data_type()))),
        DataType::Struct(fields) => {
            StoredKind::Struct(fields.iter().map(|field| column(field)).collect())
        }
        DataType::Dictionary(_, values) => kind(values),
        DataType::RunEndEncoded(_, values) => kind(values.data_type()),
        other => StoredKind::Other(other.to_string()),
    }
}
