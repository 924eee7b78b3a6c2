//! A folder into which files are put: each is taken when it no longer grows, and moved away when all of it is stored.

use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use notify::{RecursiveMode, Watcher};
use tokio::sync::{mpsc, watch};

use super::reader::take_all;
use super::{Running, Source};
use crate::error::FeedError;
use crate::intake::Intake;
use crate::run::asked_to_stop;

/// Names that files have while they are written.
const UNFINISHED: [&str; 5] = ["tmp", "part", "partial", "filepart", "new"];

/// How a folder is watched.
#[derive(Debug, Clone)]
pub struct FolderSettings {
    /// The folder.
    pub folder: PathBuf,
    /// Where files go of which everything is stored; `processed` in the folder where nothing is said.
    pub processed: Option<PathBuf>,
    /// Where files go in which there is no message, or one that is too large; `failed` in the folder where nothing is said.
    pub failed: Option<PathBuf>,
    /// A file is taken when it has not changed for so long.
    pub settle: Duration,
    /// It is looked into the folder after so long in any case: not every file system tells of changes.
    pub every: Duration,
    /// Bytes of one message.
    pub largest: usize,
}

impl FolderSettings {
    /// The usual ones for a folder.
    pub fn new(folder: PathBuf) -> Self {
        Self {
            folder,
            processed: None,
            failed: None,
            settle: Duration::from_secs(1),
            every: Duration::from_secs(10),
            largest: 4 << 20,
        }
    }
}

/// A folder that is watched.
pub struct WatchedFolder {
    settings: FolderSettings,
    processed: PathBuf,
    failed: PathBuf,
    /// How each file looked, and since when it has looked so.
    known: BTreeMap<PathBuf, (u64, Option<SystemTime>, Duration)>,
}

impl WatchedFolder {
    /// Watches a folder.
    ///
    /// # Errors
    /// When it, or the folders for its files, cannot be made.
    pub fn new(settings: FolderSettings) -> Result<Self, FeedError> {
        let beside = |given: &Option<PathBuf>, name: &str| {
            given.clone().unwrap_or_else(|| settings.folder.join(name))
        };
        let processed = beside(&settings.processed, "processed");
        let failed = beside(&settings.failed, "failed");
        for folder in [&settings.folder, &processed, &failed] {
            fs::create_dir_all(folder)
                .map_err(|error| FeedError::source(folder.display().to_string(), error))?;
        }
        Ok(Self {
            settings,
            processed,
            failed,
            known: BTreeMap::new(),
        })
    }

    async fn watch(
        mut self,
        intake: Arc<Intake>,
        mut stop: watch::Receiver<bool>,
    ) -> Result<(), FeedError> {
        let name = self.settings.folder.display().to_string();
        let (changed, mut changes) = mpsc::channel(1);
        let watcher = notify::recommended_watcher(move |_| {
            // One waiting change is enough to look again.
            let _ = changed.try_send(());
        });
        let watcher = watcher.and_then(|mut watcher| {
            watcher.watch(&self.settings.folder, RecursiveMode::NonRecursive)?;
            Ok(watcher)
        });
        if let Err(error) = &watcher {
            tracing::warn!(name, %error, "changes are not told; the folder is looked into now and then");
        }
        while !*stop.borrow() {
            let now = intake.clock().elapsed();
            let (ready, waiting) = self
                .look(now)
                .map_err(|error| FeedError::source(&*name, error))?;
            for path in ready {
                self.take(&path, &intake, &stop).await;
            }
            let wait = if waiting {
                self.settings.settle
            } else {
                self.settings.every
            };
            tokio::select! {
                () = asked_to_stop(&mut stop) => {}
                Some(()) = changes.recv() => tokio::time::sleep(self.settings.settle.min(Duration::from_millis(50))).await,
                () = tokio::time::sleep(wait) => {}
            }
        }
        Ok(())
    }

    /// The files that are ready, by name, and whether others are to become so.
    fn look(&mut self, now: Duration) -> io::Result<(Vec<PathBuf>, bool)> {
        let mut before = std::mem::take(&mut self.known);
        let mut ready = Vec::new();
        for item in fs::read_dir(&self.settings.folder)? {
            let path = item?.path();
            let Ok(data) = fs::metadata(&path) else {
                continue;
            };
            if !data.is_file() || unfinished(&path) {
                continue;
            }
            let looks = (data.len(), data.modified().ok());
            let since = match before.remove(&path) {
                Some((length, modified, since)) if (length, modified) == looks => since,
                _ => now,
            };
            if now.saturating_sub(since) >= self.settings.settle {
                ready.push(path);
            } else {
                self.known.insert(path, (looks.0, looks.1, since));
            }
        }
        ready.sort();
        Ok((ready, !self.known.is_empty()))
    }

    /// Takes a file, and moves it away when all of it is durable. After a crash between the two its messages come again, and
    /// are recognised.
    async fn take(&self, path: &Path, intake: &Intake, stop: &watch::Receiver<bool>) {
        let name = path.display().to_string();
        let file = match fs::File::open(path) {
            Ok(file) => file,
            Err(error) => return tracing::error!(name, %error, "a file cannot be opened"),
        };
        let largest = self.settings.largest;
        let taken = take_all(Box::new(file), &name, largest, intake, stop.clone()).await;
        let target = match taken {
            Ok(taken) if taken.stopped => return,
            Ok(taken) if taken.messages > 0 && !taken.too_large => {
                tracing::info!(name, messages = taken.messages, "a file is stored");
                &self.processed
            }
            Ok(_) => {
                intake.seen().refused("file");
                tracing::error!(name, "a file holds no message, or one that is too large");
                &self.failed
            }
            Err(error) => {
                intake.seen().refused("file");
                tracing::error!(name, %error, "a file cannot be read to its end");
                &self.failed
            }
        };
        if let Err(error) = move_into(path, target) {
            tracing::error!(name, %error, "a file cannot be moved; its messages will come again");
        }
    }
}

impl Source for WatchedFolder {
    fn run(self: Box<Self>, intake: Arc<Intake>, stop: watch::Receiver<bool>) -> Running {
        Box::pin(self.watch(intake, stop))
    }
}

fn unfinished(path: &Path) -> bool {
    let hidden = path
        .file_name()
        .is_some_and(|name| name.as_encoded_bytes().starts_with(b"."));
    let extension = path.extension().and_then(|extension| extension.to_str());
    hidden || extension.is_some_and(|found| UNFINISHED.contains(&found))
}

/// Moves a file into a folder, under another name where its own is taken.
fn move_into(path: &Path, folder: &Path) -> io::Result<()> {
    let name = path.file_name().unwrap_or_default();
    let mut target = folder.join(name);
    let mut number = 1;
    while target.exists() {
        number += 1;
        let mut other = name.to_owned();
        other.push(format!(".{number}"));
        target = folder.join(other);
    }
    fs::rename(path, target)
}
