//! Rules beyond structure, as `rules.toml` states them. How they are run is `concord-rules`' business.

mod words;

use std::collections::BTreeMap;
use std::sync::Arc;

use concord_finding::Rule;

use crate::schema::Origin;

/// A rule of a standard: what readers are told, what is checked, and the examples that prove it.
#[derive(Debug, Clone)]
pub struct RuleDefinition {
    /// What readers are told.
    pub rule: Arc<Rule>,
    /// Where the rule sits.
    pub at: Seat,
    /// What must hold.
    pub check: Check,
    /// The element (a reference as in SQL) that a finding points at; the seat itself when `None`.
    pub place: Option<String>,
    /// Data on which the rule must stay silent.
    pub pass: Vec<Example>,
    /// Data that break the rule.
    pub fail: Vec<Example>,
    /// Where the rule is written.
    pub origin: Origin,
    /// Where its SQL begins, so that an error can underline a part of it.
    pub check_origin: Origin,
}

/// What a rule looks at, one row at a time.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Seat {
    /// The submission: the header and trailer around the records.
    Submission,
    /// Each record.
    Record,
    /// The submissions of several data sets that are checked together.
    Set,
    /// Each occurrence of a group, named by a reference (`CodedScoredAssessment`, or a path's end: `Diagnosis/Item`).
    Group(String),
    /// Each occurrence of any of these elements, wherever they stand. SQL sees it as `value`.
    Elements(Vec<String>),
}

/// What must hold at a seat.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Check {
    /// A SQL boolean expression over elements. False breaks the rule; true and unknown (NULL) do not.
    Sql(String),
    /// Two elements or attributes (`@CDSTypeCode`) hold the same text wherever both are present.
    Equal {
        /// The one that a finding points at.
        left: String,
        /// The one that it is compared with.
        right: String,
    },
    /// An element of the envelope counts the records.
    RecordCount {
        /// The element that holds the count.
        element: String,
    },
    /// A number that goes up by one from record to record, from any start, back to 1 after the greatest value.
    Sequence {
        /// The element that holds the number.
        element: String,
        /// The greatest value, after which it begins again at 1.
        greatest: u64,
    },
    /// Values that no two records of the submission share. A record in which one of them is absent shares them with none.
    Unique {
        /// The elements that hold the values.
        elements: Vec<String>,
        /// Only records of which this SQL is true are looked at.
        when: Option<String>,
        /// Which of the records that share them are findings.
        keep: Keep,
    },
    /// A number that goes up by one from submission to submission of the same sender.
    SubmissionSequence {
        /// The element that holds the number.
        element: String,
        /// The elements that tell one sender from another.
        per: Vec<String>,
        /// The greatest value, after which it begins again at 1.
        greatest: u64,
    },
    /// The values of some elements must not turn up inside other elements of the same record.
    Leak {
        /// Elements whose values are personal, such as `NHSNumber`.
        of: Vec<String>,
        /// Elements in which they must not be found.
        into: Vec<String>,
    },
    /// What a column of `fields.csv` says of itself. The rule's id stands beside the fact there; the fact is checked with the
    /// structure and the values, and reported by this rule.
    Field(FieldCheck),
    /// Each of these elements is filled.
    Required {
        /// The elements.
        columns: Vec<String>,
        /// Only rows of which this SQL is true are looked at.
        when: Option<String>,
    },
    /// At least one of these elements is filled.
    OneOf {
        /// The elements.
        columns: Vec<String>,
        /// Only rows of which this SQL is true are looked at.
        when: Option<String>,
    },
    /// None of these elements is filled.
    Blank {
        /// The elements.
        columns: Vec<String>,
        /// Only rows of which this SQL is true are looked at.
        when: Option<String>,
    },
    /// Days or moments that must not go back from one element to the next. A pair of which either is absent, or is no day, is
    /// left out.
    Order {
        /// The elements, the earliest first.
        elements: Vec<String>,
    },
    /// A day or moment within two limits, both included. A limit that is NULL does not limit.
    Window {
        /// The element that holds the day.
        element: String,
        /// SQL for the earliest day.
        from: Option<String>,
        /// SQL for the latest day.
        to: Option<String>,
    },
    /// A value that is on a code list.
    Code {
        /// The element that holds the value.
        element: String,
        /// Id of the code list.
        list: String,
        /// The element that holds the day on which the code must be in use; without it any code of the list will do.
        as_at: Option<String>,
        /// Only rows of which this SQL is true are looked at.
        when: Option<String>,
    },
    /// Values that stand together in a row of reference data, or of another table of the submission.
    Exists {
        /// The elements that hold the values. A row in which one of them is absent is left out.
        elements: Vec<String>,
        /// The table in which they are looked for.
        table: String,
        /// The columns of that table, in the order of `elements`.
        columns: Vec<String>,
        /// The element that holds the day on which the row must be in force.
        as_at: Option<String>,
        /// Only rows of which this SQL is true are looked at.
        when: Option<String>,
    },
    /// An element that holds one value only, in the whole submission or among records that agree in others.
    Consistent {
        /// The element.
        element: String,
        /// The elements in which the records agree; none: the whole submission.
        per: Vec<String>,
    },
    /// A SQL query over the tables of the submission and reference data. Each row of its answer is a finding: its column
    /// `record`, a record number, says where; the others are facts for the message.
    Query(String),
    /// Totals of two data sets that must agree, by provider, commissioner, month and service. Run over several submissions
    /// together.
    Reconcile {
        /// The data set whose total is compared: the id of a standard.
        left: String,
        /// The data set that it is compared with.
        right: String,
        /// Points of delivery of the right one that count; none: all.
        only: Vec<String>,
        /// Points of delivery of the right one that do not count.
        except: Vec<String>,
    },
    /// What the reader of the carrier finds, and reports by this rule.
    Carrier(CarrierCheck),
}

