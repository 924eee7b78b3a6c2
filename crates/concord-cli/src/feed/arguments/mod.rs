//! The command line of `concord feed`.

mod send;

use std::path::PathBuf;
use std::time::Duration;

use clap::{Args, Subcommand, ValueEnum};
use concord_feed::mllp::Network;
use concord_settings::{duration, size};

use crate::arguments::{ConfigArguments, ReferenceArguments, SchemasArguments};

pub(crate) use send::{SendArguments, SendTlsArguments};

const SOURCES: &str = "\
Sources: mllp://HOST:PORT listens and answers; a folder is watched; - reads standard input to its end;
         nats://HOST:PORT/STREAM/CONSUMER takes from a JetStream stream; mesh://HOST/MAILBOX empties a mailbox
         (its secrets are CONCORD_MESH_PASSWORD and CONCORD_MESH_SHARED_KEY in the environment).
         Messages of HL7 v2 come from all of them, resources of FHIR (one a line, or documents) from all but mllp://.
Options can stand under [feed] in concord.toml as well; what is given here wins.
A message is answered when it is safely stored, never before. SIGTERM or Ctrl-C: what was taken is answered and
delivered, and the exit code is 0. Sizes are such as 512KB or 4MB, times such as 500ms, 30s, 10m, 1h or 30d.";

#[derive(Debug, Args)]
#[command(args_conflicts_with_subcommands = true, subcommand_negates_reqs = true, after_help = SOURCES)]
pub(crate) struct FeedArguments {
    #[command(subcommand)]
    pub(crate) command: Option<FeedCommand>,
    #[command(flatten)]
    pub(crate) live: LiveArguments,
}

#[derive(Debug, Subcommand)]
pub(crate) enum FeedCommand {
    /// What is in a store, by sender
    Status(StatusArguments),
    /// Judge again what is stored, and say whose verdict is another one now
    Replay(ReplayArguments),
    /// Messages that were not accepted: list them, or release one
    Quarantine(QuarantineArguments),
    /// Send messages to a listener, to try or to measure it
    Send(SendArguments),
}

/// How messages are judged.
#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "Judging")]
pub(crate) struct JudgeArguments {
    /// The standard of every message; recognised message by message when not given
    #[arg(long, value_name = "ID@VERSION")]
    pub(crate) standard: Option<String>,
    /// Take only messages with one of these processing ids (MSH-11), such as P
    #[arg(long, value_name = "ID", value_delimiter = ',')]
    pub(crate) processing: Vec<String>,
    #[command(flatten)]
    pub(crate) schemas: SchemasArguments,
    #[command(flatten)]
    pub(crate) reference: ReferenceArguments,
    #[command(flatten)]
    pub(crate) config: ConfigArguments,
}

/// A live feed; what is not given may stand in settings.
#[derive(Debug, Clone, Args)]
pub(crate) struct LiveArguments {
    /// Where messages come from: mllp://HOST:PORT, a folder, - for standard input, nats://…
    #[arg(value_name = "SOURCE")]
    pub(crate) sources: Vec<String>,
    /// The folder of the store, which is made when there is none
    #[arg(long, value_name = "DIR")]
    pub(crate) store: Option<PathBuf>,
    /// Write accepted and rejected messages and findings to files by day below a folder
    #[arg(long, value_name = "DIR")]
    pub(crate) into: Option<PathBuf>,
    /// Follow patients' stays across messages, and write what contradicts them to `stays` below the folder of --into
    #[arg(long)]
    pub(crate) stays: bool,
    /// Answer /metrics, /health and /ready at this address
    #[arg(long, value_name = "HOST:PORT")]
    pub(crate) metrics: Option<String>,
    /// Show rates, verdicts and the rules broken most, renewed every second
    #[arg(long)]
    pub(crate) watch: bool,
    /// How events are written to standard error; none of them holds anything of a message but its sender's name [default: text]
    #[arg(long, value_enum)]
    pub(crate) log: Option<LogFormat>,
    /// How many threads judge and answer; as many as there are processors when not given
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=1024))]
    pub(crate) threads: Option<u16>,
    #[command(flatten)]
    pub(crate) judging: JudgeArguments,
    #[command(flatten)]
    pub(crate) senders: SenderArguments,
    #[command(flatten)]
    pub(crate) limits: LimitArguments,
    #[command(flatten)]
    pub(crate) storing: StoreArguments,
    #[command(flatten)]
    pub(crate) folder: FolderArguments,
    #[command(flatten)]
    pub(crate) brokers: BrokerArguments,
    #[command(flatten)]
    pub(crate) parquet: ParquetArguments,
}

