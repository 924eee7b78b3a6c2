//! `JetStream` as a source and as a sink, on a real server.

#![cfg(feature = "nats")]
#![allow(clippy::unwrap_used)] // a test fails by panicking

mod broker;
mod support;

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use std::time::Duration;

use async_nats::jetstream;
use broker::{Broker, publish};
use concord_feed::mllp::MllpSettings;
use concord_feed::sink::{NatsSink, NatsSinkSettings, Topics};
use concord_feed::source::{NatsSettings, NatsSource};
use concord_feed::store::{Release, release};
use concord_feed::{Feed, partition_key};
use support::{Client, Running, all, encounter, listening, message};

fn publish_all(broker: &Broker, ids: std::ops::Range<u32>) {
    broker.runtime.block_on(async {
        let context = broker.connect().await;
        for id in ids {
            let id = id.to_string();
            publish(&context, "adt.rxx".into(), &id, message(&id)).await;
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
        partitions: None,
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
fn unacknowledged(broker: &Broker) -> u64 {
    let stream = broker.stream("ADT");
    broker.runtime.block_on(async {
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
    let Some(mut broker) = Broker::start(&folder.path().join("nats")) else {
        return;
    };
    let url = broker.url.clone();
    broker.create("ADT", "adt.>", Duration::from_mins(2));
    let (one, two) = (folder.path().join("one"), folder.path().join("two"));
    publish_all(&broker, 0..300);
    let feed = start(&one, &url);
    wait_for(&[&one], 300);
    broker.restart();
    publish_all(&broker, 300..500);
    wait_for(&[&one], 500);
    // What the killed server had forgotten comes again, and is recognised.
    assert_eq!(unacknowledged(&broker), 0);
    assert_eq!(all(&one).len(), 500);
    feed.stop();
    // Two processes share the consumer; each message goes to one of them.
    let feeds = [start(&one, &url), start(&two, &url)];
    publish_all(&broker, 500..900);
    wait_for(&[&one, &two], 900);
    assert_eq!(unacknowledged(&broker), 0);
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
}

fn into_subjects(folder: &Path, broker: &Broker, partitions: Option<u16>) -> Running {
    let mut feed = listening(&folder.join("store"), MllpSettings::default());
    feed.sinks.push(Box::new(NatsSink::new(NatsSinkSettings {
        server: broker.url.clone(),
        subjects: Topics {
            accepted: "out.accepted".into(),
            rejected: Some("out.rejected".into()),
            findings: Some("out.findings".into()),
        },
        partitions,
        checkpoint: folder.join("nats.json"),
    })));
    Running::start(feed)
}

fn wait_until(what: &str, done: impl Fn() -> bool) {
    for _ in 0..300 {
        if done() {
            return;
        }
        std::thread::sleep(Duration::from_millis(50));
    }
    panic!("{what}");
}

#[test]
fn each_message_is_published_once_where_it_belongs() {
    let folder = tempfile::tempdir().unwrap();
    let Some(mut broker) = Broker::start(&folder.path().join("nats")) else {
        return;
    };
    // A window so short that the server itself recognises nothing.
    broker.create("OUT", "out.>", Duration::from_millis(100));
    let checkpoint = folder.path().join("nats.json");
    let feed = into_subjects(folder.path(), &broker, Some(4));
    wait_until("the sink is open", || checkpoint.exists());
    let before = fs::read(&checkpoint).unwrap();
    let mut client = Client::new(feed.listening[0]);
    for id in 0..200 {
        client.ask(&message(&id.to_string()));
    }
    let without_patient = "MSH|^~\\&|PAS|RXX|HUB|NHS|||ADT^A01|wrong|P|2.4\r";
    client.ask(without_patient);
    wait_until("all are published", || broker.count("OUT") == 202);
    drop(client);
    feed.stop();
    let first = broker.all("OUT");
    let key = partition_key(message("1").as_bytes()) % 4;
    let ids: Vec<&str> = first[..200]
        .iter()
        .map(|(subject, text)| {
            assert_eq!(*subject, format!("out.accepted.{key}"));
            text.split('|').nth(9).unwrap()
        })
        .collect();
    let expected: Vec<String> = (0..200).map(|id| id.to_string()).collect();
    assert_eq!(ids, expected);
    let other = partition_key(without_patient.as_bytes()) % 4;
    assert_eq!(
        first[200],
        (format!("out.rejected.{other}"), without_patient.to_owned())
    );
    assert_eq!(first[201].0, format!("out.findings.{other}"));
    assert!(
        first[201].1.contains("\"rule\":\"TEST-PID\""),
        "{}",
        first[201].1
    );
    // As if it had been killed before it had committed anything.
    fs::write(&checkpoint, before).unwrap();
    let feed = into_subjects(folder.path(), &broker, Some(4));
    wait_until("it has committed again", || {
        fs::read_to_string(&checkpoint)
            .unwrap()
            .contains("\"next\":202")
    });
    assert_eq!(broker.all("OUT"), first);
    // The server goes away and comes back; a message that was held is released.
    broker.restart();
    let mut client = Client::new(feed.listening[0]);
    client.ask(&message("200"));
    let one = Release {
        number: 201,
        released: "2026-11-22T12:00:00Z".into(),
        by: "a person".into(),
        reason: "looked at".into(),
    };
    release(&folder.path().join("store"), &one).unwrap();
    wait_until("both are published", || broker.count("OUT") == 204);
    drop(client);
    feed.stop();
    let released = &broker.all("OUT")[203];
    assert_eq!(
        *released,
        (format!("out.accepted.{other}"), without_patient.to_owned())
    );
}

#[test]
fn a_message_that_is_too_large_for_the_server_is_told_and_holds_nobody_up() {
    let folder = tempfile::tempdir().unwrap();
    let Some(broker) = Broker::start(&folder.path().join("nats")) else {
        return;
    };
    broker.create("OUT", "out.>", Duration::from_mins(2));
    let feed = into_subjects(folder.path(), &broker, None);
    let mut client = Client::new(feed.listening[0]);
    client.ask(&format!("{}NTE|||{}\r", message("1"), "x".repeat(2 << 20)));
    client.ask(&message("2"));
    wait_until("the other one is published", || broker.count("OUT") == 2);
    drop(client);
    feed.stop();
    let found = broker.all("OUT");
    assert_eq!(found[0].0, "out.findings");
    assert!(found[0].1.contains("FEED-NOT-PUBLISHED"), "{}", found[0].1);
    assert_eq!(found[1], ("out.accepted".to_owned(), message("2")));
}

#[test]
fn resources_go_through_a_server_as_messages_do() {
    let folder = tempfile::tempdir().unwrap();
    let Some(broker) = Broker::start(&folder.path().join("nats")) else {
        return;
    };
    broker.create("ADT", "adt.>", Duration::from_mins(2));
    broker.create("OUT", "out.>", Duration::from_mins(2));
    broker.runtime.block_on(async {
        let context = broker.connect().await;
        for number in 0..100_u32 {
            let status = if number % 10 == 0 {
                "cancelled"
            } else {
                "finished"
            };
            let text = encounter(&(number / 2).to_string(), number % 2, status);
            publish(&context, "adt.fhir".into(), &number.to_string(), text).await;
        }
        // What comes again, under another id of the server's, is recognised.
        publish(
            &context,
            "adt.fhir".into(),
            "again",
            encounter("1", 0, "finished"),
        )
        .await;
    });
    let store = folder.path().join("one");
    let mut feed = Feed::new(store.clone(), 2);
    feed.sources.push(Box::new(NatsSource(NatsSettings {
        server: broker.url.clone(),
        stream: "ADT".into(),
        consumer: "concord".into(),
        again: Duration::from_secs(2),
        largest: 1 << 20,
        partitions: None,
    })));
    feed.sinks.push(Box::new(NatsSink::new(NatsSinkSettings {
        server: broker.url.clone(),
        subjects: Topics {
            accepted: "out.accepted".into(),
            rejected: Some("out.rejected".into()),
            findings: None,
        },
        partitions: Some(4),
        checkpoint: folder.path().join("nats.json"),
    })));
    let feed = Running::start(feed);
    wait_until("all are published", || broker.count("OUT") == 100);
    assert_eq!(unacknowledged(&broker), 0);
    feed.stop();
    assert_eq!(all(&store).len(), 100);
    let key = partition_key(encounter("7", 1, "finished").as_bytes()) % 4;
    let published = broker.all("OUT");
    let of = |kind: &str| {
        let subject = format!("out.{kind}.{key}");
        published
            .iter()
            .filter(|(name, _)| *name == subject)
            .count()
    };
    assert_eq!((of("accepted"), of("rejected")), (90, 10));
}
