//! Tables of a standard's own columns: one for each table of it, or one for each group of a record that repeats.

use std::collections::BTreeMap;
use std::sync::Arc;

use concord_check::places::{PlaceId, Shape};
use concord_check::wanted::{Cell, RECORD, Tables};
use concord_model::entities::Kind;
use concord_standards::definition::{Compact, Definition};
use concord_standards::schema::{Builtin, Schema, SimpleTypeId, Variety};

use crate::conversion::{
    Above, Conversion, NativeColumn, OutColumn, OutTable, RowSource, Tests, Value,
};

/// A conversion to the tables that a standard itself has.
pub fn native(definition: &Definition) -> Conversion {
    let standard = definition.standard.name();
    let schema = &definition.schema;
    let shape = Shape::new(schema, &definition.standard.record.elements);
    let mut tables = Tables::new(&shape);
    let out = match &definition.layout {
        Some(layout) => layout
            .tables
            .iter()
            .map(|table| {
                let places = record_of(&shape, &table.name);
                let row = tables.records(places.clone());
                let columns = table.fields.iter().filter_map(|field| {
                    let places = below(&shape, &places, &field.column);
                    let kind = kind_of(schema, field.value);
                    let column = NativeColumn {
                        out: OutColumn {
                            name: Arc::clone(&field.column),
                            kind,
                            element: Arc::clone(&field.element),
                            personal: field.personal,
                        },
                        dictionary_name: Some(Arc::clone(&field.element)),
                        code_list: field.code_list.clone(),
                        format: Some(Arc::clone(&field.format)).filter(|format| !format.is_empty()),
                    };
                    (!places.is_empty()).then_some((column, places))
                });
                let columns: Vec<_> = columns.collect();
                table_of(&mut tables, &table.name, &standard, row, columns)
            })
            .collect(),
        None => groups(&mut tables, &standard, schema),
    };
    Conversion {
        capture: tables.plan(),
        tables: out,
        ..Conversion::default()
    }
}

fn record_of(shape: &Shape<'_>, name: &str) -> Vec<PlaceId> {
    let named = |place: &&PlaceId| *shape.place(**place).name == *name;
    shape.records.iter().filter(named).copied().collect()
}

fn below(shape: &Shape<'_>, parents: &[PlaceId], name: &str) -> Vec<PlaceId> {
    let places = shape.places.iter().enumerate();
    places
        .filter(|(_, place)| {
            *place.name == *name && place.parent.is_some_and(|parent| parents.contains(&parent))
        })
        .map(|(id, _)| id as PlaceId)
        .collect()
}

/// A table whose rows are those of a captured table, with columns that each take the text of some places.
fn table_of(
    tables: &mut Tables<'_>,
    name: &Arc<str>,
    standard: &str,
    row: usize,
    columns: Vec<(NativeColumn, Vec<PlaceId>)>,
) -> OutTable {
    let mut values = Vec::with_capacity(columns.len());
    let mut out = Vec::with_capacity(columns.len());
    for (column, places) in columns {
        let cell: Cell = tables.column(row, &column.out.name, places);
        let compact = column.format.as_deref().and_then(Compact::of);
        values.push(Some(match compact {
            Some(compact) => Value::Spread(vec![cell], compact),
            None => Value::Text(cell),
        }));
        out.push(column);
    }
    let mut table = OutTable::native(format!("{standard}/{name}").into(), standard, out);
    table.sources.push(RowSource {
        table: row,
        values,
        parent: None,
        tests: Tests::default(),
        own: Vec::new(),
        own_where: Vec::new(),
        numbers: Vec::new(),
        keep_empty: true,
    });
    table
}

/// A group that makes rows: the repeating places of one name and one table above.
#[derive(Debug)]
struct Group {
    name: Arc<str>,
    above: Option<usize>,
    places: Vec<PlaceId>,
    /// The places with text that stand in a row of it.
    texts: Vec<PlaceId>,
}

/// One table for the records, and one for each group that repeats below them or below one another.
fn groups(tables: &mut Tables<'_>, standard: &str, schema: &Schema) -> Vec<OutTable> {
    let shape = tables.shape;
    let found = find_groups(shape);
    let mut names: BTreeMap<Arc<str>, usize> = BTreeMap::new();
    let mut captured: Vec<usize> = Vec::with_capacity(found.len());
    let mut out: Vec<OutTable> = Vec::with_capacity(found.len());
    for group in &found {
        let row = match group.above {
            None => RECORD,
            Some(above) => tables.rows_in(group.places.clone(), captured[above]),
        };
        captured.push(row);
        let columns = named_columns(shape, schema, group);
        let count = names.entry(Arc::clone(&group.name)).or_default();
        *count += 1;
        let name: Arc<str> = match (*count, group.above) {
            (1, _) | (_, None) => Arc::clone(&group.name),
            (_, Some(above)) => format!("{}_in_{}", group.name, found[above].name).into(),
        };
        let mut table = table_of(tables, &name, standard, row, columns);
        table.parent = group.above;
        if let Some(source) = table.sources.first_mut() {
            source.parent = group.above.map(|_| Above::Rows(0));
        }
        out.push(table);
    }
    out
}

