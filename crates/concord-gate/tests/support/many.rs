//! Small submissions of many tables, and small resources.

use std::fmt::Write as _;

use super::{Files, STANDARD, expanded, load, merged};
use concord_gate::subject::Subject;

const TABLES: &str = r#"
id = "many"
carrier = "tables"

[submission]
header = "M000Header"
period = ["Start", "End"]
provider = "Provider"
source = "written for a test"
since = "0.1.0"

[[table]]
name = "M000Header"

[[table]]
name = "M001Person"

[[table]]
name = "M101Referral"

[[table]]
name = "M102Contact"
"#;

/// Columns of a table that has some of its own.
const FIELDS: &str = "\
table,column,uid,element,mandation,format,code_list,key,references,presence_rule,format_rule,code_rule
M000Header,Version,M000001,,M,max an5,,,,M-BLANK,M-FORMAT,
M000Header,Provider,M000002,,M,min an3 max an6,,,,M-BLANK,M-FORMAT,
M000Header,Start,M000003,,M,an10 CCYY-MM-DD,,,,M-BLANK,M-FORMAT,
M000Header,End,M000004,,M,an10 CCYY-MM-DD,,,,M-BLANK,M-FORMAT,
M001Person,Person,M001001,,M,max an20,,Y,,M-BLANK,M-FORMAT,
M001Person,Sex,M001002,,R,an1,list,,,,M-FORMAT,M-CODE reject-record
M001Person,Born,M001003,,R,an10 CCYY-MM-DD,,,,,M-FORMAT,
M101Referral,Referral,M101001,,M,max an20,,Y,,M-BLANK,M-FORMAT,
M101Referral,Person,M101002,,M,max an20,,,M001Person.Person,M-BLANK,M-FORMAT,
M101Referral,Opened,M101003,,M,an10 CCYY-MM-DD,,,,M-BLANK,M-FORMAT,
M101Referral,Closed,M101004,,R,an10 CCYY-MM-DD,,,,,M-FORMAT,
M101Referral,Source,M101005,,R,an2,,,,,M-FORMAT,
M102Contact,Contact,M102001,,M,max an20,,Y,,M-BLANK,M-FORMAT,
M102Contact,Referral,M102002,,M,max an20,,,M101Referral.Referral,M-BLANK,M-FORMAT,
M102Contact,Person,M102003,,R,max an20,,,M001Person.Person,,M-FORMAT,
M102Contact,Tool,M102004,,R,an3,,,,,M-FORMAT,
M102Contact,Score,M102005,,R,max an4,,,,,M-FORMAT,
";

pub(crate) const ALL_FIELDS: &str = "table,position,column,uid,element,mandation,format,code_list,key,references,presence_rule,format_rule,code_rule,source,confidence";

const RULES: &str = r#"
[[rule]]
id = "M-BLANK"
title = "a mandatory column is filled"
effect = "reject-record"
field = "presence"

[[rule]]
id = "M-FORMAT"
title = "a value has its format"
effect = "reject-record"
field = "format"

[[rule]]
id = "M-CODE"
title = "a code is on its list"
effect = "reject-record"
field = "code"

[[rule]]
id = "M-KEY"
table = "M101Referral"
effect = "reject-group"
unique = ["Referral"]

[[rule]]
id = "M-PERSON"
table = "M101Referral"
effect = "reject-group"
needs = "M001Person"
"#;

const SCALED: &str = r#"
[[rule]]
id = "M-TOOL"
table = "M102Contact"
effect = "reject-record"
scale = { tool = "Tool", score = "Score", judge = "tool" }

[[rule]]
id = "M-SCORE"
table = "M102Contact"
effect = "reject-record"
scale = { tool = "Tool", score = "Score", judge = "score" }
"#;

/// A submission of many tables of which only these files are told: `standard.toml`, `fields.csv` (the columns of the tables that it
/// names), `rules.toml` (added to those that there are), `scales.csv`, `codes/list.csv`.
pub(crate) fn tables(parts: &[(&str, &str)]) -> Subject {
    load(&files(parts), "many/1")
}

