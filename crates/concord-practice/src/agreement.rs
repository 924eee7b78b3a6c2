//! Organisations that have disabled their agreement: what the store has of them stays, and nothing that is sent of them is taken.

use std::collections::{BTreeMap, BTreeSet, HashSet};

use concord_standards::layout::TableLayout;

use crate::batch::Batch;
use crate::error::{Error, ErrorKind};
use crate::extract::{Agreement, System};
use crate::key::KeyHash;
use crate::rows::{self, Row};
use crate::store::Store;

/// Organisations of which nothing is taken.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Held {
    organisations: BTreeSet<u128>,
    /// What they are called, in their order.
    pub(crate) names: Vec<String>,
}

impl Held {
    pub(crate) fn of(names: Vec<String>) -> Self {
        Self {
            organisations: names.iter().map(|name| hash(name)).collect(),
            names,
        }
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.names.is_empty()
    }

    /// Whether an organisation is one of them.
    pub(crate) fn has(&self, organisation: u128) -> bool {
        self.organisations.contains(&organisation)
    }
}

/// An organisation, however its GUID is written.
pub(crate) fn hash(organisation: &str) -> u128 {
    KeyHash::default().with(organisation).finish()
}

/// The names of organisations that a batch itself says to have disabled their agreement.
pub(crate) fn told<'h>(held: &'h Held, before: &Said) -> impl Iterator<Item = &'h str> {
    let already = |name: &&String| {
        before
            .get(&hash(name))
            .is_some_and(|(_, disabled)| *disabled)
    };
    let new: Vec<&str> = held
        .names
        .iter()
        .filter(|name| !already(name))
        .map(String::as_str)
        .collect();
    new.into_iter()
}

/// The column of a table that says whose a row is, where organisations can be held. The table of agreements itself is always taken.
pub(crate) fn column<'s>(system: &'s System, table: &str) -> Option<&'s str> {
    let agreement = system.description.agreement.as_ref()?;
    let column = agreement.organisation.as_deref()?;
    let layout = system.layout.table(table)?;
    layout.field(column).map(|_| column)
}

/// What organisations say, by what they are: their names, and whether they have disabled their agreement.
pub(crate) type Said = BTreeMap<u128, (String, bool)>;

/// What the organisations of a store have said.
pub(crate) fn said(store: &Store, system: &System) -> Result<Said, Error> {
    let mut said = Said::new();
    if let Some(agreement) = &system.description.agreement
        && let Some(column) = &agreement.organisation
    {
        store.each(system, &agreement.table, |row| {
            let text = |wanted: &str| {
                let cell = row.iter().find(|(name, _)| *name == wanted);
                cell.map_or("", |(_, text)| *text)
            };
            let disabled = says(&agreement.disabled, text(&agreement.column));
            let name = text(column);
            said.insert(hash(name), (name.trim().to_owned(), disabled));
        })?;
    }
    Ok(said)
}

/// The organisations that have disabled their agreement, by what they said before and what the batch says, which is added to it.
///
/// # Errors
/// [`ErrorKind::Stopped`] when all have, or when it is not said which organisation has.
pub(crate) fn held(said: &mut Said, system: &System, batch: &Batch) -> Result<Held, Error> {
    let Some(agreement) = &system.description.agreement else {
        return Ok(Held::default());
    };
    let (Some(table), Some(input)) = (
        system.layout.table(&agreement.table),
        batch.file(&agreement.table),
    ) else {
        return Ok(of(said));
    };
    let mut rows = Agreements::new(system, agreement, table);
    rows::read(input, |row| {
        rows.row(row, said);
        Ok(())
    })?;
    let nobody_goes_on = !said.is_empty() && said.values().all(|(_, disabled)| *disabled);
    if rows.nameless > 0 || nobody_goes_on {
        return Err(ErrorKind::Stopped {
            batch: batch.name(),
            rows: rows.disabled.max(1),
            file: input.name().to_string(),
        }
        .into());
    }
    Ok(of(said))
}

fn of(said: &Said) -> Held {
    let disabled = said.values().filter(|(_, disabled)| *disabled);
    let mut names: Vec<String> = disabled.map(|(name, _)| name.clone()).collect();
    names.sort_unstable();
    Held::of(names)
}

fn says(words: &[String], text: &str) -> bool {
    words
        .iter()
        .any(|word| word.eq_ignore_ascii_case(text.trim()))
}

