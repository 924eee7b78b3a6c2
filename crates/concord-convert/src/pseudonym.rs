//! Columns that identify people, made into ones that do not.
//!
//! What the regional offices give to commissioners: an identifier becomes a keyed hash of it, so that rows about one person
//! still join, and nobody without the key can tell whose they are or try all numbers; a date of birth or death becomes its
//! year, a postcode the district before its blank, and names and addresses are left out. What identifies somebody may also
//! stand inside other texts, such as local keys made of NHS numbers (module `inside`): these become keyed hashes as they are, so
//! that they still join, and are counted as losses.
//!
//! The hash is HMAC (RFC 2104) with SHA-256 over the value without blanks, in capitals, and over the ten digits of an NHS
//! number however they are grouped: the same number has the same pseudonym in every carrier. The first 128 bits are kept,
//! written in hexadecimal digits.

pub(crate) mod inside;

use std::borrow::Cow;
use std::sync::Arc;

use arrow_array::builder::{Int64Builder, StringBuilder};
use arrow_array::cast::AsArray;
use arrow_array::types::{Date32Type, Int64Type, TimestampMicrosecondType};
use arrow_array::{Array, ArrayRef, Int64Array, RecordBatch, StringArray};
use arrow_schema::{ArrowError, DataType, Field, Schema, SchemaRef};
use concord_model::entities::{ELEMENT, PERSONAL, PROVENANCE};
use concord_model::identifiers::{nhs_number, postcode};
use hmac::{Hmac, KeyInit as _, Mac as _};
use sha2::Sha256;

use crate::hexadecimal::hexadecimal;
use crate::loss::{LossReason, Losses};

use inside::{Identifying, Seeks, records};

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
    columns: Vec<Column>,
}

