//! What is said of a record when all its messages are known: `[[concluded]]`.

use std::sync::Arc;

use concord_model::entities::{self, Entity, Field};

use super::SetField;
use super::read::set;
use crate::definition::table::{Spot, Table};

/// A row of an entity, or a field of it, that a record has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Said {
    /// The entity.
    pub entity: &'static Entity,
    /// The field; any row will do where there is none.
    pub field: Option<&'static Field>,
}

/// Constants of records of which the messages say certain things and leave others unsaid.
#[derive(Debug, Clone)]
pub struct Concluded {
    /// The entity whose first row says it; the row is made where there is none.
    pub entity: &'static Entity,
    /// What the record must have.
    pub has: Vec<Said>,
    /// What it must not have.
    pub lacks: Vec<Said>,
    /// What a field must say.
    pub says: Vec<(Said, Vec<Arc<str>>)>,
    /// What is said then, in fields that say nothing yet.
    pub set: Vec<SetField>,
}

impl Concluded {
    pub(super) fn read(table: &Table<'_>) -> Option<Self> {
        table.only(
            "what is concluded",
            &["entity", "has", "lacks", "says", "set", "for", "versions"],
        );
        let name = table.required("what is concluded", "entity")?;
        let Some(entity) = entities::entity(name.text) else {
            let known = entities::ENTITIES.iter().map(|entity| entity.name);
            table.reading.unknown(&name, "entity", known);
            return None;
        };
        let set = set(table, entity);
        if set.is_empty() {
            let message = "what is concluded must `set` something".to_owned();
            table.reading.error(table.head(), message);
        }
        let said = |key: &str| {
            let spots = table.texts(key).unwrap_or_default();
            spots.iter().filter_map(|spot| said(table, spot)).collect()
        };
        let mut says = Vec::new();
        if let Some(table) = table.has("says").then(|| table.table("says")).flatten() {
            for (key, _) in table.entries {
                let spot = Spot {
                    text: key.get_ref().as_ref(),
                    span: key.span(),
                };
                let values = table.texts(spot.text).unwrap_or_default();
                let values = values.iter().map(|value| Arc::from(value.text)).collect();
                says.extend(self::said(&table, &spot).map(|said| (said, values)));
            }
        }
        Some(Self {
            entity,
            has: said("has"),
            lacks: said("lacks"),
            says,
            set,
        })
    }
}

/// `entity`, or `entity.field`.
fn said(table: &Table<'_>, spot: &Spot<'_>) -> Option<Said> {
    let (name, field) = match spot.text.split_once('.') {
        Some((name, field)) => (name, Some(field)),
        None => (spot.text, None),
    };
    let Some(entity) = entities::entity(name) else {
        let known = entities::ENTITIES.iter().map(|entity| entity.name);
        table.reading.unknown(spot, "entity", known);
        return None;
    };
    let Some(field) = field else {
        return Some(Said {
            entity,
            field: None,
        });
    };
    let found = entity.field(field);
    if found.is_none() {
        let what = format!("field of {}", entity.name);
        let known = entity.fields.iter().map(|field| field.name);
        table.reading.unknown(spot, &what, known);
    }
    found.map(|field| Said {
        entity,
        field: Some(field),
    })
}
