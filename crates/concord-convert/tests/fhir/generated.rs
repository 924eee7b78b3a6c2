//! Generated records: everything that is in a record is in the resources and comes back, or is told as lost.

use std::collections::BTreeSet;

use concord_convert::builder::{Origin, RecordsBuilder};
use concord_convert::fhir::FhirForm;
use concord_convert::records::Records;
use concord_model::entities::{ENTITIES, Entity, Field, Kind};
use concord_sample::Dice;

use crate::oracle::Oracle;
use crate::support::shipped;
use crate::trip::{Files, dangling, mapping, unaccounted};

/// Codes that mean something somewhere, so that many fields get one of theirs.
fn codes() -> Vec<String> {
    let files = shipped();
    let maps = files.iter().filter(|(path, _)| path.starts_with("maps/fhir-"));
    let codes: BTreeSet<String> = maps
        .flat_map(|(_, text)| {
            let mut rows = csv::Reader::from_reader(text.as_bytes());
            let codes: Vec<String> = rows.records().map(|row| row.unwrap()[1].to_owned()).collect();
            codes
        })
        .collect();
    let others = ["2", "3", "6", "primary", "secondary", "patient", "mother", "ZZZ", "no code"];
    codes.into_iter().chain(others.map(str::to_owned)).collect()
}

fn value(dice: &mut Dice, field: &Field, codes: &[String]) -> String {
    match (field.name, field.kind) {
        ("role", _) if dice.percent(70) => "patient".to_owned(),
        ("direction", _) => dice.pick(&["incoming", "outgoing", "sideways"]).unwrap().to_string(),
        ("code_system" | "reason_code_system", _) if dice.percent(80) => {
            dice.pick(&["snomed-ct", "icd-10", "opcs-4"]).unwrap().to_string()
        }
        (_, Kind::Text) => dice
            .pick(&["999 000 0018", "RXX", "Ünsworth", "  padded ", "I10X", "34014006", "3,4|5\"6", "\t", "x"])
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
            let zone = dice.pick(&["Z", "+01:00", "+00:00", "-05:30"]).unwrap().to_string();
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
    let (year, month, day) = (dice.between(1996, 2030), dice.between(1, 12), dice.between(1, 28));
    format!("{year}-{month:02}-{day:02}")
}

fn time(dice: &mut Dice) -> String {
    format!("{:02}:{:02}:{:02}", dice.below(24), dice.below(60), dice.below(60))
}

/// Some records with rows of most entities, `dense` of a hundred fields of which hold something.
fn records(seed: u64, dense: u8) -> Records {
    let mut dice = Dice::new(seed);
    let codes = codes();
    let mut builder = RecordsBuilder::new(Origin {
        standard: Some("cds@6-3-1".into()),
        file: "a file.xml".into(),
        interchange: Some("1".into()),
    });
    for record in 1..=5 {
        let mut rows: Vec<(&Entity, i64)> = Vec::new();
        for entity in ENTITIES {
            let most = if dice.percent(60) { dice.below(4) } else { 0 };
            for _ in 0..most {
                let values: Vec<(&str, String)> = entity
                    .fields
                    .iter()
                    .filter_map(|field| {
                        let there = dice.percent(dense) || matches!(field.name, "role" | "direction");
                        there.then(|| (field.name, value(&mut dice, field, &codes)))
                    })
                    .collect();
                let values: Vec<(&str, &str)> = values.iter().map(|(name, value)| (*name, value.as_str())).collect();
                let parents: Vec<i64> = rows
                    .iter()
                    .filter(|(other, _)| Some(other.name) == entity.parent)
                    .map(|(_, sequence)| *sequence)
                    .collect();
                let parent = dice.pick(&parents).copied();
                let sequence = builder.add(entity.name, record, parent, &values);
                rows.push((entity, sequence));
            }
        }
    }
    builder.finish().unwrap().0
}

#[test]
fn what_is_not_told_as_lost_comes_back() {
    let mapping = mapping();
    for seed in 0..120 {
        let records = [records(seed, [10, 40, 90][seed as usize % 3])];
        for form in [FhirForm::Bundles, FhirForm::Ndjson] {
            let files = Files::write(&records, &mapping, form);
            let (back, losses) = files.read(&mapping);
            let problems = unaccounted(&records, &back, &files.written.losses.list());
            assert!(problems.is_empty(), "seed {seed} {form:?}: {}", problems.join("\n"));
            assert!(losses.is_empty(), "seed {seed} {form:?}: {:?}", losses.list());
            let problems = dangling(&files);
            assert!(problems.is_empty(), "seed {seed} {form:?}: {}", problems.join("\n"));
        }
    }
}

#[test]
fn generated_resources_are_valid() {
    let Some(oracle) = Oracle::open() else {
        return;
    };
    let mapping = mapping();
    for seed in 0..12 {
        let records = [records(1_000 + seed, [10, 40, 90][seed as usize % 3])];
        let files = Files::write(&records, &mapping, FhirForm::Ndjson);
        for resource in files.resources() {
            let problems = oracle.problems(&resource);
            assert!(problems.is_empty(), "seed {seed}: {resource:#}\n{}", problems.join("\n"));
        }
    }
}

#[test]
fn the_same_records_make_the_same_files() {
    let mapping = mapping();
    let one = Files::write(&[records(7, 50)], &mapping, FhirForm::Ndjson);
    let two = Files::write(&[records(7, 50)], &mapping, FhirForm::Ndjson);
    assert_eq!(one.lines(), two.lines());
    assert!(one.written.resources.values().sum::<u64>() > 10);
    assert_eq!(one.written.files.len(), one.written.resources.len());
}
