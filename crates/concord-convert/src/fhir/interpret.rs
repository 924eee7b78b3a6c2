//! From the resources of a record to rows.

use std::collections::BTreeMap;

use concord_model::entities::Entity;
use serde_json::{Value, json};

use super::mapping::{FhirMapping, FieldPlace, Fields, Part, Place, Resource};
use super::path::{self, Found, Used};
use super::rest::{self, Names};
use super::value;
use crate::builder::RecordsBuilder;
use crate::loss::{LossReason, Losses};

/// A resource, and the full URL that it has in a bundle.
#[derive(Debug)]
pub(super) struct Entry {
    /// Its URL; of a contained resource `#` and its id.
    pub(super) url: Option<String>,
    /// The entry in which it is contained.
    pub(super) within: Option<usize>,
    /// What it says, without what it contains.
    pub(super) resource: Value,
}

/// Values of a row by field.
type Values = Vec<(&'static str, String)>;

/// Adds the rows that a record's resources say, and counts what no row has a place for.
pub(super) fn interpret(
    mapping: &FhirMapping,
    mut entries: Vec<Entry>,
    record: i64,
    builder: &mut RecordsBuilder,
    names: &mut Names,
    losses: &mut Losses,
) {
    let refused: Vec<Option<&str>> = entries
        .iter()
        .map(|entry| mapping.refuses(&entry.resource))
        .collect();
    let kinds: Vec<Option<usize>> = entries
        .iter()
        .zip(&refused)
        .map(|(entry, refused)| match refused {
            None => kind_of(mapping, &entry.resource),
            Some(_) => None,
        })
        .collect();
    let mut others = Vec::new();
    for (entry, kind) in entries.iter_mut().zip(&kinds) {
        if let Some(kind) = kind {
            others.extend(others_of(&mapping.resources[*kind], &mut entry.resource));
        }
    }
    let entries = &entries[..];
    let mut reader = Reader {
        mapping,
        entries,
        at: 0,
        once: Vec::new(),
        rows: Vec::new(),
        kinds,
        by_reference: BTreeMap::new(),
        used: Used::default(),
        referred: Used::default(),
        losses,
    };
    for (number, entry) in entries.iter().enumerate() {
        if let Some(url) = &entry.url {
            let references = reader.by_reference.entry(entry.within).or_default();
            references.insert(url.clone(), number);
        }
        if entry.within.is_some() {
            continue;
        }
        let text = |name| entry.resource.get(name).and_then(Value::as_str);
        if let (Some(kind), Some(id)) = (text("resourceType"), text("id")) {
            let references = reader.by_reference.entry(None).or_default();
            references.insert(format!("{kind}/{id}"), number);
            references.entry(format!("urn:uuid:{id}")).or_insert(number);
        }
    }
    for number in 0..entries.len() {
        reader.resource(number, record, builder);
    }
    reader.said_once(record, builder);
    reader.used.add(std::mem::take(&mut reader.referred));
    for others in &others {
        rest::count(mapping, others, &Used::default(), names, reader.losses);
    }
    for (entry, refused) in entries.iter().zip(refused) {
        match refused {
            None => rest::count(mapping, &entry.resource, &reader.used, names, reader.losses),
            Some(said) => {
                let kind = entry.resource.get("resourceType").and_then(Value::as_str);
                let kind = kind.unwrap_or("resource").into();
                let losses = &mut *reader.losses;
                losses.add_detail(&kind, LossReason::Negated, Some(said), 1);
            }
        }
    }
}

/// The first kind of resource of the mapping that this is.
fn kind_of(mapping: &FhirMapping, resource: &Value) -> Option<usize> {
    let kind = resource.get("resourceType").and_then(Value::as_str)?;
    mapping.resources.iter().position(|known| {
        *known.kind == *kind && path::fits(resource, &known.matches, &mut Vec::new())
    })
}

/// Takes out of a resource's lists, where the model has a place for one item, all but the one that is read; what was taken of
/// each, as a resource that says nothing else.
fn others_of(resource: &Resource, value: &mut Value) -> Vec<Value> {
    let mut others = Vec::new();
    for (list, filters) in &resource.one {
        let Some(items) = value.get_mut(&**list).and_then(Value::as_array_mut) else {
            continue;
        };
        let fits =
            |item: &Value, filter| path::fits(item, std::slice::from_ref(filter), &mut Vec::new());
        let place = |filter| items.iter().position(|item| fits(item, filter));
        let read = filters.iter().find_map(place);
        let read = read.map(|read| items.remove(read));
        let rest = std::mem::replace(items, read.into_iter().collect());
        if !rest.is_empty() {
            others.push(json!({"resourceType": &*resource.kind, &**list: rest}));
        }
    }
    others
}

struct Reader<'m, 'v, 'l> {
    mapping: &'m FhirMapping,
    entries: &'v [Entry],
    kinds: Vec<Option<usize>>,
    /// Entries by what refers to them: from anywhere (`None`), or with `#` from the entry that contains them.
    by_reference: BTreeMap<Option<usize>, BTreeMap<String, usize>>,
    /// The entry that is being read.
    at: usize,
    /// Rows that are added only if no other says the same.
    once: Vec<(&'static Entity, Values)>,
    /// Rows of the entities of these that were added.
    rows: Vec<(&'static Entity, Values)>,
    used: Used,
    /// What references have read of what they lead to, which that still says of itself.
    referred: Used,
    losses: &'l mut Losses,
}

impl<'v> Reader<'_, 'v, '_> {
    fn resource(&mut self, number: usize, record: i64, builder: &mut RecordsBuilder) {
        let Some(kind) = self.kinds[number] else {
            return;
        };
        self.at = number;
        let mapping = self.mapping;
        let resource = &mapping.resources[kind];
        let root = &self.entries[number].resource;
        self.what_it_is(resource, root);
        let mut values = self.fields(&resource.fields, resource.entity, root);
        values.extend(self.listing(number, resource));
        let inside = self.inside(kind, root);
        let is_parent = inside
            .iter()
            .any(|(entity, _)| entity.parent == Some(resource.entity.name));
        if values.is_empty() && !is_parent {
            add_all(builder, record, None, None, &inside);
            return;
        }
        let only = resource.only.iter();
        values.extend(only.map(|(field, value)| {
            let name = resource
                .entity
                .fields
                .get(*field)
                .map_or("", |field| field.name);
            (name, value.to_string())
        }));
        let sequence = add(builder, resource.entity, record, None, &values);
        if mapping.says_once(resource.entity) {
            self.rows.push((resource.entity, values));
        }
        add_all(
            builder,
            record,
            Some(resource.entity.name),
            Some(sequence),
            &inside,
        );
    }

    /// Takes note of what only says what the resource is, of what rules say, and of references that lead to its record.
    fn what_it_is(&mut self, resource: &Resource, root: &'v Value) {
        let mut trail = Vec::new();
        path::fits(root, &resource.matches, &mut trail);
        for value in trail {
            self.used.mark(value);
        }
        for rule in &resource.rules {
            let found = path::find(root, &rule.path, &mut |value| {
                value.as_str().is_some_and(|text| rule.says(text))
            });
            self.mark(found.as_ref());
            // Several codes say the same, so that none of them can be taken from it.
            if let Some(text) = found.and_then(|found| found.value.as_str())
                && let Some(field) = rule.said_by(text)
            {
                let element = self.mapping.element(resource.entity, field);
                let reason = LossReason::NoEquivalentCode;
                self.losses.add_detail(&element, reason, Some(text), 1);
            }
        }
        for (path, _) in &resource.references {
            let found = path::find(root, path, &mut |_| true);
            if let Some(found) = found
                && self.resolve(found.value).is_some()
            {
                self.mark_reference(&found);
            }
        }
    }

    fn mark(&mut self, found: Option<&Found<'v>>) {
        if let Some(found) = found {
            found.mark_trail(&mut self.used);
            self.used.mark(found.value);
        }
    }

    fn mark_reference(&mut self, found: &Found<'v>) {
        found.mark_trail(&mut self.used);
        if let Some(reference) = found.value.get("reference") {
            self.used.mark(reference);
        }
    }

    /// The entry that a reference of the entry that is read leads to.
    fn resolve(&self, reference: &Value) -> Option<usize> {
        let to = reference.get("reference").and_then(Value::as_str)?;
        let from = to.starts_with('#').then(|| {
            // What is contained beside it is contained in the same resource.
            let entry = self.entries.get(self.at);
            entry.and_then(|entry| entry.within).unwrap_or(self.at)
        });
        self.by_reference.get(&from)?.get(to).copied()
    }

    /// Adds the rows that say what no other row of their entity says.
    fn said_once(&mut self, record: i64, builder: &mut RecordsBuilder) {
        for (entity, values) in std::mem::take(&mut self.once) {
            let is_said = self.rows.iter().any(|(known, said)| {
                known.name == entity.name && values.iter().all(|value| said.contains(value))
            });
            if !is_said {
                add(builder, entity, record, None, &values);
                self.rows.push((entity, values));
            }
        }
    }

    /// The fields that stand in a resource, or a part of one.
    fn fields(&mut self, fields: &Fields, entity: &'static Entity, root: &'v Value) -> Values {
        let mut values = Values::new();
        for place in &fields.list {
            let own =
                std::iter::once(&place.to).chain(place.otherwise.iter().map(|(_, place)| place));
            let own = own.map(|at| (at, true));
            let mut places = own.chain(place.also.iter().map(|at| (at, false)));
            if let Some(text) =
                places.find_map(|(at, own)| self.field(place, at, own, entity, root))
            {
                values.push((place.field.name, text));
            }
        }
        values
    }

    /// The text of a field at one of its places. What stands there and is lost is counted. At a place that is not its own,
    /// what is said of the elements on the way has been read by nobody.
    fn field(
        &mut self,
        place: &FieldPlace,
        at: &Place,
        own: bool,
        entity: &Entity,
        root: &'v Value,
    ) -> Option<String> {
        let mut root = root;
        if let Some((head, _)) = &at.hop {
            let reference = path::find(root, head, &mut |_| true)?;
            let number = self.resolve(reference.value)?;
            self.mark_reference(&reference);
            root = &self.entries[number].resource;
        }
        let is_time = matches!(place.part, Part::Time(_));
        let used = &self.used;
        let found = path::find(root, &at.path, &mut |value| {
            value::may_be(place, value) && (is_time || !used.has(value))
        })?;
        if let Some(target) = place.refers {
            return self.identifier(&found, target);
        }
        if !is_time {
            if own {
                found.mark_trail(&mut self.used);
            }
            self.used.mark(found.value);
            for part in ["system", "code"] {
                if let Some(part) = found.value.get(part).filter(|_| place.codes.is_some()) {
                    self.used.mark(part);
                }
            }
        }
        if let Some((head, _)) = &place.with
            && let Some(reference) = path::find(root, head, &mut |_| true)
            && self.resolve(reference.value).is_some()
        {
            self.mark_reference(&reference);
        }
        match value::from_fhir(place, found.value) {
            Ok((text, lost)) => {
                if let Some(reason) = lost {
                    self.losses
                        .add(&self.mapping.element(entity, place.index), reason, 1);
                }
                Some(text)
            }
            Err((reason, detail)) => {
                let element = self.mapping.element(entity, place.index);
                self.losses
                    .add_detail(&element, reason, detail.as_deref(), 1);
                None
            }
        }
    }

    /// The identifier of what is referred to: as the reference says it, or as the resource does.
    fn identifier(&mut self, reference: &Found<'v>, target: usize) -> Option<String> {
        let wanted = self.mapping.targets[target].identifier.as_deref();
        let is_wanted = |identifier: &&'v Value| {
            identifier.get("system").and_then(Value::as_str) == wanted
                && identifier.get("value").is_some_and(Value::is_string)
        };
        let resolved = self.resolve(reference.value);
        let there = resolved.and_then(|number| {
            let identifiers = self.entries[number].resource.get("identifier");
            identifiers
                .and_then(Value::as_array)?
                .iter()
                .find(is_wanted)
        });
        let here = reference.value.get("identifier").filter(is_wanted);
        let text = here
            .or(there)?
            .get("value")
            .and_then(Value::as_str)?
            .to_owned();
        for (identifier, used) in [(here, &mut self.used), (there, &mut self.referred)] {
            let same = |found: &&Value| found.get("value").and_then(Value::as_str) == Some(&text);
            let Some(identifier) = identifier.filter(same) else {
                continue;
            };
            for part in ["system", "value"] {
                if let Some(part) = identifier.get(part) {
                    used.mark(part);
                }
            }
        }
        reference.mark_trail(&mut self.used);
        if resolved.is_some() || here.is_some() {
            self.mark_reference(reference);
        }
        Some(text)
    }

    /// What the list says of a resource that it stands in.
    fn listing(&mut self, number: usize, resource: &Resource) -> Values {
        let Some(listed) = &resource.listed else {
            return Values::new();
        };
        for holder in 0..self.entries.len() {
            if !self.kinds[holder].is_some_and(|kind| listed.within.contains(&kind)) {
                continue;
            }
            self.at = holder;
            for item in path::items(&self.entries[holder].resource, &listed.at) {
                let reference = path::find(item.value, &listed.reference, &mut |_| true);
                let Some(reference) = reference else {
                    continue;
                };
                if self.resolve(reference.value) != Some(number) {
                    continue;
                }
                item.mark_trail(&mut self.used);
                self.mark_reference(&reference);
                if let Some(rank) = &listed.rank {
                    let rank = path::find(item.value, rank, &mut Value::is_number);
                    self.mark(rank.as_ref());
                }
                let values = self.fields(&listed.fields, resource.entity, item.value);
                self.at = number;
                return values;
            }
        }
        self.at = number;
        Values::new()
    }

    /// The rows of other entities that lie in a resource.
    fn inside(&mut self, kind: usize, root: &'v Value) -> Vec<(&'static Entity, Values)> {
        let mapping = self.mapping;
        let mut inside = Vec::new();
        for rows in mapping
            .rows
            .iter()
            .filter(|rows| rows.within.contains(&kind))
        {
            let items = if rows.at.is_itself() {
                vec![root]
            } else {
                let items = path::items(root, &rows.at);
                for item in &items {
                    item.mark_trail(&mut self.used);
                }
                items.into_iter().map(|item| item.value).collect()
            };
            for item in items {
                let mut values = self.fields(&rows.fields, rows.entity, item);
                if values.is_empty() {
                    continue;
                }
                values.extend(rows.only.iter().map(|(field, value)| {
                    let name = rows
                        .entity
                        .fields
                        .get(*field)
                        .map_or("", |field| field.name);
                    (name, value.to_string())
                }));
                if rows.once {
                    self.once.push((rows.entity, values));
                } else {
                    inside.push((rows.entity, values));
                }
            }
        }
        inside
    }
}

fn add_all(
    builder: &mut RecordsBuilder,
    record: i64,
    parent: Option<&str>,
    sequence: Option<i64>,
    rows: &[(&'static Entity, Values)],
) {
    for (entity, values) in rows {
        let sequence = sequence.filter(|_| parent.is_some() && entity.parent == parent);
        add(builder, entity, record, sequence, values);
    }
}

fn add(
    builder: &mut RecordsBuilder,
    entity: &Entity,
    record: i64,
    parent: Option<i64>,
    values: &Values,
) -> i64 {
    let values: Vec<(&str, &str)> = values
        .iter()
        .map(|(name, value)| (*name, value.as_str()))
        .collect();
    builder.add(entity.name, record, parent, &values)
}
