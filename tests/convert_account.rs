//! What `concord convert` tells of itself.

#![allow(clippy::unwrap_used)] // a test fails by panicking

mod convert_support;

use std::fs;

use convert_support::{concord, exits, fixture, folder, root, sample};
use serde_json::Value;

#[test]
fn the_account_is_as_its_schema_says() {
    let folder = folder("account");
    let schema = fs::read(root().join("schemas/meta/conversion.schema.json")).unwrap();
    let schema = jsonschema::validator_for(&serde_json::from_slice(&schema).unwrap()).unwrap();
    let cds = fixture("cds/outpatients/august.xml");
    let acm = fixture("contract/may/acm.csv");
    fs::write(folder.join("empty.csv"), "").unwrap();
    fs::write(folder.join("key"), "a key of more than sixteen bytes").unwrap();
    let mut last = Value::Null;
    for (arguments, written) in [
        (&["parquet", &cds, &acm][..], true),
        (
            &[
                "parquet",
                &acm,
                "--native",
                "--pseudonymise",
                "key",
                "--partition-by",
                "provider",
            ],
            true,
        ),
        (&["fhir", &cds, "--on-reject", "keep"], true),
        (&["fhir-bundles", "fhir", &acm], true),
        (&["jsonl", &acm, "empty.csv", "--skip-unreadable"], true),
        (&["jsonl", &acm, "--since", "jsonl"], true),
        (&["iap@2026", "parquet", "--strict"], false),
        (&["cds@6-3-1", "parquet", "empty.csv"], false),
    ] {
        let (to, inputs) = arguments.split_first().unwrap();
        let output = if arguments.contains(&"--since") {
            "since"
        } else {
            to
        };
        let _ = fs::remove_dir_all(folder.join(output));
        if *to == "iap@2026" || *to == "cds@6-3-1" {
            let again = ["convert", &cds, &acm, "--to", "parquet", "-o", "parquet"];
            exits(0, &folder, &again);
        }
        let fixed = ["convert", "--to", to, "-o", output, "--format", "json"];
        let ran = concord(&folder, &[&fixed[..], inputs].concat());
        let account: Value = serde_json::from_slice(&ran.stdout)
            .unwrap_or_else(|_| panic!("{arguments:?}: {}", String::from_utf8_lossy(&ran.stderr)));
        let errors: Vec<String> = schema
            .iter_errors(&account)
            .map(|error| error.to_string())
            .collect();
        assert!(errors.is_empty(), "{account}: {errors:?}");
        assert_eq!(account["written"], written, "{account}");
        assert_eq!(account["to"], *to);
        if written {
            let kept = fs::read(folder.join(output).join("concord.json")).unwrap();
            assert_eq!(kept, ran.stdout, "the same is in the output");
        }
        last = account;
    }
    last["losses"] = serde_json::json!([{"element": "X", "reason": "mislaid", "count": 1}]);
    assert!(!schema.is_valid(&last), "the schema says something");
}

#[test]
fn what_people_read() {
    let folder = folder("people");
    let source = fixture("contract/may/clean.csv");
    let text = fs::read_to_string(&source).unwrap();
    let one: Vec<&str> = text.lines().take(2).collect();
    fs::write(folder.join("one.csv"), one.join("\n") + "\n").unwrap();
    let told = exits(
        0,
        &folder,
        &["convert", "one.csv", "--to", "parquet", "-o", "lake/"],
    );
    let expected = "one.csv: acm@2025, 1 record, 0 findings\n\n          1 row  lake/contract_aggregate\nWritten to lake in ";
    assert!(told.starts_with(expected), "{told}");
    assert!(told.ends_with(" s (1 input)\n"), "{told}");
    let told = exits(
        0,
        &folder,
        &["convert", "one.csv", "--to", "fhir", "-o", "fhir"],
    );
    assert!(
        told.contains("  the target has no place for it\n"),
        "{told}"
    );
    assert!(told.contains("more (concord.json has all)\n"), "{told}");
    let strict = [
        "convert", "one.csv", "--to", "fhir", "-o", "strict", "--strict",
    ];
    let told = exits(1, &folder, &strict);
    assert!(told.contains("more (--format json shows all)\n"), "{told}");
}

