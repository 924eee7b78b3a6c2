//! The rows of a document as delimited text, made while it is read.

use std::collections::BTreeSet;
use std::io::{self, BufRead, BufReader, Read};
use std::sync::{Arc, Mutex, PoisonError};

use concord_finding::Place;
use concord_standards::layout::DocumentForm;
use quick_xml::Reader;
use quick_xml::events::{BytesStart, Event};

use crate::table::plan::TablePlan;

/// Bytes of rows that are made ready at a time.
const READY: usize = 1 << 16;

/// What is known of the document besides its rows.
#[derive(Default)]
pub(super) struct Told {
    /// Where each row's element begins.
    pub(super) rows: Vec<Place>,
    pub(super) fault: Option<Fault>,
    pub(super) bytes: u64,
}

/// Why a document is not read on.
pub(super) struct Fault {
    pub(super) place: Place,
    pub(super) reason: String,
}

/// The rows of a document as delimited text.
pub(super) struct Rows<'p, S> {
    reader: Reader<Bounded<BufReader<S>>>,
    form: Option<&'p DocumentForm>,
    width: usize,
    depth_limit: usize,
    /// Paths of elements below a record, with `/` between.
    known: BTreeSet<&'p str>,
    /// Columns by the path of their place.
    columns: Vec<(&'p str, usize)>,
    told: Arc<Mutex<Told>>,
    buffer: Vec<u8>,
    /// Rows that are made and not read yet.
    pub(super) ready: Vec<u8>,
    given: usize,
    /// The last line begun, and where it begins.
    line: (u64, u64),
    depth: usize,
    root: bool,
    record: Option<Record>,
    ended: bool,
}

/// A record that is being read.
struct Record {
    place: Place,
    depth: usize,
    /// Lengths of the path at each element below the record.
    lengths: Vec<usize>,
    /// The path of the element that is open, from the record.
    path: String,
    /// Elements that stood already, of those that stand once in a record, or in a row.
    seen: BTreeSet<String>,
    cells: Vec<String>,
    rows: Vec<(Place, Vec<String>)>,
    row: Option<(Place, Vec<String>)>,
}

impl<'p, S: Read> Rows<'p, S> {
    pub(super) fn new(bytes: S, plan: &'p TablePlan, told: Arc<Mutex<Told>>) -> Self {
        let layout = plan.layout();
        let form = layout.document.as_ref();
        let mut known = BTreeSet::new();
        let mut columns = Vec::new();
        for (column, path) in form.iter().flat_map(|form| &form.places) {
            let elements = path.split("/@").next().unwrap_or(path);
            known.extend(elements.match_indices('/').map(|(at, _)| &elements[..at]));
            known.insert(elements);
            let place = layout.field(column).map(|(field, _)| (&**path, field));
            columns.extend(place);
        }
        known.extend(form.map(|form| &*form.row));
        let bounded = Bounded {
            inner: BufReader::with_capacity(READY, bytes),
            since: 0,
            most: plan.limits.record_size,
        };
        Self {
            reader: Reader::from_reader(bounded),
            form,
            width: layout.fields.len(),
            depth_limit: plan.limits.depth,
            known,
            columns,
            told,
            buffer: Vec::new(),
            ready: Vec::new(),
            given: 0,
            line: (1, 0),
            depth: 0,
            root: false,
            record: None,
            ended: false,
        }
    }

    /// Makes rows ready until there are enough, or the document ends.
    pub(super) fn fill(&mut self) -> io::Result<()> {
        self.ready.clear();
        self.given = 0;
        while !self.ended && self.ready.len() < READY {
            self.event()?;
        }
        Ok(())
    }

    /// The place of an offset in the line that was begun last.
    fn place(&self, offset: u64) -> Place {
        let (line, start) = self.line;
        Place {
            offset,
            line,
            column: offset.saturating_sub(start) + 1,
        }
    }

    /// The document is not read on.
    fn fault(&mut self, place: Place, reason: impl Into<String>) {
        let mut told = self.told.lock().unwrap_or_else(PoisonError::into_inner);
        told.fault = Some(Fault {
            place,
            reason: reason.into(),
        });
        told.bytes = self.reader.buffer_position();
        self.ended = true;
    }

