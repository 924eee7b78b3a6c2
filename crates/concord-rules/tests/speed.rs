//! How long the rules take. `cargo test --release -p concord-rules --test speed -- --ignored --nocapture`, with
//! `CONCORD_SPEED_FILE` naming a CDS 6-2-3 interchange of about a megabyte.

mod support;

use std::time::Instant;

use concord_check::capture::Captured;
use concord_rules::{Header, RuleSet, Scratch};

use support::{capture, definition};

#[test]
#[ignore = "a measurement"]
#[expect(clippy::print_stderr, reason = "a measurement is read by people")]
fn rules_of_cds_6_2_3() {
    let Some(file) = std::env::var_os("CONCORD_SPEED_FILE") else {
        eprintln!("SKIPPED: CONCORD_SPEED_FILE names no file");
        return;
    };
    let xml = std::fs::read(file).expect("a file");
    let definition = definition("cds/6-2-3");
    let started = Instant::now();
    let records = &definition.standard.record.elements;
    let rules = RuleSet::compile(&definition.schema, records, &definition.rules).expect("rules");
    eprintln!(
        "compile: {:?} for {} rules",
        started.elapsed(),
        definition.rules.len()
    );
    let mut captured = Captured::new(rules.plan());
    capture(rules.plan(), &xml, &mut captured);
    let rows: Vec<usize> = captured
        .groups
        .iter()
        .map(concord_check::capture::GroupRows::len)
        .collect();
    let columns: Vec<usize> = rules
        .plan()
        .groups
        .iter()
        .map(|group| group.columns.len())
        .collect();
    eprintln!("rows {rows:?} columns {columns:?}");
    let mut header = Header::default();
    header.take(&rules, &captured, &xml, 0);
    let mut scratch = Scratch::default();
    let mut broken = Vec::new();
    let only: Option<usize> = std::env::var("CONCORD_SPEED_TIMES")
        .ok()
        .and_then(|times| times.parse().ok());
    let times = only.unwrap_or(2_000);
    let mut best = f64::MAX;
    for _ in 0..5 {
        let started = Instant::now();
        for _ in 0..times / 5 {
            broken.clear();
            rules.evaluate(&captured, &xml, &header, &mut scratch, &mut broken);
        }
        best = best.min(started.elapsed().as_secs_f64() / f64::from(times as u32 / 5));
    }
    let per_byte = best * 1e9 / xml.len() as f64;
    eprintln!(
        "evaluate: {:.1} µs for {} bytes, {per_byte:.3} ns a byte, {} broken",
        best * 1e6,
        xml.len(),
        broken.len()
    );
    let mut counts = std::collections::BTreeMap::new();
    for broken in &broken {
        *counts
            .entry(rules.rule(broken.rule).id.to_string())
            .or_insert(0) += 1;
    }
    eprintln!("{counts:?}");
    let started = Instant::now();
    for _ in 0..times {
        std::hint::black_box(rules.summarise(&captured, &xml, &scratch));
    }
    eprintln!(
        "summarise: {:.1} µs",
        started.elapsed().as_secs_f64() * 1e6 / times as f64
    );
}
