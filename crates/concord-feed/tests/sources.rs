//! Folders and readers as sources, folders as sinks.

#![allow(clippy::unwrap_used)] // a test fails by panicking

mod support;

use std::fs;
use std::io::Write;
use std::path::Path;
use std::time::Duration;

use concord_feed::mllp::MllpSettings;
use concord_feed::sink::Folders;
use concord_feed::source::{FolderSettings, ReaderSource, WatchedFolder, messages};
use concord_feed::store::{Release, StoreError, release};
use concord_feed::{Feed, Judge, Outcome, Replayed, Verdict, replay};
use support::{Client, Running, all, encounter, listening, message};

fn wait_for(what: &str, done: impl Fn() -> bool) {
    for _ in 0..200 {
        if done() {
            return;
        }
        std::thread::sleep(Duration::from_millis(50));
    }
    panic!("{what}");
}

fn text(folder: &Path) -> String {
    let days = fs::read_dir(folder).unwrap();
    days.map(|day| fs::read_to_string(day.unwrap().path()).unwrap())
        .collect()
}

#[test]
fn files_are_taken_when_they_are_whole() {
    let folder = tempfile::tempdir().unwrap();
    let inbox = folder.path().join("in");
    fs::create_dir(&inbox).unwrap();
    fs::write(inbox.join("before.hl7"), message("1")).unwrap();
    let mut settings = FolderSettings::new(inbox.clone());
    settings.settle = Duration::from_millis(700);
    let mut feed = Feed::new(folder.path().join("store"), 2);
    feed.sources
        .push(Box::new(WatchedFolder::new(settings).unwrap()));
    let feed = Running::start(feed);
    // Written in pieces, in less time than it takes to settle; the last piece ends the second message.
    let batch = format!(
        "FHS|^~\\&\rBHS|^~\\&\r{}{}BTS|2\rFTS|1\r",
        message("2"),
        message("3")
    );
    let mut file = fs::File::create(inbox.join("slowly.hl7")).unwrap();
    for piece in batch.as_bytes().chunks(batch.len() / 5) {
        file.write_all(piece).unwrap();
        std::thread::sleep(Duration::from_millis(250));
        assert!(!inbox.join("processed/slowly.hl7").exists());
    }
    drop(file);
    fs::write(inbox.join("being.tmp"), message("4")).unwrap();
    fs::write(inbox.join("none.hl7"), "no message at all").unwrap();
    wait_for("all are moved", || {
        [
            "processed/before.hl7",
            "processed/slowly.hl7",
            "failed/none.hl7",
        ]
        .iter()
        .all(|name| inbox.join(name).exists())
    });
    assert!(inbox.join("being.tmp").exists());
    // The same file again is taken and moved, and nothing of it is stored again.
    fs::write(inbox.join("slowly.hl7"), batch).unwrap();
    wait_for("it is moved", || {
        inbox.join("processed/slowly.hl7.2").exists()
    });
    feed.stop();
    let mut ids: Vec<String> = all(&folder.path().join("store"))
        .into_iter()
        .map(|entry| entry.verdict.identity.control_id)
        .collect();
    ids.sort();
    assert_eq!(ids, ["1", "2", "3"]);
}

#[test]
fn a_reader_is_read_to_its_end() {
    let folder = tempfile::tempdir().unwrap();
    let input: String = (0..3_000)
        .map(|id| message(&(id % 2_500).to_string()))
        .collect();
    let mut feed = Feed::new(folder.path().join("store"), 2);
    feed.sources.push(Box::new(ReaderSource {
        name: "standard input".into(),
        reader: Box::new(std::io::Cursor::new(input)),
        largest: 1 << 20,
    }));
    feed.sinks
        .push(Box::new(Folders::new(&folder.path().join("out")).unwrap()));
    let never = std::future::pending();
    let judge = std::sync::Arc::new(support::HeaderJudge);
    concord_feed::run(feed, judge, support::Wall::new(), never, |_| {}).unwrap();
    assert_eq!(all(&folder.path().join("store")).len(), 2_500);
    let accepted = text(&folder.path().join("out/accepted"));
    assert_eq!(messages(accepted.as_bytes()).count(), 2_500);
}

struct Strict;
impl Judge for Strict {
    fn judge(&self, message: &[u8]) -> Verdict {
        Verdict {
            outcome: Outcome::Reject,
            ..support::HeaderJudge.judge(message)
        }
    }
}

/// Gives one message, and nothing more until the test has ended.
struct Blocked(Option<String>, std::sync::mpsc::Receiver<()>);

impl std::io::Read for Blocked {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        let Some(text) = self.0.take() else {
            let _ = self.1.recv();
            return Ok(0);
        };
        buffer[..text.len()].copy_from_slice(text.as_bytes());
        Ok(text.len())
    }
}

