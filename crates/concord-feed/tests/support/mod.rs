//! What the tests of feeds share: a judge that reads the header, a clock, messages, a client.

#![allow(dead_code)] // each test takes what it needs
#![allow(unreachable_pub)] // a module of each test
#![allow(clippy::unwrap_used, clippy::missing_panics_doc)] // a test fails by panicking

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::path::Path;
use std::sync::Arc;
use std::sync::mpsc;
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use concord_feed::mllp::{Frames, MllpSettings, framed};
use concord_feed::store::{Entry, Reader};
use concord_feed::{
    Broken, Clock, Feed, Header, Judge, Outcome, Place, Resource, Seen, Started, Verdict,
};
use jiff::Timestamp;
use tokio::sync::oneshot;

/// Rejects messages that are not of version 2.4, finds fault with those without a patient, and with resources that say that
/// something is cancelled.
pub struct HeaderJudge;

impl Judge for HeaderJudge {
    fn judge(&self, message: &[u8]) -> Verdict {
        if let Some(resource) = Resource::read(message) {
            let cancelled = message.windows(9).any(|bytes| bytes == b"cancelled");
            return Verdict {
                outcome: if cancelled {
                    Outcome::Error
                } else {
                    Outcome::Accept
                },
                identity: resource.identity,
                findings: Vec::new(),
            };
        }
        let header = Header::read(message);
        let patient = message.windows(4).any(|bytes| bytes == b"\rPID");
        let outcome = match &header {
            Some(header) if header.version != "2.4" => Outcome::Reject,
            Some(_) if patient => Outcome::Accept,
            _ => Outcome::Error,
        };
        let findings = if outcome == Outcome::Error {
            vec![Broken {
                rule: "TEST-PID".into(),
                text: "a message has a patient".into(),
                place: Some(Place {
                    segment: "PID".into(),
                    sequence: 1,
                    ..Place::default()
                }),
                warning: false,
            }]
        } else {
            Vec::new()
        };
        let identity = header.map(|header| header.identity).unwrap_or_default();
        Verdict {
            outcome,
            identity,
            findings,
        }
    }
}

/// The machine's clock.
pub struct Wall(Instant);

impl Wall {
    pub fn new() -> Arc<Self> {
        Arc::new(Self(Instant::now()))
    }
}

impl Clock for Wall {
    fn now(&self) -> Timestamp {
        Timestamp::now()
    }

    fn elapsed(&self) -> Duration {
        self.0.elapsed()
    }
}

/// A message of about the size of an admission.
pub fn message(id: &str) -> String {
    let note = "an admission has some more text than this one, all of it made up ".repeat(10);
    format!(
        "MSH|^~\\&|PAS|RXX|HUB|NHS|20260331120000||ADT^A01^ADT_A01|{id}|P|2.4\rEVN||20260331120000||||20260331120000\rPID|||9990000018^^^NHS||TEST^PATIENT\rPV1||I\rNTE|||{note}\r"
    )
}

/// A version of an encounter of a patient.
pub fn encounter(id: &str, version: u32, status: &str) -> String {
    format!(
        "{{\"resourceType\":\"Encounter\",\"id\":\"{id}\",\"meta\":{{\"versionId\":\"{version}\",\"source\":\"http://pas.example#{id}\"}},\"status\":\"{status}\",\"subject\":{{\"reference\":\"Patient/p1\"}}}}"
    )
}

