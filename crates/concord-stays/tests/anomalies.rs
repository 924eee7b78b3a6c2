//! Each rule: messages that break it, and messages like them that do not.

#![allow(clippy::unwrap_used)] // a test fails by panicking

mod common;

use common::{all, named, said, text};
use concord_finding::Masking;
use concord_stays::{Settings, Tracker, rules};

/// Checks messages in few words that come in this order; what is expected stands behind each, after a bar.
#[track_caller]
fn check(lines: &[&str]) {
    check_with(Settings::default(), lines);
}

#[track_caller]
fn check_with(settings: Settings, lines: &[&str]) {
    let split = |line: &&str| -> (String, Vec<String>) {
        let (words, expected) = line.split_once('|').unwrap_or((*line, ""));
        (
            words.to_owned(),
            expected.split_whitespace().map(str::to_owned).collect(),
        )
    };
    let cases: Vec<(String, Vec<String>)> = lines.iter().map(split).collect();
    let words: Vec<&str> = cases.iter().map(|(words, _)| &**words).collect();
    let mut expected: Vec<(u64, String)> = cases
        .iter()
        .zip(1..)
        .flat_map(|((_, rules), number)| rules.iter().map(move |rule| (number, rule.clone())))
        .collect();
    let mut found = said(settings, all(&words));
    expected.sort();
    found.sort();
    assert_eq!(found, expected);
}

#[test]
fn a_stay_as_it_should_be() {
    check(&[
        "A05 -1440 in=-",
        "A01 0",
        "A02 60 w=W2 from=W1",
        "A08 70 w=W2",
        "A12 80 w=W1",
        "A02 90 w=W3 from=W1",
        "A21 100 w=W3",
        "A22 200 w=W3",
        "A16 210 w=W3",
        "A25 220 w=W3",
        "A03 300 w=W3",
        "A13 310 w=W3",
        "A03 400 w=W3",
        "A08 500 w=W3",
        "A01 600 v=V2 in=600",
        "A11 610 v=V2 in=600",
    ]);
    // From the emergency department to a ward, by one visit.
    check(&[
        "A04 0 c=E",
        "A02 5 c=E w=W2 from=W1",
        "A01 10 c=I w=W3",
        "A03 20 c=I w=W3",
    ]);
}

#[test]
fn repetitions() {
    check(&["A01 0 id=X", "A08 5", "A01 0 id=X | DUPLICATE", "A03 10"]);
    check(&["A01 0 id=X", "A03 10 id=X | CONTROL-ID"]);
    // Senders number for themselves.
    check(&["A01 0 id=X", "A01 0 id=X s=LAB v=V7"]);
    // A repetition is one however late it comes.
    check(&["A01 0 id=X", "A08 500", "A08 800", "A01 0 id=X | DUPLICATE"]);
}

#[test]
fn cancellations() {
    check(&[
        "A01 0",
        "A12 5 | CANCEL",
        "A13 6 | CANCEL",
        "A11 7",
        "A11 8 | CANCEL",
    ]);
    check(&["A11 0 | CANCEL"]);
    check(&["A01 0", "A03 5", "A13 6", "A13 7 | CANCEL"]);
    check(&[
        "A01 0",
        "A02 1 w=W2",
        "A02 2 w=W3",
        "A12 3 w=W2",
        "A12 4",
        "A12 5 | CANCEL",
    ]);
    check(&[
        "A01 0",
        "A52 5 | CANCEL",
        "A21 6",
        "A52 7",
        "A25 8 | CANCEL",
        "A26 9 | CANCEL",
        "A53 10 | CANCEL",
    ]);
    check(&["A01 0", "A38 5 | CANCEL"]);
    // A whole stay that was cancelled, and begins again.
    check(&["A01 0", "A11 5", "A02 6 w=W2 | NO-ADMISSION", "A03 7"]);
    check(&["A01 0", "A11 5", "A01 6", "A03 7"]);
}

#[test]
fn discharges_and_admissions() {
    check(&[
        "A05 0 in=-",
        "A03 5 in=100 | DISCHARGE-FIRST",
        "A01 100 in=100",
        "A03 200 in=100",
    ]);
    check(&[
        "A08 0",
        "A03 5 in=- | NO-ADMISSION",
        "A01 100 | DISCHARGE-FIRST",
    ]);
    check(&["A08 0", "A02 5 | NO-ADMISSION", "A02 6", "A03 7"]);
    check(&["A08 0", "A03 5 in=- | NO-ADMISSION", "A13 6", "A03 7"]);
    check(&[
        "A01 0",
        "A01 5 | ADMITTED-TWICE",
        "A03 6",
        "A01 7 | ADMITTED-TWICE",
    ]);
    check(&[
        "A01 0",
        "A03 5",
        "A03 6 | DISCHARGED-TWICE",
        "A02 7 | NO-ADMISSION",
        "A03 8",
    ]);
    check(&["A01 0", "A13 5 | CANCEL", "A03 6"]);
    check(&["A01 0", "A03 5", "A08 43206 | AFTER-DISCHARGE", "A08 43205"]);
}

