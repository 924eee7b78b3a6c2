//! Canonical rows that go into columns, and what of them does not.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use arrow_array::cast::AsArray;
use arrow_array::types::Int64Type;
use arrow_array::{Array, Int64Array, RecordBatch};
use concord_model::entities::{Field, PROVENANCE, entity};

use super::backwards::{Backwards, Cell, Take};
use super::texts::Texts;
use crate::as_at;
use crate::loss::{LossReason, Losses};
use crate::records::Records;

/// Counts the values of entities that go nowhere.
pub(super) fn without_entity(plan: &Backwards, records: &Records, losses: &mut Losses) {
    for (name, rows) in records.tables() {
        let goes = plan.takes.iter().any(|take| take.entity.name == name);
        let Some(entity) = entity(name).filter(|_| !goes) else {
            continue;
        };
        for field in entity.fields {
            if let Some(column) = rows.column_by_name(field.name) {
                let there = rows.num_rows() - column.null_count();
                losses.add(&element(field), LossReason::NoPlace, there as u64);
            }
        }
    }
}

/// Counts rows and values of entities that go somewhere, but have no seat there.
pub(super) fn unseated(bound: &[Bound<'_>], losses: &mut Losses) {
    for (number, one) in bound.iter().enumerate() {
        let title: Arc<str> = one.take.entity.title.into();
        losses.add_detail(
            &title,
            LossReason::Several,
            said(one.take).as_deref(),
            one.too_many,
        );
        for seat in &one.seats {
            for rest in &seat.rest {
                losses.add(&rest.element, LossReason::NoPlace, rest.count);
            }
        }
        // Every row once, with the first of the takes of its entity.
        let same = |other: &&Bound<'_>| other.take.entity.name == one.take.entity.name;
        if bound[..number].iter().any(|other| same(&other)) {
            continue;
        }
        let all: Vec<&Bound<'_>> = bound.iter().filter(same).collect();
        let nobody = |row: &usize| !all.iter().any(|bound| bound.wants(*row));
        let unwanted = (0..one.rows()).filter(nobody).count();
        losses.add(&title, LossReason::NoPlace, unwanted as u64);
    }
}

/// The constants that a row must have to go somewhere.
fn said(take: &Take) -> Option<String> {
    let set = take
        .set
        .iter()
        .map(|(field, value)| format!("{field} {value}"));
    let set: Vec<String> = set.collect();
    (!set.is_empty()).then(|| set.join(", "))
}

fn element(field: &Field) -> Arc<str> {
    if field.title.is_empty() {
        field.name.into()
    } else {
        field.title.into()
    }
}

/// The numbers of the seats that rows of a record went to, by their entity and their number in the record.
#[derive(Default)]
pub(super) struct Placed<'b>(BTreeMap<(&'static str, i64), &'b [u32]>);

impl Placed<'_> {
    /// Goes on to another record.
    pub(super) fn next_line(&mut self) {
        self.0.clear();
    }
}

/// The rows of an entity that go somewhere.
pub(super) struct Bound<'b> {
    take: &'b Take,
    records: &'b [i64],
    sequences: Option<&'b Int64Array>,
    parents: Option<&'b Int64Array>,
    /// Rows of the record at hand that lie in each row of the parent.
    seated: Vec<usize>,
    set: Vec<(Option<Texts<'b>>, &'b str)>,
    /// The rows that hold on the day of their record, where only these go somewhere.
    of_the_day: Option<BTreeSet<usize>>,
    pub(super) seats: Vec<Seat<'b>>,
    pub(super) next: usize,
    pub(super) too_many: u64,
}

pub(super) struct Seat<'b> {
    pub(super) cells: Vec<(&'b Cell, Texts<'b>)>,
    pub(super) rest: Vec<Rest<'b>>,
}

/// A field that has values and no column.
pub(super) struct Rest<'b> {
    pub(super) texts: Texts<'b>,
    element: Arc<str>,
    pub(super) count: u64,
}

