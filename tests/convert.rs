//! `concord convert`: what it writes is opened by independent readers, what it cannot carry is told, and a run that fails
//! leaves what stood there before.

#![allow(clippy::unwrap_used)] // a test fails by panicking

mod convert_support;

use std::fs;

use convert_support::{concord, convert, files, fixture, folder, python, read_with, rows};
use serde_json::Value;

#[test]
fn rejected_records_are_split_off_kept_or_dropped_and_none_is_lost() {
    let folder = folder("reject");
    let source = fixture("contract/may/acm.csv");
    let split = convert(&folder, &[&source]);
    assert_eq!(split["inputs"][0]["records"]["records"], 13);
    assert_eq!(rows(&split, "contract_aggregate"), 9);
    assert_eq!(rows(&split, "rejects"), 4);
    assert_eq!(rows(&split, "findings"), 7);
    let kept = convert(&folder, &[&source, "--on-reject", "keep"]);
    // No row can be made of one of them, so it stands among the rejects.
    assert_eq!(rows(&kept, "contract_aggregate"), 12);
    assert_eq!(rows(&kept, "rejects"), 1);
    let dropped = convert(&folder, &[&source, "--on-reject", "drop"]);
    assert_eq!(rows(&dropped, "contract_aggregate"), 9);
    assert_eq!(rows(&dropped, "rejects"), 0);
    for account in [&split, &dropped] {
        let lost = &account["losses"][0];
        assert_eq!(
            (&lost["reason"], &lost["count"]),
            (&"rejected".into(), &4.into())
        );
    }
}

#[test]
fn independent_readers_see_types_counts_and_sums() {
    let Some(python) = python() else { return };
    let folder = folder("readers");
    convert(&folder, &["--native", &fixture("contract/may/clean.csv")]);
    let program = format!(
        r"
import csv, decimal, json, duckdb, pyarrow.parquet as pq
source = list(csv.DictReader(open({source:?})))
path = 'lake/acm@2025/acm/part-00000.parquet'
table = pq.read_table(path)
price = 'CONTRACT_MONITORING_ACTUAL_PRICE'
total = sum(decimal.Decimal(row[price]) for row in source)
again = duckdb.sql(f'select sum({{price}}), count(*), min(source_record), max(source_record) from {{path!r}}').fetchall()[0]
field = table.schema.field(price)
group = pq.ParquetFile(path).metadata.row_group(0)
by_name = {{group.column(i).path_in_schema: group.column(i) for i in range(group.num_columns)}}
print(json.dumps({{
  'types': {{name: str(table.schema.field(name).type) for name in [price, 'FINANCIAL_YEAR', 'DATE_AND_TIME_DATA_SET_CREATED', 'source_record']}},
  'rows': table.num_rows, 'source': len(source), 'sums': [str(total) , str(again[0].normalize())], 'equal': total == again[0],
  'records': list(again[1:]),
  'metadata': {{k.decode(): v.decode() for k, v in field.metadata.items() if k.startswith(b'concord.')}},
  'compression': by_name[price].compression, 'statistics': by_name[price].statistics is not None,
  'encodings': list(by_name['FINANCIAL_YEAR'].encodings),
}}))
",
        source = fixture("contract/may/clean.csv")
    );
    let seen = read_with(&python, &folder, &program);
    assert_eq!(
        seen["types"]["CONTRACT_MONITORING_ACTUAL_PRICE"],
        "decimal128(26, 8)"
    );
    assert_eq!(seen["types"]["FINANCIAL_YEAR"], "string");
    assert_eq!(
        seen["types"]["DATE_AND_TIME_DATA_SET_CREATED"],
        "timestamp[us]"
    );
    assert_eq!(seen["rows"], seen["source"]);
    assert_eq!(seen["records"], serde_json::json!([12, 1, 12]));
    assert_eq!(seen["equal"], true, "{seen}");
    assert_eq!(seen["compression"], "ZSTD");
    assert_eq!(seen["statistics"], true);
    let encodings = seen["encodings"].as_array().unwrap();
    assert!(
        encodings.contains(&"RLE_DICTIONARY".into()),
        "{encodings:?}"
    );
    assert_eq!(
        seen["metadata"]["concord.element"],
        "CONTRACT MONITORING ACTUAL PRICE"
    );
    assert_eq!(seen["metadata"]["concord.personal"], "false");
    assert_eq!(seen["metadata"]["concord.standard"], "acm@2025");
}

