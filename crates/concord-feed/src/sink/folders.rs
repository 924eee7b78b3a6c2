//! Files by day: `accepted/DAY.hl7`, `rejected/DAY.hl7`, `findings/DAY.ndjson`; resources of FHIR in files `.ndjson` beside those
//! of messages, each in a line.
//!
//! The checkpoint holds the length of each file, so that what a crash left behind it is cut off, and every message is in
//! them exactly once.

use std::collections::BTreeMap;
use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use serde_json::json;

use super::{Checkpoint, Sink};
use crate::judge::{Broken, Carrier, Outcome, Place};
use crate::store::{Entry, replace};

/// Writes messages and findings to files by day.
#[derive(Debug)]
pub struct Folders {
    folder: PathBuf,
    open: BTreeMap<String, Day>,
    reached: Checkpoint,
}

#[derive(Debug)]
struct Day {
    file: File,
    length: u64,
    unwritten: Vec<u8>,
}

#[derive(Default, Serialize, Deserialize)]
struct Stored {
    #[serde(flatten)]
    reached: Checkpoint,
    files: BTreeMap<String, u64>,
}

impl Folders {
    /// Writes below a folder, which is made.
    ///
    /// # Errors
    /// What the system says.
    pub fn new(folder: &Path) -> io::Result<Self> {
        for name in ["accepted", "rejected", "findings"] {
            fs::create_dir_all(folder.join(name))?;
        }
        Ok(Self {
            folder: folder.to_owned(),
            open: BTreeMap::new(),
            reached: Checkpoint::default(),
        })
    }

    fn path(&self) -> PathBuf {
        self.folder.join("checkpoint.json")
    }

    fn save(&self) -> io::Result<()> {
        let stored = Stored {
            reached: self.reached,
            files: self
                .open
                .iter()
                .map(|(name, day)| (name.clone(), day.length))
                .collect(),
        };
        replace(&self.path(), &serde_json::to_vec(&stored)?)
    }

    fn day(&mut self, name: &str) -> io::Result<&mut Day> {
        if !self.open.contains_key(name) {
            let file = OpenOptions::new()
                .append(true)
                .create(true)
                .open(self.folder.join(name))?;
            let length = file.metadata()?.len();
            let day = Day {
                file,
                length,
                unwritten: Vec::new(),
            };
            self.open.insert(name.to_owned(), day);
            // The checkpoint knows a file before anything is written to it.
            self.save()?;
        }
        self.open
            .get_mut(name)
            .ok_or_else(|| io::Error::from(io::ErrorKind::NotFound))
    }
}

impl Sink for Folders {
    fn name(&self) -> String {
        self.folder.display().to_string()
    }

    fn resume(&mut self) -> io::Result<Checkpoint> {
        self.open.clear();
        let stored: Stored = match fs::read(self.path()) {
            Ok(bytes) => serde_json::from_slice(&bytes)?,
            Err(error) if error.kind() == io::ErrorKind::NotFound => Stored::default(),
            Err(error) => return Err(error),
        };
        for (name, length) in stored.files {
            match OpenOptions::new().write(true).open(self.folder.join(name)) {
                Ok(file) if file.metadata()?.len() > length => file.set_len(length)?,
                Ok(_) => {}
                // Whoever took the file away has what was in it.
                Err(error) if error.kind() == io::ErrorKind::NotFound => {}
                Err(error) => return Err(error),
            }
        }
        self.reached = stored.reached;
        Ok(stored.reached)
    }

    fn deliver(&mut self, entry: &Entry, released: bool) -> io::Result<()> {
        let day = entry.received.strftime("%Y-%m-%d").to_string();
        let accepted = released || entry.verdict.outcome == Outcome::Accept;
        let folder = if accepted { "accepted" } else { "rejected" };
        let form = match entry.verdict.identity.carrier {
            Carrier::Message => "hl7",
            Carrier::Resource => "ndjson",
        };
        let file = self.day(&format!("{folder}/{day}.{form}"))?;
        match entry.verdict.identity.carrier {
            Carrier::Message => {
                file.unwritten.extend_from_slice(&entry.message);
                if !entry.message.ends_with(b"\r") {
                    file.unwritten.push(b'\r');
                }
            }
            Carrier::Resource => {
                line_of(&entry.message, &mut file.unwritten);
            }
        }
        if released {
            return Ok(());
        }
        let lines = findings(entry)?;
        if !lines.is_empty() {
            let file = self.day(&format!("findings/{day}.ndjson"))?;
            file.unwritten.extend_from_slice(&lines);
        }
        Ok(())
    }

    fn commit(&mut self, checkpoint: Checkpoint) -> io::Result<()> {
        for day in self.open.values_mut() {
            if !day.unwritten.is_empty() {
                day.file.write_all(&day.unwritten)?;
                day.file.sync_data()?;
                day.length += day.unwritten.len() as u64;
                day.unwritten.clear();
            }
        }
        self.reached = checkpoint;
        // Files of earlier days are closed, so that they can be taken away, and opened again if they are needed.
        let day = |name: &str| {
            name.split_once('/')
                .map(|(_, day)| day[..10.min(day.len())].to_owned())
        };
        let newest = self.open.keys().filter_map(|name| day(name)).max();
        self.open.retain(|name, _| day(name) == newest);
        self.save()
    }
}

/// A resource as one line: line ends stand only between its tokens (RFC 8259, 7), where a blank says as much.
fn line_of(resource: &[u8], out: &mut Vec<u8>) {
    let one_line = resource.trim_ascii().iter().map(|byte| match byte {
        b'\r' | b'\n' => b' ',
        byte => *byte,
    });
    out.extend(one_line);
    out.push(b'\n');
}

/// What is found in a message, as lines of JSON; nothing where nothing is.
pub(super) fn findings(entry: &Entry) -> io::Result<Vec<u8>> {
    let mut lines = Vec::new();
    for broken in entry.findings() {
        line(&mut lines, entry, &broken)?;
    }
    Ok(lines)
}

/// One finding as a line.
pub(super) fn line(out: &mut Vec<u8>, entry: &Entry, broken: &Broken) -> io::Result<()> {
    let identity = &entry.verdict.identity;
    let line = json!({
        "number": entry.number,
        "received": entry.received.to_string(),
        "application": identity.application,
        "facility": identity.facility,
        "control_id": identity.shown_id(),
        "type": identity.kind,
        "outcome": entry.verdict.outcome,
        "rule": broken.rule,
        "warning": broken.warning,
        "text": broken.text,
        "place": broken.place.as_ref().map(Place::to_string),
    });
    serde_json::to_writer(&mut *out, &line)?;
    out.push(b'\n');
    Ok(())
}
