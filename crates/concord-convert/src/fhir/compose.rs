//! From the rows of a record to resources.

use std::borrow::Cow;
use std::collections::BTreeSet;
use std::sync::Arc;

use concord_model::entities::Entity;
use serde_json::{Map, Value, json};

use super::ids;
use super::mapping::{FhirMapping, FieldPlace, Fields, Part, Resource, Rule};
use super::path::Draft;
use super::value::{self, Lost};
use crate::loss::{LossReason, Losses};
use crate::records::{Record, Row};

/// How resources refer to one another.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Style {
    /// By id as a URN, as in a bundle.
    Urn,
    /// By type and id, as in bulk data.
    Type,
}

/// A resource.
#[derive(Debug)]
pub(super) struct Made {
    /// Its type.
    pub(super) kind: Arc<str>,
    /// Its id.
    pub(super) id: String,
    /// Whether it says the same in every record that refers to it, but for the record that it is from.
    pub(super) shared: bool,
    /// What it says.
    pub(super) draft: Draft,
}

/// A resource that a row became, or one that others need.
struct Main<'r> {
    number: usize,
    row: Option<Row<'r>>,
    made: Made,
}

/// The resources of a record: first those of its rows, then those that are only referred to.
pub(super) fn compose(
    mapping: &FhirMapping,
    record: &Record<'_>,
    style: Style,
    losses: &mut Losses,
) -> Vec<Made> {
    let any = record.entities().find_map(|entity| record.first(entity));
    let origin = |name| any.and_then(|row| row.str(name));
    let file = origin("source_file").unwrap_or_default();
    let mut composer = Composer {
        mapping,
        record,
        style,
        file,
        source: ids::source(file, origin("source_standard"), record.number),
        losses,
        taken: BTreeSet::new(),
        mains: Vec::new(),
        aside: Vec::new(),
    };
    for number in 0..mapping.resources.len() {
        composer.rows_of(number);
    }
    composer.without_rows();
    composer.refer();
    composer.list();
    composer.count_rest();
    let mains = composer.mains.into_iter().map(|main| main.made);
    mains.chain(composer.aside).collect()
}

struct Composer<'m, 'r, 'l> {
    mapping: &'m FhirMapping,
    record: &'m Record<'r>,
    style: Style,
    file: &'r str,
    source: String,
    losses: &'l mut Losses,
    /// Rows that became something, or were counted.
    taken: BTreeSet<(&'static str, i64)>,
    mains: Vec<Main<'r>>,
    aside: Vec<Made>,
}

/// What a row is being written into.
struct Seat<'s> {
    draft: &'s mut Draft,
    entity: &'static Entity,
    sequence: i64,
    /// Resources made for references of this row: the place of the reference, and the number of the resource.
    hops: Vec<(String, usize)>,
}

impl<'r> Composer<'_, 'r, '_> {
    fn rows_of(&mut self, number: usize) {
        let mapping = self.mapping;
        let resource = &mapping.resources[number];
        for row in self.record.rows(resource.entity.name) {
            let sequence = row.sequence().unwrap_or_default();
            if !is_only(&resource.only, resource.entity, row)
                || !self.taken.insert((resource.entity.name, sequence))
            {
                continue;
            }
            let lacks = resource.needs.iter().any(|field| text(resource.entity, *field, row).is_none());
            let alone = !resource.inside.is_empty() && self.first_of(&resource.inside).is_none();
            if lacks || alone {
                self.count(resource.entity, row, LossReason::Incomplete, |_| true);
                continue;
            }
            let aside = self.aside.len();
            let mut made = self.begin(resource, sequence, Some(row));
            let mut seat = Seat {
                draft: &mut made.draft,
                entity: resource.entity,
                sequence,
                hops: Vec::new(),
            };
            let mut written = self.fill(&resource.fields, row, &mut seat);
            written += self.inside(number, row, &mut made.draft);
            let listed = resource.listed.as_ref();
            let is_listed = |field| listed.is_some_and(|listed| listed.fields.of(field).is_some());
            let is_only = |field| resource.only.iter().any(|(only, _)| *only == field);
            self.count(resource.entity, row, LossReason::NoPlace, |field| {
                let here = resource.fields.of(field).is_some() || is_only(field);
                !here && !(written > 0 && is_listed(field))
            });
            if written > 0 {
                self.mains.push(Main {
                    number,
                    row: Some(row),
                    made,
                });
            } else {
                self.aside.truncate(aside);
                self.count(resource.entity, row, LossReason::Incomplete, is_only);
            }
        }
    }

