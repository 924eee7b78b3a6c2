//! Tables written from canonical records: what comes back is what went in.

#![allow(clippy::unwrap_used)] // a test fails by panicking

mod support;

use std::collections::BTreeMap;
use std::io::Write as _;
use std::sync::{Arc, Mutex};

use concord_convert::records::RecordWriter as _;
use concord_convert::tables_out::TableWriter;
use concord_convert::tables_out::aggregate::Aggregating;
use concord_convert::{LossReason, OnReject};
use concord_sample::tables::set::{SetRequest, write_set};
use concord_sample::tables::{Request, write};
use support::{Standard, cells, shipped};

const CONTRACT: [&str; 11] = [
    "acm/2",
    "acm/2025",
    "plcm/2",
    "plcm/2025",
    "drplcm/2",
    "drplcm/3",
    "drplcm/2025",
    "deplcm/2",
    "deplcm/2025",
    "iap/2026",
    "local-prices/2026",
];

/// A number as the canonical model writes it, everything else as it stands.
fn normalised(cell: &str) -> String {
    let digits = cell.strip_prefix('-').unwrap_or(cell);
    let is_number = digits.contains('.')
        && digits
            .bytes()
            .all(|byte| byte.is_ascii_digit() || byte == b'.')
        && digits.matches('.').count() == 1;
    if is_number {
        cell.trim_end_matches('0').trim_end_matches('.').to_owned()
    } else {
        cell.to_owned()
    }
}

fn sample(standard: &Standard, rows: u64, seed: u64, faults: Option<f64>) -> Vec<u8> {
    let request = Request {
        definition: &standard.definition,
        rows,
        seed,
        year: None,
        faults,
        fault_rules: Vec::new(),
    };
    let (mut text, mut labels) = (Vec::new(), Vec::new());
    write(&request, &mut text, Some(&mut labels)).unwrap();
    text
}

#[test]
fn contract_monitoring_comes_back_as_it_went_in() {
    let files = shipped();
    for folder in CONTRACT {
        let standard = Standard::load(&files, folder);
        for seed in [1, 2026] {
            let text = sample(&standard, 150, seed, None);
            let (again, written) = standard.to(&standard, &text, OnReject::Split);
            assert!(
                written.losses.is_empty(),
                "{folder}: {:?}",
                written.losses.list()
            );
            assert_eq!((written.rows, written.left_out), (150, 0), "{folder}");
            let expected: Vec<Vec<String>> = cells(&text)
                .into_iter()
                .map(|row| row.iter().map(|cell| normalised(cell)).collect())
                .collect();
            let found = cells(again.as_bytes());
            assert_eq!(found.len(), expected.len(), "{folder}");
            for (number, (found, expected)) in found.iter().zip(&expected).enumerate() {
                assert_eq!(found, expected, "{folder}, line {}", number + 1);
            }
            assert_eq!(
                standard.findings(again.as_bytes()),
                Vec::<String>::new(),
                "{folder}"
            );
            let (third, _) = standard.to(&standard, again.as_bytes(), OnReject::Split);
            assert_eq!(
                third, again,
                "{folder}: what was written once stays as it is"
            );
        }
    }
}

#[test]
fn nothing_is_found_in_what_is_written_that_the_source_did_not_have() {
    let files = shipped();
    for folder in ["acm/2025", "plcm/2025", "drplcm/3", "local-prices/2026"] {
        let standard = Standard::load(&files, folder);
        let text = sample(&standard, 400, 11, Some(0.3));
        let source = standard.findings(&text);
        assert!(!source.is_empty(), "{folder}: faults were made");
        let (again, _) = standard.to(&standard, &text, OnReject::Keep);
        assert!(
            cells(again.as_bytes()).len() > 100,
            "{folder}: most rows are written"
        );
        for found in standard.findings(again.as_bytes()) {
            let rule = found.split(' ').next().unwrap();
            assert!(
                source.iter().any(|known| known.starts_with(rule)),
                "{folder}: {found}"
            );
        }
    }
}

#[test]
fn another_version_takes_what_it_has_columns_for_and_the_rest_is_told() {
    let files = shipped();
    let earlier = Standard::load(&files, "plcm/2");
    let later = Standard::load(&files, "plcm/2025");
    let text = sample(&earlier, 200, 3, None);
    let (written, account) = earlier.to(&later, &text, OnReject::Split);
    assert_eq!(account.rows + account.left_out, 200);
    let (old, new) = (cells(&text), cells(written.as_bytes()));
    let column = |rows: &[Vec<String>], name: &str| {
        let place = rows[0].iter().position(|header| header == name).unwrap();
        rows[1..]
            .iter()
            .map(|row| normalised(&row[place]))
            .collect::<Vec<_>>()
    };
    assert_eq!(
        column(&new, "HOSPITAL_PROVIDER_SPELL_IDENTIFIER"),
        column(&old, "HOSPITAL_PROVIDER_SPELL_NUMBER"),
        "a column that changed its name"
    );
    assert_eq!(column(&new, "TOTAL_COST"), column(&old, "TOTAL_COST"));
    let filled = |name: &str| {
        column(&old, name)
            .iter()
            .filter(|cell| !cell.is_empty())
            .count() as u64
    };
    let second = account
        .losses
        .list()
        .into_iter()
        .find(|loss| loss.element == "CONTRACT MONITORING ADDITIONAL DETAIL (SECOND)");
    let second = second.expect("the later version has one detail only");
    assert_eq!(second.reason, LossReason::NoPlace);
    assert_eq!(
        second.count,
        filled("CONTRACT_MONITORING_ADDITIONAL_DETAIL_SECOND")
    );
}

