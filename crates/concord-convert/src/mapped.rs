//! From a standard's mapping to a conversion into the canonical model.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use concord_check::places::{PlaceId, Shape};
use concord_check::wanted::{Cell, Problem, RECORD, SUBMISSION, Tables};
use concord_model::entities::{ENTITIES, Kind};
use concord_standards::definition::{
    Compact, Definition, ElementReference, Mapping, RowMapping, RowSeat,
};
use concord_standards::schema::{Origin, Schema};

use crate::conversion::{Above, Conversion, ConversionError, OutTable, RowSource, Value};

/// A conversion to the canonical model.
///
/// # Errors
/// [`ConversionError`] when the mapping names what the structure does not have. In a mapping that several versions
/// share, that is passed over.
pub fn mapped(definition: &Definition, mapping: &Mapping) -> Result<Conversion, ConversionError> {
    let shape = Shape::new(&definition.schema, &definition.standard.record.elements);
    let mut resolving = Resolving {
        schema: &definition.schema,
        tables: Tables::new(&shape),
        out: ENTITIES
            .iter()
            .map(|entity| OutTable::of_entity(entity))
            .collect(),
    };
    for row in &mapping.rows {
        resolving.row(row)?;
    }
    let interchange = mapping
        .interchange
        .as_ref()
        .and_then(|reference| resolving.tables.resolve(&reference.text, SUBMISSION).ok());
    let without_place = resolving.without_place();
    let Resolving {
        tables, mut out, ..
    } = resolving;
    out.retain(|table| !table.sources.is_empty());
    parents(&mut out, &tables);
    Ok(Conversion {
        capture: tables.plan(),
        tables: out,
        interchange,
        without_place,
    })
}

struct Resolving<'s> {
    schema: &'s Schema,
    tables: Tables<'s>,
    out: Vec<OutTable>,
}

impl Resolving<'_> {
    fn row(&mut self, row: &RowMapping) -> Result<(), ConversionError> {
        let entity = self
            .out
            .iter()
            .position(|table| *table.name == *row.entity.name);
        let Some(number) = entity else {
            return Ok(());
        };
        for table in seats(&mut self.tables, row)? {
            if let Some(source) = self.source(row, number, table)? {
                self.out[number].sources.push(source);
            }
        }
        Ok(())
    }

    fn source(
        &mut self,
        row: &RowMapping,
        number: usize,
        table: usize,
    ) -> Result<Option<RowSource>, ConversionError> {
        let mut values: Vec<Option<Value>> = vec![None; self.out[number].columns.len()];
        let place = |name: &str| {
            row.entity
                .fields
                .iter()
                .position(|field| field.name == name)
        };
        let mut own: Vec<usize> = Vec::new();
        for field in &row.fields {
            let places = field.from.iter().chain(&field.also);
            let cells = cells(&mut self.tables, places, table)?;
            if field.own {
                let here = cells.iter().filter(|cell| cell.table == table);
                own.extend(here.map(|cell| cell.column));
            }
            let compact = cells
                .first()
                .and_then(|cell| self.compact(*cell, field.field.kind));
            let value = match (cells.as_slice(), &field.codes, compact) {
                ([], ..) => continue,
                (_, None, Some(compact)) => Value::Spread(cells, compact),
                ([cell], None, None) => Value::Text(*cell),
                (_, codes, _) => Value::FirstOf(cells, codes.clone()),
            };
            if let Some(column) = place(field.field.name) {
                values[column] = Some(value);
            }
        }
        for constant in &row.set {
            if let Some(column) = place(constant.field.name) {
                values[column] = Some(Value::Constant(Arc::clone(&constant.value)));
            }
        }
        Ok((!own.is_empty()).then_some(RowSource {
            table,
            values,
            parent: None,
            own,
            numbers: row.numbers.clone(),
            keep_empty: false,
        }))
    }

    /// How the text of a cell is written that stands without signs between its parts and goes to a day or a time.
    fn compact(&self, cell: Cell, kind: Kind) -> Option<Compact> {
        if !matches!(kind, Kind::Date | Kind::PartialDate | Kind::Time) {
            return None;
        }
        let place = *self.tables.tables[cell.table].columns[cell.column]
            .places
            .first()?;
        let text = self.tables.shape.place(place).text?;
        Compact::of(self.schema.simple_type(text).format.as_deref()?)
    }

    /// What has text and is named by nothing, by element.
    fn without_place(&mut self) -> Vec<(Cell, Arc<str>)> {
        let shape: &Shape<'_> = self.tables.shape;
        let named: BTreeSet<PlaceId> = self
            .tables
            .tables
            .iter()
            .flat_map(|table| &table.columns)
            .flat_map(|column| column.places.iter().copied())
            .collect();
        let mut inside: BTreeMap<Arc<str>, Vec<PlaceId>> = BTreeMap::new();
        let mut outside: BTreeMap<Arc<str>, Vec<PlaceId>> = BTreeMap::new();
        for (id, place) in shape.places.iter().enumerate() {
            let id = id as PlaceId;
            if place.text.is_none() || place.fixed || named.contains(&id) {
                continue;
            }
            let of = if place.record.is_some() {
                &mut inside
            } else {
                &mut outside
            };
            of.entry(Arc::clone(&place.name)).or_default().push(id);
        }
        let mut found = Vec::new();
        for (name, places) in inside {
            let table = self.tables.singles(places);
            found.push((Cell { table, column: 0 }, name));
        }
        for (name, places) in outside {
            found.push((self.tables.column(SUBMISSION, &name, places), name));
        }
        found
    }
}

