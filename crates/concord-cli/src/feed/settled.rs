//! What was asked for on the command line, completed by `[feed]` of `concord.toml`; and what must be asked for together.

use std::path::PathBuf;

use clap::ValueEnum;
use concord_settings::{FeedSettings, Said};

use super::arguments::{JudgeArguments, LiveArguments, sender};
use super::sources::FORMS;
use crate::failure::Failure;
use crate::settings::Loaded;

/// A live feed as it was asked for, by the command line and by settings; the command line wins, key by key.
///
/// # Errors
/// When settings say what means nothing, when there is no source or store, and when something is asked for without what it
/// needs.
pub(super) fn settled(
    arguments: &LiveArguments,
    loaded: &Loaded,
) -> Result<LiveArguments, Failure> {
    let mut feed = arguments.clone();
    let settled = Settled(loaded);
    settled.feed(&mut feed)?;
    feed.judging = judging(&arguments.judging, loaded);
    together(&feed)?;
    Ok(feed)
}

/// How messages are judged, by the command line and by settings.
pub(super) fn judging(arguments: &JudgeArguments, loaded: &Loaded) -> JudgeArguments {
    let said = &loaded.settings.feed;
    let settled = Settled(loaded);
    let mut judging = arguments.clone();
    text(&mut judging.standard, said.standard.as_ref());
    settled.path(&mut judging.schemas.schemas, said.schemas.as_ref());
    settled.path(&mut judging.reference.reference, said.reference.as_ref());
    texts(&mut judging.processing, &said.processing);
    judging
}

struct Settled<'l>(&'l Loaded);

impl Settled<'_> {
    fn feed(&self, feed: &mut LiveArguments) -> Result<(), Failure> {
        let said = &self.0.settings.feed;
        if feed.sources.is_empty() {
            let sources = said.source.iter().map(|source| &*source.value);
            feed.sources = sources.map(|source| self.source(source)).collect();
        }
        self.path(&mut feed.store, said.store.as_ref());
        self.path(&mut feed.into, said.into.as_ref());
        feed.stays |= said.stays.unwrap_or(false);
        feed.watch |= said.watch.unwrap_or(false);
        text(&mut feed.metrics, said.metrics.as_ref());
        self.word(&mut feed.log, said.log.as_ref())?;
        number(&mut feed.threads, said.threads);
        self.path(&mut feed.parquet.parquet, said.parquet.as_ref());
        let tables = &mut feed.parquet.parquet_tables;
        self.word(tables, said.parquet_tables.as_ref())?;
        let rows = said.parquet_rows;
        let rows = rows.map(|rows| usize::try_from(rows).unwrap_or(usize::MAX));
        number(&mut feed.parquet.parquet_rows, rows);
        number(&mut feed.parquet.parquet_every, said.parquet_every);
        self.path(&mut feed.folder.processed, said.processed.as_ref());
        self.path(&mut feed.folder.failed, said.failed.as_ref());
        number(&mut feed.folder.settle, said.settle);
        self.senders(feed)?;
        limits(feed, said);
        storing(feed, said);
        self.brokers(feed);
        Ok(())
    }

    fn senders(&self, feed: &mut LiveArguments) -> Result<(), Failure> {
        let said = &self.0.settings.feed;
        let senders = &mut feed.senders;
        self.path(&mut senders.tls_certificate, said.tls_certificate.as_ref());
        self.path(&mut senders.tls_key, said.tls_key.as_ref());
        self.path(&mut senders.tls_clients, said.tls_clients.as_ref());
        texts(&mut senders.allow_certificate, &said.allow_certificate);
        self.each(&mut senders.allow, &said.allow, str::parse)?;
        self.each(&mut senders.allow_sender, &said.allow_sender, sender)
    }

    fn brokers(&self, feed: &mut LiveArguments) {
        let said = &self.0.settings.feed;
        let brokers = &mut feed.brokers;
        texts(&mut brokers.to, &said.to);
        number(&mut brokers.to_partitions, said.to_partitions);
        number(&mut brokers.partitions, said.partitions);
        text(
            &mut brokers.partition_subject,
            said.partition_subject.as_ref(),
        );
        number(&mut brokers.process, said.process);
        number(&mut brokers.processes, said.processes);
        for (own, said) in [
            (&mut brokers.kafka_properties, &said.kafka_properties),
            (&mut brokers.mesh_authorities, &said.mesh_authorities),
            (&mut brokers.mesh_certificate, &said.mesh_certificate),
            (&mut brokers.mesh_key, &said.mesh_key),
        ] {
            self.path(own, said.as_ref());
        }
        text(&mut brokers.mesh_workflow, said.mesh_workflow.as_ref());
        number(&mut brokers.mesh_every, said.mesh_every);
    }

    /// A source: a folder is seen from the settings' own.
    fn source(&self, source: &str) -> String {
        if source == "-" || source.contains("://") {
            return source.to_owned();
        }
        self.0.path(source).to_string_lossy().into_owned()
    }

    fn path(&self, own: &mut Option<PathBuf>, said: Option<&String>) {
        if own.is_none() {
            *own = said.map(|path| self.0.path(path));
        }
    }

    fn word<T: ValueEnum>(
        &self,
        own: &mut Option<T>,
        said: Option<&Said<String>>,
    ) -> Result<(), Failure> {
        if let (None, Some(said)) = (&own, said) {
            let word = T::from_str(&said.value, false);
            *own = Some(word.map_err(|_| {
                let known = T::value_variants().iter();
                let known = known.filter_map(ValueEnum::to_possible_value);
                let known: Vec<String> = known.map(|word| word.get_name().to_owned()).collect();
                self.wrong(
                    said,
                    &format!("expected one of {}", known.join(", ")),
                    "it cannot be used here",
                )
            })?);
        }
        Ok(())
    }

    fn each<T>(
        &self,
        own: &mut Vec<T>,
        said: &[Said<String>],
        read: impl Fn(&str) -> Result<T, String>,
    ) -> Result<(), Failure> {
        if !own.is_empty() {
            return Ok(());
        }
        for said in said {
            let read = read(&said.value);
            own.push(read.map_err(|error| {
                self.wrong(said, "the option of the same name says more", &error)
            })?);
        }
        Ok(())
    }

    fn wrong(&self, said: &Said<String>, help: &str, why: &str) -> Failure {
        let message = format!("`{}`: {why}", said.value);
        Failure::definition(vec![self.0.report(&message, Some(help), said.span.clone())])
    }
}

