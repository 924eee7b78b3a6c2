//! What identifies the people of a record, where it stands inside other values of the record.
//!
//! A pseudonym hides nobody whose number stands in the next column: local keys are made of NHS numbers, and free text names
//! patients (the SUS+ appendix of security issues tells of CDS UNIQUE IDENTIFIERs, as rule CDS-I4 does). So whatever
//! becomes a pseudonym, a district, a year or nothing is looked for in every other text of its record; NHS numbers of
//! whomsoever are looked for too.

use std::collections::HashMap;
use std::ops::Range;

use arrow_array::cast::AsArray;
use arrow_array::types::{Date32Type, Int64Type, TimestampMicrosecondType};
use arrow_array::{Array, ArrayRef, RecordBatch};
use arrow_schema::DataType;
use concord_model::identifiers::nhs_number::{self, Class};
use concord_model::identifiers::snomed;
use memchr::memmem;

use super::Pseudonymised;

/// Fewest letters and digits of a value that is looked for: shorter ones turn up by chance.
const LEAST: usize = 5;
/// Fewest letters and digits of a value that is found anywhere. A shorter one must begin and end where a word does.
const ANYWHERE: usize = 8;

/// What of a column's values is looked for in other columns.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Seeks {
    Nothing,
    /// Values that have a digit, as identifiers, postcodes and first lines of addresses do.
    Identifiers,
    /// Names.
    Words,
    /// Days.
    Days,
}

/// What identifies the people of records, by the number of the record.
#[derive(Debug, Default)]
pub(crate) struct Identifying {
    of: HashMap<i64, Vec<Sought>>,
}

/// A value that is looked for.
#[derive(Debug, PartialEq, Eq)]
struct Sought {
    /// Its letters and digits, letters in capitals.
    plain: String,
    /// Whether it is a day. Days of birth are looked for in what is not a day itself.
    day: bool,
}

impl Identifying {
    /// Adds what rows of a table say.
    pub(crate) fn add(&mut self, table: &Pseudonymised, rows: &RecordBatch) {
        let numbers = records(rows);
        for (column, values) in table.columns.iter().zip(rows.columns()) {
            for row in 0..rows.num_rows() {
                let found = sought(column.seeks, values, row);
                let Some(record) = numbers.get(row).filter(|_| !found.is_empty()) else {
                    continue;
                };
                let known = self.of.entry(*record).or_default();
                for sought in found {
                    if !known.contains(&sought) {
                        known.push(sought);
                    }
                }
            }
        }
    }

    /// Which texts of a column hold what identifies somebody. A column of `codes` may hold identifiers of SNOMED CT, of which
    /// some have the form of NHS numbers.
    pub(super) fn found_in(&self, numbers: &[i64], column: &ArrayRef, codes: bool) -> Vec<bool> {
        let mut plain = Plain::default();
        let texts = column.as_string::<i32>().iter().enumerate();
        let found = texts.map(|(row, text)| {
            let Some(text) = text.filter(|text| text.len() >= LEAST) else {
                return false;
            };
            let of_record = numbers.get(row).and_then(|number| self.of.get(number));
            let own = of_record.is_some_and(|sought| {
                plain.take(text);
                sought.iter().any(|sought| plain.holds(sought))
            });
            own || holds_number(text, codes)
        });
        found.collect()
    }
}

/// The record of each row.
pub(crate) fn records(rows: &RecordBatch) -> Vec<i64> {
    let column = rows.column_by_name("source_record");
    column.map_or_else(Vec::new, |column| {
        column.as_primitive::<Int64Type>().values().to_vec()
    })
}

