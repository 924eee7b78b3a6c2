//! The rules of a run: those that the profile has and that can be run, sorted by what they look at.

use std::collections::BTreeMap;
use std::sync::Arc;

use concord_finding::{Effect, Grade as Graded, Grades, NotRun, Rule};
use concord_read::Limits;
use concord_standards::submission::{
    Check, Condition, Diagnostic, DiagnosticCount, Grade, Operand, Parameter, Precision, Profile,
    Submission, TableRule,
};

use super::Lookup;
use super::beyond::ancestors;
use super::diagnostics::Keeping;
use super::moments::Moment;
use super::window;

/// What the portal knows of a submission.
pub type Parameters = BTreeMap<Parameter, String>;

/// The rules of a run and what they want of each table.
pub struct SubmissionPlan<'p> {
    pub(crate) submission: Arc<Submission>,
    /// The name of the standard, such as `mhsds@6-0`.
    pub standard: Option<Arc<str>>,
    /// Limits on what is read.
    pub limits: Limits,
    pub(crate) parameters: Parameters,
    pub(crate) lookup: Option<&'p dyn Lookup>,
    /// The rules, in the order of the standard.
    pub(crate) rules: Vec<Active>,
    /// Rules about single rows, by table.
    pub(crate) near: Vec<Vec<u16>>,
    /// Rules that compare a row with one that it leads to.
    pub(crate) far: Vec<u16>,
    /// Rules about all rows of a table.
    pub(crate) window: Vec<u16>,
    /// Referential rules, in their order.
    pub(crate) needs: Vec<u16>,
    /// Rules of the end.
    pub(crate) end: Vec<u16>,
    /// The rule that what is not as published in tables and columns breaks.
    pub(crate) structure: Option<u16>,
    /// What is kept of the rows of each table.
    pub(crate) kept: Vec<Kept>,
    /// Ways from rows to others that rules compare them with or findings name values of.
    pub(crate) ways: Vec<Way>,
    /// For each table the columns of it that findings about rows of other tables name.
    pub(crate) named: Vec<Vec<usize>>,
    /// What is kept for each count of the national summary report.
    pub(crate) diagnostics: Vec<Keeping>,
    /// Rules that are not run, and why.
    pub not_run: Vec<NotRun>,
}

/// A rule that is run.
pub(crate) struct Active {
    /// Its number in the submission.
    pub(crate) of: usize,
    /// As readers know it: its message names columns as findings do.
    pub(crate) rule: Arc<Rule>,
    pub(crate) grade: Grade,
    /// Values of other rows that its findings name: by which way, and the column.
    pub(crate) beyond: Vec<(usize, usize)>,
}

/// How rows of one table lead to those of another, link by link.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Way {
    pub(crate) from: usize,
    pub(crate) path: Vec<usize>,
    /// The table at its end.
    pub(crate) end: usize,
}

/// What is kept of each row of a table.
#[derive(Debug, Default, Clone)]
pub(crate) struct Kept {
    pub(crate) keys: Vec<Key>,
    /// Conditions of which it is kept whether they are true.
    pub(crate) flags: Vec<Vec<Condition>>,
    pub(crate) moments: Vec<Moment>,
}

/// Columns whose values together are kept as one hash.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Key {
    pub(crate) columns: Vec<usize>,
    /// Whether absent values are values like others. Else a row that has one has no key.
    pub(crate) blanks_same: bool,
}

impl Kept {
    /// The number of a key; it is kept from now on.
    fn key(&mut self, columns: Vec<usize>, blanks_same: bool) -> usize {
        let key = Key {
            columns,
            blanks_same,
        };
        place(&mut self.keys, key)
    }

    fn moment(&mut self, moment: Moment) -> usize {
        place(&mut self.moments, moment)
    }

    fn flag(&mut self, conditions: &[Condition]) {
        self.flags.push(conditions.to_vec());
    }

    /// The number of a key that is kept.
    pub(crate) fn key_of(&self, columns: &[usize], blanks_same: bool) -> Option<usize> {
        let mut keys = self.keys.iter();
        keys.position(|key| key.columns == columns && key.blanks_same == blanks_same)
    }

    /// The number of a column whose moments are kept.
    pub(crate) fn moment_of(&self, moment: Moment) -> Option<usize> {
        self.moments.iter().position(|kept| *kept == moment)
    }
}

fn place<T: PartialEq>(all: &mut Vec<T>, one: T) -> usize {
    all.iter()
        .position(|known| *known == one)
        .unwrap_or_else(|| {
            all.push(one);
            all.len() - 1
        })
}

/// Which flags a uniqueness rule has: rows that can break it, rows that count.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum FlagUse {
    When,
    Counted,
}

