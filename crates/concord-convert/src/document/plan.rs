//! A mapping resolved backwards, once for a structure.

use std::collections::BTreeMap;
use std::sync::Arc;

use concord_check::places::{PlaceId, Shape};
use concord_check::wanted::{Cell, Tables};
use concord_model::entities::Entity;
use concord_standards::definition::{Definition, FieldMapping, Mapping, RowMapping};
use concord_standards::schema::{Content, ElementId, Particle, Schema, SimpleTypeId, Term, TypeId};
use concord_standards::value::ValueChecker;

use super::facts::Facts;
use super::place::{Place, Provider, Records, Source, SourceId, places};
use crate::conversion::ConversionError;
use crate::mapped::{cells, seats};

/// A kind of record: the element that it is.
#[derive(Debug, Clone, Copy)]
pub(super) struct RecordKind {
    pub(super) place: PlaceId,
    pub(super) element: ElementId,
    /// Most records of the kind in a document.
    pub(super) most: Option<u32>,
}

/// Which field of which rows stands in which place of a structure.
#[derive(Debug)]
pub struct DocumentPlan<'d> {
    pub(super) schema: &'d Schema,
    pub(super) places: Vec<Place>,
    pub(super) sources: Vec<Source>,
    pub(super) root: (PlaceId, ElementId),
    pub(super) kinds: Vec<RecordKind>,
    /// Whether records of several kinds can stand in one document.
    pub(super) mixed: bool,
    pub(super) checkers: BTreeMap<SimpleTypeId, ValueChecker>,
}

impl<'d> DocumentPlan<'d> {
    /// Resolves a standard's mapping backwards.
    ///
    /// # Errors
    /// [`ConversionError`] when the mapping names what the structure does not have (in a mapping that several versions
    /// share, that is passed over), when no element is a record, or when a type of the structure makes no sense.
    pub fn new(definition: &'d Definition, mapping: &Mapping) -> Result<Self, ConversionError> {
        let schema = &definition.schema;
        let shape = Shape::new(schema, &definition.standard.record.elements);
        let mut places = places(&shape);
        let mut tables = Tables::new(&shape);
        let mut sources = Vec::new();
        for row in &mapping.rows {
            for table in seats(&mut tables, row)? {
                add(row, table, &mut tables, &mut places, &mut sources)?;
            }
        }
        let root = root(schema, &shape)
            .ok_or_else(|| wrong("no root element of the structure holds records".to_owned()))?;
        let mut plan = Self {
            schema,
            places,
            sources,
            root,
            kinds: Vec::new(),
            mixed: false,
            checkers: checkers(&shape, schema)?,
        };
        plan.find_kinds(root.0, root.1);
        if plan.kinds.is_empty() {
            return Err(wrong(
                "the structure's content has no place for records".to_owned(),
            ));
        }
        Ok(plan)
    }

    /// The entities whose rows are written.
    pub fn entities(&self) -> impl Iterator<Item = &'static Entity> {
        let mut entities: Vec<&'static Entity> =
            self.sources.iter().map(|source| source.entity).collect();
        entities.sort_by_key(|entity| entity.name);
        entities.dedup_by_key(|entity| entity.name);
        entities.into_iter()
    }

    pub(super) fn place(&self, id: PlaceId) -> &Place {
        &self.places[id as usize]
    }

    /// The content model of an element, when it has one.
    pub(super) fn content(&self, element: ElementId) -> Option<&'d Particle> {
        let TypeId::Complex(id) = self.schema.element(element).content else {
            return None;
        };
        match &self.schema.complex_type(id).content {
            Content::Children { particle, .. } => Some(particle),
            Content::Empty | Content::Simple(_) => None,
        }
    }

    /// The place of an element in another place.
    pub(super) fn inside(&self, place: PlaceId, element: ElementId) -> Option<PlaceId> {
        self.place(place)
            .child(&self.schema.element(element).name.local)
    }

    fn find_kinds(&mut self, place: PlaceId, element: ElementId) {
        let mut open = vec![(place, element)];
        while let Some((place, element)) = open.pop() {
            if let Some(particle) = self.content(element) {
                self.find_in(particle, place, &mut open);
            }
        }
    }

    fn find_in(
        &mut self,
        particle: &'d Particle,
        place: PlaceId,
        open: &mut Vec<(PlaceId, ElementId)>,
    ) {
        match &particle.term {
            Term::Element(element) => {
                let child = self.inside(place, *element);
                let Some(child) = child.filter(|child| self.place(*child).records != Records::None)
                else {
                    return;
                };
                if self.place(child).records == Records::Itself {
                    self.kinds.push(RecordKind {
                        place: child,
                        element: *element,
                        most: particle.max,
                    });
                } else {
                    open.push((child, *element));
                }
            }
            Term::Sequence(parts) | Term::All(parts) | Term::Choice(parts) => {
                let before = self.kinds.len();
                for part in parts {
                    self.find_in(part, place, open);
                }
                self.mixed |= self.kinds.len() > before + 1 && particle.max != Some(1);
            }
            Term::Any(_) => {}
        }
    }

    /// How many of a record's values could stand in or below each place.
    pub(super) fn potential(&self, facts: &Facts<'_>) -> Vec<u32> {
        let mut potential = vec![0_u32; self.places.len()];
        for source in &self.sources {
            let rows: Vec<usize> = facts.matching(source).collect();
            if rows.is_empty() {
                continue;
            }
            for (field, places) in &source.fields {
                let there = rows
                    .iter()
                    .filter(|row| facts.value(**row, *field).is_some());
                let count = u32::try_from(there.count()).unwrap_or(u32::MAX);
                for place in places.iter().filter(|_| count > 0) {
                    let sum = &mut potential[*place as usize];
                    *sum = sum.saturating_add(count);
                }
            }
        }
        for (index, place) in self.places.iter().enumerate().rev() {
            if let Some(parent) = place.parent {
                potential[parent as usize] =
                    potential[parent as usize].saturating_add(potential[index]);
            }
        }
        potential
    }
}

