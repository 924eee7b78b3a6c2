//! Topics of Kafka: accepted messages to one, rejected ones to another, findings to a third.
//!
//! The producer is idempotent, and a message's key is what messages of the same patient have in common, so that they are in
//! one partition and in their order. The checkpoint holds how far the partitions had got, so that after a crash it is looked
//! up which of the messages that were not committed are there already. A header names each message, whoever publishes it.

use std::collections::{BTreeMap, BTreeSet};
use std::io;
use std::path::PathBuf;

use rdkafka::consumer::{BaseConsumer, Consumer};
use rdkafka::message::{Header, Headers, Message, OwnedHeaders};
use rdkafka::metadata::{MetadataPartition, MetadataTopic};
use rdkafka::producer::future_producer::DeliveryFuture;
use rdkafka::producer::{FutureProducer, FutureRecord};
use rdkafka::types::RDKafkaErrorCode;
use rdkafka::{Offset, TopicPartitionList};
use tokio::runtime::Handle;

use super::ends::Ends;
use super::publication::Topics;
use super::{Checkpoint, Sink};
use crate::kafka::{ANSWER, ID, KafkaServers, failed};
use crate::store::Entry;

/// What has not arrived in this time is looked up and sent again, in milliseconds.
const ARRIVAL: &str = "30000";
/// So many ids of what is there already are remembered: those next to the checkpoint, where our own are.
const REMEMBERED: usize = 200_000;
/// Bytes of a message that brokers take without being told otherwise, with some room for what is around it.
const LARGEST: usize = 1_000_000 - 1_024;

/// Where messages go.
#[derive(Debug, Clone)]
pub struct KafkaSinkSettings {
    /// The brokers.
    pub servers: KafkaServers,
    /// The topics, which exist.
    pub topics: Topics,
    /// The file that holds how far it has got.
    pub checkpoint: PathBuf,
}

/// Publishes to Kafka.
pub struct KafkaSink {
    settings: KafkaSinkSettings,
    open: Option<Open>,
}

struct Open {
    producer: FutureProducer,
    under_way: Vec<(String, DeliveryFuture)>,
    /// How far each partition has got, as `topic/partition`.
    ends: BTreeMap<String, u64>,
    /// What was published and not committed before.
    there: BTreeSet<String>,
}

impl KafkaSink {
    /// Publishes as `settings` say; the brokers are asked when the first message comes.
    pub fn new(settings: KafkaSinkSettings) -> Self {
        Self {
            settings,
            open: None,
        }
    }

    /// How far the partitions of a topic have got, and the ids of what came behind the places where they were.
    fn look(&self, topic: &str, before: &BTreeMap<String, u64>, open: &mut Open) -> io::Result<()> {
        let config = self.settings.servers.config(&[
            ("group.id", "concord-sink"),
            ("enable.auto.commit", "false"),
            ("enable.partition.eof", "false"),
        ]);
        let reader: BaseConsumer = config.create().map_err(failed)?;
        let found = reader.fetch_metadata(Some(topic), ANSWER).map_err(failed)?;
        let partitions = found.topics().iter().flat_map(MetadataTopic::partitions);
        let partitions: Vec<i32> = partitions.map(MetadataPartition::id).collect();
        if partitions.is_empty() {
            return Err(io::Error::other(format!("there is no topic {topic}")));
        }
        let mut list = TopicPartitionList::new();
        let mut left = BTreeSet::new();
        for partition in partitions {
            let (first, last) = reader
                .fetch_watermarks(topic, partition, ANSWER)
                .map_err(failed)?;
            let name = format!("{topic}/{partition}");
            let end = u64::try_from(last).unwrap_or(0);
            if let Some(was) = before.get(&name)
                && *was != end
            {
                // A partition that has got less far than it was is another one.
                let from = if *was > end {
                    first
                } else {
                    i64::try_from(*was).unwrap_or(first).max(first)
                };
                if from < last {
                    list.add_partition_offset(topic, partition, Offset::Offset(from))
                        .map_err(failed)?;
                    left.insert((partition, last));
                }
            }
            open.ends.insert(name, end);
        }
        reader.assign(&list).map_err(failed)?;
        while !left.is_empty() {
            let Some(message) = reader.poll(ANSWER) else {
                return Err(io::ErrorKind::TimedOut.into());
            };
            let message = message.map_err(failed)?;
            let headers = message.headers().map(Headers::iter).into_iter().flatten();
            for header in headers.filter(|header| header.key == ID) {
                let id = header.value.map(String::from_utf8_lossy);
                if let Some(id) = id.filter(|_| open.there.len() < REMEMBERED) {
                    open.there.insert(id.into_owned());
                }
            }
            left.retain(|(partition, last)| {
                *partition != message.partition() || message.offset() + 1 < *last
            });
        }
        Ok(())
    }

