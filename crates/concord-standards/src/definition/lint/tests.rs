use std::collections::BTreeMap;

use super::lint;
use crate::definition::Definition;

const STANDARD: &str = r#"
id = "example"
version = "1"
title = "Example"
publisher = "nobody"
carrier = "xml"
source = "a test"
[recognise]
root = "file"
attributes = { version = "1" }
[record]
elements = ["row"]
key = ["id"]
"#;

const STRUCTURE: &str = r#"
[element.file]
group = "File"
[group.File]
content = [{ element = "row", group = "Row", occurs = "0..*" }]
attributes = [{ attribute = "version", value = "xs:string" }]
[group.Row]
content = [
  { element = "id", value = "Id", status = "M" },
  { element = "kind", value = "Kind", occurs = "0..1", status = "O" },
]
[value.Id]
format = "n10"
[value.Kind]
format = "an1"
codes = "kinds"
"#;

const RULES: &str = r#"
[[rule]]
id = "X-1"
title = "kind"
effect = "warn"
message = "m"
source = "s"
since = "0.1.0"
place = "kind"
check = "kind IS NOT NULL"
pass = [{ kind = "A" }]
fail = [{}]
"#;

const CODES: &str =
    "code,meaning,valid_from,valid_to,source\nA,Alpha,2020-01-01,2021-01-01,s\nB,Beta,,,s\n";

/// What is said when `from` is replaced by `to` in one of the files: `line: message` each.
fn said(file: &str, from: &str, to: &str) -> Vec<String> {
    let mut files: BTreeMap<String, String> = [
        ("example/1/standard.toml", STANDARD),
        ("example/1/structure.toml", STRUCTURE),
        ("example/1/rules.toml", RULES),
        ("codes/kinds.csv", CODES),
    ]
    .map(|(path, text)| (path.to_owned(), text.to_owned()))
    .into();
    if !file.is_empty() {
        let text = files.get_mut(file).expect("a file of the example");
        assert!(text.contains(from), "{from}");
        *text = text.replacen(from, to, 1);
    }
    let problems = match Definition::load(&files, "example/1") {
        Ok(definition) => lint(&definition),
        Err(errors) => errors.problems,
    };
    problems
        .iter()
        .map(|problem| format!("{}: {}", problem.line, problem.message))
        .collect()
}

fn one(file: &str, from: &str, to: &str, expected: &str) {
    let said = said(file, from, to);
    assert!(
        said.len() == 1 && said[0].contains(expected),
        "{from} -> {to}: expected {expected}, said {said:#?}"
    );
}

#[test]
fn a_right_definition_gets_no_word() {
    assert_eq!(said("", "", ""), [""; 0]);
}

#[test]
fn standard_is_held_against_the_structure() {
    let file = "example/1/standard.toml";
    one(
        file,
        "key = [\"id\"]",
        "key = [\"id\"]\nprovider = [\"kynd\"]",
        "14: no element is called `kynd`",
    );
    assert_eq!(
        said(
            file,
            "key = [\"id\"]",
            "key = [\"id\"]\nprovider = [\"kind\"]"
        ),
        [""; 0]
    );
    one(
        file,
        "root = \"file\"",
        "root = \"fil\"",
        "8: no element `fil` of the structure may stand at the root",
    );
    one(
        file,
        "{ version =",
        "{ varsion =",
        "10: the root has no attribute `varsion`",
    );
    one(
        file,
        "[\"row\"]",
        "[\"raw\"]",
        "12: the root has no child `raw`",
    );
    one(
        file,
        "[\"id\"]",
        "[\"id\", \"no\"]",
        "13: the key `no` leads to nothing",
    );
    let said = said(file, "title =", "titel =");
    assert_eq!(
        said,
        [
            "4: `titel` means nothing in standard.toml",
            "1: a standard must say its `title`"
        ]
    );
}

#[test]
fn any_order_stands_alone() {
    let file = "example/1/structure.toml";
    let element = "{ element = \"kind\", value = \"Kind\", occurs = \"0..1\", status = \"O\" }";
    let said = said(file, element, &format!("{{ all = [{element}] }}"));
    let all = "elements in any order must be all that a group holds";
    assert!(said.iter().any(|line| line.ends_with(all)), "{said:?}");
}

