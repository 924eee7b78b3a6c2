//! What lines are put together by.

use std::sync::Arc;

use concord_model::entities::entity;
use concord_standards::definition::{Definition, Mapping};
use concord_standards::layout::Mandation;
use concord_standards::rules::Check;

use super::{AGGREGATE, CREATED, LINE};

/// The fields that lines and aggregates share and the aggregate's standard has a column for, without the moment of
/// creation.
pub fn dimensions(definition: &Definition, mapping: &Mapping) -> Vec<&'static str> {
    let (Some(line), Some(aggregate)) = (entity(LINE), entity(AGGREGATE)) else {
        return Vec::new();
    };
    let tables = definition.layout.iter().flat_map(|layout| &layout.tables);
    let columns: Vec<&str> = tables
        .flat_map(|table| &table.fields)
        .filter(|field| field.mandation != Mandation::NotUsed)
        .map(|field| &*field.column)
        .collect();
    let mapped: Vec<&str> = mapping
        .rows
        .iter()
        .filter(|row| row.entity.name == AGGREGATE)
        .flat_map(|row| &row.fields)
        .filter(|field| field.from.iter().any(|from| columns.contains(&&*from.text)))
        .map(|field| field.field.name)
        .collect();
    let shared = aggregate.fields.iter().map(|field| field.name);
    shared
        .filter(|name| *name != CREATED && line.field(name).is_some() && mapped.contains(name))
        .collect()
}

/// Dimensions that are left blank where another has one of these codes.
#[derive(Debug, Clone)]
pub(super) struct Blank {
    pub(super) dimension: usize,
    pub(super) codes: Vec<Arc<str>>,
    pub(super) others: Vec<usize>,
}

/// What the rules of a standard want blank. Rules whose condition is not that one column is in a list say nothing here: the
/// checker tells of rows that break them.
pub(super) fn blanks(
    definition: &Definition,
    mapping: &Mapping,
    dimensions: &[&'static str],
) -> Vec<Blank> {
    let dimension = |column: &str| {
        let mut fields = mapping.rows.iter().flat_map(|row| &row.fields);
        let field = fields.find(|field| field.from.iter().any(|from| &*from.text == column))?;
        dimensions.iter().position(|name| *name == field.field.name)
    };
    let rules = definition.rules.iter().filter_map(|rule| {
        let Check::Blank { columns, when } = &rule.check else {
            return None;
        };
        let (column, codes) = one_of(when.as_deref()?)?;
        Some(Blank {
            dimension: dimension(column)?,
            codes,
            others: columns
                .iter()
                .filter_map(|column| dimension(column))
                .collect(),
        })
    });
    rules.collect()
}

/// The column and the codes of a condition of the form `COLUMN IN ('A', 'B')`.
fn one_of(condition: &str) -> Option<(&str, Vec<Arc<str>>)> {
    let (column, list) = condition.trim().split_once(" IN (")?;
    let codes = list.strip_suffix(')')?.split(',').map(|code| {
        let code = code.trim().strip_prefix('\'')?.strip_suffix('\'')?;
        (!code.contains('\'')).then(|| Arc::from(code))
    });
    Some((column, codes.collect::<Option<_>>()?))
}
