//! Kafka as a source and as a sink, on the brokers that librdkafka makes for tests; and on a real one where
//! `CONCORD_KAFKA_SERVERS` names it.

#![cfg(feature = "kafka")]
#![allow(clippy::unwrap_used)] // a test fails by panicking
#![allow(clippy::print_stderr)] // what is skipped is said

mod support;

use std::collections::{BTreeMap, BTreeSet};
use std::env;
use std::fs;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::time::{Duration, Instant};

use concord_feed::mllp::MllpSettings;
use concord_feed::sink::{KafkaSink, KafkaSinkSettings, Topics};
use concord_feed::source::{KafkaSettings, KafkaSource};
use concord_feed::{Feed, KafkaServers, Secret, partition_key};
use rdkafka::ClientConfig;
use rdkafka::admin::{AdminClient, AdminOptions, NewTopic, TopicReplication};
use rdkafka::client::DefaultClientContext;
use rdkafka::consumer::{BaseConsumer, Consumer};
use rdkafka::message::Message;
use rdkafka::mocking::MockCluster;
use rdkafka::producer::{BaseRecord, DefaultProducerContext, Producer, ThreadedProducer};
use support::{Client, HeaderJudge, Running, Wall, all, listening};

const PATIENTS: usize = 20;

/// Brokers, made for the test or named by the environment, with topics of their own.
struct Brokers {
    servers: String,
    _made: Option<MockCluster<'static, DefaultProducerContext>>,
}

impl Brokers {
    fn start(topics: &[&str], partitions: i32) -> Self {
        let made = MockCluster::new(1).unwrap();
        for topic in topics {
            made.create_topic(topic, partitions, 1).unwrap();
        }
        Self {
            servers: made.bootstrap_servers(),
            _made: Some(made),
        }
    }

    /// A real one, and topics of this run on it.
    fn real(topics: &[&str], partitions: i32) -> Option<Self> {
        let Ok(servers) = env::var("CONCORD_KAFKA_SERVERS") else {
            eprintln!("skipped: CONCORD_KAFKA_SERVERS names no broker");
            return None;
        };
        let mut config = ClientConfig::new();
        config.set("bootstrap.servers", &servers);
        let admin: AdminClient<DefaultClientContext> = config.create().unwrap();
        let topics: Vec<NewTopic<'_>> = topics
            .iter()
            .map(|topic| NewTopic::new(topic, partitions, TopicReplication::Fixed(1)))
            .collect();
        let runtime = tokio::runtime::Runtime::new().unwrap();
        let made = runtime.block_on(admin.create_topics(&topics, &AdminOptions::new()));
        for made in made.unwrap() {
            made.unwrap();
        }
        Some(Self {
            servers,
            _made: None,
        })
    }

    fn client(&self) -> ClientConfig {
        let mut config = ClientConfig::new();
        config.set("bootstrap.servers", &self.servers);
        config
    }

    /// Everything in a topic: partition, key, content, in the order of each partition.
    fn all(&self, topic: &str, expected: usize) -> Vec<(i32, String, String)> {
        let mut config = self.client();
        config
            .set("group.id", "reader")
            .set("auto.offset.reset", "earliest");
        config.set("enable.auto.commit", "false");
        let reader: BaseConsumer = config.create().unwrap();
        let found = reader
            .fetch_metadata(Some(topic), Duration::from_secs(10))
            .unwrap();
        let mut list = rdkafka::TopicPartitionList::new();
        for partition in found.topics()[0].partitions() {
            let offset = rdkafka::Offset::Beginning;
            list.add_partition_offset(topic, partition.id(), offset)
                .unwrap();
        }
        reader.assign(&list).unwrap();
        let mut found = Vec::new();
        let mut until = Instant::now() + Duration::from_secs(20);
        while Instant::now() < until {
            let Some(message) = reader.poll(Duration::from_millis(200)) else {
                continue;
            };
            let message = message.unwrap();
            let text = |bytes: Option<&[u8]>| String::from_utf8(bytes.unwrap().to_vec()).unwrap();
            found.push((
                message.partition(),
                text(message.key()),
                text(message.payload()),
            ));
            if found.len() == expected {
                // What is there twice comes soon.
                until = Instant::now() + Duration::from_secs(2);
            }
        }
        found
    }

    fn publish(&self, topic: &str, numbers: std::ops::Range<usize>) {
        let producer: ThreadedProducer<DefaultProducerContext> = self
            .client()
            .set("enable.idempotence", "true")
            .create()
            .unwrap();
        for number in numbers {
            for patient in 0..PATIENTS {
                let text = message(patient, number);
                let key = partition_key(text.as_bytes()).to_string();
                let record = BaseRecord::to(topic).key(&key).payload(&text);
                producer.send(record).map_err(|(error, _)| error).unwrap();
            }
        }
        producer.flush(Duration::from_secs(20)).unwrap();
    }
}

fn message(patient: usize, number: usize) -> String {
    format!(
        "MSH|^~\\&|PAS|RXX|HUB|NHS|20260331120000||ADT^A08|{patient}-{number}|P|2.4\rPID|||P{patient}^^^RXX^PI\rPV1||I\r"
    )
}

