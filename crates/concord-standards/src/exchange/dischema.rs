//! The contract of NHS England's Data Validation Engine (`*.dischema.json`) as definition files.
//!
//! Data sets become tables, fields columns in their order, types formats in dictionary notation with a rule for what the
//! notation cannot say, filters rules. A count of duplicates and a join to reference data that one filter looks at become
//! checks of uniqueness and existence; every other transformation is listed as lost, and so is a filter that needs it.

mod columns;
mod filters;
mod write;

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use super::{ExchangeError, Imported, Lost};
use crate::definition::{Elements, column_id};

/// A column of a table.
struct Column {
    /// The field's name in the contract.
    field: String,
    /// Its id.
    id: String,
    /// Its element in `elements.csv`.
    element: String,
    format: String,
    mandatory: bool,
    personal: bool,
    /// Where it stands in the contract.
    place: String,
}

/// A table.
struct Table {
    /// The data set's name in the contract.
    entity: String,
    name: String,
    header: bool,
    delimiter: char,
    key: Option<String>,
    columns: Vec<Column>,
}

/// A rule that is written.
struct Rule {
    id: String,
    title: String,
    table: String,
    effect: &'static str,
    /// The check as TOML: `check = "…"`.
    check: String,
    message: String,
    place: Option<String>,
    source: String,
}

/// A contract that is being read.
struct Reading<'c> {
    contract: &'c Value,
    transformations: &'c Value,
    elements: &'c Elements,
    tables: Vec<Table>,
    rules: Vec<Rule>,
    /// Further spellings of headers: the spelling and the id of the column.
    aliases: Vec<(String, String)>,
    lost: Vec<Lost>,
}

/// Compiles the rules of definition files, by their paths, and gives the ids of those that cannot be, and why.
pub type Refused<'r> = &'r dyn Fn(&BTreeMap<String, String>) -> BTreeMap<String, String>;

/// Reads a contract and writes the standard `id@version`. `file` is named as its source; `elements` says which elements are
/// known, and which of them identify people; rules that `refused` names are left out and listed.
///
/// # Errors
/// [`ExchangeError`] when the text is not such a contract, or has no data set that is read from delimited text.
pub fn from_dischema(
    text: &str,
    file: &str,
    (id, version): (&str, &str),
    elements: &Elements,
    refused: Refused<'_>,
) -> Result<Imported, ExchangeError> {
    let document: Value =
        serde_json::from_str(text).map_err(|error| ExchangeError::Json(error.to_string()))?;
    let contract = document
        .get("contract")
        .ok_or(ExchangeError::Missing("contract"))?;
    let mut reading = Reading {
        contract,
        transformations: document.get("transformations").unwrap_or(&Value::Null),
        elements,
        tables: Vec::new(),
        rules: Vec::new(),
        aliases: Vec::new(),
        lost: Vec::new(),
    };
    let datasets = contract
        .get("datasets")
        .and_then(Value::as_object)
        .ok_or(ExchangeError::Missing("contract.datasets"))?;
    for (name, dataset) in datasets {
        reading.dataset(name, dataset);
    }
    if reading.tables.is_empty() {
        return Err(ExchangeError::NoTables);
    }
    reading.not_carried();
    reading.filters();
    reading.unique_ids();
    let written = write::files(&reading, file, id, version);
    reading.leave_out(&refused(&written));
    Ok(Imported {
        files: write::files(&reading, file, id, version),
        tables: reading.tables.len(),
        columns: reading.tables.iter().map(|table| table.columns.len()).sum(),
        rules: reading.rules.len(),
        lost: reading.lost,
    })
}

