//! The Mental Health Services Data Set, version 6.0.

mod checks;
mod order;

use std::collections::{BTreeMap, BTreeSet};

use concord_standards::submission::{Operand, Submission, TableRule};

use crate::facts::{Fact, effect, facts, names, quoted, same_columns};
use crate::submission;

const FOLDER: &str = "mhsds/6-0";

/// Rule ids that are not defined, and why.
const NOT_DEFINED: [(&str, &str); 5] = [
    (
        "MHS01408",
        "it stands in the list of messages alone: neither the rules nor the sheet have it",
    ),
    (
        "MHS01423",
        "the sheet alone has it, and no source gives the codes of a fit note's issuer",
    ),
    (
        "MHS20154",
        "the sheet alone has it, and no source gives the codes of a reasonable adjustment made",
    ),
    (
        "MHS90320",
        "it is about a column that the tables do not have",
    ),
    (
        "MHS90321",
        "it is about a column that the tables do not have",
    ),
];

/// Rules whose condition is another one in the sheet than in the implementation: they stand twice.
const TWICE: [&str; 7] = [
    "MHS00543", "MHS00546", "MHS20427", "MHS30242", "MHS50120", "MHS51824", "MHS51825",
];

/// The rules of the facts, and those that the definition has, by id.
fn rules() -> Option<(Submission, Vec<Fact>)> {
    let facts = facts("MHSDS_v6.0_rules_merged.csv")?;
    Some((submission(FOLDER), facts))
}

fn by_id(submission: &Submission) -> BTreeMap<&str, Vec<&TableRule>> {
    let mut found: BTreeMap<&str, Vec<&TableRule>> = BTreeMap::new();
    for rule in &submission.rules {
        found.entry(&rule.rule.id).or_default().push(rule);
    }
    found
}

/// The rule as it is implemented; where the implementation has none, as it is published.
fn leading<'r>(rules: &[&'r TableRule]) -> &'r TableRule {
    let implemented = rules.iter().find(|rule| rule.implemented.is_some());
    implemented.unwrap_or(&rules[0])
}

#[test]
fn columns_and_keys_are_those_of_the_pipeline() {
    let (Some(fields), Some(keys)) = (
        facts("MHSDS_v6.0_fields.csv"),
        facts("MHSDS_v6.0_foreign_keys.csv"),
    ) else {
        return;
    };
    assert_eq!((fields.len(), keys.len()), (438, 64));
    same_columns(&submission(FOLDER), &fields, Some(&keys));
}

#[test]
fn every_rule_is_defined_or_listed() {
    let Some((submission, facts)) = rules() else {
        return;
    };
    let published: BTreeSet<&str> = facts.iter().map(|fact| &*fact["rule_id"]).collect();
    assert_eq!(published.len(), 1157);
    let mut expected = published.clone();
    for (id, why) in NOT_DEFINED {
        assert!(expected.remove(id), "{id} ({why}) is no published id");
    }
    let found = by_id(&submission);
    let ours: BTreeSet<&str> = found.keys().copied().collect();
    let missing: Vec<_> = expected.difference(&ours).collect();
    let invented: Vec<_> = ours.difference(&expected).collect();
    assert!(
        missing.is_empty() && invented.is_empty(),
        "{missing:?} {invented:?}"
    );
    let twice: Vec<&str> = found
        .iter()
        .filter(|(_, rules)| rules.len() != 1)
        .map(|(id, _)| *id)
        .collect();
    assert_eq!(twice, TWICE);
}