impl<'b> Bound<'b> {
    pub(super) fn new(take: &'b Take, all: &'b Records) -> Option<Self> {
        let rows = all.table(take.entity.name)?;
        let records = rows.column_by_name(PROVENANCE[3].name)?;
        let set = take.set.iter();
        let sequences = rows.column_by_name(PROVENANCE[5].name);
        let parents = rows.column_by_name(PROVENANCE[6].name);
        Some(Self {
            take,
            sequences: sequences.and_then(|numbers| numbers.as_primitive_opt::<Int64Type>()),
            parents: parents.and_then(|parents| parents.as_primitive_opt::<Int64Type>()),
            seated: vec![0; take.within.len()],
            records: records.as_primitive_opt::<Int64Type>()?.values(),
            set: set
                .map(|(field, value)| (Texts::of(rows, field), &**value))
                .collect(),
            of_the_day: take.of_the_day.then(|| of_the_day(all, take.entity.name)),
            seats: take
                .seats
                .iter()
                .map(|cells| Seat::new(take, cells, rows))
                .collect(),
            next: 0,
            too_many: 0,
        })
    }

    pub(super) fn rows(&self) -> usize {
        self.records.len()
    }

    pub(super) fn next_record(&self) -> Option<i64> {
        self.records.get(self.next).copied()
    }

    /// Goes on to another record.
    pub(super) fn next_line(&mut self) {
        self.seated.fill(0);
    }

    /// The seat of a row that is the `count`th of those that go somewhere, from 0; `None` when there is no further one.
    /// What lies in numbered rows of a parent goes to the numbers that its parent went to.
    pub(super) fn seat_of(
        &mut self,
        row: usize,
        count: usize,
        placed: &Placed<'_>,
    ) -> Option<usize> {
        if let Some(holding) = &self.of_the_day {
            return holding.contains(&row).then_some(0);
        }
        let within = &self.take.within;
        if within.is_empty() {
            return (count < self.seats.len()).then_some(count);
        }
        let parents = self.parents.filter(|parents| parents.is_valid(row))?;
        let parent = parents.value(row);
        let entity = self.take.entity.parent.unwrap_or_default();
        let parent = match placed.0.get(&(entity, parent)) {
            Some(outer) => within.iter().position(|seats| {
                let numbers = self.take.numbers.get(seats.start);
                numbers.is_some_and(|numbers| numbers.starts_with(outer))
            })?,
            None => usize::try_from(parent).ok()?.checked_sub(1)?,
        };
        let seats = self.take.within.get(parent)?.clone();
        let seated = self.seated.get_mut(parent)?;
        *seated += 1;
        Some(seats.start + *seated - 1).filter(|seat| *seat < seats.end)
    }

    /// Notes the numbers of the seat that a row went to.
    pub(super) fn place(&self, row: usize, seat: usize, placed: &mut Placed<'b>) {
        let numbers = self.take.numbers.get(seat).map_or(&[][..], Vec::as_slice);
        if let Some(sequences) = self.sequences.filter(|_| !numbers.is_empty()) {
            let place = (self.take.entity.name, sequences.value(row));
            placed.0.insert(place, numbers);
        }
    }

    pub(super) fn wants(&self, row: usize) -> bool {
        self.set
            .iter()
            .all(|(texts, value)| texts.as_ref().and_then(|texts| texts.str(row)) == Some(value))
    }
}

/// The rows of an entity that hold on the days of their records.
fn of_the_day(records: &Records, entity: &str) -> BTreeSet<usize> {
    let rows = records.records().filter_map(|record| {
        let day = as_at::assignment_day(&record);
        as_at::row(&record, entity, day)
    });
    rows.map(|row| row.index()).collect()
}

impl<'b> Seat<'b> {
    fn new(take: &'b Take, cells: &'b [Cell], rows: &'b RecordBatch) -> Self {
        let named = |field: &&Field| {
            cells.iter().any(|cell| cell.field == field.name)
                || take.set.iter().any(|(set, _)| *set == field.name)
        };
        let rest = take.entity.fields.iter().filter(|field| !named(field));
        let rest = rest.filter_map(|field| {
            let column = rows.column_by_name(field.name)?;
            (column.null_count() < rows.num_rows()).then_some(Rest {
                texts: Texts::of(rows, field.name)?,
                element: element(field),
                count: 0,
            })
        });
        let cells = cells.iter();
        Self {
            rest: rest.collect(),
            cells: cells
                .filter_map(|cell| Some((cell, Texts::of(rows, cell.field)?)))
                .collect(),
        }
    }
}
