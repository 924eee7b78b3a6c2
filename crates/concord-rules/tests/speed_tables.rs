//! How long the rules of a table take. `cargo test --release -p concord-rules --test speed_tables -- --ignored --nocapture`.

mod support;

use std::fmt::Write as _;
use std::time::Instant;

use concord_check::capture::Captured;
use concord_rules::{Compiler, Header, RuleSet, Scratch, SubmissionState};

use support::definition;

const ROWS: u32 = 2_400;

/// A chunk of rows whose cells stand in the text, and what is captured of it.
fn chunk(rules: &RuleSet, columns: &[String], first: u32) -> (Vec<u8>, Captured) {
    let mut text = String::new();
    let mut captured = Captured::new(rules.plan());
    for number in 0..ROWS {
        let start = text.len() as u32;
        let mut cells = Vec::new();
        for column in columns {
            let from = text.len() as u32;
            let row = first + number;
            match column.as_str() {
                "FINANCIAL_MONTH" => text.push('7'),
                "FINANCIAL_YEAR" => text.push_str("202526"),
                "DATE_AND_TIME_DATA_SET_CREATED" => text.push_str("2025-11-12T09:30:00"),
                "POINT_OF_DELIVERY_CODE" => {
                    text.push_str(["OPFASPCL", "DC", "EL", "NEL"][row as usize % 4]);
                }
                "NHS_NUMBER" => text.push_str("9990000018"),
                "RECORD_IDENTIFIER" | "CDS_UNIQUE_IDENTIFIER" => {
                    let _ = write!(text, "RXX{row:017}");
                }
                "PERSON_BIRTH_DATE" => text.push_str("1975-04-01"),
                name if name.contains("DATE") => {
                    let _ = write!(text, "2025-10-{:02}", row % 28 + 1);
                }
                name if name.contains("ORGANISATION") => text.push_str("RXX01"),
                name if name.contains("PRICE") || name.contains("ACTIVITY") => {
                    let _ = write!(text, "{}.{:02}", row % 900, row % 100);
                }
                name if name.contains("LOCAL") => {}
                _ => text.push_str("ABC12"),
            }
            cells.push((from, text.len() as u32 - from));
            text.push(',');
        }
        text.push('\n');
        for (index, group) in rules.plan().groups.iter().enumerate().skip(1) {
            // Rows of the table, or of one of its columns.
            let single = group.paths[0].len() > 2;
            for path in &group.paths {
                let mut row = None;
                for (planned, wanted) in group.columns.iter().enumerate() {
                    let name = wanted.paths[0].last().expect("a name");
                    let name = if single {
                        path.last().expect("a name")
                    } else {
                        name
                    };
                    let column = columns.iter().position(|known| **known == **name);
                    let (from, length) = cells[column.expect("a column")];
                    if length == 0 && single {
                        continue;
                    }
                    let row =
                        *row.get_or_insert_with(|| captured.add_row(index, number, number, start));
                    if length > 0 {
                        captured.put_span(index, row, planned, from, length);
                    }
                }
            }
        }
    }
    (text.into_bytes(), captured)
}

#[test]
#[ignore = "a measurement"]
#[expect(clippy::print_stderr, reason = "a measurement is read by people")]
fn rules_of_tables() {
    for folder in ["acm/2", "plcm/2025"] {
        let definition = definition(folder);
        let started = Instant::now();
        let rules = Compiler::new(&definition)
            .compile(&definition.rules)
            .expect("rules");
        eprintln!(
            "{folder}: {} rules compiled in {:?}",
            rules.rules().count(),
            started.elapsed()
        );
        let layout = definition.layout.as_ref().expect("a layout");
        let columns: Vec<String> = layout.tables[0]
            .fields
            .iter()
            .map(|field| field.column.to_string())
            .collect();
        let mut state = SubmissionState::default();
        let mut scratch = Scratch::default();
        let (mut evaluate, mut summarise, mut fold, mut bytes) = (0.0, 0.0, 0.0, 0_usize);
        let mut rows = 0;
        let mut broken = Vec::new();
        let mut across = Vec::new();
        let times: u32 = std::env::var("CONCORD_SPEED_TIMES")
            .ok()
            .and_then(|times| times.parse().ok())
            .unwrap_or(200);
        for number in 0..times {
            let (text, captured) = chunk(&rules, &columns, number * ROWS);
            broken.clear();
            let header = Header::default();
            let started = Instant::now();
            rules.evaluate(&captured, &text, &header, &mut scratch, &mut broken);
            evaluate += started.elapsed().as_secs_f64();
            let started = Instant::now();
            let summary = rules.summarise(&captured, &text, &scratch);
            summarise += started.elapsed().as_secs_f64();
            let started = Instant::now();
            rules.fold(
                &mut state,
                summary,
                (&captured, &text, bytes as u64),
                &mut across,
            );
            fold += started.elapsed().as_secs_f64();
            bytes += text.len();
            rows += ROWS;
        }
        let each = |seconds: f64| seconds * 1e9 / f64::from(rows);
        let byte = (evaluate + summarise + fold) * 1e9 / bytes as f64;
        eprintln!(
            "{folder}: {} bytes a row; a row: evaluate {:.0} ns, summarise {:.0} ns, fold {:.0} ns; {byte:.2} ns a byte; {} broken, {} across",
            bytes / rows as usize,
            each(evaluate),
            each(summarise),
            each(fold),
            broken.len(),
            across.len(),
        );
        let started = Instant::now();
        let mut not_run = Vec::new();
        rules.finish(state, &Header::default(), &mut across, &mut not_run);
        eprintln!(
            "{folder}: finish {:?}, {} across, {not_run:?}",
            started.elapsed(),
            across.len()
        );
    }
}
