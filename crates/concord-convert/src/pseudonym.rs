//! Columns that identify people, made into ones that do not.
//!
//! What the regional offices give to commissioners: an identifier becomes a keyed hash of it, so that rows about one person
//! still join, and nobody without the key can tell whose they are or try all numbers; a date of birth or death becomes its
//! year, a postcode the district before its blank, and names and addresses are left out.
//!
//! The hash is HMAC (RFC 2104) with SHA-256 over the value without blanks, in capitals: the same number written in groups of
//! three has the same pseudonym. The first 128 bits are kept, written in hexadecimal digits.

use std::sync::Arc;

use arrow_array::builder::{Int64Builder, StringBuilder};
use arrow_array::cast::AsArray;
use arrow_array::types::{Date32Type, TimestampMicrosecondType};
use arrow_array::{Array, ArrayRef, RecordBatch};
use arrow_schema::{ArrowError, DataType, Field, Schema, SchemaRef};
use concord_model::entities::{ELEMENT, PERSONAL};
use concord_model::identifiers::postcode;
use hmac::{Hmac, KeyInit as _, Mac as _};
use sha2::Sha256;

use crate::hexadecimal::hexadecimal;

/// Fewest bytes of a key.
const SHORTEST_KEY: usize = 16;
/// Bytes of the hash that are kept.
const KEPT: usize = 16;

/// Why a key is none.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the key has {0} bytes; it needs at least {SHORTEST_KEY}, so that it cannot be guessed")]
pub struct WeakKey(usize);

/// Makes pseudonyms with a key.
#[derive(Clone)]
pub struct Pseudonymiser {
    keyed: Hmac<Sha256>,
}

impl std::fmt::Debug for Pseudonymiser {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        // Nothing of the key.
        f.write_str("Pseudonymiser")
    }
}

/// What becomes of a column.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Becomes {
    Itself,
    Pseudonym,
    Year,
    District,
    Nothing,
}

/// A table whose rows are made so that they identify nobody.
#[derive(Debug, Clone)]
pub struct Pseudonymised {
    /// The columns that are left.
    pub schema: SchemaRef,
    becomes: Vec<Becomes>,
}

impl Pseudonymiser {
    /// With the bytes of a key; white space around them does not count.
    ///
    /// # Errors
    /// [`WeakKey`] when there are too few.
    pub fn new(key: &[u8]) -> Result<Self, WeakKey> {
        let key = key.trim_ascii();
        if key.len() < SHORTEST_KEY {
            return Err(WeakKey(key.len()));
        }
        let keyed = Hmac::new_from_slice(key).map_err(|_| WeakKey(key.len()))?;
        Ok(Self { keyed })
    }

    /// The pseudonym of an identifier.
    pub fn pseudonym(&self, identifier: &str) -> String {
        let mut hash = self.keyed.clone();
        let characters = identifier
            .chars()
            .filter(|character| !character.is_whitespace());
        let normal: String = characters.flat_map(char::to_uppercase).collect();
        hash.update(normal.as_bytes());
        hexadecimal(&hash.finalize().into_bytes()[..KEPT])
    }

    /// What becomes of a table's columns.
    pub fn table(schema: &Schema) -> Pseudonymised {
        let becomes: Vec<Becomes> = schema.fields().iter().map(|field| becomes(field)).collect();
        let fields = schema.fields().iter().zip(&becomes);
        let fields: Vec<Field> = fields
            .filter_map(|(field, becomes)| changed(field, *becomes))
            .collect();
        Pseudonymised {
            schema: Arc::new(Schema::new(fields)),
            becomes,
        }
    }

    /// Rows that identify nobody.
    ///
    /// # Errors
    /// That the rows are not of the table.
    pub fn rows(
        &self,
        table: &Pseudonymised,
        rows: &RecordBatch,
    ) -> Result<RecordBatch, ArrowError> {
        let columns = rows.columns().iter().zip(&table.becomes);
        let columns = columns.filter_map(|(column, becomes)| match becomes {
            Becomes::Itself => Some(Arc::clone(column)),
            Becomes::Nothing => None,
            Becomes::Year => Some(years(column)),
            Becomes::Pseudonym => Some(texts(column, |text| Some(self.pseudonym(text)))),
            Becomes::District => Some(texts(column, district)),
        });
        RecordBatch::try_new(Arc::clone(&table.schema), columns.collect())
    }
}

