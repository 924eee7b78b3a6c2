//! The canonical rows of records, for writers that go record by record.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use arrow_array::cast::AsArray;
use arrow_array::types::{Date32Type, Decimal128Type, Int64Type, TimestampMicrosecondType};
use arrow_array::{Array, Int64Array, RecordBatch};
use arrow_schema::{ArrowError, DataType};
use jiff::civil::Date;

use crate::converting::Target;
use crate::rejects::Reject;

/// The rows of some records: of each entity those of all of them, sorted by record.
#[derive(Debug, Clone, Default)]
pub struct Records {
    tables: BTreeMap<Arc<str>, RecordBatch>,
}

impl Records {
    /// Takes the rows of an entity, which are sorted by `source_record`.
    pub fn insert(&mut self, entity: Arc<str>, rows: RecordBatch) {
        self.tables.insert(entity, rows);
    }

    /// The same rows as those of one record, which has another number.
    ///
    /// # Errors
    /// That the columns do not make tables, which they always do.
    pub fn of_record(self, number: i64) -> Result<Self, ArrowError> {
        let tables = self.tables.into_iter().map(|(name, rows)| {
            let numbers = Int64Array::from_value(number, rows.num_rows());
            let (schema, mut columns, _) = rows.into_parts();
            if let Ok(place) = schema.index_of("source_record") {
                columns[place] = Arc::new(numbers);
            }
            Ok((name, RecordBatch::try_new(schema, columns)?))
        });
        Ok(Self {
            tables: tables.collect::<Result<_, ArrowError>>()?,
        })
    }

    /// The rows of an entity, those of all records.
    pub fn table(&self, entity: &str) -> Option<&RecordBatch> {
        self.tables.get(entity)
    }

    /// The entities that there are rows of, with the rows, by name.
    pub fn tables(&self) -> impl Iterator<Item = (&str, &RecordBatch)> {
        self.tables.iter().map(|(name, rows)| (&**name, rows))
    }

    /// Of each row of an entity the number of its record.
    pub(crate) fn numbers(&self, entity: &str) -> &[i64] {
        self.tables.get(entity).map_or(&[], record_numbers)
    }

    /// Whether there are no rows.
    pub fn is_empty(&self) -> bool {
        self.tables.is_empty()
    }

    /// The rows of the submission as a whole: those that lie in no record.
    pub fn submission(&self) -> Record<'_> {
        self.record(0)
    }

    /// The records, in order.
    pub fn records(&self) -> impl Iterator<Item = Record<'_>> {
        let mut numbers: Vec<i64> = Vec::new();
        for rows in self.tables.values() {
            numbers.extend(record_numbers(rows));
        }
        numbers.sort_unstable();
        numbers.dedup();
        numbers.retain(|number| *number > 0);
        numbers.into_iter().map(|number| self.record(number))
    }

    fn record(&self, number: i64) -> Record<'_> {
        let rows = self.tables.iter().filter_map(|(name, rows)| {
            let numbers = record_numbers(rows);
            let start = numbers.partition_point(|other| *other < number);
            let end = numbers.partition_point(|other| *other <= number);
            (start < end).then_some((&**name, (rows, start..end)))
        });
        Record {
            number,
            rows: rows.collect(),
        }
    }
}

fn record_numbers(rows: &RecordBatch) -> &[i64] {
    match rows.column_by_name("source_record") {
        Some(column) => column.as_primitive::<Int64Type>().values(),
        None => &[],
    }
}

/// The rows of one record.
#[derive(Debug, Clone)]
pub struct Record<'r> {
    /// Number of the record in its file, from 1; 0 for the submission as a whole.
    pub number: i64,
    rows: BTreeMap<&'r str, (&'r RecordBatch, Range<usize>)>,
}

impl<'r> Record<'r> {
    /// The rows of an entity, in their sequence.
    pub fn rows(&self, entity: &str) -> impl Iterator<Item = Row<'r>> + use<'r> {
        let (rows, range) = match self.rows.get(entity) {
            Some((rows, range)) => (Some(*rows), range.clone()),
            None => (None, 0..0),
        };
        range.filter_map(move |row| Some(Row { rows: rows?, row }))
    }

