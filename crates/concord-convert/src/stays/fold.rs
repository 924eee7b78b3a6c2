//! One record made of messages, which come in the order in which things happened.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use concord_finding::Effect;
use concord_model::entities::{Area, ENTITIES};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::places::Places;
use super::{Words, conclude, staged};
use crate::conversion::EMPTIED;

/// Most messages that one record is made of. A stay of more is several records.
const MOST_MESSAGES: usize = 100_000;

pub(super) const EVENT: &str = "patient_event";
pub(super) const PLACE: &str = "location_stay";
pub(super) const SPELL: &str = "hospital_spell";
pub(super) const EPISODE: &str = "episode";

/// What a message told.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(super) struct Told {
    /// Number of the input.
    pub(super) input: usize,
    /// Number of the message in it, from 1.
    pub(super) record: i64,
    pub(super) standard: String,
    pub(super) file: String,
    pub(super) interchange: Option<String>,
    /// The gravest effect found on it.
    pub(super) effect: Option<String>,
    pub(super) rows: Vec<ToldRow>,
}

/// A row that a message told.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct ToldRow {
    /// Number of the entity.
    pub(super) entity: usize,
    /// Texts by number of the field.
    pub(super) values: Vec<(usize, String)>,
}

impl Told {
    /// What the first row of an entity says in a field.
    pub(super) fn first(&self, entity: usize, field: usize) -> Option<&str> {
        let row = self.rows.iter().find(|row| row.entity == entity)?;
        let value = row.values.iter().find(|(number, _)| *number == field)?;
        Some(&value.1)
    }
}

/// The number of an entity of the model.
pub(super) fn entity_number(name: &str) -> Option<usize> {
    ENTITIES.iter().position(|entity| entity.name == name)
}

/// The number of a field of an entity.
pub(super) fn field_number(entity: &str, field: &str) -> Option<usize> {
    concord_model::entities::entity(entity)?.field_number(field)
}

/// A row of a record that is being made: texts by number of the field.
pub(super) type Values = BTreeMap<usize, String>;

/// The rows of a record by number of the entity.
#[derive(Debug, Clone, Default)]
pub(super) struct Rows(pub(super) BTreeMap<usize, Vec<Values>>);

impl Rows {
    /// What the first row of an entity says in a field.
    pub(super) fn said(&self, entity: &str, field: &str) -> Option<&str> {
        let row = self.0.get(&entity_number(entity)?)?.first()?;
        row.get(&field_number(entity, field)?).map(String::as_str)
    }

    pub(super) fn has(&self, entity: &str) -> bool {
        entity_number(entity)
            .is_some_and(|entity| self.0.get(&entity).is_some_and(|rows| !rows.is_empty()))
    }

    fn empty(&mut self, entity: &str, fields: &[&str]) {
        let rows = entity_number(entity).and_then(|entity| self.0.get_mut(&entity));
        for row in rows.into_iter().flatten() {
            for number in fields
                .iter()
                .filter_map(|field| field_number(entity, field))
            {
                row.remove(&number);
            }
        }
    }

    /// Lets the first row say what a message says of it.
    fn change(&mut self, entity: usize, number: usize, values: &[(usize, String)]) {
        let rows = self.0.entry(entity).or_default();
        if rows.len() <= number {
            rows.resize(number + 1, Values::new());
        }
        change(&mut rows[number], values);
    }
}

/// Lets a row say what a message says of it: what is emptied goes.
pub(super) fn change(row: &mut Values, values: &[(usize, String)]) {
    for (field, text) in values {
        if text == EMPTIED {
            row.remove(field);
        } else {
            row.insert(*field, text.clone());
        }
    }
}

/// A record, made of all its messages.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Stay {
    pub(super) input: usize,
    pub(super) record: i64,
    pub(super) standard: String,
    pub(super) file: String,
    pub(super) interchange: Option<String>,
    pub(super) effect: Option<String>,
    /// The rows: number of the entity, and texts by number of the field.
    pub(super) rows: Vec<(usize, Vec<(usize, String)>)>,
}

/// A record that is being made.
#[derive(Debug)]
pub(super) struct Folding {
    words: Arc<Words>,
    rows: Rows,
    places: Places,
    messages: usize,
    /// What the messages said, in brief: one that says all the same again, its own number included, was sent twice.
    seen: BTreeSet<[u8; 32]>,
    /// Where the last message stood.
    last: Option<Told>,
    effect: Option<Effect>,
}

impl Folding {
    pub(super) fn new(words: Arc<Words>) -> Self {
        Self {
            words,
            rows: Rows::default(),
            places: Places::default(),
            messages: 0,
            seen: BTreeSet::new(),
            last: None,
            effect: None,
        }
    }

