//! A mapping read backwards: from canonical fields to columns.

use std::collections::BTreeSet;
use std::ops::Range;
use std::sync::Arc;

use concord_model::entities::{Entity, Kind};
use concord_standards::compile::{CompileError, CompiledSchema};
use concord_standards::definition::{
    CodeMap, Definition, ElementReference, Mapping, RowMapping, RowSeat,
};
use concord_standards::layout::{HeaderUse, LineSeats, TableLayout};

use super::column::Column;

/// Why a standard cannot be written.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum TableOutError {
    /// It has no table.
    #[error("{0} is not a tabular standard")]
    NotTabular(String),
    /// It has several, and nothing says which one a record goes to.
    #[error("{0} has several tables, of which none can be written alone")]
    Several(String),
    /// Its mapping leads to none of its columns.
    #[error("the mapping of {0} leads to none of its columns")]
    Nothing(String),
    /// Its values make no sense.
    #[error(transparent)]
    Schema(Box<CompileError>),
    /// The rows could not be written.
    #[error("the table cannot be written: {0}")]
    Write(String),
}

/// A table that can be written.
#[derive(Debug)]
pub(super) struct Backwards {
    /// The columns in the order of the layout.
    pub(super) columns: Vec<Column>,
    /// How they stand in a line.
    pub(super) form: Form,
    /// What goes into them.
    pub(super) takes: Vec<Take>,
    /// Whether every canonical row makes a line, and not every record.
    pub(super) each_row: bool,
}

/// How columns stand in a line.
#[derive(Debug, Clone)]
pub(super) enum Form {
    /// With a character between them.
    Delimited {
        /// The character.
        delimiter: u8,
        /// Whether the first line names them.
        header: bool,
    },
    /// Each at its own characters.
    Fixed(Vec<Span>),
    /// Each at its own characters of one of several lines.
    Lines(Box<LineSeats>),
}

/// The characters of a column in a line of fixed width: the first, from 0, and how many.
pub(super) type Span = (u32, u32);

