//! Files of resources into records.

use std::fs::File;
use std::io::{self, BufReader, Read};
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use serde_json::{StreamDeserializer, Value, de::IoRead};

use super::interpret::{Entry, interpret};
use super::mapping::FhirMapping;
use super::rest::Names;
use super::writer::FhirError;
use crate::builder::{Origin, RecordsBuilder};
use crate::loss::Losses;
use crate::records::{RecordSource, Records};

/// Records that are handed on together.
const AT_ONCE: usize = 500;

/// Most bytes of one resource or bundle.
const MOST_BYTES: u64 = 256 << 20;

/// Reads resources: bundles, or one resource a line, in any number of files.
///
/// A bundle is a record. So are resources that this crate wrote for one record into files by type: they have the same
/// `meta.source`, and stand in every file in the order of the records. Any other resource is a record of its own.
pub struct FhirSource {
    mapping: Arc<FhirMapping>,
    inputs: Vec<Input>,
    losses: Losses,
    names: Names,
    /// The source of the records that are being read.
    of: Option<String>,
    file: Arc<str>,
    record: i64,
}

impl std::fmt::Debug for FhirSource {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let files: Vec<&str> = self.inputs.iter().map(|input| &*input.name).collect();
        f.debug_struct("FhirSource")
            .field("files", &files)
            .finish_non_exhaustive()
    }
}

impl FhirSource {
    /// Reads files.
    ///
    /// # Errors
    /// [`FhirError`] when a file cannot be opened, or does not begin with a resource.
    pub fn open(paths: &[PathBuf], mapping: Arc<FhirMapping>) -> Result<Self, FhirError> {
        let mut readers: Vec<(String, Box<dyn Read + Send>)> = Vec::with_capacity(paths.len());
        for path in paths {
            let file = File::open(path).map_err(|source| FhirError::Open {
                path: path.clone(),
                source,
            })?;
            readers.push((path.display().to_string(), Box::new(file)));
        }
        Self::new(readers, mapping)
    }

    /// Reads what is open already, each with the name that rows and errors give it.
    ///
    /// # Errors
    /// [`FhirError`] when something does not begin with a resource.
    pub fn new(
        readers: Vec<(String, Box<dyn Read + Send>)>,
        mapping: Arc<FhirMapping>,
    ) -> Result<Self, FhirError> {
        let mut inputs = Vec::with_capacity(readers.len());
        for (name, reader) in readers {
            let mut input = Input::new(name, reader);
            input.advance()?;
            inputs.push(input);
        }
        // Nearly every record that was written has a patient, so that their file gives the order of the sources.
        inputs.sort_by_key(|input| !input.begins_with_patients());
        Ok(Self {
            mapping,
            inputs,
            losses: Losses::default(),
            names: Names::default(),
            of: None,
            file: "".into(),
            record: 0,
        })
    }

    /// What has been found so far to have no place in the model.
    pub fn losses(&self) -> &Losses {
        &self.losses
    }

    /// What had no place in the model.
    pub fn into_losses(self) -> Losses {
        self.losses
    }

    /// The input that has the next record: of several with records of the same source the one with the lowest number. A
    /// source is read to its end before the next one.
    fn next_input(&self) -> Option<usize> {
        let heads = || {
            let inputs = self.inputs.iter().enumerate();
            inputs.filter_map(|(number, input)| Some((number, input.head.as_ref()?)))
        };
        let lowest = |of: &str| {
            let same = heads().filter_map(|(number, head)| {
                let (source, record) = head.source.as_ref()?;
                (source == of).then_some((record, number))
            });
            same.min().map(|(_, number)| number)
        };
        if let Some(number) = self.of.as_deref().and_then(lowest) {
            return Some(number);
        }
        let (number, head) = heads().next()?;
        head.source
            .as_ref()
            .map_or(Some(number), |(source, _)| lowest(source))
    }

    /// The resources of the next record, which an input has.
    fn entries(&mut self, first: usize) -> Result<Vec<Entry>, FhirError> {
        let Some(head) = self.inputs[first].advance()? else {
            return Ok(Vec::new());
        };
        let mut entries = head.entries;
        self.of = head.source.as_ref().map(|(source, _)| source.clone());
        if head.source.is_some() {
            for input in &mut self.inputs {
                while input
                    .head
                    .as_ref()
                    .is_some_and(|next| next.source == head.source)
                {
                    entries.extend(input.advance()?.into_iter().flat_map(|head| head.entries));
                }
            }
        }
        Ok(entries)
    }
}

