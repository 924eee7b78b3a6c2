//! The Community Services Data Set and the Maternity Services Data Set: tables, formats, codes and keys; their rules are not
//! public.

use std::collections::BTreeSet;

use concord_standards::layout::Mandation;
use concord_standards::submission::{Check, Submission};

use crate::facts::{Fact, facts, links, same_columns};
use crate::submission;

/// Folder, fields, keys.
const DATA_SETS: [(&str, &str, Option<&str>); 3] = [
    (
        "csds/1-5",
        "CSDS_v1.5_fields.csv",
        Some("CSDS_v1.5_foreign_keys.csv"),
    ),
    ("csds/1-6", "CSDS_v1.6_fields.csv", None),
    (
        "msds/2-0",
        "MSDS_v2.0_fields.csv",
        Some("MSDS_v2.0_foreign_keys.csv"),
    ),
];

/// Each data set with its facts.
fn each(look: impl Fn(&str, &Submission, &[Fact], Option<&[Fact]>)) {
    for (folder, fields, keys) in DATA_SETS {
        let Some(fields) = facts(fields) else { return };
        let keys = keys.and_then(facts);
        look(folder, &submission(folder), &fields, keys.as_deref());
    }
}

#[test]
fn columns_and_keys_are_those_of_the_pipeline() {
    each(|_, submission, fields, keys| same_columns(submission, fields, keys));
}

/// Version 1.6 has the keys of 1.5, and one of a table that is new.
#[test]
fn the_keys_of_a_later_version_are_those_of_the_earlier_one_and_its_own() {
    let [earlier, later] = ["csds/1-5", "csds/1-6"].map(|folder| {
        let found: BTreeSet<[String; 4]> = links(&submission(folder)).into_iter().collect();
        found
    });
    let new: Vec<_> = later.difference(&earlier).map(|key| &*key[0]).collect();
    assert_eq!(new, ["CYP008OverseasVisitorChargCat"]);
    assert_eq!(earlier.difference(&later).count(), 0);
}

/// What the dictionary's notation is here. Identifiers of the sender's own may be shorter than it says.
fn format(said: &str) -> String {
    match said {
        "an10" | "an12" | "an20" => format!("max {said}"),
        "See POSTCODE" | "See POSTCODE OF USUAL ADDRESS" => "postcode".to_owned(),
        "See SNOMED CT CODE" => "snomed".to_owned(),
        "See NHS NUMBER STATUS INDICATOR CODE" => "an2".to_owned(),
        "See GENERAL MEDICAL PRACTICE CODE (PATIENT REGISTRATION)" => "an6".to_owned(),
        said => said.replace("YYYY", "CCYY"),
    }
}

#[test]
fn mandation_and_formats_are_those_of_the_dictionary() {
    each(|folder, submission, fields, _| {
        for fact in fields {
            let table = &submission.tables[submission
                .table(&fact["table"])
                .expect("the facts keep to their form")];
            let column = &table.columns[table
                .column(&fact["field"])
                .expect("the facts keep to their form")];
            let name = format!("{folder} {}.{}", table.name, column.name);
            assert_eq!(*column.format, format(&fact["dd_format_length"]), "{name}");
            let said = &*fact["mandation_MRO"];
            let expected = Mandation::from_letter(said).unwrap_or(Mandation::Optional);
            assert_eq!(column.mandation, expected, "{name}");
        }
    });
}

/// A column that must be filled is asked for, one with a format or codes is held against them, and nothing else is.
#[test]
fn every_fact_is_checked_by_a_rule() {
    each(|folder, submission, _, _| {
        let mut checked = BTreeSet::new();
        for rule in &submission.rules {
            let kind = match &rule.check {
                Check::Required { .. } => 'M',
                Check::Form { .. } => 'F',
                Check::Code { .. } => 'C',
                _ => continue,
            };
            for column in rule.check.columns() {
                assert!(
                    checked.insert((rule.table, column, kind)),
                    "{}",
                    rule.rule.id
                );
            }
        }
        for (number, table) in submission.tables.iter().enumerate() {
            for (at, column) in table.columns.iter().enumerate() {
                let facts = [
                    ('M', column.mandation == Mandation::Mandatory),
                    ('F', column.form.is_some()),
                    ('C', column.codes.is_some()),
                ];
                for (kind, expected) in facts {
                    let found = checked.contains(&(number, at, kind));
                    assert_eq!(
                        found, expected,
                        "{folder} {} {} {kind}",
                        table.name, column.name
                    );
                }
            }
        }
    });
}

/// Lists hold codes that the dictionary gives for the column, and no others.
#[test]
fn codes_are_those_of_the_dictionary() {
    let mut lists = 0;
    for (folder, fields, _) in DATA_SETS {
        let Some(fields) = facts(fields) else { return };
        let submission = submission(folder);
        for fact in &fields {
            let table = &submission.tables[submission
                .table(&fact["table"])
                .expect("the facts keep to their form")];
            let column = &table.columns[table
                .column(&fact["field"])
                .expect("the facts keep to their form")];
            let shown: BTreeSet<&str> = fact["codes_first60"].split('|').collect();
            let all: usize = fact["n_codes"].parse().unwrap_or(0);
            // Of long lists the facts show a part; two lists stand elsewhere in the dictionary.
            let elsewhere = ["ETHNIC CATEGORY", "LANGUAGE CODE"]
                .iter()
                .any(|name| column.element.starts_with(name));
            let Some(codes) = column
                .codes
                .as_ref()
                .filter(|_| !elsewhere && (1..=60).contains(&all))
            else {
                continue;
            };
            lists += 1;
            let ours: BTreeSet<&str> = codes.all().collect();
            let name = format!("{folder} {}.{}", table.name, column.name);
            assert!(
                !ours.is_empty() && ours.is_subset(&shown),
                "{name}: {ours:?} {shown:?}"
            );
        }
    }
    assert!(lists > 150, "{lists}");
}
