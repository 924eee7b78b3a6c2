//! Examples of rules over all inputs: rows by table, the tables of other standards among them.

use std::sync::Arc;

use arrow_array::{ArrayRef, Int64Array, RecordBatch};
use arrow_schema::{DataType, Field, Schema};
use concord_standards::rules::{Example, RuleDefinition};

use crate::columns;
use crate::error::Problem;
use crate::given::Given;
use crate::query::Spanning;
use crate::shape::{Kind, Shape};
use crate::sql::{Environment, of_kind};
use crate::tables::Tables;

/// Whether an example breaks its rule. Each table is an input. Columns of other standards' tables are of the kind that columns
/// of the same name have here, else texts.
pub(super) fn breaks(
    shape: &Shape<'_>,
    given: &Given,
    (rule, sql): (&RuleDefinition, &str),
    example: &Example,
) -> Result<bool, Problem> {
    let tables = Tables::new(shape);
    let environment = Environment::new(given);
    let mut spanning = Spanning::of_query(&rule.rule, sql, environment.functions(), given);
    for (file, (name, rows)) in example.groups.iter().enumerate() {
        let batch = batch(&tables, name, rows);
        let batch =
            batch.ok_or_else(|| Problem::new(format!("the rows of `{name}` make no table")))?;
        spanning.add_rows(name, file, &batch);
    }
    let (broken, not_run) = spanning.finish();
    match not_run.into_iter().next() {
        Some((_, reason)) => Err(Problem::new(reason)),
        None => Ok(!broken.is_empty()),
    }
}

fn batch(tables: &Tables<'_>, name: &str, rows: &[Example]) -> Option<RecordBatch> {
    let mut known: Vec<(String, Kind)> = tables.columns_of(name);
    for column in rows.iter().flat_map(|row| row.elements.keys()) {
        if !known.iter().any(|(other, _)| other == column) {
            let of_others = tables.record_names();
            let mut same = of_others
                .iter()
                .flat_map(|record| tables.columns_of(record));
            let kind = same
                .find(|(other, _)| other == column)
                .map_or(Kind::Text, |(_, kind)| kind);
            known.push((column.clone(), kind));
        }
    }
    let numbers = || -> ArrayRef {
        Arc::new(Int64Array::from_iter_values(
            1..=(rows.len() as u64).cast_signed(),
        ))
    };
    let mut fields = vec![Field::new("record", DataType::Int64, false)];
    let mut arrays = vec![numbers()];
    for (column, kind) in &known {
        // An empty cell is an absent element.
        let texts = rows
            .iter()
            .map(|row| row.elements.get(column).filter(|text| !text.is_empty()));
        let texts = texts.map(|text| text.map(String::as_bytes));
        fields.push(Field::new(column, of_kind(*kind), true));
        arrays.push(columns::array(*kind, rows.len(), texts));
    }
    fields.push(Field::new("line", DataType::Int64, false));
    arrays.push(numbers());
    RecordBatch::try_new(Arc::new(Schema::new(fields)), arrays).ok()
}
