//! One line for each finding, `file:line:column: effect rule message`, then one for each input.

use std::io::{self, Write};

use concord_finding::{FileSummary, Finding, Masking, Summary, Verdict};

use crate::Reporter;
use crate::escape;
use crate::numbers::{count, many};
use crate::output::Output;
use crate::shown::Shown;
use crate::tally;

pub(crate) struct Concise {
    masking: Masking,
    out: Output,
}

impl Concise {
    pub(crate) fn new(masking: Masking, out: Output) -> Self {
        Self { masking, out }
    }
}

impl Reporter for Concise {
    fn finding(&mut self, finding: &Finding) -> io::Result<()> {
        if !self.out.take() {
            return Ok(());
        }
        let out = &mut self.out;
        write!(out, "{}", escape::line(&finding.file))?;
        if let Some(place) = finding.place {
            write!(out, ":{}:{}", place.line, place.column)?;
        }
        let message = Shown::new(finding, self.masking).message();
        let waived = if finding.waived.is_some() {
            " (waived)"
        } else {
            ""
        };
        writeln!(
            out,
            ": {} {} {}{waived}",
            finding.effect,
            finding.rule.id,
            escape::line(&message)
        )
    }

    fn finish(&mut self, summary: &Summary) -> io::Result<()> {
        let summary = self.out.account(summary);
        for not_run in &summary.not_run {
            writeln!(
                self.out,
                "not run: {}: {}",
                not_run.rule,
                escape::line(&not_run.reason)
            )?;
        }
        if summary.not_shown > 0 {
            writeln!(
                self.out,
                "not shown: {}",
                many(summary.not_shown, "more finding")
            )?;
        }
        for line in tally::settings(&summary) {
            writeln!(self.out, "{}", escape::line(&line))?;
        }
        for notice in &summary.notices {
            writeln!(self.out, "{}", escape::line(&tally::notice(notice)))?;
        }
        for file in &summary.files {
            writeln!(self.out, "{}: {}", escape::line(&file.file), verdict(file))?;
        }
        self.out.flush()
    }
}

/// What becomes of an input, in a few words.
pub(crate) fn word(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Accepted => "accepted",
        Verdict::PartlyAccepted => "partly accepted",
        Verdict::Rejected => "rejected",
        Verdict::Unreadable => "unreadable",
    }
}

pub(crate) fn verdict(file: &FileSummary) -> String {
    let findings: u64 = file.findings.values().sum();
    let mut text = format!(
        "{}: {} = {} accepted + {} rejected, {}",
        word(file.verdict),
        many(file.records.records, "record"),
        count(file.records.accepted),
        count(file.records.rejected),
        many(findings, "finding"),
    );
    if let Some(reason) = &file.unreadable {
        text.push_str("; ");
        text.push_str(&escape::line(reason));
    }
    text
}
