//! What the user says of a submission, as rules ask for it.

use std::collections::BTreeMap;

use concord_standards::rules::{Check, Example, RuleDefinition, Seat};
use concord_standards::submission::Parameter;

use crate::Compiler;
use crate::testing::{row, rule, tables};

const TABLES: [&str; 2] = ["acm", "plcm"];

fn asking(sql: &str) -> RuleDefinition {
    rule(Seat::Record, Check::Sql(sql.to_owned()))
}

const BY_THEN: &str = "START <= CAST(substr(param('submitted'), 1, 10) AS DATE)";

#[test]
fn a_rule_that_asks_for_what_is_not_said_is_not_run() {
    let schema = tables();
    let compiler = Compiler::of_tables(&schema, &TABLES, &BTreeMap::new());
    let set = compiler.compile(&[asking(BY_THEN)]).expect("it is right");
    let [(_, reason)] = &set.not_run[..] else {
        panic!("it is run");
    };
    assert_eq!(reason, "--param submitted=… was not given");
    let said = BTreeMap::from([(Parameter::Submitted, "2024-06-14".to_owned())]);
    let compiler = compiler.with_parameters(said);
    let set = compiler.compile(&[asking(BY_THEN)]).expect("it is right");
    assert!(set.not_run.is_empty());
}

#[test]
fn a_query_may_ask_too() {
    let schema = tables();
    let compiler = Compiler::of_tables(&schema, &TABLES, &BTreeMap::new());
    let query = |name: &str| {
        let sql = format!("SELECT record FROM acm WHERE START > CAST(param('{name}') AS DATE)");
        rule(Seat::Submission, Check::Query(sql))
    };
    let set = compiler
        .compile(&[query("submitted")])
        .expect("it is right");
    assert_eq!(set.not_run[0].1, "--param submitted=… was not given");
    let errors = compiler
        .compile(&[query("submited")])
        .expect_err("it is not");
    assert!(errors[0].message.contains("no parameter"), "{errors:?}");
    let said = BTreeMap::from([(Parameter::Submitted, "2024-06-14".to_owned())]);
    let set = compiler
        .with_parameters(said)
        .compile(&[query("submitted")]);
    assert!(set.expect("it is right").not_run.is_empty());
}

#[test]
fn limits_and_conditions_may_ask_too() {
    let schema = tables();
    let compiler = Compiler::of_tables(&schema, &TABLES, &BTreeMap::new());
    let day = |start: &str, submitted: &str| {
        let said = Example {
            elements: BTreeMap::from([("submitted".to_owned(), submitted.to_owned())]),
            ..Example::default()
        };
        row(&[("START", start)], &[("param", vec![said])])
    };
    let limit = "CAST(substr(param('submitted'), 1, 10) AS DATE)".to_owned();
    let mut window = rule(
        Seat::Record,
        Check::Window {
            element: "START".to_owned(),
            from: None,
            to: Some(limit),
        },
    );
    window.pass = vec![
        day("2024-06-14", "2024-06-14T09:00:00"),
        day("", "2024-06-14"),
    ];
    window.fail = vec![day("2024-06-15", "2024-06-14T23:59:59")];
    for outcome in compiler.run_examples(&[window]) {
        assert_eq!(outcome.problem, None, "{outcome:?}");
    }
}

#[test]
fn parameters_that_there_are_not_are_told() {
    let schema = tables();
    let compiler = Compiler::of_tables(&schema, &TABLES, &BTreeMap::new());
    for (sql, told, help) in [
        (
            "START <= CAST(param('submited') AS DATE)",
            "there is no parameter `submited`",
            "did you mean `submitted`?",
        ),
        ("param(POD) = 'x'", "takes the name of a parameter", ""),
        ("param() = 'x'", "takes one argument", ""),
        (
            "near_reference(POD, 'organisation', START)",
            "near_reference",
            "",
        ),
    ] {
        let errors = compiler.compile(&[asking(sql)]).expect_err(sql);
        assert!(
            errors[0].message.contains(told),
            "{sql}: {}",
            errors[0].message
        );
        assert!(errors[0].help.as_deref().unwrap_or_default().contains(help));
    }
}

#[test]
fn grace_is_asked_of_tables_that_know_it() {
    let schema = tables();
    let compiler = Compiler::of_tables(&schema, &TABLES, &BTreeMap::new());
    let mut asking = asking("near_reference(POD, 'list', START, 6)");
    let known = |from: &str, to: &str| {
        let cells = [("code", "A"), ("valid_from", from), ("valid_to", to)];
        Example {
            elements: cells
                .iter()
                .filter(|(_, text)| !text.is_empty())
                .map(|&(name, text)| (name.to_owned(), text.to_owned()))
                .collect(),
            ..Example::default()
        }
    };
    let of = |start: &str, from: &str, to: &str| {
        row(
            &[("POD", "A"), ("START", start)],
            &[("list", vec![known(from, to)])],
        )
    };
    asking.pass = vec![
        of("2024-08-29", "", "2024-02-29"),
        of("2024-02-29", "2024-08-31", ""),
        of("2024-05-15", "2024-03-01", "2024-03-31"),
        of("", "2024-03-01", "2024-03-31"),
    ];
    asking.fail = vec![
        of("2024-08-30", "", "2024-02-29"),
        of("2024-02-28", "2024-08-31", ""),
    ];
    for outcome in compiler.run_examples(&[asking]) {
        assert_eq!(outcome.problem, None, "{outcome:?}");
    }
}