#[test]
fn a_reader_that_gives_nothing_holds_nobody_up() {
    let folder = tempfile::tempdir().unwrap();
    let (_end, ended) = std::sync::mpsc::channel();
    let mut feed = Feed::new(folder.path().join("store"), 2);
    feed.sources.push(Box::new(ReaderSource {
        name: "terminal".into(),
        reader: Box::new(Blocked(Some(message("1")), ended)),
        largest: 1 << 20,
    }));
    let feed = Running::start(feed);
    feed.stop();
}

#[test]
fn verdicts_and_releases_reach_the_folders() {
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().join("out");
    let store = folder.path().join("store");
    let start = || {
        let mut feed = listening(&store, MllpSettings::default());
        feed.sinks.push(Box::new(Folders::new(&out).unwrap()));
        Running::start(feed)
    };
    let feed = start();
    let wrong = "MSH|^~\\&|PAS|RXX|HUB|NHS|||ADT^A01|2|P|2.4\r";
    let mut client = Client::new(feed.listening[0]);
    client.ask(&message("1"));
    client.ask(wrong);
    wait_for("it is rejected", || text(&out.join("rejected")) == wrong);
    let finding = text(&out.join("findings"));
    assert!(
        finding.contains("\"rule\":\"TEST-PID\"") && finding.contains("\"place\":\"PID\""),
        "{finding}"
    );
    let one = Release {
        number: 2,
        released: "2026-11-22T12:00:00Z".into(),
        by: "a person".into(),
        reason: "looked at".into(),
    };
    release(&store, &one).unwrap();
    wait_for("it is released", || {
        text(&out.join("accepted")).contains(wrong)
    });
    client.ask(&message("3"));
    drop(client);
    feed.stop();
    start().stop();
    let accepted = text(&out.join("accepted"));
    assert_eq!(accepted, format!("{}{wrong}{}", message("1"), message("3")));
    assert_eq!(text(&out.join("rejected")), wrong);
    // A judge that has changed its mind.
    let mut numbers = Vec::new();
    let replayed = replay(&store, 2..=9, &Strict, |entry, verdict| {
        numbers.push((entry.number, verdict.outcome));
        Ok::<_, StoreError>(())
    });
    let expected = Replayed {
        messages: 2,
        changed: 2,
        damaged: 0,
    };
    assert_eq!(replayed, Ok(expected));
    assert_eq!(numbers, [(2, Outcome::Reject), (3, Outcome::Reject)]);
}

#[test]
fn resources_are_taken_by_line_and_by_document_and_known_again() {
    let folder = tempfile::tempdir().unwrap();
    let inbox = folder.path().join("in");
    fs::create_dir(&inbox).unwrap();
    let lines = [
        encounter("a", 1, "planned"),
        encounter("a", 2, "finished"),
        encounter("a", 2, "finished"),
        encounter("a", 2, "cancelled"),
        encounter("b", 1, "cancelled"),
    ];
    fs::write(inbox.join("1.ndjson"), lines.join("\n")).unwrap();
    let document = encounter("c", 1, "planned").replace(',', ",\n  ");
    fs::write(inbox.join("2.json"), &document).unwrap();
    fs::write(inbox.join("3.json"), "{").unwrap();
    let mut settings = FolderSettings::new(inbox.clone());
    settings.settle = Duration::from_millis(50);
    let mut feed = Feed::new(folder.path().join("store"), 2);
    feed.sources
        .push(Box::new(WatchedFolder::new(settings).unwrap()));
    feed.sinks
        .push(Box::new(Folders::new(&folder.path().join("out")).unwrap()));
    let stop = {
        let inbox = inbox.clone();
        async move {
            while !inbox.join("processed/3.json").exists() {
                tokio::time::sleep(Duration::from_millis(50)).await;
            }
        }
    };
    let judge = std::sync::Arc::new(support::HeaderJudge);
    concord_feed::run(feed, judge, support::Wall::new(), stop, |_| {}).unwrap();
    let stored = all(&folder.path().join("store"));
    let ids: Vec<&str> = stored
        .iter()
        .map(|entry| &*entry.verdict.identity.control_id)
        .collect();
    let of = |id: &str| format!("Encounter/{id}");
    let expected = [
        of("a/_history/1"),
        of("a/_history/2"),
        of("a/_history/2"),
        of("b/_history/1"),
        of("c/_history/1"),
        String::new(),
    ];
    assert_eq!(ids, expected);
    // The same version with other content is kept, and told.
    assert_eq!(stored[2].other, Some(2));
    assert_eq!(stored[2].verdict.identity.sender(), "http://pas.example");
    // Documents become lines, and nothing else of them changes.
    let out = |kind: &str| text(&folder.path().join("out").join(kind));
    let accepted = [&lines[0], &lines[1], &*document.replace('\n', " "), "{"];
    assert_eq!(
        out("accepted"),
        accepted.map(|line| format!("{line}\n")).concat()
    );
    assert_eq!(
        out("rejected").lines().collect::<Vec<_>>(),
        [&lines[3], &lines[4]]
    );
    assert!(out("findings").contains("\"control_id\":\"Encounter/a•••••••••••\""));
}