/// Parquet that grows.
#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "Parquet")]
pub(crate) struct ParquetArguments {
    /// Write findings, and rows of the canonical model, as Parquet below a folder: TABLE/received=DAY/part-….parquet
    #[arg(long, value_name = "DIR")]
    pub(crate) parquet: Option<PathBuf>,
    /// Which tables [default: all]
    #[arg(long, value_enum, value_name = "TABLES")]
    pub(crate) parquet_tables: Option<ParquetTables>,
    /// Files end when a table has so many rows [default: 100000]
    #[arg(long, value_name = "N")]
    pub(crate) parquet_rows: Option<usize>,
    /// Files end when their first row has waited for so long [default: 5m]
    #[arg(long, value_name = "TIME", value_parser = duration)]
    pub(crate) parquet_every: Option<Duration>,
}

/// Which tables are written as Parquet.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum ParquetTables {
    /// Findings, the canonical model, and what could not be carried into it
    All,
    /// Findings
    Findings,
}

/// How events are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum LogFormat {
    /// Lines for people
    Text,
    /// A JSON object for each event
    Json,
    /// Not at all
    None,
}

/// Who may send, and how connections are encrypted.
#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "Who may send (mllp)")]
pub(crate) struct SenderArguments {
    /// Encrypt: the certificate of this feed and those that lead to its authority, in PEM format
    #[arg(long, value_name = "FILE.pem")]
    pub(crate) tls_certificate: Option<PathBuf>,
    /// The private key of the certificate, in PEM format
    #[arg(long, value_name = "FILE.pem")]
    pub(crate) tls_key: Option<PathBuf>,
    /// Senders must show a certificate of one of these authorities (mutual TLS)
    #[arg(long, value_name = "FILE.pem")]
    pub(crate) tls_clients: Option<PathBuf>,
    /// Names of which a sender's certificate must have one
    #[arg(long, value_name = "NAME", value_delimiter = ',')]
    pub(crate) allow_certificate: Vec<String>,
    /// Addresses or networks that may connect, such as 10.1.0.0/16; everybody when not given
    #[arg(long, value_name = "NETWORK", value_delimiter = ',')]
    pub(crate) allow: Vec<Network>,
    /// Senders that may send, as MSH-3/MSH-4, such as PAS/RXX; either part may be left out
    #[arg(long, value_name = "APPLICATION/FACILITY", value_delimiter = ',', value_parser = sender)]
    pub(crate) allow_sender: Vec<(String, String)>,
}

/// `APPLICATION/FACILITY`; an empty part stands for any.
pub(super) fn sender(text: &str) -> Result<(String, String), String> {
    match text.split_once('/') {
        Some((application, facility)) => Ok((application.to_owned(), facility.to_owned())),
        None => Err("expected a sending application, `/` and a sending facility".to_owned()),
    }
}

