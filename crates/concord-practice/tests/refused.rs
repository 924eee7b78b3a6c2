//! Batches that are not what they must be, or do not follow on, change nothing and are told by name.

#![allow(clippy::unwrap_used)] // a test fails by panicking

mod support;

use std::fs;
use std::path::{Path, PathBuf};

use concord_practice::{AcceptGap, Class, ErrorKind, Outcome, Store};
use support::{Practice, files, state, store};

/// Everything in a folder, with its content.
fn content(folder: &Path) -> Vec<(PathBuf, Vec<u8>)> {
    let mut found = Vec::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(folder) = folders.pop() {
        for path in files(&folder) {
            if path.is_dir() {
                folders.push(path);
            } else {
                found.push((path.clone(), fs::read(&path).unwrap()));
            }
        }
    }
    found.sort();
    found
}

/// Applies a batch that must be refused, and gives the message; the store stays as it was, to the byte.
fn refused(practice: &Practice, folder: &Path, store: &mut Store, batch: usize) -> String {
    let before = content(folder);
    let error = match practice.apply(store, batch) {
        Err(error) => error,
        Ok(outcome) => panic!("batch {batch} of {} was taken: {outcome:?}", practice.id),
    };
    assert_eq!(error.class(), Class::Refused, "{error}");
    assert!(!error.help().is_empty());
    assert!(content(folder) == before, "the store has changed");
    error.to_string()
}

fn file_of(practice: &Practice, batch: usize, table: &str) -> PathBuf {
    let files = files(&practice.path(batch));
    let mut found = files.into_iter().filter(|path| {
        let name = path.file_name().unwrap().to_string_lossy();
        name.contains(&format!("_{table}_")) || *name == *format!("{table}.csv")
    });
    found.next().unwrap_or_else(|| panic!("{table}"))
}

/// Puts something in the place of a text in a file, which must be there.
fn edit(path: &Path, from: &str, to: &str) {
    let bytes = fs::read(path).unwrap();
    let text: String = bytes.iter().map(|byte| char::from(*byte)).collect();
    assert!(text.contains(from), "{from} in {}", path.display());
    let text = text.replacen(from, to, 1);
    let bytes: Vec<u8> = text
        .chars()
        .map(|character| u8::try_from(character).unwrap())
        .collect();
    fs::write(path, bytes).unwrap();
}

#[test]
fn a_batch_that_is_missing_is_named() {
    for (standard, expected) in [
        (
            "emis-extract@8",
            "before batch 301-400 of 20250701053000 something is missing: the batches of numbers 201 to 300",
        ),
        (
            "tpp-sr@93",
            "before batch 20250701_0530 something is missing: changes from 20250501_0530 to 20250531_0530",
        ),
    ] {
        // The second bulk is that of the fifth month.
        let practice = Practice::new(standard, 8, 8, 3);
        let (folder, mut store) = store();
        practice.apply(&mut store, 0).unwrap();
        practice.apply(&mut store, 1).unwrap();
        assert_eq!(refused(&practice, folder.path(), &mut store, 3), expected);
        // Who goes on all the same is told so for ever.
        let applied = store
            .apply(practice.system(), &practice.batch(3), AcceptGap::Yes)
            .unwrap();
        assert!(matches!(applied.outcome, Outcome::Now { gap: Some(_), .. }));
        let verified = store.verify(practice.system()).unwrap();
        assert_eq!(verified.gaps.len(), 1);
        // What was missing cannot come afterwards.
        let message = refused(&practice, folder.path(), &mut store, 2);
        assert!(message.contains("comes too late"), "{message}");
    }
}

#[test]
fn a_bulk_closes_a_gap() {
    for standard in ["emis-extract@8", "tpp-sr@93", "vision@1"] {
        // The second bulk is that of the third month.
        let practice = Practice::new(standard, 12, 5, 3);
        let (_folder, mut store) = store();
        for batch in [0, 3, 4, 5] {
            practice.apply(&mut store, batch).unwrap();
        }
        practice.agrees(&store);
    }
}

#[test]
fn a_store_begins_with_a_bulk() {
    for standard in ["emis-extract@8", "tpp-sr@93", "vision@1"] {
        let practice = Practice::new(standard, 8, 2, 3);
        let (folder, mut store) = store();
        let message = refused(&practice, folder.path(), &mut store, 1);
        assert!(
            message.contains("no bulk was applied before it"),
            "{message}"
        );
        practice.apply(&mut store, 0).unwrap();
    }
}

