//! One connection: messages are read, judged and stored while earlier ones wait for their answers; answers go out in the
//! order of the messages, each when its message is durable.

use std::net::IpAddr;
use std::sync::Arc;

use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::sync::{Semaphore, mpsc, watch};
use tokio::time::{sleep, timeout};

use super::frames::{FrameProblem, Frames, framed};
use super::limits::{Addresses, Allowed, Limits};
use super::room::{Room, Taken};
use crate::acknowledge::{Code, ControlIds, acknowledge};
use crate::header::Header;
use crate::intake::{Intake, Pending};
use crate::judge::Broken;
use crate::resource::is_resource;
use crate::run::asked_to_stop;
use crate::store::StoreError;

/// So much is read for each connection without asking for room: enough for most messages.
const FREE: usize = 4 << 10;

/// What all connections share.
pub(crate) struct Shared {
    pub(crate) intake: Arc<Intake>,
    pub(crate) limits: Limits,
    pub(crate) allowed: Allowed,
    pub(crate) addresses: Addresses,
    pub(crate) ids: ControlIds,
    pub(crate) in_flight: Arc<Semaphore>,
}

/// What is to be answered next.
struct Owed {
    header: Option<Header>,
    what: What,
    /// The room that the message takes.
    _room: Option<Taken>,
}

enum What {
    Stored(Pending),
    NotStored(StoreError),
    Refused(Refusal),
}

/// Why a message is refused, which is counted by that.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Refusal {
    NoHeader,
    Sender,
    Resource,
}

impl Refusal {
    fn reason(self) -> &'static str {
        match self {
            Self::NoHeader => "no header",
            Self::Sender => "sender not allowed",
            Self::Resource => "resource over MLLP",
        }
    }

    /// The rule that says so, where there is one.
    fn broken(self) -> Vec<Broken> {
        match self {
            Self::NoHeader | Self::Sender => Vec::new(),
            Self::Resource => vec![Broken {
                rule: "FEED-CARRIER".into(),
                text: "a resource of FHIR cannot be answered over MLLP: send it to a folder, a broker or a mailbox".into(),
                place: None,
                warning: false,
            }],
        }
    }
}

/// Serves a connection until it ends, by either side.
pub(crate) async fn serve<S>(
    stream: S,
    address: IpAddr,
    room: Arc<Semaphore>,
    shared: &Shared,
    stop: watch::Receiver<bool>,
) where
    S: AsyncRead + AsyncWrite + Unpin,
{
    let (reader, writer) = tokio::io::split(stream);
    let (owed, owing) = mpsc::channel(shared.limits.pipelined.max(1));
    let read = Reading {
        address,
        origin: address.to_string(),
        shared,
        owed,
        room: Room {
            of_address: room,
            of_all: Arc::clone(&shared.in_flight),
        },
        taken: None,
        refused: 0,
    };
    let answering = answer(writer, owing, shared);
    tokio::pin!(answering);
    tokio::select! {
        // What was read is still answered; whoever takes no answers is not read any more.
        () = read.run(reader, stop) => answering.await,
        () = &mut answering => {}
    }
}

struct Reading<'s> {
    address: IpAddr,
    origin: String,
    shared: &'s Shared,
    owed: mpsc::Sender<Owed>,
    room: Room,
    /// What the buffer takes of it.
    taken: Option<Taken>,
    refused: u32,
}

