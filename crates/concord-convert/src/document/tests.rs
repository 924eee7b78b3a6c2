//! A small standard of batches of visits, written from rows.

use std::collections::BTreeMap;

use concord_standards::definition::{Definition, Mapping};

use super::*;
use crate::builder::{Origin, RecordsBuilder};
use crate::loss::{Loss, LossReason};

const STANDARD: &str = r#"
id = "visits"
version = "1"
title = "Visits"
publisher = "us"
status = "current"
carrier = "xml"
source = "made up"
provenance = "made up"
[recognise]
root = "Batch"
[record]
elements = ["Visit", "BulkVisit"]
"#;

const STRUCTURE: &str = r#"
namespace = "urn:visits"
[element.Batch]
group = "Batch"
[group.Batch]
attributes = [{ attribute = "Version", value = "xs:NMTOKEN", use = "required", fixed = "1" }]
content = [
  { element = "Header", group = "Header" },
  { choice = [
    { element = "Visit", group = "Visit", occurs = "1..*" },
    { element = "BulkVisit", group = "BulkVisit", occurs = "1..*" },
  ] },
  { element = "Trailer", group = "Trailer" },
]
[group.Header]
content = [
  { element = "From", value = "Address" },
  { element = "Number", value = "xs:positiveInteger" },
]
[group.Trailer]
content = [
  { element = "Number", value = "xs:positiveInteger" },
  { element = "Count", value = "xs:positiveInteger" },
]
[group.Visit]
content = [{ element = "Key", value = "xs:string" }, { element = "Body", group = "Body" }]
[group.BulkVisit]
attributes = [{ attribute = "Group", value = "xs:string", use = "required" }]
content = [
  { element = "Key", value = "xs:string", occurs = "0..1" },
  { element = "Group", value = "xs:string" },
  { element = "Body", group = "Body" },
]
[group.Body]
content = [
  { choice = [
    { element = "Known", group = "Known" },
    { element = "Hidden", group = "Hidden" },
  ] },
  { element = "Codes", group = "Codes", occurs = "0..1" },
  { element = "Period", group = "Period", occurs = "0..*" },
]
[group.Known]
content = [{ element = "Born", value = "xs:date" }, { element = "Sex", value = "Sex", occurs = "0..1" }]
[group.Hidden]
content = [{ element = "Why", value = "xs:string", occurs = "0..1" }]
[group.Codes]
content = [
  { element = "Main", value = "Code" },
  { element = "Other", value = "Code", occurs = "0..2" },
]
[group.Period]
content = [{ element = "Begin", value = "xs:date" }, { element = "Day", group = "Day", occurs = "0..*" }]
[group.Day]
content = [
  { element = "On", value = "xs:date" },
  { element = "Weight", value = "Weight", occurs = "0..1" },
]
[value.Address]
base = "xs:string"
max_length = 5
[value.Code]
base = "xs:string"
max_length = 4
[value.Sex]
base = "xs:string"
codes = ["1", "2"]
[value.Weight]
base = "xs:decimal"
pattern = '\d{3}\.\d{3}'
"#;

const MAPPING: &str = r#"
[[row]]
entity = "submission"
at = "submission"
[row.fields]
sender = "From"
control_reference = { from = "Header/Number", also = "Trailer/Number" }
control_count = "Count"
[[row]]
entity = "activity_record"
at = "record"
[row.fields]
cds_unique_identifier = "Key"
cds_bulk_replacement_group_code = { from = "Group", also = "@Group" }
[[row]]
entity = "person"
at = "Known"
set = { identity = "verified" }
[row.fields]
person_birth_date = "Born"
person_stated_gender_code = { from = "Sex", codes = "maps/sex.csv" }
[[row]]
entity = "person"
at = "Hidden"
set = { identity = "withheld" }
[row.fields]
withheld_identity_reason = "Why"
[[row]]
entity = "diagnosis"
at = "Main"
set = { role = "primary" }
[row.fields]
code = "Main"
[[row]]
entity = "diagnosis"
at = "Other"
set = { role = "secondary" }
[row.fields]
code = "Other"
[[row]]
entity = "critical_care_period"
at = "Period"
[row.fields]
critical_care_start_date = "Begin"
[[row]]
entity = "critical_care_day"
at = "Day"
[row.fields]
activity_date_critical_care = "On"
person_weight = "Weight"
"#;

type Rows<'r> = &'r [(&'r str, Option<i64>, &'r [(&'r str, &'r str)])];

