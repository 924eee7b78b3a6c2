//! Small pairs of structures and tables: what is told of each, and what is not.

mod support;

use std::fmt::Write as _;

use concord_gate::change::{Certainty, Comparison, LeadKind, Whom};
use concord_gate::subject::{Subject, SubjectKind};
use concord_gate::{CompareOptions, compare};
use support::{compared, lines, standard, storage};

/// A structure of which the record holds this.
fn record(content: &str) -> Subject {
    with_groups(content, "")
}

fn with_groups(content: &str, groups: &str) -> Subject {
    standard(&[(
        "structure.toml",
        &format!("[group.Record]\ncontent = [{content}]\n{groups}"),
    )])
}

fn told(old: &Subject, new: &Subject) -> Vec<String> {
    lines(&compared(old, new))
}

/// What is told of two records, whose content is written in short: `A B? C* (D | E)` and the like.
fn check(old: &str, new: &str, expected: &[&str]) {
    let (old, new) = (record(&model(old)), record(&model(new)));
    let found: Vec<String> = told(&old, &new)
        .into_iter()
        .map(|line| {
            line.replace("Submission/Record/", "")
                .replace("Submission/Record", "Record")
        })
        .collect();
    assert_eq!(found, expected);
    assert!(told(&old, &old).is_empty() && told(&new, &new).is_empty());
}

/// `A B? (C | D){0..3}` as a content model of `structure.toml`.
fn model(short: &str) -> String {
    let (content, rest) = parts(short);
    assert!(rest.is_empty(), "{rest}");
    content
}

fn parts(short: &str) -> (String, &str) {
    let mut rest = short;
    let mut all = Vec::new();
    loop {
        rest = rest.trim_start();
        let Some(first) = rest.chars().next() else {
            break;
        };
        let term;
        match first {
            ')' | '|' => break,
            '(' => {
                let mut choices = Vec::new();
                rest = &rest[1..];
                loop {
                    let (content, after) = parts(rest);
                    choices.push(content);
                    rest = &after[1..];
                    if after.starts_with(')') {
                        break;
                    }
                }
                term = match &choices[..] {
                    [only] => format!("sequence = [{only}]"),
                    several => {
                        let several: Vec<String> = several
                            .iter()
                            .map(|content| {
                                if content.matches("element =").count() == 1
                                    && !content.contains('[')
                                {
                                    content.clone()
                                } else {
                                    format!("{{ sequence = [{content}] }}")
                                }
                            })
                            .collect();
                        format!("choice = [{}]", several.join(", "))
                    }
                };
            }
            _ => {
                let end = rest
                    .find(|at: char| !at.is_alphanumeric())
                    .unwrap_or(rest.len());
                let (name, after) = rest.split_at(end);
                term = format!("element = \"{name}\", value = \"Text\"");
                rest = after;
            }
        }
        let occurs = match rest.chars().next() {
            Some('?') => ", occurs = \"0..1\"".to_owned(),
            Some('*') => ", occurs = \"0..*\"".to_owned(),
            Some('+') => ", occurs = \"1..*\"".to_owned(),
            Some('{') => {
                let (said, _) = rest[1..].split_once('}').expect("ends");
                format!(", occurs = \"{said}\"")
            }
            _ => String::new(),
        };
        rest = match rest.chars().next() {
            Some('{') => rest.split_once('}').expect("ends").1,
            Some('?' | '*' | '+') => &rest[1..],
            _ => rest,
        };
        all.push(format!("{{ {term}{occurs} }}"));
    }
    (all.join(", "), rest)
}

const BOTH: &str = "submitter decided, receiver decided";

#[test]
fn what_is_written_otherwise_and_means_the_same_is_no_change() {
    check("A (B | C)", "A (C | B)", &[]);
    check("A B?", "(A (B?))", &[]);
    check("(A B)?", "((A B))?", &[]);
    check("(A | (B C))", "((B C) | A)", &[]);
    check("(A B)?", "(A B){0..1}", &[]);
}

