//! When a row or a value of a mapping is there: `when = { "PV1.2" = ["I", "E"] }`, `unless = …`.

use std::sync::Arc;

use toml::Spanned;
use toml::de::DeValue;

use super::ElementReference;
use super::read::reference;
use crate::definition::table::{Spot, Table};

/// The value that stands for anything at all.
pub const ANYTHING: &str = "*";

/// An element that says one of some values.
#[derive(Debug, Clone)]
pub struct Condition {
    /// The element, seen from the row.
    pub element: ElementReference,
    /// The values, [`ANYTHING`] among them if it is enough that it is there.
    pub values: Vec<Arc<str>>,
}

/// Where a reference stands does not make it another condition.
impl PartialEq for Condition {
    fn eq(&self, other: &Self) -> bool {
        self.element.text == other.element.text && self.values == other.values
    }
}

impl Eq for Condition {}

/// Conditions of which some must hold, and others must not. Of each there are alternatives: one whose conditions all hold
/// is enough.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Conditions {
    /// What must hold; nothing must when there are no alternatives.
    pub when: Vec<Vec<Condition>>,
    /// What must not.
    pub unless: Vec<Vec<Condition>>,
}

impl Conditions {
    /// Whether nothing is asked.
    pub fn is_empty(&self) -> bool {
        self.when.is_empty() && self.unless.is_empty()
    }

    /// All of them, whether they must hold or not.
    pub fn all(&self) -> impl Iterator<Item = &Condition> {
        self.when.iter().chain(&self.unless).flatten()
    }

    /// Reads the conditions of a row or a field.
    pub(super) fn read(table: &Table<'_>, shared: bool) -> Self {
        Self {
            when: alternatives(table, "when", shared),
            unless: alternatives(table, "unless", shared),
        }
    }
}

/// When of a day, which is written whole, less is known: `year = { PRECISION = "Y" }`, `month = …`. Of each there are
/// alternatives, as in [`Conditions`].
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct KnownTo {
    /// When only the year is known.
    pub year: Vec<Vec<Condition>>,
    /// When only the year and the month are known.
    pub month: Vec<Vec<Condition>>,
}

impl KnownTo {
    /// Whether days are known as they are written.
    pub fn is_day(&self) -> bool {
        self.year.is_empty() && self.month.is_empty()
    }

    /// All of the conditions.
    pub fn all(&self) -> impl Iterator<Item = &Condition> {
        self.year.iter().chain(&self.month).flatten()
    }

    /// Reads them of a field.
    pub(super) fn read(table: &Table<'_>, shared: bool) -> Self {
        Self {
            year: alternatives(table, "year", shared),
            month: alternatives(table, "month", shared),
        }
    }
}

fn alternatives(table: &Table<'_>, key: &str, shared: bool) -> Vec<Vec<Condition>> {
    let tables = match table.value(key).map(Spanned::get_ref) {
        None => return Vec::new(),
        Some(DeValue::Array(_)) => table.tables(key),
        Some(_) => table.table(key).into_iter().collect(),
    };
    let read = tables.iter().map(|said| {
        let mut conditions = Vec::new();
        for (key, _) in said.entries {
            let name = key.get_ref().as_ref();
            let spot = Spot {
                text: name,
                span: key.span(),
            };
            let values = said.texts(name).unwrap_or_default();
            let values: Vec<Arc<str>> = values.iter().map(|value| value.text.into()).collect();
            if values.is_empty() {
                said.error(name, format!("`{name}` must say a value"));
            }
            let element = reference(said.reading, &spot, shared);
            conditions.extend(element.map(|element| Condition { element, values }));
        }
        if conditions.is_empty() {
            table.error(key, format!("`{key}` must name an element and its values"));
        }
        conditions
    });
    read.collect()
}
