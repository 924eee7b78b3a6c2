//! `concord diff` over everything that can be a side.

#![allow(missing_docs, clippy::unwrap_used, clippy::print_stderr)]

mod gate_support;
mod ran;

use std::fs;
use std::path::Path;

use gate_support::{FIELDS, STANDARD, edit, wards, write};
use ran::{Ran, concord};
use serde_json::Value;

/// Rules of the changes, with their places.
fn changes(ran: &Ran) -> Vec<(String, String)> {
    let report: Value = serde_json::from_str(&ran.out)
        .unwrap_or_else(|error| panic!("{error}: {}\n{}", ran.out, ran.err));
    let changes = report["comparisons"][0]["changes"].as_array().unwrap();
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    changes
        .iter()
        .map(|change| (text(&change["rule"]), text(&change["place"]["name"])))
        .collect()
}

fn has(ran: &Ran, rule: &str, place: &str) -> bool {
    changes(ran)
        .iter()
        .any(|(known, at)| known == rule && at.contains(place))
}

fn two_roots() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    wards(&folder.path().join("old"));
    wards(&folder.path().join("new"));
    folder
}

const FOLDERS: [&str; 2] = ["old/wards/1", "new/wards/1"];

fn diff(folder: &Path, further: &[&str]) -> Ran {
    let arguments: Vec<&str> = ["diff"]
        .iter()
        .chain(&FOLDERS)
        .chain(further)
        .copied()
        .collect();
    concord(folder, &arguments)
}

#[test]
fn a_standard_against_itself_has_not_changed() {
    let folder = tempfile::tempdir().unwrap();
    for standard in ["cds@6-3-1", "acm@2025", "cds-flat-inpatient@6-2"] {
        let ran = concord(folder.path(), &["diff", standard, standard]).exits(0);
        assert!(ran.out.contains("No changes."), "{}", ran.out);
    }
    let folders = two_roots();
    let ran = diff(folders.path(), &[]).exits(0);
    assert!(ran.out.contains("No changes."), "{}", ran.out);
}

#[test]
fn a_file_that_is_written_otherwise_has_not_changed() {
    let folder = two_roots();
    edit(
        folder.path(),
        "new/wards/1/standard.toml",
        "publisher = \"A trust\"\nstatus = \"current\"\n",
        "status   =  'current' # in force\npublisher = \"A trust\"\n",
    );
    edit(
        folder.path(),
        "new/codes/ward-kind.csv",
        "A,Acute,,,tests\nB,Maternity,,,tests\n",
        "B,Maternity,,,tests\nA,Acute,,,tests\n",
    );
    diff(folder.path(), &[]).exits(0);
}

#[test]
fn shipped_standards_are_compared() {
    let folder = tempfile::tempdir().unwrap();
    let ran = concord(
        folder.path(),
        &[
            "diff",
            "drplcm@2",
            "drplcm@3",
            "--no-proof",
            "--format",
            "json",
        ],
    )
    .exits(1);
    assert!(!changes(&ran).is_empty());
    let ran = concord(
        folder.path(),
        &[
            "diff",
            "cds@6-2-2",
            "cds@6-2-3",
            "--no-proof",
            "--format",
            "json",
        ],
    )
    .exits(1);
    assert!(!changes(&ran).is_empty());
    let never = [
        "diff",
        "drplcm@2",
        "drplcm@3",
        "--no-proof",
        "--fail-on",
        "never",
    ];
    concord(folder.path(), &never).exits(0);
}

