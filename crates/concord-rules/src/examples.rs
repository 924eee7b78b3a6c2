//! The examples of rules, run through the compiled rules.

use std::sync::Arc;

use concord_check::capture::Captured;
use concord_finding::RuleId;
use concord_standards::rules::{Check, Example, RuleDefinition, Seat};
use concord_standards::schema::{Origin, Schema};

use crate::compile::{compile, error};
use crate::error::Problem;
use crate::evaluate::Scratch;
use crate::header::Header;
use crate::native::{Run, SubmissionState};
use crate::ruleset::RuleSet;
use crate::shape::{Reference, Shape};
use crate::sql::Environment;
use crate::tables::{RECORD, SUBMISSION, Tables};

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
///
/// Each rule is compiled by itself, by the same code as for use. A rule that does not compile, or that has no passing or
/// no failing example, gives an outcome with that problem.
pub fn run_examples(
    schema: &Schema,
    records: &[impl AsRef<str>],
    rules: &[RuleDefinition],
) -> Vec<ExampleOutcome> {
    let shape = Shape::new(schema, records);
    let environment = Environment::new();
    let mut outcomes = Vec::new();
    for rule in rules {
        let outcome = |origin: &Origin, meant_to_fail, problem| ExampleOutcome {
            rule: Arc::clone(&rule.rule.id),
            origin: origin.clone(),
            meant_to_fail,
            problem,
        };
        let mut tables = Tables::new(&shape);
        let compiled = match compile(&mut tables, &environment, &[rule]) {
            Ok(compiled) => compiled,
            Err(errors) => {
                for error in errors {
                    outcomes.push(outcome(&rule.origin, false, Some(error.message)));
                }
                continue;
            }
        };
        for (examples, meant_to_fail) in [(&rule.pass, false), (&rule.fail, true)] {
            if examples.is_empty() {
                let kind = if meant_to_fail { "failing" } else { "passing" };
                let problem = format!("the rule has no {kind} example");
                outcomes.push(outcome(&rule.origin, meant_to_fail, Some(problem)));
            }
            for example in examples {
                let problem = match is_broken(&mut tables, &compiled, rule, example) {
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

/// Whether an example breaks its rule.
fn is_broken(
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
    match rows_of(example, &RECORDS) {
        Some(records) if matches!(rule.at, Seat::Submission | Seat::Record) => {
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
        _ => filler.seat(&rule.at, example)?,
    }
    Ok(filler.breaks())
}

fn rows_of<'e>(example: &'e Example, names: &[&str]) -> Option<&'e [Example]> {
    names
        .iter()
        .find_map(|&name| example.groups.get(name))
        .map(Vec::as_slice)
}

/// Fills captured tables with the values of examples.
struct Filler<'f, 's> {
    tables: &'f mut Tables<'s>,
    rules: &'f RuleSet,
    captured: Captured,
}

impl<'f, 's> Filler<'f, 's> {
    fn new(tables: &'f mut Tables<'s>, rules: &'f RuleSet) -> Self {
        let mut captured = Captured::new(rules.plan());
        captured.add_row(SUBMISSION, 0, 0, 0);
        Self {
            tables,
            rules,
            captured,
        }
    }

    fn record(&mut self) -> u32 {
        let number = self.captured.groups[RECORD].len() as u32;
        self.captured.add_row(RECORD, number, number, 0)
    }

    fn header(&self) -> Header {
        let mut header = Header::default();
        header.take(self.rules, &self.captured, &[], 0);
        header
    }

    /// Puts an example where its rule sits.
    fn seat(&mut self, at: &Seat, example: &Example) -> Result<(), Problem> {
        let table = match at {
            Seat::Submission => return self.fill(SUBMISSION, 0, example),
            Seat::Record => RECORD,
            Seat::Group(text) => self.tables.group(text)?,
            Seat::Elements(texts) => self
                .tables
                .elements(texts)
                .map_err(|(_, problem)| problem)?,
        };
        let row = self.row_with_parents(table);
        self.fill(table, row, example)
    }

    fn row_with_parents(&mut self, table: usize) -> u32 {
        match self.rules.tables[table].parent {
            None => self.record(),
            Some(parent) => {
                let above = self.row_with_parents(parent);
                self.captured.add_row(table, above, 0, 0)
            }
        }
    }

    /// Puts the values of an example into a row, the rows above it, and rows below it.
    fn fill(&mut self, table: usize, row: u32, example: &Example) -> Result<(), Problem> {
        for (name, text) in &example.elements {
            let resolved = self.tables.resolve(name, table);
            let mut used = false;
            if let Ok(cell) = &resolved {
                used = true;
                let planned = self.rules.tables[cell.table].columns.len();
                if cell.column < planned {
                    let row = self.climb(table, row, cell.table);
                    self.captured.put_text(cell.table, row, cell.column, text);
                }
            }
            used |= self.single_rows(table, row, name, text);
            if !used {
                resolved?;
            }
        }
        for (name, rows) in &example.groups {
            let below = self.group_below(table, name)?;
            let record = self.captured.groups[table].records[row as usize];
            for inner in rows {
                let added = self.captured.add_row(below, row, record, 0);
                self.fill(below, added, inner)?;
            }
        }
        Ok(())
    }

    /// Adds a row for a value to every table of single elements that the name belongs to.
    fn single_rows(&mut self, table: usize, row: u32, name: &str, text: &str) -> bool {
        let Some(reference) = Reference::read(name) else {
            return false;
        };
        let places = self.tables.shape.candidates(&reference);
        let mut used = false;
        for single in RECORD + 1..self.rules.tables.len() {
            let known = &self.tables.tables[single];
            if !known.single
                || single == table
                || !known.places.iter().any(|place| places.contains(place))
            {
                continue;
            }
            used = true;
            let above = self.climb(table, row, RECORD);
            let record = self.captured.groups[RECORD].records[above as usize];
            let added = self.captured.add_row(single, above, record, 0);
            self.captured.put_text(single, added, 0, text);
        }
        used
    }

    fn climb(&self, table: usize, row: u32, above: usize) -> u32 {
        if above == SUBMISSION {
            return 0;
        }
        crate::rows::climb(self.rules, &self.captured, table, row as usize, above) as u32
    }

    fn group_below(&self, table: usize, name: &str) -> Result<usize, Problem> {
        let places = Reference::read(name)
            .map(|reference| self.tables.shape.candidates(&reference))
            .unwrap_or_default();
        (RECORD + 1..self.rules.tables.len())
            .find(|&below| {
                self.rules.tables[below].parent == Some(table)
                    && self.tables.tables[below]
                        .places
                        .iter()
                        .any(|place| places.contains(place))
            })
            .ok_or_else(|| {
                Problem::new(format!(
                    "the rule looks at no group `{name}` below its seat"
                ))
            })
    }

    fn breaks(&self) -> bool {
        let header = self.header();
        let mut broken = Vec::new();
        let mut scratch = Scratch::default();
        self.rules
            .evaluate(&self.captured, &[], &header, &mut scratch, &mut broken);
        self.rules.evaluate_submission(&header, &mut broken);
        let mut state = SubmissionState::default();
        let mut across = Vec::new();
        let summary = self.rules.summarise(&self.captured, &[], 0);
        self.rules.fold(&mut state, &summary, &mut across);
        self.rules.finish(&state, &header, &mut across);
        !broken.is_empty() || !across.is_empty()
    }
}
