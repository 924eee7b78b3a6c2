//! Generated records: everything that is in a record is in the resources and comes back, or is told as lost.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::path::PathBuf;
use std::sync::Arc;

use concord_convert::builder::{Origin, RecordsBuilder};
use concord_convert::fhir::{FhirForm, FhirSource, FhirWriter};
use concord_convert::records::{RecordSource as _, RecordWriter as _, Records};
use concord_model::entities::{ENTITIES, Entity, Field, Kind};
use concord_sample::Dice;

use crate::oracle::Oracle;
use crate::support::shipped;
use crate::trip::{Files, dangling, lost_again, mapping, unaccounted};

/// Codes that mean something somewhere, so that many fields get one of theirs.
fn codes() -> Vec<String> {
    let files = shipped();
    let maps = files
        .iter()
        .filter(|(path, _)| path.starts_with("maps/fhir-"));
    let codes: BTreeSet<String> = maps
        .flat_map(|(_, text)| {
            let mut rows = csv::Reader::from_reader(text.as_bytes());
            let codes: Vec<String> = rows
                .records()
                .map(|row| row.unwrap()[1].to_owned())
                .collect();
            codes
        })
        .collect();
    let others = [
        "2",
        "3",
        "6",
        "primary",
        "secondary",
        "patient",
        "mother",
        "ZZZ",
        "no code",
    ];
    codes.into_iter().chain(others.map(str::to_owned)).collect()
}

fn value(dice: &mut Dice, field: &Field, codes: &[String]) -> String {
    match (field.name, field.kind) {
        ("role", _) if dice.percent(70) => "patient".to_owned(),
        ("direction", _) => dice
            .pick(&["incoming", "outgoing", "sideways"])
            .unwrap()
            .to_string(),
        ("code_system" | "reason_code_system", _) if dice.percent(80) => dice
            .pick(&["snomed-ct", "icd-10", "opcs-4"])
            .unwrap()
            .to_string(),
        (_, Kind::Text) => dice
            .pick(&[
                "999 000 0018",
                "RXX",
                "Ünsworth",
                "  padded ",
                "I10X",
                "34014006",
                "3,4|5\"6",
                "\t",
                "x",
            ])
            .unwrap()
            .to_string(),
        (_, Kind::Code { .. }) => dice.pick(codes).unwrap().clone(),
        (_, Kind::Date) => day(dice),
        (_, Kind::Time) => match dice.below(10) {
            0 => "24:00:00".to_owned(),
            1 => "12:30".to_owned(),
            _ => time(dice),
        },
        (_, Kind::Moment) => {
            let zone = dice
                .pick(&["Z", "+01:00", "+00:00", "-05:30"])
                .unwrap()
                .to_string();
            format!("{}T{}{zone}", day(dice), time(dice))
        }
        (_, Kind::PartialDate) => {
            let long = dice.pick(&[4, 7, 10]).copied().unwrap();
            day(dice)[..long].to_owned()
        }
        (_, Kind::Integer) => dice.between(-5, 1_000).to_string(),
        (_, Kind::Decimal { .. }) => "1.5".to_owned(),
        (_, Kind::Boolean) => dice.percent(50).to_string(),
    }
}

fn day(dice: &mut Dice) -> String {
    // Days on which the clock is changed among them.
    let known = ["2025-03-30", "2025-10-26", "2024-02-29", "1930-01-01"];
    if dice.percent(20) {
        return dice.pick(&known).unwrap().to_string();
    }
    let (year, month, day) = (
        dice.between(1996, 2030),
        dice.between(1, 12),
        dice.between(1, 28),
    );
    format!("{year}-{month:02}-{day:02}")
}

fn time(dice: &mut Dice) -> String {
    format!(
        "{:02}:{:02}:{:02}",
        dice.below(24),
        dice.below(60),
        dice.below(60)
    )
}

/// Some records with rows of most entities, `dense` of a hundred fields of which hold something.
fn records(seed: u64, dense: u8, codes: &[String]) -> Records {
    records_of("a file.xml", seed, dense, codes)
}

fn records_of(file: &str, seed: u64, dense: u8, codes: &[String]) -> Records {
    let mut dice = Dice::new(seed);
    let mut builder = RecordsBuilder::new(Origin {
        standard: Some("cds@6-3-1".into()),
        file: file.into(),
        interchange: Some("1".into()),
    });
    for record in 1..=5 {
        let mut rows: Vec<(&Entity, i64)> = Vec::new();
        for entity in ENTITIES {
            let most = if dice.percent(60) { dice.below(4) } else { 0 };
            let parents: Vec<i64> = rows
                .iter()
                .filter(|(other, _)| Some(other.name) == entity.parent)
                .map(|(_, sequence)| *sequence)
                .collect();
            // Rows stand in the order of those that they lie in, as in a document.
            let mut parents: Vec<Option<i64>> =
                (0..most).map(|_| dice.pick(&parents).copied()).collect();
            parents.sort_unstable();
            for parent in parents {
                let values: Vec<(&str, String)> = entity
                    .fields
                    .iter()
                    .filter_map(|field| {
                        let there =
                            dice.percent(dense) || matches!(field.name, "role" | "direction");
                        there.then(|| (field.name, value(&mut dice, field, codes)))
                    })
                    .collect();
                let values: Vec<(&str, &str)> = values
                    .iter()
                    .map(|(name, value)| (*name, value.as_str()))
                    .collect();
                let sequence = builder.add(entity.name, record, parent, &values);
                rows.push((entity, sequence));
            }
        }
    }
    builder.finish().unwrap().0
}

