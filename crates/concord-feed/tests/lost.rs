//! Nothing lost, nothing twice: a feed is killed again and again, its disk is full for a while, and at the end every message
//! that was answered is stored once, and every one that was not is not there or is recognised when it comes again.
//!
//! `CONCORD_FEED_MESSAGES` and `CONCORD_FEED_KILLS` make it large.

#![allow(clippy::unwrap_used)] // a test fails by panicking
#![allow(clippy::print_stderr)] // what was measured must be seen

mod support;

use std::collections::BTreeMap;
use std::env;
use std::io;
use std::net::{SocketAddr, TcpListener};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;

use concord_feed::mllp::{Frames, MllpSettings, framed};
use concord_feed::sink::Folders;
use concord_feed::store::{Appended, Disk, FileSystem, StoreSettings};
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;
use support::{HeaderJudge, Wall, all, listening, message};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::task::JoinSet;
use tokio::time::{sleep, timeout};

const CONNECTIONS: u64 = 50;

fn number(name: &str, usual: u64) -> u64 {
    env::var(name).map_or(usual, |text| text.parse().unwrap())
}

/// A disk that is full for some commits after so many bytes, and that loses what was not synced when the process ends, as
/// a machine does that loses its power.
struct OnceFull {
    left: Arc<AtomicU64>,
    refusals: Arc<AtomicU64>,
}

struct OnceFullFile {
    file: Box<dyn Appended>,
    unsynced: Vec<u8>,
    left: Arc<AtomicU64>,
    refusals: Arc<AtomicU64>,
}

impl Disk for OnceFull {
    fn open(&self, path: &Path, length: u64) -> io::Result<Box<dyn Appended>> {
        Ok(Box::new(OnceFullFile {
            file: FileSystem.open(path, length)?,
            unsynced: Vec::new(),
            left: Arc::clone(&self.left),
            refusals: Arc::clone(&self.refusals),
        }))
    }
}

impl Appended for OnceFullFile {
    fn append(&mut self, bytes: &[u8]) -> io::Result<()> {
        let left = self.left.load(Ordering::SeqCst);
        if left >= bytes.len() as u64 || self.refusals.load(Ordering::SeqCst) == 0 {
            self.left
                .store(left.saturating_sub(bytes.len() as u64), Ordering::SeqCst);
            self.unsynced.extend_from_slice(bytes);
            return Ok(());
        }
        self.refusals.fetch_sub(1, Ordering::SeqCst);
        self.file.append(&bytes[..left as usize])?;
        Err(io::ErrorKind::StorageFull.into())
    }

    fn sync(&mut self) -> io::Result<()> {
        // Half of it may reach the disk before the other half does.
        let (first, second) = self.unsynced.split_at(self.unsynced.len() / 2);
        self.file.append(first)?;
        std::thread::sleep(Duration::from_millis(1));
        self.file.append(second)?;
        self.unsynced.clear();
        self.file.sync()
    }

    fn cut(&mut self, length: u64) -> io::Result<()> {
        self.unsynced.clear();
        self.file.cut(length)
    }
}

/// The feed that is killed; it does nothing where no store is named.
#[test]
fn the_feed_that_is_killed() {
    let Ok(store) = env::var("CONCORD_FEED_TEST_STORE") else {
        return;
    };
    let store = Path::new(&store);
    let mut feed = listening(&store.join("store"), MllpSettings::default());
    feed.listeners[0].address = env::var("CONCORD_FEED_TEST_ADDRESS").unwrap();
    // Small segments, so that it is killed while one is begun as well.
    feed.settings = StoreSettings {
        segment: 100_000,
        ..StoreSettings::default()
    };
    feed.sinks
        .push(Box::new(Folders::new(&store.join("out")).unwrap()));
    feed.disk = Arc::new(OnceFull {
        left: Arc::new(AtomicU64::new(number("CONCORD_FEED_TEST_ROOM", u64::MAX))),
        refusals: Arc::new(AtomicU64::new(20)),
    });
    let never = std::future::pending();
    concord_feed::run(feed, Arc::new(HeaderJudge), Wall::new(), never, |_| {}).unwrap();
}

fn spawn(folder: &Path, address: SocketAddr, room: Option<u64>) -> Child {
    let mut command = Command::new(env::current_exe().unwrap());
    command
        .args(["--exact", "the_feed_that_is_killed", "--nocapture"])
        .env("CONCORD_FEED_TEST_STORE", folder)
        .env("CONCORD_FEED_TEST_ADDRESS", address.to_string())
        .stdout(Stdio::null())
        .stderr(Stdio::null());
    if let Some(room) = room {
        command.env("CONCORD_FEED_TEST_ROOM", room.to_string());
    }
    command.spawn().unwrap()
}

/// Sends a message and says what the answer was, if there was one.
async fn exchange(stream: &mut Option<TcpStream>, address: SocketAddr, id: &str) -> Option<String> {
    let mut open = match stream.take() {
        Some(open) => open,
        None => TcpStream::connect(address).await.ok()?,
    };
    open.write_all(&framed(message(id).as_bytes())).await.ok()?;
    let mut frames = Frames::new(1 << 20);
    let answer = loop {
        if let Some(answer) = frames.take().unwrap() {
            break String::from_utf8(answer).unwrap();
        }
        let read = timeout(Duration::from_secs(30), open.read_buf(frames.buffer())).await;
        if read.ok()?.ok()? == 0 {
            return None;
        }
    };
    *stream = Some(open);
    let code = answer.split("\rMSA|").nth(1).unwrap();
    assert!(code.contains(&format!("|{id}")), "{answer}");
    Some(code[..2].to_owned())
}

