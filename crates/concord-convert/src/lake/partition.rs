//! Which part of a dataset a row belongs to: Hive's `key=value` folders.

use std::fmt::Write as _;

use arrow_array::cast::AsArray;
use arrow_array::{Array, RecordBatch};
use arrow_schema::{DataType, Schema};
use concord_model::entities::{ELEMENT, PERSONAL};

/// How Hive writes that there is no value.
const NONE: &str = "__HIVE_DEFAULT_PARTITION__";

/// Longest name of a folder in bytes, which every usual file system allows.
const LONGEST: usize = 255;

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

    /// The names of the columns, as their folders have them.
    pub(crate) fn names(&self) -> impl Iterator<Item = &str> {
        self.columns.iter().map(|(name, _)| &**name)
    }

    /// The folders of a row, such as `provider=RXX/financial_month=5`.
    ///
    /// # Errors
    /// The name of the column whose value is too long for a folder's name. It cannot be cut: the column stands in no file,
    /// so that readers take its values from the folders.
    pub(crate) fn folders(
        &self,
        batch: &RecordBatch,
        row: usize,
        into: &mut String,
    ) -> Result<(), &str> {
        into.clear();
        for (name, column) in &self.columns {
            if !into.is_empty() {
                into.push('/');
            }
            let before = into.len();
            into.push_str(name);
            into.push('=');
            match value(batch.column(*column), row) {
                Some(value) => escape(&value, into),
                None => into.push_str(NONE),
            }
            if into.len() - before > LONGEST {
                return Err(name);
            }
        }
        Ok(())
    }

    /// The columns that stay in the files.
    pub(crate) fn kept(&self, columns: usize) -> Vec<usize> {
        let by = |column: &usize| self.columns.iter().any(|(_, by)| by == column);
        (0..columns).filter(|column| !by(column)).collect()
    }
}

/// A value as its folder has it, in each of the types that columns of entities and of standards have.
fn value(array: &dyn Array, row: usize) -> Option<String> {
    use arrow_array::types::{Date32Type, Decimal128Type, Int64Type, TimestampMicrosecondType};
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
        DataType::Timestamp(..) => {
            let moments = array.as_primitive::<TimestampMicrosecondType>();
            Some(moments.value_as_datetime(row)?.to_string())
        }
        DataType::Decimal128(..) => {
            let number = array.as_primitive::<Decimal128Type>().value_as_string(row);
            Some(without_zeros(&number).to_owned())
        }
        DataType::Boolean => Some(array.as_boolean().value(row).to_string()),
        _ => None,
    }
    .filter(|value| !value.is_empty())
}

/// A decimal number without the zeros that only its type gives it: `412.50000000` is `412.5`.
fn without_zeros(number: &str) -> &str {
    if number.contains('.') {
        number.trim_end_matches('0').trim_end_matches('.')
    } else {
        number
    }
}

/// Writes a value as Hive does: what could be taken for a part of the path becomes `%` and two digits.
fn escape(value: &str, into: &mut String) {
    let before = into.len();
    for character in value.chars() {
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

    fn folders_of(column: impl Array + 'static) -> Vec<Result<String, String>> {
        let column: std::sync::Arc<dyn Array> = std::sync::Arc::new(column);
        let batch = RecordBatch::try_from_iter([("it", column)]).expect("a batch");
        let by = partitioning(&batch.schema(), &["it".to_owned()]).expect("no personal column");
        let folders = |row| {
            let mut folders = String::new();
            let done = by.folders(&batch, row, &mut folders);
            done.map(|()| folders.clone()).map_err(str::to_owned)
        };
        (0..batch.num_rows()).map(folders).collect()
    }

    #[test]
    fn numbers_and_moments_have_folders_of_their_own() {
        use arrow_array::{Decimal128Array, TimestampMicrosecondArray};
        let amounts = Decimal128Array::from(vec![Some(41_250_000_000), Some(-100_000_000), None]);
        let amounts = amounts.with_precision_and_scale(26, 8).expect("they fit");
        assert_eq!(
            folders_of(amounts),
            ["it=412.5", "it=-1", "it=__HIVE_DEFAULT_PARTITION__"].map(|name| Ok(name.to_owned()))
        );
        let moments = TimestampMicrosecondArray::from(vec![1_751_801_220_000_000]);
        assert_eq!(
            folders_of(moments),
            [Ok("it=2025-07-06 11%3A27%3A00".to_owned())]
        );
    }

    #[test]
    fn values_that_no_folder_can_be_named_by_are_not_cut() {
        let long = |length| "x".repeat(length);
        let values = arrow_array::StringArray::from(vec![long(252), long(253)]);
        let folders = folders_of(values);
        assert_eq!(folders[0], Ok(format!("it={}", long(252))));
        assert_eq!(folders[1], Err("it".to_owned()));
    }

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
