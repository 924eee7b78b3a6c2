//! The store: what is answered is there, once, whatever happens to the process or the disk.

#![allow(clippy::unwrap_used)] // a test fails by panicking

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use concord_feed::store::{
    Appended, Disk, Entry, FileSystem, NewEntry, Reader, Receipt, Release, Store, StoreError,
    StoreSettings, Told, held, release,
};
use concord_feed::{Identity, Outcome, Verdict};
use jiff::Timestamp;

fn entry(id: &str, message: &str) -> NewEntry {
    NewEntry {
        received: Timestamp::from_second(1_800_000_000).unwrap(),
        origin: "127.0.0.1".into(),
        verdict: Verdict {
            outcome: Outcome::Accept,
            identity: Identity {
                carrier: concord_feed::Carrier::Message,
                application: "PAS".into(),
                facility: "RXX".into(),
                control_id: id.into(),
                kind: "ADT^A01".into(),
            },
            findings: Vec::new(),
        },
        message: message.into(),
    }
}

fn runtime() -> tokio::runtime::Runtime {
    tokio::runtime::Builder::new_current_thread()
        .build()
        .unwrap()
}

fn open(folder: &Path, settings: StoreSettings) -> Store {
    Store::open(folder, settings, Arc::new(FileSystem)).unwrap()
}

fn keep(store: &Store, entry: NewEntry) -> Result<Receipt, StoreError> {
    runtime().block_on(store.keep(entry))
}

fn all(folder: &Path) -> (Vec<Entry>, u64) {
    let mut cursor = Reader::open(folder).unwrap().from(0);
    let mut found = Vec::new();
    while let Some(entry) = cursor.next(None).unwrap() {
        found.push(entry);
    }
    (found, cursor.damaged)
}

fn files(folder: &Path, extension: &str) -> Vec<PathBuf> {
    let mut found: Vec<PathBuf> = fs::read_dir(folder)
        .unwrap()
        .map(|item| item.unwrap().path())
        .filter(|path| path.extension().is_some_and(|other| other == extension))
        .collect();
    found.sort();
    found
}

#[test]
fn duplicates_are_known_before_and_after_a_restart() {
    let folder = tempfile::tempdir().unwrap();
    // Small segments, so that most are finished and looked up in their indexes.
    let settings = StoreSettings {
        segment: 300,
        ..StoreSettings::default()
    };
    for round in 0..3 {
        let store = open(folder.path(), settings.clone());
        assert_eq!(store.told(), []);
        for number in 0..20_u64 {
            let receipt = keep(&store, entry(&number.to_string(), &format!("m{number}"))).unwrap();
            if round == 0 {
                assert_eq!(receipt, Receipt::Stored(number + 1));
            } else {
                assert!(matches!(receipt, Receipt::Again(found, _) if found == number + 1));
            }
        }
        if round == 1 {
            // Another sender may use the same id.
            let mut other = entry("3", "m3");
            other.verdict.identity.facility = "RYY".into();
            assert_eq!(keep(&store, other).unwrap(), Receipt::Stored(21));
            let changed = keep(&store, entry("3", "changed")).unwrap();
            assert_eq!(changed, Receipt::OtherContent(22, 4));
        }
        if round == 2 {
            let changed = keep(&store, entry("3", "changed")).unwrap();
            assert!(matches!(changed, Receipt::Again(22, _)));
        }
    }
    assert!(files(folder.path(), "index").len() > 5);
    // Indexes are made again when they are gone.
    for index in files(folder.path(), "index") {
        fs::remove_file(index).unwrap();
    }
    let store = open(folder.path(), settings);
    assert!(matches!(
        keep(&store, entry("0", "m0")).unwrap(),
        Receipt::Again(1, _)
    ));
    let (found, damaged) = all(folder.path());
    assert_eq!((found.len(), damaged), (22, 0));
    assert!(
        found
            .iter()
            .zip(1..)
            .all(|(entry, number)| entry.number == number)
    );
    assert_eq!(found[21].other, Some(4));
    assert_eq!(found[2].message, b"m2");
}