/// What came of the messages: those answered, those of which nobody knows.
#[derive(Default)]
struct Outcome {
    answered: Vec<String>,
    unknown: Vec<String>,
    refused: u64,
}

async fn connection(number: u64, messages: u64, address: SocketAddr) -> Outcome {
    let mut random = ChaCha8Rng::seed_from_u64(number);
    let mut outcome = Outcome::default();
    let mut stream = None;
    for message in 0..messages {
        let id = format!("{number}-{message}");
        loop {
            match exchange(&mut stream, address, &id).await.as_deref() {
                Some("AA") => {
                    outcome.answered.push(id);
                    break;
                }
                Some("AR") => {
                    outcome.refused += 1;
                    sleep(Duration::from_millis(20)).await;
                }
                Some(other) => panic!("{other}"),
                // Some senders give up; others send again.
                None if random.random_ratio(1, 4) => {
                    outcome.unknown.push(id);
                    break;
                }
                None => sleep(Duration::from_millis(random.random_range(5..50))).await,
            }
        }
    }
    outcome
}

fn runtime() -> tokio::runtime::Runtime {
    tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .unwrap()
}

fn send_all(messages: u64, address: SocketAddr) -> Outcome {
    runtime().block_on(async {
        let mut running = JoinSet::new();
        for number in 0..CONNECTIONS {
            running.spawn(connection(number, messages / CONNECTIONS, address));
        }
        let mut all = Outcome::default();
        while let Some(outcome) = running.join_next().await {
            let outcome = outcome.unwrap();
            all.answered.extend(outcome.answered);
            all.unknown.extend(outcome.unknown);
            all.refused += outcome.refused;
        }
        all
    })
}

fn prove(messages: u64, kills: u64, room: Option<u64>) -> Outcome {
    let folder = tempfile::tempdir().unwrap();
    let address = TcpListener::bind("127.0.0.1:0")
        .unwrap()
        .local_addr()
        .unwrap();
    let mut child = spawn(folder.path(), address, room);
    let done = AtomicBool::new(false);
    let (outcome, killed) = std::thread::scope(|scope| {
        let sending = scope.spawn(|| {
            let outcome = send_all(messages, address);
            done.store(true, Ordering::SeqCst);
            outcome
        });
        let mut random = ChaCha8Rng::seed_from_u64(7);
        let mut killed = 0;
        while !done.load(Ordering::SeqCst) {
            std::thread::sleep(Duration::from_millis(random.random_range(20..600)));
            if killed < kills && !done.load(Ordering::SeqCst) {
                child.kill().unwrap();
                child.wait().unwrap();
                child = spawn(folder.path(), address, room);
                killed += 1;
            }
        }
        (sending.join().unwrap(), killed)
    });
    let store = folder.path().join("store");
    let count = |store: &Path| {
        let mut counts: BTreeMap<String, u64> = BTreeMap::new();
        for entry in all(store) {
            let id = entry.verdict.identity.control_id;
            assert_eq!(entry.message, message(&id).as_bytes());
            assert_eq!(entry.other, None);
            *counts.entry(id).or_default() += 1;
        }
        counts
    };
    let stored = count(&store);
    for id in &outcome.answered {
        assert_eq!(stored.get(id), Some(&1), "{id} was answered");
    }
    assert!(stored.values().all(|times| *times == 1));
    // Those of which nobody knows are sent again now.
    runtime().block_on(async {
        let mut stream = None;
        for id in &outcome.unknown {
            while exchange(&mut stream, address, id).await.as_deref() != Some("AA") {}
        }
    });
    let stored = count(&store);
    assert_eq!(stored.len() as u64, messages);
    assert!(stored.values().all(|times| *times == 1));
    // What the sinks wrote is the same, after as many crashes.
    let written = |folder: &Path| {
        let days = std::fs::read_dir(folder).unwrap();
        days.map(|day| std::fs::read(day.unwrap().path()).unwrap())
            .collect::<Vec<_>>()
            .concat()
    };
    let accepted = folder.path().join("out/accepted");
    for _ in 0..100 {
        let bytes = written(&accepted);
        if concord_feed::source::messages(&bytes).count() as u64 >= messages {
            break;
        }
        std::thread::sleep(Duration::from_millis(100));
    }
    child.kill().unwrap();
    child.wait().unwrap();
    let bytes = written(&accepted);
    let mut found: Vec<&[u8]> = concord_feed::source::messages(&bytes).collect();
    assert_eq!(found.len() as u64, messages);
    found.sort_unstable();
    found.dedup();
    assert_eq!(found.len() as u64, messages);
    eprintln!(
        "{messages} messages, killed {killed} times: {} answered at once, {} unknown, {} refused",
        outcome.answered.len(),
        outcome.unknown.len(),
        outcome.refused
    );
    outcome
}

#[test]
fn nothing_is_lost_and_nothing_is_there_twice_when_it_is_killed() {
    let messages = number("CONCORD_FEED_MESSAGES", 4_000);
    let kills = number("CONCORD_FEED_KILLS", 8);
    prove(messages, kills, None);
}

#[test]
fn nothing_is_lost_and_nothing_is_there_twice_when_the_disk_is_full() {
    let outcome = prove(2_000, 0, Some(600_000));
    assert!(outcome.refused > 0);
}
