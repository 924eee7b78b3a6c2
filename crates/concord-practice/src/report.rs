//! What comes out of extracts: facts that each system states in its own way, and reports that are made of facts.
//!
//! Both are queries. `facts.toml` beside a system's `extract.toml` says how its tables give each fact; the folder `practice-reports` says
//! what facts there are, what else may be given, and how reports are made of them.

use std::collections::BTreeMap;

use concord_standards::registry::Registry;
use serde::Deserialize;
use serde::de::DeserializeOwned;

use crate::error::{Error, ErrorKind};
use crate::extract::System;

/// The folder of the reports, in the source of definitions.
const FOLDER: &str = "practice-reports";

/// The file with the facts that there are, and the file of a system's own.
const FACTS: &str = "facts.toml";

/// Everything that is said about reports.
#[derive(Debug, Clone)]
pub struct Reports {
    facts: BTreeMap<String, Fact>,
    given: BTreeMap<String, Given>,
    views: BTreeMap<String, String>,
    tables: BTreeMap<String, String>,
    list: Vec<Report>,
}

/// What facts there are and what may be given, as it is written.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Contract {
    facts: BTreeMap<String, Fact>,
    given: BTreeMap<String, Given>,
    views: BTreeMap<String, String>,
}

/// A kind of fact that systems state: a table with these columns.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Fact {
    /// What a row of it is.
    pub what: String,
    /// Its columns: a name and a type of SQL.
    pub columns: Vec<String>,
}

/// A file or folder that a user may give beside extracts.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Given {
    /// What it is.
    pub what: String,
    /// The columns of a file of comma-separated text.
    #[serde(default)]
    pub columns: Vec<String>,
    /// The datasets that it is a folder of, each with the columns that are needed of it.
    #[serde(default)]
    pub datasets: BTreeMap<String, Vec<String>>,
}

/// A report: what it needs, and the files that it makes.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Report {
    /// How it is asked for.
    #[serde(skip)]
    pub name: String,
    /// What it is, in a line.
    pub title: String,
    /// Where its rules and layouts come from.
    pub source: String,
    /// The facts that it is made of.
    pub facts: Vec<String>,
    /// What may be given to it, in the place of extracts or beside them.
    #[serde(default)]
    pub takes: Vec<String>,
    /// Of these, what must be given.
    #[serde(default)]
    pub needs: Vec<String>,
    /// Of these, what can stand in the place of extracts.
    #[serde(default)]
    pub instead: Vec<String>,
    /// A query for the codes (`code`) of organisations that are looked up in reference data.
    pub organisations: Option<String>,
    /// Whether it says nothing without reference data.
    #[serde(default)]
    pub needs_reference: bool,
    /// The files that it makes.
    #[serde(rename = "output")]
    pub outputs: Vec<Output>,
}

/// A file of a report.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Output {
    /// Its name.
    pub file: String,
    /// What a row of it is.
    pub what: String,
    /// What must be given, or else the file is not made.
    pub with: Option<String>,
    /// The query whose answer it is.
    pub sql: String,
}

impl Reports {
    /// The reports of a source of definitions.
    ///
    /// # Errors
    /// [`ErrorKind::Description`] when a file is wrong.
    pub fn all(registry: &Registry) -> Result<Self, Error> {
        let contract: Contract = read(registry, &format!("{FOLDER}/{FACTS}"))?;
        let mut all = Self {
            facts: contract.facts,
            given: contract.given,
            views: contract.views,
            tables: BTreeMap::new(),
            list: Vec::new(),
        };
        for path in registry.source().list(FOLDER) {
            let name = path.rsplit('/').next().unwrap_or(&path);
            if let Some(table) = name.strip_suffix(".csv") {
                let text = registry.source().read(&path);
                let text = text.map_err(|error| wrong(&path, error.to_string()))?;
                all.tables.insert(table.to_owned(), text.into_owned());
            } else if let (Some(report), true) = (name.strip_suffix(".toml"), name != FACTS) {
                let mut read: Report = read(registry, &path)?;
                report.clone_into(&mut read.name);
                all.known(&path, &read)?;
                all.list.push(read);
            }
        }
        all.list.sort_by(|left, right| left.name.cmp(&right.name));
        Ok(all)
    }