#[test]
fn structure_must_lead_somewhere() {
    let file = "example/1/structure.toml";
    one(
        file,
        "value = \"Kind\"",
        "value = \"Knid\"",
        "10: there is no value `Knid`",
    );
    one(
        file,
        "group = \"Row\"",
        "group = \"Rows\"",
        "5: there is no group `Rows`",
    );
    one(
        file,
        "group = \"Row\"",
        "group = \"Kind\"",
        "there is no group `Kind`",
    );
    one(
        file,
        "codes = \"kinds\"",
        "codes = \"kind\"",
        "16: there is no code list `kind`",
    );
    one(
        file,
        "codes = \"kinds\"",
        "codes = \"kinds\"\nonly = [\"C\"]",
        "there is no code in `kinds`, `C`",
    );
    one(
        file,
        "occurs = \"0..*\"",
        "occurs = \"*\"",
        "`*` is not an occurrence",
    );
    one(
        file,
        "occurs = \"0..1\", status = \"O\"",
        "occurs = \"0..1\", status = \"M\"",
        "10: `kind` is mandatory (M), and its occurrence is 0..1",
    );
    one(
        file,
        "occurs = \"0..1\", status = \"O\"",
        "status = \"O\"",
        "`kind` is optional (O), and its occurrence is 1..1",
    );
    one(
        file,
        "status = \"M\"",
        "satus = \"M\"",
        "9: `satus` means nothing in an element",
    );
    one(
        file,
        "[value.Id]",
        "[value.Other]\nformat = \"an2\"\n[value.Id]",
        "12: no data can use the value `Other`",
    );
    one(
        file,
        "[value.Id]",
        "[group.Other]\n[value.Id]",
        "12: no data can use the group `Other`",
    );
    one(
        file,
        "format = \"n10\"",
        "format = \"an3 or an5\"",
        "13: the format `an3 or an5` implies nothing",
    );
    one(
        file,
        "format = \"n10\"",
        "base = \"Id\"",
        "13: the value `Id` is made of itself",
    );
    one(
        file,
        "[group.Row]",
        "[group.Row]\nextends = \"Row\"",
        "the group `Row` is derived from itself",
    );
    one(file, "[group.File]", "[group.File", "4: ");
}

#[test]
fn rules_must_be_complete() {
    let file = "example/1/rules.toml";
    one(file, "source = \"s\"", "", "the rule `X-1` says no source");
    one(file, "fail = [{}]", "", "has no example that should fail");
    one(
        file,
        "place = \"kind\"",
        "place = \"knd\"",
        "the rule `X-1` names `knd`, which example@1 does not have",
    );
    one(
        file,
        "pass = [{ kind",
        "pass = [{ kond",
        "an example of `X-1` names `kond`",
    );
    one(
        file,
        "effect = \"warn\"",
        "effect = \"reject\"",
        "there is no effect `reject`",
    );
    one(
        file,
        "check = \"kind IS NOT NULL\"",
        "",
        "a rule must say what it checks",
    );
    one(
        file,
        "check =",
        "unique = { element = \"id\" }\ncheck =",
        "both `check` and `unique`",
    );
    let twice = said(file, "[[rule]]", &format!("{RULES}[[rule]]"));
    assert_eq!(twice, ["14: the rule id `X-1` is taken"]);
}

#[test]
fn code_lists_are_checked() {
    let file = "codes/kinds.csv";
    one(
        file,
        "2021-01-01",
        "2019-01-01",
        "2: the code `A` ends on 2019-01-01, before it begins",
    );
    one(
        file,
        "2021-01-01",
        "2021-13-01",
        "2: `2021-13-01` is not a day",
    );
    one(file, "B,Beta", "A,Beta", "3: the code `A` stands twice");
    one(
        file,
        "code,meaning",
        "code,text",
        "1: the column `text` stands where `meaning` is expected",
    );
    one(
        file,
        "B,Beta,,,s",
        "B,Beta,s",
        "3: 3 cells where 5 columns are",
    );
}

#[test]
fn broken_files_are_errors_and_never_panics() {
    for (file, text) in [
        ("example/1/standard.toml", STANDARD),
        ("example/1/structure.toml", STRUCTURE),
        ("example/1/rules.toml", RULES),
        ("codes/kinds.csv", CODES),
    ] {
        for at in 0..text.len() {
            let cut = &text[..at];
            // What is said does not matter here: that it is said, and that it has a place inside the file.
            for line in said(file, text, cut) {
                let number = line
                    .split(':')
                    .next()
                    .and_then(|line| line.parse::<usize>().ok());
                assert!(number.is_some(), "{line}");
            }
        }
    }
    let deep = format!(
        "{STRUCTURE}\n[group.Deep]\ncontent = {}",
        "[{ sequence = ".repeat(5_000)
    );
    assert!(!said("example/1/structure.toml", STRUCTURE, &deep).is_empty());
}
