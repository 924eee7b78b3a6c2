//! What a rule asks of a row, of a table or of the whole submission.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::Codes;
use super::form::Form;

/// What must hold. Columns are numbers in the rule's table.
#[derive(Debug, Clone)]
pub enum Check {
    /// Each of these columns is filled, with more than blanks.
    Required {
        /// The columns.
        columns: Vec<usize>,
        /// Only rows of which this is true are looked at.
        when: Vec<Condition>,
    },
    /// One of these columns is not absent.
    OneOf {
        /// The columns.
        columns: Vec<usize>,
        /// Only rows of which this is true are looked at.
        when: Vec<Condition>,
    },
    /// Each of these columns is absent.
    Blank {
        /// The columns.
        columns: Vec<usize>,
        /// Only rows of which this is true are looked at.
        when: Vec<Condition>,
    },
    /// A value is written so, or is not written so.
    Form {
        /// The column.
        column: usize,
        /// The form.
        form: Form,
        /// Whether the value must not have it.
        not: bool,
        /// Whether an absent value breaks the rule.
        blank_fails: bool,
    },
    /// A value is a code that may be used, or is not one of those that may not.
    Code {
        /// The column.
        column: usize,
        /// The codes.
        codes: Arc<Codes>,
        /// Whether these are the codes that must not stand.
        not: bool,
        /// Whether an absent value breaks the rule.
        blank_fails: bool,
        /// Only rows of which this is true are looked at.
        when: Vec<Condition>,
    },
    /// A day, moment or month is not after, or not before, another. A side that is absent or is none passes.
    Order {
        /// The column.
        column: usize,
        /// What it is compared with.
        limit: Operand,
        /// Whether it must not be before the limit; else it must not be after it.
        after: bool,
        /// What is added to the limit.
        offset: Offset,
        /// How exactly they are compared.
        precision: Precision,
    },
    /// A day of birth of somebody of a possible age.
    Age {
        /// The column.
        column: usize,
        /// The day on which the age is looked at.
        at: Operand,
        /// The last day on which somebody can have been born.
        until: Operand,
        /// The greatest age in whole years.
        greatest: u32,
    },
    /// The same text as another value.
    Equal {
        /// The column.
        column: usize,
        /// The other value.
        to: Operand,
        /// Whether it passes where either is absent. Else two absent values are equal, and one is not equal to any other.
        blank_passes: bool,
    },
    /// A code has the form of the scheme that another column names.
    Scheme {
        /// The column of the code.
        column: usize,
        /// The column that names the scheme.
        scheme: usize,
        /// Forms by scheme. The codes of other schemes pass.
        forms: BTreeMap<Arc<str>, Form>,
    },
    /// An assessment tool that is known, or a score that its tool permits.
    Scale {
        /// The column of the tool.
        tool: usize,
        /// The column of the score.
        score: usize,
        /// What is judged.
        judge: super::scale::Judge,
    },
    /// A code that reference data have in force.
    Live {
        /// The column.
        column: usize,
        /// The reference data.
        registered: Registered,
        /// The day on which it must be in force; at any time where it is `None` or absent.
        at: Option<Operand>,
        /// Codes that pass whatever reference data say.
        also: Vec<Arc<str>>,
    },
    /// Never.
    Never,
    /// No other row of the table has the same values.
    Unique {
        /// The columns.
        columns: Vec<usize>,
        /// Rows that can break the rule. All rows are counted.
        when: Vec<Condition>,
        /// Whether absent values are the same. Else a row that has one is like no other.
        blanks_same: bool,
        /// Only rows of which this is true are counted.
        counted: Vec<Condition>,
    },
    /// The table has no more than one row.
    Singleton,
    /// A row of another table that is still valid has the same key.
    Needs {
        /// The other table.
        table: usize,
        /// Columns that hold the same: own, and of the other table.
        on: On,
    },
    /// A registration that has ended is followed by one elsewhere.
    Consecutive {
        /// The column that says whose registrations they are.
        per: usize,
        /// The column that says where.
        code: usize,
        /// The column of the first day.
        start: usize,
        /// The column of the last day.
        end: usize,
        /// Whether the next one may begin on the day on which the last one ends.
        same_day: bool,
    },
    /// Tables and columns are those that are published.
    Structure,
    /// The table has a row.
    Rows,
    /// The header has one row, and that is valid.
    SoundHeader,
    /// Some row has a day within the reporting period.
    InPeriod {
        /// Tables, and their columns.
        columns: Vec<(usize, usize)>,
        /// Whether only valid rows count.
        valid: bool,
    },
}

