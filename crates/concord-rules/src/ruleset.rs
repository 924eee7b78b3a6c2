//! A set of rules, compiled.

use std::borrow::Cow;
use std::sync::Arc;

use concord_check::capture::CapturePlan;
use concord_finding::{Fact, Rule};

use crate::native::{Cross, Hasher};
use crate::query::Queries;
use crate::reconcile::TotalsPlan;
use crate::shape::Kind;
use crate::sql::Ready;
use crate::tables::Cell;

/// The rules of a standard beyond its structure, compiled to run over captured values.
///
/// It is made once and shared between threads; what a thread needs while it works is in its
/// [`Scratch`](crate::Scratch).
#[derive(Debug)]
pub struct RuleSet {
    pub(crate) plan: Arc<CapturePlan>,
    pub(crate) tables: Vec<Table>,
    pub(crate) rules: Vec<Compiled>,
    pub(crate) cross: Vec<Cross>,
    pub(crate) queries: Queries,
    /// Queries over all inputs of a run.
    pub(crate) spanning: Queries,
    /// What is added up to be compared with other submissions.
    pub(crate) totals: Option<TotalsPlan>,
    /// Rules that cannot be run with what is given, and why.
    pub(crate) not_run: Vec<(u32, String)>,
    pub(crate) hasher: Hasher,
    /// Bytes of memory for the keys of all rules about unique values together.
    pub(crate) for_keys: usize,
}

/// A table: what is computed of its rows, and what is known of its columns.
#[derive(Debug)]
pub(crate) struct Table {
    pub(crate) parent: Option<usize>,
    pub(crate) columns: Vec<Column>,
    pub(crate) sql: Ready,
    pub(crate) conditions: Vec<Condition>,
    pub(crate) equals: Vec<Equal>,
    pub(crate) leaks: Vec<Leak>,
}

#[derive(Debug)]
pub(crate) struct Column {
    pub(crate) kind: Kind,
    pub(crate) personal: bool,
    pub(crate) dictionary_name: Option<Arc<str>>,
}

/// An output that must not be false.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Condition {
    pub(crate) rule: u32,
    pub(crate) output: usize,
    /// Which of the rule's places a finding points at.
    pub(crate) aim: u32,
}

/// Two cells of a row, or of rows above it, must hold the same text.
#[derive(Debug)]
pub(crate) struct Equal {
    pub(crate) rule: u32,
    pub(crate) left: Cell,
    pub(crate) right: Cell,
}

/// The single elements of this table must not hold the values of those of the table `of`.
#[derive(Debug)]
pub(crate) struct Leak {
    pub(crate) rule: u32,
    pub(crate) of: usize,
}

/// What is known of a rule besides how it is checked.
#[derive(Debug)]
pub(crate) struct Compiled {
    pub(crate) rule: Arc<Rule>,
    /// What findings point at; never empty.
    pub(crate) aims: Vec<Aim>,
    /// Values that the message names.
    pub(crate) facts: Vec<(String, Cell)>,
    /// Facts that are the same for every finding.
    pub(crate) fixed: Vec<(Cow<'static, str>, Fact)>,
}

/// What a finding points at.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Aim {
    /// The column that a finding points at.
    pub(crate) place: Option<Cell>,
    /// The column with what should have stood at the place.
    pub(crate) expected: Option<Cell>,
}

impl Compiled {
    /// The place of most findings.
    pub(crate) fn place(&self) -> Option<Cell> {
        self.aims.first().and_then(|aim| aim.place)
    }
}

impl RuleSet {
    /// What the checker is to capture for these rules.
    ///
    /// Group 0 is the submission, group 1 the records. The same path may stand in several columns and groups.
    pub fn plan(&self) -> &Arc<CapturePlan> {
        &self.plan
    }

    /// The rule with a number, as in [`Broken::rule`](crate::Broken::rule).
    pub fn rule(&self, index: u32) -> &Arc<Rule> {
        &self.rules[index as usize].rule
    }

    /// All rules, in the order of their numbers.
    pub fn rules(&self) -> impl Iterator<Item = &Arc<Rule>> {
        self.rules.iter().map(|compiled| &compiled.rule)
    }

    /// Whether there is nothing to capture and nothing to evaluate.
    pub fn is_empty(&self) -> bool {
        self.rules.is_empty()
    }

    /// The Data Dictionary's name of a column.
    pub(crate) fn dictionary_name(&self, cell: Cell) -> Option<Arc<str>> {
        self.tables[cell.table].columns[cell.column]
            .dictionary_name
            .clone()
    }

    /// Whether values of the column identify a person.
    pub(crate) fn is_personal(&self, cell: Cell) -> bool {
        self.tables[cell.table].columns[cell.column].personal
    }
}
