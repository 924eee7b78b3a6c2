//! Reference data that stand in an example: rows under the name of a table that the submission does not have.

use std::collections::BTreeMap;
use std::sync::Arc;

use arrow_array::{ArrayRef, RecordBatch};
use arrow_schema::{Field, Schema};
use concord_standards::rules::Example;
use concord_standards::submission::Parameter;

use super::{RECORDS, SUBMISSIONS};
use crate::columns;
use crate::functions::{PARAM, add_months};
use crate::given::{Given, Reference, ReferenceTable};
use crate::lexical;
use crate::shape::Kind;
use crate::sql::of_kind;
use crate::tables::Tables;

/// Columns of reference data with a meaning: the code, and the first and the last day on which it is in force.
const CODE: &str = "code";
const FROM: &str = "valid_from";
const TO: &str = "valid_to";

/// What a rule is given in an example: its own reference tables and parameters before those that are given to all. They are taken
/// out of it.
pub(super) fn given_by(given: &Given, tables: &Tables<'_>, example: &mut Example) -> Given {
    let mut found = BTreeMap::new();
    let shape = tables.shape;
    example.groups.retain(|name, rows| {
        let known = RECORDS.contains(&&**name)
            || SUBMISSIONS.contains(&&**name)
            || crate::shape::Reference::read(name)
                .is_some_and(|reference| !shape.candidates(&reference).is_empty());
        if !known {
            found.insert(name.clone(), std::mem::take(rows));
        }
        known
    });
    let parameters = found.remove(PARAM).map_or_else(
        || Arc::clone(&given.parameters),
        |rows| {
            let said = rows.iter().flat_map(|row| &row.elements);
            let known = said.filter_map(|(name, text)| Some((Parameter::of(name)?, text.clone())));
            Arc::new(known.collect())
        },
    );
    if found.is_empty() {
        return Given {
            parameters,
            ..given.clone()
        };
    }
    let own = InExample {
        tables: found,
        others: given.reference.clone(),
    };
    Given {
        code_lists: Arc::clone(&given.code_lists),
        reference: Some(Arc::new(own)),
        parameters,
        as_at: given.as_at,
        row_indexes: Arc::default(),
    }
}

/// The day in a cell of a row.
fn day(row: &Example, name: &str) -> Option<i32> {
    lexical::date(row.elements.get(name)?.as_bytes())
}

#[derive(Debug)]
struct InExample {
    tables: BTreeMap<String, Vec<Example>>,
    others: Option<Arc<dyn Reference>>,
}

impl Reference for InExample {
    fn is_live(&self, table: &str, code: &str, date: Option<i32>) -> Option<bool> {
        let Some(rows) = self.tables.get(table) else {
            return self.others.as_ref()?.is_live(table, code, date);
        };
        Some(rows.iter().any(|row| {
            row.elements.get(CODE).is_some_and(|known| known == code)
                && date.is_none_or(|date| {
                    day(row, FROM).is_none_or(|from| from <= date)
                        && day(row, TO).is_none_or(|to| date <= to)
                })
        }))
    }

    fn is_live_within(&self, table: &str, code: &str, date: i32, months: i32) -> Option<bool> {
        let Some(rows) = self.tables.get(table) else {
            return self
                .others
                .as_ref()?
                .is_live_within(table, code, date, months);
        };
        Some(rows.iter().any(|row| {
            row.elements.get(CODE).is_some_and(|known| known == code)
                && day(row, FROM).is_none_or(|from| add_months(from, -months) <= date)
                && day(row, TO).is_none_or(|to| date <= add_months(to, months))
        }))
    }

    fn days_in_force(&self, table: &str) -> Option<[&'static str; 2]> {
        if self.tables.contains_key(table) {
            return Some([FROM, TO]);
        }
        self.others.as_ref()?.days_in_force(table)
    }

    fn table(&self, name: &str) -> Option<ReferenceTable> {
        let Some(rows) = self.tables.get(name) else {
            return self.others.as_ref()?.table(name);
        };
        let mut names = vec![CODE, FROM, TO];
        for column in rows.iter().flat_map(|row| row.elements.keys()) {
            if !names.contains(&column.as_str()) {
                names.push(column);
            }
        }
        let kind = |name: &str| match name {
            FROM | TO => Kind::Date,
            _ => Kind::Text,
        };
        let fields: Vec<Field> = names
            .iter()
            .map(|name| Field::new(*name, of_kind(kind(name)), true))
            .collect();
        let arrays: Vec<ArrayRef> = names
            .iter()
            .map(|name| {
                let texts = rows.iter().map(|row| {
                    let text = row.elements.get(*name)?;
                    Some(text.as_bytes())
                });
                columns::array(kind(name), rows.len(), texts)
            })
            .collect();
        let schema = Arc::new(Schema::new(fields));
        let batch = RecordBatch::try_new(Arc::clone(&schema), arrays).ok()?;
        Some(ReferenceTable {
            schema,
            batches: vec![batch],
        })
    }
}
