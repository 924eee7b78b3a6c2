//! From a lead to a witness, on small definitions.

use std::sync::Arc;

use concord_finding::Effect;
use concord_gate::change::{
    Breaks, Certainty, Change, ChangeExample, ChangePlace, ChangeRule, Comparison, Lead, LeadKind,
    Side, Whom,
};
use concord_gate::proof::{Checker, Outcome, ProofOptions, Told, prove};
use concord_gate::subject::Subject;

use crate::support::{Light, document, document_with, table, table_coded, table_with};

fn path(text: &str) -> Vec<Arc<str>> {
    text.split('/').map(Arc::from).collect()
}

/// A change with a lead, as a comparison would tell of it.
fn change(taken_by: Side, what: LeadKind, place: ChangePlace) -> Change {
    let whom = match taken_by {
        Side::Old => Whom::Submitter,
        Side::New => Whom::Receiver,
    };
    Change {
        rule: Arc::new(ChangeRule {
            id: "TEST".into(),
            title: String::new(),
            message: String::new(),
            rationale: String::new(),
            example: ChangeExample {
                part: String::new(),
                old: String::new(),
                new: String::new(),
                witness: None,
                also: Vec::new(),
            },
            can_break: vec![whom],
            when: String::new(),
            since: "0.1.0".to_owned(),
        }),
        place,
        also: 0,
        old: None,
        new: None,
        facts: Vec::new(),
        breaks: vec![Breaks {
            whom,
            certainty: Certainty::Decided,
            why: "said so".to_owned(),
        }],
        confidence: None,
        old_origin: None,
        new_origin: None,
        effective: None,
        lead: Some(Lead { taken_by, what }),
        witness: None,
    }
}

fn proved_with(
    old: &Subject,
    new: &Subject,
    checker: &dyn Checker,
    options: &ProofOptions,
    change: Change,
) -> Change {
    let mut comparison = Comparison {
        old: old.name.clone(),
        new: new.name.clone(),
        changes: vec![change],
        not_compared: Vec::new(),
    };
    prove(&mut comparison, old, new, checker, options);
    comparison.changes.remove(0)
}

fn proved(old: &Subject, new: &Subject, taken_by: Side, what: LeadKind) -> Change {
    let place = match &what {
        LeadKind::Cell { table, column, .. } => {
            ChangePlace::Column(Arc::clone(table), Arc::clone(column))
        }
        _ => ChangePlace::Standard("test".into()),
    };
    let checker = Light::new(old, new);
    let change = change(taken_by, what, place);
    proved_with(old, new, &checker, &ProofOptions::default(), change)
}

/// The submission without the declaration and the root, what was said of it, and the line that it points at.
fn shown(change: &Change) -> String {
    let breaks = &change.breaks[0];
    let Some(witness) = &change.witness else {
        return format!("{:?}: {}", breaks.certainty, breaks.why);
    };
    assert_eq!(breaks.certainty, Certainty::Proved);
    let line = witness
        .line
        .and_then(|line| witness.submission.lines().nth(line as usize - 1));
    let body: Vec<&str> = witness
        .submission
        .lines()
        .map(str::trim)
        .filter(|line| !line.starts_with("<?xml"))
        .collect();
    let rules: Vec<&str> = witness
        .refused_with
        .iter()
        .map(|(rule, _)| &**rule)
        .collect();
    format!(
        "{} [{}] {}",
        body.join(""),
        line.unwrap_or("").trim(),
        rules.join(" ")
    )
}

const OLD: &str = r#"
[element.Stays]
group = "Stays"
[group.Stays]
content = [{ element = "Stay", group = "Stay", occurs = "1..*" }]
attributes = [{ attribute = "version", value = "xs:NMTOKEN", use = "required", fixed = "1" }]
[group.Stay]
content = [
  { element = "Start", value = "xs:date" },
  { element = "Ward", value = "Ward", occurs = "0..2" },
  { element = "Note", value = "xs:token", occurs = "0..1" },
]
[value.Ward]
base = "xs:token"
max_length = 5
"#;

#[test]
fn a_value_that_is_not_taken_any_more() {
    let (old, new) = (
        document("1", OLD),
        document("2", &OLD.replace("= 5", "= 4")),
    );
    let what = LeadKind::Value {
        path: path("Stays/Stay/Ward"),
        text: "AAAAA".to_owned(),
    };
    assert_eq!(
        shown(&proved(&old, &new, Side::Old, what.clone())),
        "<Stays version=\"1\"><Stay><Start>1900-01-01</Start><Ward>AAAAA</Ward></Stay></Stays> \
         [<Ward>AAAAA</Ward>] VALUE-LENGTH"
    );
    // The other way round it is the receiver who is shown.
    let change = proved(&new, &old, Side::New, what);
    assert!(
        shown(&change).contains("<Ward>AAAAA</Ward>"),
        "{}",
        shown(&change)
    );
}

