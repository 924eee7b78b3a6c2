//! `concord feed`.

pub(crate) mod arguments;
mod brokers;
mod clock;
mod judge;
mod known;
mod live;
mod log;
mod parquet;
mod place;
mod quarantine;
mod replay;
mod send;
mod settled;
mod sources;
mod status;
mod stays;
mod watch;

use std::io::ErrorKind;
use std::process::ExitCode;

use concord_feed::store::StoreError;

use crate::failure::Failure;
use arguments::{FeedArguments, FeedCommand};

/// Runs a live feed, or looks at the store of one.
pub(crate) fn run(arguments: &FeedArguments) -> Result<ExitCode, Failure> {
    match &arguments.command {
        None => live::run(&arguments.live),
        Some(FeedCommand::Status(arguments)) => status::run(arguments),
        Some(FeedCommand::Replay(arguments)) => replay::run(arguments),
        Some(FeedCommand::Quarantine(arguments)) => quarantine::run(&arguments.command),
        Some(FeedCommand::Send(arguments)) => send::run(arguments),
    }
}

const WHICH: &str = "name the folder that `concord feed SOURCE --store` writes to";

/// What kept a store from being opened or read.
fn of_store(error: &StoreError) -> Failure {
    let message = error.to_string();
    match error {
        StoreError::Locked(_) => Failure::usage(
            message,
            "one feed writes to a store at a time: stop the other one, or name another folder with --store",
        ),
        StoreError::Unreadable { .. } => Failure::usage(message, WHICH),
        StoreError::Io { path, kind, .. }
            if *kind == ErrorKind::NotFound && path.ends_with("store.json") =>
        {
            let folder = path.parent().unwrap_or(path);
            Failure::usage(format!("there is no store in {}", folder.display()), WHICH)
        }
        StoreError::NotHeld(_) => Failure::usage(
            message,
            "`concord feed quarantine list DIR` shows the messages that are held",
        ),
        _ => Failure::unreadable(message),
    }
}
