//! The layout of a tabular standard: its tables, their columns in the published order, and how a header row is matched
//! with them.
//!
//! A layout says how cells become elements; what may stand in an element is said by the [`Schema`](crate::schema::Schema)
//! of the same definition, in which each table is a record element and each column an optional child of it.

mod header;
mod judgement;
mod lines;

use std::collections::BTreeMap;
use std::sync::Arc;

use concord_finding::RuleId;

use crate::schema::{ElementId, Origin, SimpleTypeId, Status};

pub use header::{HeaderMatch, is_header, normalised_header};
pub(crate) use header::{Headers, TableHeaders};
pub use judgement::{ValueProblem, value_problem};
pub use lines::{LineOf, LineSeats, LinesForm};

/// The tables of a standard and the further spellings of their columns.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Layout {
    /// The tables, in the order of `standard.toml`.
    pub tables: Vec<TableLayout>,
    /// Columns by further spellings of their headers, as [`normalised_header`] writes them.
    pub aliases: BTreeMap<String, Arc<str>>,
}

/// One table: what one file, or one sort of line, of a submission holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TableLayout {
    /// Name in rules, and of the record element.
    pub name: Arc<str>,
    /// Title for people.
    pub title: String,
    /// Whether its first row names the columns.
    pub header: HeaderUse,
    /// Characters (ASCII) that may stand between cells; the first one is the usual one. Empty for fixed width.
    pub delimiters: Vec<u8>,
    /// Characters in a line of a fixed-width table, when the standard says so.
    pub record_length: Option<u32>,
    /// How the lines of a record of fixed width belong together, where it has several.
    pub lines: Option<LinesForm>,
    /// How its letters beyond ASCII are written.
    pub encoding: Letters,
    /// Its form as an XML document, where it has one.
    pub document: Option<DocumentForm>,
    /// Whether values are judged as they are written: what a spreadsheet did to one is not put right, and the column's own rules
    /// refuse it; nor is a row with several faults read as moved. Blanks around a value are let through all the same.
    pub as_written: bool,
    /// The columns in the published order.
    pub fields: Vec<Field>,
    /// The record element, in the schema of the definition.
    pub record: ElementId,
}

/// A column.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Field {
    /// Header id, which is also its name in rules: `POINT_OF_DELIVERY_CODE`.
    pub column: Arc<str>,
    /// Data Dictionary name: `ORGANISATION IDENTIFIER (CODE OF PROVIDER)`.
    pub element: Arc<str>,
    /// The part of the record that the specification lists it under; may be empty.
    pub group: Arc<str>,
    /// Whether it must be filled.
    pub mandation: Mandation,
    /// Format in Data Dictionary notation; empty when it is not known.
    pub format: Arc<str>,
    /// What may stand in it, in the schema of the definition.
    pub value: SimpleTypeId,
    /// Id of its code list.
    pub code_list: Option<Arc<str>>,
    /// Whether its value identifies a person, so that it is masked.
    pub personal: bool,
    /// Place in the published order, from 1.
    pub position: u32,
    /// Fixed width: the first character, from 0, and the number of characters.
    pub span: Option<(u32, u32)>,
    /// Records of several lines: the line that it stands in; `None` for the code of the next line that has no place.
    pub line: Option<LineOf>,
    /// The rule that says that it must be (or not be) filled, when the publisher has one for it.
    pub presence_rule: Option<RuleId>,
    /// The rule that says what its format is, when the publisher has one for it.
    pub format_rule: Option<RuleId>,
    /// The rule that says which codes it takes, when the publisher has one for it.
    pub code_rule: Option<RuleId>,
    /// The published text that says so.
    pub source: Arc<str>,
    /// How sure the definition is of it; empty when it is sure.
    pub confidence: Arc<str>,
    /// Where it is written.
    pub origin: Origin,
}

/// The form of a table as an XML document. Names are local names, of whatever namespace; what stands around the records does not
/// matter.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct DocumentForm {
    /// The element that is a record.
    pub record: Arc<str>,
    /// The element in it of which each makes a row, with all that the record has besides.
    pub row: Arc<str>,
    /// Columns, and the place of each: a path of elements from the record on, `@` before an attribute at its end.
    pub places: Vec<(Arc<str>, Arc<str>)>,
}