    /// A resource with what says what it is, and what the rules say.
    fn begin(&mut self, resource: &Resource, sequence: i64, row: Option<Row<'_>>) -> Made {
        let number = self.record.number.to_string();
        let id = ids::id(&[self.file, &number, &resource.name, &sequence.to_string()]);
        let mut made = self.made(&resource.kind, id, resource.profile.as_deref(), false);
        for rule in &resource.rules {
            if let Some(says) = says(rule, resource.entity, row)
                && let Some(seat) = made.draft.seat(&rule.path)
            {
                *seat = Value::String(says.to_owned());
            }
        }
        made
    }

    fn made(&self, kind: &Arc<str>, id: String, profile: Option<&str>, shared: bool) -> Made {
        let mut meta = Map::from_iter([("source".to_owned(), json!(self.source))]);
        if let Some(profile) = profile {
            meta.insert("profile".to_owned(), json!([profile]));
        }
        let value = json!({"resourceType": **kind, "id": id, "meta": meta});
        Made {
            kind: Arc::clone(kind),
            id,
            shared,
            draft: Draft::new(value),
        }
    }

    /// Writes the fields of a row; how many were written.
    fn fill(&mut self, fields: &Fields, row: Row<'_>, seat: &mut Seat<'_>) -> usize {
        let mut written = 0;
        for place in &fields.list {
            let Some(text) = row.text(place.field.name) else {
                continue;
            };
            match self.put(place, &text, row, seat) {
                Ok(()) => written += 1,
                Err((reason, detail)) => {
                    let element = self.mapping.element(seat.entity, place.index);
                    self.losses.add_detail(&element, reason, detail.as_deref(), 1);
                }
            }
        }
        written
    }

    fn put(
        &mut self,
        place: &FieldPlace,
        written: &str,
        row: Row<'_>,
        seat: &mut Seat<'_>,
    ) -> Result<(), Lost> {
        if let Part::Time(day) = place.part {
            return value::time_beside(text(seat.entity, day, row).as_deref(), written);
        }
        let mut value = value::to_fhir(place, written, row, seat.entity.fields)?;
        let is_absent = |field| text(seat.entity, field, row).is_none_or(|text| text.trim().is_empty());
        let to = match &place.otherwise {
            Some((beside, otherwise)) if is_absent(*beside) => otherwise,
            _ => &place.to,
        };
        if let Some(target) = place.refers {
            value = self.reference_to(target, written);
        }
        let found = match &to.hop {
            None => seat.draft.seat(&to.path),
            Some((head, target)) => {
                let number = self.hop(head, *target, seat);
                self.aside.get_mut(number).and_then(|made| made.draft.seat(&to.path))
            }
        };
        if !found.is_some_and(|seat| settle(seat, value)) {
            return Err((LossReason::Several, None));
        }
        if let Some((head, target)) = &place.with {
            self.hop(head, *target, seat);
        }
        Ok(())
    }

    /// The resource that stands behind a reference of the row, made when there is none yet.
    fn hop(&mut self, head: &super::path::Path, target: usize, seat: &mut Seat<'_>) -> usize {
        let target = &self.mapping.targets[target];
        let key = format!("{}->{}", head.written(), target.name);
        if let Some((_, number)) = seat.hops.iter().find(|(known, _)| *known == key) {
            return *number;
        }
        let record = self.record.number.to_string();
        let sequence = seat.sequence.to_string();
        let id = ids::id(&[self.file, &record, seat.entity.name, &sequence, &key]);
        let reference = json!({"reference": self.refer_to(&target.kind, &id)});
        let made = self.made(&target.kind, id, target.profile.as_deref(), false);
        self.aside.push(made);
        if let Some(slot) = seat.draft.seat(head) {
            *slot = reference;
        }
        seat.hops.push((key, self.aside.len() - 1));
        self.aside.len() - 1
    }

