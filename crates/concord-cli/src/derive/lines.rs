//! Records in, lines and counts out.

use std::io::Write;
use std::sync::Arc;

use concord_convert::records::{RecordWriter, Records};
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
        for record in records.records() {
            let outcome = match case(&record, self.with.table) {
                Ok(case) => self
                    .with
                    .table
                    .derive(&case, self.with.reference, self.with.settings)
                    .map_err(|error| error.to_string())?,
                Err(because) => Outcome {
                    outside: Some(Because::of(because)),
                    ..Outcome::default()
                },
            };
            let number = u64::try_from(record.number).unwrap_or_default();
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
