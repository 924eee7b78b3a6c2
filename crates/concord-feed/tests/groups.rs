//! Two processes share a stream of a real server. Each of them and the server are killed, and at the end every message is
//! published once, and those of each patient in their order.
//!
//! `CONCORD_FEED_MESSAGES` makes it large.

#![cfg(feature = "nats")]
#![allow(clippy::unwrap_used)] // a test fails by panicking
#![allow(clippy::print_stderr)] // what was measured must be seen

mod broker;
mod support;

use std::collections::BTreeMap;
use std::env;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::time::{Duration, Instant};

use broker::{Broker, connect, publish};
use concord_feed::sink::{NatsSink, NatsSinkSettings, Topics};
use concord_feed::source::{NatsSettings, NatsSource, Partitions};
use concord_feed::{Feed, partition_key};
use support::{HeaderJudge, Wall, all};

const PARTITIONS: u16 = 8;
const PATIENTS: usize = 40;

/// One of the processes; it does nothing where no folder is named.
#[test]
fn the_process_that_is_killed() {
    let Ok(folder) = env::var("CONCORD_GROUP_TEST_FOLDER") else {
        return;
    };
    let folder = Path::new(&folder);
    let server = env::var("CONCORD_GROUP_TEST_SERVER").unwrap();
    let process = env::var("CONCORD_GROUP_TEST_PROCESS")
        .unwrap()
        .parse()
        .unwrap();
    let mut feed = Feed::new(folder.join("store"), 2);
    feed.sources.push(Box::new(NatsSource(NatsSettings {
        server: server.clone(),
        stream: "IN".into(),
        consumer: "concord".into(),
        again: Duration::from_secs(2),
        largest: 1 << 20,
        partitions: Some(Partitions {
            subject: "in".into(),
            count: PARTITIONS,
            process,
            processes: 2,
        }),
    })));
    feed.sinks.push(Box::new(NatsSink::new(NatsSinkSettings {
        server,
        subjects: Topics {
            accepted: "out.accepted".into(),
            rejected: Some("out.rejected".into()),
            findings: None,
        },
        partitions: Some(PARTITIONS),
        checkpoint: folder.join("nats.json"),
    })));
    let never = std::future::pending();
    concord_feed::run(feed, Arc::new(HeaderJudge), Wall::new(), never, |_| {}).unwrap();
}

struct Process {
    child: Child,
    folder: std::path::PathBuf,
    server: String,
    number: u16,
}

impl Process {
    fn start(folder: &Path, server: &str, number: u16) -> Self {
        let folder = folder.join(number.to_string());
        Self {
            child: Self::spawn(&folder, server, number),
            folder,
            server: server.to_owned(),
            number,
        }
    }

    fn spawn(folder: &Path, server: &str, number: u16) -> Child {
        let mut command = Command::new(env::current_exe().unwrap());
        command
            .args(["--exact", "the_process_that_is_killed", "--nocapture"])
            .env("CONCORD_GROUP_TEST_FOLDER", folder)
            .env("CONCORD_GROUP_TEST_SERVER", server)
            .env("CONCORD_GROUP_TEST_PROCESS", number.to_string())
            .stdout(Stdio::null())
            .stderr(Stdio::null());
        command.spawn().unwrap()
    }

    fn kill(&mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }

    fn start_again(&mut self) {
        self.child = Self::spawn(&self.folder, &self.server, self.number);
    }

    fn stored(&self) -> usize {
        all(&self.folder.join("store")).len()
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// A message of a patient; every seventh of them is rejected.
fn message(patient: usize, number: usize) -> String {
    let version = if number % 7 == 6 { "2.5" } else { "2.4" };
    format!(
        "MSH|^~\\&|PAS|RXX|HUB|NHS|20260331120000||ADT^A08|{patient}-{number}|P|{version}\rPID|||P{patient}^^^RXX^PI~9990000018^^^NHS^NH\rPV1||I\r"
    )
}

#[test]
fn processes_share_a_stream_and_each_patients_messages_keep_their_order() {
    let folder = tempfile::tempdir().unwrap();
    let Some(mut broker) = Broker::start(&folder.path().join("nats")) else {
        return;
    };
    let messages: usize =
        env::var("CONCORD_FEED_MESSAGES").map_or(1_200, |text| text.parse().unwrap());
    let each = messages.div_ceil(PATIENTS);
    let total = each * PATIENTS;
    for (stream, subjects) in [("IN", "in.>"), ("OUT", "out.>")] {
        broker.create(stream, subjects, Duration::from_mins(2));
    }
    let began = Instant::now();
    let url = broker.url.clone();
    let publishing = std::thread::spawn(move || {
        let runtime = tokio::runtime::Builder::new_multi_thread();
        let runtime = { runtime }.worker_threads(1).enable_all().build().unwrap();
        runtime.block_on(async {
            let context = connect(&url).await;
            for number in 0..each {
                for patient in 0..PATIENTS {
                    let message = message(patient, number);
                    let subject = format!("in.{}", partition_key(message.as_bytes()) % PARTITIONS);
                    publish(&context, subject, &format!("{patient}-{number}"), message).await;
                }
            }
        });
    });
    let mut processes = [0, 1].map(|number| Process::start(folder.path(), &broker.url, number));
    let reached = |broker: &Broker, share: usize| {
        let until = Instant::now() + Duration::from_mins(2);
        while (broker.count("OUT") as usize) < total * share / 100 {
            assert!(Instant::now() < until, "only {} came", broker.count("OUT"));
            std::thread::sleep(Duration::from_millis(20));
        }
    };
    // One of the processes is away for a while, and the other one takes its patients.
    reached(&broker, 15);
    processes[0].kill();
    reached(&broker, 35);
    processes[0].start_again();
    reached(&broker, 50);
    broker.restart();
    reached(&broker, 65);
    processes[1].kill();
    broker.answers();
    processes[1].start_again();
    reached(&broker, 80);
    processes[0].kill();
    processes[1].kill();
    broker.restart();
    broker.answers();
    processes[0].start_again();
    processes[1].start_again();
    publishing.join().unwrap();
    reached(&broker, 100);
    // What would come twice would come by now.
    std::thread::sleep(Duration::from_secs(4));
    let took = began.elapsed();
    let found = broker.all("OUT");
    assert_eq!(
        found.len(),
        total,
        "nothing is lost, and nothing is there twice"
    );
    let mut orders: BTreeMap<(String, usize), Vec<usize>> = BTreeMap::new();
    for (subject, text) in &found {
        let (patient, number) = text.split('|').nth(9).unwrap().split_once('-').unwrap();
        let (patient, number) = (patient.parse().unwrap(), number.parse().unwrap());
        assert_eq!(*text, message(patient, number));
        let name = subject.rsplit_once('.').unwrap().0.to_owned();
        assert_eq!(name == "out.rejected", number % 7 == 6, "{subject}");
        orders.entry((name, patient)).or_default().push(number);
    }
    for ((subject, patient), order) in orders {
        assert!(
            order.is_sorted(),
            "{subject} of patient {patient}: {order:?}"
        );
    }
    let stored: Vec<usize> = processes.iter().map(Process::stored).collect();
    assert!(
        stored.iter().all(|stored| *stored > total / 10),
        "{stored:?}"
    );
    eprintln!(
        "{total} messages in {took:.1?} with two processes killed twice and the server twice: stored {stored:?}, published once and in order"
    );
}