/// The files of such a submission.
pub(crate) fn files(parts: &[(&str, &str)]) -> Files {
    let part = |name: &str| {
        let found = parts.iter().find(|(part, _)| *part == name);
        found.map(|(_, text)| *text)
    };
    let mut info = merged(STANDARD, TABLES);
    let own = merged("", part("standard.toml").unwrap_or_default());
    for (key, value) in own {
        match (info.get_mut(&key), value) {
            (Some(toml::Value::Table(known)), toml::Value::Table(own)) => known.extend(own),
            (_, value) => {
                info.insert(key, value);
            }
        }
    }
    let fields = part("fields.csv").map_or_else(|| FIELDS.to_owned(), with_fields);
    let (fields, elements) = numbered(&fields);
    let scales = part("scales.csv");
    let mut rules = RULES.to_owned();
    if scales.is_some() {
        rules.push_str(SCALED);
    }
    rules.push_str(part("rules.toml").unwrap_or_default());
    let codes = part("codes/list.csv").unwrap_or("code,meaning\n1,One\n2,Two\n9,Nine\n");
    let mut files = Files::from([
        ("many/1/standard.toml".to_owned(), info.to_string()),
        ("many/1/fields.csv".to_owned(), fields),
        ("many/1/rules.toml".to_owned(), rules),
        ("elements.csv".to_owned(), elements),
        (
            "codes/list.csv".to_owned(),
            expanded("code,meaning,valid_from,valid_to,source", codes, |_| {
                String::new()
            }),
        ),
    ]);
    if let Some(scales) = scales {
        files.insert("many/1/scales.csv".to_owned(), scales.to_owned());
    }
    files
}

/// The columns of all tables, those of the tables that are named by these.
fn with_fields(own: &str) -> String {
    let (head, _) = FIELDS.split_once('\n').expect("a header");
    let own = expanded(head, own, |_| String::new());
    let table = |line: &str| line.split(',').next().unwrap_or_default().to_owned();
    let named: Vec<String> = own.lines().skip(1).map(table).collect();
    let others = FIELDS
        .lines()
        .skip(1)
        .filter(|line| !named.contains(&table(line)));
    let mut all = format!("{head}\n");
    for line in others.chain(own.lines().skip(1)) {
        all.push_str(line);
        all.push('\n');
    }
    all
}

/// Columns with their positions, and the elements that they name.
fn numbered(fields: &str) -> (String, String) {
    let mut all = format!("{ALL_FIELDS}\n");
    let mut positions: std::collections::BTreeMap<String, usize> =
        std::collections::BTreeMap::new();
    let mut names: Vec<String> = Vec::new();
    for line in expanded(ALL_FIELDS, fields, |_| String::new())
        .lines()
        .skip(1)
    {
        let mut cells: Vec<String> = line.split(',').map(str::to_owned).collect();
        let position = positions.entry(cells[0].clone()).or_default();
        *position += 1;
        cells[1] = position.to_string();
        if cells[4].is_empty() {
            cells[4] = cells[2].to_uppercase();
        }
        if !names.contains(&cells[4]) {
            names.push(cells[4].clone());
        }
        all.push_str(&cells.join(","));
        all.push('\n');
    }
    let mut elements = "name,xml_names,format,code_list,personal,source\n".to_owned();
    for name in names {
        writeln!(elements, "{name},,,,no,a test").expect("text");
    }
    (all, elements)
}

const RESOURCES: &str = "id = \"fhir\"\ncarrier = \"fhir\"\n";
const TYPES: &str = "type,kind,base
Element,abstract-data-type,
string,primitive,Element
code,primitive,Element
integer,primitive,Element
Reference,data-type,Element
Resource,abstract-resource,
Person,resource,Resource
Group,resource,Resource
Person.part,group,Element
";
const ELEMENTS: &str = "type,element,min,max,data_type,targets,codes,personal
Element,id,0,1,string,,,
Reference,reference,0,1,string,,,
Resource,id,0,1,string,,,
Person,status,1,1,code,,status,
Person,part,0,*,Person.part,,,
Person.part,text,1,1,string,,,
Group,status,0,1,code,,status,
";
const CODES: &str = "list,code,meaning\nstatus,active,Active\nstatus,gone,Gone\n";

/// Resources of which only these rows are told: `types.csv` and `elements.csv` (added to those that there are), `codes.csv`.
pub(crate) fn resources(parts: &[(&str, &str)]) -> Subject {
    let part = |name: &str| {
        let found = parts.iter().find(|(part, _)| *part == name);
        found.map_or("", |(_, text)| *text)
    };
    let info = merged(STANDARD, RESOURCES);
    let with = |base: &str, own: &str| {
        let (head, _) = base.split_once('\n').expect("a header");
        let own = expanded(head, own, |_| String::new());
        let rows: Vec<&str> = own.lines().skip(1).collect();
        format!("{base}{}\n", rows.join("\n")).trim_end().to_owned() + "\n"
    };
    let codes = match part("codes.csv") {
        "" => CODES,
        own => own,
    };
    let files = Files::from([
        ("fhir/1/standard.toml".to_owned(), info.to_string()),
        (
            "fhir/1/types.csv".to_owned(),
            with(TYPES, part("types.csv")),
        ),
        (
            "fhir/1/elements.csv".to_owned(),
            with(ELEMENTS, part("elements.csv")),
        ),
        ("fhir/1/codes.csv".to_owned(), codes.to_owned()),
    ]);
    load(&files, "fhir/1")
}