#[test]
fn the_same_message_twice_in_one_commit_is_stored_once() {
    let folder = tempfile::tempdir().unwrap();
    let store = open(folder.path(), StoreSettings::default());
    let receipts = runtime().block_on(async {
        let mut waiting = Vec::new();
        for number in 0..200 {
            let entry = entry(&(number % 7).to_string(), "m");
            waiting.push(store.submit(entry).await.unwrap());
        }
        let mut receipts = Vec::new();
        for answer in waiting {
            receipts.push(answer.await.unwrap().unwrap());
        }
        receipts
    });
    let stored = receipts
        .iter()
        .filter(|receipt| matches!(receipt, Receipt::Stored(_)));
    assert_eq!(stored.count(), 7);
    assert_eq!(all(folder.path()).0.len(), 7);
}

#[test]
fn a_message_is_new_again_after_the_time_that_is_remembered() {
    let folder = tempfile::tempdir().unwrap();
    let settings = StoreSettings {
        remember: Duration::from_mins(1),
        ..StoreSettings::default()
    };
    let store = open(folder.path(), settings);
    let mut later = entry("1", "m");
    later.received = Timestamp::from_second(1_800_000_061).unwrap();
    assert_eq!(keep(&store, entry("1", "m")).unwrap(), Receipt::Stored(1));
    assert_eq!(keep(&store, later).unwrap(), Receipt::Stored(2));
}

#[test]
fn a_torn_end_is_cut_wherever_it_is_torn() {
    let folder = tempfile::tempdir().unwrap();
    let store = open(folder.path(), StoreSettings::default());
    let mut ends = Vec::new();
    for number in 0..4 {
        keep(
            &store,
            entry(&number.to_string(), "a message of some length"),
        )
        .unwrap();
        ends.push(store.durable().borrow().bytes);
    }
    drop(store);
    let segment = files(folder.path(), "segment").remove(0);
    let whole = fs::read(&segment).unwrap();
    for length in (ends[2]..whole.len() as u64).step_by(3) {
        // Cut short, and cut short with zeros or noise behind it, as file systems leave it.
        for noise in [None, Some(0), Some(0xA5)] {
            let mut torn = whole[..length as usize].to_vec();
            if let Some(noise) = noise {
                if torn.len() as u64 == ends[2] && noise == 0 {
                    torn.push(1);
                }
                torn.resize(whole.len() + 10, noise);
            }
            fs::write(&segment, &torn).unwrap();
            let store = open(folder.path(), StoreSettings::default());
            if torn.len() as u64 > ends[2] {
                let told = Told::Cut {
                    segment: segment.clone(),
                    offset: ends[2],
                    bytes: torn.len() as u64 - ends[2],
                };
                assert_eq!(store.told(), [told]);
            }
            let again = keep(&store, entry("3", "a message of some length")).unwrap();
            assert_eq!(again, Receipt::Stored(4));
            drop(store);
            assert_eq!(all(folder.path()).0.len(), 4);
        }
    }
}

#[test]
fn a_damaged_middle_is_told_and_the_rest_is_read() {
    let folder = tempfile::tempdir().unwrap();
    let store = open(folder.path(), StoreSettings::default());
    let mut ends = vec![0];
    for number in 0..4 {
        keep(
            &store,
            entry(&number.to_string(), "a message of some length"),
        )
        .unwrap();
        ends.push(store.durable().borrow().bytes);
    }
    drop(store);
    let segment = files(folder.path(), "segment").remove(0);
    let whole = fs::read(&segment).unwrap();
    for at in (ends[1]..ends[2]).step_by(2) {
        let mut damaged = whole.clone();
        damaged[at as usize] ^= 0x10;
        fs::write(&segment, &damaged).unwrap();
        let store = open(folder.path(), StoreSettings::default());
        let told = store.told();
        assert!(
            matches!(told[0], Told::Damaged { offset, .. } if offset >= ends[1] && offset < ends[2]),
            "{told:?}"
        );
        assert_eq!(told[1], Told::Missing(2, 2));
        // What was lost is taken again, what was not is recognised.
        assert_eq!(
            keep(&store, entry("1", "a message of some length")).unwrap(),
            Receipt::Stored(5)
        );
        assert!(matches!(
            keep(&store, entry("3", "a message of some length")).unwrap(),
            Receipt::Again(4, _)
        ));
        drop(store);
        let (found, places) = all(folder.path());
        let numbers: Vec<u64> = found.iter().map(|entry| entry.number).collect();
        assert_eq!((numbers, places), (vec![1, 3, 4, 5], 1));
    }
}