/// How much senders may do; what is not given is as the library has it.
#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "Limits")]
pub(crate) struct LimitArguments {
    /// Bytes of one message [default: 4MB]
    #[arg(long, value_name = "SIZE", value_parser = size)]
    pub(crate) max_message: Option<u64>,
    /// Connections at the same time [default: 2000]
    #[arg(long, value_name = "N")]
    pub(crate) max_connections: Option<u32>,
    /// Of these, from one address [default: 1000]
    #[arg(long, value_name = "N")]
    pub(crate) max_connections_of_address: Option<u32>,
    /// Bytes of all messages that are being received and judged; one address may have a quarter [default: 64MB]
    #[arg(long, value_name = "SIZE", value_parser = size)]
    pub(crate) max_in_flight: Option<u64>,
    /// Messages of one connection that wait for their answers [default: 32]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
    pub(crate) max_unanswered: Option<u32>,
    /// Messages a second from one address; beyond it is read more slowly
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
    pub(crate) max_rate: Option<u32>,
    /// Refused messages in a row after which a connection is closed [default: 10]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
    pub(crate) max_refused: Option<u32>,
    /// Time without a byte between messages after which a connection is closed [default: 1h]
    #[arg(long, value_name = "TIME", value_parser = duration)]
    pub(crate) idle: Option<Duration>,
    /// Time for one message, from its first byte to its last [default: 30s]
    #[arg(long, value_name = "TIME", value_parser = duration)]
    pub(crate) frame_time: Option<Duration>,
    /// Time in which an answer must be taken [default: 30s]
    #[arg(long, value_name = "TIME", value_parser = duration)]
    pub(crate) answer_time: Option<Duration>,
    /// Time for agreeing on encryption [default: 10s]
    #[arg(long, value_name = "TIME", value_parser = duration)]
    pub(crate) handshake_time: Option<Duration>,
}

/// How the store is kept.
#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "Store")]
pub(crate) struct StoreArguments {
    /// Remove messages that are older and delivered, whole segments; all are kept when not given
    #[arg(long, value_name = "TIME", value_parser = duration)]
    pub(crate) keep: Option<Duration>,
    /// Remove the oldest delivered segments beyond this size
    #[arg(long, value_name = "SIZE", value_parser = size)]
    pub(crate) keep_size: Option<u64>,
    /// A message that comes again later than this counts as a new one [default: 30d]
    #[arg(long, value_name = "TIME", value_parser = duration)]
    pub(crate) remember: Option<Duration>,
    /// Size at which a segment is finished [default: 64MB]
    #[arg(long, value_name = "SIZE", value_parser = size)]
    pub(crate) segment: Option<u64>,
    /// Messages that may wait for the disk [default: 1024]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
    pub(crate) waiting: Option<u32>,
    /// Bytes that are written and synced together [default: 4MB]
    #[arg(long, value_name = "SIZE", value_parser = size)]
    pub(crate) commit: Option<u64>,
}

/// How a folder is watched.
#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "A watched folder")]
pub(crate) struct FolderArguments {
    /// Where files go when all of them is stored; `processed` in the folder when not given
    #[arg(long, value_name = "DIR")]
    pub(crate) processed: Option<PathBuf>,
    /// Where files go in which there is no message, or one that is too large; `failed` in the folder when not given
    #[arg(long, value_name = "DIR")]
    pub(crate) failed: Option<PathBuf>,
    /// A file is taken when it has not changed for so long [default: 1s]
    #[arg(long, value_name = "TIME", value_parser = duration)]
    pub(crate) settle: Option<Duration>,
}

