//! From a standard's mapping to a conversion into the canonical model.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use concord_check::places::{PlaceId, Shape};
use concord_check::wanted::{Cell, Problem, RECORD, SUBMISSION, Tables};
use concord_model::entities::{ENTITIES, Kind};
use concord_standards::definition::{
    Compact, Condition, Conditions, Definition, ElementReference, FieldMapping, KnownTo, Mapping,
    RowMapping, RowSeat, is_point,
};
use concord_standards::schema::{Origin, Schema};

use crate::conversion::{
    Above, Conversion, ConversionError, Depending, OutTable, RowSource, Test, Tests, Value,
};
use crate::depending::depending;

/// A conversion to the canonical model.
///
/// # Errors
/// [`ConversionError`] when the mapping names what the structure does not have. In a mapping that several versions
/// share, that is passed over.
pub fn mapped(definition: &Definition, mapping: &Mapping) -> Result<Conversion, ConversionError> {
    let shape = Shape::new(&definition.schema, &definition.standard.record.elements);
    let mut resolving = Resolving {
        messages: definition.messages.is_some(),
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
    let names = resolving.names();
    let without_place = resolving.without_place();
    resolving.out.retain(|table| !table.sources.is_empty());
    let depending = resolving.depending();
    let Resolving {
        tables, mut out, ..
    } = resolving;
    parents(&mut out, &tables);
    Ok(Conversion {
        capture: tables.plan(),
        tables: out,
        interchange,
        without_place,
        depending,
        staged: false,
        names,
        concluded: mapping.concluded.clone(),
    })
}

struct Resolving<'s> {
    /// Whether the records are messages.
    messages: bool,
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
        let mut own_where: Vec<usize> = Vec::new();
        for field in &row.fields {
            let group = match &field.first {
                None => None,
                Some(first) => match self.tables.group(&first.text) {
                    Ok(group) => Some(group),
                    Err(_) if first.shared => continue,
                    Err(problem) => return Err(wrong(&first.origin, &problem)),
                },
            };
            let seat = group.unwrap_or(table);
            let places = field.from.iter().chain(&field.also);
            let cells = cells(&mut self.tables, places, seat)?;
            let Some(first) = cells.first().copied() else {
                continue;
            };
            let conditional = group.is_some() || !field.when.is_empty();
            if field.own && !conditional {
                let here = cells.iter().filter(|cell| cell.table == table);
                own.extend(here.map(|cell| cell.column));
            }
            let kind = field.field.kind;
            let value = match (cells.as_slice(), &field.codes, self.compact(first, kind)) {
                (_, None, Some(compact)) => Value::Spread(cells, compact),
                (_, None, None) if self.is_point(first, kind) => Value::Point {
                    cells,
                    to: kind,
                    alone: is_alone(row, field),
                },
                ([cell], None, None) => Value::Text(*cell),
                (_, codes, _) => Value::FirstOf(cells, codes.clone()),
            };
            let value = self.known_to(&field.known_to, seat, value)?;
            let Some(column) = place(field.field.name) else {
                continue;
            };
            values[column] = Some(if conditional {
                if field.own {
                    own_where.push(column);
                }
                Value::Where {
                    group,
                    tests: self.tests(&field.when, seat)?,
                    value: Box::new(value),
                }
            } else {
                value
            });
        }
        for constant in &row.set {
            if let Some(column) = place(constant.field.name) {
                values[column] = Some(Value::Constant(Arc::clone(&constant.value)));
            }
        }
        let tests = self.tests(&row.when, table)?;
        Ok(
            (!(own.is_empty() && own_where.is_empty())).then_some(RowSource {
                table,
                values,
                parent: None,
                tests,
                own,
                own_where,
                numbers: row.numbers.clone(),
                keep_empty: false,
            }),
        )
    }

    /// A day of which less may be known than is written.
    fn known_to(
        &mut self,
        known: &KnownTo,
        table: usize,
        value: Value,
    ) -> Result<Value, ConversionError> {
        if known.is_day() {
            return Ok(value);
        }
        let mut tests = |when: &Vec<Vec<Condition>>| {
            let conditions = Conditions {
                when: when.clone(),
                ..Conditions::default()
            };
            let asked = !when.is_empty();
            asked.then(|| self.tests(&conditions, table)).transpose()
        };
        Ok(Value::KnownTo {
            year: tests(&known.year)?,
            month: tests(&known.month)?,
            value: Box::new(value),
        })
    }

    /// The tests of conditions, seen from the rows of a table. An element that this version lacks says nothing.
    fn tests(&mut self, conditions: &Conditions, table: usize) -> Result<Tests, ConversionError> {
        let mut alternatives = |said: &[Vec<Condition>]| {
            let mut read = Vec::with_capacity(said.len());
            'next: for conditions in said {
                let mut tests = Vec::with_capacity(conditions.len());
                for condition in conditions {
                    let found = cells(&mut self.tables, [&condition.element], table)?;
                    let Some(cell) = found.first().copied() else {
                        continue 'next;
                    };
                    tests.push(Test {
                        cell,
                        values: condition.values.clone(),
                    });
                }
                read.push(tests);
            }
            Ok(read)
        };
        let when = alternatives(&conditions.when)?;
        Ok(Tests {
            never: when.is_empty() && !conditions.when.is_empty(),
            when,
            unless: alternatives(&conditions.unless)?,
        })
    }

    /// Whether the text of a cell is a point in time and goes to a field of days and times.
    fn is_point(&self, cell: Cell, kind: Kind) -> bool {
        takes_points(kind) && self.format(cell).is_some_and(is_point)
    }

    fn format(&self, cell: Cell) -> Option<&str> {
        let column = &self.tables.tables[cell.table].columns[cell.column];
        let place = *column.places.first()?;
        let text = self.tables.shape.place(place).text?;
        self.schema.simple_type(text).format.as_deref()
    }

    /// How the text of a cell is written that stands without signs between its parts and goes to a day or a time.
    fn compact(&self, cell: Cell, kind: Kind) -> Option<Compact> {
        if !matches!(kind, Kind::Date | Kind::PartialDate | Kind::Time) {
            return None;
        }
        Compact::of(self.format(cell)?)
    }

    /// The values that are carried in some circumstances only. Of messages it is told of each whether a row took it.
    fn depending(&self) -> Vec<Depending> {
        if self.messages {
            return Vec::new();
        }
        depending(&self.out, |cell| {
            let column = &self.tables.tables[cell.table].columns[cell.column];
            column
                .places
                .first()
                .map_or("".into(), |place| self.name(*place))
        })
    }

    /// What losses call the columns of records that are messages.
    fn names(&self) -> Vec<(Cell, Arc<str>)> {
        if !self.messages {
            return Vec::new();
        }
        let tables = self.tables.tables.iter().enumerate();
        let inside = tables.filter(|(number, _)| *number != SUBMISSION);
        let columns = inside.flat_map(|(table, known)| {
            let columns = known.columns.iter().enumerate();
            columns.filter_map(move |(column, known)| {
                let place = known.places.first()?;
                Some((Cell { table, column }, self.name(*place)))
            })
        });
        columns.collect()
    }

    /// What losses call a place: its name, and in messages that of its field and all inside it (`PID.3/CX.5`).
    fn name(&self, id: PlaceId) -> Arc<str> {
        let shape: &Shape<'_> = self.tables.shape;
        let own = &shape.place(id).name;
        if !self.messages || !own.contains('.') {
            return Arc::clone(own);
        }
        let above = shape.upwards(id).map(|above| &*shape.place(above).name);
        let mut names: Vec<&str> = above.take_while(|name| name.contains('.')).collect();
        names.reverse();
        names.join("/").into()
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
            of.entry(self.name(id)).or_default().push(id);
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

/// Whether a field of a kind takes days, times, or both.
pub(crate) fn takes_points(kind: Kind) -> bool {
    matches!(
        kind,
        Kind::Date | Kind::PartialDate | Kind::Time | Kind::Moment
    )
}

/// Whether no other field of the row takes the time of day of what a field takes the day of.
fn is_alone(row: &RowMapping, field: &FieldMapping) -> bool {
    let same = |one: &[ElementReference], other: &[ElementReference]| {
        let texts = other.iter().map(|reference| &reference.text);
        one.iter().map(|reference| &reference.text).eq(texts)
    };
    let mut others = row.fields.iter();
    !others.any(|other| {
        matches!(other.field.kind, Kind::Time | Kind::Moment) && same(&other.from, &field.from)
    })
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
