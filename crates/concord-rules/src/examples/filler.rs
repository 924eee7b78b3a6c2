//! Captured values made of examples.

use concord_check::capture::Captured;
use concord_standards::rules::{Example, Seat};

use crate::error::Problem;
use crate::evaluate::Scratch;
use crate::header::Header;
use crate::native::SubmissionState;
use crate::ruleset::RuleSet;
use crate::shape::Reference;
use crate::tables::{RECORD, SUBMISSION, Tables};

/// Fills captured tables with the values of examples.
pub(super) struct Filler<'f, 's> {
    pub(super) tables: &'f mut Tables<'s>,
    rules: &'f RuleSet,
    captured: Captured,
}

impl<'f, 's> Filler<'f, 's> {
    pub(super) fn new(tables: &'f mut Tables<'s>, rules: &'f RuleSet) -> Self {
        let mut captured = Captured::new(rules.plan());
        captured.add_row(SUBMISSION, 0, 0, 0);
        Self {
            tables,
            rules,
            captured,
        }
    }

    pub(super) fn record(&mut self) -> u32 {
        let number = self.captured.groups[RECORD].len() as u32;
        self.captured.add_row(RECORD, number, number, 0)
    }

    /// Adds a row of a table, by default of the first one that has all its elements, wherever rules look at it.
    pub(super) fn table_row(
        &mut self,
        table: Option<&str>,
        example: &Example,
    ) -> Result<(), Problem> {
        let shape = self.tables.shape;
        let names: Vec<String> = match table {
            Some(_) => Vec::new(),
            None => example.elements.keys().cloned().collect(),
        };
        let mut fitting = self.tables.records_having(&names)?;
        if let Some(name) = table {
            fitting.retain(|&record| &*shape.place(record).name == name);
        }
        let Some(&record) = fitting.first() else {
            return Err(Problem::new("no table has all the elements of the example"));
        };
        let number = self.record();
        let mut known: Vec<&String> = Vec::new();
        for table in RECORD..self.rules.tables.len() {
            if !self.tables.tables[table].places.contains(&record) {
                continue;
            }
            let row = if table == RECORD {
                number
            } else {
                self.captured.add_row(table, number, number, 0)
            };
            for (column, planned) in self.tables.tables[table].columns.iter().enumerate() {
                let mut elements = example.elements.iter();
                let text = elements.find(|(name, _)| {
                    planned.places.iter().any(|&place| {
                        shape.place(place).record == Some(record)
                            && *shape.place(place).name == ***name
                    })
                });
                // An empty cell is an absent element.
                if let Some((name, text)) = text.filter(|(_, text)| !text.is_empty()) {
                    self.captured.put_text(table, row, column, text);
                    known.push(name);
                }
            }
        }
        for name in example.elements.keys() {
            if !known.contains(&name) {
                let columns = self.tables.columns_of(&shape.place(record).name);
                if !columns.iter().any(|(column, _)| column == name) {
                    let problem = format!("the table has no column `{name}`");
                    return Err(Problem::new(problem));
                }
            }
        }
        Ok(())
    }

    pub(super) fn header(&self) -> Header {
        let mut header = Header::default();
        header.take(self.rules, &self.captured, &[], 0);
        header
    }

    /// Puts an example where its rule sits.
    pub(super) fn seat(&mut self, at: &Seat, example: &Example) -> Result<(), Problem> {
        let table = match at {
            Seat::Submission | Seat::Set => return self.fill(SUBMISSION, 0, example),
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
    pub(super) fn fill(
        &mut self,
        table: usize,
        row: u32,
        example: &Example,
    ) -> Result<(), Problem> {
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

    pub(super) fn breaks(&self) -> Result<bool, Problem> {
        let header = self.header();
        let mut broken = Vec::new();
        let mut scratch = Scratch::default();
        self.rules
            .evaluate(&self.captured, &[], &header, &mut scratch, &mut broken);
        self.rules.evaluate_submission(&header, &mut broken);
        let mut state = SubmissionState::default();
        let mut across = Vec::new();
        let summary = self.rules.summarise(&self.captured, &[], &scratch);
        let chunk = (&self.captured, &[][..], 0);
        self.rules.fold(&mut state, summary, chunk, &mut across);
        let mut not_run = Vec::new();
        self.rules.finish(state, &header, &mut across, &mut not_run);
        match not_run.into_iter().next() {
            Some((_, reason)) => Err(Problem::new(reason)),
            None => Ok(!broken.is_empty() || !across.is_empty()),
        }
    }
}
