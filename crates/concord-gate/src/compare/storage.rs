//! Stored tables compared: what `convert` writes, or the schema of stored files.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::matching::{Likeness, pair_off};
use super::side::Pair;
use crate::catalogue::Kind;
use crate::change::{Certainty, Change, ChangePlace, Whom};
use crate::subject::{StoredColumn, StoredKind, StoredTable, SubjectKind};

/// Compares what both sides store.
pub(super) fn compare(pair: &Pair<'_>, least: u8) -> Vec<Change> {
    let (old, new) = (&pair.old.subject.storage, &pair.new.subject.storage);
    // Where one side says nothing of storage, nothing was removed.
    let silent = |tables: &[StoredTable], kind: SubjectKind| {
        tables.is_empty() && kind != SubjectKind::Stored
    };
    if silent(old, pair.old.subject.kind) || silent(new, pair.new.subject.kind) {
        return Vec::new();
    }
    let mut stored = Stored {
        least,
        changes: Vec::new(),
    };
    stored.tables(old, new);
    stored.changes
}

struct Stored {
    least: u8,
    changes: Vec<Change>,
}

fn place(table: &StoredTable, column: Option<&StoredColumn>) -> ChangePlace {
    ChangePlace::Stored(
        Arc::clone(&table.name),
        column.map(|column| Arc::clone(&column.name)),
    )
}

fn breaks(change: Change, why: &str) -> Change {
    change.breaking(Whom::Storage, Certainty::Decided, why)
}

impl Stored {
    fn tables(&mut self, old: &[StoredTable], new: &[StoredTable]) {
        let names = |tables: &[StoredTable]| -> BTreeMap<Arc<str>, usize> {
            let named = tables.iter().enumerate();
            named
                .map(|(index, table)| (Arc::clone(&table.name), index))
                .collect()
        };
        let (before, now) = (names(old), names(new));
        let alone = |tables: &[StoredTable], others: &BTreeMap<Arc<str>, usize>| -> Vec<usize> {
            let alone = tables.iter().enumerate();
            alone
                .filter(|(_, table)| !others.contains_key(&table.name))
                .map(|(index, _)| index)
                .collect()
        };
        let (gone, come) = (alone(old, &now), alone(new, &before));
        let columns = |table: &StoredTable| -> BTreeSet<Arc<str>> {
            table
                .columns
                .iter()
                .map(|column| Arc::clone(&column.name))
                .collect()
        };
        let (left, right): (Vec<_>, Vec<_>) = (
            gone.iter().map(|index| columns(&old[*index])).collect(),
            come.iter().map(|index| columns(&new[*index])).collect(),
        );
        let renamed = pair_off(gone.len(), come.len(), self.least, |mine, theirs| {
            let shared = left[mine].intersection(&right[theirs]).count();
            let all = left[mine].union(&right[theirs]).count().max(1);
            let score = i32::try_from(shared * 80 / all).unwrap_or(0);
            Likeness::default()
                .when(shared > 0, score, "columns in common")
                .names(&old[gone[mine]].name, &new[come[theirs]].name)
        });
        let mut matched: BTreeMap<usize, usize> = BTreeMap::new();
        for found in &renamed {
            let (mine, theirs) = (gone[found.old], come[found.new]);
            matched.insert(theirs, mine);
            let change = Change::draft(Kind::StoredTableRenamed, place(&new[theirs], None))
                .was(&*old[mine].name)
                .is(&*new[theirs].name)
                .sure(found.likeness.percent(), found.likeness.reasons());
            self.changes
                .push(breaks(change, "queries over the old name fail"));
        }
        let paired: BTreeSet<usize> = matched.values().copied().collect();
        for (index, table) in new.iter().enumerate() {
            let mine = before.get(&table.name).or_else(|| matched.get(&index));
            if let Some(mine) = mine {
                self.columns(&old[*mine], table);
            } else {
                let change = Change::draft(Kind::StoredTableAdded, place(table, None));
                self.changes.push(change);
            }
        }
        for index in gone.into_iter().filter(|index| !paired.contains(index)) {
            let change = Change::draft(Kind::StoredTableRemoved, place(&old[index], None));
            self.changes.push(breaks(change, "queries over it fail"));
        }
    }