#[test]
fn an_edited_folder_is_proved() {
    let folder = two_roots();
    edit(
        folder.path(),
        "new/wards/1/fields.csv",
        "wards,3,BEDS,NUMBER OF BEDS,,O,",
        "wards,3,BEDS,NUMBER OF BEDS,,M,",
    );
    edit(
        folder.path(),
        "new/codes/ward-kind.csv",
        "C,Day ward,,,tests\n",
        "",
    );
    let ran = diff(folder.path(), &["--format", "json"]).exits(1);
    assert!(has(&ran, "COLUMN-MADE-MANDATORY", "BEDS"), "{}", ran.out);
    assert!(has(&ran, "CODE-WITHDRAWN", "ward-kind C"), "{}", ran.out);
    let report: Value = serde_json::from_str(&ran.out).unwrap();
    let changes = report["comparisons"][0]["changes"].as_array().unwrap();
    let of = |rule: &str| {
        changes
            .iter()
            .find(|change| change["rule"] == rule)
            .unwrap()
    };
    let mandatory = of("COLUMN-MADE-MANDATORY");
    assert_eq!(
        mandatory["breaks"][0]["certainty"], "proved",
        "{mandatory:#}"
    );
    assert!(
        mandatory["witness"]["submission"]
            .as_str()
            .unwrap()
            .contains("BEDS")
    );
    assert_eq!(mandatory["new_file"]["file"], "new/wards/1/fields.csv");
    assert_eq!(mandatory["new_file"]["line"], 4);

    // The witness is what it says: the old side takes it, the new one does not.
    let witness = mandatory["witness"]["submission"].as_str().unwrap();
    write(folder.path(), "witness.csv", witness);
    concord(
        folder.path(),
        &[
            "check",
            "witness.csv",
            "--schemas",
            "old",
            "--standard",
            "wards@1",
        ],
    )
    .exits(0);
    concord(
        folder.path(),
        &[
            "check",
            "witness.csv",
            "--schemas",
            "new",
            "--standard",
            "wards@1",
        ],
    )
    .exits(1);
}

#[test]
fn only_what_was_asked_for_is_shown_and_fails() {
    let folder = two_roots();
    edit(
        folder.path(),
        "new/codes/ward-kind.csv",
        "C,Day ward",
        "D,Night ward,,,tests\nC,Day ward",
    );
    let ran = diff(folder.path(), &["--no-proof", "--format", "json"]).exits(1);
    assert!(has(&ran, "CODE-ADDED", "ward-kind D"), "{}", ran.out);
    diff(
        folder.path(),
        &["--no-proof", "--fail-on", "submitter,storage"],
    )
    .exits(0);
    let ran = diff(folder.path(), &["--no-proof", "--for", "submitter"]).exits(0);
    assert!(
        ran.out.contains("No changes that were asked for."),
        "{}",
        ran.out
    );
    diff(folder.path(), &["--no-proof", "--for", "receiver"]).exits(1);
}

#[test]
fn people_read_it() {
    let folder = two_roots();
    edit(
        folder.path(),
        "new/wards/1/fields.csv",
        "wards,3,BEDS,NUMBER OF BEDS,,O,",
        "wards,3,BEDS,NUMBER OF BEDS,,M,",
    );
    edit(
        folder.path(),
        "new/wards/1/fields.csv",
        "max an10",
        "max an8",
    );
    edit(
        folder.path(),
        "new/codes/ward-kind.csv",
        "C,Day ward,,,tests\n",
        "D,Night ward,,,tests\n",
    );
    edit(
        folder.path(),
        "new/codes/ward-kind.csv",
        "B,Maternity",
        "B,Women and children",
    );
    insta::assert_snapshot!("diff-human", diff(folder.path(), &[]).exits(1).out);
    let page = diff(folder.path(), &["--format", "markdown"]).exits(1).out;
    insta::assert_snapshot!("diff-markdown", page);
}

#[test]
fn every_format_is_written_and_to_a_file() {
    let folder = two_roots();
    edit(
        folder.path(),
        "new/codes/ward-kind.csv",
        "C,Day ward,,,tests\n",
        "",
    );
    for format in [
        "human", "markdown", "json", "sarif", "junit", "github", "gitlab", "csv", "concise",
        "ndjson", "html",
    ] {
        let ran = diff(
            folder.path(),
            &["--no-proof", "--format", format, "-o", "out"],
        )
        .exits(1);
        assert_eq!(ran.out, "");
        let text = fs::read_to_string(folder.path().join("out")).unwrap();
        assert!(
            text.contains("CODE-WITHDRAWN") || text.contains("Codes withdrawn"),
            "{format}: {text}"
        );
    }
    let text = diff(folder.path(), &["--no-proof", "--format", "github"])
        .exits(1)
        .out;
    assert!(text.contains("::error"), "{text}");
    diff(folder.path(), &["--format", "xml"]).exits(2);
}

const XSD: &str = r#"<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema">
  <xs:element name="Ward">
    <xs:complexType>
      <xs:sequence>
        <xs:element name="Code"><xs:simpleType><xs:restriction base="xs:string">
          <xs:maxLength value="10"/></xs:restriction></xs:simpleType></xs:element>
        <xs:element name="Beds" type="xs:positiveInteger" minOccurs="0"/>
      </xs:sequence>
    </xs:complexType>
  </xs:element>
