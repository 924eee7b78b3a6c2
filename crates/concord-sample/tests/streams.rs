//! Streams of events as a receiver gets them: every label is found by who follows stays, and nothing else.

#![allow(clippy::print_stderr)] // what is skipped is said aloud
#![allow(clippy::unwrap_used)] // a test fails by panicking

#[allow(dead_code)]
mod common;

use std::collections::{BTreeMap, BTreeSet};

use concord_read::hl7::{Segments, begins_message};
use concord_sample::messages::arrival::{StreamRequest, rules, write};
use concord_standards::definition::Definition;
use concord_stays::{Anomaly, Origin, Settings, Told, Tracker, read};

/// Rule, record, line and place.
type Found = (String, u64, u64, String);

fn definition() -> Definition {
    common::shipped().load("itk-adt@1.0").unwrap()
}

fn request(definition: &Definition, messages: u64, seed: u64) -> StreamRequest<'_> {
    StreamRequest {
        definition,
        messages,
        seed,
        faults: 0.0,
        fault_rules: Vec::new(),
        shuffle: 0,
        duplicates: 0.0,
        delays: 0.0,
        window: 60,
    }
}

/// A stream, what its messages tell, and its labels.
fn stream(request: &StreamRequest<'_>) -> (Vec<Told>, BTreeSet<Found>) {
    let (mut out, mut labels) = (Vec::new(), Vec::new());
    let written = write(request, &mut out, Some(&mut labels)).unwrap();
    assert_eq!(written.messages, request.messages);
    assert_eq!(written.bytes, out.len() as u64);
    let labels = String::from_utf8(labels).unwrap();
    let labels: BTreeSet<Found> = labels
        .lines()
        .skip(1)
        .map(|line| {
            let cells: Vec<&str> = line.splitn(5, ',').collect();
            let number = |at: usize| cells[at].parse().unwrap();
            (
                cells[0].to_owned(),
                number(1),
                number(2),
                cells[3].to_owned(),
            )
        })
        .collect();
    assert_eq!(written.faults, labels.len() as u64);
    let mut told = Vec::new();
    for (segment, line) in Segments::new(&out, 0).zip(1..) {
        if begins_message(segment.span.of(&out)) {
            let origin = Origin {
                input: 0,
                record: told.len() as u64 + 1,
                offset: segment.span.start as u64,
                line,
            };
            told.push(read(&out[segment.span.start..], origin).unwrap());
        }
    }
    assert_eq!(told.len() as u64, request.messages);
    (told, labels)
}

fn found(anomalies: &[Anomaly]) -> BTreeSet<Found> {
    let found = anomalies.iter().map(|anomaly| {
        let finding = &anomaly.finding;
        let line = finding.place.unwrap().line;
        let path = finding.path.as_deref().unwrap().to_owned();
        (
            finding.rule.id.to_string(),
            finding.record.unwrap(),
            line,
            path,
        )
    });
    let set: BTreeSet<Found> = found.collect();
    assert_eq!(set.len(), anomalies.len(), "nothing is told twice");
    set
}

/// What a live feed finds.
fn live(told: &[Told]) -> BTreeSet<Found> {
    let mut tracker = Tracker::new(Settings::default());
    let mut anomalies: Vec<Anomaly> = told
        .iter()
        .flat_map(|told| tracker.take(told.clone()))
        .collect();
    anomalies.extend(tracker.finish());
    found(&anomalies)
}

/// What is found in all of them, sorted.
fn sorted(told: &[Told]) -> BTreeSet<Found> {
    let mut told: Vec<&Told> = told.iter().collect();
    told.sort_by_key(|told| (told.moment(5), told.sequence, told.sent, told.origin));
    let mut tracker = Tracker::new(Settings::default());
    let mut anomalies: Vec<Anomaly> = told
        .into_iter()
        .flat_map(|told| tracker.take_sorted(told))
        .collect();
    anomalies.extend(tracker.finish());
    found(&anomalies)
}