fn find_groups(shape: &Shape<'_>) -> Vec<Group> {
    let mut groups = vec![Group {
        name: "record".into(),
        above: None,
        places: shape.records.clone(),
        texts: Vec::new(),
    }];
    // Places stand in document order, so that what is above has been seen.
    let mut of_place: Vec<Option<usize>> = vec![None; shape.places.len()];
    for (id, place) in shape.places.iter().enumerate() {
        let group = if place.record == Some(id as PlaceId) {
            Some(0)
        } else {
            let above = place.parent.and_then(|parent| of_place[parent as usize]);
            match above {
                Some(above) if place.repeats => {
                    let known = groups
                        .iter()
                        .position(|group| group.above == Some(above) && group.name == place.name);
                    let group = known.unwrap_or_else(|| {
                        groups.push(Group {
                            name: Arc::clone(&place.name),
                            above: Some(above),
                            places: Vec::new(),
                            texts: Vec::new(),
                        });
                        groups.len() - 1
                    });
                    groups[group].places.push(id as PlaceId);
                    Some(group)
                }
                above => above,
            }
        };
        of_place[id] = group;
        if let (Some(group), Some(_)) = (group, place.text) {
            groups[group].texts.push(id as PlaceId);
        }
    }
    groups
}

/// Columns named by as much of their paths as tells them apart. Places that no row can hold together share a column.
fn named_columns(
    shape: &Shape<'_>,
    schema: &Schema,
    group: &Group,
) -> Vec<(NativeColumn, Vec<PlaceId>)> {
    let mut columns: Vec<(String, Vec<PlaceId>)> = Vec::new();
    for &place in &group.texts {
        add_place(shape, group, &mut columns, place, 1);
    }
    let column = |(name, places): (String, Vec<PlaceId>)| {
        let first = shape.place(places[0]);
        let mut kinds = places
            .iter()
            .filter_map(|place| shape.place(*place).text)
            .map(|text| kind_of(schema, text));
        let kind = kinds.next().unwrap_or(Kind::Text);
        let text = first.text.map(|text| schema.simple_type(text));
        let name: Arc<str> = name.into();
        let column = NativeColumn {
            out: OutColumn {
                element: first
                    .dictionary_name
                    .clone()
                    .unwrap_or_else(|| Arc::clone(&name)),
                name,
                kind: if kinds.all(|other| other == kind) {
                    kind
                } else {
                    Kind::Text
                },
                personal: places.iter().any(|place| shape.place(*place).personal),
            },
            dictionary_name: first.dictionary_name.clone(),
            code_list: text.and_then(|text| text.code_list.clone()),
            format: text.and_then(|text| text.format.clone()),
        };
        (column, places)
    };
    columns.into_iter().map(column).collect()
}

/// Adds a place to the column of its name, or to one of a longer name when a row can hold both.
fn add_place(
    shape: &Shape<'_>,
    group: &Group,
    columns: &mut Vec<(String, Vec<PlaceId>)>,
    place: PlaceId,
    depth: usize,
) {
    let name = column_name(shape, group, place, depth);
    match columns.iter_mut().find(|(known, _)| *known == name) {
        None => columns.push((name, vec![place])),
        Some((_, places)) if places.iter().all(|other| shape.exclusive(*other, place)) => {
            places.push(place);
        }
        Some(_) => {
            let longer = column_name(shape, group, place, depth + 1);
            if longer == name {
                // The same path twice cannot be: two particles of one name are one place.
                return;
            }
            add_place(shape, group, columns, place, depth + 1);
        }
    }
}

/// The last `depth` names of a place's path below its group.
fn column_name(shape: &Shape<'_>, group: &Group, place: PlaceId, depth: usize) -> String {
    let own = shape
        .upwards(place)
        .take_while(|id| *id == place || !group.places.contains(id));
    let mut names: Vec<&str> = own
        .take(depth)
        .map(|id| shape.place(id).name.trim_start_matches('@'))
        .collect();
    names.reverse();
    names.join("_")
}

/// What stands in a value of a simple type.
pub(crate) fn kind_of(schema: &Schema, id: SimpleTypeId) -> Kind {
    let simple = schema.simple_type(id);
    let Variety::Atomic(builtin) = simple.variety else {
        return Kind::Text;
    };
    match simple.format.as_deref().and_then(Compact::of) {
        Some(compact) if compact.is_day() => return Kind::Date,
        Some(_) => return Kind::Time,
        None => {}
    }
    match builtin {
        Builtin::Date => Kind::Date,
        Builtin::DateTime => Kind::Moment,
        Builtin::Time => Kind::Time,
        Builtin::Boolean => Kind::Boolean,
        Builtin::Decimal => decimal(schema, id),
        integer if integer.is_integer() => Kind::Integer,
        _ => Kind::Text,
    }
}

/// As many digits as the facets allow, and room for more in front of the point.
fn decimal(schema: &Schema, id: SimpleTypeId) -> Kind {
    const MOST: u32 = 38;
    const USUAL_SCALE: u32 = 8;
    let steps = &schema.simple_type(id).steps;
    let scale = steps.iter().filter_map(|step| step.fraction_digits).min();
    let total = steps.iter().filter_map(|step| step.total_digits).min();
    let scale = scale.unwrap_or(USUAL_SCALE).min(MOST);
    let precision = total.unwrap_or(MOST).clamp(scale.max(1), MOST);
    Kind::Decimal {
        precision: precision as u8,
        scale: scale as i8,
    }
}
