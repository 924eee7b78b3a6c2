//! The fixes of an input, in its order, kept in a file without a name until they are made.

use std::fs::File;
use std::io::{self, BufRead as _, BufReader, BufWriter, Seek as _, Write as _};
use std::path::Path;

use concord_finding::{Fact, Finding};
use serde::{Deserialize, Serialize};

/// A fix, and what it is told of with.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Change {
    /// Bytes from the start of the input as it is decoded, without a byte order mark.
    pub(super) offset: u64,
    pub(super) length: u64,
    pub(super) replacement: String,
    pub(super) personal: bool,
    /// What stood there, as the finding shows it.
    pub(super) old: String,
    pub(super) action: String,
    pub(super) line: u64,
    pub(super) column: u64,
    /// The record's number; 0 outside of records.
    pub(super) record: u64,
    pub(super) rule: String,
    pub(super) element: Option<String>,
    pub(super) path: Option<String>,
}

impl Change {
    /// The fix of a finding, if it has one.
    pub(super) fn of(finding: &Finding) -> Option<Self> {
        let (fix, place) = (finding.fix.as_ref()?, finding.place?);
        let (replacement, personal) = match &fix.replacement {
            Fact::Plain(text) => (text.clone(), false),
            Fact::Personal(text) => (text.clone(), true),
            Fact::Number(_) | Fact::List(_) => return None,
        };
        let old = match &finding.value {
            Some(Fact::Plain(text) | Fact::Personal(text)) => text.clone(),
            _ => String::new(),
        };
        Some(Self {
            offset: place.offset,
            length: fix.length,
            replacement,
            personal,
            old,
            action: fix.action.clone().into_owned(),
            line: place.line,
            column: place.column,
            record: finding.record.unwrap_or(0),
            rule: finding.rule.id.to_string(),
            element: finding.element.as_deref().map(str::to_owned),
            path: finding.path.as_deref().map(str::to_owned),
        })
    }

    fn end(&self) -> u64 {
        self.offset + self.length
    }
}

/// Fixes that are still being collected.
pub(super) struct Spooling {
    file: BufWriter<File>,
    /// Where the last one ends.
    end: u64,
    /// The last one, which a second finding about the same value would repeat.
    last: Option<(u64, u64)>,
    count: u64,
}

impl Spooling {
    /// Fixes go to a file in `folder`.
    pub(super) fn new(folder: &Path) -> io::Result<Self> {
        Ok(Self {
            file: BufWriter::new(tempfile::tempfile_in(folder)?),
            end: 0,
            last: None,
            count: 0,
        })
    }

    /// Adds a fix. One that lies in another is left out.
    pub(super) fn push(&mut self, change: &Change) -> io::Result<()> {
        let stretch = (change.offset, change.length);
        if change.offset < self.end || self.last == Some(stretch) {
            return Ok(());
        }
        serde_json::to_writer(&mut self.file, change)?;
        self.file.write_all(b"\n")?;
        (self.end, self.last) = (change.end(), Some(stretch));
        self.count += 1;
        Ok(())
    }

    pub(super) fn finish(self) -> io::Result<Spool> {
        let file = self.file.into_inner();
        Ok(Spool {
            file: file.map_err(io::IntoInnerError::into_error)?,
            count: self.count,
        })
    }
}

/// Fixes that can be read as often as is needed.
pub(super) struct Spool {
    file: File,
    /// How many there are.
    pub(super) count: u64,
}

impl Spool {
    /// From the first one on.
    pub(super) fn read(&mut self) -> io::Result<impl Iterator<Item = io::Result<Change>> + '_> {
        self.file.rewind()?;
        let lines = BufReader::new(&self.file).lines();
        Ok(lines.map(|line| Ok(serde_json::from_str(&line?)?)))
    }
}
