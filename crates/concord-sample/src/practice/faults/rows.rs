//! Faults of rows and values, and what they are for who takes the batch.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet, VecDeque};
use std::io;

use concord_standards::definition::Definition;

use super::super::cells;
use super::super::kinds::System;
use super::super::{PracticeSampleError, Request};
use super::batches::{is_named, keys};
use super::folder::{File, Folder};
use super::{Label, is_faulty};
use crate::Dice;
use crate::tables::faults::{Facts, Faults, makers};
use crate::tables::pen::{Pen, Row, Shape};
use crate::tables::submission::Submission;

/// Faults that only who takes batches finds, or finds as well.
const OWN: [&str; 4] = [
    "EXTRACT-KEY",
    "EXTRACT-WITHDRAWAL",
    "EXTRACT-REFERENCE",
    "EXTRACT-CODE",
];

/// Rules of single rows that are broken by who puts rows together as text.
const SHAPED: &str = "TABLE-";

/// Makes faults in rows, in turn.
pub(super) struct RowFaults<'d> {
    system: System,
    definition: &'d Definition,
    submission: Submission,
    wanted: Vec<String>,
    rate: f64,
    seed: u64,
    /// Makers for each table, made when there are rows of it.
    tables: BTreeMap<String, Faults>,
    own: VecDeque<&'static str>,
    /// Keys of rows that others name, by their table.
    sent: HashMap<String, HashSet<String>>,
    /// Rows so far.
    rows: u64,
}

impl<'d> RowFaults<'d> {
    pub(super) fn new(
        system: System,
        request: &Request<'d>,
        wanted: &[String],
        rate: f64,
    ) -> Result<Self, PracticeSampleError> {
        let submission = Submission::new(request.definition, None, request.seed, false)?;
        let takes = |rule: &&str| wanted.is_empty() || wanted.iter().any(|one| one == rule);
        Ok(Self {
            system,
            definition: request.definition,
            submission,
            wanted: wanted.to_vec(),
            rate,
            seed: request.seed,
            tables: BTreeMap::new(),
            own: OWN
                .into_iter()
                .filter(|rule| has(system, rule))
                .filter(takes)
                .collect(),
            sent: HashMap::new(),
            rows: 0,
        })
    }

    /// The rules that faults can be made for.
    pub(super) fn rules(&self) -> BTreeSet<String> {
        let mut all: BTreeSet<String> = OWN
            .iter()
            .filter(|rule| has(self.system, rule))
            .map(|rule| (*rule).to_owned())
            .collect();
        let layout = self.definition.layout.iter();
        let tables = layout.flat_map(|layout| &layout.tables);
        let filled = |name: &str| self.system.kinds().iter().any(|kind| kind.table == name);
        for table in tables.filter(|table| filled(&table.name)) {
            let Ok(facts) = Facts::new(self.definition, table, self.submission.clone()) else {
                continue;
            };
            let makers = makers(self.definition, &facts);
            let rules = makers.iter().map(|maker| maker.rule.to_string());
            all.extend(
                rules.filter(|rule| takes(self.system, &table.name, rule) && facts.tells(rule)),
            );
            all.insert("EXTRACT-CELLS".to_owned());
        }
        all
    }

    /// Notes the rows of a batch that others name.
    pub(super) fn sent(&mut self, folder: &Folder<'_>) {
        for file in &folder.files {
            let table = &*file.table.name;
            if !is_named(self.system, table) {
                continue;
            }
            let key = keys(self.system, file);
            let place = key.first().and_then(|key| file.table.field(key));
            if let Some((place, _)) = place {
                let keys = file.rows.iter().map(|(row, _)| row.cells[place].clone());
                self.sent.entry(table.to_owned()).or_default().extend(keys);
            }
        }
    }

