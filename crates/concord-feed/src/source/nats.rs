//! A consumer of NATS `JetStream`: each message is acknowledged to the server when it is durable here.
//!
//! The consumer is a durable pull consumer with explicit acknowledgement. Several processes that name the same one share its
//! messages, in no order. What was delivered and not acknowledged, because a process was killed for instance, comes again,
//! and is recognised if it was stored. Where the order of each patient's messages matters, see [`Partitions`].

mod partitioned;

use std::io;
use std::sync::Arc;
use std::time::Duration;

use async_nats::jetstream::consumer::{AckPolicy, PullConsumer, pull};
use async_nats::jetstream::stream::Stream;
use async_nats::jetstream::{self, AckKind, Message};
use futures::StreamExt;
use futures::stream::FuturesUnordered;
use tokio::sync::watch;

use super::{Running, Source};
use crate::error::FeedError;
use crate::intake::Intake;
use crate::nats;
use crate::run::asked_to_stop;
pub use partitioned::Partitions;

/// So many messages wait for the disk together.
const TOGETHER: usize = 256;
/// What could not be stored is asked for again so much later.
const AGAIN: Duration = Duration::from_secs(1);
/// At the end acknowledgements have so long to reach the server.
const LAST: Duration = Duration::from_secs(5);

/// Which consumer of which stream.
#[derive(Debug, Clone)]
pub struct NatsSettings {
    /// `nats://host:port`, or several separated by commas.
    pub server: String,
    /// The stream, which exists.
    pub stream: String,
    /// The durable consumer, which is made when there is none.
    pub consumer: String,
    /// The server sends a message again when it has not been acknowledged for so long.
    pub again: Duration,
    /// Bytes of one message.
    pub largest: usize,
    /// How processes share the messages so that those of one patient keep their order.
    pub partitions: Option<Partitions>,
}

/// A `JetStream` consumer as a source.
#[derive(Debug)]
pub struct NatsSource(pub NatsSettings);

impl Source for NatsSource {
    fn run(self: Box<Self>, intake: Arc<Intake>, stop: watch::Receiver<bool>) -> Running {
        match self.0.partitions.clone() {
            None => Box::pin(consume(self.0, intake, stop)),
            Some(partitions) => Box::pin(partitioned::consume(self.0, partitions, intake, stop)),
        }
    }
}

async fn consume(
    settings: NatsSettings,
    intake: Arc<Intake>,
    mut stop: watch::Receiver<bool>,
) -> Result<(), FeedError> {
    let name = nats::shown(&settings.server);
    let opened = open(&settings).await;
    let mut consumer = opened.map_err(|error| FeedError::source(&*name, error))?;
    let mut waiting = FuturesUnordered::new();
    // While the server is away, asking fails and is tried again.
    while !*stop.borrow() {
        let mut messages = match consumer.messages().await {
            Ok(messages) => messages,
            Err(error) => {
                tracing::warn!(name, %error, "the consumer cannot be asked; it is tried again");
                pause(&mut stop).await;
                continue;
            }
        };
        loop {
            tokio::select! {
                biased;
                () = asked_to_stop(&mut stop) => break,
                Some(()) = waiting.next(), if !waiting.is_empty() => {}
                next = messages.next(), if waiting.len() < TOGETHER => match next {
                    Some(Ok(message)) => waiting.push(take(message, &settings, &intake)),
                    Some(Err(error)) => {
                        tracing::warn!(name, %error, "the consumer has failed; it is asked again");
                        pause(&mut stop).await;
                        break;
                    }
                    None => break,
                },
            }
        }
    }
    while waiting.next().await.is_some() {}
    // An answer to a question on the same connection says that the acknowledgements before it have arrived. What is not
    // acknowledged because the server is away comes again.
    let _ = tokio::time::timeout(LAST, consumer.info()).await;
    Ok(())
}

async fn pause(stop: &mut watch::Receiver<bool>) {
    tokio::select! {
        () = asked_to_stop(stop) => {}
        () = tokio::time::sleep(AGAIN) => {}
    }
}

async fn open(settings: &NatsSettings) -> io::Result<PullConsumer> {
    let wanted = wanted(settings, settings.consumer.clone());
    consumer(&stream(settings).await?, wanted).await
}

async fn stream(settings: &NatsSettings) -> io::Result<Stream> {
    let client = nats::connect(&settings.server).await?;
    let stream = jetstream::new(client).get_stream(&settings.stream).await;
    stream.map_err(io::Error::other)
}

/// A durable consumer that wants each message acknowledged.
fn wanted(settings: &NatsSettings, name: String) -> pull::Config {
    pull::Config {
        durable_name: Some(name),
        ack_policy: AckPolicy::Explicit,
        ack_wait: settings.again,
        ..pull::Config::default()
    }
}

async fn consumer(stream: &Stream, wanted: pull::Config) -> io::Result<PullConsumer> {
    let name = wanted.durable_name.clone().unwrap_or_default();
    let consumer = stream.get_or_create_consumer(&name, wanted).await;
    consumer.map_err(io::Error::other)
}

/// Takes one message, and acknowledges it when it is durable. An acknowledgement that is lost brings the message again.
async fn take(message: Message, settings: &NatsSettings, intake: &Intake) {
    let answer = match store(&message, settings, intake).await {
        Ok(_) => AckKind::Ack,
        Err(answer) => answer,
    };
    acknowledge(&message, answer).await;
}

/// Stores a message and says under which number, or what the server is told instead.
async fn store(
    message: &Message,
    settings: &NatsSettings,
    intake: &Intake,
) -> Result<u64, AckKind> {
    let origin = &*message.subject;
    let bytes = message.payload.to_vec();
    if bytes.len() > settings.largest {
        intake.seen().refused("too large");
        tracing::error!(origin, "a message is too large; it is not asked for again");
        return Err(AckKind::Term);
    }
    let kept = match intake.take(origin, bytes).await {
        Ok(pending) => intake.finish(pending).await,
        Err(error) => Err(error),
    };
    match kept {
        Ok(kept) => Ok(kept.receipt.number()),
        Err(error) => {
            tracing::error!(origin, %error, "a message could not be stored; it comes again");
            Err(AckKind::Nak(Some(AGAIN)))
        }
    }
}

async fn acknowledge(message: &Message, answer: AckKind) {
    if let Err(error) = message.ack_with(answer).await {
        let origin = &*message.subject;
        tracing::warn!(origin, %error, "a message could not be acknowledged; it comes again");
    }
}