impl DocumentForm {
    /// The place of a column.
    pub fn place_of(&self, column: &str) -> Option<&Arc<str>> {
        let mut places = self.places.iter();
        places
            .find(|(name, _)| **name == *column)
            .map(|(_, place)| place)
    }
}

/// How letters beyond ASCII are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub enum Letters {
    /// As UTF-8.
    #[default]
    Utf8,
    /// As Windows-1252; a table in UTF-8 is understood too.
    Windows1252,
}

impl Letters {
    /// Every way.
    pub const ALL: [Self; 2] = [Self::Utf8, Self::Windows1252];

    /// The word used in definitions.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Utf8 => "utf-8",
            Self::Windows1252 => "windows-1252",
        }
    }
}

/// Whether the first row of a table names its columns.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum HeaderUse {
    /// It must.
    Required,
    /// It may.
    Optional,
    /// It never does.
    None,
}

impl HeaderUse {
    /// Every use.
    pub const ALL: [Self; 3] = [Self::Required, Self::Optional, Self::None];

    /// The word used in definitions.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Required => "required",
            Self::Optional => "optional",
            Self::None => "none",
        }
    }
}

/// Whether a column must be filled (`M`, `R`, `O`, `P`, `X` in the published specifications).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Mandation {
    /// M: must be filled.
    Mandatory,
    /// R: must be filled where it applies.
    Required,
    /// O: at the sender's choice.
    Optional,
    /// P: piloted; at the sender's choice until it is decided.
    Pilot,
    /// X: not used; must be blank.
    NotUsed,
}

impl Mandation {
    /// Every mandation.
    pub const ALL: [Self; 5] = [
        Self::Mandatory,
        Self::Required,
        Self::Optional,
        Self::Pilot,
        Self::NotUsed,
    ];

    /// The letter used in specifications.
    pub const fn letter(self) -> &'static str {
        match self {
            Self::Mandatory => "M",
            Self::Required => "R",
            Self::Optional => "O",
            Self::Pilot => "P",
            Self::NotUsed => "X",
        }
    }

    /// The mandation behind a letter.
    pub fn from_letter(letter: &str) -> Option<Self> {
        Self::ALL
            .into_iter()
            .find(|mandation| mandation.letter() == letter)
    }

    /// What it means, for people.
    pub const fn meaning(self) -> &'static str {
        match self {
            Self::Mandatory => "mandatory",
            Self::Required => "required where it applies",
            Self::Optional => "optional",
            Self::Pilot => "pilot",
            Self::NotUsed => "not used: leave blank",
        }
    }

    /// The same as the status of an element. A pilot is at the sender's choice.
    pub const fn status(self) -> Status {
        match self {
            Self::Mandatory => Status::Mandatory,
            Self::Required => Status::Required,
            Self::Optional | Self::Pilot => Status::Optional,
            Self::NotUsed => Status::NotUsed,
        }
    }
}

impl Layout {
    /// The table with a name.
    pub fn table(&self, name: &str) -> Option<&TableLayout> {
        self.tables.iter().find(|table| &*table.name == name)
    }

    /// Matches the cells of a header row with the columns of the table that has most of them.
    ///
    /// Order does not matter, nor do case, blanks, underscores and punctuation ([`normalised_header`]). A column's own name
    /// is preferred to a further spelling of it.
    pub fn match_header(&self, header: &[&str]) -> HeaderMatch {
        self.headers().match_header(header)
    }

    fn headers(&self) -> Headers<'_> {
        Headers {
            tables: self
                .tables
                .iter()
                .map(|table| TableHeaders {
                    columns: table
                        .fields
                        .iter()
                        .map(|field| Arc::clone(&field.column))
                        .collect(),
                })
                .collect(),
            aliases: &self.aliases,
        }
    }
}

impl TableLayout {
    /// The column called `column`, and its place in [`TableLayout::fields`].
    pub fn field(&self, column: &str) -> Option<(usize, &Field)> {
        self.fields
            .iter()
            .enumerate()
            .find(|(_, field)| &*field.column == column)
    }
}
