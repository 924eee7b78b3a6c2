//! One JSON object on each line: findings, verdicts of records that are not taken, and the summary last.

use std::io::{self, Write};

use concord_finding::{Finding, Masking, Summary};
use serde::Serialize;

use crate::output::Output;
use crate::{RecordVerdict, Reporter, line};

pub(crate) struct Ndjson {
    masking: Masking,
    findings: line::Findings,
    out: Output,
}

impl Ndjson {
    pub(crate) fn new(masking: Masking, out: Output) -> Self {
        Self {
            masking,
            findings: line::Findings::new(masking),
            out,
        }
    }
}

#[derive(Serialize)]
struct Tagged<'a> {
    summary: &'a Summary,
}

impl Reporter for Ndjson {
    fn finding(&mut self, finding: &Finding) -> io::Result<()> {
        if self.out.take() {
            let findings = &mut self.findings;
            self.out.piece(|out| {
                findings.write(out, finding)?;
                out.write_all(b"\n")
            })?;
        }
        Ok(())
    }

    fn record(&mut self, verdict: &RecordVerdict<'_>) -> io::Result<()> {
        let masking = self.masking;
        self.out.piece(|out| {
            line::record(out, verdict, masking)?;
            out.write_all(b"\n")
        })
    }

    fn finish(&mut self, summary: &Summary) -> io::Result<()> {
        let summary = self.out.account(summary);
        line::value(&mut self.out, &Tagged { summary: &summary })?;
        self.out.write_all(b"\n")?;
        self.out.flush()
    }
}
