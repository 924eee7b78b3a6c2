//! Every rule has its fault, every fault its label, and a business fault leaves the structure as it was.

#![allow(clippy::print_stderr)] // what is skipped is said aloud

#[allow(dead_code)]
mod common;

use std::collections::{BTreeMap, BTreeSet};

use concord_check::BuiltinRule;
use concord_sample::cds::{Protocol, Request, write};
use concord_sample::faults;
use concord_standards::schema::Schema;

/// Rules that no fault in a CDS record can break, or not alone, and why.
const WITHOUT: &[(&str, &str)] = &[
    ("STRUCTURE-ABSTRACT", "CDS has no abstract element"),
    ("CDS-E1", "needs several interchanges"),
];

/// Rules of tables, which CDS in XML does not have.
fn is_of_tables(rule: &str) -> bool {
    let values = [
        "VALUE-MISSING",
        "VALUE-NOT-USED",
        "VALUE-UNCLEAN",
        "VALUE-DAMAGED",
    ];
    rule.starts_with("TABLE-") || values.contains(&rule)
}

/// Whether a rule is about FHIR resources, of which there are no CDS samples.
fn is_of_resources(rule: &str) -> bool {
    ["JSON-", "RESOURCE-", "BUNDLE-", "REFERENCE-"]
        .iter()
        .any(|prefix| rule.starts_with(prefix))
}

/// Rules of messages and interchanges, which have tests of their own.
fn is_of_messages(rule: &str) -> bool {
    let beginnings = [
        "MESSAGE-",
        "SEGMENT-",
        "FIELD-",
        "COMPONENT-",
        "FEED-",
        "INTERCHANGE-",
    ];
    beginnings
        .iter()
        .any(|beginning| rule.starts_with(beginning))
}

const VERSIONS: &[&str] = &["6-2-2", "6-2-3", "6-3-1"];

/// Ids of the rules of a version.
fn rules_of(version: &str) -> (Schema, BTreeSet<String>) {
    let definition = common::shipped()
        .load(&format!("cds@{version}"))
        .expect("a good definition");
    let rules = definition
        .rules
        .iter()
        .map(|rule| rule.rule.id.to_string())
        .collect();
    (definition.schema, rules)
}

#[test]
fn every_rule_has_a_maker_or_a_reason() {
    let mut rules: BTreeSet<String> = BuiltinRule::ALL
        .iter()
        .map(|rule| rule.rule().id.to_string())
        .filter(|rule| !is_of_tables(rule) && !is_of_messages(rule) && !is_of_resources(rule))
        .collect();
    for version in VERSIONS {
        rules.extend(rules_of(version).1);
    }
    let made: BTreeSet<String> = faults::rules().into_iter().map(str::to_owned).collect();
    let without: BTreeSet<String> = WITHOUT.iter().map(|(rule, _)| (*rule).to_owned()).collect();
    let neither: Vec<&String> = rules
        .iter()
        .filter(|rule| !made.contains(*rule) && !without.contains(*rule))
        .collect();
    assert!(
        neither.is_empty(),
        "rules without a maker of faults: {neither:?}"
    );
    let unknown: Vec<&String> = made
        .iter()
        .chain(&without)
        .filter(|rule| !rules.contains(*rule))
        .collect();
    assert!(
        unknown.is_empty(),
        "makers or reasons for rules that there are not: {unknown:?}"
    );
    let both: Vec<&String> = made.intersection(&without).collect();
    assert!(both.is_empty(), "makers in spite of a reason: {both:?}");
}

struct Faulty {
    document: String,
    /// Rule, record, line, element.
    labels: Vec<(String, u64, usize, String)>,
}

fn faulty(
    schema: &Schema,
    protocol: Protocol,
    records: u64,
    rate: f64,
    rules: &[String],
    seed: u64,
) -> Faulty {
    let request = Request {
        schema,
        records,
        seed,
        types: Vec::new(),
        protocol,
        faults: Some(rate),
        fault_rules: rules.to_vec(),
    };
    let (mut out, mut labels) = (Vec::new(), Vec::new());
    write(&request, &mut out, Some(&mut labels)).expect("a sample");
    let labels = String::from_utf8(labels).expect("UTF-8");
    assert_eq!(labels.lines().next(), Some(faults::LABEL_HEADER));
    let labels = labels
        .lines()
        .skip(1)
        .map(|line| {
            let mut parts = line.splitn(5, ',');
            let mut next = || parts.next().expect("five parts").to_owned();
            (
                next(),
                next().parse().expect("a record"),
                next().parse().expect("a line"),
                next(),
            )
        })
        .collect();
    Faulty {
        document: String::from_utf8(out).expect("UTF-8"),
        labels,
    }
}

fn is_business(rule: &str) -> bool {
    rule.starts_with("CDS-")
}

