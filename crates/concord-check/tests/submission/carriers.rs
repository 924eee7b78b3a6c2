//! The same submission in files, in a document and in memory is judged the same; what is not as published is said.

use std::fmt::Write as _;
use std::fs;
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use concord_check::submission::{
    CheckedSubmission, Parameters, Source, SubmissionPlan, TableFiles, TablesInMemory, XmlTables,
    check_submission,
};
use concord_finding::{Finding, Grades, Verdict};
use concord_read::{Input, Limits};
use concord_standards::submission::{Profile, Submission};

use crate::standard::{Tables, clean, row, submission};

fn run(source: &mut dyn Source) -> (Vec<Finding>, CheckedSubmission) {
    let plan = SubmissionPlan::new(
        &submission(),
        Profile::Implemented,
        Parameters::new(),
        None,
        &Grades::default(),
    );
    let mut findings = Vec::new();
    let checked = check_submission(source, &plan, &mut |finding| {
        findings.push(finding);
        ControlFlow::Continue(())
    });
    (findings, checked)
}

/// What is said, without where it stands.
fn said(findings: &[Finding]) -> Vec<String> {
    let mut said: Vec<String> = findings
        .iter()
        .map(|finding| {
            let message = finding.message(concord_finding::Masking::Revealed);
            format!(
                "{} {:?} {:?} {message}",
                finding.rule.id, finding.path, finding.record
            )
        })
        .collect();
    said.sort();
    said
}

fn csv(submission: &Submission, table: usize, rows: &[Vec<String>]) -> String {
    let names: Vec<&str> = submission.tables[table]
        .columns
        .iter()
        .map(|column| &*column.name)
        .collect();
    let mut text = names.join(",") + "\r\n";
    for row in rows {
        let cells: Vec<String> = row
            .iter()
            .map(|cell| format!("\"{}\"", cell.replace('"', "\"\"")))
            .collect();
        text.push_str(&cells.join(","));
        text.push_str("\r\n");
    }
    text
}

fn folder(name: &str) -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR"))
        .join("submission")
        .join(name);
    let _ = fs::remove_dir_all(&folder);
    fs::create_dir_all(&folder).expect("the folder can be made");
    folder
}

fn files(name: &str, files: &[(String, String)]) -> TableFiles {
    let folder = folder(name);
    let mut inputs = Vec::new();
    for (name, text) in files {
        let path = folder.join(name);
        fs::write(&path, text).expect("the file can be written");
        inputs.push(Input::file(path));
    }
    TableFiles::new(submission(), inputs, "folder".into(), Limits::default())
}

fn xml(submission: &Submission, tables: &Tables) -> String {
    let mut text = String::from("<?xml version=\"1.0\"?>\n<n:Data xmlns:n=\"urn:x\">\n");
    for (table, rows) in submission.tables.iter().zip(tables) {
        for row in rows {
            let _ = writeln!(text, "  <{}>", table.code);
            for (column, cell) in table.columns.iter().zip(row) {
                if !cell.is_empty() {
                    let cell = cell.replace('&', "&amp;").replace('<', "&lt;");
                    let _ = writeln!(text, "    <{0}>{cell}</{0}>", column.uid);
                }
            }
            let _ = writeln!(text, "  </{}>", table.code);
        }
    }
    text + "</n:Data>\n"
}

/// A submission in which something is wrong in every table.
fn broken() -> Tables {
    let mut tables = clean();
    tables[1].push(row(&["toolong", "\"<&", "x"]));
    tables[2].push(row(&["b", "C", "2020-01-01", "2024-04-20"]));
    tables[3].push(row(&["s", "nobody", "2024-04-02"]));
    tables[4].push(row(&["f", "r", "2024-05-02", "9"]));
    tables[5].push(row(&["z", "f"]));
    tables[6].push(row(&["z", "1"]));
    tables
}