fn texts(column: &ArrayRef, of: impl Fn(&str) -> Option<String>) -> ArrayRef {
    let texts = column.as_string::<i32>();
    let mut builder = StringBuilder::with_capacity(texts.len(), 0);
    for text in texts {
        builder.append_option(text.filter(|text| !text.trim().is_empty()).and_then(&of));
    }
    Arc::new(builder.finish())
}

fn becomes(field: &Field) -> Becomes {
    /// Words of elements that say a name or an address.
    const NAMES: [&str; 5] = ["NAME", "TITLE", "INITIALS", "ADDRESS", "SUFFIX"];
    let personal = field
        .metadata()
        .get(PERSONAL)
        .is_some_and(|personal| personal == "true");
    if !personal {
        return Becomes::Itself;
    }
    let element = field
        .metadata()
        .get(ELEMENT)
        .unwrap_or(field.name())
        .to_uppercase();
    match field.data_type() {
        DataType::Date32 | DataType::Timestamp(..) => Becomes::Year,
        DataType::Utf8 if element.contains("POSTCODE") => Becomes::District,
        DataType::Utf8 if !NAMES.iter().any(|name| element.contains(name)) => Becomes::Pseudonym,
        _ => Becomes::Nothing,
    }
}

/// The column as it is afterwards.
fn changed(field: &Field, becomes: Becomes) -> Option<Field> {
    let name = field.name();
    let capitals = !name.chars().any(char::is_lowercase);
    let ending = |ending: &str| {
        if capitals {
            ending.to_uppercase()
        } else {
            ending.to_owned()
        }
    };
    let (name, data_type) = match becomes {
        Becomes::Itself => return Some(field.clone()),
        Becomes::Nothing => return None,
        Becomes::Pseudonym => (format!("{name}{}", ending("_pseudonym")), DataType::Utf8),
        Becomes::District => (format!("{name}{}", ending("_district")), DataType::Utf8),
        Becomes::Year => (format!("{name}{}", ending("_year")), DataType::Int64),
    };
    let mut metadata = field.metadata().clone();
    metadata.insert(PERSONAL.to_owned(), "false".to_owned());
    Some(Field::new(name, data_type, true).with_metadata(metadata))
}

fn years(column: &ArrayRef) -> ArrayRef {
    let mut builder = Int64Builder::with_capacity(column.len());
    for row in 0..column.len() {
        let day = match column.data_type() {
            _ if column.is_null(row) => None,
            DataType::Date32 => column.as_primitive::<Date32Type>().value_as_date(row),
            _ => column
                .as_primitive::<TimestampMicrosecondType>()
                .value_as_date(row),
        };
        let year = day.and_then(|day| day.format("%Y").to_string().parse().ok());
        builder.append_option(year);
    }
    Arc::new(builder.finish())
}

/// The first part of a postcode; nothing for what is no postcode.
fn district(text: &str) -> Option<String> {
    let text = text.trim().to_uppercase();
    postcode::parse(&text).map(|postcode| postcode.outward.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pseudonymiser() -> Pseudonymiser {
        Pseudonymiser::new(b"0123456789abcdef\n").expect("long enough")
    }

    #[test]
    fn the_hash_is_hmac_with_sha_256() {
        // Worked out with Python's hmac module.
        let expected = "75bf2794f3b0c6457f4afb896ba390a8";
        assert_eq!(pseudonymiser().pseudonym("999 000 0018"), expected);
        assert_eq!(pseudonymiser().pseudonym("9990000018"), expected);
    }

    #[test]
    fn another_key_gives_other_pseudonyms() {
        let other = Pseudonymiser::new(b"fedcba9876543210").expect("long enough");
        assert_ne!(
            other.pseudonym("9990000018"),
            pseudonymiser().pseudonym("9990000018")
        );
        assert_eq!(Pseudonymiser::new(b"short").err(), Some(WeakKey(5)));
    }

    #[test]
    fn postcodes_keep_their_district() {
        assert_eq!(district("LS1 4AP").as_deref(), Some("LS1"));
        assert_eq!(district("ls14ap").as_deref(), Some("LS1"));
        assert_eq!(district("M1   1AE").as_deref(), Some("M1"));
        assert_eq!(district("no postcode"), None);
        assert_eq!(district("é1"), None);
    }
}