#[test]
fn a_file_that_is_missing_or_twice_is_named() {
    for (standard, table, twice) in [
        ("emis-extract@8", "Prescribing_IssueRecord", "Admin_Patient"),
        ("tpp-sr@93", "SREvent", "SRPatient"),
        ("tpp-sr@93", "SRManifest", "SRPatient"),
        ("vision@1", "Patient", "Journal"),
    ] {
        let practice = Practice::new(standard, 8, 2, 3);
        let (folder, mut store) = store();
        practice.apply(&mut store, 0).unwrap();
        let path = file_of(&practice, 1, table);
        let kept = fs::read(&path).unwrap();
        fs::remove_file(&path).unwrap();
        let message = refused(&practice, folder.path(), &mut store, 1);
        assert!(
            message.contains("is not whole") && message.contains(table),
            "{message}"
        );
        fs::write(&path, kept).unwrap();
        if standard != "tpp-sr@93" {
            let path = file_of(&practice, 1, twice);
            let copy = path.with_file_name(format!(
                "{}{}",
                if standard == "vision@1" { "copy_" } else { "" },
                path.file_name()
                    .unwrap()
                    .to_string_lossy()
                    .replace("101-200", "0101-200")
            ));
            fs::copy(&path, &copy).unwrap();
            let message = refused(&practice, folder.path(), &mut store, 1);
            assert!(message.contains("twice"), "{message}");
            fs::remove_file(copy).unwrap();
        }
        practice.apply(&mut store, 1).unwrap();
        practice.apply(&mut store, 2).unwrap();
        practice.agrees(&store);
    }
}

#[test]
fn a_disabled_agreement_stops_and_deletes_nothing() {
    let practice = Practice::new("emis-extract@8", 8, 3, 3);
    let (folder, mut store) = store();
    practice.apply(&mut store, 0).unwrap();
    let before = state(&store, practice.system());
    let path = file_of(&practice, 1, "Agreements_SharingOrganisation");
    let kept = fs::read(&path).unwrap();
    fs::write(
        &path,
        "OrganisationGuid,IsActivated,LastModifiedDate,Disabled,Deleted\r\n{C0DE03E7-5A3D-4C0F-8000-000000000001},true,,True,\r\n",
    )
    .unwrap();
    let message = refused(&practice, folder.path(), &mut store, 1);
    assert!(
        message.contains("the sharing agreement is disabled"),
        "{message}"
    );
    assert!(state(&store, practice.system()) == before);
    fs::write(&path, kept).unwrap();
    practice.apply(&mut store, 1).unwrap();
}

#[test]
fn content_that_has_changed_since_it_was_applied_is_told() {
    for (standard, table) in [
        ("emis-extract@8", "Admin_Patient"),
        ("tpp-sr@93", "SRCode"),
        ("vision@1", "Patient"),
    ] {
        let practice = Practice::new(standard, 8, 1, 3);
        let (folder, mut store) = store();
        practice.apply(&mut store, 0).unwrap();
        let path = file_of(&practice, 0, table);
        let mut bytes = fs::read(&path).unwrap();
        bytes.extend_from_slice(b"\r\n");
        fs::write(&path, bytes).unwrap();
        let message = refused(&practice, folder.path(), &mut store, 0);
        assert!(
            message.contains("with other content") && message.contains(table),
            "{message}"
        );
    }
}

#[test]
fn rows_that_cannot_be_understood_are_placed_and_not_quoted() {
    for (standard, table, from, to, expected) in [
        (
            "emis-extract@8",
            "Admin_Patient",
            "Deleted",
            "Deleted,Deleted",
            "the column DELETED stands twice",
        ),
        (
            "emis-extract@8",
            "Admin_Patient",
            "PatientGuid",
            "Patient",
            "the column PATIENT_GUID, which identifies rows, is missing",
        ),
        (
            "emis-extract@8",
            "Admin_Patient",
            "\n{",
            "\nx,{",
            "line 2: the row has",
        ),
        (
            "emis-extract@8",
            "Admin_Location",
            ",false,",
            ",maybe,",
            "DELETED is none of true, false",
        ),
        (
            "emis-extract@8",
            "Admin_Patient",
            "\n{",
            "\n\"{",
            "line 2: a quote begins a cell and nothing closes it",
        ),
        (
            "tpp-sr@93",
            "SRPatient",
            "\"0\"\r\n",
            "\"2\"\r\n",
            "REMOVED_DATA is none of 1, true, 0, false",
        ),
        (
            "tpp-sr@93",
            "SRManifest",
            "_0530\"\r\n",
            "_0531\"\r\n",
            "files go up to different moments",
        ),
        (
            "tpp-sr@93",
            "SRManifest",
            "SRPatient\"",
            "SRPatent\"",
            "SRPatent is missing",
        ),
        (
            "tpp-sr@93",
            "SRManifest",
            "\"SRCode\",\"N\",\"N\",\"\",\"20250401_0530\"\r\n",
            "",
            "the manifest does not list SRCode",
        ),
        (
            "tpp-sr@93",
            "SRManifest",
            "\"SRCode\",\"N\"",
            "\"SRCode\",\"\"",
            "the manifest does not say whether SRCode holds only what changed",
        ),
        (
            "vision@1",
            "Patient",
            ",I\r\n",
            ",X\r\n",
            "line 1: ACTION is none of D, I, U",
        ),
        (
            "vision@1",
            "Patient",
            ",I\r\n",
            "\r\n",
            "line 1: the row has 34 cells, and there are 35 columns",
        ),
    ] {
        let practice = Practice::new(standard, 8, 1, 3);
        let (folder, mut store) = store();
        edit(&file_of(&practice, 0, table), from, to);
        let message = refused(&practice, folder.path(), &mut store, 0);
        assert!(message.contains(expected), "{message}");
        assert!(!message.contains("Testcase"), "{message}");
        assert!(store.system().is_none(), "nothing was begun");
    }
}

