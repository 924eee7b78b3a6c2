//! Makers of faults, one or more for each rule.
//!
//! | module | does |
//! |---|---|
//! | [`plan`] | which makers the rules of a standard give |
//! | [`rules`] | faults by the kind of a rule: what is required is left out, what is unique stands twice |
//! | [`special`] | rules whose faults need more than their own examples |
//! | [`values`] | values that are wrong, and values that a spreadsheet damaged |
//! | [`shapes`] | rows that are damaged as text |
//! | [`header`] | the row of names, and the whole file |
//!
//! A row is given one fault. Before it is taken, what the change says of every value that was changed is looked up; a
//! maker whose change would break the value's own rule as well finds no place in that row, and waits for another.

mod header;
mod plan;
mod rules;
mod shapes;
mod special;
mod values;

use std::collections::{BTreeSet, VecDeque};
use std::io;
use std::sync::Arc;

use concord_finding::RuleId;
use concord_standards::definition::Definition;
use concord_standards::layout::TableLayout;
use concord_standards::rules::{Check, Seat};

use super::TableSampleError;
use super::judge::Judge;
use super::pen::{Pen, Row, Shape};
use super::submission::Submission;
use crate::Dice;
pub(crate) use plan::makers;
use plan::{Maker, Place};

/// What makers know of the table.
pub(crate) struct Facts {
    pub(crate) judge: Judge,
    pub(crate) submission: Submission,
    columns: Vec<Arc<str>>,
    /// Columns that some rule looks at beyond their own value.
    named: Vec<bool>,
    /// Columns that are not written under their own name.
    pub(crate) gone: Vec<bool>,
    /// Fields that hold one value in the whole file, with the rules that say so.
    consistent: Vec<(usize, RuleId)>,
}

impl Facts {
    pub(crate) fn new(
        definition: &Definition,
        table: &TableLayout,
        submission: Submission,
    ) -> Result<Self, TableSampleError> {
        let columns: Vec<Arc<str>> = table
            .fields
            .iter()
            .map(|field| Arc::clone(&field.column))
            .collect();
        let looked_at = |column: &str| {
            definition.rules.iter().any(|rule| {
                let own = matches!(rule.check, Check::Field(_) | Check::Carrier(_));
                let seat = match &rule.at {
                    Seat::Elements(elements) => elements.iter().any(|element| element == column),
                    _ => false,
                };
                !own && (seat || format!("{:?}", rule.check).contains(column))
            })
        };
        let named = columns.iter().map(|column| looked_at(column)).collect();
        let consistent = definition
            .rules
            .iter()
            .filter_map(|rule| match &rule.check {
                Check::Consistent { element, per } if per.is_empty() => {
                    let field = columns.iter().position(|column| **column == **element)?;
                    Some((field, rule.rule.id.clone()))
                }
                _ => None,
            })
            .collect();
        Ok(Self {
            judge: Judge::new(definition, table)?,
            submission,
            gone: vec![false; columns.len()],
            columns,
            named,
            consistent,
        })
    }

    /// The field of a column.
    pub(crate) fn field(&self, column: &str) -> Option<usize> {
        self.columns.iter().position(|known| **known == *column)
    }

    pub(crate) fn column(&self, field: usize) -> &str {
        &self.columns[field]
    }

    pub(crate) fn width(&self) -> usize {
        self.columns.len()
    }

    /// Whether a row that is no record is told for one, by what its cells are not: totals by a value that must be there, names of columns by
    /// three values or more, and a column may be missing.
    pub(crate) fn tells(&self, rule: &str) -> bool {
        let is_wrong = |field: &usize| {
            let name = self.columns[*field].replace('_', "");
            self.judge.verdict(*field, &name).is_some()
        };
        match rule {
            "TABLE-TOTALS" => {
                let last = self.width().saturating_sub(1);
                (1..last).any(|field| self.judge.is_mandatory(field))
            }
            "TABLE-HEADER-REPEATED" => (0..self.width()).filter(is_wrong).count() > 3,
            _ => true,
        }
    }

