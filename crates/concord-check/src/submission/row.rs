//! Rules about single rows.

use concord_standards::submission::scale::Judge;
use concord_standards::submission::{Check, Operand};

use super::moments;
use super::plan::{Parameters, SubmissionPlan};
use super::sources::Row;
use super::store::holds;
use super::window::{self, Submitted};

/// What rules about rows know of the submission: the header, and the values that rules compare with.
#[derive(Debug, Default)]
pub(crate) struct Known {
    /// The cells of the first row of the header.
    pub(crate) header: Vec<String>,
    /// For each rule the number that its moments are compared with.
    limits: Vec<i64>,
    /// First day of the reporting period, as text.
    start: Option<String>,
    /// First and last day of the reporting period.
    pub(crate) period: Option<(i64, i64)>,
    /// What the portal knows: what the user says, and what follows from the calendar.
    portal: Parameters,
    /// What the calendar says of the submission.
    pub(crate) submitted: Option<Submitted>,
}

/// A rule that a row breaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Broken {
    pub(crate) rule: u16,
    /// The column that it is about.
    pub(crate) column: Option<usize>,
}

impl Known {
    pub(crate) fn new(plan: &SubmissionPlan<'_>, header: Vec<String>) -> Self {
        let mut known = Self {
            header,
            portal: plan.parameters.clone(),
            ..Self::default()
        };
        if let Some((from, _)) = plan.submission.period {
            let from = known.header.get(from).map_or("", String::as_str);
            known.submitted = window::submitted(&plan.submission, &known.portal, from);
            window::select(&plan.submission, &mut known.portal, known.submitted);
        }
        known.limits = (0..plan.rules.len() as u16)
            .map(|number| match &plan.rule(number).check {
                Check::Order {
                    limit,
                    offset,
                    precision,
                    ..
                } => {
                    let text = known.value(limit, None);
                    moments::plus(moments::of(text, *precision), *offset, *precision)
                }
                _ => moments::NONE,
            })
            .collect();
        if let Some((from, to)) = plan.submission.period {
            let cell = |column: usize| known.header.get(column).map_or("", String::as_str);
            known.start = moments::day(cell(from)).map(|_| cell(from)[..10].to_owned());
            let number =
                |column| moments::of(cell(column), concord_standards::submission::Precision::Day);
            let (from, to) = (number(from), number(to));
            known.period = (from != moments::NONE && to != moments::NONE).then_some((from, to));
        }
        known
    }

    /// A value that a rule reads: of the row, of the header, of the portal. That of another row is absent here.
    pub(crate) fn value<'v>(&'v self, operand: &'v Operand, row: Option<&'v Row<'_>>) -> &'v str {
        match operand {
            Operand::Own(column) => row.map_or("", |row| row.cell(*column)),
            Operand::Header(column) => self.header.get(*column).map_or("", String::as_str),
            Operand::Parameter(parameter) => self.portal.get(parameter).map_or("", String::as_str),
            Operand::Day(day) => day,
            Operand::Ancestor { .. } => "",
        }
    }

    /// The rules about single rows that a row breaks, in the order of the standard.
    pub(crate) fn judge(&self, plan: &SubmissionPlan<'_>, row: &Row<'_>, broken: &mut Vec<Broken>) {
        broken.clear();
        for rule in &plan.near[row.table] {
            self.check(plan, *rule, row, broken);
        }
    }

