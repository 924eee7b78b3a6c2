//! Queries over all inputs of a run: tables of several inputs and standards.

use std::collections::BTreeMap;
use std::sync::Arc;

use concord_check::capture::Captured;
use concord_finding::Fact;
use concord_standards::rules::{Check, Example, RuleDefinition, Seat};

use crate::testing::{row, rule, tables};
use crate::{
    Compiler, Header, RuleSet, Scratch, Spanning, SpanningBroken, Submission, SubmissionState,
};

fn over_all(sql: &str) -> RuleDefinition {
    rule(Seat::Set, Check::Query(sql.to_owned()))
}

/// The rules of a standard that has only one of the tables.
fn compiled(table: &str, sql: &str) -> Result<RuleSet, Vec<crate::RuleError>> {
    let schema = tables();
    Compiler::of_tables(&schema, &[table], &BTreeMap::new()).compile(&[over_all(sql)])
}

type Cells<'c> = &'c [(&'c str, &'c str)];

/// An input of rows, each a line below a header.
fn input(rules: &RuleSet, rows: &[Cells<'_>], bytes: Option<usize>) -> Submission {
    let mut state = SubmissionState::default();
    state.limit(None, bytes);
    // Each row in a chunk of its own, to see that lines and records go on.
    for (number, cells) in rows.iter().enumerate() {
        let mut captured = Captured::new(rules.plan());
        let chunk = if number == 0 {
            "header\nrow\n"
        } else {
            "row\n"
        };
        let offset = (chunk.len() - "row\n".len()) as u32;
        let spanning = &rules.spanning;
        let (table, columns) = spanning.first_table();
        let at = captured.add_row(table, 0, 0, offset);
        for (name, text) in *cells {
            if let Some(cell) = columns.get(*name) {
                captured.put_text(cell.table, at, cell.column, text);
            }
        }
        let scratch = Scratch::default();
        let summary = rules.summarise(&captured, chunk.as_bytes(), &scratch);
        let base = number as u64 * 4;
        rules.fold(
            &mut state,
            summary,
            (&captured, chunk.as_bytes(), base),
            &mut Vec::new(),
        );
    }
    let spanning = rules.spanning_rows(&mut state).map(Arc::new);
    Submission {
        header: Header::default(),
        spanning,
        ..Submission::default()
    }
}

const MISSING: &str = "SELECT p.file, p.record, p.PROVIDER AS value, f.first_file FROM plcm p \
     CROSS JOIN (SELECT min(file) AS first_file FROM acm) f \
     LEFT JOIN acm a ON a.PROVIDER = p.PROVIDER AND a.POD = p.POD WHERE a.record IS NULL";

fn run(bytes: Option<usize>) -> Vec<SpanningBroken> {
    let (acm, plcm) = (
        compiled("acm", MISSING).expect("rules"),
        compiled("plcm", MISSING).expect("rules"),
    );
    let mut spanning = Spanning::default();
    let (first, second) = (Arc::from("acm@2"), Arc::from("plcm@2"));
    let rows: &[Cells<'_>] = &[&[("PROVIDER", "RXX"), ("POD", "A")]];
    spanning.add(
        &acm,
        &first,
        (0, "april.csv"),
        true,
        &input(&acm, rows, bytes),
    );
    let rows: &[Cells<'_>] = &[
        &[("PROVIDER", "RXX"), ("POD", "A")],
        &[("PROVIDER", "RXX"), ("POD", "B")],
        &[("PROVIDER", "RYY"), ("POD", "A")],
    ];
    spanning.add(
        &plcm,
        &second,
        (1, "plcm.csv"),
        true,
        &input(&plcm, rows, bytes),
    );
    let rows: &[Cells<'_>] = &[&[("PROVIDER", "RYY"), ("POD", "A")]];
    // Another version of the same table, in another input.
    spanning.add(
        &acm,
        &Arc::from("acm@3"),
        (2, "may.csv"),
        true,
        &input(&acm, rows, bytes),
    );
    let (broken, not_run) = spanning.finish();
    assert!(not_run.is_empty(), "{not_run:?}");
    broken
}

#[test]
fn rows_of_one_input_are_held_against_those_of_others() {
    let broken = run(None);
    assert_eq!(broken.len(), 1, "{broken:?}");
    let broken = &broken[0];
    assert_eq!((broken.file, broken.record), (1, Some(2)));
    assert_eq!(broken.value, Some(Fact::Plain("RXX".to_owned())));
    // The header and a row stand before it.
    assert_eq!(broken.place, Some((4, 3)));
    assert_eq!(broken.facts, [("first_file".into(), Fact::Number(0))]);
    assert_eq!(run(Some(0)), run(None), "rows that were put to files");
}

#[test]
fn tables_that_are_not_there_or_not_whole_are_told() {
    let reason = |whole: Option<bool>| {
        let mut spanning = Spanning::default();
        let plcm = compiled("plcm", MISSING).expect("rules");
        spanning.add(
            &plcm,
            &Arc::from("plcm@2"),
            (0, "plcm.csv"),
            true,
            &input(&plcm, &[], None),
        );
        if let Some(whole) = whole {
            let acm = compiled("acm", MISSING).expect("rules");
            spanning.add(
                &acm,
                &Arc::from("acm@2"),
                (1, "acm.csv"),
                whole,
                &input(&acm, &[], None),
            );
        }
        let (broken, not_run) = spanning.finish();
        assert!(broken.is_empty());
        not_run.into_iter().map(|(_, reason)| reason).next()
    };
    assert_eq!(reason(Some(true)), None);
    assert!(
        reason(None).is_some_and(|why| why.contains("no input of this run has the table `acm`"))
    );
    assert!(reason(Some(false)).is_some_and(|why| why == "acm.csv was not read to its end"));
}

#[test]
fn examples_have_rows_of_other_standards_too() {
    let schema = tables();
    let both = |plcm: Cells<'_>, others: Cells<'_>| -> Example {
        row(
            &[],
            &[
                ("plcm", vec![row(plcm, &[])]),
                ("drugs", vec![row(others, &[])]),
            ],
        )
    };
    let mut rule = over_all(
        "SELECT d.file, d.record FROM drugs d JOIN plcm p ON p.PROVIDER = d.PROVIDER WHERE d.PRICE > p.PRICE",
    );
    // `PRICE` is a number here, so it is one there.
    rule.pass = vec![both(
        &[("PROVIDER", "R"), ("PRICE", "10")],
        &[("PROVIDER", "R"), ("PRICE", "9")],
    )];
    rule.fail = vec![both(
        &[("PROVIDER", "R"), ("PRICE", "9")],
        &[("PROVIDER", "R"), ("PRICE", "10")],
    )];
    for outcome in Compiler::of_tables(&schema, &["plcm"], &BTreeMap::new()).run_examples(&[rule]) {
        assert_eq!(outcome.problem, None, "{outcome:?}");
    }
}

#[test]
fn mistakes_about_tables_that_are_known_have_their_place() {
    let error = |sql: &str| {
        let error = compiled("plcm", sql).expect_err("it is wrong").remove(0);
        let (start, length) = error.span.expect("it has a place");
        (error.text[start..start + length].to_owned(), error.message)
    };
    let (text, message) =
        error("SELECT p.file, p.record FROM plcm p JOIN acm a ON a.ANY = p.PROVIDR");
    assert_eq!(
        (text.as_str(), message.as_str()),
        ("PROVIDR", "there is no column `PROVIDR`")
    );
    let (text, message) = error("SELECT p.record FRM plcm p");
    assert!(
        message.contains("plcm") || message.contains("Expected"),
        "{text}: {message}"
    );
    assert_eq!(error("DELETE FROM plcm").1, "a query is a SELECT");
    // What belongs to tables of others, or to a part of the query, is not known here.
    assert!(
        compiled(
            "plcm",
            "SELECT x.file, x.record FROM acm x, (SELECT 1 AS n) y WHERE x.A = y.n"
        )
        .is_ok()
    );
}

#[test]
fn an_answer_says_input_and_record() {
    let sql = "SELECT record FROM plcm";
    let plcm = compiled("plcm", sql).expect("rules");
    let mut spanning = Spanning::default();
    spanning.add(
        &plcm,
        &Arc::from("plcm@2"),
        (0, "plcm.csv"),
        true,
        &input(&plcm, &[&[("POD", "A")]], None),
    );
    let (broken, not_run) = spanning.finish();
    assert!(broken.is_empty());
    assert_eq!(not_run[0].1, "its answer has no number in a column `file`");
}
