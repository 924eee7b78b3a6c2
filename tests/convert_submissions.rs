//! Submissions of many tables as users convert them: Parquet, the canonical model, extracts, and what is refused.

#![allow(clippy::unwrap_used)] // a test fails by panicking

mod convert_support;

use std::fs;
use std::path::{Path, PathBuf};

use convert_support::{convert, convert_to, exits, files, folder, python, read_with, rows};
use serde_json::Value;

const STANDARDS: [&str; 6] = [
    "mhsds@6.0",
    "iapt@2.0",
    "iapt@2.1",
    "csds@1.5",
    "csds@1.6",
    "msds@2.0",
];

/// A folder with a sample in `s`.
fn sampled(name: &str, standard: &str, patients: &str) -> PathBuf {
    let folder = folder(name);
    exits(0, &folder, &["sample", standard, "-n", patients, "-o", "s"]);
    folder
}

/// Changes the cells of a column in some rows, from 1.
fn change(folder: &Path, table: &str, column: &str, rows: &[usize], value: &str) {
    let path = folder.join("s").join(format!("{table}.csv"));
    let text = fs::read_to_string(&path).unwrap();
    let mut lines: Vec<String> = text.lines().map(str::to_owned).collect();
    let at = lines[0].split(',').position(|name| name == column).unwrap();
    for row in rows {
        let mut cells: Vec<&str> = lines[*row].split(',').collect();
        cells[at] = value;
        lines[*row] = cells.join(",");
    }
    fs::write(&path, lines.join("\n") + "\n").unwrap();
}

#[test]
fn readers_see_the_rows_and_types_that_were_submitted() {
    let Some(python) = python() else { return };
    for standard in STANDARDS {
        let name = standard.replace('.', "-");
        let folder = sampled(&format!("many-{name}"), standard, "50");
        // Which standard it is is told by the tables and the version in the header.
        convert(&folder, &["--native", "s"]);
        let program = format!(
            r"
import csv, datetime, decimal, glob, json, os, duckdb, pyarrow.parquet as pq
rows = differ = typed = 0
def same(cell, value):
    if value is None: return cell == ''
    if isinstance(value, (int, decimal.Decimal)): return decimal.Decimal(cell) == value
    if isinstance(value, datetime.datetime): return cell[:19] == value.isoformat()
    if isinstance(value, datetime.date): return cell == value.isoformat()
    return cell == value
for path in sorted(glob.glob('s/*.csv')):
    table = os.path.basename(path)[:-4]
    source = list(csv.DictReader(open(path)))
    parts = glob.glob(f'lake/{name}/{{table}}/*.parquet')
    if not parts:
        assert not source, table
        continue
    read = pq.read_table(parts[0])
    assert duckdb.sql(f'select count(*) from {{parts[0]!r}}').fetchall()[0][0] == len(source), table
    typed += sum(str(field.type) not in ('string', 'large_string') for field in read.schema)
    for one, other in zip(source, read.to_pylist()):
        rows += 1
        for column, cell in one.items():
            value = other[column]
            if value is None and read.schema.field(column).metadata.get(b'concord.format') is None: continue
            if not same(cell, value): differ += 1
print(json.dumps({{'rows': rows, 'differ': differ, 'typed': typed}}))
"
        );
        let seen = read_with(&python, &folder, &program);
        assert_eq!(seen["differ"], 0, "{standard} {seen}");
        assert!(seen["rows"].as_u64().unwrap() > 200, "{standard} {seen}");
        assert!(seen["typed"].as_u64().unwrap() > 40, "{standard} {seen}");
    }
}

#[test]
fn findings_and_rejected_rows_join_to_the_tables_of_files_and_documents() {
    let Some(python) = python() else { return };
    let folder = sampled("many-joins", "iapt@2.0", "40");
    change(&folder, "IDS101Referral", "ServiceRequestId", &[3], "");
    change(
        &folder,
        "IDS201CareContact",
        "ServiceRequestId",
        &[5],
        "NOWHERE",
    );
    let account = convert(
        &folder,
        &[
            "--native",
            "--on-reject",
            "keep",
            "--standard",
            "iapt@2.0",
            "s",
        ],
    );
    let findings = rows(&account, "findings");
    assert!(findings > 1, "{account}");
    let program = r"
import glob, json, duckdb
tables = sorted(glob.glob('lake/iapt@2-0/*'))
found = 0
for table in tables:
    found += duckdb.sql(f'''select count(*) from read_parquet('lake/findings/*.parquet') f
      join read_parquet('{table}/*.parquet') t using (source_file, source_record)''').fetchall()[0][0]
rejected = sum(duckdb.sql(f'''select count(*) from read_parquet('{table}/*.parquet')
  where source_effect like 'reject%' ''').fetchall()[0][0] for table in tables)
masked = duckdb.sql(r'''select count(*) from read_parquet('lake/findings/*.parquet') where regexp_matches(value, '^999[0-9]{7}$')''').fetchall()[0][0]
print(json.dumps({'found': found, 'rejected': rejected, 'masked': masked}))
";
    let seen = read_with(&python, &folder, program);
    assert_eq!(seen["found"], findings, "{seen}");
    assert_eq!(seen["masked"], 0);
    let rejected = |account: &Value| -> u64 {
        let inputs = account["inputs"].as_array().unwrap().iter();
        inputs
            .map(|input| input["records"]["rejected"].as_u64().unwrap())
            .sum()
    };
    assert_eq!(seen["rejected"], rejected(&account), "{seen}");
    // What is split off is what was rejected, in either form.
    let split = convert(&folder, &["--native", "--standard", "iapt@2.0", "s"]);
    assert_eq!(rows(&split, "rejects"), rejected(&account));
    let lost = split["losses"].to_string();
    assert!(lost.contains("rejected"), "{lost}");
}