    /// Whether no rule but its own looks at a column.
    pub(crate) fn is_free(&self, field: usize) -> bool {
        !self.named[field] && !self.gone[field]
    }
}

/// What a maker did.
#[derive(Debug, Clone)]
pub(crate) struct Broken {
    pub(crate) field: Option<usize>,
    pub(crate) description: String,
    pub(crate) shape: Option<Shape>,
    /// Rules that cannot but be broken as well.
    pub(crate) also: Vec<(RuleId, Option<usize>)>,
    /// Whether it is about no record.
    pub(crate) no_record: bool,
    /// Values that rules about the whole file are broken with.
    told: Vec<(RuleId, String)>,
}

/// A fault in a field.
pub(crate) fn broken(field: usize, description: impl Into<String>) -> Broken {
    Broken {
        field: Some(field),
        description: description.into(),
        shape: None,
        also: Vec::new(),
        no_record: false,
        told: Vec::new(),
    }
}

/// What a maker works on.
pub(crate) struct Work<'w> {
    pub(crate) row: &'w mut Row,
    pub(crate) facts: &'w Facts,
    pub(crate) dice: &'w mut Dice,
    /// Rows before this one that have no fault, the last one last.
    pub(crate) past: &'w VecDeque<Row>,
}

impl Work<'_> {
    /// The text of a column; empty when there is no such column.
    pub(crate) fn text(&self, column: &str) -> &str {
        self.facts
            .field(column)
            .map_or("", |field| &self.row.cells[field])
    }

    /// Sets the text of a column that the table has.
    pub(crate) fn set(&mut self, column: &str, text: impl Into<String>) -> Option<usize> {
        let field = self.facts.field(column)?;
        self.row.cells[field] = text.into();
        Some(field)
    }
}

/// Rows without a fault that are remembered, for rules that compare rows.
const PAST: usize = 200;

/// Makes faults in turn.
pub(crate) struct Faults {
    facts: Facts,
    waiting: VecDeque<Maker>,
    file: Vec<RuleId>,
    past: VecDeque<Row>,
    /// Values that a rule about the whole file was broken with. Each is told of where it turns up first.
    told: BTreeSet<(RuleId, String)>,
    seed: u64,
    /// Rows in a million that are made faulty.
    rate: u64,
}

impl Faults {
    pub(crate) fn new(
        definition: &Definition,
        table: &TableLayout,
        submission: &Submission,
        seed: u64,
        rate: f64,
        wanted: &[String],
    ) -> Result<Self, TableSampleError> {
        let facts = Facts::new(definition, table, submission.clone())?;
        let all = makers(definition, &facts);
        let named = |rule: &str| wanted.iter().any(|wanted| wanted == rule);
        let mut waiting = VecDeque::new();
        let mut file: Vec<RuleId> = Vec::new();
        for maker in all {
            let take = match maker.place {
                Place::Alone => named(&maker.rule),
                _ => wanted.is_empty() || named(&maker.rule),
            };
            match maker.place {
                _ if !take => {}
                Place::Row | Place::Once => waiting.push_back(maker),
                Place::File | Place::Alone => file.push(maker.rule),
            }
        }
        Ok(Self {
            facts,
            waiting,
            file,
            past: VecDeque::new(),
            told: BTreeSet::new(),
            seed,
            rate: (0..1_000_000_u64)
                .take_while(|part| (*part as f64) < rate * 1_000_000.0)
                .count() as u64,
        })
    }

    /// Makes no fault in some columns.
    pub(crate) fn spare(&mut self, columns: &[&str]) {
        for column in columns {
            if let Some(field) = self.facts.field(column) {
                self.facts.gone[field] = true;
            }
        }
    }

    /// Keeps the rules that are wanted and can be told.
    pub(crate) fn keep(&mut self, wanted: impl Fn(&str) -> bool) {
        let facts = &self.facts;
        self.waiting
            .retain(|maker| wanted(&maker.rule) && facts.tells(&maker.rule));
    }

