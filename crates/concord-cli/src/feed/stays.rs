//! The state of patients' stays across the messages of a feed, and what contradicts it, as files by day.
//!
//! What is known is written with the checkpoint now and then; after a crash the messages since then are followed again, and
//! the files are cut to what they had at that moment, so that nothing stands in them twice.

use std::collections::BTreeMap;
use std::fs::{self, File, OpenOptions};
use std::io::{self, BufRead as _, BufReader, BufWriter, Write as _};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use concord_feed::sink::{Checkpoint, Sink};
use concord_feed::store::Entry;
use concord_feed::{Clock, Outcome, local_time};
use concord_finding::{Fact, Masking};
use concord_stays::{Anomaly, Origin, Settings, Tracker, read};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use tempfile::NamedTempFile;

/// What is known is written so often, or after so many messages.
const EVERY: Duration = Duration::from_mins(1);
const MESSAGES: u64 = 20_000;
/// When no message came for so long, messages wait for earlier ones by the clock; until then by the times of those that
/// come, which may be of last year where a backlog is fed.
const SILENT: Duration = Duration::from_secs(10);
/// The file in which it is written.
const STATE: &str = "state";

/// Follows stays, and writes what contradicts them.
pub(super) struct StaysSink {
    folder: PathBuf,
    clock: Arc<dyn Clock>,
    tracker: Tracker,
    reached: Checkpoint,
    /// How far it had got when it was written last: what came since is read from the store again after a crash.
    written: Checkpoint,
    /// Files and their lengths.
    files: BTreeMap<String, u64>,
    unwritten: BTreeMap<String, Vec<u8>>,
    saved: Duration,
    unsaved: u64,
    /// When the last message came.
    last: Duration,
}

/// How far it has got, as it is written before the state.
#[derive(Default, Serialize, Deserialize)]
struct Stored {
    #[serde(flatten)]
    reached: Checkpoint,
    files: BTreeMap<String, u64>,
}

impl StaysSink {
    /// Writes to a folder, which is made.
    ///
    /// # Errors
    /// What the system says.
    pub(super) fn new(folder: &Path, clock: Arc<dyn Clock>) -> io::Result<Self> {
        fs::create_dir_all(folder)?;
        Ok(Self {
            folder: folder.to_owned(),
            saved: clock.elapsed(),
            last: clock.elapsed(),
            clock,
            tracker: Tracker::new(Settings::default()),
            reached: Checkpoint::default(),
            written: Checkpoint::default(),
            files: BTreeMap::new(),
            unwritten: BTreeMap::new(),
            unsaved: 0,
        })
    }

    fn tell(&mut self, anomalies: Vec<Anomaly>, received: Timestamp) {
        if anomalies.is_empty() {
            return;
        }
        let file = format!("{}.ndjson", received.strftime("%Y-%m-%d"));
        let lines = self.unwritten.entry(file).or_default();
        for anomaly in anomalies {
            lines.extend_from_slice(line(&anomaly).to_string().as_bytes());
            lines.push(b'\n');
        }
    }

    /// Appends what was found to its files.
    fn write(&mut self) -> io::Result<()> {
        while let Some((name, lines)) = self.unwritten.pop_first() {
            let mut file = OpenOptions::new()
                .append(true)
                .create(true)
                .open(self.folder.join(&name))?;
            file.write_all(&lines)?;
            file.sync_data()?;
            self.files.insert(name, file.metadata()?.len());
        }
        Ok(())
    }

    /// Writes what is known, and how far it has got.
    fn save(&mut self) -> io::Result<()> {
        let stored = Stored {
            reached: self.reached,
            files: self.files.clone(),
        };
        let file = NamedTempFile::new_in(&self.folder)?;
        let mut out = BufWriter::new(&file);
        serde_json::to_writer(&mut out, &stored)?;
        out.write_all(b"\n")?;
        self.tracker.write(&mut out).map_err(io::Error::other)?;
        out.flush()?;
        drop(out);
        file.as_file().sync_all()?;
        file.persist(self.folder.join(STATE))?;
        self.saved = self.clock.elapsed();
        self.written = self.reached;
        self.unsaved = 0;
        Ok(())
    }
}

