//! Tables as XML documents: what is found stands in the document, and what is no document is told with its place.

#![allow(clippy::unwrap_used)] // a test fails by panicking

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::io::{self, Cursor, Read};
use std::ops::ControlFlow;
use std::sync::Arc;

use concord_check::capture::CapturePlan;
use concord_check::table::{FieldRules, TableInput, TablePlan, check_document, check_table};
use concord_check::{CheckedFile, NoRules, Options};
use concord_finding::{Finding, Masking, Verdict};
use concord_standards::compile::CompiledSchema;
use concord_standards::definition::Definition;
use proptest::prelude::*;

const STANDARD: &str = r#"
id = "tests"
version = "1"
title = "Tests"
publisher = "written for this test"
carrier = "delimited"
source = "written for this test"
[recognise]
columns = 4
element = "Visit"
[record]
key = ["NUMBER"]
[[table]]
name = "test"
header = "none"
[table.document]
record = "Visit"
row = "Test"
[table.document.columns]
PATIENT = "Person/Id/@extension"
BORN = "Person/Born"
DAY = "Test/Day"
NUMBER = "Test/Number/@extension"
"#;

const FIELDS: &str = "\
table,position,column,element,group,mandation,format,code_list,start,width,presence_rule,format_rule,code_rule,source,confidence
test,1,PATIENT,PATIENT,,R,max an10,,,,,,,,
test,2,BORN,BORN,,R,an10 CCYY-MM-DD,,,,,,,,
test,3,DAY,DAY,,M,an10 CCYY-MM-DD,,,,T-BLANK,,,,
test,4,NUMBER,NUMBER,,M,max an5,,,,,,,,
";

const RULES: &str = r#"
[[rule]]
id = "T-BLANK"
title = "the day is filled"
at = "record"
effect = "reject-file"
field = "presence"
message = "the day is blank"
source = "written for this test"
since = "0.1.0"
pass = [{ DAY = "2024-04-01" }]
fail = [{ DAY = "" }]

[[rule]]
id = "T-WIDTH"
title = "a row has four columns"
at = "record"
effect = "reject-file"
carrier = "columns"
message = "{value} columns; {expected} are wanted"
source = "written for this test"
since = "0.1.0"
pass = [{ value = "4" }]
fail = [{ value = "3" }]

[[rule]]
id = "T-DOCUMENT"
title = "the document is one"
at = "submission"
effect = "reject-file"
carrier = "document"
message = "no such document: {reason}"
source = "written for this test"
since = "0.1.0"
pass = [{ value = "<Visit><Test/></Visit>" }]
fail = [{ value = "<Visit/>" }]
"#;

fn definition(standard: &str) -> Result<Definition, String> {
    let elements = "name,xml_names,format,code_list,personal,source\nPATIENT,,,,yes,x\n";
    let files: BTreeMap<String, String> = [
        ("tests/1/standard.toml", standard),
        ("tests/1/fields.csv", FIELDS),
        ("tests/1/rules.toml", RULES),
        ("elements.csv", elements),
    ]
    .map(|(path, text)| (path.to_owned(), text.to_owned()))
    .into();
    Definition::load(&files, "tests/1").map_err(|errors| errors.to_string())
}

fn plan() -> TablePlan {
    let definition = definition(STANDARD).unwrap();
    let rules = FieldRules::of(&definition.rules);
    let compiled = Arc::new(CompiledSchema::compile(Arc::new(definition.schema)).unwrap());
    TablePlan::new(
        Arc::new(definition.layout.unwrap()),
        0,
        compiled,
        CapturePlan::default(),
        &rules,
        &definition.standard.record.key,
    )
}

/// Rule, record, line and column of the place, path, value.
type Said = (String, Option<u64>, Option<(u64, u64)>, String, String);

fn said(finding: &Finding) -> Said {
    let value = finding.value.as_ref();
    (
        finding.rule.id.to_string(),
        finding.record,
        finding.place.map(|place| (place.line, place.column)),
        finding.path.as_deref().unwrap_or_default().to_owned(),
        value.map_or_else(String::new, |value| value.raw(Masking::Revealed)),
    )
}

