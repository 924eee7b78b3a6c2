//! What is found in the messages of a feed, as Parquet: `findings/received=DAY/part-FIRST-NEXT.parquet`.
//!
//! Findings wait until there are enough of them, or have waited for long enough, or a day has ended; then they make a file,
//! which appears when all of it is durable. Its name says which messages it speaks of: from the first number to the one
//! before the last. What was waiting when a crash came is still in the store, and is read from there again.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use concord_convert::lake::{Cell, Kind, RollingTable};
use concord_feed::sink::{Checkpoint, Sink};
use concord_feed::store::Entry;
use concord_feed::{Broken, Clock, Place};
use tempfile::NamedTempFile;

/// The columns, as the lines of JSON have them.
const COLUMNS: [(&str, Kind); 11] = [
    ("number", Kind::Number),
    ("received", Kind::Moment),
    ("application", Kind::Text),
    ("facility", Kind::Text),
    ("control_id", Kind::Text),
    ("type", Kind::Text),
    ("outcome", Kind::Text),
    ("rule", Kind::Text),
    ("warning", Kind::Flag),
    ("text", Kind::Text),
    ("place", Kind::Text),
];
/// The folder of the table.
const TABLE: &str = "findings";
/// The file that holds how far it has got.
const CHECKPOINT: &str = "checkpoint.json";

/// When findings make a file.
#[derive(Debug, Clone, Copy)]
pub(super) struct Rolling {
    /// When there are so many.
    pub(super) rows: usize,
    /// When the first of them has waited for so long.
    pub(super) every: Duration,
}

/// Writes findings as Parquet.
pub(super) struct FindingsTable {
    folder: PathBuf,
    rolling: Rolling,
    clock: Arc<dyn Clock>,
    table: RollingTable,
    /// The first message of which findings may wait, and the day on which it was received.
    first: u64,
    day: String,
    /// Since when something waits, or nothing was saved.
    since: Duration,
    committed: Checkpoint,
    saved: Checkpoint,
}

impl FindingsTable {
    /// Writes below a folder, which is made.
    ///
    /// # Errors
    /// What the system says.
    pub(super) fn new(folder: &Path, rolling: Rolling, clock: Arc<dyn Clock>) -> io::Result<Self> {
        fs::create_dir_all(folder.join(TABLE))?;
        Ok(Self {
            folder: folder.to_owned(),
            rolling,
            since: clock.elapsed(),
            clock,
            table: RollingTable::new(&COLUMNS),
            first: 1,
            day: String::new(),
            committed: Checkpoint::default(),
            saved: Checkpoint::default(),
        })
    }

    /// Makes a file of what waits, which speaks of the messages before `next`, and writes down how far it has got.
    fn roll(&mut self, next: u64) -> io::Result<()> {
        if !self.table.is_empty() {
            let name = format!("part-{:020}-{next:020}.parquet", self.first);
            let day = self
                .folder
                .join(TABLE)
                .join(format!("received={}", self.day));
            self.table
                .write(&day.join(name))
                .map_err(io::Error::other)?;
        }
        let reached = Checkpoint {
            next,
            ..self.committed
        };
        let file = NamedTempFile::new_in(&self.folder)?;
        serde_json::to_writer(&file, &reached)?;
        file.as_file().sync_all()?;
        file.persist(self.folder.join(CHECKPOINT))?;
        self.saved = reached;
        self.first = next;
        self.since = self.clock.elapsed();
        Ok(())
    }

    /// The message behind the last one that a file speaks of: a crash may have come before that was written down.
    fn next_of_files(&self) -> io::Result<u64> {
        let mut next = 1;
        for day in fs::read_dir(self.folder.join(TABLE))? {
            let day = day?.path();
            if !day.is_dir() {
                continue;
            }
            for file in fs::read_dir(day)? {
                let name = file?.file_name().to_string_lossy().into_owned();
                let name = name.strip_suffix(".parquet");
                let name = name.and_then(|name| name.strip_prefix("part-"));
                let number = name.and_then(|name| name.split_once('-')?.1.parse().ok());
                next = next.max(number.unwrap_or(1));
            }
        }
        Ok(next)
    }