#[test]
fn effects_are_those_of_the_implementation_and_of_the_sheet() {
    let Some((submission, facts)) = rules() else {
        return;
    };
    let found = by_id(&submission);
    for fact in &facts {
        let id = &*fact["rule_id"];
        let Some(rules) = found.get(id) else { continue };
        let only = |grades: Vec<&'static str>| {
            let mut found: Vec<&str> = grades.into_iter().filter(|word| !word.is_empty()).collect();
            found.dedup();
            found.join(" and ")
        };
        let implemented = only(rules.iter().map(|rule| effect(rule.implemented)).collect());
        let published = only(rules.iter().map(|rule| effect(rule.published)).collect());
        let runs = fact["in_code_rules"] == "Y";
        let expected = if runs { &*fact["code_severity"] } else { "" };
        assert_eq!(implemented, expected, "{id} as implemented");
        // The export of the sheet leaves out what rejects a file.
        let expected = match &*fact["etos_severity"] {
            "" if id.starts_with("MHSREJ") => &*fact["code_severity"],
            said => said,
        };
        assert_eq!(published, expected, "{id} as published");
        for rule in rules {
            let table = &submission.tables[rule.table];
            let of_file = id.starts_with("MHSREJ");
            assert!(
                of_file || id.starts_with(&*table.code),
                "{id} is about {}",
                table.name
            );
        }
    }
}

#[test]
fn a_finding_names_what_the_national_report_names() {
    let Some((submission, facts)) = rules() else {
        return;
    };
    let found = by_id(&submission);
    let mut looked_at = 0;
    for fact in &facts {
        let id = &*fact["rule_id"];
        let reported: Vec<(String, String)> = fact["reported_fields"]
            .split(';')
            .filter_map(|field| {
                let (table, _) = field.trim().split_once('[')?;
                Some((table.to_owned(), quoted(field).first()?.to_string()))
            })
            .collect();
        // The report of MHS20153 names a column of another rule.
        let other = TWICE.contains(&id) || id == "MHS20153";
        let Some(rules) = found.get(id).filter(|_| !other) else {
            continue;
        };
        let rule = leading(rules);
        let told = told(&submission, rule);
        for (table, column) in reported {
            looked_at += 1;
            let told_of = told
                .iter()
                .any(|(at, name)| **at == *table && *name == column);
            assert!(told_of, "{id} does not tell {table}.{column}: {told:?}");
        }
    }
    assert!(looked_at > 2000, "{looked_at}");
}

/// Columns whose values a finding of a rule tells, each with the short name of its table.
fn told(submission: &Submission, rule: &TableRule) -> Vec<(String, String)> {
    let own = &submission.tables[rule.table];
    let mut told = Vec::new();
    let mut tell = |table: usize, columns: &[usize]| {
        let table = &submission.tables[table];
        for name in names(table, columns) {
            told.push((table.code.to_string(), name));
        }
    };
    tell(rule.table, &own.tell);
    tell(rule.table, &rule.check.columns());
    tell(rule.table, rule.place.as_slice());
    for operand in rule.check.operands().into_iter().chain(&rule.tell) {
        match operand {
            Operand::Own(column) => tell(rule.table, &[*column]),
            Operand::Header(column) => tell(submission.header, &[*column]),
            Operand::Ancestor { path, column } => {
                tell(submission.end_of(rule.table, path), &[*column]);
            }
            Operand::Parameter(_) | Operand::Day(_) => {}
        }
    }
    told
}

#[test]
fn scales_are_those_of_the_pipeline() {
    let Some(facts) = facts("MHSDS_v6.0_assessment_scales.csv") else {
        return;
    };
    let submission = submission(FOLDER);
    assert_eq!(submission.scales.len(), facts.len());
    for fact in &facts {
        let (tool, said) = (&*fact["snomed_concept"], &*fact["validator"]);
        let scale = &submission.scales[tool];
        let number = |key: &str| -> Option<f64> {
            let (_, rest) = said.split_once(&format!("{key}="))?;
            let end = rest.find([',', ')'])?;
            rest[..end].parse().ok()
        };
        let range = number("lower_bound").zip(number("upper_bound"));
        assert_eq!(scale.range, range, "{tool}");
        let decimals = number("decimal_digits_number").map(|digits| format!("{digits}"));
        assert_eq!(
            scale.decimals.map(|digits| digits.to_string()),
            decimals,
            "{tool}"
        );
        let values = said.split_once("acceptable_values=");
        let values = values.map(|(_, values)| quoted(values)).unwrap_or_default();
        let ours: Vec<&str> = scale.values.iter().map(|value| &**value).collect();
        assert_eq!(ours, values, "{tool}");
    }
}