#[test]
fn stays_beside_one_another() {
    check(&[
        "A01 0",
        "A01 5 v=V2 in=5 | OVERLAP",
        "A11 6 v=V2 in=5",
        "A01 7 v=V3 in=7 c=E",
        "A03 8",
    ]);
    check(&["A01 0", "A01 5 v=V2 in=5 p=P2"]);
    check(&[
        "A01 0",
        "A02 5 w=W2 from=W1 p=P2 | OTHER-PATIENT",
        "A02 6 w=W3 from=W1",
    ]);
    // Whoever is one by a merge is not another.
    check(&[
        "A28 0 v=none",
        "A01 1 p=P2 in=1",
        "A40 2 mrg=P2",
        "A03 5 in=1",
    ]);
}

#[test]
fn stays_without_a_number() {
    check(&[
        "A01 0 v=-",
        "A03 5 v=-",
        "A01 10 v=- in=10",
        "A03 20 v=- in=10",
        "A03 30 v=- in=10 | DISCHARGED-TWICE",
    ]);
}

#[test]
fn places_and_classes() {
    check(&[
        "A01 0 w=W1^B1",
        "A02 5 w=W2 from=W9 | LOCATION",
        "A02 6 w=W3 from=W2",
        "A12 7 w=W2",
        "A02 8 w=W4 from=W2",
    ]);
    // What only one of them says is no difference.
    check(&["A01 0 w=W1^B1^^RXX01", "A02 5 w=W2 from=W1^^^RXX01"]);
    check(&[
        "A01 0",
        "A08 5 c=O | CLASS",
        "A08 6",
        "A08 7 c=O",
        "A07 8 c=E",
        "A08 9 c=E",
    ]);
}

#[test]
fn merges() {
    check(&[
        "A28 0 v=none p=P2",
        "A28 1 v=none",
        "A40 2 mrg=P2",
        "A31 3 v=none",
        "A31 4 v=none p=P2 | MERGED-AWAY",
    ]);
    check(&["A28 1 v=none", "A40 2 mrg=P9 | MERGE-UNKNOWN"]);
    check(&["A28 0 v=none p=P2", "A40 2 mrg=P2 p=P9 | MERGE-UNKNOWN"]);
    // What belongs to the one belongs to the other from then on: a stay with a number, and one without.
    check(&[
        "A01 0 v=V2 p=P2",
        "A28 1 v=none",
        "A40 2 mrg=P2",
        "A02 5 v=V2 from=W1 w=W2",
        "A01 6 v=V3 | OVERLAP",
        "A03 9 v=V2 w=W2 p=P2 | MERGED-AWAY",
        "A03 12 v=V2 w=W2 | DISCHARGED-TWICE",
    ]);
    check(&[
        "A01 0 v=- p=P2",
        "A28 1 v=none",
        "A40 2 mrg=P2",
        "A02 5 v=- from=W1 w=W2",
        "A08 6 v=- w=W2 p=P2 | MERGED-AWAY",
        "A03 9 v=- w=W2",
        "A03 12 v=- w=W2 | DISCHARGED-TWICE",
    ]);
    check(&[
        "A01 0 v=- p=P2",
        "A01 1 v=-",
        "A40 2 mrg=P2",
        "A03 5 v=-",
        "A01 6 v=-",
        "A03 9 v=-",
    ]);
    // A merge that is turned round takes the other one out of use.
    check(&[
        "A28 0 v=none p=P2",
        "A28 1 v=none",
        "A40 2 mrg=P2",
        "A40 3 p=P2 mrg=P1 | MERGED-AWAY",
        "A31 4 v=none p=P2",
        "A31 5 v=none | MERGED-AWAY",
    ]);
    // What happened before the merge, and came late, was right.
    let arriving = Settings {
        window_minutes: 10,
        ..Settings::default()
    };
    check_with(
        arriving,
        &[
            "A28 0 v=none p=P2",
            "A28 1 v=none",
            "A40 5 mrg=P2",
            "A31 30 v=none",
            "A31 4 v=none p=P2 | LATE",
            "A31 31 v=none p=P2 | MERGED-AWAY",
        ],
    );
    // An NHS number that both had stays in use.
    check(&[
        "A28 0 v=none p=P2 x=9990000018^^^NHS",
        "A28 1 v=none x=9990000018^^^NHS",
        "A40 2 mrg=P2^^^RXX~9990000018^^^NHS x=9990000018^^^NHS",
        "A31 3 v=none x=9990000018^^^NHS",
    ]);
}