    fn add(&mut self, entry: &Entry, broken: &Broken) {
        let identity = &entry.verdict.identity;
        let place = broken.place.as_ref().map(Place::to_string);
        self.table.push(&[
            i64::try_from(entry.number).map_or(Cell::Nothing, Cell::Number),
            Cell::Moment(entry.received),
            Cell::Text(&identity.application),
            Cell::Text(&identity.facility),
            Cell::Text(&identity.control_id),
            Cell::Text(&identity.kind),
            Cell::Text(entry.verdict.outcome.name()),
            Cell::Text(&broken.rule),
            Cell::Flag(broken.warning),
            Cell::Text(&broken.text),
            place.as_deref().map_or(Cell::Nothing, Cell::Text),
        ]);
    }
}

impl Sink for FindingsTable {
    fn name(&self) -> String {
        self.folder.display().to_string()
    }

    fn resume(&mut self) -> io::Result<Checkpoint> {
        self.table.clear();
        let mut reached = match fs::read(self.folder.join(CHECKPOINT)) {
            Ok(bytes) => serde_json::from_slice(&bytes)?,
            Err(error) if error.kind() == io::ErrorKind::NotFound => Checkpoint::default(),
            Err(error) => return Err(error),
        };
        reached.next = self.next_of_files()?.max(reached.next);
        self.first = reached.next;
        self.committed = reached;
        self.saved = reached;
        self.since = self.clock.elapsed();
        Ok(reached)
    }

    fn deliver(&mut self, entry: &Entry, released: bool) -> io::Result<()> {
        let found = if released {
            Vec::new()
        } else {
            entry.findings()
        };
        if found.is_empty() {
            return Ok(());
        }
        let day = entry.received.strftime("%Y-%m-%d").to_string();
        if self.table.is_empty() {
            self.since = self.clock.elapsed();
        } else if day != self.day || self.table.len() >= self.rolling.rows {
            self.roll(entry.number)?;
        }
        self.day = day;
        for broken in &found {
            self.add(entry, broken);
        }
        Ok(())
    }

    fn commit(&mut self, checkpoint: Checkpoint) -> io::Result<()> {
        self.committed = checkpoint;
        if self.table.len() >= self.rolling.rows {
            self.roll(checkpoint.next)?;
        }
        Ok(())
    }

    fn idle(&mut self) -> io::Result<()> {
        let waited = self.clock.elapsed().saturating_sub(self.since);
        if waited >= self.rolling.every && self.committed != self.saved {
            self.roll(self.committed.next)?;
        }
        Ok(())
    }

    fn durable(&self, committed: Checkpoint) -> Checkpoint {
        // Of messages in which nothing was found nothing waits.
        if self.table.is_empty() {
            committed
        } else {
            self.saved
        }
    }

