//! Rows of the canonical model that the accepted messages and resources of a feed say, each by itself.

use std::collections::BTreeMap;
use std::io::{self, Cursor};
use std::path::PathBuf;
use std::sync::Arc;

use concord_check::message::{MessageMemory, check_message};
use concord_convert::fhir::{FhirMapping, FhirSource, ResourceFile};
use concord_convert::lake::GrowingTables;
use concord_convert::records::RecordSource as _;
use concord_convert::stays::{EachMessage, EachStandard};
use concord_convert::{LossReason, Losses};
use concord_feed::Carrier;
use concord_feed::store::Entry;
use concord_finding::Grades;

use super::super::arguments::JudgeArguments;
use super::super::judge::of_messages;
use super::super::known::{For, Known};
use crate::convert::fhir_mapping_of;
use crate::failure::Failure;

/// What losses call a message.
const MESSAGE: &str = "message";
/// So many messages of a standard are taken together, or of so many bytes: one by one would take several times as long.
const TOGETHER: usize = 64;
const BYTES: usize = 256 << 10;

/// Makes rows of messages and resources, and keeps them.
pub(crate) struct CanonicalRows {
    known: Known,
    standards: BTreeMap<String, EachStandard>,
    resources: Option<Arc<FhirMapping>>,
    waiting: Waiting,
    messages: EachMessage,
    tables: GrowingTables,
    losses: Losses,
}

/// Messages of a standard that are taken together.
#[derive(Default)]
struct Waiting {
    standard: String,
    bytes: Vec<u8>,
    /// Where each ends, its number in the store, and where it came from.
    messages: Vec<(usize, i64, String)>,
}

impl Waiting {
    /// The bytes of one of them.
    fn message(&self, place: usize) -> &[u8] {
        let before = place.checked_sub(1);
        let start = before.map_or(0, |before| self.messages[before].0);
        &self.bytes[start..self.messages[place].0]
    }
}

impl CanonicalRows {
    /// Compiles the standards that have a mapping to the canonical model.
    ///
    /// # Errors
    /// When definitions or mappings are wrong.
    pub(crate) fn new(arguments: &JudgeArguments, grades: &Arc<Grades>) -> Result<Self, Failure> {
        let known = Known::new(arguments, grades, For::Rows)?;
        let standards = known.all().filter_map(|(name, prepared)| {
            let standard = EachStandard::new(prepared.conversion.as_ref()?);
            Some((name.to_owned(), standard))
        });
        let resources = known
            .resources()
            .map(|standard| fhir_mapping_of(known.registry(), Some(standard)))
            .transpose()?;
        Ok(Self {
            standards: standards.collect(),
            resources,
            known,
            waiting: Waiting::default(),
            messages: EachMessage::new(),
            tables: GrowingTables::default(),
            losses: Losses::default(),
        })
    }

    /// Takes the rows of a message. What no rows can be made of is counted among what could not be carried, and told.
    pub(super) fn take(&mut self, entry: &Entry) {
        let taken = match entry.verdict.identity.carrier {
            Carrier::Message => self.message(entry),
            Carrier::Resource => self.resource(entry),
        };
        if let Err(left) = taken {
            self.leave(number(entry), left);
        }
    }

    fn leave(&mut self, number: i64, left: Left) {
        let detail = match left {
            Left::Mapping => "its standard has no mapping",
            Left::Failed(reason) => {
                tracing::error!(target: "concord", number, reason, "no rows could be made of a message");
                "no rows could be made of it"
            }
        };
        self.losses
            .add_detail(&MESSAGE.into(), LossReason::NoPlace, Some(detail), 1);
    }

    /// Lets a message wait until there are enough to be taken together.
    fn message(&mut self, entry: &Entry) -> Result<(), Left> {
        let known = self.known.of_message(&entry.message).ok();
        let known = known.filter(|(name, _)| self.standards.contains_key(*name));
        let name = known.map(|(name, _)| name.to_owned());
        let name = name.ok_or(Left::Mapping)?;
        let full = self.waiting.messages.len() >= TOGETHER || self.waiting.bytes.len() >= BYTES;
        if full || self.waiting.standard != name {
            self.flush();
            self.waiting.standard = name;
        }
        let waiting = &mut self.waiting;
        waiting.bytes.extend_from_slice(&entry.message);
        if !entry.message.ends_with(b"\r") {
            waiting.bytes.push(b'\r');
        }
        let end = waiting.bytes.len();
        waiting
            .messages
            .push((end, number(entry), entry.origin.clone()));
        Ok(())
    }