    /// The first row of an entity.
    pub fn first(&self, entity: &str) -> Option<Row<'r>> {
        self.rows(entity).next()
    }

    /// The row of those that change with time that holds on a day: the one whose period has the day, else the first without
    /// a period, else the first. `from` and `to` are the fields of the period's first and last day.
    pub fn holding(
        &self,
        entity: &str,
        date: Option<Date>,
        from: &str,
        to: &str,
    ) -> Option<Row<'r>> {
        let rows: Vec<Row<'r>> = self.rows(entity).collect();
        let day = |row: &Row<'r>, name: &str| row.text(name)?.parse::<Date>().ok();
        let period = |row: &Row<'r>| (day(row, from), day(row, to));
        let holds = |row: &&Row<'r>| {
            let (from, to) = period(row);
            let dated = from.is_some() || to.is_some();
            dated
                && date.is_some_and(|date| {
                    from.is_none_or(|from| from <= date) && to.is_none_or(|to| date <= to)
                })
        };
        let always = |row: &&Row<'r>| period(row) == (None, None);
        let found = rows.iter().find(holds).or_else(|| rows.iter().find(always));
        found.or(rows.first()).copied()
    }

    /// The rows of an entity that lie in a row of its parent.
    pub fn rows_in(
        &self,
        entity: &str,
        parent: Row<'_>,
    ) -> impl Iterator<Item = Row<'r>> + use<'r> {
        let sequence = parent.sequence();
        self.rows(entity)
            .filter(move |row| row.integer("parent_sequence") == sequence)
    }

    /// The entities that the record has rows of, by name.
    pub fn entities(&self) -> impl Iterator<Item = &'r str> {
        self.rows.keys().copied()
    }
}

/// One row of an entity.
#[derive(Debug, Clone, Copy)]
pub struct Row<'r> {
    rows: &'r RecordBatch,
    row: usize,
}

impl<'r> Row<'r> {
    fn column(&self, name: &str) -> Option<&'r dyn Array> {
        let column = self.rows.column_by_name(name)?;
        column.is_valid(self.row).then_some(&**column)
    }

    /// Where it stands among the rows of its entity, those of all records.
    pub(crate) fn index(&self) -> usize {
        self.row
    }

    /// The row's number among those of its entity in the record, from 1.
    pub fn sequence(&self) -> Option<i64> {
        self.integer("sequence")
    }

    /// A whole number.
    pub fn integer(&self, name: &str) -> Option<i64> {
        let column = self.column(name)?;
        (*column.data_type() == DataType::Int64)
            .then(|| column.as_primitive::<Int64Type>().value(self.row))
    }

    /// The text of a text, code or time as it stands.
    pub fn str(&self, name: &str) -> Option<&'r str> {
        let column = self.column(name)?;
        (*column.data_type() == DataType::Utf8).then(|| column.as_string::<i32>().value(self.row))
    }

    /// Any value as XML Schema and FHIR write it: days as `CCYY-MM-DD`, moments as `CCYY-MM-DDThh:mm:ss` with their zone,
    /// partial dates as precise as they are, decimals without needless digits.
    pub fn text(&self, name: &str) -> Option<Cow<'r, str>> {
        let column = self.column(name)?;
        match column.data_type() {
            DataType::Utf8 => Some(Cow::Borrowed(column.as_string::<i32>().value(self.row))),
            DataType::Int64 => Some(
                column
                    .as_primitive::<Int64Type>()
                    .value(self.row)
                    .to_string()
                    .into(),
            ),
            DataType::Boolean => Some(column.as_boolean().value(self.row).to_string().into()),
            DataType::Date32 => {
                let day = column
                    .as_primitive::<Date32Type>()
                    .value_as_date(self.row)?;
                let text = day.format("%Y-%m-%d").to_string();
                let precise = match self.str(&format!("{name}_precision")) {
                    Some("year") => 4,
                    Some("month") => 7,
                    _ => text.len(),
                };
                Some(text[..precise.min(text.len())].to_owned().into())
            }
            DataType::Timestamp(..) => {
                let values = column.as_primitive::<TimestampMicrosecondType>();
                let moment = values.value_as_datetime(self.row)?;
                let zone = self.str(&format!("{name}_zone")).unwrap_or_default();
                Some(format!("{}{zone}", moment.format("%Y-%m-%dT%H:%M:%S%.f")).into())
            }
            DataType::Decimal128(_, scale) => {
                let value = column.as_primitive::<Decimal128Type>().value(self.row);
                Some(decimal(value, *scale).into())
            }
            _ => None,
        }
    }
}