#[test]
fn a_message_that_holds_a_forged_block_forges_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let forger = tempfile::tempdir().unwrap();
    let store = open(forger.path(), StoreSettings::default());
    keep(&store, entry("forged", "forged")).unwrap();
    drop(store);
    let block = fs::read(files(forger.path(), "segment").remove(0)).unwrap();
    let store = open(folder.path(), StoreSettings::default());
    keep(&store, entry("1", "first")).unwrap();
    let mut carrier = entry("2", "");
    carrier.message = block;
    keep(&store, carrier).unwrap();
    drop(store);
    let segment = files(folder.path(), "segment").remove(0);
    let mut bytes = fs::read(&segment).unwrap();
    let second = bytes
        .windows(7)
        .enumerate()
        .filter(|(_, bytes)| bytes == b"CONCORD")
        .nth(1)
        .unwrap()
        .0;
    bytes[second] ^= 1;
    fs::write(&segment, bytes).unwrap();
    let store = open(folder.path(), StoreSettings::default());
    assert!(matches!(store.told(), [Told::Cut { offset, .. }] if *offset == second as u64));
}

/// A disk with so many bytes left.
struct Small(Arc<AtomicU64>);

struct SmallFile(Box<dyn Appended>, Arc<AtomicU64>);

impl Disk for Small {
    fn open(&self, path: &Path, length: u64) -> io::Result<Box<dyn Appended>> {
        let file = FileSystem.open(path, length)?;
        Ok(Box::new(SmallFile(file, Arc::clone(&self.0))))
    }
}

impl Appended for SmallFile {
    fn append(&mut self, bytes: &[u8]) -> io::Result<()> {
        let left = self.1.load(Ordering::SeqCst);
        let taken = bytes.len().min(left as usize);
        self.0.append(&bytes[..taken])?;
        self.1.store(left - taken as u64, Ordering::SeqCst);
        if taken < bytes.len() {
            return Err(io::ErrorKind::StorageFull.into());
        }
        Ok(())
    }

    fn sync(&mut self) -> io::Result<()> {
        self.0.sync()
    }

    fn cut(&mut self, length: u64) -> io::Result<()> {
        self.0.cut(length)
    }
}

#[test]
fn a_full_disk_is_told_and_taken_up_again_when_there_is_room() {
    for room in (0..400).step_by(7) {
        let folder = tempfile::tempdir().unwrap();
        let left = Arc::new(AtomicU64::new(room));
        let disk = Arc::new(Small(Arc::clone(&left)));
        let store = Store::open(folder.path(), StoreSettings::default(), disk).unwrap();
        let mut answered = Vec::new();
        for number in 0..4 {
            match keep(&store, entry(&number.to_string(), "message")) {
                Ok(receipt) => answered.push((number, receipt)),
                Err(StoreError::Io { kind, .. }) => assert_eq!(kind, io::ErrorKind::StorageFull),
                Err(other) => panic!("{other}"),
            }
        }
        left.store(1 << 20, Ordering::SeqCst);
        for number in 0..4 {
            let receipt = keep(&store, entry(&number.to_string(), "message")).unwrap();
            let before = answered.iter().any(|(answered, _)| *answered == number);
            assert_eq!(matches!(receipt, Receipt::Again(..)), before);
        }
        drop(store);
        let (found, damaged) = all(folder.path());
        assert_eq!((found.len(), damaged), (4, 0));
        assert_eq!(open(folder.path(), StoreSettings::default()).told(), []);
    }
}

