//! Records in, lines out.

use std::collections::HashSet;
use std::io::Write;
use std::sync::Arc;

use serde_json::{Map, Value};

use super::merge::difference;
use super::nest::{Nesting, SUBMISSION};
use super::previous::{Previous, PreviousError};
use super::spells::{Episode, Spells};
use super::{keys, spell};
use crate::loss::{LossReason, Losses};
use crate::records::{RecordWriter, Records};

/// Member of `source` that names the file.
const FILE: &str = "file";
/// Members of a line that say where it came from: of a record, and of the episodes of a spell.
const SOURCE: &str = "source";
const SOURCES: &str = "sources";

/// Why lines could not be written.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum JsonLinesError {
    /// The output, or the file in which episodes wait for one another, cannot be written.
    #[error("the lines cannot be written: {0}")]
    Write(#[from] std::io::Error),
    /// The earlier output cannot be used.
    #[error(transparent)]
    Previous(#[from] PreviousError),
}

/// What was written: lines, of which each is a spell or another record.
#[derive(Debug, Clone, Default)]
pub struct LinesWritten {
    /// Those to be put in.
    pub inserts: u64,
    /// Those to be taken out.
    pub deletes: u64,
    /// Those to be changed.
    pub patches: u64,
    /// Spells and records that are as they were, of which no line was written.
    pub unchanged: u64,
    /// What could not be carried.
    pub losses: Losses,
}

/// Writes canonical records as JSON Lines.
pub struct JsonLinesWriter<'p, W: Write> {
    out: W,
    previous: Option<Box<dyn Previous + Send + 'p>>,
    /// What is said of the file that was read last, and its name.
    submission: Option<(Option<Value>, Map<String, Value>)>,
    /// Keys that lines were written of or that did not change, where there is an earlier output.
    keys: HashSet<String>,
    spells: Spells,
    /// Episodes of the earlier output that are in no spell any more, by their names.
    gone: HashSet<String>,
    written: LinesWritten,
}

impl<W: Write> std::fmt::Debug for JsonLinesWriter<'_, W> {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let mut shown = formatter.debug_struct("JsonLinesWriter");
        shown
            .field("written", &self.written)
            .finish_non_exhaustive()
    }
}

impl<'p, W: Write> JsonLinesWriter<'p, W> {
    /// Writes every record whole.
    pub fn new(out: W) -> Self {
        Self {
            out,
            previous: None,
            submission: None,
            keys: HashSet::new(),
            spells: Spells::new(),
            gone: HashSet::new(),
            written: LinesWritten::default(),
        }
    }

    /// Writes only what changed of records that an earlier output has.
    #[must_use]
    pub fn since(mut self, previous: Box<dyn Previous + Send + 'p>) -> Self {
        self.previous = Some(previous);
        self
    }

    /// Ends the output with the spells, in the order in which they came first: what was written, and what it was written to.
    ///
    /// # Errors
    /// [`JsonLinesError`] when they cannot be written, or the earlier output cannot be read.
    pub fn finish(mut self) -> Result<(LinesWritten, W), JsonLinesError> {
        for spell in self.spells.all() {
            self.spell(&spell)?;
        }
        self.out.flush()?;
        Ok((self.written, self.out))
    }

    /// Takes a record: writes its line, or keeps it until all of its spell have come.
    fn take(&mut self, nesting: &Nesting<'_>, number: i64) -> Result<(), JsonLinesError> {
        let (record, several) = nesting.record(number);
        for entity in several {
            let title: Arc<str> = entity.title.into();
            self.written.losses.add(&title, LossReason::Several, 1);
        }
        if record.is_empty() {
            return Ok(());
        }
        let source = self.source(nesting, number);
        let identifier = keys::identifier(&record).map(str::to_owned);
        if keys::is_deletion(&record) {
            if let Some(identifier) = &identifier {
                self.spells.remove(identifier);
                // The line of its spell says it.
                if self.leaves(identifier, &source) {
                    return Ok(());
                }
            }
            return self.line(
                "delete",
                identifier,
                of_record(source),
                Value::Object(record),
            );
        }
        if let Some(spell) = keys::of_spell(&record) {
            return self.episode(spell, &source, &record);
        }
        if let Some(identifier) = &identifier {
            self.spells.remove(identifier);
            self.leaves(identifier, &source);
        }
        self.record(source, record)
    }

    fn source(&self, nesting: &Nesting<'_>, number: i64) -> Map<String, Value> {
        let mut source = nesting.source(number);
        if let Some((file, submission)) = &self.submission
            && source.get(FILE) == file.as_ref()
        {
            source.insert(SUBMISSION.to_owned(), Value::Object(submission.clone()));
        }
        source
    }

    /// Takes note that an episode is in no spell of the earlier output any more; whether it was in one.
    fn leaves(&mut self, identifier: &str, source: &Map<String, Value>) -> bool {
        let previous = self.previous.as_ref();
        let Some(spell) = previous.and_then(|previous| previous.spell_of(identifier)) else {
            return false;
        };
        self.gone.insert(identifier.to_owned());
        self.spells.leave(spell, source);
        true
    }