#[test]
fn every_carrier_gives_the_same_verdict() {
    let (submission, tables) = (submission(), broken());
    let (in_memory, _) = run(&mut TablesInMemory {
        tables: tables.clone(),
    });
    assert!(in_memory.len() > 8);
    let written: Vec<(String, String)> = (0..7)
        .map(|table| {
            let of = &submission.tables[table];
            let name = if table % 2 == 0 { &of.name } else { &of.code };
            (
                format!("{name}.csv"),
                csv(&submission, table, &tables[table]),
            )
        })
        .collect();
    let (in_files, checked) = run(&mut files("same", &written));
    assert_eq!(said(&in_files), said(&in_memory));
    assert!(checked.error.is_none() && checked.files.len() == 7);
    let orphan = in_files
        .iter()
        .find(|finding| &*finding.rule.id == "R60720")
        .expect("it is found");
    assert!(orphan.file.ends_with("T607Score.csv"), "{}", orphan.file);
    assert_eq!(orphan.place.expect("a place").line, 5);
    let document = Input::bytes("all.xml", xml(&submission, &tables).into_bytes());
    let mut source = XmlTables::new(Arc::clone(&submission), document, Limits::default());
    let (in_document, checked) = run(&mut source);
    assert_eq!(said(&in_document), said(&in_memory));
    assert!(checked.error.is_none());
    let line = |finding: &Finding| finding.place.map(|place| place.line);
    let orphan = in_document
        .iter()
        .find(|finding| &*finding.rule.id == "R60720")
        .expect("it is found");
    let text = xml(&submission, &tables);
    let expected = text
        .lines()
        .collect::<Vec<_>>()
        .iter()
        .rposition(|line| line.contains("<T607>"));
    assert_eq!(line(orphan), expected.map(|line| line as u64 + 1));
}

#[test]
fn columns_may_stand_in_any_order_and_rows_must_have_their_cells() {
    let text = "sep=;\nDay;ID;[F2]Person\n2024-03-01;r;a\n\n2024-04-02;s\n2024-04-02;t;b;\n2024-04-02;u;b;x\n";
    let mut source = files("order", &[("T101Referral.csv".to_owned(), text.to_owned())]);
    let mut rows = Vec::new();
    let result = source.rows(&|_| true, &mut |row| {
        rows.push((
            row.line,
            row.cells
                .iter()
                .map(ToString::to_string)
                .collect::<Vec<_>>(),
        ));
        ControlFlow::Continue(())
    });
    assert!(result.is_ok());
    assert_eq!(rows[0], (3, row(&["r", "a", "2024-03-01"])));
    assert_eq!(rows[1], (5, row(&["s", "", "2024-04-02"])));
    let (findings, _) = run(&mut source);
    let ragged = findings
        .iter()
        .filter(|finding| &*finding.rule.id == "TABLE-RAGGED");
    let ragged: Vec<Option<u64>> = ragged.map(|finding| finding.record).collect();
    assert_eq!(ragged, [Some(2), Some(4)]);
}

#[test]
fn what_is_not_as_published_is_said() {
    let mut source = files(
        "misfits",
        &[
            (
                "T101Referral.csv".to_owned(),
                "Id,Person,Dai\nr,a,2024-03-01\n".to_owned(),
            ),
            ("T101.csv".to_owned(), "Id,Person,Day\n".to_owned()),
            ("Other.csv".to_owned(), "a\n".to_owned()),
            ("readme.md".to_owned(), "nothing".to_owned()),
        ],
    );
    let problems: Vec<String> = source
        .misfits()
        .into_iter()
        .map(|misfit| misfit.problem)
        .collect();
    assert_eq!(problems.len(), 4, "{problems:?}");
    for (problem, words) in problems.iter().zip([
        "stands in",
        "that of no table",
        "are missing: Day",
        "no such columns: Dai",
    ]) {
        assert!(problem.contains(words), "{problem}");
    }
}

#[test]
fn hostile_documents_are_refused() {
    let submission = submission();
    for (text, words) in [
        ("<a><T001><P1>a</P1></T001>", "ends before"),
        ("<!DOCTYPE a [<!ENTITY x \"y\">]><a/>", "DTD"),
        ("<a><T001><P1>&x;</P1></T001></a>", "not declared"),
        ("", "ends before"),
        ("<a><b></a>", "line 1"),
    ] {
        let document = Input::bytes("x.xml", text.as_bytes().to_vec());
        let (_, checked) = run(&mut XmlTables::new(
            Arc::clone(&submission),
            document,
            Limits::default(),
        ));
        let error = checked
            .error
            .map(|error| error.to_string())
            .unwrap_or_default();
        assert!(error.contains(words), "{text}: {error}");
        assert!(
            checked
                .files
                .iter()
                .all(|file| file.verdict == Verdict::Unreadable)
        );
    }
    let deep = "<a>".repeat(300);
    let document = Input::bytes("x.xml", deep.into_bytes());
    let (_, checked) = run(&mut XmlTables::new(
        Arc::clone(&submission),
        document,
        Limits::default(),
    ));
    assert!(
        checked
            .error
            .is_some_and(|error| error.to_string().contains("too deeply"))
    );
    let limits = Limits {
        record_size: 100_000,
        ..Limits::default()
    };
    let long = format!("<a><T001><P1>{}</P1></T001></a>", "x".repeat(1_000_000));
    let document = Input::bytes("x.xml", long.into_bytes());
    let (_, checked) = run(&mut XmlTables::new(submission, document, limits));
    assert!(
        checked
            .error
            .is_some_and(|error| error.to_string().contains("longer than"))
    );
}