impl<'p> SubmissionPlan<'p> {
    /// The rules of a profile that can be run with what is known, graded as the user's settings say.
    pub fn new(
        submission: &Arc<Submission>,
        profile: Profile,
        parameters: Parameters,
        lookup: Option<&'p dyn Lookup>,
        grades: &Grades,
    ) -> Self {
        let tables = submission.tables.len();
        let mut plan = Self {
            submission: Arc::clone(submission),
            standard: None,
            limits: Limits::default(),
            parameters,
            lookup,
            rules: Vec::new(),
            near: vec![Vec::new(); tables],
            far: Vec::new(),
            window: Vec::new(),
            needs: Vec::new(),
            end: Vec::new(),
            structure: None,
            kept: vec![Kept::default(); tables],
            ways: Vec::new(),
            named: vec![Vec::new(); tables],
            diagnostics: Vec::new(),
            not_run: Vec::new(),
        };
        for (of, rule) in submission.rules.iter().enumerate() {
            let Some(mut grade) = rule.grade(profile) else {
                plan.leave_out(
                    rule,
                    "the implementation or the published text, as --profile says, does not have it",
                );
                continue;
            };
            match grades.of(&rule.rule.id) {
                Some(Graded::Off) => continue,
                Some(Graded::Effect(effect)) => grade = Grade::of(effect),
                None => {}
            }
            if let Some(reason) = plan.reason_against(rule) {
                plan.leave_out(rule, &reason);
            } else if plan.rules.len() < usize::from(super::store::CARRIER) {
                plan.add(of, rule, grade);
            } else {
                plan.leave_out(rule, "there are more rules than can be run");
            }
        }
        for diagnostic in &submission.diagnostics {
            plan.count(diagnostic);
        }
        // A rule of several forms, one of which is run, is run.
        let rules = &plan.rules;
        plan.not_run
            .retain(|left| rules.iter().all(|active| *active.rule.id != *left.rule));
        plan
    }

    fn leave_out(&mut self, rule: &TableRule, reason: &str) {
        let not_run = NotRun {
            rule: rule.rule.id.to_string(),
            reason: reason.to_owned(),
        };
        if !self.not_run.contains(&not_run) {
            self.not_run.push(not_run);
        }
    }

    /// Why a rule cannot be run, if so.
    fn reason_against(&self, rule: &TableRule) -> Option<String> {
        for operand in rule.check.operands() {
            if let Operand::Parameter(parameter) = operand
                && !self.parameters.contains_key(parameter)
                && !self.follows(*parameter)
            {
                return Some(format!("--param {}=… was not given", parameter.as_str()));
            }
        }
        if let Check::Live { registered, .. } = &rule.check {
            let known = self
                .lookup
                .and_then(|lookup| lookup.is_live(registered.table, "", None));
            if known.is_none() {
                return Some(format!(
                    "there are no reference data of {}",
                    registered.table
                ));
            }
        }
        if matches!(rule.check, Check::InPeriod { .. }) && self.submission.period.is_none() {
            return Some("the standard does not say the reporting period".to_owned());
        }
        None
    }

    /// Whether a parameter that was not given follows from the calendar.
    fn follows(&self, parameter: Parameter) -> bool {
        matches!(parameter, Parameter::PeriodStart | Parameter::PeriodEnd)
            && window::is_published(&self.submission, &self.parameters)
    }

    /// Keeps what a count of the national summary report wants.
    fn count(&mut self, diagnostic: &Diagnostic) {
        let table = diagnostic.table;
        let keeping = match &diagnostic.count {
            DiagnosticCount::Without { table: other, on } => {
                let (own, theirs): (Vec<usize>, Vec<usize>) = on.iter().copied().unzip();
                let own = self.kept[table].key(own, false);
                Keeping::Keys(own, self.kept[*other].key(theirs, false))
            }
            DiagnosticCount::SeveralPer { path, when } => {
                let way = self.follow(table, path);
                self.kept[table].flag(when);
                Keeping::Way(way, self.kept[table].flags.len() - 1)
            }
        };
        self.diagnostics.push(keeping);
    }