#[test]
fn occurrence_is_that_of_the_whole_model() {
    check(
        "A B?",
        "A B",
        &["ELEMENT-MADE-MANDATORY B [submitter decided]"],
    );
    check(
        "A B",
        "A B?",
        &["ELEMENT-MADE-OPTIONAL B [receiver decided]"],
    );
    // Inside an optional group, where its neighbour stands.
    check(
        "A (B C?)?",
        "A (B C)?",
        &["ELEMENT-MADE-MANDATORY C [submitter decided]"],
    );
    check(
        "A (B C)?",
        "A (B C?)?",
        &["ELEMENT-MADE-OPTIONAL C [receiver decided]"],
    );
    check(
        "A B{0..9}",
        "A B{0..3}",
        &["OCCURRENCE-NARROWED B [submitter decided]"],
    );
    check(
        "A B{2..3}",
        "A B{1..3}",
        &["OCCURRENCE-WIDENED B [receiver decided]"],
    );
    check(
        "A B{0..3}",
        "A B{1..5}",
        &[
            "ELEMENT-MADE-MANDATORY B [submitter decided]",
            "OCCURRENCE-WIDENED B [receiver decided]",
        ],
    );
    check("A B", "A B C?", &["ELEMENT-ADDED C [receiver decided]"]);
    check(
        "A (B)?",
        "A (B C)?",
        &[&format!("ELEMENT-ADDED-MANDATORY C [{BOTH}]")],
    );
    check(
        "A (B C)?",
        "A (B)?",
        &[&format!("ELEMENT-REMOVED C [{BOTH}]")],
    );
    check("A B?", "A", &["ELEMENT-REMOVED B [submitter decided]"]);
}

#[test]
fn order_and_choice_are_told_of_the_group_where_no_child_explains_them() {
    check("A B C", "B A C", &[&format!("ELEMENT-MOVED B [{BOTH}]")]);
    check(
        "A? B?",
        "(A | B)?",
        &["CONTENT-NARROWED Record [submitter decided]"],
    );
    check(
        "(A | B)?",
        "A? B?",
        &["CONTENT-WIDENED Record [receiver decided]"],
    );
    // At least one of them, before none was needed.
    check(
        "A? B?",
        "((A B?) | B)",
        &["CONTENT-NARROWED Record [submitter decided]"],
    );
    check(
        "(A B)*",
        "A* B*",
        &[
            "ELEMENT-MADE-OPTIONAL A [receiver decided]",
            "ELEMENT-MADE-OPTIONAL B [receiver decided]",
            "CONTENT-NARROWED Record [submitter decided]",
        ],
    );
    check(
        "A (B | C)",
        "A (B | C)?",
        &["CONTENT-WIDENED Record [receiver decided]"],
    );
    // One change of a child does not hide one of the group.
    check(
        "A? B? C{0..3}",
        "(A | B)? C{0..2}",
        &[
            "OCCURRENCE-NARROWED C [submitter decided]",
            "CONTENT-NARROWED Record [submitter decided]",
        ],
    );
}

#[test]
fn renames_need_more_than_a_place() {
    check(
        "A WardCode B",
        "A WardIdentifier B",
        &[&format!("ELEMENT-RENAMED WardIdentifier [{BOTH}]")],
    );
    let options = CompareOptions {
        least_confidence: 100,
    };
    let (old, new) = (
        record(&model("A WardCode B")),
        record(&model("A WardIdentifier B")),
    );
    let strict = compare(&old, &new, &options);
    assert_eq!(strict.changes.len(), 2, "{:#?}", lines(&strict));
}

#[test]
fn what_is_shared_is_told_once() {
    let groups = |value: &str| {
        format!(
            "[group.Person]\ncontent = [{{ element = \"Name\", value = \"Name\" }}]\n[value.Name]\nbase = \"xs:string\"\n{value}\n"
        )
    };
    let content = "{ element = \"Mother\", group = \"Person\" }, { element = \"Father\", group = \"Person\" }, { element = \"Other\", value = \"Name\" }";
    let old = with_groups(content, &groups("max_length = 20"));
    let new = with_groups(content, &groups("max_length = 10"));
    let found = compared(&old, &new);
    let [change] = &found.changes[..] else {
        panic!("{:#?}", lines(&found))
    };
    assert_eq!(change.place.to_string(), "Submission/Record/Mother/Name");
    assert_eq!(change.also, 2, "Father/Name and Other");
    assert_eq!(change.fact("greatest length").as_deref(), Some("20 → 10"));
    let lead = change.lead.as_ref().expect("a value");
    assert!(
        matches!(&lead.what, LeadKind::Value { text, .. } if text.len() == 11),
        "{lead:?}"
    );
}

#[test]
fn groups_that_contain_themselves_come_to_an_end() {
    let groups = |occurs: &str| {
        format!(
            "[group.Part]\ncontent = [{{ element = \"Id\", value = \"Text\" }}, {{ element = \"Part\", group = \"Part\", occurs = \"{occurs}\" }}]\n"
        )
    };
    let content = "{ element = \"Part\", group = \"Part\" }";
    let (old, new) = (
        with_groups(content, &groups("0..3")),
        with_groups(content, &groups("0..2")),
    );
    assert_eq!(
        told(&old, &new),
        ["OCCURRENCE-NARROWED Submission/Record/Part/Part [submitter decided]"]
    );
}