impl Reading<'_> {
    fn lose(&mut self, place: impl Into<String>, reason: impl Into<String>) {
        self.lost.push(Lost {
            place: place.into(),
            reason: reason.into(),
        });
    }

    fn dataset(&mut self, entity: &str, dataset: &Value) {
        let place = format!("datasets/{entity}");
        let readers = dataset.get("reader_config").and_then(Value::as_object);
        let reader = match readers {
            None => None,
            Some(readers) => {
                let csv = readers
                    .iter()
                    .find(|(extension, _)| matches!(extension.as_str(), ".csv" | ".txt" | ".psv"));
                for (extension, _) in readers {
                    if csv.is_none_or(|(known, _)| known != extension) {
                        let reason = "only data sets read from delimited text are carried over";
                        self.lose(format!("{place}/reader_config/{extension}"), reason);
                    }
                }
                let Some((_, reader)) = csv else {
                    return;
                };
                Some(reader)
            }
        };
        let option = |name: &str| reader.and_then(|reader| reader.get("kwargs")?.get(name));
        let delimiter = option("delimiter")
            .or_else(|| option("delim"))
            .or_else(|| option("separator"))
            .and_then(Value::as_str)
            .and_then(|text| text.chars().next())
            .filter(|delimiter| delimiter.is_ascii() && !delimiter.is_ascii_alphanumeric());
        let options = reader.and_then(|reader| reader.get("kwargs")?.as_object());
        for (name, value) in options.into_iter().flatten() {
            if !is_applied(name, value) {
                self.lose(
                    format!("{place}/reader_config/kwargs/{name}"),
                    "this option of its reader is not applied",
                );
            }
        }
        let mut table = Table {
            entity: entity.to_owned(),
            name: self.table_name(entity),
            header: option("header").and_then(Value::as_bool).unwrap_or(true),
            delimiter: delimiter.unwrap_or(','),
            key: None,
            columns: Vec::new(),
        };
        let mandatory = texts(dataset.get("mandatory_fields"));
        let fields = dataset.get("fields").and_then(Value::as_object);
        for (field, spec) in fields.into_iter().flatten() {
            let place = format!("{place}/fields/{field}");
            self.column(
                &mut table,
                field,
                spec,
                &place,
                mandatory.contains(&field.as_str()),
            );
        }
        table.key = dataset
            .get("key_field")
            .and_then(Value::as_str)
            .map(column_id)
            .filter(|key| table.columns.iter().any(|column| column.id == *key));
        let aliases = dataset.get("aliases").and_then(Value::as_object);
        for (header, column) in aliases.into_iter().flatten() {
            if let Some(column) = column.as_str() {
                self.aliases.push((header.clone(), column_id(column)));
            }
        }
        if !texts(dataset.get("reporting_fields")).is_empty() {
            let reason = "a finding names the record, the column and the key of the standard";
            self.lose(format!("{place}/reporting_fields"), reason);
        }
        if table.columns.is_empty() {
            self.lose(place, "it has no columns that can be carried over");
        } else {
            self.tables.push(table);
        }
    }

    /// A name that SQL and XML take: small letters, digits and underscores, and not taken.
    fn table_name(&self, entity: &str) -> String {
        let plain = column_id(entity).to_ascii_lowercase();
        let plain = if plain.starts_with(|first: char| first.is_ascii_lowercase())
            && plain != "submission"
        {
            plain
        } else {
            format!("table_{plain}")
        };
        let taken = |name: &str| self.tables.iter().any(|table| table.name == name);
        let mut name = plain.clone();
        let mut next = 2;
        while taken(&name) {
            name = format!("{plain}_{next}");
            next += 1;
        }
        name
    }

    /// Parts of the contract that have no place in a definition.
    fn not_carried(&mut self) {
        let schemas = self.contract.get("schemas").and_then(Value::as_object);
        for name in schemas.into_iter().flat_map(Map::keys) {
            self.lose(
                format!("schemas/{name}"),
                "a cell of a table holds one value",
            );
        }
        if self
            .contract
            .get("contract_error_codes")
            .is_some_and(|codes| !codes.is_null())
        {
            let reason = "findings about presence and format go by VALUE-MISSING and VALUE-FORMAT; write \
                          the codes as rules of kind field and name them in fields.csv";
            self.lose("contract_error_codes", reason);
        }
        for key in ["rule_stores", "rules_store", "complex_rules"] {
            let Some(parts) = self.transformations.get(key).and_then(Value::as_array) else {
                continue;
            };
            for part in parts {
                let name = ["rule_name", "filename", "name"]
                    .iter()
                    .find_map(|name| part.get(*name)?.as_str())
                    .unwrap_or("?");
                let reason = "it stands in another file; write it as a query";
                self.lose(format!("transformations/{key}/{name}"), reason);
            }
        }
    }

    /// Rules keep their codes; what stands twice is counted.
    fn unique_ids(&mut self) {
        let mut seen: BTreeMap<String, usize> = BTreeMap::new();
        let mut renamed = Vec::new();
        for rule in &mut self.rules {
            let times = seen.entry(rule.id.clone()).or_default();
            *times += 1;
            if *times > 1 {
                let id = format!("{}-{times}", rule.id);
                let before = std::mem::replace(&mut rule.id, id);
                // Rules of columns have no codes in the contract.
                if rule.source.starts_with("transformations/") {
                    let reason = format!("`{before}` is another rule's: this one is `{}`", rule.id);
                    renamed.push((rule.source.clone(), reason));
                }
            }
        }
        for (place, reason) in renamed {
            self.lose(place, reason);
        }
    }

    /// Leaves rules out that cannot be compiled, by their ids.
    fn leave_out(&mut self, refused: &BTreeMap<String, String>) {
        let (out, kept) = std::mem::take(&mut self.rules)
            .into_iter()
            .partition(|rule: &Rule| refused.contains_key(&rule.id));
        self.rules = kept;
        for rule in out {
            let why = refused.get(&rule.id).map_or("", String::as_str);
            self.lose(rule.source, format!("its rule cannot be compiled: {why}"));
        }
    }
}

/// Whether an option of a reader is carried over, or says what holds by itself.
fn is_applied(name: &str, value: &Value) -> bool {
    match name {
        "delimiter" | "delim" | "separator" | "header" => true,
        "quote_char" | "quote" => matches!(value.as_str(), None | Some("\"")),
        // UTF-8 and Windows-1252 are told apart by what is there.
        "encoding" => value.as_str().is_none_or(|name| {
            let plain = name.to_ascii_lowercase().replace(['-', '_'], "");
            matches!(
                plain.as_str(),
                "utf8" | "utf8lossy" | "utf8sig" | "cp1252" | "windows1252"
            )
        }),
        _ => value.is_null(),
    }
}

/// The texts of a list.
fn texts(value: Option<&Value>) -> Vec<&str> {
    let items = value.and_then(Value::as_array);
    items
        .into_iter()
        .flatten()
        .filter_map(Value::as_str)
        .collect()
}

#[cfg(test)]
mod tests;