    fn add(&mut self, of: usize, rule: &TableRule, grade: Grade) {
        let number = self.rules.len() as u16;
        let mut readers = (*rule.rule).clone();
        readers.effect = grade.effect;
        readers.message = named(&self.submission, rule.table, &readers.message);
        readers.help = readers
            .help
            .map(|help| named(&self.submission, rule.table, &help));
        let table = rule.table;
        let submission = Arc::clone(&self.submission);
        let told = submission.tables[table].tell_beyond.iter();
        let told = ancestors(told.chain(&rule.tell));
        // What is about the submission is about no row that could lead to others.
        let told = told.filter(|_| !rule.check.is_of_file());
        let beyond = told.map(|(path, column)| {
            let way = self.follow(table, path);
            place(&mut self.named[self.ways[way].end], column);
            (way, column)
        });
        let beyond = beyond.collect();
        self.rules.push(Active {
            of,
            rule: Arc::new(readers),
            grade,
            beyond,
        });
        match &rule.check {
            Check::Order {
                column,
                limit:
                    Operand::Ancestor {
                        path,
                        column: theirs,
                    },
                precision,
                ..
            } => {
                self.kept[table].moment(Moment::own(*column, *precision));
                let way = self.follow(table, path);
                let end = self.ways[way].end;
                self.kept[end].moment(Moment::limit(*theirs, *precision));
                self.far.push(number);
            }
            Check::Unique {
                columns,
                when,
                blanks_same,
                counted,
            } => {
                self.kept[table].key(columns.clone(), *blanks_same);
                for conditions in [when, counted] {
                    if !conditions.is_empty() {
                        self.kept[table].flag(conditions);
                    }
                }
                self.window.push(number);
            }
            Check::Singleton => self.window.push(number),
            Check::Needs { table: other, on } => {
                let (own, theirs): (Vec<usize>, Vec<usize>) = on.iter().copied().unzip();
                self.kept[table].key(own, false);
                self.kept[*other].key(theirs, false);
                self.needs.push(number);
            }
            Check::Consecutive {
                per,
                code,
                start,
                end,
                ..
            } => {
                self.kept[table].key(vec![*per], true);
                self.kept[table].key(vec![*code], true);
                self.kept[table].moment(Moment::own(*start, Precision::Day));
                self.kept[table].moment(Moment::own(*end, Precision::Day));
                self.end.push(number);
            }
            Check::InPeriod { columns, .. } => {
                for (table, column) in columns {
                    self.kept[*table].moment(Moment::own(*column, Precision::Day));
                }
                self.end.push(number);
            }
            Check::Rows | Check::SoundHeader => self.end.push(number),
            Check::Structure => self.structure = Some(number),
            _ => self.near[table].push(number),
        }
    }

    /// Keeps the keys by which rows lead to others along a way; the number of the way.
    fn follow(&mut self, from: usize, path: &[usize]) -> usize {
        if let Some(known) = self.way(from, path) {
            return known;
        }
        let submission = Arc::clone(&self.submission);
        let mut table = from;
        for link in path {
            let link = &submission.tables[table].links[*link];
            let (own, theirs): (Vec<usize>, Vec<usize>) = link.columns.iter().copied().unzip();
            self.kept[table].key(own, false);
            self.kept[link.table].key(theirs, false);
            table = link.table;
        }
        self.ways.push(Way {
            from,
            path: path.to_vec(),
            end: table,
        });
        self.ways.len() - 1
    }

    /// The number of a way.
    pub(crate) fn way(&self, from: usize, path: &[usize]) -> Option<usize> {
        let mut ways = self.ways.iter();
        ways.position(|way| way.from == from && way.path == path)
    }

    pub(crate) fn rule(&self, number: u16) -> &TableRule {
        &self.submission.rules[self.rules[usize::from(number)].of]
    }

    pub(crate) fn active(&self, number: u16) -> &Active {
        &self.rules[usize::from(number)]
    }

    /// The id of what rejected a row.
    pub(crate) fn rejecter(&self, number: u16) -> &str {
        let active = self.rules.get(usize::from(number));
        active.map_or("a fault of its carrier", |active| &active.rule.id)
    }

    /// Whether a rule makes the rows that break it invalid.
    pub(crate) fn rejects(&self, number: u16) -> bool {
        self.active(number).grade.effect >= Effect::RejectGroup
    }

    /// The number of a flag of a uniqueness rule, where it has that one.
    pub(crate) fn flag_of(&self, wanted: u16, usage: FlagUse) -> Option<usize> {
        let table = self.rule(wanted).table;
        let mut number = 0;
        for window in &self.window {
            let rule = self.rule(*window);
            let Check::Unique { when, counted, .. } = &rule.check else {
                continue;
            };
            if rule.table != table {
                continue;
            }
            for (conditions, of) in [(when, FlagUse::When), (counted, FlagUse::Counted)] {
                if conditions.is_empty() {
                    continue;
                }
                if *window == wanted && of == usage {
                    return Some(number);
                }
                number += 1;
            }
        }
        None
    }
}

/// A column as findings name it: `[M001901]LocalPatientID`, as the national report does.
pub(crate) fn label(submission: &Submission, table: usize, column: usize) -> String {
    let column = &submission.tables[table].columns[column];
    if column.uid.is_empty() {
        column.name.to_string()
    } else {
        format!("[{}]{}", column.uid, column.name)
    }
}

/// Names columns in a message as findings name them.
fn named(submission: &Submission, table: usize, message: &str) -> String {
    let mut text = String::with_capacity(message.len());
    let mut rest = message;
    while let Some((before, after)) = rest.split_once('{') {
        text.push_str(before);
        text.push('{');
        let Some((name, behind)) = after.split_once('}') else {
            rest = after;
            break;
        };
        text.push_str(&placeholder(submission, table, name).unwrap_or_else(|| name.to_owned()));
        text.push('}');
        rest = behind;
    }
    text + rest
}

/// The label of a column that a message names: one of the rule's table, or `Table.Column`.
fn placeholder(submission: &Submission, table: usize, name: &str) -> Option<String> {
    let (table, column) = match name.split_once('.') {
        Some((of, column)) => (submission.table(of)?, column),
        None => (table, name),
    };
    let column = submission.tables[table].column(column)?;
    Some(label(submission, table, column))
}