/// Sums in units of the eighth digit behind the point.
fn amount(text: &str) -> i128 {
    let (sign, digits) = text
        .strip_prefix('-')
        .map_or((1, text), |digits| (-1, digits));
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
    let fraction = format!("{fraction:0<8}");
    sign * (whole.parse::<i128>().unwrap() * 100_000_000 + fraction.parse::<i128>().unwrap())
}

/// Price and activity by what the shipped rules reconcile by.
fn totals(text: &[u8]) -> BTreeMap<Vec<String>, (i128, i128)> {
    let rows = cells(text);
    let place = |name: &str| {
        let earlier = format!("SPECIALISED_{name}");
        rows[0]
            .iter()
            .position(|header| header == name || *header == earlier)
            .unwrap()
    };
    let by = [
        "ORGANISATION_IDENTIFIER_CODE_OF_PROVIDER",
        "FINANCIAL_YEAR",
        "FINANCIAL_MONTH",
        "ORGANISATION_IDENTIFIER_CODE_OF_COMMISSIONER",
        "POINT_OF_DELIVERY_CODE",
        "SERVICE_CODE",
    ]
    .map(place);
    let price = place("CONTRACT_MONITORING_ACTUAL_PRICE");
    let activity = place("CONTRACT_MONITORING_ACTUAL_ACTIVITY");
    let mut totals: BTreeMap<Vec<String>, (i128, i128)> = BTreeMap::new();
    for row in &rows[1..] {
        let key = by.iter().map(|place| row[*place].clone()).collect();
        let total = totals.entry(key).or_default();
        total.0 += amount(&row[price]);
        total.1 += amount(&row[activity]);
    }
    totals
}

#[derive(Clone, Default)]
struct Shared(Arc<Mutex<Vec<u8>>>);

impl std::io::Write for Shared {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

#[test]
fn aggregates_of_lines_are_the_aggregate_of_the_set() {
    let files = shipped();
    for version in ["2", "2025"] {
        let standards: BTreeMap<&str, Standard> = ["acm", "plcm", "drplcm", "deplcm"]
            .into_iter()
            .map(|id| (id, Standard::load(&files, &format!("{id}/{version}"))))
            .collect();
        let mut texts: BTreeMap<String, Shared> = BTreeMap::new();
        let request = SetRequest {
            definitions: standards
                .values()
                .map(|standard| &standard.definition)
                .collect(),
            records: 400,
            seed: 5,
            year: None,
            invoice: false,
            fault_rules: Vec::new(),
        };
        write_set(
            &request,
            &mut |name| {
                let shared = Shared::default();
                texts.insert(name.to_owned(), shared.clone());
                Ok(Box::new(shared))
            },
            None,
        )
        .unwrap();
        let text = |name: &str| texts[name].0.lock().unwrap().clone();
        let acm = &standards["acm"];
        let mut aggregating = Aggregating::for_standard(&acm.definition, &acm.mapping);
        for id in ["plcm", "drplcm", "deplcm"] {
            let (more, _, losses) =
                standards[id].convert(&text(&format!("{id}.csv")), OnReject::Split, aggregating);
            assert!(losses.is_empty(), "{id}@{version}: {:?}", losses.list());
            aggregating = more;
        }
        let (records, losses) = aggregating.finish().unwrap();
        let known = |loss: &concord_convert::Loss| match loss.reason {
            LossReason::Incomplete => {
                loss.element.contains("PLANNED") || loss.element.contains("FACTOR")
            }
            LossReason::NoPlace => {
                let detail = loss.detail.as_deref();
                matches!(
                    detail,
                    Some("DRUG is no activity" | "DEVICE is no activity")
                )
            }
            _ => false,
        };
        assert!(losses.list().iter().all(known), "{:?}", losses.list());
        let treatment = losses.list().iter().any(|loss| {
            loss.element == "ACTIVITY TREATMENT FUNCTION CODE" && loss.reason == LossReason::NoPlace
        });
        assert!(treatment, "acm@{version}: {:?}", losses.list());
        let mut writer = TableWriter::new(&acm.definition, &acm.mapping, Vec::new()).unwrap();
        writer.write(&records).unwrap();
        let (written, mut bytes) = writer.finish().unwrap();
        bytes.flush().unwrap();
        assert!(written.losses.is_empty(), "{:?}", written.losses.list());
        assert_eq!(written.left_out, 0);
        assert_eq!(acm.findings(&bytes), Vec::<String>::new());
        assert_eq!(totals(&bytes), totals(&text("acm.csv")), "acm@{version}");
        let rows = cells(&bytes);
        let place = |name: &str| rows[0].iter().position(|header| header == name).unwrap();
        let (point, function) = (
            place("POINT_OF_DELIVERY_CODE"),
            place("ACTIVITY_TREATMENT_FUNCTION_CODE"),
        );
        for row in &rows[1..] {
            let is_activity = !["DRUG", "DEVICE"].contains(&&*row[point]);
            assert_eq!(
                is_activity,
                !row[function].is_empty(),
                "acm@{version}: {row:?}"
            );
        }
    }
}