fn sought(seeks: Seeks, values: &ArrayRef, row: usize) -> Vec<Sought> {
    if seeks == Seeks::Nothing || values.is_null(row) {
        return Vec::new();
    }
    if seeks == Seeks::Days {
        let year_first = day(values, row);
        let year_last = year_first
            .as_ref()
            .and_then(|day| parts(day, [6..8, 4..6, 0..4]));
        let days = [year_first, year_last].into_iter().flatten();
        return days.map(|plain| Sought { plain, day: true }).collect();
    }
    let mut plain = Plain::default();
    match values.data_type() {
        DataType::Utf8 => plain.take(values.as_string::<i32>().value(row)),
        DataType::Int64 => plain.take(&values.as_primitive::<Int64Type>().value(row).to_string()),
        _ => return Vec::new(),
    }
    let Plain { text, .. } = plain;
    let says = seeks == Seeks::Words || text.bytes().any(|byte| byte.is_ascii_digit());
    // A character again and again stands for no value.
    let same = text.chars().all(|other| text.starts_with(other));
    if text.len() < LEAST || same || !says {
        return Vec::new();
    }
    vec![Sought {
        plain: text,
        day: false,
    }]
}

/// A day that a column says, year first.
fn day(values: &ArrayRef, row: usize) -> Option<String> {
    const FORM: &str = "%Y%m%d";
    match values.data_type() {
        DataType::Date32 => {
            let day = values.as_primitive::<Date32Type>().value_as_date(row)?;
            Some(day.format(FORM).to_string())
        }
        DataType::Timestamp(..) => {
            let moments = values.as_primitive::<TimestampMicrosecondType>();
            Some(moments.value_as_date(row)?.format(FORM).to_string())
        }
        DataType::Utf8 => {
            let text = values.as_string::<i32>().value(row);
            let mut digits: String = text.chars().filter(char::is_ascii_digit).collect();
            digits.truncate(8);
            let year_first = matches!(digits.get(..2)?, "18" | "19" | "20" | "21");
            if year_first {
                return (digits.len() == 8).then_some(digits);
            }
            parts(&digits, [4..8, 2..4, 0..2])
        }
        _ => None,
    }
}

/// Parts of a text in another order.
fn parts(text: &str, order: [Range<usize>; 3]) -> Option<String> {
    let parts = order.map(|range| text.get(range));
    parts.into_iter().collect()
}

/// The letters and digits of a text, letters in capitals: as people write a value in another way, it stays the same.
#[derive(Debug, Default)]
struct Plain {
    text: String,
    /// Whether a word begins at a byte of it; one more for its end.
    begins: Vec<bool>,
    letters: bool,
}

impl Plain {
    fn take(&mut self, text: &str) {
        self.text.clear();
        self.begins.clear();
        self.letters = false;
        let mut begins = true;
        for character in text.chars() {
            if !character.is_alphanumeric() {
                begins = true;
                continue;
            }
            self.letters |= character.is_alphabetic();
            self.text.extend(character.to_uppercase());
            self.begins.push(begins);
            self.begins.resize(self.text.len(), false);
            begins = false;
        }
        self.begins.push(true);
    }

    fn holds(&self, sought: &Sought) -> bool {
        if sought.day && !self.letters {
            return false;
        }
        let (text, length) = (self.text.as_bytes(), sought.plain.len());
        let mut from = 0;
        while let Some(found) = memmem::find(&text[from..], sought.plain.as_bytes()) {
            let at = from + found;
            if length >= ANYWHERE || (self.begins[at] && self.begins[at + length]) {
                return true;
            }
            from = at + 1;
        }
        false
    }
}

/// Where the next NHS number stands in a text, from a byte on.
///
/// Ten digits with a valid check digit, together or in groups, perhaps filled up with zeros on the left, that England, Wales
/// and the Isle of Man give out or that are for tests. Numbers of Scotland and Northern Ireland look like moments of time, and are not told from those.
fn number_in(text: &str, from: usize) -> Option<Range<usize>> {
    let bytes = text.as_bytes();
    let digit = |at: usize| bytes.get(at).is_some_and(u8::is_ascii_digit);
    let mut at = from;
    while at + 10 <= bytes.len() {
        if !digit(at) || (at > 0 && digit(at - 1)) {
            at += 1;
            continue;
        }
        let mut start = at;
        while bytes.get(start) == Some(&b'0') {
            start += 1;
        }
        for length in [10, 12] {
            let end = start + length;
            let whole = text.get(start..end).filter(|_| !digit(end));
            if whole.is_some_and(somebody_s) {
                return Some(start..end);
            }
        }
        while digit(at) {
            at += 1;
        }
    }
    None
}

