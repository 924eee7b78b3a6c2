//! What a rule asks, in words that are the same on both sides where it asks the same.

use std::sync::Arc;

use concord_standards::submission::form::Form;
use concord_standards::submission::{
    Check, Codes, Condition, Diagnostic, DiagnosticCount, Offset, Operand, Precision, TableRule,
    Test,
};

use super::numbering::Numbering;
use crate::change::Side;

/// Puts rules of one side into words, with the names of the new side wherever it has what they are about.
pub(super) struct Words<'w> {
    pub(super) numbering: &'w Numbering<'w>,
    pub(super) side: Side,
}

impl Words<'_> {
    /// The name of a column, of which both numbers are those of the side.
    pub(super) fn column(&self, table: usize, column: usize) -> Arc<str> {
        let number = self.numbering.column(self.side, table, column);
        self.numbering
            .column_name(self.numbering.table(self.side, table), number)
    }

    /// The name of a table of the side.
    pub(super) fn table(&self, table: usize) -> Arc<str> {
        self.numbering
            .table_name(self.numbering.table(self.side, table))
    }

    /// Names in one order, as `A, B and C`.
    fn columns(&self, table: usize, columns: &[usize], word: &str) -> String {
        let mut names: Vec<String> = columns
            .iter()
            .map(|column| self.column(table, *column).to_string())
            .collect();
        names.sort_unstable();
        match names.split_last() {
            Some((last, [])) => last.clone(),
            Some((last, first)) => format!("{} {word} {last}", first.join(", ")),
            None => String::new(),
        }
    }

    /// Names in one order, as `A and B`.
    pub(super) fn names(&self, table: usize, columns: &[usize]) -> String {
        self.columns(table, columns, "and")
    }

    /// ` where A is filled and B is X`; nothing where there are no conditions.
    fn when(&self, table: usize, when: &[Condition]) -> String {
        let mut all: Vec<String> = when
            .iter()
            .map(|condition| self.condition(table, condition))
            .collect();
        all.sort_unstable();
        all.dedup();
        if all.is_empty() {
            return String::new();
        }
        format!(" where {}", all.join(" and "))
    }

    /// A condition.
    pub(super) fn condition(&self, table: usize, condition: &Condition) -> String {
        let name = self.column(table, condition.column);
        let codes = |codes: &[Arc<str>]| {
            let mut codes: Vec<&str> = codes.iter().map(|code| &**code).collect();
            codes.sort_unstable();
            codes.join(", ")
        };
        match &condition.test {
            Test::Filled => format!("{name} is filled"),
            Test::Blank => format!("{name} is blank"),
            Test::In(all) if all.len() == 1 => format!("{name} is {}", codes(all)),
            Test::In(all) => format!("{name} is one of {}", codes(all)),
            Test::NotIn(all) => format!("{name} is filled with none of {}", codes(all)),
        }
    }

    /// A value that a rule reads.
    pub(super) fn operand(&self, table: usize, operand: &Operand) -> String {
        let submission = self.numbering.submission(self.side);
        match operand {
            Operand::Own(column) => self.column(table, *column).to_string(),
            Operand::Header(column) => {
                format!("{} of the header", self.column(submission.header, *column))
            }
            Operand::Parameter(parameter) => format!("the parameter {}", parameter.as_str()),
            Operand::Day(day) => day.to_string(),
            Operand::Ancestor { path, column } => {
                let (way, at) = self.way(table, path);
                format!("{} of the row it leads to{way}", self.column(at, *column))
            }
        }
    }

    /// ` through A to B` for each link of a way, and the table at its end.
    fn way(&self, table: usize, path: &[usize]) -> (String, usize) {
        let (mut at, mut way) = (table, String::new());
        for link in path {
            let Some(link) = self.numbering.submission(self.side).tables[at]
                .links
                .get(*link)
            else {
                break;
            };
            way = format!(
                "{way} through {} to {}",
                self.on(at, link.table, &link.columns),
                self.table(link.table)
            );
            at = link.table;
        }
        (way, at)
    }

    /// What the national report counts.
    pub(super) fn counted(&self, one: &Diagnostic) -> String {
        let table = one.table;
        let what = match &one.count {
            DiagnosticCount::Without { table: other, on } => format!(
                "rows of {} without one of {} by {}",
                self.table(table),
                self.table(*other),
                self.on(table, *other, on)
            ),
            DiagnosticCount::SeveralPer { path, when } => format!(
                "rows to which several of {} lead{}{}",
                self.table(table),
                self.way(table, path).0,
                self.when(table, when)
            ),
        };
        format!("{} ({what})", one.description)
    }

    /// `A = B` for each pair of columns.
    pub(super) fn on(&self, table: usize, other: usize, on: &[(usize, usize)]) -> String {
        let mut pairs: Vec<String> = on
            .iter()
            .map(|(own, theirs)| {
                let (own, theirs) = (self.column(table, *own), self.column(other, *theirs));
                if own == theirs {
                    own.to_string()
                } else {
                    format!("{own} = {theirs}")
                }
            })
            .collect();
        pairs.sort_unstable();
        pairs.join(", ")
    }

    /// What a rule asks.
    pub(super) fn rule(&self, rule: &TableRule) -> String {
        let table = rule.table;
        let text = self.check(table, &rule.check);
        if matches!(rule.check, Check::Structure | Check::SoundHeader) {
            text
        } else {
            format!("{}: {text}", self.table(table))
        }
    }

    fn check(&self, table: usize, check: &Check) -> String {
        let name = |column: usize| self.column(table, column);
        let is = |columns: &[usize]| if columns.len() == 1 { "is" } else { "are" };
        let blank = |fails: bool| if fails { ", and is not blank" } else { "" };
        let not = |not: bool| if not { " not" } else { "" };
        match check {
            Check::Required { columns, when } => format!(
                "{} {} filled{}",
                self.columns(table, columns, "and"),
                is(columns),
                self.when(table, when)
            ),
            Check::OneOf { columns, when } => format!(
                "{} is filled{}",
                self.columns(table, columns, "or"),
                self.when(table, when)
            ),
            Check::Blank { columns, when } => format!(
                "{} {} blank{}",
                self.columns(table, columns, "and"),
                is(columns),
                self.when(table, when)
            ),
            Check::Form {
                column,
                form,
                not: negative,
                blank_fails,
            } => format!(
                "{} is{} written {}{}",
                name(*column),
                not(*negative),
                notation(form),
                blank(*blank_fails)
            ),
            Check::Code {
                column,
                codes,
                not: negative,
                blank_fails,
                when,
            } => format!(
                "{} is{} {}{}{}",
                name(*column),
                not(*negative),
                listed(codes, *negative),
                blank(*blank_fails),
                self.when(table, when)
            ),
            Check::Order {
                column,
                limit,
                after,
                offset,
                precision,
            } => format!(
                "{} is not {} {}{}{}",
                name(*column),
                if *after { "before" } else { "after" },
                self.operand(table, limit),
                added(*offset),
                precisely(*precision)
            ),
            Check::Age {
                column,
                at,
                until,
                greatest,
            } => format!(
                "{} is not after {}, and no more than {greatest} years before {}",
                name(*column),
                self.operand(table, until),
                self.operand(table, at)
            ),
            Check::Equal {
                column,
                to,
                blank_passes,
            } => format!(
                "{} is {}{}",
                name(*column),
                self.operand(table, to),
                if *blank_passes {
                    ", where both are filled"
                } else {
                    ""
                }
            ),
            Check::Scheme {
                column,
                scheme,
                forms,
            } => {
                let forms: Vec<String> = forms
                    .iter()
                    .map(|(scheme, form)| format!("{scheme}: {}", notation(form)))
                    .collect();
                format!(
                    "{} is written as {} says ({})",
                    name(*column),
                    name(*scheme),
                    forms.join("; ")
                )
            }
            Check::Scale { tool, score, judge } => format!(
                "the {} of {} with {} is right",
                judge.as_str(),
                name(*tool),
                name(*score)
            ),
            Check::Live {
                column,
                registered,
                at,
                also,
            } => {
                let mut also: Vec<&str> = also.iter().map(|code| &**code).collect();
                also.sort_unstable();
                let on = at.as_ref().map_or_else(String::new, |at| {
                    format!(" in force on {}", self.operand(table, at))
                });
                let also = match also.as_slice() {
                    [] => String::new(),
                    codes => format!(", or {}", codes.join(", ")),
                };
                format!(
                    "{} is {} ({}){on}{also}",
                    name(*column),
                    registered.what,
                    registered.table
                )
            }
            Check::Never => "no row is taken".to_owned(),
            Check::Unique {
                columns,
                when,
                blanks_same,
                counted,
            } => format!(
                "no other row has the same {}{}{}{}",
                self.columns(table, columns, "and"),
                if *blanks_same {
                    ", blanks included"
                } else {
                    ""
                },
                self.when(table, when),
                match self.when(table, counted) {
                    text if text.is_empty() => text,
                    text => format!(", of the rows{text}"),
                }
            ),
            Check::Singleton => "there is no more than one row".to_owned(),
            Check::Needs { table: other, on } => format!(
                "{} has a valid row with the same {}",
                self.table(*other),
                self.on(table, *other, on)
            ),
            Check::Consecutive {
                per,
                code,
                start,
                end,
                same_day,
            } => format!(
                "what ended on {} is followed by another {} of the same {} from {}{}",
                name(*end),
                name(*code),
                name(*per),
                name(*start),
                if *same_day {
                    ", on the same day or the next"
                } else {
                    ""
                }
            ),
            Check::Structure => "tables and columns are as published".to_owned(),
            Check::Rows => "there are rows".to_owned(),
            Check::SoundHeader => "the header has one row, which is valid".to_owned(),
            Check::InPeriod { columns, valid } => {
                let mut names: Vec<String> = columns
                    .iter()
                    .map(|(table, column)| {
                        format!("{}.{}", self.table(*table), self.column(*table, *column))
                    })
                    .collect();
                names.sort_unstable();
                format!(
                    "some {}row has a day in the reporting period ({})",
                    if *valid { "valid " } else { "" },
                    names.join(", ")
                )
            }
        }
    }
}