impl RecordSource for FhirSource {
    fn next(&mut self) -> Result<Option<Records>, String> {
        let Some(mut next) = self.next_input() else {
            return Ok(None);
        };
        if self.inputs[next].is_other_than(&self.file) {
            self.file = Arc::clone(&self.inputs[next].name);
            self.record = 0;
        }
        let mut builder = RecordsBuilder::new(Origin {
            standard: Some(Arc::clone(&self.mapping.standard)),
            file: Arc::clone(&self.file),
            interchange: None,
        });
        let mapping = Arc::clone(&self.mapping);
        for _ in 0..AT_ONCE {
            let entries = self.entries(next).map_err(|error| error.to_string())?;
            self.record += 1;
            interpret(
                &mapping,
                &entries,
                self.record,
                &mut builder,
                &mut self.names,
                &mut self.losses,
            );
            match self.next_input() {
                Some(other) if !self.inputs[other].is_other_than(&self.file) => next = other,
                _ => break,
            }
        }
        let (records, losses) = builder.finish().map_err(|error| error.to_string())?;
        self.losses.merge(losses);
        Ok(Some(records))
    }
}

/// A bundle or a resource.
struct Head {
    /// Of which record of which source it is, when it is one of several that were written for one.
    source: Option<(String, u64)>,
    entries: Vec<Entry>,
}

type Values = StreamDeserializer<'static, IoRead<BufReader<Limited>>, Value>;

/// A file that is being read.
struct Input {
    name: Arc<str>,
    values: Values,
    budget: Arc<AtomicU64>,
    head: Option<Head>,
}

impl Input {
    fn new(name: String, reader: Box<dyn Read + Send>) -> Self {
        let budget = Arc::new(AtomicU64::new(MOST_BYTES));
        let limited = Limited {
            reader,
            budget: Arc::clone(&budget),
        };
        let values = serde_json::Deserializer::from_reader(BufReader::new(limited)).into_iter();
        Self {
            name: name.into(),
            values,
            budget,
            head: None,
        }
    }

    /// Whether its head is a record of another file: resources that belong together are of one, whatever file they are in.
    fn is_other_than(&self, file: &Arc<str>) -> bool {
        let in_parts = self.head.as_ref().is_some_and(|head| head.source.is_some());
        (file.is_empty() || !in_parts) && self.name != *file
    }

    fn begins_with_patients(&self) -> bool {
        let first = self.head.as_ref().and_then(|head| head.entries.first());
        first.is_some_and(|entry| entry.resource["resourceType"] == "Patient")
    }

    /// Gives the head and reads the next one.
    fn advance(&mut self) -> Result<Option<Head>, FhirError> {
        self.budget.store(MOST_BYTES, Ordering::Relaxed);
        let next = match self.values.next() {
            None => None,
            Some(Ok(value)) => Some(self.head_of(value)?),
            Some(Err(error)) => return Err(self.wrong(error.to_string())),
        };
        Ok(std::mem::replace(&mut self.head, next))
    }

    fn wrong(&self, reason: String) -> FhirError {
        FhirError::Content {
            file: self.name.to_string(),
            reason,
        }
    }

    fn head_of(&self, mut value: Value) -> Result<Head, FhirError> {
        let kind = value.get("resourceType").and_then(Value::as_str);
        match kind {
            None => {
                let at = self.values.byte_offset();
                Err(self.wrong(format!("what ends at byte {at} is no resource of FHIR")))
            }
            Some("Bundle") => {
                let entries = value.get_mut("entry").and_then(Value::as_array_mut);
                let entries = entries.map(std::mem::take).unwrap_or_default();
                let entries = entries.into_iter().filter_map(|mut entry| {
                    let url = entry
                        .get("fullUrl")
                        .and_then(Value::as_str)
                        .map(str::to_owned);
                    let resource = entry.get_mut("resource").map(Value::take)?;
                    Some(Entry { url, resource })
                });
                Ok(Head {
                    source: None,
                    entries: entries.collect(),
                })
            }
            Some(_) => {
                let source = value.pointer("/meta/source").and_then(Value::as_str);
                // Only a number of a record tells of several resources that they belong together.
                let source = source.and_then(|source| {
                    let (source, number) = source.rsplit_once('#')?;
                    Some((source.to_owned(), number.parse().ok()?))
                });
                Ok(Head {
                    source,
                    entries: vec![Entry {
                        url: None,
                        resource: value,
                    }],
                })
            }
        }
    }
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
