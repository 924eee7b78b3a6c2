//! `[feed]`: what `concord feed` takes from settings. Keys are the names of its options.

use std::time::Duration;

use serde::Deserialize;
use toml::Spanned;

use crate::amount::{AmountError, duration, size};
use crate::read::Reading;
use crate::settings::Said;

/// Defaults of `concord feed`; what is `None` or empty is not said. Paths are as written, relative to the file's folder.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct FeedSettings {
    /// Where messages come from: mllp://HOST:PORT, a folder, - for standard input, nats://….
    pub source: Vec<Said<String>>,
    /// The folder of the store.
    pub store: Option<String>,
    /// The folder below which files by day are written.
    pub into: Option<String>,
    /// Whether patients' stays are followed.
    pub stays: Option<bool>,
    /// Where /metrics, /health and /ready are answered.
    pub metrics: Option<Said<String>>,
    /// Whether a live view is drawn.
    pub watch: Option<bool>,
    /// How events are written: text, json or none.
    pub log: Option<Said<String>>,
    /// How many threads judge and answer.
    pub threads: Option<u16>,
    /// The standard of every message.
    pub standard: Option<Said<String>>,
    /// The processing ids (MSH-11) that are taken.
    pub processing: Vec<Said<String>>,
    /// The folder of definitions of one's own, overlays among them.
    pub schemas: Option<String>,
    /// The folder of reference data.
    pub reference: Option<String>,
    /// The certificate of this feed, in PEM format.
    pub tls_certificate: Option<String>,
    /// Its private key, in PEM format.
    pub tls_key: Option<String>,
    /// The authorities of which senders must show a certificate, in PEM format.
    pub tls_clients: Option<String>,
    /// Names of which a sender's certificate must have one.
    pub allow_certificate: Vec<Said<String>>,
    /// Addresses or networks that may connect.
    pub allow: Vec<Said<String>>,
    /// Senders that may send, as APPLICATION/FACILITY.
    pub allow_sender: Vec<Said<String>>,
    /// Bytes of one message.
    pub max_message: Option<u64>,
    /// Connections at the same time.
    pub max_connections: Option<u32>,
    /// Of these, from one address.
    pub max_connections_of_address: Option<u32>,
    /// Bytes of all messages that are being received and judged.
    pub max_in_flight: Option<u64>,
    /// Messages of one connection that wait for their answers.
    pub max_unanswered: Option<u32>,
    /// Messages a second from one address.
    pub max_rate: Option<u32>,
    /// Refused messages in a row after which a connection is closed.
    pub max_refused: Option<u32>,
    /// Time without a byte after which a connection is closed.
    pub idle: Option<Duration>,
    /// Time for one message.
    pub frame_time: Option<Duration>,
    /// Time in which an answer must be taken.
    pub answer_time: Option<Duration>,
    /// Time for agreeing on encryption.
    pub handshake_time: Option<Duration>,
    /// How long messages are kept that are delivered.
    pub keep: Option<Duration>,
    /// Beyond which size the oldest delivered messages are removed.
    pub keep_size: Option<u64>,
    /// How long a message is recognised that comes again.
    pub remember: Option<Duration>,
    /// The size at which a segment is finished.
    pub segment: Option<u64>,
    /// Messages that may wait for the disk.
    pub waiting: Option<u32>,
    /// Bytes that are written and synced together.
    pub commit: Option<u64>,
    /// Where files of a watched folder go when all of them is stored.
    pub processed: Option<String>,
    /// Where those go in which there is no message.
    pub failed: Option<String>,
    /// A file is taken when it has not changed for so long.
    pub settle: Option<Duration>,
    /// Brokers to publish to.
    pub to: Vec<Said<String>>,
    /// Partitions behind the subjects of `to`.
    pub to_partitions: Option<u16>,
    /// Partitions of a stream that processes share.
    pub partitions: Option<u16>,
    /// The subject of the partitions, without their number.
    pub partition_subject: Option<Said<String>>,
    /// Which of the processes this is.
    pub process: Option<u16>,
    /// How many processes share the stream.
    pub processes: Option<u16>,
    /// Further properties of librdkafka.
    pub kafka_properties: Option<String>,
    /// The authorities of the mailbox server's certificate, in PEM format.
    pub mesh_authorities: Option<String>,
    /// The certificate of this client of the mailbox, in PEM format.
    pub mesh_certificate: Option<String>,
    /// Its private key, in PEM format.
    pub mesh_key: Option<String>,
    /// The workflow whose files are taken.
    pub mesh_workflow: Option<Said<String>>,
    /// How often the mailbox is looked into.
    pub mesh_every: Option<Duration>,
    /// The folder below which Parquet is written.
    pub parquet: Option<String>,
    /// Which tables: all or findings.
    pub parquet_tables: Option<Said<String>>,
    /// Rows of a table at which files end.
    pub parquet_rows: Option<u64>,
    /// How long the first row of a file may wait.
    pub parquet_every: Option<Duration>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(crate) struct FeedTable {
    source: Option<Spanned<toml::Value>>,
    store: Option<String>,
    into: Option<String>,
    stays: Option<bool>,
    metrics: Option<Spanned<String>>,
    watch: Option<bool>,
    log: Option<Spanned<String>>,
    threads: Option<Spanned<i64>>,
    standard: Option<Spanned<String>>,
    processing: Option<Spanned<toml::Value>>,
    schemas: Option<String>,
    reference: Option<String>,
    tls_certificate: Option<String>,
    tls_key: Option<String>,
    tls_clients: Option<String>,
    allow_certificate: Option<Spanned<toml::Value>>,
    allow: Option<Spanned<toml::Value>>,
    allow_sender: Option<Spanned<toml::Value>>,
    max_message: Option<Spanned<String>>,
    max_connections: Option<Spanned<i64>>,
    max_connections_of_address: Option<Spanned<i64>>,
    max_in_flight: Option<Spanned<String>>,
    max_unanswered: Option<Spanned<i64>>,
    max_rate: Option<Spanned<i64>>,
    max_refused: Option<Spanned<i64>>,
    idle: Option<Spanned<String>>,
    frame_time: Option<Spanned<String>>,
    answer_time: Option<Spanned<String>>,
    handshake_time: Option<Spanned<String>>,
    keep: Option<Spanned<String>>,
    keep_size: Option<Spanned<String>>,
    remember: Option<Spanned<String>>,
    segment: Option<Spanned<String>>,
    waiting: Option<Spanned<i64>>,
    commit: Option<Spanned<String>>,
    processed: Option<String>,
    failed: Option<String>,
    settle: Option<Spanned<String>>,
    to: Option<Spanned<toml::Value>>,
    to_partitions: Option<Spanned<i64>>,
    partitions: Option<Spanned<i64>>,
    partition_subject: Option<Spanned<String>>,
    process: Option<Spanned<i64>>,
    processes: Option<Spanned<i64>>,
    kafka_properties: Option<String>,
    mesh_authorities: Option<String>,
    mesh_certificate: Option<String>,
    mesh_key: Option<String>,
    mesh_workflow: Option<Spanned<String>>,
    mesh_every: Option<Spanned<String>>,
    parquet: Option<String>,
    parquet_tables: Option<Spanned<String>>,
    parquet_rows: Option<Spanned<i64>>,
    parquet_every: Option<Spanned<String>>,
}