    /// Fails where a report names what there is not.
    fn known(&self, path: &str, report: &Report) -> Result<(), Error> {
        let facts = report.facts.iter();
        let given = report
            .takes
            .iter()
            .chain(&report.needs)
            .chain(&report.instead);
        let missing = facts
            .filter(|name| !self.facts.contains_key(*name))
            .chain(given.filter(|name| !self.given.contains_key(*name)))
            .next();
        match missing {
            Some(name) => Err(wrong(
                path,
                format!("there is no fact and no file `{name}`"),
            )),
            None => Ok(()),
        }
    }

    /// Every report, by name.
    pub fn list(&self) -> &[Report] {
        &self.list
    }

    /// The report of a name.
    pub fn report(&self, name: &str) -> Option<&Report> {
        self.list.iter().find(|report| report.name == name)
    }

    /// The fact of a name.
    pub fn fact(&self, name: &str) -> Option<&Fact> {
        self.facts.get(name)
    }

    /// Every fact, by name.
    pub fn all_facts(&self) -> impl Iterator<Item = (&str, &Fact)> {
        self.facts.iter().map(|(name, fact)| (name.as_str(), fact))
    }

    /// Everything that may be given, by name.
    pub fn all_given(&self) -> impl Iterator<Item = (&str, &Given)> {
        self.given
            .iter()
            .map(|(name, given)| (name.as_str(), given))
    }

    /// What may be given, by name.
    pub fn given(&self, name: &str) -> Option<&Given> {
        self.given.get(name)
    }

    /// Queries that others may name as tables.
    pub fn views(&self) -> impl Iterator<Item = (&str, &str)> {
        let views = self.views.iter();
        views.map(|(name, sql)| (name.as_str(), sql.as_str()))
    }

    /// Tables that are part of the definitions, as comma-separated text with a header.
    pub fn tables(&self) -> impl Iterator<Item = (&str, &str)> {
        let tables = self.tables.iter();
        tables.map(|(name, text)| (name.as_str(), text.as_str()))
    }

    /// How a system states each fact that it states.
    ///
    /// # Errors
    /// [`ErrorKind::Description`] when its file is wrong.
    pub fn of_system(
        &self,
        registry: &Registry,
        system: &System,
    ) -> Result<BTreeMap<String, String>, Error> {
        let path = format!("{}/{FACTS}", system.id());
        if registry.source().read(&path).is_err() {
            return Ok(BTreeMap::new());
        }
        let facts: BTreeMap<String, String> = read(registry, &path)?;
        match facts.keys().find(|name| !self.facts.contains_key(*name)) {
            Some(name) => Err(wrong(&path, format!("there is no fact `{name}`"))),
            None => Ok(facts),
        }
    }
}

impl Fact {
    /// A query for the columns of the fact, with their types, from one that has at least these columns.
    pub fn select(&self, sql: &str) -> String {
        let columns: Vec<String> = self
            .columns
            .iter()
            .map(|column| {
                let (name, data_type) = column.split_once(' ').unwrap_or((column, "VARCHAR"));
                format!("CAST({name} AS {data_type}) AS {name}")
            })
            .collect();
        // A comment at its end must not swallow the parenthesis.
        format!("SELECT {} FROM (\n{sql}\n)", columns.join(", "))
    }

    /// A query without rows for the columns of the fact.
    pub fn none(&self) -> String {
        let columns: Vec<String> = self
            .columns
            .iter()
            .map(|column| {
                let (name, data_type) = column.split_once(' ').unwrap_or((column, "VARCHAR"));
                format!("CAST(NULL AS {data_type}) AS {name}")
            })
            .collect();
        format!("SELECT {} WHERE false", columns.join(", "))
    }
}

fn read<T: DeserializeOwned>(registry: &Registry, path: &str) -> Result<T, Error> {
    let text = registry.source().read(path);
    let text = text.map_err(|error| wrong(path, error.to_string()))?;
    toml::from_str(&text).map_err(|error| wrong(path, error.to_string()))
}

fn wrong(path: &str, reason: String) -> Error {
    ErrorKind::Description {
        path: path.to_owned(),
        reason,
    }
    .into()
}