/// Writes records once; the document, without its first line, and what was lost.
fn written(records: &[Rows<'_>], envelope: Envelope) -> Result<(String, Vec<Loss>), DocumentError> {
    chunks(records, envelope, 1)
}

/// The same with the records coming several times, as chunks of a larger input do.
fn chunks(
    records: &[Rows<'_>],
    envelope: Envelope,
    times: usize,
) -> Result<(String, Vec<Loss>), DocumentError> {
    let files: BTreeMap<String, String> = [
        ("visits/1/standard.toml", STANDARD),
        ("visits/1/structure.toml", STRUCTURE),
        ("visits/1/mapping.toml", MAPPING),
        (
            "maps/sex.csv",
            "from,to,source,note\n1,male,us,\n2,female,us,\n",
        ),
    ]
    .into_iter()
    .map(|(name, text)| (name.to_owned(), text.to_owned()))
    .collect();
    let definition = Definition::load(&files, "visits/1");
    let definition = definition.unwrap_or_else(|errors| panic!("{errors}"));
    let mapping = Mapping::load(&files, "visits/1").unwrap_or_else(|errors| panic!("{errors}"));
    let plan = DocumentPlan::new(&definition, &mapping.expect("a mapping")).expect("a plan");
    let mut builder = RecordsBuilder::new(Origin::default());
    for (number, rows) in (1..).zip(records) {
        for (entity, parent, values) in *rows {
            assert!(builder.add(entity, number, *parent, values) > 0, "{entity}");
        }
    }
    let (rows, losses) = builder.finish().expect("tables");
    assert!(losses.is_empty(), "{losses:?}");
    let mut writer = DocumentWriter::new(&plan, envelope, Vec::new());
    for _ in 0..times {
        writer.add(&rows)?;
    }
    let done = writer.finish()?;
    let text = String::from_utf8(done.out).expect("UTF-8");
    let body = text.split_once('\n').map_or("", |(_, body)| body);
    Ok((body.replace("\n  ", "\n"), done.losses.list()))
}

fn envelope() -> Envelope {
    Envelope {
        sender: Some("A".to_owned()),
        control_reference: Some("7".to_owned()),
        ..Envelope::default()
    }
}

/// The part of a document from the first to the last of some records.
fn body(document: &str) -> String {
    let start = document.find("</Header>").expect("a header") + "</Header>".len();
    let end = document.find("<Trailer>").expect("a trailer");
    document[start..end].split_whitespace().collect()
}

fn loss(element: &str, reason: LossReason, detail: Option<&str>, count: u64) -> Loss {
    Loss {
        element: element.to_owned(),
        reason,
        detail: detail.map(str::to_owned),
        count,
    }
}

const KEY: (&str, Option<i64>, &[(&str, &str)]) =
    ("activity_record", None, &[("cds_unique_identifier", "k<1")]);
const HIDDEN: (&str, Option<i64>, &[(&str, &str)]) = ("person", None, &[("identity", "withheld")]);

#[test]
fn rows_stand_where_the_mapping_says_inside_the_envelope() {
    let born: &[(&str, &str)] = &[
        ("identity", "verified"),
        ("person_birth_date", "1980-05-01"),
        ("person_stated_gender_code", "female"),
    ];
    let rows: Rows<'_> = &[
        KEY,
        ("person", None, born),
        (
            "diagnosis",
            None,
            &[("role", "secondary"), ("code", "E119")],
        ),
        ("diagnosis", None, &[("role", "primary"), ("code", "I10X")]),
        (
            "critical_care_period",
            None,
            &[("critical_care_start_date", "2024-01-01")],
        ),
        (
            "critical_care_period",
            None,
            &[("critical_care_start_date", "2024-02-01")],
        ),
        (
            "critical_care_day",
            Some(2),
            &[
                ("activity_date_critical_care", "2024-02-02"),
                ("person_weight", "3.5"),
            ],
        ),
        (
            "critical_care_day",
            Some(1),
            &[("activity_date_critical_care", "2024-01-02")],
        ),
    ];
    let (document, losses) = written(&[rows], envelope()).expect("a document");
    assert_eq!(losses, []);
    assert_eq!(
        document,
        r#"<Batch xmlns="urn:visits" Version="1">
<Header>
  <From>A</From>
  <Number>7</Number>
</Header>
<Visit>
  <Key>k&lt;1</Key>
  <Body>
    <Known>
      <Born>1980-05-01</Born>
      <Sex>2</Sex>
    </Known>
    <Codes>
      <Main>I10X</Main>
      <Other>E119</Other>
    </Codes>
    <Period>
      <Begin>2024-01-01</Begin>
      <Day>
        <On>2024-01-02</On>
      </Day>
    </Period>
    <Period>
      <Begin>2024-02-01</Begin>
      <Day>
        <On>2024-02-02</On>
        <Weight>003.500</Weight>
      </Day>
    </Period>
  </Body>
</Visit>
<Trailer>
  <Number>7</Number>
  <Count>1</Count>
</Trailer>
</Batch>
"#
    );
}

#[test]
fn the_kind_of_record_follows_from_its_rows_and_is_the_same_throughout() {
    let bulk: &[(&str, &str)] = &[
        ("cds_unique_identifier", "k"),
        ("cds_bulk_replacement_group_code", "9"),
    ];
    let bulk: Rows<'_> = &[("activity_record", None, bulk), HIDDEN];
    let (document, losses) = written(&[bulk, &[KEY, HIDDEN]], envelope()).expect("a document");
    assert_eq!(
        body(&document),
        r#"<BulkVisitGroup="9"><Key>k</Key><Group>9</Group><Body><Hidden/></Body></BulkVisit>"#
    );
    let detail = Some("no @Group in BulkVisit");
    assert_eq!(losses, [loss("record", LossReason::Incomplete, detail, 1)]);
}

#[test]
fn what_must_be_there_and_is_not_leaves_the_record_out() {
    let nobody: Rows<'_> = &[
        KEY,
        (
            "person",
            None,
            &[
                ("identity", "verified"),
                ("person_stated_gender_code", "male"),
            ],
        ),
    ];
    let (document, losses) = written(&[nobody, &[KEY, HIDDEN]], envelope()).expect("a document");
    assert!(document.contains("<Count>1</Count>"), "{document}");
    let detail = Some("no Born in Known");
    assert_eq!(losses, [loss("record", LossReason::Incomplete, detail, 1)]);
    let (document, _) = written(&[nobody], envelope()).expect("nothing");
    assert_eq!(document, "");
}

