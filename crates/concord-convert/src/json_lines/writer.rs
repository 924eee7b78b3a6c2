//! Records in, lines out.

use std::collections::HashSet;
use std::io::Write;
use std::sync::Arc;

use serde_json::{Map, Value};

use super::merge::difference;
use super::nest::{Nesting, SUBMISSION};
use super::previous::Previous;
use crate::loss::{LossReason, Losses};
use crate::records::{RecordWriter, Records};

/// Member of `source` that names the file.
const FILE: &str = "file";

/// Why lines could not be written.
#[derive(Debug, thiserror::Error)]
#[error("the lines cannot be written: {0}")]
pub struct JsonLinesError(#[from] std::io::Error);

/// What was written.
#[derive(Debug, Clone, Default)]
pub struct LinesWritten {
    /// Records to be put in.
    pub inserts: u64,
    /// Records to be taken out.
    pub deletes: u64,
    /// Records to be changed.
    pub patches: u64,
    /// Records that are as they were, of which no line was written.
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
            written: LinesWritten::default(),
        }
    }

    /// Writes only what changed of records that an earlier output has.
    #[must_use]
    pub fn since(mut self, previous: Box<dyn Previous + Send + 'p>) -> Self {
        self.previous = Some(previous);
        self
    }

    /// Ends the output: what was written, and what it was written to.
    ///
    /// # Errors
    /// [`JsonLinesError`] when the last bytes cannot be written.
    pub fn finish(mut self) -> Result<(LinesWritten, W), JsonLinesError> {
        self.out.flush()?;
        Ok((self.written, self.out))
    }

    fn line(&mut self, nesting: &Nesting<'_>, number: i64) -> Result<(), String> {
        let (record, several) = nesting.record(number);
        for entity in several {
            let title: Arc<str> = entity.title.into();
            self.written.losses.add(&title, LossReason::Several, 1);
        }
        if record.is_empty() {
            return Ok(());
        }
        let key = key(&record);
        let record = Value::Object(record);
        let mut line = Map::new();
        let mut says = |operation: &str| {
            line.insert("operation".to_owned(), operation.into());
            line.insert(
                "key".to_owned(),
                key.clone().map_or(Value::Null, Value::from),
            );
        };
        let again = match (&self.previous, &key) {
            (Some(_), Some(key)) => !self.keys.insert(key.clone()),
            _ => false,
        };
        let earlier = match (&mut self.previous, &key) {
            // What the earlier output says of it is no longer so.
            (Some(_), Some(_)) if again => None,
            (Some(previous), Some(key)) => previous.get(key).map_err(|error| error.to_string())?,
            _ => None,
        };
        let (name, content) = if is_deletion(&record) {
            self.written.deletes += 1;
            says("delete");
            ("record", record)
        } else if let Some(earlier) = earlier {
            let Some(patch) = difference(&earlier, &record) else {
                self.written.unchanged += 1;
                return Ok(());
            };
            self.written.patches += 1;
            says("patch");
            ("patch", patch)
        } else {
            self.written.inserts += 1;
            says("insert");
            ("record", record)
        };
        let mut source = nesting.source(number);
        if let Some((file, submission)) = &self.submission
            && source.get(FILE) == file.as_ref()
        {
            source.insert(SUBMISSION.to_owned(), Value::Object(submission.clone()));
        }
        line.insert("source".to_owned(), Value::Object(source));
        line.insert(name.to_owned(), content);
        serde_json::to_writer(&mut self.out, &Value::Object(line))
            .map_err(|error| error.to_string())?;
        self.out.write_all(b"\n").map_err(|error| error.to_string())
    }
}

impl<W: Write + Send> RecordWriter for JsonLinesWriter<'_, W> {
    fn write(&mut self, records: &Records) -> Result<(), String> {
        let nesting = Nesting::new(records);
        let numbers = nesting.numbers();
        if let Some(submission) = nesting.submission() {
            self.submission = Some((nesting.source(0).shift_remove(FILE), submission));
        }
        for number in numbers.into_iter().filter(|number| *number > 0) {
            self.line(&nesting, number)?;
        }
        Ok(())
    }
}

/// The name by which a record lives: that of a commissioning data set's record, or a contract line's own within its
/// provider's month and data set. Other names of contract lines may stand in several of them.
fn key(record: &Map<String, Value>) -> Option<String> {
    let text = |entity: &str, field: &str| {
        let text = record.get(entity)?.get(field)?.as_str()?.trim();
        (!text.is_empty()).then(|| text.to_owned())
    };
    let line = |field: &str| text("contract_line", field);
    text("activity_record", "cds_unique_identifier").or_else(|| {
        let own = line("record_identifier")?;
        let provider = line("organisation_identifier_code_of_provider")?;
        let (year, month) = (line("financial_year")?, line("financial_month")?);
        let kind = line("kind")?;
        Some(format!("{provider}/{year}/{month}/{kind}/{own}"))
    })
}

/// Whether a record takes out the one of its name: CDS UPDATE TYPE 1.
fn is_deletion(record: &Value) -> bool {
    record
        .pointer("/activity_record/cds_update_type")
        .and_then(Value::as_str)
        == Some("1")
}
