//! Documents written record by record.

use std::io::{self, Write};
use std::sync::Arc;

use super::account::{account, refused};
use super::draft::Drafts;
use super::envelope::{Around, Envelope, around};
use super::facts::Facts;
use super::markup::Markup;
use super::plan::DocumentPlan;
use super::record::{WrittenRecord, record};
use super::reference::References;
use crate::loss::{LossReason, Losses};
use crate::records::{RecordWriter, Records};

/// Why a document cannot be written.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum DocumentError {
    /// What stands around the records lacks something that neither the rows nor the caller say.
    #[error("what stands around the records cannot be written: {0}")]
    Envelope(Arc<str>),
    /// The output could not be written.
    #[error("the document cannot be written: {0}")]
    Write(#[from] io::Error),
}

/// What was written.
#[derive(Debug)]
pub struct WrittenDocument<W> {
    /// Records in the document. Of none there is no document: then nothing was written at all.
    pub records: u64,
    /// Records that were left out.
    pub left_out: u64,
    /// What drafts lack, all told.
    pub lacking: u64,
    /// What could not be carried.
    pub losses: Losses,
    /// What it was written to.
    pub out: W,
}

/// Writes a document of records as they come; what stands behind them when they have all come.
#[derive(Debug)]
pub struct DocumentWriter<'p, W> {
    plan: &'p DocumentPlan<'p>,
    envelope: Envelope,
    markup: Markup<W>,
    submission: Facts<'static>,
    kind: Option<usize>,
    references: References,
    records: u64,
    left_out: u64,
    losses: Losses,
    /// Takes what records lack, when they are written all the same.
    drafts: Option<Drafts>,
}

impl<'p, W: Write> DocumentWriter<'p, W> {
    /// A document of the standard of `plan`, written to `out`.
    pub fn new(plan: &'p DocumentPlan<'p>, envelope: Envelope, out: W) -> Self {
        Self {
            plan,
            envelope,
            markup: Markup::new(out),
            submission: Facts::default(),
            kind: None,
            references: References::default(),
            records: 0,
            left_out: 0,
            losses: Losses::default(),
            drafts: None,
        }
    }

    /// Records that lack what the structure requires are written all the same, as drafts. What each of them lacks is a row of
    /// a table that is written to `lacking`: `record,source_file,source_record,missing`.
    ///
    /// # Errors
    /// [`DocumentError::Write`].
    pub fn draft(mut self, lacking: Box<dyn Write + Send>) -> Result<Self, DocumentError> {
        self.drafts = Some(Drafts::new(lacking)?);
        Ok(self)
    }

    /// Writes some records.
    ///
    /// # Errors
    /// [`DocumentError`] when the envelope lacks something or the output cannot be written.
    pub fn add(&mut self, records: &Records) -> Result<(), DocumentError> {
        let submission = Facts::of(&records.submission());
        if self.submission.rows.is_empty() && !submission.rows.is_empty() {
            self.submission = submission.into_owned();
        }
        for record in records.records() {
            let file = record.entities().find_map(|entity| {
                let row = record.first(entity)?;
                row.str("source_file")
            });
            self.record(
                &Facts::of(&record),
                (file.unwrap_or_default(), record.number),
            )?;
        }
        Ok(())
    }

    fn record(&mut self, said: &Facts<'_>, from: (&str, i64)) -> Result<(), DocumentError> {
        let anew = self.references.anew(said, from);
        let number = anew.unwrap_or(self.records + 1);
        let mut facts = said.clone();
        let keeps = anew.is_none();
        self.envelope.complete_record(&mut facts, number, keeps);
        let given = self.kind.filter(|_| !self.plan.mixed);
        let most = given.and_then(|kind| self.plan.kinds[kind].most);
        if most.is_some_and(|most| self.records >= u64::from(most)) {
            self.leave_out(LossReason::Several, "the document is full");
            return Ok(());
        }
        let draft = self.drafts.is_some();
        let mut written = record(self.plan, &facts, given, draft);
        if written.is_err() {
            // The sender's number of the record may not be one that this structure takes.
            let mut again = facts.clone();
            self.envelope.complete_record(&mut again, number, false);
            if let Ok(record) = record(self.plan, &again, given, draft) {
                facts = again;
                written = Ok(record);
            }
        }
        match written {
            Ok(written) => self.put(said, &facts, &written, from),
            Err(unwritten) => {
                self.leave_out(LossReason::Incomplete, &unwritten.missing.detail);
                refused(said, &unwritten.state, &mut self.losses);
                Ok(())
            }
        }
    }

    fn leave_out(&mut self, reason: LossReason, detail: &str) {
        self.left_out += 1;
        self.losses
            .add_detail(&"record".into(), reason, Some(detail), 1);
    }

    fn put(
        &mut self,
        said: &Facts<'_>,
        facts: &Facts<'_>,
        written: &WrittenRecord,
        from: (&str, i64),
    ) -> Result<(), DocumentError> {
        if self.kind.is_none() {
            let around = self.around(0)?;
            self.markup.write(self.plan, &around.before)?;
            self.kind = Some(written.kind);
        }
        account(self.plan, said, facts, &written.state, &mut self.losses);
        self.references.written(said, facts, from);
        self.markup.write(self.plan, &written.pieces)?;
        self.records += 1;
        if let Some(drafts) = &mut self.drafts {
            let lacking = &written.state.lacking;
            drafts.add(self.records, from, lacking, &mut self.losses)?;
        }
        Ok(())
    }

    fn around(&self, records: u64) -> Result<Around, DocumentError> {
        around(self.plan, &self.submission, &self.envelope, records.max(1))
            .map_err(|missing| DocumentError::Envelope(missing.detail))
    }

    /// Writes what stands behind the records.
    ///
    /// # Errors
    /// [`DocumentError`] as [`DocumentWriter::add`].
    pub fn finish(mut self) -> Result<WrittenDocument<W>, DocumentError> {
        let out = if self.records == 0 {
            self.markup.into_inner()
        } else {
            let around = self.around(self.records)?;
            let Around { facts, state, .. } = &around;
            account(self.plan, &self.submission, facts, state, &mut self.losses);
            self.markup.write(self.plan, &around.behind)?;
            self.markup.finish()?
        };
        let lacking = self.drafts.map_or(Ok(0), Drafts::finish)?;
        Ok(WrittenDocument {
            records: self.records,
            left_out: self.left_out,
            lacking,
            losses: self.losses,
            out,
        })
    }
}

impl<W: Write + Send> RecordWriter for DocumentWriter<'_, W> {
    fn write(&mut self, records: &Records) -> Result<(), String> {
        self.add(records).map_err(|error| error.to_string())
    }
}