/// Adds what a row of the mapping says of the rows of one table.
fn add(
    row: &RowMapping,
    table: usize,
    tables: &mut Tables<'_>,
    places: &mut [Place],
    sources: &mut Vec<Source>,
) -> Result<(), ConversionError> {
    let number = |field: &str| {
        row.entity
            .fields
            .iter()
            .position(|other| other.name == field)
    };
    let id: SourceId = sources.len();
    let mut fields = Vec::new();
    let mut own = false;
    let mut providers = Vec::new();
    for field in &row.fields {
        let Some(number) = number(field.field.name) else {
            continue;
        };
        let mut all = Vec::new();
        for (again, cells) in [
            (false, cells(tables, &field.from, table)?),
            (true, cells(tables, &field.also, table)?),
        ] {
            for cell in cells {
                own |= cell.table == table;
                let shared = cell.table != table;
                for place in written(tables, cell) {
                    providers.push((place, provider(id, number, field, shared, again)));
                    all.push(place);
                }
            }
        }
        if !all.is_empty() {
            fields.push((number, all));
        }
    }
    if !own && !row.fields.is_empty() {
        return Ok(());
    }
    for (place, provider) in providers {
        places[place as usize].providers.push(provider);
    }
    for &seat in &tables.tables[table].places {
        let place = &mut places[seat as usize];
        if row.fields.is_empty() {
            place.conditions.push(id);
        } else {
            place.seats.push(id);
        }
    }
    let constants = row.set.iter();
    sources.push(Source {
        entity: row.entity,
        constants: constants
            .filter_map(|set| {
                let values = std::iter::once(&set.value).chain(&set.others);
                Some((number(set.field.name)?, values.map(Arc::clone).collect()))
            })
            .collect(),
        fields,
    });
    Ok(())
}

fn provider(
    source: SourceId,
    number: usize,
    field: &FieldMapping,
    shared: bool,
    again: bool,
) -> Provider {
    Provider {
        source,
        field: number,
        codes: field.codes.clone(),
        shared,
        again,
    }
}

fn written(tables: &Tables<'_>, cell: Cell) -> Vec<PlaceId> {
    tables.tables[cell.table].columns[cell.column]
        .places
        .clone()
}

fn root(schema: &Schema, shape: &Shape<'_>) -> Option<(PlaceId, ElementId)> {
    let place = shape.roots.first().copied()?;
    let name = &shape.place(place).name;
    let element = schema
        .roots
        .iter()
        .find(|id| schema.element(**id).name.local == *name)?;
    (!shape.records.is_empty()).then_some((place, *element))
}

fn checkers(
    shape: &Shape<'_>,
    schema: &Schema,
) -> Result<BTreeMap<SimpleTypeId, ValueChecker>, ConversionError> {
    let mut checkers = BTreeMap::new();
    for place in &shape.places {
        if let Some(id) = place.text
            && !checkers.contains_key(&id)
        {
            let checker = ValueChecker::compile(schema, id)
                .map_err(|error| wrong(format!("the type of {}: {error}", place.name)))?;
            checkers.insert(id, checker);
        }
    }
    Ok(checkers)
}

fn wrong(message: String) -> ConversionError {
    ConversionError { message }
}