</xs:schema>
"#;

#[test]
fn xsds_are_compared_with_one_another_and_with_definitions() {
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path();
    write(root, "old.xsd", XSD);
    write(
        root,
        "new.xsd",
        &XSD.replace(" minOccurs=\"0\"", "")
            .replace("\"10\"", "\"8\""),
    );
    let ran = concord(root, &["diff", "old.xsd", "new.xsd", "--format", "json"]).exits(1);
    assert!(
        has(&ran, "ELEMENT-MADE-MANDATORY", "Ward/Beds"),
        "{}",
        ran.out
    );
    assert!(has(&ran, "FORMAT-NARROWED", "Ward/Code"), "{}", ran.out);
    assert!(ran.out.contains("\"proved\": 2"), "{}", ran.out);

    concord(
        root,
        &[
            "standards",
            "import",
            "old.xsd",
            "-o",
            "schemas",
            "--as",
            "ward@1",
        ],
    )
    .exits(0);
    let ran = concord(
        root,
        &["diff", "old.xsd", "schemas/ward/1", "--format", "json"],
    )
    .exits(0);
    assert_eq!(changes(&ran), [], "{}", ran.out);
    let ran = concord(
        root,
        &[
            "diff",
            "schemas/ward/1",
            "new.xsd",
            "--no-proof",
            "--format",
            "json",
        ],
    )
    .exits(1);
    assert!(
        has(&ran, "ELEMENT-MADE-MANDATORY", "Ward/Beds"),
        "{}",
        ran.out
    );
}

#[test]
fn json_schemas_are_compared() {
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path();
    let old = r#"{ "type": "object", "additionalProperties": false, "required": ["code"],
      "properties": { "code": { "type": "string", "maxLength": 10, "format": "email" },
                      "kind": { "enum": ["A", "B"] }, "beds": { "type": "integer", "minimum": 0 } } }"#;
    write(root, "old.json", old);
    write(
        root,
        "new.json",
        &old.replace("[\"code\"]", "[\"code\", \"beds\"]")
            .replace("[\"A\", \"B\"]", "[\"A\"]"),
    );
    let ran = concord(root, &["diff", "old.json", "new.json", "--format", "json"]).exits(1);
    assert!(
        has(&ran, "ELEMENT-MADE-MANDATORY", "document/beds"),
        "{}",
        ran.out
    );
    assert!(
        has(&ran, "VALUES-WITHDRAWN", "document/kind"),
        "{}",
        ran.out
    );
    let report: Value = serde_json::from_str(&ran.out).unwrap();
    let not = &report["comparisons"][0]["not_compared"];
    assert!(not.to_string().contains("the format `email`"), "{not}");
    assert!(report["comparisons"][0]["without_proof"].is_string());
    // The order of members says nothing.
    let other = r#"{ "properties": { "beds": { "minimum": 0, "type": "integer" }, "kind": { "enum": ["B", "A"] },
      "code": { "format": "email", "type": "string", "maxLength": 10 } }, "required": ["code"], "additionalProperties": false, "type": "object" }"#;
    write(root, "other.json", other);
    let ran = concord(
        root,
        &["diff", "old.json", "other.json", "--format", "json"],
    )
    .exits(0);
    assert_eq!(changes(&ran), [], "{}", ran.out);
}