    /// A reference to what has an identifier, which is made once.
    fn reference_to(&mut self, target: usize, identifier: &str) -> Value {
        let target = &self.mapping.targets[target];
        let system = target.identifier.as_deref().unwrap_or_default();
        let id = ids::id(&["", &target.name, identifier]);
        let reference = self.refer_to(&target.kind, &id);
        let told = json!({"system": system, "value": identifier});
        if !self.aside.iter().any(|made| made.id == id) {
            let mut made = self.made(&target.kind, id, target.profile.as_deref(), true);
            if let Some(object) = made.draft.value.as_object_mut() {
                object.insert("identifier".to_owned(), json!([told]));
            }
            self.aside.push(made);
        }
        json!({"reference": reference, "identifier": told})
    }

    fn refer_to(&self, kind: &str, id: &str) -> String {
        match self.style {
            Style::Urn => format!("urn:uuid:{id}"),
            Style::Type => format!("{kind}/{id}"),
        }
    }

    /// Writes the rows of other entities that lie in a resource; how many of their fields were written.
    fn inside(&mut self, number: usize, parent: Row<'_>, draft: &mut Draft) -> usize {
        let mapping = self.mapping;
        let of = mapping.resources[number].entity.name;
        let mut written = 0;
        for rows in mapping.rows.iter().filter(|rows| rows.within.contains(&number)) {
            let entity = rows.entity;
            let inside: Vec<Row<'r>> = if entity.parent == Some(of) {
                self.record.rows_in(entity.name, parent).collect()
            } else {
                self.record.rows(entity.name).collect()
            };
            let mut first = true;
            for row in inside {
                let sequence = row.sequence().unwrap_or_default();
                if !is_only(&rows.only, entity, row) || !self.taken.insert((entity.name, sequence)) {
                    continue;
                }
                if rows.at.is_itself() && !first {
                    self.count(entity, row, LossReason::Several, |_| true);
                    continue;
                }
                first = false;
                let is_only = |field| rows.only.iter().any(|(only, _)| *only == field);
                self.count(entity, row, LossReason::NoPlace, |field| {
                    rows.fields.of(field).is_none() && !is_only(field)
                });
                let mut item = Draft::default();
                let itself = rows.at.is_itself();
                let mut seat = Seat {
                    draft: if itself { &mut *draft } else { &mut item },
                    entity,
                    sequence,
                    hops: Vec::new(),
                };
                let here = self.fill(&rows.fields, row, &mut seat);
                if here == 0 {
                    self.count(entity, row, LossReason::Incomplete, is_only);
                } else if !itself {
                    draft.push(&rows.at, item.value);
                }
                written += here;
            }
        }
        written
    }

    /// Makes the resources that others need and no row became.
    fn without_rows(&mut self) {
        if self.mains.is_empty() {
            return;
        }
        let mapping = self.mapping;
        for (number, resource) in mapping.resources.iter().enumerate() {
            let there = |wanted: &usize| self.mains.iter().any(|main| main.number == *wanted);
            if resource.made_for.iter().any(there) && !there(&number) {
                let made = self.begin(resource, 0, None);
                self.mains.push(Main {
                    number,
                    row: None,
                    made,
                });
            }
        }
        self.mains.sort_by_key(|main| main.number);
    }

    /// The first resource of the first of these kinds that there is.
    fn first_of(&self, kinds: &[usize]) -> Option<usize> {
        let mut mains = kinds.iter().map(|kind| self.mains.iter().position(|main| main.number == *kind));
        mains.find_map(|main| main)
    }

    fn refer(&mut self) {
        let mapping = self.mapping;
        for at in 0..self.mains.len() {
            for (path, kinds) in &mapping.resources[self.mains[at].number].references {
                let Some(to) = self.first_of(kinds) else {
                    continue;
                };
                let to = &self.mains[to].made;
                let reference = json!({"reference": self.refer_to(&to.kind, &to.id)});
                if let Some(seat) = self.mains[at].made.draft.seat(path) {
                    *seat = reference;
                }
            }
        }
    }

    /// Puts resources into the lists of others.
    fn list(&mut self) {
        let mapping = self.mapping;
        let mut ranks: Vec<(usize, usize, u64)> = Vec::new();
        for at in 0..self.mains.len() {
            let number = self.mains[at].number;
            let resource = &mapping.resources[number];
            let (Some(listed), Some(row)) = (&resource.listed, self.mains[at].row) else {
                continue;
            };
            let Some(holder) = self.first_of(&listed.within) else {
                self.count(resource.entity, row, LossReason::NoPlace, |field| {
                    listed.fields.of(field).is_some()
                });
                continue;
            };
            let made = &self.mains[at].made;
            let mut item = Draft::default();
            if let Some(seat) = item.seat(&listed.reference) {
                *seat = json!({"reference": self.refer_to(&made.kind, &made.id)});
            }
            let mut seat = Seat {
                draft: &mut item,
                entity: resource.entity,
                sequence: row.sequence().unwrap_or_default(),
                hops: Vec::new(),
            };
            self.fill(&listed.fields, row, &mut seat);
            if let Some(path) = &listed.rank {
                let rank = match ranks.iter_mut().find(|(of, within, _)| (*of, *within) == (number, holder)) {
                    Some((.., rank)) => {
                        *rank += 1;
                        *rank
                    }
                    None => {
                        ranks.push((number, holder, 1));
                        1
                    }
                };
                if let Some(seat) = item.seat(path) {
                    *seat = json!(rank);
                }
            }
            self.mains[holder].made.draft.push(&listed.at, item.value);
        }
    }

    /// Counts the fields of rows that became nothing.
    fn count_rest(&mut self) {
        let record = self.record;
        for name in record.entities() {
            let Some(entity) = concord_model::entities::entity(name) else {
                continue;
            };
            for row in record.rows(name) {
                if !self.taken.contains(&(entity.name, row.sequence().unwrap_or_default())) {
                    self.count(entity, row, LossReason::NoPlace, |_| true);
                }
            }
        }
    }

    /// Counts the values of some fields of a row as lost.
    fn count(
        &mut self,
        entity: &'static Entity,
        row: Row<'_>,
        reason: LossReason,
        which: impl Fn(usize) -> bool,
    ) {
        for number in 0..entity.fields.len() {
            if which(number) && text(entity, number, row).is_some() {
                let element = self.mapping.element(entity, number);
                self.losses.add(&element, reason, 1);
            }
        }
    }
}

