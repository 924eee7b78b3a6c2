//! The summary report of the national system: aggregation, diagnostics, validations and data quality, each a CSV of the same
//! 25 columns, so that ours and theirs can be laid beside each other.
//!
//! One row for each finding. What rejects something stands under validations, a warning under data quality; the values that a
//! finding names stand as pairs of label and value. Personal values are masked here as elsewhere.
//!
//! Source: guidance on the Strategic Data Collection Service in the Cloud (NHS England), summary reports.

use std::io::{self, Write};
use std::sync::{Arc, Mutex, PoisonError};

use concord_finding::{Fact, Finding, Masking, Summary};

use crate::shown::Shown;
use crate::{Reporter, escape};

/// Label and value pairs of a row.
const ITEMS: usize = 10;

/// What is counted beyond findings: known when all rows have been read.
pub type RowCounts = Arc<Mutex<Vec<RowCount>>>;

/// A count of rows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RowCount {
    /// The code under which they are counted.
    pub code: String,
    /// What is counted.
    pub description: String,
    /// How many there are.
    pub rows: u64,
    /// Of how many, for a diagnostic; `None`: all rows of a table are counted, which is an aggregation.
    pub of: Option<u64>,
}

/// The four files of the report, or four times the same.
pub struct SdcsFiles {
    /// Rows of each table.
    pub aggregation: Box<dyn Write + Send>,
    /// Counts beyond those.
    pub diagnostics: Box<dyn Write + Send>,
    /// What was rejected.
    pub validations: Box<dyn Write + Send>,
    /// Warnings.
    pub data_quality: Box<dyn Write + Send>,
    /// Whether all four are one stream, which has its header once.
    pub one: bool,
}

impl SdcsFiles {
    /// All four in one stream.
    pub fn one(out: Box<dyn Write + Send>) -> Self {
        let out = One(Arc::new(Mutex::new(out)));
        Self {
            aggregation: Box::new(out.clone()),
            diagnostics: Box::new(out.clone()),
            validations: Box::new(out.clone()),
            data_quality: Box::new(out),
            one: true,
        }
    }
}

/// A stream that several write to.
#[derive(Clone)]
struct One(Arc<Mutex<Box<dyn Write + Send>>>);

impl Write for One {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.0
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .flush()
    }
}

/// The report in four files.
pub fn sdcs(masking: Masking, files: SdcsFiles, counts: RowCounts) -> Box<dyn Reporter> {
    Box::new(Sdcs {
        masking,
        files,
        counts,
        begun: false,
        gone: false,
    })
}

pub(crate) struct Sdcs {
    masking: Masking,
    files: SdcsFiles,
    counts: RowCounts,
    begun: bool,
    /// Whether the reader went away.
    gone: bool,
}

/// A part of the report.
#[derive(Clone, Copy)]
enum Part {
    Aggregation,
    Diagnostics,
    Validations,
    DataQuality,
}

impl Part {
    const fn title(self) -> &'static str {
        match self {
            Self::Aggregation => "Aggregation",
            Self::Diagnostics => "Diagnostic",
            Self::Validations => "Validation Failures",
            Self::DataQuality => "Data Quality Issues",
        }
    }
}

impl Sdcs {
    fn begin(&mut self) -> io::Result<()> {
        if std::mem::replace(&mut self.begun, true) {
            return Ok(());
        }
        let items = (1..=ITEMS).map(|item| format!(",DATA_ITEM{item},DATA_VALUE{item}"));
        let items: String = items.collect();
        let header = format!(
            "REPORT_TYPE,DESCRIPTION,CODE,NUMERATOR,DENOMINATOR{items}
"
        );
        let files = &mut self.files;
        files.aggregation.write_all(header.as_bytes())?;
        if !files.one {
            for file in [
                &mut files.diagnostics,
                &mut files.validations,
                &mut files.data_quality,
            ] {
                file.write_all(header.as_bytes())?;
            }
        }
        Ok(())
    }

    /// Writes a row; `about` is its description, code, numerator and denominator.
    fn row(&mut self, part: Part, about: [&str; 4], items: &[(&str, String)]) -> io::Result<()> {
        let mut row = String::new();
        cell_to(&mut row, part.title());
        for cell in about {
            cell_to(&mut row, cell);
        }
        for item in 0..ITEMS {
            let (label, value) = match items.get(item) {
                Some((label, value)) => (*label, &**value),
                None => ("", ""),
            };
            cell_to(&mut row, label);
            cell_to(&mut row, value);
        }
        row.pop();
        row.push('\n');
        let file = match part {
            Part::Aggregation => &mut self.files.aggregation,
            Part::Diagnostics => &mut self.files.diagnostics,
            Part::Validations => &mut self.files.validations,
            Part::DataQuality => &mut self.files.data_quality,
        };
        file.write_all(row.as_bytes())
    }

    /// A reader that went away is no failure: the rest is not written.
    fn unless_gone(&mut self, result: io::Result<()>) -> io::Result<()> {
        match result {
            Err(error) if error.kind() == io::ErrorKind::BrokenPipe => {
                self.gone = true;
                Ok(())
            }
            result => result,
        }
    }
}

/// A cell in quotes, without what would steer a terminal or be run by a spreadsheet.
fn cell_to(row: &mut String, text: &str) {
    if !text.is_empty() {
        row.push('"');
        if crate::csv::is_formula(text) {
            row.push('\'');
        }
        row.push_str(&escape::line(text).replace('"', "\"\""));
        row.push('"');
    }
    row.push(',');
}

