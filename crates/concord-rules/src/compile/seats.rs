//! The table that a rule sits at.

use std::ops::ControlFlow;

use concord_standards::rules::{Check, RuleDefinition, Seat};
use datafusion_sql::sqlparser::ast::{Expr, visit_expressions};

use super::Placed;
use crate::sql::parse_expression;
use crate::tables::{RECORD, SUBMISSION, Tables};

pub(super) fn seat(
    tables: &mut Tables<'_>,
    rule: &RuleDefinition,
    tabular: bool,
) -> Result<usize, Placed> {
    match &rule.at {
        Seat::Submission | Seat::Set => Ok(SUBMISSION),
        Seat::Record if tabular && tables.shape.records.len() > 1 => {
            let names = names(&rule.check);
            tables.records_with(&names).map_err(|(index, problem)| {
                let text = names.get(index).cloned().unwrap_or_default();
                (problem, text, true)
            })
        }
        Seat::Record => Ok(RECORD),
        Seat::Group(text) => tables
            .group(text)
            .map_err(|problem| (problem, text.clone(), false)),
        Seat::Elements(texts) => tables.elements(texts).map_err(|(index, problem)| {
            let text = texts.get(index).cloned().unwrap_or_default();
            (problem, text, false)
        }),
    }
}

/// The elements that a check names: a rule at the record sits at the tables that have them all.
fn names(check: &Check) -> Vec<String> {
    let mut names: Vec<String> = Vec::new();
    let mut conditions: Vec<&String> = Vec::new();
    match check {
        Check::Sql(sql) => conditions.push(sql),
        Check::Equal { left, right } => names.extend([left.clone(), right.clone()]),
        Check::Sequence { element, .. } => names.push(element.clone()),
        Check::Unique { elements, when, .. } => {
            names.extend(elements.iter().cloned());
            conditions.extend(when);
        }
        Check::Required { columns, when }
        | Check::OneOf { columns, when }
        | Check::Blank { columns, when } => {
            names.extend(columns.iter().cloned());
            conditions.extend(when);
        }
        Check::Order { elements } => names.extend(elements.iter().cloned()),
        Check::Window { element, from, to } => {
            names.push(element.clone());
            conditions.extend(from);
            conditions.extend(to);
        }
        Check::Code {
            element,
            as_at,
            when,
            ..
        } => {
            names.push(element.clone());
            names.extend(as_at.iter().cloned());
            conditions.extend(when);
        }
        Check::Exists {
            elements,
            as_at,
            when,
            ..
        } => {
            names.extend(elements.iter().cloned());
            names.extend(as_at.iter().cloned());
            conditions.extend(when);
        }
        Check::Consistent { element, per } => {
            names.push(element.clone());
            names.extend(per.iter().cloned());
        }
        _ => {}
    }
    for sql in conditions {
        // What is wrong with it is said when it is compiled.
        let Ok(tree) = parse_expression(sql) else {
            continue;
        };
        let _ = visit_expressions(&tree, |part| {
            if let Expr::Identifier(name) = part {
                names.push(name.value.clone());
            }
            ControlFlow::<()>::Continue(())
        });
    }
    names
}
