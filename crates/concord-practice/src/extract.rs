//! What an `extract.toml` says of a system: how its files are named and put together, and what they mean to what came before.

use std::collections::BTreeMap;
use std::sync::Arc;

use concord_standards::definition::StandardInfo;
use concord_standards::layout::{HeaderUse, Layout, TableLayout, normalised_header};
use concord_standards::registry::Registry;
use regex::{Captures, Regex};
use serde::Deserialize;

use crate::error::{Error, ErrorKind};

/// The file in the folder of a standard's id, which its versions share.
const FILE: &str = "extract.toml";

/// The keys of tables that have none of their own.
const DEFAULT: &str = "default";

/// What an `extract.toml` says.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Description {
    /// A regular expression of paths of files. Its groups: `table`; `stamp` (when the batch was made, as text that sorts); `sender`
    /// (an agreement, a practice); `first` and `last` (numbers of what it covers); `kind`; `folder`.
    pub(crate) file_name: String,
    /// Tables that every batch must have.
    #[serde(default)]
    pub(crate) required: Vec<String>,
    /// Columns that identify a row, by table, or under `default`: those of them that a table has.
    pub(crate) keys: BTreeMap<String, Vec<String>>,
    /// How a row says that it is withdrawn.
    pub(crate) removal: Removal,
    /// The table of people, where a row that is withdrawn takes everything of that person with it.
    pub(crate) person: Option<Person>,
    /// The table that says whether the feed goes on.
    pub(crate) agreement: Option<Agreement>,
    /// The file that says what each file of the batch is.
    pub(crate) manifest: Option<Manifest>,
    /// How a bulk is told where no manifest says it.
    pub(crate) bulk: Option<Bulk>,
    /// Columns that name rows of another table.
    #[serde(default, rename = "reference")]
    pub(crate) references: Vec<Reference>,
}