impl Reading<'_> {
    async fn run(mut self, mut reader: impl AsyncRead + Unpin, mut stop: watch::Receiver<bool>) {
        let limits = &self.shared.limits;
        let mut frames = Frames::new(limits.message);
        loop {
            // The time for a frame runs from its first byte, however slowly the others come.
            let begun = frames.begun();
            let (longest, late) = if begun {
                (limits.frame, "frame timeout")
            } else {
                (limits.idle, "idle")
            };
            let late_at = sleep(longest);
            tokio::pin!(late_at);
            loop {
                tokio::select! {
                    biased;
                    () = asked_to_stop(&mut stop) => return,
                    () = &mut late_at => return self.tell(late),
                    read = self.read(&mut reader, &mut frames) => match read {
                        Ok(0) if frames.begun() => return self.tell("half frame"),
                        Ok(0) => return,
                        Ok(_) => {}
                        Err(_) => return self.tell("connection lost"),
                    },
                }
                // Whatever waits here when the feed is to stop has not been answered.
                let taken = tokio::select! {
                    biased;
                    taken = self.take_all(&mut frames) => taken,
                    () = asked_to_stop(&mut stop) => None,
                };
                match taken {
                    None => return,
                    Some(0) if begun == frames.begun() => {}
                    Some(_) => break,
                }
            }
        }
    }

    fn tell(&self, reason: &'static str) {
        self.shared.intake.seen().refused(reason);
        tracing::warn!(address = %self.address, reason, "connection closed");
    }

    /// Reads what is there, and before it makes room, waits until there is room for all.
    async fn read(
        &mut self,
        reader: &mut (impl AsyncRead + Unpin),
        frames: &mut Frames,
    ) -> std::io::Result<usize> {
        let buffer = frames.buffer();
        if buffer.capacity() == buffer.len() {
            let more = buffer.len().clamp(FREE, 64 << 10);
            if buffer.len() >= FREE {
                let room = self.room.take(more).await?;
                match &mut self.taken {
                    Some(taken) => taken.merge(room),
                    None => self.taken = Some(room),
                }
            }
            buffer.reserve_exact(more);
        }
        reader.read_buf(buffer).await
    }

    /// Takes the messages that are there and says how many; `None` when the connection is to be closed.
    async fn take_all(&mut self, frames: &mut Frames) -> Option<usize> {
        let mut taken = 0;
        loop {
            let message = match frames.take() {
                Ok(None) => return Some(taken),
                Ok(Some(message)) => message,
                Err(FrameProblem::Begun) => {
                    self.tell_half();
                    taken += 1;
                    self.refused += 1;
                    if self.refused >= self.shared.limits.refused {
                        return None;
                    }
                    continue;
                }
                Err(problem) => {
                    self.tell(match problem {
                        FrameProblem::Noise => "no frame",
                        FrameProblem::TooLarge => "too large",
                        FrameProblem::End | FrameProblem::Begun => "end of frame",
                    });
                    return None;
                }
            };
            taken += 1;
            if frames.buffer().is_empty() {
                // A large message's buffer is not kept for small ones.
                *frames.buffer() = Vec::new();
            }
            self.take(message, frames.buffer().is_empty()).await?;
        }
    }

    fn tell_half(&self) {
        let reason = "half frame";
        self.shared.intake.seen().refused(reason);
        tracing::warn!(address = %self.address, reason, "a frame was dropped");
    }

    async fn take(&mut self, message: Vec<u8>, last: bool) -> Option<()> {
        let shared = self.shared;
        if let Some(rate) = shared.limits.rate {
            let now = shared.intake.clock().elapsed();
            sleep(shared.addresses.wait(self.address, rate, now)).await;
        }
        let room = if last {
            self.taken.take()
        } else {
            self.taken
                .as_mut()
                .and_then(|taken| taken.split(message.len()))
        };
        let header = Header::read(&message);
        let what = match &header {
            None if is_resource(&message) => What::Refused(Refusal::Resource),
            None => What::Refused(Refusal::NoHeader),
            Some(header) if header.acknowledgement => {
                // An acknowledgement is never acknowledged.
                shared.intake.seen().refused("acknowledgement");
                return Some(());
            }
            Some(header) if !shared.allowed.sender(&header.identity) => {
                What::Refused(Refusal::Sender)
            }
            Some(_) => match shared.intake.take(&self.origin, message).await {
                Ok(pending) => What::Stored(pending),
                Err(error) => What::NotStored(error),
            },
        };
        if let What::Refused(refusal) = &what {
            let reason = refusal.reason();
            self.refused += 1;
            shared.intake.seen().refused(reason);
            tracing::warn!(address = %self.address, reason, "message refused");
        } else {
            self.refused = 0;
        }
        let owed = Owed {
            header,
            what,
            _room: room,
        };
        self.owed.send(owed).await.ok()?;
        (self.refused < shared.limits.refused).then_some(())
    }
}

async fn answer(
    mut writer: impl AsyncWrite + Unpin,
    mut owing: mpsc::Receiver<Owed>,
    shared: &Shared,
) {
    while let Some(owed) = owing.recv().await {
        let mut out = Vec::new();
        let began = match owed.what {
            What::Refused(refusal) => {
                refuse(owed.header.as_ref(), refusal, shared, &mut out);
                None
            }
            What::NotStored(error) => {
                not_stored(owed.header.as_ref(), &error, shared, &mut out);
                None
            }
            What::Stored(pending) => match shared.intake.finish(pending).await {
                Ok(kept) => {
                    let code = Code::of(kept.verdict.outcome);
                    let header = owed.header.as_ref();
                    let findings = &kept.verdict.findings;
                    say(header, Code::CA, "", &[], shared, &mut out);
                    say(header, code, "", findings, shared, &mut out);
                    Some(kept.began)
                }
                Err(error) => {
                    not_stored(owed.header.as_ref(), &error, shared, &mut out);
                    None
                }
            },
        };
        if let Some(began) = began {
            let now = shared.intake.clock().elapsed();
            shared.intake.seen().answered(now.saturating_sub(began));
        }
        let write = async {
            writer.write_all(&out).await?;
            writer.flush().await
        };
        if !matches!(timeout(shared.limits.write, write).await, Ok(Ok(()))) {
            shared.intake.seen().refused("answer not taken");
            tracing::warn!("an answer was not taken; the connection is closed");
            return;
        }
    }
    // The other side may have gone already.
    let _ = timeout(shared.limits.write, writer.shutdown()).await;
}

fn not_stored(header: Option<&Header>, error: &StoreError, shared: &Shared, out: &mut Vec<u8>) {
    tracing::error!(%error, "a message could not be stored");
    let text = "not stored for a reason of the receiver; send it again";
    match header {
        Some(header) if header.enhanced() => say(Some(header), Code::CE, text, &[], shared, out),
        header => say(header, Code::AR, text, &[], shared, out),
    }
}

fn refuse(header: Option<&Header>, refusal: Refusal, shared: &Shared, out: &mut Vec<u8>) {
    let code = match header {
        Some(header) if header.enhanced() => Code::CR,
        _ => Code::AR,
    };
    say(
        header,
        code,
        refusal.reason(),
        &refusal.broken(),
        shared,
        out,
    );
}

/// Writes an answer, if it is one that the sender wants: commit acknowledgements in enhanced mode only, and either kind only
/// under the conditions of MSH-15 and MSH-16 there.
fn say(
    header: Option<&Header>,
    code: Code,
    text: &str,
    findings: &[Broken],
    shared: &Shared,
    out: &mut Vec<u8>,
) {
    let commit = matches!(code, Code::CA | Code::CE | Code::CR);
    let blank = Header::blank();
    let header = header.unwrap_or(&blank);
    let wanted = match (header.enhanced(), commit) {
        (false, commit) => !commit,
        (true, true) => code.wanted(&header.accept),
        (true, false) => code.wanted(&header.application),
    };
    if wanted {
        let now = shared.intake.clock().now();
        let answer = acknowledge(header, code, text, findings, &shared.ids, now);
        out.extend_from_slice(&framed(&answer));
    }
}