#[test]
fn rows_findings_and_rejects_join() {
    let Some(python) = python() else { return };
    let folder = folder("joins");
    convert(
        &folder,
        &[
            "--on-reject",
            "keep",
            &fixture("cds/outpatients/august.xml"),
        ],
    );
    let program = r#"
import json, duckdb
def read(name):
    return f"read_parquet('lake/{name}/*.parquet')"
found, attended, people = read('findings'), read('outpatient_attendance'), read('person')
joined = duckdb.sql(f"""
  select f.rule, a.outpatient_attendance_identifier from {found} f
  join {attended} a using (source_file, source_record) order by f.source_record, f.rule""").fetchall()
effects = duckdb.sql(f"select source_effect, count(*) from {attended} group by 1 order by 1").fetchall()
counts = duckdb.sql(f"select count(*), count(distinct source_record) from {people}").fetchall()[0]
masked = duckdb.sql(f"select count(*) from {found} where regexp_matches(value, '[0-9]{{10}}')").fetchall()[0]
print(json.dumps({'joined': joined, 'effects': effects, 'people': counts, 'masked': masked}))
"#;
    let seen = read_with(&python, &folder, program);
    assert!(seen["joined"].as_array().unwrap().len() >= 3, "{seen}");
    let effects = seen["effects"].as_array().unwrap();
    assert!(
        effects
            .iter()
            .any(|effect| effect[0] == "reject-record" && effect[1] == 3),
        "{seen}"
    );
    assert_eq!(seen["people"], serde_json::json!([6, 6]));
    assert_eq!(seen["masked"], serde_json::json!([0]));
}

#[test]
fn pseudonyms_join_and_nobody_can_be_recognised() {
    let Some(python) = python() else { return };
    let folder = folder("pseudonyms");
    fs::write(folder.join("key"), "a key of more than sixteen bytes").unwrap();
    let source = fixture("cds/outpatients/clean.xml");
    convert(&folder, &["--pseudonymise", "key", &source]);
    let program = format!(
        r"
import re, json, glob, pyarrow.parquet as pq
source = open({source:?}, encoding='utf-8').read()
numbers = re.findall(r'<NHSNumber>(\d+)<', source)
postcodes = re.findall(r'<PostcodeOfUsualAddress>([^<]+)<', source)
born = re.findall(r'<PersonBirthDate>([^<]+)<', source)
values, columns, pseudonyms = set(), set(), set()
for path in glob.glob('lake/*/*.parquet'):
    table = pq.read_table(path)
    for name in table.column_names:
        columns.add(name)
        values.update(str(value) for value in table[name].to_pylist() if value is not None)
    if 'nhs_number_pseudonym' in table.column_names:
        pseudonyms.update(value for value in table['nhs_number_pseudonym'].to_pylist() if value)
leaked = [value for value in values for secret in numbers + postcodes + born if secret in value]
print(json.dumps({{'numbers': len(set(numbers)), 'pseudonyms': len(pseudonyms), 'leaked': leaked, 'columns': sorted(columns)}}))
"
    );
    let seen = read_with(&python, &folder, &program);
    assert_eq!(seen["leaked"], serde_json::json!([]));
    assert!(seen["numbers"].as_u64().unwrap() > 1);
    assert_eq!(seen["numbers"], seen["pseudonyms"]);
    let columns = seen["columns"].as_array().unwrap();
    for wanted in [
        "person_birth_date_year",
        "postcode_of_usual_address_district",
    ] {
        assert!(columns.contains(&wanted.into()), "{columns:?}");
    }
    assert!(!columns.contains(&"patient_family_name".into()));
}

#[test]
fn what_identifies_stands_nowhere_beside_its_pseudonym() {
    let Some(python) = python() else { return };
    let folder = folder("pseudonyms-inside");
    fs::write(folder.join("key"), "a key of more than sixteen bytes").unwrap();
    let clean = fs::read_to_string(fixture("cds/outpatients/clean.xml")).unwrap();
    let between = |from: &str, to: &str| {
        let rest = &clean[clean.find(from).unwrap() + from.len()..];
        rest[..rest.find(to).unwrap()].to_owned()
    };
    let number = between("<NHSNumber>", "<");
    let key = between("<CDSUniqueIdentifier>", "<");
    let made_of = format!("BRXX00{number}");
    fs::write(folder.join("a.xml"), clean.replace(&key, &made_of)).unwrap();
    for form in [&["--native"][..], &[]] {
        let arguments = [&["--pseudonymise", "key", "a.xml"], form].concat();
        let account = convert(&folder, &arguments);
        let losses = account["losses"].as_array().unwrap();
        let mut told = losses.iter().filter(|loss| loss["reason"] == "identifying");
        let told = told.next().expect("the key");
        assert_eq!(told["element"], "CDS UNIQUE IDENTIFIER", "{losses:?}");
        let masked = format!("{}•", &number[..3]);
        let program = format!(
            r"
import json, glob, pyarrow.parquet as pq
held = []
for path in glob.glob('lake/*/*.parquet'):
    table = pq.read_table(path)
    for name in table.column_names:
        held += [name for value in table[name].to_pylist() if {number:?} in str(value) or {masked:?} in str(value)]
print(json.dumps(held))
"
        );
        assert_eq!(read_with(&python, &folder, &program), serde_json::json!([]));
    }
}

