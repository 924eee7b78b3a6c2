//! Which columns of a row break a rule about single rows.

use concord_standards::submission::form::Form;
use concord_standards::submission::scale::Judge as Judged;
use concord_standards::submission::{Check, Condition, Operand, Precision, Submission};

use super::{Judge, moments};

/// What a rule about a row looks at.
pub(crate) struct Seen<'s> {
    pub(crate) row: &'s [String],
    /// The first row of the header.
    header: Option<&'s Vec<String>>,
    /// First day of the reporting period.
    start: Option<&'s str>,
}

impl<'s> Seen<'s> {
    /// A row beside a header.
    pub(crate) fn new(
        submission: &Submission,
        header: Option<&'s Vec<String>>,
        row: &'s [String],
    ) -> Self {
        let start = submission.period.and_then(|(first, _)| {
            let day = header?.get(first)?.as_str();
            moments::day(day).and_then(|_| day.get(..10))
        });
        Self { row, header, start }
    }

    /// Another row beside the same header.
    pub(crate) fn of<'r>(&self, row: &'r [String]) -> Seen<'r>
    where
        's: 'r,
    {
        Seen { row, ..*self }
    }

    fn cell(&self, column: usize) -> &'s str {
        self.row.get(column).map_or("", String::as_str)
    }

    fn header_cell(&self, column: usize) -> &'s str {
        let cell = self.header.and_then(|header| header.get(column));
        cell.map_or("", String::as_str)
    }

    fn holds(&self, when: &[Condition]) -> bool {
        when.iter()
            .all(|condition| condition.holds(self.cell(condition.column)))
    }

    /// Another value; that of another row is told elsewhere.
    fn value(&self, judge: &'s Judge<'_>, operand: &'s Operand) -> &'s str {
        match operand {
            Operand::Own(column) => self.cell(*column),
            Operand::Header(column) => self.header_cell(*column),
            Operand::Parameter(parameter) => judge.portal.get(parameter).map_or("", String::as_str),
            Operand::Day(day) => day,
            Operand::Ancestor { .. } => "",
        }
    }
}

impl Judge<'_> {
    /// How many rules about single rows a row breaks.
    pub(crate) fn count(&self, table: usize, seen: &Seen<'_>) -> usize {
        let rules = self.near[table].iter();
        rules.map(|rule| self.broken(*rule, seen).len()).sum()
    }

    /// The columns for which a row breaks a rule; `None` where the rule points at no column.
    pub(crate) fn broken(&self, rule: usize, seen: &Seen<'_>) -> Vec<Option<usize>> {
        let rule = &self.submission.rules[rule];
        let one = |broken: bool, column: usize| {
            if broken {
                vec![Some(column)]
            } else {
                Vec::new()
            }
        };
        match &rule.check {
            Check::Required { columns, when } if seen.holds(when) => {
                let blank = |column: &&usize| seen.cell(**column).trim().is_empty();
                columns.iter().filter(blank).copied().map(Some).collect()
            }
            Check::Blank { columns, when } if seen.holds(when) => {
                let filled = |column: &&usize| !seen.cell(**column).is_empty();
                columns.iter().filter(filled).copied().map(Some).collect()
            }
            Check::OneOf { columns, when } if seen.holds(when) => {
                let none = columns.iter().all(|column| seen.cell(*column).is_empty());
                columns
                    .first()
                    .map_or_else(Vec::new, |first| one(none, *first))
            }
            Check::Form {
                column,
                form,
                not,
                blank_fails,
            } => one(
                form_fails(seen.cell(*column), form, *not, *blank_fails),
                *column,
            ),
            Check::Code {
                column,
                codes,
                not,
                blank_fails,
                when,
            } => {
                let value = seen.cell(*column);
                let fails = match value {
                    "" => *blank_fails,
                    _ => codes.permits(value, seen.start) == *not,
                };
                one(fails && seen.holds(when), *column)
            }
            check => {
                if self.breaks(check, seen) {
                    vec![rule.place]
                } else {
                    Vec::new()
                }
            }
        }
    }

    fn breaks(&self, check: &Check, seen: &Seen<'_>) -> bool {
        let day = |text: &str| moments::day(text);
        match check {
            Check::Order {
                column,
                limit,
                after,
                offset,
                precision,
            } => {
                let limit = moments::of(seen.value(self, limit), *precision);
                let limit = limit.and_then(|limit| moments::plus(limit, *offset, *precision));
                out_of_order(seen.cell(*column), limit, *after, *precision)
            }
            Check::Age {
                column,
                at,
                until,
                greatest,
            } => {
                let days = (
                    day(seen.cell(*column)),
                    day(seen.value(self, at)),
                    day(seen.value(self, until)),
                );
                let (Some(born), Some(at), Some(until)) = days else {
                    return false;
                };
                born > until || moments::years(born, at) > i64::from(*greatest)
            }
            Check::Equal {
                column,
                to,
                blank_passes,
            } => {
                let (own, other) = (seen.cell(*column), seen.value(self, to));
                own != other && !(*blank_passes && (own.is_empty() || other.is_empty()))
            }
            Check::Scheme {
                column,
                scheme,
                forms,
            } => {
                let value = seen.cell(*column);
                let form = forms.get(seen.cell(*scheme));
                !value.is_empty() && form.is_some_and(|form| !form.takes(value))
            }
            Check::Scale { tool, score, judge } => {
                let (tool, score) = (seen.cell(*tool), seen.cell(*score));
                let scale = self.submission.scales.get(tool);
                match (judge, scale) {
                    (Judged::Tool, scale) => !tool.is_empty() && scale.is_none(),
                    (_, None) => false,
                    (Judged::Score, Some(scale)) => !score.is_empty() && !scale.permits(score),
                    (Judged::Format, Some(scale)) => !score.is_empty() && !scale.has_form(score),
                }
            }
            Check::Live {
                column,
                registered,
                also,
                ..
            } => {
                let code = seen.cell(*column);
                !code.is_empty()
                    && also.iter().all(|known| **known != *code)
                    && !super::is_live(registered.table, code)
            }
            Check::Never => true,
            _ => false,
        }
    }
}

fn form_fails(value: &str, form: &Form, not: bool, blank_fails: bool) -> bool {
    match value {
        "" => blank_fails,
        _ => form.takes(value) == not,
    }
}

/// Whether a text is a moment on the wrong side of a limit. Where either is none, nothing is out of order.
pub(crate) fn out_of_order(
    text: &str,
    limit: Option<jiff::civil::DateTime>,
    after: bool,
    precision: Precision,
) -> bool {
    // Of a year and month the national function takes nothing that says a day as well.
    let own = match precision {
        Precision::Month if text.len() != "CCYY-MM".len() => None,
        _ => moments::of(text, precision),
    };
    match (own, limit) {
        (Some(own), Some(limit)) if after => own < limit,
        (Some(own), Some(limit)) => own > limit,
        _ => false,
    }
}