    fn settle(open: &mut Open) -> io::Result<()> {
        let threads = Handle::try_current().map_err(io::Error::other)?;
        for (topic, under_way) in open.under_way.drain(..) {
            let arrived = threads.block_on(under_way).map_err(io::Error::other)?;
            let arrived = arrived.map_err(|(error, _)| failed(error))?;
            let name = format!("{topic}/{}", arrived.partition);
            let end = u64::try_from(arrived.offset + 1).unwrap_or(0);
            let known = open.ends.entry(name).or_default();
            *known = end.max(*known);
        }
        Ok(())
    }
}

impl Sink for KafkaSink {
    fn name(&self) -> String {
        let (topic, servers) = (
            &self.settings.topics.accepted,
            &self.settings.servers.servers,
        );
        format!("{topic} at {servers}")
    }

    fn resume(&mut self) -> io::Result<Checkpoint> {
        // Its end throws away what was still to be sent.
        self.open = None;
        let stored = Ends::load(&self.settings.checkpoint)?;
        let config = self.settings.servers.config(&[
            ("enable.idempotence", "true"),
            ("enable.gapless.guarantee", "true"),
            ("partitioner", "murmur2_random"),
            ("message.timeout.ms", ARRIVAL),
        ]);
        let mut open = Open {
            producer: config.create().map_err(failed)?,
            under_way: Vec::new(),
            ends: BTreeMap::new(),
            there: BTreeSet::new(),
        };
        for topic in self.settings.topics.all() {
            self.look(topic, &stored.ends, &mut open)?;
        }
        let reached = stored.begin(&open.ends, &self.settings.checkpoint)?;
        self.open = Some(open);
        Ok(reached)
    }

    fn deliver(&mut self, entry: &Entry, released: bool) -> io::Result<()> {
        let open = self.open.as_mut().ok_or(io::ErrorKind::NotConnected)?;
        for publication in self
            .settings
            .topics
            .publications(entry, released, LARGEST)?
        {
            if open.there.remove(&publication.id) {
                continue;
            }
            let key = publication.key.to_string();
            let id = Header {
                key: ID,
                value: Some(&publication.id),
            };
            let mut record = FutureRecord::to(publication.topic)
                .key(&key)
                .payload(publication.body())
                .headers(OwnedHeaders::new().insert(id));
            loop {
                match open.producer.send_result(record) {
                    Ok(under_way) => {
                        open.under_way
                            .push((publication.topic.to_owned(), under_way));
                        break;
                    }
                    // The library holds as much as it may; some of it must go first.
                    Err((error, again))
                        if error.rdkafka_error_code() == Some(RDKafkaErrorCode::QueueFull)
                            && !open.under_way.is_empty() =>
                    {
                        Self::settle(open)?;
                        record = again;
                    }
                    Err((error, _)) => return Err(failed(error)),
                }
            }
        }
        Ok(())
    }

    fn commit(&mut self, checkpoint: Checkpoint) -> io::Result<()> {
        let open = self.open.as_mut().ok_or(io::ErrorKind::NotConnected)?;
        Self::settle(open)?;
        let ends = Ends {
            reached: checkpoint,
            ends: open.ends.clone(),
        };
        ends.save(&self.settings.checkpoint)
    }
}
