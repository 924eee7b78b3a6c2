//! Live feeds: messages of HL7 v2 and resources of FHIR are received, judged, stored, and only then answered.
//!
//! | module | does |
//! |---|---|
//! | [`mllp`] | listens for frames, with encryption, allowed senders and limits; answers in original and enhanced mode |
//! | [`source`] | other ways in: a watched folder, a reader such as standard input, a mailbox, brokers; the trait for further ones |
//! | [`Intake`] | what every source hands its messages to: judged, stored, counted |
//! | [`store`] | append-only segments, one sync for all that wait, duplicates recognised, damage told |
//! | [`sink`] | ways out, which follow the store and resume where they were: files by day, brokers; the trait for further ones |
//! | [`mesh`] | a mailbox of MESH: fetching, acknowledging, sending |
//! | [`partition_key()`] | what messages of one patient have in common, by which processes share them out |
//! | [`replay()`] | judges again what is stored |
//! | [`Seen`] | counts in the text format of Prometheus, health and readiness |
//! | [`send`] | sends messages to a listener, at a rate and with faults |
//! | [`run`] | all of it together |
//!
//! It must never know a standard (a [`Judge`] does), have a clock of its own (a [`Clock`] is handed in), answer before a
//! message is durable, or put a message's content into a log, a metric or an error.
//!
//! ```
//! # fn main() -> Result<(), concord_feed::FeedError> {
//! # use std::sync::Arc;
//! use concord_feed::{Clock, Feed, Header, Judge, Outcome, Verdict, source::ReaderSource, store::Reader};
//!
//! struct TakesAll;
//!
//! impl Judge for TakesAll {
//!     fn judge(&self, message: &[u8]) -> Verdict {
//!         let identity = Header::read(message).map(|header| header.identity).unwrap_or_default();
//!         Verdict { outcome: Outcome::Accept, identity, findings: Vec::new() }
//!     }
//! }
//!
//! struct Machine(std::time::Instant);
//!
//! impl Clock for Machine {
//!     fn now(&self) -> jiff::Timestamp { jiff::Timestamp::now() }
//!     fn elapsed(&self) -> std::time::Duration { self.0.elapsed() }
//! }
//!
//! # let folder = tempfile::tempdir().expect("a folder");
//! # let folder = folder.path();
//! let mut feed = Feed::new(folder.to_owned(), 2);
//! feed.sources.push(Box::new(ReaderSource {
//!     name: "two messages".into(),
//!     reader: Box::new(&b"MSH|^~\\&|PAS|RXX|||||ADT^A01|1\rMSH|^~\\&|PAS|RXX|||||ADT^A03|2\r"[..]),
//!     largest: 1 << 20,
//! }));
//! let clock = Arc::new(Machine(std::time::Instant::now()));
//! concord_feed::run(feed, Arc::new(TakesAll), clock, std::future::pending(), |_| {})?;
//!
//! let status = Reader::open(folder)?.status()?;
//! assert_eq!(status.last, Some(2));
//! # Ok(())
//! # }
//! ```

mod acknowledge;
mod clock;
mod error;
mod header;
mod hexadecimal;
mod intake;
mod judge;
#[cfg(feature = "kafka")]
mod kafka;
pub mod mesh;
pub mod mllp;
#[cfg(feature = "nats")]
mod nats;
mod partition;
mod replay;
mod resource;
mod run;
mod secret;
mod seen;
pub mod send;
mod sent;
pub mod sink;
pub mod source;
pub mod store;

pub use clock::Clock;
pub use error::FeedError;
pub use header::Header;
pub use intake::{Intake, Kept, Pending};
pub use judge::{Broken, Carrier, Identity, Judge, Outcome, Place, Verdict};
#[cfg(feature = "kafka")]
pub use kafka::KafkaServers;
pub use partition::partition_key;
pub use replay::{Replayed, replay};
pub use resource::{Resource, is_resource};
pub use run::{Feed, Started, run};
pub use secret::Secret;
pub use seen::{Counts, Seen, SenderCounts};
pub use sent::local_time;
