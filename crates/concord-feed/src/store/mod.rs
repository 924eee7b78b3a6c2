//! The store: every message with its verdict, durable before it is answered, and stored once.
//!
//! A folder of append-only segment files. Whoever stores a message waits for its [`Receipt`], which comes when the disk
//! says that it is safe; all that wait share one such sync (group commit). One thread writes.

mod block;
mod disk;
mod entry;
mod error;
mod folder;
mod index;
mod quarantine;
mod reader;
mod retention;
mod segments;
mod writer;

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread::JoinHandle;
use std::time::Duration;

use tokio::sync::{mpsc, oneshot, watch};

pub(crate) use disk::replace;
pub use disk::{Appended, Disk, FileSystem};
pub use entry::{Entry, NewEntry};
pub use error::StoreError;
pub use quarantine::{Release, held, release, releases};
pub use reader::{Cursor, Reader, Status};

use crate::judge::Verdict;
use writer::{Submission, Writer};

/// How a store is kept.
#[derive(Debug, Clone)]
pub struct StoreSettings {
    /// A segment is finished when it has so many bytes.
    pub segment: u64,
    /// Finished segments are removed, the oldest first, while all have more bytes than this.
    pub most: Option<u64>,
    /// Finished segments are removed when their newest message is older than this.
    pub oldest: Option<Duration>,
    /// A message that comes again later than this counts as a new one: control ids are used again at last.
    pub remember: Duration,
    /// So many messages may wait for the disk; whoever brings more waits.
    pub waiting: usize,
    /// One commit takes no more bytes than this, if it has one message.
    pub commit: usize,
}

impl Default for StoreSettings {
    fn default() -> Self {
        Self {
            segment: 64 << 20,
            most: None,
            oldest: None,
            remember: Duration::from_hours(30 * 24),
            waiting: 1024,
            commit: 4 << 20,
        }
    }
}

/// What became of a message that was to be stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Receipt {
    /// It is stored under this number.
    Stored(u64),
    /// It is stored under this number, and another one of the same sender and control id with other content stands there
    /// under the second.
    OtherContent(u64, u64),
    /// It was stored before, under this number and with this verdict.
    Again(u64, Verdict),
}

impl Receipt {
    /// The number under which the message is stored.
    pub fn number(&self) -> u64 {
        match self {
            Self::Stored(number) | Self::OtherContent(number, _) | Self::Again(number, _) => {
                *number
            }
        }
    }
}

/// How far a store is durable.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Durable {
    /// The segment that is written, by its first number.
    pub(crate) segment: u64,
    /// Its bytes that are durable.
    pub(crate) length: u64,
    /// The number that the next message gets.
    pub next: u64,
    /// The bytes of all segments.
    pub bytes: u64,
}

/// What was found when a store was opened that whoever runs it must be told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Told {
    /// The end of the last segment was not whole, as after a loss of power: nothing of it was answered. It was cut off and
    /// is kept in a file beside it.
    Cut {
        /// The segment's file.
        segment: PathBuf,
        /// Where it was cut.
        offset: u64,
        /// The bytes cut off.
        bytes: u64,
    },
    /// Bytes within a segment are no longer what was written: messages that were answered are lost here.
    Damaged {
        /// The segment's file.
        segment: PathBuf,
        /// Where.
        offset: u64,
        /// How many bytes.
        bytes: u64,
    },
    /// Messages of these numbers are missing: from, to.
    Missing(u64, u64),
}

impl std::fmt::Display for Told {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Cut {
                segment,
                offset,
                bytes,
            } => write!(
                f,
                "{}: the last {bytes} bytes, from offset {offset}, were never completed or answered; they are cut off and kept beside it",
                segment.display()
            ),
            Self::Damaged {
                segment,
                offset,
                bytes,
            } => write!(
                f,
                "{}: {bytes} bytes from offset {offset} are damaged; the messages there are lost",
                segment.display()
            ),
            Self::Missing(from, to) => write!(f, "messages {from} to {to} are missing"),
        }
    }
}

