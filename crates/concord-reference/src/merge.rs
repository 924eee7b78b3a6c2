//! What several sources say of one organisation, made one.
//!
//! The source with the most to say goes first (`Manifest::rank`). Dates come from it alone, because an open end would
//! otherwise be filled with an older source's date; what it leaves out otherwise comes from the next.

use std::collections::BTreeMap;

use arrow_array::{Array, ArrayRef, BooleanArray, RecordBatch, UInt32Array};
use arrow_select::filter::filter_record_batch;
use arrow_select::take::take;

use crate::manifest::{Kind, Manifest};
use crate::rows::{self, text};
use crate::tables::{ORGANISATION, RELATIONSHIP, ROLE, Table};

/// Columns that come from one source only.
const NEVER_FILLED: [&str; 6] = [
    "code",
    "source",
    "open_date",
    "close_date",
    "legal_open_date",
    "legal_close_date",
];

/// One row for each organisation, from rows in the order of code and source.
pub(crate) fn organisations(batch: RecordBatch, manifest: &Manifest) -> RecordBatch {
    let groups = groups(&batch, &[0]);
    if groups.len() == batch.num_rows() {
        return batch;
    }
    let sources = batch.column(ORGANISATION.position("source"));
    let mut ranks = Ranks::default();
    let mut order: Vec<u32> = (0..u32::try_from(batch.num_rows()).unwrap_or(u32::MAX)).collect();
    for group in &groups {
        if group.len() > 1 {
            order[group.clone()]
                .sort_by_key(|row| ranks.of(manifest, text(sources, *row as usize)));
        }
    }
    let columns = batch.columns().iter().zip(ORGANISATION.columns);
    let columns = columns.map(|(array, column)| -> ArrayRef {
        let filled = !NEVER_FILLED.contains(&column.name);
        let rows: UInt32Array = groups
            .iter()
            .map(|group| {
                let rows = &order[group.clone()];
                let said = rows.iter().find(|row| array.is_valid(**row as usize));
                said.filter(|_| filled).copied().unwrap_or(rows[0])
            })
            .collect();
        take(array, &rows, None).expect("rows are of this array")
    });
    RecordBatch::try_new(batch.schema(), columns.collect())
        .expect("columns have a row for each group")
}

/// The roles that the best kind of source gives an organisation.
pub(crate) fn roles(batch: &RecordBatch, manifest: &Manifest) -> RecordBatch {
    best(batch, &ROLE, &[0], manifest)
}

/// The relationships that the best kind of source gives an organisation, of each kind of relationship, each once.
pub(crate) fn relationships(batch: &RecordBatch, manifest: &Manifest) -> RecordBatch {
    best(
        batch,
        &RELATIONSHIP,
        &[0, RELATIONSHIP.position("relationship")],
        manifest,
    )
}

/// Of the rows that agree in the `keys`, those of the best kind of source; rows that say the same, once.
fn best(batch: &RecordBatch, table: &Table, keys: &[usize], manifest: &Manifest) -> RecordBatch {
    let source = table.position("source");
    let sources = batch.column(source);
    let mut kinds = Kinds::default();
    let mut kept = vec![true; batch.num_rows()];
    for group in groups(batch, &keys[..1]) {
        if group.len() == 1 {
            continue;
        }
        let mut best: BTreeMap<Vec<&str>, usize> = BTreeMap::new();
        let of = |row: usize| {
            keys.iter()
                .map(|key| text(batch.column(*key), row))
                .collect::<Vec<_>>()
        };
        for row in group.clone() {
            let kind = kinds.of(manifest, text(sources, row));
            let least = best.entry(of(row)).or_insert(kind);
            *least = (*least).min(kind);
        }
        for row in group.clone() {
            kept[row] = best.get(&of(row)) == Some(&kinds.of(manifest, text(sources, row)));
        }
        for row in group.clone() {
            let same = |other: usize| {
                batch
                    .columns()
                    .iter()
                    .enumerate()
                    .all(|(column, array)| column == source || rows::same(array, row, other))
            };
            if kept[row] && (group.start..row).any(|other| kept[other] && same(other)) {
                kept[row] = false;
            }
        }
    }
    filter_record_batch(batch, &BooleanArray::from(kept))
        .expect("a filter has as many values as the batch has rows")
}

/// Rows one behind the other that agree in some columns.
fn groups(batch: &RecordBatch, columns: &[usize]) -> Vec<std::ops::Range<usize>> {
    let mut groups: Vec<std::ops::Range<usize>> = Vec::new();
    for row in 0..batch.num_rows() {
        match groups.last_mut() {
            Some(group)
                if columns
                    .iter()
                    .all(|column| rows::same(batch.column(*column), group.start, row)) =>
            {
                group.end = row + 1;
            }
            _ => groups.push(row..row + 1),
        }
    }
    groups
}

/// [`Manifest::rank`] of each source, worked out once.
#[derive(Default)]
struct Ranks(BTreeMap<String, usize>);

impl Ranks {
    fn of(&mut self, manifest: &Manifest, source: &str) -> usize {
        if let Some(rank) = self.0.get(source) {
            return *rank;
        }
        let rank = manifest.rank(source);
        self.0.insert(source.to_owned(), rank);
        rank
    }
}

/// How good the kind of each source is; CSV files say different things of the same organisations and stand side by side.
#[derive(Default)]
struct Kinds(BTreeMap<String, usize>);

impl Kinds {
    fn of(&mut self, manifest: &Manifest, source: &str) -> usize {
        if let Some(kind) = self.0.get(source) {
            return *kind;
        }
        let known = manifest.sources.iter().find(|known| known.name == source);
        let kind = match known.map(|known| known.kind) {
            Some(Kind::OrganisationXml) => 0,
            Some(Kind::OrganisationJson) => 1,
            _ => 2,
        };
        self.0.insert(source.to_owned(), kind);
        kind
    }
}