    /// Remembers a row that has no fault.
    pub(crate) fn remember(&mut self, row: &Row) {
        if self.past.len() == PAST {
            self.past.pop_front();
        }
        self.past.push_back(row.clone());
    }

    /// The column of a field.
    pub(crate) fn column(&self, field: usize) -> &str {
        self.facts.column(field)
    }

    /// Writes the header with its faults. Whether the file ends with it.
    pub(crate) fn file(&mut self, pen: &mut Pen<'_, '_>) -> io::Result<bool> {
        let wanted: Vec<RuleId> = if self.rate > 0 {
            self.file.clone()
        } else {
            Vec::new()
        };
        header::write(&mut self.facts, &wanted, pen)
    }

    /// Writes a row, broken when it is its turn.
    pub(crate) fn row(
        &mut self,
        number: u64,
        row: &mut Row,
        pen: &mut Pen<'_, '_>,
    ) -> io::Result<()> {
        let mut dice = Dice::part(self.seed ^ 0x000f_a017, number);
        // What holds for the whole file is said by its first row.
        let wanted = dice.below(1_000_000) < self.rate && number > 0;
        if wanted && let Some((rule, good, broken)) = self.attempt(row, &mut dice) {
            let (record, line) = pen.row(&good, broken.shape)?;
            let record = if broken.no_record { 0 } else { record };
            let mut said = vec![(rule, broken.field)];
            said.extend(broken.also);
            for (rule, field) in said {
                let element = field.map_or("", |field| self.facts.column(field));
                pen.label(&rule, record, line, element, &broken.description)?;
            }
            return Ok(());
        }
        pen.row(row, None)?;
        self.remember(row);
        Ok(())
    }

    /// Breaks the first rule in turn that the row has a place for.
    pub(crate) fn attempt(&mut self, row: &Row, dice: &mut Dice) -> Option<(RuleId, Row, Broken)> {
        let mut good = row.clone();
        for cell in &mut good.cells {
            if cell.contains('\n') {
                *cell = cell.replace('\n', " ");
            }
        }
        for at in 0..self.waiting.len() {
            let mut changed = good.clone();
            let maker = &self.waiting[at];
            let made = maker.make(&mut Work {
                row: &mut changed,
                facts: &self.facts,
                dice,
                past: &self.past,
            });
            let Some(mut made) = made else { continue };
            if !self.is_alone(&maker.rule, &good, &changed, &mut made) {
                continue;
            }
            let maker = self.waiting.remove(at)?;
            let rule = maker.rule.clone();
            if maker.place == Place::Row {
                self.waiting.push_back(maker);
            }
            self.told.extend(made.told.drain(..));
            return Some((rule, changed, made));
        }
        None
    }

    /// Whether what was changed breaks no rule about values but the wanted one; notes the rules that hold for the whole
    /// file and are broken with it.
    fn is_alone(&self, rule: &RuleId, good: &Row, changed: &Row, made: &mut Broken) -> bool {
        for (field, (before, after)) in good.cells.iter().zip(&changed.cells).enumerate() {
            if before == after {
                continue;
            }
            if self.facts.gone[field] {
                return false;
            }
            let verdict = self.facts.judge.verdict(field, after);
            if verdict.as_ref().is_some_and(|said| said.rule != *rule) {
                return false;
            }
            // What follows from a value that is none is not told besides.
            let seen = match verdict.map(|said| said.mended) {
                Some(Some(mended)) => mended,
                Some(None) => continue,
                None => after.clone(),
            };
            for (of, consistent) in &self.facts.consistent {
                if *of != field || seen == *before || seen.is_empty() {
                    continue;
                }
                let new = !self.told.contains(&(consistent.clone(), seen.clone()));
                if consistent != rule && new {
                    made.also.push((consistent.clone(), Some(field)));
                } else if consistent == rule && !new {
                    return false;
                }
                made.told.push((consistent.clone(), seen.clone()));
            }
        }
        true
    }
}