#[test]
fn children_that_are_not_taken_any_more() {
    let (old, new) = (
        document("1", OLD),
        document("2", &OLD.replace("0..2", "0..1")),
    );
    let what = LeadKind::Children {
        path: path("Stays/Stay"),
        children: path("Start/Ward/Ward"),
    };
    assert_eq!(
        shown(&proved(&old, &new, Side::Old, what)),
        "<Stays version=\"1\"><Stay><Start>1900-01-01</Start><Ward/><Ward/></Stay></Stays> [<Ward/>] STRUCTURE-REPEATED"
    );
}

#[test]
fn an_element_that_goes_and_one_that_must_be_there() {
    let old = document("1", OLD);
    let without = document(
        "2",
        &OLD.replace(
            "  { element = \"Note\", value = \"xs:token\", occurs = \"0..1\" },\n",
            "",
        ),
    );
    assert_eq!(
        shown(&proved(
            &old,
            &without,
            Side::Old,
            LeadKind::Present(path("Stays/Stay/Note"))
        )),
        "<Stays version=\"1\"><Stay><Start>1900-01-01</Start><Note/></Stay></Stays> [<Note/>] STRUCTURE-UNKNOWN"
    );
    let wanted = document(
        "3",
        &OLD.replace(
            "value = \"xs:token\", occurs = \"0..1\"",
            "value = \"xs:token\"",
        ),
    );
    let absent = LeadKind::Absent(path("Stays/Stay/Note"));
    assert_eq!(
        shown(&proved(&old, &wanted, Side::Old, absent)),
        "<Stays version=\"1\"><Stay><Start>1900-01-01</Start></Stay></Stays> [</Stay>] STRUCTURE-MISSING"
    );
}

#[test]
fn versions_that_take_nothing_of_each_other_are_told_apart_from_what_changed() {
    // Every document of the old version is refused for its version, whatever else it holds.
    let next = OLD.replace("fixed = \"1\"", "fixed = \"2\"");
    let (old, new) = (
        document("1", OLD),
        document("2", &next.replace("= 5", "= 4")),
    );
    let value = |text: &str| LeadKind::Value {
        path: path("Stays/Stay/Ward"),
        text: text.to_owned(),
    };
    assert_eq!(
        shown(&proved(&old, &new, Side::Old, value("AAAAA"))),
        "<Stays version=\"1\"><Stay><Start>1900-01-01</Start><Ward>AAAAA</Ward></Stay></Stays> \
         [<Ward>AAAAA</Ward>] VALUE-LENGTH"
    );
    let change = proved(&old, &new, Side::Old, value("AAAA"));
    assert_eq!(
        change.breaks[0].certainty,
        Certainty::Unknown,
        "{}",
        shown(&change)
    );
    let version = LeadKind::Value {
        path: path("Stays/@version"),
        text: "1".to_owned(),
    };
    let shown = shown(&proved(&old, &new, Side::Old, version));
    assert!(shown.contains("VALUE-FIXED"), "{shown}");
}

#[test]
fn a_claim_that_a_record_contradicts_is_not_known_any_more() {
    let (old, new) = (document("1", OLD), document("2", OLD));
    let what = LeadKind::Present(path("Stays/Stay/Note"));
    assert_eq!(
        shown(&proved(&old, &new, Side::Old, what)),
        "Unknown: said so; contradicted: the new side takes a submission that was made to show it"
    );
}

#[test]
fn what_cannot_be_made_stays_as_it_is_with_the_reason() {
    let (old, new) = (document("1", OLD), document("2", OLD));
    let of = |what: LeadKind| shown(&proved(&old, &new, Side::Old, what));
    assert_eq!(
        of(LeadKind::Present(path("Stays/Stay/Bed"))),
        "Decided: said so; not proved: Bed cannot stand there"
    );
    assert_eq!(
        of(LeadKind::RuleBroken("STAY-1".into())),
        "Decided: said so; not proved: there is no maker of what breaks STAY-1"
    );
    let value = LeadKind::Value {
        path: path("Stays/Stay/Ward"),
        text: "AAAAAAA".to_owned(),
    };
    let said = of(value);
    assert!(
        said.contains("the old side refuses what was made to show it (VALUE-LENGTH"),
        "{said}"
    );
}