impl Reading {
    pub(crate) fn feed(&mut self, said: FeedTable) -> FeedSettings {
        FeedSettings {
            source: self.list(said.source),
            store: said.store,
            into: said.into,
            stays: said.stays,
            metrics: said.metrics.map(text),
            watch: said.watch,
            log: said.log.map(text),
            threads: self.among(said.threads, 1, 1024),
            standard: said.standard.map(text),
            processing: self.list(said.processing),
            schemas: said.schemas,
            reference: said.reference,
            tls_certificate: said.tls_certificate,
            tls_key: said.tls_key,
            tls_clients: said.tls_clients,
            allow_certificate: self.list(said.allow_certificate),
            allow: self.list(said.allow),
            allow_sender: self.list(said.allow_sender),
            max_message: self.amount(said.max_message, size),
            max_connections: self.among(said.max_connections, 0, i64::from(u32::MAX)),
            max_connections_of_address: self.among(
                said.max_connections_of_address,
                0,
                i64::from(u32::MAX),
            ),
            max_in_flight: self.amount(said.max_in_flight, size),
            max_unanswered: self.among(said.max_unanswered, 1, i64::from(u32::MAX)),
            max_rate: self.among(said.max_rate, 1, i64::from(u32::MAX)),
            max_refused: self.among(said.max_refused, 1, i64::from(u32::MAX)),
            idle: self.amount(said.idle, duration),
            frame_time: self.amount(said.frame_time, duration),
            answer_time: self.amount(said.answer_time, duration),
            handshake_time: self.amount(said.handshake_time, duration),
            keep: self.amount(said.keep, duration),
            keep_size: self.amount(said.keep_size, size),
            remember: self.amount(said.remember, duration),
            segment: self.amount(said.segment, size),
            waiting: self.among(said.waiting, 1, i64::from(u32::MAX)),
            commit: self.amount(said.commit, size),
            processed: said.processed,
            failed: said.failed,
            settle: self.amount(said.settle, duration),
            to: self.list(said.to),
            to_partitions: self.among(said.to_partitions, 1, i64::from(u16::MAX)),
            partitions: self.among(said.partitions, 1, i64::from(u16::MAX)),
            partition_subject: said.partition_subject.map(text),
            process: self.among(said.process, 0, i64::from(u16::MAX)),
            processes: self.among(said.processes, 1, i64::from(u16::MAX)),
            kafka_properties: said.kafka_properties,
            mesh_authorities: said.mesh_authorities,
            mesh_certificate: said.mesh_certificate,
            mesh_key: said.mesh_key,
            mesh_workflow: said.mesh_workflow.map(text),
            mesh_every: self.amount(said.mesh_every, duration),
            parquet: said.parquet,
            parquet_tables: said.parquet_tables.map(text),
            parquet_rows: self.among(said.parquet_rows, 1, i64::MAX),
            parquet_every: self.amount(said.parquet_every, duration),
        }
    }