    /// Writes the rows of a file, some of them broken; the labels.
    pub(super) fn write(
        &mut self,
        file: &File<'_>,
        path: &str,
        pen: &mut Pen<'_, '_>,
    ) -> io::Result<Vec<Label>> {
        let mut labels = Vec::new();
        let about = About::new(self.system, file);
        for (row, withdrawn) in &file.rows {
            self.rows += 1;
            let mut dice = Dice::part(self.seed ^ 0x0f17, self.rows);
            let agreement = file.table.name.starts_with("agreements");
            // What a file is, is told by its first row.
            let first = pen.records == 0;
            let wanted = !first && !withdrawn && !agreement && is_faulty(self.rate, &mut dice);
            let broken = if wanted {
                self.broken(file, &about, row, &mut dice)
            } else {
                None
            };
            let Some(broken) = broken else {
                pen.row(row, None)?;
                continue;
            };
            let (record, line) = pen.row(&broken.row, broken.shape)?;
            let label = |rule: &str, record: u64, element: &str| Label {
                record,
                ..Label::new(rule, path, &broken.done).at(line, element)
            };
            for (rule, element) in &broken.rules {
                let record = if broken.no_record { 0 } else { record };
                labels.push(label(rule, record, element));
            }
            // What who takes the batch reads, row by row.
            let names: Vec<&str> = pen
                .columns
                .iter()
                .map(|column| column.header.as_str())
                .collect();
            for (number, read) in about.read(&broken, &names).into_iter().enumerate() {
                for (rule, element) in about.judged(&read, &self.sent) {
                    labels.push(label(rule, record + number as u64, &element));
                }
            }
        }
        Ok(labels)
    }

    /// A row with the first fault in turn that it has a place for.
    fn broken(
        &mut self,
        file: &File<'_>,
        about: &About,
        row: &Row,
        dice: &mut Dice,
    ) -> Option<Broken> {
        // A row of numbers and nothing else is taken for totals as soon as something is wrong with it.
        let says = |place: &usize| row.cells[*place].chars().any(char::is_alphabetic);
        if !about.places.iter().any(says) {
            return None;
        }
        if dice.percent(40) {
            for place in 0..self.own.len() {
                let rule = self.own[place];
                if let Some(broken) = about.own(rule, row, file) {
                    let taken = self.own.remove(place);
                    self.own.extend(taken);
                    return Some(broken);
                }
            }
        }
        let table = &*file.table.name;
        if !self.tables.contains_key(table) {
            let made = self.makers(file)?;
            self.tables.insert(table.to_owned(), made);
        }
        let faults = self.tables.get_mut(table)?;
        let found = faults.attempt(row, dice);
        let Some((rule, changed, made)) = found else {
            faults.remember(row);
            return None;
        };
        let written = about.places.iter().any(|place| Some(*place) == made.field);
        let latin = |text: &String| text.chars().all(|character| u32::from(character) < 0x100);
        let fits = (made.field.is_none() || written)
            && (self.system != System::Tpp || changed.cells.iter().all(latin));
        if !fits {
            return None;
        }
        let mut rules = vec![(rule.to_string(), made.field)];
        rules.extend(
            made.also
                .iter()
                .map(|(rule, field)| (rule.to_string(), *field)),
        );
        let rules = rules.into_iter().map(|(rule, field)| {
            let element = field.map_or("", |field| faults.column(field));
            (rule, element.to_owned())
        });
        Some(Broken {
            rules: rules.collect(),
            done: made.description,
            shape: made.shape,
            no_record: made.no_record,
            row: changed,
        })
    }

    fn makers(&self, file: &File<'_>) -> Option<Faults> {
        let table = file.table;
        let made = Faults::new(
            self.definition,
            table,
            &self.submission,
            self.seed,
            self.rate,
            &self.wanted,
        );
        let mut made = made.ok()?;
        let system = self.system;
        made.keep(|rule| takes(system, &table.name, rule));
        let mut own: Vec<String> = keys(system, file);
        own.extend([system.person(), system.removal().0].map(str::to_owned));
        own.extend(codes(system, &table.name).map(|(column, _)| column.to_owned()));
        made.spare(&own.iter().map(String::as_str).collect::<Vec<_>>());
        Some(made)
    }
}

