//! One side of a comparison, whatever it was read from.

pub use concord_model::stored::{StoredColumn, StoredKind, StoredTable};
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
            Self::JsonSchema => {
                matches!(aspect, Aspect::Occurrence | Aspect::Format | Aspect::Codes)
            }
            Self::Stored => matches!(aspect, Aspect::Format),
            Self::Delimited => matches!(aspect, Aspect::Order | Aspect::Format),
        }
    }
}

/// Something that a source says and a comparison cannot take into account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NotCompared {
    /// What, in a few words, and why.
    pub what: String,
    /// Where it is said.
    pub origin: Origin,
}
