//! A consumer group of Kafka: a message counts as taken when every sink has it.
//!
//! Several processes of a group have different partitions, so that messages of one partition are taken in their order. When
//! a partition goes over to another process, this one first delivers and commits what it has of it. What a process that was
//! killed had not committed comes again to another one, which does not recognise it.

use std::collections::{BTreeMap, VecDeque};
use std::io;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use rdkafka::client::ClientContext;
use rdkafka::config::RDKafkaLogLevel;
use rdkafka::consumer::{BaseConsumer, CommitMode, Consumer, ConsumerContext, Rebalance};
use rdkafka::message::{BorrowedMessage, Message};
use rdkafka::{Offset, TopicPartitionList};
use tokio::runtime::Handle;
use tokio::sync::watch;

use super::{Running, Source};
use crate::error::FeedError;
use crate::intake::{Intake, Pending};
use crate::kafka::{ANSWER, KafkaServers, failed};
use crate::run::asked_to_stop;

/// So many messages wait for the disk and for the sinks together.
const TOGETHER: usize = 256;
/// After the store has failed, it is tried again so much later.
const AGAIN: Duration = Duration::from_secs(1);
/// When it is to stop, or a partition goes over to another process, the sinks have so long.
const LAST: Duration = Duration::from_secs(10);

/// Which topics, in which group.
#[derive(Debug, Clone)]
pub struct KafkaSettings {
    /// The brokers.
    pub servers: KafkaServers,
    /// The topics, which exist.
    pub topics: Vec<String>,
    /// The group whose processes share them.
    pub group: String,
    /// Bytes of one message.
    pub largest: usize,
}

/// A member of a consumer group as a source.
#[derive(Debug)]
pub struct KafkaSource(pub KafkaSettings);

impl Source for KafkaSource {
    fn run(self: Box<Self>, intake: Arc<Intake>, stop: watch::Receiver<bool>) -> Running {
        Box::pin(async move {
            let name = self.0.servers.servers.clone();
            let threads = Handle::current();
            // The library calls back in the thread that asks it, which then waits for the store and the sinks.
            let consuming =
                tokio::task::spawn_blocking(move || consume(&self.0, intake, stop, threads));
            let ended = consuming.await.map_err(io::Error::other).flatten();
            ended.map_err(|error| FeedError::source(name, error))
        })
    }
}

fn consume(
    settings: &KafkaSettings,
    intake: Arc<Intake>,
    stop: watch::Receiver<bool>,
    threads: Handle,
) -> io::Result<()> {
    let config = settings.servers.config(&[
        ("group.id", &settings.group),
        ("enable.auto.commit", "false"),
        ("enable.auto.offset.store", "false"),
        ("auto.offset.reset", "earliest"),
        ("partition.assignment.strategy", "range,roundrobin"),
    ]);
    let member = Member {
        intake,
        stop,
        threads,
        largest: settings.largest,
        taken: Mutex::default(),
        reached: Mutex::default(),
    };
    let consumer: BaseConsumer<Member> = config.create_with_context(member).map_err(failed)?;
    for topic in &settings.topics {
        let found = consumer
            .fetch_metadata(Some(topic), ANSWER)
            .map_err(failed)?;
        if found
            .topics()
            .iter()
            .any(|topic| topic.error().is_some() || topic.partitions().is_empty())
        {
            return Err(io::Error::other(format!("there is no topic {topic}")));
        }
    }
    let topics: Vec<&str> = settings.topics.iter().map(String::as_str).collect();
    consumer.subscribe(&topics).map_err(failed)?;
    let member = Arc::clone(consumer.context());
    while !*member.stop.borrow() {
        let waiting = member.waiting();
        let wait = if waiting == 0 { 100 } else { 5 };
        match consumer.poll(Duration::from_millis(wait)) {
            Some(Ok(message)) => {
                member.take(&message);
                if waiting + 1 >= TOGETHER {
                    member.finish(&consumer, None);
                }
            }
            Some(Err(error)) => {
                tracing::warn!(%error, "the brokers cannot be asked; it is tried again");
            }
            None if waiting > 0 || member.uncommitted() => member.finish(&consumer, None),
            None => {}
        }
    }
    member.finish(&consumer, Some(LAST));
    // Whoever leaves says so, so that others get its partitions at once.
    consumer.unsubscribe();
    Ok(())
}

/// A member of the group, and what it has taken and not committed.
struct Member {
    intake: Arc<Intake>,
    stop: watch::Receiver<bool>,
    threads: Handle,
    largest: usize,
    taken: Mutex<VecDeque<Taken>>,
    /// How far each partition is delivered, where that is not committed.
    reached: Mutex<BTreeMap<(String, i32), i64>>,
}