/// A decimal number of `scale` digits behind the point, without zeros at its end.
pub(crate) fn decimal(value: i128, scale: i8) -> String {
    let scale = usize::from(scale.unsigned_abs());
    let digits = format!("{:0>width$}", value.unsigned_abs(), width = scale + 1);
    let (whole, fraction) = digits.split_at(digits.len() - scale);
    let fraction = fraction.trim_end_matches('0');
    let sign = if value < 0 { "-" } else { "" };
    if fraction.is_empty() {
        format!("{sign}{whole}")
    } else {
        format!("{sign}{whole}.{fraction}")
    }
}

/// Gives records, some at a time, in their order.
pub trait RecordSource {
    /// The next records; `None` when there are no more.
    ///
    /// # Errors
    /// Why they could not be read, for people.
    fn next(&mut self) -> Result<Option<Records>, String>;
}

/// Takes records, chunk by chunk in the order of the input.
pub trait RecordWriter: Send {
    /// Takes the rows of complete records.
    ///
    /// # Errors
    /// Why they could not be written, for people.
    fn write(&mut self, records: &Records) -> Result<(), String>;
    /// Takes rejected records.
    ///
    /// # Errors
    /// Why they could not be written, for people.
    fn rejects(&mut self, rejects: &[Reject]) -> Result<(), String> {
        let _ = rejects;
        Ok(())
    }
}

/// A target that hands whole records to a writer.
#[derive(Debug)]
pub struct ByRecord<W> {
    names: Vec<Arc<str>>,
    state: Mutex<State<W>>,
}

#[derive(Debug)]
struct State<W> {
    records: Records,
    writer: W,
    failed: Option<String>,
}

impl<W: RecordWriter> ByRecord<W> {
    /// Hands the rows of tables of these names to a writer.
    pub fn new(names: Vec<Arc<str>>, writer: W) -> Self {
        Self {
            names,
            state: Mutex::new(State {
                records: Records::default(),
                writer,
                failed: None,
            }),
        }
    }

    /// The writer, when all rows have been handed over.
    ///
    /// # Errors
    /// Why something could not be written.
    pub fn into_writer(self) -> Result<W, String> {
        let state = self
            .state
            .into_inner()
            .unwrap_or_else(PoisonError::into_inner);
        match state.failed {
            Some(reason) => Err(reason),
            None => Ok(state.writer),
        }
    }

    fn state(&self) -> MutexGuard<'_, State<W>> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<W: RecordWriter> Target for ByRecord<W> {
    fn begins(&self, table: usize, row: RecordBatch) {
        if let Some(name) = self.names.get(table) {
            self.state().records.insert(Arc::clone(name), row);
        }
    }

    fn rows(&self, table: usize, rows: RecordBatch) {
        // What is known of the submission was given when it began.
        if record_numbers(&rows).first() == Some(&0) {
            return;
        }
        if let Some(name) = self.names.get(table) {
            self.state().records.insert(Arc::clone(name), rows);
        }
    }

    fn chunk_ends(&self) {
        let mut state = self.state();
        let records = std::mem::take(&mut state.records);
        if !records.is_empty()
            && let Err(reason) = state.writer.write(&records)
        {
            state.failed.get_or_insert(reason);
        }
    }

    fn rejects(&self, rejects: Vec<Reject>) {
        let mut state = self.state();
        if let Err(reason) = state.writer.rejects(&rejects) {
            state.failed.get_or_insert(reason);
        }
    }

    fn failed(&self, reason: String) {
        self.state().failed.get_or_insert(reason);
    }

    fn stopped(&self) -> bool {
        self.state().failed.is_some()
    }
}

#[cfg(test)]
mod tests {
    use super::decimal;

    #[test]
    fn decimals_are_written_without_needless_digits() {
        assert_eq!(decimal(3_421_900_000_000, 8), "34219");
        assert_eq!(decimal(-50_000_000, 8), "-0.5");
        assert_eq!(decimal(0, 8), "0");
        assert_eq!(decimal(7, 0), "7");
    }
}
