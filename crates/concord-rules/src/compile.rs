//! From rule definitions to a [`RuleSet`].

use std::sync::Arc;

use concord_finding::{Rule, RuleStatus};
use concord_standards::rules::{Check, RuleDefinition, Seat};
use concord_standards::schema::Schema;

use crate::error::{Problem, RuleError};
use crate::native::{Cross, CrossCheck};
use crate::ruleset::{Column, Compiled, Equal, Leak, RuleSet, Table};
use crate::shape::Shape;
use crate::sql::{Environment, Ready, Sql};
use crate::tables::{Cell, RECORD, SUBMISSION, Tables, nearest};

/// Names in a message that are not references: facts that every finding or every finding of a kind of check has.
const OWN_FACTS: [&str; 8] = [
    "value", "expected", "element", "path", "record", "previous", "first", "file",
];

/// Shortest text that can hide an NHS number.
const LEAST_HIDING: u64 = 10;

/// A problem and the text that its span refers to.
type Placed = (Problem, String, bool);

/// What a rule asks of its table.
enum Asked {
    Condition(usize),
    Equal(Cell, Cell),
    Leak(usize),
    Cross(CrossCheck),
}

struct Work<'t, 's> {
    sql: Sql<'t, 's>,
}

impl RuleSet {
    /// Compiles the rules for a structure in which the elements called `records` are the records.
    ///
    /// Retired rules are left out.
    ///
    /// # Errors
    /// Everything that is wrong with any of the rules, each with its place.
    pub fn compile(
        schema: &Schema,
        records: &[impl AsRef<str>],
        rules: &[RuleDefinition],
    ) -> Result<Self, Vec<RuleError>> {
        let shape = Shape::new(schema, records);
        let environment = Environment::new();
        let mut tables = Tables::new(&shape);
        let live: Vec<&RuleDefinition> = rules
            .iter()
            .filter(|rule| rule.rule.status != RuleStatus::Retired)
            .collect();
        compile(&mut tables, &environment, &live)
    }
}

