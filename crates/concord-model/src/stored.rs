//! What is stored in columns, without saying how: the tables of a lake, as far as a change of them matters to whoever reads them.

use std::sync::Arc;

/// A stored table: one dataset of a lake.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredTable {
    /// Name of the dataset.
    pub name: Arc<str>,
    /// Its columns, in order.
    pub columns: Vec<StoredColumn>,
}

/// A stored column.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredColumn {
    /// Name.
    pub name: Arc<str>,
    /// What is stored.
    pub kind: StoredKind,
    /// Whether it may be null.
    pub nullable: bool,
    /// Data Dictionary name, when it is known.
    pub dictionary_name: Option<Arc<str>>,
    /// Id of its code list, when it is known.
    pub code_list: Option<Arc<str>>,
}

/// The types that stored columns have, as far as a change of them matters.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum StoredKind {
    /// True or false.
    Boolean,
    /// A whole number of so many bits.
    Integer {
        /// 8, 16, 32 or 64.
        bits: u8,
        /// Whether it may be negative.
        signed: bool,
    },
    /// A decimal number.
    Decimal {
        /// Digits in all.
        precision: u8,
        /// Digits behind the point.
        scale: i8,
    },
    /// A binary floating-point number of so many bits.
    Float(u8),
    /// Text, dictionary-encoded or not.
    Text,
    /// Bytes.
    Binary,
    /// A day.
    Date,
    /// A time of day.
    Time,
    /// A moment; with a time zone or not.
    Timestamp {
        /// Whether the moment is in a known zone.
        zoned: bool,
    },
    /// Several values of one kind.
    List(Box<StoredKind>),
    /// Named parts.
    Struct(Vec<StoredColumn>),
    /// Another type, by the name that its system gives it.
    Other(String),
}
