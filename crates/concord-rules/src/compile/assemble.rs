//! Compiled rules put to their tables.

use std::sync::Arc;

use super::Asked;
use crate::native::{Cross, Hasher};
use crate::query::Queries;
use crate::ruleset::{Column, Compiled, Condition, Equal, Leak, RuleSet, Table};
use crate::sql::Ready;
use crate::tables::Tables;

/// The tables with everything that is asked of them.
pub(super) fn assemble(
    tables: &Tables<'_>,
    ready: Vec<Ready>,
    rules: Vec<Compiled>,
    asked: Vec<(usize, Asked)>,
) -> RuleSet {
    let mut built: Vec<Table> = tables
        .tables
        .iter()
        .zip(ready)
        .map(|(table, sql)| Table {
            parent: table.parent,
            columns: table
                .columns
                .iter()
                .map(|column| {
                    let (personal, dictionary_name) = tables.facts_of(column);
                    Column {
                        kind: column.kind,
                        personal,
                        dictionary_name,
                    }
                })
                .collect(),
            sql,
            conditions: Vec::new(),
            equals: Vec::new(),
            leaks: Vec::new(),
        })
        .collect();
    let mut cross = Vec::new();
    for (index, (table, ask)) in asked.into_iter().enumerate() {
        let rule = index as u32;
        match ask {
            Asked::Conditions(outputs) => {
                for (aim, output) in outputs.into_iter().enumerate() {
                    built[table].conditions.push(Condition {
                        rule,
                        output,
                        aim: aim as u32,
                    });
                }
            }
            Asked::Equal(left, right) => built[table].equals.push(Equal { rule, left, right }),
            Asked::Leak(of) => {
                let searched = rules[index].place().map_or(table, |place| place.table);
                // What holds a personal value is one, whatever its element is for.
                for column in &mut built[searched].columns {
                    column.personal = true;
                }
                built[searched].leaks.push(Leak { rule, of });
            }
            Asked::Cross(check) => cross.push(Cross { rule, check }),
            Asked::Query(_) | Asked::Spanning(_) | Asked::Nothing => {}
        }
    }
    RuleSet {
        plan: Arc::new(tables.plan()),
        tables: built,
        rules,
        cross,
        queries: Queries::default(),
        spanning: Queries::default(),
        totals: None,
        not_run: Vec::new(),
        hasher: Hasher::default(),
        for_keys: 0,
    }
}