#[test]
fn what_is_not_told_as_lost_comes_back() {
    let (mapping, codes) = (mapping(), codes());
    for seed in 0..60 {
        let records = [records(seed, [10, 40, 90][seed as usize % 3], &codes)];
        for form in [FhirForm::Bundles, FhirForm::Ndjson] {
            let files = Files::write(&records, &mapping, form);
            let (back, losses) = files.read(&mapping);
            let problems = unaccounted(&records, &back, &files);
            assert!(
                problems.is_empty(),
                "seed {seed} {form:?}: {}",
                problems.join("\n")
            );
            let lost = lost_again(&losses);
            assert!(lost.is_empty(), "seed {seed} {form:?}: {lost:?}");
            let problems = dangling(&files);
            assert!(
                problems.is_empty(),
                "seed {seed} {form:?}: {}",
                problems.join("\n")
            );
        }
    }
}

#[test]
fn generated_resources_are_valid() {
    let Some(oracle) = Oracle::open() else {
        return;
    };
    let (mapping, codes) = (mapping(), codes());
    for seed in 0..12 {
        let records = [records(
            1_000 + seed,
            [10, 40, 90][seed as usize % 3],
            &codes,
        )];
        let files = Files::write(&records, &mapping, FhirForm::Ndjson);
        for resource in files.resources() {
            let problems = oracle.problems(&resource);
            assert!(
                problems.is_empty(),
                "seed {seed}: {resource:#}\n{}",
                problems.join("\n")
            );
        }
    }
}

#[test]
fn the_same_records_make_the_same_files() {
    let (mapping, codes) = (mapping(), codes());
    let one = Files::write(&[records(7, 50, &codes)], &mapping, FhirForm::Ndjson);
    let two = Files::write(&[records(7, 50, &codes)], &mapping, FhirForm::Ndjson);
    assert_eq!(one.lines(), two.lines());
    assert!(one.written.resources.values().sum::<u64>() > 10);
    assert_eq!(one.written.files.len(), one.written.resources.len());
}

/// Files of one name, of two senders: what is not about an organisation or a site has ids that nobody else has.
#[test]
fn files_of_one_name_have_ids_of_their_own() {
    let (mapping, codes) = (mapping(), codes());
    let ids = |seed: u64| {
        let records = [records_of("may.xml", seed, 60, &codes)];
        let files = Files::write(&records, &mapping, FhirForm::Ndjson);
        let resources = files.resources().into_iter();
        let own = resources.filter(|one| one["resourceType"] == "Patient");
        let ids = own.map(|one| one["id"].as_str().unwrap_or_default().to_owned());
        ids.collect::<BTreeSet<String>>()
    };
    assert!(!ids(3).is_empty());
    assert_eq!(ids(3), ids(3));
    assert!(ids(3).is_disjoint(&ids(4)));
}

/// Two files written one after another, or side by side as parts: the records of each come back together.
#[test]
fn files_are_told_apart() {
    let (mapping, codes) = (mapping(), codes());
    let both = [
        records_of("b.xml", 3, 60, &codes),
        records_of("a.xml", 4, 60, &codes),
    ];
    let alone = both.each_ref().map(|records| {
        let files = Files::write(std::slice::from_ref(records), &mapping, FhirForm::Ndjson);
        rows(&files.read(&mapping).0)
    });
    let expected: Vec<String> = alone.concat();
    let together = Files::write(&both, &mapping, FhirForm::Ndjson);
    assert_eq!(rows(&together.read(&mapping).0), expected);

    let folder = tempfile::tempdir().unwrap();
    for (part, records) in both.iter().enumerate() {
        let writer =
            FhirWriter::create(folder.path(), Arc::clone(&mapping), FhirForm::Ndjson).unwrap();
        let mut writer = writer.part(part);
        writer.write(records).unwrap();
        let written = writer.finish().unwrap();
        assert!(
            written.files.iter().all(|path| path.is_file()),
            "{:?}",
            written.files
        );
    }
    let mut paths: Vec<PathBuf> = std::fs::read_dir(folder.path())
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect();
    paths.sort();
    assert!(
        paths
            .iter()
            .all(|path| path.extension().unwrap() == "ndjson"),
        "{paths:?}"
    );
    let mut source = FhirSource::open(&paths, mapping).unwrap();
    let mut back = Vec::new();
    while let Some(records) = source.next().unwrap() {
        back.push(records);
    }
    assert_eq!(rows(&back), expected);
}

/// A writer that is given up leaves nothing.
#[test]
fn what_is_not_finished_is_not_there() {
    let folder = tempfile::tempdir().unwrap();
    let mut writer = FhirWriter::create(folder.path(), mapping(), FhirForm::Bundles).unwrap();
    writer.write(&records(3, 60, &codes())).unwrap();
    drop(writer);
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0);
}

/// The rows of each record as one text.
fn rows(all: &[Records]) -> Vec<String> {
    let told = all.iter().flat_map(|records| {
        let told = records.records().map(|record| {
            let mut told = String::new();
            for entity in ENTITIES {
                for row in record.rows(entity.name) {
                    let parent = row.integer("parent_sequence");
                    write!(told, "{} {:?} {parent:?}", entity.name, row.sequence()).unwrap();
                    for field in entity.fields {
                        if let Some(text) = row.text(field.name) {
                            write!(told, " {}={text}", field.name).unwrap();
                        }
                    }
                    told.push('\n');
                }
            }
            told
        });
        told.collect::<Vec<String>>()
    });
    told.collect()
}
