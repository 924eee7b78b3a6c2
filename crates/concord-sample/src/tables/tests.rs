//! The tables of the shipped standards.

#![allow(clippy::unwrap_used)] // a test fails by panicking

use std::collections::{BTreeMap, BTreeSet};
use std::io::{self, Write};
use std::rc::Rc;
use std::sync::Arc;

use concord_standards::definition::Definition;
use concord_standards::registry::Registry;

use super::judge::Judge;
use super::set::{SetRequest, write_set};
use super::*;

/// The definitions that are shipped.
fn shipped() -> Registry {
    let root = std::path::Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../../schemas"));
    let mut files = BTreeMap::new();
    let mut folders = vec![root.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
                continue;
            }
            let name = path.strip_prefix(root).unwrap();
            let name: Vec<_> = name.iter().map(|part| part.to_string_lossy()).collect();
            files.insert(name.join("/"), std::fs::read_to_string(&path).unwrap());
        }
    }
    Registry::new(vec![Box::new(files)]).unwrap()
}

/// The shipped standards of which samples are written row by row: those with a header and one table.
fn definitions() -> Vec<Definition> {
    let registry = shipped();
    let names: Vec<String> = registry
        .list()
        .iter()
        .filter(|info| info.carrier == "delimited" && info.tables.len() == 1)
        .map(concord_standards::definition::StandardInfo::name)
        .collect();
    names
        .iter()
        .map(|name| registry.load(name).unwrap())
        .filter(|definition| table(definition).is_ok())
        .collect()
}

fn request(definition: &Definition, rows: u64, faults: Option<f64>) -> Request<'_> {
    Request {
        definition,
        rows,
        seed: 7,
        year: None,
        faults,
        fault_rules: Vec::new(),
    }
}

#[test]
fn every_value_is_sound() {
    for definition in definitions() {
        let name = definition.standard.name();
        let table = table(&definition).unwrap();
        let judge = Judge::new(&definition, table).unwrap();
        let submission = Submission::new(&definition, None, 7, false).unwrap();
        let mut rows = Rows::new(&definition, table, submission, 7);
        let mut row = Row::default();
        let mut filled = BTreeSet::new();
        for number in 0..3_000 {
            rows.draw(number, &mut row);
            for (field, text) in row.cells.iter().enumerate() {
                let verdict = judge.verdict(field, text);
                let column = &table.fields[field].column;
                assert_eq!(verdict, None, "{name} {column} {text:?}");
                if !text.is_empty() {
                    filled.insert(field);
                }
            }
        }
        // What is blank everywhere is known.
        let blank: Vec<&str> = table
            .fields
            .iter()
            .enumerate()
            .filter(|(field, _)| !filled.contains(field))
            .map(|(_, field)| &*field.column)
            .collect();
        let known = |column: &&str| {
            column.contains("MENTAL_HEALTH")
                || column.starts_with("PACKAGE_OF_CARE")
                || column.contains("ATTENDANCE")
                || column.contains("SPELL")
                || column.contains("ADJUSTED")
                || column.contains("WARD")
        };
        assert!(blank.iter().all(known), "{name}: {blank:?}");
    }
}

#[test]
fn a_seed_gives_the_same_bytes() {
    for definition in definitions() {
        for faults in [None, Some(0.5)] {
            let text = |seed| {
                let (mut out, mut labels) = (Vec::new(), Vec::new());
                let request = Request {
                    seed,
                    ..request(&definition, 200, faults)
                };
                let written = write(&request, &mut out, Some(&mut labels)).unwrap();
                assert_eq!(written.bytes, out.len() as u64);
                (out, labels)
            };
            assert_eq!(text(7), text(7));
            assert_ne!(text(7), text(8));
        }
    }
}

#[test]
fn every_maker_finds_its_place() {
    for definition in definitions() {
        let name = definition.standard.name();
        let (mut out, mut labels) = (Vec::new(), Vec::new());
        write(
            &request(&definition, 6_000, Some(0.5)),
            &mut out,
            Some(&mut labels),
        )
        .unwrap();
        let labels = String::from_utf8(labels).unwrap();
        let made: BTreeSet<&str> = labels
            .lines()
            .skip(1)
            .filter_map(|line| line.split(',').next())
            .collect();
        let alone = [
            "TABLE-DELIMITER",
            "TABLE-HEADER-MISSING",
            "TABLE-NO-ROWS",
            "TABLE-EMPTY",
        ];
        let missing: Vec<_> = coverage::breakable(&definition)
            .unwrap()
            .into_iter()
            .filter(|rule| !made.contains(&**rule) && !alone.contains(&&**rule))
            .collect();
        assert!(missing.is_empty(), "{name}: {missing:?}");
    }
}

