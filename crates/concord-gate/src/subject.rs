//! One side of a comparison, whatever it was read from.

use std::sync::Arc;

use concord_standards::definition::Definition;
use concord_standards::schema::Origin;

/// One side of a comparison. Whatever it was read from has become a definition.
#[derive(Debug, Clone)]
pub struct Subject {
    /// What the user called it: `cds@6-3-1`, a path, `git:origin/main:schemas/cds/6-3-1`.
    pub name: String,
    /// What it was read from.
    pub kind: SubjectKind,
    /// What it says.
    pub definition: Definition,
    /// The stored tables that follow from it, or that it is itself.
    pub storage: Vec<StoredTable>,
    /// What could not be represented and so is not compared. Never silently left out.
    pub not_compared: Vec<NotCompared>,
}

/// What a side of a comparison was read from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum SubjectKind {
    /// A folder of definition files, or a shipped standard.
    Definition,
    /// An official XSD.
    Xsd,
    /// A JSON Schema.
    JsonSchema,
    /// The schema of a Parquet or Arrow file.
    Stored,
    /// The header and the values of a delimited file.
    Delimited,
}

/// Facts that a kind of source may or may not be able to say. What a source cannot say is not compared, so that its
/// absence is never read as a removal.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Aspect {
    /// The order of elements or columns.
    Order,
    /// How often something may or must stand.
    Occurrence,
    /// Formats, patterns, lengths, bounds.
    Format,
    /// Which codes are permitted.
    Codes,
    /// What codes mean and when they are in force.
    CodeMeanings,
    /// Rules beyond structure and values.
    Rules,
    /// Effective dates, number, publisher, status.
    Dates,
    /// Data Dictionary names.
    DictionaryNames,
    /// Which elements identify a person.
    Personal,
    /// Presence as specifications state it: M, R, O, P, X.
    Mandation,
}

impl SubjectKind {
    /// Whether a source of this kind can say something of an aspect.
    pub fn says(self, aspect: Aspect) -> bool {
        match self {
            Self::Definition => true,
            Self::Xsd => matches!(
                aspect,
                Aspect::Order | Aspect::Occurrence | Aspect::Format | Aspect::Codes
            ),
            Self::JsonSchema => matches!(
                aspect,
                Aspect::Occurrence | Aspect::Format | Aspect::Codes
            ),
            Self::Stored => matches!(aspect, Aspect::Format),
            Self::Delimited => matches!(aspect, Aspect::Order | Aspect::Format),
        }
    }
}

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

/// Something that a source says and a comparison cannot take into account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NotCompared {
    /// What, in a few words, and why.
    pub what: String,
    /// Where it is said.
    pub origin: Origin,
}