#[test]
fn stored_tables_are_compared() {
    let folder = two_roots();
    let root = folder.path();
    write(root, "wards.csv", "WARD,KIND,BEDS\nW1,A,20\nW2,B,\n");
    let convert = |schemas: &str, to: &str| {
        let arguments = [
            "convert",
            "wards.csv",
            "--to",
            "parquet",
            "--native",
            "--schemas",
            schemas,
            "-o",
            to,
        ];
        concord(root, &arguments).exits(0);
    };
    convert("old", "lake1");
    // A definition says what a conversion stores.
    let ran = concord(root, &["diff", "old/wards/1", "lake1", "--format", "json"]).exits(0);
    assert_eq!(changes(&ran), [], "{}", ran.out);
    edit(root, "new/wards/1/fields.csv", "max n3", "max an3");
    edit(
        root,
        "new/wards/1/fields.csv",
        "KIND,WARD KIND",
        "SORT,WARD SORT",
    );
    write(root, "wards.csv", "WARD,SORT,BEDS\nW1,A,20\n");
    convert("new", "lake2");
    let ran = concord(
        root,
        &[
            "diff", "lake1", "lake2", "--for", "storage", "--format", "json",
        ],
    )
    .exits(1);
    assert!(
        changes(&ran)
            .iter()
            .any(|(rule, at)| rule.starts_with("STORED-COLUMN") && at.contains("KIND")),
        "{}",
        ran.out
    );
    assert!(
        changes(&ran)
            .iter()
            .any(|(rule, at)| rule.starts_with("STORED-TYPE") && at.contains("BEDS")),
        "{}",
        ran.out
    );
    let file = |lake: &str| format!("{lake}/wards@1/wards/part-00000.parquet");
    concord(root, &["diff", &file("lake1"), &file("lake2")]).exits(1);
    concord(root, &["diff", &file("lake1"), &file("lake1")]).exits(0);
    fs::write(root.join("cut.parquet"), "PAR1").unwrap();
    let ran = concord(root, &["diff", &file("lake1"), "cut.parquet"]).exits(2);
    assert!(ran.told().contains("cut.parquet"), "{}", ran.err);
}

#[test]
fn arrow_schemas_are_compared() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fixtures/gate");
    let ran = concord(
        &folder,
        &["diff", "wards-1.arrow", "wards-2.arrow", "--format", "json"],
    )
    .exits(1);
    assert!(has(&ran, "STORED-TYPE-NARROWED", "beds"), "{}", ran.out);
    assert!(
        changes(&ran)
            .iter()
            .any(|(rule, at)| rule.starts_with("STORED-COLUMN-")
                && (at.ends_with("opened") || at.ends_with("closed"))),
        "{}",
        ran.out
    );
    assert!(
        !changes(&ran)
            .iter()
            .any(|(_, at)| at.split('.').next_back() == Some("ward")),
        "{}",
        ran.out
    );
    concord(&folder, &["diff", "wards-1.arrow", "wards-1.arrow"]).exits(0);
    let cut = tempfile::tempdir().unwrap();
    let bytes = fs::read(folder.join("wards-1.arrow")).unwrap();
    fs::write(cut.path().join("cut.feather"), &bytes[..bytes.len() / 2]).unwrap();
    let ran = concord(cut.path(), &["diff", "cut.feather", "cut.feather"]).exits(2);
    assert!(
        ran.told()
            .contains("cut.feather is no Arrow file that can be read"),
        "{}",
        ran.err
    );
}

#[test]
fn tables_with_a_header_are_compared() {
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path();
    write(root, "old.csv", "WARD,KIND,BEDS\nW1,A,20\nW2,B,7\n");
    write(
        root,
        "new.csv",
        "WARD,KIND,OPENED\nW1,A,2025-04-01\nW2,B,2025-04-02\n",
    );
    let ran = concord(root, &["diff", "old.csv", "new.csv", "--format", "json"]).exits(1);
    assert!(
        changes(&ran)
            .iter()
            .any(|(rule, at)| rule.starts_with("COLUMN-") && at.contains("BEDS")),
        "{}",
        ran.out
    );
    concord(root, &["diff", "old.csv", "old.csv"]).exits(0);
    // Values that two samples do not share are no change of format when the form is the same.
    write(root, "more.csv", "WARD;KIND;BEDS\nW3;A;11\n");
    let ran = concord(
        root,
        &[
            "diff",
            "old.csv",
            "more.csv",
            "--for",
            "submitter",
            "--format",
            "json",
        ],
    );
    assert!(
        !changes(&ran)
            .iter()
            .any(|(rule, _)| rule.starts_with("COLUMN-REMOVED")),
        "{}",
        ran.out
    );
    write(root, "twice.csv", "WARD,WARD\nW1,W1\n");
    let ran = concord(root, &["diff", "old.csv", "twice.csv"]).exits(2);
    assert!(ran.told().contains("twice.csv:1"), "{}", ran.err);
}

