//! Tables in files of delimited text, one each, named by its table.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::ops::ControlFlow;
use std::sync::Arc;

use concord_read::delimited::{Cell, Chunk, Chunks, RowProblem, Rows};
use concord_read::{Input, Limits, Opened, ReadError, open};
use concord_standards::submission::Submission;

use super::{Fault, Misfit, Row, Source, stem};
use crate::catalogue::BuiltinRule;
use crate::table::header_row;

/// Bytes of a chunk.
const CHUNK: usize = 1 << 20;

/// The rest of a table behind its first row, which names the columns.
type Begun = (Chunks<Opened>, Vec<String>);

/// Most names that a misfit lists.
const LISTED: usize = 12;

/// Files of a folder or an archive, each of which is a table.
#[derive(Debug)]
pub struct TableFiles {
    submission: Arc<Submission>,
    limits: Limits,
    inputs: BTreeMap<usize, Input>,
    misfits: Vec<Misfit>,
    /// The name of the whole, for tables that are not there.
    name: Arc<str>,
}

impl TableFiles {
    /// Finds out which input is which table, by the names of the files. `name` is that of the whole.
    pub fn new(
        submission: Arc<Submission>,
        inputs: Vec<Input>,
        name: Arc<str>,
        limits: Limits,
    ) -> Self {
        let mut files = Self {
            submission,
            limits,
            inputs: BTreeMap::new(),
            misfits: Vec::new(),
            name,
        };
        for input in inputs {
            let table = files.submission.table(stem(input.name()));
            let problem = match table {
                Some(table) => match files.inputs.get(&table) {
                    None => {
                        files.inputs.insert(table, input);
                        continue;
                    }
                    Some(first) => format!("the table stands in {} already", first.name()),
                },
                None if !is_delimited(input.name()) => continue,
                None => "its name is that of no table".to_owned(),
            };
            files.misfits.push(Misfit {
                file: Arc::clone(input.name()),
                problem: format!("{} is left out: {problem}", input.name()),
            });
        }
        files
    }

    /// Whether any input is a table.
    pub fn is_empty(&self) -> bool {
        self.inputs.is_empty()
    }

    /// Reads the first row of a table and says which cell is which column.
    fn columns(
        &self,
        table: usize,
        names: &[String],
        misfits: Option<&mut Vec<Misfit>>,
    ) -> Vec<Option<usize>> {
        let of = &self.submission.tables[table];
        let columns: Vec<Option<usize>> = names.iter().map(|name| of.named(name)).collect();
        let Some(misfits) = misfits else {
            return columns;
        };
        let file = self.file(table);
        let mut say = |what: &str, names: Vec<&str>| {
            if names.is_empty() {
                return;
            }
            let more = if names.len() > LISTED { ", …" } else { "" };
            let listed = names[..names.len().min(LISTED)].join(", ");
            misfits.push(Misfit {
                file: Arc::clone(&file),
                problem: format!("{what}: {listed}{more}"),
            });
        };
        let all = of.columns.iter().enumerate();
        let missing = all.filter(|(at, _)| !columns.contains(&Some(*at)));
        say(
            &format!("columns of {} are missing", of.name),
            missing.map(|(_, column)| &*column.name).collect(),
        );
        let cells = names.iter().zip(&columns);
        let unknown = cells
            .clone()
            .filter(|(name, column)| column.is_none() && !name.is_empty());
        say(
            &format!("{} has no such columns", of.name),
            unknown.map(|(name, _)| &**name).collect(),
        );
        let twice = cells
            .enumerate()
            .filter(|(at, (_, column))| column.is_some() && columns[..*at].contains(column));
        say(
            &format!("columns of {} stand twice", of.name),
            twice.map(|(_, (name, _))| &**name).collect(),
        );
        columns
    }

    /// Reads a table, and its first row first.
    fn open(&self, table: usize) -> Result<Option<Begun>, ReadError> {
        let Some(input) = self.inputs.get(&table) else {
            return Ok(None);
        };
        let opened = open(input, &self.limits)?;
        let mut chunks = Chunks::new(
            opened,
            Arc::clone(input.name()),
            CHUNK,
            self.limits.record_size,
        );
        let first = chunks.peek()?.to_vec();
        let Some(header) = header_row(&first, b",") else {
            return Ok(None);
        };
        chunks.set_dialect(header.detected.dialect);
        Ok(Some((chunks, header.cells)))
    }