/// Bytes that several hands write to.
#[derive(Clone, Default)]
struct Shared(Rc<std::cell::RefCell<Vec<u8>>>);

impl Write for Shared {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.borrow_mut().write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Totals in pence by commissioner, point of delivery and service, as a second hand adds them up.
fn totals(text: &[u8], price: &str) -> BTreeMap<(String, String, String), i64> {
    let mut reader = csv::Reader::from_reader(text);
    let header = reader.headers().unwrap().clone();
    let at = |name: &str| {
        header
            .iter()
            .position(|column| column.ends_with(name))
            .unwrap()
    };
    let (commissioner, delivery, service, price) = (
        at("CODE_OF_COMMISSIONER"),
        header
            .iter()
            .position(|column| column == "POINT_OF_DELIVERY_CODE")
            .unwrap(),
        at("SERVICE_CODE"),
        header.iter().position(|column| column == price).unwrap(),
    );
    let mut totals = BTreeMap::new();
    for row in reader.records() {
        let row = row.unwrap();
        let pence: i64 = row[price].replace('.', "").parse().unwrap();
        let key = (
            row[commissioner].to_owned(),
            row[delivery].to_owned(),
            row[service].to_owned(),
        );
        *totals.entry(key).or_insert(0) += pence;
    }
    totals
}

fn written_set(
    names: [&str; 4],
    fault_rules: &[&str],
) -> (BTreeMap<String, Vec<u8>>, Vec<set::Difference>) {
    let registry = shipped();
    let definitions: Vec<Definition> = names
        .iter()
        .map(|name| registry.load(name).unwrap())
        .collect();
    let request = SetRequest {
        definitions: definitions.iter().collect(),
        records: 500,
        seed: 7,
        year: None,
        invoice: false,
        fault_rules: fault_rules.iter().map(|rule| (*rule).to_owned()).collect(),
    };
    let mut files: BTreeMap<String, Shared> = BTreeMap::new();
    let mut create = |id: &str| -> io::Result<Box<dyn Write>> {
        let file = Shared::default();
        files.insert(id.to_owned(), file.clone());
        Ok(Box::new(file))
    };
    let (_, differences) = write_set(&request, &mut create, None).unwrap();
    let files = files
        .into_iter()
        .map(|(id, file)| (id, file.0.take()))
        .collect();
    (files, differences)
}

#[test]
fn a_set_adds_up() {
    for version in [
        ["acm@2", "plcm@2", "drplcm@2", "deplcm@2"],
        ["acm@2025", "plcm@2025", "drplcm@2025", "deplcm@2025"],
    ] {
        let (files, _) = written_set(version, &[]);
        let aggregate = totals(&files["acm.csv"], "CONTRACT_MONITORING_ACTUAL_PRICE");
        let mut parts = totals(&files["plcm.csv"], "TOTAL_COST");
        assert!(
            parts
                .keys()
                .all(|(_, delivery, _)| delivery != "DRUG" && delivery != "DEVICE")
        );
        parts.extend(totals(&files["drplcm.csv"], "TOTAL_COST"));
        parts.extend(totals(&files["deplcm.csv"], "TOTAL_COST"));
        assert_eq!(aggregate, parts);
    }
}

#[test]
fn totals_differ_by_what_the_label_says() {
    let (good, _) = written_set(["acm@2", "plcm@2", "drplcm@2", "deplcm@2"], &[]);
    let (files, differences) = written_set(
        ["acm@2", "plcm@2", "drplcm@2", "deplcm@2"],
        &["X-PLCM-1", "X-DR-1", "X-DE-1"],
    );
    assert_eq!(differences.len(), 3);
    let sum = |text: &[u8]| {
        totals(text, "CONTRACT_MONITORING_ACTUAL_PRICE")
            .values()
            .sum::<i64>()
    };
    let expected: i64 = differences.iter().map(|difference| difference.pence).sum();
    assert_eq!(sum(&files["acm.csv"]) - sum(&good["acm.csv"]), expected);
    assert_eq!(good["plcm.csv"], files["plcm.csv"]);
}

#[test]
fn codes_are_on_their_lists() {
    let registry = shipped();
    let definition = registry.load("acm@2025").unwrap();
    let list = Arc::clone(&definition.code_lists["hrg"]);
    for group in submission::GROUPS {
        assert!(list.get(group).is_some(), "{group}");
    }
    let palette = Submission::new(&definition, None, 1, false)
        .unwrap()
        .palette;
    assert_eq!(
        palette.deliveries.len(),
        17,
        "every point of delivery is on the list"
    );
}
