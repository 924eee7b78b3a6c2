//! Subjects of NATS `JetStream`: accepted messages to one, rejected ones to another, findings to a third.
//!
//! Each message is there once. It has an id that is the same whoever publishes it, so that the server drops what comes twice
//! within its own window; and the checkpoint holds how far the streams had got, so that after a crash of any length it is
//! looked up which of the messages that were not committed are there already. Of one patient never two messages are under way
//! at the same time, so that the second cannot overtake the first when a connection is lost.

use std::collections::{BTreeMap, BTreeSet};
use std::future::Future;
use std::io;
use std::path::PathBuf;
use std::time::Duration;

use async_nats::jetstream::consumer::{AckPolicy, DeliverPolicy, pull};
use async_nats::jetstream::context::{Context, ContextBuilder, PublishAckFuture};
use async_nats::jetstream::message::PublishMessage;
use futures::StreamExt;
use tokio::runtime::Handle;

use super::ends::Ends;
use super::publication::{Publication, Topics};
use super::{Checkpoint, Sink};
use crate::nats;
use crate::store::Entry;

/// An answer of the server is waited for so long.
const ANSWER: Duration = Duration::from_secs(10);
/// So many ids of what is there already are remembered: those next to the checkpoint, where our own are.
const REMEMBERED: usize = 200_000;
/// Room in a message of the server for its id.
const HEADERS: usize = 512;

/// Where messages go.
#[derive(Debug, Clone)]
pub struct NatsSinkSettings {
    /// `nats://host:port`, or several separated by commas.
    pub server: String,
    /// The subjects, each of which belongs to a stream.
    pub subjects: Topics,
    /// Every subject is followed by the number of a partition, so many there are: those of `adt` are `adt.0`, `adt.1` and so
    /// on. All messages of a patient have the same number.
    pub partitions: Option<u16>,
    /// The file that holds how far it has got.
    pub checkpoint: PathBuf,
}

/// Publishes to `JetStream`.
#[derive(Debug)]
pub struct NatsSink {
    settings: NatsSinkSettings,
    open: Option<Open>,
}

/// A connection, and what is under way on it.
#[derive(Debug)]
struct Open {
    context: Context,
    largest: usize,
    under_way: Vec<PublishAckFuture>,
    keys: BTreeSet<u16>,
    /// How far each stream has got, as far as it is known. At the next commit nothing before it is ours and uncommitted.
    streams: BTreeMap<String, u64>,
    /// What was published and not committed before.
    there: BTreeSet<String>,
}

impl NatsSink {
    /// Publishes as `settings` say; the server is asked when the first message comes.
    pub fn new(settings: NatsSinkSettings) -> Self {
        Self {
            settings,
            open: None,
        }
    }

    async fn connect(&mut self) -> io::Result<Checkpoint> {
        let stored = Ends::load(&self.settings.checkpoint)?;
        let client = nats::connect(&self.settings.server).await?;
        let largest = client.server_info().max_payload.saturating_sub(HEADERS);
        let context = ContextBuilder::new().timeout(ANSWER).build(client);
        let mut open = Open {
            context,
            largest,
            under_way: Vec::new(),
            keys: BTreeSet::new(),
            streams: BTreeMap::new(),
            there: BTreeSet::new(),
        };
        for subject in self.settings.subjects.all() {
            let subject = self.subject(subject, 0);
            let stream = open.context.stream_by_subject(&*subject).await;
            let stream = stream
                .map_err(|error| io::Error::other(format!("a stream for {subject}: {error}")))?;
            if !open.streams.contains_key(&stream) {
                open.look(stream.clone(), stored.ends.get(&stream).copied())
                    .await?;
            }
        }
        let reached = stored.begin(&open.streams, &self.settings.checkpoint)?;
        self.open = Some(open);
        Ok(reached)
    }

    fn subject(&self, subject: &str, key: u16) -> String {
        match self.settings.partitions {
            None => subject.to_owned(),
            Some(partitions) => format!("{subject}.{}", key % partitions.max(1)),
        }
    }