/// The captured tables whose rows make rows.
pub(crate) fn seats(
    tables: &mut Tables<'_>,
    row: &RowMapping,
) -> Result<Vec<usize>, ConversionError> {
    let groups = match &row.at {
        RowSeat::Submission => return Ok(vec![SUBMISSION]),
        RowSeat::Record => return Ok(vec![RECORD]),
        RowSeat::Groups(groups) => groups,
    };
    let mut seats = Vec::with_capacity(groups.len());
    for group in groups {
        match tables.group(&group.text) {
            Ok(table) => seats.push(table),
            Err(_) if group.shared => {}
            Err(problem) => return Err(wrong(&group.origin, &problem)),
        }
    }
    Ok(seats)
}

/// Where a value stands, seen from the rows of a table, in the order of the references.
pub(crate) fn cells<'r>(
    tables: &mut Tables<'_>,
    references: impl IntoIterator<Item = &'r ElementReference>,
    table: usize,
) -> Result<Vec<Cell>, ConversionError> {
    let mut cells = Vec::new();
    for reference in references {
        // To say what is near to a name that another version has would take longest.
        if reference.shared && !tables.is_known(&reference.text) {
            continue;
        }
        match tables.resolve(&reference.text, table) {
            Ok(cell) if cells.contains(&cell) => {}
            Ok(cell) => cells.push(cell),
            Err(_) if reference.shared => {}
            Err(problem) => return Err(wrong(&reference.origin, &problem)),
        }
    }
    Ok(cells)
}

fn wrong(origin: &Origin, problem: &Problem) -> ConversionError {
    ConversionError {
        message: format!("{}:{}: {}", origin.file, origin.line, problem.message),
    }
}

/// A source in whose rows those of others can lie.
struct Candidate {
    table: usize,
    numbers: Vec<u32>,
    /// What its rows all say, by column.
    constants: Vec<(Arc<str>, Arc<str>)>,
}

impl Candidate {
    fn of(table: &OutTable, source: &RowSource) -> Self {
        let values = table.columns.iter().zip(&source.values);
        let constants = values.filter_map(|(column, value)| match value {
            Some(Value::Constant(text)) => Some((Arc::clone(&column.name), Arc::clone(text))),
            _ => None,
        });
        Self {
            table: source.table,
            numbers: source.numbers.clone(),
            constants: constants.collect(),
        }
    }

    /// Whether numbered rows of one can lie in those of the other: the outer numbers are the same, and where both say whose
    /// they are, they say the same.
    fn holds(&self, inner: &Self) -> bool {
        let same = |(column, text): &(Arc<str>, Arc<str>)| {
            let mut others = inner.constants.iter();
            others.all(|(other, said)| other != column || said == text)
        };
        inner.numbers.starts_with(&self.numbers)
            && (inner.numbers.is_empty() || self.constants.iter().all(same))
    }
}

/// Says in whose rows the rows of each source lie: those of the nearest source of the parent entity above it, else those
/// of one that stands around it and makes one row of a record. What is numbered lies in what has most of its numbers.
fn parents(out: &mut [OutTable], tables: &Tables<'_>) {
    let names: Vec<Arc<str>> = out.iter().map(|table| Arc::clone(&table.name)).collect();
    let captured: Vec<Vec<Candidate>> = out
        .iter()
        .map(|table| {
            let sources = table.sources.iter();
            sources.map(|source| Candidate::of(table, source)).collect()
        })
        .collect();
    for (own, table) in out.iter_mut().enumerate() {
        let entity = ENTITIES.iter().find(|entity| *entity.name == *table.name);
        let parent = entity
            .and_then(|entity| entity.parent)
            .and_then(|parent| names.iter().position(|name| **name == *parent));
        table.parent = parent;
        let Some(parent) = parent else {
            continue;
        };
        for (source, child) in table.sources.iter_mut().zip(&captured[own]) {
            let mut above =
                std::iter::successors(Some(source.table), |&table| tables.tables[table].parent);
            let rows = above.find_map(|table| {
                let parents = captured[parent].iter().enumerate().rev();
                let around =
                    parents.filter(|(_, outer)| outer.table == table && outer.holds(child));
                around
                    .max_by_key(|(_, outer)| outer.numbers.len())
                    .map(|(number, _)| number)
            });
            let around = || {
                let mut parents = captured[parent].iter();
                parents.position(|outer| stands_around(tables, outer.table, source.table))
            };
            source.parent = rows
                .map(Above::Rows)
                .or_else(|| around().map(Above::OneOfRecord));
        }
    }
}

/// Whether the rows of a table are groups of a record, one of each, that stand around all the rows of another.
fn stands_around(tables: &Tables<'_>, outer: usize, inner: usize) -> bool {
    let (outer, inner) = (&tables.tables[outer], &tables.tables[inner]);
    let repeats = |place: &PlaceId| tables.shape.place(*place).repeats;
    outer.parent == Some(RECORD)
        && !outer.places.iter().any(repeats)
        && inner.places.iter().all(|&place| {
            let mut above = tables.shape.upwards(place).skip(1);
            above.any(|above| outer.places.contains(&above))
        })
}
