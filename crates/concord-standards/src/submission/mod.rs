//! A submission of many tables that must fit together: its tables, how their rows lead to one another, and the rules by which
//! rows, groups of rows and the whole are taken or rejected.
//!
//! | module | holds |
//! |---|---|
//! | `calendar` | when the national system takes which reporting period |
//! | `check` | what a rule asks of a row, a table or the submission |
//! | [`form`] | how values are written, as national validation judges it |
//! | [`scale`] | assessment scales and the scores that they permit |
//!
//! How rules are run is the business of the crate that checks.

mod calendar;
mod check;
mod examples;
pub mod form;
pub mod scale;
mod words;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use concord_finding::{Effect, Rule};

use crate::definition::CodeList;
use crate::layout::Mandation;
use crate::rules::Example;
use crate::schema::Origin;

pub use calendar::{Calendar, FileType, Scheme, Standing, Window};
pub use check::{Check, Condition, Offset, On, Operand, Parameter, Precision, Registered, Test};
pub use examples::{Case, LIVE, cases};
use form::Form;
use scale::Scale;

/// The tables of a submission and the rules about them.
#[derive(Debug, Clone, Default)]
pub struct Submission {
    /// The tables, in the published order.
    pub tables: Vec<Table>,
    /// The table of one row that says what the submission is.
    pub header: usize,
    /// Columns of the header that hold the first and the last day of the reporting period.
    pub period: Option<(usize, usize)>,
    /// Column of the header that says who provided the data.
    pub provider: Option<usize>,
    /// Column of the header that says which version of the standard the submission follows.
    pub version: Option<usize>,
    /// When the national system takes which reporting period; `None` where that is not published.
    pub calendar: Option<Arc<Calendar>>,
    /// Prefix of the codes under which the national summary report counts rows.
    pub row_counts: Option<Arc<str>>,
    /// The rules. Referential ones are run in this order.
    pub rules: Vec<TableRule>,
    /// Assessment scales by the code of the tool.
    pub scales: BTreeMap<Arc<str>, Scale>,
    /// What the national summary report counts beyond findings and rows.
    pub diagnostics: Vec<Diagnostic>,
}

/// A count of the national summary report that judges nothing: how many rows of a table are so, of how many.
#[derive(Debug, Clone)]
pub struct Diagnostic {
    /// The code under which it is counted.
    pub code: Arc<str>,
    /// What is counted.
    pub description: String,
    /// The table whose rows are counted.
    pub table: usize,
    /// Which of its rows are.
    pub count: DiagnosticCount,
}

/// Which rows a [`Diagnostic`] counts.
#[derive(Debug, Clone)]
pub enum DiagnosticCount {
    /// Those to which no row of another table belongs.
    Without {
        /// The other table.
        table: usize,
        /// Columns that hold the same: own, and of the other table.
        on: On,
    },
    /// Rows of another table to which several of these rows lead.
    SeveralPer {
        /// How rows lead there, link by link.
        path: Vec<usize>,
        /// Only rows of which this is true are looked at.
        when: Vec<Condition>,
    },
}

/// A table.
#[derive(Debug, Clone)]
pub struct Table {
    /// Name, as published.
    pub name: Arc<str>,
    /// Short name: the element that its rows are in XML.
    pub code: Arc<str>,
    /// Title for people.
    pub title: String,
    /// Its columns, in the published order.
    pub columns: Vec<Column>,
    /// Tables that its rows lead to.
    pub links: Vec<Link>,
    /// Columns that every finding about one of its rows names.
    pub tell: Vec<usize>,
    /// Columns of rows that its rows lead to, which every finding names behind those.
    pub tell_beyond: Vec<Operand>,
    /// Where it is written.
    pub origin: Origin,
}

/// A column.
#[derive(Debug, Clone)]
pub struct Column {
    /// Name, as published.
    pub name: Arc<str>,
    /// The published unique id: the element that it is in XML.
    pub uid: Arc<str>,
    /// Data Dictionary name.
    pub element: Arc<str>,
    /// Whether it must be filled, as the publisher says.
    pub mandation: Mandation,
    /// Its format, as written in the definition.
    pub format: Arc<str>,
    /// How its values are written; `None` where that is not checked.
    pub form: Option<Form>,
    /// The codes that it takes.
    pub codes: Option<Arc<Codes>>,
    /// Whether it is part of the key of its table.
    pub key: bool,
    /// Whether its value identifies a person.
    pub personal: bool,
    /// How sure the definition is of it; empty when it is sure.
    pub confidence: Arc<str>,
    /// Where it is written.
    pub origin: Origin,
}

/// How rows of one table lead to those of another.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Link {
    /// The other table.
    pub table: usize,
    /// Columns that hold the same: own, and of the other table.
    pub columns: Vec<(usize, usize)>,
}

/// Codes that a column takes.
#[derive(Debug, Clone)]
pub enum Codes {
    /// Those of a list, each in its days of use.
    List(Arc<CodeList>, BTreeMap<Arc<str>, usize>),
    /// These.
    These(BTreeSet<Arc<str>>),
}