/// A feed that runs in this process.
pub struct Running {
    pub listening: Vec<SocketAddr>,
    pub metrics: Option<SocketAddr>,
    pub seen: Arc<Seen>,
    stop: Option<oneshot::Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl Running {
    pub fn start(feed: Feed) -> Self {
        let (told, tell) = mpsc::channel();
        let (stop, stopped) = oneshot::channel::<()>();
        let thread = std::thread::spawn(move || {
            let started = |started: &Started| {
                let told = told.send((
                    started.listening.clone(),
                    started.metrics,
                    Arc::clone(&started.seen),
                ));
                told.unwrap();
            };
            let stopped = async { stopped.await.unwrap_or(()) };
            concord_feed::run(feed, Arc::new(HeaderJudge), Wall::new(), stopped, started).unwrap();
        });
        let (listening, metrics, seen) = tell.recv().unwrap();
        Self {
            listening,
            metrics,
            seen,
            stop: Some(stop),
            thread: Some(thread),
        }
    }

    pub fn stop(mut self) {
        let _ = self.stop.take().unwrap().send(());
        self.thread.take().unwrap().join().unwrap();
    }

    /// The number behind the name (and labels) of a metric.
    pub fn metric(&self, name: &str) -> u64 {
        let text = self.seen.text();
        let line = text
            .lines()
            .find_map(|line| line.strip_prefix(name)?.strip_prefix(' '));
        line.map_or(0, |number| number.parse().unwrap())
    }
}

/// Waits until a count is what it must become: a client can see that it was refused before the feed has counted it.
pub fn becomes(count: impl Fn() -> u64, wanted: u64) {
    for _ in 0..200 {
        if count() == wanted {
            return;
        }
        std::thread::sleep(Duration::from_millis(25));
    }
    assert_eq!(count(), wanted);
}

/// A feed that listens on a free port.
pub fn listening(store: &Path, settings: MllpSettings) -> Feed {
    let mut feed = Feed::new(store.into(), 2);
    feed.listeners.push(MllpSettings {
        address: "127.0.0.1:0".into(),
        ..settings
    });
    feed
}

/// A client that speaks frames.
pub struct Client {
    pub stream: TcpStream,
    frames: Frames,
}

impl Client {
    pub fn new(address: SocketAddr) -> Self {
        let stream = TcpStream::connect(address).unwrap();
        stream
            .set_read_timeout(Some(Duration::from_secs(20)))
            .unwrap();
        Self {
            stream,
            frames: Frames::new(1 << 20),
        }
    }

    /// A client with an address of its own.
    pub fn from(own: &str, address: SocketAddr) -> Self {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .unwrap();
        let stream = runtime.block_on(async {
            let socket = tokio::net::TcpSocket::new_v4().unwrap();
            socket
                .bind(SocketAddr::new(own.parse().unwrap(), 0))
                .unwrap();
            let stream = socket.connect(address).await.unwrap();
            stream.into_std().unwrap()
        });
        stream.set_nonblocking(false).unwrap();
        stream
            .set_read_timeout(Some(Duration::from_secs(20)))
            .unwrap();
        Self {
            stream,
            frames: Frames::new(1 << 20),
        }
    }

    /// The next answer; `None` when the other side closes.
    pub fn answer(&mut self) -> Option<String> {
        loop {
            if let Some(answer) = self.frames.take().unwrap() {
                return Some(String::from_utf8(answer).unwrap());
            }
            let mut bytes = [0; 4096];
            let read = self.stream.read(&mut bytes).unwrap_or(0);
            if read == 0 {
                return None;
            }
            self.frames.buffer().extend_from_slice(&bytes[..read]);
        }
    }

    /// Whatever comes until the other side closes.
    pub fn answer_bytes(&mut self) -> Vec<u8> {
        let mut bytes = Vec::new();
        // A reset ends it as well.
        let _ = self.stream.read_to_end(&mut bytes);
        bytes
    }

    pub fn write(&mut self, message: &str) {
        self.stream.write_all(&framed(message.as_bytes())).unwrap();
    }

    pub fn ask(&mut self, message: &str) -> String {
        self.write(message);
        self.answer().unwrap()
    }
}

/// Every message of a store.
pub fn all(store: &Path) -> Vec<Entry> {
    let mut cursor = Reader::open(store).unwrap().from(0);
    let mut found = Vec::new();
    while let Some(entry) = cursor.next(None).unwrap() {
        found.push(entry);
    }
    assert_eq!(cursor.damaged, 0);
    found
}
