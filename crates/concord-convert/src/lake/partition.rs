//! Which part of a dataset a row belongs to: Hive's `key=value` folders.

use std::fmt::Write as _;

use arrow_array::cast::AsArray;
use arrow_array::{Array, RecordBatch};
use arrow_schema::{DataType, Schema};
use concord_model::entities::{ELEMENT, PERSONAL};

/// How Hive writes that there is no value.
const NONE: &str = "__HIVE_DEFAULT_PARTITION__";

/// The columns that a dataset is partitioned by, with the names that their folders have.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Partitioning {
    pub(crate) columns: Vec<(String, usize)>,
}

/// The columns of a schema that some names mean, as far as it has them: a column's own name, in any case, or `provider`,
/// `commissioner` and `practice` for the column of the element that says so.
///
/// # Errors
/// The name of a column whose values identify people, which must not become names of folders.
pub fn partitioning(schema: &Schema, names: &[String]) -> Result<Partitioning, String> {
    let mut columns = Vec::new();
    for name in names {
        let Some(found) = schema.fields().iter().position(|field| means(field, name)) else {
            continue;
        };
        let field = schema.field(found);
        if field
            .metadata()
            .get(PERSONAL)
            .is_some_and(|personal| personal == "true")
        {
            return Err(field.name().clone());
        }
        columns.push((name.to_lowercase(), found));
    }
    Ok(Partitioning { columns })
}

fn means(field: &arrow_schema::Field, name: &str) -> bool {
    if field.name().eq_ignore_ascii_case(name) {
        return true;
    }
    let ends: &[&str] = match name.to_lowercase().as_str() {
        "provider" => &["(CODE OF PROVIDER)"],
        "commissioner" => &["(CODE OF COMMISSIONER)"],
        "practice" => &["(PATIENT REGISTRATION)"],
        _ => return false,
    };
    let element = field.metadata().get(ELEMENT);
    element.is_some_and(|element| ends.iter().any(|end| element.ends_with(end)))
}

impl Partitioning {
    /// Whether there is one part only.
    pub fn is_empty(&self) -> bool {
        self.columns.is_empty()
    }

    /// The folders of a row, such as `provider=RXX/financial_month=5`.
    pub(crate) fn folders(&self, batch: &RecordBatch, row: usize, into: &mut String) {
        into.clear();
        for (name, column) in &self.columns {
            if !into.is_empty() {
                into.push('/');
            }
            into.push_str(name);
            into.push('=');
            match value(batch.column(*column), row) {
                Some(value) => escape(&value, into),
                None => into.push_str(NONE),
            }
        }
    }

    /// The columns that stay in the files.
    pub(crate) fn kept(&self, columns: usize) -> Vec<usize> {
        let by = |column: &usize| self.columns.iter().any(|(_, by)| by == column);
        (0..columns).filter(|column| !by(column)).collect()
    }
}

fn value(array: &dyn Array, row: usize) -> Option<String> {
    use arrow_array::types::{Date32Type, Int64Type};
    if array.is_null(row) {
        return None;
    }
    match array.data_type() {
        DataType::Utf8 => Some(array.as_string::<i32>().value(row).trim().to_owned()),
        DataType::Int64 => Some(array.as_primitive::<Int64Type>().value(row).to_string()),
        DataType::Date32 => {
            let day = array.as_primitive::<Date32Type>().value_as_date(row)?;
            Some(day.to_string())
        }
        DataType::Boolean => Some(array.as_boolean().value(row).to_string()),
        _ => None,
    }
    .filter(|value| !value.is_empty())
}

/// Writes a value as Hive does: what could be taken for a part of the path becomes `%` and two digits.
fn escape(value: &str, into: &mut String) {
    /// Longest name of a folder in bytes, well below what file systems allow.
    const LONGEST: usize = 120;
    let before = into.len();
    for character in value.chars() {
        if into.len() - before > LONGEST {
            break;
        }
        if character.is_control() || "\"#%'*/:=?\\{}[]^<>|".contains(character) {
            let mut bytes = [0; 4];
            for byte in character.encode_utf8(&mut bytes).bytes() {
                // Writing to a string cannot fail.
                let _ = write!(into, "%{byte:02X}");
            }
        } else {
            into.push(character);
        }
    }
    if &into[before..] == "." || &into[before..] == ".." {
        into.replace_range(before..=before, "%2E");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_cannot_leave_their_folder() {
        let escaped = |value: &str| {
            let mut text = String::new();
            escape(value, &mut text);
            text
        };
        assert_eq!(escaped("RXX"), "RXX");
        assert_eq!(escaped("../../etc"), "..%2F..%2Fetc");
        assert_eq!(escaped(".."), "%2E.");
        assert_eq!(escaped("a=b:c\n"), "a%3Db%3Ac%0A");
    }
}