#[test]
fn a_malformed_side_is_an_error_at_its_line() {
    let folder = two_roots();
    let root = folder.path();
    let cases: &[(&str, &str, &str)] = &[
        (
            "new/wards/1/standard.toml",
            "carrier = \"delimited\"\ncarrir = 1\n",
            "new/wards/1/standard.toml:",
        ),
        (
            "new/wards/1/fields.csv",
            "table,position\n",
            "new/wards/1/fields.csv:1",
        ),
    ];
    for (path, text, told) in cases {
        write(root, path, text);
        let ran = diff(root, &[]).exits(2);
        assert!(ran.told().contains(told), "{}", ran.err);
        write(root, "new/wards/1/standard.toml", STANDARD);
        write(root, "new/wards/1/fields.csv", FIELDS);
    }
    write(root, "old.xsd", XSD);
    write(
        root,
        "broken.xsd",
        &XSD.replace("xs:positiveInteger", "xs:positivInteger"),
    );
    let ran = concord(root, &["diff", "old.xsd", "broken.xsd"]).exits(2);
    assert!(ran.told().contains("broken.xsd:7"), "{}", ran.err);
    write(root, "a.json", "{ \"type\": \"object\" }");
    write(
        root,
        "broken.json",
        "{ \"type\": \"object\",\n  \"properties\": { \"a\": { \"type\": \"strin\" } } }",
    );
    let ran = concord(root, &["diff", "broken.json", "a.json"]).exits(2);
    assert!(ran.told().contains("broken.json:2:34"), "{}", ran.err);
    for (old, new, told) in [
        ("nothing@1", "cds@6-3-1", "there is no standard `nothing@1`"),
        (
            "missing/folder",
            "cds@6-3-1",
            "there is no file or folder missing/folder",
        ),
        (
            "old",
            "new/wards/1",
            "holds no standard.toml and no Parquet files",
        ),
        (
            "old/wards/1/fields.csv.bak",
            "cds@6-3-1",
            "there is no file or folder",
        ),
    ] {
        let ran = concord(root, &["diff", old, new]).exits(2);
        assert!(ran.told().contains(told), "{}", ran.err);
    }
    concord(root, &["diff", "cds@6-3-1"]).exits(2);
}

#[test]
fn the_impact_on_submissions_is_counted_by_provider() {
    let folder = two_roots();
    let root = folder.path();
    edit(
        root,
        "new/codes/ward-kind.csv",
        "C,Day ward,,,tests\n",
        "D,Night ward,,,tests\n",
    );
    write(
        root,
        "data/a.csv",
        "WARD,KIND,BEDS\nW1,A,20\nW2,C,7\nW3,C,7\nW4,D,1\n",
    );
    write(root, "data/b.csv", "WARD,KIND,BEDS\nW1,A,20\n");
    let ran = diff(
        root,
        &["--no-proof", "--impact", "data", "--format", "json"],
    )
    .exits(1);
    let report: Value = serde_json::from_str(&ran.out).unwrap();
    let impact = &report["comparisons"][0]["impact"];
    assert_eq!(
        [
            &impact["files"],
            &impact["records"],
            &impact["newly_rejected"],
            &impact["newly_accepted"]
        ],
        [2, 5, 2, 1]
    );
    let provider = &impact["providers"][0];
    assert!(
        provider["provider"].as_str().unwrap().ends_with("a.csv"),
        "{provider}"
    );
    assert_eq!(
        provider["rules"].as_object().unwrap().len(),
        1,
        "{provider}"
    );
    // Where a definition says who provided a record, records are counted by that.
    for side in ["old", "new"] {
        edit(
            root,
            &format!("{side}/wards/1/standard.toml"),
            "key = [\"WARD\"]",
            "key = [\"WARD\"]\nprovider = [\"WARD\"]",
        );
    }
    let ran = diff(
        root,
        &["--no-proof", "--impact", "data", "--format", "json"],
    )
    .exits(1);
    let report: Value = serde_json::from_str(&ran.out).unwrap();
    let providers = report["comparisons"][0]["impact"]["providers"]
        .as_array()
        .unwrap();
    let names: Vec<&str> = providers
        .iter()
        .map(|one| one["provider"].as_str().unwrap())
        .collect();
    assert_eq!(names, ["W2", "W3", "W4"]);
    let ran = concord(root, &["diff", "./lake", "./lake", "--impact", "data"]).exits(2);
    assert!(ran.told().contains("there is no file"), "{}", ran.err);
    let text = diff(root, &["--no-proof", "--impact", "data"]).exits(1).out;
    assert!(
        text.contains("5 records in 2 submissions: 2 newly rejected, 1 newly accepted"),
        "{text}"
    );
}
