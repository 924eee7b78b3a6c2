//! Which tables and columns an extract has, and where their values come from.
//!
//! `extracts/extracts.toml` beside a standard says which extracts there are and who pays, `layouts.csv` which columns each table has
//! in which order, `derived.csv` how those are worked out that nobody submits.

use std::collections::BTreeMap;
use std::sync::Arc;

use concord_standards::Source;
use concord_standards::submission::{Parameter, Submission};
use serde::Deserialize;

use crate::tables_out::ExtractError;

/// Where a value stands, seen from a row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Place {
    /// In the row.
    Own(usize),
    /// In the header.
    Header(usize),
    /// In the row of another table that it leads to.
    Above {
        /// The links from table to table.
        path: Vec<usize>,
        /// The column there.
        column: usize,
    },
}

/// What stands in a column.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Take {
    /// Nothing: it is derived of what the submission does not say.
    Nothing,
    /// A value.
    Value(Place),
    /// The provider's code and a value, one behind the other.
    ProviderAnd(Place),
    /// The number of the month of a day, from April 1900.
    Month(Place),
    /// How many rows some tables have.
    Rows(Vec<usize>),
    /// Completed years from a day to another.
    Years(Place, Place),
    /// Days from a day to another.
    Days(Place, Place),
    /// What the portal knows of the submission, or the day or the time of it.
    Portal(Parameter, Part),
}

/// How much of a moment is taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Part {
    /// All of it.
    Whole,
    /// The day.
    Day,
    /// The time of day.
    Time,
}

/// A column of an extract.
#[derive(Debug, Clone)]
pub(super) struct ExtractColumn {
    pub(super) name: Arc<str>,
    pub(super) take: Take,
}

/// A table of an extract.
#[derive(Debug, Clone)]
pub(super) struct ExtractTable {
    pub(super) table: usize,
    pub(super) columns: Vec<ExtractColumn>,
}

/// An extract.
#[derive(Debug, Clone)]
pub struct Extract {
    /// Its name, as in `provider-pre-deadline`; empty for the tables as they are submitted.
    pub name: String,
    /// Its title, for people.
    pub title: String,
    pub(super) tables: Vec<ExtractTable>,
    pub(super) split: Option<Arc<Split>>,
}

/// Who pays for what.
#[derive(Debug, Clone)]
pub(super) struct Split {
    /// The table whose rows are paid for with all that leads to them.
    pub(super) unit: usize,
    /// The table of patients.
    pub(super) patient: usize,
    pub(super) named: Vec<Named>,
}

/// A column that names a commissioner.
#[derive(Debug, Clone)]
pub(super) struct Named {
    pub(super) table: usize,
    pub(super) column: usize,
    pub(super) when: When,
}

/// When a commissioner that a row names pays.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum When {
    /// Always.
    Always,
    /// When the day in this column lies in the reporting period.
    On(usize),
    /// When the days from one column to another meet the reporting period; a period without an end goes on.
    Meets(usize, usize),
}