/// Puts a value into a seat that is free, or beside what is said of an element; whether it was.
fn settle(seat: &mut Value, value: Value) -> bool {
    match (seat, value) {
        (seat @ Value::Null, value) => {
            *seat = value;
            true
        }
        (Value::Object(there), Value::Object(more)) => {
            let free = more.keys().all(|key| !there.contains_key(key));
            if free {
                there.extend(more);
            }
            free
        }
        _ => false,
    }
}

/// The text of a field.
fn text<'r>(entity: &Entity, field: usize, row: Row<'r>) -> Option<Cow<'r, str>> {
    entity.fields.get(field).and_then(|field| row.text(field.name))
}

fn is_only(only: &[(usize, Arc<str>)], entity: &Entity, row: Row<'_>) -> bool {
    only.iter().all(|(field, wanted)| text(entity, *field, row).as_deref() == Some(&**wanted))
}

/// What a rule says of a row.
fn says<'m>(rule: &'m Rule, entity: &Entity, row: Option<Row<'_>>) -> Option<&'m str> {
    let held = |field: usize| row.and_then(|row| text(entity, field, row));
    let by = rule.by.iter().find_map(|(field, codes)| codes.get(&*held(*field)?));
    let has = || rule.has.iter().find(|(field, _)| held(*field).is_some()).map(|(_, says)| says);
    by.or_else(has).or(rule.otherwise.as_ref()).map(String::as_str)
}