fn checked(bytes: impl Read + Send, document: bool, threads: usize) -> (CheckedFile, Vec<Said>) {
    let plan = plan();
    let file = Arc::from("tests.xml");
    let input = TableInput {
        bytes,
        file: &file,
        size: None,
        guessed_encoding: None,
    };
    let options = Options {
        threads,
        ..Options::default()
    };
    let mut found = Vec::new();
    let mut sink = |finding: Finding| {
        found.push(said(&finding));
        ControlFlow::Continue(())
    };
    let checked = if document {
        check_document(input, &plan, &NoRules, options, &mut sink)
    } else {
        check_table(input, &plan, &NoRules, options, &mut sink)
    };
    (checked, found)
}

fn check(text: &str) -> (CheckedFile, Vec<Said>) {
    checked(Cursor::new(text.as_bytes()), true, 1)
}

const DOCUMENT: &str = r#"<?xml version="1.0"?>
<t:Tests xmlns:t="urn:x">
  <t:Header><Anything/></t:Header>
  <t:Visit>
    <t:Test><t:Day>2024-04-01</t:Day><t:Number extension="A1" root="1.2.3"/></t:Test>
    <t:Person><t:Id extension="P1">shown</t:Id><t:Born>1980-01-01</t:Born></t:Person>
    <t:Test>
      <t:Number extension="too long"/>
    </t:Test>
  </t:Visit>
  <t:Visit>
    <t:Test><t:Number extension="A&amp;3"/><t:Day> 2024-04-31 </t:Day></t:Test>
  </t:Visit>
</t:Tests>
"#;

#[test]
fn each_row_has_what_its_record_says_and_findings_stand_where_it_begins() {
    let (file, found) = check(DOCUMENT);
    let found: Vec<_> = found
        .iter()
        .map(|(_, record, place, path, value)| (record.unwrap(), place.unwrap(), &**path, &**value))
        .collect();
    assert_eq!(
        found,
        [
            (2, (7, 5), "Visit/Test/Day", ""),
            (2, (7, 5), "Visit/Test/Number/@extension", "too long"),
            (3, (12, 5), "Visit/Test/Day", "2024-04-31"),
        ]
    );
    assert_eq!(file.summary.records.records, 3);
    assert_eq!(file.summary.verdict, Verdict::Rejected);
    assert_eq!(file.summary.bytes, DOCUMENT.len() as u64);
}

#[test]
fn what_is_no_document_is_one_finding_with_its_place() {
    for (text, line, reason) in [
        ("<Tests/>", 1, "the document has no `Visit`"),
        ("<Tests><Visit/></Tests>", 1, "a `Visit` has no `Test`"),
        (
            "<Tests>\n<Visit>\n<Other/></Visit></Tests>",
            3,
            "`Visit/Other` is no element of a record",
        ),
        (
            "<Tests><Visit><Test/>\n<Person/>\n<Person/></Visit></Tests>",
            3,
            "`Visit/Person` stands twice",
        ),
        (
            "<Tests><Visit><Test/></Visit>",
            1,
            "ends before its last element is closed",
        ),
        ("<Tests><Visit></Tests>", 1, "not well-formed"),
        ("<!DOCTYPE a [<!ENTITY b 'c'>]><a/>", 1, "DTD"),
        (
            "<Tests><Visit><Person><Born>&b;</Born></Person></Visit></Tests>",
            1,
            "not declared",
        ),
        ("", 1, "ends before"),
    ] {
        let (file, found) = check(text);
        let (rule, _, place, _, told) = found.last().unwrap();
        assert_eq!((&**rule, place.unwrap().0), ("T-DOCUMENT", line), "{text}");
        assert!(told.contains(reason), "{text}: {told}");
        assert_eq!(file.summary.verdict, Verdict::Rejected, "{text}");
        let counted: u64 = file.summary.findings.values().sum();
        assert_eq!(counted, found.len() as u64);
    }
    let deep = "<a>".repeat(100_000);
    assert!(check(&deep).1[0].4.contains("nested too deeply"));
}

