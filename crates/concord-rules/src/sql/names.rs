//! Names in an expression, resolved to the inputs of a table; aggregates, moved to the table they look at.

use std::ops::ControlFlow;

use arrow_schema::DataType;
use concord_standards::submission::Parameter;
use datafusion_sql::sqlparser::ast::{
    Expr, Function, FunctionArg, FunctionArgExpr, FunctionArguments, Ident, Spanned, Statement,
    VisitMut, VisitorMut, visit_expressions,
};

use super::{Aggregate, Source, Sql, parse, types};
use crate::error::Problem;
use crate::functions::{IN_REFERENCE, NEAR_REFERENCE, PARAM};
use crate::shape::{Kind, PlaceId};
use crate::tables::nearest;

impl Sql<'_, '_> {
    /// Replaces names by those of the table's inputs, and aggregates by inputs.
    pub(super) fn resolve_names(
        &mut self,
        sql: &str,
        tree: &mut Expr,
        table: usize,
    ) -> Result<(), Problem> {
        let mut visitor = Visitor {
            compiler: self,
            sql,
            table,
        };
        match tree.visit(&mut visitor) {
            ControlFlow::Continue(()) => Ok(()),
            ControlFlow::Break(problem) => Err(problem),
        }
    }

    fn aggregate(
        &mut self,
        sql: &str,
        function: &mut Function,
        aggregate: Aggregate,
        table: usize,
    ) -> Result<String, Problem> {
        let span = parse::span_of(sql, function);
        let shown = function_name(function).to_lowercase();
        let argument = only_argument(function).map_err(|problem| problem.at(span))?;
        let argument_text = text_of(sql, argument);
        if let (Aggregate::Count, Expr::Identifier(name)) = (aggregate, &*argument) {
            let name = name.value.clone();
            let name_span = parse::span_of(sql, argument);
            if let Some(group) = self
                .counted_group(&name, table)
                .map_err(|problem| problem.at(name_span))?
            {
                let source = Source::Aggregate {
                    aggregate: Aggregate::CountRows,
                    table: group,
                    output: 0,
                };
                let name = format!("count({argument_text})");
                return Ok(self.input(table, &name, source, DataType::Int64));
            }
        }
        let group = self.group_of(sql, argument, table, &shown)?;
        self.resolve_names(sql, argument, group)?;
        let (expression, data_type) = self.plan(sql, argument, group)?;
        let result = match aggregate {
            Aggregate::Any | Aggregate::All => {
                if !matches!(data_type, DataType::Boolean | DataType::Null) {
                    let found = types::described(&data_type);
                    return Err(
                        Problem::new(format!("{shown}(…) takes a condition, not {found}"))
                            .at(parse::span_of(sql, argument)),
                    );
                }
                DataType::Boolean
            }
            Aggregate::Count | Aggregate::CountRows => DataType::Int64,
            Aggregate::Min | Aggregate::Max => {
                if !types::has_order(&data_type) {
                    let found = types::described(&data_type);
                    return Err(Problem::new(format!(
                        "{shown}(…) takes values with an order, not {found}"
                    ))
                    .at(parse::span_of(sql, argument)));
                }
                data_type
            }
        };
        let output = self.output(group, expression);
        let source = Source::Aggregate {
            aggregate,
            table: group,
            output,
        };
        Ok(self.input(table, &format!("{shown}({argument_text})"), source, result))
    }

    /// The table of a group that `count(NAME)` counts; `None` when the name means a value.
    fn counted_group(&mut self, name: &str, table: usize) -> Result<Option<usize>, Problem> {
        let places = self.tables.groups_below(name, table)?;
        let shape = self.tables.shape;
        if places.is_empty()
            || places
                .iter()
                .any(|&place| shape.place(place).text.is_some())
        {
            return Ok(None);
        }
        self.tables.one_group(name, &places)?;
        Ok(Some(self.tables.below(places, table)))
    }