/// Whether a fault of a rule can be made for a system.
fn has(system: System, rule: &str) -> bool {
    rule != "EXTRACT-CODE" || !system.codes().is_empty()
}

/// Whether faults of a rule are made in a table. What others name is not lost; a row whose values have moved needs more columns with
/// formats than those of extracts; and of Windows-1252 no byte is wrong, and a quote that is
/// not closed ends at the next one where every cell is in quotes.
fn takes(system: System, table: &str, rule: &str) -> bool {
    let lost = rule.starts_with(SHAPED) && is_named(system, table);
    let quoted = ["TABLE-ENCODING", "TABLE-MARK", "TABLE-QUOTE"].contains(&rule);
    let header = rule.starts_with("TABLE-COLUMN")
        || [
            "TABLE-EMPTY",
            "TABLE-NO-ROWS",
            "TABLE-DELIMITER",
            "TABLE-HEADER-MISSING",
        ]
        .contains(&rule);
    // Without a header nothing can be repeated.
    let repeated = system == System::Vision && rule == "TABLE-HEADER-REPEATED";
    let moved = rule == "TABLE-MOVED";
    !lost && !moved && !header && !repeated && (system != System::Tpp || !quoted)
}

/// The columns of a table that name codes, and the tables of these.
fn codes(system: System, table: &str) -> impl Iterator<Item = (&'static str, &'static str)> {
    let codes = system.codes().iter();
    codes
        .filter(move |(within, ..)| within.contains(&table))
        .map(|(_, column, target)| (*column, *target))
}

/// A row with a fault.
struct Broken {
    /// The rules that `concord check` finds, and their columns.
    rules: Vec<(String, String)>,
    done: String,
    row: Row,
    shape: Option<Shape>,
    no_record: bool,
}

/// A row as who takes the batch reads it.
enum Read {
    /// It cannot be read, or has another number of cells.
    Damaged,
    Cells(Vec<String>),
}

/// The columns of a file that decide whether a row can be taken.
struct About {
    system: System,
    /// The fields that are written, in the order of their cells.
    places: Vec<usize>,
    /// Cells, not fields.
    key: Vec<usize>,
    removal: Option<usize>,
    /// Cells that name rows of other tables: the column, the rule, and the table.
    references: Vec<(usize, String, &'static str, &'static str)>,
}

impl About {
    fn new(system: System, file: &File<'_>) -> Self {
        let places: Vec<usize> = file
            .columns
            .iter()
            .filter_map(|column| match column.source {
                crate::tables::pen::Source::Field(field) => Some(field),
                crate::tables::pen::Source::Text(_) => None,
            })
            .collect();
        let place = |wanted: &str| {
            let named = |field: &usize| *file.table.fields[*field].column == *wanted;
            places.iter().position(named)
        };
        let key = keys(system, file);
        let mut references = Vec::new();
        let people = system.people();
        if people.table != &*file.table.name {
            let person = place(system.person()).into_iter();
            references.extend(person.map(|cell| {
                (
                    cell,
                    system.person().to_owned(),
                    "EXTRACT-REFERENCE",
                    people.table,
                )
            }));
        }
        for (column, target) in codes(system, &file.table.name) {
            let cell = place(column).into_iter();
            references.extend(cell.map(|cell| (cell, column.to_owned(), "EXTRACT-CODE", target)));
        }
        Self {
            system,
            key: key.iter().filter_map(|column| place(column)).collect(),
            removal: place(system.removal().0),
            references,
            places,
        }
    }

