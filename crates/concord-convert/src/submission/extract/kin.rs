//! The rows that rows lead to.
//!
//! Of tables that others lead to, the columns stay in memory that somebody asks for, and a hash of each key: a few dozen bytes for
//! each row of them.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::hash::{BuildHasher, RandomState};

use concord_standards::submission::{Link, Submission};

use super::stored::Stored;
use crate::lake::LakeError;

/// Rows that others lead to.
pub(super) struct Kin<'s> {
    submission: &'s Submission,
    hasher: RandomState,
    kept: BTreeMap<usize, Kept>,
}

/// What is kept of a table.
#[derive(Default)]
struct Kept {
    columns: BTreeMap<usize, Texts>,
    /// The first row of each key, by the columns of the key.
    first: BTreeMap<Vec<usize>, HashMap<u64, u32>>,
}

/// The texts of a column, one behind another; an absent one is empty.
#[derive(Default)]
struct Texts {
    text: String,
    ends: Vec<usize>,
}

impl Texts {
    fn push(&mut self, text: &str) {
        self.text.push_str(text);
        self.ends.push(self.text.len());
    }

    fn get(&self, row: u32) -> &str {
        let row = row as usize;
        let start = row.checked_sub(1).map_or(0, |before| self.ends[before]);
        self.ends.get(row).map_or("", |end| &self.text[start..*end])
    }
}

/// What is wanted of rows that others lead to.
#[derive(Default)]
pub(super) struct Wanted {
    columns: BTreeMap<usize, BTreeSet<usize>>,
    keys: BTreeMap<usize, BTreeSet<Vec<usize>>>,
}

impl Wanted {
    /// Asks for the row at the end of a way from a table, and for a column of it.
    pub(super) fn add(
        &mut self,
        submission: &Submission,
        from: usize,
        path: &[usize],
        column: Option<usize>,
    ) {
        let mut table = from;
        for (step, link) in path.iter().enumerate() {
            let link = &submission.tables[table].links[*link];
            if step > 0 {
                let own = link.columns.iter().map(|(own, _)| *own);
                self.columns.entry(table).or_default().extend(own);
            }
            table = link.table;
            let key = key_of(link);
            self.columns.entry(table).or_default().extend(&key);
            self.keys.entry(table).or_default().insert(key);
        }
        if let Some(column) = column.filter(|_| !path.is_empty()) {
            self.columns.entry(table).or_default().insert(column);
        }
    }
}

fn key_of(link: &Link) -> Vec<usize> {
    link.columns.iter().map(|(_, theirs)| *theirs).collect()
}

impl<'s> Kin<'s> {
    /// Reads what is wanted.
    pub(super) fn read(
        submission: &'s Submission,
        stored: &Stored,
        wanted: &Wanted,
    ) -> Result<Self, LakeError> {
        let mut kin = Self {
            submission,
            hasher: RandomState::new(),
            kept: BTreeMap::new(),
        };
        for (table, columns) in &wanted.columns {
            let columns: Vec<usize> = columns.iter().copied().collect();
            let mut texts: Vec<Texts> = columns.iter().map(|_| Texts::default()).collect();
            stored.each(*table, &columns, &mut |rows| {
                for row in 0..rows.rows() {
                    for (place, texts) in texts.iter_mut().enumerate() {
                        texts.push(rows.text(row, place).unwrap_or_default());
                    }
                }
                Ok(())
            })?;
            let rows = texts.first().map_or(0, |texts| texts.ends.len() as u32);
            let mut kept = Kept {
                columns: columns.into_iter().zip(texts).collect(),
                ..Kept::default()
            };
            for key in wanted.keys.get(table).into_iter().flatten() {
                let mut first = HashMap::with_capacity(rows as usize);
                for row in 0..rows {
                    let cell = |column: usize| kept.text(column, row);
                    if let Some(hash) = kin.hash(key.iter().map(|column| cell(*column))) {
                        first.entry(hash).or_insert(row);
                    }
                }
                kept.first.insert(key.clone(), first);
            }
            kin.kept.insert(*table, kept);
        }
        Ok(kin)
    }

    /// The hash of a key; `None` when a part of it is absent.
    fn hash<'t>(&self, key: impl Iterator<Item = &'t str>) -> Option<u64> {
        let key: Vec<&str> = key.collect();
        let whole = key.iter().all(|part| !part.is_empty());
        whole.then(|| self.hasher.hash_one(&key))
    }

    /// The row at the end of a way from a row of a table, whose cells `cell` gives.
    pub(super) fn up<'t>(
        &'t self,
        from: usize,
        path: &[usize],
        cell: impl Fn(usize) -> &'t str,
    ) -> Option<u32> {
        let (mut table, mut row) = (from, None);
        for link in path {
            let link = &self.submission.tables[table].links[*link];
            let key: Vec<&str> = link
                .columns
                .iter()
                .map(|(own, _)| match row {
                    None => cell(*own),
                    Some(row) => self.text(table, *own, row),
                })
                .collect();
            let hash = self.hash(key.iter().copied())?;
            let theirs = key_of(link);
            let kept = self.kept.get(&link.table)?;
            let found = *kept.first.get(&theirs)?.get(&hash)?;
            let mut same = theirs.iter().zip(&key);
            if !same.all(|(column, text)| kept.text(*column, found) == *text) {
                return None;
            }
            (table, row) = (link.table, Some(found));
        }
        row
    }

    /// The text of a column of a kept row; empty when it is absent.
    pub(super) fn text(&self, table: usize, column: usize, row: u32) -> &str {
        let kept = self.kept.get(&table);
        kept.map_or("", |kept| kept.text(column, row))
    }
}

impl Kept {
    fn text(&self, column: usize, row: u32) -> &str {
        self.columns.get(&column).map_or("", |texts| texts.get(row))
    }
}
