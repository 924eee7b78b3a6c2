//! Sends messages to a listener, as fast as it answers or at a rate, with faults: to try a feed, and to measure it.

use std::collections::BTreeMap;
use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::sync::Mutex;
use tokio::task::JoinSet;
use tokio::time::{sleep, timeout};
use tokio_rustls::TlsConnector;
use tokio_rustls::rustls::pki_types::ServerName;

use crate::clock::Clock;
use crate::mllp::tls::connector;
use crate::mllp::{ClientTls, Frames, framed};

/// Largest answer that is read.
const ANSWER: usize = 1 << 20;

/// How messages are sent.
#[derive(Debug, Clone)]
pub struct SendSettings {
    /// `host:port` of the listener.
    pub address: String,
    /// Connections at the same time.
    pub connections: usize,
    /// Messages in all.
    pub messages: u64,
    /// Messages a second over all connections; as fast as they are answered where nothing is said.
    pub rate: Option<u32>,
    /// Messages of one connection that may be without an answer.
    pub pipelined: usize,
    /// How long an answer is waited for.
    pub answer: Duration,
    /// How connections are encrypted; not at all where nothing is said.
    pub tls: Option<SendTls>,
    /// What is done wrong.
    pub faults: Faults,
}

/// How connections to a listener are encrypted.
#[derive(Debug, Clone)]
pub struct SendTls {
    /// The authorities of the listener, and the certificate that is shown to it.
    pub files: ClientTls,
    /// The name that its certificate must have; its host where nothing is said.
    pub name: Option<String>,
}

/// What is done wrong on purpose, each with every so many-th message.
#[derive(Debug, Clone, Copy, Default)]
pub struct Faults {
    /// The message is sent twice.
    pub twice: Option<u64>,
    /// Half of the message is sent, and the connection closed; then it is sent over another one.
    pub half: Option<u64>,
    /// Bytes that are no frame are sent over a connection of their own.
    pub noise: Option<u64>,
}

/// What came of it.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Sent {
    /// Messages sent, repetitions among them.
    pub sent: u64,
    /// Answers, by what they said (AA, AE, …).
    pub answers: BTreeMap<String, u64>,
    /// Messages that were not answered in time, or whose connection was lost.
    pub unanswered: u64,
    /// How long it took in all.
    pub elapsed: Duration,
    /// Times from sending to the answer, ascending.
    pub times: Vec<Duration>,
}

impl Sent {
    /// The time within which a share of the answers came: 0.5 for the median, 0.99 for the slowest hundredth.
    pub fn within(&self, share: f64) -> Duration {
        #[expect(clippy::cast_sign_loss, reason = "a share is not negative")]
        let at = (self.times.len() as f64 * share.clamp(0.0, 1.0)) as usize;
        let last = self.times.len().saturating_sub(1);
        self.times.get(at.min(last)).copied().unwrap_or_default()
    }
}

/// Sends messages; `message` makes the one of each number from 0.
///
/// # Errors
/// When the listener cannot be reached at all, or encryption cannot be agreed on; files of certificates that cannot be used.
pub async fn send(
    settings: SendSettings,
    message: Arc<dyn Fn(u64) -> Vec<u8> + Send + Sync>,
    clock: Arc<dyn Clock>,
) -> io::Result<Sent> {
    let tls = settings.tls.as_ref();
    let line = Line {
        tls: tls.map(|tls| secured(tls, &settings.address)).transpose()?,
        address: settings.address.clone(),
    };
    // Whether it can be reached is known before anything is measured.
    line.open(settings.answer).await?;
    let began = clock.elapsed();
    let all = Arc::new(Sender {
        settings,
        line,
        message,
        clock,
        next: AtomicU64::new(0),
        began,
        sent: Mutex::new(Sent::default()),
    });
    let mut running = JoinSet::new();
    for _ in 0..all.settings.connections.max(1) {
        let all = Arc::clone(&all);
        running.spawn(async move { all.connection().await });
    }
    while let Some(ended) = running.join_next().await {
        ended.map_err(io::Error::other)?;
    }
    let mut sent = std::mem::take(&mut *all.sent.lock().await);
    sent.elapsed = all.clock.elapsed().saturating_sub(began);
    sent.times.sort_unstable();
    Ok(sent)
}

/// A connection, encrypted or not.
trait Stream: AsyncRead + AsyncWrite + Unpin + Send {}
impl<S: AsyncRead + AsyncWrite + Unpin + Send> Stream for S {}

