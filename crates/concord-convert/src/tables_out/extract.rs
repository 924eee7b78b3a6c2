//! Layouts of extracts that are written and that no definition describes: `schemas/sus`.
//!
//! `layout.toml` says what the extract is, where it comes from and how sure it is; `layout.csv` has one row for each column:
//! its header, how it is known, and the canonical field that stands in it.

use std::sync::Arc;

use concord_model::entities::{Entity, Field, PROVENANCE, entity};
use concord_standards::Source;
use concord_standards::layout::Mandation;
use serde::Deserialize;

use super::backwards::{Backwards, Cell, Form, Take};
use super::column::Column;
use crate::as_at;

/// The layout of an extract.
#[derive(Debug, Clone)]
pub struct ExtractLayout {
    /// Its id, as in `sus-apc`.
    pub id: String,
    /// Its title, for people.
    pub title: String,
    /// Where it comes from.
    pub source: String,
    /// How sure it is.
    pub confidence: String,
    columns: Vec<ExtractColumn>,
}

#[derive(Debug, Clone)]
struct ExtractColumn {
    header: Arc<str>,
    known: Known,
    mandation: Mandation,
    holds: Option<Holds>,
}

/// How a column is known.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Known {
    /// By its header.
    Named,
    /// By where it stands.
    Placed,
    /// Not at all; it is left blank.
    Unknown,
}

#[derive(Debug, Clone)]
struct Holds {
    entity: &'static Entity,
    set: Vec<(&'static str, Arc<str>)>,
    row: WhichRow,
    field: &'static Field,
}

/// Which of a record's rows of an entity it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum WhichRow {
    /// The one of this number, from 1.
    Number(usize),
    /// The one that holds on the day by which it is decided who pays.
    OfTheDay,
}

