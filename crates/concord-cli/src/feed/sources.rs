//! What a feed is made of, by what was asked for.

use std::io::stdin;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use concord_feed::mllp::{Allowed, Limits, MllpSettings, Tls};
use concord_feed::sink::Folders;
use concord_feed::source::{FolderSettings, ReaderSource, Source, WatchedFolder};
use concord_feed::store::StoreSettings;
use concord_feed::{Clock, Feed, FeedError};
use concord_finding::Grades;

use super::arguments::{LimitArguments, LiveArguments, ParquetTables, StoreArguments};
use super::brokers;
use super::parquet::{CanonicalRows, Rolling, Tables};
use super::stays::StaysSink;
use crate::failure::Failure;
use crate::terminal;

/// How sources are named.
pub(super) const FORMS: &str = "a source is mllp://HOST:PORT, a folder that is there, -, nats://HOST:PORT/STREAM/CONSUMER, kafka://HOST:PORT/TOPIC/GROUP or mesh://HOST/MAILBOX";

/// Files of Parquet end at so many rows, and after so long, where nothing is said.
const ROWS: usize = 100_000;
const EVERY: Duration = Duration::from_mins(5);

/// The feed that was asked for; rules are graded by `grades`.
///
/// # Errors
/// When a source means nothing, and when folders cannot be made.
pub(super) fn feed(
    arguments: &LiveArguments,
    store: PathBuf,
    grades: &Arc<Grades>,
    clock: &Arc<dyn Clock>,
) -> Result<Feed, Failure> {
    let mut feed = Feed::new(store, terminal::threads(arguments.threads));
    store_settings(&arguments.storing, &mut feed.settings);
    feed.metrics.clone_from(&arguments.metrics);
    let limits = limits(&arguments.limits);
    for source in &arguments.sources {
        match scheme(source) {
            ("mllp", address) => feed.listeners.push(listener(arguments, address, &limits)?),
            ("", "-") => feed.sources.push(Box::new(ReaderSource {
                name: "standard input".to_owned(),
                reader: Box::new(stdin()),
                largest: limits.message,
            })),
            ("", folder) => feed
                .sources
                .push(watched(arguments, folder, limits.message)?),
            _ => {
                let source = brokers::source(&arguments.brokers, source, limits.message)?;
                feed.sources.push(source);
            }
        }
    }
    if feed.listeners.is_empty() && arguments.senders.is_used() {
        return Err(Failure::usage(
            "who may send is said, and nothing listens",
            "these options are for mllp:// sources",
        ));
    }
    if let Some(folder) = &arguments.into {
        let unmade = |error: std::io::Error| {
            Failure::unreadable(format!("{} cannot be made: {error}", folder.display()))
        };
        feed.sinks
            .push(Box::new(Folders::new(folder).map_err(unmade)?));
        if arguments.stays {
            let stays = StaysSink::new(&folder.join("stays"), Arc::clone(clock));
            feed.sinks.push(Box::new(stays.map_err(unmade)?));
        }
    }
    let parquet = &arguments.parquet;
    if let Some(folder) = &parquet.parquet {
        let rolling = Rolling {
            rows: parquet.parquet_rows.unwrap_or(ROWS).max(1),
            every: parquet.parquet_every.unwrap_or(EVERY),
        };
        let rows = match parquet.parquet_tables {
            Some(ParquetTables::Findings) => None,
            Some(ParquetTables::All) | None => {
                Some(CanonicalRows::new(&arguments.judging, grades)?)
            }
        };
        let tables = Tables::new(folder, rolling, Arc::clone(clock), rows);
        feed.sinks.push(Box::new(tables.map_err(|error| {
            Failure::unreadable(format!("{} cannot be made: {error}", folder.display()))
        })?));
    }
    for sink in &arguments.brokers.to {
        let sink = brokers::sink(&arguments.brokers, sink, &feed.store)?;
        feed.sinks.push(sink);
    }
    Ok(feed)
}

