//! Commissioning data sets on their way to commissioners: JSON Lines, SUS+ extracts, priced lines.

#![allow(clippy::unwrap_used)] // a test fails by panicking

mod support;

use std::collections::BTreeSet;
use std::fmt::Write as _;

use concord_convert::LossReason;
use concord_convert::json_lines::{JsonLinesWriter, schema};
use concord_convert::standing::Standing;
use concord_convert::tables_out::aggregate::Aggregating;
use concord_convert::tables_out::priced::{
    Groups, Lists, PointsOfDelivery, PriceList, PricedWriter, Pricing, Responsible,
};
use concord_convert::tables_out::{ExtractLayout, TableWriter};
use concord_sample::cds::{Protocol, Request, write};
use serde_json::Value;
use support::{Standard, cells, shipped};

const POINTS: &str = include_str!("../../../schemas/point-of-delivery/one-board/points.toml");

fn sample(standard: &Standard, records: u64, types: &[&str]) -> Vec<u8> {
    let request = Request {
        schema: &standard.definition.schema,
        records,
        seed: 4,
        types: types.iter().map(|code| (*code).to_owned()).collect(),
        protocol: Protocol::Net,
        faults: None,
        fault_rules: Vec::new(),
    };
    let mut text = Vec::new();
    write(&request, &mut text, None).unwrap();
    text
}

fn json_lines(standard: &Standard, text: &[u8]) -> Vec<Value> {
    let (writer, _) = standard.convert_document(text, JsonLinesWriter::new(Vec::new()));
    let (written, bytes) = writer.finish().unwrap();
    assert!(written.losses.is_empty(), "{:?}", written.losses.list());
    let lines = std::str::from_utf8(&bytes).unwrap().lines();
    lines
        .map(|line| serde_json::from_str(line).unwrap())
        .collect()
}

/// What the lines say of each record by itself, in the order of its identifier, which is that of the sample.
fn separate(standard: &Standard, text: &[u8]) -> Vec<Value> {
    let mut records = Vec::new();
    for line in json_lines(standard, text) {
        let Some(episodes) = line["record"]["episodes"].as_object() else {
            records.push(line);
            continue;
        };
        for episode in episodes.values() {
            let mut record = episode.clone();
            record["hospital_spell"] = line["record"]["hospital_spell"].clone();
            records.push(serde_json::json!({ "record": record }));
        }
    }
    let unique =
        |line: &Value| line["record"]["activity_record"]["cds_unique_identifier"].to_string();
    records.sort_by_key(unique);
    records
}

#[test]
fn every_record_is_a_line_that_keeps_to_the_schema() {
    let files = shipped();
    let validator = jsonschema::validator_for(&schema()).unwrap();
    for version in ["cds/6-2-2", "cds/6-2-3", "cds/6-3-1"] {
        let standard = Standard::load(&files, version);
        let text = sample(&standard, 120, &[]);
        let lines = json_lines(&standard, &text);
        assert_eq!(lines.len(), 120, "{version}");
        for line in &lines {
            let errors: Vec<String> = validator
                .iter_errors(line)
                .map(|error| error.to_string())
                .collect();
            assert_eq!(errors, Vec::<String>::new(), "{version}");
            if let Some(episodes) = line["record"]["episodes"].as_object() {
                assert!(line["key"].as_str().unwrap().contains("/spell/"));
                for (key, episode) in episodes {
                    assert_eq!(*key, episode["activity_record"]["cds_unique_identifier"]);
                }
                continue;
            }
            let told = &line["record"]["activity_record"]["cds_update_type"];
            let operation = if told == "1" { "delete" } else { "insert" };
            assert_eq!(line["operation"], operation);
            assert_eq!(
                line["key"],
                line["record"]["activity_record"]["cds_unique_identifier"]
            );
        }
        assert_eq!(
            json_lines(&standard, &text),
            lines,
            "{version}: the same every time"
        );
    }
}

/// A text at a path of JSON Lines' record.
fn text<'l>(line: &'l Value, pointer: &str) -> &'l str {
    line["record"]
        .pointer(pointer)
        .and_then(Value::as_str)
        .unwrap_or_default()
}

