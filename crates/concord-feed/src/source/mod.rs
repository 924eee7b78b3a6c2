//! Where messages come from, besides listeners.

mod folder;
#[cfg(feature = "kafka")]
mod kafka;
mod lines;
mod mesh;
mod messages;
#[cfg(feature = "nats")]
mod nats;
mod reader;

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;

use tokio::sync::watch;

pub use folder::{FolderSettings, WatchedFolder};
#[cfg(feature = "kafka")]
pub use kafka::{KafkaSettings, KafkaSource};
pub use mesh::{MeshSettings, MeshSource};
pub use messages::messages;
#[cfg(feature = "nats")]
pub use nats::{NatsSettings, NatsSource, Partitions};
pub use reader::ReaderSource;

use crate::error::FeedError;
use crate::intake::Intake;
use crate::mllp::Listener;

/// A source as it runs.
pub type Running = Pin<Box<dyn Future<Output = Result<(), FeedError>> + Send>>;

/// Something that hands messages to the intake until it has no more, or is told to stop. It tells its own side that a
/// message is taken only when the intake says that it is durable.
pub trait Source: Send {
    /// Runs the source.
    fn run(self: Box<Self>, intake: Arc<Intake>, stop: watch::Receiver<bool>) -> Running;
}

impl Source for Listener {
    fn run(self: Box<Self>, _: Arc<Intake>, stop: watch::Receiver<bool>) -> Running {
        Box::pin(async move {
            Listener::run(*self, stop).await;
            Ok(())
        })
    }
}
