//! How fast messages are received, judged, stored durably and answered. `CONCORD_FEED_SPEED` says with how many messages.

#![allow(clippy::unwrap_used)] // a test fails by panicking
#![allow(clippy::print_stderr)] // what was measured must be seen

mod support;

use std::fs::File;
use std::io::Write;
use std::sync::Arc;
use std::time::{Duration, Instant};

use concord_feed::Clock;
use concord_feed::mllp::MllpSettings;
use concord_feed::send::{Faults, SendSettings, send};
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

#[test]
fn messages_of_fifty_connections_share_their_syncs() {
    let folder = tempfile::tempdir().unwrap();
    let mut file = File::create(folder.path().join("sync")).unwrap();
    let mut syncs: Vec<Duration> = (0..50)
        .map(|_| {
            file.write_all(&[0; 16_384]).unwrap();
            let began = Instant::now();
            file.sync_data().unwrap();
            began.elapsed()
        })
        .collect();
    syncs.sort();
    let messages = std::env::var("CONCORD_FEED_SPEED").map_or(5_000, |text| text.parse().unwrap());
    for pipelined in [1, 8] {
        let store = folder.path().join(format!("store{pipelined}"));
        let feed = Running::start(listening(&store, MllpSettings::default()));
        let mut settings = settings(feed.listening[0].to_string(), messages);
        settings.pipelined = pipelined;
        let sent = sent(settings);
        assert_eq!((sent.answers["AA"], sent.unanswered), (messages, 0));
        eprintln!(
            "{messages} messages, {pipelined} at once on each of 50 connections: {:.0} a second, answered in {:?} (median), {:?} (99 of 100); one sync takes {:?} (median), {:?} (slowest)",
            messages as f64 / sent.elapsed.as_secs_f64(),
            sent.within(0.5),
            sent.within(0.99),
            syncs[25],
            syncs[49],
        );
        // With a sync for each of them it would take longer than this.
        if messages > 1_000 {
            assert!(sent.elapsed < syncs[25] * messages as u32);
        }
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
