//! From rule definitions to a [`RuleSet`].

mod assemble;
mod checks;
mod compiler;
mod seats;

use std::sync::Arc;

use concord_finding::Rule;
use concord_standards::rules::RuleDefinition;

use crate::error::{Problem, RuleError};
use crate::native::CrossCheck;
use crate::query::{ANY_NAME, Queries, QueryNames};
use crate::ruleset::{Aim, Compiled, RuleSet};
use crate::sql::{Environment, Sql};
use crate::tables::{Cell, Tables, nearest};

pub use compiler::{Compiler, run_examples};

/// Names in a message that are not references: facts that every finding or every finding of a kind of check has.
const OWN_FACTS: [&str; 10] = [
    "value", "expected", "element", "path", "record", "previous", "first", "file", "list", "table",
];

/// A problem and the text that its span refers to.
type Placed = (Problem, String, bool);

/// What a rule asks of its table.
enum Asked {
    /// Outputs that must not be false, one for each of the rule's places.
    Conditions(Vec<usize>),
    Equal(Cell, Cell),
    Leak(usize),
    Cross(CrossCheck),
    Query(String),
    /// A query over all inputs of a run.
    Spanning(String),
    /// It is checked elsewhere.
    Nothing,
}

/// A rule as far as it is compiled.
struct Half {
    asked: Asked,
    aims: Vec<Aim>,
    fixed: Vec<(&'static str, String)>,
    /// Names that the message may use besides references.
    names: Vec<String>,
}

impl Half {
    fn of(asked: Asked, place: Option<Cell>) -> Self {
        Self {
            asked,
            aims: vec![Aim {
                place,
                expected: None,
            }],
            fixed: Vec::new(),
            names: Vec::new(),
        }
    }
}

struct Work<'t, 's> {
    sql: Sql<'t, 's>,
    queries: QueryNames,
    /// Whether records are rows of tables.
    tabular: bool,
}

/// Bytes of memory for the keys of all rules about unique values together. A table has many more records to the megabyte than
/// a document.
const FOR_KEYS_OF_TABLES: usize = 96 << 20;
const FOR_KEYS_OF_DOCUMENTS: usize = 16 << 20;

/// Compiles rules, adding the tables and columns that they need.
pub(crate) fn compile(
    tables: &mut Tables<'_>,
    environment: &Environment,
    tabular: bool,
    rules: &[&RuleDefinition],
) -> Result<RuleSet, Vec<RuleError>> {
    let mut errors = Vec::new();
    // Seats first, so that aggregates find the tables of groups that rules sit at.
    let seats: Vec<Option<usize>> = rules
        .iter()
        .map(|rule| {
            seats::seat(tables, rule, tabular)
                .map_err(|problem| errors.push(error(rule, problem)))
                .ok()
        })
        .collect();
    let mut work = Work {
        sql: Sql::new(tables, environment),
        queries: QueryNames::default(),
        tabular,
    };
    let mut compiled = Vec::new();
    let mut asked = Vec::new();
    let mut not_run = Vec::new();
    for (rule, seat) in rules.iter().zip(seats) {
        let Some(table) = seat else {
            continue;
        };
        work.sql.missing = None;
        match work.rule(rule, table) {
            Ok((known, ask)) => {
                let ask = match work.sql.missing.take() {
                    Some(reason) => {
                        not_run.push((compiled.len() as u32, reason));
                        Asked::Nothing
                    }
                    None => ask,
                };
                compiled.push(known);
                asked.push((table, ask));
            }
            Err(problems) => {
                errors.extend(problems.into_iter().map(|problem| error(rule, problem)));
            }
        }
    }
    let (mut texts, mut over_all) = (Vec::new(), Vec::new());
    for (rule, (_, ask)) in (0..).zip(&asked) {
        match ask {
            Asked::Query(sql) => texts.push((rule, sql.clone())),
            Asked::Spanning(sql) => over_all.push((rule, sql.clone())),
            _ => {}
        }
    }
    let (queries, spanning) =
        Queries::new(work.queries, texts, over_all, environment, work.sql.tables);
    let ready = match work.sql.finish(tabular) {
        Ok(ready) => ready,
        Err(problem) => {
            errors.extend(
                rules
                    .first()
                    .map(|rule| error(rule, (problem, String::new(), false))),
            );
            Vec::new()
        }
    };
    if !errors.is_empty() {
        return Err(errors);
    }
    let mut set = assemble::assemble(tables, ready, compiled, asked);
    set.queries = queries;
    set.spanning = spanning;
    set.not_run = not_run;
    set.for_keys = if tabular {
        FOR_KEYS_OF_TABLES
    } else {
        FOR_KEYS_OF_DOCUMENTS
    };
    Ok(set)
}

/// A problem with a rule.
pub(crate) fn error(rule: &RuleDefinition, (problem, text, is_check): Placed) -> RuleError {
    RuleError {
        rule: Arc::clone(&rule.rule.id),
        origin: if is_check {
            rule.check_origin.clone()
        } else {
            rule.origin.clone()
        },
        span: problem
            .span
            .or((!text.is_empty()).then_some((0, text.len()))),
        text,
        message: problem.message,
        help: problem.help,
    }
}

impl Work<'_, '_> {
    fn rule(
        &mut self,
        definition: &RuleDefinition,
        table: usize,
    ) -> Result<(Compiled, Asked), Vec<Placed>> {
        let mut problems = Vec::new();
        let half = self.check(definition, table);
        let mut half = half
            .map_err(|problem| problems.push(problem))
            .unwrap_or_else(|()| Half::of(Asked::Nothing, None));
        if let Some(text) = &definition.place {
            match self.sql.tables.resolve(text, table) {
                Ok(cell) => {
                    for aim in &mut half.aims {
                        aim.place = Some(cell);
                    }
                }
                Err(problem) => problems.push((problem, text.clone(), false)),
            }
        }
        if self.sql.tables.tables[table].single {
            for aim in &mut half.aims {
                aim.place.get_or_insert(Cell { table, column: 0 });
            }
        }
        let facts = self.facts(&definition.rule, table, &half.names, &mut problems);
        if !problems.is_empty() {
            return Err(problems);
        }
        let plain = |(name, text): (&'static str, String)| {
            (name.into(), concord_finding::Fact::Plain(text))
        };
        let compiled = Compiled {
            rule: Arc::clone(&definition.rule),
            aims: half.aims,
            facts,
            fixed: half.fixed.into_iter().map(plain).collect(),
        };
        Ok((compiled, half.asked))
    }

