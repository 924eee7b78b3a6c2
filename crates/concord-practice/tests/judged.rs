//! Batches are judged without a store: what is found is what the labels of samples say, and nothing else.

#![allow(clippy::unwrap_used)] // a test fails by panicking

mod support;

use std::collections::BTreeSet;
use std::fs;
use std::path::PathBuf;

use concord_finding::{Effect, Finding, Masking};
use concord_practice::{AcceptGap, Before, ExtractRule, Judge, Outcome};
use concord_sample::practice::FaultRequest;
use support::{Practice, files, state, store};

const STANDARDS: [&str; 3] = ["emis-extract@8", "tpp-sr@93", "vision@1"];

/// What is found or labelled: the rule, the record (0: none), and the file or batch.
type Told = (String, u64, String);

fn judged(practice: &Practice, before: Before<'_>, batches: &[PathBuf]) -> Vec<Finding> {
    let mut judge = Judge::new(practice.system(), before).unwrap();
    let mut findings = Vec::new();
    for batch in practice.batches(batches) {
        let mut refused = false;
        let judged = judge
            .batch(&batch, &mut |finding| {
                refused |= finding.effect == Effect::RejectFile;
                findings.push(finding);
            })
            .unwrap();
        assert_eq!(judged.taken, !refused, "{}", judged.name);
        for file in judged.files {
            let counts = file.records;
            assert_eq!(counts.records, counts.accepted + counts.rejected);
        }
    }
    findings
}

fn paths(practice: &Practice) -> Vec<PathBuf> {
    let batches = 0..practice.written.batches.len();
    batches.map(|batch| practice.path(batch)).collect()
}

fn told(practice: &Practice, findings: &[Finding]) -> Vec<Told> {
    let root = format!("{}/", practice.folder.path().display());
    let mut told: Vec<Told> = findings
        .iter()
        .map(|one| {
            let file = one.file.strip_prefix(&*root).unwrap_or(&one.file);
            (
                one.rule.id.to_string(),
                one.record.unwrap_or(0),
                file.to_owned(),
            )
        })
        .collect();
    told.sort();
    told
}

/// The labels that are of batches.
fn labelled(practice: &Practice) -> Vec<Told> {
    let mut reader = csv::Reader::from_reader(practice.labels.as_slice());
    let mut labelled: Vec<Told> = reader
        .records()
        .map(|row| {
            let row = row.unwrap();
            (
                row[0].to_owned(),
                row[1].parse().unwrap(),
                row[5].to_owned(),
            )
        })
        .filter(|(rule, ..)| rule.starts_with("EXTRACT-"))
        .collect();
    labelled.sort();
    labelled
}

fn faulty(standard: &str, rate: f64, rules: &[&str], (months, seed): (u32, u64)) -> Practice {
    let faults = FaultRequest {
        rate,
        rules: rules.iter().map(|rule| (*rule).to_owned()).collect(),
    };
    Practice::faulty(standard, 12, months, seed, &faults)
}

#[track_caller]
fn agrees(practice: &Practice, about: &str) -> Vec<Told> {
    let findings = judged(practice, Before::Unknown, &paths(practice));
    let (told, labelled) = (told(practice, &findings), labelled(practice));
    let missed: Vec<&Told> = labelled.iter().filter(|one| !told.contains(one)).collect();
    let beyond: Vec<&Told> = told.iter().filter(|one| !labelled.contains(one)).collect();
    assert!(
        told == labelled,
        "{about}: missed {missed:?}, beyond {beyond:?}"
    );
    labelled
}

#[test]
fn what_is_right_has_no_finding() {
    for standard in STANDARDS {
        let practice = Practice::new(standard, 20, 13, 7);
        let findings = judged(&practice, Before::Unknown, &paths(&practice));
        assert_eq!(told(&practice, &findings), [], "{standard}");
        // A store that has half of them knows the others.
        let (_folder, mut store) = store();
        for batch in 0..6 {
            practice.apply(&mut store, batch).unwrap();
        }
        let findings = judged(&practice, Before::Store(&store), &paths(&practice));
        assert_eq!(told(&practice, &findings), [], "{standard}");
    }
}

#[test]
fn every_fault_is_found_as_it_is_labelled_and_nothing_else() {
    for standard in STANDARDS {
        let mut broken = BTreeSet::new();
        for seed in 1..=2 {
            for rate in [0.4, 1.0] {
                let practice = faulty(standard, rate, &[], (26, seed));
                let labelled = agrees(&practice, &format!("{standard} {seed} {rate}"));
                broken.extend(labelled.into_iter().map(|(rule, ..)| rule));
            }
        }
        let known = Practice::rules(standard);
        let known: BTreeSet<String> = known
            .into_iter()
            .filter(|rule| rule.starts_with("EXTRACT-"))
            .collect();
        assert_eq!(broken, known, "{standard}");
    }
}

#[test]
fn each_rule_of_batches_is_broken_by_itself() {
    for standard in STANDARDS {
        for rule in Practice::rules(standard) {
            if !rule.starts_with("EXTRACT-") || rule == "EXTRACT-CELLS" {
                continue;
            }
            let practice = faulty(standard, 1.0, &[&rule], (6, 2));
            let labelled = agrees(&practice, &format!("{standard} {rule}"));
            assert!(
                labelled.iter().any(|(made, ..)| *made == rule),
                "{standard} {rule}"
            );
        }
    }
}

