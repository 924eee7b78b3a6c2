//! Rules evaluated over the values captured from one chunk of records.

use std::sync::Arc;

use arrow_array::cast::AsArray;
use arrow_array::{
    Array, ArrayRef, BooleanArray, RecordBatch, RecordBatchOptions, UInt32Array, new_null_array,
};
use arrow_schema::SchemaRef;
use arrow_select::concat::concat;
use arrow_select::take::take;
use concord_check::capture::Captured;
use datafusion::arrow::buffer::BooleanBuffer;
use datafusion_common::ScalarValue;
use datafusion_expr::ColumnarValue;
use datafusion_physical_expr::PhysicalExpr;

use crate::aggregate::aggregate;
use crate::columns;
use crate::distinct::{Columns, Distinct};
use crate::header::Header;
use crate::native::leak;
use crate::rows::{Rows, lying_in};
use crate::ruleset::RuleSet;
use crate::shape::Kind;
use crate::sql::{Input, Source, Unit};
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
    pub(crate) outputs: Vec<Vec<Output>>,
    pub(crate) rows: Rows,
}

/// What an expression gives for each row.
#[derive(Debug, Clone)]
pub(crate) struct Output {
    values: ArrayRef,
    /// The rows that the values belong to, when it was worked out once for rows that say the same.
    rows: Option<Arc<Distinct>>,
}

impl Output {
    /// A value for each row.
    fn whole(&self) -> ArrayRef {
        let Some(rows) = &self.rows else {
            return Arc::clone(&self.values);
        };
        let like = UInt32Array::from_iter_values(rows.like.iter().copied());
        take(&self.values, &like, None).expect("each row is like one that has a value")
    }

