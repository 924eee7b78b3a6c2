//! The command line of `concord feed send`.

use std::path::PathBuf;
use std::time::Duration;

use clap::Args;
use concord_settings::duration;

use super::AnswerFormat;
use crate::arguments::SchemasArguments;

#[derive(Debug, Args)]
pub(crate) struct SendArguments {
    /// Where the listener is: HOST:PORT, with or without mllp:// before it
    #[arg(value_name = "HOST:PORT")]
    pub(crate) to: String,
    /// Files of messages to send, as they are; made-up messages when none is named
    #[arg(value_name = "FILE")]
    pub(crate) files: Vec<PathBuf>,
    /// How many messages; of files, all of them when not given, and again from the first when there are fewer
    #[arg(short = 'n', long, value_name = "N")]
    pub(crate) messages: Option<u64>,
    /// Connections at the same time
    #[arg(long, value_name = "N", default_value_t = 1, value_parser = clap::value_parser!(u32).range(1..=100_000))]
    pub(crate) connections: u32,
    /// Messages a second over all connections; as fast as they are answered when not given
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
    pub(crate) rate: Option<u32>,
    /// Messages of one connection that are sent before their answers come
    #[arg(long, value_name = "N", default_value_t = 1, value_parser = clap::value_parser!(u32).range(1..))]
    pub(crate) unanswered: u32,
    /// How long an answer is waited for
    #[arg(long, value_name = "TIME", value_parser = duration, default_value = "30s")]
    pub(crate) answer_time: Duration,
    /// The standard of made-up messages
    #[arg(long, value_name = "ID@VERSION", default_value = "itk-adt@1.0")]
    pub(crate) standard: String,
    /// The same seed makes the same messages
    #[arg(long, value_name = "S", default_value_t = 1)]
    pub(crate) seed: u64,
    /// Break a rule in this share of the made-up messages
    #[arg(long, value_name = "RATE", value_parser = crate::arguments::share)]
    pub(crate) faults: Option<f64>,
    /// What control ids begin with; of the time when not given, so that no message is one that was sent before
    #[arg(long, value_name = "TEXT", conflicts_with = "files")]
    pub(crate) ids: Option<String>,
    /// Send every so many-th message twice
    #[arg(long, value_name = "N")]
    pub(crate) twice: Option<u64>,
    /// Send half of every so many-th message first, and close the connection
    #[arg(long, value_name = "N")]
    pub(crate) half: Option<u64>,
    /// Send bytes that are no frame with every so many-th message
    #[arg(long, value_name = "N")]
    pub(crate) noise: Option<u64>,
    /// How the answer is written
    #[arg(long, value_enum, default_value_t = AnswerFormat::Human)]
    pub(crate) format: AnswerFormat,
    #[command(flatten)]
    pub(crate) tls: SendTlsArguments,
    #[command(flatten)]
    pub(crate) schemas: SchemasArguments,
}

/// How connections to a listener are encrypted.
#[derive(Debug, Args)]
#[command(next_help_heading = "Encryption")]
pub(crate) struct SendTlsArguments {
    /// Encrypt: the authorities that the listener's certificate must come from, in PEM format
    #[arg(long = "tls-authorities", value_name = "FILE.pem")]
    pub(crate) authorities: Option<PathBuf>,
    /// The name that its certificate must have; the host when not given
    #[arg(long = "tls-name", value_name = "NAME", requires = "authorities")]
    pub(crate) name: Option<String>,
    /// Show a certificate of one's own (mutual TLS), in PEM format
    #[arg(long = "tls-certificate", value_name = "FILE.pem", requires_all = ["authorities", "key"])]
    pub(crate) certificate: Option<PathBuf>,
    /// Its private key, in PEM format
    #[arg(long = "tls-key", value_name = "FILE.pem", requires = "certificate")]
    pub(crate) key: Option<PathBuf>,
}
