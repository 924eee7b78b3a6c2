//! A feed that runs until it is told to stop, or its sources end.

use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;

use concord_feed::{Clock, FeedError, Started};

use super::arguments::{LiveArguments, LogFormat};
use super::clock::Machine;
use super::judge::StandardJudge;
use super::settled::settled;
use super::watch::Watch;
use super::{log, of_store, sources};
use crate::failure::Failure;
use crate::settings;

/// Runs the feed.
pub(super) fn run(arguments: &LiveArguments) -> Result<ExitCode, Failure> {
    let loaded = settings::load(&arguments.judging.config, &[PathBuf::from(".")])?;
    let arguments = &settled(arguments, &loaded)?;
    let store = arguments.store.clone().unwrap_or_default();
    let clock: Arc<dyn Clock> = Arc::new(Machine::new());
    let grades = Arc::new(loaded.settings.grades());
    let feed = sources::feed(arguments, store, &grades, &clock)?;
    let judge = StandardJudge::new(&arguments.judging, &grades)?;
    let log = arguments.log.unwrap_or(LogFormat::Text);
    log::start(log, arguments.watch);
    let mut begun = false;
    let mut watch = None;
    let started = |started: &Started| {
        begun = true;
        tell(arguments, started);
        if arguments.watch {
            watch = Some(Watch::start(Arc::clone(&started.seen), Arc::clone(&clock)));
        }
    };
    let ran = concord_feed::run(
        feed,
        Arc::new(judge),
        Arc::clone(&clock),
        stopped(),
        started,
    );
    drop(watch);
    match ran {
        Ok(()) => {
            tracing::info!(target: "concord", "the feed has ended");
            Ok(ExitCode::SUCCESS)
        }
        Err(error) => Err(ended(&error, begun)),
    }
}

/// Says where the feed listens, and what whoever runs it should know.
fn tell(arguments: &LiveArguments, started: &Started) {
    for address in &started.listening {
        tracing::info!(target: "concord", %address, "listening");
        if !address.ip().is_loopback() && arguments.senders.tls_certificate.is_none() {
            tracing::warn!(target: "concord", %address, "connections are not encrypted");
        }
    }
    if let Some(address) = started.metrics {
        tracing::info!(target: "concord", %address, "metrics");
    }
    tracing::info!(target: "concord", "the feed has begun");
}

/// What ended a feed: before it had begun, what was asked for is wrong.
fn ended(error: &FeedError, begun: bool) -> Failure {
    match error {
        FeedError::Store(error) => of_store(error),
        error if begun => Failure::unreadable(error.to_string()),
        error => Failure::usage(
            error.to_string(),
            "the address must be one of this machine and free, and certificates must be readable PEM files",
        ),
    }
}

/// Returns when the system asks the program to end.
#[cfg(unix)]
async fn stopped() {
    use tokio::signal::unix::{SignalKind, signal};
    let (Ok(mut terminate), Ok(mut interrupt)) = (
        signal(SignalKind::terminate()),
        signal(SignalKind::interrupt()),
    ) else {
        // Without them the system ends the program at once, which loses nothing that was answered.
        return std::future::pending().await;
    };
    tokio::select! {
        _ = terminate.recv() => {}
        _ = interrupt.recv() => {}
    }
    tracing::info!(target: "concord", "asked to stop: what was taken is answered and delivered first");
}

/// Returns when the system asks the program to end.
#[cfg(not(unix))]
async fn stopped() {
    if tokio::signal::ctrl_c().await.is_err() {
        return std::future::pending().await;
    }
    tracing::info!(target: "concord", "asked to stop: what was taken is answered and delivered first");
}
