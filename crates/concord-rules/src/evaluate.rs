//! Rules evaluated over the values captured from one chunk of records.

use std::sync::Arc;

use arrow_array::cast::AsArray;
use arrow_array::{Array, ArrayRef, BooleanArray, RecordBatch, RecordBatchOptions, new_null_array};
use arrow_schema::SchemaRef;
use concord_check::capture::Captured;
use datafusion::arrow::buffer::BooleanBuffer;
use datafusion_common::ScalarValue;
use datafusion_expr::ColumnarValue;
use datafusion_physical_expr::PhysicalExpr;

use crate::aggregate::aggregate;
use crate::columns;
use crate::header::Header;
use crate::native::leak;
use crate::rows::{Rows, lying_in};
use crate::ruleset::{RuleSet, Table};
use crate::sql::Source;
use crate::tables::{Cell, SUBMISSION};

/// A rule broken by a row.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Broken {
    /// The record that holds the row, counted from 0 in the chunk; `None` for the submission.
    pub record: Option<u32>,
    /// Number of the rule in its [`RuleSet`].
    pub rule: u32,
    /// Group of the plan in which the row lies.
    pub group: u32,
    /// The row.
    pub row: u32,
    /// Which of the rule's places a finding points at, from 0. [`RuleSet::detail`] says where that is.
    pub aim: u32,
}

/// Memory that one thread uses again and again.
#[derive(Debug, Default)]
pub struct Scratch {
    pub(crate) outputs: Vec<Vec<ArrayRef>>,
    pub(crate) rows: Rows,
}

impl RuleSet {
    /// Adds to `broken` every rule that the captured rows break, ordered by record and then by rule.
    ///
    /// `captured` holds the rows of [`RuleSet::plan`] for the records of `chunk`. A rule whose expression is unknown
    /// (NULL) for a row is not broken by it.
    pub fn evaluate(
        &self,
        captured: &Captured,
        chunk: &[u8],
        header: &Header,
        scratch: &mut Scratch,
        broken: &mut Vec<Broken>,
    ) {
        let before = broken.len();
        scratch.outputs.resize_with(self.tables.len(), Vec::new);
        // Groups stand behind their parents, and aggregates look at groups below.
        for index in (SUBMISSION + 1..self.tables.len()).rev() {
            scratch.outputs[index].clear();
            let table = &self.tables[index];
            let group = &captured.groups[index];
            if group.is_empty() {
                continue;
            }
            scratch.rows.of(self, captured, index);
            equal_texts(table, index, captured, chunk, header, &scratch.rows, broken);
            for leak in &table.leaks {
                leak::search(leak, index, captured, chunk, broken);
            }
            if table.sql.outputs.is_empty() {
                continue;
            }
            let texts = |cell: Cell| -> ArrayRef {
                let kind = self.tables[cell.table].columns[cell.column].kind;
                let rows = group.len();
                if cell.table == SUBMISSION {
                    return columns::constant(kind, rows, header.text(cell.column));
                }
                match scratch.rows.in_table(cell.table) {
                    None => columns::array(
                        kind,
                        rows,
                        (0..rows).map(|row| captured.bytes(chunk, cell.table, row, cell.column)),
                    ),
                    Some(above) => columns::array(
                        kind,
                        rows,
                        above.iter().map(|&row| {
                            captured.bytes(chunk, cell.table, row as usize, cell.column)
                        }),
                    ),
                }
            };
            let arrays = table
                .sql
                .inputs
                .iter()
                .map(|input| match input.source {
                    Source::Cell(cell) => texts(cell),
                    Source::Presence(cell, present) => presence(
                        captured,
                        chunk,
                        header,
                        &scratch.rows,
                        cell,
                        present,
                        group.len(),
                    ),
                    Source::Aggregate {
                        aggregate: kind,
                        table,
                        output,
                    } => aggregate(
                        kind,
                        scratch.outputs[table].get(output),
                        &lying_in(self, captured, table, index),
                        group.len(),
                        &input.data_type,
                    ),
                })
                .collect();
            scratch.outputs[index] = run(table, arrays, group.len());
            for condition in &table.conditions {
                false_rows(&scratch.outputs[index][condition.output], |row| {
                    broken.push(Broken {
                        record: Some(group.records[row]),
                        rule: condition.rule,
                        group: index as u32,
                        row: row as u32,
                        aim: condition.aim,
                    });
                });
            }
        }
        broken[before..].sort_unstable();
    }

