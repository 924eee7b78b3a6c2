//! The tables that a report is made of: facts out of stores, and what is given beside them.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use concord_practice::{Fact, Given, Report, Reports, Store, System, Table};
use concord_report::many;
use concord_rules::select::{Answer, SelectError, Tables};
use concord_standards::registry::Registry;

use super::super::system_of;
use super::{With, failed, left_out};
use crate::failure::Failure;

/// The column of a fact that says why a row does not count.
const LEFT_OUT: &str = "left_out";

/// Tables by name.
pub(super) struct Gathered {
    pub(super) tables: Tables,
    as_at: i32,
}

impl Gathered {
    pub(super) fn new(as_at: i32) -> Self {
        Self {
            tables: Tables::new(Some(as_at)),
            as_at,
        }
    }

    /// Adds a table.
    pub(super) fn insert(&mut self, name: &str, table: Table) {
        insert(&mut self.tables, name, table);
    }

    /// The facts of a report out of all stores, and what is to be told of them. A system that does not state one is refused, so that
    /// nothing that is missing looks as if it were nought.
    pub(super) fn facts(
        &mut self,
        report: &Report,
        reports: &Reports,
        registry: &Registry,
        systems: &[System],
        stores: &[PathBuf],
    ) -> Result<String, Failure> {
        let mut gathered: Vec<(&str, &Fact, Answer)> = Vec::new();
        for name in &report.facts {
            // Reports were read with the facts that they name.
            let Some(fact) = reports.fact(name) else {
                continue;
            };
            let none = self.tables.select(&fact.none());
            gathered.push((
                name,
                fact,
                none.map_err(|error| failed(name, None, &error))?,
            ));
        }
        let mut told = String::new();
        for path in stores {
            let mut store = Store::open(path)?;
            let system = system_of(systems, &store)?;
            let stated = reports.of_system(registry, system)?;
            for (name, fact, answer) in &mut gathered {
                let Some(sql) = stated.get(*name) else {
                    return Err(Failure::usage(
                        format!(
                            "{} is an extract of a system that says nothing of any {name} ({})",
                            path.display(),
                            system.title()
                        ),
                        format!("leave it out of `{}`", report.name),
                    ));
                };
                let found = self.stated(&fact.select(sql), &mut store, system, &mut told)?;
                let appended = answer.append(found);
                appended.map_err(|error| failed(name, Some(path), &error))?;
            }
        }
        for (name, fact, answer) in gathered {
            self.tables.insert_answer(name, Arc::new(answer));
            let mut columns = fact.columns.iter();
            if !stores.is_empty() && columns.any(|column| column.starts_with(LEFT_OUT)) {
                told += &self.counted(name)?;
            }
        }
        Ok(told)
    }

    /// The rows of a fact in one store; what could not be read as a day is told.
    fn stated(
        &self,
        sql: &str,
        store: &mut Store,
        system: &System,
        told: &mut String,
    ) -> Result<Answer, Failure> {
        let folder = store.folder().display().to_string();
        let what = format!("{} of {folder}", system.title());
        let failed = |error: &SelectError| failed(&what, None, error);
        let mut tables = Tables::new(Some(self.as_at));
        let mut read = Vec::new();
        for name in tables.names(sql).map_err(|error| failed(&error))? {
            if let Some(table) = store.table(system, &name)? {
                insert(&mut tables, &name, table.clone());
                read.push((name, table));
            }
        }
        let answer = tables.select(sql).map_err(|error| failed(&error))?;
        for (name, table) in read {
            for (column, count) in table.unread() {
                let are = if count == 1 {
                    "is no day"
                } else {
                    "are no days"
                };
                let line = format!(
                    "{folder}: {} of {name}.{column} {are}, and taken for unknown\n",
                    many(count, "value")
                );
                // Several facts read the same column.
                if !told.contains(&line) {
                    *told += &line;
                }
            }
        }
        Ok(answer)
    }

    /// How many rows of a fact there are, and why some do not count.
    fn counted(&self, fact: &str) -> Result<String, Failure> {
        let sql = format!(
            "SELECT {LEFT_OUT}, count(*) FROM {fact} GROUP BY {LEFT_OUT} ORDER BY count(*) DESC, {LEFT_OUT}"
        );
        let (mut all, mut reasons) = (0_u64, Vec::new());
        let answer = self.tables.select(&sql);
        let read = answer.and_then(|answer| {
            answer.each_row(&mut |row| {
                let rows = row
                    .get(1)
                    .copied()
                    .flatten()
                    .and_then(|rows| rows.parse().ok())
                    .unwrap_or(0);
                all += rows;
                if let Some(reason) = row.first().copied().flatten() {
                    reasons.push((reason.to_owned(), rows));
                }
            })
        });
        read.map_err(|error| failed(fact, None, &error))?;
        Ok(left_out(fact, all, &reasons))
    }

    /// What is given beside stores, and everything of the definitions; what is not given has no rows.
    pub(super) fn others(
        &mut self,
        report: &Report,
        reports: &Reports,
        with: &With,
    ) -> Result<(), Failure> {
        for name in &report.takes {
            let Some(given) = reports.given(name) else {
                continue;
            };
            self.given(name, given, with.get(name).map(PathBuf::as_path))?;
        }
        // What a view names is there, whether the report takes it or not.
        for (name, given) in reports.all_given() {
            if !report.takes.iter().any(|taken| taken == name) {
                self.given(name, given, None)?;
            }
        }
        for (name, fact) in reports.all_facts() {
            if !report.facts.iter().any(|made| made == name) {
                let none = self.tables.select(&fact.none());
                let none = none.map_err(|error| failed(name, None, &error))?;
                self.tables.insert_answer(name, Arc::new(none));
            }
        }
        for (name, text) in reports.tables() {
            let table = Table::of_definition(name, text)?;
            self.insert(name, table);
        }
        for (name, sql) in reports.views() {
            self.tables.insert_view(name, sql);
        }
        Ok(())
    }

    fn given(&mut self, name: &str, given: &Given, path: Option<&Path>) -> Result<(), Failure> {
        if given.datasets.is_empty() {
            let table = match path {
                Some(path) => Table::of_csv(path, &given.columns)?,
                None => Table::empty(&given.columns),
            };
            self.insert(name, table);
            return Ok(());
        }
        let mut any = false;
        for (dataset, columns) in &given.datasets {
            let table = match path {
                Some(path) => Table::of_parquet(&path.join(dataset))?,
                None => None,
            };
            any |= table.is_some();
            self.insert(dataset, table.unwrap_or_else(|| Table::empty(columns)));
        }
        match path {
            Some(path) if !any => Err(Failure::usage(
                format!("{} holds none of what is looked for", path.display()),
                format!("`{name}` is {}", given.what),
            )),
            _ => Ok(()),
        }
    }
}

fn insert(tables: &mut Tables, name: &str, table: Table) {
    tables.insert(name, &table.schema(), move |columns| table.read(columns));
}
