//! What a feed takes as Parquet that grows: findings, the rows of the canonical model that accepted messages say, and what of
//! them could not be carried: `TABLE/received=DAY/part-TURN.parquet`.
//!
//! Rows wait until a table has enough of them, or they have waited for long enough, or a day has ended; then all tables make
//! files, which appear together with how far they go. What was waiting when a crash came is still in the store, and is read from
//! there again.

mod canonical;
mod findings;
mod progress;

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use concord_convert::Losses;
use concord_convert::lake::{Cell, Kind, RollingTable};
use concord_feed::sink::{Checkpoint, Sink};
use concord_feed::store::Entry;
use concord_feed::{Clock, Outcome};

pub(super) use canonical::CanonicalRows;
use progress::Progress;

/// The tables beside those of the canonical model.
const FINDINGS: &str = "findings";
const LOSSES: &str = "losses";

/// When rows make files.
#[derive(Debug, Clone, Copy)]
pub(super) struct Rolling {
    /// When a table has so many.
    pub(super) rows: usize,
    /// When the first of them has waited for so long.
    pub(super) every: Duration,
}

/// Writes tables as Parquet.
pub(super) struct Tables {
    folder: PathBuf,
    rolling: Rolling,
    clock: Arc<dyn Clock>,
    findings: RollingTable,
    rows: Option<CanonicalRows>,
    /// Whether anything waits, and since when, or since when nothing was saved.
    waits: bool,
    since: Duration,
    /// The day on which the messages were received whose rows wait.
    day: String,
    /// What was delivered, what of it was committed, and what is in files.
    delivered: Checkpoint,
    committed: Checkpoint,
    saved: Progress,
}

impl Tables {
    /// Writes below a folder, which is made; findings alone, where there is nothing that makes rows.
    ///
    /// # Errors
    /// What the system says.
    pub(super) fn new(
        folder: &Path,
        rolling: Rolling,
        clock: Arc<dyn Clock>,
        rows: Option<CanonicalRows>,
    ) -> io::Result<Self> {
        fs::create_dir_all(folder)?;
        Ok(Self {
            folder: folder.to_owned(),
            rolling,
            since: clock.elapsed(),
            clock,
            findings: findings::table(),
            rows,
            waits: false,
            day: String::new(),
            delivered: Checkpoint::default(),
            committed: Checkpoint::default(),
            saved: Progress::default(),
        })
    }

    /// Makes files of what waits, which speak of the messages before `reached`.
    fn roll(&mut self, reached: Checkpoint) -> io::Result<()> {
        let name = format!("part-{:010}.parquet", self.saved.turns + 1);
        let day = format!("received={}", self.day);
        let path = |table: &str| self.folder.join(table).join(&day).join(&name);
        let mut files = Vec::new();
        let mut lost = Losses::default();
        if let Some(rows) = &mut self.rows {
            (files, lost) = rows.stage(path)?;
        }
        let mut losses = losses(&lost);
        for (name, table) in [(FINDINGS, &mut self.findings), (LOSSES, &mut losses)] {
            if !table.is_empty() {
                let path = path(name);
                table.stage(&path).map_err(io::Error::other)?;
                files.push(path);
            }
        }
        self.saved.save(&self.folder, reached, &files)?;
        self.waits = false;
        self.since = self.clock.elapsed();
        Ok(())
    }

    fn longest(&self) -> usize {
        let rows = self.rows.as_ref().map_or(0, CanonicalRows::longest);
        rows.max(self.findings.len())
    }
}

/// What could not be carried, as rows.
fn losses(lost: &Losses) -> RollingTable {
    let mut table = RollingTable::new(&[
        ("element", Kind::Text),
        ("reason", Kind::Text),
        ("detail", Kind::Text),
        ("count", Kind::Number),
    ]);
    for loss in lost.list() {
        table.push(&[
            Cell::Text(&loss.element),
            Cell::Text(loss.reason.meaning()),
            loss.detail.as_deref().map_or(Cell::Nothing, Cell::Text),
            i64::try_from(loss.count).map_or(Cell::Nothing, Cell::Number),
        ]);
    }
    table
}

impl Sink for Tables {
    fn name(&self) -> String {
        self.folder.display().to_string()
    }

    fn resume(&mut self) -> io::Result<Checkpoint> {
        self.findings.clear();
        if let Some(rows) = &mut self.rows {
            rows.clear();
        }
        self.waits = false;
        self.saved = Progress::resume(&self.folder)?;
        self.delivered = self.saved.reached;
        self.committed = self.saved.reached;
        self.since = self.clock.elapsed();
        Ok(self.saved.reached)
    }

    fn deliver(&mut self, entry: &Entry, released: bool) -> io::Result<()> {
        let taken = released || entry.verdict.outcome == Outcome::Accept;
        let found = if released {
            Vec::new()
        } else {
            entry.findings()
        };
        let has_rows = taken && self.rows.is_some();
        if has_rows || !found.is_empty() {
            let day = entry.received.strftime("%Y-%m-%d").to_string();
            if !self.waits {
                self.since = self.clock.elapsed();
            } else if day != self.day || self.longest() >= self.rolling.rows {
                self.roll(self.delivered)?;
            }
            self.day = day;
            self.waits = true;
        }
        for broken in &found {
            findings::add(&mut self.findings, entry, broken);
        }
        if let Some(rows) = self.rows.as_mut().filter(|_| taken) {
            rows.take(entry);
        }
        if released {
            self.delivered.releases += 1;
        } else {
            self.delivered.next = entry.number + 1;
        }
        Ok(())
    }

    fn commit(&mut self, checkpoint: Checkpoint) -> io::Result<()> {
        self.committed = checkpoint;
        self.delivered = checkpoint;
        if self.longest() >= self.rolling.rows {
            self.roll(checkpoint)?;
        }
        Ok(())
    }

    fn idle(&mut self) -> io::Result<()> {
        let waited = self.clock.elapsed().saturating_sub(self.since);
        if waited >= self.rolling.every && self.committed != self.saved.reached {
            self.roll(self.committed)?;
        }
        Ok(())
    }

    fn durable(&self, committed: Checkpoint) -> Checkpoint {
        // Of messages that say nothing for any table nothing waits.
        if self.waits {
            self.saved.reached
        } else {
            committed
        }
    }

    fn close(&mut self) -> io::Result<()> {
        if self.committed != self.saved.reached {
            self.roll(self.committed)?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests;
