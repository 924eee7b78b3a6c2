//! Calls that several expressions of a table make with the same arguments, made once.

use std::collections::HashMap;

use datafusion_common::tree_node::{Transformed, TreeNode, TreeNodeRecursion};
use datafusion_common::{Column, Result};
use datafusion_expr::{Expr, ExprSchemable};

use super::Input;
use arrow_schema::DataType;
use datafusion_common::DFSchema;

/// Takes the calls that occur more than once out of `outputs`: they become columns, whose names and types are returned
/// with the calls.
pub(super) fn take_out(
    outputs: &mut [Expr],
    inputs: &[Input],
    schema: &DFSchema,
) -> Result<Vec<(String, DataType, Expr)>> {
    let mut uses: HashMap<Expr, usize> = HashMap::new();
    for output in outputs.iter() {
        output.apply(|node| {
            if matches!(node, Expr::ScalarFunction(_)) {
                *uses.entry(node.clone()).or_insert(0) += 1;
            }
            Ok(TreeNodeRecursion::Continue)
        })?;
    }
    let mut taken: Vec<(String, DataType, Expr)> = Vec::new();
    for output in outputs.iter_mut() {
        let replaced = output.clone().transform_down(|node| {
            if uses.get(&node).is_none_or(|&times| times < 2) {
                return Ok(Transformed::no(node));
            }
            let known = taken.iter().position(|(_, _, call)| *call == node);
            let index = known.unwrap_or(taken.len());
            if known.is_none() {
                let mut name = format!("shared {index}");
                while inputs.iter().any(|input| input.name == name) {
                    name.push('\'');
                }
                let data_type = node.get_type(schema)?;
                taken.push((name, data_type, node));
            }
            let column = Expr::Column(Column::from_name(&taken[index].0));
            // The column has nothing below it to look at.
            Ok(Transformed::new(column, true, TreeNodeRecursion::Jump))
        })?;
        *output = replaced.data;
    }
    Ok(taken)
}
