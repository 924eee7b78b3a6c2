//! The one thread that writes: takes what waits, writes it as one block, syncs once, answers all.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use tokio::sync::{mpsc, oneshot, watch};

use super::entry::{self, Hash, NewEntry};
use super::index::{self, Known, Row, Rows};
use super::retention::expired;
use super::segments::{Sealed, scan, sealed, tell};
use super::{Appended, Disk, Durable, Receipt, StoreError, StoreSettings, Told, block, folder};
use crate::judge::Verdict;

type Answer = oneshot::Sender<Result<Receipt, StoreError>>;

/// A message that waits for the disk.
#[derive(Debug)]
pub(crate) struct Submission {
    entry: NewEntry,
    key: Hash,
    content: Hash,
    answer: Answer,
}

impl Submission {
    /// Hashes are made where the message comes from, not on the thread that writes.
    pub(crate) fn new(
        entry: NewEntry,
    ) -> Result<(Self, oneshot::Receiver<Result<Receipt, StoreError>>), StoreError> {
        if entry.message.len() > block::LARGEST / 2 {
            return Err(StoreError::TooLarge(entry.message.len()));
        }
        let content = entry.content();
        let (answer, receiver) = oneshot::channel();
        let submission = Self {
            key: entry.key(content),
            content,
            entry,
            answer,
        };
        Ok((submission, receiver))
    }
}

/// The segment that is written.
struct Active {
    first: u64,
    path: PathBuf,
    file: Option<Box<dyn Appended>>,
    /// Its bytes that are durable.
    length: u64,
    rows: Rows,
}

pub(crate) struct Writer {
    folder: PathBuf,
    store: u64,
    settings: StoreSettings,
    disk: Arc<dyn Disk>,
    sealed: BTreeMap<u64, Sealed>,
    active: Active,
    next: u64,
    next_block: u64,
    durable: watch::Sender<Durable>,
    consumed: Arc<AtomicU64>,
    _lock: File,
}

impl Writer {
    pub(crate) fn open(
        folder: &Path,
        settings: StoreSettings,
        disk: Arc<dyn Disk>,
        consumed: Arc<AtomicU64>,
    ) -> Result<(Self, watch::Receiver<Durable>, Vec<Told>), StoreError> {
        let store = folder::prepare(folder)?;
        let lock = folder::lock(folder)?;
        let mut told = Vec::new();
        let mut firsts = folder::segments(folder)?;
        let first = firsts.pop().unwrap_or(1);
        let sealed = sealed(folder, store, &firsts, &mut told)?;
        for (earlier, later) in sealed.values().zip(firsts.iter().skip(1).chain([&first])) {
            if earlier.last + 1 < *later && earlier.newest > i64::MIN {
                told.push(Told::Missing(earlier.last + 1, later - 1));
            }
        }
        let path = folder::segment(folder, first);
        let failed = |source: io::Error| StoreError::io(&path, &source);
        let mut found = super::segments::Scan::default();
        if path.exists() {
            found = scan(&path, store, first).map_err(failed)?;
            cut(&path, found.length, &mut told).map_err(failed)?;
            tell(&path, &found, &mut told);
        }
        let file = disk.open(&path, found.length).map_err(failed)?;
        let mut writer = Self {
            folder: folder.to_owned(),
            store,
            settings,
            disk,
            sealed,
            next: found.last_number.map_or(first, |last| last + 1),
            next_block: found.last_block + 1,
            active: Active {
                first,
                path,
                file: Some(file),
                length: found.length,
                rows: found.rows,
            },
            durable: watch::Sender::new(Durable::default()),
            consumed,
            _lock: lock,
        };
        writer.publish();
        let durable = writer.durable.subscribe();
        Ok((writer, durable, told))
    }

    /// Takes messages until nobody can bring any more.
    pub(crate) fn run(mut self, mut received: mpsc::Receiver<Submission>) {
        let mut block = Vec::new();
        while let Some(first) = received.blocking_recv() {
            let mut bytes = first.entry.message.len();
            let mut batch = vec![first];
            while bytes < self.settings.commit && batch.len() < self.settings.waiting {
                let Ok(next) = received.try_recv() else { break };
                bytes += next.entry.message.len();
                batch.push(next);
            }
            self.commit(batch, &mut block);
        }
    }