/// What no sample can break, because it is about what a store holds.
#[test]
fn what_a_store_holds_decides() {
    for standard in STANDARDS {
        let practice = Practice::new(standard, 8, 2, 3);
        let rules = |before: Before<'_>, batch: usize| -> Vec<String> {
            let findings = judged(&practice, before, &[practice.path(batch)]);
            let messages = findings.iter().map(|one| one.message(Masking::Masked));
            assert!(messages.into_iter().all(|text| !text.contains("(none)")));
            let mut rules: Vec<String> =
                findings.iter().map(|one| one.rule.id.to_string()).collect();
            rules.dedup();
            rules
        };
        assert_eq!(rules(Before::Unknown, 1), [""; 0], "{standard}");
        assert!(rules(Before::Nothing, 1).contains(&"EXTRACT-NO-BULK".to_owned()));
        let (_folder, mut store) = store();
        practice.apply(&mut store, 0).unwrap();
        assert_eq!(rules(Before::Store(&store), 0), [""; 0]);
        let path = files(&practice.path(0)).pop().unwrap();
        let mut bytes = fs::read(&path).unwrap();
        bytes.extend_from_slice(b"\r\n");
        fs::write(&path, bytes).unwrap();
        let manifest = path.to_string_lossy().contains("Manifest");
        assert!(
            manifest || rules(Before::Store(&store), 0) == ["EXTRACT-CHANGED"],
            "{standard}"
        );
        let other = if standard == "vision@1" {
            "tpp-sr@93"
        } else {
            "vision@1"
        };
        let other = Practice::new(other, 8, 1, 3);
        let findings = judged(&other, Before::Store(&store), &[other.path(0)]);
        assert!(
            findings
                .iter()
                .any(|one| *one.rule.id == *ExtractRule::Other.id())
        );
    }
}

/// A batch that is refused by a store breaks a rule that is found without one, and the other way round.
#[test]
fn stores_refuse_what_is_found() {
    for standard in STANDARDS {
        let practice = faulty(standard, 1.0, &[], (20, 5));
        let labelled = labelled(&practice);
        let refused = |batch: &str| {
            let warnings = [
                "EXTRACT-REFERENCE",
                "EXTRACT-CODE",
                "EXTRACT-HELD",
                "EXTRACT-GAP",
                "EXTRACT-ORDER",
            ];
            labelled
                .iter()
                .filter(|(.., file)| file.split('/').next() == Some(batch))
                .any(|(rule, ..)| !warnings.contains(&rule.as_str()))
        };
        let order = |batch: &str| {
            labelled.iter().any(|(rule, _, file)| {
                ["EXTRACT-GAP", "EXTRACT-ORDER"].contains(&rule.as_str()) && file == batch
            })
        };
        let (_folder, mut store) = store();
        let (mut taken, mut refusals) = (0, 0);
        for (number, batch) in practice.written.batches.clone().iter().enumerate() {
            if order(batch) {
                continue;
            }
            // Numbers of faulty samples go on behind what is missing, so that each batch is tried beside the right ones before it.
            let applied = store.apply(practice.system(), &practice.batch(number), AcceptGap::Yes);
            match applied {
                Ok(applied) => {
                    assert!(!refused(batch), "{standard} {batch}: {applied:?}");
                    assert!(matches!(applied.outcome, Outcome::Now { .. }));
                    taken += 1;
                }
                Err(error) => {
                    let rule = error.rule().unwrap_or_else(|| panic!("{error}")).id();
                    assert!(
                        labelled.iter().any(|(known, _, file)| known == rule
                            && file.split('/').next() == Some(batch.as_str())),
                        "{standard} {batch}: {error}"
                    );
                    refusals += 1;
                }
            }
        }
        assert!(taken > 0 && refusals > 0, "{standard}: {taken} {refusals}");
    }
}

/// Of several practices under one agreement one disables it: it stays as it was, the others go on, through a second bulk too.
#[test]
fn a_practice_that_disabled_its_agreement_stays_as_it_was() {
    for seed in 1..=2 {
        let practice = Practice::several(24, 13, seed, 3);
        let (_folder, mut store) = store();
        let (mut held_rows, mut resumed_by, mut stopped) = (0, 0, BTreeSet::new());
        for batch in 0..practice.written.batches.len() {
            let before = state(&store, practice.system());
            match practice.apply(&mut store, batch).unwrap() {
                Outcome::Now {
                    held,
                    held_rows: rows,
                    resumed,
                    ..
                } => {
                    held_rows += rows;
                    resumed_by += resumed.len();
                    stopped.extend(held.clone());
                    let after = state(&store, practice.system());
                    for name in &held {
                        let of = |state: &concord_sample::practice::State| {
                            let rows = state
                                .iter()
                                .filter(|(table, _)| !table.starts_with("agreements"));
                            let rows = rows.flat_map(|(table, rows)| {
                                rows.iter().map(move |row| (table.clone(), row.clone()))
                            });
                            rows.filter(|(_, row)| row.get("ORGANISATION_GUID") == Some(name))
                                .collect::<Vec<_>>()
                        };
                        assert!(of(&before) == of(&after), "batch {batch}");
                        assert!(!of(&before).is_empty());
                    }
                }
                Outcome::Before => panic!("{batch} was not applied before"),
            }
            if batch % 3 == 2 {
                for table in store.tables() {
                    store.latest(practice.system(), &table).unwrap();
                }
            }
            if !stopped.is_empty() && resumed_by == 0 && batch % 3 == 1 {
                let verified = store.verify(practice.system()).unwrap();
                assert_eq!(verified.held.len(), 1);
                assert!(stopped.contains(&verified.held[0].organisation));
            }
        }
        assert_eq!((stopped.len(), resumed_by), (1, 1));
        assert!(held_rows > 8, "{held_rows}");
        practice.agrees(&store);
        // It says so where batches are judged, once.
        let findings = judged(&practice, Before::Unknown, &paths(&practice));
        let rules: Vec<&str> = findings.iter().map(|one| &*one.rule.id).collect();
        assert_eq!(rules, ["EXTRACT-HELD"]);
    }
}
