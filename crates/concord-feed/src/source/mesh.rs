//! A mailbox of MESH: each file in it is acknowledged to the server when every message in it is durable here.

use std::collections::BTreeSet;
use std::io::{self, Read};
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::{mpsc, watch};

use super::reader::{Taken, take_all};
use super::{Running, Source};
use crate::error::FeedError;
use crate::intake::Intake;
use crate::mesh::{Chunk, Mailbox, MailboxSettings, MeshError, Unzip};
use crate::run::asked_to_stop;

/// The server wants to hear from a mailbox once a day.
const HANDSHAKE: Duration = Duration::from_hours(23);
/// So many pieces of a file wait to be read.
const WAITING: usize = 8;
/// Files in which there is no message are left, and not fetched again while so many are known.
const LEFT: usize = 10_000;

/// How a mailbox is emptied.
#[derive(Debug, Clone)]
pub struct MeshSettings {
    /// Which mailbox.
    pub mailbox: MailboxSettings,
    /// Only files of this workflow are taken; all where nothing is said. It may begin or end with `*`.
    pub workflow: Option<String>,
    /// The mailbox is looked into so often.
    pub every: Duration,
    /// Bytes of one message in a file.
    pub largest: usize,
}

/// A mailbox as a source.
#[derive(Debug)]
pub struct MeshSource(pub MeshSettings);

impl Source for MeshSource {
    fn run(self: Box<Self>, intake: Arc<Intake>, stop: watch::Receiver<bool>) -> Running {
        Box::pin(empty(self.0, intake, stop))
    }
}

async fn empty(
    settings: MeshSettings,
    intake: Arc<Intake>,
    mut stop: watch::Receiver<bool>,
) -> Result<(), FeedError> {
    let failed = |error: MeshError| FeedError::source("mailbox", io::Error::other(error));
    let mailbox = Mailbox::new(settings.mailbox.clone(), intake.shared_clock()).map_err(failed)?;
    let name = mailbox.name();
    let mut emptying = Emptying {
        mailbox,
        settings,
        intake,
        left: BTreeSet::new(),
    };
    // Who is not let in at the beginning never will be.
    emptying
        .mailbox
        .handshake()
        .await
        .map_err(|error| FeedError::source(&*name, io::Error::other(error)))?;
    let mut greeted = emptying.intake.clock().elapsed();
    while !*stop.borrow() {
        if let Err(error) = emptying.look(&stop).await {
            tracing::warn!(name, %error, "the mailbox could not be emptied; it is tried again");
        }
        tokio::select! {
            () = asked_to_stop(&mut stop) => break,
            () = tokio::time::sleep(emptying.settings.every) => {}
        }
        let now = emptying.intake.clock().elapsed();
        if now.saturating_sub(greeted) >= HANDSHAKE {
            match emptying.mailbox.handshake().await {
                Ok(()) => greeted = now,
                Err(error) => {
                    tracing::warn!(name, %error, "the handshake failed; it is tried again");
                }
            }
        }
    }
    Ok(())
}

struct Emptying {
    mailbox: Mailbox,
    settings: MeshSettings,
    intake: Arc<Intake>,
    left: BTreeSet<String>,
}

impl Emptying {
    /// Takes everything that is there.
    async fn look(&mut self, stop: &watch::Receiver<bool>) -> Result<(), MeshError> {
        let mut next = None;
        loop {
            let workflow = self.settings.workflow.as_deref();
            let page = self.mailbox.inbox(workflow, next.as_deref()).await?;
            for id in &page.messages {
                if *stop.borrow() {
                    return Ok(());
                }
                if !self.left.contains(id) {
                    self.take(id, stop).await?;
                }
            }
            match page.next {
                Some(more) if !page.messages.is_empty() => next = Some(more),
                _ => return Ok(()),
            }
        }
    }

    /// Takes one file, and acknowledges it when all of it is durable. After a crash between the two its messages come again,
    /// and are recognised.
    async fn take(&mut self, id: &str, stop: &watch::Receiver<bool>) -> Result<(), MeshError> {
        let first = self.mailbox.fetch(id, 1).await?;
        if first.report() {
            let (code, about) = (
                first.header("mex-statuscode"),
                first.header("mex-linkedmsgid"),
            );
            tracing::warn!(
                id,
                code,
                about,
                "the server reports on a message that was sent"
            );
            return self.mailbox.acknowledge(id).await;
        }
        let origin = format!("mesh:{}/{id}", self.settings.mailbox.mailbox);
        let (pieces, waiting) = mpsc::channel(WAITING);
        let reader = Box::new(Pieces {
            waiting,
            rest: Vec::new(),
            at: 0,
            ended: false,
        });
        let taking = take_all(
            reader,
            &origin,
            self.settings.largest,
            &self.intake,
            stop.clone(),
        );
        let (fetched, taken) = tokio::join!(fetch(&mut self.mailbox, id, first, pieces), taking);
        fetched?;
        match taken {
            Ok(Taken { stopped: true, .. }) => Ok(()),
            Ok(taken) if taken.messages > 0 && !taken.too_large => {
                self.mailbox.acknowledge(id).await?;
                tracing::info!(id, messages = taken.messages, "a file is stored");
                Ok(())
            }
            Ok(_) => {
                self.leave(id, "it holds no message, or one that is too large");
                Ok(())
            }
            Err(error) => {
                self.leave(id, &error.to_string());
                Ok(())
            }
        }
    }

