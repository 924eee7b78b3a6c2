//! `concord feed send`: messages for a listener, to try or to measure it.

use std::fmt::Write as _;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use concord_feed::Clock;
use concord_feed::mllp::ClientTls;
use concord_feed::send::{Faults, SendSettings, SendTls, Sent, send};
use concord_feed::source::messages;
use concord_report::{count, many};
use concord_sample::messages as sample;
use serde_json::json;

use super::arguments::{AnswerFormat, SendArguments, SendTlsArguments};
use super::clock::Machine;
use crate::failure::{Failure, UNREADABLE};
use crate::{output, source, terminal};

/// So many different messages are made; further ones are the same with other control ids.
const MADE: u64 = 100_000;
/// So many are sent where nothing is said.
const USUAL: u64 = 100;

/// Sends, and says what came of it; the exit code says whether every message was answered.
pub(super) fn run(arguments: &SendArguments) -> Result<ExitCode, Failure> {
    let clock: Arc<dyn Clock> = Arc::new(Machine::new());
    let (messages, all) = if arguments.files.is_empty() {
        let all = arguments.messages.unwrap_or(USUAL);
        (made(arguments, all, &*clock)?, all)
    } else {
        let read = read(arguments)?;
        let all = arguments.messages.unwrap_or(read.len() as u64);
        let of = move |number: u64| read[number as usize % read.len()].clone();
        (Arc::new(of) as Messages, all)
    };
    let settings = SendSettings {
        address: address(&arguments.to).to_owned(),
        connections: arguments.connections as usize,
        messages: all,
        rate: arguments.rate,
        pipelined: arguments.unanswered as usize,
        answer: arguments.answer_time,
        tls: encryption(&arguments.tls),
        faults: Faults {
            twice: arguments.twice,
            half: arguments.half,
            noise: arguments.noise,
        },
    };
    let failed = |error: std::io::Error| {
        Failure::unreadable(format!("{} cannot be reached: {error}", settings.address))
    };
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(terminal::threads(None))
        .enable_all()
        .build()
        .map_err(failed)?;
    let sent = runtime.block_on(send(settings.clone(), messages, clock));
    let sent = sent.map_err(failed)?;
    output::print(&match arguments.format {
        AnswerFormat::Human => human(&sent),
        AnswerFormat::Json => format!("{}\n", machine(&sent)),
    })?;
    Ok(if sent.unanswered == 0 {
        ExitCode::SUCCESS
    } else {
        ExitCode::from(UNREADABLE)
    })
}

fn encryption(said: &SendTlsArguments) -> Option<SendTls> {
    let certificate = said.certificate.clone();
    Some(SendTls {
        files: ClientTls {
            authorities: said.authorities.clone()?,
            certificate: certificate.zip(said.key.clone()),
        },
        name: said.name.clone(),
    })
}

type Messages = Arc<dyn Fn(u64) -> Vec<u8> + Send + Sync>;

fn address(to: &str) -> &str {
    to.strip_prefix("mllp://")
        .unwrap_or(to)
        .trim_end_matches('/')
}

/// The messages of the files that were named.
fn read(arguments: &SendArguments) -> Result<Vec<Vec<u8>>, Failure> {
    let mut found = Vec::new();
    for file in &arguments.files {
        let bytes = std::fs::read(file).map_err(|error| {
            Failure::unreadable(format!("{} cannot be read: {error}", file.display()))
        })?;
        found.extend(messages(&bytes).map(<[u8]>::to_vec));
    }
    if found.is_empty() {
        return Err(Failure::usage(
            "there is no message in what was named",
            "an HL7 v2 message begins with a segment called MSH",
        ));
    }
    Ok(found)
}

/// Made-up messages, each with a control id of its own.
fn made(arguments: &SendArguments, all: u64, clock: &dyn Clock) -> Result<Messages, Failure> {
    let registry = source::registry(arguments.schemas.schemas.as_deref())?;
    let definition = registry.load(&registry.find(&arguments.standard)?.name())?;
    let request = sample::Request {
        definition: &definition,
        messages: all.clamp(1, MADE),
        seed: arguments.seed,
        faults: arguments.faults,
        fault_rules: Vec::new(),
    };
    let mut text = Vec::new();
    let written = sample::write(&request, &mut text, None);
    written.map_err(|error| {
        let help = "`--standard` names a standard of messages, such as itk-adt@1.0";
        Failure::usage(error.to_string(), help)
    })?;
    let made: Vec<Vec<u8>> = messages(&text).map(<[u8]>::to_vec).collect();
    let ids = arguments
        .ids
        .clone()
        .unwrap_or_else(|| format!("{:X}-", clock.now().as_second()));
    Ok(Arc::new(move |number| {
        let message = &made[number as usize % made.len()];
        with_id(message, &format!("{ids}{number}"))
    }))
}

/// A message with another control id (MSH-10), where it has one.
fn with_id(message: &[u8], id: &str) -> Vec<u8> {
    let Some(&separator) = message.get(3) else {
        return message.to_vec();
    };
    let header = memchr::memchr(b'\r', message).unwrap_or(message.len());
    let mut fields: Vec<&[u8]> = message[..header].split(|byte| *byte == separator).collect();
    // The first separator is MSH-1 itself.
    let Some(control) = fields.get_mut(9).filter(|control| !control.is_empty()) else {
        return message.to_vec();
    };
    *control = id.as_bytes();
    let mut changed = fields.join(&separator);
    changed.extend_from_slice(&message[header..]);
    changed
}

fn human(sent: &Sent) -> String {
    let mut text = String::new();
    let seconds = sent.elapsed.as_secs_f64().max(0.001);
    let _ = writeln!(
        text,
        "{} sent in {seconds:.1} s, {:.0} a second",
        many(sent.sent, "message"),
        sent.sent as f64 / seconds
    );
    for (code, times) in &sent.answers {
        let _ = writeln!(text, "{code} {:>12}", count(*times));
    }
    if sent.unanswered > 0 {
        let _ = writeln!(text, "not answered: {}", count(sent.unanswered));
    }
    let within = |share: f64| milliseconds(sent.within(share));
    let _ = writeln!(
        text,
        "answered within {:.1} ms (half), {:.1} ms (99 of 100), {:.1} ms (all)",
        within(0.5),
        within(0.99),
        within(1.0)
    );
    text
}

fn machine(sent: &Sent) -> serde_json::Value {
    let within = |share: f64| milliseconds(sent.within(share));
    json!({
        "sent": sent.sent,
        "answers": sent.answers,
        "unanswered": sent.unanswered,
        "seconds": sent.elapsed.as_secs_f64(),
        "milliseconds": { "half": within(0.5), "99%": within(0.99), "all": within(1.0) },
    })
}

fn milliseconds(time: Duration) -> f64 {
    time.as_secs_f64() * 1_000.0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_message_gets_another_control_id_and_nothing_else() {
        let message = b"MSH|^~\\&|A|B|||20260101||ADT^A01|old|P|2.4\rPID|||old|\r";
        let changed = with_id(message, "X-1");
        assert_eq!(
            changed,
            b"MSH|^~\\&|A|B|||20260101||ADT^A01|X-1|P|2.4\rPID|||old|\r"
        );
        for short in [&b"MSH"[..], b"", b"MSH|^~\\&|A\r"] {
            assert_eq!(with_id(short, "X"), short);
        }
        assert_eq!(address("mllp://127.0.0.1:2575/"), "127.0.0.1:2575");
    }
}