#[test]
fn without_a_budget_nothing_is_proved_and_that_is_said() {
    struct Impatient(Light);
    impl Checker for Impatient {
        fn check(&self, side: Side, submission: &[u8]) -> Outcome {
            self.0.check(side, submission)
        }
        fn may_go_on(&self) -> bool {
            false
        }
    }
    let (old, new) = (
        document("1", OLD),
        document("2", &OLD.replace("0..2", "0..1")),
    );
    let lead = || {
        let what = LeadKind::Children {
            path: path("Stays/Stay"),
            children: path("Start/Ward/Ward"),
        };
        change(Side::Old, what, ChangePlace::Standard("test".into()))
    };
    let few = ProofOptions {
        checks: 1,
        ..ProofOptions::default()
    };
    let impatient = Impatient(Light::new(&old, &new));
    let light = Light::new(&old, &new);
    let out_of_time = proved_with(&old, &new, &impatient, &ProofOptions::default(), lead());
    let out_of_checks = proved_with(&old, &new, &light, &few, lead());
    for change in [out_of_time, out_of_checks] {
        assert_eq!(shown(&change), "Decided: said so; not proved: budget");
    }
}

const COLUMNS: [&str; 4] = [
    "STAY_IDENTIFIER,M,max an12,",
    "FINANCIAL_YEAR,M,an6,",
    "METHOD,O,an2,methods",
    "NOTE,O,max an20,",
];

fn cell(column: &str, text: &str) -> LeadKind {
    LeadKind::Cell {
        table: "row".into(),
        column: column.into(),
        text: text.to_owned(),
    }
}

#[test]
fn a_cell_that_is_not_taken_any_more() {
    let old = table("1", &COLUMNS);
    let mut columns = COLUMNS;
    columns[3] = "NOTE,M,max an10,";
    let new = table("2", &columns);
    let long = shown(&proved(&old, &new, Side::Old, cell("NOTE", "AAAAAAAAAAA")));
    let (file, said) = long.split_once(" [").unwrap();
    assert!(
        file.starts_with("STAY_IDENTIFIER,FINANCIAL_YEAR,METHOD,NOTE"),
        "{file}"
    );
    assert!(
        file.ends_with(",,AAAAAAAAAAA"),
        "what need not be filled is blank: {file}"
    );
    assert!(said.ends_with("VALUE-LENGTH"), "{said}");
    let blank = shown(&proved(&old, &new, Side::Old, cell("NOTE", "")));
    assert!(blank.ends_with("VALUE-MISSING"), "{blank}");
    let fine = proved(&old, &new, Side::Old, cell("METHOD", "11"));
    assert_eq!(
        fine.breaks[0].certainty,
        Certainty::Unknown,
        "{}",
        shown(&fine)
    );
    // The lead shows nothing, but what the change is about does break.
    let found = proved(&old, &new, Side::Old, cell("NOTE", "A"));
    assert_eq!(found.breaks[0].certainty, Certainty::Proved);
}

#[test]
fn columns_that_come_and_go() {
    let mut more = COLUMNS.to_vec();
    more.push("SITE,M,max an9,");
    let (old, new) = (table("1", &COLUMNS), table("2", &more));
    let columns = |without: Option<&str>| LeadKind::Columns {
        table: "row".into(),
        without: without.map(Arc::from),
    };
    let checker = Light::new(&old, &new);
    let options = ProofOptions::default();
    let place = ChangePlace::Column("row".into(), "SITE".into());
    let added = change(Side::Old, columns(None), place.clone());
    let said = shown(&proved_with(&old, &new, &checker, &options, added));
    assert!(said.ends_with("TABLE-COLUMN-MISSING"), "{said}");
    let left = change(Side::New, columns(Some("METHOD")), place);
    let said = shown(&proved_with(&old, &new, &checker, &options, left));
    assert!(
        said.contains("contradicted"),
        "an optional column may be left out: {said}"
    );
    // Another delimiter: no file is taken any more.
    let other = table_with(
        "3",
        &COLUMNS,
        "header = \"required\"\ndelimiters = [\"|\"]",
        "",
    );
    let checker = Light::new(&old, &other);
    let whole = change(Side::Old, columns(None), ChangePlace::Table("row".into()));
    let said = shown(&proved_with(&old, &other, &checker, &options, whole));
    assert!(said.ends_with("TABLE-DELIMITER"), "{said}");
}

#[test]
fn both_sides_differ_in_other_columns_too() {
    let mut columns = COLUMNS.to_vec();
    columns[0] = "STAY_ID,M,max an12,";
    columns[3] = "NOTE,O,max an10,";
    columns.push("SITE,M,max an9,");
    let (old, new) = (table("1", &COLUMNS), table("2", &columns));
    let said = shown(&proved(&old, &new, Side::Old, cell("NOTE", "AAAAAAAAAAA")));
    assert!(said.ends_with("VALUE-LENGTH"), "{said}");
    let fine = proved(&old, &new, Side::Old, cell("METHOD", "11"));
    assert_eq!(
        fine.breaks[0].certainty,
        Certainty::Unknown,
        "{}",
        shown(&fine)
    );
}