    /// The columns that a message names in braces.
    fn facts(
        &mut self,
        rule: &Rule,
        table: usize,
        own: &[String],
        problems: &mut Vec<Placed>,
    ) -> Vec<(String, Cell)> {
        let mut facts: Vec<(String, Cell)> = Vec::new();
        let texts = [Some(&rule.message), rule.help.as_ref()];
        for text in texts.into_iter().flatten() {
            for name in braces(text) {
                if OWN_FACTS.contains(&name)
                    || own.iter().any(|known| known == name || known == ANY_NAME)
                    || facts.iter().any(|(known, _)| known == name)
                {
                    continue;
                }
                match self.sql.tables.resolve(name, table) {
                    Ok(cell) => facts.push((name.to_owned(), cell)),
                    Err(mut problem) => {
                        if let Some(near) = nearest(name, OWN_FACTS.into_iter()) {
                            problem
                                .help
                                .get_or_insert(format!("did you mean {{{near}}}?"));
                        }
                        let start = text.find(name).unwrap_or(0);
                        problems.push((problem.at((start, name.len())), text.clone(), false));
                    }
                }
            }
        }
        facts
    }
}

/// The names in braces in a message.
fn braces(text: &str) -> impl Iterator<Item = &str> {
    text.split('{')
        .skip(1)
        .filter_map(|rest| rest.split_once('}').map(|(name, _)| name))
}
