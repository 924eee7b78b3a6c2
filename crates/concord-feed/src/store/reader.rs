//! Reading a store: by sinks while it is written, and by commands at any time.

use std::collections::{BTreeMap, VecDeque};
use std::path::{Path, PathBuf};

use jiff::Timestamp;
use serde::Serialize;

use super::block::{Blocks, Found};
use super::entry::Entry;
use super::{Durable, StoreError, folder};
use crate::judge::{Carrier, Outcome};

/// Reads a store without writing to it, whoever else does.
#[derive(Debug, Clone)]
pub struct Reader {
    folder: PathBuf,
    store: u64,
}

impl Reader {
    /// Reads the store of a folder.
    ///
    /// # Errors
    /// [`StoreError`] when there is none.
    pub fn open(folder: &Path) -> Result<Self, StoreError> {
        Ok(Self {
            folder: folder.to_owned(),
            store: folder::number(folder)?,
        })
    }

    /// Reads messages from a number on, or from the first that is kept.
    pub fn from(&self, number: u64) -> Cursor {
        Cursor {
            folder: self.folder.clone(),
            store: self.store,
            from: number,
            segment: None,
            blocks: None,
            at: 0,
            ready: VecDeque::new(),
            damaged: 0,
        }
    }

    /// What is in the store, counted message by message.
    ///
    /// # Errors
    /// [`StoreError`] when it cannot be read.
    pub fn status(&self) -> Result<Status, StoreError> {
        let mut status = Status::default();
        let mut cursor = self.from(0);
        while let Some(entry) = cursor.next(None)? {
            status.first.get_or_insert(entry.number);
            status.last = Some(entry.number);
            status.oldest.get_or_insert(entry.received);
            status.newest = Some(entry.received);
            let identity = entry.verdict.identity;
            let sender = match identity.carrier {
                Carrier::Message => (identity.application, identity.facility),
                Carrier::Resource => (identity.sender(), String::new()),
            };
            let sender = status.senders.entry(sender).or_default();
            sender.messages += 1;
            sender.bytes += entry.message.len() as u64;
            sender.anomalies += u64::from(entry.other.is_some());
            match entry.verdict.outcome {
                Outcome::Accept => sender.accepted += 1,
                Outcome::Error | Outcome::Reject => sender.held += 1,
            }
        }
        status.damaged = cursor.damaged;
        Ok(status)
    }
}

/// What is in a store.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Status {
    /// The first number that is kept.
    pub first: Option<u64>,
    /// The last one.
    pub last: Option<u64>,
    /// When the first was received.
    pub oldest: Option<Timestamp>,
    /// When the last was.
    pub newest: Option<Timestamp>,
    /// Places at which messages are damaged.
    pub damaged: u64,
    /// For each sending application and facility; of resources where they come from, and no facility.
    pub senders: BTreeMap<(String, String), SenderStatus>,
}

/// What is in a store of one sender.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct SenderStatus {
    /// Messages.
    pub messages: u64,
    /// Those accepted.
    pub accepted: u64,
    /// Those not accepted, which are held.
    pub held: u64,
    /// Those with the control id of another one and other content.
    pub anomalies: u64,
    /// Bytes of messages.
    pub bytes: u64,
}

/// A place in a store, from which messages are read in their order.
#[derive(Debug)]
pub struct Cursor {
    folder: PathBuf,
    store: u64,
    from: u64,
    segment: Option<u64>,
    blocks: Option<Blocks>,
    at: u64,
    ready: VecDeque<Entry>,
    /// Places so far at which messages are damaged.
    pub damaged: u64,
}

impl Cursor {
    /// The next message; `None` when there is none yet. Nothing beyond `durable` is read, or beyond what is whole on disk
    /// where nothing is said.
    ///
    /// # Errors
    /// [`StoreError`] when the store cannot be read.
    pub fn next(&mut self, durable: Option<Durable>) -> Result<Option<Entry>, StoreError> {
        loop {
            if let Some(entry) = self.ready.pop_front() {
                self.from = entry.number + 1;
                return Ok(Some(entry));
            }
            let Some(segment) = self.segment()? else {
                return Ok(None);
            };
            if !self.fill(segment, durable)? && !self.turn(segment, durable)? {
                return Ok(None);
            }
        }
    }

    /// The number of the message that is read next, if it is there.
    pub fn number(&self) -> u64 {
        self.from
    }

    fn segment(&mut self) -> Result<Option<u64>, StoreError> {
        if self.segment.is_none() {
            let firsts = folder::segments(&self.folder)?;
            let before = firsts.iter().rev().find(|first| **first <= self.from);
            self.segment = before.or(firsts.first()).copied();
            self.at = 0;
        }
        Ok(self.segment)
    }

    /// Reads the next block of a segment; false at its end.
    fn fill(&mut self, segment: u64, durable: Option<Durable>) -> Result<bool, StoreError> {
        let path = folder::segment(&self.folder, segment);
        let failed = |source| StoreError::io(&path, &source);
        let limit = durable
            .filter(|durable| durable.segment == segment)
            .map(|durable| durable.length);
        if durable.is_some_and(|durable| segment > durable.segment) {
            return Ok(false);
        }
        let blocks = if let Some(blocks) = &mut self.blocks {
            blocks
        } else {
            let blocks = Blocks::open(&path, self.store, self.at, limit).map_err(failed)?;
            self.blocks.insert(blocks)
        };
        let Some(found) = blocks.next().map_err(failed)? else {
            // The file may grow: its end is looked at anew.
            self.blocks = None;
            return Ok(false);
        };
        let at = blocks.at();
        for found in found {
            match found {
                Found::Entry(_, entry) if entry.number >= self.from => self.ready.push_back(*entry),
                Found::Entry(..) => {}
                Found::Damage(..) => self.damaged += 1,
                Found::Torn(_) => {
                    self.blocks = None;
                    return Ok(false);
                }
            }
        }
        self.at = at;
        Ok(true)
    }

    /// Goes on to the next segment; false when there is none.
    fn turn(&mut self, segment: u64, durable: Option<Durable>) -> Result<bool, StoreError> {
        if durable.is_some_and(|durable| segment >= durable.segment) {
            return Ok(false);
        }
        let firsts = folder::segments(&self.folder)?;
        let Some(next) = firsts.into_iter().find(|first| *first > segment) else {
            return Ok(false);
        };
        self.segment = Some(next);
        self.blocks = None;
        self.at = 0;
        Ok(true)
    }
}
