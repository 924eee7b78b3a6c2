//! `[reconcile]` of `standard.toml`: read, and held against the columns.

use std::collections::BTreeMap;

use concord_standards::definition::{Definition, Severity, lint};
use concord_standards::reconcile::Role;

const STANDARD: &str = r#"
id = "example"
version = "1"
title = "Example"
publisher = "nobody"
carrier = "delimited"
source = "a test"
[recognise]
header = true
[[table]]
name = "rows"
"#;

const FIELDS: &str = "table,position,column,element,group,mandation,format,code_list,start,width,presence_rule,format_rule,code_rule,source,confidence\n\
    rows,1,WHO,WHO,HEAD,M,an3,,,,,,,s,\n\
    rows,2,YEAR,YEAR,HEAD,M,an6,,,,,,,s,\n\
    rows,3,MONTH,MONTH,HEAD,M,max an2,,,,,,,s,\n\
    rows,4,PATIENT,PATIENT,HEAD,M,max an2,,,,,,,s,\n\
    rows,5,PRICE,PRICE,HEAD,M,max s18.max n8,,,,,,,s,\n";

const ELEMENTS: &str = "name,xml_names,format,code_list,personal,source\n\
    WHO,,,,no,s\nYEAR,,,,no,s\nMONTH,,,,no,s\nPATIENT,,,,yes,s\nPRICE,,,,no,s\n";

fn files(reconcile: &str) -> BTreeMap<String, String> {
    let file = |name: &str, text: String| (name.to_owned(), text);
    BTreeMap::from([
        file(
            "example/1/standard.toml",
            format!("{STANDARD}\n{reconcile}"),
        ),
        file("example/1/fields.csv", FIELDS.to_owned()),
        file("elements.csv", ELEMENTS.to_owned()),
    ])
}

/// The errors of reading or linting a standard that says this of totals.
fn errors(reconcile: &str) -> Vec<String> {
    let files = files(reconcile);
    let definition = match Definition::load(&files, "example/1") {
        Ok(definition) => definition,
        Err(errors) => {
            let problems = errors.problems.iter();
            return problems.map(|problem| problem.message.clone()).collect();
        }
    };
    let problems = lint(&definition).into_iter();
    problems
        .filter(|problem| problem.severity == Severity::Error)
        .map(|problem| problem.message)
        .collect()
}

const GOOD: &str =
    "[reconcile]\nprovider = \"WHO\"\nyear = \"YEAR\"\nmonth = \"MONTH\"\namount = \"PRICE\"\n";

#[test]
fn columns_are_found_by_their_role() {
    assert_eq!(errors(GOOD), Vec::<String>::new());
    let definition = Definition::load(&files(GOOD), "example/1").expect("it is right");
    let roles = definition.standard.reconcile.expect("it is said");
    assert_eq!(
        roles.column(Role::Amount).map(|column| &**column),
        Some("PRICE")
    );
    assert_eq!(roles.column(Role::Service), None);
    let without = Definition::load(&files(""), "example/1").expect("it is right");
    assert_eq!(without.standard.reconcile, None);
}

#[test]
fn mistakes_are_told() {
    let found = errors(&GOOD.replace("PRICE", "PRICES"));
    assert!(
        found
            .iter()
            .any(|text| text == "the amount `PRICES` is no column"),
        "{found:?}"
    );
    let found = errors(&GOOD.replace("WHO", "PATIENT"));
    assert!(
        found
            .iter()
            .any(|text| text.contains("`PATIENT` is personal")),
        "{found:?}"
    );
    let found = errors(&GOOD.replace("month = \"MONTH\"\n", ""));
    assert!(found.iter().any(|text| text.contains("month")), "{found:?}");
    let found = errors(&format!("{GOOD}colour = \"WHO\"\n"));
    assert!(
        found.iter().any(|text| text.contains("colour")),
        "{found:?}"
    );
}