#[test]
fn nesting_without_end_is_told_and_not_followed() {
    let mut groups = String::new();
    for level in 0..400 {
        let next = level + 1;
        writeln!(
            groups,
            "[group.G{level}]\ncontent = [{{ element = \"E\", group = \"G{next}\" }}]"
        )
        .expect("text");
    }
    let end = |value: &str| {
        format!("{groups}[group.G400]\ncontent = [{{ element = \"End\", value = \"{value}\" }}]\n")
    };
    let content = "{ element = \"E\", group = \"G0\" }";
    let found = compared(
        &with_groups(content, &end("Text")),
        &with_groups(content, &end("xs:date")),
    );
    assert_eq!(found.not_compared.len(), 1, "{:?}", found.not_compared);
}

#[test]
fn only_what_is_refused_breaks_anybody() {
    let with = |effects: &str, content: &str| {
        standard(&[
            (
                "structure.toml",
                &format!("[group.Record]\ncontent = [{}]\n", model(content)),
            ),
            (
                "standard.toml",
                &format!("[record]\nelements = [\"Record\"]\n[effects]\n{effects}\n"),
            ),
        ])
    };
    let lenient = "structure = \"warn\"\nvalue = \"warn\"";
    assert_eq!(
        told(&with(lenient, "A B?"), &with(lenient, "A B")),
        ["ELEMENT-MADE-MANDATORY Submission/Record/B []"]
    );
    // Where a mistake is refused now, everything is broken that was let through.
    assert_eq!(
        told(
            &with(lenient, "A B?"),
            &with("structure = \"reject-record\"\nvalue = \"warn\"", "A B?")
        ),
        ["EFFECTS-RAISED effects.structure [submitter decided]"]
    );
}

#[test]
fn a_fixed_value_is_all_that_counts() {
    let with = |fixed: &str, only: &str| {
        with_groups(
            &format!("{{ element = \"Sex\", value = \"Sex\"{fixed} }}"),
            &format!("[value.Sex]\nbase = \"xs:string\"\ncodes = \"list\"\nonly = [{only}]\n"),
        )
    };
    let fixed = ", fixed = \"1\"";
    assert!(told(&with(fixed, "\"1\", \"2\""), &with(fixed, "\"1\"")).is_empty());
    assert_eq!(
        told(&with("", "\"1\", \"2\""), &with(fixed, "\"1\", \"2\"")),
        // An empty element stands for the fixed value, and was no code.
        [format!("FIXED-ADDED Submission/Record/Sex [{BOTH}]")]
    );
}

#[test]
fn codes_of_a_list_are_told_of_the_list() {
    let with = |codes: &str| {
        standard(&[
            (
                "codes",
                &format!("code,meaning,valid_from,valid_to\n{codes}"),
            ),
            (
                "structure.toml",
                "[group.Record]\ncontent = [{ element = \"A\", value = \"Sex\" }, { element = \"B\", value = \"Only\" }]\n[value.Sex]\nbase = \"xs:string\"\ncodes = \"list\"\n[value.Only]\nbase = \"xs:string\"\ncodes = \"list\"\nonly = [\"1\"]\n",
            ),
        ])
    };
    let (old, new) = (
        with("1,One,,\n2,Two,,\n3,Three,,\n"),
        with("3,Three,,2026-03-31\n1,one.,,\n4,Four,2026-04-01,\n"),
    );
    let found = compared(&old, &new);
    assert_eq!(
        lines(&found),
        [
            "CODE-WITHDRAWN list 3 [submitter unknown]",
            "CODE-RESPELT list 1 []",
            "CODE-ADDED list 4 [receiver decided]",
            "CODE-WITHDRAWN list 2 [submitter decided]",
        ]
    );
    let days: Vec<Option<&str>> = found
        .changes
        .iter()
        .map(|change| change.effective.as_deref())
        .collect();
    assert_eq!(days, [Some("2026-03-31"), None, Some("2026-04-01"), None]);
}

#[test]
fn what_a_kind_of_source_cannot_say_is_not_compared() {
    let mut old = standard(&[
        (
            "structure.toml",
            "[group.Record]\ncontent = [{ element = \"A\", value = \"Text\", status = \"R\" }]\n",
        ),
        (
            "rules.toml",
            "[[rule]]\nid = \"A-1\"\nat = \"record\"\neffect = \"reject-record\"\ncheck = \"A <> 'x'\"\n",
        ),
    ]);
    let mut new = record(&model("A"));
    assert_eq!(told(&old, &new).len(), 2);
    new.kind = SubjectKind::Xsd;
    assert!(told(&old, &new).is_empty(), "{:?}", told(&old, &new));
    assert!(told(&new, &old).is_empty());
    // A JSON Schema says no order.
    old.kind = SubjectKind::JsonSchema;
    let mut moved = record(&model("B A"));
    let (mut ordered, mut unordered) = (record(&model("A B")), record(&model("B A")));
    unordered.kind = SubjectKind::JsonSchema;
    assert!(told(&ordered, &unordered).is_empty());
    ordered.kind = SubjectKind::Xsd;
    moved.kind = SubjectKind::Xsd;
    assert_eq!(told(&ordered, &moved).len(), 1);
}