fn wait_until(what: &str, done: impl Fn() -> bool) {
    let until = Instant::now() + Duration::from_mins(1);
    while !done() {
        assert!(Instant::now() < until, "{what}");
        std::thread::sleep(Duration::from_millis(50));
    }
    eprintln!("{what}");
}

/// A member of a group, which publishes what it takes.
fn member(folder: &Path, brokers: &str, topic: &str) -> Feed {
    let mut feed = Feed::new(folder.join("store"), 2);
    let mut servers = KafkaServers::new(brokers.into());
    // Who is killed is missed after this time.
    let quickly = [
        ("session.timeout.ms", "6000"),
        ("heartbeat.interval.ms", "500"),
    ];
    for (name, value) in quickly {
        let value = Secret::new(value.into());
        servers.properties.insert(name.into(), value);
    }
    feed.sources.push(Box::new(KafkaSource(KafkaSettings {
        servers,
        topics: vec![topic.into()],
        group: "concord".into(),
        largest: 1 << 20,
    })));
    feed.sinks.push(Box::new(sink(folder, brokers, "out")));
    feed
}

fn sink(folder: &Path, servers: &str, prefix: &str) -> KafkaSink {
    KafkaSink::new(KafkaSinkSettings {
        servers: KafkaServers::new(servers.into()),
        topics: Topics {
            accepted: format!("{prefix}-accepted"),
            rejected: Some(format!("{prefix}-rejected")),
            findings: Some(format!("{prefix}-findings")),
        },
        checkpoint: folder.join("kafka.json"),
    })
}

const TOPICS: [&str; 4] = ["in", "out-accepted", "out-rejected", "out-findings"];

fn ids(folder: &Path) -> Vec<String> {
    let store = folder.join("store");
    if !store.join("store.json").exists() {
        return Vec::new();
    }
    let entries = all(&store).into_iter();
    entries
        .map(|entry| entry.verdict.identity.control_id)
        .collect()
}

/// Every message is in the topic, once, and those of each patient in their order.
fn once_and_in_order(found: &[(i32, String, String)], each: usize) {
    let mut orders: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
    for (_, key, text) in found {
        let (patient, number) = text.split('|').nth(9).unwrap().split_once('-').unwrap();
        assert_eq!(*key, partition_key(text.as_bytes()).to_string());
        orders
            .entry(patient.parse().unwrap())
            .or_default()
            .push(number.parse().unwrap());
    }
    assert_eq!(orders.len(), PATIENTS);
    for (patient, order) in orders {
        assert_eq!(order, (0..each).collect::<Vec<_>>(), "patient {patient}");
    }
}

#[test]
fn members_of_a_group_share_a_topic_and_hand_over() {
    let brokers = Brokers::start(&TOPICS, 4);
    let folder = tempfile::tempdir().unwrap();
    let (one, two) = (folder.path().join("one"), folder.path().join("two"));
    for own in [&one, &two] {
        fs::create_dir(own).unwrap();
    }
    let start = |own: &Path| Running::start(member(own, &brokers.servers, "in"));
    let stored = || {
        [ids(&one), ids(&two)]
            .concat()
            .into_iter()
            .collect::<BTreeSet<_>>()
            .len()
    };
    brokers.publish("in", 0..20);
    let first = start(&one);
    // The brokers for tests wait for three seconds only for a member that still delivers; real ones for minutes.
    let delivered = format!("\"next\":{}", 20 * PATIENTS + 1);
    wait_until("the first takes all", || {
        let text = fs::read_to_string(one.join("kafka.json")).unwrap_or_default();
        text.contains(&delivered)
    });
    std::thread::sleep(Duration::from_secs(1));
    let second = start(&two);
    // The second gets its share.
    let mut sent = 20;
    wait_until_sent(&brokers, &mut sent, || ids(&two).len() > 20);
    // It stops, and what was its share goes back.
    second.stop();
    brokers.publish("in", sent..sent + 10);
    sent += 10;
    wait_until("the first takes what is left", || {
        stored() == sent * PATIENTS
    });
    first.stop();
    // Nothing is taken again by a member that begins anew.
    let three = folder.path().join("three");
    fs::create_dir(&three).unwrap();
    let third = start(&three);
    brokers.publish("in", sent..sent + 1);
    sent += 1;
    wait_until("the third takes what is new", || {
        ids(&three).len() >= PATIENTS
    });
    third.stop();
    assert_eq!(ids(&three).len(), PATIENTS);
    let found = brokers.all("out-accepted", sent * PATIENTS);
    once_and_in_order(&found, sent);
}

fn wait_until_sent(brokers: &Brokers, sent: &mut usize, done: impl Fn() -> bool) {
    for _ in 0..100 {
        if done() {
            return;
        }
        brokers.publish("in", *sent..*sent + 1);
        *sent += 1;
        std::thread::sleep(Duration::from_millis(300));
    }
    panic!("the second got nothing");
}

