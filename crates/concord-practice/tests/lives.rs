//! A practice that lives through a bulk, months of change, a second bulk and late corrections ends in the store as it is.

#![allow(clippy::unwrap_used)] // a test fails by panicking

mod support;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use concord_practice::{AcceptGap, Outcome, Store};
use support::{Practice, columns, files, state, store};

fn practices() -> Vec<Practice> {
    ["emis-extract@8", "tpp-sr@93", "vision@1"]
        .map(|standard| Practice::new(standard, 40, 13, 7))
        .into()
}

/// As it is shipped, an EMIS bulk is known by its size.
#[test]
fn a_practice_of_real_size_is_known_to_be_sent_as_a_whole_again() {
    let practice = Practice::new("emis-extract@8", 1000, 3, 1);
    let (_folder, mut store) = store();
    for batch in 0..=3 {
        let outcome = practice.apply(&mut store, batch).unwrap();
        assert!(matches!(outcome, Outcome::Now { bulk, .. } if bulk == (batch == 0 || batch == 2)));
    }
    practice.agrees(&store);
}

#[test]
fn every_system_ends_in_the_state_that_its_practice_is_in() {
    for practice in practices() {
        let (_folder, mut store) = store();
        let mut bulks = Vec::new();
        for batch in 0..practice.written.batches.len() {
            match practice.apply(&mut store, batch).unwrap() {
                Outcome::Now { bulk, unknown, .. } => {
                    assert_eq!(unknown, []);
                    if bulk {
                        bulks.push(batch);
                    }
                }
                Outcome::Before => panic!("{batch} was not applied before"),
            }
        }
        assert_eq!(bulks, [0, 7], "{}", practice.id);
        practice.agrees(&store);
    }
}

#[test]
fn all_at_once_and_in_any_order_of_arguments_is_the_same() {
    for practice in practices() {
        let (_folder, mut store) = store();
        let mut paths: Vec<_> = (0..practice.written.batches.len())
            .map(|batch| practice.path(batch))
            .collect();
        paths.reverse();
        for batch in practice.batches(&paths) {
            store
                .apply(practice.system(), &batch, AcceptGap::No)
                .unwrap();
        }
        practice.agrees(&store);
    }
}

#[test]
fn a_batch_applied_again_changes_nothing() {
    for practice in practices() {
        let (folder, mut store) = store();
        for batch in 0..practice.written.batches.len() {
            practice.apply(&mut store, batch).unwrap();
            for again in [batch, batch / 2, 0] {
                let before = std::fs::read(folder.path().join("store.json")).unwrap();
                assert_eq!(practice.apply(&mut store, again).unwrap(), Outcome::Before);
                assert_eq!(
                    std::fs::read(folder.path().join("store.json")).unwrap(),
                    before
                );
            }
        }
        practice.agrees(&store);
    }
}

#[test]
fn states_that_are_put_together_on_the_way_change_nothing() {
    for practice in practices() {
        let (folder, mut store) = store();
        for batch in 0..practice.written.batches.len() {
            practice.apply(&mut store, batch).unwrap();
            if batch % 3 == 1 {
                for (number, table) in store.tables().iter().enumerate() {
                    if number % 2 == batch % 2 {
                        store.latest(practice.system(), table).unwrap();
                    }
                }
            }
            if batch % 4 == 2 {
                drop(store);
                store = Store::open(folder.path()).unwrap();
            }
        }
        practice.agrees(&store);
        for table in store.tables() {
            let latest = store.latest(practice.system(), &table).unwrap().unwrap();
            let expected = practice.written.state.get(&table).map_or(0, Vec::len);
            assert_eq!(latest.rows, expected as u64, "{table}");
            let others = std::fs::read_dir(latest.path.parent().unwrap())
                .unwrap()
                .count();
            assert_eq!(others, 1, "earlier states are gone");
        }
        practice.agrees(&store);
    }
}

/// The state can be written as an extract has it, and says the same then.
#[test]
fn the_state_is_written_as_an_extract() {
    for practice in practices() {
        let (_folder, mut store) = store();
        for batch in 0..4 {
            practice.apply(&mut store, batch).unwrap();
        }
        let system = practice.system();
        let expected = state(&store, system);
        for table in store.tables() {
            let mut text = Vec::new();
            let rows = store.write(system, &table, &mut text).unwrap().unwrap();
            let mut reader = csv::ReaderBuilder::new()
                .has_headers(practice.id != "vision")
                .from_reader(text.as_slice());
            assert!(
                practice.id == "vision" || reader.headers().unwrap().len() > 2,
                "{table}"
            );
            let columns = match &*practice.id {
                "vision" => columns("vision@1", &table),
                _ => reader
                    .headers()
                    .unwrap()
                    .iter()
                    .map(str::to_owned)
                    .collect(),
            };
            let mut found: Vec<BTreeMap<String, String>> = reader
                .records()
                .map(|record| {
                    let record = record.unwrap();
                    let cells = columns
                        .iter()
                        .zip(&record)
                        .filter(|(_, text)| !text.is_empty());
                    cells
                        .map(|(column, text)| (column.clone(), text.to_owned()))
                        .collect()
                })
                .collect();
            found.sort();
            assert_eq!(rows, found.len() as u64);
            assert!(
                found == expected.get(&table).cloned().unwrap_or_default(),
                "{table}"
            );
        }
    }
}

/// A delta adds files of its own, and touches no other but the list of batches.
#[test]
fn a_delta_rewrites_nothing_that_is_there() {
    fn stored(folder: &Path, found: &mut BTreeMap<PathBuf, (u64, SystemTime)>) {
        for path in files(folder) {
            let about = std::fs::metadata(&path).unwrap();
            if about.is_dir() {
                stored(&path, found);
            } else {
                found.insert(path, (about.len(), about.modified().unwrap()));
            }
        }
    }
    let practice = Practice::new("tpp-sr@93", 2000, 2, 7);
    let (folder, mut store) = store();
    practice.apply(&mut store, 0).unwrap();
    let (mut before, mut after) = (BTreeMap::new(), BTreeMap::new());
    stored(folder.path(), &mut before);
    practice.apply(&mut store, 1).unwrap();
    stored(folder.path(), &mut after);
    let size = |files: &BTreeMap<PathBuf, (u64, SystemTime)>| {
        files.values().map(|(size, _)| size).sum::<u64>()
    };
    let bulk = size(&before);
    for (path, about) in before {
        let now = after.remove(&path);
        assert!(
            now == Some(about) || path.ends_with("store.json"),
            "{}",
            path.display()
        );
    }
    assert!(
        after.keys().all(|path| path.ends_with("2.parquet")),
        "{after:?}"
    );
    let delta = size(&after);
    assert!(delta * 4 < bulk, "{delta} bytes of changes beside {bulk}");
}