/// Columns that name rows of another table.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Reference {
    /// The table, whose key is one column.
    pub(crate) table: String,
    /// The columns that name a row of it.
    pub(crate) columns: Vec<String>,
    /// The tables that have them; every other one when none is named.
    #[serde(default)]
    pub(crate) within: Vec<String>,
    /// What a column says where it names none, beside nothing at all.
    #[serde(default)]
    pub(crate) none: Vec<String>,
    /// Whether they are codes, and the table says what these mean.
    #[serde(default)]
    pub(crate) codes: bool,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Removal {
    /// The column; a table without it withdraws nothing.
    pub(crate) column: String,
    /// What it says of rows that are withdrawn, in any case.
    pub(crate) removed: Vec<String>,
    /// What it says of others.
    pub(crate) kept: Vec<String>,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Person {
    pub(crate) table: String,
    /// The column that says whose a row is, in that table and in others.
    pub(crate) column: String,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Agreement {
    pub(crate) table: String,
    pub(crate) column: String,
    /// What it says where nothing may be taken any more.
    pub(crate) disabled: Vec<String>,
    /// The column that says which organisation a row is of, in that table and in others. Without it one that is disabled stops all.
    pub(crate) organisation: Option<String>,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Manifest {
    pub(crate) table: String,
    /// The column with names of files without `.csv`.
    pub(crate) file: String,
    /// The column that says whether a file holds only what changed.
    pub(crate) delta: String,
    /// What it says then.
    pub(crate) is_delta: Vec<String>,
    /// What it says of a file that takes the place of all that came before.
    pub(crate) is_whole: Vec<String>,
    /// The column with the moment from which on changes are in it.
    pub(crate) from: String,
    /// The column with the moment up to which they are.
    pub(crate) to: String,
    /// Tables that it does not list.
    #[serde(default)]
    pub(crate) unlisted: Vec<String>,
}

/// How a bulk is told.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Bulk {
    /// By what the `kind` in names of files is.
    #[serde(default)]
    pub(crate) kinds: Vec<String>,
    /// By its rows.
    pub(crate) inferred: Option<Inferred>,
}

/// A bulk withdraws no person and no event, each event's person is in it, and it is not small.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Inferred {
    /// The table of events; that of people is [`Description::person`].
    pub(crate) events: String,
    pub(crate) least_people: u64,
    pub(crate) least_events: u64,
}

/// A practice system: its tables, and what its batches are.
#[derive(Debug)]
pub struct System {
    id: Arc<str>,
    /// Its standard with the version that has the tables.
    standard: Arc<str>,
    title: String,
    pub(crate) description: Description,
    pub(crate) pattern: Regex,
    pub(crate) layout: Layout,
}

impl System {
    /// Every system that is described.
    ///
    /// # Errors
    /// [`ErrorKind::Description`] when an `extract.toml` is wrong, [`ErrorKind::Definition`] when a standard is.
    pub fn all(registry: &Registry) -> Result<Vec<Self>, Error> {
        let mut systems: Vec<Self> = Vec::new();
        for (index, info) in registry.list().iter().enumerate() {
            let newest = registry.list().get(index + 1);
            // Versions stand in their order: the newest has the tables.
            if newest.is_some_and(|next| next.id == info.id) {
                continue;
            }
            let path = path_of(info);
            let Ok(text) = registry.source().read(&path) else {
                continue;
            };
            let layout = registry.load(&info.name())?.layout.unwrap_or_default();
            systems.push(Self::read(info, &path, &text, layout)?);
        }
        Ok(systems)
    }

    fn read(info: &StandardInfo, path: &str, text: &str, layout: Layout) -> Result<Self, Error> {
        let wrong = |reason: String| ErrorKind::Description {
            path: path.to_owned(),
            reason,
        };
        let description: Description =
            toml::from_str(text).map_err(|error| wrong(error.to_string()))?;
        let pattern = Regex::new(&description.file_name)
            .map_err(|error| wrong(format!("`file_name`: {error}")))?;
        if !pattern
            .capture_names()
            .flatten()
            .any(|name| name == "table")
        {
            return Err(wrong("`file_name` has no group `table`".to_owned()).into());
        }
        let system = Self {
            id: Arc::clone(&info.id),
            standard: info.name().into(),
            title: info.title.clone(),
            description,
            pattern,
            layout,
        };
        match system.unknown() {
            Some(name) => Err(wrong(format!("there is no table or column `{name}`")).into()),
            None => Ok(system),
        }
    }

    /// A name in the description that no table or column has.
    fn unknown(&self) -> Option<&str> {
        let said = &self.description;
        let has_column = |table: &str, column: &str| {
            let table = self.layout.table(table);
            table.is_some_and(|table| table.field(column).is_some())
        };
        let wrong = |table: &'_ str, column: &'_ str| !has_column(table, column);
        let mut pairs: Vec<(&str, &str)> = Vec::new();
        if let Some(person) = &said.person {
            pairs.push((&person.table, &person.column));
        }
        if let Some(agreement) = &said.agreement {
            pairs.push((&agreement.table, &agreement.column));
            let organisation = agreement.organisation.iter();
            pairs.extend(organisation.map(|column| (agreement.table.as_str(), column.as_str())));
        }
        if let Some(manifest) = &said.manifest {
            for column in [
                &manifest.file,
                &manifest.delta,
                &manifest.from,
                &manifest.to,
            ] {
                pairs.push((&manifest.table, column));
            }
        }
        for (table, columns) in said.keys.iter().filter(|(table, _)| *table != DEFAULT) {
            pairs.extend(
                columns
                    .iter()
                    .map(|column| (table.as_str(), column.as_str())),
            );
        }
        let unlisted = said.manifest.iter().flat_map(|manifest| &manifest.unlisted);
        let inferred = said.bulk.iter().filter_map(|bulk| bulk.inferred.as_ref());
        for reference in &said.references {
            for column in &reference.columns {
                pairs.extend(
                    reference
                        .within
                        .iter()
                        .map(|table| (table.as_str(), column.as_str())),
                );
            }
        }
        let pair = pairs
            .into_iter()
            .find(|(table, column)| wrong(table, column));
        let references = said.references.iter().map(|reference| &reference.table);
        let mut tables = said
            .required
            .iter()
            .chain(unlisted)
            .chain(references)
            .chain(inferred.map(|bulk| &bulk.events));
        pair.map(|(_, column)| column).or_else(|| {
            tables
                .find(|table| self.layout.table(table).is_none())
                .map(String::as_str)
        })
    }

    /// The id of its standard.
    pub fn id(&self) -> &Arc<str> {
        &self.id
    }

    /// Its standard, such as `emis-extract@8`.
    pub fn standard(&self) -> &Arc<str> {
        &self.standard
    }

    /// Its title for people.
    pub fn title(&self) -> &str {
        &self.title
    }

    /// Whether every batch has a file of a table.
    pub(crate) fn is_wanted(&self, table: &str) -> bool {
        self.description.required.iter().any(|known| known == table)
    }

    /// What the file of a table is called: `Admin_Patient.csv`.
    pub fn file_name(&self, table: &str) -> String {
        let layout = self.layout.table(table);
        format!("{}.csv", layout.map_or(table, |layout| &layout.title))
    }

    /// The table that a file's name means.
    pub(crate) fn table(&self, name: &str) -> Option<&TableLayout> {
        let name = normalised_header(name);
        self.layout
            .tables
            .iter()
            .find(|table| normalised_header(&table.name) == name)
    }

    /// The columns that identify a row of a table.
    pub(crate) fn key(&self, table: &TableLayout) -> Vec<&str> {
        let keys = &self.description.keys;
        let own = keys.get(&*table.name).or_else(|| keys.get(DEFAULT));
        own.into_iter()
            .flatten()
            .map(String::as_str)
            .filter(|column| table.field(column).is_some())
            .collect()
    }

    /// The column of a table that says whose its rows are, where a person who falls out takes them along.
    pub(crate) fn person_column(&self, table: &str) -> Option<&str> {
        let person = self.description.person.as_ref()?;
        let layout = self.layout.table(table)?;
        (*table != *person.table && layout.field(&person.column).is_some())
            .then_some(person.column.as_str())
    }

    /// The columns of a file, by its header or, where it has none, by their places. What the definition does not know keeps its own
    /// name.
    pub(crate) fn columns(&self, table: &TableLayout, header: &[String]) -> Vec<String> {
        if table.header == HeaderUse::None {
            return table
                .fields
                .iter()
                .map(|field| field.column.to_string())
                .collect();
        }
        let known: BTreeMap<String, &str> = table
            .fields
            .iter()
            .map(|field| (normalised_header(&field.column), &*field.column))
            .collect();
        header
            .iter()
            .map(|cell| {
                let name = normalised_header(cell);
                let alias = self
                    .layout
                    .aliases
                    .get(&name)
                    .map(|column| normalised_header(column));
                let column = known.get(&name).or_else(|| known.get(&alias?));
                column.map_or(name, |column| (*column).to_owned())
            })
            .collect()
    }
}

fn path_of(info: &StandardInfo) -> String {
    let parent = info
        .folder
        .rsplit_once('/')
        .map_or("", |(parent, _)| parent);
    format!("{parent}/{FILE}")
}

/// What a group of the file's name says; empty when it says nothing.
pub(crate) fn group<'c>(captures: &'c Captures<'_>, name: &str) -> &'c str {
    captures.name(name).map_or("", |found| found.as_str())
}
