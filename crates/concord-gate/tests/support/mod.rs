//! Small standards from snippets, for tests that compare.
#![allow(dead_code)] // each test uses some of it

pub(crate) mod many;

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::PathBuf;

use concord_gate::change::Comparison;
use concord_gate::subject::{StoredColumn, StoredKind, StoredTable, Subject, SubjectKind};
use concord_gate::{CompareOptions, compare};
use concord_standards::definition::Definition;

/// Files of a definition being put together.
pub(crate) type Files = BTreeMap<String, String>;

const STANDARD: &str = r#"
id = "example"
version = "1"
title = "Example"
publisher = "Concord"
source = "written for a test"
carrier = "delimited"
status = "current"
"#;

const STRUCTURE: &str = r#"
namespace = "urn:example"

[element.Submission]
group = "Submission"

[group.Submission]
content = [{ element = "Record", group = "Record", occurs = "1..*" }]

[group.Record]
content = [{ element = "Id", value = "Text" }]

[value.Text]
base = "xs:string"
max_length = 20
"#;

const FIELDS: &str = "table,position,column,element,group,mandation,format,code_list,start,width,presence_rule,format_rule,code_rule,source,confidence";

const COLUMNS: &str =
    "column,mandation,format\nID,M,max an10\nNAME,M,max an20\nWARD,R,an4\nDAY,O,an10 CCYY-MM-DD\n";

const RULE: &str = r#"
title = "a rule"
message = "{value} is wrong"
source = "written for a test"
provenance = "published"
since = "0.1.0"
"#;

/// A standard of which only these parts are told: `standard.toml`, `structure.toml`, `fields.csv`, `rules.toml`, `codes`,
/// `aliases.csv`, `elements.csv`.
pub(crate) fn standard(parts: &[(&str, &str)]) -> Subject {
    let part = |name: &str| {
        parts
            .iter()
            .find(|(part, _)| *part == name)
            .map(|(_, text)| *text)
    };
    let xml = part("structure.toml").is_some();
    let mut info = merged(STANDARD, part("standard.toml").unwrap_or_default());
    let mut files = Files::new();
    let xml = xml || part("standard.toml").is_some_and(|text| text.contains("carrier = \"xml\""));
    if xml {
        info.entry("recognise")
            .or_insert(toml::from_str("root = \"Submission\"").expect("toml"));
        info.insert("carrier".into(), "xml".into());
        let structure = merged(STRUCTURE, part("structure.toml").unwrap_or_default());
        info.entry("namespace")
            .or_insert(structure["namespace"].clone());
        files.insert("example/1/structure.toml".into(), structure.to_string());
    } else {
        let table: toml::Value =
            toml::from_str("table = [{ name = \"rows\", title = \"rows\", header = \"required\", delimiters = [\",\"] }]")
                .expect("toml");
        info.entry("table").or_insert(table["table"].clone());
        let header = format!("header = {}", info["carrier"].as_str() == Some("delimited"));
        info.entry("recognise")
            .or_insert(toml::from_str(&header).expect("toml"));
        info.entry("aliases")
            .or_insert(vec!["../../aliases.csv"].into());
        let tables: Vec<String> = info["table"]
            .as_array()
            .expect("tables")
            .iter()
            .map(|table| table["name"].as_str().expect("a name").to_owned())
            .collect();
        let (fields, elements) = fields(
            part("fields.csv"),
            part("codes"),
            part("elements.csv"),
            &tables,
        );
        files.insert("example/1/fields.csv".into(), fields);
        files.insert("elements.csv".into(), elements);
        let aliases = part("aliases.csv").unwrap_or_default();
        files.insert(
            "aliases.csv".into(),
            expanded("header,column,feed,source", aliases, |_| String::new()),
        );
    }
    files.insert("example/1/standard.toml".into(), info.to_string());
    let list = part("codes").unwrap_or("code,meaning\n1,One\n2,Two\n9,Nine\n");
    for name in ["list", "copy"] {
        let codes = expanded("code,meaning,valid_from,valid_to,source", list, |_| {
            String::new()
        });
        files.insert(format!("codes/{name}.csv"), codes);
    }
    if let Some(rules) = part("rules.toml").filter(|text| !text.trim().is_empty()) {
        files.insert("example/1/rules.toml".into(), with_defaults(rules));
    }
    load(&files, "example/1")
}