    /// Takes the messages that wait.
    fn flush(&mut self) {
        let waiting = std::mem::take(&mut self.waiting);
        let origins = waiting.messages.iter();
        let origins: Vec<(i64, &str)> = origins
            .map(|(_, number, origin)| (*number, &**origin))
            .collect();
        if origins.is_empty() {
            return;
        }
        if let Ok(true) = self.rows(&waiting.standard, &waiting.bytes, &origins) {
            return;
        }
        // One of them is several, or fails: the others are told all the same.
        for (place, origin) in origins.iter().enumerate() {
            let taken = self.rows(&waiting.standard, waiting.message(place), &[*origin]);
            if let Err(reason) = taken {
                self.leave(origin.0, Left::Failed(reason));
            }
        }
    }

    fn rows(
        &mut self,
        standard: &str,
        bytes: &[u8],
        origins: &[(i64, &str)],
    ) -> Result<bool, String> {
        let prepared = self.known.of_name(standard);
        let known = prepared.and_then(|prepared| of_messages(prepared));
        let (Some((plan, rules)), Some(standard)) = (known, self.standards.get(standard)) else {
            return Err("its standard is not known".to_owned());
        };
        self.messages.take(standard, rules, origins, |rules| {
            let mut memory = MessageMemory::new(plan, rules, "message".into());
            check_message(bytes, plan, rules, &mut memory, |_| {})
        })
    }

    fn resource(&mut self, entry: &Entry) -> Result<(), Left> {
        let Some(mapping) = &self.resources else {
            return Err(Left::Mapping);
        };
        let failed = |reason: String| Left::Failed(reason);
        let file = ResourceFile::new(entry.origin.as_str(), Cursor::new(entry.message.clone()));
        let source = FhirSource::new(vec![file], Arc::clone(mapping));
        // What is wrong with it may name values of it.
        let unread = || failed("it cannot be read as a resource".to_owned());
        let mut source = source.map_err(|_| unread())?;
        let mut read = Vec::new();
        while let Some(records) = source.next().map_err(|_| unread())? {
            read.push(records);
        }
        // What is taken is one record, as a message is.
        if source.taken() > 1 {
            let visits = "it holds several people or visits, each of which is a record of its own";
            return Err(failed(format!("{visits}; `concord convert` divides them")));
        }
        for records in read {
            let records = records.of_record(number(entry));
            let records = records.map_err(|error| failed(error.to_string()))?;
            let added = self.tables.add(&records);
            added.map_err(|error| failed(error.to_string()))?;
        }
        self.losses.merge(source.into_losses());
        Ok(())
    }

    /// How many rows the entity with the most rows has.
    pub(super) fn longest(&self) -> usize {
        let messages = self.messages.longest() + self.waiting.messages.len();
        self.tables.longest().max(messages)
    }

    /// Throws away what waits.
    pub(super) fn clear(&mut self) {
        self.waiting = Waiting::default();
        self.messages = EachMessage::new();
        self.tables.clear();
        self.losses = Losses::default();
    }

    /// Makes files of what waits, at the path that `path` gives an entity, which do not appear yet, and says which; and what could
    /// not be carried since the last time.
    pub(super) fn stage(
        &mut self,
        path: impl Fn(&str) -> PathBuf,
    ) -> io::Result<(Vec<PathBuf>, Losses)> {
        self.flush();
        let (records, losses) = self.messages.finish().map_err(io::Error::other)?;
        self.tables.add(&records).map_err(io::Error::other)?;
        let staged = self.tables.stage(path).map_err(io::Error::other)?;
        let mut all = std::mem::take(&mut self.losses);
        all.merge(losses);
        Ok((staged, all))
    }
}

/// Why a message has no rows.
enum Left {
    /// Its standard has no mapping.
    Mapping,
    /// Something failed.
    Failed(String),
}

fn number(entry: &Entry) -> i64 {
    i64::try_from(entry.number).unwrap_or(i64::MAX)
}