    /// Calls `each` with every row for which the output, a condition, is known to be `wanted`.
    pub(crate) fn rows_that_are(&self, wanted: bool, mut each: impl FnMut(usize)) {
        let Some(values) = self.values.as_boolean_opt() else {
            // A condition that is NULL whatever the data.
            return;
        };
        let known = if wanted {
            values.values().clone()
        } else {
            !values.values()
        };
        let known = match values.nulls() {
            Some(nulls) => &known & nulls.inner(),
            None => known,
        };
        match &self.rows {
            None => known.set_indices().for_each(each),
            Some(_) if known.count_set_bits() == 0 => {}
            Some(rows) => {
                let known: Vec<bool> = known.iter().collect();
                for (row, &like) in rows.like.iter().enumerate() {
                    if known[like as usize] {
                        each(row);
                    }
                }
            }
        }
    }
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
            self.equals(index, captured, chunk, header, &scratch.rows, broken);
            for leak in &table.leaks {
                leak::search(leak, index, captured, chunk, broken);
            }
            if table.sql.units.is_empty() {
                continue;
            }
            let here = Here {
                rules: self,
                captured,
                chunk,
                header,
                scratch,
                table: index,
            };
            scratch.outputs[index] = here.outputs();
            for condition in &table.conditions {
                scratch.outputs[index][condition.output].rows_that_are(false, |row| {
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
            let said = |cell: Cell| {
                let text = header.text(cell.column)?.as_bytes();
                Some((table.columns[cell.column].kind, text))
            };
            if differ(said(equal.left), said(equal.right)) {
                broken.push(found(equal.rule, 0));
            }
        }
        let mut outputs = vec![None; table.sql.outputs];
        for unit in &table.sql.units {
            let arrays = unit.inputs.iter().map(|&number| {
                let input = &table.sql.inputs[number];
                match input.source {
                    Source::Cell(cell) => {
                        let kind = table.columns[cell.column].kind;
                        columns::constant(kind, 1, header.text(cell.column))
                    }
                    Source::Presence(cell, present) => {
                        let is = header.text(cell.column).is_some() == present;
                        Arc::new(BooleanArray::from(vec![is])) as ArrayRef
                    }
                    Source::Aggregate { .. } => new_null_array(&input.data_type, 1),
                }
            });
            unit.put(run(unit, arrays.collect(), 1), None, &mut outputs);
        }
        let outputs = all(outputs);
        for condition in &table.conditions {
            outputs[condition.output].rows_that_are(false, |_| {
                broken.push(found(condition.rule, condition.aim));
            });
        }
        broken[before..].sort_unstable();
    }

    /// Rows of a table of which two cells differ.
    fn equals(
        &self,
        index: usize,
        captured: &Captured,
        chunk: &[u8],
        header: &Header,
        rows: &Rows,
        broken: &mut Vec<Broken>,
    ) {
        let group = &captured.groups[index];
        for equal in &self.tables[index].equals {
            for row in 0..group.len() {
                let said = |cell: Cell| {
                    let kind = self.tables[cell.table].columns[cell.column].kind;
                    if cell.table == SUBMISSION {
                        return Some((kind, header.text(cell.column)?.as_bytes()));
                    }
                    let row = rows.above(cell.table, row);
                    Some((kind, captured.bytes(chunk, cell.table, row, cell.column)?))
                };
                if differ(said(equal.left), said(equal.right)) {
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
}

/// Whether two cells that both say something say different things.
fn differ(left: Option<(Kind, &[u8])>, right: Option<(Kind, &[u8])>) -> bool {
    left.zip(right)
        .is_some_and(|(left, right)| !columns::alike(left, right))
}

/// The rows of a table whose outputs are being computed.
struct Here<'h> {
    rules: &'h RuleSet,
    captured: &'h Captured,
    chunk: &'h [u8],
    header: &'h Header,
    scratch: &'h Scratch,
    table: usize,
}

impl Here<'_> {
    /// Every output of the table.
    fn outputs(&self) -> Vec<Output> {
        let sql = &self.rules.tables[self.table].sql;
        let rows = self.captured.groups[self.table].len();
        let columns = Columns::new(self.captured, self.chunk, self.table, &sql.inputs);
        let mut whole: Vec<Option<ArrayRef>> = vec![None; sql.inputs.len()];
        let mut outputs = vec![None; sql.outputs];
        for unit in &sql.units {
            let distinct = if unit.by_value {
                columns.together(&unit.inputs)
            } else {
                None
            };
            let values = if let Some(distinct) = &distinct {
                self.of_distinct(unit, distinct)
            } else {
                let arrays = unit.inputs.iter().map(|&number| {
                    let input = || self.of_all(number, &columns);
                    Arc::clone(whole[number].get_or_insert_with(input))
                });
                run(unit, arrays.collect(), rows)
            };
            unit.put(values, distinct.as_ref(), &mut outputs);
        }
        all(outputs)
    }

    /// What a unit gives for the first row of each kind.
    fn of_distinct(&self, unit: &Unit, distinct: &Distinct) -> Vec<ArrayRef> {
        let inputs = &self.rules.tables[self.table].sql.inputs;
        let of = |rows: &[u32]| {
            let arrays = unit.inputs.iter();
            let arrays = arrays.map(|&number| self.of_rows(&inputs[number], rows));
            run(unit, arrays.collect(), rows.len())
        };
        let Some((absent, present)) = distinct.firsts.split_last() else {
            return of(&[]);
        };
        if !distinct.all_but_absent {
            return of(&distinct.firsts);
        }
        // One value that is absent would keep a condition from being decided by its first part alone.
        let parts = of(present).into_iter().zip(of(&[*absent]));
        let joined: Result<_, _> = parts
            .map(|(present, absent)| concat(&[&present, &absent]))
            .collect();
        joined.unwrap_or_else(|_| of(&distinct.firsts))
    }

    /// What an input, which is a cell of the table itself, says in some of its rows.
    fn of_rows(&self, input: &Input, rows: &[u32]) -> ArrayRef {
        match input.source {
            Source::Cell(cell) => self.texts(cell, rows.iter().map(|&row| row as usize)),
            Source::Presence(cell, present) => {
                let is = |row: usize| self.text(cell, rows[row] as usize).is_some() == present;
                let values = BooleanBuffer::collect_bool(rows.len(), is);
                Arc::new(BooleanArray::new(values, None))
            }
            Source::Aggregate { .. } => new_null_array(&input.data_type, rows.len()),
        }
    }

    /// What an input says in every row.
    fn of_all(&self, number: usize, columns: &Columns<'_>) -> ArrayRef {
        let rows = self.captured.groups[self.table].len();
        let input = &self.rules.tables[self.table].sql.inputs[number];
        match input.source {
            Source::Cell(cell) if cell.table == self.table && self.is_read(cell) => {
                // What says the same is read once.
                match columns.alike(number) {
                    Some(alike) => {
                        let values = self.of_rows(input, &alike.firsts);
                        let rows = Some(alike);
                        Output { values, rows }.whole()
                    }
                    None => self.texts(cell, 0..rows),
                }
            }
            Source::Cell(cell) if cell.table == SUBMISSION => {
                let kind = self.rules.tables[cell.table].columns[cell.column].kind;
                columns::constant(kind, rows, self.header.text(cell.column))
            }
            Source::Cell(cell) => match self.scratch.rows.in_table(cell.table) {
                None => self.texts(cell, 0..rows),
                Some(above) => self.texts(cell, above.iter().map(|&row| row as usize)),
            },
            Source::Presence(cell, present) => self.presence(cell, present, rows),
            Source::Aggregate {
                aggregate: kind,
                table,
                output,
            } => {
                let of = self.scratch.outputs[table].get(output).map(Output::whole);
                let parents = lying_in(self.rules, self.captured, table, self.table);
                aggregate(kind, of.as_ref(), &parents, rows, &input.data_type)
            }
        }
    }

    fn text(&self, cell: Cell, row: usize) -> Option<&[u8]> {
        self.captured
            .bytes(self.chunk, cell.table, row, cell.column)
    }

    /// The values of a cell in some rows of its table.
    fn texts(&self, cell: Cell, rows: impl ExactSizeIterator<Item = usize>) -> ArrayRef {
        let kind = self.rules.tables[cell.table].columns[cell.column].kind;
        columns::array(kind, rows.len(), rows.map(|row| self.text(cell, row)))
    }

    /// Whether the texts of a cell are read as something else, which takes longer than finding those that are the same.
    fn is_read(&self, cell: Cell) -> bool {
        self.rules.tables[cell.table].columns[cell.column].kind != Kind::Text
    }

    /// Whether a cell has a text, for each row.
    fn presence(&self, cell: Cell, present: bool, rows: usize) -> ArrayRef {
        let values = if cell.table == SUBMISSION {
            let is = self.header.text(cell.column).is_some() == present;
            BooleanBuffer::collect_bool(rows, |_| is)
        } else {
            let is = |row: usize| self.text(cell, row).is_some() == present;
            match self.scratch.rows.in_table(cell.table) {
                None => BooleanBuffer::collect_bool(rows, is),
                Some(above) => BooleanBuffer::collect_bool(rows, |row| is(above[row] as usize)),
            }
        };
        Arc::new(BooleanArray::new(values, None))
    }
}

/// Evaluates the expressions of a unit.
fn run(unit: &Unit, mut arrays: Vec<ArrayRef>, rows: usize) -> Vec<ArrayRef> {
    if !unit.shared.is_empty() {
        let inputs = batch(&unit.schema, arrays.clone(), rows);
        arrays.extend(unit.shared.iter().map(|call| values(call, &inputs)));
    }
    let whole = batch(&unit.whole, arrays, rows);
    let outputs = unit.outputs.iter();
    outputs.map(|(_, output)| values(output, &whole)).collect()
}

impl Unit {
    /// Puts what was evaluated to the table's outputs. `rows`: those that it was evaluated for, when not for all.
    fn put(
        &self,
        values: Vec<ArrayRef>,
        rows: Option<&Arc<Distinct>>,
        outputs: &mut [Option<Output>],
    ) {
        for ((number, _), values) in self.outputs.iter().zip(values) {
            let rows = rows.cloned();
            outputs[*number] = Some(Output { values, rows });
        }
    }
}

/// The outputs of a table, all of which have been worked out.
fn all(outputs: Vec<Option<Output>>) -> Vec<Output> {
    let outputs: Option<Vec<Output>> = outputs.into_iter().collect();
    outputs.expect("every output is in a unit")
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