#[test]
fn times() {
    check(&["A01 0 sent=1441 | AGE", "A08 5 sent=1445"]);
    check(&[
        "A01 10 sent=5",
        "A08 20 sent=14 | FUTURE",
        "A08 15",
        "A03 25",
    ]);
    // A time that had not come makes nothing else late.
    check(&["A01 0", "A08 525600 sent=6 | FUTURE", "A08 8", "A03 100"]);
}

#[test]
fn sequence_numbers() {
    check(&["A01 0 n=7", "A08 5 n=8", "A08 6 n=11 | GAP", "A03 9 n=12"]);
    check(&[
        "A01 0 n=7",
        "A08 5 n=11 | GAP",
        "A08 6 n=8",
        "A03 9 n=12 s=LAB v=V9 in=-5",
    ]);
}

#[test]
fn what_began_before_is_taken_for_granted() {
    check(&[
        "A08 0 v=V9 p=P9 in=-5",
        "A02 5 in=-100",
        "A12 6 in=-100",
        "A12 7 in=-100",
        "A13 8 in=-100",
        "A03 9 in=-100",
    ]);
    check(&["A08 0 v=V9 p=P9 in=-5", "A03 5 in=-100", "A13 6 in=-100"]);
    check(&[
        "A08 0 v=V9 p=P9 in=-5",
        "A08 50000 in=-100 out=-90 | AFTER-DISCHARGE",
    ]);
    check(&["A08 0 v=V9 p=P9 in=-5", "A11 5 in=-100", "A38 6 v=V3 in=-"]);
    check(&["A08 0 v=V9 p=P9 in=-5", "A11 5 in=0 | CANCEL"]);
}

#[test]
fn late_messages_are_put_in_order_as_far_as_the_window_goes() {
    check(&["A03 60", "A01 0", "A02 30 w=W2 from=W1"]);
    // The transfer is told as late; what was judged without it is not judged again.
    check(&[
        "A01 0",
        "A08 70 w=W1",
        "A03 100",
        "A08 200 w=W1",
        "A02 30 w=W2 from=W1 | LATE",
    ]);
    // A late admission is known from then on.
    check(&[
        "A08 0 v=V9 p=P9 in=-5",
        "A02 100 w=W2 | NO-ADMISSION",
        "A08 200",
        "A01 50 | LATE",
        "A03 300",
    ]);
    // A late one that nothing of its stay has overtaken is as good as another.
    check(&[
        "A01 0",
        "A08 100 v=V9 p=P9 in=-5",
        "A08 200 v=V9 p=P9 in=-5",
        "A03 50 | LATE",
        "A13 300",
        "A03 310",
    ]);
}

#[test]
fn a_clock_that_was_wrong_is_left_behind() {
    let settings = || Settings {
        late_in_a_row: 3,
        ..Settings::default()
    };
    let wrong = [
        "A01 0",
        "A08 100000 v=V8 p=P8 in=-5",
        "A08 200000 v=V8 p=P8 in=-5",
    ];
    let mut lines: Vec<String> = wrong.map(str::to_owned).into();
    for minute in 1..=3 {
        lines.push(format!("A08 {minute} | LATE"));
    }
    lines.extend(["A02 70 w=W2 from=W1".to_owned(), "A03 200 w=W2".to_owned()]);
    // The update of a year later is still held, and is of another stay.
    let lines: Vec<&str> = lines.iter().map(String::as_str).collect();
    check_with(settings(), &lines);
}