/// A definition read from files.
pub(crate) fn load(files: &Files, folder: &str) -> Subject {
    let definition = Definition::load(files, folder).unwrap_or_else(|errors| {
        panic!("{folder}: {errors}");
    });
    subject(definition)
}

/// A definition as a side of a comparison.
pub(crate) fn subject(definition: Definition) -> Subject {
    Subject {
        name: definition.standard.name(),
        kind: SubjectKind::Definition,
        definition,
        storage: Vec::new(),
        not_compared: Vec::new(),
    }
}

/// Compares as users do who say nothing else.
pub(crate) fn compared(old: &Subject, new: &Subject) -> Comparison {
    compare(old, new, &CompareOptions::default())
}

/// The rule, the place and whom it breaks of every change, one on each line.
pub(crate) fn lines(comparison: &Comparison) -> Vec<String> {
    let changes = comparison.changes.iter();
    changes
        .map(|change| {
            let breaks: Vec<String> = change
                .breaks
                .iter()
                .map(|breaks| format!("{} {}", breaks.whom, breaks.certainty.as_str()))
                .collect();
            format!(
                "{} {} [{}]",
                change.rule.id,
                change.place,
                breaks.join(", ")
            )
        })
        .collect()
}

/// Both sides of an example of the catalogue.
pub(crate) fn example(part: &str, old: &str, new: &str) -> (Subject, Subject) {
    (side(part, old), side(part, new))
}

fn side(part: &str, text: &str) -> Subject {
    if part == "storage" {
        let mut subject = standard(&[]);
        subject.storage = storage(text);
        return subject;
    }
    for (folder, make) in [
        ("many/1/", many::tables as fn(&[(&str, &str)]) -> Subject),
        ("fhir/1/", many::resources),
    ] {
        if let Some(file) = part.strip_prefix(folder) {
            return make(&[(file, text)]);
        }
    }
    let names: Vec<&str> = part.split(" + ").collect();
    let texts: Vec<&str> = text.split("---\n").collect();
    let parts: Vec<(&str, &str)> = names.into_iter().zip(texts).collect();
    standard(&parts)
}

/// `patient.born date null` on each line.
pub(crate) fn storage(text: &str) -> Vec<StoredTable> {
    let mut tables: Vec<StoredTable> = Vec::new();
    for line in text.lines() {
        let mut words = line.split_whitespace();
        let (place, kind) = (
            words.next().expect("a place"),
            words.next().expect("a type"),
        );
        let (table, column) = place.split_once('.').expect("table.column");
        if !tables.iter().any(|known| &*known.name == table) {
            tables.push(StoredTable {
                name: table.into(),
                columns: Vec::new(),
            });
        }
        let kind = match kind {
            "text" => StoredKind::Text,
            "date" => StoredKind::Date,
            "integer32" | "integer64" => StoredKind::Integer {
                bits: kind["integer".len()..].parse().expect("bits"),
                signed: true,
            },
            other => StoredKind::Other(other.to_owned()),
        };
        let column = StoredColumn {
            name: column.into(),
            kind,
            nullable: words.next() == Some("null"),
            dictionary_name: None,
            code_list: None,
        };
        let table = tables
            .iter_mut()
            .find(|known| &*known.name == table)
            .expect("was added");
        table.columns.push(column);
    }
    tables
}

/// A table of TOML with the keys of another in its place.
fn merged(base: &str, own: &str) -> toml::Table {
    fn merge(base: &mut toml::Table, own: toml::Table) {
        for (key, value) in own {
            match (base.get_mut(&key), value) {
                (Some(toml::Value::Table(base)), toml::Value::Table(own))
                    if key == "group" || key == "value" =>
                {
                    merge(base, own);
                }
                (_, value) => {
                    base.insert(key, value);
                }
            }
        }
    }
    let mut base: toml::Table = toml::from_str(base).expect("the base is TOML");
    let own: toml::Table = toml::from_str(own).unwrap_or_else(|error| panic!("{error}\n{own}"));
    merge(&mut base, own);
    base
}

fn with_defaults(rules: &str) -> String {
    let mut rules: toml::Table =
        toml::from_str(rules).unwrap_or_else(|error| panic!("{error}\n{rules}"));
    let defaults: toml::Table = toml::from_str(RULE).expect("the defaults are TOML");
    for rule in rules["rule"].as_array_mut().expect("rules") {
        let rule = rule.as_table_mut().expect("a rule");
        for (key, value) in &defaults {
            rule.entry(key.clone()).or_insert(value.clone());
        }
    }
    rules.to_string()
}

