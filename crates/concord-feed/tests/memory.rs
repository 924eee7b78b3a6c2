//! Memory stays bounded whatever senders do. Alone in its process, because it measures it.

#![allow(clippy::unwrap_used)] // a test fails by panicking
#![allow(clippy::print_stderr)] // what was measured must be seen

mod support;

use std::fs;
use std::io::Write;
use std::net::TcpStream;
use std::time::Duration;

use concord_feed::mllp::{Limits, MllpSettings};
use support::{Client, Running, all, listening, message};

/// The most memory that this process ever had, in megabytes.
fn most() -> Option<u64> {
    let status = fs::read_to_string("/proc/self/status").ok()?;
    let line = status
        .lines()
        .find_map(|line| line.strip_prefix("VmHWM:"))?;
    Some(line.split_whitespace().next()?.parse::<u64>().ok()? / 1024)
}

#[test]
fn memory_is_bounded_by_the_limits() {
    let Some(before) = most() else {
        eprintln!("skipped: this system does not tell how much memory a process had");
        return;
    };
    let folder = tempfile::tempdir().unwrap();
    let limits = Limits {
        message: 4 << 20,
        in_flight: 32 << 20,
        frame: Duration::from_secs(3),
        ..Limits::default()
    };
    let settings = MllpSettings {
        limits,
        ..MllpSettings::default()
    };
    let feed = Running::start(listening(folder.path(), settings));
    let address = feed.listening[0];
    // A gigabyte in frames that do not end, from 256 connections at the same time; each gives up when it is not read.
    std::thread::scope(|scope| {
        for _ in 0..8 {
            scope.spawn(|| {
                let mut open: Vec<TcpStream> = (0..32)
                    .map(|_| {
                        let mut stream = TcpStream::connect(address).unwrap();
                        stream.write_all(b"\x0bMSH|^~\\&|").unwrap();
                        stream
                            .set_write_timeout(Some(Duration::from_millis(5)))
                            .unwrap();
                        stream
                    })
                    .collect();
                let piece = vec![b'A'; 1 << 16];
                for _ in 0..64 {
                    for stream in &mut open {
                        let _ = stream.write(&piece);
                    }
                }
            });
        }
    });
    // And many good messages, all sent before any answer is read.
    let mut good = Client::new(address);
    for id in 0..3_000 {
        good.write(&message(&id.to_string()));
    }
    for _ in 0..3_000 {
        assert!(good.answer().unwrap().contains("\rMSA|AA|"));
    }
    let grown = most().unwrap() - before;
    eprintln!("memory grew by {grown} MB");
    assert!(grown < 64, "{grown} MB");
    feed.stop();
    assert_eq!(all(folder.path()).len(), 3_000);
}