fn holds_number(text: &str, codes: bool) -> bool {
    let mut from = 0;
    while let Some(found) = number_in(text, from) {
        if !codes || !snomed::is_concept(&text[found.clone()]) {
            return true;
        }
        from = found.end;
    }
    false
}

fn somebody_s(text: &str) -> bool {
    let digits = nhs_number::normalize(text);
    let class = digits.map(|digits| nhs_number::classify(&String::from_utf8_lossy(&digits)));
    matches!(
        class,
        Some(Class::Number(
            nhs_number::Range::EnglandWalesIsleOfMan | nhs_number::Range::Test
        ))
    )
}

/// A text without the NHS numbers that stand in it.
pub(crate) fn without_numbers(text: &str) -> String {
    let mut kept = String::with_capacity(text.len());
    let mut from = 0;
    while let Some(found) = number_in(text, from) {
        kept.push_str(&text[from..found.start]);
        kept.push_str(concord_finding::HIDDEN);
        from = found.end;
    }
    kept.push_str(&text[from..]);
    kept
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, sought: &str, expected: bool) {
        let mut plain = Plain::default();
        plain.take(sought);
        let sought = Sought {
            plain: plain.text.clone(),
            day: false,
        };
        plain.take(text);
        assert_eq!(plain.holds(&sought), expected, "{text}");
    }

    #[test]
    fn long_values_are_found_anywhere_and_short_ones_as_words() {
        check("BRJL009990000018", "9990000018", true);
        check("BRJL2025999000001877", "9990000018", true);
        check("seen as 999-000 0018", "9990000018", true);
        check("seen as 9990000019", "9990000018", false);
        check("of ua24 0bh", "UA24 0BH", true);
        check("at M1 1AE.", "M1 1AE", true);
        check("XM11AEX", "M1 1AE", false);
        check("patient A1234, ward 2", "a1234", true);
        check("A12345", "A1234", false);
        check("Mrs Őszi-Smith", "őszi", true);
    }

    #[test]
    fn days_of_birth_are_found_in_words_only() {
        let born = Sought {
            plain: "20250714".to_owned(),
            day: true,
        };
        let mut plain = Plain::default();
        for (text, expected) in [
            ("born 2025-07-14", true),
            ("BABY20250714", true),
            ("2025-07-14", false),
            ("20250714162300", false),
        ] {
            plain.take(text);
            assert_eq!(plain.holds(&born), expected, "{text}");
        }
    }

    #[test]
    fn concepts_are_no_numbers_where_codes_stand() {
        let mut numbers = (4_000_000_000_u64..).map(|number| number.to_string());
        let both = |number: &String| somebody_s(number) && snomed::is_concept(number);
        let number = numbers.find(both).expect("there are some");
        assert!(holds_number(&number, false));
        assert!(!holds_number(&number, true));
        assert!(holds_number(&format!("{number} 9990000018"), true));
    }

    #[test]
    fn numbers_of_whomsoever_are_found() {
        for (text, expected) in [
            ("see 9990000018", "see •••••"),
            ("999 000 0018 and 999-000-0018.", "••••• and •••••."),
            ("BRJL009990000018", "BRJL00•••••"),
            ("9990000019", "9990000019"),
            ("19990000018", "19990000018"),
            ("0000000000", "0000000000"),
            ("é9990000018é", "é•••••é"),
            ("2025-07-14 16:23", "2025-07-14 16:23"),
        ] {
            assert_eq!(without_numbers(text), expected);
        }
    }
}
