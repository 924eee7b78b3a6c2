//! A process that applies batches is killed at random moments, started again, and ends in the same state.

#![allow(clippy::unwrap_used)] // a test fails by panicking

mod support;

use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::time::Duration;

use concord_practice::{AcceptGap, Store, batches};
use concord_read::{Limits, expand};
use support::{Practice, state, systems};

const BATCHES: &str = "CONCORD_PRACTICE_BATCHES";
const STORE: &str = "CONCORD_PRACTICE_STORE";

/// What the killed process does; by itself it has nothing to do.
#[test]
fn apply_what_is_asked_for() {
    let (Some(folder), Some(target)) = (std::env::var_os(BATCHES), std::env::var_os(STORE)) else {
        return;
    };
    let inputs = expand(&[PathBuf::from(folder)], &Limits::default()).unwrap();
    let found = batches(systems(true), &inputs).unwrap();
    let mut store = Store::open_or_create(&PathBuf::from(target)).unwrap();
    for batch in &found.batches {
        store.apply(found.system, batch, AcceptGap::No).unwrap();
        for table in store.tables() {
            store.latest(found.system, &table).unwrap();
        }
    }
}

#[test]
fn a_killed_run_is_taken_up_again() {
    let practice = Practice::new("emis-extract@8", 120, 8, 11);
    let target = tempfile::tempdir().unwrap();
    let run = || {
        let mut command = Command::new(std::env::current_exe().unwrap());
        command
            .args(["--exact", "apply_what_is_asked_for"])
            .env(BATCHES, practice.folder.path())
            .env(STORE, target.path())
            .stdout(Stdio::null())
            .stderr(Stdio::null());
        command
    };
    let (mut killed, mut wait) = (0, 37);
    loop {
        let mut child = run().spawn().unwrap();
        std::thread::sleep(Duration::from_millis(wait));
        if let Some(status) = child.try_wait().unwrap() {
            assert!(status.success());
            break;
        }
        child.kill().unwrap();
        child.wait().unwrap();
        killed += 1;
        // Whatever it was at, the store can be opened, and what it holds is sound.
        if let Ok(store) = Store::open(target.path()) {
            let verified = store.verify(practice.system()).unwrap();
            assert_eq!(verified.differences, []);
            state(&store, practice.system());
        }
        wait = wait * 9 / 7 + 13;
        assert!(killed < 60, "it never ends");
    }
    assert!(killed > 3, "it was killed {killed} times");
    let store = Store::open(target.path()).unwrap();
    practice.agrees(&store);
}