#[test]
fn stored_files_are_compared_by_what_is_stored() {
    let mut definition = record(&model("A B"));
    definition.storage = storage("records.a text null\nrecords.b date null\n");
    let mut file = record(&model("C"));
    file.kind = SubjectKind::Stored;
    file.storage = storage("records.b date\nrecords.a text null\n");
    assert_eq!(
        told(&file, &definition),
        ["STORED-MADE-NULLABLE records.b []"]
    );
    assert_eq!(
        told(&definition, &file),
        ["STORED-MADE-NOT-NULL records.b [storage decided]"]
    );
    // A definition of which nothing is known to be stored has not removed anything.
    definition.storage.clear();
    assert!(told(&file, &definition).is_empty());
}

#[test]
fn tables_and_documents_are_not_mixed() {
    let found = compared(&record(&model("A")), &standard(&[]));
    assert_eq!(lines(&found), [format!("CARRIER-CHANGED carrier [{BOTH}]")]);
    assert_eq!(found.not_compared.len(), 1);
}

#[test]
fn columns_in_another_order_matter_without_a_header_only() {
    let with = |header: &str, columns: &str| {
        standard(&[
            (
                "standard.toml",
                &format!(
                    "[[table]]\nname = \"rows\"\ntitle = \"t\"\nheader = \"{header}\"\ndelimiters = [\",\"]\n"
                ),
            ),
            ("fields.csv", &format!("column,mandation,format\n{columns}")),
        ])
    };
    let (one, other) = ("A,M,max an9\nB,O,n3\n", "B,O,n3\nA,M,max an9\n");
    assert!(told(&with("required", one), &with("required", other)).is_empty());
    for header in ["none", "optional"] {
        let found = told(&with(header, one), &with(header, other));
        assert_eq!(
            found,
            ["COLUMN-MOVED rows.B [submitter decided, receiver decided, meaning decided]"],
            "{header}"
        );
    }
    let longer = "A,M,max an9\nB,O,n3\nC,O,an1\n";
    assert_eq!(
        told(&with("required", one), &with("required", longer)),
        ["COLUMN-ADDED rows.C []"]
    );
    assert_eq!(
        told(&with("none", one), &with("none", longer)),
        [format!("COLUMN-ADDED rows.C [{BOTH}]")]
    );
}

#[test]
fn rules_that_only_warn_break_nobody_who_sends() {
    let with = |effect: &str, check: &str| {
        standard(&[(
            "rules.toml",
            &format!(
                "[[rule]]\nid = \"A-1\"\nat = \"record\"\neffect = \"{effect}\"\ncheck = \"{check}\"\n"
            ),
        )])
    };
    let none = standard(&[]);
    let is = |old: &Subject, new: &Subject, expected: &str| assert_eq!(told(old, new), [expected]);
    is(&none, &with("warn", "WARD <> NAME"), "RULE-ADDED A-1 []");
    is(
        &none,
        &with("reject-record", "WARD <> NAME"),
        "RULE-ADDED A-1 [submitter unknown]",
    );
    is(&with("warn", "WARD <> NAME"), &none, "RULE-REMOVED A-1 []");
    is(
        &with("warn", "WARD <> NAME"),
        &with("note", "WARD <> NAME"),
        "RULE-EFFECT-LOWERED A-1 [meaning decided]",
    );
    is(
        &with("warn", "WARD <> NAME"),
        &with("warn", "WARD = NAME"),
        "RULE-CONDITION-CHANGED A-1 []",
    );
    assert!(told(&with("warn", "WARD <> NAME"), &with("warn", "WARD  <>NAME")).is_empty());
}

#[test]
fn whoever_asks_for_some_is_told_of_those() {
    let found = compared(&record(&model("A B?")), &record(&model("A B C?")));
    let tally = found.tally();
    assert_eq!((tally.all, tally.safe), (2, 0));
    assert_eq!(
        (
            tally.of(Whom::Submitter),
            tally.of(Whom::Receiver),
            tally.of(Whom::Storage)
        ),
        (1, 1, 0)
    );
    let fails = |whom: &[Whom]| found.fails(&whom.iter().copied().collect());
    assert!(fails(&[Whom::Submitter]) && fails(&[Whom::Storage, Whom::Receiver]));
    assert!(!fails(&[Whom::Storage, Whom::Meaning]) && !fails(&[]));
    let change = &found.changes[0];
    assert_eq!(change.message(), "Submission/Record/B must now stand");
    assert_eq!(change.as_rule().id, change.rule.id);
    assert_eq!(change.breaks[0].certainty, Certainty::Decided);
    assert_eq!(Comparison::default().tally().all, 0);
}