fn limits(feed: &mut LiveArguments, said: &FeedSettings) {
    let limits = &mut feed.limits;
    number(&mut limits.max_message, said.max_message);
    number(&mut limits.max_connections, said.max_connections);
    number(
        &mut limits.max_connections_of_address,
        said.max_connections_of_address,
    );
    number(&mut limits.max_in_flight, said.max_in_flight);
    number(&mut limits.max_unanswered, said.max_unanswered);
    number(&mut limits.max_rate, said.max_rate);
    number(&mut limits.max_refused, said.max_refused);
    number(&mut limits.idle, said.idle);
    number(&mut limits.frame_time, said.frame_time);
    number(&mut limits.answer_time, said.answer_time);
    number(&mut limits.handshake_time, said.handshake_time);
}

fn storing(feed: &mut LiveArguments, said: &FeedSettings) {
    let storing = &mut feed.storing;
    number(&mut storing.keep, said.keep);
    number(&mut storing.keep_size, said.keep_size);
    number(&mut storing.remember, said.remember);
    number(&mut storing.segment, said.segment);
    number(&mut storing.waiting, said.waiting);
    number(&mut storing.commit, said.commit);
}

fn number<T: Copy>(own: &mut Option<T>, said: Option<T>) {
    *own = own.or(said);
}

fn text(own: &mut Option<String>, said: Option<&Said<String>>) {
    if own.is_none() {
        *own = said.map(|said| said.value.clone());
    }
}

fn texts(own: &mut Vec<String>, said: &[Said<String>]) {
    if own.is_empty() {
        own.extend(said.iter().map(|said| said.value.clone()));
    }
}

/// What must be asked for, and what only together.
fn together(feed: &LiveArguments) -> Result<(), Failure> {
    if feed.sources.is_empty() {
        return Err(Failure::usage(
            "nothing says where messages come from",
            FORMS,
        ));
    }
    if feed.store.is_none() {
        return Err(Failure::usage(
            "nothing says where messages are stored",
            "name a folder with --store, or `store` under [feed] in concord.toml",
        ));
    }
    let (senders, brokers) = (&feed.senders, &feed.brokers);
    let pairs = [
        (
            senders.tls_certificate.is_some(),
            "--tls-certificate",
            senders.tls_key.is_some(),
            "--tls-key",
        ),
        (
            senders.tls_key.is_some(),
            "--tls-key",
            senders.tls_certificate.is_some(),
            "--tls-certificate",
        ),
        (
            senders.tls_clients.is_some(),
            "--tls-clients",
            senders.tls_certificate.is_some(),
            "--tls-certificate",
        ),
        (
            !senders.allow_certificate.is_empty(),
            "--allow-certificate",
            senders.tls_clients.is_some(),
            "--tls-clients",
        ),
        (feed.stays, "--stays", feed.into.is_some(), "--into"),
        (
            feed.parquet.parquet_tables.is_some()
                || feed.parquet.parquet_rows.is_some()
                || feed.parquet.parquet_every.is_some(),
            "what is said of Parquet",
            feed.parquet.parquet.is_some(),
            "--parquet",
        ),
        (
            brokers.to_partitions.is_some(),
            "--to-partitions",
            !brokers.to.is_empty(),
            "--to",
        ),
        (
            brokers.partitions.is_some(),
            "--partitions",
            brokers.partition_subject.is_some(),
            "--partition-subject",
        ),
        (
            brokers.partition_subject.is_some() || brokers.process.is_some(),
            "--partition-subject and --process",
            brokers.partitions.is_some(),
            "--partitions",
        ),
        (
            brokers.process.is_some(),
            "--process",
            brokers.processes.is_some(),
            "--processes",
        ),
        (
            brokers.processes.is_some(),
            "--processes",
            brokers.process.is_some(),
            "--process",
        ),
        (
            brokers.mesh_certificate.is_some(),
            "--mesh-certificate",
            brokers.mesh_key.is_some() && brokers.mesh_authorities.is_some(),
            "--mesh-key and --mesh-authorities",
        ),
        (
            brokers.mesh_key.is_some(),
            "--mesh-key",
            brokers.mesh_certificate.is_some(),
            "--mesh-certificate",
        ),
    ];
    for (given, name, there, needed) in pairs {
        if given && !there {
            return Err(Failure::usage(
                format!("{name} means nothing without {needed}"),
                "give both, on the command line or under [feed] in concord.toml",
            ));
        }
    }
    Ok(())
}