/// The scheme of a source and what stands behind it; none for folders.
fn scheme(source: &str) -> (&str, &str) {
    source.split_once("://").unwrap_or(("", source))
}

fn listener(
    arguments: &LiveArguments,
    address: &str,
    limits: &Limits,
) -> Result<MllpSettings, Failure> {
    let address = address.trim_end_matches('/');
    let port = address
        .rsplit_once(':')
        .map(|(_, port)| port.parse::<u16>());
    if !matches!(port, Some(Ok(_))) {
        return Err(Failure::usage(
            format!("mllp://{address} names no port"),
            "write the address to listen at and the port, such as mllp://127.0.0.1:2575",
        ));
    }
    let senders = &arguments.senders;
    let tls = senders.tls_certificate.clone().zip(senders.tls_key.clone());
    Ok(MllpSettings {
        address: address.to_owned(),
        tls: tls.map(|(certificate, key)| Tls {
            certificate,
            key,
            clients: senders.tls_clients.clone(),
        }),
        allowed: Allowed {
            addresses: senders.allow.clone(),
            certificates: senders.allow_certificate.clone(),
            senders: senders.allow_sender.clone(),
        },
        limits: limits.clone(),
    })
}

impl super::arguments::SenderArguments {
    /// Whether any of them was given.
    fn is_used(&self) -> bool {
        self.tls_certificate.is_some() || !self.allow.is_empty() || !self.allow_sender.is_empty()
    }
}

fn watched(
    arguments: &LiveArguments,
    folder: &str,
    largest: usize,
) -> Result<Box<dyn Source>, Failure> {
    let folder = PathBuf::from(folder);
    if !folder.is_dir() {
        return Err(Failure::usage(
            format!("{} is not a folder", folder.display()),
            FORMS,
        ));
    }
    let mut settings = FolderSettings::new(folder);
    settings.largest = largest;
    settings.processed.clone_from(&arguments.folder.processed);
    settings.failed.clone_from(&arguments.folder.failed);
    if let Some(settle) = arguments.folder.settle {
        settings.settle = settle;
    }
    let watched = WatchedFolder::new(settings)
        .map_err(|error: FeedError| Failure::unreadable(error.to_string()))?;
    Ok(Box::new(watched))
}

fn limits(said: &LimitArguments) -> Limits {
    let mut limits = Limits {
        rate: said.max_rate,
        ..Limits::default()
    };
    let bytes = |size: u64| usize::try_from(size).unwrap_or(usize::MAX);
    put(&mut limits.message, said.max_message.map(bytes));
    put(&mut limits.in_flight, said.max_in_flight.map(bytes));
    put(
        &mut limits.connections,
        said.max_connections.map(|number| number as usize),
    );
    let of_address = said
        .max_connections_of_address
        .map(|number| number as usize);
    put(&mut limits.connections_of_address, of_address);
    put(
        &mut limits.pipelined,
        said.max_unanswered.map(|number| number as usize),
    );
    put(&mut limits.refused, said.max_refused);
    put(&mut limits.idle, said.idle);
    put(&mut limits.frame, said.frame_time);
    put(&mut limits.write, said.answer_time);
    put(&mut limits.handshake, said.handshake_time);
    limits
}

fn store_settings(said: &StoreArguments, settings: &mut StoreSettings) {
    settings.oldest = said.keep;
    settings.most = said.keep_size;
    put(&mut settings.remember, said.remember);
    put(&mut settings.segment, said.segment);
    put(
        &mut settings.waiting,
        said.waiting.map(|number| number as usize),
    );
    let commit = said
        .commit
        .map(|size| usize::try_from(size).unwrap_or(usize::MAX));
    put(&mut settings.commit, commit);
}

/// Puts what was said in the place of what is usual.
fn put<T>(usual: &mut T, said: Option<T>) {
    if let Some(said) = said {
        *usual = said;
    }
}
