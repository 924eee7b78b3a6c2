//! Definitions of reports, and the tables that are given to them.

#![allow(clippy::unwrap_used)] // a test fails by panicking

mod support;

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fs;

use concord_practice::{Class, Error, Reports, Table};
use concord_standards::registry::Registry;
use concord_standards::{Source, SourceError};
use support::{Practice, registry, store, systems};

#[test]
fn the_shipped_reports_and_facts_are_whole() {
    let registry = registry(false);
    let reports = Reports::all(&registry).unwrap();
    let names: Vec<&str> = reports.list().iter().map(|report| &*report.name).collect();
    assert_eq!(
        names,
        [
            "appointments",
            "list-size",
            "membership",
            "prescribing",
            "prescribing-budget",
            "prescribing-units",
            "referrals"
        ]
    );
    for report in reports.list() {
        assert!(
            !report.title.is_empty() && !report.source.is_empty(),
            "{}",
            report.name
        );
        for output in &report.outputs {
            assert!(
                std::path::Path::new(&*output.file)
                    .extension()
                    .is_some_and(|is| is == "csv"),
                "{}",
                output.file
            );
            let given = output.with.iter().all(|with| report.takes.contains(with));
            assert!(
                given && !output.what.is_empty(),
                "{} {}",
                report.name,
                output.file
            );
        }
    }
    for (system, without) in [
        ("emis-extract", None),
        ("tpp-sr", None),
        ("vision", Some("appointment")),
    ] {
        let system = systems(false).iter().find(|known| **known.id() == *system);
        let facts = reports.of_system(&registry, system.unwrap()).unwrap();
        let missing: Vec<&str> = reports
            .all_facts()
            .map(|(name, _)| name)
            .filter(|name| !facts.contains_key(*name))
            .collect();
        assert_eq!(missing, Vec::from_iter(without));
    }
}

/// A folder of definitions of one's own.
struct Files(BTreeMap<&'static str, String>);

impl Source for Files {
    fn read(&self, path: &str) -> Result<Cow<'_, str>, SourceError> {
        let text = self.0.get(path);
        text.map(|text| Cow::Borrowed(text.as_str()))
            .ok_or_else(|| SourceError::missing(path))
    }

    fn list(&self, path: &str) -> Vec<String> {
        let paths = self.0.keys().filter(|known| known.starts_with(path));
        paths.map(|path| (*path).to_owned()).collect()
    }
}

#[track_caller]
fn refused(contract: &str, report: &str, expected: &str) {
    let files = [
        ("practice-reports/facts.toml", contract.to_owned()),
        ("practice-reports/one.toml", report.to_owned()),
    ];
    let registry = Registry::new(vec![Box::new(Files(files.into()))]).unwrap();
    let error = Reports::all(&registry).unwrap_err();
    assert_eq!(error.class(), Class::Usage);
    assert!(error.to_string().contains(expected), "{error}");
}

#[test]
fn a_wrong_definition_says_where_and_what() {
    let contract = "[facts.a]\nwhat = 'a'\ncolumns = ['x VARCHAR']\n[given]\n[views]\n";
    let report = "title = 't'\nsource = 's'\nfacts = ['a']\n";
    let output = "[[output]]\nfile = 'a.csv'\nwhat = 'a'\nsql = 'SELECT 1'\n";
    refused("", "", "practice-reports/facts.toml");
    refused(contract, report, "practice-reports/one.toml");
    refused(
        contract,
        &format!("{}{output}", report.replace("'a'", "'b'")),
        "there is no fact and no file `b`",
    );
    refused(
        contract,
        &format!("{report}takes = ['list']\n{output}"),
        "there is no fact and no file `list`",
    );
    refused(
        contract,
        &format!("{report}colour = 'red'\n{output}"),
        "colour",
    );
}

/// The cells of all batches, absent ones as `-`.
fn cells(table: &Table, columns: &[&str]) -> Result<Vec<String>, String> {
    use arrow_array::cast::AsArray as _;
    let columns: Vec<String> = columns.iter().map(|column| (*column).to_owned()).collect();
    let mut found = Vec::new();
    for batch in table.read(&columns)? {
        let batch = batch?;
        for row in 0..batch.num_rows() {
            let row: Vec<&str> = batch
                .columns()
                .iter()
                .map(|column| {
                    let texts = column.as_string::<i32>();
                    texts.iter().nth(row).flatten().unwrap_or("-")
                })
                .collect();
            found.push(row.join(" "));
        }
    }
    Ok(found)
}

#[test]
fn a_file_is_read_by_its_header() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("list.csv");
    let columns = ["CODE", "SEX", "AGE"].map(str::to_owned);
    fs::write(
        &path,
        "sex,Other,Code\r\nMALE,1,\" A81999 \"\r\n,2,\"B\"\"1\"\r\n",
    )
    .unwrap();
    let table = Table::of_csv(&path, &columns).unwrap();
    assert_eq!(
        cells(&table, &["CODE", "AGE", "SEX"]).unwrap(),
        ["A81999 - MALE", "B\"1 - -"]
    );
    // It can be read again, and with no columns at all.
    assert_eq!(cells(&table, &["SEX"]).unwrap(), ["MALE", "-"]);
    assert_eq!(cells(&table, &[]).unwrap().len(), 2);
    assert!(cells(&table, &["OTHER"]).is_err());
    fs::write(&path, "sex,code\nMALE,A81999\nMALE\n").unwrap();
    let table = Table::of_csv(&path, &columns).unwrap();
    let error = cells(&table, &["CODE"]).unwrap_err();
    assert!(
        error.contains("list.csv cannot be read") && error.contains("line: 3"),
        "{error}"
    );
    fs::write(&path, "other\n1\n").unwrap();
    let error: Error = Table::of_csv(&path, &columns).unwrap_err();
    assert!(
        error
            .to_string()
            .contains("has none of the columns CODE, SEX, AGE"),
        "{error}"
    );
    assert!(Table::of_csv(&folder.path().join("none.csv"), &columns).is_err());
}

#[test]
fn the_latest_state_has_days_and_tells_what_is_none() {
    let practice = Practice::new("vision@1", 10, 0, 1);
    let patients = practice.path(0).join("Patient.csv");
    let found = fs::read_dir(practice.path(0)).unwrap().flatten();
    let file = found
        .map(|entry| entry.path())
        .find(|path| path.to_string_lossy().contains("atient"))
        .unwrap_or(patients);
    let text = fs::read_to_string(&file).unwrap();
    // The third column is the day of birth; the first row has none that there is.
    let (first, rest) = text.split_once('\n').unwrap();
    let mut cells: Vec<&str> = first.split(',').collect();
    cells[2] = "20010230";
    fs::write(&file, format!("{}\n{rest}", cells.join(","))).unwrap();
    let (_folder, mut store) = store();
    practice.apply(&mut store, 0).unwrap();
    let table = store.table(practice.system(), "patient").unwrap().unwrap();
    let wanted = ["PID", "DATE_OF_BIRTH"].map(str::to_owned);
    let rows: usize = table
        .read(&wanted)
        .unwrap()
        .map(|batch| batch.unwrap().num_rows())
        .sum();
    assert_eq!(rows, 10);
    assert_eq!(table.unread(), [("DATE_OF_BIRTH".to_owned(), 1)]);
    assert!(store.table(practice.system(), "nothing").unwrap().is_none());
    // A table that was never sent has its columns and no rows.
    let referral = store.table(practice.system(), "staff").unwrap().unwrap();
    assert!(referral.schema().field_with_name("GMP_CODE").is_ok());
}
