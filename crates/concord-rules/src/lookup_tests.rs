//! Code lists and reference data as at a day, and rows of reference data by several values.

use std::collections::BTreeMap;

use concord_standards::rules::{Check, Example, RuleDefinition, Seat};

use crate::code_lists::list;
use crate::lexical;
use crate::testing::{row, rule, tables};
use crate::{Compiler, Reference, ReferenceTable};

const TABLES: [&str; 2] = ["acm", "plcm"];

fn strings(texts: &[&str]) -> Vec<String> {
    texts.iter().map(|&text| text.to_owned()).collect()
}

fn with(check: Check, pass: &[Example], fail: &[Example]) -> RuleDefinition {
    let mut rule = rule(Seat::Record, check);
    rule.pass = pass.to_vec();
    rule.fail = fail.to_vec();
    rule
}

/// Runs the examples of a rule, as at a day when one is given.
#[track_caller]
fn check(rule: &RuleDefinition, as_at: Option<&str>) {
    let lists = BTreeMap::from([list(
        "pod",
        &[("NEW", "2020-04-01", ""), ("OLD", "", "2020-03-31")],
    )]);
    let schema = tables();
    let mut compiler = Compiler::of_tables(&schema, &TABLES, &lists);
    if let Some(day) = as_at {
        compiler = compiler.as_at(lexical::date(day.as_bytes()).expect("it is a day"));
    }
    for outcome in compiler.run_examples(std::slice::from_ref(rule)) {
        assert_eq!(outcome.problem, None, "{outcome:?}");
    }
}

fn code(as_at: Option<&str>) -> Check {
    Check::Code {
        element: "POD".to_owned(),
        list: "pod".to_owned(),
        as_at: as_at.map(str::to_owned),
        when: None,
    }
}

fn pod(code: &str, start: &str) -> Example {
    row(&[("POD", code), ("START", start)], &[])
}

#[test]
fn codes_are_judged_by_the_day_of_the_run_where_a_rule_or_record_says_none() {
    let (old, new, none) = (
        pod("OLD", "2019-01-01"),
        pod("NEW", "2021-01-01"),
        pod("X", ""),
    );
    // Without any day, a code is taken that was ever in use.
    check(
        &with(code(None), &[old.clone(), new.clone()], &[none]),
        None,
    );
    let then = with(
        code(None),
        std::slice::from_ref(&old),
        std::slice::from_ref(&new),
    );
    check(&then, Some("2020-03-31"));
    let later = with(
        code(None),
        std::slice::from_ref(&new),
        std::slice::from_ref(&old),
    );
    check(&later, Some("2020-04-01"));
    // The record's own day goes before that of the run, which stands in where there is none.
    let own = with(
        code(Some("START")),
        &[old, new, pod("NEW", "")],
        &[pod("OLD", "")],
    );
    check(&own, Some("2020-04-01"));
}

#[test]
fn organisations_are_judged_by_the_day_of_the_run_where_a_rule_says_none() {
    let practice = || {
        let open = row(&[("code", "A81001"), ("valid_to", "2024-12-31")], &[]);
        row(&[("PRACTICE", "A81001")], &[("practice", vec![open])])
    };
    let never = || row(&[("PRACTICE", "B")], &[("practice", Vec::new())]);
    for check_of in [
        Check::Sql("in_reference(PRACTICE, 'practice')".to_owned()),
        exists(&["PRACTICE"], &["code"], None),
    ] {
        check(&with(check_of.clone(), &[practice()], &[never()]), None);
        check(
            &with(check_of.clone(), &[practice()], &[never()]),
            Some("2024-12-31"),
        );
        let open = row(
            &[("PRACTICE", "A81001")],
            &[("practice", vec![row(&[("code", "A81001")], &[])])],
        );
        check(&with(check_of, &[open], &[practice()]), Some("2025-01-01"));
    }
}

fn exists(elements: &[&str], columns: &[&str], as_at: Option<&str>) -> Check {
    Check::Exists {
        elements: strings(elements),
        table: "practice".to_owned(),
        columns: strings(columns),
        as_at: as_at.map(str::to_owned),
        when: None,
    }
}