    fn event(&mut self) -> io::Result<()> {
        let mut buffer = std::mem::take(&mut self.buffer);
        buffer.clear();
        if self.record.is_none() {
            self.reader.get_mut().since = 0;
        }
        let offset = self.reader.buffer_position();
        let place = self.place(offset);
        let event = match self.reader.read_event_into(&mut buffer) {
            Ok(event) => event,
            Err(quick_xml::Error::Io(error)) if error.kind() == TOO_LONG => {
                self.fault(place, error.to_string());
                return Ok(());
            }
            Err(quick_xml::Error::Io(error)) => {
                return Err(io::Error::new(error.kind(), error.to_string()));
            }
            Err(error) => {
                self.fault(place, format!("this is not well-formed XML: {error}"));
                return Ok(());
            }
        };
        match &event {
            Event::Start(start) => self.start(start, place),
            Event::Empty(start) => {
                self.start(start, place);
                self.end();
            }
            Event::End(_) => self.end(),
            Event::Text(text) => self.text(text),
            Event::CData(text) => self.text(text),
            Event::GeneralRef(reference) => match resolved(reference) {
                Some(text) => self.text(&text),
                None => self.fault(place, "an entity is not declared"),
            },
            Event::DocType(_) => self.fault(place, "a document type declaration (DTD) is refused"),
            Event::Eof => self.eof(place),
            Event::Decl(_) | Event::PI(_) | Event::Comment(_) => {}
        }
        let end = self.reader.buffer_position();
        let text: &[u8] = event.as_bytes();
        let count = memchr::memchr_iter(b'\n', text).count() as u64;
        if let Some(last) = memchr::memrchr(b'\n', text) {
            // What stands around the text of an event (`<`, `/>`) holds no line end.
            let after = (text.len() - last - 1) as u64;
            let tail = match event {
                Event::Text(_) => 0,
                Event::Empty(_) => 2,
                Event::CData(_) | Event::Comment(_) => 3,
                _ => 1,
            };
            self.line = (self.line.0 + count, end.saturating_sub(after + tail));
        }
        self.buffer = buffer;
        Ok(())
    }

    fn start(&mut self, start: &BytesStart<'_>, place: Place) {
        self.root = true;
        let name = start.local_name();
        let name = name.as_ref();
        self.depth += 1;
        if self.depth > self.depth_limit {
            self.fault(place, "elements are nested too deeply");
            return;
        }
        let Some(form) = self.form else { return };
        let Some(record) = &mut self.record else {
            if name == &*form.record {
                self.record = Some(Record::new(place, self.depth, self.width));
            }
            return;
        };
        record.lengths.push(record.path.len());
        if !record.path.is_empty() {
            record.path.push('/');
        }
        record.path.push_str(name);
        let path = record.path.clone();
        if !self.known.contains(&*path) {
            self.fault(
                place,
                format!("`{}/{path}` is no element of a record", form.record),
            );
            return;
        }
        if path == *form.row {
            record.seen.retain(|seen| !seen.starts_with(&*form.row));
            record.row = Some((place, vec![String::new(); self.width]));
        } else if !record.seen.insert(path.clone()) {
            self.fault(place, format!("`{}/{path}` stands twice", form.record));
            return;
        }
        for attribute in start.attributes() {
            let read = attribute.ok().and_then(|attribute| {
                let value = attribute
                    .normalized_value(quick_xml::XmlVersion::Implicit1_0)
                    .ok()?;
                let key = attribute.key.local_name();
                Some((format!("{path}/@{}", key.as_ref()), value.into_owned()))
            });
            let Some((at, value)) = read else {
                self.fault(place, "an attribute is not well-formed");
                return;
            };
            put(&self.columns, record, &at, &value);
        }
    }

    fn text(&mut self, text: &str) {
        if let Some(record) = &mut self.record {
            let path = std::mem::take(&mut record.path);
            put(&self.columns, record, &path, text);
            record.path = path;
        }
    }

