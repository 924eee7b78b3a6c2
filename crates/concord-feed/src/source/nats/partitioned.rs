//! Several processes share a stream, and the messages of each patient keep their order.
//!
//! Whoever publishes to the stream puts the number of a partition behind the subject ([`crate::partition_key`] says which; the
//! sink of this crate does so). Each partition has a durable consumer of its own, of which the server gives one message at a
//! time, and the next when that one is acknowledged: whichever process takes it. A message is acknowledged when every sink has
//! it, not when it is durable, so that what another process takes next comes behind it in the sinks as well.
//!
//! Each partition has a process that gets its messages while it is there, and others that get them when it is not.

use std::io;
use std::sync::Arc;

use async_nats::jetstream::consumer::{PriorityPolicy, PullConsumer, pull};
use async_nats::jetstream::{AckKind, Message};
use futures::StreamExt;
use tokio::sync::watch;
use tokio::task::JoinSet;
use tokio::time::{sleep, timeout};

use super::{LAST, NatsSettings, acknowledge, consumer, pause, store, stream, wanted};
use crate::error::FeedError;
use crate::intake::Intake;
use crate::nats;
use crate::run::asked_to_stop;

/// The group of requests whose priorities the server compares.
const GROUP: &str = "processes";

/// How a stream is shared.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Partitions {
    /// The subject without the number: messages of partition 7 of `adt` have the subject `adt.7`.
    pub subject: String,
    /// How many partitions there are.
    pub count: u16,
    /// Which of the processes this is, from 0: partitions whose number leaves this rest, divided by the number of processes,
    /// come to it while it is there.
    pub process: u16,
    /// How many processes there are.
    pub processes: u16,
}

impl Partitions {
    /// What a process asks with for a partition: the server serves the lower number first.
    fn priority(&self, partition: u16) -> usize {
        let processes = self.processes.max(1);
        usize::from((partition % processes + processes - self.process % processes) % processes)
    }
}

pub(super) async fn consume(
    settings: NatsSettings,
    partitions: Partitions,
    intake: Arc<Intake>,
    stop: watch::Receiver<bool>,
) -> Result<(), FeedError> {
    let name = nats::shown(&settings.server);
    let opened = open(&settings, &partitions).await;
    let opened = opened.map_err(|error| FeedError::source(&*name, error))?;
    let settings = Arc::new(settings);
    let mut running = JoinSet::new();
    for (number, consumer) in opened.into_iter().enumerate() {
        let one = Partition {
            consumer,
            priority: partitions.priority(number as u16),
            shared: partitions.processes > 1,
            settings: Arc::clone(&settings),
            intake: Arc::clone(&intake),
        };
        running.spawn(one.run(stop.clone()));
    }
    while let Some(ended) = running.join_next().await {
        ended.map_err(|error| FeedError::source(&*name, io::Error::other(error)))?;
    }
    Ok(())
}

async fn open(settings: &NatsSettings, partitions: &Partitions) -> io::Result<Vec<PullConsumer>> {
    let stream = stream(settings).await?;
    let mut opened = Vec::new();
    for number in 0..partitions.count {
        let mut wanted = pull::Config {
            filter_subject: format!("{}.{number}", partitions.subject),
            max_ack_pending: 1,
            ..wanted(settings, format!("{}-{number}", settings.consumer))
        };
        if partitions.processes > 1 {
            wanted.priority_policy = PriorityPolicy::Prioritized;
            wanted.priority_groups = vec![GROUP.to_owned()];
        }
        opened.push(consumer(&stream, wanted).await?);
    }
    Ok(opened)
}

struct Partition {
    consumer: PullConsumer,
    priority: usize,
    shared: bool,
    settings: Arc<NatsSettings>,
    intake: Arc<Intake>,
}

impl Partition {
    async fn run(self, mut stop: watch::Receiver<bool>) {
        let name = &*self.consumer.cached_info().name;
        // While the server is away, asking fails and is tried again.
        while !*stop.borrow() {
            let mut asking = self.consumer.stream();
            if self.shared {
                asking = asking.group(GROUP).priority(self.priority);
            }
            let mut messages = match asking.messages().await {
                Ok(messages) => messages,
                Err(error) => {
                    tracing::warn!(name, %error, "the consumer cannot be asked; it is tried again");
                    pause(&mut stop).await;
                    continue;
                }
            };
            loop {
                let next = tokio::select! {
                    biased;
                    () = asked_to_stop(&mut stop) => return,
                    next = messages.next() => next,
                };
                match next {
                    Some(Ok(message)) => self.take(message, &mut stop).await,
                    Some(Err(error)) => {
                        tracing::warn!(name, %error, "the consumer has failed; it is asked again");
                        pause(&mut stop).await;
                        break;
                    }
                    None => break,
                }
            }
        }
    }

    /// Takes a message, and acknowledges it when every sink has it.
    async fn take(&self, message: Message, stop: &mut watch::Receiver<bool>) {
        let number = match store(&message, &self.settings, &self.intake).await {
            Ok(number) => number,
            Err(answer) => return acknowledge(&message, answer).await,
        };
        loop {
            tokio::select! {
                biased;
                () = self.intake.delivered(number) => break,
                () = asked_to_stop(stop) => {
                    // What does not arrive in this time comes again, and is recognised.
                    if timeout(LAST, self.intake.delivered(number)).await.is_err() {
                        return;
                    }
                    break;
                }
                () = sleep(self.settings.again / 3) => acknowledge(&message, AckKind::Progress).await,
            }
        }
        if let Err(error) = message.double_ack().await {
            let origin = &*message.subject;
            tracing::warn!(origin, %error, "a message could not be acknowledged; it comes again");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_partition_has_one_process_that_is_served_first() {
        for partition in 0..10 {
            let mut priorities: Vec<usize> = (0..3)
                .map(|process| {
                    let partitions = Partitions {
                        subject: "adt".into(),
                        count: 10,
                        process,
                        processes: 3,
                    };
                    partitions.priority(partition)
                })
                .collect();
            priorities.sort_unstable();
            assert_eq!(priorities, [0, 1, 2]);
        }
    }
}
