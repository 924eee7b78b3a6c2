//! Versions of national data sets compared, held against the list of their differences in the reference folder.

mod support;

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;
use std::path::Path;

use concord_gate::change::{Change, Comparison};
use concord_gate::subject::Subject;
use concord_standards::definition::column_id;
use support::{Files, compared, lines, load, reference};

/// The pairs: data set, old and new version.
const PAIRS: [(&str, &str, &str); 3] = [
    ("MHSDS", "v5.0", "v6.0"),
    ("CSDS", "v1.5", "v1.6"),
    ("IAPT", "v2.0", "v2.1"),
];

/// What happened to a table (its field is empty) or to a field.
type Difference = (&'static str, String, String);

/// A field as the reference lists it.
struct Row {
    table: String,
    field: String,
    dictionary_name: String,
    mandation: String,
}

fn rows(folder: &Path, name: &str) -> Vec<Row> {
    let mut reader = csv_rows(&folder.join(format!("{name}_fields.csv"))).into_iter();
    let head = reader.next().expect("a header");
    let column = |name: &str| head.iter().position(|known| known == name);
    let (table, field) = (
        column("table").expect("table"),
        column("field").expect("field"),
    );
    let dictionary = column("data_dictionary_name").expect("data_dictionary_name");
    let mandation = column("mandation_MRO");
    reader
        .map(|row| Row {
            table: row[table].clone(),
            field: row[field].clone(),
            dictionary_name: row[dictionary].replace(['\n', '"'], " "),
            mandation: mandation
                .map(|index| row[index].clone())
                .unwrap_or_default(),
        })
        .collect()
}

/// The cells of a CSV file; quotes are doubled inside quotes.
fn csv_rows(path: &Path) -> Vec<Vec<String>> {
    let text = std::fs::read_to_string(path).expect("can be read");
    let mut rows = vec![vec![String::new()]];
    let mut quoted = false;
    for character in text.chars() {
        let row = rows.last_mut().expect("begins with one");
        match character {
            '"' => quoted = !quoted,
            ',' if !quoted => row.push(String::new()),
            '\n' if !quoted => rows.push(vec![String::new()]),
            '\r' => {}
            other => row.last_mut().expect("begins with one").push(other),
        }
    }
    rows.retain(|row| row.len() > 1);
    rows
}

/// What the reference lists for a pair.
fn listed(folder: &Path, set: &str) -> BTreeSet<Difference> {
    let rows = csv_rows(&folder.join("version_diffs.csv"));
    let of_set = rows.into_iter().filter(|row| row[0] == set);
    of_set
        .map(|row| {
            let kind = match row[3].as_str() {
                "table_added" => "table added",
                "table_removed" => "table removed",
                "field_added" => "field added",
                "field_removed" => "field removed",
                other => panic!("{other}"),
            };
            (kind, row[4].clone(), row[5].clone())
        })
        .collect()
}

/// The data set as documents: an element for each table, and in it one for each field.
fn as_document(rows: &[Row]) -> Subject {
    let mut tables: BTreeMap<&str, Vec<&Row>> = BTreeMap::new();
    let mut order = Vec::new();
    for row in rows {
        let fields = tables.entry(&row.table).or_default();
        if fields.is_empty() {
            order.push(row.table.as_str());
        }
        fields.push(row);
    }
    let mut record = "[group.Record]\ncontent = [\n".to_owned();
    let mut groups = String::new();
    for table in order {
        writeln!(
            record,
            "  {{ element = \"{table}\", group = \"{table}\", occurs = \"0..*\" }},"
        )
        .expect("text");
        writeln!(groups, "\n[group.{table}]\ncontent = [").expect("text");
        for row in &tables[table] {
            writeln!(
                groups,
                "  {{ element = \"{}\", value = \"Text\", occurs = \"0..1\" }},",
                row.field
            )
            .expect("text");
        }
        groups.push_str("]\n");
    }
    support::standard(&[("structure.toml", &format!("{record}]\n{groups}"))])
}

/// The data set as tables, whose names have no capitals.
fn as_tables(rows: &[Row]) -> Subject {
    let mut files = Files::new();
    let mut standard = "id = \"set\"\nversion = \"1\"\ntitle = \"t\"\npublisher = \"p\"\nsource = \"s\"\ncarrier = \"delimited\"\n[recognise]\nheader = true\n".to_owned();
    let mut fields = "table,position,column,element,group,mandation,format,code_list,start,width,presence_rule,format_rule,code_rule,source,confidence\n".to_owned();
    let mut positions: BTreeMap<&str, usize> = BTreeMap::new();
    for row in rows {
        let position = positions.entry(&row.table).or_insert(0);
        if *position == 0 {
            let table = row.table.to_lowercase();
            writeln!(
                standard,
                "[[table]]\nname = \"{table}\"\ntitle = \"t\"\nheader = \"required\""
            )
            .expect("text");
        }
        *position += 1;
        writeln!(
            fields,
            "{},{position},{},\"{}\",,{},,,,,,,,s,",
            row.table.to_lowercase(),
            column_id(&row.field),
            row.dictionary_name,
            if row.mandation.is_empty() {
                "O"
            } else {
                &row.mandation
            },
        )
        .expect("text");
    }
    files.insert("set/1/standard.toml".into(), standard);
    files.insert("set/1/fields.csv".into(), fields);
    load(&files, "set/1")
}

/// What a comparison found, as the reference lists differences: a rename and a move are one thing gone and one come.
fn found(comparison: &Comparison) -> BTreeSet<Difference> {
    let mut all = BTreeSet::new();
    for change in &comparison.changes {
        let (gone, come) = sides(change);
        for (place, table, field) in [
            (gone, "table removed", "field removed"),
            (come, "table added", "field added"),
        ] {
            let Some(place) = place else { continue };
            let path = place.replace("Submission/Record/", "").replace('.', "/");
            match path.split_once('/') {
                Some((of, name)) => all.insert((field, of.to_owned(), name.to_owned())),
                None => all.insert((table, path, String::new())),
            };
        }
    }
    all
}

/// The places where something is gone, and where something came.
fn sides(change: &Change) -> (Option<String>, Option<String>) {
    let place = change.place.to_string();
    match &*change.rule.id {
        "ELEMENT-REMOVED" | "COLUMN-REMOVED" | "TABLE-REMOVED" => (Some(place), None),
        "ELEMENT-ADDED" | "COLUMN-ADDED" | "COLUMN-ADDED-MANDATORY" | "TABLE-ADDED" => {
            (None, Some(place))
        }
        "ELEMENT-RENAMED" | "ELEMENT-MOVED-GROUP" | "COLUMN-MOVED-TABLE" | "TABLE-RENAMED" => {
            (change.old.clone(), change.new.clone())
        }
        "COLUMN-RENAMED" => {
            let table = place
                .split_once('.')
                .map(|(table, _)| table.to_owned())
                .expect("a column");
            let named = |name: &Option<String>| name.as_ref().map(|name| format!("{table}.{name}"));
            (named(&change.old), named(&change.new))
        }
        _ => (None, None),
    }
}

#[test]
fn documents_differ_as_listed() {
    let Some(folder) = reference("sdcs/facts") else {
        return;
    };
    for (set, old, new) in PAIRS {
        let (old, new) = (
            rows(&folder, &format!("{set}_{old}")),
            rows(&folder, &format!("{set}_{new}")),
        );
        let comparison = compared(&as_document(&old), &as_document(&new));
        // An element of a table that has the same name but was moved is no difference that the list knows of.
        let found = found(&comparison);
        // Where a table was renamed, its fields are told under the new name only when they differ.
        assert_eq!(
            with_renamed_tables(found, &comparison),
            listed(&folder, set),
            "{set}: {:#?}",
            lines(&comparison)
        );
        let other: Vec<String> = lines(&comparison)
            .into_iter()
            .filter(|line| !line.starts_with("ELEMENT-"))
            .collect();
        assert!(other.is_empty(), "{set}: {other:#?}");
    }
}

/// Differences of fields inside tables that were renamed are no differences of the list, which knows such tables as gone and
/// come.
fn with_renamed_tables(
    mut found: BTreeSet<Difference>,
    comparison: &Comparison,
) -> BTreeSet<Difference> {
    let renamed: BTreeSet<String> = comparison
        .changes
        .iter()
        .filter(|change| matches!(&*change.rule.id, "ELEMENT-RENAMED" | "TABLE-RENAMED"))
        .flat_map(|change| [change.old.clone(), change.new.clone()])
        .flatten()
        .map(|place| place.replace("Submission/Record/", ""))
        .filter(|place| !place.contains('/'))
        .collect();
    found.retain(|(_, table, field)| field.is_empty() || !renamed.contains(table));
    found
}

#[test]
fn tables_differ_as_listed() {
    let Some(folder) = reference("sdcs/facts") else {
        return;
    };
    for (set, old, new) in PAIRS {
        let (old, new) = (
            rows(&folder, &format!("{set}_{old}")),
            rows(&folder, &format!("{set}_{new}")),
        );
        let comparison = compared(&as_tables(&old), &as_tables(&new));
        // A header is known whatever its case and its underscores: `LocalPatientId` and `LocalPatientID` are one column.
        let header = |field: &str| concord_standards::layout::normalised_header(field);
        let all = listed(&folder, set);
        let both = |table: &str, field: &str| {
            let one = |kind| {
                let mut of_kind = all
                    .iter()
                    .filter(|(known, of, _)| *known == kind && of == table);
                of_kind.any(|(.., name)| header(name) == header(field))
            };
            one("field added") && one("field removed")
        };
        let expected: BTreeSet<Difference> = all
            .iter()
            .filter(|(_, table, field)| field.is_empty() || !both(table, field))
            .map(|(kind, table, field)| (*kind, table.to_lowercase(), column_id(field)))
            .collect();
        let found = with_renamed_tables(found(&comparison), &comparison);
        assert_eq!(found, expected, "{set}: {:#?}", lines(&comparison));
        assert_eq!(
            identities(&comparison),
            other_names(&old, &new),
            "{set}: {:#?}",
            lines(&comparison)
        );
        assert_eq!(
            mandations(&comparison),
            other_mandations(&old, &new),
            "{set}"
        );
    }
}

/// The names of columns whose data element is another one, and how many tables have each.
fn identities(comparison: &Comparison) -> BTreeMap<String, u32> {
    let mut all = BTreeMap::new();
    let changed = comparison
        .changes
        .iter()
        .filter(|change| &*change.rule.id == "IDENTITY-CHANGED");
    for change in changed {
        let place = change.place.to_string();
        let column = place.rsplit('.').next().expect("a column").to_owned();
        *all.entry(column).or_default() += 1 + change.also;
    }
    all
}

fn shared<'r>(old: &'r [Row], new: &'r [Row]) -> impl Iterator<Item = (&'r Row, &'r Row)> {
    let key = |row: &Row| (row.table.clone(), column_id(&row.field));
    let now: BTreeMap<_, &Row> = new.iter().map(|row| (key(row), row)).collect();
    old.iter()
        .filter_map(move |row| Some((row, *now.get(&key(row))?)))
}