/// CSV with columns of its own as CSV with all columns; what it does not say is said by `other`.
fn expanded(columns: &str, text: &str, other: impl Fn(&str) -> String) -> String {
    let mut lines = text.lines();
    let own: Vec<&str> = lines.next().unwrap_or_default().split(',').collect();
    let mut expanded = format!("{columns}\n");
    for line in lines {
        let cells: Vec<&str> = line.split(',').collect();
        let all = columns.split(',').map(|column| {
            let index = own.iter().position(|known| *known == column);
            match index.and_then(|index| cells.get(index)) {
                Some(cell) => (*cell).to_owned(),
                None if column == "source" => "a test".to_owned(),
                None => other(column),
            }
        });
        expanded.push_str(&all.collect::<Vec<_>>().join(","));
        expanded.push('\n');
    }
    expanded
}

/// `fields.csv` and `elements.csv`. Tables that have no columns of their own get those of [`COLUMNS`]. Elements that are told
/// stand in columns of their names; a code list that is told stands in a column `SEX`.
fn fields(
    own: Option<&str>,
    codes: Option<&str>,
    elements: Option<&str>,
    tables: &[String],
) -> (String, String) {
    let text = match (own, codes, elements) {
        (Some(own), ..) => own.to_owned(),
        (None, Some(_), _) => {
            "column,mandation,format,code_list\nID,M,max an10,\nSEX,O,an1,list\n".to_owned()
        }
        (None, None, Some(_)) => {
            "column,element,mandation,format\nID,ID,M,max an10\nWARD,WARD,R,an4\n".to_owned()
        }
        _ => COLUMNS.to_owned(),
    };
    let named = text.starts_with("table,");
    let texts: Vec<String> = if named {
        vec![text.clone()]
    } else {
        tables
            .iter()
            .map(|table| {
                let mut lines = text.lines();
                let head = format!("table,{}\n", lines.next().unwrap_or_default());
                let rows = lines.map(|line| format!("{table},{line}\n"));
                head + &rows.collect::<String>()
            })
            .collect()
    };
    let mut all = format!("{FIELDS}\n");
    let mut known: BTreeMap<String, usize> = BTreeMap::new();
    let mut names = Vec::new();
    for text in texts {
        for line in expanded(FIELDS, &text, |_| String::new()).lines().skip(1) {
            let mut cells: Vec<String> = line.split(',').map(str::to_owned).collect();
            let position = known.entry(cells[0].clone()).or_default();
            *position += 1;
            cells[1] = position.to_string();
            if cells[3].is_empty() {
                cells[3] = cells[2].replace('_', " ");
            }
            if !names.contains(&cells[3]) {
                names.push(cells[3].clone());
            }
            all.push_str(&cells.join(","));
            all.push('\n');
        }
    }
    let mut list = "name,xml_names,format,code_list,personal,source\n".to_owned();
    for name in names {
        let personal = elements.is_some_and(|text| text.contains(&format!("{name},yes")));
        let word = if personal { "yes" } else { "no" };
        writeln!(list, "{name},,,,{word},a test").expect("text");
    }
    (all, list)
}

/// A path of the reference folder; `None`, said aloud, where it is absent.
#[allow(clippy::print_stderr)] // what is skipped must be seen
pub(crate) fn reference(path: &str) -> Option<PathBuf> {
    let folder = std::env::var_os("CONCORD_REFERENCE").map_or_else(
        || PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../../shared/reference"),
        PathBuf::from,
    );
    let path = folder.join(path);
    if path.exists() {
        return Some(path);
    }
    eprintln!("skipped: there is no {}", path.display());
    None
}

/// All files below a folder, by path.
pub(crate) fn files_below(folder: &std::path::Path) -> Files {
    let mut files = Files::new();
    let mut open = vec![folder.to_path_buf()];
    while let Some(next) = open.pop() {
        for entry in std::fs::read_dir(&next).expect("the folder is there") {
            let path = entry.expect("can be listed").path();
            if path.is_dir() {
                open.push(path);
            } else if let Ok(text) = std::fs::read_to_string(&path) {
                let name = path
                    .strip_prefix(folder)
                    .expect("is below")
                    .to_string_lossy()
                    .into_owned();
                files.insert(name, text);
            }
        }
    }
    files
}

/// The standards that are shipped.
pub(crate) fn shipped() -> Files {
    files_below(&PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../schemas"))
}
