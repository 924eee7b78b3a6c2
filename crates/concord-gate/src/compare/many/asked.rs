//! The rules of one side, with their tables and columns in the numbering of both.

use concord_finding::Effect;
use concord_standards::submission::{Check, Condition, Grade, Operand, Profile, TableRule};

use super::numbering::Numbering;
use super::words::Words;
use crate::change::Side;

/// A rule of one side.
pub(super) struct Asked<'r> {
    pub(super) rule: &'r TableRule,
    /// Its number on its side.
    pub(super) number: usize,
    /// Its table, in the common numbering; so are the columns of its check. Ways to other rows keep those of the side, and are
    /// compared in words.
    pub(super) table: usize,
    pub(super) check: Check,
    /// The column that it points at.
    pub(super) place: Option<usize>,
    /// What it asks, in words that are the same on both sides where it asks the same.
    pub(super) words: String,
    /// What the implementation does; `None` where it has no such rule.
    pub(super) grade: Option<Grade>,
}

impl<'r> Asked<'r> {
    /// Every rule of a side, in its order.
    pub(super) fn all(numbering: &Numbering<'r>, side: Side) -> Vec<Self> {
        let submission = numbering.submission(side);
        let words = Words { numbering, side };
        let rules = submission.rules.iter().enumerate();
        rules
            .map(|(number, rule)| Self {
                rule,
                number,
                table: numbering.table(side, rule.table),
                check: renumbered(numbering, side, rule),
                place: rule
                    .place
                    .map(|column| numbering.column(side, rule.table, column)),
                words: words.rule(rule),
                grade: rule.grade(Profile::Implemented),
            })
            .collect()
    }

    /// Whether it makes anything invalid.
    pub(super) fn rejects(&self) -> bool {
        self.grade
            .is_some_and(|grade| grade.effect >= Effect::RejectGroup)
    }

    /// Whether it stands beside a column in `fields.csv`.
    pub(super) fn stands_beside(&self) -> bool {
        self.rule.origin.file.ends_with("fields.csv")
    }

    /// Whether it is a referential rule, of which the order counts.
    pub(super) fn is_referential(&self) -> bool {
        matches!(self.check, Check::Needs { .. })
    }
}

/// The check of a rule with common numbers.
fn renumbered(numbering: &Numbering<'_>, side: Side, rule: &TableRule) -> Check {
    let table = rule.table;
    let column = |number: &mut usize| *number = numbering.column(side, table, *number);
    let columns = |numbers: &mut Vec<usize>| numbers.iter_mut().for_each(column);
    let when = |conditions: &mut Vec<Condition>| {
        for condition in conditions {
            column(&mut condition.column);
        }
    };
    let header = numbering.submission(side).header;
    let operand = |operand: &mut Operand| match operand {
        Operand::Own(number) => column(number),
        Operand::Header(number) => *number = numbering.column(side, header, *number),
        Operand::Ancestor { .. } | Operand::Parameter(_) | Operand::Day(_) => {}
    };
    let mut check = rule.check.clone();
    match &mut check {
        Check::Required {
            columns: all,
            when: conditions,
        }
        | Check::OneOf {
            columns: all,
            when: conditions,
        }
        | Check::Blank {
            columns: all,
            when: conditions,
        } => {
            columns(all);
            when(conditions);
        }
        Check::Form { column: number, .. } => column(number),
        Check::Code {
            column: number,
            when: conditions,
            ..
        } => {
            column(number);
            when(conditions);
        }
        Check::Order {
            column: number,
            limit,
            ..
        } => {
            column(number);
            operand(limit);
        }
        Check::Age {
            column: number,
            at,
            until,
            ..
        } => {
            column(number);
            operand(at);
            operand(until);
        }
        Check::Equal {
            column: number, to, ..
        } => {
            column(number);
            operand(to);
        }
        Check::Scheme {
            column: number,
            scheme,
            ..
        } => {
            column(number);
            column(scheme);
        }
        Check::Scale { tool, score, .. } => {
            column(tool);
            column(score);
        }
        Check::Live {
            column: number, at, ..
        } => {
            column(number);
            at.iter_mut().for_each(operand);
        }
        Check::Unique {
            columns: all,
            when: conditions,
            counted,
            ..
        } => {
            columns(all);
            when(conditions);
            when(counted);
        }
        Check::Needs { table: other, on } => {
            for (own, theirs) in on {
                column(own);
                *theirs = numbering.column(side, *other, *theirs);
            }
            *other = numbering.table(side, *other);
        }
        Check::Consecutive {
            per,
            code,
            start,
            end,
            ..
        } => [per, code, start, end].into_iter().for_each(column),
        Check::InPeriod { columns, .. } => {
            for (table, column) in columns {
                *column = numbering.column(side, *table, *column);
                *table = numbering.table(side, *table);
            }
        }
        Check::Never | Check::Singleton | Check::Structure | Check::Rows | Check::SoundHeader => {}
    }
    check
}