    /// Adds to `broken` every rule that the header and trailer break; both are known by now.
    pub fn evaluate_submission(&self, header: &Header, broken: &mut Vec<Broken>) {
        let before = broken.len();
        let table = &self.tables[SUBMISSION];
        let found = |rule, aim| Broken {
            record: None,
            rule,
            group: SUBMISSION as u32,
            row: 0,
            aim,
        };
        for equal in &table.equals {
            let left = header.text(equal.left.column);
            let right = header.text(equal.right.column);
            if left.zip(right).is_some_and(|(left, right)| left != right) {
                broken.push(found(equal.rule, 0));
            }
        }
        if !table.sql.outputs.is_empty() {
            let arrays = table
                .sql
                .inputs
                .iter()
                .map(|input| match input.source {
                    Source::Cell(cell) => {
                        let kind = table.columns[cell.column].kind;
                        columns::constant(kind, 1, header.text(cell.column))
                    }
                    Source::Presence(cell, present) => {
                        let is = header.text(cell.column).is_some() == present;
                        Arc::new(BooleanArray::from(vec![is])) as ArrayRef
                    }
                    Source::Aggregate { .. } => new_null_array(&input.data_type, 1),
                })
                .collect();
            let outputs = run(table, arrays, 1);
            for condition in &table.conditions {
                false_rows(&outputs[condition.output], |_| {
                    broken.push(found(condition.rule, condition.aim));
                });
            }
        }
        broken[before..].sort_unstable();
    }
}

/// Rows of which two texts differ.
fn equal_texts(
    table: &Table,
    index: usize,
    captured: &Captured,
    chunk: &[u8],
    header: &Header,
    rows: &Rows,
    broken: &mut Vec<Broken>,
) {
    let group = &captured.groups[index];
    for equal in &table.equals {
        for row in 0..group.len() {
            let text = |cell: Cell| {
                if cell.table == SUBMISSION {
                    return header.text(cell.column).map(str::as_bytes);
                }
                let row = rows.above(cell.table, row);
                captured.bytes(chunk, cell.table, row, cell.column)
            };
            let (left, right) = (text(equal.left), text(equal.right));
            if left.zip(right).is_some_and(|(left, right)| left != right) {
                broken.push(Broken {
                    record: Some(group.records[row]),
                    rule: equal.rule,
                    group: index as u32,
                    row: row as u32,
                    aim: 0,
                });
            }
        }
    }
}

/// Whether a cell has a text, for each row.
fn presence(
    captured: &Captured,
    chunk: &[u8],
    header: &Header,
    above: &Rows,
    cell: Cell,
    present: bool,
    rows: usize,
) -> ArrayRef {
    let values = if cell.table == SUBMISSION {
        let is = header.text(cell.column).is_some() == present;
        BooleanBuffer::collect_bool(rows, |_| is)
    } else {
        let is = |row: usize| {
            let text = captured.bytes(chunk, cell.table, row, cell.column);
            text.is_some() == present
        };
        match above.in_table(cell.table) {
            None => BooleanBuffer::collect_bool(rows, is),
            Some(above) => BooleanBuffer::collect_bool(rows, |row| is(above[row] as usize)),
        }
    };
    Arc::new(BooleanArray::new(values, None))
}

/// Calls `found` with every row whose condition is false.
fn false_rows(condition: &ArrayRef, mut found: impl FnMut(usize)) {
    let Some(values) = condition.as_boolean_opt() else {
        // A condition that is NULL whatever the data is never broken.
        return;
    };
    if values.false_count() == 0 {
        return;
    }
    for row in 0..values.len() {
        if values.is_valid(row) && !values.value(row) {
            found(row);
        }
    }
}

/// Evaluates all expressions of a table.
fn run(table: &Table, mut arrays: Vec<ArrayRef>, rows: usize) -> Vec<ArrayRef> {
    let sql = &table.sql;
    if !sql.shared.is_empty() {
        let inputs = batch(&sql.schema, arrays.clone(), rows);
        arrays.extend(sql.shared.iter().map(|call| values(call, &inputs)));
    }
    let whole = batch(&sql.whole, arrays, rows);
    sql.outputs
        .iter()
        .map(|output| values(output, &whole))
        .collect()
}

fn batch(schema: &SchemaRef, arrays: Vec<ArrayRef>, rows: usize) -> RecordBatch {
    let options = RecordBatchOptions::new().with_row_count(Some(rows));
    RecordBatch::try_new_with_options(Arc::clone(schema), arrays, &options)
        .expect("columns have the types and the length that the schema was made of")
}

fn values(expression: &Arc<dyn PhysicalExpr>, batch: &RecordBatch) -> ArrayRef {
    expression
        .evaluate(batch)
        .and_then(|value| value.into_array(batch.num_rows()))
        .unwrap_or_else(|_| row_by_row(expression, batch))
}

/// Evaluates an expression that fails for some row (such as a division by zero); it is unknown for those that fail.
fn row_by_row(output: &Arc<dyn PhysicalExpr>, batch: &RecordBatch) -> ArrayRef {
    let data_type = output
        .data_type(&batch.schema())
        .unwrap_or(arrow_schema::DataType::Null);
    let unknown = ScalarValue::try_from(&data_type).unwrap_or(ScalarValue::Null);
    let values = (0..batch.num_rows()).map(|row| {
        let value = match output.evaluate(&batch.slice(row, 1)) {
            Ok(ColumnarValue::Array(array)) => ScalarValue::try_from_array(&array, 0).ok(),
            Ok(ColumnarValue::Scalar(value)) => Some(value),
            Err(_) => None,
        };
        value.unwrap_or_else(|| unknown.clone())
    });
    ScalarValue::iter_to_array(values)
        .unwrap_or_else(|_| new_null_array(&data_type, batch.num_rows()))
}