    fn commit(&mut self, batch: Vec<Submission>, block: &mut Vec<u8>) {
        let now = batch
            .iter()
            .map(|one| one.entry.received.as_microsecond())
            .max();
        block.clear();
        block.resize(block::HEADER, 0);
        // Rows go in at once, so that a message that stands twice in a block is seen; those of a failed block go again.
        let mut added: Vec<((Hash, Hash), Option<Row>)> = Vec::new();
        let mut verdicts: BTreeMap<u64, Verdict> = BTreeMap::new();
        let first = self.next;
        // What is to be answered, and whether that stands or falls with this block.
        let mut owed: Vec<(Answer, Receipt, bool)> = Vec::with_capacity(batch.len());
        for submission in batch {
            let Submission {
                entry,
                key,
                content,
                answer,
            } = submission;
            let received = entry.received.as_microsecond();
            let known = match self.known(key, content, received) {
                Ok(known) => known,
                Err(error) => {
                    let _ = answer.send(Err(error));
                    continue;
                }
            };
            let other = match known {
                Some(Seen::Again(number, Some(verdict))) => {
                    owed.push((answer, Receipt::Again(number, verdict), false));
                    continue;
                }
                Some(Seen::Again(number, None)) => {
                    let verdict = verdicts.get(&number).unwrap_or(&entry.verdict).clone();
                    owed.push((answer, Receipt::Again(number, verdict), true));
                    continue;
                }
                Some(Seen::Other(number)) => Some(number),
                None => None,
            };
            let row = Row {
                number: self.next,
                place: self.active.length + block.len() as u64,
                received,
                outcome: entry.verdict.outcome,
            };
            entry::write(&entry, self.next, other, block);
            added.push(((key, content), self.active.rows.insert((key, content), row)));
            let receipt = other.map_or(Receipt::Stored(self.next), |other| {
                Receipt::OtherContent(self.next, other)
            });
            verdicts.insert(self.next, entry.verdict);
            owed.push((answer, receipt, true));
            self.next += 1;
        }
        let written = if added.is_empty() {
            Ok(())
        } else {
            self.write(block)
        };
        if let Err(source) = &written {
            self.next = first;
            for (key, old) in added.into_iter().rev() {
                match old {
                    Some(row) => self.active.rows.insert(key, row),
                    None => self.active.rows.remove(&key),
                };
            }
            tracing::error!(error = %source, "messages could not be stored");
        }
        self.publish();
        for (answer, receipt, of_block) in owed {
            let receipt = match &written {
                Err(source) if of_block => Err(StoreError::io(&self.active.path, source)),
                _ => Ok(receipt),
            };
            // Whoever asked may have gone; the message is stored all the same.
            let _ = answer.send(receipt);
        }
        if written.is_ok() && self.active.length >= self.settings.segment {
            self.roll(now.unwrap_or(i64::MIN));
        }
    }

    fn write(&mut self, block: &mut [u8]) -> io::Result<()> {
        block::finish(block, self.store, self.next_block);
        // After a failure the file is opened again, which cuts off what was half written.
        let mut file = match self.active.file.take() {
            Some(file) => file,
            None => self.disk.open(&self.active.path, self.active.length)?,
        };
        if let Err(source) = file.append(block).and_then(|()| file.sync()) {
            if file.cut(self.active.length).is_ok() {
                tracing::warn!("what was half written has been cut off");
            }
            return Err(source);
        }
        self.active.file = Some(file);
        self.active.length += block.len() as u64;
        self.next_block += 1;
        Ok(())
    }