/// Brokers and mailboxes.
#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "Brokers and mailboxes")]
pub(crate) struct BrokerArguments {
    /// Publish to a broker: nats://HOST:PORT/ACCEPTED,REJECTED,FINDINGS, subjects of which the last two may be left out; with
    /// kafka:// topics
    #[arg(long, value_name = "BROKER")]
    pub(crate) to: Vec<String>,
    /// Put the number of a partition behind the subjects of --to; the messages of a patient have the same
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..))]
    pub(crate) to_partitions: Option<u16>,
    /// Share a stream with other processes so that the messages of a patient keep their order: how many partitions it has
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..))]
    pub(crate) partitions: Option<u16>,
    /// The subject of the partitions, without their number
    #[arg(long, value_name = "SUBJECT")]
    pub(crate) partition_subject: Option<String>,
    /// Which of the processes this is, from 0
    #[arg(long, value_name = "N")]
    pub(crate) process: Option<u16>,
    /// How many processes share the stream
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..))]
    pub(crate) processes: Option<u16>,
    /// Kafka: further properties of librdkafka, a line of the form NAME=VALUE for each
    #[arg(long, value_name = "FILE")]
    pub(crate) kafka_properties: Option<PathBuf>,
    /// MESH: the authorities of the server's certificate, in PEM format
    #[arg(long, value_name = "FILE.pem")]
    pub(crate) mesh_authorities: Option<PathBuf>,
    /// MESH: the certificate of this client, in PEM format
    #[arg(long, value_name = "FILE.pem")]
    pub(crate) mesh_certificate: Option<PathBuf>,
    /// MESH: its private key, in PEM format
    #[arg(long, value_name = "FILE.pem")]
    pub(crate) mesh_key: Option<PathBuf>,
    /// MESH: take only files of this workflow, such as ADT*
    #[arg(long, value_name = "WORKFLOW")]
    pub(crate) mesh_workflow: Option<String>,
    /// MESH: look into the mailbox so often [default: 1m]
    #[arg(long, value_name = "TIME", value_parser = duration)]
    pub(crate) mesh_every: Option<Duration>,
}

/// How an answer of a command is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum AnswerFormat {
    /// For people
    Human,
    /// JSON
    Json,
}

#[derive(Debug, Args)]
pub(crate) struct StatusArguments {
    /// The folder of the store; whoever writes to it need not be stopped
    #[arg(value_name = "DIR")]
    pub(crate) store: PathBuf,
    /// How the answer is written
    #[arg(long, value_enum, default_value_t = AnswerFormat::Human)]
    pub(crate) format: AnswerFormat,
}

#[derive(Debug, Args)]
pub(crate) struct ReplayArguments {
    /// The folder of the store, which is only read
    #[arg(value_name = "DIR")]
    pub(crate) store: PathBuf,
    /// The first message, by its number
    #[arg(long, value_name = "N", default_value_t = 1)]
    pub(crate) from: u64,
    /// The last one; up to the end when not given
    #[arg(long, value_name = "N")]
    pub(crate) to: Option<u64>,
    /// Write messages and findings by their new verdicts to files by day below this folder, which must hold none yet
    #[arg(long, value_name = "DIR")]
    pub(crate) into: Option<PathBuf>,
    /// How the answer is written
    #[arg(long, value_enum, default_value_t = AnswerFormat::Human)]
    pub(crate) format: AnswerFormat,
    #[command(flatten)]
    pub(crate) judging: JudgeArguments,
}

#[derive(Debug, Args)]
pub(crate) struct QuarantineArguments {
    #[command(subcommand)]
    pub(crate) command: QuarantineCommand,
}

#[derive(Debug, Subcommand)]
pub(crate) enum QuarantineCommand {
    /// Messages that are held: not accepted, and not released
    List {
        /// The folder of the store
        #[arg(value_name = "DIR")]
        store: PathBuf,
        /// How the answer is written
        #[arg(long, value_enum, default_value_t = AnswerFormat::Human)]
        format: AnswerFormat,
    },
    /// Deliver held messages as if they had been accepted; the feed need not be stopped
    Release {
        /// The folder of the store
        #[arg(value_name = "DIR")]
        store: PathBuf,
        /// The messages, by their numbers
        #[arg(required = true, value_name = "N")]
        numbers: Vec<u64>,
        /// Why; it is written down
        #[arg(long, value_name = "TEXT")]
        reason: String,
        /// Who does it; the name of the user when not given
        #[arg(long, value_name = "NAME")]
        by: Option<String>,
    },
}
