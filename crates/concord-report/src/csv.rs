//! One row for each finding, for spreadsheets.
//!
//! Every text is quoted (RFC 4180), so that no other separator splits it, and what a spreadsheet would run as a formula
//! becomes text by an apostrophe before it.

use std::io::{self, Write};

use concord_finding::{Finding, Masking, PROVIDER, Summary};

use crate::escape;
use crate::output::Output;
use crate::shown::Shown;
use crate::{Reporter, uri};

const HEADER: &str = "rule,effect,standard,file,line,column,path,record,record_key,provider,element,value,expected,\
    message,help,source,waived,fingerprint\n";

pub(crate) struct Csv {
    masking: Masking,
    out: Output,
    begun: bool,
}

impl Csv {
    pub(crate) fn new(masking: Masking, out: Output) -> Self {
        Self {
            masking,
            out,
            begun: false,
        }
    }

    fn begin(&mut self) -> io::Result<()> {
        if self.begun {
            return Ok(());
        }
        self.begun = true;
        self.out.write_all(HEADER.as_bytes())
    }
}

impl Reporter for Csv {
    fn finding(&mut self, finding: &Finding) -> io::Result<()> {
        self.begin()?;
        if !self.out.take() {
            return Ok(());
        }
        let shown = Shown::new(finding, self.masking);
        let place = finding.place;
        let provider = finding.fact(PROVIDER);
        let waived = finding.waived.as_ref();
        self.out.piece(|out| {
            let mut row = Row { out, first: true };
            row.text(Some(&finding.rule.id))?;
            row.text(Some(finding.effect.as_str()))?;
            row.text(finding.standard.as_deref())?;
            row.text(Some(&uri::path(&finding.file)))?;
            row.number(place.map(|place| place.line))?;
            row.number(place.map(|place| place.column))?;
            row.text(shown.path().as_deref())?;
            row.number(finding.record)?;
            row.text(shown.raw(finding.record_key.as_ref()).as_deref())?;
            row.text(shown.raw(provider.as_deref()).as_deref())?;
            row.text(finding.element.as_deref())?;
            row.text(shown.raw(finding.value.as_ref()).as_deref())?;
            row.text(shown.raw(finding.expected.as_ref()).as_deref())?;
            row.text(Some(&shown.message()))?;
            row.text(shown.help().as_deref())?;
            row.text(Some(&finding.source()))?;
            let waived = waived.map(|waived| {
                format!(
                    "{}, until {}: {}",
                    waived.owner, waived.expires, waived.reason
                )
            });
            row.text(waived.as_deref())?;
            row.text(Some(&finding.fingerprint()))?;
            row.out.write_all(b"\n")
        })
    }

    fn finish(&mut self, _: &Summary) -> io::Result<()> {
        self.begin()?;
        self.out.flush()
    }
}

struct Row<'o> {
    out: &'o mut Vec<u8>,
    first: bool,
}

impl Row<'_> {
    fn cell(&mut self) {
        if !std::mem::replace(&mut self.first, false) {
            self.out.push(b',');
        }
    }

    fn number(&mut self, number: Option<u64>) -> io::Result<()> {
        self.cell();
        match number {
            Some(number) => write!(self.out, "{number}"),
            None => Ok(()),
        }
    }

    fn text(&mut self, text: Option<&str>) -> io::Result<()> {
        self.cell();
        let Some(text) = text.filter(|text| !text.is_empty()) else {
            return Ok(());
        };
        self.out.push(b'"');
        if is_formula(text) {
            self.out.push(b'\'');
        }
        let text = escape::line(text);
        self.out.write_all(text.replace('"', "\"\"").as_bytes())?;
        self.out.push(b'"');
        Ok(())
    }
}

/// Whether a spreadsheet would run a cell, or might: the full-width forms are taken for the others in some languages.
pub fn is_formula(text: &str) -> bool {
    let mut characters = text.trim_start().chars();
    let first = characters.next();
    text.starts_with(['\t', '\r'])
        || matches!(
            first,
            Some('=' | '+' | '-' | '@' | '|' | '%' | '＝' | '＋' | '－' | '＠')
        )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cells_stay_text() {
        for (text, expected) in [
            ("=1+1", "\"'=1+1\""),
            (" @SUM(A1)", "\"' @SUM(A1)\""),
            ("\t=1", "\"'\\t=1\""),
            ("a;=1", "\"a;=1\""),
            ("say \"no\"", "\"say \"\"no\"\"\""),
            ("two\nlines", "\"two\\nlines\""),
            ("", ""),
        ] {
            let mut out = Vec::new();
            let mut row = Row {
                out: &mut out,
                first: true,
            };
            row.text(Some(text)).expect("a vector takes it");
            assert_eq!(String::from_utf8(out).expect("text"), expected);
        }
    }
}