/// Rules: the new side minds `X` in an element or column.
struct Minding {
    light: Light,
    rule: &'static str,
    marks: [&'static str; 2],
}

impl Checker for Minding {
    fn check(&self, side: Side, submission: &[u8]) -> Outcome {
        let mut said = self.light.check(side, submission);
        let text = String::from_utf8_lossy(submission);
        let breaks = self.marks.iter().all(|mark| text.contains(mark));
        if side == Side::New && breaks {
            said.accepted = false;
            said.findings.push(Told {
                rule: self.rule.into(),
                effect: Effect::RejectRecord,
                path: None,
                line: Some(4),
                message: "it is minded".to_owned(),
            });
        }
        said
    }
}

const RULE: &str = r#"
[[rule]]
id = "STAY-1"
title = "no X"
at = "AT"
effect = "reject-record"
check = "CHECK"
message = "it is minded"
source = "written for this test"
provenance = "inferred"
since = "0.1.0"
pass = [PASS]
fail = [FAIL]
"#;

#[test]
fn a_rule_is_broken_by_its_own_example_in_a_document() {
    let old = document("1", OLD);
    let rule = RULE
        .replace("AT", "record")
        .replace("CHECK", "Note <> 'X' OR Ward <> 'W'")
        .replace("PASS", "{ Note = \"Y\" }")
        .replace("FAIL", "{ Note = \"X\", Ward = \"W\" }");
    let new = document_with("2", OLD, &rule);
    let checker = Minding {
        light: Light::new(&old, &new),
        rule: "STAY-1",
        marks: ["<Note>X</Note>", "<Ward>W</Ward>"],
    };
    let what = LeadKind::RuleBroken("STAY-1".into());
    let claim = change(Side::Old, what, ChangePlace::Rule("STAY-1".into()));
    let proved = proved_with(&old, &new, &checker, &ProofOptions::default(), claim);
    assert_eq!(
        shown(&proved),
        "<Stays version=\"1\"><Stay><Start>1900-01-01</Start><Ward>W</Ward><Note>X</Note></Stay></Stays> \
         [<Start>1900-01-01</Start>] STAY-1"
    );
}

#[test]
fn a_rule_is_broken_by_its_own_example_in_a_table() {
    let old = table("1", &COLUMNS);
    let rule = RULE
        .replace("AT", "record")
        .replace("CHECK", "NOTE <> 'X' OR METHOD <> '21'")
        .replace("PASS", "{ NOTE = \"Y\" }")
        .replace("FAIL", "{ NOTE = \"X\", METHOD = \"21\" }");
    let header = "header = \"required\"\ndelimiters = [\",\"]";
    let new = table_with("2", &COLUMNS, header, &rule);
    let checker = Minding {
        light: Light::new(&old, &new),
        rule: "STAY-1",
        marks: [",21,", ",X"],
    };
    let what = LeadKind::RuleBroken("STAY-1".into());
    let claim = change(Side::Old, what, ChangePlace::Rule("STAY-1".into()));
    let said = shown(&proved_with(
        &old,
        &new,
        &checker,
        &ProofOptions::default(),
        claim,
    ));
    assert!(
        said.contains(",21,X [") && said.ends_with("STAY-1"),
        "{said}"
    );
}

#[test]
fn a_row_is_not_shrunk_to_a_blank_one() {
    let header = "header = \"required\"\ndelimiters = [\",\"]";
    let of = |version, columns: [&str; 2]| {
        let columns: Vec<String> = columns.iter().map(|column| (*column).to_owned()).collect();
        table_coded(version, &columns, header, &["9", "A", "AB"]).unwrap()
    };
    let old = of("1", ["STAGE,M,max an2,methods", "NOTE,P,max s4.max n2,"]);
    let new = of("2", ["STAGE,M,max n4,", "NOTE,X,max s4.max n2,"]);
    // Nothing says what the record must hold; it is found all the same.
    let mut claim = change(
        Side::Old,
        cell("NOTE", "1"),
        ChangePlace::Column("row".into(), "NOTE".into()),
    );
    claim.lead = None;
    let checker = Light::new(&old, &new);
    let said = shown(&proved_with(
        &old,
        &new,
        &checker,
        &ProofOptions::default(),
        claim,
    ));
    assert!(said.ends_with("VALUE-NOT-USED"), "{said}");
}
