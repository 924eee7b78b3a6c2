//! Parts that several expressions of a table have in common, computed once.

use std::collections::HashMap;

use datafusion_common::tree_node::{Transformed, TreeNode, TreeNodeRecursion};
use datafusion_common::{Column, Result};
use datafusion_expr::{Expr, ExprSchemable};

use super::Input;
use arrow_schema::DataType;
use datafusion_common::DFSchema;

/// Whether a part costs more to compute than to look up.
fn is_worth_it(node: &Expr) -> bool {
    match node {
        Expr::ScalarFunction(_)
        | Expr::Like(_)
        | Expr::SimilarTo(_)
        | Expr::InList(_)
        | Expr::Between(_)
        | Expr::IsTrue(_)
        | Expr::IsNotTrue(_) => true,
        Expr::BinaryExpr(binary) => !matches!(
            (&*binary.left, &*binary.right),
            (Expr::Literal(..), Expr::Literal(..))
        ),
        _ => false,
    }
}

/// Takes the parts that occur more than once out of `outputs`: they become columns, whose names and types are returned
/// with them.
pub(super) fn take_out(
    outputs: &mut [Expr],
    inputs: &[Input],
    schema: &DFSchema,
) -> Result<Vec<(String, DataType, Expr)>> {
    let mut uses: HashMap<Expr, usize> = HashMap::new();
    for output in outputs.iter() {
        output.apply(|node| {
            if is_worth_it(node) {
                *uses.entry(node.clone()).or_insert(0) += 1;
            }
            Ok(TreeNodeRecursion::Continue)
        })?;
    }
    let mut taken: Vec<(String, DataType, Expr)> = Vec::new();
    let mut numbers: HashMap<Expr, usize> = HashMap::new();
    for output in outputs.iter_mut() {
        let replaced = output.clone().transform_down(|node| {
            if uses.get(&node).is_none_or(|&times| times < 2) {
                return Ok(Transformed::no(node));
            }
            let index = *numbers.entry(node.clone()).or_insert(taken.len());
            if index == taken.len() {
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
