//! Messages in few words, and what a tracker says of them.

use concord_finding::Masking;
use concord_stays::{Anomaly, Origin, Settings, Told, Tracker, read};

/// A message in few words: the event, minutes since eight o'clock on the first of March 2026, then `name=value`: `v` visit
/// (`-` for none), `p` patient, `w` ward, `from` the ward before, `c` class, `id` control id, `n` sequence number, `in` and
/// `out` the minutes of PV1-44 and PV1-45 (`-` for none), `sent` the minute of MSH-7, `mrg` the patient merged away, `s` the
/// sender, `x` anything else.
///
/// Without more it is about visit V1 of patient P1 on ward W1, of class I, admitted at the minute 0.
pub(crate) fn message(number: u64, words: &str) -> String {
    let mut parts = words.split_whitespace();
    let event = parts.next().expect("an event");
    let minute: i64 = parts.next().expect("minutes").parse().expect("minutes");
    let given: Vec<(&str, &str)> = parts
        .map(|part| part.split_once('=').expect("name=value"))
        .collect();
    let get = |name: &str, otherwise: &str| {
        let found = given.iter().find(|(known, _)| *known == name);
        let value = found.map_or(otherwise, |(_, value)| value);
        if value == "-" {
            String::new()
        } else {
            value.to_owned()
        }
    };
    let time = |text: String| text.parse().map_or(String::new(), moment);
    let (sent, id) = (
        get("sent", &(minute + 1).to_string()),
        get("id", &format!("C{number}")),
    );
    let (sender, sequence) = (get("s", "PAS"), get("n", ""));
    let mut text = format!(
        "MSH|^~\\&|{sender}|RXX|HUB|NHS|{}||ADT^{event}|{id}|P|2.4|{sequence}\rEVN||{}||||{}\rPID|||{}^^^RXX~{}\r",
        time(sent.clone()),
        time(sent),
        moment(minute),
        get("p", "P1"),
        get("x", "")
    );
    let merged = get("mrg", "");
    if !merged.is_empty() {
        text.push_str("MRG|");
        text.push_str(&merged);
        text.push_str("^^^RXX\r");
    } else if get("v", "V1") != "none" {
        let visit = get("v", "V1");
        let segment = format!(
            "PV1||{}|{}|||{}|||||||||||||{visit}|||||||||||||||||||||||||{}|{}\r",
            get("c", "I"),
            get("w", "W1"),
            get("from", "-"),
            time(get("in", "0")),
            time(get("out", "-")),
        );
        text.push_str(&segment);
    }
    text
}

/// Minutes since eight o'clock on the first of March 2026.
pub(crate) fn moment(minutes: i64) -> String {
    use jiff::ToSpan as _;
    let start = jiff::civil::date(2026, 3, 1).at(8, 0, 0, 0);
    let time = start.checked_add(minutes.minutes()).expect("a time");
    time.strftime("%Y%m%d%H%M").to_string()
}

/// What is taken out of messages in few words; their records are numbered from 1.
pub(crate) fn all(lines: &[&str]) -> Vec<Told> {
    let told = lines.iter().zip(1..).map(|(line, number)| {
        let origin = Origin {
            record: number,
            line: 1,
            ..Origin::default()
        };
        read(message(number, line).as_bytes(), origin).expect("a message")
    });
    told.collect()
}

/// What a tracker says of messages that come in this order: record and rule, without the beginning that all rules have.
pub(crate) fn said(settings: Settings, told: Vec<Told>) -> Vec<(u64, String)> {
    let mut tracker = Tracker::new(settings);
    let mut found: Vec<Anomaly> = told
        .into_iter()
        .flat_map(|told| tracker.take(told))
        .collect();
    found.extend(tracker.finish());
    assert_eq!(tracker.held(), 0);
    named(&found)
}

pub(crate) fn named(found: &[Anomaly]) -> Vec<(u64, String)> {
    let name = |anomaly: &Anomaly| {
        text(anomaly);
        let rule = anomaly
            .finding
            .rule
            .id
            .strip_prefix("STAY-")
            .expect("a rule of stays");
        (anomaly.origin.record, rule.to_owned())
    };
    found.iter().map(name).collect()
}

/// The place and message of a finding, masked.
pub(crate) fn text(anomaly: &Anomaly) -> String {
    let finding = &anomaly.finding;
    let path = finding.path.as_deref().unwrap_or_default();
    let message = finding.message(Masking::Masked);
    assert!(!message.contains("(none)"), "{message}");
    format!("{path}: {message}")
}
