//! `JetStream` as a source, on a real server: `nats-server` on the path, or where `CONCORD_NATS_SERVER` says.

#![cfg(feature = "nats")]
#![allow(clippy::unwrap_used)] // a test fails by panicking
#![allow(clippy::print_stderr)] // what is skipped is said

mod support;

use std::collections::BTreeSet;
use std::net::TcpListener;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use async_nats::jetstream;
use concord_feed::Feed;
use concord_feed::source::{NatsSettings, NatsSource};
use support::{Running, all, message};
use tokio::runtime::Runtime;

fn server(folder: &Path, port: u16) -> Option<Child> {
    let program = std::env::var("CONCORD_NATS_SERVER").unwrap_or("nats-server".into());
    let mut command = Command::new(program);
    command.args(["-js", "-a", "127.0.0.1", "-p", &port.to_string(), "-sd"]);
    command
        .arg(folder)
        .stdout(Stdio::null())
        .stderr(Stdio::null());
    command.spawn().ok()
}

async fn connect(url: &str) -> jetstream::Context {
    loop {
        if let Ok(client) = async_nats::connect(url).await {
            return jetstream::new(client);
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

fn publish(runtime: &Runtime, url: &str, ids: std::ops::Range<u32>) {
    runtime.block_on(async {
        let context = connect(url).await;
        for id in ids {
            let message = message(&id.to_string());
            loop {
                let sent = context.publish("adt.rxx", message.clone().into()).await;
                if let Ok(acknowledged) = sent
                    && acknowledged.await.is_ok()
                {
                    break;
                }
                tokio::time::sleep(Duration::from_millis(50)).await;
            }
        }
    });
}

fn start(store: &Path, url: &str) -> Running {
    let mut feed = Feed::new(store.into(), 2);
    feed.sources.push(Box::new(NatsSource(NatsSettings {
        server: url.into(),
        stream: "ADT".into(),
        consumer: "concord".into(),
        again: Duration::from_secs(2),
        largest: 1 << 20,
    })));
    Running::start(feed)
}

fn wait_for(stores: &[&Path], count: usize) {
    let mut found = BTreeSet::new();
    for _ in 0..600 {
        for store in stores
            .iter()
            .filter(|store| store.join("store.json").exists())
        {
            let ids = all(store)
                .into_iter()
                .map(|entry| entry.verdict.identity.control_id);
            found.extend(ids);
        }
        if found.len() == count {
            return;
        }
        std::thread::sleep(Duration::from_millis(50));
    }
    panic!("{} of {count} messages came", found.len());
}

/// Waits until the server has nothing more to send, and says how much it has if that does not happen.
fn unacknowledged(runtime: &Runtime, url: &str) -> u64 {
    runtime.block_on(async {
        let stream = connect(url).await.get_stream("ADT").await.unwrap();
        let mut consumer: jetstream::consumer::PullConsumer =
            stream.get_consumer("concord").await.unwrap();
        let mut left = u64::MAX;
        for _ in 0..200 {
            let info = consumer.info().await.unwrap();
            left = info.num_pending + info.num_ack_pending as u64;
            if left == 0 {
                break;
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        left
    })
}

#[test]
fn messages_survive_restarts_of_feed_and_server() {
    let folder = tempfile::tempdir().unwrap();
    let port = TcpListener::bind("127.0.0.1:0")
        .unwrap()
        .local_addr()
        .unwrap()
        .port();
    let Some(mut broker) = server(&folder.path().join("nats"), port) else {
        eprintln!("skipped: there is no nats-server");
        return;
    };
    let url = format!("nats://127.0.0.1:{port}");
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .unwrap();
    runtime.block_on(async {
        let stream = jetstream::stream::Config {
            name: "ADT".into(),
            subjects: vec!["adt.>".into()],
            ..jetstream::stream::Config::default()
        };
        connect(&url).await.create_stream(stream).await.unwrap();
    });
    let (one, two) = (folder.path().join("one"), folder.path().join("two"));
    publish(&runtime, &url, 0..300);
    let feed = start(&one, &url);
    wait_for(&[&one], 300);
    broker.kill().unwrap();
    broker.wait().unwrap();
    broker = server(&folder.path().join("nats"), port).unwrap();
    publish(&runtime, &url, 300..500);
    wait_for(&[&one], 500);
    // What the killed server had forgotten comes again, and is recognised.
    assert_eq!(unacknowledged(&runtime, &url), 0);
    assert_eq!(all(&one).len(), 500);
    feed.stop();
    // Two processes share the consumer; each message goes to one of them.
    let feeds = [start(&one, &url), start(&two, &url)];
    publish(&runtime, &url, 500..900);
    wait_for(&[&one, &two], 900);
    assert_eq!(unacknowledged(&runtime, &url), 0);
    for feed in feeds {
        feed.stop();
    }
    let (one, two) = (all(&one), all(&two));
    let mut ids: Vec<&str> = one
        .iter()
        .chain(&two)
        .map(|entry| &*entry.verdict.identity.control_id)
        .collect();
    ids.sort_unstable();
    ids.dedup();
    assert_eq!(ids.len(), 900);
    assert!(!two.is_empty());
    assert_eq!(one.len() + two.len(), 900, "each went to one of them");
    broker.kill().unwrap();
    broker.wait().unwrap();
}
