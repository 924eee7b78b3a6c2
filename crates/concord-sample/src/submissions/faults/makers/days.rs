//! Days in the wrong order.

use concord_standards::submission::{Check, Operand, Precision};
use jiff::civil::{Date, DateTime, time};
use jiff::{Span, ToSpan};

use super::super::super::judge::moments;
use super::super::change::{Change, Step};
use super::super::texts::written;
use super::Makers;

impl Makers<'_, '_> {
    pub(super) fn order(&mut self, rule: usize) -> Vec<Change> {
        let judge = self.judge;
        let of = &judge.submission.rules[rule];
        let Check::Order {
            column,
            limit,
            after,
            offset,
            precision,
        } = &of.check
        else {
            return Vec::new();
        };
        let table = of.table;
        let (first, row) = self.first(table);
        let end = match limit {
            Operand::Own(other) => Some((table, 0, *other)),
            Operand::Ancestor { path, column } => judge
                .end_of(self.tables, (table, 0), path)
                .map(|(table, row)| (table, row, *column)),
            _ => None,
        };
        let header = self.tables[judge.submission.header].first();
        let text = match (limit, end) {
            (_, Some((of, at, other))) => self.tables[of]
                .get(at)
                .map_or("", |cells| cells[other].as_str())
                .to_owned(),
            (Operand::Header(other), _) => {
                header.map_or_else(String::new, |row| row[*other].clone())
            }
            (Operand::Parameter(parameter), _) => {
                judge.portal.get(parameter).cloned().unwrap_or_default()
            }
            (Operand::Day(day), _) => day.to_string(),
            _ => String::new(),
        };
        let set = |(table, row, column): (usize, usize, usize), moment: DateTime| Step::Set {
            table,
            row,
            column,
            value: written(judge.submission, (table, column), *precision, moment),
        };
        let own = (table, 0, *column);
        let mut changes = Vec::new();
        let mut change = |steps: Vec<Step>| {
            let steps = first.iter().cloned().chain(steps).collect();
            changes.push(Change::of(steps, "put two days in the wrong order"));
        };
        let limits = [moments::of(&text, *precision), Some(self.day)];
        for (number, limit) in limits.into_iter().enumerate() {
            let Some(limit) = limit else { continue };
            // A limit that is not there is put there.
            let with = if number == 0 {
                None
            } else if let Some(end) = end {
                Some(set(end, limit))
            } else {
                continue;
            };
            let Some(last) = moments::plus(limit, *offset, *precision) else {
                continue;
            };
            for step in steps(*precision) {
                let beyond = if *after {
                    last.checked_sub(step)
                } else {
                    last.checked_add(step)
                };
                if let Ok(beyond) = beyond {
                    change(with.iter().cloned().chain([set(own, beyond)]).collect());
                }
            }
        }
        // Or the limit goes to the other side of the value.
        let now = moments::of(&row[*column], *precision).unwrap_or(self.day);
        if let Some(end) = end {
            for step in steps(*precision) {
                let back = Span::new().months(-offset.months).days(-offset.days);
                let beyond = now.checked_add(back).and_then(|now| {
                    if *after {
                        now.checked_add(step)
                    } else {
                        now.checked_sub(step)
                    }
                });
                if let Ok(beyond) = beyond {
                    change(vec![set(own, now), set(end, beyond)]);
                }
            }
        }
        changes
    }

    pub(super) fn age(
        &mut self,
        (table, column): (usize, usize),
        (at, until): (&Operand, &Operand),
        greatest: u32,
    ) -> Vec<Change> {
        let header = self.tables[self.submission().header].first().cloned();
        let day = |operand: &Operand| match operand {
            Operand::Header(column) => moments::day(header.as_ref()?.get(*column)?),
            Operand::Day(day) => moments::day(day),
            _ => None,
        };
        let old = day(at).and_then(|at| at.checked_sub(i64::from(greatest + 1).years()).ok());
        let unborn = day(until).and_then(|until| until.checked_add(1.day()).ok());
        let older = old.and_then(|old| old.checked_sub(2.years()).ok());
        let days = [unborn, old, older].into_iter().flatten();
        let texts = days.map(|day| vec![(column, day.to_string())]).collect();
        self.rows(table, &[], texts, "made somebody of an impossible age")
    }

    pub(super) fn consecutive(&mut self, table: usize, start: usize, end: usize) -> Vec<Change> {
        let precision = Precision::Day;
        let submission = self.judge.submission;
        let write = |column, moment| written(submission, (table, column), precision, moment);
        let mut texts = Vec::new();
        for days in [10_i64, 100, 1000] {
            for ended in [0_i64, 1, 5] {
                let ended = self.day.saturating_sub(ended.days());
                let begun = ended.saturating_sub(days.days());
                texts.push(vec![(start, write(start, begun)), (end, write(end, ended))]);
            }
        }
        self.rows(table, &[], texts, "ended a registration that none follows")
    }
}

/// How far beyond a limit something can be.
fn steps(precision: Precision) -> Vec<Span> {
    let mut steps = vec![1.day(), 2.days(), 40.days(), 400.days(), 4000.days()];
    match precision {
        Precision::Day => {}
        Precision::Moment => steps.splice(0..0, [1.minute(), 2.hours()]).for_each(drop),
        Precision::Month => steps.splice(0..0, [1.month(), 13.months()]).for_each(drop),
    }
    steps
}

/// Noon of a day.
pub(in super::super) fn noon(day: Date) -> DateTime {
    day.to_datetime(time(12, 0, 0, 0))
}