    /// Whether it takes no more messages.
    pub(super) fn is_full(&self) -> bool {
        self.messages >= MOST_MESSAGES
    }

    /// Takes the next message.
    pub(super) fn take(&mut self, told: Told) {
        self.messages += 1;
        let effect = told.effect.as_deref().and_then(|text| text.parse().ok());
        self.effect = self.effect.max(effect);
        if self
            .seen
            .insert(Sha256::digest(staged::written(&told.rows)).into())
        {
            self.follow(&told);
        }
        self.event(&told);
        self.last = Some(Told {
            rows: Vec::new(),
            ..told
        });
    }

    /// Follows what a message says that has not been said.
    fn follow(&mut self, told: &Told) {
        let event = said(told, EVENT, "event").unwrap_or_default().to_owned();
        let never = matches!(
            event.as_str(),
            "admission-cancelled" | "expectation-cancelled"
        );
        if never {
            self.rows.0.retain(|entity, _| is_of_patient(*entity));
            self.places = Places::default();
        }
        self.values(told, never);
        self.places.take(&event, told, self.rows.has(SPELL));
        if event == "discharge-cancelled" {
            self.stay_goes_on();
        }
    }

    /// Takes what a message says of the patient and, unless there never was one, of the stay.
    fn values(&mut self, told: &Told, never: bool) {
        let mut replaced = BTreeSet::new();
        let mut counts: BTreeMap<usize, usize> = BTreeMap::new();
        for row in &told.rows {
            let name = ENTITIES.get(row.entity).map_or("", |entity| entity.name);
            let apart = name == EVENT || name == PLACE;
            if apart || (never && !is_of_patient(row.entity)) {
                continue;
            }
            if self.words.replaced.contains(&row.entity) && replaced.insert(row.entity) {
                self.rows.0.remove(&row.entity);
            }
            let number = counts.entry(row.entity).or_default();
            self.rows.change(row.entity, *number, &row.values);
            *number += 1;
        }
    }

    /// Nobody has left: what was said of it holds no more.
    fn stay_goes_on(&mut self) {
        self.rows.empty(
            SPELL,
            &[
                "discharge_date_hospital_provider_spell",
                "discharge_time_hospital_provider_spell",
                "destination_of_discharge_hospital_provider_spell",
                "method_of_discharge_hospital_provider_spell",
            ],
        );
        self.rows
            .empty(EPISODE, &["end_date_episode", "end_time_episode"]);
        self.rows.empty(
            "emergency_attendance",
            &[
                "emergency_care_departure_date",
                "emergency_care_departure_time",
            ],
        );
    }

    /// Adds the row of a message itself.
    fn event(&mut self, told: &Told) {
        let Some(entity) = entity_number(EVENT) else {
            return;
        };
        let mut row = Values::new();
        if let Some(said) = told.rows.iter().find(|row| row.entity == entity) {
            change(&mut row, &said.values);
        }
        let place = [
            ("message_file", told.file.clone()),
            ("message_number", told.record.to_string()),
        ];
        for (field, text) in place {
            if let Some(field) = field_number(EVENT, field) {
                row.insert(field, text);
            }
        }
        self.rows.0.entry(entity).or_default().push(row);
    }

    /// The record, when all messages have been taken; `None` when there was none.
    pub(super) fn finish(mut self) -> Option<Stay> {
        let last = self.last?;
        self.places.finish(&mut self.rows);
        for rows in self.rows.0.values_mut() {
            rows.retain(|row| !row.is_empty());
        }
        self.rows.0.retain(|_, rows| !rows.is_empty());
        conclude::conclude(&self.words.concluded, &mut self.rows);
        let rows = self.rows.0.into_iter().flat_map(|(entity, rows)| {
            rows.into_iter()
                .map(move |row| (entity, row.into_iter().collect()))
        });
        Some(Stay {
            input: last.input,
            record: last.record,
            standard: last.standard,
            file: last.file,
            interchange: last.interchange,
            effect: self.effect.map(|effect| effect.as_str().to_owned()),
            rows: rows.collect(),
        })
    }
}

/// What the first row of an entity says in a field, unless it empties it.
pub(super) fn said<'t>(told: &'t Told, entity: &str, field: &str) -> Option<&'t str> {
    let text = told.first(entity_number(entity)?, field_number(entity, field)?);
    text.filter(|text| *text != EMPTIED)
}

/// Whether an entity says something of the patient, whatever became of the stay.
fn is_of_patient(entity: usize) -> bool {
    ENTITIES
        .get(entity)
        .is_some_and(|entity| entity.area == Area::People || entity.name == EVENT)
}