    /// What is known of a message.
    fn known(&self, key: Hash, content: Hash, now: i64) -> Result<Option<Seen>, StoreError> {
        let remember = i64::try_from(self.settings.remember.as_micros()).unwrap_or(i64::MAX);
        let since = now.saturating_sub(remember);
        let mut other = None;
        if let Some(known) = index::find(&self.active.rows, key, content) {
            match known {
                Known::Same(row) if row.received < since => {}
                Known::Same(row) if row.place >= self.active.length => {
                    return Ok(Some(Seen::Again(row.number, None)));
                }
                Known::Same(row) => {
                    if let Some(seen) = again(&self.active.path, row)? {
                        return Ok(Some(seen));
                    }
                }
                Known::Other(row) => other = (row.received >= since).then_some(row.number),
            }
        }
        for segment in self.sealed.values().rev() {
            if segment.newest < since || !segment.filter.may_hold(key) {
                continue;
            }
            let index = segment.index();
            let found = index::find_in_file(&index, key, content)
                .map_err(|source| StoreError::io(&index, &source))?;
            match found {
                Some(Known::Same(row)) if row.received >= since => {
                    if let Some(seen) = again(&segment.path, row)? {
                        return Ok(Some(seen));
                    }
                }
                Some(Known::Other(row)) if row.received >= since => {
                    other = other.or(Some(row.number));
                }
                _ => {}
            }
        }
        Ok(other.map(Seen::Other))
    }

    /// Finishes the segment and begins another one. What fails here is tried again after the next block.
    fn roll(&mut self, now: i64) {
        let next = folder::segment(&self.folder, self.next);
        let index = self.active.path.with_extension("index");
        let opened = index::save(&index, &self.active.rows).and_then(|()| self.disk.open(&next, 0));
        let file = match opened {
            Ok(file) => file,
            Err(source) => {
                tracing::error!(error = %source, "no new segment could be begun");
                return;
            }
        };
        let active = Active {
            first: self.next,
            path: next,
            file: Some(file),
            length: 0,
            rows: Rows::new(),
        };
        let old = std::mem::replace(&mut self.active, active);
        let segment = Sealed::new(old.path, old.first, old.length, &old.rows);
        self.sealed.insert(old.first, segment);
        let consumed = self.consumed.load(Ordering::Relaxed);
        for first in expired(&self.settings, &self.sealed, 0, now, consumed) {
            if let Some(old) = self.sealed.remove(&first) {
                tracing::info!(first, last = old.last, "messages are removed by retention");
                for path in [old.index(), old.path] {
                    if let Err(source) = fs::remove_file(&path) {
                        tracing::error!(error = %source, path = %path.display(), "a segment could not be removed");
                    }
                }
            }
        }
        self.publish();
    }

    fn publish(&mut self) {
        let sealed: u64 = self.sealed.values().map(|segment| segment.bytes).sum();
        self.durable.send_replace(Durable {
            segment: self.active.first,
            length: self.active.length,
            next: self.next,
            bytes: sealed + self.active.length,
        });
    }
}

/// What is known of a message.
enum Seen {
    /// It is stored; the verdict is missing where it stands in the block that is being made.
    Again(u64, Option<Verdict>),
    /// Another one with its key is.
    Other(u64),
}

/// The stored message itself; `None` when it is damaged, so that the message must be stored again.
fn again(path: &Path, row: Row) -> Result<Option<Seen>, StoreError> {
    let entry = match block::entry_at(path, row.place) {
        Ok(entry) => entry,
        Err(source) if source.kind() == io::ErrorKind::UnexpectedEof => None,
        Err(source) => return Err(StoreError::io(path, &source)),
    };
    Ok(entry.map(|entry| Seen::Again(row.number, Some(entry.verdict))))
}

/// Cuts off what stands behind a length, and keeps it in a file beside.
fn cut(path: &Path, length: u64, told: &mut Vec<Told>) -> io::Result<()> {
    let there = fs::metadata(path)?.len();
    if there > length {
        let mut file = File::open(path)?;
        io::Seek::seek(&mut file, io::SeekFrom::Start(length))?;
        let kept = path.with_extension(format!("cut-{length}"));
        io::copy(&mut file, &mut File::create(kept)?)?;
        told.push(Told::Cut {
            segment: path.to_owned(),
            offset: length,
            bytes: there - length,
        });
    }
    Ok(())
}
