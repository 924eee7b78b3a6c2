//! The records of an input counted, and which of them are rejected by the findings that go out.
//!
//! For carriers whose findings may come when their record has gone by: each record keeps a bit.

use concord_finding::{FileSummary, Finding, Grades, RecordCounts};

use crate::delivery::{Delivery, Read, Sated, Sink};
use crate::lines::Advance;
use crate::output::Relative;

/// Findings on their way out, and what they make of the records.
pub(crate) struct Ledger<'d> {
    delivery: Delivery<'d>,
    grades: &'d Grades,
    counts: RecordCounts,
    /// One bit for each record that is rejected.
    rejected: Vec<u64>,
}

impl<'d> Ledger<'d> {
    pub(crate) fn new(sink: &'d mut Sink<'d>, sated: &'d Sated, grades: &'d Grades) -> Self {
        Self {
            delivery: Delivery::new(sink, sated),
            grades,
            counts: RecordCounts::default(),
            rejected: Vec::new(),
        }
    }

    /// Records so far.
    pub(crate) fn records(&self) -> u64 {
        self.counts.records
    }

    /// Adds records, of which nothing is known yet that rejects them.
    pub(crate) fn add(&mut self, records: u64) {
        self.counts.records += records;
        self.counts.accepted += records;
        let words = self.counts.records.div_ceil(64) as usize;
        self.rejected.resize(words, 0);
    }

    /// Delivers the findings of a chunk at `offset` and `position` whose first record is `first`.
    pub(crate) fn deliver_all(
        &mut self,
        findings: Vec<Relative>,
        position: &Advance,
        offset: u64,
        first: u64,
    ) {
        for Relative {
            mut finding,
            record,
            ..
        } in findings
        {
            finding.place = finding.place.map(|place| position.absolute(place, offset));
            self.deliver(finding, record.map(|record| first + u64::from(record)));
        }
    }

    /// Delivers a finding about a record, counted from 0, or about none.
    pub(crate) fn deliver(&mut self, mut finding: Finding, record: Option<u64>) {
        finding.record = record.map(|record| record + 1);
        if !self.grades.apply(&mut finding) {
            return;
        }
        if let Some(record) = record
            && finding.effect.rejects_record()
        {
            self.reject(record);
        }
        self.delivery.deliver(finding);
    }

    fn reject(&mut self, record: u64) {
        let bit = 1 << (record % 64);
        if let Some(word) = self.rejected.get_mut((record / 64) as usize)
            && *word & bit == 0
        {
            *word |= bit;
            self.counts.rejected += 1;
            self.counts.accepted -= 1;
        }
    }

    /// Whether who is given the findings wants no more.
    pub(crate) fn stopped(&self) -> bool {
        self.delivery.stopped
    }

    /// The account of the input.
    pub(crate) fn account(self, file: &str, standard: Option<&str>, read: Read) -> FileSummary {
        self.delivery.account(file, standard, self.counts, read)
    }
}