#[test]
fn a_record_that_does_not_end_is_not_kept() {
    let endless = Cursor::new("<Tests><Visit><Person><Born>".as_bytes());
    let (file, found) = checked(endless.chain(io::repeat(b'x').take(1 << 33)), true, 1);
    assert!(found[0].4.contains("longer than"), "{found:?}");
    assert_eq!(file.summary.verdict, Verdict::Rejected);
}

#[test]
fn a_row_of_another_width_is_the_standards_own_rule() {
    let (_, found) = checked(
        Cursor::new(b"P,1980-01-01,2024-04-01,A1\nP,,2024-04-01\nP,,,,\n"),
        false,
        1,
    );
    let rules: Vec<_> = found
        .iter()
        .map(|found| (&*found.0, found.1, &*found.4))
        .collect();
    assert_eq!(
        rules,
        [("T-WIDTH", Some(2), "3"), ("T-WIDTH", Some(3), "5")]
    );
}

#[test]
fn places_must_be_paths_of_columns() {
    for (from, to, told) in [
        (
            "Test/Number/@extension",
            "Test/@extension/Number",
            "no path of elements",
        ),
        ("record = \"Visit\"\n", "", "must say its `record`"),
        ("row = \"Test\"", "raw = \"Test\"", "means nothing"),
    ] {
        let error = definition(&STANDARD.replace(from, to)).unwrap_err();
        assert!(error.contains(told), "{error}");
    }
    let wrong = definition(&STANDARD.replace("DAY = ", "DAYS = ")).unwrap();
    let told: Vec<String> = concord_standards::definition::lint(&wrong)
        .into_iter()
        .map(|problem| problem.message)
        .collect();
    assert!(
        told.contains(&"`DAYS` is no column of test".to_owned()),
        "{told:?}"
    );
    assert!(told.contains(&"`DAY` has no place in the XML form".to_owned()));
}

proptest! {
    /// The rows of a document are those of the same table as text, with any number of threads.
    #[test]
    fn a_document_and_its_rows_say_the_same(
        records in prop::collection::vec(
            ("[a-zA-Z\",& ]{0,12}", "(19[0-9]{2}-0[1-9]-[0-3][0-9])?",
             prop::collection::vec(("(2024-04-[0-3][0-9])?", "[A-Z,\"<]{0,6}"), 1..4)),
            1..40),
        threads in 1_usize..3,
    ) {
        let escaped = |text: &str| {
            text.replace('&', "&amp;").replace('<', "&lt;").replace('"', "&quot;")
        };
        let cell = |text: &str| format!("\"{}\"", text.trim().replace('"', "\"\""));
        let (mut document, mut table) = ("<Tests>\n".to_owned(), String::new());
        for (patient, born, tests) in &records {
            write!(document, "<Visit><Person><Id extension=\"{}\"/><Born>{born}</Born></Person>", escaped(patient)).unwrap();
            for (day, number) in tests {
                write!(document, "\n<Test><Day>{day}</Day><Number extension=\"{}\"/></Test>", escaped(number)).unwrap();
                writeln!(table, "{},{},{},{}", cell(patient), cell(born), cell(day), cell(number)).unwrap();
            }
            document.push_str("</Visit>\n");
        }
        document.push_str("</Tests>");
        let (of_document, found) = checked(Cursor::new(document.as_bytes()), true, threads);
        let (of_table, expected) = checked(Cursor::new(table.as_bytes()), false, 1);
        let bare = |found: &[Said]| -> Vec<(String, Option<u64>, String)> {
            found.iter().map(|said| (said.0.clone(), said.1, said.4.clone())).collect()
        };
        prop_assert_eq!(bare(&found), bare(&expected));
        prop_assert_eq!(of_document.summary.records, of_table.summary.records);
        prop_assert_eq!(of_document.summary.verdict, of_table.summary.verdict);
    }

    /// Nothing panics, and nothing that is no document is taken.
    #[test]
    fn bytes_never_panic(text in "[<>/A-Za-z&;!\\[\\]\"= \n]{0,200}") {
        let (file, found) = check(&format!("<Tests>{text}"));
        prop_assert_eq!(file.summary.verdict, Verdict::Rejected);
        prop_assert!(!found.is_empty());
    }
}