    /// A fault in what decides whether a row can be taken.
    fn own(&self, rule: &'static str, row: &Row, file: &File<'_>) -> Option<Broken> {
        let mut row = row.clone();
        for cell in &mut row.cells {
            *cell = cell.replace('\n', " ");
        }
        let named = is_named(self.system, &file.table.name);
        let (cell, text, done) = match rule {
            "EXTRACT-KEY" if !named => (*self.key.last()?, String::new(), "its key left out"),
            "EXTRACT-WITHDRAWAL" if !named => {
                let word = self.system.unknown_word().to_owned();
                (
                    self.removal?,
                    word,
                    "a word that neither withdraws nor keeps it",
                )
            }
            "EXTRACT-REFERENCE" | "EXTRACT-CODE" => {
                let (cell, ..) = self
                    .references
                    .iter()
                    .find(|(.., known, _)| *known == rule)?;
                let nobody = match (self.system, rule) {
                    (System::Emis, "EXTRACT-REFERENCE") => cells::guid(998, 7),
                    _ => "987654321".to_owned(),
                };
                (*cell, nobody, "a row named that was never sent")
            }
            _ => return None,
        };
        let place = *self.places.get(cell)?;
        let field = &file.table.fields[place];
        // A cell that is blank already, or must be, has no fault.
        if row.cells[place] == text {
            return None;
        }
        row.cells[place] = text;
        let mut rules = Vec::new();
        let column = field.column.to_string();
        if rule == "EXTRACT-KEY" && field.mandation.letter() == "M" {
            rules.push(("VALUE-MISSING".to_owned(), column));
        } else if rule == "EXTRACT-WITHDRAWAL" && field.code_list.is_some() {
            rules.push(("VALUE-CODE".to_owned(), column));
        }
        Some(Broken {
            rules,
            done: done.to_owned(),
            row,
            shape: None,
            no_record: false,
        })
    }

    /// The rows that stand in a file where a broken one was written.
    fn read(&self, broken: &Broken, names: &[&str]) -> Vec<Read> {
        let cells = || -> Vec<String> {
            let places = self.places.iter();
            places
                .map(|place| broken.row.cells[*place].clone())
                .collect()
        };
        let good = || Read::Cells(cells());
        match broken.shape {
            Some(
                Shape::Shorter
                | Shape::EmptyCells(_)
                | Shape::Nul(_)
                | Shape::OpenQuote(_)
                | Shape::TextAfterQuote(_),
            ) => vec![Read::Damaged],
            Some(Shape::Header) => {
                let names = names.iter().map(|name| (*name).to_owned());
                vec![Read::Cells(names.collect()), good()]
            }
            Some(Shape::Totals) => {
                let last = self.places.len().saturating_sub(1);
                let cell = |place: usize| match place {
                    0 => "Total",
                    place if place == last => "123456.78",
                    _ => "",
                };
                let totals = (0..=last).map(|place| cell(place).to_owned());
                vec![Read::Cells(totals.collect()), good()]
            }
            Some(Shape::Without(field)) => {
                let mut cells = cells();
                if let Some(cell) = self.places.iter().position(|place| *place == field) {
                    cells.remove(cell);
                    cells.push(String::new());
                }
                vec![Read::Cells(cells)]
            }
            _ => vec![good()],
        }
    }

    /// What is wrong with a row for who takes it.
    fn judged(
        &self,
        read: &Read,
        sent: &HashMap<String, HashSet<String>>,
    ) -> Vec<(&'static str, String)> {
        let Read::Cells(cells) = read else {
            return vec![("EXTRACT-CELLS", String::new())];
        };
        let text = |cell: usize| cells.get(cell).map_or("", |text| text.trim());
        if self.key.iter().any(|cell| text(*cell).is_empty()) {
            return vec![("EXTRACT-KEY", String::new())];
        }
        if let Some(removal) = self.removal {
            let said = text(removal).to_ascii_lowercase();
            let (removed, kept) = self.system.words();
            if removed.contains(&&*said) {
                return Vec::new();
            }
            if !kept.contains(&&*said) {
                return vec![("EXTRACT-WITHDRAWAL", String::new())];
            }
        }
        let orphan = |(cell, column, rule, target): &(usize, String, &'static str, &str)| {
            let text = text(*cell);
            let known = sent.get(*target).is_some_and(|sent| sent.contains(text));
            (!text.is_empty() && !known && text != "-1").then(|| (*rule, column.clone()))
        };
        self.references.iter().filter_map(orphan).collect()
    }
}