/// Why a layout cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{file}:{line}: {message}")]
pub struct ExtractError {
    /// The file.
    pub file: String,
    /// Line, from 1; 0 for the file as a whole.
    pub line: u64,
    /// What is wrong.
    pub message: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct About {
    id: String,
    title: String,
    source: String,
    confidence: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Row {
    position: usize,
    header: String,
    status: Known,
    mandation: String,
    entity: String,
    set: String,
    number: String,
    field: String,
}

impl ExtractLayout {
    /// Reads the layout in `folder` (such as `sus/apc`) of the definitions.
    ///
    /// # Errors
    /// [`ExtractError`] when a file is not there or wrong.
    pub fn load(source: &dyn Source, folder: &str) -> Result<Self, ExtractError> {
        let open = |name: &str| {
            let file = format!("{folder}/{name}");
            let text = source.read(&file).map(std::borrow::Cow::into_owned);
            match text {
                Ok(text) => Ok((file, text)),
                Err(error) => Err(wrong(&file, 0, error.to_string())),
            }
        };
        let (file, text) = open("layout.toml")?;
        let About {
            id,
            title,
            source: from,
            confidence,
        } = toml::from_str(&text).map_err(|error| wrong(&file, 0, error.to_string()))?;
        let (file, text) = open("layout.csv")?;
        Ok(Self {
            id,
            title,
            source: from,
            confidence,
            columns: columns(&file, &text)?,
        })
    }

    /// How many columns there are: those known by their header, those known by where they stand, and those not known.
    pub fn counts(&self) -> (usize, usize, usize) {
        let count = |known| {
            self.columns
                .iter()
                .filter(|column| column.known == known)
                .count()
        };
        (
            count(Known::Named),
            count(Known::Placed),
            count(Known::Unknown),
        )
    }

    pub(super) fn backwards(&self) -> Backwards {
        let mut takes: Vec<Take> = Vec::new();
        for (number, column) in self.columns.iter().enumerate() {
            let Some(holds) = &column.holds else {
                continue;
            };
            let of_the_day = holds.row == WhichRow::OfTheDay;
            let same = |take: &Take| {
                take.entity.name == holds.entity.name
                    && take.set == holds.set
                    && take.of_the_day == of_the_day
            };
            let take = takes.iter().position(same).unwrap_or_else(|| {
                takes.push(Take {
                    entity: holds.entity,
                    set: holds.set.clone(),
                    of_the_day,
                    seats: Vec::new(),
                    numbers: Vec::new(),
                    within: Vec::new(),
                });
                takes.len() - 1
            });
            let seat = match holds.row {
                WhichRow::Number(number) => number - 1,
                WhichRow::OfTheDay => 0,
            };
            let seats = &mut takes[take].seats;
            if seats.len() <= seat {
                seats.resize_with(seat + 1, Vec::new);
            }
            seats[seat].push(Cell {
                field: holds.field.name,
                kind: holds.field.kind,
                columns: vec![number],
                codes: None,
            });
        }
        let columns = self.columns.iter();
        let columns = columns.map(|column| Column::unchecked(&column.header, column.mandation));
        Backwards {
            columns: columns.collect(),
            form: Form::Delimited {
                delimiter: b',',
                header: true,
            },
            takes,
            each_row: false,
        }
    }
}

fn wrong(file: &str, line: u64, message: String) -> ExtractError {
    ExtractError {
        file: file.to_owned(),
        line,
        message,
    }
}

fn columns(file: &str, text: &str) -> Result<Vec<ExtractColumn>, ExtractError> {
    let mut reader = csv::Reader::from_reader(text.as_bytes());
    let mut columns: Vec<ExtractColumn> = Vec::new();
    for row in reader.deserialize() {
        let line = columns.len() as u64 + 2;
        let row: Row = row.map_err(|error| wrong(file, line, error.to_string()))?;
        let mistake = |message: &str| wrong(file, line, message.to_owned());
        if row.position != columns.len() + 1 {
            return Err(mistake("positions count from 1"));
        }
        if columns.iter().any(|column| *column.header == *row.header) {
            return Err(mistake("the header stands twice"));
        }
        let mandation = Mandation::from_letter(&row.mandation)
            .ok_or_else(|| mistake("the mandation is none of M, R, O, P and X"))?;
        if row.status == Known::Unknown && mandation != Mandation::NotUsed {
            return Err(mistake(
                "what is not known is left blank: its mandation is X",
            ));
        }
        let holds = if row.entity.is_empty() {
            None
        } else {
            let which = WhichRow::read(&row.number);
            let which =
                which.ok_or_else(|| mistake("it must say the number of its row, or `day`"))?;
            let said = holds(&row.entity, &row.set, &row.field, which);
            Some(said.map_err(|message| mistake(&message))?)
        };
        columns.push(ExtractColumn {
            header: row.header.into(),
            known: row.status,
            mandation,
            holds,
        });
    }
    Ok(columns)
}

impl WhichRow {
    fn read(text: &str) -> Option<Self> {
        /// Rows of an entity that a layout may have places for.
        const MOST_ROWS: usize = 1_000;
        if text == "day" {
            return Some(Self::OfTheDay);
        }
        let number = text.parse().ok()?;
        (1..=MOST_ROWS)
            .contains(&number)
            .then_some(Self::Number(number))
    }
}

fn holds(of: &str, set: &str, field: &str, row: WhichRow) -> Result<Holds, String> {
    let of = entity(of).ok_or_else(|| format!("there is no entity `{of}`"))?;
    if row == WhichRow::OfTheDay && !as_at::has_periods(of.name) {
        return Err(format!("rows of {} do not hold for periods", of.name));
    }
    let find = |name: &str| {
        let provenance = || PROVENANCE.iter().find(|field| field.name == name);
        let found = of.field(name).or_else(provenance);
        found.ok_or_else(|| format!("there is no field of {} `{name}`", of.name))
    };
    let mut constants = Vec::new();
    for constant in set.split(';').filter(|constant| !constant.is_empty()) {
        let (name, value) = constant
            .split_once('=')
            .ok_or_else(|| format!("`{constant}` sets nothing"))?;
        constants.push((find(name)?.name, Arc::from(value)));
    }
    Ok(Holds {
        entity: of,
        set: constants,
        row,
        field: find(field)?,
    })
}
