//! One thing that changed between two standards.

mod shown;
mod tally;

use std::sync::Arc;

use concord_standards::schema::Origin;

pub use tally::Tally;

use crate::subject::NotCompared;

/// What a comparison found.
#[derive(Debug, Clone, Default)]
pub struct Comparison {
    /// Name of the old side.
    pub old: String,
    /// Name of the new side.
    pub new: String,
    /// The changes, in the order of the new side's structure, then tables of code lists, rules, facts of the standard, storage.
    pub changes: Vec<Change>,
    /// What neither side's comparison could take into account.
    pub not_compared: Vec<NotCompared>,
}

/// An entry of the catalogue of changes: `changes/ELEMENT-MADE-MANDATORY.toml`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ChangeRule {
    /// Permanent id.
    pub id: Arc<str>,
    /// A few words that name it in lists.
    pub title: String,
    /// What changed, with facts in braces: `{place} must now be present`.
    pub message: String,
    /// Why it matters and to whom.
    pub rationale: String,
    /// A small example: what a definition says before and after.
    pub example: ChangeExample,
    /// Whom a change of this sort can break. Whom a single change does break is decided for it alone.
    pub can_break: Vec<Whom>,
    /// When it breaks them, and when it does not.
    pub when: String,
    /// Concord version that first had it.
    pub since: String,
}

/// A pair that shows a change of some sort. A test reads both sides and compares them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ChangeExample {
    /// What `old` and `new` are part of: `structure.toml`, `fields.csv`, `standard.toml`, `rules.toml`, `codes`, `aliases.csv`,
    /// `elements.csv` or `storage`.
    pub part: String,
    /// What is said before; may be empty.
    pub old: String,
    /// What is said after; may be empty.
    pub new: String,
    /// What used to be taken and is not any more, or the other way round, in a few words; `None` when there is nothing.
    pub witness: Option<String>,
    /// Ids of other sorts of change that the pair cannot do without.
    pub also: Vec<String>,
}

/// One thing that changed.
#[derive(Debug, Clone)]
pub struct Change {
    /// What sort of change it is.
    pub rule: Arc<ChangeRule>,
    /// What it is about; the first place where a part is met that several places share.
    pub place: ChangePlace,
    /// How many further places share it.
    pub also: u32,
    /// What was said before, for people; `None` when nothing was.
    pub old: Option<String>,
    /// What is said now, for people; `None` when nothing is.
    pub new: Option<String>,
    /// Further facts by name, for the message and for programs.
    pub facts: Vec<(&'static str, String)>,
    /// Whom it breaks; empty when it is safe.
    pub breaks: Vec<Breaks>,
    /// Of renames and moves: how sure the match is, in percent; the reasons are among the facts.
    pub confidence: Option<u8>,
    /// Where the old side says it.
    pub old_origin: Option<Origin>,
    /// Where the new side says it.
    pub new_origin: Option<Origin>,
    /// The day from which it holds (`CCYY-MM-DD`), when that is known: of a code, of a standard.
    pub effective: Option<String>,
    /// What a proof needs to make a record of it; `None` when there is nothing to prove or nothing to go by.
    pub lead: Option<Lead>,
    /// A record that shows it, confirmed by checking with both sides.
    pub witness: Option<Witness>,
}

/// What a change is about.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ChangePlace {
    /// The standard as a whole, or one of its facts by name.
    Standard(Arc<str>),
    /// A group or element, by its path from the root: `CDSInterchange/CDSMessage`.
    Element(Arc<str>),
    /// An attribute, by the path of its element and its name.
    Attribute(Arc<str>, Arc<str>),
    /// A table of a tabular standard.
    Table(Arc<str>),
    /// A column of a table.
    Column(Arc<str>, Arc<str>),
    /// A code list, and one of its codes.
    Code(Arc<str>, Option<Arc<str>>),
    /// A rule, by its id.
    Rule(Arc<str>),
    /// A stored table, and one of its columns.
    Stored(Arc<str>, Option<Arc<str>>),
}

/// Who is broken by a change.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Whom {
    /// Who sends: a submission that was valid before is rejected now.
    Submitter,
    /// Who receives: a value arrives that the receiver could not take before.
    Receiver,
    /// Who stores: the stored schema changes incompatibly.
    Storage,
    /// Who reads: the same bytes mean something else.
    Meaning,
}

/// Whom a change breaks, and how sure that is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Breaks {
    /// Whom.
    pub whom: Whom,
    /// How sure that is.
    pub certainty: Certainty,
    /// Why, in a few words.
    pub why: String,
}

/// How sure it is that a change breaks somebody.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Certainty {
    /// It is not known whether it does; why is said beside it.
    Unknown,
    /// What the two sides say leaves no other conclusion.
    Decided,
    /// A record shows it: made, and checked with both sides.
    Proved,
}

/// From where a proof begins.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Lead {
    /// Which side takes the record that shows the change.
    pub taken_by: Side,
    /// What stands in it.
    pub what: LeadKind,
}

/// What stands in a record that shows a change. Paths are those of the side that takes the record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum LeadKind {
    /// An element at this path (names from the root, `@name` for an attribute at the end) with this text.
    Value {
        /// Its path.
        path: Vec<Arc<str>>,
        /// Its text.
        text: String,
    },
    /// An element at this path with these children, by name.
    Children {
        /// Its path.
        path: Vec<Arc<str>>,
        /// The names of its children.
        children: Vec<Arc<str>>,
    },
    /// A record in which this element, or attribute, stands.
    Present(Vec<Arc<str>>),
    /// A record in which this element, or attribute, is absent though its parent stands.
    Absent(Vec<Arc<str>>),
    /// A row of a table with this text in a column; an empty text leaves the cell blank.
    Cell {
        /// The table.
        table: Arc<str>,
        /// The column.
        column: Arc<str>,
        /// The text.
        text: String,
    },
    /// A submission of many tables with a row of a table that has these texts in these columns; an empty text leaves a cell
    /// blank. Without any it is a row as it stands.
    Row {
        /// The table.
        table: Arc<str>,
        /// Columns and their texts.
        cells: Vec<(Arc<str>, String)>,
    },
    /// A file of a table that has, or does not have, a column at all.
    Columns {
        /// The table.
        table: Arc<str>,
        /// A column that is left out.
        without: Option<Arc<str>>,
    },
    /// A record that breaks this rule of the side that refuses it.
    RuleBroken(Arc<str>),
    /// A submission of many tables that breaks a rule of the side that refuses it.
    TableRuleBroken {
        /// Its id, which several rules may share.
        rule: Arc<str>,
        /// Its number among the rules of that side.
        number: usize,
    },
}

/// A side of a comparison.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Side {
    /// Before.
    Old,
    /// After.
    New,
}

/// A record that shows a change: one side takes it and the other does not.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Witness {
    /// Which side takes it.
    pub taken_by: Side,
    /// The submission, as small as it could be made.
    pub submission: String,
    /// The line of it (from 1) that matters, when one does.
    pub line: Option<u64>,
    /// What the other side says: rule and message.
    pub refused_with: Vec<(Arc<str>, String)>,
}
