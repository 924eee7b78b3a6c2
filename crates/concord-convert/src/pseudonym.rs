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
use arrow_array::types::{Date32Type, Int64Type, TimestampMicrosecondType};
use arrow_array::{Array, ArrayRef, Int64Array, RecordBatch, StringArray};
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
    /// The year of a date in one of the ways in which texts say dates.
    YearOfText,
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
            Becomes::YearOfText => Some(years_of_texts(column)),
            Becomes::Pseudonym => Some(self.pseudonyms(column)),
            Becomes::District => Some(texts(column, district)),
        });
        RecordBatch::try_new(Arc::clone(&table.schema), columns.collect())
    }

    /// The pseudonyms of texts or numbers; a number has that of its digits.
    fn pseudonyms(&self, column: &ArrayRef) -> ArrayRef {
        let DataType::Int64 = column.data_type() else {
            return texts(column, |text| Some(self.pseudonym(text)));
        };
        let numbers = column.as_primitive::<Int64Type>();
        let digits = numbers.iter().map(|number| Some(number?.to_string()));
        let pseudonyms = digits.map(|digits| Some(self.pseudonym(&digits?)));
        Arc::new(pseudonyms.collect::<StringArray>())
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
    let says = |words: &[&str]| words.iter().any(|word| element.contains(word));
    match field.data_type() {
        DataType::Date32 | DataType::Timestamp(..) => Becomes::Year,
        DataType::Int64 => Becomes::Pseudonym,
        // HL7 v2 says `Zip or Postal Code`.
        DataType::Utf8 if says(&["POSTCODE", "POSTAL CODE"]) => Becomes::District,
        DataType::Utf8 if says(&["DATE"]) => Becomes::YearOfText,
        DataType::Utf8 if !says(&NAMES) && !says(&["TIME"]) => Becomes::Pseudonym,
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
        Becomes::Year | Becomes::YearOfText => {
            (format!("{name}{}", ending("_year")), DataType::Int64)
        }
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

fn years_of_texts(column: &ArrayRef) -> ArrayRef {
    let texts = column.as_string::<i32>().iter();
    Arc::new(texts.map(|text| year(text?)).collect::<Int64Array>())
}

/// The year of a date as texts of standards without dates say it: `19700102030405` (HL7 v2), `02 Jan 1970 03:04` (practice
/// systems), `1970-01-02`, `02/01/1970`. Nothing for what is none of these.
fn year(text: &str) -> Option<i64> {
    let mut runs = text.split(|character: char| !character.is_ascii_digit());
    let digits = runs.find(|run| run.len() >= 4)?;
    let from = |range: std::ops::Range<usize>| {
        let year: i64 = digits.get(range)?.parse().ok()?;
        (1800..2200).contains(&year).then_some(year)
    };
    match digits.len() {
        8 => from(0..4).or_else(|| from(4..8)),
        4 | 6 | 10 | 12 | 14 => from(0..4),
        _ => None,
    }
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
    fn dates_in_texts_keep_their_year() {
        for (text, expected) in [
            ("19700102", Some(1970)),
            ("197001020304", Some(1970)),
            ("19700102030405.1234+0000", Some(1970)),
            ("02 Jan 1970 03:04:05", Some(1970)),
            ("1970-01-02", Some(1970)),
            ("02/01/1970", Some(1970)),
            ("02011970", Some(1970)),
            ("1970", Some(1970)),
            ("9990000018", None),
            ("02/01/70", None),
            ("not known", None),
        ] {
            assert_eq!(year(text), expected, "{text}");
        }
    }

    #[test]
    fn personal_columns_of_any_standard_become_what_the_model_s_do() {
        let personal = |name: &str, element: &str, kind: DataType| {
            let metadata = [(PERSONAL, "true"), (ELEMENT, element)];
            let metadata = metadata.map(|(key, value)| (key.to_owned(), value.to_owned()));
            Field::new(name, kind, true).with_metadata(metadata.into())
        };
        let columns: [(Field, ArrayRef); 5] = [
            (
                personal("ID_PATIENT", "ID PATIENT", DataType::Int64),
                Arc::new(Int64Array::from(vec![9_990_000_018])),
            ),
            (
                personal("DATE_BIRTH", "DATE BIRTH", DataType::Utf8),
                Arc::new(StringArray::from(vec!["02 Jan 1970 00:00:00"])),
            ),
            (
                personal("XAD.5", "Zip or Postal Code", DataType::Utf8),
                Arc::new(StringArray::from(vec!["LS1 4AP"])),
            ),
            (
                personal("PERSON_BIRTH_TIME", "PERSON BIRTH TIME", DataType::Utf8),
                Arc::new(StringArray::from(vec!["03:04:05"])),
            ),
            (
                personal("XPN.1", "Family Name", DataType::Utf8),
                Arc::new(StringArray::from(vec!["Example"])),
            ),
        ];
        let (fields, values): (Vec<Field>, Vec<ArrayRef>) = columns.into_iter().unzip();
        let schema = Arc::new(Schema::new(fields));
        let rows = RecordBatch::try_new(Arc::clone(&schema), values).expect("they fit");
        let table = Pseudonymiser::table(&schema);
        let rows = pseudonymiser().rows(&table, &rows).expect("they fit");
        let names: Vec<&String> = table
            .schema
            .fields()
            .iter()
            .map(|field| field.name())
            .collect();
        assert_eq!(
            names,
            ["ID_PATIENT_PSEUDONYM", "DATE_BIRTH_YEAR", "XAD.5_DISTRICT"]
        );
        let pseudonym = rows.column(0).as_string::<i32>().value(0);
        assert_eq!(pseudonym, pseudonymiser().pseudonym("999 000 0018"));
        assert_eq!(rows.column(1).as_primitive::<Int64Type>().value(0), 1970);
        assert_eq!(rows.column(2).as_string::<i32>().value(0), "LS1");
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
