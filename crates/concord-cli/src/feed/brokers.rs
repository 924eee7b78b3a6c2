//! Sources and sinks that are brokers' or mailboxes'.

use std::path::Path;
use std::time::Duration;

use concord_feed::Secret;
use concord_feed::mesh::{ClientTls, MailboxSettings};
use concord_feed::sink::Sink;
#[cfg(any(feature = "nats", feature = "kafka"))]
use concord_feed::sink::Topics;
use concord_feed::source::{MeshSettings, MeshSource, Source};

use super::arguments::BrokerArguments;
use crate::failure::Failure;

/// A mailbox is looked into so often where nothing is said.
const EVERY: Duration = Duration::from_mins(1);

/// A source with a scheme other than `mllp`.
///
/// # Errors
/// When there is no such source, or it is not named as it must be.
pub(super) fn source(
    arguments: &BrokerArguments,
    source: &str,
    largest: usize,
) -> Result<Box<dyn Source>, Failure> {
    let (scheme, rest) = source.split_once("://").unwrap_or(("", source));
    match scheme {
        "mesh" => mesh(arguments, "https", rest, source, largest),
        "mesh+http" => mesh(arguments, "http", rest, source, largest),
        #[cfg(feature = "kafka")]
        "kafka" => kafka::source(arguments, rest, source, largest),
        #[cfg(feature = "nats")]
        "nats" => nats::source(arguments, rest, source, largest),
        _ => Err(unknown(scheme, source, "source")),
    }
}

/// A sink that is a broker's; `store` is where its checkpoint is kept.
///
/// # Errors
/// When there is no such sink, or it is not named as it must be.
pub(super) fn sink(
    arguments: &BrokerArguments,
    sink: &str,
    store: &Path,
) -> Result<Box<dyn Sink>, Failure> {
    let (scheme, rest) = sink.split_once("://").unwrap_or(("", sink));
    match scheme {
        #[cfg(feature = "kafka")]
        "kafka" => kafka::sink(arguments, rest, sink, store),
        #[cfg(feature = "nats")]
        "nats" => nats::sink(arguments, rest, sink, store),
        _ => {
            let _ = (arguments, rest, store);
            Err(unknown(scheme, sink, "sink"))
        }
    }
}

fn unknown(scheme: &str, named: &str, what: &str) -> Failure {
    if ["nats", "kafka"].contains(&scheme) {
        return Failure::usage(
            format!("{named}: this program was built without {scheme}"),
            format!("build it with `cargo build --release --bin concord --features {scheme}`"),
        );
    }
    Failure::usage(
        format!("{named}: there is no {what} {scheme}://"),
        match what {
            "sink" => {
                "--to takes nats://HOST:PORT/ACCEPTED,REJECTED,FINDINGS, or the same with kafka://"
            }
            _ => super::sources::FORMS,
        },
    )
}

/// A secret, which is in the environment because the command line can be read by everybody on the machine.
fn secret(name: &str, source: &str) -> Result<Secret, Failure> {
    match std::env::var(name) {
        Ok(secret) if !secret.is_empty() => Ok(Secret::new(secret)),
        _ => Err(Failure::usage(
            format!("{source}: {name} is not in the environment"),
            "the mailbox's password is CONCORD_MESH_PASSWORD, the key of its environment CONCORD_MESH_SHARED_KEY",
        )),
    }
}

fn mesh(
    arguments: &BrokerArguments,
    scheme: &str,
    rest: &str,
    source: &str,
    largest: usize,
) -> Result<Box<dyn Source>, Failure> {
    let Some((host, mailbox)) = rest
        .split_once('/')
        .filter(|(_, mailbox)| !mailbox.is_empty())
    else {
        return Err(Failure::usage(
            format!("{source} does not name a mailbox"),
            "write mesh://HOST/MAILBOX",
        ));
    };
    let certificate = arguments.mesh_certificate.clone();
    let certificate = certificate.zip(arguments.mesh_key.clone());
    let tls = arguments
        .mesh_authorities
        .clone()
        .map(|authorities| ClientTls {
            authorities,
            certificate,
        });
    Ok(Box::new(MeshSource(MeshSettings {
        mailbox: MailboxSettings {
            server: format!("{scheme}://{host}"),
            mailbox: mailbox.to_owned(),
            password: secret("CONCORD_MESH_PASSWORD", source)?,
            shared_key: secret("CONCORD_MESH_SHARED_KEY", source)?,
            tls,
        },
        workflow: arguments.mesh_workflow.clone(),
        every: arguments.mesh_every.unwrap_or(EVERY),
        largest,
    })))
}