#[test]
fn a_store_is_of_one_system_and_one_agreement() {
    let emis = Practice::new("emis-extract@8", 8, 1, 3);
    let vision = Practice::new("vision@1", 8, 1, 3);
    let (folder, mut store) = store();
    emis.apply(&mut store, 0).unwrap();
    let message = refused(&vision, folder.path(), &mut store, 0);
    assert!(
        message.contains("the store holds emis-extract"),
        "{message}"
    );
    for path in files(&emis.path(1)) {
        let name = path
            .file_name()
            .unwrap()
            .to_string_lossy()
            .replace("0999.csv", "0998.csv");
        fs::rename(&path, path.with_file_name(name)).unwrap();
    }
    let message = refused(&emis, folder.path(), &mut store, 1);
    assert!(message.contains("0000-4000-8000-000000000998"), "{message}");
}

#[test]
fn one_process_at_a_time() {
    let (folder, store) = store();
    let error = Store::open_or_create(folder.path()).unwrap_err();
    assert!(matches!(error.kind(), ErrorKind::Locked { .. }));
    drop(store);
    Store::open_or_create(folder.path()).unwrap();
    let error = Store::open(folder.path()).unwrap_err();
    assert!(matches!(error.kind(), ErrorKind::Absent { .. }));
}

#[test]
fn what_is_damaged_is_found() {
    let practice = Practice::new("tpp-sr@93", 12, 2, 3);
    let (folder, mut store) = store();
    for batch in 0..=2 {
        practice.apply(&mut store, batch).unwrap();
    }
    store.latest(practice.system(), "sr_patient").unwrap();
    for (path, expected) in [
        ("history/sr_code/2.parquet", "sr_code"),
        ("latest/sr_patient/3.parquet", "sr_patient"),
    ] {
        let path = folder.path().join(path);
        let kept = fs::read(&path).unwrap();
        let mut bytes = kept.clone();
        let middle = bytes.len() / 2;
        bytes[middle] ^= 1;
        for damaged in [Some(bytes), Some(kept[..middle].to_vec()), None] {
            match damaged {
                Some(bytes) => fs::write(&path, bytes).unwrap(),
                None => fs::remove_file(&path).unwrap(),
            }
            let verified = store.verify(practice.system()).unwrap();
            let tables: Vec<_> = verified
                .differences
                .iter()
                .map(|found| &*found.table)
                .collect();
            assert_eq!(tables, [expected]);
        }
        fs::write(&path, kept).unwrap();
    }
    practice.agrees(&store);
}

#[test]
fn a_file_that_was_not_there_before_is_told() {
    let practice = Practice::new("vision@1", 8, 1, 3);
    let (folder, mut store) = store();
    let referral = file_of(&practice, 0, "Referral");
    let kept = fs::read(&referral).unwrap();
    fs::remove_file(&referral).unwrap();
    practice.apply(&mut store, 0).unwrap();
    fs::write(&referral, kept).unwrap();
    let message = refused(&practice, folder.path(), &mut store, 0);
    assert!(message.contains("referral is not the same"), "{message}");
}

#[test]
fn folders_are_taken_in_the_order_of_their_names_wherever_they_lie() {
    let practice = Practice::new("tpp-sr@93", 8, 2, 3);
    let (_folder, mut store) = store();
    let mut paths = Vec::new();
    for (batch, place) in [(0, "z"), (1, "a"), (2, "m")] {
        let to = practice
            .folder
            .path()
            .join(place)
            .join(&practice.written.batches[batch]);
        fs::create_dir_all(to.parent().unwrap()).unwrap();
        fs::rename(practice.path(batch), &to).unwrap();
        paths.push(to);
    }
    paths.sort();
    for batch in practice.batches(&paths) {
        store
            .apply(practice.system(), &batch, AcceptGap::No)
            .unwrap();
    }
    practice.agrees(&store);
}
