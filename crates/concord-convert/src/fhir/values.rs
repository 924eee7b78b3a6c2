//! Values of JSON, one behind another in a file: resources and bundles.

use std::collections::VecDeque;
use std::io::{self, BufRead as _, BufReader, Read};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use serde_json::{StreamDeserializer, Value, de::IoRead, json};

use super::enclosed;
use super::ids;
use super::interpret::Entry;
use super::known::{KnownRecords, Told};
use super::people::{Judged, People};
use super::visits::by_visit;
use super::writer::FhirError;
use crate::rejects::Reject;

/// Most bytes of one resource or bundle.
const MOST_BYTES: u64 = 256 << 20;

/// A file of resources that is open.
pub struct ResourceFile {
    /// The name that rows and errors give it.
    pub name: Arc<str>,
    /// Whether each line is a value of its own. Else the values stand one behind another.
    pub lines: bool,
    /// Its bytes.
    pub reader: Box<dyn Read + Send>,
    /// What a check found of its resources.
    pub known: KnownRecords,
    /// Whether resources that these hold as bytes are read besides ([`enclosed`]), so that they are left out here.
    pub opened: bool,
}

impl ResourceFile {
    /// A file whose values stand one behind another, and of which nothing is known.
    pub fn new(name: impl Into<Arc<str>>, reader: impl Read + Send + 'static) -> Self {
        Self {
            name: name.into(),
            lines: false,
            reader: Box::new(reader),
            known: KnownRecords::default(),
            opened: false,
        }
    }

    /// The same file, whose resources in resources are read besides, or not.
    #[must_use]
    pub fn opened(mut self, opened: bool) -> Self {
        self.opened = opened;
        self
    }

    /// The same file, of which each line is a value of its own, or not, and a check found what is known.
    #[must_use]
    pub fn checked(mut self, lines: bool, known: KnownRecords) -> Self {
        (self.lines, self.known) = (lines, known);
        self
    }
}

/// A bundle or a resource.
#[derive(Default)]
pub(super) struct Head {
    /// Of which record of which source it is, when it is one of several that were written for one.
    pub(super) source: Option<(String, u64)>,
    pub(super) entries: Vec<Entry>,
    /// Of which of its resources something was found, each with its file.
    pub(super) told: Vec<(Arc<str>, Told)>,
}

impl Head {
    /// Adds what belongs to the same record.
    pub(super) fn add(&mut self, mut other: Self) {
        for entry in &mut other.entries {
            entry.within = entry.within.map(|within| within + self.entries.len());
        }
        self.entries.extend(other.entries);
        self.told.extend(other.told);
    }
}

enum Values {
    /// One behind another.
    Stream(Box<StreamDeserializer<'static, IoRead<BufReader<Limited>>, Value>>),
    /// One a line.
    Lines(BufReader<Limited>),
}

/// A file that is being read.
pub(super) struct Input {
    pub(super) name: Arc<str>,
    values: Values,
    budget: Arc<AtomicU64>,
    known: KnownRecords,
    opened: bool,
    /// Resources so far, as a check counts them.
    number: u64,
    /// The people of a bundle who are still to come.
    people: Option<People>,
    /// The visits of one of them that are still to come.
    visits: VecDeque<Vec<Judged>>,
    pub(super) head: Option<Head>,
    /// Rejected resources that were passed over.
    pub(super) rejects: Vec<Reject>,
}

impl Input {
    pub(super) fn new(file: ResourceFile) -> Self {
        let ResourceFile {
            name,
            lines,
            reader,
            known,
            opened,
        } = file;
        let budget = Arc::new(AtomicU64::new(MOST_BYTES));
        let limited = BufReader::new(Limited {
            reader,
            budget: Arc::clone(&budget),
        });
        let values = if lines {
            Values::Lines(limited)
        } else {
            let values = serde_json::Deserializer::from_reader(limited).into_iter();
            Values::Stream(Box::new(values))
        };
        Self {
            name,
            values,
            budget,
            known,
            opened,
            number: 0,
            people: None,
            visits: VecDeque::new(),
            head: None,
            rejects: Vec::new(),
        }
    }

    /// Whether its head is a record of another file: resources that belong together are of one, whatever file they are in.
    pub(super) fn is_other_than(&self, file: &Arc<str>) -> bool {
        let in_parts = self.head.as_ref().is_some_and(|head| head.source.is_some());
        (file.is_empty() || !in_parts) && self.name != *file
    }

