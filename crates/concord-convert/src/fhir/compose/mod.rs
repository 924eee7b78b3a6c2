//! From the rows of a record to resources.

mod fields;
mod lists;

use std::borrow::Cow;
use std::collections::BTreeSet;
use std::sync::Arc;

use concord_model::entities::Entity;
use serde_json::{Map, Value, json};

use crate::fhir::ids;
use crate::fhir::mapping::{FhirMapping, Resource, Rule};
use crate::fhir::path::Draft;
use crate::fhir::value;
use crate::loss::{LossReason, Losses};
use crate::records::{Record, Row};

/// How resources refer to one another.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::fhir) enum Style {
    /// By id as a URN, as in a bundle.
    Urn,
    /// By type and id, as in bulk data.
    Type,
}

/// A resource.
#[derive(Debug)]
pub(in crate::fhir) struct Made {
    /// Its type.
    pub(in crate::fhir) kind: Arc<str>,
    /// Its id.
    pub(in crate::fhir) id: String,
    /// Whether it says the same in every record that refers to it, but for the record that it is from.
    pub(in crate::fhir) shared: bool,
    /// What it says.
    pub(in crate::fhir) draft: Draft,
}

/// A resource that a row became, or one that others need.
struct Main<'r> {
    number: usize,
    row: Option<Row<'r>>,
    made: Made,
}

/// The resources of a record: first those of its rows, then those that are only referred to.
pub(in crate::fhir) fn compose(
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
        own: own(file, record),
        source: ids::source(file, origin("source_standard"), record.number),
        losses,
        taken: BTreeSet::new(),
        mains: Vec::new(),
        aside: Vec::new(),
    };
    for (number, resource) in mapping.resources.iter().enumerate() {
        if !resource.read_only {
            composer.rows_of(number);
        }
    }
    composer.without_rows();
    composer.refer();
    composer.list();
    composer.count_rest();
    let mains = composer.mains.into_iter().map(|main| main.made);
    mains.chain(composer.aside).collect()
}

/// What tells a record from all others: its file's name, its number, and all that it says, for files of one name may be of
/// several senders.
fn own(file: &str, record: &Record<'_>) -> String {
    let number = record.number.to_string();
    let mut parts = vec![Cow::Borrowed(file), Cow::Owned(number)];
    for name in record.entities() {
        let Some(entity) = concord_model::entities::entity(name) else {
            continue;
        };
        for row in record.rows(name) {
            parts.push(name.into());
            for field in entity.fields {
                if let Some(text) = row.text(field.name) {
                    parts.extend([field.name.into(), text]);
                }
            }
        }
    }
    let parts: Vec<&str> = parts.iter().map(|part| &**part).collect();
    ids::id(&parts)
}

struct Composer<'m, 'r, 'l> {
    mapping: &'m FhirMapping,
    record: &'m Record<'r>,
    style: Style,
    /// What the ids of its resources are made of.
    own: String,
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

impl Composer<'_, '_, '_> {
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
            let lacks = resource
                .needs
                .iter()
                .any(|field| !can_be_written(resource, *field, row));
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
            let own = self.fill(&resource.fields, row, &mut seat);
            let inside = self.inside(number, row, &mut made.draft);
            let written = own + inside.written;
            let listed = resource.listed.as_ref();
            let is_listed = |field| listed.is_some_and(|listed| listed.fields.of(field).is_some());
            let is_only = |field| resource.only.iter().any(|(only, _)| *only == field);
            self.count(resource.entity, row, LossReason::NoPlace, |field| {
                let here = resource.fields.of(field).is_some() || is_only(field);
                !(here || written > 0 && is_listed(field))
            });
            if own + inside.children == 0 {
                // Nothing of the row itself is there to be read again.
                self.count(resource.entity, row, LossReason::Incomplete, is_only);
            }
            if written > 0 {
                self.mains.push(Main {
                    number,
                    row: Some(row),
                    made,
                });
            } else {
                self.aside.truncate(aside);
            }
        }
    }

    /// A resource with what says what it is, and what the rules say.
    fn begin(&mut self, resource: &Resource, sequence: i64, row: Option<Row<'_>>) -> Made {
        let id = ids::id(&[&self.own, &resource.name, &sequence.to_string()]);
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

    fn refer_to(&self, kind: &str, id: &str) -> String {
        match self.style {
            Style::Urn => format!("urn:uuid:{id}"),
            Style::Type => format!("{kind}/{id}"),
        }
    }

    /// Makes the resources that others need and no row became.
    fn without_rows(&mut self) {
        if self.mains.is_empty() {
            return;
        }
        let mapping = self.mapping;
        for (number, resource) in mapping.resources.iter().enumerate() {
            let there = |wanted: &usize| self.mains.iter().any(|main| main.number == *wanted);
            if !resource.read_only && resource.made_for.iter().any(there) && !there(&number) {
                let made = self.begin(resource, 0, None);
                self.mains.push(Main {
                    number,
                    row: None,
                    made,
                });
            }
        }
        // Resources of one entity stay in the order of its rows.
        let seat = |entity: &Entity| {
            mapping
                .resources
                .iter()
                .position(|resource| resource.entity.name == entity.name)
        };
        self.mains.sort_by_key(|main| {
            let entity = mapping.resources[main.number].entity;
            (seat(entity), main.row.and_then(|row| row.sequence()))
        });
    }

    /// The first resource of the first of these kinds that there is.
    fn first_of(&self, kinds: &[usize]) -> Option<usize> {
        let mut mains = kinds
            .iter()
            .map(|kind| self.mains.iter().position(|main| main.number == *kind));
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

    /// Counts the fields of rows that became nothing.
    fn count_rest(&mut self) {
        let record = self.record;
        for name in record.entities() {
            let Some(entity) = concord_model::entities::entity(name) else {
                continue;
            };
            for row in record.rows(name) {
                if !self
                    .taken
                    .contains(&(entity.name, row.sequence().unwrap_or_default()))
                {
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

/// The text of a field.
fn text<'r>(entity: &Entity, field: usize, row: Row<'r>) -> Option<Cow<'r, str>> {
    entity
        .fields
        .get(field)
        .and_then(|field| row.text(field.name))
}

fn is_empty(entity: &Entity, field: usize, row: Row<'_>) -> bool {
    text(entity, field, row).is_none_or(|text| text.trim().is_empty())
}

/// Whether a field of a row has something that its place in a resource takes.
fn can_be_written(resource: &Resource, field: usize, row: Row<'_>) -> bool {
    let entity = resource.entity;
    let Some(text) = text(entity, field, row) else {
        return false;
    };
    resource.fields.of(field).map_or_else(
        || !text.trim().is_empty(),
        |place| value::to_fhir(place, &text, row, entity.fields).is_ok(),
    )
}

fn is_only(only: &[(usize, Arc<str>)], entity: &Entity, row: Row<'_>) -> bool {
    only.iter()
        .all(|(field, wanted)| text(entity, *field, row).as_deref() == Some(&**wanted))
}

/// What a rule says of a row.
fn says<'m>(rule: &'m Rule, entity: &Entity, row: Option<Row<'_>>) -> Option<&'m str> {
    let held = |field: usize| row.and_then(|row| text(entity, field, row));
    let by = rule
        .by
        .iter()
        .find_map(|(field, codes)| codes.get(&*held(*field)?));
    let has = || {
        rule.has
            .iter()
            .find(|(field, _)| held(*field).is_some())
            .map(|(_, says)| says)
    };
    by.or_else(has)
        .or(rule.otherwise.as_ref())
        .map(String::as_str)
}