#[test]
fn segments_that_are_too_many_go_when_they_are_delivered() {
    let folder = tempfile::tempdir().unwrap();
    let settings = StoreSettings {
        segment: 500,
        most: Some(3_000),
        ..StoreSettings::default()
    };
    let store = open(folder.path(), settings);
    store.consumed(10);
    for number in 0..60 {
        keep(
            &store,
            entry(&number.to_string(), "a message of some length"),
        )
        .unwrap();
    }
    let first = all(folder.path()).0[0].number;
    assert!(
        (6..=10).contains(&first),
        "undelivered messages stay: {first}"
    );
    store.consumed(u64::MAX);
    for number in 60..90 {
        keep(
            &store,
            entry(&number.to_string(), "a message of some length"),
        )
        .unwrap();
    }
    assert!(store.durable().borrow().bytes < 4_500);
    let (found, _) = all(folder.path());
    assert_eq!(found.last().unwrap().number, 90);
    assert!(
        found
            .windows(2)
            .all(|two| two[0].number + 1 == two[1].number)
    );
}

#[test]
fn one_process_writes() {
    let folder = tempfile::tempdir().unwrap();
    let _store = open(folder.path(), StoreSettings::default());
    let second = Store::open(
        folder.path(),
        StoreSettings::default(),
        Arc::new(FileSystem),
    );
    assert_eq!(
        second.unwrap_err(),
        StoreError::Locked(folder.path().into())
    );
}

#[test]
fn held_messages_are_listed_and_released_once() {
    let folder = tempfile::tempdir().unwrap();
    let settings = StoreSettings {
        segment: 400,
        ..StoreSettings::default()
    };
    let store = open(folder.path(), settings);
    for number in 0..9 {
        let mut entry = entry(&number.to_string(), "message");
        if number % 3 == 0 {
            entry.verdict.outcome = Outcome::Error;
        }
        keep(&store, entry).unwrap();
    }
    let numbers = || {
        held(folder.path())
            .unwrap()
            .iter()
            .map(|one| one.number)
            .collect::<Vec<_>>()
    };
    assert_eq!(numbers(), [1, 4, 7]);
    let one = |number| Release {
        number,
        released: "2026-11-22T12:00:00Z".into(),
        by: "a person".into(),
        reason: "looked at".into(),
    };
    release(folder.path(), &one(4)).unwrap();
    assert_eq!(numbers(), [1, 7]);
    assert_eq!(release(folder.path(), &one(4)), Err(StoreError::NotHeld(4)));
    assert_eq!(release(folder.path(), &one(2)), Err(StoreError::NotHeld(2)));
    let status = Reader::open(folder.path()).unwrap().status().unwrap();
    let sender = status.senders[&("PAS".to_owned(), "RXX".to_owned())];
    assert_eq!((sender.messages, sender.held), (9, 3));
}

proptest::proptest! {
    #![proptest_config(proptest::prelude::ProptestConfig {
        cases: 48,
        failure_persistence: None,
        ..Default::default()
    })]

    /// Whatever became of a segment, what is read of it is what was written, and whatever is gone is told.
    #[test]
    fn no_damage_is_passed_over(
        damage in proptest::collection::vec((0_usize..3_000, proptest::prelude::any::<u8>()), 1..6),
        length in 0_usize..4_000,
    ) {
        let folder = tempfile::tempdir().unwrap();
        let store = open(folder.path(), StoreSettings::default());
        for number in 0..12 {
            keep(&store, entry(&number.to_string(), &format!("message {number} of some length"))).unwrap();
        }
        drop(store);
        let written = all(folder.path()).0;
        let segment = files(folder.path(), "segment").remove(0);
        let mut bytes = fs::read(&segment).unwrap();
        let before = bytes.clone();
        for (at, value) in damage {
            let at = at % bytes.len();
            bytes[at] = value;
        }
        bytes.truncate(length);
        fs::write(&segment, &bytes).unwrap();
        let store = open(folder.path(), StoreSettings::default());
        let read = all(folder.path()).0;
        proptest::prop_assert!(read.iter().all(|entry| written.contains(entry)));
        // Only what ends exactly behind a block looks as if it had never been longer.
        let whole = before.starts_with(&bytes);
        proptest::prop_assert!(read.len() == 12 || whole || !store.told().is_empty());
        let again = keep(&store, entry("new", "new")).unwrap();
        proptest::prop_assert!(matches!(again, Receipt::Stored(_)));
    }
}