    pub(super) fn begins_with_patients(&self) -> bool {
        let first = self.head.as_ref().and_then(|head| head.entries.first());
        first.is_some_and(|entry| entry.resource["resourceType"] == "Patient")
    }

    /// Gives the head and reads the next one.
    pub(super) fn advance(&mut self) -> Result<Option<Head>, FhirError> {
        if let Some(next) = self.next_part() {
            return Ok(self.head.replace(next));
        }
        self.budget.store(MOST_BYTES, Ordering::Relaxed);
        let next = match &mut self.values {
            Values::Stream(values) => match values.next() {
                None => None,
                Some(Ok(value)) => {
                    let at = values.byte_offset();
                    Some(self.document(value, at)?)
                }
                Some(Err(error)) => return Err(self.wrong(error.to_string())),
            },
            Values::Lines(_) => self.line()?,
        };
        Ok(std::mem::replace(&mut self.head, next))
    }

    /// What is still to come of a bundle.
    fn next_part(&mut self) -> Option<Head> {
        if self.visits.is_empty() {
            let next = self.people.as_mut()?.next();
            match next {
                Some(entries) => self.visits.extend(by_visit(entries)),
                None => self.people = None,
            }
        }
        let entries = self.visits.pop_front()?;
        Some(self.of_entries(entries))
    }

    /// A bundle, of which each visit of each person is a record: the first one now. One that was written here is a record.
    fn of_bundle(&mut self, ours: bool, entries: Vec<Judged>) -> Head {
        if ours {
            return self.of_entries(entries);
        }
        match People::of(entries) {
            Err(entries) => self.visits.extend(by_visit(entries)),
            Ok(people) => self.people = Some(people),
        }
        self.next_part().unwrap_or_default()
    }

    fn of_entries(&self, entries: Vec<Judged>) -> Head {
        let mut head = Head::default();
        for (entry, told) in entries {
            if let Some(told) = told {
                head.told.push((Arc::clone(&self.name), told));
            }
            unfold(entry, self.opened, &mut head.entries);
        }
        // The entries of a bundle that is one resource to the check are told of alike.
        head.told.dedup();
        head
    }

    fn wrong(&self, reason: String) -> FhirError {
        FhirError::Content {
            file: self.name.to_string(),
            reason,
        }
    }

    /// The next line that is taken.
    fn line(&mut self) -> Result<Option<Head>, FhirError> {
        let mut line = Vec::new();
        loop {
            line.clear();
            self.budget.store(MOST_BYTES, Ordering::Relaxed);
            let Values::Lines(reader) = &mut self.values else {
                return Ok(None);
            };
            let read = reader.read_until(b'\n', &mut line);
            if read.map_err(|error| self.wrong(error.to_string()))? == 0 {
                return Ok(None);
            }
            let text = line.trim_ascii();
            if text.is_empty() {
                continue;
            }
            self.number += 1;
            if self.known.leaves_out(self.number) {
                let raw = || String::from_utf8_lossy(text).into_owned();
                self.rejects.extend(self.known.reject(self.number, raw));
                continue;
            }
            let number = self.number;
            let value = serde_json::from_slice(text)
                .map_err(|error| self.wrong(format!("resource {number}: {error}")))?;
            return self.whole(value, &format!("resource {number}")).map(Some);
        }
    }

    /// A bundle or resource that is one of its own to a check.
    fn whole(&mut self, value: Value, what: &str) -> Result<Head, FhirError> {
        let told = self.known.told(self.number);
        match value.get("resourceType").and_then(Value::as_str) {
            None => Err(self.wrong(format!("{what} is no resource of FHIR"))),
            Some("Bundle") => {
                let ours = source_of(&value).is_some();
                let entries = entries_of(value).into_iter();
                let entries = entries.map(|entry| (entry, told)).collect();
                Ok(self.of_bundle(ours, entries))
            }
            Some(_) => {
                let source = source_of(&value);
                let mut entries = Vec::new();
                resource(None, value, self.opened, &mut entries);
                Ok(Head {
                    source,
                    entries,
                    told: told
                        .map(|told| (Arc::clone(&self.name), told))
                        .into_iter()
                        .collect(),
                })
            }
        }
    }