    /// Leaves a file where it is: the server reports to its sender, after some days, that nobody took it.
    fn leave(&mut self, id: &str, why: &str) {
        self.intake.seen().refused("file");
        tracing::error!(id, why, "a file is left in the mailbox");
        if self.left.len() < LEFT {
            self.left.insert(id.to_owned());
        }
    }
}

/// What goes to the reader: bytes, and at the end nothing.
type Piece = io::Result<Vec<u8>>;

/// Fetches all chunks of a file, decompresses them, and hands them on.
async fn fetch(
    mailbox: &mut Mailbox,
    id: &str,
    first: Chunk,
    pieces: mpsc::Sender<Piece>,
) -> Result<(), MeshError> {
    let mut handing = Handing {
        // Chunks are compressed each for itself on their way; the file may have been compressed before as well.
        whole: Unzip::new(),
        pieces,
    };
    let mut number = 1;
    let mut chunk = first;
    loop {
        let encoded = chunk
            .header("content-encoding")
            .eq_ignore_ascii_case("gzip");
        let mut unzip = encoded.then(Unzip::new);
        while let Some(bytes) = chunk.next().await? {
            if !handing.compressed(&mut unzip, &bytes).await {
                return Ok(());
            }
        }
        if let Some(unzip) = unzip
            && !handing.result(unzip.end()).await
        {
            return Ok(());
        }
        if chunk.last() {
            break;
        }
        number += 1;
        chunk = mailbox.fetch(id, number).await?;
    }
    // Nobody reads any more who has found enough.
    let _ = handing.end().await;
    Ok(())
}

struct Handing {
    whole: Unzip,
    pieces: mpsc::Sender<Piece>,
}

impl Handing {
    /// Hands on bytes of a chunk; false when there is nothing more to do.
    async fn compressed(&mut self, unzip: &mut Option<Unzip>, bytes: &[u8]) -> bool {
        let Some(unzip) = unzip else {
            return self.give(bytes).await;
        };
        for piece in unzip.take(bytes) {
            if !self.result(piece).await {
                return false;
            }
        }
        true
    }

    /// Hands on what is left, and says that this is all.
    async fn end(self) -> Result<(), mpsc::error::SendError<Piece>> {
        let rest = self.whole.end();
        let more = rest.as_ref().map_or(true, |rest| !rest.is_empty());
        let failed = rest.is_err();
        if more {
            self.pieces.send(rest).await?;
        }
        if !failed {
            self.pieces.send(Ok(Vec::new())).await?;
        }
        Ok(())
    }

    /// Hands on what was decompressed; false when there is nothing more to do.
    async fn result(&mut self, bytes: Piece) -> bool {
        match bytes {
            Ok(bytes) => self.give(&bytes).await,
            Err(error) => {
                let _ = self.pieces.send(Err(error)).await;
                false
            }
        }
    }

    /// Hands on some bytes; false when nobody wants more of them.
    async fn give(&mut self, bytes: &[u8]) -> bool {
        for piece in self.whole.take(bytes) {
            let failed = piece.is_err();
            // Nothing would be the end.
            let empty = piece.as_ref().is_ok_and(Vec::is_empty);
            if !empty && (self.pieces.send(piece).await.is_err() || failed) {
                return false;
            }
        }
        true
    }
}

/// Reads what is fetched meanwhile; an error where it ends without having said so.
struct Pieces {
    waiting: mpsc::Receiver<Piece>,
    rest: Vec<u8>,
    at: usize,
    ended: bool,
}

impl Read for Pieces {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.at == self.rest.len() && !self.ended {
            let next = self.waiting.blocking_recv();
            self.rest = next.ok_or(io::ErrorKind::UnexpectedEof)??;
            self.at = 0;
            self.ended = self.rest.is_empty();
        }
        let length = buffer.len().min(self.rest.len() - self.at);
        buffer[..length].copy_from_slice(&self.rest[self.at..self.at + length]);
        self.at += length;
        Ok(length)
    }
}