    fn check(&self, plan: &SubmissionPlan<'_>, rule: u16, row: &Row<'_>, broken: &mut Vec<Broken>) {
        let mut say = |column: Option<usize>| broken.push(Broken { rule, column });
        let filled = |column: usize| !row.cell(column).trim().is_empty();
        match &plan.rule(rule).check {
            Check::Required { columns, when } => {
                if holds(when, row) {
                    for column in columns {
                        if !filled(*column) {
                            say(Some(*column));
                        }
                    }
                }
            }
            Check::OneOf { columns, when } => {
                // A cell of blanks is not absent; `required` alone refuses it.
                if columns.iter().all(|column| row.cell(*column).is_empty()) && holds(when, row) {
                    say(columns.first().copied());
                }
            }
            Check::Blank { columns, when } => {
                if columns.iter().any(|column| !row.cell(*column).is_empty()) && holds(when, row) {
                    for column in columns {
                        if !row.cell(*column).is_empty() {
                            say(Some(*column));
                        }
                    }
                }
            }
            Check::Form {
                column,
                form,
                not,
                blank_fails,
            } => {
                let value = row.cell(*column);
                let fails = if value.is_empty() {
                    *blank_fails
                } else {
                    form.takes(value) == *not
                };
                if fails {
                    say(Some(*column));
                }
            }
            Check::Code {
                column,
                codes,
                not,
                blank_fails,
                when,
            } => {
                let value = row.cell(*column);
                let fails = if value.is_empty() {
                    *blank_fails
                } else {
                    codes.permits(value, self.start.as_deref()) == *not
                };
                if fails && holds(when, row) {
                    say(Some(*column));
                }
            }
            Check::Order { .. } => {
                if self.out_of_order(plan, rule, row) {
                    say(plan.rule(rule).place);
                }
            }
            check => {
                if self.breaks(plan, check, row) {
                    say(plan.rule(rule).place);
                }
            }
        }
    }

    fn out_of_order(&self, plan: &SubmissionPlan<'_>, rule: u16, row: &Row<'_>) -> bool {
        let Check::Order {
            column,
            limit,
            after,
            offset,
            precision,
        } = &plan.rule(rule).check
        else {
            return false;
        };
        let own = moments::own(row.cell(*column), *precision);
        let limit = match limit {
            Operand::Own(other) => moments::plus(
                moments::of(row.cell(*other), *precision),
                *offset,
                *precision,
            ),
            _ => self.limits[usize::from(rule)],
        };
        is_out_of_order(own, limit, *after)
    }

    /// Whether a row breaks a check that is less frequent.
    fn breaks(&self, plan: &SubmissionPlan<'_>, check: &Check, row: &Row<'_>) -> bool {
        match check {
            Check::Age {
                column,
                at,
                until,
                greatest,
            } => {
                let day = |operand| moments::day(self.value(operand, Some(row)));
                let (Some(born), Some(at), Some(until)) =
                    (moments::day(row.cell(*column)), day(at), day(until))
                else {
                    return false;
                };
                born > until || i64::from(moments::years(born, at)) > i64::from(*greatest)
            }
            Check::Equal {
                column,
                to,
                blank_passes,
            } => {
                let (own, other) = (row.cell(*column), self.value(to, Some(row)));
                own != other && !(*blank_passes && (own.is_empty() || other.is_empty()))
            }
            Check::Scheme {
                column,
                scheme,
                forms,
            } => {
                let value = row.cell(*column);
                let form = forms.get(row.cell(*scheme));
                !value.is_empty() && form.is_some_and(|form| !form.takes(value))
            }
            Check::Scale { tool, score, judge } => {
                let (code, score) = (row.cell(*tool), row.cell(*score));
                let scale = plan.submission.scales.get(code);
                match (judge, scale) {
                    (Judge::Tool, scale) => !code.is_empty() && scale.is_none(),
                    (_, None) => false,
                    (Judge::Score, Some(scale)) => !score.is_empty() && !scale.permits(score),
                    (Judge::Format, Some(scale)) => !score.is_empty() && !scale.has_form(score),
                }
            }
            Check::Live {
                column,
                registered,
                at,
                also,
            } => {
                let code = row.cell(*column);
                if code.is_empty() || also.iter().any(|known| **known == *code) {
                    return false;
                }
                let day = at
                    .as_ref()
                    .and_then(|at| moments::days_of(self.value(at, Some(row))));
                let live = plan
                    .lookup
                    .and_then(|lookup| lookup.is_live(registered.table, code, day));
                live == Some(false)
            }
            Check::Never => true,
            _ => false,
        }
    }
}

/// Whether a moment is on the wrong side of a limit. Where either is none, nothing is out of order.
pub(crate) fn is_out_of_order(own: i64, limit: i64, after: bool) -> bool {
    own != moments::NONE && limit != moments::NONE && if after { own < limit } else { own > limit }
}