/// The codes of a rule: a list by its id, whose codes are compared by themselves. Of codes that must not stand all are said.
fn listed(codes: &Codes, negative: bool) -> String {
    match codes {
        Codes::List(list, _) if !negative => format!("on the list {}", list.id),
        codes => {
            let mut all: Vec<&str> = codes.all().collect();
            all.sort_unstable();
            format!("one of {}", all.join(", "))
        }
    }
}

fn added(offset: Offset) -> String {
    let part = |number: i32, what: &str| match number {
        0 => String::new(),
        number => format!(" {number:+} {what}"),
    };
    part(offset.months, "months") + &part(offset.days, "days")
}

fn precisely(precision: Precision) -> &'static str {
    match precision {
        Precision::Day => "",
        Precision::Moment => ", by the time of day",
        Precision::Month => ", by months",
    }
}

/// A form in the notation of definitions.
pub(super) fn notation(form: &Form) -> String {
    let counted = |letters: &str, least: usize, most: usize| match (least, most) {
        (least, most) if least == most => format!("{letters}{most}"),
        (0, most) => format!("max {letters}{most}"),
        (least, most) => format!("min {letters}{least} max {letters}{most}"),
    };
    match form {
        Form::Characters(least, most) => counted("an", *least, *most),
        Form::Digits(least, most) => counted("n", *least, *most),
        Form::Decimal((least, most), (fewest, greatest)) => format!(
            "{}.{}",
            counted("n", *least, *most),
            counted("n", *fewest, *greatest)
        ),
        Form::Day => "an10 CCYY-MM-DD".to_owned(),
        Form::Month => "an7 CCYY-MM".to_owned(),
        Form::Time => "an8 HH:MM:SS".to_owned(),
        Form::Minute => "an5 HH:MM".to_owned(),
        Form::Moment => "an19 CCYY-MM-DDThh:mm:ss".to_owned(),
        Form::OffsetMoment => "an20 CCYY-MM-DDThh:mm:ssZ".to_owned(),
        Form::Postcode => "postcode".to_owned(),
        Form::NhsNumber => "nhs-number".to_owned(),
        Form::Snomed(18) => "snomed".to_owned(),
        Form::Snomed(most) => format!("snomed {most}"),
        Form::Pattern(pattern) => format!("/{}/", pattern.as_str()),
    }
}