/// Neither the account nor what fails shows a value that identifies somebody.
#[test]
fn nobody_is_named() {
    let folder = folder("nobody");
    sample(
        &folder,
        "cds@6-2-3",
        "source.xml",
        &["-n", "60", "--faults", "0.6", "--labels", "labels.csv"],
    );
    let text = fs::read_to_string(folder.join("source.xml")).unwrap();
    let mut personal = Vec::new();
    for element in [
        "NHSNumber",
        "PersonFullName",
        "PersonRequestedName",
        "PersonFamilyName",
        "PostcodeOfUsualAddress",
        "LocalPatientIdentifier_Extended",
    ] {
        for rest in text.split(&format!("<{element}>")).skip(1) {
            let value = rest.split('<').next().unwrap();
            let filler = value.chars().all(|character| value.starts_with(character));
            if value.len() > 5 && !filler {
                personal.push(value.to_owned());
            }
        }
    }
    assert!(personal.len() > 50, "{} values", personal.len());
    for to in [
        "parquet",
        "fhir",
        "jsonl",
        "cds@6-2-3",
        "cds@6-3-1",
        "plcm@2025",
        "sus-ae",
    ] {
        for format in ["human", "json"] {
            let arguments = [
                "convert",
                "source.xml",
                "--to",
                to,
                "-o",
                "out",
                "--on-reject",
                "keep",
                "--format",
                format,
            ];
            let told = exits(0, &folder, &arguments);
            for value in &personal {
                assert!(!told.contains(value), "{to} {format} shows {value}: {told}");
            }
        }
    }
}

/// That a record shares its identifier is known when the last one was read and the rows of the first ones are written.
#[test]
fn records_rejected_at_the_end_are_losses_too() {
    let folder = folder("late");
    let standard = folder.join("schemas/visits/1");
    fs::create_dir_all(&standard).unwrap();
    fs::write(
        standard.join("standard.toml"),
        r#"
id = "visits"
version = "1"
title = "Visits"
publisher = "This test"
status = "draft"
carrier = "delimited"
source = "This test"

[recognise]
header = true

[[table]]
name = "visit"
title = "Visits"
header = "required"
delimiters = [","]
"#,
    )
    .unwrap();
    fs::write(
        standard.join("fields.csv"),
        "table,position,column,element,group,mandation,format,code_list,start,width,presence_rule,format_rule,code_rule,source,confidence\n\
         visit,1,VISIT_IDENTIFIER,VISIT IDENTIFIER,,M,max an10,,,,,,,This test,\n\
         visit,2,VISIT_NOTE,VISIT NOTE,,O,max an10,,,,,,,This test,\n",
    )
    .unwrap();
    fs::write(
        standard.join("rules.toml"),
        r#"
[[rule]]
id = "V-1"
title = "visit twice"
effect = "reject-record"
at = "record"
unique = { elements = ["VISIT_IDENTIFIER"], keep = "none" }
message = "visit {value} stands more than once"
source = "This test"
provenance = "inferred"
since = "0.1.0"
pass = [{ record = [{ VISIT_IDENTIFIER = "1" }, { VISIT_IDENTIFIER = "2" }] }]
fail = [{ record = [{ VISIT_IDENTIFIER = "1" }, { VISIT_IDENTIFIER = "1" }] }]
"#,
    )
    .unwrap();
    let rows = "VISIT_IDENTIFIER,VISIT_NOTE\n1,a\n2,b\n1,c\n3,longer than ten\n";
    fs::write(folder.join("visits.csv"), rows).unwrap();
    for (on_reject, lost) in [("split", Some(3)), ("drop", Some(3)), ("keep", None)] {
        let arguments = ["--native", "--schemas", "schemas", "visits.csv"];
        let arguments = [&arguments[..], &["--on-reject", on_reject]].concat();
        let account = convert_support::convert(&folder, &arguments);
        let losses = account["losses"].as_array().unwrap();
        let records = losses.iter().find(|loss| loss["element"] == "record");
        assert_eq!(
            records.map(|loss| loss["count"].as_u64().unwrap()),
            lost,
            "{on_reject}: {account}"
        );
    }
}