    fn columns(&mut self, old: &StoredTable, new: &StoredTable) {
        let names = |table: &StoredTable| -> BTreeMap<Arc<str>, usize> {
            let named = table.columns.iter().enumerate();
            named
                .map(|(index, column)| (Arc::clone(&column.name), index))
                .collect()
        };
        let (before, now) = (names(old), names(new));
        let alone = |table: &StoredTable, others: &BTreeMap<Arc<str>, usize>| -> Vec<usize> {
            let alone = table.columns.iter().enumerate();
            alone
                .filter(|(_, column)| !others.contains_key(&column.name))
                .map(|(index, _)| index)
                .collect()
        };
        let (gone, come) = (alone(old, &now), alone(new, &before));
        let renamed = pair_off(gone.len(), come.len(), self.least, |mine, theirs| {
            likeness((old, gone[mine]), (new, come[theirs]))
        });
        let mut matched: BTreeMap<usize, usize> = BTreeMap::new();
        for found in &renamed {
            let (mine, theirs) = (gone[found.old], come[found.new]);
            matched.insert(theirs, mine);
            let column = &new.columns[theirs];
            let change = Change::draft(Kind::StoredColumnRenamed, place(new, Some(column)))
                .was(&*old.columns[mine].name)
                .is(&*column.name)
                .sure(found.likeness.percent(), found.likeness.reasons());
            self.changes
                .push(breaks(change, "queries that name it fail"));
        }
        let paired: BTreeSet<usize> = matched.values().copied().collect();
        for (index, column) in new.columns.iter().enumerate() {
            let mine = before.get(&column.name).or_else(|| matched.get(&index));
            if let Some(mine) = mine {
                self.column(&old.columns[*mine], new, column);
            } else {
                let change = Change::draft(Kind::StoredColumnAdded, place(new, Some(column)))
                    .is(described(column))
                    .breaking_if(
                        !column.nullable,
                        Whom::Storage,
                        "rows that are stored already have no value",
                    );
                self.changes.push(change);
            }
        }
        for index in gone.into_iter().filter(|index| !paired.contains(index)) {
            let column = &old.columns[index];
            let change = Change::draft(Kind::StoredColumnRemoved, place(old, Some(column)))
                .was(described(column));
            self.changes
                .push(breaks(change, "queries that name it fail"));
        }
    }

    fn column(&mut self, old: &StoredColumn, table: &StoredTable, new: &StoredColumn) {
        let here = || place(table, Some(new));
        if old.kind != new.kind {
            let kind = match retyped(&old.kind, &new.kind) {
                Retyped::Wider => Kind::StoredTypeWidened,
                Retyped::Narrower => Kind::StoredTypeNarrowed,
                Retyped::Other => Kind::StoredTypeChanged,
            };
            let change = Change::draft(kind, here())
                .was(name(&old.kind))
                .is(name(&new.kind));
            self.changes.push(match kind {
                Kind::StoredTypeWidened => change,
                Kind::StoredTypeNarrowed => breaks(change, "values that are stored do not fit"),
                _ => breaks(change, "old and new files cannot be read as one table"),
            });
        }
        match (old.nullable, new.nullable) {
            (true, false) => {
                let change = Change::draft(Kind::StoredMadeNotNull, here());
                self.changes
                    .push(breaks(change, "rows that are stored may have no value"));
            }
            (false, true) => self
                .changes
                .push(Change::draft(Kind::StoredMadeNullable, here())),
            _ => {}
        }
    }
}