#[test]
fn an_optional_group_that_lacks_something_is_left_out_by_itself() {
    let rows: Rows<'_> = &[
        KEY,
        HIDDEN,
        (
            "diagnosis",
            None,
            &[("role", "secondary"), ("code", "E119")],
        ),
        (
            "diagnosis",
            None,
            &[("role", "secondary"), ("code", "J459")],
        ),
    ];
    let (document, losses) = written(&[rows], envelope()).expect("a document");
    assert_eq!(
        body(&document),
        "<Visit><Key>k&lt;1</Key><Body><Hidden/></Body></Visit>"
    );
    let detail = Some("no Main in Codes");
    assert_eq!(
        losses,
        [loss(
            "DIAGNOSIS (SNOMED CT EXPRESSION)",
            LossReason::Incomplete,
            detail,
            2
        )]
    );
}

#[test]
fn what_does_not_fit_is_told() {
    let rows: Rows<'_> = &[
        (
            "activity_record",
            None,
            &[("cds_unique_identifier", "k"), ("cds_type_code", "011")],
        ),
        (
            "person",
            None,
            &[
                ("identity", "verified"),
                ("person_birth_date", "1980-05-01"),
                ("person_stated_gender_code", "other"),
                ("nhs_number", "9990000018"),
            ],
        ),
        ("diagnosis", None, &[("role", "primary"), ("code", "I10X")]),
        (
            "diagnosis",
            None,
            &[("role", "secondary"), ("code", "TOO LONG")],
        ),
        ("diagnosis", None, &[("role", "secondary"), ("code", "A")]),
        ("diagnosis", None, &[("role", "secondary"), ("code", "B")]),
        ("diagnosis", None, &[("role", "secondary"), ("code", "C")]),
        (
            "critical_care_period",
            None,
            &[("critical_care_start_date", "2024-01-01")],
        ),
        (
            "critical_care_day",
            Some(1),
            &[
                ("activity_date_critical_care", "2024-01-02"),
                ("person_weight", "999.99"),
            ],
        ),
        (
            "registration",
            None,
            &[
                ("registration_type", "regular"),
                ("start_date", "2020-01-01"),
            ],
        ),
    ];
    let (document, losses) = written(&[rows], envelope()).expect("a document");
    assert_eq!(
        body(&document),
        "<Visit><Key>k</Key><Body><Known><Born>1980-05-01</Born></Known><Codes><Main>I10X</Main><Other>A</Other>\
         <Other>B</Other></Codes><Period><Begin>2024-01-01</Begin><Day><On>2024-01-02</On><Weight>999.990</Weight></Day></Period></Body></Visit>"
    );
    assert_eq!(
        losses,
        [
            loss("CDS TYPE CODE", LossReason::NoPlace, None, 1),
            loss(
                "DIAGNOSIS (SNOMED CT EXPRESSION)",
                LossReason::NotOfItsForm,
                None,
                1
            ),
            loss(
                "DIAGNOSIS (SNOMED CT EXPRESSION)",
                LossReason::Several,
                None,
                1
            ),
            loss("NHS NUMBER", LossReason::NoPlace, None, 1),
            loss(
                "PERSON STATED GENDER CODE",
                LossReason::NoEquivalentCode,
                Some("other"),
                1
            ),
            loss("registration.start_date", LossReason::NoPlace, None, 1),
        ]
    );
}

#[test]
fn an_envelope_that_lacks_something_is_an_error() {
    let error = written(&[&[KEY, HIDDEN]], Envelope::default()).expect_err("no sender");
    assert_eq!(
        error.to_string(),
        "what stands around the records cannot be written: no From in Header"
    );
}

#[test]
fn chunks_of_records_become_one_document() {
    let (document, losses) = chunks(&[&[KEY, HIDDEN]], envelope(), 3).expect("a document");
    assert_eq!(losses, []);
    assert_eq!(document.matches("<Header>").count(), 1);
    assert_eq!(document.matches("<Visit>").count(), 3);
    assert!(document.contains("<Count>3</Count>"), "{document}");
}