#[track_caller]
fn same(found: &BTreeSet<Found>, labels: &BTreeSet<Found>, what: &str) {
    let missed: Vec<_> = labels.difference(found).take(5).collect();
    let beyond: Vec<_> = found.difference(labels).take(5).collect();
    assert!(
        missed.is_empty() && beyond.is_empty(),
        "{what}: missed {missed:?}, beyond {beyond:?}"
    );
}

/// Labels without those about when messages arrive, which who sorts them does not know.
fn without_late(labels: &BTreeSet<Found>) -> BTreeSet<Found> {
    let late = |(rule, ..): &&Found| rule != "STAY-LATE";
    labels.iter().filter(late).cloned().collect()
}

#[test]
fn a_clean_stream_has_no_anomaly() {
    let definition = definition();
    for seed in 0..2 {
        let (told, labels) = stream(&request(&definition, 4000, seed));
        assert!(labels.is_empty());
        same(&live(&told), &labels, "live");
        same(&sorted(&told), &labels, "sorted");
    }
}

#[test]
fn every_label_is_found_and_nothing_else() {
    let definition = definition();
    let mut counts: BTreeMap<String, usize> = BTreeMap::new();
    // More of them when somebody has the time.
    let seeds = std::env::var("CONCORD_STREAM_SEEDS").map_or(1, |seeds| seeds.parse().unwrap());
    for seed in 0..seeds {
        for (shuffle, duplicates, delays) in [(0, 0.0, 0.0), (45, 0.05, 0.05), (58, 0.3, 0.2)] {
            let (told, labels) = stream(&StreamRequest {
                faults: 0.1,
                shuffle,
                duplicates,
                delays,
                ..request(&definition, 20_000, seed)
            });
            same(&live(&told), &labels, &format!("live {seed} {shuffle}"));
            same(
                &sorted(&told),
                &without_late(&labels),
                &format!("sorted {seed} {shuffle}"),
            );
            for (rule, ..) in labels {
                *counts.entry(rule).or_default() += 1;
            }
        }
    }
    for rule in rules() {
        let count = counts.get(rule).copied().unwrap_or(0);
        assert!(count >= 20, "{rule}: {count} of {counts:?}");
    }
    let known: BTreeSet<&str> = concord_stays::rules().map(|rule| &*rule.id).collect();
    assert_eq!(known, rules().into_iter().collect());
}

#[test]
fn even_where_nearly_everything_is_wrong() {
    let definition = definition();
    let (told, labels) = stream(&StreamRequest {
        faults: 1.0,
        ..request(&definition, 4000, 2)
    });
    assert!(labels.len() > 1000);
    same(&live(&told), &labels, "all wrong");
}

#[test]
fn single_rules_can_be_asked_for() {
    let definition = definition();
    for rule in rules() {
        let request = StreamRequest {
            faults: 0.2,
            fault_rules: vec![rule.to_owned()],
            ..request(&definition, 5_000, 9)
        };
        let (told, labels) = stream(&request);
        same(&live(&told), &labels, rule);
        // An admission that was left out can show as a cancellation.
        let other = labels.iter().find(|(label, ..)| label != rule);
        let expected = rule == "STAY-NO-ADMISSION";
        assert!(
            other.is_none_or(|(label, ..)| expected && label == "STAY-CANCEL"),
            "{rule}: {other:?}"
        );
        assert!(!labels.is_empty(), "{rule}");
    }
}

#[test]
fn the_same_seed_gives_the_same_bytes() {
    let definition = definition();
    let bytes = |seed| {
        let request = StreamRequest {
            faults: 0.2,
            shuffle: 30,
            duplicates: 0.1,
            delays: 0.1,
            ..request(&definition, 500, seed)
        };
        let mut out = Vec::new();
        write(&request, &mut out, None).unwrap();
        out
    };
    assert_eq!(bytes(5), bytes(5));
    assert_ne!(bytes(5), bytes(6));
}

#[test]
fn standards_without_admissions_are_refused() {
    let definition = common::shipped().load("cds@6-3-1").unwrap();
    assert!(write(&request(&definition, 5, 1), &mut Vec::new(), None).is_err());
}