/// Rows of an entity that go into columns: the first row into the first seat.
#[derive(Debug)]
pub(super) struct Take {
    pub(super) entity: &'static Entity,
    /// Fields and what must stand in them.
    pub(super) set: Vec<(&'static str, Arc<str>)>,
    /// Whether of each record only the row goes there that holds on the day by which it is decided who pays.
    pub(super) of_the_day: bool,
    pub(super) seats: Vec<Vec<Cell>>,
    /// The numbers of the seats, where the same stands several times under numbered names.
    pub(super) numbers: Vec<Vec<u32>>,
    /// The seats of rows that lie in the first row of the parent entity, of those in the second, and so on; empty where
    /// the parent's rows have no numbers.
    pub(super) within: Vec<Range<usize>>,
}

/// A field, and the columns that it is written to.
#[derive(Debug)]
pub(super) struct Cell {
    pub(super) field: &'static str,
    pub(super) kind: Kind,
    pub(super) columns: Vec<usize>,
    pub(super) codes: Option<Arc<CodeMap>>,
}

impl Backwards {
    pub(super) fn new(definition: &Definition, mapping: &Mapping) -> Result<Self, TableOutError> {
        let name = definition.standard.name();
        let tables = definition
            .layout
            .as_ref()
            .map(|layout| layout.tables.as_slice());
        let table = match tables {
            None | Some([]) => return Err(TableOutError::NotTabular(name)),
            Some([table]) => table,
            Some(_) => return Err(TableOutError::Several(name)),
        };
        let compiled = CompiledSchema::of_tables(Arc::new(definition.schema.clone()))
            .map_err(|error| TableOutError::Schema(Box::new(error)))?;
        let columns = table.fields.iter();
        let columns = columns
            .map(|field| Column::new(field, definition, &compiled))
            .collect();
        let takes = takes(mapping, table);
        if takes.is_empty() {
            return Err(TableOutError::Nothing(name));
        }
        let alone = matches!(mapping.rows.as_slice(), [row] if matches!(row.at, RowSeat::Record));
        let spans: Option<Vec<Span>> = table.fields.iter().map(|field| field.span).collect();
        let form = match (&table.lines, spans) {
            (Some(form), _) => Form::Lines(Box::new(LineSeats::new(form, &table.fields))),
            (None, Some(spans)) => Form::Fixed(spans),
            (None, None) => Form::Delimited {
                delimiter: table.delimiters.first().copied().unwrap_or(b','),
                header: table.header != HeaderUse::None,
            },
        };
        Ok(Self {
            columns,
            form,
            takes,
            each_row: alone,
        })
    }
}

/// The rows of a mapping, those of the same entity and constants as the seats of one take.
///
/// Of rows that lie in the same columns under several conditions the first is written: another's values would be read as the
/// first's.
fn takes(mapping: &Mapping, table: &TableLayout) -> Vec<Take> {
    let mut takes: Vec<Take> = Vec::new();
    let mut conditional: BTreeSet<usize> = BTreeSet::new();
    for row in &mapping.rows {
        let seats: Vec<Vec<Cell>> = match &row.at {
            RowSeat::Submission => continue,
            RowSeat::Record => vec![cells(row, table, None)],
            RowSeat::Groups(groups) => groups
                .iter()
                .filter(|group| place(table, group).is_some())
                .map(|group| cells(row, table, place(table, group)))
                .collect(),
        };
        let seats: Vec<Vec<Cell>> = seats
            .into_iter()
            .filter(|cells| !cells.is_empty())
            .collect();
        if seats.is_empty() {
            continue;
        }
        if !row.when.is_empty() {
            let first = seats
                .iter()
                .filter_map(|cells| cells.first()?.columns.first());
            let columns: Vec<usize> = first.copied().collect();
            if columns.iter().any(|column| conditional.contains(column)) {
                continue;
            }
            conditional.extend(columns);
        }
        let set: Vec<(&'static str, Arc<str>)> = row
            .set
            .iter()
            .map(|constant| (constant.field.name, Arc::clone(&constant.value)))
            .collect();
        let said = set.clone();
        let same = |take: &&mut Take| take.entity.name == row.entity.name && take.set == said;
        match takes.iter_mut().find(same) {
            Some(take) => take.seats.extend(seats),
            None => takes.push(Take {
                entity: row.entity,
                set,
                of_the_day: false,
                seats,
                numbers: Vec::new(),
                within: Vec::new(),
            }),
        }
        if let Some(take) = takes
            .iter_mut()
            .find(|take| take.entity.name == row.entity.name && take.set == said)
        {
            take.numbers.resize(take.seats.len(), row.numbers.clone());
        }
    }
    let depths: Vec<usize> = takes
        .iter()
        .map(|take| depth_of_parent(&takes, take))
        .collect();
    for (take, depth) in takes.iter_mut().zip(depths) {
        if depth > 0 && take.numbers.iter().all(|numbers| numbers.len() >= depth) {
            take.within = ranges(take.numbers.iter().map(|numbers| &numbers[..depth]));
        }
    }
    takes
}

/// How many numbers the rows have in which the rows of a take lie. Where both say whose they are, they say the same.
fn depth_of_parent(takes: &[Take], inner: &Take) -> usize {
    let holds = |outer: &&Take| {
        let same = |(field, text): &(&str, Arc<str>)| {
            let mut said = inner.set.iter();
            said.all(|(other, value)| other != field || value == text)
        };
        Some(outer.entity.name) == inner.entity.parent && outer.set.iter().all(same)
    };
    let numbers = takes.iter().filter(holds).flat_map(|outer| &outer.numbers);
    numbers.map(Vec::len).max().unwrap_or(0)
}

/// The stretches of equal neighbours.
fn ranges<'n>(numbers: impl Iterator<Item = &'n [u32]>) -> Vec<Range<usize>> {
    let mut found: Vec<(Range<usize>, &[u32])> = Vec::new();
    for (seat, outer) in numbers.enumerate() {
        match found.last_mut() {
            Some((range, same)) if *same == outer => range.end = seat + 1,
            _ => found.push((seat..seat + 1, outer)),
        }
    }
    found.into_iter().map(|(range, _)| range).collect()
}

/// Where the fields of a row go; the column that makes the row is preferred.
fn cells(row: &RowMapping, table: &TableLayout, seat: Option<usize>) -> Vec<Cell> {
    let mut cells = Vec::new();
    for field in &row.fields {
        let mut from = field
            .from
            .iter()
            .filter_map(|reference| place(table, reference));
        let first = from
            .clone()
            .find(|column| Some(*column) == seat)
            .or_else(|| from.next());
        let Some(first) = first else {
            continue;
        };
        let mut columns = vec![first];
        for column in field
            .also
            .iter()
            .filter_map(|reference| place(table, reference))
        {
            if !columns.contains(&column) {
                columns.push(column);
            }
        }
        cells.push(Cell {
            field: field.field.name,
            kind: field.field.kind,
            columns,
            codes: field.codes.clone(),
        });
    }
    cells
}

/// The column that a reference names.
fn place(table: &TableLayout, reference: &ElementReference) -> Option<usize> {
    let name = reference.text.rsplit('/').next().unwrap_or_default();
    table.field(name).map(|(column, _)| column)
}
