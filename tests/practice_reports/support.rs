//! Practices, stores and reports in a folder of a test.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

pub(crate) use crate::ran::{Ran, concord};

pub(crate) type Row = BTreeMap<String, String>;

/// The practice of the sample, and a day on which it lives.
pub(crate) const PRACTICE: &str = "A81999";

pub(crate) const DAY: &str = "2025-06-01";

pub(crate) fn sample(folder: &Path, standard: &str, people: &str, months: &str) {
    let arguments = [
        "sample", standard, "-n", people, "--months", months, "-o", "practice",
    ];
    concord(folder, &arguments).exits(0);
}

pub(crate) fn apply(folder: &Path) {
    concord(
        folder,
        &["practice", "apply", "practice/batches", "--store", "store"],
    )
    .exits(0);
}

/// Runs a report of the store into a folder of its name; the arguments come behind.
pub(crate) fn report(folder: &Path, name: &str, day: &str, more: &[&str]) -> Ran {
    let mut arguments = vec!["practice", "report", name, "--as-at", day, "-o", name];
    if !more.iter().any(|argument| argument.starts_with("list=")) {
        arguments.extend(["--store", "store"]);
    }
    arguments.extend(more);
    concord(folder, &arguments)
}

pub(crate) fn read(path: &Path) -> String {
    fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

pub(crate) fn rows(path: &Path) -> Vec<Row> {
    let mut reader = csv::Reader::from_path(path).unwrap();
    reader.deserialize().map(Result::unwrap).collect()
}

/// The reference folder, where it is.
#[allow(clippy::print_stderr)] // who runs the tests sees what they leave out
pub(crate) fn reference() -> Option<PathBuf> {
    let beside = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/reference");
    let folder = std::env::var_os("CONCORD_REFERENCE").map_or(beside, PathBuf::from);
    if folder.is_dir() {
        return Some(folder);
    }
    eprintln!("skipped: there is no reference folder");
    None
}

/// The state of a table.
pub(crate) fn state(folder: &Path, table: &str) -> Vec<Row> {
    rows(&folder.join(format!("practice/state/{table}.csv")))
}

pub(crate) fn cell<'r>(row: &'r Row, column: &str) -> &'r str {
    row.get(column).map_or("", String::as_str)
}

/// Imports organisations: a practice of one commissioner until 2020 and of another since, one that has closed, and lines of one's own.
pub(crate) fn organisations(folder: &Path, more: &str) {
    let line = |code: &str, name: &str, opened: &str, closed: &str, commissioner: &str| {
        let mut cells = vec![""; 27];
        (cells[0], cells[1], cells[9], cells[10], cells[11]) =
            (code, name, "ZZ99 3VZ", opened, closed);
        let status = if closed.is_empty() { "A" } else { "C" };
        let joined = if closed.is_empty() {
            "20200401"
        } else {
            "20130401"
        };
        (cells[12], cells[14], cells[15], cells[16], cells[25]) =
            (status, commissioner, joined, closed, "4");
        let cells: Vec<String> = cells.iter().map(|cell| format!("\"{cell}\"")).collect();
        cells.join(",") + "\n"
    };
    fs::create_dir_all(folder.join("ods")).unwrap();
    let text = line(PRACTICE, "THE MADE-UP SURGERY", "19740401", "", "00T")
        + &line("A81998", "A CLOSED SURGERY", "19740401", "20190331", "00S")
        + more;
    fs::write(folder.join("ods/epraccur.csv"), text).unwrap();
    let members = "\"A81999\",\"00S\",\"W\",\"20130401\",\"20200331\",\"0\"\n\
                   \"A81999\",\"00T\",\"W\",\"20200401\",\"\",\"0\"\n\
                   \"A81998\",\"00S\",\"W\",\"20130401\",\"20190331\",\"0\"\n";
    fs::write(folder.join("ods/epcmem.csv"), members).unwrap();
    concord(
        folder,
        &["reference", "import", "ods", "--reference", "reference"],
    )
    .exits(0);
}

/// Writes rows of a file of the only batch, each by the columns that it says, in the place of those that are there or behind them.
pub(crate) fn put(folder: &Path, table: &str, keep: bool, rows: &[&[(&str, &str)]]) {
    let batch = fs::read_dir(folder.join("practice/batches"))
        .unwrap()
        .next()
        .unwrap()
        .unwrap()
        .path();
    let mut files = fs::read_dir(batch)
        .unwrap()
        .map(|entry| entry.unwrap().path());
    let path = files
        .find(|path| {
            let name = path.file_name().unwrap().to_string_lossy();
            name.contains(&format!("_{table}_")) || name == format!("{table}.csv")
        })
        .unwrap_or_else(|| panic!("there is no file of {table}"));
    let mut reader = csv::ReaderBuilder::new()
        .flexible(true)
        .from_path(&path)
        .unwrap();
    let header = reader.headers().unwrap().clone();
    let kept: Vec<csv::StringRecord> = if keep {
        reader.records().map(Result::unwrap).collect()
    } else {
        Vec::new()
    };
    let mut writer = csv::WriterBuilder::new()
        .quote_style(csv::QuoteStyle::Always)
        .from_path(&path)
        .unwrap();
    writer.write_record(&header).unwrap();
    for row in kept {
        writer.write_record(&row).unwrap();
    }
    let plain = |name: &str| name.replace('_', "").to_lowercase();
    for row in rows {
        for (column, _) in *row {
            assert!(
                header.iter().any(|cell| plain(cell) == plain(column)),
                "{table} has no {column}"
            );
        }
        let cells = header.iter().map(|column| {
            let said = row.iter().find(|(name, _)| plain(name) == plain(column));
            said.map_or("", |(_, text)| text)
        });
        writer.write_record(cells).unwrap();
    }
    writer.flush().unwrap();
}

/// A GUID of one's own.
pub(crate) fn guid(number: u32) -> String {
    format!("{{0B5E55ED-0000-4000-8000-{number:012}}}")
}

/// A practice on EMIS of which the organisations are known: it, and two sites that it refers to.
pub(crate) fn emis(folder: &Path) {
    sample(folder, "emis-extract@8", "1000", "0");
    let organisations = state(folder, "admin_organisation");
    let own = organisations
        .iter()
        .find(|row| cell(row, "ODS_CODE") == PRACTICE)
        .unwrap();
    let own = cell(own, "ORGANISATION_GUID");
    let (first, second, third) = (guid(1), guid(2), guid(3));
    put(
        folder,
        "Admin_Organisation",
        false,
        &[
            &[
                ("ORGANISATION_GUID", own),
                ("ODS_CODE", PRACTICE),
                ("ORGANISATION_NAME", "=THE SURGERY"),
                ("CCG_ORGANISATION_GUID", &third),
            ],
            &[("ORGANISATION_GUID", &first), ("ODS_CODE", "RMV")],
            &[("ORGANISATION_GUID", &second), ("ODS_CODE", "RZZ01")],
            &[("ORGANISATION_GUID", &third), ("ODS_CODE", "00T")],
        ],
    );
}

/// The GUID of the practice of a sample.
pub(crate) fn own(folder: &Path) -> String {
    let organisations = state(folder, "admin_organisation");
    let own = organisations
        .iter()
        .find(|row| cell(row, "ODS_CODE") == PRACTICE);
    cell(own.unwrap(), "ORGANISATION_GUID").to_owned()
}