/// A column as it was.
#[derive(Debug, Clone)]
struct Column {
    becomes: Becomes,
    /// Which of its values are looked for in other columns.
    seeks: Seeks,
    /// The element, when its texts are searched for what identifies somebody.
    searched: Option<Arc<str>>,
    /// Whether codes stand in it.
    codes: bool,
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
        let joined = normal.replace('-', "");
        let number = nhs_number::digits(&joined).is_some();
        hash.update(if number { &joined } else { &normal }.as_bytes());
        hexadecimal(&hash.finalize().into_bytes()[..KEPT])
    }

    /// What becomes of a table's columns.
    pub fn table(schema: &Schema) -> Pseudonymised {
        let columns: Vec<Column> = schema.fields().iter().map(|field| column(field)).collect();
        let fields = schema.fields().iter().zip(&columns);
        let fields: Vec<Field> = fields
            .filter_map(|(field, column)| changed(field, column.becomes))
            .collect();
        Pseudonymised {
            schema: Arc::new(Schema::new(fields)),
            columns,
        }
    }

    /// Rows that identify nobody. `known` is what identifies the people of their records, in whichever table it stands.
    ///
    /// # Errors
    /// That the rows are not of the table.
    pub(crate) fn rows(
        &self,
        table: &Pseudonymised,
        rows: &RecordBatch,
        known: &Identifying,
        losses: &mut Losses,
    ) -> Result<RecordBatch, ArrowError> {
        let numbers = records(rows);
        let columns = rows.columns().iter().zip(&table.columns);
        let columns = columns.filter_map(|(values, column)| match column.becomes {
            Becomes::Itself => Some(match &column.searched {
                Some(element) => {
                    let found = known.found_in(&numbers, values, column.codes);
                    self.hidden(values, &found, element, losses)
                }
                None => Arc::clone(values),
            }),
            Becomes::Nothing => None,
            Becomes::Year => Some(years(values)),
            Becomes::YearOfText => Some(years_of_texts(values)),
            Becomes::Pseudonym => Some(self.pseudonyms(values)),
            Becomes::District => Some(texts(values, district)),
        });
        RecordBatch::try_new(Arc::clone(&table.schema), columns.collect())
    }

    /// The texts with pseudonyms for those in which something was found.
    fn hidden(
        &self,
        column: &ArrayRef,
        found: &[bool],
        element: &Arc<str>,
        losses: &mut Losses,
    ) -> ArrayRef {
        let count = found.iter().filter(|found| **found).count();
        if count == 0 {
            return Arc::clone(column);
        }
        losses.add(element, LossReason::Identifying, count as u64);
        let texts = column.as_string::<i32>().iter().zip(found);
        let texts = texts.map(|(text, found)| match text {
            Some(text) if *found => Some(Cow::Owned(self.pseudonym(text))),
            text => text.map(Cow::Borrowed),
        });
        Arc::new(texts.collect::<StringArray>())
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

fn column(field: &Field) -> Column {
    let element = field.metadata().get(ELEMENT).unwrap_or(field.name());
    let capitals = element.to_uppercase();
    let becomes = becomes(field, &capitals);
    let provenance = PROVENANCE.iter().any(|known| known.name == field.name());
    let searched = becomes == Becomes::Itself && *field.data_type() == DataType::Utf8;
    Column {
        becomes,
        seeks: match becomes {
            Becomes::Itself => Seeks::Nothing,
            Becomes::Year | Becomes::YearOfText => Seeks::Days,
            Becomes::Nothing if says(&capitals, &["NAME"]) => Seeks::Words,
            Becomes::Nothing if says(&capitals, &["TIME"]) => Seeks::Nothing,
            Becomes::Pseudonym | Becomes::District | Becomes::Nothing => Seeks::Identifiers,
        },
        codes: says(&capitals, &["CODE", "SNOMED"]),
        searched: (searched && !provenance).then(|| element.as_str().into()),
    }
}

fn says(element: &str, words: &[&str]) -> bool {
    words.iter().any(|word| element.contains(word))
}

/// What becomes of the column of an element, whose name is in capitals.
fn becomes(field: &Field, element: &str) -> Becomes {
    /// Words of elements that say a name or an address.
    const NAMES: [&str; 5] = ["NAME", "TITLE", "INITIALS", "ADDRESS", "SUFFIX"];
    let personal = field
        .metadata()
        .get(PERSONAL)
        .is_some_and(|personal| personal == "true");
    if !personal {
        return Becomes::Itself;
    }
    let says = |words: &[&str]| says(element, words);
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

    fn made(table: &Pseudonymised, rows: &RecordBatch, losses: &mut Losses) -> RecordBatch {
        let mut known = Identifying::default();
        known.add(table, rows);
        let made = pseudonymiser().rows(table, rows, &known, losses);
        made.expect("they fit")
    }

    #[test]
    fn the_hash_is_hmac_with_sha_256() {
        // Worked out with Python's hmac module.
        let expected = "75bf2794f3b0c6457f4afb896ba390a8";
        assert_eq!(pseudonymiser().pseudonym("999 000 0018"), expected);
        assert_eq!(pseudonymiser().pseudonym("9990000018"), expected);
        assert_eq!(pseudonymiser().pseudonym("999-000-0018"), expected);
        let keys = ["A-1", "A1"].map(|key| pseudonymiser().pseudonym(key));
        assert_ne!(keys[0], keys[1]);
    }

    #[test]
    fn texts_that_hold_what_identifies_somebody_become_pseudonyms() {
        let number = [(PERSONAL, "true"), (ELEMENT, "NHS NUMBER")];
        let number = number.map(|(key, value)| (key.to_owned(), value.to_owned()));
        let schema = Arc::new(Schema::new(vec![
            Field::new("source_file", DataType::Utf8, true),
            Field::new("source_record", DataType::Int64, true),
            Field::new("nhs_number", DataType::Utf8, true).with_metadata(number.into()),
            Field::new("KEY", DataType::Utf8, true),
        ]));
        let columns: [ArrayRef; 4] = [
            Arc::new(StringArray::from(vec!["9990000018.xml"; 3])),
            Arc::new(Int64Array::from(vec![1, 2, 2])),
            Arc::new(StringArray::from(vec![
                Some("9990000019"),
                Some("9990000018"),
                None,
            ])),
            Arc::new(StringArray::from(vec![
                "K9990000019",
                "9990000019",
                "K9990000018",
            ])),
        ];
        let rows = RecordBatch::try_new(Arc::clone(&schema), columns.into()).expect("they fit");
        let mut losses = Losses::default();
        let made = made(&Pseudonymiser::table(&schema), &rows, &mut losses);
        let texts = |column: usize| {
            let texts = made.column(column).as_string::<i32>().iter();
            texts
                .map(Option::unwrap_or_default)
                .map(str::to_owned)
                .collect::<Vec<_>>()
        };
        assert_eq!(texts(0), ["9990000018.xml"; 3]);
        // The second record's is no NHS number, and another's than its own.
        let pseudonym = |text: &str| pseudonymiser().pseudonym(text);
        assert_eq!(
            texts(3),
            [
                &pseudonym("K9990000019"),
                "9990000019",
                &pseudonym("K9990000018")
            ]
        );
        let told = losses.list();
        assert_eq!((&*told[0].element, told[0].count), ("KEY", 2));
        assert_eq!(told[0].reason, LossReason::Identifying);
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
        let rows = made(&table, &rows, &mut Losses::default());
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