impl Reporter for Sdcs {
    fn finding(&mut self, finding: &Finding) -> io::Result<()> {
        if self.gone {
            return Ok(());
        }
        let shown = Shown::new(finding, self.masking);
        let part = if finding.effect.is_reject() {
            Part::Validations
        } else {
            Part::DataQuality
        };
        let severity = match finding.fact("severity").as_deref() {
            Some(Fact::Plain(words)) => format!("{words} - "),
            _ => String::new(),
        };
        let description = format!("{severity}{}", shown.message());
        let items: Vec<(&str, String)> = finding
            .facts
            .iter()
            .filter(|(label, _)| label.starts_with('['))
            .map(|(label, fact)| (&**label, shown.raw_fact(fact).into_owned()))
            .collect();
        let result = self
            .begin()
            .and_then(|()| self.row(part, [&description, &finding.rule.id, "1", ""], &items));
        self.unless_gone(result)
    }

    fn finish(&mut self, _: &Summary) -> io::Result<()> {
        if self.gone {
            return Ok(());
        }
        let counts = Arc::clone(&self.counts);
        let counts = counts.lock().unwrap_or_else(PoisonError::into_inner);
        let result = self.begin().and_then(|()| {
            for count in counts.iter() {
                let rows = count.rows.to_string();
                let (part, of) = match count.of {
                    Some(of) => (Part::Diagnostics, of.to_string()),
                    None => (Part::Aggregation, String::new()),
                };
                let about = [&*count.description, &*count.code, &*rows, &*of];
                self.row(part, about, &[])?;
            }
            let files = &mut self.files;
            for file in [
                &mut files.aggregation,
                &mut files.diagnostics,
                &mut files.validations,
                &mut files.data_quality,
            ] {
                file.flush()?;
            }
            Ok(())
        });
        self.unless_gone(result)
    }
}

#[cfg(test)]
mod tests {
    use std::borrow::Cow;

    use concord_finding::{Effect, Provenance, Rule, RuleClass, RuleStatus};

    use super::*;

    #[derive(Clone, Default)]
    struct Kept(Arc<Mutex<Vec<u8>>>);

    impl Write for Kept {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.0.lock().expect("not poisoned").write(bytes)
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    impl Kept {
        fn text(&self) -> String {
            String::from_utf8(self.0.lock().expect("not poisoned").clone()).expect("text")
        }
    }

    fn finding(effect: Effect) -> Finding {
        let rule = Rule {
            id: "X00101".into(),
            title: String::new(),
            effect,
            message: "Id is {value}".into(),
            label: None,
            help: None,
            source: String::new(),
            provenance: Provenance::Published,
            class: RuleClass::Business,
            status: RuleStatus::Stable,
            since: String::new(),
        };
        let mut finding = Finding::new(Arc::new(rule), "x.csv".into());
        finding.value = Some(Fact::Personal("9990000019".into()));
        for (name, fact) in [
            ("severity", Fact::Plain("Record rejected".into())),
            ("[X001]Id", Fact::Personal("9990000019".into())),
            ("column", Fact::Plain("Id".into())),
            ("[X002]Sum", Fact::Plain("=1+1".into())),
        ] {
            finding.facts.push((Cow::Borrowed(name), fact));
        }
        finding
    }

    #[test]
    fn findings_stand_in_four_files_of_25_columns() {
        let kept: [Kept; 4] = Default::default();
        let [aggregation, diagnostics, validations, data_quality] = kept
            .clone()
            .map(|kept| Box::new(kept) as Box<dyn Write + Send>);
        let files = SdcsFiles {
            aggregation,
            diagnostics,
            validations,
            data_quality,
            one: false,
        };
        let counts = RowCounts::default();
        let mut report = sdcs(Masking::Masked, files, Arc::clone(&counts));
        report
            .finding(&finding(Effect::RejectRecord))
            .expect("written");
        report.finding(&finding(Effect::Warn)).expect("written");
        counts.lock().expect("not poisoned").push(RowCount {
            code: "XARV001".into(),
            description: "Total X001 Pre-deadline Processing Row Count".into(),
            rows: 12,
            of: None,
        });
        counts.lock().expect("not poisoned").push(RowCount {
            code: "XDAG001".into(),
            description: "rows without another".into(),
            rows: 0,
            of: Some(12),
        });
        report.finish(&Summary::default()).expect("written");
        let texts = kept.map(|kept| kept.text());
        for text in &texts {
            let header = text.lines().next().expect("a header");
            assert_eq!(header.split(',').count(), 25);
        }
        assert!(texts[0].contains(
            "\"Aggregation\",\"Total X001 Pre-deadline Processing Row Count\",\"XARV001\",\"12\","
        ));
        assert!(texts[1].ends_with(&format!(
            "\n\"Diagnostic\",\"rows without another\",\"XDAG001\",\"0\",\"12\"{}\n",
            ",".repeat(20)
        )));
        assert!(!texts[0].contains("XDAG001"));
        assert!(texts[2].contains(
            "\"Validation Failures\",\"Record rejected - Id is 999•••••19\",\"X00101\",\"1\",,\"[X001]Id\",\"999•••••19\",\"[X002]Sum\",\"'=1+1\","
        ));
        assert!(
            texts[3].starts_with("REPORT_TYPE") && texts[3].contains("\"Data Quality Issues\"")
        );
        assert!(texts.iter().all(|text| !text.contains("9990000019")));
    }
}