/// What an XML parser or a limit stops at; the product's own test holds these, because `xmllint` has other limits.
fn is_of_the_carrier(rule: &str) -> bool {
    rule.starts_with("XML-") || rule.starts_with("LIMIT-")
}

#[test]
fn business_faults_leave_the_structure_valid_and_their_labels_point_at_the_element() {
    let business: Vec<String> = faults::rules()
        .into_iter()
        .filter(|rule| is_business(rule))
        .map(str::to_owned)
        .collect();
    let mut seen: BTreeMap<&str, BTreeSet<String>> = BTreeMap::new();
    for version in VERSIONS {
        let (schema, _) = rules_of(version);
        for (protocol, seed) in [(Protocol::Net, 6), (Protocol::Bulk, 6), (Protocol::Net, 7)] {
            let records = if *version == "6-3-1" { 900 } else { 250 };
            let faulty = faulty(&schema, protocol, records, 0.8, &business, seed);
            let lines: Vec<&str> = faulty.document.lines().collect();
            let mut broken = BTreeSet::new();
            for (rule, record, line, element) in &faulty.labels {
                seen.entry(version).or_default().insert(rule.clone());
                broken.insert(*record);
                assert!(*line > 0 && *line <= lines.len());
                if let Some(attribute) = element.strip_prefix('@') {
                    assert!(
                        lines[line - 1].contains(&format!(" {attribute}=")),
                        "{rule} {element}: {}",
                        lines[line - 1]
                    );
                }
            }
            let share = broken.len() as u64 * 100 / records;
            assert!((70..90).contains(&share), "{share} %");
            if let (Some((_, xsd)), true) = (
                common::official(&format!("V{version}")),
                common::has_xmllint(),
            ) {
                let verdict = common::verdicts(
                    &xsd,
                    &[faulty.document.into_bytes()],
                    &format!("business-{version}-{protocol:?}-{seed}"),
                );
                assert_eq!(verdict, [Ok(())], "{version} {protocol:?}");
            }
        }
    }
    for version in VERSIONS {
        let (_, rules) = rules_of(version);
        let never: Vec<&String> = rules
            .iter()
            .filter(|rule| {
                !seen[version].contains(*rule)
                    && !WITHOUT.iter().any(|(without, _)| without == *rule)
            })
            .collect();
        // 6-2-3 lets only one type and one group through, so that these cannot be broken without breaking the structure.
        let expected: Vec<&str> = match *version {
            "6-2-3" => vec![
                "CDS-E7-BODY",
                "CDS-E7-GROUP",
                "CDS-E7-GROUP-TYPE",
                "CDS-E7-TYPE",
            ],
            _ => Vec::new(),
        };
        assert_eq!(never, expected, "{version}");
    }
}

#[test]
fn faults_of_structure_and_value_are_invalid_where_the_label_says() {
    if !common::has_xmllint() {
        return;
    }
    for version in VERSIONS {
        let (schema, _) = rules_of(version);
        let Some((_, xsd)) = common::official(&format!("V{version}")) else {
            return;
        };
        for rule in faults::rules()
            .into_iter()
            .filter(|rule| !is_business(rule) && !is_of_the_carrier(rule))
        {
            for protocol in [Protocol::Net, Protocol::Bulk] {
                let faulty = faulty(&schema, protocol, 150, 0.05, &[rule.to_owned()], 5);
                let verdicts = common::verdicts(
                    &xsd,
                    &[faulty.document.into_bytes()],
                    &format!("structure-{version}-{rule}-{protocol:?}"),
                );
                if faulty.labels.is_empty() {
                    assert_eq!(verdicts, [Ok(())], "{version} {rule}");
                    continue;
                }
                let said = verdicts
                    .into_iter()
                    .next()
                    .and_then(Result::err)
                    .unwrap_or_else(|| panic!("{version} {rule} {protocol:?} is valid"));
                // path:line: message
                let lines: Vec<usize> = said
                    .lines()
                    .filter_map(|line| line.split(':').nth(1)?.parse().ok())
                    .collect();
                // For text between elements and for what is missing at the end xmllint names the element around.
                let slack = if matches!(rule, "STRUCTURE-TEXT" | "STRUCTURE-MISSING") {
                    12
                } else {
                    0
                };
                for (_, _, near, element) in &faulty.labels {
                    assert!(
                        lines.iter().any(|line| line.abs_diff(*near) <= slack),
                        "{version} {rule}: label {near} {element}, xmllint {said}"
                    );
                }
            }
        }
    }
}

#[test]
fn labels_and_bytes_depend_on_the_seed_alone() {
    let (schema, _) = rules_of("6-3-1");
    let make = || {
        let made = faulty(&schema, Protocol::Net, 300, 0.3, &[], 3);
        (made.document, made.labels)
    };
    assert_eq!(make(), make());
    let clean = faulty(&schema, Protocol::Net, 300, 0.0, &[], 3);
    assert!(clean.labels.is_empty());
}