    /// A bundle whose entries are counted one by one, or a resource, which ends at a byte.
    fn document(&mut self, value: Value, at: usize) -> Result<Head, FhirError> {
        if value.get("resourceType").and_then(Value::as_str) != Some("Bundle") {
            self.number += 1;
            if self.known.leaves_out(self.number) {
                let raw = || value.to_string();
                self.rejects.extend(self.known.reject(self.number, raw));
                return Ok(Head::default());
            }
            return self.whole(value, &format!("what ends at byte {at}"));
        }
        let ours = source_of(&value).is_some();
        let mut entries = Vec::new();
        for value in entries_of(value) {
            if !value.is_object() {
                continue;
            }
            self.number += 1;
            if self.known.leaves_out(self.number) {
                let raw = || value.to_string();
                self.rejects.extend(self.known.reject(self.number, raw));
                continue;
            }
            entries.push((value, self.known.told(self.number)));
        }
        Ok(self.of_bundle(ours, entries))
    }
}

/// The entries of a bundle.
fn entries_of(mut bundle: Value) -> Vec<Value> {
    let entries = bundle.get_mut("entry").and_then(Value::as_array_mut);
    entries.map(std::mem::take).unwrap_or_default()
}

/// Adds the resource of an entry, if it has one.
fn unfold(mut entry: Value, opened: bool, entries: &mut Vec<Entry>) {
    let url = entry.get("fullUrl").and_then(Value::as_str);
    let url = url.map(str::to_owned);
    if let Some(value) = entry.get_mut("resource").map(Value::take) {
        resource(url, value, opened, entries);
    }
}

/// Takes the resources that parameters hold, each as an entry of a bundle has it.
fn resources_of(parameters: &mut Value) -> Vec<Value> {
    let list = parameters
        .get_mut("parameter")
        .and_then(Value::as_array_mut);
    let resources = list.into_iter().flatten().filter_map(|parameter| {
        let held = parameter.as_object_mut()?.remove("resource")?;
        Some(json!({ "resource": held }))
    });
    resources.collect()
}

/// Adds a resource, with those that are contained in it, and those of the bundle or the parameters that it is. How deep these
/// stand in each other is limited by the reader of JSON.
/// Of what is `opened` besides, only what surrounds it is.
fn resource(url: Option<String>, mut value: Value, opened: bool, entries: &mut Vec<Entry>) {
    if opened && !enclosed::open(&mut value).is_empty() && is_empty_binary(&value) {
        return;
    }
    let take = |value: &mut Value, name: &str| {
        let object = value.as_object_mut();
        let taken = object.and_then(|object| object.remove(name));
        match taken {
            Some(Value::Array(items)) => items,
            _ => Vec::new(),
        }
    };
    let within = entries.len();
    let contained = take(&mut value, "contained");
    let inner = match value.get("resourceType").and_then(Value::as_str) {
        Some("Bundle") => take(&mut value, "entry"),
        Some("Parameters") => resources_of(&mut value),
        _ => Vec::new(),
    };
    entries.push(Entry {
        url,
        within: None,
        resource: value,
    });
    for mut value in contained {
        // Its id is a name within the resource, and says nothing outside of it.
        let id = value.as_object_mut().and_then(|object| object.remove("id"));
        let id = id.as_ref().and_then(Value::as_str);
        entries.push(Entry {
            url: id.map(|id| format!("#{id}")),
            within: Some(within),
            resource: value,
        });
    }
    for entry in inner {
        unfold(entry, opened, entries);
    }
}

/// Whether a `Binary` has had no other bytes than those of a resource.
fn is_empty_binary(resource: &Value) -> bool {
    let kind = resource.get("resourceType").and_then(Value::as_str);
    kind == Some("Binary") && resource.get("data").or(resource.get("content")).is_none()
}

/// Of which record of which source a resource is, which is known of those that were written here: only a number of a record
/// tells of several resources that they belong together, and the sources of others have numbers that mean something else.
fn source_of(resource: &Value) -> Option<(String, u64)> {
    let id = resource.get("id").and_then(Value::as_str)?;
    if !ids::is_one(id) {
        return None;
    }
    let source = resource.pointer("/meta/source").and_then(Value::as_str)?;
    let (source, number) = source.rsplit_once('#')?;
    Some((source.to_owned(), number.parse().ok()?))
}

/// A reader that gives no more bytes than are allowed for one value.
struct Limited {
    reader: Box<dyn Read + Send>,
    budget: Arc<AtomicU64>,
}

impl Read for Limited {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let left = self.budget.load(Ordering::Relaxed);
        if left == 0 {
            let message = format!("a resource is larger than {} MB", MOST_BYTES >> 20);
            return Err(io::Error::new(io::ErrorKind::FileTooLarge, message));
        }
        let read = self.reader.read(buffer)?;
        self.budget
            .store(left.saturating_sub(read as u64), Ordering::Relaxed);
        Ok(read)
    }
}