/// Columns by which rows of two tables belong together: own, and of the other table.
pub type On = Vec<(usize, usize)>;

/// Something about a row that decides whether a rule looks at it.
#[derive(Debug, Clone)]
pub struct Condition {
    /// The column.
    pub column: usize,
    /// What must be true of it.
    pub test: Test,
}

/// What must be true of a value.
#[derive(Debug, Clone)]
pub enum Test {
    /// It is there.
    Filled,
    /// It is absent.
    Blank,
    /// It is one of these.
    In(Vec<Arc<str>>),
    /// It is there, and none of these.
    NotIn(Vec<Arc<str>>),
}

impl Condition {
    /// Whether it is true of a value; an empty one is absent.
    pub fn holds(&self, value: &str) -> bool {
        match &self.test {
            Test::Filled => !value.is_empty(),
            Test::Blank => value.is_empty(),
            Test::In(codes) => codes.iter().any(|code| **code == *value),
            Test::NotIn(codes) => !value.is_empty() && codes.iter().all(|code| **code != *value),
        }
    }
}

/// A value that a rule reads.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Operand {
    /// A column of the row.
    Own(usize),
    /// A column of the header.
    Header(usize),
    /// A column of the row that the row leads to, by the links of its table and of those between.
    Ancestor {
        /// The links, one after the other.
        path: Vec<usize>,
        /// The column, in the last table.
        column: usize,
    },
    /// What the portal knows of the submission.
    Parameter(Parameter),
    /// A day that the rule itself says (`CCYY-MM-DD`).
    Day(Arc<str>),
}

/// What the portal knows of a submission.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Parameter {
    /// Who provided the data.
    Provider,
    /// Who submitted them.
    Submitter,
    /// First day of the reporting period.
    PeriodStart,
    /// Last day of the reporting period.
    PeriodEnd,
    /// When they were submitted.
    Submitted,
    /// The number that the portal gave the submission.
    SubmissionId,
}

impl Parameter {
    /// Every parameter.
    pub const ALL: [Self; 6] = [
        Self::Provider,
        Self::Submitter,
        Self::PeriodStart,
        Self::PeriodEnd,
        Self::Submitted,
        Self::SubmissionId,
    ];

    /// The name that users give it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Provider => "provider",
            Self::Submitter => "submitter",
            Self::PeriodStart => "period-start",
            Self::PeriodEnd => "period-end",
            Self::Submitted => "submitted",
            Self::SubmissionId => "submission-id",
        }
    }

    /// Whether it is a day, or a day with a time.
    pub const fn is_moment(self) -> bool {
        matches!(self, Self::PeriodStart | Self::PeriodEnd | Self::Submitted)
    }

    /// The parameter of a name.
    pub fn of(name: &str) -> Option<Self> {
        Self::ALL
            .into_iter()
            .find(|parameter| parameter.as_str() == name)
    }
}

/// What is added to a limit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Offset {
    /// Months, years included.
    pub months: i32,
    /// Days.
    pub days: i32,
}

/// How exactly two moments are compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Precision {
    /// By their days.
    #[default]
    Day,
    /// By day and time.
    Moment,
    /// By year and month.
    Month,
}

/// Reference data that codes are looked up in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Registered {
    /// The table, as the store of reference data names it.
    pub table: &'static str,
    /// What its rows are, for people.
    pub what: &'static str,
}