    fn among<T: TryFrom<i64>>(
        &mut self,
        said: Option<Spanned<i64>>,
        least: i64,
        most: i64,
    ) -> Option<T> {
        said.and_then(|number| self.number(&number, least, most))
    }

    fn amount<T>(
        &mut self,
        said: Option<Spanned<String>>,
        read: fn(&str) -> Result<T, AmountError>,
    ) -> Option<T> {
        let said = said?;
        match read(said.get_ref()) {
            Ok(amount) => Some(amount),
            Err(error) => {
                self.wrong(
                    said.span(),
                    format!("`{}` cannot be used here: {error}", said.get_ref()),
                    "sizes are such as \"512KB\" or \"4MB\", times such as \"500ms\", \"30s\", \"10m\", \"1h\" or \"30d\"",
                );
                None
            }
        }
    }

    /// One text, or a list of texts.
    fn list(&mut self, said: Option<Spanned<toml::Value>>) -> Vec<Said<String>> {
        let Some(said) = said else {
            return Vec::new();
        };
        let span = said.span();
        let values = match said.into_inner() {
            toml::Value::Array(values) => values,
            one => vec![one],
        };
        let mut texts = Vec::new();
        for value in values {
            let toml::Value::String(value) = value else {
                self.wrong(
                    span,
                    "texts are expected here",
                    "write one text, or a list of them: [\"a\", \"b\"]",
                );
                return Vec::new();
            };
            let span = span.clone();
            texts.push(Said { value, span });
        }
        texts
    }
}

fn text(said: Spanned<String>) -> Said<String> {
    Said {
        span: said.span(),
        value: said.into_inner(),
    }
}
