//! The shipped versions of national data sets, held against the published list of their differences.

use std::collections::BTreeSet;

use concord_gate::change::{Change, Comparison, Whom};

use crate::checker::proved;
use crate::support::{compared, lines, load, reference, shipped};

type Difference = (&'static str, String, String);

/// What the reference lists for a data set.
fn listed(set: &str) -> Option<BTreeSet<Difference>> {
    let path = reference("sdcs/facts/version_diffs.csv")?;
    let text = std::fs::read_to_string(path).expect("can be read");
    let rows = text.lines().map(|line| line.split(',').collect::<Vec<_>>());
    let kinds = [
        ("table_added", "table added"),
        ("table_removed", "table removed"),
        ("field_added", "field added"),
        ("field_removed", "field removed"),
    ];
    let of_set = rows.filter(|row| row[0] == set);
    let found = of_set.map(|row| {
        let kind = kinds
            .iter()
            .find(|(word, _)| *word == row[3])
            .expect("a kind");
        (kind.1, row[4].to_owned(), row[5].to_owned())
    });
    Some(found.collect())
}

/// What a comparison found, as the reference lists differences: what has another name is gone and has come.
fn found(comparison: &Comparison) -> BTreeSet<Difference> {
    let mut all = BTreeSet::new();
    for change in &comparison.changes {
        let place = change.place.to_string();
        let (table, field) = place.split_once('.').unwrap_or((&place, ""));
        let (table, field) = (table.to_owned(), field.to_owned());
        let text = |text: &Option<String>| text.clone().unwrap_or_default();
        match &*change.rule.id {
            "TABLE-ADDED" => drop(all.insert(("table added", table, field))),
            "TABLE-REMOVED" => drop(all.insert(("table removed", table, field))),
            "COLUMN-ADDED" | "COLUMN-ADDED-MANDATORY" => {
                all.insert(("field added", table, field));
            }
            "COLUMN-REMOVED" => drop(all.insert(("field removed", table, field))),
            "COLUMN-RENAMED" => {
                all.insert(("field removed", table.clone(), text(&change.old)));
                all.insert(("field added", table, text(&change.new)));
            }
            "COLUMN-MOVED-TABLE" => {
                for (kind, place) in [
                    ("field removed", text(&change.old)),
                    ("field added", text(&change.new)),
                ] {
                    let (table, field) = place.split_once('.').expect("a column");
                    all.insert((kind, table.to_owned(), field.to_owned()));
                }
            }
            "TABLE-RENAMED" => {
                all.insert(("table removed", text(&change.old), String::new()));
                all.insert(("table added", text(&change.new), String::new()));
            }
            _ => {}
        }
    }
    all
}

fn pair(old: &str, new: &str) -> Comparison {
    let files = shipped();
    compared(&load(&files, old), &load(&files, new))
}

/// Changes that are none of tables and columns.
fn others(comparison: &Comparison) -> Vec<String> {
    let told = lines(comparison).into_iter();
    told.filter(|line| !line.starts_with("TABLE-ADDED") && !line.starts_with("COLUMN-"))
        .collect()
}

#[test]
fn community_services_differ_as_listed() {
    let comparison = pair("csds/1-5", "csds/1-6");
    if let Some(listed) = listed("CSDS") {
        assert_eq!(found(&comparison), listed, "{:#?}", lines(&comparison));
    }
    // The rules of the table that came, the lists of columns that came and went, when periods are taken, and what the standard says of itself.
    assert_eq!(
        others(&comparison),
        [
            "RULE-ADDED CYP008-CYP001 []",
            "SUBMISSION-FACT-CHANGED submission.calendar [meaning decided]",
            "CODE-LIST-ADDED overseas-visitor-charging-category []",
            "CODE-LIST-REMOVED attended-or-did-not-attend-community-and-maternity []",
            "CODE-LIST-REMOVED consultation-medium-used []",
            "EFFECTIVE-MOVED effective_from []",
            "EFFECTIVE-MOVED effective_to []",
            "STANDARD-STATUS-CHANGED status []",
        ],
    );
}

#[test]
fn talking_therapies_differ_as_listed() {
    let comparison = pair("iapt/2-0", "iapt/2-1");
    if let Some(listed) = listed("IAPT") {
        assert_eq!(found(&comparison), listed, "{:#?}", lines(&comparison));
    }
    let of_rules: Vec<&Change> = comparison
        .changes
        .iter()
        .filter(|change| change.rule.id.starts_with("RULE-"))
        .collect();
    assert!(!of_rules.is_empty());
}

/// Of what the two versions say differently, every refusal is shown by a submission or is not known.
#[test]
fn submissions_show_what_the_new_versions_refuse() {
    let files = shipped();
    for (old, new, least) in [("csds/1-5", "csds/1-6", 5), ("iapt/2-0", "iapt/2-1", 5)] {
        let comparison = proved(&load(&files, old), &load(&files, new));
        let shown = comparison
            .changes
            .iter()
            .filter(|change| change.breaks(Whom::Submitter) && change.witness.is_some());
        let count = shown.count();
        assert!(count >= least, "{old}: {count}\n{:#?}", lines(&comparison));
    }
}

/// Version 5.0 of the mental health data set is not shipped. What 6.0 looks like without what came, and with what went, differs
/// from it as the list says: of columns, nothing but their names is known.
#[test]
fn mental_health_without_what_came_differs_as_listed() {
    let Some(listed) = listed("MHSDS") else {
        return;
    };
    let files = shipped();
    let new = load(&files, "mhsds/6-0");
    let mut old = new.clone();
    let submission = old.definition.submission.as_mut().expect("tables");
    // Rules know columns by their numbers; the comparison of structure does without them.
    submission.rules.clear();
    let mut now = new.clone();
    now.definition
        .submission
        .as_mut()
        .expect("tables")
        .rules
        .clear();
    let like = submission.tables[1].columns[0].clone();
    for (kind, table, field) in &listed {
        match *kind {
            "field added" => {
                let of = submission.table(table).expect("a table of 6.0");
                let columns = &mut submission.tables[of].columns;
                let before = columns.len();
                columns.retain(|column| *column.name != **field);
                assert_eq!(columns.len(), before - 1, "{table}.{field}");
            }
            "field removed" => {
                let of = submission.table(table).expect("a table of both");
                let mut column = like.clone();
                column.name = field.as_str().into();
                column.element = format!("{table} {field}").into();
                column.uid = "".into();
                column.format = "".into();
                column.form = None;
                column.codes = None;
                column.key = false;
                submission.tables[of].columns.push(column);
            }
            _ => {}
        }
    }
    for table in &mut submission.tables {
        table.links.clear();
        table.tell.clear();
    }
    for table in &mut now.definition.submission.as_mut().expect("tables").tables {
        table.links.clear();
        table.tell.clear();
    }
    for (kind, table, _) in &listed {
        if *kind == "table removed" {
            let mut gone = submission.tables[1].clone();
            gone.name = table.as_str().into();
            gone.code = table.as_str().into();
            for (number, column) in gone.columns.iter_mut().enumerate() {
                column.name = format!("{table}Column{number}").into();
            }
            submission.tables.push(gone);
        }
    }
    let added: Vec<&String> = listed
        .iter()
        .filter(|(kind, ..)| *kind == "table added")
        .map(|(_, table, _)| table)
        .collect();
    submission
        .tables
        .retain(|table| !added.iter().any(|name| **name == *table.name));
    submission.period = None;
    submission.provider = None;
    let comparison = compared(&old, &now);
    // A header is known whatever the case of its letters: such a pair is one column.
    let plain = |field: &str| concord_standards::layout::normalised_header(field);
    let both = |table: &str, field: &str| {
        ["field added", "field removed"].iter().all(|kind| {
            listed.iter().any(|(known, of, name)| {
                known == kind && of == table && plain(name) == plain(field)
            })
        })
    };
    let expected: BTreeSet<Difference> = listed
        .iter()
        .filter(|(_, table, field)| field.is_empty() || !both(table, field))
        .cloned()
        .collect();
    assert_eq!(found(&comparison), expected, "{:#?}", lines(&comparison));
}
