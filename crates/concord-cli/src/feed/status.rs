//! `concord feed status`.

use std::fmt::Write as _;
use std::process::ExitCode;

use concord_feed::store::{Reader, Status, held, releases};
use concord_report::{count, harmless, many};
use serde_json::json;

use super::arguments::{AnswerFormat, StatusArguments};
use super::of_store;
use crate::failure::Failure;
use crate::output;

/// Says what is in a store.
pub(super) fn run(arguments: &StatusArguments) -> Result<ExitCode, Failure> {
    let store = &arguments.store;
    let failed = |error| of_store(&error);
    let status = Reader::open(store)
        .and_then(|reader| reader.status())
        .map_err(failed)?;
    let held = held(store).map_err(failed)?.len() as u64;
    let released = releases(store).map_err(failed)?.len() as u64;
    output::print(&match arguments.format {
        AnswerFormat::Human => human(&status, held, released),
        AnswerFormat::Json => format!("{}\n", machine(&status, held, released)),
    })?;
    Ok(ExitCode::SUCCESS)
}

fn human(status: &Status, held: u64, released: u64) -> String {
    let mut text = String::new();
    let (Some(first), Some(last)) = (status.first, status.last) else {
        return "no messages\n".to_owned();
    };
    let messages: u64 = status.senders.values().map(|sender| sender.messages).sum();
    let _ = writeln!(
        text,
        "{}, numbers {first} to {last}",
        many(messages, "message")
    );
    if let (Some(oldest), Some(newest)) = (status.oldest, status.newest) {
        let _ = writeln!(text, "received from {oldest:.0} to {newest:.0}");
    }
    let _ = writeln!(text, "{} held, {} released", count(held), count(released));
    if status.damaged > 0 {
        let places = many(status.damaged, "place");
        let _ = writeln!(text, "damaged at {places}: messages there cannot be read");
    }
    let _ = writeln!(
        text,
        "\n{:<32} {:>10} {:>10} {:>12} {:>14} {:>10}",
        "sender", "messages", "accepted", "not accepted", "same id again", "MB"
    );
    for ((application, facility), sender) in &status.senders {
        let name = match &**facility {
            "" => application.clone(),
            facility => format!("{application}/{facility}"),
        };
        let _ = writeln!(
            text,
            "{:<32} {:>10} {:>10} {:>12} {:>14} {:>10.1}",
            harmless(&name),
            count(sender.messages),
            count(sender.accepted),
            count(sender.held),
            count(sender.anomalies),
            sender.bytes as f64 / f64::from(1 << 20),
        );
    }
    text
}

fn machine(status: &Status, held: u64, released: u64) -> serde_json::Value {
    let senders: Vec<_> = status
        .senders
        .iter()
        .map(|((application, facility), sender)| {
            json!({
                "application": application,
                "facility": facility,
                "messages": sender.messages,
                "accepted": sender.accepted,
                "not_accepted": sender.held,
                "same_id_again": sender.anomalies,
                "bytes": sender.bytes,
            })
        })
        .collect();
    json!({
        "first": status.first,
        "last": status.last,
        "oldest": status.oldest.map(|time| time.to_string()),
        "newest": status.newest.map(|time| time.to_string()),
        "held": held,
        "released": released,
        "damaged": status.damaged,
        "senders": senders,
    })
}