impl Sink for StaysSink {
    fn name(&self) -> String {
        self.folder.display().to_string()
    }

    fn resume(&mut self) -> io::Result<Checkpoint> {
        self.unwritten.clear();
        let mut stored = Stored::default();
        self.tracker = match File::open(self.folder.join(STATE)) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                Tracker::new(Settings::default())
            }
            Err(error) => return Err(error),
            Ok(file) => {
                let mut file = BufReader::new(file);
                let mut first = String::new();
                file.read_line(&mut first)?;
                stored = serde_json::from_str(&first)?;
                Tracker::restore(file, Settings::default()).map_err(io::Error::other)?
            }
        };
        for file in fs::read_dir(&self.folder)? {
            let file = file?;
            let name = file.file_name().to_string_lossy().into_owned();
            if !name.ends_with(".ndjson") {
                continue;
            }
            let length = stored.files.get(&name).copied().unwrap_or(0);
            if file.metadata()?.len() > length {
                let file = OpenOptions::new().write(true).open(file.path())?;
                file.set_len(length)?;
            }
        }
        self.files = stored.files;
        self.reached = stored.reached;
        self.written = stored.reached;
        self.unsaved = 0;
        Ok(stored.reached)
    }

    fn deliver(&mut self, entry: &Entry, released: bool) -> io::Result<()> {
        if !released && entry.verdict.outcome != Outcome::Accept {
            return Ok(());
        }
        let origin = Origin {
            record: entry.number,
            line: 1,
            ..Origin::default()
        };
        if let Some(told) = read(&entry.message, origin) {
            let found = self.tracker.take(told);
            self.tell(found, entry.received);
        }
        self.unsaved += 1;
        self.last = self.clock.elapsed();
        Ok(())
    }

    fn commit(&mut self, checkpoint: Checkpoint) -> io::Result<()> {
        self.reached = checkpoint;
        self.write()?;
        let age = self.clock.elapsed().saturating_sub(self.saved);
        if self.unsaved >= MESSAGES || age >= EVERY {
            self.save()?;
        }
        Ok(())
    }

    fn durable(&self, committed: Checkpoint) -> Checkpoint {
        if self.unsaved == 0 {
            committed
        } else {
            self.written
        }
    }

    fn idle(&mut self) -> io::Result<()> {
        if self.clock.elapsed().saturating_sub(self.last) < SILENT {
            return Ok(());
        }
        let now = self.clock.now();
        let found = self.tracker.advance(local_time(now));
        self.tell(found, now);
        self.write()?;
        let age = self.clock.elapsed().saturating_sub(self.saved);
        if self.unsaved > 0 && age >= EVERY {
            self.save()?;
        }
        Ok(())
    }
}

impl Drop for StaysSink {
    fn drop(&mut self) {
        if self.unsaved > 0
            && let Err(error) = self.save()
        {
            tracing::warn!(target: "concord", %error, "the state of stays is not written; it is worked out again");
        }
    }
}

/// An anomaly as a line of JSON, values masked.
fn line(anomaly: &Anomaly) -> Value {
    let finding = &anomaly.finding;
    let fact = |name: &str| {
        let fact = finding.fact(name)?;
        Some(fact.raw(Masking::Masked))
    };
    let key = finding.record_key.as_ref();
    json!({
        "number": anomaly.origin.record,
        "control_id": key.map(|key: &Fact| key.raw(Masking::Masked)),
        "facility": finding.provider(),
        "event": fact("event"),
        "rule": finding.rule.id,
        "effect": finding.effect,
        "text": finding.message(Masking::Masked),
        "place": finding.path,
        "other": fact("other"),
        "other_time": fact("other_time"),
    })
}
