//! Tables in one XML document: an element for each row, named by its table, with an element for each column, named by its
//! unique id.

use std::borrow::Cow;
use std::cell::Cell;
use std::collections::{BTreeMap, BTreeSet};
use std::io::{self, BufRead, BufReader, Read};
use std::ops::ControlFlow;
use std::rc::Rc;
use std::sync::Arc;

use concord_read::{Input, Limits, ReadError, open};
use concord_standards::submission::{Submission, Table};
use quick_xml::Reader;
use quick_xml::events::{BytesStart, Event};

use super::{Misfit, Row, Source};

/// A document that holds all tables.
#[derive(Debug)]
pub struct XmlTables {
    submission: Arc<Submission>,
    limits: Limits,
    input: Input,
    /// Tables by the names that their rows have.
    tables: BTreeMap<String, usize>,
}

/// Names that a misfit lists.
const LISTED: usize = 12;

impl XmlTables {
    /// The document of an input.
    pub fn new(submission: Arc<Submission>, input: Input, limits: Limits) -> Self {
        let mut tables = BTreeMap::new();
        for (number, table) in submission.tables.iter().enumerate() {
            tables.insert(table.code.to_string(), number);
            tables.insert(table.name.to_string(), number);
        }
        Self {
            submission,
            limits,
            input,
            tables,
        }
    }

    fn walk(
        &self,
        wanted: &dyn Fn(usize) -> bool,
        each: &mut dyn FnMut(&Row<'_>) -> ControlFlow<()>,
        unknown: &mut BTreeSet<String>,
    ) -> Result<(), ReadError> {
        let opened = open(&self.input, &self.limits)?;
        let since = Rc::new(Cell::new(0));
        let bounded = Bounded {
            inner: BufReader::with_capacity(1 << 16, opened),
            since: Rc::clone(&since),
            most: self.limits.record_size,
        };
        let mut walk = Walk {
            tables: self,
            wanted,
            each,
            unknown,
            counts: vec![0; self.submission.tables.len()],
            depth: 0,
            line: 1,
            row: None,
        };
        let failed =
            |reason: String| ReadError::from_io(io::Error::other(reason), self.input.name());
        let mut reader = Reader::from_reader(bounded);
        let mut buffer = Vec::new();
        let mut root = false;
        loop {
            buffer.clear();
            since.set(0);
            let offset = reader.buffer_position();
            let event = match reader.read_event_into(&mut buffer) {
                Ok(event) => event,
                Err(quick_xml::Error::Io(error)) => {
                    let error = io::Error::new(error.kind(), error.to_string());
                    return Err(ReadError::from_io(error, self.input.name()));
                }
                Err(error) => return Err(failed(format!("line {}: {error}", walk.line))),
            };
            let at_end = matches!(event, Event::Eof);
            let lines = memchr::memchr_iter(b'\n', event.as_bytes()).count() as u64;
            match event {
                Event::Start(start) => {
                    root = true;
                    walk.start(&start, offset);
                    walk.depth += 1;
                    if walk.depth > self.limits.depth {
                        return Err(failed(format!(
                            "line {}: elements are nested too deeply",
                            walk.line
                        )));
                    }
                }
                Event::Empty(start) => {
                    root = true;
                    walk.start(&start, offset);
                    walk.depth += 1;
                    if walk.end(reader.buffer_position()).is_break() {
                        return Ok(());
                    }
                }
                Event::End(_) => {
                    if walk.end(reader.buffer_position()).is_break() {
                        return Ok(());
                    }
                }
                Event::Text(text) => walk.text(&text),
                Event::CData(text) => walk.text(&text),
                Event::GeneralRef(reference) => {
                    let name = reference.to_string();
                    let character = match reference.resolve_char_ref() {
                        Ok(Some(character)) => Some(character.to_string()),
                        Ok(None) => {
                            quick_xml::escape::resolve_predefined_entity(&name).map(str::to_owned)
                        }
                        Err(_) => None,
                    };
                    let Some(text) = character else {
                        return Err(failed(format!(
                            "line {}: &{name}; is not declared",
                            walk.line
                        )));
                    };
                    walk.text(&text);
                }
                Event::DocType(_) => {
                    return Err(failed(
                        "a document type declaration (DTD) is refused".to_owned(),
                    ));
                }
                Event::Eof | Event::Decl(_) | Event::PI(_) | Event::Comment(_) => {}
            }
            walk.line += lines;
            if at_end {
                break;
            }
        }
        if walk.depth > 0 || !root {
            return Err(failed(
                "the document ends before its last element is closed".to_owned(),
            ));
        }
        Ok(())
    }
}

/// What is being read.
struct Walk<'w> {
    tables: &'w XmlTables,
    wanted: &'w dyn Fn(usize) -> bool,
    each: &'w mut dyn FnMut(&Row<'_>) -> ControlFlow<()>,
    unknown: &'w mut BTreeSet<String>,
    counts: Vec<u32>,
    depth: usize,
    line: u64,
    row: Option<Reading>,
}