/// The extracts of a standard.
#[derive(Debug, Clone)]
pub struct ExtractLayouts {
    /// Where they come from.
    pub source: String,
    /// How sure they are.
    pub confidence: String,
    /// The extracts.
    pub extracts: Vec<Extract>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct About {
    source: String,
    confidence: String,
    layout: Vec<AboutLayout>,
    commissioner: Option<AboutSplit>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct AboutLayout {
    name: String,
    title: String,
    #[serde(default)]
    split: bool,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct AboutSplit {
    unit: String,
    patient: String,
    named: Vec<AboutNamed>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct AboutNamed {
    table: String,
    column: String,
    on: Option<String>,
    from: Option<String>,
    to: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct LayoutRow {
    layout: String,
    table: String,
    columns: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct DerivedRow {
    table: String,
    column: String,
    take: String,
    of: String,
    at: String,
}

impl ExtractLayouts {
    /// Whether the standard in `folder` (such as `mhsds/6-0`) has extracts.
    pub fn are_there(source: &dyn Source, folder: &str) -> bool {
        source
            .read(&format!("{folder}/extracts/extracts.toml"))
            .is_ok()
    }

    /// Reads the extracts of the standard in `folder`.
    ///
    /// # Errors
    /// [`ExtractError`] when a file is not there, or says what the tables do not have.
    pub fn load(
        source: &dyn Source,
        folder: &str,
        submission: &Submission,
    ) -> Result<Self, ExtractError> {
        let open = |name: &str| {
            let file = format!("{folder}/extracts/{name}");
            match source.read(&file) {
                Ok(text) => Ok((file, text.into_owned())),
                Err(error) => Err(wrong(&file, 0, error.to_string())),
            }
        };
        let (file, text) = open("extracts.toml")?;
        let about: About =
            toml::from_str(&text).map_err(|error| wrong(&file, 0, error.to_string()))?;
        let tables = Tables { submission };
        let split = about.commissioner.as_ref();
        let split = split
            .map(|split| tables.split(split).map(Arc::new))
            .transpose()
            .map_err(|message| wrong(&file, 0, message))?;
        let (file, text) = open("derived.csv")?;
        let mut derived = tables.derived(&file, &text)?;
        let derived_file = file;
        let (file, text) = open("layouts.csv")?;
        let mut extracts: Vec<Extract> = about
            .layout
            .into_iter()
            .map(|layout| Extract {
                name: layout.name,
                title: layout.title,
                tables: Vec::new(),
                split: split.clone().filter(|_| layout.split),
            })
            .collect();
        for (line, row) in rows::<LayoutRow>(&file, &text)? {
            let extract = extracts
                .iter_mut()
                .find(|extract| extract.name == row.layout);
            let Some(extract) = extract else {
                let message = format!("extracts.toml has no layout `{}`", row.layout);
                return Err(wrong(&file, line, message));
            };
            let table = tables
                .table(&row.table)
                .map_err(|message| wrong(&file, line, message))?;
            let columns = row.columns.split_whitespace();
            let columns: Vec<ExtractColumn> = columns
                .map(|name| tables.column(table, name, &mut derived))
                .collect();
            let known = extract.tables.iter().any(|known| known.table == table);
            if columns.is_empty() || known {
                let message = format!("`{}` stands twice, or has no columns", row.table);
                return Err(wrong(&file, line, message));
            }
            extract.tables.push(ExtractTable { table, columns });
        }
        let unused = derived.iter().find(|(_, (_, used, _))| !used);
        if let Some(((table, column), (line, ..))) = unused {
            let table = table.map_or("a table", |table| &submission.tables[table].name);
            let message = format!("no layout of {table} has the column `{column}`");
            return Err(wrong(&derived_file, *line, message));
        }
        Ok(Self {
            source: about.source,
            confidence: about.confidence,
            extracts,
        })
    }
}

impl Extract {
    /// The tables with the columns that are submitted.
    pub fn own(submission: &Submission) -> Self {
        let tables = submission.tables.iter().enumerate();
        let tables = tables.map(|(number, table)| {
            let columns = table.columns.iter().enumerate();
            let columns = columns.map(|(own, column)| ExtractColumn {
                name: Arc::clone(&column.name),
                take: Take::Value(Place::Own(own)),
            });
            ExtractTable {
                table: number,
                columns: columns.collect(),
            }
        });
        Self {
            name: String::new(),
            title: "The tables as they are submitted".to_owned(),
            tables: tables.collect(),
            split: None,
        }
    }
}

/// Columns that are derived, of a table or of every one: line, whether a layout has it, and what stands in it.
type Derived = BTreeMap<(Option<usize>, String), (u64, bool, Take)>;

/// Names of tables and columns.
struct Tables<'s> {
    submission: &'s Submission,
}

impl Tables<'_> {
    fn table(&self, name: &str) -> Result<usize, String> {
        let found = self.submission.table(name);
        found.ok_or_else(|| format!("there is no table `{name}`"))
    }

    fn own(&self, table: usize, name: &str) -> Result<usize, String> {
        let of = &self.submission.tables[table];
        of.column(name)
            .ok_or_else(|| format!("{} has no column `{name}`", of.name))
    }

    /// `COLUMN` of the row, or `TABLE.COLUMN` of the header or of a row that it leads to.
    fn place(&self, table: usize, text: &str) -> Result<Place, String> {
        let Some((other, column)) = text.split_once('.') else {
            return self.own(table, text).map(Place::Own);
        };
        let other = self.table(other)?;
        let column = self.own(other, column)?;
        if other == table {
            return Ok(Place::Own(column));
        }
        if other == self.submission.header {
            return Ok(Place::Header(column));
        }
        let path = self.submission.path(table, other);
        path.map(|path| Place::Above { path, column })
            .ok_or_else(|| {
                let from = &self.submission.tables[table].name;
                format!("{from} does not lead to `{text}`")
            })
    }

    fn derived(&self, file: &str, text: &str) -> Result<Derived, ExtractError> {
        let mut derived = Derived::new();
        for (line, row) in rows::<DerivedRow>(file, text)? {
            let read = || {
                if let Some(take) = of_portal(&row)? {
                    let table = (!row.table.is_empty()).then(|| self.table(&row.table));
                    return Ok((table.transpose()?, take));
                }
                let table = self.table(&row.table)?;
                if self.own(table, &row.column).is_ok() {
                    return Err(format!("`{}` is submitted", row.column));
                }
                Ok((Some(table), self.take(table, &row)?))
            };
            let (table, take) = read().map_err(|message| wrong(file, line, message))?;
            let key = (table, row.column.clone());
            if derived.insert(key, (line, false, take)).is_some() {
                let message = format!("`{}` of {} stands twice", row.column, row.table);
                return Err(wrong(file, line, message));
            }
        }
        Ok(derived)
    }

    fn take(&self, table: usize, row: &DerivedRow) -> Result<Take, String> {
        let of = |text: &str| self.place(table, text);
        let two = |make: fn(Place, Place) -> Take| Ok(make(of(&row.of)?, of(&row.at)?));
        match row.take.as_str() {
            "years" => return two(Take::Years),
            "days" => return two(Take::Days),
            _ if !row.at.is_empty() => return Err("only `years` and `days` have `at`".to_owned()),
            _ => {}
        }
        match row.take.as_str() {
            "value" => of(&row.of).map(Take::Value),
            "provider-and" => of(&row.of).map(Take::ProviderAnd),
            "month" => of(&row.of).map(Take::Month),
            "rows" => {
                let tables = row.of.split_whitespace().map(|name| self.table(name));
                tables.collect::<Result<_, _>>().map(Take::Rows)
            }
            other => Err(format!(
                "`{other}` is none of value, provider-and, month, rows, years, days, param, param-day, param-time"
            )),
        }
    }

    fn column(&self, table: usize, name: &str, derived: &mut Derived) -> ExtractColumn {
        let mut derived = || {
            let of = [Some(table), None].map(|table| (table, name.to_owned()));
            let known = of.into_iter().find(|key| derived.contains_key(key))?;
            let (_, used, take) = derived.get_mut(&known)?;
            *used = true;
            Some(take.clone())
        };
        let take = match self.own(table, name) {
            Ok(own) => Take::Value(Place::Own(own)),
            Err(_) => derived().unwrap_or(Take::Nothing),
        };
        ExtractColumn {
            name: name.into(),
            take,
        }
    }

    fn split(&self, about: &AboutSplit) -> Result<Split, String> {
        let (unit, patient) = (self.table(&about.unit)?, self.table(&about.patient)?);
        if self.submission.path(unit, patient).is_none() {
            return Err(format!("{} does not lead to {}", about.unit, about.patient));
        }
        let named = about.named.iter().map(|named| {
            let table = self.table(&named.table)?;
            let own = |name: &str| self.own(table, name);
            let when = match (&named.on, &named.from, &named.to) {
                (None, None, None) => When::Always,
                (Some(on), None, None) => When::On(own(on)?),
                (None, Some(from), Some(to)) => When::Meets(own(from)?, own(to)?),
                _ => return Err("say `on`, or `from` and `to`, or neither".to_owned()),
            };
            Ok(Named {
                table,
                column: own(&named.column)?,
                when,
            })
        });
        Ok(Split {
            unit,
            patient,
            named: named.collect::<Result<_, String>>()?,
        })
    }
}

/// What the portal knows, where a row of `derived.csv` says so.
fn of_portal(row: &DerivedRow) -> Result<Option<Take>, String> {
    let part = match row.take.as_str() {
        "param" => Part::Whole,
        "param-day" => Part::Day,
        "param-time" => Part::Time,
        _ => return Ok(None),
    };
    if !row.at.is_empty() {
        return Err("only `years` and `days` have `at`".to_owned());
    }
    let parameter = Parameter::of(&row.of);
    let parameter = parameter.ok_or_else(|| format!("the portal knows no `{}`", row.of))?;
    Ok(Some(Take::Portal(parameter, part)))
}

/// The rows of a file with their lines.
fn rows<T: for<'d> Deserialize<'d>>(file: &str, text: &str) -> Result<Vec<(u64, T)>, ExtractError> {
    let mut reader = csv::Reader::from_reader(text.as_bytes());
    let headers = reader
        .headers()
        .map_err(|error| wrong(file, 1, error.to_string()))?
        .clone();
    let records = reader.records().map(|record| {
        let record = record.map_err(|error| {
            let line = error.position().map_or(0, csv::Position::line);
            wrong(file, line, error.to_string())
        })?;
        let line = record.position().map_or(0, csv::Position::line);
        let row = record.deserialize(Some(&headers));
        Ok((
            line,
            row.map_err(|error| wrong(file, line, error.to_string()))?,
        ))
    });
    records.collect()
}

fn wrong(file: &str, line: u64, message: String) -> ExtractError {
    ExtractError {
        file: file.to_owned(),
        line,
        message,
    }
}
