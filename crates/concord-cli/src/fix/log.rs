//! The log of the changes, a line of JSON for each, beside the file that they are in.

use std::io::{BufWriter, Write as _};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use concord_finding::{Fact, Masking};
use serde_json::json;

use super::spool::Change;
use super::unwritten;
use crate::failure::Failure;
use crate::output::Whole;

/// What the name of a log ends with, behind that of the file.
const ENDING: &str = ".fixes.ndjson";

/// A log that is being written.
pub(super) struct Log {
    file: Arc<str>,
    path: PathBuf,
    whole: Whole,
    out: BufWriter<Whole>,
    masking: Masking,
    lines: u64,
}

impl Log {
    /// Begins the log of the changes of the input `file`, which is written to `target`.
    pub(super) fn create(
        target: &Path,
        file: &Arc<str>,
        masking: Masking,
    ) -> Result<Self, Failure> {
        let mut path = target.as_os_str().to_owned();
        path.push(ENDING);
        let path = PathBuf::from(path);
        let whole = Whole::create(&path)?;
        Ok(Self {
            file: Arc::clone(file),
            out: BufWriter::new(whole.clone()),
            whole,
            path,
            masking,
            lines: 0,
        })
    }

    /// Adds a change. Values that identify people are masked, unless they are to be shown.
    pub(super) fn add(&mut self, change: &Change) -> Result<(), Failure> {
        let shown = |text: &str| {
            let text = text.to_owned();
            let fact = if change.personal {
                Fact::Personal(text)
            } else {
                Fact::Plain(text)
            };
            fact.raw(self.masking)
        };
        let line = json!({
            "file": &*self.file,
            "line": change.line,
            "column": change.column,
            "record": (change.record > 0).then_some(change.record),
            "rule": change.rule,
            "element": change.element,
            "path": change.path,
            "action": change.action,
            "old": shown(&change.old),
            "new": shown(&change.replacement),
        });
        self.lines += 1;
        writeln!(self.out, "{line}").map_err(|error| unwritten(&self.path, &error))
    }

    /// Puts the log in its place; how many changes there are, and where it is.
    pub(super) fn complete(mut self) -> Result<(u64, PathBuf), Failure> {
        self.out
            .flush()
            .map_err(|error| unwritten(&self.path, &error))?;
        self.whole.complete()?;
        Ok((self.lines, self.path))
    }
}
