//! Rules beyond structure, as `rules.toml` states them. How they are run is `concord-rules`' business.

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
    /// A value that no two records of the submission share.
    Unique {
        /// The element that holds the value.
        element: String,
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