/// Compiles rules, adding the tables and columns that they need.
pub(crate) fn compile(
    tables: &mut Tables<'_>,
    environment: &Environment,
    rules: &[&RuleDefinition],
) -> Result<RuleSet, Vec<RuleError>> {
    let mut errors = Vec::new();
    // Seats first, so that aggregates find the tables of groups that rules sit at.
    let seats: Vec<Option<usize>> = rules
        .iter()
        .map(|rule| {
            seat(tables, &rule.at)
                .map_err(|(problem, text)| errors.push(error(rule, (problem, text, false))))
                .ok()
        })
        .collect();
    let mut work = Work {
        sql: Sql::new(tables, environment),
    };
    let mut compiled = Vec::new();
    let mut asked = Vec::new();
    for (rule, seat) in rules.iter().zip(seats) {
        let Some(table) = seat else {
            continue;
        };
        match work.rule(rule, table) {
            Ok((known, ask)) => {
                compiled.push(known);
                asked.push((table, ask));
            }
            Err(problems) => {
                errors.extend(problems.into_iter().map(|problem| error(rule, problem)));
            }
        }
    }
    let ready = match work.sql.finish() {
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
    Ok(assemble(tables, ready, compiled, asked))
}

fn seat(tables: &mut Tables<'_>, at: &Seat) -> Result<usize, (Problem, String)> {
    match at {
        Seat::Submission => Ok(SUBMISSION),
        Seat::Record => Ok(RECORD),
        Seat::Group(text) => tables
            .group(text)
            .map_err(|problem| (problem, text.clone())),
        Seat::Elements(texts) => tables.elements(texts).map_err(|(index, problem)| {
            let text = texts.get(index).cloned().unwrap_or_default();
            (problem, text)
        }),
    }
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
        let mut expected = None;
        let mut place = None;
        let asked = self.check(definition, table, &mut place, &mut expected);
        let asked = asked.map_err(|problem| problems.push(problem)).ok();
        if let Some(text) = &definition.place {
            match self.sql.tables.resolve(text, table) {
                Ok(cell) => place = Some(cell),
                Err(problem) => problems.push((problem, text.clone(), false)),
            }
        }
        if place.is_none() && self.sql.tables.tables[table].single {
            place = Some(Cell { table, column: 0 });
        }
        let facts = self.facts(&definition.rule, table, &mut problems);
        match asked {
            Some(asked) if problems.is_empty() => Ok((
                Compiled {
                    rule: Arc::clone(&definition.rule),
                    place,
                    expected,
                    facts,
                },
                asked,
            )),
            _ => Err(problems),
        }
    }

    fn check(
        &mut self,
        definition: &RuleDefinition,
        table: usize,
        place: &mut Option<Cell>,
        expected: &mut Option<Cell>,
    ) -> Result<Asked, Placed> {
        let mut named = |text: &String, at: usize| {
            self.sql
                .tables
                .resolve(text, at)
                .map_err(|problem| (problem, text.clone(), true))
        };
        let record_only = || {
            (
                Problem::new(
                    "this kind of check is about records and sits at the record or the submission",
                ),
                String::new(),
                false,
            )
        };
        Ok(match &definition.check {
            Check::Sql(sql) => Asked::Condition(
                self.sql
                    .condition(sql, table)
                    .map_err(|problem| (problem, sql.clone(), true))?,
            ),
            Check::Equal { left, right } => {
                let (left, right) = (named(left, table)?, named(right, table)?);
                *place = Some(left);
                *expected = Some(right);
                Asked::Equal(left, right)
            }
            Check::RecordCount { element } => {
                let cell = named(element, SUBMISSION)?;
                *place = Some(cell);
                Asked::Cross(CrossCheck::RecordCount { cell })
            }
            Check::Sequence { element, greatest } => {
                if table > RECORD {
                    return Err(record_only());
                }
                let cell = named(element, RECORD)?;
                *place = Some(cell);
                let greatest = *greatest;
                Asked::Cross(CrossCheck::Sequence { cell, greatest })
            }
            Check::Unique { element } => {
                if table > RECORD {
                    return Err(record_only());
                }
                let cell = named(element, RECORD)?;
                *place = Some(cell);
                Asked::Cross(CrossCheck::Unique { cell })
            }
            Check::SubmissionSequence {
                element,
                per,
                greatest,
            } => {
                let cell = named(element, SUBMISSION)?;
                let per = per
                    .iter()
                    .map(|text| named(text, SUBMISSION))
                    .collect::<Result<_, _>>()?;
                *place = Some(cell);
                let greatest = *greatest;
                Asked::Cross(CrossCheck::SubmissionSequence {
                    cell,
                    per,
                    greatest,
                })
            }
            Check::Leak { of, into } => {
                let hiding = self.leak(of, into)?;
                *place = Some(Cell {
                    table: hiding.0,
                    column: 0,
                });
                Asked::Leak(hiding.1)
            }
        })
    }

    /// The tables of the elements searched and of those searched for, the first one's number at the place.
    fn leak(&mut self, of: &[String], into: &[String]) -> Result<(usize, usize), Placed> {
        let tables = &mut *self.sql.tables;
        let placed = |texts: &[String], (index, problem): (usize, Problem)| {
            (problem, texts.get(index).cloned().unwrap_or_default(), true)
        };
        let sought = tables.elements(of).map_err(|problem| placed(of, problem))?;
        let searched = tables
            .free_texts(into, sought, LEAST_HIDING)
            .map_err(|problem| placed(into, problem))?;
        Ok((searched, sought))
    }

    /// The columns that a message names in braces.
    fn facts(
        &mut self,
        rule: &Rule,
        table: usize,
        problems: &mut Vec<Placed>,
    ) -> Vec<(String, Cell)> {
        let mut facts: Vec<(String, Cell)> = Vec::new();
        let texts = [Some(&rule.message), rule.help.as_ref()];
        for text in texts.into_iter().flatten() {
            for name in braces(text) {
                if OWN_FACTS.contains(&name) || facts.iter().any(|(known, _)| known == name) {
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

fn assemble(
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
            Asked::Condition(output) => built[table].conditions.push((rule, output)),
            Asked::Equal(left, right) => built[table].equals.push(Equal { rule, left, right }),
            Asked::Leak(of) => {
                let searched = rules[index].place.map_or(table, |place| place.table);
                built[searched].leaks.push(Leak { rule, of });
            }
            Asked::Cross(check) => cross.push(Cross { rule, check }),
        }
    }
    RuleSet {
        plan: tables.plan(),
        tables: built,
        rules,
        cross,
    }
}