fn other_names(old: &[Row], new: &[Row]) -> BTreeMap<String, u32> {
    let mut all = BTreeMap::new();
    for (before, now) in shared(old, new) {
        let words = |row: &Row| {
            row.dictionary_name
                .split_whitespace()
                .collect::<Vec<_>>()
                .join(" ")
                .to_uppercase()
        };
        let (before_name, now_name) = (words(before), words(now));
        if !before_name.is_empty() && !now_name.is_empty() && before_name != now_name {
            *all.entry(column_id(&now.field)).or_default() += 1;
        }
    }
    all
}

fn mandations(comparison: &Comparison) -> u32 {
    let kinds = [
        "COLUMN-MADE-MANDATORY",
        "COLUMN-MADE-OPTIONAL",
        "STATUS-CHANGED",
    ];
    let renamed: BTreeSet<_> = comparison
        .changes
        .iter()
        .filter(|change| &*change.rule.id == "COLUMN-RENAMED")
        .map(|change| change.place.clone())
        .collect();
    // A column that has another name now is none that both versions have.
    let of_both = comparison
        .changes
        .iter()
        .filter(|change| !renamed.contains(&change.place));
    let changed = of_both.filter(|change| kinds.contains(&&*change.rule.id));
    changed.map(|change| 1 + change.also).sum()
}

fn other_mandations(old: &[Row], new: &[Row]) -> u32 {
    let said = |row: &Row| {
        if row.mandation.is_empty() {
            "O".to_owned()
        } else {
            row.mandation.clone()
        }
    };
    let differing = shared(old, new).filter(|(before, now)| said(before) != said(now));
    u32::try_from(differing.count()).expect("few")
}