    async fn publish(&mut self, entry: &Entry, released: bool) -> io::Result<()> {
        let mut open = self.open.take().ok_or(io::ErrorKind::NotConnected)?;
        let found = self
            .settings
            .subjects
            .publications(entry, released, open.largest)?;
        if let Some(first) = found.first()
            && !open.keys.insert(first.key)
        {
            open.settle().await?;
            open.keys.insert(first.key);
        }
        for publication in found {
            let subject = self.subject(publication.topic, publication.key);
            open.publish(subject, publication).await?;
        }
        // After an error there is no connection any more, and what was under way on it is looked up.
        self.open = Some(open);
        Ok(())
    }

    async fn complete(&mut self, checkpoint: Checkpoint) -> io::Result<()> {
        let mut open = self.open.take().ok_or(io::ErrorKind::NotConnected)?;
        open.settle().await?;
        let ends = Ends {
            reached: checkpoint,
            ends: open.streams.clone(),
        };
        ends.save(&self.settings.checkpoint)?;
        self.open = Some(open);
        Ok(())
    }
}

impl Open {
    /// Notes how far a stream has got, and the ids of what came behind the place where it was.
    async fn look(&mut self, name: String, before: Option<u64>) -> io::Result<()> {
        let stream = self
            .context
            .get_stream(&name)
            .await
            .map_err(io::Error::other)?;
        let last = stream.cached_info().state.last_sequence;
        self.streams.insert(name, last);
        // A stream that has got less far than it was is another one.
        let Some(before) = before.map(|before| if before > last { 0 } else { before }) else {
            return Ok(());
        };
        if before == last {
            return Ok(());
        }
        let wanted = pull::Config {
            deliver_policy: DeliverPolicy::ByStartSequence {
                start_sequence: before + 1,
            },
            ack_policy: AckPolicy::None,
            headers_only: true,
            inactive_threshold: Duration::from_mins(1),
            ..pull::Config::default()
        };
        let consumer = stream
            .create_consumer(wanted)
            .await
            .map_err(io::Error::other)?;
        if consumer.cached_info().num_pending > 0 {
            let mut messages = consumer.messages().await.map_err(io::Error::other)?;
            while let Some(message) = messages.next().await {
                let message = message.map_err(io::Error::other)?;
                let id = message
                    .headers
                    .as_ref()
                    .and_then(|headers| headers.get("Nats-Msg-Id"));
                if let Some(id) = id
                    && self.there.len() < REMEMBERED
                {
                    self.there.insert(id.as_str().to_owned());
                }
                if message.info().map_err(io::Error::other)?.pending == 0 {
                    break;
                }
            }
        }
        // The server removes it after a while in any case.
        let _ = stream.delete_consumer(&consumer.cached_info().name).await;
        Ok(())
    }

    async fn publish(&mut self, subject: String, publication: Publication<'_>) -> io::Result<()> {
        if self.there.remove(&publication.id) {
            return Ok(());
        }
        let message = PublishMessage::build()
            .payload(publication.body().to_vec().into())
            .message_id(&publication.id);
        let under_way = self.context.send_publish(subject, message).await;
        self.under_way.push(under_way.map_err(io::Error::other)?);
        Ok(())
    }

    /// Waits until everything that is under way has arrived.
    async fn settle(&mut self) -> io::Result<()> {
        for under_way in self.under_way.drain(..) {
            let arrived = under_way.await.map_err(io::Error::other)?;
            let Some(last) = self.streams.get_mut(&arrived.stream) else {
                let stream = arrived.stream;
                return Err(io::Error::other(format!(
                    "stream {stream} has some of the partitions of a subject: one stream must have all of them"
                )));
            };
            *last = arrived.sequence.max(*last);
        }
        self.keys.clear();
        Ok(())
    }
}

impl Sink for NatsSink {
    fn name(&self) -> String {
        let server = nats::shown(&self.settings.server);
        format!("{} at {server}", self.settings.subjects.accepted)
    }

    fn resume(&mut self) -> io::Result<Checkpoint> {
        self.open = None;
        wait(self.connect())
    }

    fn deliver(&mut self, entry: &Entry, released: bool) -> io::Result<()> {
        wait(self.publish(entry, released))
    }

    fn commit(&mut self, checkpoint: Checkpoint) -> io::Result<()> {
        wait(self.complete(checkpoint))
    }
}

/// Sinks are called where a thread may wait.
fn wait<T>(future: impl Future<Output = io::Result<T>>) -> io::Result<T> {
    Handle::try_current()
        .map_err(io::Error::other)?
        .block_on(future)
}
