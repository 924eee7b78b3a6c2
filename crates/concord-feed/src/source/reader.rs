//! Messages or resources of a file or of standard input, one behind another.

use std::collections::VecDeque;
use std::io::{self, Read};
use std::sync::Arc;
use std::time::Duration;

use concord_read::hl7::{Chunk, Chunks};
use tokio::sync::{mpsc, watch};

use super::lines::{self, Beginning};
use super::messages::messages;
use super::{Running, Source};
use crate::error::FeedError;
use crate::intake::{Intake, Pending};
use crate::run::asked_to_stop;

/// So many messages of one reader wait for the disk together.
const TOGETHER: usize = 256;
/// Chunks are read of about this size.
const CHUNK: usize = 1 << 20;
/// After the store has failed, it is tried again so much later.
const AGAIN: Duration = Duration::from_secs(1);

/// Reads messages or resources until there are none any more: standard input, for instance.
pub struct ReaderSource {
    /// What it is called; a name that ends with `.ndjson` or `.jsonl` says that a resource is a line.
    pub name: String,
    /// What is read.
    pub reader: Box<dyn Read + Send>,
    /// Bytes of one message.
    pub largest: usize,
}

impl Source for ReaderSource {
    fn run(self: Box<Self>, intake: Arc<Intake>, stop: watch::Receiver<bool>) -> Running {
        Box::pin(async move {
            let Self {
                name,
                reader,
                largest,
            } = *self;
            let taken = take_all(reader, &name, largest, &intake, stop).await;
            let taken = taken.map_err(|error| FeedError::source(&*name, error))?;
            tracing::info!(name, messages = taken.messages, "read to its end");
            if taken.too_large {
                let error = io::Error::new(io::ErrorKind::InvalidData, "a message is too large");
                return Err(FeedError::source(name, error));
            }
            Ok(())
        })
    }
}

/// What was taken from a reader.
#[derive(Debug, Default)]
pub(crate) struct Taken {
    pub(crate) messages: u64,
    /// Whether a message was larger than what is taken, and left out.
    pub(crate) too_large: bool,
    /// Whether it was told to stop before the end.
    pub(crate) stopped: bool,
}

/// Takes all messages of a reader, and returns when all of them are durable.
pub(crate) async fn take_all(
    reader: Box<dyn Read + Send>,
    name: &str,
    largest: usize,
    intake: &Intake,
    mut stop: watch::Receiver<bool>,
) -> io::Result<Taken> {
    let (found, mut finding) = mpsc::channel(2);
    let named: Arc<str> = name.into();
    let reading = tokio::task::spawn_blocking(move || pieces(reader, named, largest, &found));
    let mut taken = Taken::default();
    let mut pending: VecDeque<(Vec<u8>, Option<Pending>)> = VecDeque::new();
    loop {
        let piece = tokio::select! {
            biased;
            () = asked_to_stop(&mut stop) => {
                taken.stopped = true;
                break;
            }
            piece = finding.recv() => piece,
        };
        let Some(piece) = piece else { break };
        if piece.too_large > 0 {
            taken.too_large = true;
            (0..piece.too_large).for_each(|_| intake.seen().refused("too large"));
        }
        for message in piece.all() {
            if pending.len() >= TOGETHER && !finish(&mut pending, name, intake, &mut stop).await {
                taken.stopped = true;
                return Ok(taken);
            }
            taken.messages += 1;
            let waits = intake.take(name, message.to_vec()).await.ok();
            pending.push_back((message.to_vec(), waits));
        }
        // What comes slowly is not kept waiting for what comes next.
        while finding.is_empty() && !pending.is_empty() {
            if !finish(&mut pending, name, intake, &mut stop).await {
                taken.stopped = true;
                return Ok(taken);
            }
        }
    }
    while !pending.is_empty() {
        if !finish(&mut pending, name, intake, &mut stop).await {
            taken.stopped = true;
        }
    }
    if taken.stopped {
        // A reader that gives nothing, such as a terminal, cannot be interrupted; nobody waits for it.
        return Ok(taken);
    }
    reading.await.map_err(io::Error::other)??;
    Ok(taken)
}

/// Waits until the oldest message is durable, and tries again for as long as it could not be stored. False when it was told
/// to stop before it could be.
async fn finish(
    pending: &mut VecDeque<(Vec<u8>, Option<Pending>)>,
    name: &str,
    intake: &Intake,
    stop: &mut watch::Receiver<bool>,
) -> bool {
    let Some((message, mut waits)) = pending.pop_front() else {
        return true;
    };
    loop {
        if let Some(waits) = waits
            && intake.finish(waits).await.is_ok()
        {
            return true;
        }
        if *stop.borrow() {
            return false;
        }
        tracing::error!(name, "a message could not be stored; it is tried again");
        tokio::select! {
            () = asked_to_stop(stop) => {}
            () = tokio::time::sleep(AGAIN) => {}
        }
        waits = intake.take(name, message.clone()).await.ok();
    }
}

/// What was read of an input at a time.
struct Piece {
    /// Messages, one behind another.
    messages: Chunk,
    /// Resources.
    resources: Vec<Vec<u8>>,
    /// How many were too large.
    too_large: usize,
}

impl Piece {
    fn all(&self) -> impl Iterator<Item = &[u8]> {
        let resources = self.resources.iter().map(Vec::as_slice);
        messages(self.messages.content()).chain(resources)
    }

    fn of_resources(found: lines::Found) -> Self {
        Self {
            messages: Chunk::default(),
            resources: found.resources,
            too_large: found.too_large,
        }
    }

    fn of_messages(chunk: Chunk) -> Self {
        let too_large = chunk.oversized || chunk.follows_oversized;
        Self {
            messages: if too_large { Chunk::default() } else { chunk },
            resources: Vec::new(),
            too_large: usize::from(too_large),
        }
    }
}

fn pieces(
    mut reader: Box<dyn Read + Send>,
    name: Arc<str>,
    largest: usize,
    found: &mpsc::Sender<Piece>,
) -> io::Result<()> {
    let give = |piece| found.blocking_send(piece).is_ok();
    match lines::beginning(&mut reader, &name, largest)? {
        Beginning::Lines(first) => lines::lines(&mut reader, first, largest, |found| {
            give(Piece::of_resources(found))
        }),
        Beginning::Document(first) => {
            let found = lines::document(&mut reader, first, largest)?;
            give(Piece::of_resources(found));
            Ok(())
        }
        Beginning::Messages(first) => {
            let reader = io::Cursor::new(first).chain(reader);
            let mut chunks = Chunks::new(reader, name, CHUNK, largest.max(CHUNK));
            while let Some(chunk) = chunks.next(Chunk::default()).map_err(io::Error::other)? {
                if !give(Piece::of_messages(chunk)) {
                    break;
                }
            }
            Ok(())
        }
    }
}