/// A row that is being read.
struct Reading {
    table: usize,
    depth: usize,
    line: u64,
    offset: u64,
    cells: Vec<String>,
    /// The column that is open.
    column: Option<usize>,
}

impl Walk<'_> {
    fn start(&mut self, start: &BytesStart<'_>, offset: u64) {
        let name = start.local_name().as_ref().to_owned();
        let Some(row) = &mut self.row else {
            if let Some(table) = self.tables.tables.get(&name) {
                let count = self.tables.submission.tables[*table].columns.len();
                self.row = Some(Reading {
                    table: *table,
                    depth: self.depth,
                    line: self.line,
                    offset,
                    cells: vec![String::new(); count],
                    column: None,
                });
            } else if self.depth > 0 {
                self.unknown.insert(name);
            }
            return;
        };
        let table = &self.tables.submission.tables[row.table];
        if self.depth == row.depth + 1 {
            row.column = column(table, &name);
        }
        if row.column.is_none() {
            self.unknown.insert(format!("{}/{name}", table.code));
        }
    }

    fn text(&mut self, text: &str) {
        if let Some(row) = &mut self.row
            && let Some(column) = row.column
            && self.depth == row.depth + 2
        {
            row.cells[column].push_str(text);
        }
    }

    fn end(&mut self, end: u64) -> ControlFlow<()> {
        self.depth = self.depth.saturating_sub(1);
        let Some(row) = &mut self.row else {
            return ControlFlow::Continue(());
        };
        if self.depth == row.depth + 1 {
            row.column = None;
        }
        if self.depth > row.depth {
            return ControlFlow::Continue(());
        }
        let Some(row) = self.row.take() else {
            return ControlFlow::Continue(());
        };
        let number = self.counts[row.table];
        self.counts[row.table] = number.saturating_add(1);
        if !(self.wanted)(row.table) {
            return ControlFlow::Continue(());
        }
        let cells: Vec<Cow<'_, str>> = row
            .cells
            .iter()
            .map(|cell| Cow::Borrowed(&**cell))
            .collect();
        (self.each)(&Row {
            table: row.table,
            number,
            line: row.line,
            offset: row.offset,
            end,
            cells: &cells,
            fault: None,
        })
    }
}

/// The column of an element: by its unique id, or by its name.
fn column(table: &Table, name: &str) -> Option<usize> {
    let by_id = table.columns.iter().position(|column| &*column.uid == name);
    by_id.or_else(|| table.column(name))
}

impl Source for XmlTables {
    fn rows(
        &mut self,
        wanted: &dyn Fn(usize) -> bool,
        each: &mut dyn FnMut(&Row<'_>) -> ControlFlow<()>,
    ) -> Result<(), ReadError> {
        self.walk(wanted, each, &mut BTreeSet::new())
    }

    fn name(&self) -> Arc<str> {
        self.file(0)
    }

    fn file(&self, _: usize) -> Arc<str> {
        Arc::clone(self.input.name())
    }

    fn name_of(&self, table: usize) -> String {
        format!(
            "{} ({})",
            self.input.name(),
            self.submission.tables[table].name
        )
    }

    fn has(&self, _: usize) -> bool {
        true
    }

    fn misfits(&mut self) -> Vec<Misfit> {
        let mut unknown = BTreeSet::new();
        // What cannot be read is said when the rows are.
        if self
            .walk(&|_| false, &mut |_| ControlFlow::Continue(()), &mut unknown)
            .is_err()
            || unknown.is_empty()
        {
            return Vec::new();
        }
        let listed: Vec<String> = unknown.iter().take(LISTED).cloned().collect();
        let more = if unknown.len() > LISTED { ", …" } else { "" };
        vec![Misfit {
            file: self.file(0),
            problem: format!(
                "elements that are no table and no column: {}{more}",
                listed.join(", ")
            ),
        }]
    }
}

/// A reader that gives up when one piece of the document is larger than a record may be.
struct Bounded<R> {
    inner: R,
    since: Rc<Cell<usize>>,
    most: usize,
}

impl<R: BufRead> Bounded<R> {
    fn check(&self) -> io::Result<()> {
        if self.since.get() > self.most {
            let message = format!("a piece of the document is longer than {} bytes", self.most);
            return Err(io::Error::other(message));
        }
        Ok(())
    }
}

impl<R: BufRead> Read for Bounded<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.check()?;
        let count = self.inner.read(buffer)?;
        self.since.set(self.since.get() + count);
        Ok(count)
    }
}

impl<R: BufRead> BufRead for Bounded<R> {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        self.check()?;
        self.inner.fill_buf()
    }

    fn consume(&mut self, amount: usize) {
        self.since.set(self.since.get() + amount);
        self.inner.consume(amount);
    }
}