#[test]
fn nothing_is_written_of_what_is_refused_as_a_whole_or_cannot_be_read() {
    let folder = sampled("many-whole", "iapt@2.0", "20");
    let standard = ["--standard", "iapt@2.0"];
    let refused = [
        &["--native", "--param", "period-start=2019-01-01"],
        &standard[..],
        &["s"],
    ];
    let account = convert(&folder, &refused.concat());
    let names = files(&folder.join("lake"));
    assert!(
        !names.iter().any(|name| name.starts_with("iapt@2-0")),
        "{names:?}"
    );
    // The header, and the submission as a whole.
    assert_eq!(rows(&account, "rejects"), 2, "{account}");
    // A table that breaks off: what stood there stays.
    let before = files(&folder.join("lake"));
    let path = folder.join("s/IDS201CareContact.csv.gz");
    fs::remove_file(folder.join("s/IDS201CareContact.csv")).unwrap();
    fs::write(&path, [0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 3, 1]).unwrap();
    let broken = ["convert", "s", "--to", "parquet", "--native", "-o", "lake"];
    let told = exits(3, &folder, &[&broken[..], &standard[..]].concat());
    assert!(told.contains("IDS201CareContact"), "{told}");
    assert_eq!(files(&folder.join("lake")), before);
    let hidden = fs::read_dir(&folder).unwrap().filter_map(Result::ok);
    let hidden = hidden.filter(|entry| entry.file_name().to_string_lossy().starts_with('.'));
    assert_eq!(hidden.count(), 0);
}

#[test]
fn patients_referrals_and_contacts_become_canonical() {
    for (standard, entities) in [
        (
            "mhsds@6.0",
            &["person", "referral", "care_contact", "hospital_spell"][..],
        ),
        (
            "iapt@2.1",
            &["person", "referral", "care_contact", "assessment"],
        ),
        (
            "csds@1.6",
            &["person", "referral", "care_contact", "registration"],
        ),
        ("msds@2.0", &["person", "care_contact", "hospital_spell"]),
    ] {
        let name = standard.replace('.', "-");
        let folder = sampled(&format!("many-canonical-{name}"), standard, "40");
        let account = convert(&folder, &["--standard", standard, "s"]);
        for entity in entities {
            assert!(
                rows(&account, entity) >= 20,
                "{standard} {entity} {account}"
            );
        }
        // What a lake holds is converted further, and other forms come of it.
        let lines = convert_to(&folder, "jsonl", "lines", &["--standard", standard, "s"]);
        assert!(
            lines["records"]["records"].as_u64().unwrap() > 100,
            "{lines}"
        );
    }
}

#[test]
fn an_extract_is_checked_clean_and_commissioners_get_their_own() {
    for (standard, to, home) in [
        ("mhsds@6.0", "mhsds@6.0", "out/mhsds@6-0/part-00000"),
        (
            "iapt@2.0",
            "provider-pre-deadline",
            "out/iapt@2-0/provider-pre-deadline/part-00000",
        ),
    ] {
        let folder = sampled(&format!("many-clean-{to}"), standard, "60");
        let submitted = ["--standard", standard, "s"];
        let account = convert_to(&folder, to, "out", &submitted);
        assert!(account["rows"].as_object().unwrap().len() > 10, "{account}");
        exits(0, &folder, &["check", home, "--standard", standard]);
        let left = files(&folder.join("out"));
        assert!(
            !left.iter().any(|name| name.ends_with(".parquet")),
            "{left:?}"
        );
    }
    let folder = sampled("many-commissioners", "mhsds@6.0", "60");
    let submitted = ["--standard", "mhsds@6.0", "s"];
    let account = convert_to(&folder, "commissioning", "out", &submitted);
    let lost = account["losses"].to_string();
    assert!(
        lost.contains("not-derived") && lost.contains("MHS001MPI.Person_ID"),
        "{lost}"
    );
    let of = files(&folder.join("out/mhsds@6-0/commissioning/part-00000"));
    assert!(
        of.iter().any(|name| name.ends_with("/MHS101Referral.csv")),
        "{of:?}"
    );
    let nonsense = [
        "convert",
        "s",
        "--to",
        "nonsense",
        "-o",
        "x",
        "--standard",
        "mhsds@6.0",
    ];
    let told = exits(2, &folder, &nonsense);
    assert!(told.contains("provider-pre-deadline"), "{told}");
    assert!(!folder.join("x").exists());
}
