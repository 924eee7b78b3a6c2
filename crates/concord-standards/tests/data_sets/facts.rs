//! The published facts, as the reference folder has them.

use std::collections::BTreeMap;
use std::path::Path;

use concord_standards::submission::{Grade, Submission, Table};

use crate::support::reference;

/// A row of a file of facts.
pub(crate) type Fact = BTreeMap<String, String>;

/// The rows of a file of facts; none where there is no reference folder.
pub(crate) fn facts(file: &str) -> Option<Vec<Fact>> {
    Some(read(&reference()?.join("sdcs/facts").join(file)))
}

fn read(path: &Path) -> Vec<Fact> {
    let mut reader = csv::Reader::from_path(path).unwrap_or_else(|error| panic!("{error}"));
    let rows = reader.deserialize();
    let rows: Result<Vec<Fact>, _> = rows.collect();
    let rows = rows.unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    assert!(!rows.is_empty(), "{} has no rows", path.display());
    rows
}

/// What a file of facts calls an effect.
pub(crate) fn effect(grade: Option<Grade>) -> &'static str {
    use concord_finding::Effect;
    match grade {
        None => "",
        Some(grade) if grade.severity_1 => "severity1_warning",
        Some(grade) => match grade.effect {
            Effect::RejectFile => "reject_file",
            Effect::RejectGroup => "reject_group",
            Effect::RejectRecord => "reject_record",
            Effect::Warn => "warning",
            Effect::Note => "note",
        },
    }
}

/// The quoted words of a text: `'MHS001MPI'`, `MHS001['LocalPatientID']`.
pub(crate) fn quoted(text: &str) -> Vec<&str> {
    text.split('\'').skip(1).step_by(2).collect()
}

/// Names of columns.
pub(crate) fn names(table: &Table, columns: &[usize]) -> Vec<String> {
    let name = |column: &usize| table.columns[*column].name.to_string();
    columns.iter().map(name).collect()
}

/// That tables, columns, their ids, names, keys and ways to other tables are those of the facts.
#[track_caller]
pub(crate) fn same_columns(submission: &Submission, fields: &[Fact], keys: Option<&[Fact]>) {
    let mut expected: BTreeMap<&str, Vec<&Fact>> = BTreeMap::new();
    for field in fields {
        expected.entry(&field["table"]).or_default().push(field);
    }
    assert_eq!(submission.tables.len(), expected.len());
    for table in &submission.tables {
        let mut fields = expected[&*table.name].clone();
        fields.sort_by_key(|field| {
            field["ordinal"]
                .parse::<u32>()
                .expect("the facts keep to their form")
        });
        let told = |fact: &Fact| {
            let key = ["field", "uid"].map(|key| fact[key].clone());
            (key, fact["primary_key"] == "Y")
        };
        let ours = table.columns.iter().map(|column| {
            (
                [column.name.to_string(), column.uid.to_string()],
                column.key,
            )
        });
        let theirs: Vec<_> = fields.iter().map(|field| told(field)).collect();
        assert_eq!(ours.collect::<Vec<_>>(), theirs, "{}", table.name);
        assert_eq!(*table.code, *fields[0]["table_code"]);
        for (column, field) in table.columns.iter().zip(&fields) {
            let name = field["data_dictionary_name"].split_whitespace();
            let name = name.collect::<Vec<_>>().join(" ");
            // Some columns of later versions have no name in the facts.
            if !name.is_empty() {
                assert_eq!(*column.element, *name, "{}.{}", table.name, column.name);
            }
        }
    }
    let Some(keys) = keys else { return };
    let mut theirs: Vec<[String; 4]> = keys
        .iter()
        .map(|key| {
            ["child_table", "child_field", "parent_table", "parent_field"].map(|of| key[of].clone())
        })
        .collect();
    let mut ours = links(submission);
    ours.sort();
    theirs.sort();
    assert_eq!(ours, theirs);
}

/// How rows lead to those of other tables: table and column, table and column.
pub(crate) fn links(submission: &Submission) -> Vec<[String; 4]> {
    let mut found = Vec::new();
    for table in &submission.tables {
        for link in &table.links {
            let other = &submission.tables[link.table];
            for (own, theirs) in &link.columns {
                found.push([
                    table.name.to_string(),
                    table.columns[*own].name.to_string(),
                    other.name.to_string(),
                    other.columns[*theirs].name.to_string(),
                ]);
            }
        }
    }
    found
}