    fn episode(
        &mut self,
        spell: String,
        source: &Map<String, Value>,
        record: &Map<String, Value>,
    ) -> Result<(), JsonLinesError> {
        if let (Some(identifier), Some(previous)) = (keys::identifier(record), &mut self.previous) {
            self.gone.remove(identifier);
            if let Some(other) = previous.spell_of(identifier)
                && other != spell
            {
                self.spells.leave(other, source);
            }
            // It had a line of its own.
            if let Some(earlier) = previous.get(identifier)?
                && self.keys.insert(identifier.to_owned())
            {
                self.line(
                    "delete",
                    Some(identifier.to_owned()),
                    of_record(source.clone()),
                    earlier,
                )?;
            }
        }
        if self.spells.take(spell, source, record)? {
            let later = Some("a later record of the same episode takes its place");
            self.written
                .losses
                .add_detail(&"record".into(), LossReason::Several, later, 1);
        }
        Ok(())
    }

    /// Writes what has become of a spell.
    fn spell(&mut self, key: &str) -> Result<(), JsonLinesError> {
        let (mut sources, mut new) = (Vec::new(), Vec::new());
        for Episode { source, record } in self.spells.get(key)? {
            sources.push(Value::Object(source));
            new.push(record);
        }
        sources.extend(self.spells.leavers(key).iter().cloned().map(Value::Object));
        let earlier = match &mut self.previous {
            Some(previous) => previous.get(key)?,
            None => None,
        };
        // What the earlier output says of an episode holds until something else is said of it. Episodes without a name cannot be
        // followed one by one: those of now take the place of those of before.
        let nameless = |record: &Map<String, Value>| keys::identifier(record).is_none();
        let nameless_now = new.iter().any(nameless);
        let mut episodes = earlier.clone().map(spell::episodes).unwrap_or_default();
        episodes.retain(|known| {
            let name = keys::of_episode(known);
            let again = new.iter().any(|record| keys::of_episode(record) == name);
            let gone = self.gone.contains(&name) || self.spells.is_elsewhere(&name, key);
            !(again || gone || (nameless_now && nameless(known)))
        });
        episodes.append(&mut new);
        let (key, sources) = (Some(key.to_owned()), (SOURCES, Value::Array(sources)));
        match (earlier, episodes.is_empty()) {
            (None, true) => Ok(()),
            (Some(earlier), true) => self.line("delete", key, sources, earlier),
            (earlier, false) => {
                let spell = Value::Object(spell::of(episodes));
                self.changed(key, sources, earlier, spell)
            }
        }
    }

    fn record(
        &mut self,
        source: Map<String, Value>,
        record: Map<String, Value>,
    ) -> Result<(), JsonLinesError> {
        let key = keys::of_record(&record);
        let earlier = match (&mut self.previous, &key) {
            // What the earlier output says of one that comes again is no longer so.
            (Some(previous), Some(key)) if self.keys.insert(key.clone()) => previous.get(key)?,
            _ => None,
        };
        self.changed(key, of_record(source), earlier, Value::Object(record))
    }

    /// Writes what is new, or what is different from what there was.
    fn changed(
        &mut self,
        key: Option<String>,
        source: (&str, Value),
        earlier: Option<Value>,
        now: Value,
    ) -> Result<(), JsonLinesError> {
        let Some(earlier) = earlier else {
            return self.line("insert", key, source, now);
        };
        if let Some(patch) = difference(&earlier, &now) {
            return self.line("patch", key, source, patch);
        }
        self.written.unchanged += 1;
        Ok(())
    }

    fn line(
        &mut self,
        operation: &'static str,
        key: Option<String>,
        (source, from): (&str, Value),
        content: Value,
    ) -> Result<(), JsonLinesError> {
        let (count, member) = match operation {
            "delete" => (&mut self.written.deletes, "record"),
            "patch" => (&mut self.written.patches, "patch"),
            _ => (&mut self.written.inserts, "record"),
        };
        *count += 1;
        let mut line = Map::new();
        line.insert("operation".to_owned(), operation.into());
        line.insert("key".to_owned(), key.map_or(Value::Null, Value::from));
        line.insert(source.to_owned(), from);
        line.insert(member.to_owned(), content);
        serde_json::to_writer(&mut self.out, &Value::Object(line)).map_err(std::io::Error::from)?;
        self.out.write_all(b"\n")?;
        Ok(())
    }
}

/// Where a record came from, as its line says it.
fn of_record(source: Map<String, Value>) -> (&'static str, Value) {
    (SOURCE, Value::Object(source))
}

impl<W: Write + Send> RecordWriter for JsonLinesWriter<'_, W> {
    fn write(&mut self, records: &Records) -> Result<(), String> {
        let nesting = Nesting::new(records);
        let numbers = nesting.numbers();
        if let Some(submission) = nesting.submission() {
            self.submission = Some((nesting.source(0).shift_remove(FILE), submission));
        }
        for number in numbers.into_iter().filter(|number| *number > 0) {
            let taken = self.take(&nesting, number);
            taken.map_err(|error| error.to_string())?;
        }
        Ok(())
    }
}