/// Whatever is kept, what of it was not read is told.
#[test]
fn kept_records_lose_nothing_in_silence() {
    let folder = folder("kept");
    let elements = fs::read_to_string(fixture("cds/outpatients/clean.xml")).unwrap();
    let place = elements.find("</EthnicCategory>").unwrap() + "</EthnicCategory>".len();
    let with = |more: &str| format!("{}{more}{}", &elements[..place], &elements[place..]);
    fs::write(
        folder.join("unknown.xml"),
        with("<LocalNote>keep me</LocalNote>"),
    )
    .unwrap();
    fs::write(
        folder.join("repeated.xml"),
        with("<EthnicCategory>Z</EthnicCategory>"),
    )
    .unwrap();
    let rows = fs::read_to_string(fixture("contract/may/clean.csv")).unwrap();
    fs::write(
        folder.join("ragged.csv"),
        format!("{},x,y\n", rows.trim_end()),
    )
    .unwrap();
    let twice: Vec<String> = rows
        .lines()
        .enumerate()
        .map(|(number, row)| {
            let more = if number == 0 { "FINANCIAL_YEAR" } else { "x" };
            format!("{row},{more}\n")
        })
        .collect();
    let records = twice.len() as u64 - 1;
    fs::write(folder.join("twice.csv"), twice.concat()).unwrap();
    for (file, element, reason, count) in [
        ("unknown.xml", "LocalNote", "no-place", 1),
        ("repeated.xml", "EthnicCategory", "several", 1),
        ("ragged.csv", "record", "rejected", 1),
        ("twice.csv", "FINANCIAL_YEAR", "several", records),
    ] {
        for form in [&[][..], &["--native"]] {
            let fixed = ["convert", file, "--to", "parquet", "--on-reject", "keep"];
            let strict = [&fixed[..], &["--strict", "-o", "strict"], form].concat();
            exits(1, &folder, &strict);
            let _ = fs::remove_dir_all(folder.join("out"));
            let account = [&fixed[..], &["-o", "out", "--format", "json"], form].concat();
            let account: Value = serde_json::from_str(&exits(0, &folder, &account)).unwrap();
            let losses = account["losses"].as_array().unwrap();
            let told = losses
                .iter()
                .find(|loss| loss["element"] == element && loss["reason"] == reason);
            assert_eq!(
                told.unwrap_or_else(|| panic!("{file}: {losses:?}"))["count"],
                count
            );
        }
    }
}

/// Of an element that stands twice the first is taken.
#[test]
fn the_first_of_repeated_elements_is_converted() {
    let folder = folder("first");
    let elements = fs::read_to_string(fixture("cds/outpatients/clean.xml")).unwrap();
    let first = "<EthnicCategory>";
    let place = elements.find(first).unwrap() + first.len();
    let code = &elements[place..=place];
    let text = elements.replacen(
        &format!("{first}{code}</EthnicCategory>"),
        &format!("{first}{code}</EthnicCategory>{first}R</EthnicCategory>"),
        1,
    );
    fs::write(folder.join("a.xml"), text).unwrap();
    let arguments = [
        "convert",
        "a.xml",
        "--to",
        "jsonl",
        "--on-reject",
        "keep",
        "-o",
        "out",
    ];
    exits(0, &folder, &arguments);
    let mut codes = String::new();
    let records = folder.join("out/records");
    for file in convert_support::files(&records) {
        codes += &fs::read_to_string(records.join(file)).unwrap();
    }
    assert!(codes.contains(&format!("\"ethnic_category\":\"{code}\"")));
    assert!(!codes.contains("\"ethnic_category\":\"R\""));
}