#[test]
fn rows_of_reference_data_are_found_by_several_values() {
    let of = |practice: &str, commissioner: &str, start: &str| {
        let known = [
            [
                ("code", "A81001"),
                ("commissioner", "00K"),
                ("valid_to", "2013-03-31"),
            ],
            [
                ("code", "A81001"),
                ("commissioner", "16C"),
                ("valid_from", "2013-04-01"),
            ],
            [
                ("code", "A81002"),
                ("commissioner", "00P"),
                ("valid_from", "2013-04-01"),
            ],
        ];
        let known = known.iter().map(|cells| row(cells, &[])).collect();
        row(
            &[
                ("PRACTICE", practice),
                ("PROVIDER", commissioner),
                ("START", start),
            ],
            &[("practice", known)],
        )
    };
    let (elements, columns) = (["PRACTICE", "PROVIDER"], ["code", "commissioner"]);
    // Both values must stand in one row; what lacks one of them is not looked for.
    let ever = with(
        exists(&elements, &columns, None),
        &[
            of("A81001", "00K", ""),
            of("A81001", "16C", ""),
            of("A81002", "", ""),
        ],
        &[
            of("A81001", "00P", ""),
            of("A81002", "16C", ""),
            of("A8100", "116C", ""),
        ],
    );
    check(&ever, None);
    let then = with(
        exists(&elements, &columns, Some("START")),
        &[
            of("A81001", "00K", "2013-03-31"),
            of("A81001", "16C", "2013-04-01"),
        ],
        &[
            of("A81001", "00K", "2013-04-01"),
            of("A81001", "16C", "2013-03-31"),
        ],
    );
    check(&then, None);
    let as_at = with(
        exists(&elements, &columns, None),
        &[of("A81001", "16C", "")],
        &[of("A81001", "00K", "")],
    );
    check(&as_at, Some("2026-01-01"));
    // A column that is not the key is looked in by itself, too.
    let one = with(
        exists(&["PROVIDER"], &["commissioner"], None),
        &[of("", "16C", "")],
        &[of("", "A81001", "")],
    );
    check(&one, None);
}

/// One table without rows, which say no days.
#[derive(Debug)]
struct Empty;

impl Reference for Empty {
    fn is_live(&self, table: &str, _: &str, _: Option<i32>) -> Option<bool> {
        (table == "practice").then_some(false)
    }

    fn table(&self, name: &str) -> Option<ReferenceTable> {
        let field = |name: &str| arrow_schema::Field::new(name, arrow_schema::DataType::Utf8, true);
        let fields = vec![field("code"), field("commissioner")];
        (name == "practice").then(|| ReferenceTable {
            schema: std::sync::Arc::new(arrow_schema::Schema::new(fields)),
            batches: Vec::new(),
        })
    }

    fn days_in_force(&self, _: &str) -> Option<[&'static str; 2]> {
        None
    }
}

#[test]
fn columns_that_reference_data_lack_are_mistakes_at_their_place() {
    let schema = tables();
    let error = |check: Check| {
        let compiler = Compiler::of_tables(&schema, &TABLES, &BTreeMap::new());
        let compiler = compiler.with_reference(std::sync::Arc::new(Empty));
        let rules = [rule(Seat::Record, check)];
        let mut errors = compiler.compile(&rules).expect_err("it is wrong");
        assert_eq!(errors.len(), 1, "{errors:?}");
        let error = errors.remove(0);
        (error.message, error.text, error.help)
    };
    let (message, text, help) = error(exists(
        &["PRACTICE", "PROVIDER"],
        &["code", "comissioner"],
        None,
    ));
    assert_eq!(message, "the table `practice` has no column `comissioner`");
    assert_eq!(text, "comissioner");
    assert_eq!(help.as_deref(), Some("did you mean `commissioner`?"));
    let (message, ..) = error(exists(
        &["PRACTICE", "PROVIDER"],
        &["code", "commissioner"],
        Some("START"),
    ));
    assert_eq!(
        message,
        "the rows of this table do not say when they are in force"
    );
}