#[test]
fn partitions_are_folders_and_never_personal() {
    let folder = folder("partitions");
    let source = fixture("contract/may/clean.csv");
    convert(
        &folder,
        &["--partition-by", "provider,financial_month", &source],
    );
    assert!(files(&folder.join("lake")).contains(
        &"contract_aggregate/provider=RXX/financial_month=2/part-00000.parquet".to_owned()
    ));
    let refused = concord(
        &folder,
        &[
            "convert",
            &fixture("cds/outpatients/clean.xml"),
            "--to",
            "parquet",
            "-o",
            "other",
            "--partition-by",
            "nhs_number",
        ],
    );
    assert_eq!(refused.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&refused.stderr).contains("identify people"));
    assert!(!folder.join("other").exists());
}

#[test]
fn a_run_that_fails_leaves_what_stood_there() {
    let folder = folder("fails");
    let source = fixture("cds/outpatients/clean.xml");
    convert(&folder, &[&source]);
    let before = files(&folder.join("lake"));
    let manifest = fs::read(folder.join("lake/concord.json")).unwrap();
    let text = fs::read_to_string(&source).unwrap();
    fs::write(folder.join("cut.xml"), &text[..text.len() / 2]).unwrap();
    let arguments = [
        "convert", &source, "cut.xml", "--to", "parquet", "-o", "lake",
    ];
    let failed = concord(&folder, &arguments);
    assert_eq!(failed.status.code(), Some(3));
    assert!(String::from_utf8_lossy(&failed.stdout).contains("Nothing was written"));
    assert_eq!(files(&folder.join("lake")), before);
    assert_eq!(
        fs::read(folder.join("lake/concord.json")).unwrap(),
        manifest
    );
    let names: Vec<String> = fs::read_dir(&folder)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    assert!(
        !names.iter().any(|name| name.contains(".part")),
        "{names:?}"
    );
    // The others are converted when that is asked for, and the run is told apart from one that read everything.
    let skipping = concord(&folder, &[&arguments[..], &["--skip-unreadable"]].concat());
    assert_eq!(skipping.status.code(), Some(3));
    let account: Value =
        serde_json::from_slice(&fs::read(folder.join("lake/concord.json")).unwrap()).unwrap();
    assert_eq!(rows(&account, "outpatient_attendance"), 6);
    assert!(account["inputs"][1]["unreadable"].is_string());
}

#[test]
fn nothing_else_is_written_over() {
    let folder = folder("occupied");
    fs::create_dir(folder.join("lake")).unwrap();
    fs::write(folder.join("lake/thesis.txt"), "years of work").unwrap();
    let source = fixture("contract/may/clean.csv");
    let refused = concord(
        &folder,
        &["convert", &source, "--to", "parquet", "-o", "lake"],
    );
    assert_eq!(refused.status.code(), Some(2));
    assert_eq!(
        fs::read_to_string(folder.join("lake/thesis.txt")).unwrap(),
        "years of work"
    );
}

#[test]
fn a_loss_fails_a_strict_run() {
    let folder = folder("strict");
    let text = fs::read_to_string(fixture("contract/may/clean.csv")).unwrap();
    let mut lines: Vec<String> = text.lines().map(|line| format!("{line},9")).collect();
    lines[0] = format!("{},OUR_OWN_COLUMN", text.lines().next().unwrap());
    fs::write(folder.join("extra.csv"), lines.join("\n")).unwrap();
    let account = convert(&folder, &["extra.csv"]);
    let lost = &account["losses"][0];
    assert_eq!(lost["reason"], "no-place");
    assert_eq!(lost["detail"], "OUR_OWN_COLUMN");
    assert_eq!(lost["count"], 12);
    let arguments = [
        "convert",
        "extra.csv",
        "--to",
        "parquet",
        "-o",
        "strict",
        "--strict",
    ];
    let strict = concord(&folder, &arguments);
    assert_eq!(strict.status.code(), Some(1));
    assert!(!folder.join("strict").exists());
}

#[test]
fn the_same_files_come_of_every_number_of_threads() {
    let folder = folder("threads");
    let sample = ["sample", "plcm@2025", "-n", "20000", "-o", "plcm.csv"];
    assert!(concord(&folder, &sample).status.success());
    let mut made: Vec<Vec<u8>> = Vec::new();
    for threads in ["1", "3"] {
        convert(&folder, &["--threads", threads, "plcm.csv"]);
        made.push(fs::read(folder.join("lake/contract_line/part-00000.parquet")).unwrap());
    }
    assert_eq!(made[0], made[1]);
}
