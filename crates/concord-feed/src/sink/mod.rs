//! Where messages go to when they are stored: sinks follow the store at their own pace, and resume where they were.

#[cfg(any(feature = "nats", feature = "kafka"))]
mod ends;
mod folders;
#[cfg(feature = "kafka")]
mod kafka;
#[cfg(feature = "nats")]
mod nats;
#[cfg(any(feature = "nats", feature = "kafka"))]
mod publication;

use std::io;
use std::sync::Arc;
use std::time::Duration;

use serde::{Deserialize, Serialize};
use tokio::sync::watch;

pub use folders::Folders;
#[cfg(feature = "kafka")]
pub use kafka::{KafkaSink, KafkaSinkSettings};
#[cfg(feature = "nats")]
pub use nats::{NatsSink, NatsSinkSettings};
#[cfg(any(feature = "nats", feature = "kafka"))]
pub use publication::Topics;

use crate::run::asked_to_stop;
use crate::seen::Seen;
use crate::store::{Durable, Entry, Reader, Store, releases};

/// So many messages are delivered before they are committed.
const TOGETHER: usize = 1_000;
/// Releases are looked for this often, and sinks that failed are tried again.
const EVERY: Duration = Duration::from_secs(1);

/// After a message could not be stored the feed is not ready, until one can be or so many seconds have passed without any:
/// whoever sends only to feeds that are ready must try again at last.
const NOT_READY: u32 = 10;

/// How far a sink has got.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Checkpoint {
    /// The number of the message that comes next.
    pub next: u64,
    /// How many releases of held messages it has got.
    pub releases: usize,
}

impl Default for Checkpoint {
    fn default() -> Self {
        Self {
            next: 1,
            releases: 0,
        }
    }
}

/// Something that takes stored messages.
pub trait Sink: Send {
    /// What it is called.
    fn name(&self) -> String;

    /// Undoes whatever was delivered and not committed, and says how far it had got.
    ///
    /// # Errors
    /// What the system says.
    fn resume(&mut self) -> io::Result<Checkpoint>;

    /// Takes a message; `released` says that it was held and somebody released it.
    ///
    /// # Errors
    /// What the system says; the sink is resumed then.
    fn deliver(&mut self, entry: &Entry, released: bool) -> io::Result<()>;

    /// Makes durable what was delivered, together with how far it has got.
    ///
    /// # Errors
    /// What the system says; the sink is resumed then.
    fn commit(&mut self, checkpoint: Checkpoint) -> io::Result<()>;

    /// Called about once a second when everything has been committed, whether messages came or not.
    ///
    /// # Errors
    /// What the system says; the sink is resumed then.
    fn idle(&mut self) -> io::Result<()> {
        Ok(())
    }

    /// How far what was committed survives a crash: what it says here may be removed from the store. Sinks that make things
    /// durable only now and then are behind what was committed.
    fn durable(&self, committed: Checkpoint) -> Checkpoint {
        committed
    }

    /// Called when the feed ends and everything has been committed.
    ///
    /// # Errors
    /// What the system says.
    fn close(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Delivers to all sinks until the store is closed or it is told to stop, and all is delivered.
pub(crate) async fn deliver(
    mut sinks: Vec<Box<dyn Sink>>,
    store: Arc<Store>,
    seen: Arc<Seen>,
    mut stop: watch::Receiver<bool>,
) {
    let mut durable = store.durable();
    let mut reached: Vec<Option<Checkpoint>> = vec![None; sinks.len()];
    let mut not_ready = 0;
    loop {
        let stopping = *stop.borrow();
        let now = *durable.borrow_and_update();
        let mut failed = false;
        for (sink, reached) in sinks.iter_mut().zip(&mut reached) {
            let name = sink.name();
            let delivered =
                tokio::task::block_in_place(|| follow(&mut **sink, reached, &store, now));
            if let Err(error) = delivered {
                tracing::error!(name, %error, "a sink has failed; it is tried again");
                *reached = None;
                failed = true;
            }
        }
        let (lowest, durable_to) = lowest(&sinks, &reached).unwrap_or((now.next, now.next));
        store.consumed(durable_to);
        if !sinks.is_empty() {
            store.reached(lowest);
        }
        seen.depth(store.waiting(), now.bytes, now.next.saturating_sub(lowest));
        if stopping {
            for sink in &mut sinks {
                let name = sink.name();
                if let Err(error) = tokio::task::block_in_place(|| sink.close()) {
                    tracing::error!(name, %error, "a sink could not be closed; it goes on from its checkpoint");
                }
            }
            return;
        }
        not_ready = if seen.ready() { 0 } else { not_ready + 1 };
        if not_ready >= NOT_READY {
            seen.set_ready(true);
        }
        tokio::select! {
            () = asked_to_stop(&mut stop) => {}
            _ = durable.changed(), if !failed => {
                // What comes at the same time is delivered together.
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
            () = tokio::time::sleep(EVERY) => {}
        }
    }
}

/// How far all sinks have got, and how far of it survives a crash; nothing where there are no sinks. Of a sink that failed it
/// is not known how far it is; nothing is removed meanwhile.
fn lowest(sinks: &[Box<dyn Sink>], reached: &[Option<Checkpoint>]) -> Option<(u64, u64)> {
    let each = sinks
        .iter()
        .zip(reached)
        .map(|(sink, reached)| match reached {
            Some(reached) => (reached.next, sink.durable(*reached).next),
            None => (0, 0),
        });
    each.reduce(|lowest, one| (lowest.0.min(one.0), lowest.1.min(one.1)))
}

fn follow(
    sink: &mut dyn Sink,
    reached: &mut Option<Checkpoint>,
    store: &Store,
    durable: Durable,
) -> io::Result<()> {
    let mut checkpoint = match *reached {
        Some(checkpoint) => checkpoint,
        None => sink.resume()?,
    };
    let reader = Reader::open(store.folder()).map_err(io::Error::other)?;
    let mut uncommitted = 0;
    if checkpoint.next < durable.next {
        let mut cursor = reader.from(checkpoint.next);
        while let Some(entry) = cursor.next(Some(durable)).map_err(io::Error::other)? {
            sink.deliver(&entry, false)?;
            checkpoint.next = entry.number + 1;
            uncommitted += 1;
            if uncommitted >= TOGETHER {
                sink.commit(checkpoint)?;
                *reached = Some(checkpoint);
                uncommitted = 0;
            }
        }
        if cursor.damaged > 0 {
            let places = cursor.damaged;
            tracing::error!(places, "damaged messages could not be delivered");
        }
    }
    for release in releases(store.folder())
        .map_err(io::Error::other)?
        .iter()
        .skip(checkpoint.releases)
    {
        let entry = reader
            .from(release.number)
            .next(Some(durable))
            .map_err(io::Error::other)?;
        // What retention removed meanwhile cannot be delivered any more.
        if let Some(entry) = entry.filter(|entry| entry.number == release.number) {
            sink.deliver(&entry, true)?;
        } else {
            tracing::error!(number = release.number, "a released message is gone");
        }
        checkpoint.releases += 1;
        uncommitted += 1;
    }
    if uncommitted > 0 {
        sink.commit(checkpoint)?;
    }
    *reached = Some(checkpoint);
    sink.idle()
}
