//! How fast messages are received, judged, stored durably and answered. `CONCORD_FEED_SPEED` says with how many messages, and takes
//! the disk as it is; else the disk is slow on purpose, so that messages meet at a sync however busy the machine.

#![allow(clippy::unwrap_used)] // a test fails by panicking
#![allow(clippy::print_stderr)] // what was measured must be seen

mod support;

use std::io;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use concord_feed::Clock;
use concord_feed::mllp::MllpSettings;
use concord_feed::send::{Faults, SendSettings, send};
use concord_feed::store::{Appended, Disk, FileSystem};
use support::{Running, Wall, all, becomes, listening, message};

fn settings(address: String, messages: u64) -> SendSettings {
    SendSettings {
        address,
        connections: 50,
        messages,
        rate: None,
        pipelined: 1,
        answer: Duration::from_secs(30),
        tls: None,
        faults: Faults::default(),
    }
}

fn sent(settings: SendSettings) -> concord_feed::send::Sent {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(1)
        .enable_all()
        .build()
        .unwrap();
    let make = Arc::new(|number: u64| message(&number.to_string()).into_bytes());
    let clock: Arc<dyn Clock> = Wall::new();
    runtime.block_on(send(settings, make, clock)).unwrap()
}

/// A disk that counts its syncs, and takes its time for each.
struct Counted {
    syncs: Arc<AtomicU64>,
    pause: Duration,
}

/// A file on it.
struct CountedFile {
    file: Box<dyn Appended>,
    syncs: Arc<AtomicU64>,
    pause: Duration,
}

impl Disk for Counted {
    fn open(&self, path: &Path, length: u64) -> io::Result<Box<dyn Appended>> {
        Ok(Box::new(CountedFile {
            file: FileSystem.open(path, length)?,
            syncs: self.syncs.clone(),
            pause: self.pause,
        }))
    }
}

impl Appended for CountedFile {
    fn append(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.file.append(bytes)
    }

    fn sync(&mut self) -> io::Result<()> {
        self.syncs.fetch_add(1, Ordering::Relaxed);
        std::thread::sleep(self.pause);
        self.file.sync()
    }

    fn cut(&mut self, length: u64) -> io::Result<()> {
        self.file.cut(length)
    }
}

#[test]
fn messages_of_fifty_connections_share_their_syncs() {
    let folder = tempfile::tempdir().unwrap();
    let asked = std::env::var("CONCORD_FEED_SPEED").map(|text| text.parse().unwrap());
    let (messages, pause) = match asked {
        Ok(messages) => (messages, Duration::ZERO),
        Err(_) => (5_000, Duration::from_millis(5)),
    };
    for pipelined in [1, 8] {
        let store = folder.path().join(format!("store{pipelined}"));
        let syncs = Arc::new(AtomicU64::new(0));
        let mut feed = listening(&store, MllpSettings::default());
        feed.disk = Arc::new(Counted {
            syncs: syncs.clone(),
            pause,
        });
        let feed = Running::start(feed);
        let mut settings = settings(feed.listening[0].to_string(), messages);
        settings.pipelined = pipelined;
        let sent = sent(settings);
        assert_eq!((sent.answers["AA"], sent.unanswered), (messages, 0));
        let syncs = syncs.load(Ordering::Relaxed);
        eprintln!(
            "{messages} messages, {pipelined} at once on each of 50 connections: {:.0} a second, answered in {:?} (median), {:?} (99 of 100); {syncs} syncs, each {pause:?} longer than the disk takes",
            messages as f64 / sent.elapsed.as_secs_f64(),
            sent.within(0.5),
            sent.within(0.99),
        );
        assert!(pause.is_zero() || syncs * 3 < messages, "{syncs} syncs");
        feed.stop();
        assert_eq!(all(&store).len() as u64, messages);
    }
}

#[test]
fn faults_are_told_and_do_no_harm() {
    let folder = tempfile::tempdir().unwrap();
    let feed = Running::start(listening(folder.path(), MllpSettings::default()));
    let mut settings = settings(feed.listening[0].to_string(), 600);
    settings.faults = Faults {
        twice: Some(10),
        half: Some(20),
        noise: Some(30),
    };
    settings.rate = Some(2_000);
    let sent = sent(settings);
    assert_eq!(
        (sent.sent, sent.answers["AA"], sent.unanswered),
        (660, 660, 0)
    );
    assert!(sent.elapsed > Duration::from_millis(290));
    let refused = |reason: &str| {
        feed.metric(&format!(
            "concord_feed_refused_total{{reason=\"{reason}\"}}"
        ))
    };
    becomes(
        || feed.metric("concord_feed_duplicates_total{sender=\"PAS/RXX\"}"),
        60,
    );
    becomes(|| refused("half frame") + refused("connection lost"), 30);
    becomes(|| refused("no frame"), 20);
    feed.stop();
    assert_eq!(all(folder.path()).len(), 600);
}