#[test]
fn spells_and_attendances_become_extracts() {
    let files = shipped();
    let standard = Standard::load(&files, "cds/6-3-1");
    for (folder, types, kind, identifier) in [
        (
            "sus/apc",
            ["130"],
            "Hospital Provider Spell Number",
            "/hospital_spell/hospital_provider_spell_identifier",
        ),
        (
            "sus/op",
            ["020"],
            "Attendance Identifier",
            "/outpatient_attendance/outpatient_attendance_identifier",
        ),
    ] {
        let document = sample(&standard, 60, &types);
        let layout = ExtractLayout::load(&files, folder).unwrap();
        let writer = TableWriter::of_extract(&layout, Vec::new()).unwrap();
        let (writer, _) = standard.convert_document(&document, writer);
        let (written, bytes) = writer.finish().unwrap();
        let rows = cells(&bytes);
        let lines = separate(&standard, &document);
        let place = |name: &str| rows[0].iter().position(|header| header == name).unwrap();
        let column = |name: &str| {
            let place = place(name);
            rows[1..]
                .iter()
                .map(|row| row[place].clone())
                .collect::<Vec<_>>()
        };
        let with: Vec<&Value> = lines
            .iter()
            .filter(|line| !text(line, identifier).is_empty())
            .collect();
        assert!(with.len() > 40, "{folder}: most have an identifier");
        assert_eq!(written.rows, with.len() as u64, "{folder}");
        let expected = |pointer: &str| {
            with.iter()
                .map(|line| text(line, pointer).to_owned())
                .collect::<Vec<_>>()
        };
        assert_eq!(column(kind), expected(identifier), "{folder}");
        let unique = "/activity_record/cds_unique_identifier";
        assert_eq!(
            column("Unique CDS identifier"),
            expected(unique),
            "{folder}"
        );
        let practice = "/registration/0/general_medical_practice_patient_registration";
        assert_eq!(
            column("Practice Code of Registered GP"),
            expected(practice),
            "{folder}"
        );
        let first = rows[0]
            .iter()
            .position(|header| header == "Diagnosis (ICD) 1")
            .unwrap();
        let primary: Vec<String> = with
            .iter()
            .map(|line| {
                let diagnoses = line["record"]["diagnosis"].as_array();
                let mut diagnoses = diagnoses.into_iter().flatten();
                let primary = diagnoses.find(|diagnosis| {
                    diagnosis["role"] == "primary" && diagnosis["code_system"] == "icd-10"
                });
                primary
                    .and_then(|found| found["code"].as_str())
                    .unwrap_or_default()
                    .to_owned()
            })
            .collect();
        assert!(primary.iter().any(|code| !code.is_empty()));
        let found: Vec<String> = rows[1..].iter().map(|row| row[first].clone()).collect();
        assert_eq!(found, primary, "{folder}");
    }
}

#[test]
fn activity_becomes_lines_and_aggregates() {
    let files = shipped();
    let standard = Standard::load(&files, "cds/6-3-1");
    let plcm = Standard::load(&files, "plcm/2025");
    let acm = Standard::load(&files, "acm/2025");
    for (records, code, group, identifier) in [
        (400, "020", "WF01A", "OUT_PATIENT_ATTENDANCE_IDENTIFIER"),
        (150, "130", "HN22A", "HOSPITAL_PROVIDER_SPELL_IDENTIFIER"),
    ] {
        let document = sample(&standard, records, &[code]);
        let mut groups = "cds_unique_identifier,healthcare_resource_group\n".to_owned();
        let mut practices = BTreeSet::new();
        for line in separate(&standard, &document) {
            let unique = text(&line, "/activity_record/cds_unique_identifier");
            writeln!(groups, "{unique},{group}").unwrap();
            let practice = "/registration/0/general_medical_practice_patient_registration";
            practices.insert(format!("{},01H\n", text(&line, practice)));
        }
        let practices: String = practices.into_iter().collect();
        let practices = format!("practice,commissioner\n{practices}");
        let prices = format!("tariff_code,national,service_category,price\n{group},Y,21,120.05\n");
        let mut lists = Lists::default();
        lists.add("reduced-short-stay", "AA01Z".as_bytes()).unwrap();
        let pricing = || Pricing {
            points: PointsOfDelivery::read(POINTS).unwrap(),
            lists: lists.clone(),
            prices: PriceList::read(prices.as_bytes()).unwrap(),
            groups: Groups::read(groups.as_bytes()).unwrap(),
            responsible: Responsible::read(practices.as_bytes()).unwrap(),
            created: "2026-07-12T09:00:00".into(),
        };
        let table = TableWriter::new(&plcm.definition, &plcm.mapping, Vec::new()).unwrap();
        let (writer, _) = standard.convert_document(
            &document,
            PricedWriter::new(pricing(), Standing::default(), table),
        );
        let (table, made, losses) = writer.into_writer();
        let (written, bytes) = table.finish().unwrap();
        let lost = losses.list();
        let not_made: u64 = lost.iter().map(|loss| loss.count).sum();
        assert_eq!(made + not_made, records, "{code}: {lost:?}");
        assert!(
            lost.iter()
                .all(|loss| loss.reason == LossReason::Incomplete),
            "{lost:?}"
        );
        assert_eq!(written.rows + written.left_out, made, "{code}");
        assert!(made > 10 && written.rows > 5, "{code}: {made} {lost:?}");
        assert_eq!(plcm.findings(&bytes), Vec::<String>::new(), "{code}");
        let rows = cells(&bytes);
        let place = rows[0]
            .iter()
            .position(|header| header == identifier)
            .unwrap();
        assert!(rows[1..].iter().any(|row| !row[place].is_empty()), "{code}");

        // The aggregate of the same lines costs the same.
        let adding = Aggregating::for_standard(&acm.definition, &acm.mapping);
        let adding = PricedWriter::new(pricing(), Standing::default(), adding);
        let (writer, _) = standard.convert_document(&document, adding);
        let (aggregates, _) = writer.into_writer().0.finish().unwrap();
        let pence = |price: &str| {
            let (pounds, part) = price.split_once('.').unwrap_or((price, ""));
            format!("{pounds}{part:0<2}").parse::<u64>().unwrap()
        };
        let prices = aggregates.records().filter_map(|record| {
            let aggregate = record.first("contract_aggregate")?;
            Some(pence(&aggregate.text("contract_monitoring_actual_price")?))
        });
        assert_eq!(prices.sum::<u64>(), made * 12_005, "{code}");
    }
}
