//! What the command line says of interchanges.

use concord_interchange::{Envelope, Moment};
use jiff::Timestamp;

use crate::arguments::ConvertArguments;
use crate::failure::Failure;

/// What the user says of interchanges.
pub(super) fn envelope(arguments: &ConvertArguments) -> Result<Envelope, Failure> {
    const KNOWN: [&str; 12] = [
        "sender",
        "receiver",
        "control-reference",
        "date-of-preparation",
        "time-of-preparation",
        "message-reference",
        "message-type",
        "transaction",
        "transaction-number",
        "acknowledge",
        "application",
        "mailbox",
    ];
    let mut envelope = Envelope::default();
    let (mut day, mut time) = (None, None);
    for (key, value) in &arguments.param {
        match key.as_str() {
            "date-of-preparation" => day = Some(value.replace('-', "")),
            "time-of-preparation" => time = value.replace(':', "").get(..4).map(str::to_owned),
            "receiver" => {
                envelope.facts.insert("recipient".to_owned(), value.clone());
            }
            known if KNOWN.contains(&known) => {
                envelope.facts.insert(known.to_owned(), value.clone());
            }
            _ => {
                return Err(Failure::usage(
                    format!("there is no parameter `{key}`"),
                    format!("known are {}", KNOWN.join(", ")),
                ));
            }
        }
    }
    envelope.moment = match (day, time) {
        (None, None) => Moment::of_seconds(Timestamp::now().as_second()),
        (Some(day), time) => {
            let text = format!("{day}{}", time.as_deref().unwrap_or("0000"));
            let moment = Moment::by_the_clock(&text).ok_or_else(|| {
                Failure::usage(
                    "the day and time of preparation are none",
                    "write them as 2026-03-31 and 12:00",
                )
            })?;
            envelope.facts.insert("prepared".to_owned(), moment.clock());
            Some(moment)
        }
        (None, Some(_)) => {
            return Err(Failure::usage(
                "a time of preparation needs a day",
                "say --param date-of-preparation=2026-03-31 as well",
            ));
        }
    };
    Ok(envelope)
}
