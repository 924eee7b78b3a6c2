//! A whole feed: sources, store, sinks, and what is seen of it.

use std::future::Future;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;

use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio::task::JoinSet;

use crate::clock::Clock;
use crate::error::FeedError;
use crate::intake::Intake;
use crate::judge::Judge;
use crate::mllp::{Listener, MllpSettings};
use crate::seen::{self, Seen};
use crate::sink::{self, Sink};
use crate::source::Source;
use crate::store::{Disk, FileSystem, Store, StoreSettings, Told};

/// What a feed consists of.
pub struct Feed {
    /// The folder of the store.
    pub store: PathBuf,
    /// How it is kept.
    pub settings: StoreSettings,
    /// The disk that it writes to.
    pub disk: Arc<dyn Disk>,
    /// Where to listen for messages.
    pub listeners: Vec<MllpSettings>,
    /// Where else they come from.
    pub sources: Vec<Box<dyn Source>>,
    /// Where they go.
    pub sinks: Vec<Box<dyn Sink>>,
    /// Where to answer `/metrics`, `/health` and `/ready`: `host:port`.
    pub metrics: Option<String>,
    /// Threads that judge and answer.
    pub threads: usize,
}

impl Feed {
    /// A feed into a store, without sources and sinks yet.
    pub fn new(store: PathBuf, threads: usize) -> Self {
        Self {
            store,
            settings: StoreSettings::default(),
            disk: Arc::new(FileSystem),
            listeners: Vec::new(),
            sources: Vec::new(),
            sinks: Vec::new(),
            metrics: None,
            threads,
        }
    }
}

/// A feed that has begun.
#[derive(Debug)]
pub struct Started {
    /// The addresses that are listened to, in the order of the listeners.
    pub listening: Vec<SocketAddr>,
    /// Where metrics are answered.
    pub metrics: Option<SocketAddr>,
    /// What was found in the store.
    pub told: Vec<Told>,
    /// The counts.
    pub seen: Arc<Seen>,
}

/// Runs a feed until `stop` is done, or all sources have ended; then everything that was taken is answered and delivered.
/// `started` is called when messages are taken.
///
/// # Errors
/// [`FeedError`] when it cannot begin, or a source failed.
pub fn run(
    feed: Feed,
    judge: Arc<dyn Judge>,
    clock: Arc<dyn Clock>,
    stop: impl Future<Output = ()>,
    started: impl FnOnce(&Started),
) -> Result<(), FeedError> {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(feed.threads.max(1))
        .enable_all()
        .build()
        .map_err(|error| FeedError::source("threads", error))?;
    let result = runtime.block_on(begin(feed, judge, clock, stop, started));
    // A reader that gives nothing cannot be interrupted.
    runtime.shutdown_background();
    result
}

async fn begin(
    feed: Feed,
    judge: Arc<dyn Judge>,
    clock: Arc<dyn Clock>,
    stop: impl Future<Output = ()>,
    started: impl FnOnce(&Started),
) -> Result<(), FeedError> {
    let store = Arc::new(Store::open(&feed.store, feed.settings, feed.disk)?);
    for told in store.told() {
        tracing::error!(%told, "the store was not whole");
    }
    if !feed.sinks.is_empty() {
        store.consumed(0);
        store.reached(0);
    }
    let seen = Arc::new(Seen::new());
    let intake = Arc::new(Intake::new(
        judge,
        Arc::clone(&store),
        clock,
        Arc::clone(&seen),
    ));
    let mut sources = feed.sources;
    let mut listening = Vec::new();
    for settings in feed.listeners {
        let name = settings.address.clone();
        let listener = Listener::bind(settings, Arc::clone(&intake)).await;
        let listener = listener.map_err(|error| FeedError::source(&*name, error))?;
        let address = listener.address();
        listening.push(address.map_err(|error| FeedError::source(name, error))?);
        sources.push(Box::new(listener));
    }
    let mut metrics = None;
    let mut asked = JoinSet::new();
    if let Some(address) = feed.metrics {
        let failed = |error| FeedError::source(&*address, error);
        let listener = TcpListener::bind(&*address).await.map_err(failed)?;
        metrics = Some(listener.local_addr().map_err(failed)?);
        asked.spawn(seen::serve(listener, Arc::clone(&seen)));
    }
    let (stopping, stopped) = watch::channel(false);
    let (ending, ended) = watch::channel(false);
    let delivering = tokio::spawn(sink::deliver(
        feed.sinks,
        Arc::clone(&store),
        Arc::clone(&seen),
        ended,
    ));
    let mut running = JoinSet::new();
    for source in sources {
        running.spawn(source.run(Arc::clone(&intake), stopped.clone()));
    }
    seen.set_ready(true);
    started(&Started {
        listening,
        metrics,
        told: store.told().to_vec(),
        seen: Arc::clone(&seen),
    });
    let result = tokio::select! {
        () = stop => Ok(()),
        result = all(&mut running) => result,
    };
    seen.set_ready(false);
    stopping.send_replace(true);
    let rest = all(&mut running).await;
    ending.send_replace(true);
    let delivered = delivering.await;
    delivered.map_err(|error| FeedError::source("sinks", std::io::Error::other(error)))?;
    result.and(rest)
}

/// Waits until all sources have ended, or one has failed.
async fn all(running: &mut JoinSet<Result<(), FeedError>>) -> Result<(), FeedError> {
    while let Some(ended) = running.join_next().await {
        ended.map_err(|error| FeedError::source("source", std::io::Error::other(error)))??;
    }
    Ok(())
}

/// Returns when the feed is to stop.
pub(crate) async fn asked_to_stop(stop: &mut watch::Receiver<bool>) {
    // Who could tell is gone when there is nobody to tell it.
    let _ = stop.wait_for(|stop| *stop).await;
}