    fn end(&mut self) {
        if self.ended {
            return;
        }
        self.depth = self.depth.saturating_sub(1);
        let Some(form) = self.form else { return };
        let Some(record) = &mut self.record else {
            return;
        };
        if self.depth >= record.depth {
            if record.path == *form.row {
                record.rows.extend(record.row.take());
            }
            let length = record.lengths.pop().unwrap_or_default();
            record.path.truncate(length);
            return;
        }
        let Some(record) = self.record.take() else {
            return;
        };
        if record.rows.is_empty() {
            let reason = format!("a `{}` has no `{}`", form.record, form.row);
            self.fault(record.place, reason);
            return;
        }
        let mut told = self.told.lock().unwrap_or_else(PoisonError::into_inner);
        for (place, row) in record.rows {
            told.rows.push(place);
            for (number, (own, shared)) in row.iter().zip(&record.cells).enumerate() {
                if number > 0 {
                    self.ready.push(b',');
                }
                let text = if own.is_empty() { shared } else { own };
                // A row without values is a row all the same, and not a blank line.
                put_cell(text, number == 0, &mut self.ready);
            }
            self.ready.push(b'\n');
        }
    }

    fn eof(&mut self, place: Place) {
        let mut told = self.told.lock().unwrap_or_else(PoisonError::into_inner);
        told.bytes = self.reader.buffer_position();
        let empty = told.rows.is_empty();
        drop(told);
        self.ended = true;
        if !self.root || self.depth > 0 {
            self.fault(place, "the document ends before its last element is closed");
        } else if empty && let Some(form) = self.form {
            self.fault(place, format!("the document has no `{}`", form.record));
        }
    }
}

impl Record {
    fn new(place: Place, depth: usize, width: usize) -> Self {
        Self {
            place,
            depth,
            lengths: Vec::new(),
            path: String::new(),
            seen: BTreeSet::new(),
            cells: vec![String::new(); width],
            rows: Vec::new(),
            row: None,
        }
    }
}

/// Adds text to the column that has this place.
fn put(columns: &[(&str, usize)], record: &mut Record, at: &str, text: &str) {
    for (_, column) in columns.iter().filter(|(path, _)| *path == at) {
        let cells = match &mut record.row {
            Some((_, cells)) => cells,
            None => &mut record.cells,
        };
        if let Some(cell) = cells.get_mut(*column) {
            cell.push_str(text);
        }
    }
}

/// A cell as delimited text has it. Blanks around a value do not count in a document.
fn put_cell(text: &str, quoted: bool, ready: &mut Vec<u8>) {
    let text = text.trim();
    if !quoted && !text.contains(['"', ',', '\n', '\r']) {
        ready.extend_from_slice(text.as_bytes());
        return;
    }
    ready.push(b'"');
    ready.extend_from_slice(text.replace('"', "\"\"").as_bytes());
    ready.push(b'"');
}

/// The text that a reference stands for; `None` when nothing is known of it.
fn resolved(reference: &quick_xml::events::BytesRef<'_>) -> Option<String> {
    match reference.resolve_char_ref() {
        Ok(Some(character)) => Some(character.to_string()),
        Ok(None) => quick_xml::escape::resolve_predefined_entity(reference).map(str::to_owned),
        Err(_) => None,
    }
}

impl<S: Read> Read for Rows<'_, S> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        if self.given == self.ready.len() {
            self.fill()?;
        }
        let rest = &self.ready[self.given..];
        let count = rest.len().min(into.len());
        into[..count].copy_from_slice(&rest[..count]);
        self.given += count;
        Ok(count)
    }
}

/// What a reader says of a record that is too long.
const TOO_LONG: io::ErrorKind = io::ErrorKind::FileTooLarge;

/// A reader that gives up when a record, or a piece of the document outside of records, is larger than a record may be.
struct Bounded<R> {
    inner: R,
    since: usize,
    most: usize,
}

impl<R: BufRead> Bounded<R> {
    fn check(&self) -> io::Result<()> {
        if self.since > self.most {
            let message = format!("a record is longer than {} bytes", self.most);
            return Err(io::Error::new(TOO_LONG, message));
        }
        Ok(())
    }
}

impl<R: BufRead> Read for Bounded<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.check()?;
        let count = self.inner.read(buffer)?;
        self.since += count;
        Ok(count)
    }
}

impl<R: BufRead> BufRead for Bounded<R> {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        self.check()?;
        self.inner.fill_buf()
    }

    fn consume(&mut self, amount: usize) {
        self.since += amount;
        self.inner.consume(amount);
    }
}
