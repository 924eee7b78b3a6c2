//! The verdict on each record that has findings, told when the last of them has gone by.

use std::io;
use std::sync::Arc;

use concord_finding::{Effect, Fact, Finding};
use concord_report::{RecordVerdict, Reporter};

/// Follows the findings of one input, which come record by record.
pub(super) struct Verdicts<'f> {
    file: &'f Arc<str>,
    current: Option<Current>,
}

struct Current {
    record: u64,
    key: Option<Fact>,
    effect: Effect,
    findings: u64,
}

impl<'f> Verdicts<'f> {
    pub(super) fn new(file: &'f Arc<str>) -> Self {
        Self {
            file,
            current: None,
        }
    }

    /// Takes the next finding; when it belongs to another record, the one before is told.
    pub(super) fn take(
        &mut self,
        finding: &Finding,
        reporter: &mut dyn Reporter,
    ) -> io::Result<()> {
        let Some(record) = finding.record else {
            return Ok(());
        };
        if let Some(current) = &mut self.current
            && current.record == record
        {
            current.effect = current.effect.max(finding.effect);
            current.findings += 1;
            return Ok(());
        }
        self.tell(reporter)?;
        self.current = Some(Current {
            record,
            key: finding.record_key.clone(),
            effect: finding.effect,
            findings: 1,
        });
        Ok(())
    }

    /// Tells the verdict that has not been told yet.
    pub(super) fn tell(&mut self, reporter: &mut dyn Reporter) -> io::Result<()> {
        let Some(current) = self.current.take() else {
            return Ok(());
        };
        reporter.record(&RecordVerdict {
            file: self.file,
            record: current.record,
            record_key: current.key.as_ref(),
            effect: current.effect,
            findings: current.findings,
        })
    }
}