struct Taken {
    topic: String,
    partition: i32,
    offset: i64,
    bytes: Vec<u8>,
    /// None when it is not to be stored, or could not be.
    pending: Option<Pending>,
    left_out: bool,
}

impl Member {
    fn waiting(&self) -> usize {
        lock(&self.taken).len()
    }

    fn uncommitted(&self) -> bool {
        !lock(&self.reached).is_empty()
    }

    fn take(&self, message: &BorrowedMessage<'_>) {
        let bytes = message.payload().unwrap_or_default();
        let topic = message.topic();
        let left_out = bytes.len() > self.largest || bytes.is_empty();
        if left_out {
            let (partition, offset) = (message.partition(), message.offset());
            self.intake.seen().refused("too large");
            tracing::error!(
                topic,
                partition,
                offset,
                "a message is too large, or empty; it is left out"
            );
        }
        let bytes = if left_out { Vec::new() } else { bytes.to_vec() };
        let pending = (!left_out).then(|| self.store(topic, &bytes)).flatten();
        let taken = Taken {
            topic: topic.to_owned(),
            partition: message.partition(),
            offset: message.offset(),
            bytes,
            pending,
            left_out,
        };
        lock(&self.taken).push_back(taken);
    }

    fn store(&self, topic: &str, bytes: &[u8]) -> Option<Pending> {
        self.threads
            .block_on(self.intake.take(topic, bytes.to_vec()))
            .ok()
    }

    /// Waits until what was taken has reached every sink, and commits it: all of it, or what can be done in some time and
    /// until it is to stop.
    fn finish(&self, consumer: &BaseConsumer<Self>, within: Option<Duration>) {
        let taken = std::mem::take(&mut *lock(&self.taken));
        let mut reached = lock(&self.reached);
        let finishing = async {
            let mut stop = self.stop.clone();
            for mut one in taken {
                if !one.left_out {
                    let Some(number) = self.finish_one(&mut one).await else {
                        return;
                    };
                    tokio::select! {
                        biased;
                        () = self.intake.delivered(number) => {}
                        () = async {
                            asked_to_stop(&mut stop).await;
                            tokio::time::sleep(LAST).await;
                        } => return,
                    }
                }
                reached.insert((one.topic, one.partition), one.offset + 1);
            }
        };
        self.threads.block_on(async {
            match within {
                None => finishing.await,
                Some(within) => {
                    // What was not delivered in this time comes again.
                    let _ = tokio::time::timeout(within, finishing).await;
                }
            }
        });
        let mut list = TopicPartitionList::new();
        for ((topic, partition), offset) in &*reached {
            let offset = Offset::Offset(*offset);
            if let Err(error) = list.add_partition_offset(topic, *partition, offset) {
                tracing::warn!(topic, partition, %error, "an offset cannot be committed");
            }
        }
        if list.count() == 0 {
            return;
        }
        match consumer.commit(&list, CommitMode::Sync) {
            Ok(()) => reached.clear(),
            // The group may be about to share the partitions out anew.
            Err(error) => {
                tracing::warn!(%error, "what was taken could not be committed; it is tried again");
            }
        }
    }

    /// Waits until a message is durable, and tries again for as long as it could not be stored; nothing when it is to stop
    /// before.
    async fn finish_one(&self, one: &mut Taken) -> Option<u64> {
        loop {
            if let Some(pending) = one.pending.take()
                && let Ok(kept) = self.intake.finish(pending).await
            {
                return Some(kept.receipt.number());
            }
            if *self.stop.borrow() {
                return None;
            }
            tracing::error!(
                topic = one.topic,
                "a message could not be stored; it is tried again"
            );
            tokio::time::sleep(AGAIN).await;
            one.pending = self.intake.take(&one.topic, one.bytes.clone()).await.ok();
        }
    }
}

impl ClientContext for Member {
    fn log(&self, level: RDKafkaLogLevel, facility: &str, text: &str) {
        match level {
            RDKafkaLogLevel::Emerg
            | RDKafkaLogLevel::Alert
            | RDKafkaLogLevel::Critical
            | RDKafkaLogLevel::Error
            | RDKafkaLogLevel::Warning => tracing::warn!(facility, text),
            _ => tracing::debug!(facility, text),
        }
    }
}

impl ConsumerContext for Member {
    fn pre_rebalance(&self, consumer: &BaseConsumer<Self>, rebalance: &Rebalance<'_>) {
        if let Rebalance::Revoke(_) = rebalance {
            self.finish(consumer, Some(LAST));
            // What could not be committed comes again to whoever has the partition then.
            lock(&self.reached).clear();
        }
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