/// A store that is open for writing: by one process at a time.
#[derive(Debug)]
pub struct Store {
    submissions: Option<mpsc::Sender<Submission>>,
    durable: watch::Receiver<Durable>,
    consumed: Arc<AtomicU64>,
    delivered: watch::Sender<u64>,
    writer: Option<JoinHandle<()>>,
    folder: PathBuf,
    told: Vec<Told>,
}

impl Store {
    /// Opens the store of a folder, which is made when there is none; what a crash left is put in order.
    ///
    /// # Errors
    /// [`StoreError::Locked`] when another process writes to it, [`StoreError::Unreadable`] when the folder is none of ours,
    /// and what the system says.
    pub fn open(
        folder: &Path,
        settings: StoreSettings,
        disk: Arc<dyn Disk>,
    ) -> Result<Self, StoreError> {
        let waiting = settings.waiting.max(1);
        let consumed = Arc::new(AtomicU64::new(u64::MAX));
        let (writer, durable, told) = Writer::open(folder, settings, disk, Arc::clone(&consumed))?;
        let (submissions, received) = mpsc::channel(waiting);
        let writer = std::thread::Builder::new()
            .name("store".into())
            .spawn(move || writer.run(received))
            .map_err(|source| StoreError::io(folder, &source))?;
        Ok(Self {
            submissions: Some(submissions),
            durable,
            consumed,
            delivered: watch::Sender::new(u64::MAX),
            writer: Some(writer),
            folder: folder.to_owned(),
            told,
        })
    }

    /// Stores a message, if it is not there already, and returns when it is durable.
    ///
    /// # Errors
    /// [`StoreError`] when it could not be stored, because the disk is full for instance: it is not there then, or is
    /// recognised when it comes again.
    pub async fn keep(&self, entry: NewEntry) -> Result<Receipt, StoreError> {
        self.submit(entry)
            .await?
            .await
            .map_err(|_| StoreError::Closed)?
    }

    /// Hands a message to the store, waiting while too many others wait; the answer comes when it is durable.
    ///
    /// # Errors
    /// [`StoreError::Closed`] when the store no longer takes any, [`StoreError::TooLarge`].
    pub async fn submit(
        &self,
        entry: NewEntry,
    ) -> Result<oneshot::Receiver<Result<Receipt, StoreError>>, StoreError> {
        let (submission, answer) = Submission::new(entry)?;
        let sender = self.submissions.as_ref().ok_or(StoreError::Closed)?;
        sender
            .send(submission)
            .await
            .map_err(|_| StoreError::Closed)?;
        Ok(answer)
    }

    /// How far the store is durable; it can be waited for.
    pub fn durable(&self) -> watch::Receiver<Durable> {
        self.durable.clone()
    }

    /// How many messages wait for the disk.
    pub fn waiting(&self) -> usize {
        self.submissions
            .as_ref()
            .map_or(0, |sender| sender.max_capacity() - sender.capacity())
    }

    /// Says that every message below a number has reached every sink and survives a crash there: only such ones may be
    /// removed.
    pub fn consumed(&self, below: u64) {
        self.consumed.store(below, Ordering::Relaxed);
    }

    /// Says that every message below a number has reached every sink.
    pub fn reached(&self, below: u64) {
        self.delivered.send_replace(below);
    }

    /// The number below which every message has reached every sink; it can be waited for.
    pub fn delivered(&self) -> watch::Receiver<u64> {
        self.delivered.subscribe()
    }

    /// Where it is.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// What was found when it was opened.
    pub fn told(&self) -> &[Told] {
        &self.told
    }
}

impl Drop for Store {
    fn drop(&mut self) {
        drop(self.submissions.take());
        if let Some(writer) = self.writer.take() {
            // A panic of the writer was told to all who waited, as a store that is closed.
            let _ = writer.join();
        }
    }
}