/// The rows of the table of agreements.
struct Agreements<'s> {
    system: &'s System,
    agreement: &'s Agreement,
    table: &'s TableLayout,
    /// Where the columns stand: what is disabled, the organisation, what withdraws a row.
    places: Option<[Option<usize>; 3]>,
    /// Rows that say that an agreement is disabled, and those of them that do not say whose.
    disabled: u64,
    nameless: u64,
}

impl<'s> Agreements<'s> {
    fn new(system: &'s System, agreement: &'s Agreement, table: &'s TableLayout) -> Self {
        Self {
            system,
            agreement,
            table,
            places: None,
            disabled: 0,
            nameless: 0,
        }
    }

    fn row(&mut self, row: &Row<'_>, said: &mut Said) {
        let Some(places) = self.places else {
            let header: Vec<String> = (0..row.len())
                .map(|cell| row.text(cell).trim().to_owned())
                .collect();
            let columns = self.system.columns(self.table, &header);
            let place = |wanted: &str| columns.iter().position(|column| column == wanted);
            let organisation = self.agreement.organisation.as_deref();
            self.places = Some([
                place(&self.agreement.column),
                organisation.and_then(place),
                place(&self.system.description.removal.column),
            ]);
            return;
        };
        let text = |place: Option<usize>| {
            place.map_or_else(String::new, |place| row.text(place).trim().to_owned())
        };
        let [disabled, organisation, removal] = places.map(text);
        let disabled = says(&self.agreement.disabled, &disabled);
        self.disabled += u64::from(disabled);
        if organisation.is_empty() {
            self.nameless += u64::from(disabled);
        } else if says(&self.system.description.removal.removed, &removal) {
            said.remove(&hash(&organisation));
        } else {
            said.insert(hash(&organisation), (organisation, disabled));
        }
    }
}

/// Tells which rows of a file are not taken.
pub(crate) struct Holding<'h> {
    held: &'h Held,
    /// The column that says whose a row is.
    organisation: usize,
    /// Places of the columns that identify a row.
    key: Vec<usize>,
    /// The keys of the rows that the store has of those organisations: one that is withdrawn need not say whose it is.
    known: Option<HashSet<u128>>,
}

impl<'h> Holding<'h> {
    /// For a file with these columns; none where nothing of it is held.
    pub(crate) fn new(
        held: &'h Held,
        system: &System,
        table: &TableLayout,
        columns: &[String],
    ) -> Option<Self> {
        let agreement = system.description.agreement.as_ref()?;
        if held.is_empty() || *agreement.table == *table.name {
            return None;
        }
        let place = |wanted: &str| columns.iter().position(|column| column == wanted);
        Some(Self {
            held,
            organisation: place(column(system, &table.name)?)?,
            key: system.key(table).into_iter().filter_map(place).collect(),
            known: None,
        })
    }

    /// Whether a row is not taken.
    pub(crate) fn holds(
        &mut self,
        row: &Row<'_>,
        removed: bool,
        (store, system, table): (&Store, &System, &str),
    ) -> Result<bool, Error> {
        let organisation = row.text(self.organisation);
        if !organisation.trim().is_empty() {
            return Ok(self.held.has(hash(&organisation)));
        }
        if !removed {
            return Ok(false);
        }
        let known = match &mut self.known {
            Some(known) => known,
            none => none.insert(keys(store, system, table, self.held)?),
        };
        let mut key = KeyHash::default();
        for place in &self.key {
            key = key.with(&row.text(*place));
        }
        Ok(known.contains(&key.finish()))
    }
}

/// The keys of the rows that a store has of some organisations.
fn keys(store: &Store, system: &System, table: &str, held: &Held) -> Result<HashSet<u128>, Error> {
    let mut found = HashSet::new();
    let (Some(layout), Some(column)) = (system.layout.table(table), column(system, table)) else {
        return Ok(found);
    };
    let columns = system.key(layout);
    store.each(system, table, |row| {
        let text = |wanted: &str| {
            let cell = row.iter().find(|(name, _)| *name == wanted);
            cell.map_or("", |(_, text)| *text)
        };
        if held.has(hash(text(column))) {
            let mut key = KeyHash::default();
            for column in &columns {
                key = key.with(text(column));
            }
            found.insert(key.finish());
        }
    })?;
    Ok(found)
}
