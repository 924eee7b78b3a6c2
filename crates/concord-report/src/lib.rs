//! Findings and the account of a run, for people and for programs: one module per output format.
//!
//! A reporter is given findings in the order of the input and writes them at once, so that memory does not grow with
//! their number. It masks personal values unless they are to be revealed, and escapes control characters, so that no
//! input can steer a terminal. It must never know how a finding was made, decide an exit code, or look at the terminal:
//! width and colour come in through [`Options`].
//!
//! ```
//! use std::sync::{Arc, Mutex};
//! use concord_finding::Summary;
//! use concord_report::{Format, Options, reporter};
//!
//! let mut report = reporter(Format::Concise, Options::default(), Box::new(std::io::sink()));
//! report.finish(&Summary::default())?;
//! # Ok::<(), std::io::Error>(())
//! ```

pub mod changes;
mod common;
mod concise;
mod csv;
mod escape;
mod github;
mod gitlab;
mod html;
mod human;
mod json;
mod junit;
mod line;
mod markdown;
mod ndjson;
mod numbers;
mod object;
mod output;
mod sarif;
mod sdcs;
mod shown;
mod tally;
mod uri;

use std::fmt;
use std::io::{self, Write};
use std::str::FromStr;
use std::sync::Arc;

use concord_finding::{Effect, Fact, Finding, Masking, Summary};

use crate::output::Output;
pub use csv::is_formula;
pub use escape::line as harmless;
pub use markdown::{code as markdown_code, text as markdown_text};
pub use numbers::{count, many};
pub use sdcs::{RowCount, RowCounts, SdcsFiles, sdcs};

/// Writes findings as they come, and the account at the end.
pub trait Reporter: Send {
    /// Writes a finding, or counts it when enough are shown already.
    ///
    /// # Errors
    /// When the output cannot be written. A reader that went away (a broken pipe) is no error: the rest is not written.
    fn finding(&mut self, finding: &Finding) -> io::Result<()>;

    /// Writes what becomes of one record that is not taken, in the formats that have a place for it.
    ///
    /// # Errors
    /// As [`Reporter::finding`].
    fn record(&mut self, _verdict: &RecordVerdict<'_>) -> io::Result<()> {
        Ok(())
    }

    /// Writes the account of the run and everything still held back. To be called once, also when there are no findings.
    ///
    /// # Errors
    /// As [`Reporter::finding`].
    fn finish(&mut self, summary: &Summary) -> io::Result<()>;
}

/// What becomes of one record.
#[derive(Debug, Clone)]
pub struct RecordVerdict<'a> {
    /// The input's name as the user gave it.
    pub file: &'a Arc<str>,
    /// The record's number in its file, from 1.
    pub record: u64,
    /// What identifies the record to its owner.
    pub record_key: Option<&'a Fact>,
    /// The gravest effect of its findings.
    pub effect: Effect,
    /// How many findings it has.
    pub findings: u64,
}

/// An output format.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Format {
    /// Snippets with labels, help and a summary, for people at a terminal.
    Human,
    /// One line for each finding, as compilers print them.
    Concise,
    /// One JSON object.
    Json,
    /// One JSON object on each line.
    Ndjson,
    /// Static Analysis Results Interchange Format 2.1.0, which code scanning and editors read.
    Sarif,
    /// Test results in XML, which most build servers read.
    Junit,
    /// Workflow commands of GitHub Actions, which become annotations.
    Github,
    /// A code quality report of GitLab.
    Gitlab,
    /// One row for each finding, for spreadsheets.
    Csv,
    /// One page that needs nothing else, for people in a browser.
    Html,
    /// A summary for a comment on a pull request.
    Markdown,
    /// The summary report of the national system for submissions of many tables.
    Sdcs,
}

impl Format {
    /// Every format, the default first.
    pub const ALL: [Self; 12] = [
        Self::Human,
        Self::Concise,
        Self::Json,
        Self::Ndjson,
        Self::Sarif,
        Self::Junit,
        Self::Github,
        Self::Gitlab,
        Self::Csv,
        Self::Html,
        Self::Markdown,
        Self::Sdcs,
    ];

    /// The name on the command line.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Human => "human",
            Self::Concise => "concise",
            Self::Json => "json",
            Self::Ndjson => "ndjson",
            Self::Sarif => "sarif",
            Self::Junit => "junit",
            Self::Github => "github",
            Self::Gitlab => "gitlab",
            Self::Csv => "csv",
            Self::Html => "html",
            Self::Markdown => "markdown",
            Self::Sdcs => "sdcs",
        }
    }
}

impl fmt::Display for Format {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// A text that names no format.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not a format: expected one of {formats}", formats = Format::ALL.map(Format::as_str).join(", "))]
pub struct ParseFormatError(String);

impl FromStr for Format {
    type Err = ParseFormatError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::ALL
            .into_iter()
            .find(|format| format.as_str() == text)
            .ok_or_else(|| ParseFormatError(text.to_owned()))
    }
}

/// How findings are shown.
#[derive(Debug, Clone, Copy)]
pub struct Options {
    /// Whether personal values are masked.
    pub masking: Masking,
    /// How many findings are shown at most; all are counted. Default: all, in the formats that are written as findings
    /// come; as many as their readers can take in the others.
    pub max_findings: Option<u64>,
    /// How many findings of each rule are shown in full by [`Format::Human`]. Default 3.
    pub snippets: u64,
    /// Whether [`Format::Human`] uses colours. Default no.
    pub colour: bool,
    /// Columns that [`Format::Human`] may use. Default 100.
    pub width: usize,
    /// Whether findings that an earlier run had are left out, so that all are new. Default no.
    pub only_new: bool,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            masking: Masking::Masked,
            max_findings: None,
            snippets: 3,
            colour: false,
            width: 100,
            only_new: false,
        }
    }
}

/// The reporter of a format, writing to `out`.
pub fn reporter(format: Format, options: Options, out: Box<dyn Write + Send>) -> Box<dyn Reporter> {
    let usual = match format {
        Format::Gitlab => Some(gitlab::MOST),
        Format::Html => Some(html::MOST),
        Format::Markdown => Some(markdown::MOST),
        _ => None,
    };
    let out = Output::new(out, options.max_findings.or(usual));
    match format {
        Format::Human => Box::new(human::Human::new(options, out)),
        Format::Concise => Box::new(concise::Concise::new(options.masking, out)),
        Format::Json => Box::new(json::Json::new(options.masking, out)),
        Format::Ndjson => Box::new(ndjson::Ndjson::new(options.masking, out)),
        Format::Sarif => Box::new(sarif::Sarif::new(options, out)),
        Format::Junit => Box::new(junit::Junit::new(options.masking, out)),
        Format::Github => Box::new(github::Github::new(options, out)),
        Format::Gitlab => Box::new(gitlab::Gitlab::new(options.masking, out)),
        Format::Csv => Box::new(csv::Csv::new(options.masking, out)),
        Format::Html => Box::new(html::Html::new(options.masking, out)),
        Format::Markdown => Box::new(markdown::Markdown::new(options.masking, out)),
        Format::Sdcs => {
            let files = SdcsFiles::one(Box::new(out));
            sdcs(options.masking, files, RowCounts::default())
        }
    }
}