#[test]
fn each_message_is_published_once_where_it_belongs() {
    let brokers = Brokers::start(&TOPICS, 3);
    let folder = tempfile::tempdir().unwrap();
    let start = || {
        let mut feed = listening(&folder.path().join("store"), MllpSettings::default());
        feed.sinks
            .push(Box::new(sink(folder.path(), &brokers.servers, "out")));
        Running::start(feed)
    };
    let checkpoint = folder.path().join("kafka.json");
    let feed = start();
    wait_until("the sink is open", || checkpoint.exists());
    let before = fs::read(&checkpoint).unwrap();
    let mut client = Client::new(feed.listening[0]);
    for number in 0..10 {
        for patient in 0..PATIENTS {
            client.ask(&message(patient, number));
        }
    }
    let without_patient = "MSH|^~\\&|PAS|RXX|HUB|NHS|||ADT^A01|wrong|P|2.4\r";
    client.ask(without_patient);
    let committed = || {
        let text = fs::read_to_string(&checkpoint).unwrap();
        text.contains(&format!("\"next\":{}", 10 * PATIENTS + 2))
    };
    wait_until("all are committed", committed);
    drop(client);
    feed.stop();
    let check = || {
        once_and_in_order(&brokers.all("out-accepted", 10 * PATIENTS), 10);
        let rejected = brokers.all("out-rejected", 1);
        assert_eq!(rejected.len(), 1);
        assert_eq!(rejected[0].2, without_patient);
        let findings = brokers.all("out-findings", 1);
        assert_eq!(findings.len(), 1);
        assert!(
            findings[0].2.contains("\"rule\":\"TEST-PID\""),
            "{findings:?}"
        );
    };
    check();
    // As if it had been killed before it had committed anything.
    fs::write(&checkpoint, before).unwrap();
    let feed = start();
    wait_until("all are committed again", committed);
    feed.stop();
    check();
}

/// One of the processes; it does nothing where no folder is named.
#[test]
fn the_process_that_is_killed() {
    let Ok(folder) = env::var("CONCORD_KAFKA_TEST_FOLDER") else {
        return;
    };
    let servers = env::var("CONCORD_KAFKA_TEST_SERVERS").unwrap();
    let topic = env::var("CONCORD_KAFKA_TEST_TOPIC").unwrap();
    let feed = member(Path::new(&folder), &servers, &topic);
    let never = std::future::pending();
    concord_feed::run(feed, Arc::new(HeaderJudge), Wall::new(), never, |_| {}).unwrap();
}

struct Process(Child);

impl Process {
    fn start(folder: &Path, brokers: &Brokers) -> Self {
        fs::create_dir_all(folder).unwrap();
        let mut command = Command::new(env::current_exe().unwrap());
        command
            .args(["--exact", "the_process_that_is_killed", "--nocapture"])
            .env("CONCORD_KAFKA_TEST_FOLDER", folder)
            .env("CONCORD_KAFKA_TEST_SERVERS", &brokers.servers)
            .env("CONCORD_KAFKA_TEST_TOPIC", "in")
            .stdout(Stdio::null())
            .stderr(Stdio::null());
        Self(command.spawn().unwrap())
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// Two processes share a topic, and one of them is killed: nothing is lost, each patient's messages keep their order, and
/// nothing is published twice but what the killed one had not committed.
fn killed(brokers: &Brokers) {
    let folder = tempfile::tempdir().unwrap();
    let (one, two) = (folder.path().join("one"), folder.path().join("two"));
    brokers.publish("in", 0..10);
    let first = Process::start(&one, brokers);
    wait_until("the first takes all", || ids(&one).len() == 10 * PATIENTS);
    let second = Process::start(&two, brokers);
    let mut sent = 10;
    wait_until_sent(brokers, &mut sent, || ids(&two).len() > 20);
    brokers.publish("in", sent..sent + 10);
    sent += 10;
    drop(second);
    brokers.publish("in", sent..sent + 10);
    sent += 10;
    let again = Process::start(&two, brokers);
    wait_until("all are taken", || {
        let stored: BTreeSet<String> = [ids(&one), ids(&two)].concat().into_iter().collect();
        stored.len() == sent * PATIENTS
    });
    // Sinks commit within seconds.
    std::thread::sleep(Duration::from_secs(3));
    drop((first, again));
    let found = brokers.all("out-accepted", sent * PATIENTS);
    let mut seen = BTreeSet::new();
    let firsts: Vec<_> = found
        .iter()
        .filter(|(_, _, text)| seen.insert(text.clone()))
        .cloned()
        .collect();
    once_and_in_order(&firsts, sent);
    let twice = found.len() - firsts.len();
    assert!(twice <= 256, "{twice} are there twice");
    eprintln!(
        "{} messages, {twice} of them twice after a kill",
        firsts.len()
    );
}

#[test]
fn a_member_that_is_killed_loses_nothing() {
    killed(&Brokers::start(&TOPICS, 4));
}

#[test]
fn the_same_on_a_real_broker() {
    if let Some(brokers) = Brokers::real(&TOPICS, 4) {
        killed(&brokers);
    }
}