#[test]
fn what_a_finding_says() {
    let lines = [
        "A01 0 id=A",
        "A02 5 w=W2 from=W9 id=B",
        "A01 6 id=C",
        "A12 7 id=D",
        "A12 8 id=E",
        "A03 9 id=F n=1",
        "A08 44000 id=G n=4",
        "A28 44001 v=none p=P2",
        "A40 44002 mrg=P2 id=M",
        "A31 44003 v=none p=P2",
    ];
    let mut tracker = Tracker::new(Settings::default());
    let mut found: Vec<_> = all(&lines)
        .into_iter()
        .flat_map(|told| tracker.take(told))
        .collect();
    found.extend(tracker.finish());
    let fact = |name: &str| {
        found[1]
            .finding
            .fact(name)
            .map(|fact| fact.raw(Masking::Masked))
    };
    assert_eq!(fact("other").as_deref(), Some("A"));
    assert_eq!(fact("other_time").as_deref(), Some("2026-03-01 08:00"));
    assert_eq!(found[1].finding.provider(), Some("RXX"));
    let found: Vec<String> = found.iter().map(text).collect();
    let expected = [
        "PV1-6: the patient is moved from W9, and was at W1 since 2026-03-01 08:00 (message A)",
        "PV1-19: the patient was admitted already by this visit, at 2026-03-01 08:00 (message A)",
        "PV1-19: A12 cancels A02, and none stands",
        "PV1-19: what is known of the stay changes 30 days after the discharge, which was at 2026-03-01 08:09 (message F)",
        "PID-3: the message is about ••, which a merge took out of use at 2026-03-31 21:22 (message M)",
        "MSH-13: 2 number(s) before 4 never came, from 2 on",
    ];
    assert_eq!(found, expected);
}

#[test]
fn the_clock_and_the_end_release_what_waits() {
    let mut tracker = Tracker::new(Settings::default());
    for told in all(&["A01 0", "A01 5"]) {
        assert!(tracker.take(told).is_empty());
    }
    let at = |hour, minute| jiff::civil::date(2026, 3, 1).at(hour, minute, 0, 0);
    assert!(tracker.advance(at(9, 5)).is_empty());
    assert_eq!(tracker.held(), 1);
    assert_eq!(
        named(&tracker.advance(at(9, 6))),
        [(2, "ADMITTED-TWICE".to_owned())]
    );
    assert!(tracker.finish().is_empty());
}

#[test]
fn memory_has_bounds_that_are_told() {
    let settings = Settings {
        most_held: 3,
        most_stays: 2,
        most_people: 2,
        most_control_ids: 2,
        most_senders: 2,
        ..Settings::default()
    };
    let mut tracker = Tracker::new(settings);
    for round in 0..3 {
        for number in 0..50 {
            let line = format!(
                "A01 {round} v=V{number} p=P{number} s=S{} n={number} id=C{round}{number}",
                number % 7
            );
            let told = all(&[&line]).remove(0);
            tracker.take(told);
            assert!(tracker.held() <= 3 && tracker.stays() <= 2);
        }
    }
    let account = tracker.account();
    assert_eq!(account.messages, 150);
    assert!(account.stays_put_away > 100 && account.people_put_away > 100);
    assert!(account.control_ids_put_away > 100 && account.senders_put_away > 100);
    let mut state = Vec::new();
    tracker.write(&mut state).unwrap();
    assert!(state.len() < 20_000, "{}", state.len());
}

#[test]
fn what_was_put_away_is_not_missed() {
    // Of the first stay nothing is known any more, so what comes of it is taken for granted.
    let settings = Settings {
        most_stays: 1,
        ..Settings::default()
    };
    check_with(
        settings,
        &[
            "A01 0",
            "A01 10 v=V2 p=P2 in=10",
            "A02 20 w=W2",
            "A03 30",
            "A03 40 v=V2 p=P2 in=10",
        ],
    );
}

#[test]
fn every_rule_can_be_broken() {
    // The names behind the bars above, and those that other tests expect.
    let text = include_str!("anomalies.rs");
    for rule in rules() {
        let name = rule.id.strip_prefix("STAY-").unwrap();
        assert!(
            text.contains(&format!("| {name}\"")),
            "{name} is never broken"
        );
    }
}

#[test]
fn a_state_of_another_form_is_refused() {
    let mut state = Vec::new();
    Tracker::new(Settings::default()).write(&mut state).unwrap();
    assert!(Tracker::restore(&*state, Settings::default()).is_ok());
    let text = String::from_utf8(state).unwrap();
    for wrong in [
        "",
        "{}",
        "concord-stays 2\n{}",
        "concord-stays 1\n",
        "concord-stays 1\n{}",
        &text.replace("stays 1", "stays 11"),
        &text.replace("\"held\":0", "\"held\":9"),
        &text[..text.len() - 1],
    ] {
        assert!(
            Tracker::restore(wrong.as_bytes(), Settings::default()).is_err(),
            "{wrong}"
        );
    }
}
