//! From a syntax tree whose names are resolved to a checked, simplified expression.

use std::ops::ControlFlow;
use std::sync::Arc;

use arrow_schema::DataType;
use datafusion_common::DFSchema;
use datafusion_common::tree_node::{Transformed, TreeNode};
use datafusion_expr::simplify::SimplifyContext;
use datafusion_expr::{Cast, Expr, ExprSchemable, TryCast};
use datafusion_optimizer::simplify_expressions::ExprSimplifier;
use datafusion_sql::planner::{ParserOptions, PlannerContext, SqlToRel};
use datafusion_sql::sqlparser::ast::{Expr as Tree, Visit, Visitor};

use super::{Environment, Sql, parse, types};
use crate::error::Problem;
use crate::functions;

impl Sql<'_, '_> {
    /// Plans an expression over the inputs of a table, and says what type it has.
    pub(super) fn plan(
        &mut self,
        sql: &str,
        tree: &Tree,
        table: usize,
    ) -> Result<(Expr, DataType), Problem> {
        let schema = Arc::new(self.schema(tree, table)?);
        plan(self.environment, tree, &schema)
            .map_err(|problem| closest(self.environment, sql, tree, &schema, problem))
    }
}

fn plan(
    environment: &Environment,
    tree: &Tree,
    schema: &Arc<DFSchema>,
) -> Result<(Expr, DataType), Problem> {
    let options = ParserOptions::new()
        .with_enable_ident_normalization(false)
        .with_map_string_types_to_utf8view(false)
        .with_parse_float_as_decimal(true);
    let failed = |error| Problem::new(types::message(&error));
    let expression = SqlToRel::new_with_options(environment, options)
        .sql_to_expr(tree.clone(), schema, &mut PlannerContext::new())
        .map_err(failed)?;
    if let Some(problem) = types::clash(&expression, schema) {
        return Err(problem);
    }
    let context = SimplifyContext::builder()
        .with_schema(Arc::clone(schema))
        .with_config_options(environment.shared_options())
        .build();
    let simplifier = ExprSimplifier::new(context);
    let coerced = simplifier.coerce(expression, schema).map_err(failed)?;
    // A value that cannot be converted is unknown; it must not stop the run.
    let gentle = coerced
        .transform_up(|node| {
            Ok(match node {
                Expr::Cast(Cast { expr, field }) => {
                    Transformed::yes(Expr::TryCast(TryCast::new_from_field(expr, field)))
                }
                other => Transformed::no(other),
            })
        })
        .map_err(failed)?
        .data;
    let simple = simplifier.simplify(gentle).map_err(failed)?;
    let simple = simple
        .transform_up(|node| {
            Ok(match functions::compiled(&node) {
                Some(call) => Transformed::yes(call),
                None => Transformed::no(node),
            })
        })
        .map_err(failed)?
        .data;
    let data_type = simple.get_type(schema).map_err(failed)?;
    Ok((simple, data_type))
}

/// Moves a problem to the smallest part of the tree that has it.
fn closest(
    environment: &Environment,
    sql: &str,
    tree: &Tree,
    schema: &Arc<DFSchema>,
    problem: Problem,
) -> Problem {
    struct Search<'s> {
        environment: &'s Environment,
        sql: &'s str,
        schema: &'s Arc<DFSchema>,
    }
    impl Visitor for Search<'_> {
        type Break = Problem;

        fn post_visit_expr(&mut self, part: &Tree) -> ControlFlow<Problem> {
            match plan(self.environment, part, self.schema) {
                Ok(_) => ControlFlow::Continue(()),
                Err(problem) => ControlFlow::Break(problem.at(parse::span_of(self.sql, part))),
            }
        }
    }
    let mut search = Search {
        environment,
        sql,
        schema,
    };
    match tree.visit(&mut search) {
        ControlFlow::Break(found) => found,
        ControlFlow::Continue(()) => problem.at((0, sql.len())),
    }
}
