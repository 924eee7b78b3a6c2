//! Values that have to be worked out: chosen by conditions, translated, spread.

use std::borrow::Cow;

use concord_check::wanted::{self, Cell, SUBMISSION};
use concord_model::entities::Kind;
use concord_model::lexical::Point;

use super::{Maker, Tally};
use crate::conversion::{EMPTIED, RowSource, Tests, Value};
use crate::loss::{LossReason, Losses};

impl Maker<'_> {
    /// Whether one of the values is there that make a row and are there only under conditions.
    pub(super) fn has_where(&self, source: &RowSource, row: usize) -> bool {
        let mut own = source.own_where.iter();
        own.any(|column| {
            let value = source.values[*column].as_ref();
            let lost = &mut Tally::default();
            value.is_some_and(|value| self.worked_out(source.table, row, value, lost).is_some())
        })
    }

    pub(super) fn hold(&self, tests: &Tests, table: usize, row: usize) -> bool {
        tests.hold(|cell| self.text(table, row, cell))
    }

    /// The first row of a captured table in a row for which tests hold.
    fn first_row(&self, group: usize, tests: &Tests, table: usize, row: usize) -> Option<usize> {
        let groups = &self.captured().groups;
        let record = *groups[table].records.get(row)?;
        let records = &groups[group].records;
        let start = records.partition_point(|other| *other < record);
        let end = records.partition_point(|other| *other <= record);
        (start..end).find(|inner| {
            let inside = table == wanted::RECORD || self.above(group, *inner, table) == Some(row);
            inside && self.hold(tests, group, *inner)
        })
    }

    /// Notes that a captured text goes somewhere, where that is accounted for text by text.
    fn mark(&self, table: usize, row: usize, cell: Cell, lost: &mut Tally) {
        if self.conversion.staged
            && cell.table != SUBMISSION
            && let Some(row) = self.above(table, row, cell.table)
        {
            lost.used.push((cell.table, cell.column, row));
        }
    }

    /// What decides which row counts has been understood.
    pub(super) fn mark_tests(&self, tests: &Tests, table: usize, row: usize, lost: &mut Tally) {
        for test in tests.when.iter().chain(&tests.unless).flatten() {
            self.mark(table, row, test.cell, lost);
        }
    }

    /// The text of a value that has to be worked out; what of it cannot be carried is told.
    pub(super) fn worked_out(
        &self,
        table: usize,
        row: usize,
        value: &Value,
        lost: &mut Tally,
    ) -> Option<Cow<'_, [u8]>> {
        let emptied =
            |text: &[u8]| self.conversion.staged && text.trim_ascii() == EMPTIED.as_bytes();
        match value {
            Value::Constant(text) => Some(Cow::Owned(text.as_bytes().to_vec())),
            Value::Text(cell) => {
                self.mark(table, row, *cell, lost);
                self.text(table, row, *cell).map(Cow::Borrowed)
            }
            Value::Where {
                group,
                tests,
                value,
            } => {
                let (seat, row) = match group {
                    Some(group) => (*group, self.first_row(*group, tests, table, row)?),
                    None if self.hold(tests, table, row) => (table, row),
                    None => return None,
                };
                self.mark_tests(tests, seat, row, lost);
                self.worked_out(seat, row, value, lost)
            }
            Value::KnownTo { year, month, value } => {
                for tests in [year, month].into_iter().flatten() {
                    self.mark_tests(tests, table, row, lost);
                }
                let holds = |tests: &Option<Tests>| {
                    let tests = tests.as_ref();
                    tests.is_some_and(|tests| self.hold(tests, table, row))
                };
                let length = match (holds(year), holds(month)) {
                    (true, _) => "CCYY".len(),
                    (_, true) => "CCYY-MM".len(),
                    _ => return self.worked_out(table, row, value, lost),
                };
                let text = self.worked_out(table, row, value, lost)?;
                let text = text.trim_ascii();
                Some(Cow::Owned(text[..length.min(text.len())].to_vec()))
            }
            Value::FirstOf(cells, codes) => {
                let text = self.first_of(table, row, cells, lost)?;
                let Some(codes) = codes.as_ref().filter(|_| !emptied(text)) else {
                    return Some(Cow::Borrowed(text));
                };
                let code = std::str::from_utf8(text).unwrap_or_default().trim();
                let other = codes.to_model(code);
                if other.is_none() {
                    lost.add(LossReason::NoEquivalentCode, Some(code));
                }
                other.map(|other| Cow::Owned(other.as_bytes().to_vec()))
            }
            Value::Spread(cells, compact) => {
                let text = self.first_of(table, row, cells, lost)?;
                if emptied(text) || text.trim_ascii().is_empty() {
                    return Some(Cow::Borrowed(text));
                }
                let spread = compact.spread(text);
                if spread.is_none() {
                    lost.add(LossReason::NotOfItsForm, None);
                }
                spread.map(Cow::Owned)
            }
            Value::Point { cells, to, alone } => {
                let text = self.first_of(table, row, cells, lost)?;
                if emptied(text) {
                    return Some(Cow::Borrowed(text));
                }
                let (taken, reason) = point(text, *to, *alone);
                if let Some(reason) = reason {
                    lost.add(reason, None);
                }
                taken.map(|taken| Cow::Owned(taken.into_bytes()))
            }
        }
    }

    /// The first text of several places. That others say something else is told.
    fn first_of(
        &self,
        table: usize,
        row: usize,
        cells: &[Cell],
        lost: &mut Tally,
    ) -> Option<&[u8]> {
        for cell in cells {
            self.mark(table, row, *cell, lost);
        }
        let mut texts = cells.iter().filter_map(|cell| self.text(table, row, *cell));
        let text = texts.next();
        if texts.any(|other| Some(other) != text) {
            lost.add(LossReason::Several, None);
        }
        text
    }

    /// Counts the values that have a place in other circumstances only: none of the rows in which they could stand was made.
    pub(super) fn unused(&self, keep: &impl Fn(u32) -> bool, losses: &mut Losses) {
        if !self.conversion.staged {
            return;
        }
        let used = self.used.borrow();
        for (cell, element) in &self.conversion.names {
            let rows = &self.captured().groups[cell.table];
            let lost = |row: &usize| {
                keep(rows.records[*row])
                    && self.has_any(cell.table, *row, &[cell.column])
                    && !used.contains(&(cell.table, cell.column, *row))
            };
            let count = (0..rows.len()).filter(lost).count();
            losses.add(element, LossReason::NoPlace, count as u64);
        }
    }
}

/// What a field of a kind takes of a point in time, and what of it is lost.
fn point(text: &[u8], to: Kind, alone: bool) -> (Option<String>, Option<LossReason>) {
    let Some(Point { date, time, zone }) = Point::read(text) else {
        return (None, Some(LossReason::NotOfItsForm));
    };
    let whole = date.len() == 10;
    let more = time.is_some() && alone;
    match to {
        Kind::Time => (time, None),
        Kind::Moment => match time {
            Some(time) if whole => {
                let zone = zone.unwrap_or_default();
                (Some(format!("{date}T{time}{zone}")), None)
            }
            // A day is no moment: which one of it is not said.
            _ => (None, Some(LossReason::NotOfItsForm)),
        },
        Kind::Date if !whole => (None, Some(LossReason::NotOfItsForm)),
        _ if more => (Some(date), Some(LossReason::Precision)),
        _ if zone.is_some() => (Some(date), Some(LossReason::Zone)),
        _ => (Some(date), None),
    }
}