impl Registered {
    /// Every one that a rule may name, by the word it is named with.
    pub const ALL: [(&'static str, Self); 8] = [
        ("organisation", Self::new("organisation", "an organisation")),
        (
            "organisation_ignoring_succession",
            Self::new("organisation_ignoring_succession", "an organisation"),
        ),
        ("practice", Self::new("practice", "a general practice")),
        (
            "practice_ignoring_succession",
            Self::new("practice_ignoring_succession", "a general practice"),
        ),
        ("site", Self::new("site", "a site")),
        (
            "site_ignoring_succession",
            Self::new("site_ignoring_succession", "a site"),
        ),
        ("postcode", Self::new("postcode", "a postcode")),
        ("school", Self::new("school", "a school")),
    ];

    const fn new(table: &'static str, what: &'static str) -> Self {
        Self { table, what }
    }
}

impl Check {
    /// The word by which definitions and templates of messages know it.
    pub const fn kind(&self) -> &'static str {
        match self {
            Self::Required { .. } => "required",
            Self::OneOf { .. } => "one_of",
            Self::Blank { .. } => "blank",
            Self::Form { .. } => "form",
            Self::Code { .. } => "code",
            Self::Order { after: false, .. } => "on_or_before",
            Self::Order { .. } => "on_or_after",
            Self::Age { .. } => "age",
            Self::Equal { .. } => "equal",
            Self::Scheme { .. } => "scheme",
            Self::Scale { .. } => "scale",
            Self::Live { .. } => "live",
            Self::Never => "never",
            Self::Unique { .. } => "unique",
            Self::Singleton => "singleton",
            Self::Needs { .. } => "needs",
            Self::Consecutive { .. } => "consecutive",
            Self::Structure => "structure",
            Self::Rows => "rows",
            Self::SoundHeader => "sound_header",
            Self::InPeriod { .. } => "in_period",
        }
    }

    /// Whether it is about the submission and not about a row.
    pub const fn is_of_file(&self) -> bool {
        matches!(
            self,
            Self::Structure | Self::Rows | Self::SoundHeader | Self::InPeriod { .. }
        )
    }

    /// The columns that it is about, the one that is pointed at first.
    pub fn columns(&self) -> Vec<usize> {
        match self {
            Self::Required { columns, when }
            | Self::OneOf { columns, when }
            | Self::Blank { columns, when }
            | Self::Unique { columns, when, .. } => with(columns, when),
            Self::Form { column, .. }
            | Self::Age { column, .. }
            | Self::Equal { column, .. }
            | Self::Live { column, .. }
            | Self::Order { column, .. } => vec![*column],
            Self::Code { column, when, .. } => with(&[*column], when),
            Self::Scheme { column, scheme, .. } => vec![*column, *scheme],
            Self::Scale { tool, score, judge } => match judge {
                super::scale::Judge::Tool => vec![*tool],
                _ => vec![*score, *tool],
            },
            Self::Needs { on, .. } => on.iter().map(|(own, _)| *own).collect(),
            Self::Consecutive {
                per,
                code,
                start,
                end,
                ..
            } => vec![*end, *start, *code, *per],
            Self::Never
            | Self::Singleton
            | Self::Structure
            | Self::Rows
            | Self::SoundHeader
            | Self::InPeriod { .. } => Vec::new(),
        }
    }

    /// What is true of the rows that it looks at, and of those that it counts.
    pub fn conditions(&self) -> (&[Condition], &[Condition]) {
        match self {
            Self::Required { when, .. }
            | Self::OneOf { when, .. }
            | Self::Blank { when, .. }
            | Self::Code { when, .. } => (when, &[]),
            Self::Unique { when, counted, .. } => (when, counted),
            _ => (&[], &[]),
        }
    }

    /// The values beyond the row that it reads.
    pub fn operands(&self) -> Vec<&Operand> {
        match self {
            Self::Order { limit, .. } => vec![limit],
            Self::Age { at, until, .. } => vec![until, at],
            Self::Equal { to, .. } => vec![to],
            Self::Live { at, .. } => at.iter().collect(),
            _ => Vec::new(),
        }
    }
}

fn with(columns: &[usize], when: &[Condition]) -> Vec<usize> {
    let mut all = columns.to_vec();
    for condition in when {
        if !all.contains(&condition.column) {
            all.push(condition.column);
        }
    }
    all
}
