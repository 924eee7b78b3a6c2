//! Rows that name rows of other tables: what was ever sent of those.

use std::collections::{BTreeMap, HashSet};
use std::sync::Arc;

use concord_standards::layout::TableLayout;

use crate::error::Error;
use crate::extract::{Reference, System};
use crate::key::KeyHash;
use crate::rows::Row;
use crate::rule::ExtractRule;
use crate::store::Store;

/// The keys of rows that others name. They are held in memory: 16 bytes and some for each person and each code.
#[derive(Debug)]
pub(crate) struct Known {
    tables: BTreeMap<String, HashSet<u128>>,
    /// Tables of which not all is known that ever came, and since when.
    unsure: BTreeMap<String, String>,
}

/// A cell that names a row that was never sent.
pub(crate) struct Orphan {
    pub(crate) rule: ExtractRule,
    pub(crate) cell: usize,
    pub(crate) column: Arc<str>,
    pub(crate) reason: String,
}

/// What a file's columns name.
#[derive(Debug)]
pub(crate) struct Named {
    /// The table whose key the file has, and where it stands.
    own: Option<(String, usize)>,
    /// Columns that name rows of other tables.
    others: Vec<Naming>,
}

#[derive(Debug)]
struct Naming {
    cell: usize,
    column: Arc<str>,
    table: String,
    title: String,
    none: Vec<String>,
    codes: bool,
}

impl Named {
    /// What the columns of a file of a table name.
    pub(crate) fn new(system: &System, table: &TableLayout, columns: &[String]) -> Self {
        let references = &system.description.references;
        let place = |wanted: &str| columns.iter().position(|column| column == wanted);
        let is_target = references
            .iter()
            .any(|reference| *reference.table == *table.name);
        let own = is_target
            .then(|| place(system.key(table).first()?))
            .flatten()
            .map(|cell| (table.name.to_string(), cell));
        let names = |reference: &&Reference| {
            let within = &reference.within;
            *reference.table != *table.name
                && (within.is_empty() || within.iter().any(|known| **known == *table.name))
        };
        let mut others = Vec::new();
        for reference in references.iter().filter(names) {
            let title = system.layout.table(&reference.table);
            for column in &reference.columns {
                others.extend(place(column).map(|cell| Naming {
                    cell,
                    column: column.as_str().into(),
                    table: reference.table.clone(),
                    title: title.map_or_else(String::new, |table| table.title.clone()),
                    none: reference.none.clone(),
                    codes: reference.codes,
                }));
            }
        }
        Self { own, others }
    }
}

impl Known {
    pub(crate) fn new(system: &System) -> Self {
        let references = system.description.references.iter();
        Self {
            tables: references
                .map(|reference| (reference.table.clone(), HashSet::new()))
                .collect(),
            unsure: BTreeMap::new(),
        }
    }

    /// Takes what a store holds.
    pub(crate) fn take_store(&mut self, system: &System, store: &Store) -> Result<(), Error> {
        for (table, keys) in &mut self.tables {
            let Some(layout) = system.layout.table(table) else {
                continue;
            };
            if let Some(column) = system.key(layout).first() {
                store.each_ever(table, column, |text| {
                    keys.insert(hash(text));
                })?;
            }
        }
        Ok(())
    }

    /// Whether rows of a table are named by others.
    pub(crate) fn is_target(&self, table: &str) -> bool {
        self.tables.contains_key(table)
    }

    /// The tables that others name.
    pub(crate) fn targets(&self) -> Vec<String> {
        self.tables.keys().cloned().collect()
    }

    /// Notes that a table has rows that are not known.
    pub(crate) fn doubt(&mut self, table: &str, why: &str) {
        if self.is_target(table) {
            let known = self.unsure.entry(table.to_owned());
            known.or_insert_with(|| why.to_owned());
        }
    }

    /// Tables of which not all is known, and why.
    pub(crate) fn doubts(&self) -> impl Iterator<Item = (&str, &str)> {
        let unsure = self.unsure.iter();
        unsure.map(|(table, why)| (table.as_str(), why.as_str()))
    }

    /// Takes a row, and gives the cells of it that name rows that were never sent. A row that is withdrawn need not name any.
    pub(crate) fn row(&mut self, named: &Named, row: &Row<'_>, removed: bool) -> Vec<Orphan> {
        if let Some((table, cell)) = &named.own
            && let Some(keys) = self.tables.get_mut(table)
        {
            keys.insert(hash(&row.text(*cell)));
        }
        let mut orphans = Vec::new();
        for naming in named.others.iter().filter(|_| !removed) {
            let text = row.text(naming.cell);
            let text = text.trim();
            let known = self.tables.get(&naming.table);
            if text.is_empty()
                || naming.none.iter().any(|none| none == text)
                || self.unsure.contains_key(&naming.table)
                || known.is_none_or(|known| known.contains(&hash(text)))
            {
                continue;
            }
            let (column, title) = (&naming.column, &naming.title);
            let (rule, reason) = if naming.codes {
                (
                    ExtractRule::Code,
                    format!("the code in {column} is not in {title}"),
                )
            } else {
                (
                    ExtractRule::Reference,
                    format!("{column} names a row that {title} never had"),
                )
            };
            orphans.push(Orphan {
                rule,
                cell: naming.cell,
                column: Arc::clone(column),
                reason,
            });
        }
        orphans
    }
}

fn hash(text: &str) -> u128 {
    KeyHash::default().with(text).finish()
}