    fn close(&mut self) -> io::Result<()> {
        if self.committed != self.saved {
            self.roll(self.committed.next)?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use std::fs::File;
    use std::sync::atomic::{AtomicU64, Ordering};

    use concord_feed::{Identity, Outcome, Verdict};
    use jiff::Timestamp;
    use parquet::file::reader::{FileReader as _, SerializedFileReader};
    use parquet::record::RowAccessor as _;

    use super::*;

    #[derive(Default)]
    struct Seconds(AtomicU64);

    impl Clock for Seconds {
        fn now(&self) -> Timestamp {
            Timestamp::UNIX_EPOCH
        }

        fn elapsed(&self) -> Duration {
            Duration::from_secs(self.0.load(Ordering::SeqCst))
        }
    }

    /// A message in which every second time something is found.
    fn entry(number: u64, day: u8) -> Entry {
        let broken = Broken {
            rule: "A-RULE".into(),
            text: "something is wrong".into(),
            place: Some(Place {
                segment: "PID".into(),
                sequence: 1,
                field: Some(3),
                ..Place::default()
            }),
            warning: false,
        };
        Entry {
            number,
            received: format!("2026-11-{day}T23:00:00Z").parse().expect("a time"),
            origin: "test".into(),
            verdict: Verdict {
                outcome: Outcome::Error,
                identity: Identity {
                    control_id: number.to_string(),
                    ..Identity::default()
                },
                findings: if number.is_multiple_of(2) {
                    vec![broken]
                } else {
                    Vec::new()
                },
            },
            other: None,
            message: Vec::new(),
        }
    }

    /// The files, and the numbers of the messages in each.
    fn files(folder: &Path) -> Vec<(String, Vec<i64>)> {
        let mut found = Vec::new();
        for day in fs::read_dir(folder.join(TABLE)).expect("a folder") {
            let day = day.expect("a folder");
            for file in fs::read_dir(day.path()).expect("a folder") {
                let file = file.expect("a file");
                let reader = SerializedFileReader::new(File::open(file.path()).expect("a file"));
                let reader = reader.expect("Parquet");
                let rows = reader.get_row_iter(None).expect("rows");
                let numbers = rows.map(|row| {
                    let row = row.expect("a row");
                    assert_eq!(row.get_string(7).expect("a rule"), "A-RULE");
                    assert_eq!(row.get_string(10).expect("a place"), "PID-3");
                    row.get_long(0).expect("a number")
                });
                let day = day.file_name().to_string_lossy().into_owned();
                let name = file.file_name().to_string_lossy().into_owned();
                found.push((format!("{day}/{name}"), numbers.collect()));
            }
        }
        found.sort();
        found
    }

    fn table(folder: &Path, clock: &Arc<Seconds>) -> FindingsTable {
        let rolling = Rolling {
            rows: 3,
            every: Duration::from_mins(1),
        };
        let clock: Arc<dyn Clock> = Arc::<Seconds>::clone(clock);
        FindingsTable::new(folder, rolling, clock).expect("a folder")
    }

    fn deliver(table: &mut FindingsTable, numbers: std::ops::Range<u64>, day: u8) {
        let next = numbers.end;
        for number in numbers {
            table.deliver(&entry(number, day), false).expect("taken");
        }
        table
            .commit(Checkpoint { next, releases: 0 })
            .expect("committed");
    }

    #[test]
    fn files_end_by_rows_by_day_and_by_time() {
        let folder = tempfile::tempdir().expect("a folder");
        let clock = Arc::new(Seconds::default());
        let mut table = table(folder.path(), &clock);
        assert_eq!(table.resume().expect("new").next, 1);
        deliver(&mut table, 1..7, 21);
        deliver(&mut table, 7..9, 21);
        // What waits is not durable; the store keeps it.
        assert_eq!(
            table
                .durable(Checkpoint {
                    next: 9,
                    releases: 0
                })
                .next,
            7
        );
        deliver(&mut table, 9..11, 22);
        table.idle().expect("nothing");
        clock.0.store(60, Ordering::SeqCst);
        table.idle().expect("rolled");
        let name = |day: u8, first: u64, next: u64| {
            format!("received=2026-11-{day}/part-{first:020}-{next:020}.parquet")
        };
        let expected = [
            (name(21, 1, 7), vec![2, 4, 6]),
            (name(21, 7, 10), vec![8]),
            (name(22, 10, 11), vec![10]),
        ];
        assert_eq!(files(folder.path()), expected);
        assert_eq!(
            table
                .durable(Checkpoint {
                    next: 11,
                    releases: 0
                })
                .next,
            11
        );
    }

    #[test]
    fn after_a_crash_it_goes_on_behind_the_last_file() {
        let folder = tempfile::tempdir().expect("a folder");
        let clock = Arc::new(Seconds::default());
        let mut first = table(folder.path(), &clock);
        first.resume().expect("new");
        deliver(&mut first, 1..7, 21);
        let before = fs::read(folder.path().join(CHECKPOINT)).expect("saved");
        deliver(&mut first, 7..13, 21);
        deliver(&mut first, 13..15, 21);
        drop(first);
        // The crash came when the second file was there, and before it was written down.
        fs::write(folder.path().join(CHECKPOINT), before).expect("written");
        let mut second = table(folder.path(), &clock);
        assert_eq!(second.resume().expect("there").next, 13);
        deliver(&mut second, 13..15, 21);
        second.close().expect("closed");
        let numbers: Vec<i64> = files(folder.path())
            .into_iter()
            .flat_map(|(_, numbers)| numbers)
            .collect();
        assert_eq!(numbers, [2, 4, 6, 8, 10, 12, 14]);
        let mut third = table(folder.path(), &clock);
        assert_eq!(third.resume().expect("there").next, 15);
    }
}
