//! The examples of rules that compare data sets, whose rows are named by role.

use std::collections::BTreeMap;
use std::sync::Arc;

use concord_standards::reconcile::Role;
use concord_standards::rules::{CarrierCheck, Check, Example};

use super::compare::Comparison;
use super::sets::{DataSets, has_csv_name};
use super::totals::Totals;
use crate::error::Problem;

/// Whether a rule is about what the reader of a carrier finds inside a file.
pub(crate) fn is_of_the_reader(check: &Check) -> bool {
    match check {
        Check::Carrier(kind) => !matches!(kind, CarrierCheck::Replaces | CarrierCheck::FileName),
        _ => false,
    }
}

/// Whether an example breaks its rule; `None` when the rule is of another kind.
pub(crate) fn breaks(check: &Check, example: &Example) -> Option<Result<bool, Problem>> {
    match check {
        Check::Reconcile {
            left,
            right,
            only,
            except,
        } => {
            let comparison = Comparison {
                left,
                right,
                only,
                except,
            };
            Some(reconciled(comparison, example))
        }
        Check::Carrier(CarrierCheck::Replaces) => Some(replaced(example)),
        Check::Carrier(CarrierCheck::FileName) => Some(match example.elements.get("value") {
            Some(name) => Ok(!has_csv_name(name)),
            None => Err(Problem::new("the example has no file name as `value`")),
        }),
        _ => None,
    }
}

fn reconciled(comparison: Comparison<'_>, example: &Example) -> Result<bool, Problem> {
    let mut sets = DataSets::default();
    for (file, (name, rows)) in example.groups.iter().enumerate() {
        if ![comparison.left, comparison.right].contains(&name.as_str()) {
            let problem = format!("the rule does not look at the data set `{name}`");
            return Err(Problem::new(problem));
        }
        sets.add(&Arc::from(name.as_str()), file, totals(rows)?);
    }
    let differences = sets.compare(comparison);
    differences
        .map(|differences| !differences.is_empty())
        .map_err(|error| Problem::new(error.to_string()))
}

/// Each row is the only one of its file.
fn replaced(example: &Example) -> Result<bool, Problem> {
    let mut sets = DataSets::default();
    for rows in example.groups.values() {
        for (file, row) in rows.iter().enumerate() {
            let totals = totals(std::slice::from_ref(row))?;
            sets.add(&Arc::from("example"), file, totals);
        }
    }
    Ok(!sets.replaced().is_empty())
}

fn totals(rows: &[Example]) -> Result<Totals, Problem> {
    let rows: Vec<BTreeMap<Role, String>> = rows
        .iter()
        .map(|row| {
            let values = row.elements.iter().map(|(name, text)| {
                let mut roles = Role::ALL.into_iter();
                let role = roles.find(|role| role.as_str() == name);
                let unknown = || {
                    let words = Role::ALL.map(Role::as_str).join(", ");
                    Problem::new(format!("`{name}` is nothing that totals are made of"))
                        .help(format!("there is {words}"))
                };
                Ok((role.ok_or_else(unknown)?, text.clone()))
            });
            values.collect()
        })
        .collect::<Result<_, Problem>>()?;
    Ok(Totals::of_rows((1..).zip(&rows)))
}