    fn table(
        &self,
        table: usize,
        each: &mut dyn FnMut(&Row<'_>) -> ControlFlow<()>,
    ) -> Result<ControlFlow<()>, ReadError> {
        let Some((mut chunks, names)) = self.open(table)? else {
            return Ok(ControlFlow::Continue(()));
        };
        let columns = self.columns(table, &names, None);
        let count = self.submission.tables[table].columns.len();
        let mut header = true;
        let (mut number, mut line) = (0u32, 1u64);
        let (mut places, mut spare) = (Vec::new(), Chunk::default());
        while let Some(chunk) = chunks.next(spare)? {
            let bytes = chunk.content();
            let mut rows = Rows::of(&chunk, chunks.dialect());
            let mut cells: Vec<Cow<'_, str>> = vec![Cow::Borrowed(""); count];
            while let Some(found) = rows.next(&mut places) {
                let at = line;
                line += found.line_feeds;
                let empty = found.blank && found.cells == 1;
                // What says how cells are separated, blank lines and the names of the columns are no rows.
                if empty || (header && is_declaration(&places, bytes)) {
                    continue;
                }
                if std::mem::take(&mut header) {
                    continue;
                }
                cells.fill(Cow::Borrowed(""));
                for (cell, column) in places.iter().zip(&columns) {
                    if let Some(column) = column
                        && cells[*column].is_empty()
                    {
                        cells[*column] = cell.text(bytes);
                    }
                }
                let row = Row {
                    table,
                    number,
                    line: at,
                    offset: chunk.offset + found.start as u64,
                    end: chunk.offset + found.next as u64,
                    cells: &cells,
                    fault: fault(rows.problems(), &places, found.cells, &names, bytes),
                };
                if each(&row).is_break() {
                    return Ok(ControlFlow::Break(()));
                }
                number = number.saturating_add(1);
            }
            drop(cells);
            spare = chunk;
        }
        Ok(ControlFlow::Continue(()))
    }
}

impl Source for TableFiles {
    fn rows(
        &mut self,
        wanted: &dyn Fn(usize) -> bool,
        each: &mut dyn FnMut(&Row<'_>) -> ControlFlow<()>,
    ) -> Result<(), ReadError> {
        let tables: Vec<usize> = self
            .inputs
            .keys()
            .copied()
            .filter(|table| wanted(*table))
            .collect();
        for table in tables {
            if self.table(table, each)?.is_break() {
                break;
            }
        }
        Ok(())
    }

    fn name(&self) -> Arc<str> {
        Arc::clone(&self.name)
    }

    fn file(&self, table: usize) -> Arc<str> {
        let input = self.inputs.get(&table);
        Arc::clone(input.map_or(&self.name, |input| input.name()))
    }

    fn has(&self, table: usize) -> bool {
        self.inputs.contains_key(&table)
    }

    fn misfits(&mut self) -> Vec<Misfit> {
        let mut misfits = self.misfits.clone();
        for table in self.inputs.keys() {
            // What cannot be read is said when the rows are.
            if let Ok(Some((_, names))) = self.open(*table) {
                self.columns(*table, &names, Some(&mut misfits));
            }
        }
        misfits
    }
}

fn is_delimited(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    let name = [".gz", ".zst"]
        .iter()
        .find_map(|end| name.strip_suffix(end))
        .unwrap_or(&name);
    [".csv", ".tsv", ".txt"]
        .iter()
        .any(|end| name.ends_with(end))
}

/// A line before the header that says how cells are separated, as spreadsheets write it.
fn is_declaration(places: &[Cell], bytes: &[u8]) -> bool {
    places
        .first()
        .is_some_and(|cell| places.len() <= 2 && cell.text(bytes).starts_with("sep="))
}

/// What is wrong with a row of delimited text.
fn fault(
    problems: &[concord_read::delimited::Problem],
    places: &[Cell],
    cells: usize,
    names: &[String],
    bytes: &[u8],
) -> Option<Fault> {
    let counts = (cells, names.len());
    for problem in problems {
        let rule = match problem.problem {
            RowProblem::UnclosedQuote => BuiltinRule::TableQuote,
            RowProblem::TextAfterQuote => BuiltinRule::TableQuoteText,
            RowProblem::Nul => BuiltinRule::TableNul,
            RowProblem::TooLong | RowProblem::TooManyCells | RowProblem::Continued => {
                BuiltinRule::RecordSize
            }
            _ => continue,
        };
        return Some(Fault {
            rule,
            cells: counts,
            column: names.get(problem.cell).cloned(),
        });
    }
    let beyond = places.get(names.len()..).unwrap_or_default();
    let ragged = cells < names.len() || beyond.iter().any(|cell| !cell.text(bytes).is_empty());
    ragged.then_some(Fault {
        rule: BuiltinRule::TableRagged,
        cells: counts,
        column: None,
    })
}