/// What the reader of a carrier reports by a rule of the standard.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum CarrierCheck {
    /// A value carries blanks, characters that nobody sees or zeros behind the point, and is right without them.
    Clean,
    /// A value was damaged by a spreadsheet or an export, and can be told what it was.
    DirtyValue,
    /// A header is understood, but is not the column's own name.
    DirtyHeader,
    /// A file replaces an earlier one of the same provider, year and month.
    Replaces,
    /// The file's name does not end as it must.
    FileName,
    /// A row has another number of cells than there are columns.
    Columns,
    /// The XML form of a table is not well-formed, or its records are not as they must be.
    Document,
}

impl CarrierCheck {
    /// Every kind.
    pub const ALL: [Self; 7] = [
        Self::Clean,
        Self::DirtyValue,
        Self::DirtyHeader,
        Self::Replaces,
        Self::FileName,
        Self::Columns,
        Self::Document,
    ];

    /// The word used in definitions.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Clean => "clean",
            Self::DirtyValue => "dirty-value",
            Self::DirtyHeader => "dirty-header",
            Self::Replaces => "replaces",
            Self::FileName => "file-name",
            Self::Columns => "columns",
            Self::Document => "document",
        }
    }
}

impl Check {
    /// The SQL that a check is made of: conditions, limits, queries.
    pub fn sql(&self) -> Vec<&str> {
        match self {
            Self::Sql(sql) | Self::Query(sql) => vec![sql],
            Self::Unique { when, .. }
            | Self::Required { when, .. }
            | Self::OneOf { when, .. }
            | Self::Blank { when, .. }
            | Self::Code { when, .. }
            | Self::Exists { when, .. } => when.as_deref().into_iter().collect(),
            Self::Window { from, to, .. } => [from, to]
                .into_iter()
                .filter_map(Option::as_deref)
                .collect(),
            Self::Equal { .. }
            | Self::RecordCount { .. }
            | Self::Sequence { .. }
            | Self::SubmissionSequence { .. }
            | Self::Leak { .. }
            | Self::Field(_)
            | Self::Order { .. }
            | Self::Consistent { .. }
            | Self::Reconcile { .. }
            | Self::Carrier(_) => Vec::new(),
        }
    }
}

/// Which facts of a column a rule of kind field reports.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum FieldCheck {
    /// Whether it is filled, or left blank, as its mandation says.
    Presence,
    /// Whether its value has the format.
    Format,
    /// Whether its value is on the code list.
    Code,
}

impl FieldCheck {
    /// Every kind.
    pub const ALL: [Self; 3] = [Self::Presence, Self::Format, Self::Code];

    /// The word used in definitions.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Presence => "presence",
            Self::Format => "format",
            Self::Code => "code",
        }
    }
}

/// Which of the records that share values that none should share are right.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Keep {
    /// The first one: each further record is a finding.
    #[default]
    First,
    /// None: each of them is a finding.
    None,
}

/// One row of example data: texts by element reference, and rows of repeating groups by group reference.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Example {
    /// Text by element reference; an element that is not named is absent.
    pub elements: BTreeMap<String, String>,
    /// Rows by reference of a repeating group below the seat.
    pub groups: BTreeMap<String, Vec<Example>>,
    /// Where the example is written.
    pub origin: Origin,
}