fn likeness((old, gone): (&StoredTable, usize), (new, come): (&StoredTable, usize)) -> Likeness {
    let (mine, theirs) = (&old.columns[gone], &new.columns[come]);
    let named = mine.dictionary_name.is_some() && theirs.dictionary_name.is_some();
    let same = named && mine.dictionary_name == theirs.dictionary_name;
    let beside = |table: &StoredTable, index: Option<usize>| {
        index
            .and_then(|index| table.columns.get(index))
            .map(|column| Arc::clone(&column.name))
    };
    let above = beside(old, gone.checked_sub(1)) == beside(new, come.checked_sub(1));
    let below = beside(old, Some(gone + 1)) == beside(new, Some(come + 1));
    Likeness::default()
        .when(same, 45, "same dictionary name")
        .when(named && !same, -20, "")
        .when(mine.kind == theirs.kind, 20, "same type")
        .when(mine.nullable == theirs.nullable, 5, "null or not alike")
        .when(above && below, 25, "same place")
        .when(above != below, 12, "beside the same column")
        .names(&mine.name, &theirs.name)
}

/// How one stored type follows from another.
enum Retyped {
    Wider,
    Narrower,
    Other,
}

fn retyped(old: &StoredKind, new: &StoredKind) -> Retyped {
    match (holds(new, old), holds(old, new)) {
        (true, _) => Retyped::Wider,
        (false, true) => Retyped::Narrower,
        (false, false) => Retyped::Other,
    }
}

/// Whether one stored type takes every value of another, as engines widen types.
fn holds(wide: &StoredKind, narrow: &StoredKind) -> bool {
    use StoredKind as K;
    match (wide, narrow) {
        (
            K::Integer { bits, signed },
            K::Integer {
                bits: few,
                signed: other,
            },
        ) => {
            if signed == other {
                bits >= few
            } else {
                *signed && bits > few
            }
        }
        (
            K::Decimal { precision, scale },
            K::Decimal {
                precision: digits,
                scale: behind,
            },
        ) => {
            let whole = |precision: u8, scale: i8| i16::from(precision) - i16::from(scale);
            scale >= behind && whole(*precision, *scale) >= whole(*digits, *behind)
        }
        (K::Float(bits), K::Float(few)) => bits >= few,
        (K::List(wide), K::List(narrow)) => holds(wide, narrow),
        (K::Struct(wide), K::Struct(narrow)) => {
            let known = |column: &StoredColumn| wide.iter().find(|other| other.name == column.name);
            let kept = narrow.iter().all(|column| {
                known(column).is_some_and(|other| {
                    holds(&other.kind, &column.kind) && (other.nullable || !column.nullable)
                })
            });
            let added = wide
                .iter()
                .filter(|column| !narrow.iter().any(|other| other.name == column.name));
            kept && added.into_iter().all(|column| column.nullable)
        }
        (wide, narrow) => wide == narrow,
    }
}

/// A stored type in words.
fn name(kind: &StoredKind) -> String {
    match kind {
        StoredKind::Boolean => "boolean".to_owned(),
        StoredKind::Integer { bits, signed } => {
            let sign = if *signed { "" } else { "unsigned " };
            format!("{sign}integer of {bits} bits")
        }
        StoredKind::Decimal { precision, scale } => format!("decimal({precision}, {scale})"),
        StoredKind::Float(bits) => format!("float of {bits} bits"),
        StoredKind::Text => "text".to_owned(),
        StoredKind::Binary => "bytes".to_owned(),
        StoredKind::Date => "date".to_owned(),
        StoredKind::Time => "time".to_owned(),
        StoredKind::Timestamp { zoned: true } => "timestamp in a time zone".to_owned(),
        StoredKind::Timestamp { zoned: false } => "timestamp".to_owned(),
        StoredKind::List(inner) => format!("list of {}", name(inner)),
        StoredKind::Struct(columns) => {
            let parts: Vec<String> = columns
                .iter()
                .map(|column| format!("{} {}", column.name, described(column)))
                .collect();
            format!("struct({})", parts.join(", "))
        }
        StoredKind::Other(name) => name.clone(),
    }
}

fn described(column: &StoredColumn) -> String {
    let null = if column.nullable { ", may be null" } else { "" };
    format!("{}{null}", name(&column.kind))
}
