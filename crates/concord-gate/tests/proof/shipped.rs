//! What is said of the shipped standards is proved, and nothing contradicts it.

use std::collections::BTreeMap;
use std::path::Path;
use std::time::Instant;

use concord_gate::change::{Certainty, ChangePlace, Side, Whom};
use concord_gate::proof::{Checker, ProofOptions, prove};
use concord_gate::{CompareOptions, compare};
use concord_standards::registry::Registry;

use crate::support::{Light, subject};

fn shipped() -> Registry {
    fn gather(folder: &Path, under: &str, files: &mut BTreeMap<String, String>) {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            let name = format!("{under}{}", path.file_name().unwrap().to_string_lossy());
            if path.is_dir() {
                gather(&path, &format!("{name}/"), files);
            } else {
                files.insert(name, std::fs::read_to_string(&path).unwrap());
            }
        }
    }
    let mut files = BTreeMap::new();
    gather(
        &Path::new(env!("CARGO_MANIFEST_DIR")).join("../../schemas"),
        "",
        &mut files,
    );
    Registry::new(vec![Box::new(files)]).unwrap()
}

/// Compares two shipped standards and proves what is said, without rules.
///
/// At least so many of a hundred claims that submitters are broken must be proved.
fn proved(pairs: &[(&str, &str, usize)]) {
    let registry = shipped();
    let mut few = Vec::new();
    for (old, new, least) in pairs {
        let (old, new) = (
            subject(registry.load(old).unwrap()),
            subject(registry.load(new).unwrap()),
        );
        let mut comparison = compare(&old, &new, &CompareOptions::default());
        let checker = Light::new(&old, &new);
        let start = Instant::now();
        let options = ProofOptions::default();
        prove(&mut comparison, &old, &new, &checker, &options);
        let (mut claims, mut shown, mut largest) = (0, 0, 0);
        let mut open: BTreeMap<String, usize> = BTreeMap::new();
        for change in &comparison.changes {
            if let Some(witness) = &change.witness {
                let text = witness.submission.as_bytes();
                let other = match witness.taken_by {
                    Side::Old => Side::New,
                    Side::New => Side::Old,
                };
                assert!(
                    checker.check(witness.taken_by, text).accepted,
                    "{}",
                    witness.submission
                );
                assert!(
                    !checker.check(other, text).accepted,
                    "{}",
                    witness.submission
                );
                assert!(!witness.refused_with.is_empty());
                largest = largest.max(witness.submission.lines().count());
            }
            for breaks in &change.breaks {
                let contradicted = breaks.why.contains("contradicted: ");
                assert!(
                    !contradicted,
                    "{} {:?}: {}",
                    change.rule.id, change.place, breaks.why
                );
                // Without rules nothing can be said of rules.
                if breaks.whom != Whom::Submitter || matches!(change.place, ChangePlace::Rule(_)) {
                    continue;
                }
                claims += 1;
                if breaks.certainty == Certainty::Proved {
                    shown += 1;
                } else {
                    let key = format!(
                        "{} {:?} {:?} {}",
                        change.rule.id, change.place, breaks.certainty, breaks.why
                    );
                    *open.entry(key.chars().take(330).collect()).or_default() += 1;
                }
            }
        }
        eprintln!(
            "{} to {}: {} changes, {claims} break submitters, {shown} proved in {:?}; the largest witness has {largest} lines",
            old.name,
            new.name,
            comparison.changes.len(),
            start.elapsed()
        );
        for (what, count) in open.iter().take(40) {
            eprintln!("  {count} {what}");
        }
        if shown * 100 < claims * least {
            few.push(format!("{}: {shown} of {claims}", new.name));
        }
    }
    assert!(few.is_empty(), "{few:?}");
}

#[test]
fn commissioning_data_sets() {
    proved(&[
        ("cds@6-2-2", "cds@6-2-3", 100),
        ("cds@6-2-3", "cds@6-3-1", 100),
    ]);
}

#[test]
fn contract_monitoring() {
    proved(&[
        ("acm@2", "acm@2025", 100),
        ("drplcm@2", "drplcm@3", 100),
        ("drplcm@3", "drplcm@2025", 100),
        ("plcm@2", "plcm@2025", 100),
        ("deplcm@2", "deplcm@2025", 100),
    ]);
}
