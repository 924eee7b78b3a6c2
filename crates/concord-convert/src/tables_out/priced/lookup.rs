//! What is looked up by a key.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::io::Read;

/// Why a table of keys cannot be used. Never shows a value.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum LookupError {
    /// It cannot be read.
    #[error("line {line}: {problem}")]
    Read {
        /// Line, from 1.
        line: u64,
        /// What is wrong.
        problem: String,
    },
    /// A column is missing.
    #[error("there is no column `{0}`")]
    Column(&'static str),
    /// A key stands twice and says different things.
    #[error("line {0}: the key stands in an earlier line with another value")]
    Twice(u64),
}

/// A table of two columns.
type Pairs = HashMap<String, String>;

/// Reads two columns by their headers.
fn pairs(input: impl Read, key: &'static str, value: &'static str) -> Result<Pairs, LookupError> {
    let mut reader = csv::ReaderBuilder::new()
        .trim(csv::Trim::All)
        .from_reader(input);
    let headers = reader.headers().map_err(|error| read(&error))?.clone();
    let place = |name: &'static str| {
        let found = headers
            .iter()
            .position(|header| header.eq_ignore_ascii_case(name));
        found.ok_or(LookupError::Column(name))
    };
    let (key, value) = (place(key)?, place(value)?);
    let mut pairs = Pairs::new();
    for row in reader.records() {
        let row = row.map_err(|error| read(&error))?;
        let line = row.position().map_or(0, csv::Position::line);
        let (Some(key), Some(value)) = (row.get(key), row.get(value)) else {
            continue;
        };
        if key.is_empty() || value.is_empty() {
            continue;
        }
        match pairs.get(key) {
            Some(known) if known != value => return Err(LookupError::Twice(line)),
            Some(_) => {}
            None => {
                pairs.insert(key.to_owned(), value.to_owned());
            }
        }
    }
    Ok(pairs)
}

/// What is wrong with delimited text, without the text.
pub(super) fn read(error: &csv::Error) -> LookupError {
    let line = error.position().map_or(0, csv::Position::line);
    let problem = match error.kind() {
        csv::ErrorKind::Io(error) => error.to_string(),
        csv::ErrorKind::Utf8 { .. } => "it is not UTF-8".to_owned(),
        csv::ErrorKind::UnequalLengths {
            expected_len, len, ..
        } => {
            format!("it has {len} cells and the header {expected_len}")
        }
        _ => "it is no delimited text".to_owned(),
    };
    LookupError::Read { line, problem }
}

/// Healthcare resource groups of activity, as a grouper says them.
#[derive(Debug, Clone, Default)]
pub struct Groups(Pairs);

impl Groups {
    /// Reads the columns `cds_unique_identifier` and `healthcare_resource_group` of delimited text with a header.
    ///
    /// # Errors
    /// [`LookupError`] when it cannot be read.
    pub fn read(input: impl Read) -> Result<Self, LookupError> {
        pairs(input, "cds_unique_identifier", "healthcare_resource_group").map(Self)
    }

    /// The group of an activity.
    pub fn get(&self, identifier: &str) -> Option<&str> {
        self.0.get(identifier).map(String::as_str)
    }
}

/// The commissioner that answers for the patients of a practice.
#[derive(Debug, Clone, Default)]
pub struct Responsible(Pairs);

impl Responsible {
    /// Reads the columns `practice` and `commissioner` of delimited text with a header.
    ///
    /// # Errors
    /// [`LookupError`] when it cannot be read.
    pub fn read(input: impl Read) -> Result<Self, LookupError> {
        pairs(input, "practice", "commissioner").map(Self)
    }

    /// The commissioner of a practice.
    pub fn get(&self, practice: &str) -> Option<&str> {
        self.0.get(practice).map(String::as_str)
    }
}

/// Lists of codes that rules of points of delivery name.
#[derive(Debug, Clone, Default)]
pub struct Lists(BTreeMap<String, BTreeSet<String>>);

impl Lists {
    /// Gives a list its codes: the first cell of each line.
    ///
    /// # Errors
    /// [`LookupError`] when it cannot be read.
    pub fn add(&mut self, name: &str, input: impl Read) -> Result<(), LookupError> {
        let mut reader = csv::ReaderBuilder::new()
            .has_headers(false)
            .flexible(true)
            .trim(csv::Trim::All)
            .from_reader(input);
        let mut codes = BTreeSet::new();
        for row in reader.records() {
            let row = row.map_err(|error| read(&error))?;
            codes.extend(
                row.get(0)
                    .filter(|code| !code.is_empty())
                    .map(str::to_owned),
            );
        }
        self.0.insert(name.to_owned(), codes);
        Ok(())
    }

    /// Whether a list holds a code; `None` when there is no such list.
    pub(super) fn holds(&self, name: &str, code: &str) -> Option<bool> {
        self.0.get(name).map(|codes| codes.contains(code))
    }
}
