//! Records in, lines and counts out.

use std::io::Write;
use std::sync::Arc;

use concord_convert::records::{Record, RecordWriter, Records};
use concord_derive::commissioner::{Because, DecisionTable, Outcome, Reference, Settings, explain};
use concord_finding::Masking;

use super::case::case;
use super::summary::Summary;

/// The names of a line's values.
const HEADING: [&str; 13] = [
    "file",
    "record",
    "submitted_commissioner",
    "derived_commissioner",
    "responsible_sub_icb",
    "reason_code",
    "service_category",
    "agrees",
    "end",
    "path",
    "undetermined",
    "undetermined_at",
    "outside",
];

/// What a run derives with and writes to.
pub(super) struct Derivation<'r> {
    pub(super) table: &'r DecisionTable,
    pub(super) settings: &'r Settings,
    pub(super) reference: &'r (dyn Reference + Sync),
    pub(super) masking: Masking,
    /// How many threads may work on records.
    pub(super) threads: usize,
    /// The records that are to be explained.
    pub(super) wanted: &'r [u64],
    /// Whether there are several inputs, so that explanations must name theirs.
    pub(super) several: bool,
}

/// Where a run's lines, sentences and counts go.
pub(super) struct Told {
    pub(super) lines: Option<csv::Writer<Box<dyn Write + Send>>>,
    pub(super) sentences: String,
    pub(super) summary: Summary,
}

impl Told {
    pub(super) fn new(out: Option<Box<dyn Write + Send>>) -> Result<Self, csv::Error> {
        let mut lines = out.map(csv::Writer::from_writer);
        if let Some(lines) = &mut lines {
            lines.write_record(HEADING)?;
        }
        Ok(Self {
            lines,
            sentences: String::new(),
            summary: Summary::default(),
        })
    }
}

/// Derives for the records of one input.
pub(super) struct OfInput<'r> {
    pub(super) file: Arc<str>,
    pub(super) with: &'r Derivation<'r>,
    pub(super) told: &'r mut Told,
}

impl RecordWriter for OfInput<'_> {
    fn write(&mut self, records: &Records) -> Result<(), String> {
        let records: Vec<Record<'_>> = records.records().collect();
        for outcome in self.with.outcomes(&records) {
            let (number, outcome) = outcome?;
            self.line(number, &outcome)
                .map_err(|error| format!("the lines cannot be written: {error}"))?;
            if self.with.wanted.contains(&number) {
                self.explain(number, &outcome);
            }
            self.told.summary.count(&outcome);
        }
        Ok(())
    }
}

/// A record's number and what was derived for it, or why reference data could not be read.
type Derived = Result<(u64, Outcome), String>;

/// Records that are worth a thread of their own.
const SHARE: usize = 256;

impl Derivation<'_> {
    /// What is derived for records, in their order. Threads of its own share them out: those that check wait for what is done
    /// here, so their pool must not be asked.
    fn outcomes(&self, records: &[Record<'_>]) -> Vec<Derived> {
        let share = records.len().div_ceil(self.threads.max(1)).max(SHARE);
        if records.len() <= share {
            return records.iter().map(|record| self.outcome(record)).collect();
        }
        std::thread::scope(|scope| {
            let shares: Vec<_> = records
                .chunks(share)
                .map(|share| {
                    scope.spawn(|| {
                        let outcomes = share.iter().map(|record| self.outcome(record));
                        outcomes.collect::<Vec<Derived>>()
                    })
                })
                .collect();
            let lost = |_| vec![Err("a thread failed".to_owned())];
            let outcomes = shares.into_iter();
            outcomes
                .flat_map(|share| share.join().unwrap_or_else(lost))
                .collect()
        })
    }

    fn outcome(&self, record: &Record<'_>) -> Derived {
        let number = u64::try_from(record.number).unwrap_or_default();
        let outcome = match case(record, self.table) {
            Ok(case) => self
                .table
                .derive(&case, self.reference, self.settings)
                .map_err(|error| error.to_string())?,
            Err(because) => Outcome {
                outside: Some(Because::of(because)),
                ..Outcome::default()
            },
        };
        Ok((number, outcome))
    }
}

impl OfInput<'_> {
    fn line(&mut self, number: u64, outcome: &Outcome) -> Result<(), csv::Error> {
        let Some(lines) = &mut self.told.lines else {
            return Ok(());
        };
        let text = |value: &Option<String>| value.clone().unwrap_or_default();
        let masked = |because: &Because| because.shown(Masking::Masked);
        let missing = outcome.undetermined.as_ref();
        lines.write_record(
            [
                self.file.to_string(),
                number.to_string(),
                text(&outcome.submitted),
                text(&outcome.commissioner),
                text(&outcome.responsible_sub_icb),
                text(&outcome.reason_code),
                text(&outcome.service_category),
                match outcome.agrees() {
                    Some(true) => "yes".to_owned(),
                    Some(false) => "no".to_owned(),
                    None => String::new(),
                },
                outcome.end.as_deref().unwrap_or_default().to_owned(),
                outcome.path(),
                missing
                    .map(|missing| masked(&missing.what))
                    .unwrap_or_default(),
                missing
                    .map(|missing| missing.at.to_string())
                    .unwrap_or_default(),
                outcome.outside.as_ref().map(masked).unwrap_or_default(),
            ]
            .map(harmless),
        )
    }

    fn explain(&mut self, number: u64, outcome: &Outcome) {
        let name = if self.with.several {
            format!("{}, record {number}\n", self.file)
        } else {
            format!("Record {number}\n")
        };
        self.told.sentences.push_str(&name);
        for sentence in explain(outcome, self.with.masking) {
            self.told.sentences.push_str("  ");
            self.told.sentences.push_str(&sentence);
            self.told.sentences.push('\n');
        }
        self.told.sentences.push('\n');
    }
}

/// A cell that a spreadsheet would run as a formula is made text.
fn harmless(text: String) -> String {
    if text.starts_with(['=', '+', '-', '@', '\t', '\r']) {
        format!("'{text}")
    } else {
        text
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cells_run_no_formula() {
        for (text, shown) in [("=1+1", "'=1+1"), ("@x", "'@x"), ("01H", "01H"), ("", "")] {
            assert_eq!(harmless(text.to_owned()), shown);
        }
    }
}
