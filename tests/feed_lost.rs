//! Nothing lost, nothing twice, through the program: many senders, a disk that is full for a while, and SIGKILL at random.
//!
//! `CONCORD_FEED_MESSAGES`, `CONCORD_FEED_CONNECTIONS` and `CONCORD_FEED_KILLS` make it large.

#![cfg(unix)]
#![allow(clippy::unwrap_used)] // a test fails by panicking
#![allow(clippy::print_stderr)] // what was measured must be seen

mod feed_support;

use std::collections::BTreeMap;
use std::env;
use std::fs;
use std::net::{SocketAddr, TcpListener};
use std::path::Path;
use std::process::Command;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use feed_support::{Client, Live, admission, delivered, folder};

fn number(name: &str, usual: u64) -> u64 {
    env::var(name).map_or(usual, |text| text.parse().unwrap())
}

/// The feed, with a limit on the size of its files in units of 512 bytes: a disk that is full as far as it can tell.
fn start(folder: &Path, address: SocketAddr, full: Option<u64>) -> Live {
    let source = format!("mllp://{address}");
    let limit = full.map_or_else(|| "unlimited".to_owned(), |blocks| blocks.to_string());
    let mut command = Command::new("sh");
    command.args(["-c", "trap '' XFSZ; ulimit -f \"$0\"; exec \"$@\"", &limit]);
    command.args([env!("CARGO_BIN_EXE_concord"), "feed", &source]);
    command.args([
        "--store",
        "store",
        "--into",
        "into",
        "--log",
        "json",
        "--no-config",
    ]);
    // Small segments, so that it is killed while one is begun as well.
    command.args(["--standard", "itk-adt@1.0", "--segment", "200KB"]);
    Live::run(command, folder)
}

struct Senders {
    address: SocketAddr,
    messages: u64,
    next: AtomicU64,
    /// Messages that were accepted.
    answered: AtomicU64,
    /// Answers that a message could not be stored.
    refused: AtomicU64,
}

impl Senders {
    /// Sends messages until all have been accepted, each again until it is.
    fn run(&self) {
        let mut client: Option<Client> = None;
        loop {
            let number = self.next.fetch_add(1, Ordering::Relaxed);
            if number >= self.messages {
                return;
            }
            let message = admission(&format!("M{number}"));
            loop {
                let answer = match &mut client {
                    Some(open) => open.try_ask(&message),
                    None => None,
                };
                match answer {
                    Some(answer) if answer.contains(&format!("\nMSA|AA|M{number}\n")) => break,
                    Some(answer) => {
                        let again = answer.contains(&format!("\nMSA|AR|M{number}|not stored"));
                        assert!(again, "{answer}");
                        self.refused.fetch_add(1, Ordering::Relaxed);
                        std::thread::sleep(Duration::from_millis(20));
                    }
                    None => {
                        client = Client::try_new(self.address);
                        if client.is_none() {
                            std::thread::sleep(Duration::from_millis(20));
                        }
                    }
                }
            }
            self.answered.fetch_add(1, Ordering::Relaxed);
        }
    }
}

#[test]
fn what_was_answered_is_stored_once_however_often_the_feed_is_killed() {
    let messages = number("CONCORD_FEED_MESSAGES", 2_000);
    let connections = number("CONCORD_FEED_CONNECTIONS", 20);
    let kills = number("CONCORD_FEED_KILLS", 4);
    let folder = folder("lost");
    let address = TcpListener::bind("127.0.0.1:0")
        .unwrap()
        .local_addr()
        .unwrap();
    let senders = Senders {
        address,
        messages,
        next: AtomicU64::new(0),
        answered: AtomicU64::new(0),
        refused: AtomicU64::new(0),
    };
    let began = Instant::now();
    let mut dice = u64::from(std::process::id());
    eprintln!("dice: {dice}");
    let refused = std::thread::scope(|scope| {
        let mut running = Vec::new();
        for _ in 0..connections {
            running.push(scope.spawn(|| senders.run()));
        }
        // First the disk is full before a segment is: what does not fit is refused, not lost.
        let mut live = start(&folder, address, Some(200));
        feed_support::becomes("the disk is full", || {
            senders.refused.load(Ordering::Relaxed) > 0
        });
        let refused = senders.refused.load(Ordering::Relaxed);
        live.kill();
        for kill in 0..kills {
            live = start(&folder, address, None);
            // Killed somewhere between two shares of the messages, or after some time.
            dice = dice
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1_442_695_040_888_963_407);
            let share = messages * (kill + 1) / (kills + 1);
            let wait = Duration::from_millis((dice >> 33) & 0x7f);
            let ended = || {
                running
                    .iter()
                    .any(std::thread::ScopedJoinHandle::is_finished)
            };
            while senders.answered.load(Ordering::Relaxed) < share && !ended() {
                std::thread::sleep(Duration::from_millis(5));
            }
            std::thread::sleep(wait);
            live.kill();
        }
        live = start(&folder, address, None);
        for one in running {
            one.join().unwrap();
        }
        live.stop();
        refused
    });
    assert_eq!(senders.answered.load(Ordering::Relaxed), messages);

    // Every one of them was answered, so every one is there, once, in the store and in what was delivered.
    let once = |text: &str, what: &str| {
        let mut seen: BTreeMap<&str, u64> = BTreeMap::new();
        for header in text
            .split('\r')
            .filter(|segment| segment.starts_with("MSH|"))
        {
            *seen.entry(header.split('|').nth(9).unwrap()).or_default() += 1;
        }
        let twice: Vec<_> = seen.iter().filter(|(_, times)| **times != 1).collect();
        assert!(twice.is_empty(), "{what}: {twice:?}");
        assert_eq!(seen.len() as u64, messages, "{what}");
    };
    once(&delivered(&folder, "accepted"), "delivered");
    let mut replay = Command::new(env!("CARGO_BIN_EXE_concord"));
    replay
        .current_dir(&folder)
        .args(["feed", "status", "store", "--format", "json"]);
    let status = String::from_utf8(replay.output().unwrap().stdout).unwrap();
    let status: serde_json::Value = serde_json::from_str(&status).unwrap();
    assert_eq!(status["last"], messages, "{status}");
    assert_eq!(status["senders"][0]["messages"], messages, "{status}");
    assert_eq!(status["damaged"], 0, "{status}");
    let cut = fs::read_dir(folder.join("store")).unwrap();
    let cut = cut.filter(|file| {
        let name = file.as_ref().unwrap().file_name();
        name.to_string_lossy().contains(".cut-")
    });
    eprintln!(
        "{messages} messages over {connections} connections, {kills} kills, {refused} refused while the disk was full, {} ends cut off, {:.0} s",
        cut.count(),
        began.elapsed().as_secs_f64()
    );
    fs::remove_dir_all(&folder).unwrap();
}
