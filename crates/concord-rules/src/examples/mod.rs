//! The examples of rules, run through the compiled rules.

mod fields;
mod filler;
mod reference;
mod spanning;

use std::sync::Arc;

use concord_finding::RuleId;
use concord_standards::rules::{Check, Example, RuleDefinition, Seat};
use concord_standards::schema::{Origin, Schema};

use crate::compile::{compile, error};
use crate::error::Problem;
use crate::given::Given;
use crate::native::Run;
use crate::reconcile;
use crate::ruleset::RuleSet;
use crate::shape::Shape;
use crate::sql::Environment;
use crate::tables::{RECORD, SUBMISSION, Tables};
use fields::FieldValues;
use filler::Filler;

/// How examples name the rows of records, and of submissions.
const RECORDS: [&str; 2] = ["record", "records"];
const SUBMISSIONS: [&str; 2] = ["submission", "submissions"];

/// What came of one example of a rule.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ExampleOutcome {
    /// The rule.
    pub rule: RuleId,
    /// Where the example is written.
    pub origin: Origin,
    /// Whether the example is meant to break the rule.
    pub meant_to_fail: bool,
    /// What is wrong with the rule or the example; `None` when the example does what it is meant to.
    pub problem: Option<String>,
}

/// Runs every example of every rule.
pub(crate) fn run(
    schema: &Schema,
    records: &[String],
    given: &Given,
    tabular: bool,
    rules: &[RuleDefinition],
) -> Vec<ExampleOutcome> {
    let shape = Shape::new(schema, records);
    let fields = FieldValues::new(schema);
    let environment = Environment::new(given);
    let mut outcomes = Vec::new();
    for rule in rules {
        // What the reader of the carrier finds in values and headers is not of this crate, nor are its examples.
        if reconcile::is_of_the_reader(&rule.check) {
            continue;
        }
        let outcome = |origin: &Origin, meant_to_fail, problem| ExampleOutcome {
            rule: Arc::clone(&rule.rule.id),
            origin: origin.clone(),
            meant_to_fail,
            problem,
        };
        // A mistake in the rule is told of once, not for every example.
        let mut tables = Tables::new(&shape);
        if let Err(errors) = compile(&mut tables, &environment, tabular, &[rule]) {
            for error in errors {
                outcomes.push(outcome(&rule.origin, false, Some(error.message)));
            }
            continue;
        }
        for (examples, meant_to_fail) in [(&rule.pass, false), (&rule.fail, true)] {
            if examples.is_empty() {
                let kind = if meant_to_fail { "failing" } else { "passing" };
                let problem = format!("the rule has no {kind} example");
                outcomes.push(outcome(&rule.origin, meant_to_fail, Some(problem)));
            }
            for example in examples {
                let trial = Trial {
                    shape: &shape,
                    fields: &fields,
                    given,
                    tabular,
                };
                let problem = match trial.is_broken(rule, example) {
                    Ok(broken) if broken == meant_to_fail => None,
                    Ok(true) => Some("the rule is broken by an example that is to pass".to_owned()),
                    Ok(false) => {
                        Some("the rule is not broken by an example that is to fail".to_owned())
                    }
                    Err(problem) => Some(error(rule, (problem, String::new(), false)).message),
                };
                outcomes.push(outcome(&example.origin, meant_to_fail, problem));
            }
        }
    }
    outcomes
}

/// What examples are tried with.
struct Trial<'t> {
    shape: &'t Shape<'t>,
    fields: &'t FieldValues<'t>,
    given: &'t Given,
    tabular: bool,
}

impl Trial<'_> {
    /// Whether an example breaks its rule.
    fn is_broken(&self, rule: &RuleDefinition, example: &Example) -> Result<bool, Problem> {
        if let Check::Field(check) = rule.check {
            return self.fields.is_broken(self.shape, check, example);
        }
        if let Some(broken) = reconcile::breaks(&rule.check, example) {
            return broken;
        }
        if let (Check::Query(sql), Seat::Set) = (&rule.check, &rule.at) {
            return spanning::breaks(self.shape, self.given, (rule, sql), example);
        }
        let mut tables = Tables::new(self.shape);
        let mut example = example.clone();
        let given = reference::given_by(self.given, &tables, &mut example);
        let environment = Environment::new(&given);
        let compiled = compile(&mut tables, &environment, self.tabular, &[rule]);
        let rules = compiled.map_err(|errors| {
            let message = errors.into_iter().next().map(|error| error.message);
            Problem::new(message.unwrap_or_default())
        })?;
        if let Some((_, reason)) = rules.not_run.first() {
            return Err(Problem::new(reason.clone())
                .help("rows of reference data stand in the example under the table's name"));
        }
        self.breaks(&mut tables, &rules, rule, &example)
    }

    fn breaks(
        &self,
        tables: &mut Tables<'_>,
        rules: &RuleSet,
        rule: &RuleDefinition,
        example: &Example,
    ) -> Result<bool, Problem> {
        let of_submissions = matches!(rule.check, Check::SubmissionSequence { .. });
        let submissions = rows_of(example, &SUBMISSIONS);
        if let (true, Some(submissions)) = (of_submissions, submissions) {
            let mut run = Run::default();
            for (file, submission) in submissions.iter().enumerate() {
                let mut filler = Filler::new(tables, rules);
                filler.fill(SUBMISSION, 0, submission)?;
                run.add(rules, file, &filler.header());
            }
            return Ok(!run.finish(rules).is_empty());
        }
        let mut filler = Filler::new(tables, rules);
        let of_records = matches!(rule.at, Seat::Submission | Seat::Record);
        let named = |name: &String| self.tabular && filler.tables.is_record(name);
        if self.tabular && example.groups.keys().any(named) {
            for (name, rows) in &example.groups {
                for row in rows {
                    filler.table_row(Some(name), row)?;
                }
            }
            return filler.breaks();
        }
        match rows_of(example, &RECORDS) {
            Some(records) if self.tabular => {
                let name = match &rule.at {
                    Seat::Group(name) => Some(name.as_str()),
                    _ => None,
                };
                for record in records {
                    filler.table_row(name, record)?;
                }
            }
            Some(records) if of_records => {
                let header = Example {
                    elements: example.elements.clone(),
                    ..Example::default()
                };
                filler.fill(SUBMISSION, 0, &header)?;
                for record in records {
                    let row = filler.record();
                    filler.fill(RECORD, row, record)?;
                }
            }
            _ if self.tabular && matches!(rule.at, Seat::Record | Seat::Group(_)) => {
                let name = match &rule.at {
                    Seat::Group(name) => Some(name.as_str()),
                    _ => None,
                };
                filler.table_row(name, example)?;
            }
            _ => filler.seat(&rule.at, example)?,
        }
        filler.breaks()
    }
}

fn rows_of<'e>(example: &'e Example, names: &[&str]) -> Option<&'e [Example]> {
    names
        .iter()
        .find_map(|&name| example.groups.get(name))
        .map(Vec::as_slice)
}