/// How connections are made.
struct Line {
    address: String,
    tls: Option<(TlsConnector, ServerName<'static>)>,
}

fn secured(tls: &SendTls, address: &str) -> io::Result<(TlsConnector, ServerName<'static>)> {
    let host = address.rsplit_once(':').map_or(address, |(host, _)| host);
    let host = host.trim_start_matches('[').trim_end_matches(']');
    let name = tls.name.as_deref().unwrap_or(host).to_owned();
    let name = ServerName::try_from(name).map_err(io::Error::other)?;
    Ok((connector(&tls.files)?, name))
}

impl Line {
    async fn open(&self, within: Duration) -> io::Result<Box<dyn Stream>> {
        let opened = TcpStream::connect(&*self.address).await?;
        opened.set_nodelay(true)?;
        let Some((connector, name)) = &self.tls else {
            return Ok(Box::new(opened));
        };
        let agreed = timeout(within, connector.connect(name.clone(), opened)).await?;
        Ok(Box::new(agreed?))
    }
}

struct Sender {
    settings: SendSettings,
    line: Line,
    message: Arc<dyn Fn(u64) -> Vec<u8> + Send + Sync>,
    clock: Arc<dyn Clock>,
    next: AtomicU64,
    began: Duration,
    sent: Mutex<Sent>,
}

impl Sender {
    async fn connection(&self) {
        let mut own = Sent::default();
        let mut stream = None;
        while let Some(batch) = self.batch().await {
            let expected = batch.len() as u64;
            own.sent += expected;
            let before = self.clock.elapsed();
            let answered = own.times.len() as u64;
            if self
                .exchange(&mut stream, &batch, before, &mut own)
                .await
                .is_err()
            {
                own.unanswered += expected - (own.times.len() as u64 - answered);
                stream = None;
            }
        }
        let mut all = self.sent.lock().await;
        all.sent += own.sent;
        all.unanswered += own.unanswered;
        all.times.append(&mut own.times);
        for (code, count) in own.answers {
            *all.answers.entry(code).or_default() += count;
        }
    }

    /// The frames that are sent next without waiting between them; `None` when all are sent.
    async fn batch(&self) -> Option<Vec<Vec<u8>>> {
        let mut frames = Vec::new();
        let every = |fault: Option<u64>, number: u64| {
            fault.is_some_and(|every| (number + 1).is_multiple_of(every.max(1)))
        };
        let faults = self.settings.faults;
        while frames.len() < self.settings.pipelined.max(1) {
            let number = self.next.fetch_add(1, Ordering::Relaxed);
            if number >= self.settings.messages {
                break;
            }
            if let Some(rate) = self.settings.rate {
                let due = self.began
                    + Duration::from_secs(1).mul_f64(number as f64 / f64::from(rate.max(1)));
                sleep(due.saturating_sub(self.clock.elapsed())).await;
            }
            let frame = framed(&(self.message)(number));
            if every(faults.half, number) {
                self.throw_away(&frame[..frame.len() / 2]).await;
            }
            if every(faults.noise, number) {
                self.throw_away(&frame[1..]).await;
            }
            if every(faults.twice, number) {
                frames.push(frame.clone());
            }
            frames.push(frame);
        }
        (!frames.is_empty()).then_some(frames)
    }

    /// Sends bytes over a connection that is closed at once; what comes of it is the listener's concern.
    async fn throw_away(&self, bytes: &[u8]) {
        if let Ok(mut stream) = self.line.open(self.settings.answer).await {
            let _ = stream.write_all(bytes).await;
        }
    }

    async fn exchange(
        &self,
        stream: &mut Option<(Box<dyn Stream>, Frames)>,
        batch: &[Vec<u8>],
        before: Duration,
        own: &mut Sent,
    ) -> io::Result<()> {
        let (stream, frames) = if let Some(open) = stream {
            open
        } else {
            let opened = self.line.open(self.settings.answer).await?;
            stream.insert((opened, Frames::new(ANSWER)))
        };
        stream.write_all(&batch.concat()).await?;
        stream.flush().await?;
        for _ in batch {
            let answer = loop {
                if let Some(answer) = frames.take().map_err(io::Error::other)? {
                    break answer;
                }
                let read = stream.read_buf(frames.buffer());
                if timeout(self.settings.answer, read).await?? == 0 {
                    return Err(io::ErrorKind::UnexpectedEof.into());
                }
            };
            own.times.push(self.clock.elapsed().saturating_sub(before));
            *own.answers.entry(code(&answer)).or_default() += 1;
        }
        Ok(())
    }
}

/// What an answer says: the first field of its acknowledgement segment.
fn code(answer: &[u8]) -> String {
    let after = memchr::memmem::find(answer, b"\rMSA").map(|at| &answer[at + 5..]);
    let code = after.and_then(|rest| rest.get(..2)).unwrap_or(b"??");
    String::from_utf8_lossy(code).into_owned()
}