impl Codes {
    /// The codes of a list.
    pub fn of_list(list: Arc<CodeList>) -> Self {
        let codes = list.codes.iter().enumerate();
        let places = codes.map(|(at, code)| (Arc::clone(&code.code), at));
        let places = places.collect();
        Self::List(list, places)
    }

    /// Whether a code may be used on a day (`CCYY-MM-DD`), or at all where none is known.
    pub fn permits(&self, code: &str, day: Option<&str>) -> bool {
        match self {
            Self::These(codes) => codes.contains(code),
            Self::List(list, places) => places
                .get(code)
                .is_some_and(|at| day.is_none_or(|day| list.codes[*at].is_in_use(day))),
        }
    }

    /// The codes, in the order of the list.
    pub fn all(&self) -> Box<dyn Iterator<Item = &str> + '_> {
        match self {
            Self::These(codes) => Box::new(codes.iter().map(|code| &**code)),
            Self::List(list, _) => Box::new(list.codes.iter().map(|code| &*code.code)),
        }
    }

    /// The codes for people, the first of many.
    pub fn shown(&self) -> String {
        const SHOWN: usize = 24;
        let mut codes: Vec<&str> = self.all().take(SHOWN + 1).collect();
        if codes.len() > SHOWN {
            codes[SHOWN] = "…";
        }
        codes.join(", ")
    }
}

/// A rule about the rows of a table, or about the submission.
#[derive(Debug, Clone)]
pub struct TableRule {
    /// What readers are told. Its effect is that of the implementation, where that has the rule.
    pub rule: Arc<Rule>,
    /// The table whose rows it is about.
    pub table: usize,
    /// What must hold.
    pub check: Check,
    /// What national validation does, as implemented; `None`: the implementation has no such rule.
    pub implemented: Option<Grade>,
    /// What it does as published; `None`: the published sheet has no such rule.
    pub published: Option<Grade>,
    /// The column that findings point at.
    pub place: Option<usize>,
    /// Values that findings name besides those that the rule is about.
    pub tell: Vec<Operand>,
    /// Data on which it must stay silent.
    pub pass: Vec<Example>,
    /// Data that break it.
    pub fail: Vec<Example>,
    /// Where it is written.
    pub origin: Origin,
}

/// How grave a broken rule is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Grade {
    /// What becomes of the data.
    pub effect: Effect,
    /// Whether a warning is of severity 1, which the national report sets apart.
    pub severity_1: bool,
}

impl Grade {
    /// An effect without more.
    pub const fn of(effect: Effect) -> Self {
        Self {
            effect,
            severity_1: false,
        }
    }

    /// The words of the national report.
    pub const fn words(self) -> &'static str {
        match self.effect {
            Effect::RejectFile => "File rejected",
            Effect::RejectGroup => "Group rejected",
            Effect::RejectRecord => "Record rejected",
            Effect::Warn if self.severity_1 => "Severity 1 Warning",
            Effect::Warn => "Warning",
            Effect::Note => "Note",
        }
    }
}

/// Whose word counts where the published text and the national implementation say different things.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Profile {
    /// What the national system does.
    #[default]
    Implemented,
    /// What the published text says.
    Published,
}

impl TableRule {
    /// How grave it is under a profile; `None`: it is no rule there.
    pub fn grade(&self, profile: Profile) -> Option<Grade> {
        match profile {
            Profile::Implemented => self.implemented,
            Profile::Published => self.published,
        }
    }
}

impl Submission {
    /// The table with a name or a short name, whatever the case of the letters.
    pub fn table(&self, name: &str) -> Option<usize> {
        let same = |table: &Table| {
            table.name.eq_ignore_ascii_case(name) || table.code.eq_ignore_ascii_case(name)
        };
        self.tables.iter().position(same)
    }

    /// The ways from a table to another, each a list of links (by number, the first of the table itself); `None` where no link
    /// leads there. The links of a table are tried in the order of the names of the tables that they lead to, as national
    /// validation does, and the first way is the way.
    pub fn path(&self, from: usize, to: usize) -> Option<Vec<usize>> {
        fn search(
            tables: &[Table],
            from: usize,
            to: usize,
            seen: &mut BTreeSet<usize>,
        ) -> Option<Vec<usize>> {
            if !seen.insert(from) {
                return None;
            }
            let links = &tables[from].links;
            if let Some(direct) = links.iter().position(|link| link.table == to) {
                return Some(vec![direct]);
            }
            let mut order: Vec<usize> = (0..links.len()).collect();
            order.sort_by_key(|link| &tables[links[*link].table].name);
            order.into_iter().find_map(|link| {
                let mut path = search(tables, links[link].table, to, seen)?;
                path.insert(0, link);
                Some(path)
            })
        }
        search(&self.tables, from, to, &mut BTreeSet::new())
    }

    /// The table at the end of a way.
    pub fn end_of(&self, from: usize, path: &[usize]) -> usize {
        path.iter()
            .fold(from, |table, link| self.tables[table].links[*link].table)
    }
}

impl Table {
    /// The column with a name.
    pub fn column(&self, name: &str) -> Option<usize> {
        self.columns.iter().position(|column| &*column.name == name)
    }
}
