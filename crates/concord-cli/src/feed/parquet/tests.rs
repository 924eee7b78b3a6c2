use std::fs::File;
use std::sync::atomic::{AtomicU64, Ordering};

use concord_feed::{Broken, Identity, Place, Verdict};
use jiff::Timestamp;
use parquet::file::reader::{FileReader as _, SerializedFileReader};
use parquet::record::RowAccessor as _;

use super::*;

#[derive(Default)]
struct Seconds(AtomicU64);

impl Clock for Seconds {
    fn now(&self) -> Timestamp {
        Timestamp::UNIX_EPOCH
    }

    fn elapsed(&self) -> Duration {
        Duration::from_secs(self.0.load(Ordering::SeqCst))
    }
}

/// A message in which every second time something is found.
fn entry(number: u64, day: u8) -> Entry {
    let broken = Broken {
        rule: "A-RULE".into(),
        text: "something is wrong".into(),
        place: Some(Place {
            segment: "PID".into(),
            sequence: 1,
            field: Some(3),
            ..Place::default()
        }),
        warning: false,
    };
    Entry {
        number,
        received: format!("2026-11-{day}T23:00:00Z").parse().expect("a time"),
        origin: "test".into(),
        verdict: Verdict {
            outcome: Outcome::Error,
            identity: Identity {
                control_id: number.to_string(),
                ..Identity::default()
            },
            findings: if number.is_multiple_of(2) {
                vec![broken]
            } else {
                Vec::new()
            },
        },
        other: None,
        message: Vec::new(),
    }
}

/// The files, and the numbers of the messages in each.
fn files(folder: &Path) -> Vec<(String, Vec<i64>)> {
    let mut found = Vec::new();
    for day in fs::read_dir(folder.join(FINDINGS)).expect("a folder") {
        let day = day.expect("a folder");
        for file in fs::read_dir(day.path()).expect("a folder") {
            let file = file.expect("a file");
            let reader = SerializedFileReader::new(File::open(file.path()).expect("a file"));
            let reader = reader.expect("Parquet");
            let rows = reader.get_row_iter(None).expect("rows");
            let numbers = rows.map(|row| {
                let row = row.expect("a row");
                assert_eq!(row.get_string(7).expect("a rule"), "A-RULE");
                assert_eq!(row.get_string(10).expect("a place"), "PID-3");
                row.get_long(0).expect("a number")
            });
            let day = day.file_name().to_string_lossy().into_owned();
            let name = file.file_name().to_string_lossy().into_owned();
            found.push((format!("{day}/{name}"), numbers.collect()));
        }
    }
    found.sort();
    found
}

fn table(folder: &Path, clock: &Arc<Seconds>) -> Tables {
    let rolling = Rolling {
        rows: 3,
        every: Duration::from_mins(1),
    };
    let clock: Arc<dyn Clock> = Arc::<Seconds>::clone(clock);
    Tables::new(folder, rolling, clock, None).expect("a folder")
}

fn deliver(table: &mut Tables, numbers: std::ops::Range<u64>, day: u8) {
    let next = numbers.end;
    for number in numbers {
        table.deliver(&entry(number, day), false).expect("taken");
    }
    table
        .commit(Checkpoint { next, releases: 0 })
        .expect("committed");
}

#[test]
fn files_end_by_rows_by_day_and_by_time() {
    let folder = tempfile::tempdir().expect("a folder");
    let clock = Arc::new(Seconds::default());
    let mut table = table(folder.path(), &clock);
    assert_eq!(table.resume().expect("new").next, 1);
    deliver(&mut table, 1..7, 21);
    deliver(&mut table, 7..9, 21);
    // What waits is not durable; the store keeps it.
    assert_eq!(
        table
            .durable(Checkpoint {
                next: 9,
                releases: 0
            })
            .next,
        7
    );
    deliver(&mut table, 9..11, 22);
    table.idle().expect("nothing");
    clock.0.store(60, Ordering::SeqCst);
    table.idle().expect("rolled");
    let name = |day: u8, turn: u64| format!("received=2026-11-{day}/part-{turn:010}.parquet");
    let expected = [
        (name(21, 1), vec![2, 4, 6]),
        (name(21, 2), vec![8]),
        (name(22, 3), vec![10]),
    ];
    assert_eq!(files(folder.path()), expected);
    assert_eq!(
        table
            .durable(Checkpoint {
                next: 11,
                releases: 0
            })
            .next,
        11
    );
}

#[test]
fn what_a_crash_left_appears_or_comes_again() {
    let folder = tempfile::tempdir().expect("a folder");
    let clock = Arc::new(Seconds::default());
    let numbers = || -> Vec<i64> {
        let found = files(folder.path()).into_iter();
        found.flat_map(|(_, numbers)| numbers).collect()
    };
    let mut first = table(folder.path(), &clock);
    first.resume().expect("new");
    deliver(&mut first, 1..7, 21);
    let checkpoint = folder.path().join("checkpoint.json");
    let before = fs::read(&checkpoint).expect("saved");
    deliver(&mut first, 7..13, 21);
    deliver(&mut first, 13..15, 21);
    drop(first);
    let day = folder.path().join(FINDINGS).join("received=2026-11-21");
    let (part, staged) = (
        day.join("part-0000000002.parquet"),
        day.join(".part-0000000002.parquet.part"),
    );
    // The crash came when the second file had been written down, and had not appeared.
    fs::rename(&part, &staged).expect("it is there");
    let mut second = table(folder.path(), &clock);
    assert_eq!(second.resume().expect("there").next, 13);
    assert_eq!(numbers(), [2, 4, 6, 8, 10, 12]);
    // The crash came when it had been made, and had not been written down.
    drop(second);
    fs::rename(&part, &staged).expect("it is there");
    fs::write(&checkpoint, before).expect("written");
    let mut third = table(folder.path(), &clock);
    assert_eq!(third.resume().expect("there").next, 7);
    assert_eq!((numbers(), staged.exists()), (vec![2, 4, 6], false));
    deliver(&mut third, 7..15, 21);
    third.close().expect("closed");
    assert_eq!(numbers(), [2, 4, 6, 8, 10, 12, 14]);
    // What somebody took away does not come back.
    fs::remove_file(&part).expect("it is there");
    let mut fourth = table(folder.path(), &clock);
    assert_eq!(fourth.resume().expect("there").next, 15);
    assert!(!part.exists());
}

#[test]
fn a_release_takes_nothing_back() {
    let folder = tempfile::tempdir().expect("a folder");
    let clock = Arc::new(Seconds::default());
    let mut table = table(folder.path(), &clock);
    table.resume().expect("new");
    deliver(&mut table, 1..3, 21);
    // A message of the day before is released, when others wait.
    table.deliver(&entry(3, 22), false).expect("taken");
    table.deliver(&entry(4, 22), false).expect("taken");
    table.deliver(&entry(1, 21), true).expect("taken");
    let committed = Checkpoint {
        next: 5,
        releases: 1,
    };
    table.commit(committed).expect("committed");
    table.close().expect("closed");
    drop(table);
    let mut again = self::table(folder.path(), &clock);
    assert_eq!(again.resume().expect("there"), committed);
}