    /// The table of the one repeating group that an aggregate's argument looks at.
    fn group_of(
        &mut self,
        sql: &str,
        argument: &mut Expr,
        table: usize,
        aggregate: &str,
    ) -> Result<usize, Problem> {
        let mut names = Names::default();
        let _ = argument.visit(&mut names);
        let mut deepest: Option<(usize, Vec<PlaceId>)> = None;
        // First the names that can only mean something inside a group, then those that could also mean something
        // outside, then those that only aggregates inside this one look at.
        for (nested, optional) in [(false, false), (false, true), (true, false), (true, true)] {
            for name in names.found.iter().filter(|name| name.nested == nested) {
                let at = parse::span(sql, name.ident.span);
                let text = &name.ident.value;
                let inside = self
                    .tables
                    .inside(text, table, !nested)
                    .map_err(|problem| problem.at(at))?;
                let Some(&first) = inside.first() else {
                    continue;
                };
                if !optional && self.tables.can_resolve(text, table) {
                    continue;
                }
                self.tables
                    .one_group(text, &inside)
                    .map_err(|problem| problem.at(at))?;
                let depth = self.tables.shape.upwards(first).count();
                if deepest.as_ref().is_none_or(|&(known, _)| depth > known) {
                    deepest = Some((depth, inside));
                }
            }
            if deepest.is_some() {
                break;
            }
        }
        let Some((_, groups)) = deepest else {
            let at = parse::span_of(sql, argument);
            for name in &names.found {
                let at = parse::span(sql, name.ident.span);
                self.tables
                    .resolve(&name.ident.value, table)
                    .map_err(|problem| problem.at(at))?;
            }
            return Err(Problem::new(format!(
                "{aggregate}(…) names no element of a group that repeats below this rule's seat"
            ))
            .help("an element that does not repeat is named without an aggregate")
            .at(at));
        };
        Ok(self.tables.below(groups, table))
    }

    /// The input that says whether a text is there; `None` for anything that is not the name of a text.
    fn presence_of(&mut self, inner: &Expr, table: usize, present: bool) -> Option<String> {
        let Expr::Identifier(name) = inner else {
            return None;
        };
        let cell = self.tables.resolve(&name.value, table).ok()?;
        let column = &self.tables.tables[cell.table].columns[cell.column];
        (column.kind == Kind::Text).then(|| self.presence(table, cell, present))
    }

    /// Checks the parameters that a query names, and whether they were given.
    pub(crate) fn known_parameters(
        &mut self,
        sql: &str,
        sentence: &Statement,
    ) -> Result<(), Problem> {
        let found = visit_expressions(sentence, |part| match part {
            Expr::Function(function) if function_name(function).eq_ignore_ascii_case(PARAM) => {
                match self.known_parameter(sql, &mut function.clone()) {
                    Ok(()) => ControlFlow::Continue(()),
                    Err(problem) => ControlFlow::Break(problem),
                }
            }
            _ => ControlFlow::Continue(()),
        });
        match found {
            ControlFlow::Continue(()) => Ok(()),
            ControlFlow::Break(problem) => Err(problem),
        }
    }

    /// Checks that the parameter that a call names is one, and whether it was given.
    fn known_parameter(&mut self, sql: &str, function: &mut Function) -> Result<(), Problem> {
        let at = parse::span_of(sql, function);
        let wrong = || Problem::new(format!("{PARAM}(…) takes the name of a parameter"));
        let named = match only_argument(function).map_err(|problem| problem.at(at))? {
            Expr::Value(value) => value.value.clone().into_string(),
            _ => None,
        };
        let Some(name) = named else {
            return Err(wrong().at(at));
        };
        let Some(parameter) = Parameter::of(&name) else {
            let names = Parameter::ALL.map(Parameter::as_str);
            let help = match nearest(&name, names.into_iter()) {
                Some(near) => format!("did you mean `{near}`?"),
                None => format!("known are {}", names.join(", ")),
            };
            let problem = Problem::new(format!("there is no parameter `{name}`"));
            return Err(problem.help(help).at(at));
        };
        if !self.environment.given().parameters.contains_key(&parameter) {
            self.missing = Some(format!("--param {name}=… was not given"));
        }
        Ok(())
    }

    /// Checks that a code list or reference table that a call names is there.
    fn known_list(&mut self, sql: &str, name: &str, function: &Function) -> Result<(), Problem> {
        let FunctionArguments::List(list) = &function.args else {
            return Ok(());
        };
        let Some(FunctionArg::Unnamed(FunctionArgExpr::Expr(second))) = list.args.get(1) else {
            return Ok(());
        };
        let Expr::Value(value) = second else {
            return Ok(());
        };
        let Some(id) = value.value.clone().into_string() else {
            return Ok(());
        };
        let given = self.environment.given();
        if name.eq_ignore_ascii_case(IN_REFERENCE)
            && let Some(reason) = given.lacks(&id)
        {
            self.missing = Some(reason);
        }
        if name.eq_ignore_ascii_case(NEAR_REFERENCE)
            && let Some(reason) = given.lacks_periods(&id)
        {
            self.missing = Some(reason);
        }
        self.environment
            .known_list(&name.to_lowercase(), &id)
            .map_err(|problem| problem.at(parse::span_of(sql, second)))
    }

