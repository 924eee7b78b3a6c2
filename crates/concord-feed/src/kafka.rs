//! What the source and the sink of Kafka have in common: the connection.

use std::collections::BTreeMap;
use std::io;
use std::time::Duration;

use rdkafka::ClientConfig;
use rdkafka::error::KafkaError;

use crate::secret::Secret;

/// An answer of the brokers is waited for so long.
pub(crate) const ANSWER: Duration = Duration::from_secs(10);
/// The header of a message that names it, whoever publishes it.
pub(crate) const ID: &str = "concord-id";

/// Which brokers.
#[derive(Debug, Clone)]
pub struct KafkaServers {
    /// `host:port`, several separated by commas.
    pub servers: String,
    /// Further properties of librdkafka by name, `security.protocol` for instance.
    pub properties: BTreeMap<String, Secret>,
}

impl KafkaServers {
    /// Brokers without further properties.
    pub fn new(servers: String) -> Self {
        Self {
            servers,
            properties: BTreeMap::new(),
        }
    }

    /// A configuration of a client; what is said here cannot be changed by properties that a user gives.
    pub(crate) fn config(&self, own: &[(&str, &str)]) -> ClientConfig {
        let mut config = ClientConfig::new();
        for (name, value) in &self.properties {
            config.set(name, value.text());
        }
        config.set("bootstrap.servers", &self.servers);
        for (name, value) in own {
            config.set(*name, *value);
        }
        config
    }
}

pub(crate) fn failed(error: KafkaError) -> io::Error {
    io::Error::other(error)
}
