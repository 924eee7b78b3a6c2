//! One JSON object: the findings, written as they come, and the summary.

use std::io::{self, Write};

use concord_finding::{Finding, Masking, Summary};

use crate::output::Output;
use crate::{Reporter, line};

pub(crate) struct Json {
    findings: line::Findings,
    out: Output,
}

impl Json {
    pub(crate) fn new(masking: Masking, out: Output) -> Self {
        Self {
            findings: line::Findings::new(masking),
            out,
        }
    }

    fn begin(&mut self) -> io::Result<()> {
        self.out.write_all(b"{\"findings\":[")
    }
}

impl Reporter for Json {
    fn finding(&mut self, finding: &Finding) -> io::Result<()> {
        if !self.out.take() {
            return Ok(());
        }
        if self.out.shown() == 1 {
            self.begin()?;
        } else {
            self.out.write_all(b",")?;
        }
        self.out.write_all(b"\n")?;
        let findings = &mut self.findings;
        self.out.piece(|out| findings.write(out, finding))
    }

    fn finish(&mut self, summary: &Summary) -> io::Result<()> {
        if self.out.shown() == 0 {
            self.begin()?;
        }
        let summary = self.out.account(summary);
        self.out.write_all(b"],\n\"summary\":")?;
        line::value(&mut self.out, &summary)?;
        self.out.write_all(b"}\n")?;
        self.out.flush()
    }
}