    fn known_function(&self, name: &str) -> Result<(), Problem> {
        if self.environment.has(name) {
            return Ok(());
        }
        let problem = Problem::new(format!("there is no function `{name}`"));
        Err(match nearest(name, self.environment.names()) {
            Some(near) => problem.help(format!("did you mean `{near}`?")),
            None => problem,
        })
    }
}

fn function_name(function: &Function) -> String {
    function.name.to_string().replace('"', "")
}

fn only_argument(function: &mut Function) -> Result<&mut Expr, Problem> {
    let name = function_name(function);
    let plain = function.filter.is_none()
        && function.over.is_none()
        && function.within_group.is_empty()
        && function.null_treatment.is_none();
    match &mut function.args {
        FunctionArguments::List(list)
            if plain && list.duplicate_treatment.is_none() && list.clauses.is_empty() =>
        {
            match list.args.as_mut_slice() {
                [FunctionArg::Unnamed(FunctionArgExpr::Expr(argument))] => Ok(argument),
                _ => Err(Problem::new(format!("{name}(…) takes one argument"))),
            }
        }
        _ => Err(Problem::new(format!(
            "{name}(…) takes one argument and nothing else"
        ))),
    }
}

fn text_of(sql: &str, node: &Expr) -> String {
    let (start, length) = parse::span_of(sql, node);
    sql.get(start..start + length).unwrap_or(sql).to_owned()
}

/// A name in an argument, and whether only an aggregate inside the argument looks at it.
struct Name {
    ident: Ident,
    nested: bool,
}

/// Collects the names in an argument.
#[derive(Default)]
struct Names {
    found: Vec<Name>,
    aggregates: usize,
}

impl VisitorMut for Names {
    type Break = ();

    fn pre_visit_expr(&mut self, expression: &mut Expr) -> ControlFlow<()> {
        match expression {
            Expr::Identifier(ident) => self.found.push(Name {
                ident: ident.clone(),
                nested: self.aggregates > 0,
            }),
            Expr::Function(function) if Aggregate::named(&function_name(function)).is_some() => {
                self.aggregates += 1;
            }
            _ => {}
        }
        ControlFlow::Continue(())
    }

    fn post_visit_expr(&mut self, expression: &mut Expr) -> ControlFlow<()> {
        if let Expr::Function(function) = expression
            && Aggregate::named(&function_name(function)).is_some()
        {
            self.aggregates -= 1;
        }
        ControlFlow::Continue(())
    }
}

struct Visitor<'v, 't, 's> {
    compiler: &'v mut Sql<'t, 's>,
    sql: &'v str,
    table: usize,
}

impl VisitorMut for Visitor<'_, '_, '_> {
    type Break = Problem;

    fn pre_visit_expr(&mut self, expression: &mut Expr) -> ControlFlow<Problem> {
        let replaced = match expression {
            Expr::Identifier(name) => self
                .compiler
                .tables
                .resolve(&name.value, self.table)
                .map(|cell| Some(self.compiler.cell(self.table, cell))),
            Expr::Function(function) => {
                let name = function_name(function);
                match Aggregate::named(&name) {
                    Some(aggregate) => self
                        .compiler
                        .aggregate(self.sql, function, aggregate, self.table)
                        .map(Some),
                    None if name.eq_ignore_ascii_case(PARAM) => self
                        .compiler
                        .known_parameter(self.sql, function)
                        .map(|()| None),
                    None => self
                        .compiler
                        .known_function(&name)
                        .and_then(|()| self.compiler.known_list(self.sql, &name, function))
                        .map(|()| None),
                }
            }
            // Whether there is a text does not need the text.
            Expr::IsNull(inner) => Ok(self.compiler.presence_of(inner, self.table, false)),
            Expr::IsNotNull(inner) => Ok(self.compiler.presence_of(inner, self.table, true)),
            Expr::CompoundIdentifier(_) | Expr::CompoundFieldAccess { .. } => {
                Err(Problem::new("names are not joined by a point")
                    .help("write a path in double quotes, such as \"Group/Element\""))
            }
            Expr::Subquery(_) | Expr::Exists { .. } | Expr::InSubquery { .. } => {
                Err(Problem::new("a rule cannot hold a query")
                    .help("any(…), all(…), count(…), min(…) and max(…) look at groups that repeat"))
            }
            _ => Ok(None),
        };
        match replaced {
            Ok(Some(name)) => {
                let mut identifier = Ident::with_quote('"', name);
                identifier.span = expression.span();
                *expression = Expr::Identifier(identifier);
                ControlFlow::Continue(())
            }
            Ok(None) => ControlFlow::Continue(()),
            Err(problem) => ControlFlow::Break(problem.at(parse::span_of(self.sql, expression))),
        }
    }
}