/// A server and what is published to there: the topics of `HOST:PORT/ACCEPTED,REJECTED,FINDINGS`.
#[cfg(any(feature = "nats", feature = "kafka"))]
fn topics<'a>(rest: &'a str, sink: &str) -> Result<(&'a str, Topics), Failure> {
    let wrong = || {
        Failure::usage(
            format!("{sink} does not name where messages go"),
            "write nats://HOST:PORT/ACCEPTED,REJECTED,FINDINGS: subjects of streams that exist (with kafka:// topics); the last two may be left out",
        )
    };
    let (server, topics) = rest.split_once('/').ok_or_else(wrong)?;
    let mut names = topics.split(',').map(str::to_owned);
    let mut next = || names.next().filter(|name| !name.is_empty());
    let topics = Topics {
        accepted: next().ok_or_else(wrong)?,
        rejected: next(),
        findings: next(),
    };
    if names.next().is_some() {
        return Err(wrong());
    }
    Ok((server, topics))
}

#[cfg(feature = "kafka")]
mod kafka {
    use std::path::Path;

    use concord_feed::sink::{KafkaSink, KafkaSinkSettings, Sink};
    use concord_feed::source::{KafkaSettings, KafkaSource, Source};
    use concord_feed::{KafkaServers, Secret};

    use super::{BrokerArguments, topics};
    use crate::failure::Failure;

    pub(super) fn source(
        arguments: &BrokerArguments,
        rest: &str,
        source: &str,
        largest: usize,
    ) -> Result<Box<dyn Source>, Failure> {
        let parts: Vec<&str> = rest.split('/').collect();
        let [brokers, topics, group] = parts[..] else {
            return Err(Failure::usage(
                format!("{source} does not name topics and a group"),
                "write kafka://HOST:PORT/TOPIC/GROUP; several hosts and topics have commas between them",
            ));
        };
        Ok(Box::new(KafkaSource(KafkaSettings {
            servers: servers(arguments, brokers)?,
            topics: topics.split(',').map(str::to_owned).collect(),
            group: group.to_owned(),
            largest,
        })))
    }

    pub(super) fn sink(
        arguments: &BrokerArguments,
        rest: &str,
        sink: &str,
        store: &Path,
    ) -> Result<Box<dyn Sink>, Failure> {
        let (brokers, topics) = topics(rest, sink)?;
        Ok(Box::new(KafkaSink::new(KafkaSinkSettings {
            servers: servers(arguments, brokers)?,
            checkpoint: store.join(format!("to-kafka-{}.json", topics.accepted)),
            topics,
        })))
    }

    fn servers(arguments: &BrokerArguments, brokers: &str) -> Result<KafkaServers, Failure> {
        let mut servers = KafkaServers::new(brokers.to_owned());
        let Some(path) = &arguments.kafka_properties else {
            return Ok(servers);
        };
        let text = std::fs::read_to_string(path).map_err(|error| {
            Failure::unreadable(format!("{} cannot be read: {error}", path.display()))
        })?;
        for (number, line) in text.lines().enumerate() {
            let line = line.trim();
            if line.is_empty() || line.starts_with('#') {
                continue;
            }
            let (name, value) = line.split_once('=').ok_or_else(|| {
                Failure::usage(
                    format!("{}:{}: no property", path.display(), number + 1),
                    "write NAME=VALUE",
                )
            })?;
            let value = Secret::new(value.trim().to_owned());
            servers.properties.insert(name.trim().to_owned(), value);
        }
        Ok(servers)
    }
}

#[cfg(feature = "nats")]
mod nats {
    use std::path::Path;
    use std::time::Duration;

    use concord_feed::sink::{NatsSink, NatsSinkSettings, Sink};
    use concord_feed::source::{NatsSettings, NatsSource, Partitions, Source};

    use super::{BrokerArguments, topics};
    use crate::failure::Failure;

    /// A server sends a message again that was not acknowledged for so long.
    const AGAIN: Duration = Duration::from_secs(30);

    pub(super) fn source(
        arguments: &BrokerArguments,
        rest: &str,
        source: &str,
        largest: usize,
    ) -> Result<Box<dyn Source>, Failure> {
        let parts: Vec<&str> = rest.split('/').collect();
        let [server, stream, consumer] = parts[..] else {
            return Err(Failure::usage(
                format!("{source} does not name a stream and a consumer"),
                "write nats://HOST:PORT/STREAM/CONSUMER; the stream must exist, the consumer is made when there is none",
            ));
        };
        let partitions = arguments
            .partitions
            .zip(arguments.partition_subject.clone());
        Ok(Box::new(NatsSource(NatsSettings {
            server: format!("nats://{server}"),
            stream: stream.to_owned(),
            consumer: consumer.to_owned(),
            again: AGAIN,
            largest,
            partitions: partitions.map(|(count, subject)| Partitions {
                subject,
                count,
                process: arguments.process.unwrap_or(0),
                processes: arguments.processes.unwrap_or(1),
            }),
        })))
    }

    pub(super) fn sink(
        arguments: &BrokerArguments,
        rest: &str,
        sink: &str,
        store: &Path,
    ) -> Result<Box<dyn Sink>, Failure> {
        let (server, topics) = topics(rest, sink)?;
        Ok(Box::new(NatsSink::new(NatsSinkSettings {
            server: format!("nats://{server}"),
            checkpoint: store.join(format!("to-nats-{}.json", topics.accepted)),
            subjects: topics,
            partitions: arguments.to_partitions,
        })))
    }
}
